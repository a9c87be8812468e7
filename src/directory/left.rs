//! Those whom the directory knew and has no more: ended, or gone with their organisation. What they were goes on counting
//! for what they left behind.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Directory;
use crate::model::{Party, PartyId};

impl Directory {
    /// What a party is, or was when it was last there.
    #[must_use]
    pub fn last_known(&self, id: &PartyId, now: Timestamp) -> Option<&Party> {
        let ended = || {
            let entries = self.entries(id).filter(|entry| entry.validity.from.is_none_or(|from| from <= now));
            entries.max_by_key(|entry| (entry.validity.until.is_none(), entry.validity.until))
        };
        self.party(id, now).or_else(|| ended().map(|entry| &entry.value.0))
    }

    /// Every party that was there before and is not at `now`, each once.
    pub fn left(&self, now: Timestamp) -> impl Iterator<Item = &Party> {
        let ids: BTreeSet<&PartyId> = self.parties.iter().map(|entry| &entry.value.0.id).collect();
        let gone = ids.into_iter().filter(move |id| self.party(id, now).is_none());
        gone.filter_map(move |id| self.last_known(id, now))
    }
}
