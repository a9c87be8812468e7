//! What expressions are about: nodes of the tree with their R4 types, and values of FHIRPath's own types.
//! Reads a node's value by its type, whichever format it came in; never copies a tree.

use std::borrow::Cow;

use super::decimal::Decimal;
use super::moment::{Kind, Moment};
use super::quantity::Quantity;
use super::types::{Reading, TypeId, r4};
use crate::fhir::tree::{self, Name};

/// One item of a collection.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// An element or resource of the instance.
    Node(Node<'a>),
    /// A value made by the expression, or a literal of it.
    System(System<'a>),
}

/// An element of the instance: its place in the tree, and its R4 type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a> {
    pub(super) at: tree::Node<'a>,
    pub(super) of: TypeId,
}

/// A value of one of FHIRPath's own types.
#[derive(Debug, Clone)]
pub enum System<'a> {
    Boolean(bool),
    Integer(i32),
    Decimal(Decimal),
    Text(Cow<'a, str>),
    /// `Date`, `DateTime` and `Time`.
    Moment(Moment),
    Quantity(Box<Quantity<'a>>),
    /// What `type()` tells: namespace and name.
    Type(&'static str, &'static str),
}

impl<'a> Node<'a> {
    /// A resource, typed by the type it names.
    #[must_use]
    pub fn resource(at: tree::Node<'a>) -> Self {
        Self { at, of: TypeId::of_resource(at.resource_type()) }
    }

    /// An element with its R4 type. A type R4 does not have is read by its JSON shape.
    #[must_use]
    pub const fn element(at: tree::Node<'a>, of: TypeId) -> Self {
        Self { at, of }
    }

    /// Its place in the tree.
    #[must_use]
    pub const fn at(self) -> tree::Node<'a> {
        self.at
    }

    /// Its R4 type.
    #[must_use]
    pub const fn of(self) -> TypeId {
        self.of
    }

    /// Its children with their types, in the order of the source; those R4 does not have too, with an unknown type.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.at.children().filter(|child| is_there(*child)).map(move |child| self.child(child))
    }

    fn child(self, child: tree::Node<'a>) -> Self {
        let field = r4().field(self.of, child.name());
        typed(child, field.map_or(TypeId::UNKNOWN, |field| field.of))
    }

    /// Whether it is a primitive with a value.
    #[must_use]
    pub fn has_value(self) -> bool {
        self.at.value().is_some_and(|text| !text.is_empty())
    }

    /// Whether it is a primitive that has extensions only.
    pub(super) fn is_hollow(self) -> bool {
        let complex = matches!(r4().reading(self.of), Reading::Complex | Reading::Quantity | Reading::Unknown);
        self.at.kind() == tree::Kind::Nothing || (!complex && self.at.value().is_none())
    }

    /// What it says, of a primitive that is a string or a date.
    pub(super) fn text(self) -> Option<&'a str> {
        match (r4().reading(self.of), self.at.kind()) {
            (Reading::Boolean | Reading::Integer | Reading::Decimal, _)
            | (Reading::Unknown, tree::Kind::Number | tree::Kind::Boolean) => None,
            _ => self.at.value(),
        }
    }

    /// The value in FHIRPath's own type; `None` for elements with children and for primitives without value.
    pub(super) fn system(self) -> Option<System<'a>> {
        let reading = r4().reading(self.of);
        let Some(text) = self.at.value() else {
            let quantity = if reading == Reading::Quantity { self.quantity() } else { None };
            return quantity.map(|quantity| System::Quantity(Box::new(quantity)));
        };
        let read = match reading {
            Reading::Text | Reading::Complex | Reading::Quantity => None,
            Reading::Boolean => truth(text),
            Reading::Integer => integer(text),
            Reading::Decimal => Decimal::parse(text).map(System::Decimal),
            Reading::Date => Moment::parse(text, Kind::Date).map(System::Moment),
            Reading::DateTime => Moment::parse(text, Kind::DateTime).map(System::Moment),
            Reading::Time => Moment::parse(text, Kind::Time).map(System::Moment),
            Reading::Unknown => match self.at.kind() {
                tree::Kind::Boolean => truth(text),
                tree::Kind::Number => integer(text),
                _ => None,
            },
        };
        // what is no date stays the text it is; saying so is another rule's work
        Some(read.unwrap_or(System::Text(Cow::Borrowed(text))))
    }

    /// A FHIR quantity as FHIRPath has them: the UCUM code where the system is UCUM, else the unit as written.
    fn quantity(self) -> Option<Quantity<'a>> {
        let at = self.at;
        let number = Decimal::parse(at.text(Name::VALUE)?)?;
        let unit = if at.text(Name::SYSTEM).is_none_or(|system| system == UCUM) {
            at.text(Name::CODE).or_else(|| at.text(Name::UNIT))
        } else {
            at.text(Name::CODE)
        };
        Some(Quantity { value: number, unit: Cow::Borrowed(unit.unwrap_or("1")) })
    }
}

