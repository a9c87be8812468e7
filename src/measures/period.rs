//! The period of a measure: whole months of England; published are single months and financial years, because two others
//! would differ by what neither tells. Shorter or shifted ones are refused everywhere, because two that differ by a day
//! would tell what happened on that day.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::clocks::calendar::{begin_of, day_of};

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

    /// The period of published measures: one month, or a financial year, from April to March. Others would overlap with
    /// these, and the difference of two tell a number that neither does.
    ///
    /// # Errors
    /// Why there are none for it, in words.
    pub fn published(from: &str, to: &str) -> Result<Self, &'static str> {
        let period = Self::parse(from, to);
        let year = |period: &Self| period.from.month() == 4 && period.months().count() == 12;
        let offered = period.filter(|period| period.months().count() == 1 || year(period));
        offered.ok_or(
            "A period is one month, from its first day to its last, such as 2026-01-01 to 2026-01-31; or a financial \
             year, such as 2026-04-01 to 2027-03-31. Others would tell numbers that are hidden, by what they differ in.",
        )
    }

    /// The financial year of a moment.
    #[must_use]
    pub fn financial_year(now: Timestamp) -> Option<Self> {
        let day = day_of(now);
        let year = if day.month() < 4 { day.year().checked_sub(1)? } else { day.year() };
        Self::new(Date::new(year, 4, 1).ok()?, Date::new(year.checked_add(1)?, 3, 31).ok()?)
    }

    /// Its months, each a period.
    pub fn months(&self) -> impl Iterator<Item = Self> + use<> {
        let to = self.to;
        let first = Some(self.from).filter(|from| *from <= to);
        let firsts =
            std::iter::successors(first, move |month| month.checked_add(1.month()).ok().filter(|next| *next <= to));
        firsts.filter_map(|first| Self::new(first, first.last_of_month()))
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
