//! The versions of a message, in the order in which they were accepted, and the copies of all of them. Which of them is in
//! force, and for whom, is not the store's to say.

use sqlx::{Row, SqliteTransaction};

use super::messages::status_of;
use super::sqlite::{SqliteStore, message_id};
use super::{DeliveryStatus, Newest, StoreError, Version};
use crate::model::MessageId;

const OF: &str = "\
    SELECT id, COALESCE(updates, id) FROM message \
    WHERE id = (SELECT COALESCE(version_of, id) FROM message WHERE id = ?1) \
       OR version_of = (SELECT COALESCE(version_of, id) FROM message WHERE id = ?1) ORDER BY rowid";

/// Without those an emergency opened, as in what the sender is told.
const COPIES: &str = "\
    SELECT d.id, d.recipient, d.kind, d.channel, d.state, d.attempts, d.delivered_at, d.read_at, d.last_reason, \
           d.withheld, d.message_id \
    FROM message m JOIN delivery d ON d.message_id = m.id AND d.kind = m.kind \
    WHERE (m.id = (SELECT COALESCE(version_of, id) FROM message WHERE id = ?1) \
       OR m.version_of = (SELECT COALESCE(version_of, id) FROM message WHERE id = ?1)) AND d.opened_by IS NULL \
    ORDER BY d.seq";

pub(super) async fn of(store: &SqliteStore, id: &MessageId) -> Result<Vec<Version>, StoreError> {
    let rows = sqlx::query(OF).bind(id.as_str()).fetch_all(store.readers()).await?;
    let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Version, StoreError> {
        Ok(Version { message: message_id(row.try_get(0)?)?, request: message_id(row.try_get(1)?)? })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn copies(
    store: &SqliteStore,
    id: &MessageId,
) -> Result<Vec<(MessageId, DeliveryStatus)>, StoreError> {
    let rows = sqlx::query(COPIES).bind(id.as_str()).fetch_all(store.readers()).await?;
    rows.iter().map(|row| Ok((message_id(row.try_get(10)?)?, status_of(row)?))).collect()
}

/// Whether no other version has come since.
pub(super) async fn is_newest(tx: &mut SqliteTransaction<'_>, newest: &Newest) -> Result<bool, StoreError> {
    let rows = sqlx::query(OF).bind(newest.message.as_str()).fetch_all(&mut **tx).await?;
    let mut last = None;
    for row in &rows {
        let request: &str = row.try_get(1)?;
        if newest.request.as_ref().is_none_or(|wanted| wanted.as_str() == request) {
            last = Some(message_id(row.try_get(0)?)?);
        }
    }
    Ok(last.is_none_or(|last| last == newest.message))
}
