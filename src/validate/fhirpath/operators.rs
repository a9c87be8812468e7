//! What the operators do (<http://hl7.org/fhirpath/N1/#operations>), three-valued where the specification says so.

use std::cmp::Ordering;

use super::compare::{equal, equivalent, order};
use super::decimal::Decimal;
use super::fault::Fault;
use super::item::{Item, Node, System};
use super::program::{Arithmetic, Comparison, Expr, Logic};
use super::quantity::Quantity;
use super::run::{Frame, Run};
use super::types::{Reading, r4};

/// `and`, `or`, `xor`, `implies`; the right side only where it decides.
pub(super) fn logic<'a>(
    run: &Run<'a, '_>,
    what: Logic,
    a: &'a Expr,
    b: &'a Expr,
    frame: &Frame<'_, 'a>,
) -> Result<Option<bool>, Fault> {
    let left = run.truth(a, frame)?;
    match (what, left) {
        (Logic::And, Some(false)) => return Ok(Some(false)),
        (Logic::Or, Some(true)) | (Logic::Implies, Some(false)) => return Ok(Some(true)),
        (Logic::Xor, None) => return Ok(None),
        _ => {}
    }
    let right = run.truth(b, frame)?;
    Ok(match (what, left, right) {
        (Logic::And, _, Some(false)) => Some(false),
        (Logic::Or, Some(false), right) | (Logic::And | Logic::Implies, Some(true), right) => right,
        (Logic::Or | Logic::Implies, _, Some(true)) => Some(true),
        (Logic::Xor, Some(left), Some(right)) => Some(left != right),
        _ => None,
    })
}

impl Comparison {
    /// Whether it holds of two items that stand in this order.
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal | Self::Equivalent => order.is_eq(),
            Self::NotEqual | Self::NotEquivalent => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// `=`, `~`, `<` and their like.
pub(super) fn compare<'a>(
    run: &Run<'a, '_>,
    what: Comparison,
    a: &'a Expr,
    b: &'a Expr,
    frame: &Frame<'_, 'a>,
) -> Result<Option<bool>, Fault> {
    match what {
        Comparison::Equal => return all_equal(run, a, b, frame),
        Comparison::NotEqual => return Ok(all_equal(run, a, b, frame)?.map(|same| !same)),
        Comparison::Equivalent => return all_alike(run, a, b, frame).map(Some),
        Comparison::NotEquivalent => return all_alike(run, a, b, frame).map(|same| Some(!same)),
        _ => {}
    }
    let (left, right) = (run.single(a, frame, "a comparison")?, run.single(b, frame, "a comparison")?);
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    Ok(ordered(&left, &right)?.map(|order| what.holds(order)))
}

/// Which of two items comes first; nothing where one of them has no value, or what was not written would decide.
pub(super) fn ordered(left: &Item<'_>, right: &Item<'_>) -> Result<Option<Ordering>, Fault> {
    match (left.system(), right.system()) {
        (Some(left), Some(right)) => order(&left, &right),
        // a primitive with extensions only has no value to compare
        _ if [left, right].iter().any(|item| item.node().is_some_and(Node::is_hollow)) => Ok(None),
        // nor has a quantity without one
        _ if [left, right].iter().any(|item| is_quantity(item)) => Ok(None),
        _ => Err(Fault::Type("a comparison")),
    }
}

fn is_quantity(item: &Item<'_>) -> bool {
    item.node().is_some_and(|node| r4().reading(node.of) == Reading::Quantity)
}

fn all_equal<'a>(run: &Run<'a, '_>, a: &'a Expr, b: &'a Expr, frame: &Frame<'_, 'a>) -> Result<Option<bool>, Fault> {
    let (left, right) = (run.collect(a, frame)?, run.collect(b, frame)?);
    if left.is_empty() || right.is_empty() {
        return Ok(None);
    }
    if left.len() != right.len() {
        return Ok(Some(false));
    }
    let mut known = true;
    for (x, y) in left.iter().zip(&right) {
        match equal(&run.fuel, x, y)? {
            Some(true) => {}
            Some(false) => return Ok(Some(false)),
            None => known = false,
        }
    }
    Ok(known.then_some(true))
}

fn all_alike<'a>(run: &Run<'a, '_>, a: &'a Expr, b: &'a Expr, frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
    let (left, mut right) = (run.collect(a, frame)?, run.collect(b, frame)?);
    if left.len() != right.len() {
        return Ok(false);
    }
    for x in &left {
        let mut found = None;
        for (at, y) in right.iter().enumerate() {
            if equivalent(&run.fuel, x, y)? {
                found = Some(at);
                break;
            }
        }
        match found {
            Some(at) => right.swap_remove(at),
            None => return Ok(false),
        };
    }
    Ok(true)
}

/// `in`: with several on the left, all of them, as the reference implementation has it.
pub(super) fn within<'a>(
    run: &Run<'a, '_>,
    item: &'a Expr,
    collection: &'a Expr,
    frame: &Frame<'_, 'a>,
) -> Result<Option<bool>, Fault> {
    let left = run.collect(item, frame)?;
    if left.is_empty() {
        return Ok(None);
    }
    if let Expr::Memo(slot, inner) = collection {
        for one in &left {
            if !run.kept_holds(*slot, inner, one, frame)? {
                return Ok(Some(false));
            }
        }
        return Ok(Some(true));
    }
    let right = run.collect(collection, frame)?;
    for one in &left {
        let mut found = false;
        for other in &right {
            if equal(&run.fuel, one, other)? == Some(true) {
                found = true;
                break;
            }
        }
        if !found {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}

/// Unary minus.
pub(super) fn negate<'a>(run: &Run<'a, '_>, a: &'a Expr, frame: &Frame<'_, 'a>) -> Result<Option<Item<'a>>, Fault> {
    let Some(item) = run.single(a, frame, "-")? else { return Ok(None) };
    let value = match item.system() {
        Some(System::Integer(number)) => number.checked_neg().map(System::Integer),
        Some(System::Decimal(number)) => Some(System::Decimal(number.negate())),
        Some(System::Quantity(quantity)) => {
            Some(System::Quantity(Box::new(Quantity { value: quantity.value.negate(), ..*quantity })))
        }
        _ => return Err(Fault::Type("-")),
    };
    Ok(value.map(Item::System))
}

