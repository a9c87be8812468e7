//! Stopping what has not gone yet: decided again when what is kept about the person changes (CS-17), and swept when what
//! it rests on runs out (CS-18). An attempt that is under way cannot be called back: its row is marked, stays `pending`,
//! and ends as delivered or as stopped, never as both.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::{Row, SqliteTransaction};
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, uuid};
use super::{
    Fate, NewRecord, PersonRecord, Queued, Reconsider, Reconsidered, Stopped, StoreError, audit_log, decisions,
    messages, records,
};
use crate::model::DocumentKind;
use crate::outbox::{Enqueued, PersonKey};

/// What has not gone yet: waiting, given up and waiting for a person to send it again, or in an inbox and not opened.
macro_rules! not_gone {
    () => {
        "d.person_key = ?1 AND d.stop_rule IS NULL \
         AND (d.state IN ('pending', 'failed') OR (d.state = 'delivered' AND d.channel = 'inbox' AND d.read_at IS NULL)) \
         ORDER BY d.seq"
    };
}

const WHOLE: &str = concat!(
    "SELECT d.id, d.message_id, d.recipient, d.kind, d.priority, d.grounds, m.media_type, m.body \
     FROM delivery d JOIN message m ON m.id = d.message_id WHERE ",
    not_gone!()
);

/// Without what it takes to decide; with whether an attempt is under way.
const NAMES: &str = concat!(
    "SELECT d.id, d.message_id, d.lease_until IS NOT NULL AND d.lease_until > ?2 FROM delivery d WHERE ",
    not_gone!()
);

/// The rule a delivery is stopped by when nobody answered for it: the gateway's own fault (`consent::RuleId::fault`).
const FAULT: &str = "GW-99";

/// What was decided before the transaction, by delivery.
pub(super) type Ahead = HashMap<Uuid, Reconsidered>;

/// Decides again what is queued about a person, as if these records were stored. The deciding is processor work (policy, and
/// the cutting and validating of copies), so it is done before the one writer is taken. Nothing where nothing is to be
/// stored, or where something else changed first, which the transaction will find again.
pub(super) async fn ahead(
    store: &SqliteStore,
    person: &PersonKey,
    based_on: i64,
    new: &[NewRecord],
    reconsider: &Arc<dyn Reconsider>,
) -> Result<Ahead, StoreError> {
    if new.is_empty() {
        return Ok(Ahead::new());
    }
    let mut tx = store.readers().begin().await?;
    let stands = records::revision(&mut tx, person).await? == based_on;
    let (holds, queued) = (records::holding(&mut tx, person).await?, whole(&mut tx, person).await?);
    tx.rollback().await?;
    if !stands {
        return Ok(Ahead::new());
    }
    decided(person, records::after(holds, new), queued, reconsider.clone()).await
}

/// Gives what is queued about a person its new fate; gives how many are stopped or replaced. Between the change and this
/// nothing can be leased, for both are one transaction. What was queued since the deciding, which is seldom anything, is
/// decided here, while every other writer waits.
pub(super) async fn reconsider(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    reconsider: Arc<dyn Reconsider>,
    mut ahead: Ahead,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let rows = sqlx::query(NAMES).bind(person.as_str()).bind(millis(now)).fetch_all(&mut **tx).await?;
    let mut known = Vec::with_capacity(rows.len());
    for row in &rows {
        known.push((uuid(row.try_get(0)?)?, message_id(row.try_get(1)?)?, row.try_get::<bool, _>(2)?));
    }
    if known.iter().any(|(delivery, ..)| !ahead.contains_key(delivery)) {
        let mut late = whole(tx, person).await?;
        late.retain(|item| !ahead.contains_key(&item.delivery));
        let holds = records::holding(tx, person).await?;
        ahead.extend(decided(person, holds, late, reconsider).await?);
    }
    let mut stopped = 0;
    for (delivery, message, leased) in known {
        let fresh = ahead.remove(&delivery).unwrap_or_else(|| unanswered(delivery));
        let Reconsidered { fate, decision, audit, under_way, .. } = fresh;
        match fate {
            Fate::Keep { relied_until } => {
                sqlx::query("UPDATE delivery SET relied_until = ? WHERE id = ?")
                    .bind(relied_until.map(millis))
                    .bind(delivery.to_string())
                    .execute(&mut **tx)
                    .await?;
            }
            Fate::Stop { rule } => {
                stop(tx, delivery, &rule, now).await?;
                stopped += 1;
            }
            Fate::Replace { rule, with } => {
                stop(tx, delivery, &rule, now).await?;
                messages::insert(tx, &message, now, &with).await?;
                put_in_place(tx, delivery, &with).await?;
                stopped += 1;
            }
        }
        decisions::insert_all(tx, person, decision.as_slice()).await?;
        audit_log::append(tx, if leased { &under_way } else { &audit }).await?;
    }
    Ok(stopped)
}

