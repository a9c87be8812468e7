//! Document kinds and purposes of sharing.

use serde::{Deserialize, Serialize};

/// Which document a message carries (`cmht-documents.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// §1: a request that a team takes a person on.
    Referral,
    /// §1, L528-529: what is missing from a referral, asked of the referrer.
    InformationRequest,
    /// §3: the person's own plan for a crisis, which the person holds.
    SafetyPlan,
    /// §3: what the service will do when there are signs of relapse.
    ContingencyPlan,
}

impl DocumentKind {
    pub const ALL: &'static [Self] =
        &[Self::Referral, Self::InformationRequest, Self::SafetyPlan, Self::ContingencyPlan];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::InformationRequest => "information-request",
            Self::SafetyPlan => "safety-plan",
            Self::ContingencyPlan => "contingency-plan",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// Whether the document says what somebody intends to do, and so is a CarePlan as well.
    #[must_use]
    pub const fn is_plan(self) -> bool {
        matches!(self, Self::SafetyPlan | Self::ContingencyPlan)
    }

    /// Words for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Referral => "Referral",
            Self::InformationRequest => "Request for missing information",
            Self::SafetyPlan => "Safety plan",
            Self::ContingencyPlan => "Contingency plan",
        }
    }
}

/// Why information is shared. Direct care is the only purpose until a document asks for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    DirectCare,
    /// Telling a sender what became of its own message ("Closing the loop", `routing-and-clocks.md`).
    MessageOutcome,
}

impl Purpose {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DirectCare => "direct-care",
            Self::MessageOutcome => "message-outcome",
        }
    }
}
