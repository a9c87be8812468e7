//! Smallest and greatest values (<https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.minValue_x_>): of numbers,
//! dates and quantities, and of dates by their distance from the moment of validation.

use std::cmp::Ordering;

use super::Walk;
use super::quantity::{Measure, compared as measures};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::Decimal;
use crate::validate::structure::{Rule, Structure, Wanted};

impl<'t> Walk<'t, '_> {
    /// Smallest and greatest value.
    pub(super) fn range(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        // few elements have any
        if rule.min_value.is_none() && rule.max_value.is_none() {
            return;
        }
        for (limit, wrong, words) in
            [(&rule.min_value, Ordering::Less, "at least"), (&rule.max_value, Ordering::Greater, "at most")]
        {
            let Some(limit) = limit else { continue };
            let order = match (node.value(), limit.as_text()) {
                (Some(value), Some(limit)) => compared(value, limit),
                (Some(value), None) => self.against_now(value, limit, wrong),
                (None, None) => measures(Measure::of(node), measure(limit)),
                (None, Some(_)) => None,
            };
            if order == Some(wrong) {
                let told = limit.told();
                self.error(node, IssueCode::Value, rule.id.clone(), format!("This must be {words} {told}."));
                self.detail(structure, Some(told), node.value().map(shown));
            }
        }
    }

    /// A date against a limit that is so long ago, or so long from now.
    fn against_now(&self, value: &str, limit: &Wanted, wrong: Ordering) -> Option<Ordering> {
        let now = self.options.now.as_ref()?;
        let count: i64 = field(limit, Name::VALUE)?.split('.').next()?.parse().ok()?;
        let none = jiff::Span::new();
        let span = match field(limit, Name::CODE).or_else(|| field(limit, Name::UNIT))? {
            "a" => none.try_years(count),
            "mo" => none.try_months(count),
            "wk" => none.try_weeks(count),
            "d" => none.try_days(count),
            "h" => none.try_hours(count),
            "min" => none.try_minutes(count),
            "s" => none.try_seconds(count),
            _ => return None,
        };
        let span = span.ok()?;
        let limit = if wrong == Ordering::Less { now.checked_sub(span) } else { now.checked_add(span) };
        let limit = limit.ok()?.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        // as far as the value is precise
        let length = value.len().min(limit.len());
        Some(value.get(..length)?.cmp(limit.get(..length)?))
    }
}

fn compared(value: &str, limit: &str) -> Option<Ordering> {
    match (Decimal::parse(value), Decimal::parse(limit)) {
        (Some(value), Some(limit)) => value.partial_cmp(&limit),
        // dates and times of the same precision compare as text
        _ => Some(value.get(..limit.len())?.cmp(limit)),
    }
}

fn measure(limit: &Wanted) -> Measure<'_> {
    Measure { value: field(limit, Name::VALUE), system: field(limit, Name::SYSTEM), code: field(limit, Name::CODE) }
}

/// A part of a limit that is a quantity.
fn field(limit: &Wanted, name: Name) -> Option<&str> {
    let Wanted::Object(fields) = limit else { return None };
    fields.iter().find(|(one, _)| *one == name)?.1.first()?.as_text()
}
