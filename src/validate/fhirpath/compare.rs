//! When two items are equal, equivalent, or one before the other (<http://hl7.org/fhirpath/N1/#equality>).
//! Three-valued: `None` where what was not written would decide.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::decimal::Decimal;
use super::fault::Fault;
use super::fuel::Fuel;
use super::item::{Item, Node, System};
use super::moment::Kind;
use super::quantity::Quantity;
use super::types::{Reading, r4};
use crate::fhir::tree::{self, Name};

/// Deepest nesting that is compared.
const DEEPEST: usize = 200;

/// `=` of two items.
pub(super) fn equal(fuel: &Fuel, a: &Item<'_>, b: &Item<'_>) -> Result<Option<bool>, Fault> {
    fuel.charge(1)?;
    if let (Item::Node(x), Item::Node(y)) = (a, b)
        && x.at == y.at
    {
        return Ok(Some(true));
    }
    match (a.system(), b.system()) {
        (Some(x), Some(y)) => Ok(equal_values(&x, &y)),
        (None, None) => match (a, b) {
            (Item::Node(x), Item::Node(y)) => same_tree(fuel, *x, *y, 0).map(Some),
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
            (Some(x), Some(y)) => x.equal(&y),
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
            (Item::Node(x), Item::Node(y)) => alike_tree(fuel, *x, *y, 0),
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

/// A number of the instance.
fn number_of(node: Node<'_>) -> Option<Decimal> {
    let reading = r4().reading(node.of);
    let is_number = matches!(reading, Reading::Integer | Reading::Decimal) || node.at.kind() == tree::Kind::Number;
    node.at.value().filter(|_| is_number).and_then(Decimal::parse)
}

/// Children by name, those of a name in their order.
fn by_name<'n>(fuel: &Fuel, node: Node<'n>) -> Result<Vec<Node<'n>>, Fault> {
    let mut out: Vec<Node<'n>> = node.children().collect();
    fuel.charge(4 * u64::try_from(out.len()).unwrap_or(u64::MAX))?;
    out.sort_by(|a, b| key(*a).cmp(&key(*b)));
    Ok(out)
}

/// What a child is called, R4's names before others.
fn key(node: Node<'_>) -> (Name, &str) {
    let name = node.at.name();
    (name, if name.is_known() { "" } else { node.at.written_name() })
}

/// Whether two trees have the same value at their top, and the same children by name, as many of each.
fn same_shape<'n>(fuel: &Fuel, a: Node<'n>, b: Node<'n>, depth: usize, values: Same) -> Result<Pairs<'n>, Fault> {
    fuel.charge(1)?;
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let same = match (a.at.value(), b.at.value()) {
        (Some(x), Some(y)) => match (number_of(a), number_of(b)) {
            (Some(x), Some(y)) => (values.numbers)(x, y),
            _ => (values.texts)(x, y),
        },
        (None, None) => true,
        _ => false,
    };
    if !same || a.at.has_children() != b.at.has_children() {
        return Ok(None);
    }
    let (x, y) = (by_name(fuel, a)?, by_name(fuel, b)?);
    let same = x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| key(*x) == key(*y));
    Ok(same.then_some((x, y)))
}

/// When values at the leaves are the same.
#[derive(Clone, Copy)]
struct Same {
    numbers: fn(Decimal, Decimal) -> bool,
    texts: fn(&str, &str) -> bool,
}

/// Children of two nodes, one's and the other's; nothing where they differ already.
type Pairs<'n> = Option<(Vec<Node<'n>>, Vec<Node<'n>>)>;

/// Equality of whole trees: the same children, those of a name in the same order, numbers by value.
fn same_tree(fuel: &Fuel, a: Node<'_>, b: Node<'_>, depth: usize) -> Result<bool, Fault> {
    let exactly = Same { numbers: |x, y| x == y, texts: |x, y| x == y };
    let Some((x, y)) = same_shape(fuel, a, b, depth, exactly)? else { return Ok(false) };
    for (x, y) in x.into_iter().zip(y) {
        if !same_tree(fuel, x, y, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Equivalence of whole trees: those of a name in any order, text without regard to case.
fn alike_tree(fuel: &Fuel, a: Node<'_>, b: Node<'_>, depth: usize) -> Result<bool, Fault> {
    let roughly = Same { numbers: alike_numbers, texts: alike_text };
    let Some((x, mut left)) = same_shape(fuel, a, b, depth, roughly)? else { return Ok(false) };
    for one in x {
        let mut found = None;
        for (at, other) in left.iter().enumerate() {
            fuel.charge(1)?;
            if key(one) == key(*other) && alike_tree(fuel, one, *other, depth + 1)? {
                found = Some(at);
                break;
            }
        }
        match found {
            Some(at) => left.swap_remove(at),
            None => return Ok(false),
        };
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
                return fingerprint_tree(fuel, *node, 0);
            }
        }
    }
    Ok(hasher.finish())
}

fn fingerprint_tree(fuel: &Fuel, node: Node<'_>, depth: usize) -> Result<u64, Fault> {
    fuel.charge(1)?;
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let mut hasher = DefaultHasher::new();
    match number_of(node) {
        Some(number) => number.shortest().to_string().hash(&mut hasher),
        None => node.at.value().hash(&mut hasher),
    }
    // names in any order
    let mut sum = 0_u64;
    for child in node.children() {
        let mut one = DefaultHasher::new();
        (child.at.written_name(), fingerprint_tree(fuel, child, depth + 1)?).hash(&mut one);
        sum = sum.wrapping_add(one.finish());
    }
    sum.hash(&mut hasher);
    Ok(hasher.finish())
}
