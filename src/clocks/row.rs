//! The fields that only rules of clocks have: spans, conditions, triggers. Decides nothing about what a rule means.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use toml::Value;

use super::count::{Span, Unit};
use super::rules::{Conditions, Teller, Trigger};
use crate::rule_file::Row;

/// The longest and shortest span, in any unit.
pub(super) const NUMBERS: RangeInclusive<u16> = 1..=1000;

/// The one span among the fields of a table that units name.
pub(super) fn span(row: &mut Row<'_>) -> Option<Span> {
    let all: Vec<Span> = Unit::ALL
        .iter()
        .filter_map(|unit| Some(Span { unit: *unit, number: row.number_within(unit.code(), NUMBERS)? }))
        .collect();
    if let [one] = all.as_slice() {
        return Some(*one);
    }
    let codes: Vec<&str> = Unit::ALL.iter().map(|unit| unit.code()).collect();
    row.wrong("", format!("must have exactly one of {}", codes.join(", ")))
}

/// Details by name, each one value or a list of those that will do.
pub(super) fn conditions(row: &mut Row<'_>, field: &'static str) -> Conditions {
    let Some(value) = row.value(field) else { return Conditions::default() };
    let Some(table) = value.as_table() else {
        row.fault(field, "must be a table of details");
        return Conditions::default();
    };
    let mut all = BTreeMap::new();
    for (detail, value) in table {
        let values = match value {
            Value::String(one) => vec![one.clone()],
            Value::Array(several) => several.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
            _ => Vec::new(),
        };
        if values.is_empty() {
            row.fault(field, "gives a detail neither a text nor a list of texts");
        }
        all.insert(detail.clone(), values);
    }
    Conditions(all)
}

/// What may happen, in a list; `None` where there is no such field.
pub(super) fn triggers(row: &mut Row<'_>, field: &'static str) -> Option<Vec<Trigger>> {
    row.each(field, |row| {
        if !row.is_given("event") {
            row.fault("event", "is required");
        }
        let event = row.event("event");
        let (when, of) = (conditions(row, "when"), conditions(row, "of"));
        let from_request = row.flag("from_request").unwrap_or(false);
        let by = row.code("by", &Teller::ALL).unwrap_or_default();
        Some(Trigger { event: event?, when, of, from_request, by })
    })
}
