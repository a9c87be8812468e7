//! The outbox rows in their life: leased, attempted, delivered or given up; `queue` stops them. No HTTP happens inside a
//! transaction.

use jiff::Timestamp;
use sqlx::{Row, SqliteTransaction};
use uuid::Uuid;

use super::messages::status_of;
use super::sqlite::{SqliteStore, message_id, millis, party, uuid};
use super::{AuditRecord, DeliveryStatus, Leased, QueueAudit, StoreError, audit_log, queue};
use crate::model::DocumentKind;
use crate::outbox::{Attempt, AttemptOutcome, PersonKey};

/// At most this many deliveries of one recipient are under way at once, so that a recipient that hangs
/// cannot hold every place. A crisis delivery does not count the others: it goes beside them.
const PER_RECIPIENT: u32 = 4;

/// Due deliveries nobody holds, whose turn it is: an earlier one for the same recipient and person goes first, unless
/// it is less urgent (a crisis referral does not wait behind a routine copy that the recipient keeps refusing).
const DUE: &str = "\
    WITH due AS ( \
        SELECT d.seq, d.id, d.message_id, d.recipient, d.kind, d.media_type, d.body, d.attempts, d.priority, \
               ROW_NUMBER() OVER (PARTITION BY d.recipient ORDER BY d.priority, d.seq) AS place, \
               (SELECT COUNT(*) FROM delivery b WHERE b.recipient = d.recipient AND b.lease_until > ?1) AS held \
        FROM delivery d \
        WHERE d.state = 'pending' AND d.stop_rule IS NULL AND d.next_attempt_at <= ?1 AND (d.lease_until IS NULL OR d.lease_until <= ?1) \
          AND d.priority <= ?4 \
          AND NOT EXISTS ( \
              SELECT 1 FROM delivery e \
              WHERE e.recipient = d.recipient AND e.person_key = d.person_key AND e.state = 'pending' \
                AND e.seq < d.seq AND e.priority <= d.priority) \
    ) \
    SELECT id, message_id, recipient, kind, media_type, body, attempts FROM due \
    WHERE place + held <= ?2 OR priority = 0 ORDER BY priority, seq LIMIT ?3";

pub(super) async fn lease(
    store: &SqliteStore,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
    least_urgent: u8,
    audit: &dyn QueueAudit,
) -> Result<Vec<Leased>, StoreError> {
    let mut tx = store.write().await?;
    let stopped = queue::sweep(&mut tx, now).await?;
    let rows = sqlx::query(DUE)
        .bind(millis(now))
        .bind(PER_RECIPIENT)
        .bind(limit)
        .bind(least_urgent)
        .fetch_all(&mut *tx)
        .await?;
    let mut leased = Vec::with_capacity(rows.len());
    for row in rows {
        let kind: String = row.try_get(3)?;
        let item = Leased {
            delivery: uuid(row.try_get(0)?)?,
            lease: Uuid::new_v4(),
            message: message_id(row.try_get(1)?)?,
            recipient: party(row.try_get(2)?)?,
            kind: DocumentKind::from_code(&kind).ok_or(StoreError::Corrupt("document kind"))?,
            media_type: row.try_get(4)?,
            body: row.try_get(5)?,
            attempt: row.try_get::<u32, _>(6)? + 1,
        };
        open_attempt(&mut tx, &item, now, until).await?;
        leased.push(item);
    }
    if leased.is_empty() && stopped.is_empty() {
        return Ok(leased);
    }
    let records = stopped.iter().map(|item| audit.stopped(item)).chain(leased.iter().map(|item| audit.opened(item)));
    let records: Vec<AuditRecord> = records.collect();
    audit_log::append(&mut tx, &records).await?;
    tx.commit().await?;
    Ok(leased)
}

