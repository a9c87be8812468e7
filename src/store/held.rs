//! What is held about a person, and the copies an emergency opens of it (CS-10). A copy that its recipient has is not made
//! again; what may go, and whether one copy says as much as another, is decided elsewhere.

use jiff::Timestamp;
use sqlx::{Row, SqliteTransaction};

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp, uuid};
use super::{GivenCopy, HeldAbout, HeldDocument, Opened, Opening, Spared, StoreError, audit_log, decisions, messages};
use crate::model::{DocumentKind, PartyId};
use crate::outbox::{Channel, PersonKey};

/// Ranked before the bodies are read.
const LATEST: &str = "\
    WITH ranked AS ( \
        SELECT id, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY received_at DESC, id DESC) AS place \
        FROM message WHERE person_key = ?1 \
    ) \
    SELECT m.id, m.sender, m.kind, m.received_at, m.media_type, m.body \
    FROM ranked r JOIN message m ON m.id = r.id WHERE r.place <= ?2 ORDER BY m.kind, r.place";

/// Copies of the document itself: a request for missing items, which is of another kind, is none.
const GIVEN: &str = "\
    SELECT d.id, d.message_id, d.channel, d.withheld FROM delivery d JOIN message m ON m.id = d.message_id \
    WHERE d.person_key = ?1 AND d.recipient = ?2 AND d.kind = m.kind AND d.state IN ('pending', 'delivered') \
    ORDER BY d.seq DESC";

const PARTIES: &str = "\
    SELECT sender FROM message WHERE person_key = ?1 \
    UNION SELECT recipient FROM delivery WHERE person_key = ?1 AND state = 'delivered'";

/// The recipient has it: it has gone, or lies open for them, or goes before everything else.
const HAS: &str = "\
    SELECT EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND ( \
        (state = 'delivered' AND (channel = 'fhir' OR read_at IS NOT NULL OR relied_until IS NULL OR relied_until > ?2)) \
        OR (state = 'pending' AND priority = 0 AND stop_rule IS NULL AND (relied_until IS NULL OR relied_until > ?2))))";

pub(super) async fn about(
    store: &SqliteStore,
    person: &PersonKey,
    recipient: &PartyId,
    of_each: u32,
) -> Result<HeldAbout, StoreError> {
    // One snapshot: the number tells of the documents read with it.
    let mut tx = store.readers().begin().await?;
    let accepted = accepted(&mut tx, person).await?;
    let documents = sqlx::query(LATEST).bind(person.as_str()).bind(of_each).fetch_all(&mut *tx).await?;
    let given = sqlx::query(GIVEN).bind(person.as_str()).bind(recipient.as_str()).fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    let documents = documents.iter().map(|row| {
        Ok(HeldDocument {
            message: message_id(row.try_get(0)?)?,
            sender: party(row.try_get(1)?)?,
            kind: DocumentKind::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("document kind"))?,
            received: timestamp(row.try_get(3)?)?,
            media_type: row.try_get(4)?,
            body: row.try_get(5)?,
        })
    });
    let given = given.iter().map(|row| {
        Ok(GivenCopy {
            delivery: uuid(row.try_get(0)?)?,
            message: message_id(row.try_get(1)?)?,
            channel: Channel::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("channel"))?,
            withheld: serde_json::from_str(row.try_get(3)?).map_err(|_| StoreError::Corrupt("withheld"))?,
        })
    });
    Ok(HeldAbout {
        accepted,
        documents: documents.collect::<Result<_, StoreError>>()?,
        given: given.collect::<Result<_, StoreError>>()?,
    })
}

/// Who has sent something about the person that was accepted, or has been given something about them.
pub(super) async fn parties(store: &SqliteStore, person: &PersonKey) -> Result<Vec<PartyId>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar(PARTIES).bind(person.as_str()).fetch_all(store.readers()).await?;
    found.iter().map(|id| party(id)).collect()
}

/// How many messages about the person were accepted.
pub(super) async fn accepted(tx: &mut SqliteTransaction<'_>, person: &PersonKey) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM message WHERE person_key = ?");
    Ok(count.bind(person.as_str()).fetch_one(&mut **tx).await?)
}

/// Stores what is opened; gives what its recipient has already.
pub(super) async fn open(
    tx: &mut SqliteTransaction<'_>,
    person: &PersonKey,
    opened: &Opened,
    now: Timestamp,
) -> Result<Vec<Spared>, StoreError> {
    let mut spared = Vec::new();
    for Opening { copy, by, unless, decision, audit } in &opened.copies {
        let mut has = None;
        for other in unless {
            let found = sqlx::query_scalar(HAS).bind(other.to_string()).bind(millis(now)).fetch_one(&mut **tx).await?;
            if found {
                has = Some(*other);
                break;
            }
        }
        if let Some(has) = has {
            spared.push(Spared { copy: copy.id(), has });
            continue;
        }
        messages::insert(tx, &decision.message, now, copy).await?;
        sqlx::query("UPDATE delivery SET opened_by = ? WHERE id = ?")
            .bind(by.to_string())
            .bind(copy.id().to_string())
            .execute(&mut **tx)
            .await?;
        decisions::insert_all(tx, person, std::slice::from_ref(decision)).await?;
        audit_log::append(tx, audit).await?;
    }
    decisions::insert_all(tx, person, &opened.denied).await?;
    Ok(spared)
}
