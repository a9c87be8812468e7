//! Dates, instants and times of day (<https://hl7.org/fhir/R4/datatypes.html#dateTime>): their shape, and that the day
//! exists. It must not know the time zone database or the clock.

use super::Wrong;

/// A date of any precision, read from the front of a text.
struct Day<'a> {
    year: u16,
    whole: bool,
    rest: &'a [u8],
}

/// A date; its year.
pub(super) fn date(text: &str) -> Result<u16, Wrong> {
    let day = day(text.as_bytes(), Wrong::Date)?;
    match day.rest {
        [] => Ok(day.year),
        [b'T', ..] if day.whole => Err(Wrong::DateWithTime),
        _ => Err(Wrong::Date),
    }
}

/// A date, or a date with time and zone; its year.
pub(super) fn date_time(text: &str) -> Result<u16, Wrong> {
    let day = day(text.as_bytes(), Wrong::DateTime)?;
    match day.rest {
        [] => Ok(day.year),
        [b'T', rest @ ..] if day.whole => zone(clock(rest, Wrong::DateTime)?, Wrong::DateTime).map(|()| day.year),
        _ => Err(Wrong::DateTime),
    }
}

/// A date with time and zone, none of them left out; its year.
pub(super) fn instant(text: &str) -> Result<u16, Wrong> {
    let day = day(text.as_bytes(), Wrong::Instant)?;
    match day.rest {
        [b'T', rest @ ..] if day.whole => zone(clock(rest, Wrong::Instant)?, Wrong::Instant).map(|()| day.year),
        _ => Err(Wrong::Instant),
    }
}

/// A time of day without a zone. The reference's own pattern leaves out the fraction that R4 allows; R4 decides.
pub(super) fn time(text: &str) -> Result<(), Wrong> {
    match clock(text.as_bytes(), Wrong::Time)? {
        [] => Ok(()),
        _ => Err(Wrong::Time),
    }
}

/// Whether a year is one that people write about.
pub(super) fn likely(year: u16, last: u16) -> Result<(), Wrong> {
    if (1800..=last).contains(&year) { Ok(()) } else { Err(Wrong::UnlikelyYear) }
}

fn two(bytes: &[u8]) -> Option<(u8, &[u8])> {
    match bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => Some(((tens - b'0') * 10 + (ones - b'0'), rest)),
        _ => None,
    }
}

fn day(bytes: &[u8], shape: Wrong) -> Result<Day<'_>, Wrong> {
    let (century, rest) = two(bytes).ok_or(shape)?;
    let (year, rest) = two(rest).ok_or(shape)?;
    let year = u16::from(century) * 100 + u16::from(year);
    if year == 0 {
        return Err(Wrong::YearZero);
    }
    let [b'-', rest @ ..] = rest else { return Ok(Day { year, whole: false, rest }) };
    let (month, rest) = two(rest).ok_or(shape)?;
    if !(1..=12).contains(&month) {
        return Err(Wrong::NoSuchMonth);
    }
    let [b'-', rest @ ..] = rest else { return Ok(Day { year, whole: false, rest }) };
    let (day, rest) = two(rest).ok_or(shape)?;
    if !(1..=days_in(year, month)).contains(&day) {
        return Err(Wrong::NoSuchDay);
    }
    Ok(Day { year, whole: true, rest })
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Hours, minutes, seconds and their fraction; what follows them.
fn clock(bytes: &[u8], shape: Wrong) -> Result<&[u8], Wrong> {
    let (hour, rest) = two(bytes).ok_or(shape)?;
    let [b':', rest @ ..] = rest else { return Err(shape) };
    let (minute, rest) = two(rest).ok_or(shape)?;
    if hour > 23 {
        return Err(Wrong::Hour);
    }
    if minute > 59 {
        return Err(Wrong::Minute);
    }
    let rest = match rest {
        [b':', rest @ ..] => rest,
        [] | [b'Z' | b'+' | b'-', ..] => return Err(Wrong::SecondsMissing),
        _ => return Err(shape),
    };
    let (second, rest) = two(rest).ok_or(shape)?;
    // 60 is a leap second; that it happened is not checked
    if second > 60 {
        return Err(Wrong::Second);
    }
    let [b'.', rest @ ..] = rest else { return Ok(rest) };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return Err(Wrong::Fraction);
    }
    Ok(rest.get(digits..).unwrap_or_default())
}

