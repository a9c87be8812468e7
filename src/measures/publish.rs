//! What of the counts may be seen. Nobody is to be known by a number:
//!
//! - 1 to 4 is shown as `*`, in every table, by whatever it is broken down; so is a numerator that leaves 1 to 4 of its
//!   denominator, since the difference would tell.
//! - Where a table hides a number, its column adds up to give it away: the total is then rounded to 5 — in every table, also
//!   the one without groups, since they can be laid side by side. Where even the rounded total leaves one possible number
//!   for what is hidden, it is hidden too.
//! - A percentage is of what is shown, so it tells no more. A median or mean is of five or more, a centile of ten or more.
//! - Periods are whole months (`period`): two that differ by a day would tell of that day. Months can still be taken off a
//!   year by who asks for both, so this is for people in the trust, and not a publication to the world.

use std::collections::BTreeSet;

use super::count::{By, Cell, Counts, Measured};
use super::definition::{Definition, Definitions, What};

/// The smallest number that is shown.
const LEAST: u64 = 5;
/// The fewest values of which the long end is told.
const LEAST_FOR_CENTILE: u64 = 10;
/// Up to so many hidden numbers every combination is tried; beyond, only the extremes can give one away.
const MOST_TRIED: usize = 8;

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Exactly(u64),
    /// Rounded to 5.
    About(u64),
    Hidden,
}

impl Shown {
    /// The number, where there is one.
    #[must_use]
    pub const fn number(self) -> Option<u64> {
        match self {
            Self::Exactly(number) | Self::About(number) => Some(number),
            Self::Hidden => None,
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(number) => write!(f, "{number}"),
            Self::About(number) => write!(f, "about {number}"),
            Self::Hidden => f.write_str("*"),
        }
    }
}

/// One line of what goes out: a measure as a whole, or one group of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub measure: String,
    pub name: String,
    pub unit: &'static str,
    /// `None` for the whole.
    pub group: Option<(By, String)>,
    pub of: Shown,
    pub met: Option<Shown>,
    /// Of a hundred, with one decimal, where both numbers are shown.
    pub percent: Option<f64>,
    /// Days.
    pub median: Option<f64>,
    pub centile_90: Option<f64>,
    /// Of scores.
    pub mean_change: Option<f64>,
}

/// Everything that may be seen: each measure as a whole, and its groups where it is broken down. Missing items and refusing
/// rules are always told, since they are what those measures are for.
#[must_use]
pub fn publish(definitions: &Definitions, counts: &Counts, by: Option<By>) -> Vec<Line> {
    let empty = Measured::default();
    let mut lines = Vec::new();
    for definition in definitions.iter() {
        let measured = counts.measures.get(&definition.id).unwrap_or(&empty);
        let (of, met) = total(measured);
        lines.push(line(definition, None, &measured.total, of, met));
        for wanted in [by, Some(By::Item)].into_iter().flatten().collect::<BTreeSet<By>>() {
            for (name, cell) in measured.groups.get(&wanted).into_iter().flatten() {
                let (of, met) = shown(cell);
                lines.push(line(definition, Some((wanted, name.clone())), cell, of, met));
            }
        }
    }
    lines
}

const fn is_small(number: u64) -> bool {
    0 < number && number < LEAST
}

/// A group's numbers.
fn shown(cell: &Cell) -> (Shown, Option<Shown>) {
    if is_small(cell.of) {
        return (Shown::Hidden, cell.met.map(|_| Shown::Hidden));
    }
    let met = cell.met.map(|met| {
        let left = cell.of.saturating_sub(met);
        if is_small(met) || is_small(left) { Shown::Hidden } else { Shown::Exactly(met) }
    });
    (Shown::Exactly(cell.of), met)
}

/// The numbers of the whole: rounded or hidden where a table would otherwise give a hidden number away.
fn total(measured: &Measured) -> (Shown, Option<Shown>) {
    let (of, met) = shown(&measured.total);
    let columns = measured.groups.values().map(|cells| cells.values().collect::<Vec<_>>());
    let (mut of, mut met) = (of, met);
    for cells in columns {
        let denominators = cells.iter().map(|cell| (cell.of, possible(cell, false))).collect::<Vec<_>>();
        of = guarded(of, measured.total.of, &denominators);
        if let (Some(shown), Some(number)) = (met, measured.total.met) {
            let numerators = cells.iter().map(|cell| (cell.met.unwrap_or(0), possible(cell, true)));
            met = Some(guarded(shown, number, &numerators.collect::<Vec<_>>()));
        }
    }
    // the difference of a rounded and an exact number tells nothing that is small; of two rounded ones neither
    if of == Shown::Hidden { (of, met.map(|_| Shown::Hidden)) } else { (of, met) }
}

