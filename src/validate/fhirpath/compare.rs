//! When two items are equal, equivalent, or one before the other (<http://hl7.org/fhirpath/N1/#equality>).
//! Three-valued: `None` where what was not written would decide.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::decimal::Decimal;
use super::fault::Fault;
use super::fuel::Fuel;
use super::item::{Item, System};
use super::moment::Kind;
use super::quantity::Quantity;

/// Deepest nesting that is compared.
const DEEPEST: usize = 200;

/// `=` of two items.
pub(super) fn equal(fuel: &Fuel, a: &Item<'_>, b: &Item<'_>) -> Result<Option<bool>, Fault> {
    fuel.charge(1)?;
    if let (Item::Node(x), Item::Node(y)) = (a, b)
        && x.is_same_place(y)
    {
        return Ok(Some(true));
    }
    match (a.system(), b.system()) {
        (Some(x), Some(y)) => Ok(equal_values(&x, &y)),
        (None, None) => match (a, b) {
            (Item::Node(x), Item::Node(y)) => {
                Ok(Some(same_json(fuel, x.value, y.value, 0)? && same_json(fuel, x.beside, y.beside, 0)?))
            }
            _ => Ok(Some(false)),
        },
        _ => Ok(Some(false)),
    }
}

fn equal_values(a: &System<'_>, b: &System<'_>) -> Option<bool> {
    if let (Some(x), Some(y)) = (a.number(), b.number()) {
        return Some(x == y);
    }
    match (a, b) {
        (System::Boolean(x), System::Boolean(y)) => Some(x == y),
        (System::Text(x), System::Text(y)) => Some(x == y),
        (System::Moment(x), System::Moment(y)) => {
            if (x.kind == Kind::Time) == (y.kind == Kind::Time) {
                x.order(*y).map(|order| order == Ordering::Equal)
            } else {
                Some(false)
            }
        }
        (System::Type(space, name), System::Type(other_space, other)) => Some(space == other_space && name == other),
        _ => match (quantity(a), quantity(b)) {
            (Some(x), Some(y)) => x.order(&y).map(|order| order == Ordering::Equal),
            _ => Some(false),
        },
    }
}

/// A quantity, or a number as the quantity it converts to.
pub(super) fn quantity<'a>(value: &System<'a>) -> Option<Quantity<'a>> {
    match value {
        System::Quantity(quantity) => Some((**quantity).clone()),
        _ => value.number().map(|value| Quantity { value, unit: "1".into() }),
    }
}

/// `<` and its like: which comes first.
pub(super) fn order(a: &System<'_>, b: &System<'_>) -> Result<Option<Ordering>, Fault> {
    if let (Some(x), Some(y)) = (a.number(), b.number()) {
        return Ok(Some(x.cmp(&y)));
    }
    match (a, b) {
        (System::Text(x), System::Text(y)) => Ok(Some(x.cmp(y))),
        (System::Moment(x), System::Moment(y)) if (x.kind == Kind::Time) == (y.kind == Kind::Time) => Ok(x.order(*y)),
        _ => match (quantity(a), quantity(b)) {
            (Some(x), Some(y)) => Ok(x.order(&y)),
            _ => Err(Fault::Type("a comparison")),
        },
    }
}

/// `~` of two items.
pub(super) fn equivalent(fuel: &Fuel, a: &Item<'_>, b: &Item<'_>) -> Result<bool, Fault> {
    fuel.charge(1)?;
    match (a.system(), b.system()) {
        (Some(x), Some(y)) => Ok(equivalent_values(&x, &y)),
        (None, None) => match (a, b) {
            (Item::Node(x), Item::Node(y)) => alike_json(fuel, x.value, y.value, 0),
            _ => Ok(false),
        },
        _ => Ok(false),
    }
}

fn equivalent_values(a: &System<'_>, b: &System<'_>) -> bool {
    if let (Some(x), Some(y)) = (a.number(), b.number()) {
        return alike_numbers(x, y);
    }
    match (a, b) {
        (System::Text(x), System::Text(y)) => alike_text(x, y),
        (System::Moment(x), System::Moment(y)) => x.equivalent(*y),
        (System::Quantity(_), _) | (_, System::Quantity(_)) => match (quantity(a), quantity(b)) {
            (Some(x), Some(y)) => x.equivalent(&y),
            _ => false,
        },
        _ => equal_values(a, b) == Some(true),
    }
}

fn alike_numbers(a: Decimal, b: Decimal) -> bool {
    let places = a.shortest().places().min(b.shortest().places());
    a.round(places) == b.round(places)
}

fn alike_text(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    a == b || plain(a) == plain(b)
}

