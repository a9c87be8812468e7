//! From when to when an entry counts. Dates are read here; which entries count is decided in `directory`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Where civil dates of the directory are meant: a contract that ends on 31 March ends at midnight in England.
const ZONE: &str = "Europe/London";

/// A period: `from` inclusive, `until` exclusive; an open end is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Validity {
    /// Whether `now` lies in the period.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether some instant lies in both periods.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |a: &Self, b: &Self| a.until.zip(b.from).is_some_and(|(until, from)| until <= from);
        !before(self, other) && !before(other, self)
    }

    /// Whether the end does not come after the beginning, so that no instant lies in the period.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.from.zip(self.until).is_some_and(|(from, until)| until <= from)
    }
}

/// The instant from which an entry counts: a moment, or the first moment of a day.
pub(super) fn from_instant(text: &str) -> Option<Timestamp> {
    moment(text).or_else(|| day_start(day(text)?))
}

/// The instant at which an entry stops counting: a moment, or the end of the last day in force, because that is how
/// people write contracts ("until 31 March" includes that day).
pub(super) fn until_instant(text: &str) -> Option<Timestamp> {
    moment(text).or_else(|| day_start(day(text)?.checked_add(1.day()).ok()?))
}

/// A date and time with an offset; without one the moment would depend on where the reader sits.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A plain date. jiff would read the date out of a longer text, and so drop a time of day unseen.
fn day(text: &str) -> Option<Date> {
    (text.len() == "2026-03-31".len()).then(|| text.parse().ok())?
}

fn day_start(day: Date) -> Option<Timestamp> {
    let zone = TimeZone::get(ZONE).ok()?;
    Some(day.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{Validity, from_instant, until_instant};

    fn period(from: &str, until: &str) -> Validity {
        Validity { from: from_instant(from), until: until_instant(until) }
    }

    #[test]
    fn a_day_begins_and_ends_in_england_summer_time_included() {
        assert_eq!(from_instant("2026-01-10"), "2026-01-10T00:00:00Z".parse().ok());
        assert_eq!(from_instant("2026-07-10"), "2026-07-09T23:00:00Z".parse().ok());
        assert_eq!(until_instant("2026-07-10"), "2026-07-10T23:00:00Z".parse().ok());
    }

    #[test]
    fn the_last_day_named_is_still_in_force_and_the_next_is_not() {
        let year = period("2025-04-01", "2026-03-31");
        assert!(year.holds("2026-03-31T22:59:59Z".parse().unwrap()));
        assert!(!year.holds("2026-03-31T23:00:00Z".parse().unwrap()));
        assert!(!year.holds("2025-03-31T22:59:59Z".parse().unwrap()));
        assert!(year.holds("2025-03-31T23:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_moment_is_taken_as_it_stands() {
        assert_eq!(until_instant("2026-07-10T12:00:00+01:00"), "2026-07-10T11:00:00Z".parse().ok());
    }

    #[test]
    fn times_without_offset_and_impossible_dates_are_refused() {
        for bad in ["2026-07-10T12:00:00", "2026-02-30", "31/03/2026", "2026-07", "", "tomorrow", "2026-07-10T"] {
            assert!(from_instant(bad).is_none() && until_instant(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn periods_that_only_touch_do_not_overlap() {
        let (first, second) = (period("2025-04-01", "2026-03-31"), period("2026-04-01", "2027-03-31"));
        assert!(!first.overlaps(&second) && !second.overlaps(&first));
        assert!(first.overlaps(&Validity::default()) && first.overlaps(&first));
        assert!(period("2026-04-01", "2026-03-31").is_empty() && !first.is_empty());
    }
}