async fn whole(tx: &mut SqliteTransaction<'_>, person: &PersonKey) -> Result<Vec<Queued>, StoreError> {
    let rows = sqlx::query(WHOLE).bind(person.as_str()).fetch_all(&mut **tx).await?;
    let queued = rows.iter().map(|row| {
        Ok(Queued {
            delivery: uuid(row.try_get(0)?)?,
            message: message_id(row.try_get(1)?)?,
            recipient: party(row.try_get(2)?)?,
            kind: DocumentKind::from_code(row.try_get(3)?).ok_or(StoreError::Corrupt("document kind"))?,
            priority: row.try_get(4)?,
            grounds: row.try_get(5)?,
            media_type: row.try_get(6)?,
            body: row.try_get(7)?,
        })
    });
    queued.collect()
}

/// On a thread of its own; every delivery has its answer.
async fn decided(
    person: &PersonKey,
    holds: Vec<PersonRecord>,
    queued: Vec<Queued>,
    reconsider: Arc<dyn Reconsider>,
) -> Result<Ahead, StoreError> {
    let mut all: Ahead = queued.iter().map(|item| (item.delivery, unanswered(item.delivery))).collect();
    if all.is_empty() {
        return Ok(all);
    }
    let whom = person.clone();
    let fresh = tokio::task::spawn_blocking(move || reconsider.reconsider(&whom, &holds, queued));
    let fresh = fresh.await.map_err(|_| StoreError::Undecided)?;
    all.extend(fresh.into_iter().map(|one| (one.delivery, one)));
    Ok(all)
}

fn unanswered(delivery: Uuid) -> Reconsidered {
    let fate = Fate::Stop { rule: FAULT.to_owned() };
    Reconsidered { delivery, fate, decision: None, audit: Vec::new(), under_way: Vec::new() }
}

/// Stops a delivery, or marks it where an attempt is under way.
async fn stop(tx: &mut SqliteTransaction<'_>, delivery: Uuid, rule: &str, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE delivery SET stop_rule = ? WHERE id = ?")
        .bind(rule)
        .bind(delivery.to_string())
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE delivery SET state = 'stopped', stopped_at = ?2, last_reason = stop_rule, delivered_at = NULL, \
         lease = NULL, lease_until = NULL WHERE id = ?1 AND (lease_until IS NULL OR lease_until <= ?2)",
    )
    .bind(delivery.to_string())
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE attempt SET finished_at = ?2, outcome = 'unknown', reason = 'no answer was recorded' \
         WHERE delivery_id = ?1 AND finished_at IS NULL \
           AND EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND state = 'stopped')",
    )
    .bind(delivery.to_string())
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Stops earlier copies that are out of force (CS-21), as far as they have not gone yet.
pub(super) async fn out_of_force(
    tx: &mut SqliteTransaction<'_>,
    deliveries: &[Uuid],
    now: Timestamp,
) -> Result<(), StoreError> {
    for delivery in deliveries {
        let waits: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM delivery WHERE id = ? AND stop_rule IS NULL AND (state IN ('pending', 'failed') \
             OR (state = 'delivered' AND channel = 'inbox' AND read_at IS NULL))",
        )
        .bind(delivery.to_string())
        .fetch_optional(&mut **tx)
        .await?;
        if waits.is_some() {
            stop(tx, *delivery, "CS-21", now).await?;
        }
    }
    Ok(())
}

