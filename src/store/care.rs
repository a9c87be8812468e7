//! Events and clocks of a person's care: read in one snapshot, changed only from the revision they were decided on.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteTransaction};

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{
    Care, CareChanges, CareCommit, CareStored, ClocksWanted, StoreError, audit_log, decisions, messages, queue,
    records, tasks, versions,
};
use crate::model::{CareEvent, Clock, ClockState, EventKind, MessageId, PersonKey};

/// The columns of an event, in the order in which [`event_of`] reads them.
macro_rules! event_columns {
    () => {
        "id, kind, at, recorded_at, person_key, request_id, message_id, by_party, team, detail, seq"
    };
}

/// The columns of a clock, in the order in which [`clock_of`] reads them.
macro_rules! clock_columns {
    () => {
        "id, rule, person_key, request_id, owner, started_at, due_at, state, paused_at, paused_reason, ended_at, \
         warned_at, escalated_at"
    };
}

const EVENTS_OF: &str = concat!("SELECT ", event_columns!(), " FROM care_event WHERE person_key = ? ORDER BY seq");
const EVENTS_AFTER: &str = concat!("SELECT ", event_columns!(), " FROM care_event WHERE seq > ? ORDER BY seq LIMIT ?");
const FALLBACKS: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM care_event WHERE kind = 'referral-received' AND json_extract(detail, '$.fallback') = 'yes' \
      ORDER BY seq DESC LIMIT ?"
);
const CLOCKS_OF: &str =
    concat!("SELECT ", clock_columns!(), " FROM clock WHERE person_key = ? ORDER BY started_at, id");
pub(super) const EVENTS_BETWEEN: &str =
    concat!("SELECT ", event_columns!(), " FROM care_event WHERE person_key BETWEEN ? AND ? ORDER BY person_key, seq");
pub(super) const CLOCKS_BETWEEN: &str = concat!(
    "SELECT ",
    clock_columns!(),
    " FROM clock WHERE person_key BETWEEN ? AND ? ORDER BY person_key, started_at, id"
);
const CLOCKS_OPEN: &str = concat!(
    "SELECT ",
    clock_columns!(),
    " FROM clock WHERE state IN ('running', 'paused') AND (?1 IS NULL OR owner = ?1) ORDER BY due_at, id LIMIT ?2"
);
const CLOCKS_DUE: &str = concat!(
    "SELECT ",
    clock_columns!(),
    " FROM clock WHERE state = 'running' AND escalated_at IS NULL AND due_at <= ?1 \
      AND (warned_at IS NULL OR due_at < ?2) AND (?3 IS NULL OR (due_at, id) > (?3, ?4)) ORDER BY due_at, id LIMIT ?5"
);

pub(super) async fn of_person(store: &SqliteStore, person: &PersonKey) -> Result<Care, StoreError> {
    // One snapshot: a revision must not be of another moment than what it counts.
    let mut tx = store.readers().begin().await?;
    let events = sqlx::query(EVENTS_OF).bind(person.as_str()).fetch_all(&mut *tx).await?;
    let clocks = sqlx::query(CLOCKS_OF).bind(person.as_str()).fetch_all(&mut *tx).await?;
    let care = Care {
        revision: revision(&mut tx, person).await?,
        events: events.iter().map(event_of).collect::<Result<_, _>>()?,
        clocks: clocks.iter().map(clock_of).collect::<Result<_, _>>()?,
        tasks: tasks::of_person(&mut tx, person).await?,
    };
    tx.rollback().await?;
    Ok(care)
}

