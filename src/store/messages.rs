//! Accepting a message: message, idempotency key, wishes it brings, outbox rows, decisions and audit entries in one
//! transaction, or nothing.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::{Row, SqliteTransaction};

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{
    Acceptance, Accepted, DeliveryStatus, Earlier, NewMessage, Reconsider, StoreError, StoredMessage, audit_log, care,
    decisions, queue, records,
};
use crate::model::{DocumentKind, MessageId, PartyId};
use crate::outbox::{Channel, Enqueued};

pub(super) async fn accept(
    store: &SqliteStore,
    acceptance: Acceptance,
    reconsider: Arc<dyn Reconsider>,
) -> Result<Accepted, StoreError> {
    let Acceptance { message, deliveries, audit, person, based_on, remembered, decisions, care: changes } = acceptance;
    let ahead = queue::ahead(store, &person, based_on, &remembered, &reconsider).await?;
    let mut tx = store.write().await?;
    // Within the write lock: of two equal messages that arrive together, the second finds the first.
    if let Some(earlier) = find(&mut tx, &message).await? {
        return Ok(if earlier.digest == message.digest {
            Accepted::SameAgain { message: earlier.message, answer: earlier.answer }
        } else {
            Accepted::OtherContent { message: earlier.message }
        });
    }
    // Within the write lock too: no wish of the person is recorded between the decision and this commit.
    if records::revision(&mut tx, &person).await? != based_on {
        return Ok(Accepted::Stale);
    }
    if care::is_stale(&mut tx, &person, &changes).await? {
        return Ok(Accepted::Stale);
    }
    sqlx::query(
        "INSERT INTO message (id, sender, message_key, digest, kind, received_at, media_type, body, answer, \
         person_key, directory_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(message.id.as_str())
    .bind(message.sender.as_str())
    .bind(&message.key)
    .bind(&message.digest)
    .bind(message.kind.code())
    .bind(millis(message.received))
    .bind(&message.media_type)
    .bind(&message.body)
    .bind(&message.answer)
    .bind(person.as_str())
    .bind((message.directory > 0).then_some(message.directory))
    .execute(&mut *tx)
    .await?;
    audit_log::append(&mut tx, &audit).await?;
    if !remembered.is_empty() {
        records::insert_all(&mut tx, &person, &remembered).await?;
        // Before its own deliveries are there: those were decided with these wishes.
        queue::reconsider(&mut tx, &person, reconsider, ahead, message.received).await?;
    }
    for delivery in &deliveries {
        insert(&mut tx, &message.id, message.received, delivery).await?;
    }
    decisions::insert_all(&mut tx, &person, &decisions).await?;
    care::store(&mut tx, &person, &changes, message.received).await?;
    tx.commit().await?;
    Ok(Accepted::Stored)
}

async fn find(tx: &mut SqliteTransaction<'_>, message: &NewMessage) -> Result<Option<Earlier>, StoreError> {
    let row = sqlx::query("SELECT id, digest, answer FROM message WHERE sender = ? AND message_key = ?")
        .bind(message.sender.as_str())
        .bind(&message.key)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| earlier_of(&row)).transpose()
}

pub(super) async fn earlier(store: &SqliteStore, sender: &PartyId, key: &str) -> Result<Option<Earlier>, StoreError> {
    let row = sqlx::query("SELECT id, digest, answer FROM message WHERE sender = ? AND message_key = ?")
        .bind(sender.as_str())
        .bind(key)
        .fetch_optional(store.readers())
        .await?;
    row.map(|row| earlier_of(&row)).transpose()
}

fn earlier_of(row: &sqlx::sqlite::SqliteRow) -> Result<Earlier, StoreError> {
    Ok(Earlier { message: message_id(row.try_get(0)?)?, digest: row.try_get(1)?, answer: row.try_get(2)? })
}