/// Gives the new copy the place of the old one, so that what follows to the same recipient does not overtake it. An old
/// one with an attempt under way keeps its place: the copy waits behind it.
async fn put_in_place(tx: &mut SqliteTransaction<'_>, old: Uuid, new: &Enqueued) -> Result<(), StoreError> {
    let (old, new) = (old.to_string(), new.id().to_string());
    sqlx::query("UPDATE delivery SET replaced_by = ? WHERE id = ?").bind(&new).bind(&old).execute(&mut **tx).await?;
    sqlx::query("UPDATE delivery SET opened_by = (SELECT opened_by FROM delivery WHERE id = ?2) WHERE id = ?1")
        .bind(&new)
        .bind(&old)
        .execute(&mut **tx)
        .await?;
    let place = "SELECT seq FROM delivery WHERE id = ?1 AND (state = 'stopped' OR id = ?2)";
    let first: Option<i64> = sqlx::query_scalar(place).bind(&old).bind(&new).fetch_optional(&mut **tx).await?;
    let second: Option<i64> = sqlx::query_scalar(place).bind(&new).bind(&new).fetch_optional(&mut **tx).await?;
    let (Some(first), Some(second)) = (first, second) else { return Ok(()) };
    for (id, seq) in [(&old, -1), (&new, first), (&old, second)] {
        sqlx::query("UPDATE delivery SET seq = ? WHERE id = ?").bind(seq).bind(id).execute(&mut **tx).await?;
    }
    Ok(())
}

/// A delivery that was to be replaced has gone after all: its replacement does not follow it.
pub(super) async fn drop_replacement(
    tx: &mut SqliteTransaction<'_>,
    gone: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE delivery SET state = 'stopped', stopped_at = ?2, stop_rule = 'CS-17', \
         last_reason = 'the copy before it had gone' \
         WHERE state = 'pending' AND id = (SELECT replaced_by FROM delivery WHERE id = ?1)",
    )
    .bind(gone.to_string())
    .bind(millis(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Attempts that were under way when their delivery was to be stopped, and that nobody ever finished; and whatever rests
/// on something that has run out.
const OVERDUE: &str = "\
    SELECT id, message_id, recipient, kind, person_key, COALESCE(stop_rule, 'CS-18'), \
           EXISTS (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.finished_at IS NULL) \
    FROM delivery \
    WHERE (state = 'pending' AND stop_rule IS NOT NULL AND (lease_until IS NULL OR lease_until <= ?1)) \
    UNION ALL \
    SELECT id, message_id, recipient, kind, person_key, 'CS-18', \
           EXISTS (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.finished_at IS NULL) \
    FROM delivery \
    WHERE relied_until IS NOT NULL AND state <> 'stopped' AND relied_until <= ?1 AND stop_rule IS NULL \
      AND (lease_until IS NULL OR lease_until <= ?1) \
      AND (state = 'pending' OR (state = 'delivered' AND channel = 'inbox' AND read_at IS NULL))";

/// Stops what may no longer be sent, and says what.
pub(super) async fn sweep(tx: &mut SqliteTransaction<'_>, now: Timestamp) -> Result<Vec<Stopped>, StoreError> {
    let rows = sqlx::query(OVERDUE).bind(millis(now)).fetch_all(&mut **tx).await?;
    let mut stopped = Vec::with_capacity(rows.len());
    for row in &rows {
        let item = Stopped {
            delivery: uuid(row.try_get(0)?)?,
            message: message_id(row.try_get(1)?)?,
            recipient: party(row.try_get(2)?)?,
            kind: DocumentKind::from_code(row.try_get(3)?).ok_or(StoreError::Corrupt("document kind"))?,
            person: PersonKey::from_digest(row.try_get(4)?),
            rule: row.try_get(5)?,
            may_have_gone: row.try_get(6)?,
        };
        stop(tx, item.delivery, &item.rule, now).await?;
        stopped.push(item);
    }
    Ok(stopped)
}
