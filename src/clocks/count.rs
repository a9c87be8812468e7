//! How limits are counted: hours on the clock; days, working days, weeks and months by the days of England, the day on
//! which something starts not among them. A pause stops what counts: hours are added, and a day is left out when the
//! clock stood still for all of it. So a pause over a weekend with a bank holiday gives back no working day.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::calendar::{Calendar, begin_of, day_of, end_of};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Hours,
    Days,
    WorkingDays,
    Weeks,
    /// Of five working days each.
    WorkingWeeks,
    /// Calendar months; from the 31st to the last day of a shorter one.
    Months,
}

impl Unit {
    pub const ALL: &'static [Self] =
        &[Self::Hours, Self::Days, Self::WorkingDays, Self::Weeks, Self::WorkingWeeks, Self::Months];

    /// The name of the field in the rules.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::WorkingDays => "working_days",
            Self::Weeks => "weeks",
            Self::WorkingWeeks => "working_weeks",
            Self::Months => "months",
        }
    }
}

/// A number of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub unit: Unit,
    pub number: u16,
}

impl std::fmt::Display for Span {
    /// In words: `5 working days`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = self.unit.code().replace('_', " ");
        let words = if self.number == 1 { words.trim_end_matches('s') } else { &words };
        write!(f, "{} {words}", self.number)
    }
}

/// Times in which a clock stood still: in order, apart from each other, from and until.
pub(super) type Pauses = [(Timestamp, Timestamp)];

/// Days a clock may run in all, pauses included: a limit of the rules is far below it.
const MOST_DAYS: u32 = 40_000;

/// The last moment of a limit that runs from `start`.
pub(super) fn due(calendar: &Calendar, span: Span, start: Timestamp, pauses: &Pauses) -> Timestamp {
    let first = day_of(start);
    let number = u32::from(span.number);
    match span.unit {
        Unit::Hours => after_hours(span.number, start, pauses),
        Unit::WorkingDays => end_of(nth_day(number, first, pauses, |day| calendar.is_working_day(day))),
        Unit::WorkingWeeks => end_of(nth_day(5 * number, first, pauses, |day| calendar.is_working_day(day))),
        Unit::Days => end_of(nth_day(number, first, pauses, |_| true)),
        Unit::Weeks => end_of(nth_day(7 * number, first, pauses, |_| true)),
        Unit::Months => {
            let last = first.saturating_add(i32::from(span.number).months());
            let days = first.until(last).map_or(0, |between| between.get_days());
            end_of(nth_day(u32::try_from(days).unwrap_or(0), first, pauses, |_| true))
        }
    }
}

fn after_hours(hours: u16, start: Timestamp, pauses: &Pauses) -> Timestamp {
    let mut due = later(start, SignedDuration::from_hours(i64::from(hours)));
    for (from, until) in pauses {
        if *from < due {
            due = later(due, until.duration_since((*from).max(start)).max(SignedDuration::ZERO));
        }
    }
    due
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The nth day after `first` that counts and on which the clock did not stand still from beginning to end.
fn nth_day(number: u32, first: Date, pauses: &Pauses, counts: impl Fn(Date) -> bool) -> Date {
    let still = |day: Date| {
        let (begin, end) = (begin_of(day), end_of(day));
        pauses.iter().any(|(from, until)| *from <= begin && *until >= end)
    };
    let (mut day, mut counted) = (first, 0);
    for _ in 0..MOST_DAYS {
        if counted >= number {
            break;
        }
        day = day.saturating_add(1.days());
        if counts(day) && (pauses.is_empty() || !still(day)) {
            counted += 1;
        }
    }
    day
}

/// The moment from which a span is left before `due`: some hours before it, or the beginning of a day so many before the
/// day it falls on.
pub(super) fn before(calendar: &Calendar, span: Span, due: Timestamp) -> Timestamp {
    let day = day_of(due);
    let number = i32::from(span.number);
    let days = |number: i32| begin_of(day.saturating_sub(number.days()));
    match span.unit {
        Unit::Hours => due.checked_sub(SignedDuration::from_hours(i64::from(span.number))).unwrap_or(Timestamp::MIN),
        Unit::Days => days(number),
        Unit::Weeks => days(7 * number),
        Unit::Months => begin_of(day.saturating_sub(number.months())),
        Unit::WorkingDays => begin_of(working_day_before(calendar, number, day)),
        Unit::WorkingWeeks => begin_of(working_day_before(calendar, 5 * number, day)),
    }
}

fn working_day_before(calendar: &Calendar, number: i32, mut day: Date) -> Date {
    let mut left = number;
    for _ in 0..MOST_DAYS {
        if left <= 0 {
            break;
        }
        day = day.saturating_sub(1.days());
        if calendar.is_working_day(day) {
            left -= 1;
        }
    }
    day
}

/// The last moment at which something may be done so many days before a day, however little is left: never before the
/// end of the day on which it starts.
pub(super) fn ahead(span: Span, day: Date, start: Timestamp) -> Timestamp {
    let days = match span.unit {
        Unit::Weeks => 7 * i32::from(span.number),
        _ => i32::from(span.number),
    };
    end_of(day.saturating_sub(days.days())).max(end_of(day_of(start)))
}
