//! What lies in the inboxes an organisation may read, for `http`; every look is audited.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Gateway, unavailable};
use crate::audit::{Entry, Event};
use crate::intake::Refusal;
use crate::model::PartyId;
use crate::store::{InboxItem, InboxPage};

impl Gateway {
    /// One page, counted from 0, of the items of an organisation and of its teams; for a team, of the team alone.
    ///
    /// # Errors
    /// When the store does not answer or the look cannot be audited.
    pub async fn inbox(&self, reader: &PartyId, agent: &str, page: u32, now: Timestamp) -> Result<InboxPage, Refusal> {
        self.record(Entry::new(Event::InboxListed, now).actor(reader, agent)).await?;
        let readable = self.readable(reader, now);
        self.store.inbox_page(&readable, page).await.map_err(|error| unavailable(&error))
    }

    /// One item, marked read; `None` when there is none that this reader may see.
    ///
    /// # Errors
    /// When the store does not answer; the item is not shown unless the reading of it is recorded.
    pub async fn open_inbox_item(
        &self,
        reader: &PartyId,
        agent: &str,
        delivery: Uuid,
        now: Timestamp,
    ) -> Result<Option<InboxItem>, Refusal> {
        for recipient in self.readable(reader, now) {
            let entry = Entry::new(Event::InboxRead, now).actor(reader, agent).recipient(&recipient).delivery(delivery);
            let found = self.store.read_inbox(&recipient, delivery, now, entry.record()).await;
            if let Some(item) = found.map_err(|error| unavailable(&error))? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// The reader's own inbox and those of its teams, what teams have left behind that are no more among them.
    pub(super) fn readable(&self, reader: &PartyId, now: Timestamp) -> Vec<PartyId> {
        let directory = self.directory();
        directory
            .parties(now)
            .chain(directory.left(now))
            .filter(|party| &party.id == reader || party.part_of.as_ref() == Some(reader))
            .map(|party| party.id.clone())
            .collect()
    }
}
