//! `simulate`: a made-up year through the real pipeline, and its measures against a tally of its own: exit 0 equal, 1
//! different, 2 unusable.

use std::process::ExitCode;

use super::{INVALID, block_on, complain, said, unusable};
use crate::simulate::{Wanted, simulate};

/// Differences that are printed; the summary has their number.
const MOST_PRINTED: usize = 100;

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=500_000))]
    people: u32,
    /// The same seed makes the same year.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// About how many messages; without it two for each person.
    #[arg(long)]
    messages: Option<u32>,
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
}

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let Arguments { people, seed, messages, days } = *arguments;
    let wanted = Wanted { people, seed, messages: messages.unwrap_or(people.saturating_mul(2)), days };
    let played = block_on(simulate(wanted, |line| complain(format_args!("{line}"))));
    match played.and_then(|played| played) {
        Ok(outcome) => {
            for difference in outcome.differences.iter().take(MOST_PRINTED) {
                complain(format_args!("{difference}"));
            }
            let code = if outcome.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(INVALID) };
            said(format_args!("{}\n{}", outcome.report, outcome.summary()), code)
        }
        Err(error) => unusable(&error),
    }
}
