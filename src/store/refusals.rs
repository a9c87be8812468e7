//! Why messages were not taken, for their senders to read again: the findings, never the message.

use sqlx::Row;

use super::sqlite::{SqliteStore, message_id, millis, party, timestamp};
use super::{AuditRecord, Refused, StoreError, audit_log};
use crate::model::{MessageId, PartyId};

/// Refusals kept of each sender; who sends more that is wrong reads the answers as they come.
const MOST: u32 = 500;

pub(super) async fn keep(store: &SqliteStore, refused: &Refused, audit: AuditRecord) -> Result<(), StoreError> {
    let findings = serde_json::to_string(&refused.findings).map_err(|_| StoreError::Corrupt("findings"))?;
    let mut tx = store.write().await?;
    sqlx::query("INSERT INTO refusal (message, sender, refused_at, findings) VALUES (?, ?, ?, ?)")
        .bind(refused.message.as_str())
        .bind(refused.sender.as_str())
        .bind(millis(refused.at))
        .bind(findings)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "DELETE FROM refusal WHERE sender = ?1 AND seq <= \
         (SELECT seq FROM refusal WHERE sender = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
    )
    .bind(refused.sender.as_str())
    .bind(MOST)
    .execute(&mut *tx)
    .await?;
    audit_log::append(&mut tx, &[audit]).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn find(store: &SqliteStore, sender: &PartyId, id: &MessageId) -> Result<Option<Refused>, StoreError> {
    let row = sqlx::query("SELECT message, sender, refused_at, findings FROM refusal WHERE message = ? AND sender = ?")
        .bind(id.as_str())
        .bind(sender.as_str())
        .fetch_optional(store.readers())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Refused {
        message: message_id(row.try_get(0)?)?,
        sender: party(row.try_get(1)?)?,
        at: timestamp(row.try_get(2)?)?,
        findings: serde_json::from_str(row.try_get(3)?).map_err(|_| StoreError::Corrupt("findings"))?,
    }))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::model::{Issue, IssueCode, MessageId, PartyId};
    use crate::store::{AuditRecord, Refused, SqliteStore, Store};

    #[tokio::test]
    async fn refusals_are_the_senders_own_and_the_oldest_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("test.db")).await.unwrap();
        let (sender, other) = (PartyId::parse("demo-gp").unwrap(), PartyId::parse("lpt").unwrap());
        let id = |n: u32| MessageId::parse(&format!("01900000-0000-7000-8000-{n:012}")).unwrap();
        let refused = |n: u32, sender: &PartyId| Refused {
            message: id(n),
            sender: sender.clone(),
            at: Timestamp::UNIX_EPOCH,
            findings: vec![Issue::error(IssueCode::Value, format!("Wrong {n}.")).at("Bundle.type").position(2, 5)],
        };
        let audit = || AuditRecord { at: Timestamp::UNIX_EPOCH, body: "{}".to_owned() };
        store.refuse(refused(0, &other), audit()).await.unwrap();
        for n in 1..=super::MOST + 2 {
            store.refuse(refused(n, &sender), audit()).await.unwrap();
        }
        assert_eq!(store.refused(&sender, &id(3)).await.unwrap(), Some(refused(3, &sender)));
        for (sender, n) in [(&sender, 1), (&sender, 2), (&sender, 0), (&other, 3)] {
            assert_eq!(store.refused(sender, &id(n)).await.unwrap(), None, "{n}");
        }
        assert!(store.refused(&other, &id(0)).await.unwrap().is_some());
    }
}
