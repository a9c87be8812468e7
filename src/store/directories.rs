//! Versions of the directory: the text of each, who made it and when. Knows no directory: a text is a text.

use jiff::Timestamp;
use sqlx::Row;

use super::sqlite::{SqliteStore, millis, party, timestamp};
use super::{AuditRecord, StoreError, audit_log};
use crate::model::{MessageId, PartyId};

/// Where a version came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectorySource {
    /// The file of the configuration.
    File,
    Import,
    /// A party changed its own entry.
    Entry,
}

impl DirectorySource {
    /// The code it is kept under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Import => "import",
            Self::Entry => "entry",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::File, Self::Import, Self::Entry].into_iter().find(|source| source.code() == code)
    }
}

/// A directory to be kept.
#[derive(Clone)]
pub struct NewDirectory {
    /// The version it was made from, 0 for none; on any other nothing is kept.
    pub based_on: i64,
    pub at: Timestamp,
    pub source: DirectorySource,
    pub by: PartyId,
    /// Client or portal user that acted.
    pub agent: String,
    pub digest: String,
    /// The whole of it, hashes of secrets included.
    pub text: String,
}

impl std::fmt::Debug for NewDirectory {
    /// Without the text, which holds hashes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDirectory")
            .field("based_on", &self.based_on)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// What is known of a version without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryVersion {
    pub number: i64,
    pub at: Timestamp,
    pub source: DirectorySource,
    pub by: PartyId,
    pub agent: String,
    pub digest: String,
}

/// Under what a message was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecidedUnder {
    /// `None` for messages from before versions were kept.
    pub directory: Option<i64>,
    pub received: Timestamp,
}

pub(super) async fn put(store: &SqliteStore, new: NewDirectory, audit: AuditRecord) -> Result<Option<i64>, StoreError> {
    let mut tx = store.write().await?;
    let row = sqlx::query("SELECT COALESCE(MAX(number), 0) FROM directory_version").fetch_one(&mut *tx).await?;
    let latest: i64 = row.try_get(0)?;
    if latest != new.based_on {
        return Ok(None);
    }
    let number = latest + 1;
    sqlx::query(
        "INSERT INTO directory_version (number, made_at, source, by_party, agent, digest, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(number)
    .bind(millis(new.at))
    .bind(new.source.code())
    .bind(new.by.as_str())
    .bind(&new.agent)
    .bind(&new.digest)
    .bind(&new.text)
    .execute(&mut *tx)
    .await?;
    audit_log::append(&mut tx, &[audit]).await?;
    tx.commit().await?;
    Ok(Some(number))
}

pub(super) async fn at(store: &SqliteStore, number: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT text FROM directory_version WHERE number = ?").bind(number);
    row.fetch_optional(store.readers()).await?.map(|row| Ok(row.try_get(0)?)).transpose()
}

pub(super) async fn list(store: &SqliteStore) -> Result<Vec<DirectoryVersion>, StoreError> {
    let rows = sqlx::query(
        "SELECT number, made_at, source, by_party, agent, digest FROM directory_version ORDER BY number DESC",
    )
    .fetch_all(store.readers())
    .await?;
    let version = |row: &sqlx::sqlite::SqliteRow| {
        Ok(DirectoryVersion {
            number: row.try_get(0)?,
            at: timestamp(row.try_get(1)?)?,
            source: DirectorySource::from_code(row.try_get(2)?).ok_or(StoreError::Corrupt("directory source"))?,
            by: party(row.try_get(3)?)?,
            agent: row.try_get(4)?,
            digest: row.try_get(5)?,
        })
    };
    rows.iter().map(version).collect()
}

pub(super) async fn of_message(store: &SqliteStore, id: &MessageId) -> Result<Option<DecidedUnder>, StoreError> {
    let row = sqlx::query("SELECT directory_version, received_at FROM message WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(store.readers())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(DecidedUnder { directory: row.try_get(0)?, received: timestamp(row.try_get(1)?)? }))
}
