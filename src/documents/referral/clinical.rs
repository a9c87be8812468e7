//! Clinical content only a referral has: coded reasons, the four cells of risk, safeguarding and the police.
//! No scores anywhere: nothing here may be used to predict or to rank (`cmht-documents.md` §7).

use serde::{Deserialize, Serialize};

use crate::documents::parts::{Code, Formulation, Known, Statement};

/// A thing in words, with a code where the sender has one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// Item 13: four cells, and a formulation under the five Ps where the sender has one.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    #[serde(default, skip_serializing_if = "RiskPair::is_empty")]
    pub to_self: RiskPair,
    #[serde(default, skip_serializing_if = "RiskPair::is_empty")]
    pub to_others: RiskPair,
    #[serde(default, skip_serializing_if = "Formulation::is_empty")]
    pub formulation: Formulation,
}

impl Risk {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Current and historical risk.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskPair {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub historical: Option<Known<Statement>>,
}

impl RiskPair {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Item 14: concerns, and whether they were reported to the police.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safeguarding {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub police: Option<PoliceReport>,
}

impl Safeguarding {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether the concerns were reported to the police.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoliceReport {
    pub reported: Reported,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

code_list! {
    /// An answer to "was it reported to the police?".
    Reported {
        Yes => "yes", "yes";
        No => "no", "no";
        NotKnown => "not-known", "not known";
    }
}
