//! The review queue of overrides and emergencies: each waits until somebody has looked at it, and is reviewed once.

use jiff::Timestamp;
use sqlx::{Row, SqliteTransaction};

use super::records::{WIDTH, columns, record_of};
use super::sqlite::{SqliteStore, millis, timestamp};
use super::{PersonRecord, ReviewItem, ReviewState, Reviewed, StoreError, Verdict};
use crate::outbox::PersonKey;

/// The latest version of each record under review: of what waits the first, of all the last.
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    ", r.person_key, v.opened_at, v.state, v.reviewer, v.reviewed_at, v.verdict, v.note FROM review v \
     JOIN person_record r ON r.id = v.record_id AND r.current = 1 \
     WHERE v.state = 'open' OR ?1 = 0 ORDER BY IIF(?1, v.seq, -v.seq) LIMIT 500"
);

pub(super) async fn open(tx: &mut SqliteTransaction<'_>, record: &PersonRecord) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO review (record_id, state, opened_at) VALUES (?, 'open', ?)")
        .bind(record.id.to_string())
        .bind(millis(record.recorded))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends a review; `false` when it is not open.
pub(super) async fn close(
    tx: &mut SqliteTransaction<'_>,
    reviewed: &Reviewed,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE review SET state = 'reviewed', reviewer = ?, reviewed_at = ?, verdict = ?, note = ? \
         WHERE record_id = ? AND state = 'open'",
    )
    .bind(&reviewed.reviewer)
    .bind(millis(at))
    .bind(reviewed.verdict.code())
    .bind(&reviewed.note)
    .bind(reviewed.record.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn list(store: &SqliteStore, open: bool) -> Result<Vec<ReviewItem>, StoreError> {
    let rows = sqlx::query(LIST).bind(open).fetch_all(store.readers()).await?;
    let in_order: Vec<_> = if open { rows.iter().collect() } else { rows.iter().rev().collect() };
    in_order
        .into_iter()
        .map(|row| {
            let record = record_of(row)?;
            let state = ReviewState::from_code(row.try_get(WIDTH + 2)?).ok_or(StoreError::Corrupt("review state"))?;
            let reviewer: Option<String> = row.try_get(WIDTH + 3)?;
            let found = match reviewer {
                None => None,
                Some(reviewer) => {
                    let verdict = Verdict::from_code(row.try_get(WIDTH + 5)?).ok_or(StoreError::Corrupt("verdict"))?;
                    let note = row.try_get(WIDTH + 6)?;
                    let at = timestamp(row.try_get(WIDTH + 4)?)?;
                    Some((at, Reviewed { record: record.id, reviewer, verdict, note }))
                }
            };
            Ok(ReviewItem {
                person: PersonKey::from_digest(row.try_get(WIDTH)?),
                opened: timestamp(row.try_get(WIDTH + 1)?)?,
                state,
                reviewed: found,
                record,
            })
        })
        .collect()
}
