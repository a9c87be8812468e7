//! SQLite as the embedded store: opening, migrating, one writer and several readers.
//! The queries themselves live beside this file, by subject.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr, SqliteTransaction};
use uuid::Uuid;

use super::{
    Acceptance, Accepted, AuditRecord, Care, CareCommit, CareStored, Changed, ClocksWanted, DecidedUnder,
    DeliveryStatus, DirectoryVersion, Earlier, HeldAbout, InboxItem, InboxPage, Kept, Leased, NewDecision,
    NewDirectory, PersonRecord, QueueAudit, Reconsider, RecordChange, Refused, ReviewItem, Session, Store, StoreError,
    StoredAudit, StoredMessage, TasksWanted, Version, audit_log, care, care_pages, decisions, deliveries, directories,
    held, inbox, messages, records, refusals, reviews, sessions, tasks, versions,
};
use crate::model::{CareEvent, Clock, MessageId, PartyId, RequestTask, TaskStep};
use crate::outbox::{Attempt, PersonKey};

/// The embedded store. WAL lets readers go on while one writer commits; full sync means that what was acknowledged
/// survives a power cut.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the database file, making folder and file when absent, and brings its tables up to date.
    ///
    /// # Errors
    /// When the folder cannot be made, the file is not a database of ours, or a migration fails.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, SqliteSynchronous::Full).await
    }

    /// The same without waiting for the disk: what was acknowledged does not survive a power cut. For simulations, whose
    /// database is thrown away; never for people.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_unsynced(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, SqliteSynchronous::Off).await
    }

    async fn open_with(path: &Path, synchronous: SqliteSynchronous) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(10));
        // SQLite has one writer at a time; queueing for it here is fairer than its own busy loop.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.clone())
            .await?;
        migrator().run(&writer).await.map_err(StoreError::Migration)?;
        let readers =
            SqlitePoolOptions::new().max_connections(4).connect_with(options.pragma("query_only", "ON")).await?;
        let store = Self { writer, readers };
        store.make_person_secret().await?;
        Ok(store)
    }

    /// Starts a transaction that may write; it waits its turn instead of failing half way.
    pub(super) async fn write(&self) -> Result<SqliteTransaction<'static>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(super) const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    async fn make_person_secret(&self) -> Result<(), StoreError> {
        let secret: [u8; 32] = rand::random();
        sqlx::query("INSERT INTO setting (name, value) VALUES ('person-secret', ?) ON CONFLICT DO NOTHING")
            .bind(secret.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

fn migrator() -> Migrator {
    let one = |version, name, text| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, AssertSqlSafe(text).into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        one(1, "first", include_str!("migrations/0001_first.sql")),
        one(2, "refusals", include_str!("migrations/0002_refusals.sql")),
        one(3, "consent", include_str!("migrations/0003_consent.sql")),
        one(4, "held", include_str!("migrations/0004_held.sql")),
        one(5, "care", include_str!("migrations/0005_care.sql")),
        one(6, "directory", include_str!("migrations/0006_directory.sql")),
        one(7, "versions", include_str!("migrations/0007_versions.sql")),
    ])
}

/// Milliseconds, as the database keeps times.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time read back from the database.
pub(super) fn timestamp(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Corrupt("time"))
}

/// A party id read back from the database.
pub(super) fn party(text: &str) -> Result<PartyId, StoreError> {
    PartyId::parse(text).ok_or(StoreError::Corrupt("party id"))
}

/// A message id read back from the database.
pub(super) fn message_id(text: &str) -> Result<MessageId, StoreError> {
    MessageId::parse(text).ok_or(StoreError::Corrupt("message id"))
}

/// A UUID read back from the database.
pub(super) fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::try_parse(text).map_err(|_| StoreError::Corrupt("uuid"))
}

#[async_trait]
impl Store for SqliteStore {
    async fn person_secret(&self) -> Result<[u8; 32], StoreError> {
        let row =
            sqlx::query("SELECT value FROM setting WHERE name = 'person-secret'").fetch_one(self.readers()).await?;
        let bytes: Vec<u8> = row.try_get(0)?;
        bytes.try_into().map_err(|_| StoreError::Corrupt("person secret"))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let tx = self.write().await?;
        Ok(tx.rollback().await?)
    }

