//! The person's recorded wishes: FHIR Consent resources (<https://hl7.org/fhir/R4/consent.html>) read as rules about
//! one recipient at one moment. Deny wins among siblings; a nested provision is an exception to the one it stands in.
//! What cannot be read with certainty never permits and always objects. Decides nothing about release.
//!
//! `speaker` says whose wish a Consent is, `read` reads Consents of the document and of what is kept, `provision` weighs the conditions of one provision, `node`
//! says what a tree of them comes to, `position` what all Consents together do.

mod audience;
mod node;
mod period;
mod position;
mod provision;
mod read;
mod speaker;
mod trim;
mod unmatched;

use serde_json::Value;

pub(super) use audience::{Audience, Match};
pub(super) use position::position;
pub(super) use read::{About, about_sharing, read};
pub use speaker::unclear_performers;
pub(super) use trim::{recipient, trim};
pub(super) use unmatched::unmatched;

/// Whether a provision lets or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Permit,
    Deny,
}

impl Effect {
    /// The effect of a provision that stands in another with the effect `parent`.
    fn of(provision: &Value, parent: Option<Self>) -> Option<Self> {
        match provision.get("type").and_then(Value::as_str) {
            Some("permit") => Some(Self::Permit),
            // A word that is no type is read as the one that cannot widen release.
            Some(_) => Some(Self::Deny),
            // Without a type, a nested provision is an exception: the opposite of what it stands in.
            None => parent.map(Self::opposite),
        }
    }

    const fn opposite(self) -> Self {
        match self {
            Self::Permit => Self::Deny,
            Self::Deny => Self::Permit,
        }
    }
}

/// Whether a condition holds. What holds only perhaps is enough for an objection and never for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    No,
    Perhaps,
    Surely,
}

/// What one Consent says about one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Silent,
    Objected,
    /// Permitted by a rule that names the recipient.
    Permitted {
        /// The rule names the category, rather than leaving classes out.
        category_named: bool,
    },
    /// Permitted, but to nobody in particular: lifts an objection it is an exception to, and is no explicit consent.
    General,
}

impl Wish {
    /// Two wishes about the same category, from rules of equal rank: an objection wins, then what says more.
    pub(super) const fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Objected, _) | (_, Self::Objected) => Self::Objected,
            (Self::Permitted { category_named: true }, _) | (_, Self::Permitted { category_named: true }) => {
                Self::Permitted { category_named: true }
            }
            (Self::Permitted { .. }, _) | (_, Self::Permitted { .. }) => Self::Permitted { category_named: false },
            (Self::General, _) | (_, Self::General) => Self::General,
            (Self::Silent, Self::Silent) => Self::Silent,
        }
    }
}