/// `+`, `-`, `*`, `/`, `div`, `mod`, `&`; empty where the result does not fit, or is divided by zero.
pub(super) fn arithmetic<'a>(
    run: &Run<'a, '_>,
    what: Arithmetic,
    a: &'a Expr,
    b: &'a Expr,
    frame: &Frame<'_, 'a>,
) -> Result<Option<Item<'a>>, Fault> {
    let name = "an arithmetic operator";
    let (left, right) = (run.single(a, frame, name)?, run.single(b, frame, name)?);
    if what == Arithmetic::Concatenate {
        let text = |item: Option<Item<'a>>| match item {
            None => Ok("".into()),
            Some(item) => match item.as_text() {
                Some(text) => Ok(text),
                None if item.node().is_some_and(Node::is_hollow) => Ok("".into()),
                None => Err(Fault::Type("&")),
            },
        };
        let (left, right) = (text(left)?, text(right)?);
        run.fuel.charge_text(left.len() + right.len())?;
        return Ok(Some(Item::text(format!("{left}{right}"))));
    }
    let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
    let (Some(left), Some(right)) = (left.system(), right.system()) else { return Err(Fault::Type(name)) };
    Ok(calculate(run, what, &left, &right)?.map(Item::System))
}

fn calculate<'a>(
    run: &Run<'a, '_>,
    what: Arithmetic,
    left: &System<'a>,
    right: &System<'a>,
) -> Result<Option<System<'a>>, Fault> {
    let fault = Err(Fault::Type("an arithmetic operator"));
    match (left, right) {
        (System::Integer(a), System::Integer(b)) => Ok(match what {
            Arithmetic::Add => a.checked_add(*b).map(System::Integer),
            Arithmetic::Subtract => a.checked_sub(*b).map(System::Integer),
            Arithmetic::Multiply => a.checked_mul(*b).map(System::Integer),
            Arithmetic::Whole => a.checked_div(*b).map(System::Integer),
            Arithmetic::Remainder => a.checked_rem(*b).map(System::Integer),
            _ => Decimal::from(*a).divide(Decimal::from(*b)).map(System::Decimal),
        }),
        (System::Text(a), System::Text(b)) if what == Arithmetic::Add => {
            run.fuel.charge_text(a.len() + b.len())?;
            Ok(Some(System::Text(format!("{a}{b}").into())))
        }
        (System::Moment(moment), System::Quantity(span)) => {
            let span = match what {
                Arithmetic::Add => (**span).clone(),
                Arithmetic::Subtract => Quantity { value: span.value.negate(), ..(**span).clone() },
                _ => return fault,
            };
            let unit = span.span().ok_or(Fault::Type("a date and a quantity that is no time"))?;
            Ok(moment.plus(unit).map(System::Moment))
        }
        (System::Quantity(a), System::Quantity(b)) => match what {
            Arithmetic::Add => Ok(a.add(b).map(boxed)),
            Arithmetic::Subtract => Ok(a.add(&Quantity { value: b.value.negate(), ..(**b).clone() }).map(boxed)),
            Arithmetic::Divide if a.unit == b.unit => {
                Ok(a.value.divide(b.value).map(|value| boxed(Quantity { value, unit: "1".into() })))
            }
            Arithmetic::Multiply => Ok(a.times(b).map(boxed)),
            Arithmetic::Divide => Ok(a.by(b).map(boxed)),
            _ => fault,
        },
        (System::Quantity(quantity), number) if number.number().is_some() => {
            scaled(what, quantity, number.number().unwrap_or(Decimal::ONE)).map_or(fault, Ok)
        }
        (number, System::Quantity(quantity)) if number.number().is_some() && what == Arithmetic::Multiply => {
            scaled(what, quantity, number.number().unwrap_or(Decimal::ONE)).map_or(fault, Ok)
        }
        _ => match (left.number(), right.number()) {
            (Some(a), Some(b)) => Ok(of_decimals(what, a, b)),
            _ => fault,
        },
    }
}

fn boxed(quantity: Quantity<'_>) -> System<'_> {
    System::Quantity(Box::new(quantity))
}

/// A quantity times or by a number; `None` for other operators.
#[allow(clippy::option_option, reason = "no such operator, and no result, are different answers")]
fn scaled<'a>(what: Arithmetic, quantity: &Quantity<'a>, by: Decimal) -> Option<Option<System<'a>>> {
    let value = match what {
        Arithmetic::Multiply => quantity.value.multiply(by),
        Arithmetic::Divide => quantity.value.divide(by),
        _ => return None,
    };
    Some(value.map(|value| boxed(Quantity { value, unit: quantity.unit.clone() })))
}

fn of_decimals<'a>(what: Arithmetic, a: Decimal, b: Decimal) -> Option<System<'a>> {
    let result = match what {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.add(b.negate()),
        Arithmetic::Multiply => a.multiply(b),
        Arithmetic::Divide => a.divide(b),
        Arithmetic::Whole => return a.divide_whole(b)?.0.to_integer().map(System::Integer),
        Arithmetic::Remainder => a.divide_whole(b).map(|(_, rest)| rest),
        Arithmetic::Concatenate => None,
    };
    result.map(System::Decimal)
}
