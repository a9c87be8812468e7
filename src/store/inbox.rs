//! What lies in a recipient's inbox, and the moment somebody opens it.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{AuditRecord, InboxItem, StoreError, audit_log};
use crate::model::{DocumentKind, PartyId};
use crate::outbox::WithheldNote;

const LIST: &str = "\
    SELECT d.id, d.message_id, d.kind, m.sender, d.created_at, d.read_at, d.priority, d.withheld, d.body \
    FROM delivery d JOIN message m ON m.id = d.message_id \
    WHERE d.channel = 'inbox' AND d.recipient = ? ORDER BY (d.read_at IS NOT NULL), d.priority, d.seq DESC LIMIT 500";

const ONE: &str = "\
    SELECT d.id, d.message_id, d.kind, m.sender, d.created_at, d.read_at, d.priority, d.withheld, d.body \
    FROM delivery d JOIN message m ON m.id = d.message_id \
    WHERE d.channel = 'inbox' AND d.recipient = ? AND d.id = ?";

/// Unread first, crisis before the rest, newest first.
pub(super) async fn list(store: &SqliteStore, recipient: &PartyId) -> Result<Vec<InboxItem>, StoreError> {
    let rows = sqlx::query(LIST).bind(recipient.as_str()).fetch_all(store.readers()).await?;
    rows.iter().map(item_of).collect()
}

pub(super) async fn read(
    store: &SqliteStore,
    recipient: &PartyId,
    delivery: Uuid,
    now: Timestamp,
    audit: AuditRecord,
) -> Result<Option<InboxItem>, StoreError> {
    let mut tx = store.write().await?;
    let row = sqlx::query(ONE).bind(recipient.as_str()).bind(delivery.to_string()).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return Ok(None) };
    let item = item_of(&row)?;
    sqlx::query("UPDATE delivery SET read_at = COALESCE(read_at, ?) WHERE id = ?")
        .bind(millis(now))
        .bind(delivery.to_string())
        .execute(&mut *tx)
        .await?;
    audit_log::append(&mut tx, &[audit]).await?;
    tx.commit().await?;
    Ok(Some(item))
}

fn item_of(row: &SqliteRow) -> Result<InboxItem, StoreError> {
    // A recipient sees no sign of what they may not be told of (CS-22); the sender does, by the message.
    let mut withheld: Vec<WithheldNote> =
        serde_json::from_str(row.try_get(7)?).map_err(|_| StoreError::Corrupt("withheld"))?;
    withheld.retain(|note| note.told);
    Ok(InboxItem {
        delivery: uuid(row.try_get(0)?)?,
        message: message_id(row.try_get(1)?)?,
        kind: DocumentKind::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("document kind"))?,
        sender: party(row.try_get(3)?)?,
        received: timestamp(row.try_get(4)?)?,
        read: row.try_get::<Option<i64>, _>(5)?.map(timestamp).transpose()?,
        priority: row.try_get(6)?,
        withheld,
        body: row.try_get(8)?,
    })
}
