//! The audit log's rows: appended in a chain of hashes inside the caller's transaction, read back in order.
//! What an entry says is `audit`'s business; that none changes unseen is decided by the chain.

use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteTransaction};

use super::sqlite::{SqliteStore, millis};
use super::{AuditRecord, StoreError, StoredAudit};
use crate::outbox::PersonKey;

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Hash of an entry: SHA-256 over the hash before it, its number, its time and its text, each ended by a newline,
/// so that no two different entries give the same bytes.
#[must_use]
pub fn link(prev: &str, seq: i64, at: i64, body: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [prev, &seq.to_string(), &at.to_string(), body] {
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    format!("{:x}", hasher.finalize())
}

/// Appends entries at the end of the chain, in the transaction of whatever they tell of.
pub(super) async fn append(tx: &mut SqliteTransaction<'_>, records: &[AuditRecord]) -> Result<(), StoreError> {
    let head = sqlx::query("SELECT seq, hash FROM audit_head").fetch_optional(&mut **tx).await?;
    let (mut seq, mut prev) = match head {
        Some(row) => (row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?),
        None => (0, GENESIS.to_owned()),
    };
    for record in records {
        seq += 1;
        let at = millis(record.at);
        let hash = link(&prev, seq, at, &record.body);
        sqlx::query("INSERT INTO audit (seq, at, body, prev, hash) VALUES (?, ?, ?, ?, ?)")
            .bind(seq)
            .bind(at)
            .bind(&record.body)
            .bind(&prev)
            .bind(&hash)
            .execute(&mut **tx)
            .await?;
        prev = hash;
    }
    sqlx::query("INSERT INTO audit_head (one, seq, hash) VALUES (1, ?1, ?2) ON CONFLICT (one) DO UPDATE SET seq = ?1, hash = ?2")
        .bind(seq)
        .bind(&prev)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn page(store: &SqliteStore, after: i64, limit: u32) -> Result<Vec<StoredAudit>, StoreError> {
    let rows = sqlx::query("SELECT seq, at, body, prev, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
        .bind(after)
        .bind(limit)
        .fetch_all(store.readers())
        .await?;
    rows.iter().map(entry_of).collect()
}

/// Entries that name the person's pseudonym, and those of deliveries about the person; each once, in order.
const ABOUT: &str = "\
    SELECT seq, at, body, prev, hash FROM audit WHERE json_extract(body, '$.person') = ?1 \
    UNION \
    SELECT a.seq, a.at, a.body, a.prev, a.hash FROM delivery d \
    JOIN audit a ON json_extract(a.body, '$.delivery') = d.id WHERE d.person_key = ?1 \
    ORDER BY 1";

pub(super) async fn about(store: &SqliteStore, person: &PersonKey) -> Result<Vec<StoredAudit>, StoreError> {
    let rows = sqlx::query(ABOUT).bind(person.as_str()).fetch_all(store.readers()).await?;
    rows.iter().map(entry_of).collect()
}

/// Reads the five columns of an entry, in the order in which both queries name them.
fn entry_of(row: &SqliteRow) -> Result<StoredAudit, StoreError> {
    Ok(StoredAudit {
        seq: row.try_get(0)?,
        at: row.try_get(1)?,
        body: row.try_get(2)?,
        prev: row.try_get(3)?,
        hash: row.try_get(4)?,
    })
}

pub(super) async fn head(store: &SqliteStore) -> Result<Option<(i64, String)>, StoreError> {
    let row = sqlx::query("SELECT seq, hash FROM audit_head").fetch_optional(store.readers()).await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}
