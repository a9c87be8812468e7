//! Who decides again takes turns: of many changes about one person at once each is done after the other, and none gives up
//! because the others were quicker. The first try needs no turn, so that nobody waits who is alone.

use tokio::sync::{Mutex, MutexGuard};

use crate::outbox::PersonKey;

/// How many people can be waited for apart; more share a turn, which is only slower.
const PLACES: usize = 64;

/// The turns of a gateway.
#[derive(Debug)]
pub(super) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..PLACES).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn of what concerns a person; `None` on the first try.
    pub(super) async fn wait(&self, person: &PersonKey, try_number: usize) -> Option<MutexGuard<'_, ()>> {
        let sum: usize = person.as_str().bytes().map(usize::from).sum();
        match self.0.get(sum % PLACES) {
            Some(turn) if try_number > 0 => Some(turn.lock().await),
            _ => None,
        }
    }
}
