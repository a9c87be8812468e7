//! Plain copies of FHIR datatypes, for elements that hold no person facts but may hold somebody's free text:
//! codes without text, identifiers without assigners, references without names. Decides nothing.

use serde_json::{Map, Value, json};

use super::tags::is_handling;
use crate::fhir::codes;
use crate::model::DataCategory;

/// A Coding with system, version, code and the display that belongs to the code; `None` when no code is left.
pub(super) fn coding(value: &Value) -> Option<Value> {
    let kept = pick(value, &["system", "version", "code", "display"]);
    kept.contains_key("code").then_some(Value::Object(kept))
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

/// An Identifier with system, value, use and period; `None` without a value.
pub(super) fn identifier(value: &Value) -> Option<Value> {
    let kept = pick(value, &["use", "system", "value", "period"]);
    kept.contains_key("value").then_some(Value::Object(kept))
}

/// A Reference; its display only where `with_display`. `None` when nothing is left of it.
/// One that says "withheld" stays as it is.
pub(super) fn reference(value: &Value, with_display: bool) -> Option<Map<String, Value>> {
    if is_masked(value) {
        return value.as_object().cloned();
    }
    let mut kept = pick(value, &["reference", "type"]);
    if let Some(identifier) = value.get("identifier").and_then(identifier) {
        kept.insert("identifier".into(), identifier);
    }
    if with_display && let Some(display) = value.get("display") {
        kept.insert("display".into(), display.clone());
    }
    let says_something = ["reference", "identifier", "display"].iter().any(|key| kept.contains_key(*key));
    says_something.then_some(kept)
}

/// The Reference that stands where one was withheld
/// (<https://hl7.org/fhir/R4/extension-data-absent-reason.html>, code `masked`).
pub(super) fn masked() -> Value {
    json!({"extension": [{"url": codes::DATA_ABSENT_REASON, "valueCode": "masked"}], "display": "Withheld"})
}

pub(super) fn is_masked(value: &Value) -> bool {
    *value == masked()
}

/// Metadata of a resource or bundle: profiles, versions, and labels and categories as plain codings.
pub(super) fn meta(value: &Value) -> Option<Value> {
    let mut kept = pick(value, &["versionId", "lastUpdated", "profile"]);
    for (key, wanted) in [("security", is_handling as fn(&Value) -> bool), ("tag", is_category)] {
        let all = value.get(key).and_then(Value::as_array).into_iter().flatten();
        let codings: Vec<Value> = all.filter(|coding| wanted(coding)).filter_map(bare).collect();
        if !codings.is_empty() {
            kept.insert(key.into(), codings.into());
        }
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
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
    use super::{concept, is_masked, masked, meta, reference};
    use crate::fhir::codes;
    use serde_json::json;

    #[test]
    fn free_text_does_not_survive_and_codes_do() {
        let given = json!({"coding": [{"system": "s", "code": "c", "display": "d", "extension": [{"url": "MARK"}]}], "text": "MARK"});
        assert_eq!(concept(&given).unwrap(), json!({"coding": [{"system": "s", "code": "c", "display": "d"}]}));
        assert!(concept(&json!({"text": "MARK"})).is_none());
        let given = json!({"reference": "urn:uuid:1", "display": "MARK", "identifier": {"value": "1", "assigner": {"display": "MARK"}}});
        let kept = reference(&given, false).unwrap();
        assert_eq!(serde_json::Value::Object(kept), json!({"reference": "urn:uuid:1", "identifier": {"value": "1"}}));
        assert!(reference(&json!({"display": "MARK"}), false).is_none());
        let given = json!({"source": "MARK", "tag": [{"system": "other", "code": "MARK"}, {"system": codes::DATA_CATEGORY, "code": "carer", "display": "MARK"}]});
        assert_eq!(meta(&given).unwrap(), json!({"tag": [{"system": codes::DATA_CATEGORY, "code": "carer"}]}));
    }

    #[test]
    fn a_masked_reference_stays_masked() {
        let kept = reference(&masked(), false).unwrap();
        assert!(is_masked(&serde_json::Value::Object(kept)));
    }
}
