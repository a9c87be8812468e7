//! Which version of a request is in force: the newest that came, whose text and person count for all that follows. The
//! copies of every version are looked at together, for what is taken back is all of them.

use super::{Gateway, unavailable};
use crate::intake::Refusal;
use crate::model::MessageId;
use crate::store::{DeliveryStatus, Newest, StoredMessage};

/// A request as it stands.
pub(super) struct InForce {
    /// Its newest version.
    pub stored: StoredMessage,
    /// Copies of every version, those out of force among them.
    pub copies: Vec<DeliveryStatus>,
}

impl InForce {
    /// What a change must still find when it is stored.
    pub(super) fn newest(stored: &StoredMessage, request: &MessageId) -> Newest {
        Newest { message: stored.id.clone(), request: Some(request.clone()) }
    }
}

impl Gateway {
    /// The newest version of the request that this message brought; `None` where there is none.
    pub(super) async fn in_force(&self, request: &MessageId) -> Result<Option<InForce>, Refusal> {
        let store = &self.store;
        let failed = |error| unavailable(&error);
        let mut versions = store.versions(request).await.map_err(failed)?;
        let last = versions.iter().rposition(|version| version.request == *request);
        versions.truncate(last.map_or(0, |place| place + 1));
        let Some(newest) = versions.last() else { return Ok(None) };
        let Some(stored) = store.message(&newest.message).await.map_err(failed)? else { return Ok(None) };
        let copies = store.copies(request).await.map_err(failed)?;
        let ours = |message: &MessageId| versions.iter().any(|version| version.message == *message);
        let copies = copies.into_iter().filter(|(message, _)| ours(message)).map(|(_, copy)| copy).collect();
        Ok(Some(InForce { stored, copies }))
    }

    /// The request that a message belongs to: itself, unless it is a later version.
    pub(super) async fn request_of(&self, message: &MessageId) -> Result<MessageId, Refusal> {
        let versions = self.store.versions(message).await.map_err(|error| unavailable(&error))?;
        let version = versions.into_iter().find(|version| version.message == *message);
        Ok(version.map_or_else(|| message.clone(), |version| version.request))
    }
}
