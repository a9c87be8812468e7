//! Fixed and pattern values (<https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.fixed_x_>), ready to be held
//! against an element of either format.

use serde_json::Value;

use crate::fhir::tree::{Name, Node};
use crate::validate::fhirpath::Decimal;

/// A value a definition asks for.
#[derive(Debug, Clone)]
pub enum Wanted {
    Text(String),
    /// A number or truth value, as written.
    Plain(String),
    /// Children; of a name that stands in an array, each item.
    Object(Vec<(Name, Vec<Wanted>)>),
}

impl Wanted {
    /// Reads the value as a definition gives it.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Object(fields) => Self::Object(
                fields
                    .iter()
                    .filter(|(key, _)| !key.starts_with('_'))
                    .map(|(key, value)| {
                        let items = match value {
                            Value::Array(items) => items.iter().map(Self::of).collect(),
                            one => vec![Self::of(one)],
                        };
                        (Name::of(key), items)
                    })
                    .collect(),
            ),
            other => Self::Plain(other.to_string()),
        }
    }

    /// Whether an element is exactly this: nothing more, nothing less (ids aside), lists in the same order.
    #[must_use]
    pub fn is(&self, node: Node<'_>) -> bool {
        match self {
            Self::Object(fields) => {
                let told = node.children().filter(|child| child.name() != Name::ID).count();
                let wanted: usize = fields.iter().map(|(_, items)| items.len()).sum();
                told == wanted
                    && fields.iter().all(|(name, items)| {
                        let mut found = node.all(*name);
                        items.iter().all(|item| found.next().is_some_and(|one| item.is(one)))
                    })
            }
            plain => !node.has_children() && plain.same(node),
        }
    }

    /// Whether an element has at least this: every child asked for is there, of lists every item somewhere.
    #[must_use]
    pub fn fits(&self, node: Node<'_>) -> bool {
        match self {
            Self::Object(fields) => {
                fields.iter().all(|(name, items)| items.iter().all(|item| node.all(*name).any(|one| item.fits(one))))
            }
            plain => plain.same(node),
        }
    }

    fn same(&self, node: Node<'_>) -> bool {
        match (self, node.value()) {
            (Self::Text(wanted), Some(found)) => wanted == found,
            (Self::Plain(wanted), Some(found)) => {
                wanted == found
                    || matches!((Decimal::parse(wanted), Decimal::parse(found)), (Some(a), Some(b)) if a == b)
            }
            _ => false,
        }
    }

    /// The value in words: `"official"`, `{system: "…", code: "…"}`.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{text}\""),
            Self::Plain(text) => text.clone(),
            Self::Object(fields) => {
                let parts = fields.iter().map(|(name, items)| {
                    let items: Vec<_> = items.iter().map(Self::told).collect();
                    format!("{}: {}", name.text(), items.join(", "))
                });
                format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Plain(text) => Some(text),
            Self::Object(_) => None,
        }
    }
}
