//! Plain copies of FHIR datatypes, for elements that hold no person facts but may hold somebody's free text:
//! codes without text, identifiers without assigners, references without names. Decides nothing.

use serde_json::{Map, Value, json};

use super::shapes;
use super::tags::is_lasting;
use crate::fhir::{build, codes};
use crate::model::DataCategory;

/// A Coding that is known, in our words ([`shapes::coding`]).
pub(super) fn coding(value: &Value) -> Option<Value> {
    shapes::coding(value)
}

/// A CodeableConcept without its text; `None` when it was nothing but text. A lone Coding is taken too.
pub(super) fn concept(value: &Value) -> Option<Value> {
    let Some(given) = value.get("coding") else { return coding(value) };
    let codings: Vec<Value> = given.as_array()?.iter().filter_map(coding).collect();
    (!codings.is_empty()).then(|| json!({"coding": codings}))
}

/// The base policy of a Consent: its codes from v3-ActCode, or words that say nothing of the person.
pub(super) fn policy(value: &Value) -> Value {
    let base = |c: &&Value| c.get("system").and_then(Value::as_str) == Some(codes::ACT_CODE);
    let given = value.get("coding").and_then(Value::as_array).into_iter().flatten();
    let codings: Vec<Value> = given.filter(base).filter_map(coding).collect();
    if codings.is_empty() {
        json!({"text": "Recorded wishes about sharing with this recipient"})
    } else {
        json!({"coding": codings})
    }
}

/// An Identifier with system, value and use, each one word; `None` without a value.
pub(super) fn identifier(value: &Value) -> Option<Value> {
    let mut kept = pick(value, &["use", "system", "value"]);
    kept.retain(|_, inner| inner.as_str().is_some_and(shapes::is_token));
    kept.contains_key("value").then_some(Value::Object(kept))
}

/// Whether an identifier of a person may go in a reduced copy: their NHS number, or one of ours.
pub(super) fn of_person(identifier: &Value) -> bool {
    let system = identifier.get("system").and_then(Value::as_str);
    system.is_some_and(|system| matches!(system, codes::NHS_NUMBER | codes::DOCUMENT_ID))
}

/// The Reference that stands where one was withheld
/// (<https://hl7.org/fhir/R4/extension-data-absent-reason.html>, code `masked`).
pub(super) fn masked() -> Value {
    json!({"extension": [{"url": codes::DATA_ABSENT_REASON, "valueCode": "masked"}], "display": "Withheld"})
}

/// The Reference that stands where one was withheld of which the recipient may not be told, and FHIR asks for one.
pub(super) fn unknown() -> Value {
    json!({"extension": [{"url": codes::DATA_ABSENT_REASON, "valueCode": "unknown"}]})
}

/// Whether a Reference is one of those that stand where another was withheld.
pub(super) fn is_masked(value: &Value) -> bool {
    *value == masked() || *value == unknown()
}

/// Whoever wrote or agreed and is not named, so that it does not show that somebody was withheld.
pub(super) fn hush(composition: &mut Value) {
    let attesters = composition.get_mut("attester").and_then(Value::as_array_mut).into_iter().flatten();
    for party in attesters.filter_map(|attester| attester.get_mut("party")).filter(|party| **party == masked()) {
        *party = unknown();
    }
    let authors = composition.get_mut("author").and_then(Value::as_array_mut).into_iter().flatten();
    for author in authors.filter(|author| **author == masked()) {
        *author = unknown();
    }
}

/// Metadata of a resource or bundle: profiles, versions, and labels and categories as plain codings.
pub(super) fn meta(value: &Value) -> Option<Value> {
    let mut kept = pick(value, &["lastUpdated"]);
    let profiles = value.get("profile").and_then(Value::as_array).into_iter().flatten();
    let known = |url: &&Value| {
        url.as_str().is_some_and(|url| PROFILES.iter().any(|base| url.starts_with(base)) && shapes::is_url(url))
    };
    build::put(&mut kept, "profile", profiles.filter(known).cloned().collect::<Vec<_>>());
    for (key, wanted) in [("security", is_lasting as fn(&Value) -> bool), ("tag", is_category)] {
        let all = value.get(key).and_then(Value::as_array).into_iter().flatten();
        let codings: Vec<Value> = all.filter(|coding| wanted(coding)).filter_map(bare).collect();
        if !codings.is_empty() {
            kept.insert(key.into(), codings.into());
        }
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
}

const PROFILES: &[&str] = &["https://fhir.hl7.org.uk/StructureDefinition/", "http://hl7.org/fhir/StructureDefinition/"];

/// Drops labels and tags that are not ours from a resource that goes as one piece.
pub(super) fn relabel(resource: &mut Value) {
    for (key, wanted) in [("security", is_lasting as fn(&Value) -> bool), ("tag", is_category)] {
        let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) else { return };
        let Some(list) = meta.get_mut(key).and_then(Value::as_array_mut) else { continue };
        list.retain(wanted);
        if list.is_empty() {
            meta.shift_remove(key);
        }
    }
}

/// A tag that gives one of our categories.
fn is_category(coding: &Value) -> bool {
    let known = coding.get("code").and_then(Value::as_str).and_then(DataCategory::from_code).is_some();
    known && coding.get("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY)
}

/// A Coding without display: labels need none, and this is where free text hides.
fn bare(coding: &Value) -> Option<Value> {
    let kept = pick(coding, &["system", "code"]);
    kept.contains_key("code").then_some(Value::Object(kept))
}

/// The named members that are there, with ids and extensions at any depth left behind.
fn pick(value: &Value, keys: &[&str]) -> Map<String, Value> {
    let found = |key: &&str| value.get(*key).map(|v| ((*key).to_owned(), without_extensions(v)));
    keys.iter().filter_map(found).collect()
}

/// A copy without `id`, `extension` and primitive companions.
fn without_extensions(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| {
                !matches!(key.as_str(), "id" | "extension" | "modifierExtension") && !key.starts_with('_')
            })
            .map(|(key, inner)| (key.clone(), without_extensions(inner)))
            .collect(),
        Value::Array(items) => items.iter().map(without_extensions).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{concept, meta};
    use crate::fhir::codes;
    use serde_json::json;

    #[test]
    fn free_text_does_not_survive_and_codes_do() {
        let given = json!({"coding": [{"system": codes::BARS_REASON, "code": "new", "display": "MARK", "extension": [{"url": "MARK"}]},
            {"system": "s", "code": "c", "display": "MARK"}], "text": "MARK"});
        assert_eq!(
            concept(&given).unwrap(),
            json!({"coding": [{"system": codes::BARS_REASON, "code": "new", "display": "New"}]})
        );
        assert!(concept(&json!({"text": "MARK"})).is_none());
        let given = json!({"source": "MARK", "tag": [{"system": "other", "code": "MARK"}, {"system": codes::DATA_CATEGORY, "code": "carer", "display": "MARK"}]});
        assert_eq!(meta(&given).unwrap(), json!({"tag": [{"system": codes::DATA_CATEGORY, "code": "carer"}]}));
    }
}