    async fn accept(&self, acceptance: Acceptance, reconsider: Arc<dyn Reconsider>) -> Result<Accepted, StoreError> {
        messages::accept(self, acceptance, reconsider).await
    }

    async fn earlier(&self, sender: &PartyId, key: &str) -> Result<Option<Earlier>, StoreError> {
        messages::earlier(self, sender, key).await
    }

    async fn message(&self, id: &MessageId) -> Result<Option<StoredMessage>, StoreError> {
        messages::stored(self, id).await
    }

    async fn status(&self, sender: &PartyId, id: &MessageId) -> Result<Option<Vec<DeliveryStatus>>, StoreError> {
        messages::status(self, sender, id).await
    }

    async fn versions(&self, id: &MessageId) -> Result<Vec<Version>, StoreError> {
        versions::of(self, id).await
    }

    async fn copies(&self, id: &MessageId) -> Result<Vec<(MessageId, DeliveryStatus)>, StoreError> {
        versions::copies(self, id).await
    }

    async fn refuse(&self, refused: Refused, audit: AuditRecord) -> Result<(), StoreError> {
        refusals::keep(self, &refused, audit).await
    }

    async fn refused(&self, sender: &PartyId, id: &MessageId) -> Result<Option<Refused>, StoreError> {
        refusals::find(self, sender, id).await
    }

    async fn lease(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        least_urgent: u8,
        audit: &dyn QueueAudit,
    ) -> Result<Vec<Leased>, StoreError> {
        deliveries::lease(self, now, until, limit, least_urgent, audit).await
    }

    async fn finish(&self, attempt: &Attempt, audit: AuditRecord) -> Result<bool, StoreError> {
        deliveries::finish(self, attempt, audit).await
    }

    async fn failed(&self) -> Result<Vec<DeliveryStatus>, StoreError> {
        deliveries::failed(self).await
    }

    async fn requeue(&self, delivery: Uuid, now: Timestamp, audit: AuditRecord) -> Result<bool, StoreError> {
        deliveries::requeue(self, delivery, now, audit).await
    }

    async fn pending(&self) -> Result<u64, StoreError> {
        deliveries::pending(self).await
    }

    async fn inbox_page(&self, recipients: &[PartyId], number: u32) -> Result<InboxPage, StoreError> {
        inbox::page(self, recipients, number).await
    }

    async fn read_inbox(
        &self,
        recipient: &PartyId,
        delivery: Uuid,
        now: Timestamp,
        audit: AuditRecord,
    ) -> Result<Option<InboxItem>, StoreError> {
        inbox::read(self, recipient, delivery, now, audit).await
    }

    async fn kept(&self, person: &PersonKey) -> Result<Kept, StoreError> {
        records::kept(self, person).await
    }

    async fn held(&self, person: &PersonKey, recipient: &PartyId, of_each: u32) -> Result<HeldAbout, StoreError> {
        held::about(self, person, recipient, of_each).await
    }

    async fn parties_to(&self, person: &PersonKey) -> Result<Vec<PartyId>, StoreError> {
        held::parties(self, person).await
    }

    async fn record(&self, id: Uuid, version: Option<u32>) -> Result<Option<(PersonKey, PersonRecord)>, StoreError> {
        records::find(self, id, version).await
    }

    async fn change_records(
        &self,
        change: RecordChange,
        reconsider: Arc<dyn Reconsider>,
    ) -> Result<Changed, StoreError> {
        records::change(self, change, reconsider).await
    }

    async fn reviews(&self, open: bool) -> Result<Vec<ReviewItem>, StoreError> {
        reviews::list(self, open).await
    }

    async fn decision(&self, id: Uuid) -> Result<Option<NewDecision>, StoreError> {
        decisions::find(self, id).await
    }

    async fn decisions(&self, message: &MessageId) -> Result<Vec<NewDecision>, StoreError> {
        decisions::of_message(self, message).await
    }

    async fn care(&self, person: &PersonKey) -> Result<Care, StoreError> {
        care::of_person(self, person).await
    }

    async fn commit_care(&self, commit: CareCommit) -> Result<CareStored, StoreError> {
        care::commit(self, commit).await
    }

    async fn events_page(&self, after: i64, limit: u32) -> Result<Vec<(i64, CareEvent)>, StoreError> {
        care::events_page(self, after, limit).await
    }

