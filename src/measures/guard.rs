//! Numbers beside each other: what a reader can work out about a hidden one from sums. Knows nothing of measures.

use std::collections::BTreeSet;

use super::publish::Shown;

/// What everything shown is rounded to.
const TO: u64 = 5;

/// Whether a number is too small to be shown.
pub(super) const fn is_small(number: u64) -> bool {
    0 < number && number < 5
}

/// A number as a reader knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    shown: Shown,
    least: u64,
    most: u64,
    /// What it may be, where nobody is to know which.
    secret: BTreeSet<u64>,
    /// How much it is, to hide the smallest first.
    size: u64,
}

impl Number {
    /// One that is shown, rounded.
    pub(super) const fn seen(number: u64) -> Self {
        let about = (number + 2) / TO * TO;
        let (least, most) = match about {
            0 => (0, 0),
            // 3 and 4 are hidden
            TO => (TO, TO + 2),
            _ => (about - 2, about + 2),
        };
        Self { shown: Shown::Rounded(about), least, most, secret: BTreeSet::new(), size: number }
    }

    /// One that is hidden, and is one of these.
    pub(super) fn secret(any: impl IntoIterator<Item = u64>) -> Self {
        let secret: BTreeSet<u64> = any.into_iter().collect();
        let (least, most) = (secret.first().copied().unwrap_or(0), secret.last().copied().unwrap_or(0));
        Self { shown: Shown::Hidden, least, most, secret, size: 0 }
    }

    /// One that is hidden for the sake of others.
    pub(super) const fn withheld() -> Self {
        Self { shown: Shown::Hidden, least: 0, most: u64::MAX, secret: BTreeSet::new(), size: 0 }
    }

    pub(super) fn hidden(self) -> Self {
        if self.shown == Shown::Hidden { self } else { Self::withheld() }
    }

    pub(super) const fn shown(&self) -> Shown {
        self.shown
    }

    pub(super) const fn bounds(&self) -> (u64, u64) {
        (self.least, self.most)
    }
}

/// Whether a sum between these bounds leaves one of its parts that nobody is to know less than two choices.
fn tells_between((least, most): (u64, u64), parts: &[&Number]) -> bool {
    parts.iter().enumerate().filter(|(_, part)| !part.secret.is_empty()).any(|(place, part)| {
        let others = || parts.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other);
        let (from, to) = others().fold((0_u64, 0_u64), |(from, to), other| {
            (from.saturating_add(other.least), to.saturating_add(other.most))
        });
        let (low, high) = (least.saturating_sub(to), most.checked_sub(from));
        let fits = |number: &&u64| **number >= low && high.is_some_and(|high| **number <= high);
        part.secret.len() > 1 && part.secret.iter().filter(fits).count() < 2
    })
}

/// Whether a whole tells a hidden one of the parts that add up to it.
pub(super) fn tells(whole: &mut Number, parts: &[Number]) -> bool {
    let all: Vec<&Number> = parts.iter().collect();
    let tells = tells_between(whole.bounds(), &all);
    if tells {
        *whole = Number::withheld();
    }
    tells
}

/// Hides the total, and then the smallest numbers, until no column of numbers that add up to it tells a hidden one. All
/// columns add up to the same total, so each bounds the others.
pub(super) fn columns(total: &mut Number, numbers: &mut [Number], columns: &[Vec<usize>]) {
    // each turn hides one more
    for _ in 0..=numbers.len() + 1 {
        let of =
            |column: &Vec<usize>| -> Vec<&Number> { column.iter().filter_map(|place| numbers.get(*place)).collect() };
        let bounds = columns.iter().map(of).fold(total.bounds(), |(least, most), column| {
            let from = column.iter().fold(0_u64, |sum, number| sum.saturating_add(number.least));
            let to = column.iter().fold(0_u64, |sum, number| sum.saturating_add(number.most));
            (least.max(from), most.min(to))
        });
        let Some(told) = columns.iter().find(|column| tells_between(bounds, &of(column))) else { return };
        if total.shown != Shown::Hidden {
            *total = Number::withheld();
            continue;
        }
        let shown =
            |place: &usize| numbers.get(*place).is_some_and(|number| matches!(number.shown, Shown::Rounded(1..)));
        let smallest = |places: &mut dyn Iterator<Item = usize>| {
            places.filter(|place| shown(place)).min_by_key(|place| numbers.get(*place).map(|number| number.size))
        };
        let next = smallest(&mut told.iter().copied()).or_else(|| smallest(&mut columns.iter().flatten().copied()));
        let Some(number) = next.and_then(|place| numbers.get_mut(place)) else { return };
        *number = Number::withheld();
    }
}
