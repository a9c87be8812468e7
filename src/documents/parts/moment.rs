//! Dates and times in words, for everything that people read: the one place that says them. The clock is that of England,
//! where the documents are written and read; what is no date stays as it is.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The rule of the clocks since 1996 (Summer Time Order 2002): forward on the last Sunday of March, back on the last of
/// October, both at one o'clock Greenwich time.
const ENGLAND: &str = "GMT0BST,M3.5.0/1,M10.5.0";

/// A year, month, day or moment in words: "2 April 2025 at 11:15pm".
pub(crate) fn spoken(moment: &str) -> String {
    match moment.split_once('T') {
        Some(_) => clock(moment).map(|at| format!("{} at {}", in_words(at.date()), time(at))),
        None => date(moment),
    }
    .unwrap_or_else(|| moment.to_owned())
}

/// The same without the time of day.
pub(crate) fn spoken_day(moment: &str) -> String {
    day(moment).map_or_else(|| spoken(moment), in_words)
}

/// The same with the day of the week, for what somebody has to keep: "Friday 27 November 2026 at 3pm".
pub(crate) fn spoken_with_weekday(moment: &str) -> String {
    let weekday = day(moment).map(|day| day.strftime("%A ").to_string()).unwrap_or_default();
    format!("{weekday}{}", spoken(moment))
}

/// The day of a date or a moment, by the clock of England.
pub(crate) fn day(moment: &str) -> Option<Date> {
    clock(moment).map(DateTime::date).or_else(|| moment.parse().ok().filter(|_| moment.len() == 10))
}

/// "12 March 2026".
pub(crate) fn in_words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn clock(moment: &str) -> Option<DateTime> {
    let at: Timestamp = moment.parse().ok()?;
    Some(TimeZone::posix(ENGLAND).ok()?.to_datetime(at))
}

/// Twelve hours, as people say it.
fn time(at: DateTime) -> String {
    match (at.hour(), at.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "12 noon".to_owned(),
        (hour, minute) => {
            let half = if hour < 12 { "am" } else { "pm" };
            let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
            let minute = if minute == 0 { String::new() } else { format!(":{minute:02}") };
            format!("{hour}{minute}{half}")
        }
    }
}

fn date(date: &str) -> Option<String> {
    match date.len() {
        7 => format!("{date}-01").parse::<Date>().ok().map(|day| day.strftime("%B %Y").to_string()),
        10 => date.parse().ok().map(in_words),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{spoken, spoken_day, spoken_with_weekday};

    #[test]
    fn a_date_is_said_as_precisely_as_it_is_known() {
        for (written, said) in [
            ("2025", "2025"),
            ("2027-02", "February 2027"),
            ("2026-12-02", "2 December 2026"),
            ("2025-04-02T23:15:00+01:00", "2 April 2025 at 11:15pm"),
            ("2026-11-27T15:00:00Z", "27 November 2026 at 3pm"),
            ("2026-03-29T00:59:59.999Z", "29 March 2026 at 12:59am"),
            ("2026-01-05T12:00:00+00:00", "5 January 2026 at 12 noon"),
            ("2026-13-01", "2026-13-01"),
            ("2026-02-30", "2026-02-30"),
            ("soon", "soon"),
            ("Tea at 3", "Tea at 3"),
        ] {
            assert_eq!(spoken(written), said);
        }
    }

    #[test]
    fn a_moment_written_in_another_zone_is_said_by_the_clock_on_the_wall() {
        assert_eq!(spoken("2026-07-01T14:00:00Z"), "1 July 2026 at 3pm");
        assert_eq!(spoken("2026-10-25T01:00:00Z"), "25 October 2026 at 1am");
        assert_eq!(spoken("2026-10-25T00:59:00Z"), "25 October 2026 at 1:59am");
        assert_eq!(spoken_day("2026-06-30T23:30:00Z"), "1 July 2026");
        assert_eq!(spoken_day("2026-06"), "June 2026");
    }

    #[test]
    fn an_appointment_has_its_day_of_the_week() {
        assert_eq!(spoken_with_weekday("2026-11-27T15:00:00+00:00"), "Friday 27 November 2026 at 3pm");
        assert_eq!(spoken_with_weekday("2027-02"), "February 2027");
    }
}
