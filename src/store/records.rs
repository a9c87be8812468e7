//! Records about persons: versions kept for good, one of each id holding now. A change commits with the new fate of what is
//! queued about the person.

use std::sync::Arc;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteTransaction};
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{
    Changed, Kept, NewRecord, PersonRecord, Reconsider, RecordChange, RecordKind, StoreError, audit_log, held, queue,
    reviews,
};
use crate::outbox::PersonKey;

/// The columns of a record, in the order in which [`record_of`] reads them.
macro_rules! columns {
    () => {
        "r.id, r.version, r.kind, r.recorder, r.agent, r.recorded_at, r.status, r.origin, r.message_id, r.body"
    };
}
pub(super) use columns;

/// How many columns a record has.
pub(super) const WIDTH: usize = 10;

const HOLDS: &str =
    concat!("SELECT ", columns!(), " FROM person_record r WHERE r.person_key = ? AND r.current = 1 ORDER BY r.seq");

const ONE: &str = concat!(
    "SELECT ",
    columns!(),
    ", r.person_key FROM person_record r WHERE r.id = ?1 AND (r.version = ?2 OR (?2 IS NULL AND r.current = 1))"
);

pub(super) async fn kept(store: &SqliteStore, person: &PersonKey) -> Result<Kept, StoreError> {
    // One snapshot: a revision must not be of another moment than its records.
    let mut tx = store.readers().begin().await?;
    let kept = Kept { revision: revision(&mut tx, person).await?, records: holding(&mut tx, person).await? };
    tx.rollback().await?;
    Ok(kept)
}

pub(super) async fn revision(tx: &mut SqliteTransaction<'_>, person: &PersonKey) -> Result<i64, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM person_record WHERE person_key = ?")
        .bind(person.as_str())
        .fetch_one(&mut **tx)
        .await?;
    Ok(found.unwrap_or(0))
}

/// What holds now, in the order in which it was recorded.
pub(super) async fn holding(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
) -> Result<Vec<PersonRecord>, StoreError> {
    let rows = sqlx::query(HOLDS).bind(person.as_str()).fetch_all(&mut **tx).await?;
    rows.iter().map(record_of).collect()
}

pub(super) async fn find(
    store: &SqliteStore,
    id: Uuid,
    version: Option<u32>,
) -> Result<Option<(PersonKey, PersonRecord)>, StoreError> {
    let row = sqlx::query(ONE).bind(id.to_string()).bind(version).fetch_optional(store.readers()).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((PersonKey::from_digest(row.try_get(WIDTH)?), record_of(&row)?)))
}

pub(super) async fn change(
    store: &SqliteStore,
    change: RecordChange,
    reconsider: Arc<dyn Reconsider>,
) -> Result<Changed, StoreError> {
    let RecordChange { person, based_on, at, records, review, audit, opened } = change;
    let ahead = queue::ahead(store, &person, based_on, &records, &reconsider).await?;
    let mut tx = store.write().await?;
    if revision(&mut tx, &person).await? != based_on {
        return Ok(Changed::Stale);
    }
    if let Some(opened) = &opened
        && held::accepted(&mut tx, &person).await? != opened.accepted
    {
        return Ok(Changed::Stale);
    }
    if let Some(reviewed) = &review
        && !reviews::close(&mut tx, reviewed, at).await?
    {
        return Ok(Changed::AlreadyReviewed);
    }
    insert_all(&mut tx, &person, &records).await?;
    audit_log::append(&mut tx, &audit).await?;
    let stopped =
        if records.is_empty() { 0 } else { queue::reconsider(&mut tx, &person, reconsider, ahead, at).await? };
    let spared = match &opened {
        // After the queue: a copy that was stopped just now spares none.
        Some(opened) => held::open(&mut tx, &person, opened, at).await?,
        None => Vec::new(),
    };
    tx.commit().await?;
    Ok(Changed::Stored { stopped, spared })
}

/// What will hold once the new records are stored, in the order in which [`holding`] will give it.
pub(super) fn after(mut holds: Vec<PersonRecord>, new: &[NewRecord]) -> Vec<PersonRecord> {
    let replaced = |id: &Uuid| new.iter().any(|one| one.record.id == *id || one.replaces.contains(id));
    holds.retain(|record| !replaced(&record.id));
    holds.extend(new.iter().map(|one| one.record.clone()));
    holds
}

/// Stores new versions, each in the place of what it replaces.
pub(super) async fn insert_all(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    records: &[NewRecord],
) -> Result<(), StoreError> {
    // All that is replaced goes first: several records of one list replace the same ones.
    for NewRecord { record, replaces, .. } in records {
        for id in replaces.iter().chain([&record.id]) {
            sqlx::query("UPDATE person_record SET current = 0 WHERE id = ? AND person_key = ? AND current = 1")
                .bind(id.to_string())
                .bind(person.as_str())
                .execute(&mut **tx)
                .await?;
        }
    }
    for NewRecord { record, to_review, .. } in records {
        sqlx::query(
            "INSERT INTO person_record (id, version, person_key, kind, recorder, agent, recorded_at, status, origin, \
             message_id, current, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        )
        .bind(record.id.to_string())
        .bind(record.version)
        .bind(person.as_str())
        .bind(record.kind.code())
        .bind(record.recorder.as_str())
        .bind(&record.agent)
        .bind(millis(record.recorded))
        .bind(&record.status)
        .bind(&record.origin)
        .bind(record.message.as_ref().map(|id| id.as_str().to_owned()))
        .bind(&record.body)
        .execute(&mut **tx)
        .await?;
        if *to_review {
            reviews::open(tx, record).await?;
        }
    }
    Ok(())
}

/// Reads the first columns of a row, which are those of [`columns`].
pub(super) fn record_of(row: &SqliteRow) -> Result<PersonRecord, StoreError> {
    let message: Option<&str> = row.try_get(8)?;
    Ok(PersonRecord {
        id: uuid(row.try_get(0)?)?,
        version: row.try_get(1)?,
        kind: RecordKind::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("record kind"))?,
        recorder: party(row.try_get(3)?)?,
        agent: row.try_get(4)?,
        recorded: timestamp(row.try_get(5)?)?,
        status: row.try_get(6)?,
        origin: row.try_get(7)?,
        message: message.map(message_id).transpose()?,
        body: row.try_get(9)?,
    })
}
