//! Reads the records of decisions back, to take them again. What a record says is the consent engine's business.

use sqlx::Row;
use uuid::Uuid;

use super::StoreError;
use super::sqlite::{SqliteStore, uuid};

impl SqliteStore {
    /// The id and record of each stored decision, in the order in which they were taken; of one, where it is named.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn decision_records(&self, only: Option<Uuid>) -> Result<Vec<(Uuid, String)>, StoreError> {
        let rows = sqlx::query("SELECT id, facts FROM decision WHERE ?1 IS NULL OR id = ?1 ORDER BY seq")
            .bind(only.map(|id| id.to_string()))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Ok((uuid(row.try_get(0)?)?, row.try_get(1)?))).collect()
    }
}
