//! The period of a measure: whole months of England. Shorter or shifted ones are refused, because two that differ by a day
//! would tell what happened on that day.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::clocks::calendar::begin_of;

/// From the first day of a month to the last day of the same or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
    begins: Timestamp,
    ends: Timestamp,
}

impl Period {
    /// The period from one day to another, both within; `None` unless it is whole months, at most ten years.
    #[must_use]
    pub fn new(from: Date, to: Date) -> Option<Self> {
        let after = to.checked_add(1.day()).ok()?;
        let whole = from.day() == 1 && after.day() == 1 && from < after;
        let most = from.checked_add(10.years()).ok()?;
        (whole && after <= most).then(|| Self { from, to, begins: begin_of(from), ends: begin_of(after) })
    }

    /// The same from two texts such as `2026-01-01`.
    #[must_use]
    pub fn parse(from: &str, to: &str) -> Option<Self> {
        Self::new(from.parse().ok()?, to.parse().ok()?)
    }

    #[must_use]
    pub const fn from(&self) -> Date {
        self.from
    }

    #[must_use]
    pub const fn to(&self) -> Date {
        self.to
    }

    /// The first moment after it.
    #[must_use]
    pub const fn end(&self) -> Timestamp {
        self.ends
    }

    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.begins <= at && at < self.ends
    }
}