/// What a hidden number may be, as far as its group tells; nothing where it is shown.
fn possible(cell: &Cell, numerator: bool) -> BTreeSet<u64> {
    let (of, met) = shown(cell);
    match (numerator, of, met) {
        (false, Shown::Hidden, _) => (1..LEAST).collect(),
        (true, Shown::Hidden, Some(_)) => (0..LEAST).collect(),
        (true, _, Some(Shown::Hidden)) => {
            let left = (1..LEAST).filter_map(|left| cell.of.checked_sub(left));
            (1..LEAST).chain(left).collect()
        }
        _ => BTreeSet::new(),
    }
}

const fn rounded(number: u64) -> u64 {
    (number + 2) / 5 * 5
}

/// A total beside this column of numbers, each with what it may be where it is hidden.
fn guarded(so_far: Shown, total: u64, column: &[(u64, BTreeSet<u64>)]) -> Shown {
    let hidden: Vec<&BTreeSet<u64>> = column.iter().filter(|(_, any)| !any.is_empty()).map(|(_, any)| any).collect();
    if hidden.is_empty() || so_far == Shown::Hidden {
        return so_far;
    }
    let about = rounded(total);
    let seen: u64 = column.iter().filter(|(_, any)| any.is_empty()).map(|(number, _)| number).sum();
    // what all hidden numbers may add up to, knowing the rounded total
    let sums: BTreeSet<u64> =
        (about.saturating_sub(2)..=about + 2).filter_map(|total| total.checked_sub(seen)).collect();
    // groups that overlap add up to more than the total and give nothing away
    let overlaps = column.iter().map(|(number, _)| number).sum::<u64>() != total;
    if !overlaps && gives_away(&hidden, &sums) { Shown::Hidden } else { Shown::About(about) }
}

/// Whether the sums leave one of the hidden numbers no choice.
fn gives_away(hidden: &[&BTreeSet<u64>], sums: &BTreeSet<u64>) -> bool {
    if hidden.len() > MOST_TRIED {
        let least: u64 = hidden.iter().filter_map(|any| any.first()).sum();
        let most: u64 = hidden.iter().filter_map(|any| any.last()).sum();
        return sums.range(least..=most).all(|sum| *sum == least) || sums.range(least..=most).all(|sum| *sum == most);
    }
    hidden.iter().enumerate().any(|(place, any)| {
        let others = hidden.iter().enumerate().filter(|(other, _)| *other != place);
        let rest = others.fold(BTreeSet::from([0]), |sums: BTreeSet<u64>, (_, other)| {
            sums.iter().flat_map(|sum| other.iter().map(move |number| sum + number)).collect()
        });
        let fits = |number: &&u64| rest.iter().any(|rest| sums.contains(&(rest + **number)));
        any.iter().filter(fits).count() < 2
    })
}

fn line(definition: &Definition, group: Option<(By, String)>, cell: &Cell, of: Shown, met: Option<Shown>) -> Line {
    let percent = met.and_then(Shown::number).zip(of.number()).and_then(|(met, of)| percent(met, of));
    let enough = cell.values.len() as u64 >= LEAST && of != Shown::Hidden;
    let far = cell.values.len() as u64 >= LEAST_FOR_CENTILE && enough;
    let waits = matches!(definition.what, What::Wait { .. });
    let days = |percent| cell.centile(percent).map(in_days);
    Line {
        measure: definition.id.clone(),
        name: definition.name.clone(),
        unit: definition.unit(),
        group,
        of,
        met,
        percent,
        median: if waits && enough { days(50) } else { None },
        centile_90: if waits && far { days(90) } else { None },
        mean_change: if !waits && enough && met != Some(Shown::Hidden) {
            cell.mean().map(|mean| (mean / 10.0).round() / 10.0)
        } else {
            None
        },
    }
}

fn percent(met: u64, of: u64) -> Option<f64> {
    let (met, of) = (u32::try_from(met).ok()?, u32::try_from(of).ok().filter(|of| *of > 0)?);
    // rounded numbers may pass each other
    Some((f64::from(met) / f64::from(of) * 1000.0).round().min(1000.0) / 10.0)
}

/// Days with one decimal: no moment of anybody.
fn in_days(seconds: i64) -> f64 {
    let tenths = (seconds * 10 + 43_200).div_euclid(86_400);
    i32::try_from(tenths).map_or(f64::MAX, |tenths| f64::from(tenths) / 10.0)
}
