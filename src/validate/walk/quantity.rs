//! Quantities: units of UCUM that there are, and how two quantities compare.

use std::cmp::Ordering;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::Decimal;
use crate::validate::values::ucum;

const UCUM: &str = "http://unitsofmeasure.org";

/// What counts of a quantity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    pub(super) value: Option<&'a str>,
    pub(super) system: Option<&'a str>,
    pub(super) code: Option<&'a str>,
}

impl<'a> Measure<'a> {
    /// That of an element.
    pub(super) fn of(node: Node<'a>) -> Self {
        Self { value: node.text(Name::VALUE), system: node.text(Name::SYSTEM), code: node.text(Name::CODE) }
    }

    /// Whether it says its unit so that others can compute with it.
    pub(super) const fn has_unit(&self) -> bool {
        self.system.is_some() && self.code.is_some()
    }
}

/// How two quantities compare; `None` where their units do not, or one has no number.
pub(super) fn compared(one: Measure<'_>, other: Measure<'_>) -> Option<Ordering> {
    let (value, least) = (one.value?, other.value?);
    if (one.system, one.code) == (other.system, other.code) {
        return Decimal::parse(value)?.partial_cmp(&Decimal::parse(least)?);
    }
    if one.system != Some(UCUM) || other.system != Some(UCUM) {
        return None;
    }
    let value = value.parse::<f64>().ok()? * ucum::ratio(one.code?, other.code?)?;
    let least = least.parse::<f64>().ok()?;
    // a factor is a float: an inch is 2.54 centimetres, whatever it says
    let same = (value - least).abs() <= 1e-9 * value.abs().max(least.abs());
    if same { Some(Ordering::Equal) } else { value.partial_cmp(&least) }
}

impl<'t> Walk<'t, '_> {
    /// The code of a quantity whose system is UCUM.
    pub(super) fn unit(&mut self, node: Node<'t>) {
        if node.text(Name::SYSTEM) != Some(UCUM) {
            return;
        }
        if let Some(code) = node.child(Name::CODE)
            && let Some(unit) = code.value()
            && let Err(fault) = ucum::check(unit)
        {
            let text = format!("\"{}\" is no unit of UCUM: {fault}.", shown(unit));
            self.error(code, IssueCode::CodeInvalid, "ucum", text);
        }
    }
}
