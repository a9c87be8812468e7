//! Dates, dates with times, and times of day, as precise as they were written: parsing, order, adding a span.
//! Knows no clock; `now` comes from the caller.

use std::cmp::Ordering;
use std::fmt;

use jiff::Span;
use jiff::civil::{Date, DateTime};

/// How precise a moment is; seconds and their fractions count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// What kind of moment was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Date,
    DateTime,
    Time,
}

/// A date, a date and time, or a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub(super) kind: Kind,
    /// Parts that were not written are the first of their kind.
    at: DateTime,
    pub(super) precision: Precision,
    /// Digits of the fraction of the second.
    fraction: u8,
    /// Minutes east of UTC, where written.
    offset: Option<i32>,
}

/// What is added to a moment, in the units a calendar has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Months(i64),
    Days(i64),
    Millis(i64),
}

impl Moment {
    pub(super) fn parse(text: &str, kind: Kind) -> Option<Self> {
        match kind {
            Kind::Time => {
                let mut moment = Self::new(kind, Date::constant(1, 1, 1), Precision::Day);
                moment.take_time(text)?;
                Some(moment)
            }
            Kind::Date => Self::parse_date(text, kind),
            Kind::DateTime => {
                let Some((date, time)) = text.split_once('T') else { return Self::parse_date(text, kind) };
                let mut moment = Self::parse_date(date, kind)?;
                if time.is_empty() {
                    return Some(moment);
                }
                if moment.precision != Precision::Day {
                    return None;
                }
                let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
                moment.take_time(time.get(..zone)?)?;
                moment.offset = offset(time.get(zone..)?)?;
                Some(moment)
            }
        }
    }

    /// A literal, without its `@`.
    pub(super) fn literal(text: &str) -> Option<Self> {
        match text.strip_prefix('T') {
            Some(time) => Self::parse(time, Kind::Time),
            None if text.contains('T') => Self::parse(text, Kind::DateTime),
            None => Self::parse(text, Kind::Date),
        }
    }

    pub(super) fn of(now: &jiff::Zoned, kind: Kind) -> Self {
        let at = now.datetime();
        let precision = if kind == Kind::Date { Precision::Day } else { Precision::Second };
        let offset = (kind == Kind::DateTime).then(|| now.offset().seconds() / 60);
        let at = match kind {
            Kind::Date => at.date().at(0, 0, 0, 0),
            Kind::DateTime => at,
            Kind::Time => Date::constant(1, 1, 1).to_datetime(at.time()),
        };
        Self { kind, at, precision, fraction: 3, offset }
    }

    fn new(kind: Kind, date: Date, precision: Precision) -> Self {
        Self { kind, at: date.at(0, 0, 0, 0), precision, fraction: 0, offset: None }
    }

    fn parse_date(text: &str, kind: Kind) -> Option<Self> {
        let mut parts = text.split('-');
        let year: i16 = digits(parts.next()?, 4)?;
        let month: Option<i8> = parts.next().map(|part| digits(part, 2).ok_or(())).transpose().ok()?;
        let day: Option<i8> = parts.next().map(|part| digits(part, 2).ok_or(())).transpose().ok()?;
        if parts.next().is_some() {
            return None;
        }
        let precision = match (month, day) {
            (None, _) => Precision::Year,
            (_, None) => Precision::Month,
            _ => Precision::Day,
        };
        let date = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        Some(Self::new(kind, date, precision))
    }

