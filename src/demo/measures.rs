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
    // of each measure its name and the whole trust: by team, partner and characteristic it would fill pages
    let mut lines = outcome.report.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("ME-") {
            report::item(&format!("{line}: {}", lines.peek().map_or("", |whole| whole.trim())));
        }
    }
    report::says("An asterisk stands for a number too small to publish, or one that would give such a number away.");
    report::says(&outcome.summary());
    Ok(())
}
