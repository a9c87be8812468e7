//! Portal sign-ins. Only a hash of the cookie's token is kept, so the database alone signs nobody in.

use jiff::Timestamp;
use sqlx::Row;

use super::sqlite::{SqliteStore, millis, party, timestamp};
use super::{Session, StoreError};

pub(super) async fn put(
    store: &SqliteStore,
    token_hash: &str,
    session: &Session,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    sqlx::query("DELETE FROM session WHERE expires_at <= ?").bind(millis(now)).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO session (token_hash, user_name, party, csrf, expires_at) VALUES (?, ?, ?, ?, ?)")
        .bind(token_hash)
        .bind(&session.user)
        .bind(session.party.as_str())
        .bind(&session.csrf)
        .bind(millis(session.expires))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn get(store: &SqliteStore, token_hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let row =
        sqlx::query("SELECT user_name, party, csrf, expires_at FROM session WHERE token_hash = ? AND expires_at > ?")
            .bind(token_hash)
            .bind(millis(now))
            .fetch_optional(store.readers())
            .await?;
    row.map(|row| {
        Ok(Session {
            user: row.try_get(0)?,
            party: party(row.try_get(1)?)?,
            csrf: row.try_get(2)?,
            expires: timestamp(row.try_get(3)?)?,
        })
    })
    .transpose()
}

/// Ends one session.
pub(super) async fn end(store: &SqliteStore, token_hash: &str) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    sqlx::query("DELETE FROM session WHERE token_hash = ?").bind(token_hash).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}