/// A message as it was received.
pub(super) async fn stored(store: &SqliteStore, id: &MessageId) -> Result<Option<StoredMessage>, StoreError> {
    let row = sqlx::query(
        "SELECT sender, message_key, kind, received_at, media_type, body, answer FROM message WHERE id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(store.readers())
    .await?;
    let read = |row: sqlx::sqlite::SqliteRow| -> Result<StoredMessage, StoreError> {
        Ok(StoredMessage {
            id: id.clone(),
            sender: party(row.try_get(0)?)?,
            key: row.try_get(1)?,
            kind: DocumentKind::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("document kind"))?,
            received: timestamp(row.try_get(3)?)?,
            media_type: row.try_get(4)?,
            body: row.try_get(5)?,
            answer: row.try_get(6)?,
        })
    };
    row.map(read).transpose()
}

pub(super) async fn insert(
    tx: &mut SqliteTransaction<'_>,
    message: &MessageId,
    now: Timestamp,
    delivery: &Enqueued,
) -> Result<(), StoreError> {
    let withheld = serde_json::to_string(delivery.withheld()).map_err(|_| StoreError::Corrupt("withheld"))?;
    // An inbox needs no sending: the item is there for its reader from the moment of the commit.
    let delivered = (delivery.way().channel == Channel::Inbox).then(|| millis(now));
    sqlx::query(
        "INSERT INTO delivery (id, message_id, recipient, person_key, kind, channel, media_type, priority, body, \
         withheld, created_at, state, next_attempt_at, delivered_at, grounds, relied_until) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(delivery.id().to_string())
    .bind(message.as_str())
    .bind(delivery.recipient().as_str())
    .bind(delivery.person().as_str())
    .bind(delivery.kind().code())
    .bind(delivery.way().channel.code())
    .bind(delivery.way().format.media_type())
    .bind(delivery.way().priority)
    .bind(delivery.body())
    .bind(withheld)
    .bind(millis(now))
    .bind(if delivered.is_some() { "delivered" } else { "pending" })
    .bind(millis(now))
    .bind(delivered)
    .bind(delivery.rests_on().map(|rests| rests.grounds.as_str()))
    .bind(delivery.rests_on().and_then(|rests| rests.until).map(millis))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Leaves out the copies an emergency opened: that there was one is not for the sender to know.
pub(super) async fn status(
    store: &SqliteStore,
    sender: &PartyId,
    id: &MessageId,
) -> Result<Option<Vec<DeliveryStatus>>, StoreError> {
    let known = sqlx::query("SELECT 1 FROM message WHERE id = ? AND sender = ?")
        .bind(id.as_str())
        .bind(sender.as_str())
        .fetch_optional(store.readers())
        .await?;
    if known.is_none() {
        return Ok(None);
    }
    let rows = sqlx::query(
        "SELECT id, recipient, kind, channel, state, attempts, delivered_at, read_at, last_reason, withheld \
         FROM delivery WHERE message_id = ? AND opened_by IS NULL ORDER BY seq",
    )
    .bind(id.as_str())
    .fetch_all(store.readers())
    .await?;
    rows.iter().map(status_of).collect::<Result<Vec<_>, _>>().map(Some)
}

/// Reads the ten columns that [`status`] and `deliveries::failed` select, in that order.
pub(super) fn status_of(row: &sqlx::sqlite::SqliteRow) -> Result<DeliveryStatus, StoreError> {
    let time = |column: usize| -> Result<Option<Timestamp>, StoreError> {
        row.try_get::<Option<i64>, _>(column)?.map(timestamp).transpose()
    };
    Ok(DeliveryStatus {
        delivery: uuid(row.try_get(0)?)?,
        recipient: party(row.try_get(1)?)?,
        kind: DocumentKind::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("document kind"))?,
        channel: Channel::from_code(row.try_get(3)?).ok_or(StoreError::Corrupt("channel"))?,
        state: row.try_get(4)?,
        attempts: row.try_get(5)?,
        delivered: time(6)?,
        read: time(7)?,
        reason: row.try_get(8)?,
        withheld: serde_json::from_str(row.try_get(9)?).map_err(|_| StoreError::Corrupt("withheld"))?,
    })
}
