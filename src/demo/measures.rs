//! The scene about measures: a made-up year in little, its measures, and a tally of its own that they are equal to.

use anyhow::ensure;

use super::report;
use crate::simulate::{Wanted, simulate};

/// Few people: the scene is a second or two long.
const LITTLE: Wanted = Wanted { people: 60, seed: 7, messages: 240, days: 365 };

/// Plays the year and shows its measures.
///
/// # Errors
/// When a measure is another than what was counted beside.
pub(super) async fn a_year() -> anyhow::Result<()> {
    report::scene("17. A made-up trust in little, and the returns nobody fills in (simulate, measures)");
    let outcome = simulate(LITTLE, |_| ()).await?;
    ensure!(outcome.differences.is_empty(), "gateway and tally differ: {}", outcome.differences.join("; "));
    for line in outcome.report.lines().filter(|line| line.starts_with("ME-") || line.starts_with("  ")).take(40) {
        report::item(line);
    }
    report::says(&outcome.summary());
    Ok(())
}
