//! Days in England: which are working days, and where a day begins and ends on the clocks of Europe/London. Bank holidays
//! follow from rule (<https://www.gov.uk/bank-holidays>; Banking and Financial Dealings Act 1971), with those that were
//! moved or added once by proclamation since 2019; a site adds what is proclaimed later (`[[holiday]]` in its rules).

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

const ZONE: &str = "Europe/London";

/// The working days of England, with the holidays a site has added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    added: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar with further bank holidays.
    #[must_use]
    pub const fn with(added: BTreeSet<Date>) -> Self {
        Self { added }
    }

    /// Monday to Friday, and no bank holiday.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let holiday = || may_hold_one(day.month()) && bank_holidays(day.year()).contains(&day);
        !(weekend || self.added.contains(&day) || holiday())
    }
}

/// Whether a month can have a bank holiday: most of the year need not be looked up.
const fn may_hold_one(month: i8) -> bool {
    !matches!(month, 2 | 7 | 10 | 11)
}

/// The bank holidays of England and Wales in a year from 2019 on, in order; substitute days in place of those that fall
/// on a weekend.
#[must_use]
pub fn bank_holidays(year: i16) -> Vec<Date> {
    let easter = easter(year);
    let mut days = vec![
        on_or_after_weekend(date(year, 1, 1)),
        easter.saturating_sub(2.days()),
        easter.saturating_add(1.days()),
        nth_monday(year, 8, None),
    ];
    // moved to the 75th anniversary of VE Day
    days.push(if year == 2020 { date(2020, 5, 8) } else { nth_monday(year, 5, Some(1)) });
    if year == 2022 {
        // moved for the Platinum Jubilee, with a day added; and the State Funeral
        days.extend([date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)]);
    } else {
        days.push(nth_monday(year, 5, None));
    }
    if year == 2023 {
        // the Coronation
        days.push(date(2023, 5, 8));
    }
    days.extend(match date(year, 12, 25).weekday() {
        Weekday::Friday => [date(year, 12, 25), date(year, 12, 28)],
        Weekday::Saturday => [date(year, 12, 27), date(year, 12, 28)],
        // Christmas Day is given back after Boxing Day
        Weekday::Sunday => [date(year, 12, 26), date(year, 12, 27)],
        _ => [date(year, 12, 25), date(year, 12, 26)],
    });
    days.sort_unstable();
    days
}

/// The day itself, or the Monday after it.
fn on_or_after_weekend(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => day.saturating_add(2.days()),
        Weekday::Sunday => day.saturating_add(1.days()),
        _ => day,
    }
}

/// A Monday of a month: the first, second …, or the last.
fn nth_monday(year: i16, month: i8, nth: Option<i8>) -> Date {
    let first = date(year, month, 1);
    first.nth_weekday_of_month(nth.unwrap_or(-1), Weekday::Monday).unwrap_or(first)
}

/// Easter Sunday in the Gregorian calendar (the computation of Meeus, Jones and Butcher).
fn easter(year: i16) -> Date {
    let year_number = i32::from(year);
    let (golden, century, rest) = (year_number % 19, year_number / 100, year_number % 100);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 22;
    // counted from the first of March, so that March and April need not be told apart
    date(year, 3, 1).saturating_add(i64::from(days - 1).days())
}

/// The zone of England.
fn zone() -> TimeZone {
    // the zone database is compiled in, so that this does not fail
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

/// The day on which a moment falls in England.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

/// The first moment of a day in England.
#[must_use]
pub fn begin_of(day: Date) -> Timestamp {
    day.to_zoned(zone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The last moment of a day in England that the store can tell: a millisecond before the next day begins.
#[must_use]
pub fn end_of(day: Date) -> Timestamp {
    let next = begin_of(day.saturating_add(1.days()));
    next.checked_sub(SignedDuration::from_millis(1)).unwrap_or(next)
}

/// A date, or the day of a moment, as documents write them; a month or a year is no day.
#[must_use]
pub fn day_in(text: &str) -> Option<Date> {
    match text.parse::<Timestamp>() {
        Ok(at) => Some(day_of(at)),
        Err(_) => (text.len() == "2026-03-31".len()).then(|| text.parse().ok())?,
    }
}

/// The moment a document writes: as it stands, or the first moment of a day.
#[must_use]
pub fn moment_in(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| day_in(text).map(begin_of))
}

/// A moment as people in England read it: `Friday 2 April 2027, 5:30pm`.
#[must_use]
pub fn words(at: Timestamp) -> String {
    at.to_zoned(zone()).strftime("%A %-d %B %Y, %-I:%M%P").to_string()
}
