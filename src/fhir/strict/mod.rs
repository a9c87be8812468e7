//! R4 structure as a check: our own walk over the element tree first, then fhirbolt's strict typed parse of each
//! resource for what only the types know: required elements, and one choice at most of `value[x]`; then the values.
//! Finds every faulty resource; a resource with structural faults is not parsed as well. Changes nothing.

mod content;
mod missing;
mod required;
mod times;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::source::shown;
use super::structure;
use crate::model::{Issue, IssueCode};

/// Findings after which the search for more stops: a hostile bundle must not buy endless work with them.
const MOST: usize = 100;

/// Checks one resource, and in a Bundle each entry by itself.
#[must_use]
pub fn strict(value: &Value) -> Vec<Issue> {
    let mut issues = shape(value);
    issues.extend(content::check(value));
    issues
}

/// Elements, types, cardinality.
fn shape(value: &Value) -> Vec<Issue> {
    let mut issues = structure::check(value);
    let root = super::resource_type(value).unwrap_or_default().to_owned();
    let Some(entries) = value.get("entry").and_then(Value::as_array).filter(|_| root == "Bundle") else {
        if issues.is_empty() {
            issues.extend(typed(value, &root));
        }
        return issues;
    };
    let paths: Vec<String> = issues.iter().filter_map(|issue| issue.path.clone()).collect();
    for (index, resource) in entries.iter().enumerate().filter_map(|(i, e)| Some((i, e.get("resource")?))) {
        let path = format!("Bundle.entry[{index}].resource");
        if issues.len() >= MOST {
            return issues;
        }
        if !paths.iter().any(|p| p.starts_with(&path)) {
            issues.extend(typed(resource, &path));
        }
    }
    let shell_faulty = paths.iter().any(|p| !p.contains(".resource"));
    if !shell_faulty {
        issues.extend(typed(&shell(value), &root));
    }
    issues
}

/// A bundle without the resources in it.
fn shell(bundle: &Value) -> Value {
    let mut shell = bundle.clone();
    for entry in shell.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(map) = entry.as_object_mut() {
            map.shift_remove("resource");
        }
    }
    shell
}

/// What fhirbolt has against a resource that stands at a path.
fn typed(resource: &Value, path: &str) -> Vec<Issue> {
    match parse(resource) {
        None => Vec::new(),
        Some(Fault::Missing(field)) => missing::find(resource, path, field),
        Some(Fault::Twice(field)) => {
            let text = format!("Only one {} element is allowed here.", shown(&field));
            vec![Issue::error(IssueCode::Structure, text).at(path)]
        }
        Some(Fault::Other(text)) => vec![Issue::error(IssueCode::Structure, text).at(path)],
    }
}

/// What fhirbolt's typed parse says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Missing(String),
    Twice(String),
    Other(String),
}

/// Nesting up to which fhirbolt's parse fits on any stack; measured, it takes up to 100 kB a level in a debug build.
const SHALLOW: usize = 16;
const DEEP_STACK: usize = 32 * 1024 * 1024;

/// Parses with fhirbolt: deep resources on a stack of their own. A panic inside it is a refusal, never ours.
fn parse(resource: &Value) -> Option<Fault> {
    let text = resource.to_string();
    let parse = || {
        let parsed = fhirbolt::json::from_str::<fhirbolt::model::r4::Resource>(&text, None);
        parsed.map(drop).map_err(|error| error.to_string())
    };
    let parsed = if depth_exceeds(resource, SHALLOW) {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, parse);
            thread.ok().and_then(|thread| thread.join().ok())
        })
    } else {
        catch_unwind(AssertUnwindSafe(parse)).ok()
    };
    match parsed {
        Some(Ok(())) => None,
        Some(Err(message)) => Some(classify(&message)),
        None => Some(Fault::Other("This resource cannot be read as R4.".to_owned())),
    }
}