fn zone(bytes: &[u8], shape: Wrong) -> Result<(), Wrong> {
    let offset = match bytes {
        [b'Z'] => return Ok(()),
        [] => return Err(Wrong::ZoneMissing),
        [b'+' | b'-', rest @ ..] => rest,
        _ => return Err(shape),
    };
    let (hours, rest) = two(offset).ok_or(Wrong::Offset)?;
    let [b':', rest @ ..] = rest else { return Err(Wrong::Offset) };
    match two(rest).ok_or(Wrong::Offset)? {
        (minutes, []) if (hours <= 13 && minutes <= 59) || (hours == 14 && minutes == 0) => Ok(()),
        _ => Err(Wrong::Offset),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil;
    use proptest::prelude::*;

    use super::{Wrong, date, date_time, instant, time};
    use crate::validate::values::primitive::{Primitive, check};

    #[test]
    fn dates_have_three_shapes_and_days_that_exist() {
        for text in ["2024", "2024-02", "2024-02-29", "1800-01-01", "2000-02-29", "2106-12-31"] {
            assert_eq!(check(Primitive::Date, text), Ok(()), "{text}");
            assert_eq!(check(Primitive::DateTime, text), Ok(()), "{text}");
        }
        let wrong = [
            ("2023-02-29", Wrong::NoSuchDay),
            ("1900-02-29", Wrong::NoSuchDay),
            ("2024-04-31", Wrong::NoSuchDay),
            ("2024-01-00", Wrong::NoSuchDay),
            ("2024-13", Wrong::NoSuchMonth),
            ("2024-00-01", Wrong::NoSuchMonth),
            ("0000-01-01", Wrong::YearZero),
            ("24", Wrong::Date),
            ("02/03/2024", Wrong::Date),
            ("2024-2-3", Wrong::Date),
            ("20240203", Wrong::Date),
            ("2024-02-03 ", Wrong::Date),
            ("2024-", Wrong::Date),
            ("２０２４", Wrong::Date),
            ("2024-02-03T10:00:00Z", Wrong::DateWithTime),
            ("2024-02T10:00:00Z", Wrong::Date),
        ];
        for (text, expected) in wrong {
            assert_eq!(check(Primitive::Date, text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_time_needs_seconds_and_a_zone() {
        let right = [
            "2024-02-29T00:00:00Z",
            "2024-02-29T23:59:59+01:00",
            "2024-02-29T10:00:00.123456789012-13:59",
            "2016-12-31T23:59:60Z",
            "2024-02-29T10:00:00+14:00",
            "2024-02-29T10:00:00-00:00",
        ];
        for text in right {
            assert_eq!(check(Primitive::DateTime, text), Ok(()), "{text}");
            assert_eq!(check(Primitive::Instant, text), Ok(()), "{text}");
        }
        let wrong = [
            ("2024-02-29T10:00:00", Wrong::ZoneMissing),
            ("2024-02-29T10:00:00.5", Wrong::ZoneMissing),
            ("2024-02-29T10:00Z", Wrong::SecondsMissing),
            ("2024-02-29T10:00", Wrong::SecondsMissing),
            ("2024-02-29T10:00+01:00", Wrong::SecondsMissing),
            ("2024-02-29T24:00:00Z", Wrong::Hour),
            ("2024-02-29T10:60:00Z", Wrong::Minute),
            ("2024-02-29T10:00:61Z", Wrong::Second),
            ("2024-02-29T10:00:00.Z", Wrong::Fraction),
            ("2024-02-29T10:00:00+14:01", Wrong::Offset),
            ("2024-02-29T10:00:00+15:00", Wrong::Offset),
            ("2024-02-29T10:00:00+0100", Wrong::Offset),
            ("2024-02-29T10:00:00+01:60", Wrong::Offset),
            ("2024-02-30T10:00:00Z", Wrong::NoSuchDay),
        ];
        for (text, expected) in wrong {
            assert_eq!(check(Primitive::DateTime, text), Err(expected), "{text}");
            assert_eq!(check(Primitive::Instant, text), Err(expected), "{text}");
        }
        for text in ["2024-02-29t10:00:00Z", "2024-02-29 10:00:00Z", "2024-02-29T10:00:00z", "2024-02T10:00:00Z"] {
            assert_eq!(check(Primitive::DateTime, text), Err(Wrong::DateTime), "{text}");
            assert_eq!(check(Primitive::Instant, text), Err(Wrong::Instant), "{text}");
        }
    }

    #[test]
    fn an_instant_leaves_nothing_out() {
        for text in ["2024", "2024-02", "2024-02-29", "-2024-02-29T10:00:00Z"] {
            assert_eq!(check(Primitive::Instant, text), Err(Wrong::Instant), "{text}");
        }
    }

    #[test]
    fn times_of_day_have_no_zone() {
        for text in ["00:00:00", "23:59:60", "10:00:00.25"] {
            assert_eq!(time(text), Ok(()), "{text}");
        }
        let wrong = [("10:00", Wrong::SecondsMissing), ("10:00:00Z", Wrong::Time), ("24:00:00", Wrong::Hour)];
        for (text, expected) in wrong {
            assert_eq!(time(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_unlikely_year_is_a_warning() {
        for text in ["1799-12-31", "2107", "0001-01-01", "9999-12-31"] {
            assert_eq!(check(Primitive::Date, text), Err(Wrong::UnlikelyYear), "{text}");
        }
        assert_eq!(check(Primitive::Instant, "1066-10-14T09:00:00Z"), Err(Wrong::UnlikelyYear));
    }

    proptest! {
        #[test]
        fn a_date_passes_when_jiff_knows_the_day(year in 0i16..=9999, month in 0i8..=13, day in 0i8..=32) {
            let known = year > 0 && civil::Date::new(year, month, day).is_ok();
            prop_assert_eq!(date(&format!("{year:04}-{month:02}-{day:02}")).is_ok(), known);
        }

        #[test]
        fn what_passes_as_an_instant_is_one_to_jiff(
            year in 1i16..=9998, month in 1u8..=12, day in 1u8..=31, hour in 0u8..=24, minute in 0u8..=60,
            second in 0u8..=61, fraction in "(\\.[0-9]{1,9})?", zone in "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            prop_assert_eq!(instant(&text).is_ok(), text.parse::<Timestamp>().is_ok());
            prop_assert_eq!(date_time(&text), instant(&text));
        }
    }
}
