//! What is kept about a person beyond the document at hand, as a decision takes it in: wishes recorded before, findings on
//! capacity, overrides, a stated emergency. Data only; whether any of it is in force is for `facts` to say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{DataCategory, PartyId, Wording};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident => $code:literal, $title:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$of])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code used in policy and records.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

coded! {
    /// Capacity for the decision to share, when it was made (CS-19; L4356-4376).
    Capacity {
        /// Nobody has doubted it (Mental Capacity Act 2005, s1).
        Presumed => "presumed", "has capacity, as everybody is presumed to";
        Has => "has", "was assessed and has capacity";
        InDoubt => "in-doubt", "capacity is in doubt";
        Lacks => "lacks", "was assessed and lacks capacity";
    }
}

coded! {
    /// Why a professional overrides the person's wish (CS-09; L4152-4160).
    OverrideBasis {
        RiskToSelf => "risk-to-self", "risk to the person";
        RiskToOthers => "risk-to-others", "risk to others";
        Safeguarding => "safeguarding", "safeguarding";
        BestInterests => "best-interests", "best interests of a person who lacks capacity for this decision";
    }
}

/// A finding on capacity for the decision to share. It is specific to a decision and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CapacityFinding {
    pub finding: Capacity,
    pub assessed: Timestamp,
    /// No longer relied on from this instant; `None` until a newer one replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The professional who assessed.
    pub assessor: Wording,
}

/// A professional's recorded override of the person's wish: to whom, which information, why, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Override {
    pub id: String,
    pub basis: OverrideBasis,
    pub recipient: PartyId,
    /// The minimum: nothing but these goes on it.
    pub categories: Vec<DataCategory>,
    pub professional: Wording,
    pub rationale: Wording,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// An emergency, as the crisis service states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Emergency {
    pub professional: Wording,
    pub reason: Wording,
}

/// Everything kept that bears on a decision about one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Records {
    /// FHIR Consent resources, in force and withdrawn; those of the document come on top.
    pub consents: Vec<Value>,
    pub capacity: Vec<CapacityFinding>,
    pub overrides: Vec<Override>,
    pub emergency: Option<Emergency>,
}
