//! Decisions as they were taken, kept beside what they let go, so that they can be replayed years later.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteTransaction};
use uuid::Uuid;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{NewDecision, StoreError};
use crate::model::MessageId;
use crate::outbox::PersonKey;

pub(super) async fn insert_all(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    decisions: &[NewDecision],
) -> Result<(), StoreError> {
    for decision in decisions {
        sqlx::query(
            "INSERT INTO decision (id, message_id, recipient, person_key, decided_at, policy, facts, answer) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(decision.id.to_string())
        .bind(decision.message.as_str())
        .bind(decision.recipient.as_str())
        .bind(person.as_str())
        .bind(millis(decision.at))
        .bind(&decision.policy)
        .bind(&decision.facts)
        .bind(&decision.answer)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn find(store: &SqliteStore, id: Uuid) -> Result<Option<NewDecision>, StoreError> {
    let row =
        sqlx::query("SELECT id, message_id, recipient, decided_at, policy, facts, answer FROM decision WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(store.readers())
            .await?;
    row.as_ref().map(decision_of).transpose()
}

pub(super) async fn of_message(store: &SqliteStore, message: &MessageId) -> Result<Vec<NewDecision>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, message_id, recipient, decided_at, policy, facts, answer FROM decision WHERE message_id = ? \
         ORDER BY seq",
    )
    .bind(message.as_str())
    .fetch_all(store.readers())
    .await?;
    rows.iter().map(decision_of).collect()
}

fn decision_of(row: &SqliteRow) -> Result<NewDecision, StoreError> {
    Ok(NewDecision {
        id: uuid(row.try_get(0)?)?,
        message: message_id(row.try_get(1)?)?,
        recipient: party(row.try_get(2)?)?,
        at: timestamp(row.try_get(3)?)?,
        policy: row.try_get(4)?,
        facts: row.try_get(5)?,
        answer: row.try_get(6)?,
    })
}
