//! The care of many people, page by page, for who counts them. Reads only.

use sqlx::Row;

use super::care::{CLOCKS_BETWEEN, EVENTS_BETWEEN, clock_of, event_of};
use super::sqlite::SqliteStore;
use super::{Care, StoreError};
use crate::model::PersonKey;

const PEOPLE: &str =
    "SELECT person_key, revision FROM person_care WHERE ?1 IS NULL OR person_key > ?1 ORDER BY person_key LIMIT ?2";

/// Events and clocks of the next people, in one snapshot.
pub(super) async fn page(
    store: &SqliteStore,
    after: Option<&PersonKey>,
    limit: u32,
) -> Result<Vec<(PersonKey, Care)>, StoreError> {
    let mut tx = store.readers().begin().await?;
    let people = sqlx::query(PEOPLE).bind(after.map(PersonKey::as_str)).bind(limit).fetch_all(&mut *tx).await?;
    let mut page = Vec::with_capacity(people.len());
    for row in &people {
        let person = PersonKey::from_digest(row.try_get(0)?);
        page.push((person, Care { revision: row.try_get(1)?, ..Care::default() }));
    }
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(page) };
    let (first, last) = (first.0.as_str().to_owned(), last.0.as_str().to_owned());
    for row in sqlx::query(EVENTS_BETWEEN).bind(&first).bind(&last).fetch_all(&mut *tx).await? {
        let event = event_of(&row)?;
        if let Ok(place) = page.binary_search_by(|(person, _)| person.cmp(&event.person))
            && let Some((_, care)) = page.get_mut(place)
        {
            care.events.push(event);
        }
    }
    for row in sqlx::query(CLOCKS_BETWEEN).bind(&first).bind(&last).fetch_all(&mut *tx).await? {
        let clock = clock_of(&row)?;
        if let Ok(place) = page.binary_search_by(|(person, _)| person.cmp(&clock.person))
            && let Some((_, care)) = page.get_mut(place)
        {
            care.clocks.push(clock);
        }
    }
    tx.rollback().await?;
    Ok(page)
}