fn depth_exceeds(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| levels.checked_sub(1).is_none_or(|levels| depth_exceeds(value, levels));
    match value {
        Value::Array(items) => items.iter().any(inner),
        Value::Object(map) => map.values().any(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Sorts an error text of serde. Only names between backticks are kept: the rest may quote values.
fn classify(message: &str) -> Fault {
    let field = message.split('`').nth(1).unwrap_or_default().to_owned();
    if message.starts_with("missing field") {
        Fault::Missing(field)
    } else if message.starts_with("duplicate field") {
        Fault::Twice(field.trim_start_matches('_').to_owned())
    } else if message.starts_with("unknown field") {
        Fault::Other(format!("R4 has no element {} in this resource where it stands.", shown(&field)))
    } else if message.starts_with("recursion limit") {
        Fault::Other("This resource is nested too deeply to be read.".to_owned())
    } else {
        Fault::Other("A value in this resource has another type than R4 gives it.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::strict;

    fn found(value: &Value) -> Vec<(&'static str, String)> {
        strict(value).into_iter().map(|i| (i.code.code(), i.path.unwrap_or_default())).collect()
    }

    #[test]
    fn a_sound_resource_has_no_findings() {
        let patient = json!({"resourceType": "Patient", "active": true, "name": [{"given": ["A", null],
            "_given": [null, {"extension": [{"url": "urn:x", "valueDecimal": 1.0}]}]}], "multipleBirthInteger": 2,
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>"}});
        assert_eq!(found(&patient), []);
    }

    #[test]
    fn each_structural_fault_is_named_with_its_path() {
        let table = [
            (json!({"surname": "x"}), "invalid", "Patient.surname"),
            (json!({"active": "true"}), "structure", "Patient.active"),
            (json!({"active": null}), "structure", "Patient.active"),
            (json!({"name": {"family": "x"}}), "structure", "Patient.name"),
            (json!({"name": []}), "required", "Patient.name"),
            (json!({"name": [{}]}), "required", "Patient.name[0]"),
            (json!({"name": [null]}), "structure", "Patient.name[0]"),
            (json!({"name": [{"family": ["x"]}]}), "structure", "Patient.name[0].family"),
            (json!({"name": [{"family": ""}]}), "value", "Patient.name[0].family"),
            (json!({"name": [{"family": "a\u{0}b"}]}), "value", "Patient.name[0].family"),
            (json!({"name": [{"given": ["x", null]}]}), "structure", "Patient.name[0].given[1]"),
            (json!({"name": [{"_given": [null]}]}), "structure", "Patient.name[0]._given"),
            (json!({"name": [{"given": ["x"], "_given": [null, {"id": "a"}]}]}), "structure", "Patient.name[0]._given"),
            (json!({"birthDate": 1970}), "structure", "Patient.birthDate"),
            (json!({"_birthDate": {"value": "x"}}), "invalid", "Patient._birthDate.value"),
            (json!({"_name": [{"id": "a"}]}), "invalid", "Patient._name"),
            (json!({"multipleBirthInteger": 1.5}), "value", "Patient.multipleBirthInteger"),
            (json!({"text": {"status": "generated", "div": "<div>"}}), "structure", "Patient.text.div"),
            (
                json!({"extension": [{"url": "u", "_url": {"id": "a"}, "valueCode": "x"}]}),
                "invalid",
                "Patient.extension[0]._url",
            ),
            (json!({"extension": [{"url": "u", "value": "x"}]}), "invalid", "Patient.extension[0].value"),
            (json!({"contained": [{"resourceType": "Nonsense"}]}), "not-supported", "Patient.contained[0]"),
            (json!({"contained": [{"id": "a"}]}), "required", "Patient.contained[0]"),
            (json!({"contained": ["a"]}), "structure", "Patient.contained[0]"),
            (json!({"deceasedBoolean": true, "deceasedDateTime": "2020"}), "structure", "Patient"),
        ];
        for (mut patient, code, path) in table {
            patient["resourceType"] = "Patient".into();
            assert_eq!(found(&patient), [(code, path.to_owned())], "{patient}");
        }
    }

    #[test]
    fn every_faulty_entry_of_a_bundle_is_reported_and_the_bundle_too() {
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"resource": {"resourceType": "Patient", "colour": "x"}},
            {"resource": {"resourceType": "Patient"}},
            {"resource": {"resourceType": "Flag", "status": "active", "code": {"text": "x"}}},
            {"resource": {"resourceType": "Patient", "link": [{"type": "refer"}]}}]});
        let expected = [
            ("invalid", "Bundle.entry[0].resource.colour".to_owned()),
            ("required", "Bundle.entry[2].resource.subject".to_owned()),
            ("required", "Bundle.entry[3].resource.link[0].other".to_owned()),
            ("required", "Bundle.type".to_owned()),
        ];
        assert_eq!(found(&bundle), expected);
    }

    #[test]
    fn findings_never_quote_values() {
        let secret = "Zebedee";
        for value in [
            json!({"resourceType": "Patient", "active": secret, "birthDate": {"a": secret}}),
            json!({"resourceType": "Patient", "multipleBirthInteger": secret, "name": secret}),
            json!({"resourceType": "Patient", "deceasedBoolean": true, "deceasedDateTime": secret}),
        ] {
            assert!(strict(&value).iter().all(|issue| !issue.text.contains(secret)), "{:?}", strict(&value));
        }
    }

    #[test]
    fn nesting_as_deep_as_is_read_does_not_overflow_a_small_stack() {
        let nest = |open: &str, close: &str, levels: usize| {
            format!("{}{}{}", open.repeat(levels), "{\"url\":\"u\",\"valueCode\":\"x\"}", close.repeat(levels))
        };
        let extensions = nest("{\"url\":\"u\",\"extension\":[", "]}", 58);
        let texts = [
            format!("{{\"resourceType\":\"Patient\",\"extension\":[{extensions}]}}"),
            format!(
                "{}{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"x\"}}}}{}",
                "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":".repeat(38),
                "}]}".repeat(38)
            ),
        ];
        for text in texts {
            let checked = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
                let limits = crate::fhir::Limits { max_bytes: 1_000_000, max_depth: 1000 };
                let value = crate::fhir::read(text.as_bytes(), crate::fhir::Format::Json, &limits).unwrap();
                let xml = crate::fhir::write(&value, crate::fhir::Format::Xml).unwrap();
                assert_eq!(crate::fhir::read(&xml, crate::fhir::Format::Xml, &limits).unwrap(), value);
                strict(&value)
            });
            assert_eq!(checked.unwrap().join().unwrap(), []);
        }
    }
}
