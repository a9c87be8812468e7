//! FHIR periods at an instant (<https://hl7.org/fhir/R4/datatypes.html#Period>): partial dates, both ends inclusive.
//! Dates without a time are read in English local time, because the people who wrote them live there.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

/// How a period stands to an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InPeriod {
    Yes,
    /// It has not begun.
    Before,
    /// It has ended.
    After,
    /// An end cannot be read: a permission may not rely on it, an objection is kept.
    Unreadable,
}

/// Where `now` lies; no period at all means always (CS-18 gives dates their force, not their absence).
pub(super) fn at(period: Option<&Value>, now: Timestamp) -> InPeriod {
    let Some(period) = period else { return InPeriod::Yes };
    if !period.is_object() {
        return InPeriod::Unreadable;
    }
    let start = bound(period, "start", Edge::Start);
    let end = bound(period, "end", Edge::End);
    match (start, end) {
        (Some(Ok(start)), _) if now < start => InPeriod::Before,
        (_, Some(Ok(end))) if now >= end => InPeriod::After,
        (Some(Err(())), _) | (_, Some(Err(()))) => InPeriod::Unreadable,
        _ => InPeriod::Yes,
    }
}

/// The first instant of a period, where it has one that can be read.
pub(super) fn start(period: Option<&Value>) -> Option<Timestamp> {
    bound(period?, "start", Edge::Start)?.ok()
}

/// The first instant that a period no longer covers, where it has one that can be read.
pub(super) fn end(period: Option<&Value>) -> Option<Timestamp> {
    bound(period?, "end", Edge::End)?.ok()
}

/// The first instant of a `date`, `dateTime` or `instant`.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    instant(value.as_str()?, Edge::Start)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// One end as an instant, `None` for one that never comes; an `end` is turned into the first instant that is no longer covered.
fn bound(period: &Value, key: &str, edge: Edge) -> Option<Result<Timestamp, ()>> {
    if let Some(value) = period.get(key) {
        let Some(text) = value.as_str() else { return Some(Err(())) };
        // The last year of the calendar is how people write "for ever", and no instant comes after it.
        if edge == Edge::End && text.starts_with("9999") && (text.len() == 4 || text.as_bytes().get(4) == Some(&b'-')) {
            return None;
        }
        return Some(instant(text, edge).ok_or(()));
    }
    // An end whose value is absent but has a companion (say, data-absent-reason) is unknown, not open.
    period.get(format!("_{key}")).map(|_| Err(()))
}

fn instant(text: &str, edge: Edge) -> Option<Timestamp> {
    if text.contains('T') {
        let exact: Timestamp = text.parse().ok()?;
        return match edge {
            Edge::Start => Some(exact),
            Edge::End => exact.checked_add(Span::new().nanoseconds(1)).ok(),
        };
    }
    let (first, width) = match text.len() {
        4 => (format!("{text}-01-01"), Span::new().years(1)),
        7 => (format!("{text}-01"), Span::new().months(1)),
        10 => (text.to_owned(), Span::new().days(1)),
        _ => return None,
    };
    let first: Date = first.parse().ok()?;
    let day = match edge {
        Edge::Start => first,
        Edge::End => first.checked_add(width).ok()?,
    };
    let zone = TimeZone::get("Europe/London").ok()?;
    Some(day.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{InPeriod, at, end, start};
    use serde_json::{Value, json};

    #[test]
    fn cs_18_dates_decide_at_their_own_precision() {
        use InPeriod::{After, Before, Unreadable, Yes};
        let table: &[(Value, &str, InPeriod)] = &[
            (json!({}), "2026-06-01T12:00:00Z", Yes),
            (json!({"end": "2026-06-01"}), "2026-06-01T22:59:59Z", Yes),
            (json!({"end": "2026-06-01"}), "2026-06-01T23:00:00Z", After), // British Summer Time: the day ended
            (json!({"end": "2026-06"}), "2026-06-30T22:00:00Z", Yes),
            (json!({"end": "2026"}), "2027-01-01T00:00:00Z", After),
            (json!({"end": "2026-06-01T12:00:00+01:00"}), "2026-06-01T11:00:00Z", Yes),
            (json!({"end": "2026-06-01T12:00:00+01:00"}), "2026-06-01T11:00:01Z", After),
            (json!({"start": "2026-06-02"}), "2026-06-01T22:59:59Z", Before),
            (json!({"start": "2026-06-02"}), "2026-06-01T23:00:00Z", Yes),
            (json!({"start": "2026-06-02", "end": "2026-06-01"}), "2026-06-01T12:00:00Z", Before),
            (json!({"end": "9999"}), "2026-06-01T12:00:00Z", Yes),
            (json!({"end": "9999-12-31"}), "2026-06-01T12:00:00Z", Yes),
            (json!({"end": "9999-12-31T23:59:59.999999999-14:00"}), "2026-06-01T12:00:00Z", Yes),
            (json!({"start": "2027", "end": "9999"}), "2026-06-01T12:00:00Z", Before),
            (json!({"end": "soon"}), "2026-06-01T12:00:00Z", Unreadable),
            (json!({"end": "2026-13-41"}), "2026-06-01T12:00:00Z", Unreadable),
            (json!({"end": "ä026-01-01"}), "2026-06-01T12:00:00Z", Unreadable),
            (json!({"_end": {"extension": []}}), "2026-06-01T12:00:00Z", Unreadable),
            (json!({"start": "later", "end": "2025"}), "2026-06-01T12:00:00Z", After),
        ];
        for (period, now, expected) in table {
            assert_eq!(at(Some(period), now.parse().unwrap()), *expected, "{period} at {now}");
        }
        assert_eq!(at(None, "2026-06-01T12:00:00Z".parse().unwrap()), Yes);
    }

    #[test]
    fn the_ends_of_a_period_are_instants_where_they_can_be_read() {
        let period = json!({"start": "2026-06-01", "end": "2026-06-01"});
        assert_eq!(start(Some(&period)).unwrap().to_string(), "2026-05-31T23:00:00Z");
        assert_eq!(end(Some(&period)).unwrap().to_string(), "2026-06-01T23:00:00Z");
        let period = json!({"start": "soon", "end": "9999"});
        assert_eq!((start(Some(&period)), end(Some(&period)), end(None)), (None, None, None));
    }
}