    async fn care_page(&self, after: Option<&PersonKey>, limit: u32) -> Result<Vec<(PersonKey, Care)>, StoreError> {
        care_pages::page(self, after, limit).await
    }

    async fn person_of(&self, request: &MessageId) -> Result<Option<PersonKey>, StoreError> {
        care::person_of(self, request).await
    }

    async fn fallbacks(&self, limit: u32) -> Result<Vec<CareEvent>, StoreError> {
        care::fallbacks(self, limit).await
    }

    async fn clocks(&self, wanted: &ClocksWanted, limit: u32) -> Result<Vec<Clock>, StoreError> {
        care::clocks(self, wanted, limit).await
    }

    async fn task(&self, id: Uuid) -> Result<Option<(RequestTask, Vec<TaskStep>)>, StoreError> {
        tasks::find(self, id).await
    }

    async fn task_of_step(&self, step: Uuid) -> Result<Option<Uuid>, StoreError> {
        tasks::of_step(self, step).await
    }

    async fn tasks(&self, wanted: &TasksWanted) -> Result<Vec<RequestTask>, StoreError> {
        tasks::list(self, wanted).await
    }

    async fn deliveries_about(&self, person: &PersonKey) -> Result<Vec<DeliveryStatus>, StoreError> {
        deliveries::about(self, person).await
    }

    async fn audit_about(&self, person: &PersonKey) -> Result<Vec<StoredAudit>, StoreError> {
        audit_log::about(self, person).await
    }

    async fn put_directory(&self, new: NewDirectory, audit: AuditRecord) -> Result<Option<i64>, StoreError> {
        directories::put(self, new, audit).await
    }

    async fn directory_at(&self, number: i64) -> Result<Option<String>, StoreError> {
        directories::at(self, number).await
    }

    async fn directories(&self) -> Result<Vec<DirectoryVersion>, StoreError> {
        directories::list(self).await
    }

    async fn decided_under(&self, message: &MessageId) -> Result<Option<DecidedUnder>, StoreError> {
        directories::of_message(self, message).await
    }

    async fn append_audit(&self, records: Vec<AuditRecord>) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        audit_log::append(&mut tx, &records).await?;
        Ok(tx.commit().await?)
    }

    async fn audit_page(&self, after: i64, limit: u32) -> Result<Vec<StoredAudit>, StoreError> {
        audit_log::page(self, after, limit).await
    }

    async fn audit_head(&self) -> Result<Option<(i64, String)>, StoreError> {
        audit_log::head(self).await
    }

    async fn put_session(&self, token_hash: &str, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        sessions::put(self, token_hash, session, now).await
    }

    async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        sessions::get(self, token_hash, now).await
    }

    async fn end_session(&self, token_hash: &str) -> Result<(), StoreError> {
        sessions::end(self, token_hash).await
    }
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::Migrator;
    use sqlx::sqlite::SqlitePool;

    use super::{SqliteConnectOptions, SqliteStore, migrator};

    #[tokio::test]
    async fn messages_accepted_before_are_found_by_the_person_their_audit_entry_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        let before = migrator().iter().filter(|step| step.version <= 3).cloned().collect();
        Migrator::with_migrations(before).run(&old).await.unwrap();
        let rows = "INSERT INTO message VALUES ('m1', 'a', 'k', 'd', 'referral', 1, 't', x'00', 'x'); \
                    INSERT INTO message VALUES ('m2', 'a', 'l', 'd', 'referral', 1, 't', x'00', 'x'); \
                    INSERT INTO audit VALUES (1, 1, '{\"event\":\"disclosed\",\"message\":\"m2\",\"person\":\"p9\"}', 'x', 'y'); \
                    INSERT INTO audit VALUES (2, 1, '{\"event\":\"accepted\",\"message\":\"m1\",\"person\":\"p1\"}', 'y', 'z');";
        sqlx::raw_sql(rows).execute(&old).await.unwrap();
        old.close().await;
        let store = SqliteStore::open(&path).await.unwrap();
        let found: Vec<Option<String>> =
            sqlx::query_scalar("SELECT person_key FROM message ORDER BY id").fetch_all(store.readers()).await.unwrap();
        assert_eq!(found, [Some("p1".to_owned()), None]);
    }
}
