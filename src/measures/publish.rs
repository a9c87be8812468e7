//! What of the counts may be seen. Nobody is to be known by a number, nor by the difference of two:
//!
//! - 1 to 4 is shown as `*`, every other number rounded to 5, in every table and in every total, by whatever it is broken
//!   down: no two tables laid side by side have an exact number in them. A numerator is hidden too where it leaves 1 to 4 of
//!   its denominator. 0 is 0.
//! - Even rounded numbers can leave one choice for what is hidden (8 and 8 of 17 leave 1): then the total is hidden, and where
//!   that is not enough, the smallest numbers beside it (`guard`).
//! - Periods are single months, and the financial year, which is guarded against its months in the same way (`period`).
//! - A percentage is of what is shown, so it tells no more. A median or mean is of five or more, a centile of ten or more.

use std::collections::{BTreeMap, BTreeSet};

use super::count::{By, Cell, Counts, Measured};
use super::definition::{Definition, Definitions, What};
use super::guard::{self, Number, is_small};

/// The fewest values of which a median or mean is told.
const LEAST: u64 = 5;
/// The fewest values of which the long end is told.
const LEAST_FOR_CENTILE: u64 = 10;

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Rounded to 5; 0 is none at all.
    Rounded(u64),
    Hidden,
}

impl Shown {
    /// The number, where there is one.
    #[must_use]
    pub const fn number(self) -> Option<u64> {
        match self {
            Self::Rounded(number) => Some(number),
            Self::Hidden => None,
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rounded(number) => write!(f, "{number}"),
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
/// rules are always told, since they are what those measures are for. `parts` are the same counts for each month of a longer
/// period, which can be seen too.
#[must_use]
pub fn publish(definitions: &Definitions, counts: &Counts, parts: &[Counts], by: Option<By>) -> Vec<Line> {
    let empty = Measured::default();
    let mut lines = Vec::new();
    for definition in definitions.iter() {
        let of_measure = |counts: &Counts| counts.measures.get(&definition.id).cloned().unwrap_or_default();
        let measured = counts.measures.get(&definition.id).unwrap_or(&empty);
        let mut seen = Seen::of(measured);
        let parts: Vec<Measured> = parts.iter().map(of_measure).collect();
        seen.beside(measured, &parts);
        lines.push(line(definition, None, &measured.total, seen.total));
        for wanted in [by, Some(By::Item)].into_iter().flatten().collect::<BTreeSet<By>>() {
            for (name, cell) in measured.groups.get(&wanted).into_iter().flatten() {
                let pair = seen.groups.get(&(wanted, name.clone())).copied().unwrap_or((Shown::Hidden, None));
                lines.push(line(definition, Some((wanted, name.clone())), cell, pair));
            }
        }
    }
    lines
}

/// Denominator and numerator.
type Pair = (Shown, Option<Shown>);

/// A measure as it may be seen, in every breakdown: what one hides must not be told by another.
struct Seen {
    total: Pair,
    groups: BTreeMap<(By, String), Pair>,
}

impl Seen {
    fn of(measured: &Measured) -> Self {
        let cells: Vec<((By, String), &Cell)> = measured
            .groups
            .iter()
            .flat_map(|(by, cells)| cells.iter().map(move |(name, cell)| ((*by, name.clone()), cell)))
            .collect();
        // a column for each breakdown whose groups add up; groups that overlap give nothing away
        let columns = |number: &dyn Fn(&Cell) -> u64| -> Vec<Vec<usize>> {
            let of_by = |by: By| cells.iter().enumerate().filter(move |(_, ((of, _), _))| *of == by);
            let adds_up =
                |by: &&By| of_by(**by).map(|(_, (_, cell))| number(cell)).sum::<u64>() == number(&measured.total);
            let places = |by: &By| of_by(*by).map(|(place, _)| place).collect();
            measured.groups.keys().filter(adds_up).map(places).collect()
        };
        let mut total = denominator(&measured.total);
        let mut ofs: Vec<Number> = cells.iter().map(|(_, cell)| denominator(cell)).collect();
        guard::columns(&mut total, &mut ofs, &columns(&|cell| cell.of));
        let mut total_met = numerator(&measured.total, &total);
        let mut mets: Vec<Number> = cells.iter().zip(&ofs).map(|((_, cell), of)| numerator(cell, of)).collect();
        guard::columns(&mut total_met, &mut mets, &columns(&|cell| cell.met.unwrap_or(0)));
        let pair = |cell: &Cell, of: &Number, met: &Number| (of.shown(), cell.met.map(|_| met.shown()));
        let groups = cells.iter().zip(ofs.iter().zip(&mets));
        Self {
            total: pair(&measured.total, &total, &total_met),
            groups: groups.map(|((name, cell), (of, met))| (name.clone(), pair(cell, of, met))).collect(),
        }
    }

    /// Hides what would tell a hidden number of one of the parts of the period.
    fn beside(&mut self, measured: &Measured, parts: &[Measured]) {
        let empty = Cell::default();
        let seen: Vec<Self> = parts.iter().map(Self::of).collect();
        let totals: Vec<(&Cell, Option<&Pair>)> =
            parts.iter().zip(&seen).map(|(part, seen)| (&part.total, Some(&seen.total))).collect();
        self.total = apart(&measured.total, self.total, &totals);
        for ((by, name), pair) in &mut self.groups {
            let cell = |measured: &'_ Measured| measured.groups.get(by).and_then(|cells| cells.get(name)).cloned();
            let cells: Vec<Cell> = parts.iter().map(|part| cell(part).unwrap_or_default()).collect();
            let key = (*by, name.clone());
            let beside: Vec<(&Cell, Option<&Pair>)> =
                cells.iter().zip(&seen).map(|(cell, seen)| (cell, seen.groups.get(&key))).collect();
            let whole = cell(measured);
            *pair = apart(whole.as_ref().unwrap_or(&empty), *pair, &beside);
        }
    }
}

/// The numbers of a cell beside those of its parts; a part that is not listed has none.
fn apart(cell: &Cell, (of, met): Pair, parts: &[(&Cell, Option<&Pair>)]) -> Pair {
    let number = |cell: &Cell, pair: Option<&Pair>| match pair {
        Some((Shown::Hidden, _)) if !is_small(cell.of) => Number::withheld(),
        _ => denominator(cell),
    };
    let mut whole = denominator(cell);
    let ofs: Vec<Number> = parts.iter().map(|(cell, pair)| number(cell, *pair)).collect();
    let adds_up = parts.iter().map(|(part, _)| part.of).sum::<u64>() == cell.of;
    let hides = of == Shown::Hidden || (adds_up && guard::tells(&mut whole, &ofs));
    let of = if hides { Shown::Hidden } else { of };
    let Some(shown) = met else { return (of, None) };
    let mets: Vec<Number> = parts
        .iter()
        .zip(&ofs)
        .map(|((cell, pair), of)| match pair {
            Some((_, Some(Shown::Rounded(_)))) | None => numerator(cell, of),
            Some(_) => numerator(cell, of).hidden(),
        })
        .collect();
    let mut whole = numerator(cell, &whole);
    let adds_up = parts.iter().map(|(part, _)| part.met.unwrap_or(0)).sum::<u64>() == cell.met.unwrap_or(0);
    let hides = hides || shown == Shown::Hidden || (adds_up && guard::tells(&mut whole, &mets));
    (of, Some(if hides { Shown::Hidden } else { shown }))
}

fn denominator(cell: &Cell) -> Number {
    if is_small(cell.of) { Number::secret(1..=4) } else { Number::seen(cell.of) }
}

/// The numerator of a denominator as it is shown.
fn numerator(cell: &Cell, of: &Number) -> Number {
    let met = cell.met.unwrap_or(0);
    let left = cell.of.saturating_sub(met);
    match of.shown() {
        Shown::Hidden if is_small(cell.of) => Number::secret(0..=4),
        Shown::Hidden if is_small(met) || is_small(left) => Number::secret(0..=cell.of),
        Shown::Hidden => Number::withheld(),
        Shown::Rounded(_) if is_small(met) || is_small(left) => {
            let (least, most) = of.bounds();
            let near = least.saturating_sub(4)..=most.saturating_sub(1);
            Number::secret((1..=4).chain(near))
        }
        Shown::Rounded(_) => Number::seen(met),
    }
}

fn line(definition: &Definition, group: Option<(By, String)>, cell: &Cell, (of, met): Pair) -> Line {
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
