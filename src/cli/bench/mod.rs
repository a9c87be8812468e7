//! `bench`: what the gateway's own work costs, measured against parsing the same bytes in the same run. Says what it saw
//! and judges nothing.

mod consent;
mod inputs;
mod map;
mod validate;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Subcommand;

use super::Report;

#[derive(Debug, Subcommand)]
pub(super) enum BenchCommand {
    /// What mapping a document to FHIR JSON and back costs, over what parsing the same bytes costs.
    Map {
        /// A native document, instead of the discharge letter of the examples.
        file: Option<PathBuf>,
    },
    /// What deciding a discharge letter of sixty parts for five recipients costs.
    Consent {
        /// How the figures are written.
        #[arg(long, value_enum, default_value_t = Report::Text)]
        format: Report,
    },
    /// What reading and full validation under UK Core cost, over what parsing the same bytes costs; and how that grows
    /// with the entries of a Bundle.
    Validate {
        /// How the figures are written.
        #[arg(long, value_enum, default_value_t = Report::Text)]
        format: Report,
    },
}

pub(super) fn run(command: BenchCommand) -> ExitCode {
    match command {
        BenchCommand::Map { file } => map::map(file.as_deref()),
        BenchCommand::Consent { format } => consent::consent(format),
        BenchCommand::Validate { format } => validate::validate(format),
    }
}

/// How long some work takes, once.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