/// Equality of whole trees: the same children, lists in the same order, numbers by value.
fn same_json(fuel: &Fuel, a: Option<&Value>, b: Option<&Value>, depth: usize) -> Result<bool, Fault> {
    fuel.charge(1)?;
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let same = |a: &Value, b: &Value| same_json(fuel, Some(a), Some(b), depth + 1);
    Ok(match (a, b) {
        (None, None) => true,
        (Some(Value::Object(x)), Some(Value::Object(y))) => {
            x.len() == y.len()
                && all(x.iter(), |(key, value)| y.get(key).map_or(Ok(false), |other| same(value, other)))?
        }
        (Some(Value::Array(x)), Some(Value::Array(y))) => {
            x.len() == y.len() && all(x.iter().zip(y), |(one, other)| same(one, other))?
        }
        (Some(Value::Number(x)), Some(Value::Number(y))) => {
            match (Decimal::parse(x.as_str()), Decimal::parse(y.as_str())) {
                (Some(x), Some(y)) => x == y,
                _ => x == y,
            }
        }
        (Some(x), Some(y)) => x == y,
        _ => false,
    })
}

/// Equivalence of whole trees: lists in any order, text without regard to case.
fn alike_json(fuel: &Fuel, a: Option<&Value>, b: Option<&Value>, depth: usize) -> Result<bool, Fault> {
    fuel.charge(1)?;
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let alike = |a: &Value, b: &Value| alike_json(fuel, Some(a), Some(b), depth + 1);
    Ok(match (a, b) {
        (Some(Value::Object(x)), Some(Value::Object(y))) => {
            x.len() == y.len()
                && all(x.iter(), |(key, value)| y.get(key).map_or(Ok(false), |other| alike(value, other)))?
        }
        (Some(Value::Array(x)), Some(Value::Array(y))) => {
            let mut left: Vec<&Value> = y.iter().collect();
            x.len() == y.len()
                && all(x.iter(), |one| {
                    for at in 0..left.len() {
                        if alike(one, left.get(at).copied().unwrap_or(&Value::Null))? {
                            left.swap_remove(at);
                            return Ok(true);
                        }
                    }
                    Ok(false)
                })?
        }
        (Some(Value::String(x)), Some(Value::String(y))) => alike_text(x, y),
        (Some(Value::Number(x)), Some(Value::Number(y))) => {
            match (Decimal::parse(x.as_str()), Decimal::parse(y.as_str())) {
                (Some(x), Some(y)) => alike_numbers(x, y),
                _ => x == y,
            }
        }
        (x, y) => x == y,
    })
}

fn all<T>(items: impl Iterator<Item = T>, mut test: impl FnMut(T) -> Result<bool, Fault>) -> Result<bool, Fault> {
    for item in items {
        if !test(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A number that is the same for items that are equal, so that they are found without comparing all with all.
pub(super) fn fingerprint(fuel: &Fuel, item: &Item<'_>) -> Result<u64, Fault> {
    let mut hasher = DefaultHasher::new();
    match item.system() {
        Some(System::Boolean(flag)) => (1, flag).hash(&mut hasher),
        Some(System::Text(text)) => (2, text).hash(&mut hasher),
        Some(value @ (System::Integer(_) | System::Decimal(_))) => {
            (3, value.number().map(|number| number.shortest().to_string())).hash(&mut hasher);
        }
        // what compares across precisions, zones and units shares one number
        Some(System::Moment(_)) => 4.hash(&mut hasher),
        Some(System::Quantity(quantity)) if quantity.unit == "1" => {
            (3, Some(quantity.value.shortest().to_string())).hash(&mut hasher);
        }
        Some(System::Quantity(_)) => 5.hash(&mut hasher),
        Some(System::Type(space, name)) => (6, space, name).hash(&mut hasher),
        None => {
            if let Item::Node(node) = item {
                return fingerprint_json(fuel, node.value, 0);
            }
        }
    }
    Ok(hasher.finish())
}

fn fingerprint_json(fuel: &Fuel, value: Option<&Value>, depth: usize) -> Result<u64, Fault> {
    fuel.charge(1)?;
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let mut hasher = DefaultHasher::new();
    match value {
        None | Some(Value::Null) => 0.hash(&mut hasher),
        Some(Value::Bool(flag)) => (1, flag).hash(&mut hasher),
        Some(Value::String(text)) => (2, text).hash(&mut hasher),
        Some(Value::Number(number)) => {
            (3, Decimal::parse(number.as_str()).map(|number| number.shortest().to_string())).hash(&mut hasher);
        }
        Some(Value::Array(items)) => {
            for item in items {
                fingerprint_json(fuel, Some(item), depth + 1)?.hash(&mut hasher);
            }
        }
        Some(Value::Object(map)) => {
            // keys in any order
            let mut sum = 0_u64;
            for (key, item) in map {
                let mut one = DefaultHasher::new();
                (key, fingerprint_json(fuel, Some(item), depth + 1)?).hash(&mut one);
                sum = sum.wrapping_add(one.finish());
            }
            sum.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}