async fn revision(tx: &mut SqliteTransaction<'_>, person: &PersonKey) -> Result<i64, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT revision FROM person_care WHERE person_key = ?")
        .bind(person.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(found.unwrap_or(0))
}

/// Whether the person's care has changed since these changes were decided.
pub(super) async fn is_stale(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    changes: &CareChanges,
) -> Result<bool, StoreError> {
    if let Some(newest) = &changes.newest
        && !versions::is_newest(tx, newest).await?
    {
        return Ok(true);
    }
    if changes.is_empty() {
        return Ok(false);
    }
    let decided_on_other_wishes = match changes.wishes {
        Some(wishes) => records::revision(tx, person).await? != wishes,
        None => false,
    };
    Ok(decided_on_other_wishes || revision(tx, person).await? != changes.based_on)
}

pub(super) async fn commit(store: &SqliteStore, commit: CareCommit) -> Result<CareStored, StoreError> {
    let CareCommit { person, at, changes, deliveries, audit } = commit;
    let mut tx = store.write().await?;
    if is_stale(&mut tx, &person, &changes).await? {
        return Ok(CareStored::Stale);
    }
    audit_log::append(&mut tx, &audit).await?;
    for (message, delivery) in &deliveries {
        messages::insert(&mut tx, message, at, delivery).await?;
    }
    self::store(&mut tx, &person, &changes, at).await?;
    tx.commit().await?;
    Ok(CareStored::Stored)
}

/// Stores changes whose revision was looked at in this transaction.
pub(super) async fn store(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    changes: &CareChanges,
    at: Timestamp,
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO person_care (person_key, revision) VALUES (?, 1) \
         ON CONFLICT (person_key) DO UPDATE SET revision = revision + 1",
    )
    .bind(person.as_str())
    .execute(&mut **tx)
    .await?;
    for event in &changes.events {
        insert_event(tx, event).await?;
    }
    for clock in &changes.clocks {
        put_clock(tx, clock).await?;
    }
    tasks::store(tx, &changes.tasks, &changes.steps).await?;
    queue::out_of_force(tx, &changes.out_of_force, at).await?;
    for (message, notice) in &changes.notices {
        messages::insert(tx, message, at, notice).await?;
    }
    decisions::insert_all(tx, person, &changes.decisions).await
}