    fn take_time(&mut self, text: &str) -> Option<()> {
        let (clock, fraction) = match text.split_once('.') {
            Some((clock, fraction)) => (clock, Some(fraction)),
            None => (text, None),
        };
        let mut parts = clock.split(':');
        let hour: i8 = digits(parts.next()?, 2)?;
        let minute: Option<i8> = parts.next().map(|part| digits(part, 2).ok_or(())).transpose().ok()?;
        let second: Option<i8> = parts.next().map(|part| digits(part, 2).ok_or(())).transpose().ok()?;
        if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
            return None;
        }
        self.precision = match (minute, second) {
            (None, _) => Precision::Hour,
            (_, None) => Precision::Minute,
            _ => Precision::Second,
        };
        let mut nanos = 0;
        if let Some(fraction) = fraction {
            if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
            nanos = digits.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
            self.fraction = u8::try_from(fraction.len().min(9)).ok()?;
        }
        // a leap second is the last second we can hold
        let time = jiff::civil::Time::new(hour, minute.unwrap_or(0), second.unwrap_or(0).min(59), nanos).ok()?;
        (second.unwrap_or(0) <= 60).then(|| self.at = self.at.date().to_datetime(time))
    }

    fn has_time(self) -> bool {
        self.precision >= Precision::Hour
    }

    /// The parts from the year down, and between which of them something was written.
    fn parts(self) -> ([i64; 6], std::ops::RangeInclusive<usize>) {
        let at = self.at;
        let second = i64::from(at.second()) * 1_000_000_000 + i64::from(at.subsec_nanosecond());
        let all = [at.year().into(), at.month().into(), at.day().into(), at.hour().into(), at.minute().into(), second];
        let from = if self.kind == Kind::Time { 3 } else { 0 };
        (all, from..=self.precision as usize)
    }

    fn in_utc(self) -> Option<Self> {
        let offset = self.offset?;
        if offset == 0 {
            return Some(self);
        }
        let at = self.at.checked_sub(Span::new().try_minutes(i64::from(offset)).ok()?).ok()?;
        Some(Self { at, offset: Some(0), ..self })
    }

    /// Which is earlier; `None` where what was not written would decide.
    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        if (self.kind == Kind::Time) != (other.kind == Kind::Time) {
            return None;
        }
        let (mut a, mut b) = (self, other);
        if a.has_time() && b.has_time() && a.kind != Kind::Time {
            match (a.in_utc(), b.in_utc()) {
                (Some(x), Some(y)) => (a, b) = (x, y),
                (None, None) => {}
                // one of them is anywhere from 12 hours behind to 14 hours before UTC
                (x, y) => {
                    let apart = x.unwrap_or(a).at.duration_since(y.unwrap_or(b).at).as_hours();
                    return if apart.abs() > 14 { Some(apart.cmp(&0)) } else { None };
                }
            }
        }
        let ((mine, written), (others, also)) = (a.parts(), b.parts());
        let both = *written.start()..=*written.end().min(also.end());
        let pairs = mine.iter().zip(&others).enumerate().filter(|(at, _)| both.contains(at));
        let differs = pairs.map(|(_, (x, y))| x.cmp(y)).find(|order| *order != Ordering::Equal);
        match differs {
            Some(order) => Some(order),
            None if written.end() == also.end() => Some(Ordering::Equal),
            None => None,
        }
    }

    /// The same moment, equally precise.
    pub(super) fn equivalent(self, other: Self) -> bool {
        self.precision == other.precision && self.order(other) == Some(Ordering::Equal)
    }

    /// Later (or earlier) by a span, in whole steps of the moment's own precision; `None` where no calendar reaches.
    pub(super) fn plus(self, unit: Unit) -> Option<Self> {
        let days = |days: i64| match self.precision {
            Precision::Year => Span::new().try_years(days / 365),
            Precision::Month => Span::new().try_months(days / 30),
            _ => Span::new().try_days(days),
        };
        let span = match unit {
            Unit::Months(months) if self.precision == Precision::Year => Span::new().try_years(months / 12),
            Unit::Months(months) => Span::new().try_months(months),
            Unit::Days(count) => days(count),
            Unit::Millis(millis) => match self.precision {
                Precision::Second => Span::new().try_milliseconds(millis),
                Precision::Minute => Span::new().try_minutes(millis / 60_000),
                Precision::Hour => Span::new().try_hours(millis / 3_600_000),
                _ => days(millis / 86_400_000),
            },
        }
        .ok()?;
        if self.kind == Kind::Time {
            // a time of day has no date that days or months could move
            let Unit::Millis(_) = unit else { return None };
            let at = self.at.date().to_datetime(self.at.time().wrapping_add(span));
            return Some(Self { at, ..self });
        }
        let at = self.at.checked_add(span).ok()?;
        (at.year() >= 1).then_some(Self { at, ..self })
    }

    /// The date alone.
    pub(super) fn date(self) -> Self {
        let precision = self.precision.min(Precision::Day);
        Self { kind: Kind::Date, at: self.at.date().at(0, 0, 0, 0), precision, fraction: 0, offset: None }
    }

    /// As a date and time, no more precise than it was.
    pub(super) fn date_time(self) -> Self {
        Self { kind: Kind::DateTime, ..self }
    }
}

