//! What a part is labelled with: one of the data categories, one of those more closely guarded, or one of the two labels
//! that are not a kind of person fact.
//! Gives no part its label; `parts` does.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::DataCategory;

/// The label by which a part of a document is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// What a message needs to be a message: addresses, status, references. No person facts.
    Administrative,
    /// A known kind of fact (`consent-and-sharing.md`, "Data categories and labels").
    Category(DataCategory),
    /// Told to the team by a carer in confidence (CS-07); a statement by another person, more closely guarded.
    ToldInConfidence,
    /// Safeguarding information about a young carer or a child in the household (CS-20).
    AboutAChild,
    /// Content nobody has put in a category. The most restrictive: it goes only when every category may go.
    Unassigned,
}

impl Label {
    /// Every label, in the order in which they are decided and reported.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Administrative).chain(DataCategory::ALL.iter().copied().map(Self::Category)).chain([
            Self::ToldInConfidence,
            Self::AboutAChild,
            Self::Unassigned,
        ])
    }

    /// The code used in statements and records.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrative => "administrative",
            Self::Category(category) => category.code(),
            Self::ToldInConfidence => "told-in-confidence",
            Self::AboutAChild => "about-a-child",
            Self::Unassigned => "unassigned",
        }
    }

    /// The label with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "administrative" => Some(Self::Administrative),
            "told-in-confidence" => Some(Self::ToldInConfidence),
            "about-a-child" => Some(Self::AboutAChild),
            "unassigned" => Some(Self::Unassigned),
            other => DataCategory::from_code(other).map(Self::Category),
        }
    }

    /// What policy knows it as: the code of a category.
    #[must_use]
    pub const fn category(self) -> &'static str {
        self.base().code()
    }

    /// The kind of fact it is, without what makes it more closely guarded.
    #[must_use]
    pub const fn base(self) -> Self {
        match self {
            Self::ToldInConfidence => Self::Category(DataCategory::ThirdPartyStatement),
            Self::AboutAChild => Self::Category(DataCategory::Safeguarding),
            other => other,
        }
    }

    /// What makes it more closely guarded than its category.
    #[must_use]
    pub const fn sensitivity(self) -> Option<&'static str> {
        match self {
            Self::ToldInConfidence | Self::AboutAChild => Some(self.code()),
            Self::Administrative | Self::Category(_) | Self::Unassigned => None,
        }
    }

    /// Words for people, fit for "we withheld: …".
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Administrative => "the message itself",
            Self::Category(category) => category.title(),
            Self::ToldInConfidence => "what was told in confidence",
            Self::AboutAChild => "safeguarding of a child",
            Self::Unassigned => "details that go only with a whole copy",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| de::Error::custom("there is no such label"))
    }
}

impl From<DataCategory> for Label {
    fn from(category: DataCategory) -> Self {
        Self::Category(category)
    }
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn every_code_leads_back_to_its_label() {
        assert_eq!(Label::all().count(), 26);
        for label in Label::all() {
            assert_eq!(Label::from_code(label.code()), Some(label));
        }
    }
}
