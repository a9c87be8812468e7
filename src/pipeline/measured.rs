//! Counting the measures over everybody's care, for the organisation that runs the gateway. What is counted and what of it
//! may be seen is `measures`'s; who may ask is decided here, and every look is recorded.

use jiff::Timestamp;

use super::{Gateway, unavailable};
use crate::audit::{Entry, Event};
use crate::intake::Refusal;
use crate::measures::{By, Counts, Line, Period, publish};
use crate::model::{Category, IssueCode, PartyId};

/// People whose care is read at once.
const PAGE: u32 = 500;

impl Gateway {
    /// The measures of a period, as they may be seen.
    ///
    /// # Errors
    /// The reader is not of the organisation that runs the gateway; the store does not answer.
    pub async fn measures(
        &self,
        reader: &PartyId,
        agent: &str,
        (period, by): (Period, Option<By>),
        now: Timestamp,
    ) -> Result<Vec<Line>, Refusal> {
        let entry = Entry::new(Event::MeasuresRead, now).actor(reader, agent);
        if !self.runs_this(reader) {
            let refused = Entry { event: Event::Refused, ..entry.outcome(IssueCode::Forbidden.code()) };
            self.record(refused).await?;
            let text = "Measures are for the organisation that runs this gateway.";
            return Err(Refusal::one(Category::Forbidden, IssueCode::Forbidden, text));
        }
        self.record(entry.outcome(by.map_or("all", By::code))).await?;
        let months: Vec<Period> = period.months().collect();
        // a longer period is shown beside its months, which can be asked for too
        let months = if months.len() > 1 { months } else { Vec::new() };
        let wanted: Vec<Period> = std::iter::once(period).chain(months).collect();
        let counts = self.counted(&wanted, now).await?;
        let Some((whole, parts)) = counts.split_first() else { return Ok(Vec::new()) };
        Ok(publish(&self.parts().measures, whole, parts, by))
    }

    /// Exact counts, which are not for anybody's eyes: for who compares them with another tally.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn counts(&self, period: Period, now: Timestamp) -> Result<Counts, Refusal> {
        let mut counts = self.counted(&[period], now).await?;
        Ok(counts.pop().unwrap_or_else(|| Counts::new(&self.parts().measures, period)))
    }

    /// The same for several periods.
    async fn counted(&self, periods: &[Period], now: Timestamp) -> Result<Vec<Counts>, Refusal> {
        let parts = self.parts();
        let directory = &parts.directory;
        let mut all: Vec<Counts> = periods.iter().map(|period| Counts::new(&parts.measures, *period)).collect();
        let mut after = None;
        loop {
            let page = self.store.care_page(after.as_ref(), PAGE).await.map_err(|error| unavailable(&error))?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for counts in &mut all {
                let until = counts.period.end().min(now);
                // a party that is gone is its own organisation
                let organisation = |id: &PartyId| {
                    let found = directory.party(id, until).or_else(|| directory.party(id, now));
                    found.map_or_else(|| id.clone(), |party| party.organisation().clone())
                };
                for (_, care) in &page {
                    counts.add(&parts.measures, (&care.events, &care.clocks), &organisation, now);
                }
            }
            // counting is processor work: others get their turn between pages
            tokio::task::yield_now().await;
        }
        Ok(all.into_iter().map(Counts::settled).collect())
    }
}
