//! What every conformance resource of ours says of itself: address, version, status, publisher. No content.

use serde_json::{Map, Value, json};

use crate::fhir::build::put;
use crate::fhir::codes;

/// Version of everything in the guide; raised when anything in it changes its meaning.
pub(super) const VERSION: &str = "1.0.0";
/// The day this version was made. A constant: the guide is built anew byte for byte.
pub(super) const DATE: &str = "2026-11-22";
/// Who publishes it.
pub(super) const PUBLISHER: &str = "cmht-gateway";
/// FHIR version the guide is for.
pub(super) const FHIR_VERSION: &str = "4.0.1";

/// Our address of a conformance resource.
pub(super) fn canonical(kind: &str, id: &str) -> String {
    format!("{}/{kind}/{id}", codes::BASE)
}

/// Begins a conformance resource (<https://hl7.org/fhir/R4/canonicalresource.html>): what it is and who says so.
pub(super) fn begin(kind: &str, id: &str, title: &str, description: &str) -> Map<String, Value> {
    let mut out = Map::new();
    put(&mut out, "resourceType", kind);
    put(&mut out, "id", id);
    if kind != "NamingSystem" {
        put(&mut out, "url", canonical(kind, id));
        put(&mut out, "version", VERSION);
    }
    put(&mut out, "name", name(title));
    if kind != "NamingSystem" {
        put(&mut out, "title", title);
    }
    put(&mut out, "status", "active");
    if kind == "NamingSystem" {
        return out;
    }
    put(&mut out, "date", DATE);
    put(&mut out, "publisher", PUBLISHER);
    put(&mut out, "description", description);
    put(&mut out, "jurisdiction", json!([england()]));
    out
}

/// When the resource was published and by whom, for NamingSystem, which has its elements in another order.
pub(super) fn published(out: &mut Map<String, Value>, description: &str) {
    put(out, "date", DATE);
    put(out, "publisher", PUBLISHER);
    put(out, "description", description);
    put(out, "jurisdiction", json!([england()]));
}

/// A resource made elsewhere, with the rest of what every one of ours says of itself.
pub(super) fn complete(mut made: Value) -> Value {
    if let Some(fields) = made.as_object_mut() {
        put(fields, "version", VERSION);
        put(fields, "date", DATE);
        put(fields, "publisher", PUBLISHER);
        put(fields, "jurisdiction", json!([england()]));
    }
    made
}

fn england() -> Value {
    json!({"coding": [{
        "system": "urn:iso:std:iso:3166", "code": "GB",
        "display": "United Kingdom of Great Britain and Northern Ireland",
    }]})
}

/// A title as a name programs can use (invariant `*-0`): letters and digits, each word with a capital.
pub(super) fn name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut out = String::from("Cmht");
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_one_a_program_can_use() {
        assert_eq!(name("Carer's plan"), "CmhtCarerSPlan");
        assert_eq!(name("safety plan: template"), "CmhtSafetyPlanTemplate");
    }
}
