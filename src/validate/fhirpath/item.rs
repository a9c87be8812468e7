//! What expressions are about: nodes borrowed from the resource, and values of FHIRPath's own types.
//! Reads a node's value by its R4 type; never copies a tree.

use std::borrow::Cow;

use serde_json::Value;

use super::decimal::Decimal;
use super::moment::{Kind, Moment};
use super::quantity::Quantity;
use super::types::{Reading, TypeId, r4};

/// One item of a collection.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// An element or resource of the instance.
    Node(Node<'a>),
    /// A value made by the expression, or a literal of it.
    System(System<'a>),
}

/// An element of the instance, borrowed: its value, and for a primitive what stands beside it under `_name`.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(super) value: Option<&'a Value>,
    pub(super) beside: Option<&'a Value>,
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
    /// A resource, typed by its `resourceType`.
    pub fn resource(value: &'a Value) -> Self {
        let named = value.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        Self { value: Some(value), beside: None, of: r4().resource(named) }
    }

    /// An element with its R4 type (`HumanName`, `code`, `Patient.contact`): its JSON value, and for a primitive the
    /// object under `_name`. A type R4 does not have is read by its JSON shape.
    pub fn element(value: Option<&'a Value>, beside: Option<&'a Value>, of: &str) -> Self {
        Self { value, beside, of: r4().named(of).unwrap_or(TypeId::UNKNOWN) }
    }

    /// Its JSON value; `None` for a primitive that has extensions only.
    pub const fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// Its R4 type, empty where unknown.
    pub fn type_name(&self) -> &'static str {
        r4().name(self.of)
    }

    /// Whether its type is that type or a specialisation of it.
    pub fn is_a(&self, name: &str) -> bool {
        r4().named(name).is_some_and(|wanted| r4().is_a(self.of, wanted))
    }

    /// Whether it is a primitive with a value.
    pub(super) fn has_value(&self) -> bool {
        matches!(self.value, Some(Value::Bool(_) | Value::Number(_) | Value::String(_)))
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    /// Whether both are the very same place in the same tree.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        let same = |a: Option<&Value>, b: Option<&Value>| match (a, b) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same(self.value, other.value) && same(self.beside, other.beside)
    }

    /// The value in FHIRPath's own type; `None` for elements with children and for primitives without value.
    pub(super) fn system(&self) -> Option<System<'a>> {
        let reading = r4().reading(self.of);
        match self.value? {
            Value::Bool(flag) => Some(System::Boolean(*flag)),
            Value::Number(number) => {
                let decimal = Decimal::parse(number.as_str())?;
                let whole = match reading {
                    Reading::Decimal => None,
                    Reading::Integer => decimal.to_integer(),
                    _ => number.as_str().parse().ok(),
                };
                Some(whole.map_or(System::Decimal(decimal), System::Integer))
            }
            Value::String(text) => {
                let kind = match reading {
                    Reading::Date => Kind::Date,
                    Reading::DateTime => Kind::DateTime,
                    Reading::Time => Kind::Time,
                    _ => return Some(System::Text(Cow::Borrowed(text))),
                };
                // what is no date stays the text it is; saying so is another rule's work
                let moment = Moment::parse(text, kind);
                Some(moment.map_or(System::Text(Cow::Borrowed(text)), System::Moment))
            }
            Value::Object(_) if reading == Reading::Quantity => self.quantity().map(|q| System::Quantity(Box::new(q))),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A FHIR quantity as FHIRPath has them: the UCUM code where the system is UCUM, else the unit as written.
    fn quantity(&self) -> Option<Quantity<'a>> {
        let value = self.value?;
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let number = value.get("value").and_then(Value::as_number)?;
        let unit = if text("system").is_none_or(|system| system == UCUM) {
            text("code").or_else(|| text("unit"))
        } else {
            text("code")
        };
        Some(Quantity { value: Decimal::parse(number.as_str())?, unit: Cow::Borrowed(unit.unwrap_or("1")) })
    }
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
    pub fn system(&self) -> Option<System<'a>> {
        match self {
            Self::Node(node) => node.system(),
            Self::System(value) => Some(value.clone()),
        }
    }

    pub(in crate::validate) fn node(&self) -> Option<&Node<'a>> {
        match self {
            Self::Node(node) => Some(node),
            Self::System(_) => None,
        }
    }

    /// The text of a string, borrowed where it can be.
    pub(super) fn as_text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Node(node) => node.text().map(Cow::Borrowed),
            Self::System(System::Text(text)) => Some(text.clone()),
            Self::System(_) => None,
        }
    }

    /// Namespace and name of its type.
    pub(super) fn type_of(&self) -> (&'static str, &'static str) {
        match self {
            Self::Node(node) => ("FHIR", node.type_name()),
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
    pub(super) fn written(&self) -> String {
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