fn truth<'a>(text: &str) -> Option<System<'a>> {
    match text {
        "true" => Some(System::Boolean(true)),
        "false" => Some(System::Boolean(false)),
        _ => None,
    }
}

fn integer<'a>(text: &str) -> Option<System<'a>> {
    let whole = text.parse().ok();
    whole.map(System::Integer).or_else(|| Decimal::parse(text).map(System::Decimal))
}

/// A node that stands where a type is expected: a resource has the type it names.
pub(super) fn typed(at: tree::Node<'_>, of: TypeId) -> Node<'_> {
    let named = r4().holds_resource(of) || (of == TypeId::UNKNOWN && at.is_resource());
    if named { Node::resource(at) } else { Node { at, of } }
}

/// Not a place in a list that is `null` and has nothing beside it.
pub(super) fn is_there(at: tree::Node<'_>) -> bool {
    at.kind() != tree::Kind::Nothing || at.has_children()
}

/// The code system of units of measure.
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

impl<'a> Item<'a> {
    pub(super) fn boolean(flag: bool) -> Self {
        Self::System(System::Boolean(flag))
    }

    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::System(System::Text(text.into()))
    }

    /// The value in FHIRPath's own type.
    #[must_use]
    pub fn system(&self) -> Option<System<'a>> {
        match self {
            Self::Node(node) => node.system(),
            Self::System(value) => Some(value.clone()),
        }
    }

    /// The node, of an item of the instance.
    #[must_use]
    pub const fn node(&self) -> Option<Node<'a>> {
        match self {
            Self::Node(node) => Some(*node),
            Self::System(_) => None,
        }
    }

    /// The text of a string, borrowed where it can be.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Node(node) => node.text().map(Cow::Borrowed),
            Self::System(System::Text(text)) => Some(text.clone()),
            Self::System(_) => None,
        }
    }

    /// Namespace and name of its type.
    pub(super) fn type_of(&self) -> (&'static str, &'static str) {
        match self {
            Self::Node(node) => ("FHIR", node.of.name()),
            Self::System(value) => ("System", value.type_name()),
        }
    }
}

impl System<'_> {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Decimal(_) => "Decimal",
            Self::Text(_) => "String",
            Self::Moment(moment) => match moment.kind {
                Kind::Date => "Date",
                Kind::DateTime => "DateTime",
                Kind::Time => "Time",
            },
            Self::Quantity(_) => "Quantity",
            Self::Type(..) => "SimpleTypeInfo",
        }
    }

    pub(super) fn into_owned(self) -> System<'static> {
        match self {
            Self::Boolean(flag) => System::Boolean(flag),
            Self::Integer(number) => System::Integer(number),
            Self::Decimal(number) => System::Decimal(number),
            Self::Text(text) => System::Text(Cow::Owned(text.into_owned())),
            Self::Moment(moment) => System::Moment(moment),
            Self::Quantity(quantity) => System::Quantity(Box::new(quantity.into_owned())),
            Self::Type(space, name) => System::Type(space, name),
        }
    }

    /// As `toString()` writes it.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Text(text) => text.to_string(),
            Self::Moment(moment) => moment.to_string(),
            Self::Quantity(quantity) => quantity.to_string(),
            Self::Type(space, name) => format!("{space}.{name}"),
        }
    }

    /// As a decimal, where it is a number.
    pub(super) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }
}