async fn open_attempt(
    tx: &mut SqliteTransaction<'_>,
    item: &Leased,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE delivery SET lease = ?, lease_until = ?, attempts = ? WHERE id = ?")
        .bind(item.lease.to_string())
        .bind(millis(until))
        .bind(item.attempt)
        .bind(item.delivery.to_string())
        .execute(&mut **tx)
        .await?;
    sqlx::query("INSERT INTO attempt (delivery_id, number, started_at) VALUES (?, ?, ?)")
        .bind(item.delivery.to_string())
        .bind(item.attempt)
        .bind(millis(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn finish(store: &SqliteStore, attempt: &Attempt, audit: AuditRecord) -> Result<bool, StoreError> {
    let finished = millis(attempt.finished);
    let (state, next, delivered) = match (&attempt.outcome, attempt.next) {
        (AttemptOutcome::Delivered | AttemptOutcome::Inbox { .. }, _) => ("delivered", finished, Some(finished)),
        (AttemptOutcome::Retry { .. }, Some(next)) => ("pending", millis(next), None),
        (AttemptOutcome::Retry { .. }, None) | (AttemptOutcome::Refused { .. }, _) => ("failed", finished, None),
    };
    // what lies in the inbox has gone to nobody yet
    let (gone, kept) = match &attempt.outcome {
        AttemptOutcome::Delivered => (true, None),
        AttemptOutcome::Inbox { copy } => (false, Some(copy.as_ref())),
        AttemptOutcome::Retry { .. } | AttemptOutcome::Refused { .. } => (false, None),
    };
    let mut tx = store.write().await?;
    // What was to be stopped while this attempt was under way ends as delivered if it has gone, and else as stopped.
    let changed = sqlx::query(
        "UPDATE delivery SET \
           state = CASE WHEN NOT ?8 AND stop_rule IS NOT NULL THEN 'stopped' ELSE ?1 END, \
           stopped_at = CASE WHEN NOT ?8 AND stop_rule IS NOT NULL THEN ?7 END, \
           last_reason = CASE WHEN NOT ?8 AND stop_rule IS NOT NULL THEN stop_rule ELSE ?4 END, \
           delivered_at = CASE WHEN NOT ?8 AND stop_rule IS NOT NULL THEN NULL ELSE ?3 END, \
           channel = CASE WHEN ?9 THEN 'inbox' ELSE channel END, \
           media_type = CASE WHEN ?10 IS NULL THEN media_type ELSE ?11 END, body = COALESCE(?10, body), \
           next_attempt_at = ?2, lease = NULL, lease_until = NULL \
         WHERE id = ?5 AND lease = ?6 AND state = 'pending'",
    )
    .bind(state)
    .bind(next)
    .bind(delivered)
    .bind(attempt.outcome.reason())
    .bind(attempt.delivery.to_string())
    .bind(attempt.lease.to_string())
    .bind(finished)
    .bind(gone)
    .bind(kept.is_some())
    .bind(kept.flatten().map(|(_, body)| body.as_slice()))
    .bind(kept.flatten().map(|(media_type, _)| *media_type))
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(false);
    }
    if gone {
        queue::drop_replacement(&mut tx, attempt.delivery, attempt.finished).await?;
    }
    sqlx::query("UPDATE attempt SET finished_at = ?, outcome = ?, reason = ? WHERE delivery_id = ? AND number = ?")
        .bind(finished)
        .bind(attempt.outcome.code())
        .bind(attempt.outcome.reason())
        .bind(attempt.delivery.to_string())
        .bind(attempt.number)
        .execute(&mut *tx)
        .await?;
    audit_log::append(&mut tx, &[audit]).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn failed(store: &SqliteStore) -> Result<Vec<DeliveryStatus>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, recipient, kind, channel, state, attempts, delivered_at, read_at, last_reason, withheld \
         FROM delivery WHERE state = 'failed' ORDER BY seq",
    )
    .fetch_all(store.readers())
    .await?;
    rows.iter().map(status_of).collect()
}

pub(super) async fn about(store: &SqliteStore, person: &PersonKey) -> Result<Vec<DeliveryStatus>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, recipient, kind, channel, state, attempts, delivered_at, read_at, last_reason, withheld \
         FROM delivery WHERE person_key = ? ORDER BY seq",
    )
    .bind(person.as_str())
    .fetch_all(store.readers())
    .await?;
    rows.iter().map(status_of).collect()
}

pub(super) async fn requeue(
    store: &SqliteStore,
    delivery: Uuid,
    now: Timestamp,
    audit: AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.write().await?;
    let changed = sqlx::query(
        "UPDATE delivery SET state = 'pending', next_attempt_at = ?, last_reason = NULL WHERE id = ? AND state = 'failed' \
         AND stop_rule IS NULL",
    )
    .bind(millis(now))
    .bind(delivery.to_string())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(false);
    }
    audit_log::append(&mut tx, &[audit]).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn pending(store: &SqliteStore) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM delivery WHERE state = 'pending'").fetch_one(store.readers()).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
