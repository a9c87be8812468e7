//! A profile of ours as a StructureDefinition with differential and snapshot, for guides and for other validators.
//! Words that FHIR requires and the author did not write say where the element comes from; nobody's prose is copied.

mod element;

use serde_json::{Map, Value, json};

use super::facts::{Context, Profile};
use super::snapshot::{SnapshotError, snapshot};
use super::{Definitions, FHIR};

/// What a published definition says of itself, besides its facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Logical identifier; last part of the URL as a rule.
    pub id: String,
    pub title: String,
    /// `draft`, `active` or `retired`.
    pub status: String,
    /// `2026-11-22`.
    pub date: String,
    pub publisher: String,
    pub description: String,
    /// Why the profile is needed, and by which requirement.
    pub purpose: Option<String>,
}

/// The StructureDefinition of a profile: its snapshot is generated if it is not there.
/// Meets the invariants that FHIR has for it (sdf-1, sdf-3, sdf-8, sdf-14 and their like) if the profile's names do.
///
/// # Errors
/// As for [`snapshot`].
pub fn structure_definition(
    profile: &Profile,
    about: &About,
    definitions: &dyn Definitions,
) -> Result<Value, SnapshotError> {
    let generated;
    let whole = if profile.snapshot.is_empty() {
        generated = snapshot(profile, definitions)?;
        &generated
    } else {
        profile
    };
    let mut object = head(whole, about);
    let base = whole.base.as_deref().unwrap_or(FHIR).rsplit('/').next().unwrap_or_default();
    let snapshot: Vec<Value> = whole.snapshot.iter().map(|one| element::snapshot(one, base)).collect();
    let differential: Vec<Value> =
        whole.differential.iter().map(|one| element::differential(one, &whole.url)).collect();
    object.insert("snapshot".into(), json!({"element": snapshot}));
    object.insert("differential".into(), json!({"element": differential}));
    Ok(Value::Object(object))
}

/// Everything but the elements, in FHIR's order.
fn head(profile: &Profile, about: &About) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.to_owned(), value);
        }
    };
    put("resourceType", json!("StructureDefinition"));
    put("id", json!(about.id));
    put("url", json!(profile.url));
    put("version", json!(profile.version));
    put("name", json!(profile.name));
    put("title", json!(about.title));
    put("status", json!(about.status));
    put("date", json!(about.date));
    put("publisher", json!(about.publisher));
    put("description", json!(about.description));
    put("jurisdiction", json!([{"coding": [{"system": "urn:iso:std:iso:3166", "code": "GB"}]}]));
    put("purpose", json!(about.purpose));
    put("fhirVersion", json!("4.0.1"));
    put("kind", json!(profile.kind.code()));
    put("abstract", json!(profile.is_abstract));
    let context = |one: &Context| json!({"type": one.kind, "expression": one.expression});
    if !profile.contexts.is_empty() {
        put("context", profile.contexts.iter().map(context).collect());
    }
    if !profile.context_invariants.is_empty() {
        put("contextInvariant", json!(profile.context_invariants));
    }
    put("type", json!(profile.kind_of));
    put("baseDefinition", json!(profile.base));
    put("derivation", json!("constraint"));
    object
}
