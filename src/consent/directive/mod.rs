//! The person's recorded wishes: FHIR Consent resources (<https://hl7.org/fhir/R4/consent.html>) read as rules about
//! one recipient at one moment. Deny wins among siblings; a nested provision is an exception to the one it stands in.
//! What cannot be read with certainty never permits and always objects. Decides nothing about release.

mod audience;
mod period;
mod read;
mod trim;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::DataCategory;

pub(super) use audience::{Audience, Match};
pub(super) use read::{Reading, about_sharing, read};
pub(super) use trim::{recipient, trim};

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

/// One provision, its conditions already weighed against recipient, purpose and moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    /// `None` for a provision that only holds others.
    effect: Option<Effect>,
    /// Every condition but the class.
    holds: Holds,
    /// An actor names the recipient.
    named: bool,
    /// Categories named; `None` when no class is given.
    classes: Option<BTreeSet<DataCategory>>,
    /// Some class could not be read as a category: an objection then covers everything.
    odd_class: bool,
    exceptions: Vec<Node>,
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

/// Conditions gathered on the way down from the root.
#[derive(Clone, Copy)]
struct Path {
    holds: Holds,
    named: bool,
    classed: bool,
    /// Only what surely holds counts, of objections too.
    sure: bool,
}

impl Node {
    /// What the tree under this provision says about a category.
    fn wish(&self, category: DataCategory) -> Wish {
        self.weigh(category, Path { holds: Holds::Surely, named: false, classed: false, sure: false })
    }

    /// Whether the tree objects to a category in terms that can be read with certainty.
    fn surely_objects(&self, category: DataCategory) -> bool {
        let path = Path { holds: Holds::Surely, named: false, classed: false, sure: true };
        self.weigh(category, path) == Wish::Objected
    }

    fn weigh(&self, category: DataCategory, above: Path) -> Wish {
        let by_class = match &self.classes {
            Some(classes) if classes.contains(&category) => Holds::Surely,
            Some(_) if self.odd_class => Holds::Perhaps,
            Some(_) => Holds::No,
            None => Holds::Surely,
        };
        let path = Path {
            holds: above.holds.min(self.holds).min(by_class),
            named: above.named || self.named,
            classed: above.classed || self.classes.is_some(),
            sure: above.sure,
        };
        if path.holds == Holds::No || (path.sure && path.holds == Holds::Perhaps) {
            return Wish::Silent;
        }
        let mut answer = Wish::Silent;
        for exception in &self.exceptions {
            answer = answer.with(exception.weigh(category, path));
        }
        match (answer, self.effect) {
            (Wish::Silent, Some(Effect::Deny)) => Wish::Objected,
            (Wish::Silent, Some(Effect::Permit)) if path.holds == Holds::Surely && path.named => {
                Wish::Permitted { category_named: path.classed }
            }
            (Wish::Silent, Some(Effect::Permit)) if path.holds == Holds::Surely => Wish::General,
            (answer, _) => answer,
        }
    }
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
