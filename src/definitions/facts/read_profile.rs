//! A FHIR StructureDefinition to its facts.

use serde_json::Value;

use super::profile::{Context, Derivation, Kind, Profile};
use super::{Element, flag, items, text, texts};

/// Our own canonical base: what is defined below it may keep its words.
const OURS: &str = "https://fhir.cmht-gateway.example/";

impl Profile {
    /// Reads a StructureDefinition in its FHIR JSON form. `None` where it has no URL, type or known kind.
    #[must_use]
    pub fn from_fhir(resource: &Value) -> Option<Self> {
        let url = text(resource, "url")?;
        let words = url.starts_with(OURS);
        let elements = |view: &str| {
            let view = resource.get(view).unwrap_or(&Value::Null);
            items(view, "element").filter_map(|element| Element::from_fhir(element, words)).collect()
        };
        Some(Self {
            url,
            version: text(resource, "version"),
            name: text(resource, "name").unwrap_or_default(),
            kind_of: text(resource, "type")?,
            kind: Kind::from_code(resource.get("kind")?.as_str()?)?,
            is_abstract: flag(resource, "abstract").unwrap_or(false),
            derivation: match resource.get("derivation").and_then(Value::as_str) {
                Some("constraint") => Some(Derivation::Constraint),
                Some("specialization") => Some(Derivation::Specialization),
                _ => None,
            },
            base: text(resource, "baseDefinition"),
            contexts: items(resource, "context").filter_map(context).collect(),
            context_invariants: texts(resource, "contextInvariant"),
            differential: elements("differential"),
            snapshot: elements("snapshot"),
        })
    }
}

fn context(one: &Value) -> Option<Context> {
    Some(Context { kind: text(one, "type")?, expression: text(one, "expression")? })
}
