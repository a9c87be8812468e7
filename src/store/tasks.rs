//! How requests stand with their recipients: the tasks as they are now, and every step that led there.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteTransaction};
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{StoreError, TasksWanted};
use crate::model::{DocumentKind, PartyId, PersonKey, RequestTask, TaskStep};

/// The columns of a task, in the order in which [`task_of`] reads them.
macro_rules! columns {
    () => {
        "id, request_id, identifier, kind, person_key, requester, owner, role, status, version, opened_at, changed_at, \
         reason"
    };
}

const OF_PERSON: &str =
    concat!("SELECT ", columns!(), " FROM request_task WHERE person_key = ? ORDER BY opened_at, id");
const STEPS: &str = "SELECT id, task_id, version, from_status, to_status, by_party, agent, at, recorded_at, reason, \
                     message_id FROM task_step WHERE task_id = ? ORDER BY version";

/// Whoever only knows of a request leaves nothing undone.
const ORPHANS: &str = "id IN (SELECT id FROM request_task WHERE role IN ('responsible', 'crisis', 'addressee') \
                       AND status NOT IN ('redirected', 'declined', 'completed', 'cancelled-by-requester', \
                                          'cancelled-by-owner', 'entered-in-error') \
                       AND owner NOT IN (SELECT value FROM json_each(";

pub(super) async fn of_person(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
) -> Result<Vec<RequestTask>, StoreError> {
    let rows = sqlx::query(OF_PERSON).bind(person.as_str()).fetch_all(&mut **tx).await?;
    rows.iter().map(task_of).collect()
}

pub(super) async fn find(store: &SqliteStore, id: Uuid) -> Result<Option<(RequestTask, Vec<TaskStep>)>, StoreError> {
    let Some(task) = list(store, &TasksWanted::Ids(vec![id])).await?.pop() else { return Ok(None) };
    let rows = sqlx::query(STEPS).bind(id.to_string()).fetch_all(store.readers()).await?;
    Ok(Some((task, rows.iter().map(step_of).collect::<Result<_, _>>()?)))
}

pub(super) async fn list(store: &SqliteStore, wanted: &TasksWanted) -> Result<Vec<RequestTask>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(concat!("SELECT ", columns!(), " FROM request_task WHERE "));
    match wanted {
        TasksWanted::Request(message) => query.push("request_id = ").push_bind(message.as_str().to_owned()),
        TasksWanted::Owner(owner) => query.push("owner = ").push_bind(owner.as_str().to_owned()),
        TasksWanted::Requester(requester, identifier) => {
            query.push("requester = ").push_bind(requester.as_str().to_owned());
            if let Some(identifier) = identifier {
                query.push(" AND identifier = ").push_bind(identifier.clone());
            }
            &mut query
        }
        TasksWanted::Ids(ids) => {
            query.push("id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(id.to_string());
            }
            query.push(")")
        }
        TasksWanted::Orphans { present } => {
            let present: Vec<&str> = present.iter().map(PartyId::as_str).collect();
            let present = serde_json::to_string(&present).map_err(|_| StoreError::Corrupt("party"))?;
            query.push(ORPHANS).push_bind(present).push(")) LIMIT 500)")
        }
    };
    query.push(" ORDER BY opened_at DESC, id");
    query.build().fetch_all(store.readers()).await?.iter().map(task_of).collect()
}

/// Stores tasks as they are now, and the steps they took.
pub(super) async fn store(
    tx: &mut SqliteTransaction<'_>,
    tasks: &[RequestTask],
    steps: &[TaskStep],
) -> Result<(), StoreError> {
    for task in tasks {
        sqlx::query(
            "INSERT INTO request_task (id, request_id, identifier, kind, person_key, requester, owner, role, status, \
             version, opened_at, changed_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET person_key = excluded.person_key, role = excluded.role, status = excluded.status, version = excluded.version, \
             changed_at = excluded.changed_at, reason = excluded.reason",
        )
        .bind(task.id.to_string())
        .bind(task.request.as_str())
        .bind(&task.identifier)
        .bind(task.kind.code())
        .bind(task.person.as_str())
        .bind(task.requester.as_str())
        .bind(task.owner.as_str())
        .bind(&task.role)
        .bind(&task.status)
        .bind(task.version)
        .bind(millis(task.opened))
        .bind(millis(task.changed))
        .bind(&task.reason)
        .execute(&mut **tx)
        .await?;
    }
    for step in steps {
        sqlx::query(
            "INSERT INTO task_step (id, task_id, version, from_status, to_status, by_party, agent, at, recorded_at, \
             reason, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(step.id.to_string())
        .bind(step.task.to_string())
        .bind(step.version)
        .bind(&step.from)
        .bind(&step.to)
        .bind(step.by.as_str())
        .bind(&step.agent)
        .bind(millis(step.at))
        .bind(millis(step.recorded))
        .bind(&step.reason)
        .bind(step.message.as_ref().map(|id| id.as_str().to_owned()))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The task that a step with this id was taken on.
pub(super) async fn of_step(store: &SqliteStore, step: Uuid) -> Result<Option<Uuid>, StoreError> {
    let row = sqlx::query("SELECT task_id FROM task_step WHERE id = ?").bind(step.to_string());
    let row = row.fetch_optional(store.readers()).await?;
    row.map(|row| uuid(row.try_get(0)?)).transpose()
}

fn task_of(row: &SqliteRow) -> Result<RequestTask, StoreError> {
    Ok(RequestTask {
        id: uuid(row.try_get(0)?)?,
        request: message_id(row.try_get(1)?)?,
        identifier: row.try_get(2)?,
        kind: DocumentKind::from_code(row.try_get(3)?).ok_or(StoreError::Corrupt("document kind"))?,
        person: PersonKey::from_digest(row.try_get(4)?),
        requester: party(row.try_get(5)?)?,
        owner: party(row.try_get(6)?)?,
        role: row.try_get(7)?,
        status: row.try_get(8)?,
        version: row.try_get(9)?,
        opened: timestamp(row.try_get(10)?)?,
        changed: timestamp(row.try_get(11)?)?,
        reason: row.try_get(12)?,
    })
}

fn step_of(row: &SqliteRow) -> Result<TaskStep, StoreError> {
    Ok(TaskStep {
        id: uuid(row.try_get(0)?)?,
        task: uuid(row.try_get(1)?)?,
        version: row.try_get(2)?,
        from: row.try_get(3)?,
        to: row.try_get(4)?,
        by: party(row.try_get(5)?)?,
        agent: row.try_get(6)?,
        at: timestamp(row.try_get(7)?)?,
        recorded: timestamp(row.try_get(8)?)?,
        reason: row.try_get(9)?,
        message: row.try_get::<Option<&str>, _>(10)?.map(message_id).transpose()?,
    })
}
