//! Quantities: order and arithmetic of numbers with units. Units compare when they are the same, both of the calendar, or
//! measure the same by UCUM; what measures something else is left open.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::decimal::{Decimal, Towards};
use super::moment::Unit;
use crate::validate::values::ucum;

/// A number with a unit: a UCUM code, or a calendar word in the singular.
#[derive(Debug, Clone)]
pub struct Quantity<'a> {
    pub(super) value: Decimal,
    pub(super) unit: Cow<'a, str>,
}

/// What a calendar unit counts, and how many of them it is.
enum Counts {
    Months(i32),
    Millis(i32),
}

/// Calendar words first, then the UCUM code of the same length.
fn calendar(unit: &str) -> Option<Counts> {
    Some(match unit {
        "year" | "a" => Counts::Months(12),
        "month" | "mo" => Counts::Months(1),
        "week" | "wk" => Counts::Millis(604_800_000),
        "day" | "d" => Counts::Millis(86_400_000),
        "hour" | "h" => Counts::Millis(3_600_000),
        "minute" | "min" => Counts::Millis(60_000),
        "second" | "s" => Counts::Millis(1_000),
        "millisecond" | "ms" => Counts::Millis(1),
        _ => return None,
    })
}

pub(super) fn is_word(unit: &str) -> bool {
    matches!(unit, "year" | "month" | "week" | "day" | "hour" | "minute" | "second" | "millisecond")
}

impl Quantity<'_> {
    pub(super) fn into_owned(self) -> Quantity<'static> {
        Quantity { value: self.value, unit: Cow::Owned(self.unit.into_owned()) }
    }

    /// Both numbers in one unit, where that is possible without a table of units. A year or a month of the calendar is
    /// none of UCUM's, which are of one length; from weeks down they are the same.
    fn aligned(&self, other: &Self, loosely: bool) -> Option<(Decimal, Decimal)> {
        if self.unit == other.unit {
            return Some((self.value, other.value));
        }
        let (a, b) = match (calendar(&self.unit), calendar(&other.unit)) {
            (Some(Counts::Millis(a)), Some(Counts::Millis(b))) => (a, b),
            (Some(Counts::Months(a)), Some(Counts::Months(b)))
                if loosely || is_word(&self.unit) == is_word(&other.unit) =>
            {
                (a, b)
            }
            _ => return self.in_one_unit(other),
        };
        Some((self.value.multiply(a.into())?, other.value.multiply(b.into())?))
    }

    /// Both numbers in the larger of two UCUM units, so that what was not measured is not made up.
    fn in_one_unit(&self, other: &Self) -> Option<(Decimal, Decimal)> {
        if is_word(&self.unit) || is_word(&other.unit) {
            return None;
        }
        // a factor is a float; beyond twelve digits it tells nothing
        let times = |value: Decimal, by: f64| value.multiply(Decimal::parse(&format!("{by:.12e}"))?.shortest());
        let ratio = ucum::ratio(&self.unit, &other.unit)?;
        let (a, b) = if ratio < 1.0 {
            (times(self.value, ratio)?, other.value)
        } else {
            (self.value, times(other.value, ucum::ratio(&other.unit, &self.unit)?)?)
        };
        let (x, y) = (a.to_f64()?, b.to_f64()?);
        // an inch is 2.54 centimetres, whatever the float says
        Some(if (x - y).abs() <= 1e-9 * x.abs().max(y.abs()) { (b, b) } else { (a, b) })
    }

    /// Times another, in the product of their units; `None` for words of the calendar.
    pub(super) fn times(&self, other: &Self) -> Option<Self> {
        let unit = joined(&self.unit, '.', &other.unit)?;
        Some(Self { value: self.value.multiply(other.value)?, unit: unit.into() })
    }

    /// Divided by another, in the quotient of their units; `None` for words of the calendar.
    pub(super) fn by(&self, other: &Self) -> Option<Self> {
        let unit = joined(&self.unit, '/', &other.unit)?;
        Some(Self { value: self.value.divide(other.value)?, unit: unit.into() })
    }

    /// Which is less. Years and months of the calendar are not weighed against each other.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        let calendar_years = |unit: &str| matches!(unit, "year" | "month");
        if self.unit != other.unit && calendar_years(&self.unit) && calendar_years(&other.unit) {
            return None;
        }
        self.aligned(other, false).map(|(a, b)| a.cmp(&b))
    }

    /// Whether they are the same amount; twelve months are a year.
    pub(super) fn equal(&self, other: &Self) -> Option<bool> {
        self.aligned(other, false).map(|(a, b)| a == b)
    }

    pub(super) fn equivalent(&self, other: &Self) -> bool {
        self.aligned(other, true).is_some_and(|(a, b)| {
            let places = a.shortest().places().min(b.shortest().places());
            a.round(places) == b.round(places)
        })
    }

    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        if self.unit == other.unit {
            return Some(Self { value: self.value.add(other.value)?, unit: self.unit.clone() });
        }
        let unit = match calendar(&self.unit)? {
            Counts::Months(1) | Counts::Millis(1) => self.unit.clone(),
            Counts::Months(_) => Cow::Borrowed(if is_word(&self.unit) { "month" } else { "mo" }),
            Counts::Millis(_) => Cow::Borrowed(if is_word(&self.unit) { "millisecond" } else { "ms" }),
        };
        let (a, b) = self.aligned(other, false)?;
        Some(Self { value: a.add(b)?, unit })
    }

    /// What to add to a moment; `None` where the unit is none of time.
    pub(super) fn span(&self) -> Option<Unit> {
        let number = |value: Decimal| value.whole(Towards::Zero).to_string().parse::<i64>().ok();
        Some(match self.unit.as_ref() {
            "year" | "a" => Unit::Months(number(self.value)?.checked_mul(12)?),
            "month" | "mo" => Unit::Months(number(self.value)?),
            "week" | "wk" => Unit::Days(number(self.value)?.checked_mul(7)?),
            "day" | "d" => Unit::Days(number(self.value)?),
            other => match calendar(other)? {
                Counts::Millis(millis) => Unit::Millis(number(self.value.multiply(millis.into())?)?),
                Counts::Months(_) => return None,
            },
        })
    }
}

/// A unit of two (UCUM section 2.2); `1` adds nothing behind an operator or before a multiplication.
fn joined(a: &str, operator: char, b: &str) -> Option<String> {
    match (a, operator, b) {
        _ if is_word(a) || is_word(b) => None,
        (_, _, "1") => Some(a.to_owned()),
        ("1", '.', _) => Some(b.to_owned()),
        _ if b.contains(['.', '/']) => Some(format!("{a}{operator}({b})")),
        _ => Some(format!("{a}{operator}{b}")),
    }
}

/// As FHIRPath writes it: a calendar word bare, any other unit in quotes.
impl std::fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if is_word(&self.unit) {
            write!(f, "{} {}", self.value, self.unit)
        } else {
            write!(f, "{} '{}'", self.value, self.unit)
        }
    }
}