fn digits<N: std::str::FromStr>(text: &str, count: usize) -> Option<N> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Minutes east of UTC; `Some(None)` where nothing is written.
#[allow(clippy::option_option, reason = "no zone, and no such zone, are different answers")]
fn offset(zone: &str) -> Option<Option<i32>> {
    if zone.is_empty() {
        return Some(None);
    }
    if zone == "Z" {
        return Some(Some(0));
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let total = digits::<i32>(hours, 2)? * 60 + digits::<i32>(minutes, 2)?;
    (total <= 14 * 60).then(|| Some(if zone.starts_with('-') { -total } else { total }))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        if self.kind != Kind::Time {
            write!(f, "{:04}", at.year())?;
            for (precision, part) in [(Precision::Month, at.month()), (Precision::Day, at.day())] {
                if self.precision >= precision {
                    write!(f, "-{part:02}")?;
                }
            }
        }
        if !self.has_time() {
            return Ok(());
        }
        let mark = if self.kind == Kind::Time { "" } else { "T" };
        write!(f, "{mark}{:02}", at.hour())?;
        for (precision, part) in [(Precision::Minute, at.minute()), (Precision::Second, at.second())] {
            if self.precision >= precision {
                write!(f, ":{part:02}")?;
            }
        }
        if self.precision == Precision::Second && self.fraction > 0 {
            let nanos = format!("{:09}", at.subsec_nanosecond());
            write!(f, ".{}", nanos.get(..usize::from(self.fraction)).unwrap_or_default())?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Kind, Moment, Unit};

    fn m(text: &str) -> Moment {
        Moment::literal(text).unwrap()
    }

    #[test]
    fn moments_are_written_as_they_were_read() {
        for text in
            ["2015", "2015-02", "2015-02-04", "2015-02-04T14:34:28Z", "2015-02-04T14:34:28.120+09:30", "2015-02-04T14"]
        {
            assert_eq!(m(text).to_string(), text);
        }
        assert_eq!(m("T14:34:28.1").to_string(), "14:34:28.1");
        for text in [
            "2015-13",
            "2015-02-30",
            "15",
            "2015-1-1",
            "2015-02-04T25:00",
            "2015T10:00",
            "2015-02-04T14:34:28+15:00",
            "T24:00",
            "",
        ] {
            assert!(Moment::literal(text).is_none(), "{text}");
        }
        assert!(Moment::parse("2016-12-31T23:59:60Z", Kind::DateTime).is_some());
    }

    #[test]
    fn order_is_unknown_where_what_was_not_written_would_decide() {
        for (a, b, expected) in [
            ("2015-02-04", "2015-02-05", Some(Ordering::Less)),
            ("2015", "2015-02", None),
            ("2015", "2016-02", Some(Ordering::Less)),
            ("2015-02-04", "2015-02-04T10:00:00Z", None),
            ("2015-02-04T10:00:00Z", "2015-02-04T11:00:00+01:00", Some(Ordering::Equal)),
            ("2015-02-04T10:00:00.0Z", "2015-02-04T10:00:00Z", Some(Ordering::Equal)),
            ("2015-02-04T10:00:00", "2015-02-04T11:00:00Z", None),
            ("2015-02-04T10:00:00", "2015-02-06T11:00:00Z", Some(Ordering::Less)),
            ("T10:00", "T10:00:00", None),
            ("T10:00", "T10:01:00", Some(Ordering::Less)),
            ("T10:00", "2015", None),
        ] {
            assert_eq!(m(a).order(m(b)), expected, "{a} {b}");
            assert_eq!(m(b).order(m(a)), expected.map(Ordering::reverse), "{b} {a}");
        }
    }

    #[test]
    fn spans_are_added_in_the_calendar() {
        for (from, unit, to) in [
            ("2020-01-31", Unit::Months(1), "2020-02-29"),
            ("2020-02-29", Unit::Months(-12), "2019-02-28"),
            ("2020-12-31", Unit::Days(1), "2021-01-01"),
            ("2020", Unit::Months(23), "2021"),
            ("2020-03", Unit::Days(59), "2020-04"),
            ("2020-03-01", Unit::Millis(90_000_000), "2020-03-02"),
            ("2020-03-01T23:59:59.5Z", Unit::Millis(500), "2020-03-02T00:00:00.0Z"),
        ] {
            assert_eq!(m(from).plus(unit).unwrap().to_string(), to, "{from}");
        }
        assert_eq!(m("T23:00").plus(Unit::Millis(7_200_000)).unwrap().to_string(), "01:00");
        assert!(m("9999-12-31").plus(Unit::Days(1)).is_none());
        assert!(m("2020").plus(Unit::Days(i64::MAX)).is_none());
    }
}
