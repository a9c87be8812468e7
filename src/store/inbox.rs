//! What lies in a recipient's inbox, and the moment somebody opens it. Until then it has gone to nobody: it can be stopped
//! (CS-17), and what it rests on can run out (CS-18).

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{AuditRecord, InboxItem, InboxPage, StoreError, audit_log};
use crate::model::{DocumentKind, PartyId};
use crate::outbox::WithheldNote;

/// Items of one page.
pub(super) const PAGE: u32 = 200;

const COLUMNS: &str =
    "d.id, d.message_id, d.kind, m.sender, d.created_at, d.read_at, d.priority, d.withheld, d.body, d.recipient";

const ONE: &str = "\
    SELECT d.id, d.message_id, d.kind, m.sender, d.created_at, d.read_at, d.priority, d.withheld, d.body, d.recipient \
    FROM delivery d JOIN message m ON m.id = d.message_id \
    WHERE d.channel = 'inbox' AND d.recipient = ?1 AND d.id = ?2 AND d.state = 'delivered' \
      AND (d.read_at IS NOT NULL OR d.relied_until IS NULL OR d.relied_until > ?3)";

/// One page of what lies with these recipients: unread first, crisis before the rest, newest first. What was stopped before
/// anybody opened it is not there.
pub(super) async fn page(store: &SqliteStore, recipients: &[PartyId], number: u32) -> Result<InboxPage, StoreError> {
    let mut count = QueryBuilder::<Sqlite>::new("SELECT COUNT(*), COUNT(*) - COUNT(d.read_at)");
    of(&mut count, recipients);
    let counts = count.build().fetch_one(store.readers()).await?;
    let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS}"));
    of(&mut query, recipients);
    query.push(" ORDER BY (d.read_at IS NOT NULL), d.priority, d.seq DESC LIMIT ");
    query.push_bind(PAGE).push(" OFFSET ").push_bind(i64::from(number) * i64::from(PAGE));
    let rows = query.build().fetch_all(store.readers()).await?;
    let items = rows.iter().map(|row| Ok((party(row.try_get(9)?)?, item_of(row)?)));
    let items = items.collect::<Result<Vec<_>, StoreError>>()?;
    let more = items.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
    Ok(InboxPage { items, total: counts.try_get(0)?, unread: counts.try_get(1)?, next: more.then_some(number + 1) })
}

fn of(query: &mut QueryBuilder<Sqlite>, recipients: &[PartyId]) {
    query.push(
        " FROM delivery d JOIN message m ON m.id = d.message_id \
         WHERE d.channel = 'inbox' AND d.state = 'delivered' AND d.recipient IN (",
    );
    let mut list = query.separated(", ");
    for recipient in recipients {
        list.push_bind(recipient.as_str().to_owned());
    }
    query.push(")");
}

pub(super) async fn read(
    store: &SqliteStore,
    recipient: &PartyId,
    delivery: Uuid,
    now: Timestamp,
    audit: AuditRecord,
) -> Result<Option<InboxItem>, StoreError> {
    let mut tx = store.write().await?;
    let row = sqlx::query(ONE)
        .bind(recipient.as_str())
        .bind(delivery.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *tx)
        .await?;
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