async fn insert_event(tx: &mut SqliteTransaction<'_>, event: &CareEvent) -> Result<(), StoreError> {
    let detail = serde_json::to_string(&event.detail).map_err(|_| StoreError::Corrupt("event detail"))?;
    sqlx::query(
        "INSERT INTO care_event (id, kind, at, recorded_at, person_key, request_id, message_id, by_party, team, detail) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(event.id.to_string())
    .bind(event.kind.code())
    .bind(millis(event.at))
    .bind(millis(event.recorded))
    .bind(event.person.as_str())
    .bind(event.request.as_ref().map(|id| id.as_str().to_owned()))
    .bind(event.message.as_ref().map(|id| id.as_str().to_owned()))
    .bind(event.by.as_str())
    .bind(event.team.as_ref().map(|id| id.as_str().to_owned()))
    .bind(detail)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put_clock(tx: &mut SqliteTransaction<'_>, clock: &Clock) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO clock (id, rule, person_key, request_id, owner, started_at, due_at, state, paused_at, \
         paused_reason, ended_at, warned_at, escalated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, due_at = excluded.due_at, state = excluded.state, \
         paused_at = excluded.paused_at, paused_reason = excluded.paused_reason, ended_at = excluded.ended_at, \
         warned_at = excluded.warned_at, escalated_at = excluded.escalated_at",
    )
    .bind(clock.id.to_string())
    .bind(&clock.rule)
    .bind(clock.person.as_str())
    .bind(clock.request.as_ref().map(|id| id.as_str().to_owned()))
    .bind(clock.owner.as_str())
    .bind(millis(clock.started))
    .bind(millis(clock.due))
    .bind(clock.state.code())
    .bind(clock.paused.as_ref().map(|(since, _)| millis(*since)))
    .bind(clock.paused.as_ref().map(|(_, reason)| reason.clone()))
    .bind(clock.ended.map(millis))
    .bind(clock.warned.map(millis))
    .bind(clock.escalated.map(millis))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn events_page(
    store: &SqliteStore,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, CareEvent)>, StoreError> {
    let rows = sqlx::query(EVENTS_AFTER).bind(after).bind(limit).fetch_all(store.readers()).await?;
    rows.iter().map(|row| Ok((row.try_get(10)?, event_of(row)?))).collect()
}

pub(super) async fn clocks(store: &SqliteStore, wanted: &ClocksWanted, limit: u32) -> Result<Vec<Clock>, StoreError> {
    let query = match wanted {
        ClocksWanted::Open { owner } => {
            sqlx::query(CLOCKS_OPEN).bind(owner.as_ref().map(|id| id.as_str().to_owned())).bind(limit)
        }
        ClocksWanted::Due { now, warn, after } => sqlx::query(CLOCKS_DUE)
            .bind(millis(*warn))
            .bind(millis(*now))
            .bind(after.map(|(due, _)| millis(due)))
            .bind(after.map(|(_, id)| id.to_string()))
            .bind(limit),
    };
    query.fetch_all(store.readers()).await?.iter().map(clock_of).collect()
}

/// The request itself is an event where it asks a team to take somebody on, and else, as a handover, a task alone.
const PERSON_OF: &str = "SELECT person_key FROM care_event WHERE request_id = ?1 OR message_id = ?1 \
                         UNION SELECT person_key FROM request_task WHERE request_id = ?1 LIMIT 1";

/// Whom a request is about, as far as events and tasks tell.
pub(super) async fn person_of(store: &SqliteStore, request: &MessageId) -> Result<Option<PersonKey>, StoreError> {
    let found: Option<String> =
        sqlx::query_scalar(PERSON_OF).bind(request.as_str()).fetch_optional(store.readers()).await?;
    Ok(found.map(PersonKey::from_digest))
}

pub(super) async fn fallbacks(store: &SqliteStore, limit: u32) -> Result<Vec<CareEvent>, StoreError> {
    let rows = sqlx::query(FALLBACKS).bind(limit).fetch_all(store.readers()).await?;
    rows.iter().map(event_of).collect()
}

pub(super) fn event_of(row: &SqliteRow) -> Result<CareEvent, StoreError> {
    let message = |column: usize| -> Result<Option<MessageId>, StoreError> {
        row.try_get::<Option<&str>, _>(column)?.map(message_id).transpose()
    };
    Ok(CareEvent {
        id: uuid(row.try_get(0)?)?,
        kind: EventKind::from_code(row.try_get(1)?).ok_or(StoreError::Corrupt("event kind"))?,
        at: timestamp(row.try_get(2)?)?,
        recorded: timestamp(row.try_get(3)?)?,
        person: PersonKey::from_digest(row.try_get(4)?),
        request: message(5)?,
        message: message(6)?,
        by: party(row.try_get(7)?)?,
        team: row.try_get::<Option<&str>, _>(8)?.map(party).transpose()?,
        detail: serde_json::from_str(row.try_get(9)?).map_err(|_| StoreError::Corrupt("event detail"))?,
    })
}

pub(super) fn clock_of(row: &SqliteRow) -> Result<Clock, StoreError> {
    let time = |column: usize| -> Result<Option<Timestamp>, StoreError> {
        row.try_get::<Option<i64>, _>(column)?.map(timestamp).transpose()
    };
    Ok(Clock {
        id: uuid(row.try_get(0)?)?,
        rule: row.try_get(1)?,
        person: PersonKey::from_digest(row.try_get(2)?),
        request: row.try_get::<Option<&str>, _>(3)?.map(message_id).transpose()?,
        owner: party(row.try_get(4)?)?,
        started: timestamp(row.try_get(5)?)?,
        due: timestamp(row.try_get(6)?)?,
        state: ClockState::from_code(row.try_get(7)?).ok_or(StoreError::Corrupt("clock state"))?,
        paused: time(8)?.zip(row.try_get::<Option<String>, _>(9)?),
        ended: time(10)?,
        warned: time(11)?,
        escalated: time(12)?,
    })
}
