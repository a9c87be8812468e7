//! Sharing agreements between two organisations: what may pass, for which purpose, from when to when.
//! Data only; `consent` decides with it and `directory` stores it.

use jiff::Timestamp;

use super::{DataCategory, PartyId, Purpose};

/// A sharing agreement (`consent-and-sharing.md`, CS-04 and CS-18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Identifier under which the agreement is filed by both organisations.
    pub id: String,
    /// Version of the agreement text; recorded with every release that relied on it.
    pub version: String,
    /// The two organisations that signed it, in either order.
    pub between: [PartyId; 2],
    pub purposes: Vec<Purpose>,
    pub categories: Vec<DataCategory>,
    /// In force from this instant, inclusive.
    pub from: Timestamp,
    /// Ends at this instant, exclusive; `None` means no end date was agreed.
    pub until: Option<Timestamp>,
}

impl Agreement {
    /// Whether the agreement is in force at `now`. Expired is the same as none (CS-18).
    #[must_use]
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether both parties signed this agreement.
    #[must_use]
    pub fn joins(&self, a: &PartyId, b: &PartyId) -> bool {
        a != b && self.between.contains(a) && self.between.contains(b)
    }
}
