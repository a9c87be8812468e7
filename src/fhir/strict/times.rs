//! The formats of date, dateTime and instant (<https://hl7.org/fhir/R4/datatypes.html#date>).

/// A kind of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporal {
    Date,
    DateTime,
    Instant,
}

impl Temporal {
    /// The kind of time that a primitive type is, if it is one.
    pub(super) fn of(primitive: &str) -> Option<Self> {
        match primitive {
            "date" => Some(Self::Date),
            "dateTime" => Some(Self::DateTime),
            "instant" => Some(Self::Instant),
            _ => None,
        }
    }

    /// What a value must look like, to complete a sentence.
    pub(super) const fn wanted(self) -> &'static str {
        match self {
            Self::Date => "a date: YYYY, YYYY-MM or YYYY-MM-DD",
            Self::DateTime => "a date, or a date and time with offset: 2026-03-31 or 2026-03-31T17:00:00+01:00",
            Self::Instant => "a date and time with offset: 2026-03-31T17:00:00+01:00",
        }
    }

    pub(super) fn fits(self, text: &str) -> bool {
        match (self, text.split_once('T')) {
            (Self::Date | Self::DateTime, None) => is_date(text),
            (Self::DateTime | Self::Instant, Some((date, clock))) => {
                date.len() == 10 && is_date(date) && is_clock(clock)
            }
            (Self::Date, Some(_)) | (Self::Instant, None) => false,
        }
    }
}

/// A number of exactly so many ASCII digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Year, year and month, or a day the calendar has.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = parts.next().and_then(|part| number(part, 4)).filter(|year| *year > 0);
    let month = parts.next().map(|part| number(part, 2).filter(|month| (1..=12).contains(month)));
    let day = parts.next().map(|part| number(part, 2));
    let Some(year) = year.filter(|_| parts.next().is_none()) else { return false };
    match (month, day) {
        (None, _) => true,
        (Some(month), None) => month.is_some(),
        (Some(month), Some(day)) => month.zip(day).is_some_and(|(month, day)| day >= 1 && day <= days(year, month)),
    }
}

const fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `hh:mm:ss`, perhaps with a fraction, then `Z` or `±hh:mm`. A second of 60 is a leap second.
fn is_clock(text: &str) -> bool {
    let Some(at) = text.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = text.split_at(at);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let fraction = fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let mut parts = clock.split(':');
    let mut within = |most: u32| parts.next().and_then(|part| number(part, 2)).is_some_and(|n| n <= most);
    within(23) && within(59) && within(60) && parts.next().is_none() && fraction && is_zone(zone)
}

fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone == "Z" };
    let Some((hours, minutes)) = offset.split_once(':') else { return false };
    match (number(hours, 2), number(minutes, 2)) {
        (Some(14), Some(minutes)) => minutes == 0,
        (Some(hours), Some(minutes)) => hours < 14 && minutes <= 59,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Temporal;

    #[test]
    fn each_kind_of_time_takes_its_formats_and_no_others() {
        use Temporal::{Date, DateTime, Instant};
        let table: [(&str, &[Temporal]); 31] = [
            ("1990", &[Date, DateTime]),
            ("1990-02", &[Date, DateTime]),
            ("1990-02-28", &[Date, DateTime]),
            ("2024-02-29", &[Date, DateTime]),
            ("2023-02-29", &[]),
            ("1900-02-29", &[]),
            ("2000-02-29", &[Date, DateTime]),
            ("1990-04-31", &[]),
            ("1990-13", &[]),
            ("1990-00-01", &[]),
            ("1990-01-00", &[]),
            ("0000", &[]),
            ("90", &[]),
            ("1990-2-1", &[]),
            ("1990-02-01-01", &[]),
            (" 1990", &[]),
            ("1990-", &[]),
            ("", &[]),
            ("01/02/1990", &[]),
            ("last spring", &[]),
            ("１９９０", &[]),
            ("2026-11-09T09:00:00Z", &[DateTime, Instant]),
            ("2026-11-09T09:00:00.123+01:00", &[DateTime, Instant]),
            ("2026-11-09T23:59:60-14:00", &[DateTime, Instant]),
            ("2026-11-09T09:00:00", &[]),
            ("2026-11-09T09:00Z", &[]),
            ("2026-11-09T24:00:00Z", &[]),
            ("2026-11-09T09:00:00.Z", &[]),
            ("2026-11-09T09:00:00+14:30", &[]),
            ("2026-11T09:00:00Z", &[]),
            ("2026-11-09 09:00:00Z", &[]),
        ];
        for (text, takers) in table {
            for time in [Date, DateTime, Instant] {
                assert_eq!(time.fits(text), takers.contains(&time), "{text} as {time:?}");
            }
        }
    }
}
