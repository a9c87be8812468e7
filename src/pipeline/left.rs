//! What a team leaves behind when the directory ends it: the organisation it belonged to, and the one that runs the gateway,
//! go on with its requests. Nothing is moved by itself; who has them from then on, somebody says.

use jiff::Timestamp;

use super::{Gateway, unavailable};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{PartyId, RequestTask};
use crate::store::TasksWanted;

impl Gateway {
    /// Whether a caller goes on for a party that the directory does not know any more.
    pub(super) fn takes_over(&self, caller: &Caller, party: &PartyId, now: Timestamp) -> bool {
        let running = self.parts();
        let was = running.directory.last_known(party, now);
        caller.party.id == running.own || was.is_some_and(|was| caller.speaks_for(was))
    }

    /// A party's name, or its id where the directory no longer knows it.
    pub fn party_name(&self, id: &PartyId, now: Timestamp) -> String {
        self.directory().party(id, now).map_or_else(|| id.to_string(), |party| party.name.clone())
    }

    /// What a party is called, or was when it was last in the directory.
    pub fn last_name(&self, id: &PartyId, now: Timestamp) -> String {
        self.directory().last_known(id, now).map_or_else(|| id.to_string(), |party| party.name.clone())
    }

    /// Open requests that nobody in the directory answers for, the oldest first.
    pub(super) async fn orphans(&self, now: Timestamp) -> Result<Vec<RequestTask>, Refusal> {
        let present: Vec<PartyId> = self.directory().parties(now).map(|party| party.id.clone()).collect();
        let found = self.store.tasks(&TasksWanted::Orphans { present }).await;
        let mut found = found.map_err(|error| unavailable(&error))?;
        found.sort_by_key(|task| task.opened);
        Ok(found)
    }
}
