//! Quantities: order and arithmetic of numbers with units. Units compare when they are the same or both of the calendar;
//! turning other UCUM units into each other is a terminology's work, so such a comparison is left open.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::decimal::{Decimal, Towards};
use super::moment::Unit;

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

/// Above seconds a calendar word is not the UCUM unit: a year is not always 365.25 days.
fn of_definite_length(unit: &str) -> bool {
    matches!(unit, "second" | "s" | "millisecond" | "ms")
}

pub(super) fn is_word(unit: &str) -> bool {
    matches!(unit, "year" | "month" | "week" | "day" | "hour" | "minute" | "second" | "millisecond")
}

impl Quantity<'_> {
    pub(super) fn into_owned(self) -> Quantity<'static> {
        Quantity { value: self.value, unit: Cow::Owned(self.unit.into_owned()) }
    }

    /// Both numbers in one unit, where that is possible without a table of units.
    fn aligned(&self, other: &Self, loosely: bool) -> Option<(Decimal, Decimal)> {
        if self.unit == other.unit {
            return Some((self.value, other.value));
        }
        let definite = of_definite_length(&self.unit) && of_definite_length(&other.unit);
        if !(loosely || definite || is_word(&self.unit) == is_word(&other.unit)) {
            return None;
        }
        let ((Counts::Months(a), Counts::Months(b)) | (Counts::Millis(a), Counts::Millis(b))) =
            (calendar(&self.unit)?, calendar(&other.unit)?)
        else {
            return None;
        };
        Some((self.value.multiply(a.into())?, other.value.multiply(b.into())?))
    }

    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        self.aligned(other, false).map(|(a, b)| a.cmp(&b))
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
