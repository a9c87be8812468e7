//! `simulate`: a seeded year of a made-up trust, its practices, charities and clinics, through the real pipeline on the
//! embedded store, while a tally of its own is kept beside. At the end the gateway's measures are compared with the tally,
//! cell by cell. Time is injected: nobody waits. The tally knows nothing of `measures` and `clocks`.

mod calendar;
mod compare;
mod course;
mod dice;
mod life;
mod lost;
mod papers;
mod play;
mod playing;
mod referral;
mod send;
mod standing;
mod tally;
#[cfg(test)]
mod tests;
mod world;

use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::app;
use crate::measures::{By, Period, publish, to_text};
use crate::model::PartyId;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub people: u32,
    /// The same seed makes the same year.
    pub seed: u64,
    /// About how many messages; the people with a full course of care are as many as that allows.
    pub messages: u32,
    pub days: u16,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub people: u32,
    pub messages: u64,
    /// Refused as they should be: faulty, or of the future.
    pub refused: u64,
    /// Answered as before: told twice.
    pub repeated: u64,
    pub deliveries: u64,
    pub notices: u64,
    pub clocks_started: u64,
    pub clocks_breached: u64,
    pub cells: u64,
    /// Documents that were found again in the store, each decided on for its recipients.
    pub kept: u64,
    /// Requests that were found with the one team that answers for them, and steps that were told to all with a part in them.
    pub requests: u64,
    pub steps: u64,
    /// Entries of the audit log, each of which follows from the one before.
    pub audited: u64,
    /// Where gateway and tally differ, or a message was not answered as it should have been.
    pub differences: Vec<String>,
    pub took: Duration,
    /// The measures as they may be seen.
    pub report: String,
}

impl Outcome {
    /// The last line.
    #[must_use]
    pub fn summary(&self) -> String {
        let rate = |number: u64| u32::try_from(number).map_or(0.0, f64::from) / self.took.as_secs_f64().max(0.001);
        format!(
            "people {}, messages {} (refused {}, repeated {}), deliveries {}, notices {}, clocks started {} / breached {}, \
             documents kept {}, requests followed {} with {} steps, audit entries {}, cells compared {}, differences {}, wall time {:.1} s, messages per second {:.1}",
            self.people,
            self.messages,
            self.refused,
            self.repeated,
            self.deliveries,
            self.notices,
            self.clocks_started,
            self.clocks_breached,
            self.kept,
            self.requests,
            self.steps,
            self.audited,
            self.cells,
            self.differences.len(),
            self.took.as_secs_f64(),
            rate(self.messages),
        )
    }
}

/// The first day of every simulation: a year whose bank holidays the tally knows by heart.
const FIRST_DAY: &str = "2025-04-01";

/// Plays the year in a temporary folder; `progress` is told now and then.
///
/// # Errors
/// The store fails. Differences are no error here but part of the outcome.
pub async fn simulate(wanted: Wanted, progress: impl Fn(String)) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let folder = std::env::temp_dir().join(format!("cmht-gateway-simulation-{}", uuid::Uuid::new_v4()));
    let played = in_folder(wanted, &folder, &progress).await;
    // best effort: made-up people in a temporary folder
    let _ = std::fs::remove_dir_all(&folder);
    let mut outcome = played?;
    outcome.took = begun.elapsed();
    Ok(outcome)
}

async fn in_folder(wanted: Wanted, folder: &std::path::Path, progress: &impl Fn(String)) -> anyhow::Result<Outcome> {
    let begin = calendar::begin_of(FIRST_DAY.parse()?);
    let days = wanted.days.clamp(1, 366);
    let end = begin + SignedDuration::from_hours(24 * i64::from(days));
    let own = PartyId::parse("lpt").context("the trust")?;
    let directory = world::directory()?;
    let gateway = app::simulated(&folder.join("simulation.db"), &own, directory).await?;
    let lives = life::lives(wanted, begin, end);
    let mut outcome = Outcome { people: wanted.people, ..Outcome::default() };
    let played = play::play(&gateway, lives, (begin, end), &mut outcome, progress).await?;
    let period = period(end).context("the period")?;
    let mut tally = tally::Tally::default();
    for one in &played {
        tally.add(&one.life, end);
    }
    let counts = gateway.counts(period, end).await.map_err(|_| anyhow::anyhow!("the measures could not be counted"))?;
    compare::compare(&counts, &tally, &mut outcome);
    compare::clocks(&gateway, end, &mut outcome).await?;
    lost::compare(&gateway, &played, &mut outcome).await?;
    let shown = publish(&gateway.parts().measures, &counts, &[], Some(By::EthnicGroup));
    outcome.report = to_text(&shown, period, &|_, group| group.to_owned());
    Ok(outcome)
}

/// Whole months around everything that happens.
fn period(end: Timestamp) -> Option<Period> {
    let last = calendar::day_of(end - SignedDuration::from_secs(1)).last_of_month();
    Period::new(FIRST_DAY.parse().ok()?, last)
}
