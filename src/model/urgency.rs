//! How soon a sender asks for a response. A vocabulary only: what follows from it is `route`'s and the clocks' to say.

use serde::{Deserialize, Serialize};

/// The response asked for, least pressing first (`cmht-documents.md` §1, item 5; L530-541).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Target of six working weeks (L532).
    Routine,
    /// Five working days (L535).
    Urgent,
    /// Does not wait for triage (L540-541).
    Crisis,
}

impl Urgency {
    /// Every urgency, least pressing first.
    pub const ALL: &'static [Self] = &[Self::Routine, Self::Urgent, Self::Crisis];

    /// The code used in native documents and the store.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Urgent => "urgent",
            Self::Crisis => "crisis",
        }
    }

    /// The urgency with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|urgency| urgency.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::Urgency;

    #[test]
    fn every_code_leads_back_to_its_urgency() {
        for urgency in Urgency::ALL {
            assert_eq!(Urgency::from_code(urgency.code()), Some(*urgency));
        }
        assert_eq!(Urgency::from_code("Crisis"), None);
    }

    #[test]
    fn crisis_presses_most() {
        assert_eq!(Urgency::ALL.iter().max(), Some(&Urgency::Crisis));
    }
}
