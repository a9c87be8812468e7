//! The gateway's exact counts against the tally, every cell of either; and how many clocks ran.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Outcome;
use super::tally::{Tallied, Tally};
use crate::measures::{Cell, Counts};
use crate::model::ClockState;
use crate::pipeline::Gateway;

/// People whose care is read at once.
const PAGE: u32 = 500;

/// Notes every cell that differs.
pub(super) fn compare(counts: &Counts, tally: &Tally, outcome: &mut Outcome) {
    let mut cells: BTreeMap<(String, String, String), &Cell> = BTreeMap::new();
    for (id, measured) in &counts.measures {
        if measured.total.of > 0 {
            cells.insert((id.clone(), String::new(), String::new()), &measured.total);
        }
        for (by, groups) in &measured.groups {
            for (group, cell) in groups {
                cells.insert((id.clone(), by.code().to_owned(), group.clone()), cell);
            }
        }
    }
    let nothing = Tallied::default();
    for (key, cell) in &cells {
        outcome.cells += 1;
        let tallied = tally.cells.get(key).unwrap_or(&nothing);
        let mut values = tallied.values.clone();
        values.sort_unstable();
        if (cell.of, cell.met, &cell.values) != (tallied.of, tallied.met, &values) {
            let (by, group) = (&key.1, &key.2);
            outcome.differences.push(format!(
                "{} {by} {group}: the gateway has {:?} of {} with {} values, the tally {:?} of {} with {}",
                key.0,
                cell.met,
                cell.of,
                cell.values.len(),
                tallied.met,
                tallied.of,
                values.len(),
            ));
        }
    }
    for (key, tallied) in tally.cells.iter().filter(|(key, _)| !cells.contains_key(*key)) {
        outcome.cells += 1;
        let (by, group) = (&key.1, &key.2);
        outcome.differences.push(format!("{} {by} {group}: the tally has {}, the gateway nothing", key.0, tallied.of));
    }
}

/// Counts the clocks.
///
/// # Errors
/// The store fails.
pub(super) async fn clocks(gateway: &Gateway, now: Timestamp, outcome: &mut Outcome) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = gateway.store().care_page(after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for clock in page.iter().flat_map(|(_, care)| &care.clocks).filter(|clock| clock.state != ClockState::Void) {
            outcome.clocks_started += 1;
            outcome.clocks_breached += u64::from(clock.breached(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Outcome, Tallied, Tally, compare};
    use crate::measures::{Definitions, Period};

    #[test]
    fn a_cell_of_either_that_the_other_has_not_is_a_difference() {
        let counts = Counts::new(&Definitions::load(None).unwrap(), Period::parse("2026-01-01", "2026-01-31").unwrap());
        let of = |tally: Tally, change: fn(&mut Counts)| {
            let mut counts = counts.clone();
            change(&mut counts);
            let mut outcome = Outcome::default();
            compare(&counts, &tally, &mut outcome);
            (outcome.cells, outcome.differences.len())
        };
        let key = ("ME-01".to_owned(), String::new(), String::new());
        let tallied = |of| Tally { cells: [(key.clone(), Tallied { of, met: None, values: vec![2, 1] })].into() };
        let one: fn(&mut Counts) = |counts| {
            let cell = &mut counts.measures.get_mut("ME-01").unwrap().total;
            (cell.of, cell.values) = (1, vec![1, 2]);
        };
        assert_eq!(of(Tally::default(), |_| ()), (0, 0));
        assert_eq!(of(tallied(1), one), (1, 0), "values in whatever order");
        assert_eq!(of(tallied(2), one), (1, 1));
        assert_eq!(of(Tally::default(), one), (1, 1));
        assert_eq!(of(tallied(1), |_| ()), (1, 1));
    }
}
