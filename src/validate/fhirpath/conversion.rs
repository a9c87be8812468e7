//! Conversions between FHIRPath's own types (<http://hl7.org/fhirpath/N1/#conversion>): `toX()` is empty where there is
//! no such value, `convertsToX()` says whether there is.

use super::decimal::Decimal;
use super::item::System;
use super::moment::{Kind, Moment};
use super::program::Row;
use super::quantity::Quantity;

pub(super) const FUNCTIONS: &[Row] = &[
    ("toBoolean", 0, 0, |_, value, _| Ok(boolean(value))),
    ("convertsToBoolean", 0, 0, |_, value, _| Ok(whether(&boolean(value)))),
    ("toInteger", 0, 0, |_, value, _| Ok(integer(value))),
    ("convertsToInteger", 0, 0, |_, value, _| Ok(whether(&integer(value)))),
    ("toDecimal", 0, 0, |_, value, _| Ok(decimal(value))),
    ("convertsToDecimal", 0, 0, |_, value, _| Ok(whether(&decimal(value)))),
    ("toString", 0, 0, |_, value, _| Ok(string(value))),
    ("convertsToString", 0, 0, |_, value, _| Ok(whether(&string(value)))),
    ("toDate", 0, 0, |_, value, _| Ok(moment(value, Kind::Date))),
    ("convertsToDate", 0, 0, |_, value, _| Ok(whether(&moment(value, Kind::Date)))),
    ("toDateTime", 0, 0, |_, value, _| Ok(moment(value, Kind::DateTime))),
    ("convertsToDateTime", 0, 0, |_, value, _| Ok(whether(&moment(value, Kind::DateTime)))),
    ("toTime", 0, 0, |_, value, _| Ok(moment(value, Kind::Time))),
    ("convertsToTime", 0, 0, |_, value, _| Ok(whether(&moment(value, Kind::Time)))),
    ("toQuantity", 0, 1, |_, value, given| Ok(quantity(value, given))),
    ("convertsToQuantity", 0, 1, |_, value, given| Ok(whether(&quantity(value, given)))),
];

#[allow(clippy::unnecessary_wraps, clippy::ref_option, reason = "one shape for all rows of the table")]
fn whether<'a>(converted: &Option<System<'a>>) -> Option<System<'a>> {
    Some(System::Boolean(converted.is_some()))
}

fn boolean<'a>(value: &System<'a>) -> Option<System<'a>> {
    let flag = match value {
        System::Boolean(flag) => *flag,
        System::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        },
        _ => {
            let number = value.number()?;
            let one = number == Decimal::ONE;
            (one || number.is_zero()).then_some(one)?
        }
    };
    Some(System::Boolean(flag))
}

fn integer<'a>(value: &System<'a>) -> Option<System<'a>> {
    let number = match value {
        System::Integer(number) => *number,
        System::Boolean(flag) => i32::from(*flag),
        System::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(System::Integer(number))
}

fn decimal<'a>(value: &System<'a>) -> Option<System<'a>> {
    let number = match value {
        System::Boolean(flag) => Decimal::from(i32::from(*flag)),
        System::Text(text) if !text.contains(['e', 'E']) => Decimal::parse(text)?,
        _ => value.number()?,
    };
    Some(System::Decimal(number))
}

fn string<'a>(value: &System<'a>) -> Option<System<'a>> {
    match value {
        System::Text(text) => Some(System::Text(text.clone())),
        System::Type(..) => None,
        _ => Some(System::Text(value.written().into())),
    }
}

fn moment<'a>(value: &System<'a>, kind: Kind) -> Option<System<'a>> {
    let moment = match value {
        // a date and time written as text has a date
        System::Text(text) if kind == Kind::Date => Moment::parse(text, Kind::DateTime)?.date(),
        System::Text(text) => Moment::parse(text, kind)?,
        System::Moment(moment) if moment.kind == kind => *moment,
        System::Moment(moment) if moment.kind == Kind::DateTime && kind == Kind::Date => moment.date(),
        System::Moment(moment) if moment.kind == Kind::Date && kind == Kind::DateTime => moment.date_time(),
        _ => return None,
    };
    Some(System::Moment(moment))
}

fn quantity<'a>(value: &System<'a>, given: &[Option<System<'a>>]) -> Option<System<'a>> {
    let found = match value {
        System::Quantity(quantity) => (**quantity).clone(),
        System::Boolean(flag) => Quantity { value: Decimal::from(i32::from(*flag)), unit: "1".into() },
        System::Text(text) => written(text)?,
        _ => Quantity { value: value.number()?, unit: "1".into() },
    };
    match given.first() {
        None => {}
        Some(Some(System::Text(unit))) if *unit == found.unit => {}
        // another unit would need a table of units
        Some(_) => return None,
    }
    Some(System::Quantity(Box::new(found)))
}

/// A quantity in words: a number, perhaps with a calendar word or a unit in quotes.
fn written(text: &str) -> Option<Quantity<'static>> {
    let (number, unit) = match text.trim().split_once(char::is_whitespace) {
        Some((number, unit)) => (number, unit.trim()),
        None => (text.trim(), "'1'"),
    };
    let unit = if let Some(rest) = unit.strip_prefix('\'') {
        rest.strip_suffix('\'').filter(|unit| !unit.is_empty())?
    } else {
        let word = unit.strip_suffix('s').unwrap_or(unit);
        super::quantity::is_word(word).then_some(word)?
    };
    Some(Quantity { value: Decimal::parse(number)?, unit: unit.to_owned().into() })
}
