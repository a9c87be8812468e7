//! Working days for the tally, written down and not worked out: the bank holidays of England from April 2025 to the end of
//! 2026 as published (<https://www.gov.uk/bank-holidays>). Apart from `clocks::calendar` on purpose.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

const BANK_HOLIDAYS: &[Date] = &[
    date(2025, 4, 18),
    date(2025, 4, 21),
    date(2025, 5, 5),
    date(2025, 5, 26),
    date(2025, 8, 25),
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 5, 25),
    date(2026, 8, 31),
    date(2026, 12, 25),
    date(2026, 12, 28),
];

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}

pub(super) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(london()).date()
}

pub(super) fn begin_of(day: Date) -> Timestamp {
    day.to_zoned(london()).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

/// The last moment of the working day that is so many after the day of `from`.
pub(super) fn working_days_after(from: Timestamp, mut number: u32) -> Timestamp {
    let mut day = day_of(from);
    while number > 0 {
        day = day.saturating_add(1.day());
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if !weekend && !BANK_HOLIDAYS.contains(&day) {
            number -= 1;
        }
    }
    begin_of(day.saturating_add(1.day())) - SignedDuration::from_millis(1)
}
