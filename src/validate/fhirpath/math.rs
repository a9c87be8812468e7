//! Functions of numbers (<http://hl7.org/fhirpath/N1/#math>). What has no number as its result is empty.

use super::decimal::{Decimal, Towards};
use super::fault::Fault;
use super::item::System;
use super::program::Row;
use super::quantity::Quantity;

type Answer<'a> = Result<Option<System<'a>>, Fault>;

pub(super) const FUNCTIONS: &[Row] = &[
    ("abs", 0, 0, |_, value, _| absolute(value)),
    ("ceiling", 0, 0, |_, value, _| whole(value, Towards::Above)),
    ("floor", 0, 0, |_, value, _| whole(value, Towards::Below)),
    ("truncate", 0, 0, |_, value, _| whole(value, Towards::Zero)),
    ("exp", 0, 0, |_, value, _| real(value, f64::exp)),
    ("ln", 0, 0, |_, value, _| real(value, f64::ln)),
    ("sqrt", 0, 0, |_, value, _| real(value, f64::sqrt)),
    ("log", 1, 1, |_, value, given| log(value, given)),
    ("power", 1, 1, |_, value, given| power(value, given)),
    ("round", 0, 1, |_, value, given| round(value, given)),
];

const FAULT: Fault = Fault::Type("a function of numbers");

fn number(value: &System<'_>) -> Result<Decimal, Fault> {
    value.number().ok_or(FAULT)
}

fn absolute<'a>(value: &System<'a>) -> Answer<'a> {
    let positive = |number: Decimal| if number.is_negative() { number.negate() } else { number };
    Ok(match value {
        System::Integer(number) => number.checked_abs().map(System::Integer),
        System::Decimal(number) => Some(System::Decimal(positive(*number))),
        System::Quantity(quantity) => {
            Some(System::Quantity(Box::new(Quantity { value: positive(quantity.value), ..(**quantity).clone() })))
        }
        _ => return Err(FAULT),
    })
}

fn whole<'a>(value: &System<'a>, towards: Towards) -> Answer<'a> {
    Ok(number(value)?.whole(towards).to_integer().map(System::Integer))
}

fn real<'a>(value: &System<'a>, function: fn(f64) -> f64) -> Answer<'a> {
    let result = number(value)?.to_f64().map(function);
    Ok(result.and_then(Decimal::from_f64).map(System::Decimal))
}

fn log<'a>(value: &System<'a>, given: &[Option<System<'a>>]) -> Answer<'a> {
    let Some(Some(base)) = given.first() else { return Ok(None) };
    let (value, base) = (number(value)?.to_f64(), number(base)?.to_f64());
    let result = value.zip(base).map(|(value, base)| value.log(base));
    Ok(result.and_then(Decimal::from_f64).map(System::Decimal))
}

fn power<'a>(value: &System<'a>, given: &[Option<System<'a>>]) -> Answer<'a> {
    let Some(Some(exponent)) = given.first() else { return Ok(None) };
    if let (System::Integer(value), System::Integer(exponent)) = (value, exponent)
        && let Ok(exponent) = u32::try_from(*exponent)
    {
        return Ok(value.checked_pow(exponent).map(System::Integer));
    }
    let (value, exponent) = (number(value)?.to_f64(), number(exponent)?.to_f64());
    let result = value.zip(exponent).map(|(value, exponent)| value.powf(exponent));
    Ok(result.and_then(Decimal::from_f64).map(System::Decimal))
}

fn round<'a>(value: &System<'a>, given: &[Option<System<'a>>]) -> Answer<'a> {
    let places = match given.first() {
        None => 0,
        Some(Some(System::Integer(places))) => u32::try_from(*places).map_err(|_| FAULT)?,
        Some(None) => return Ok(None),
        Some(Some(_)) => return Err(FAULT),
    };
    Ok(Some(System::Decimal(number(value)?.round(places))))
}
