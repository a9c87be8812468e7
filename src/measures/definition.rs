//! What a measure counts, as data. Where the rows come from is `load`'s.

use super::load;
use crate::model::{EventKind, Urgency};
use crate::rule_file::RuleFault;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// People with at least so many contacts, out of those with one.
    Contacts { least: u32 },
    /// Referrals of this urgency (of any, without) whose wait for the first of these events ended.
    Wait { to: Vec<EventKind>, urgency: Option<Urgency> },
    /// Clocks of a rule that were met or breached.
    Clock { rule: String },
    /// People whose care ended, with a score of this scale at start and end.
    Scores { scale: String },
    /// Referrals received, and those of which something was missing, by item.
    Incomplete,
    /// Releases refused, by rule.
    Refusals,
}

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// `ME-01`.
    pub id: String,
    pub name: String,
    pub what: What,
    /// In words, for who reads the result.
    pub numerator: String,
    pub denominator: String,
    pub reason: String,
    pub source: String,
}

impl Definition {
    /// What one case is.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.what {
            What::Contacts { .. } | What::Scores { .. } => "people",
            What::Wait { .. } | What::Incomplete => "referrals",
            What::Clock { .. } => "clocks",
            What::Refusals => "releases",
        }
    }
}

/// All measures, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definitions {
    pub(super) rows: Vec<Definition>,
}

impl Definitions {
    /// Ours, with those of a site in the place of ours of the same id or beside them.
    ///
    /// # Errors
    /// Everything that is wrong with either text.
    pub fn load(site: Option<&str>) -> Result<Self, Vec<RuleFault>> {
        load::load(super::BUILT_IN, site)
    }

    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.rows.iter()
    }

    /// The measure with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Definition> {
        self.rows.iter().find(|row| row.id == id)
    }
}
