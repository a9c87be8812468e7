//! Shape of a message Bundle: the invariants of Bundle that a message can break
//! (<https://hl7.org/fhir/R4/bundle.html#invs>), and what exchange needs beyond them.
//! Looks at entries from outside; what is in the resources is checked elsewhere.

use std::collections::HashMap;

use serde_json::Value;

use crate::fhir::{Bundle, resource_type};
use crate::model::{Issue, IssueCode};

/// Every fault in the shape of the message.
pub(super) fn check(bundle: &Bundle) -> Vec<Issue> {
    let mut issues = Vec::new();
    kind(bundle, &mut issues);
    identity(bundle, &mut issues);
    header(bundle, &mut issues);
    let entries = bundle.value().get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, entry) in entries.iter().enumerate() {
        self::entry(index, entry, &mut issues);
        full_url(index, entry, &mut issues);
    }
    unique(entries, &mut issues);
    issues
}

fn fault(rule: &str, code: IssueCode, path: impl Into<String>, text: impl Into<String>) -> Issue {
    Issue::error(code, text).at(path).rule(rule)
}

/// A message is exchanged as a Bundle of type `message` (<https://hl7.org/fhir/R4/messaging.html>);
/// only searches and histories have a total (bdl-1).
fn kind(bundle: &Bundle, issues: &mut Vec<Issue>) {
    // without a type at all, the structure check has already said so
    if bundle.kind().is_some_and(|kind| kind != "message") {
        let text = "The Bundle must be of type message.";
        issues.push(fault("message-type", IssueCode::Value, "Bundle.type", text));
    }
    if bundle.value().get("total").is_some() {
        let text = "A message has no total: only search sets and histories do.";
        issues.push(fault("bdl-1", IssueCode::Invariant, "Bundle.total", text));
    }
}

/// A message must be recognised when it comes again: `Bundle.identifier` persists between systems, `Bundle.id` serves
/// where there is none (<https://hl7.org/fhir/R4/messaging.html#identification>).
fn identity(bundle: &Bundle, issues: &mut Vec<Issue>) {
    if bundle.message_key().is_none() {
        let text = "The message has no identity. Give Bundle.identifier a system and a value, or the Bundle an id.";
        issues.push(fault("message-identity", IssueCode::Required, "Bundle.identifier", text));
    }
}

/// bdl-12: a message has a MessageHeader as its first resource.
fn header(bundle: &Bundle, issues: &mut Vec<Issue>) {
    let first = bundle.value().pointer("/entry/0/resource");
    if first.and_then(resource_type) != Some("MessageHeader") {
        let text = "The first entry of a message must be a MessageHeader.";
        issues.push(fault("bdl-12", IssueCode::Invariant, "Bundle.entry[0].resource", text));
    }
    for (index, _) in bundle.numbered().filter(|(index, r)| *index > 0 && resource_type(r) == Some("MessageHeader")) {
        let text = "A message has one MessageHeader only.";
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("message-one-header", IssueCode::BusinessRule, path, text));
    }
}

/// bdl-2 to bdl-5: entries of a message hold a resource and nothing of searches, transactions or responses.
fn entry(index: usize, entry: &Value, issues: &mut Vec<Issue>) {
    for (key, rule) in [("search", "bdl-2"), ("request", "bdl-3"), ("response", "bdl-4")] {
        if entry.get(key).is_some() {
            let path = format!("Bundle.entry[{index}].{key}");
            issues.push(fault(rule, IssueCode::Invariant, path, format!("An entry of a message has no {key}.")));
        }
    }
    if entry.get("resource").is_none() {
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("bdl-5", IssueCode::Invariant, path, "An entry of a message must hold a resource."));
    }
}

/// Entries are referred to by their fullUrl, so each has one, absolute, without version (bdl-8), and where it is a
/// RESTful address it ends in the resource's type and id
/// (<https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl>).
fn full_url(index: usize, entry: &Value, issues: &mut Vec<Issue>) {
    let path = format!("Bundle.entry[{index}].fullUrl");
    let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else {
        let text = "Each entry needs a fullUrl, for example urn:uuid: and a UUID.";
        return issues.push(fault("entry-full-url", IssueCode::Required, path, text));
    };
    if let Some(uuid) = url.strip_prefix("urn:uuid:") {
        // hyphenated, nothing around it
        if uuid.len() != 36 || uuid::Uuid::try_parse(uuid).is_err() {
            let text = "After urn:uuid: a UUID with hyphens is expected.";
            issues.push(fault("entry-full-url", IssueCode::Value, path, text));
        }
    } else if !["urn:oid:", "http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
        let text = "A fullUrl must be absolute: urn:uuid:, urn:oid:, or an http or https address.";
        issues.push(fault("entry-full-url", IssueCode::Value, path, text));
    } else if url.contains("/_history/") {
        let text = "A fullUrl may not name a version of a resource.";
        issues.push(fault("bdl-8", IssueCode::Invariant, path, text));
    } else if url.starts_with("http") && disagrees(url, entry.get("resource")) {
        let text = "The fullUrl does not end in the type and id of the resource in the entry.";
        issues.push(fault("entry-full-url", IssueCode::Value, path, text));
    }
}

fn disagrees(url: &str, resource: Option<&Value>) -> bool {
    let parts = resource.and_then(|r| Some((resource_type(r)?, r.get("id")?.as_str()?)));
    parts.is_some_and(|(kind, id)| !url.ends_with(&format!("/{kind}/{id}")))
}

/// bdl-7: no two entries have the same fullUrl, unless they are different versions.
fn unique(entries: &[Value], issues: &mut Vec<Issue>) {
    let mut seen: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else { continue };
        let version = entry.pointer("/resource/meta/versionId").and_then(Value::as_str);
        if let Some(first) = seen.get(&(url, version)) {
            let path = format!("Bundle.entry[{index}].fullUrl");
            let text = format!("This fullUrl is also that of entry {first}. Each entry needs its own.");
            issues.push(fault("bdl-7", IssueCode::Invariant, path, text));
        } else {
            seen.insert((url, version), index);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::validate::tests::{HEADER, message, parsed, told};

    #[test]
    fn each_rule_of_shape_is_told_with_its_id_and_path() {
        type Change = fn(&mut Value);
        let table: [(Change, &str, &str); 18] = [
            (|b| b["type"] = "collection".into(), "message-type", "Bundle.type"),
            (|b| b["total"] = 2.into(), "bdl-1", "Bundle.total"),
            (|b| b["entry"][1]["search"] = json!({"mode": "match"}), "bdl-2", "Bundle.entry[1].search"),
            (|b| b["entry"][1]["request"] = json!({"method": "GET", "url": "x"}), "bdl-3", "Bundle.entry[1].request"),
            (|b| b["entry"][1]["response"] = json!({"status": "200"}), "bdl-4", "Bundle.entry[1].response"),
            (|b| drop(b["entry"][1].as_object_mut().unwrap().remove("resource")), "bdl-5", "Bundle.entry[1].resource"),
            (|b| b["entry"][1]["fullUrl"] = HEADER.into(), "bdl-7", "Bundle.entry[1].fullUrl"),
            (|b| b["entry"][1]["fullUrl"] = "http://a/Patient/1/_history/2".into(), "bdl-8", "Bundle.entry[1].fullUrl"),
            (|b| b["entry"].as_array_mut().unwrap().swap(0, 1), "bdl-12", "Bundle.entry[0].resource"),
            (|b| b["entry"] = json!([]), "bdl-12", "Bundle.entry[0].resource"),
            (
                |b| b["entry"][1]["resource"] = json!({"resourceType": "MessageHeader"}),
                "message-one-header",
                "Bundle.entry[1].resource",
            ),
            (
                |b| drop(b["entry"][1].as_object_mut().unwrap().remove("fullUrl")),
                "entry-full-url",
                "Bundle.entry[1].fullUrl",
            ),
            (|b| b["entry"][1]["fullUrl"] = "urn:uuid:1".into(), "entry-full-url", "Bundle.entry[1].fullUrl"),
            (|b| b["entry"][1]["fullUrl"] = "Patient/1".into(), "entry-full-url", "Bundle.entry[1].fullUrl"),
            (|b| b["entry"][1]["fullUrl"] = "urn:x:1".into(), "entry-full-url", "Bundle.entry[1].fullUrl"),
            (
                |b| {
                    b["entry"][1]["fullUrl"] = "https://a/Patient/1".into();
                    b["entry"][1]["resource"]["id"] = "2".into();
                },
                "entry-full-url",
                "Bundle.entry[1].fullUrl",
            ),
            (
                |b| {
                    b.as_object_mut().unwrap().remove("identifier");
                    b.as_object_mut().unwrap().remove("id");
                },
                "message-identity",
                "Bundle.identifier",
            ),
            (
                |b| b["entry"][1]["fullUrl"] = "urn:uuid:{00000000-0000-4000-8000-000000000002}".into(),
                "entry-full-url",
                "Bundle.entry[1].fullUrl",
            ),
        ];
        for (change, rule, path) in table {
            let mut value = message();
            change(&mut value);
            let issues = check(&parsed(value));
            assert!(told(&issues).contains(&(rule, path)), "{rule} {path}: {issues:?}");
        }
    }

    #[test]
    fn a_sound_message_breaks_no_rule() {
        assert_eq!(check(&parsed(message())), []);
        let mut value = message();
        value["entry"][1]["fullUrl"] = "https://gp.example/fhir/Patient/7".into();
        value["entry"][1]["resource"]["id"] = "7".into();
        assert_eq!(check(&parsed(value)), []);
    }

    #[test]
    fn two_versions_of_one_resource_may_share_a_full_url() {
        let mut value = message();
        for version in ["1", "2"] {
            let resource = json!({"resourceType": "Basic", "meta": {"versionId": version}});
            let entry = json!({"fullUrl": "urn:oid:1.2", "resource": resource});
            value["entry"].as_array_mut().unwrap().push(entry);
        }
        assert_eq!(check(&parsed(value.clone())), []);
        value["entry"][3]["resource"]["meta"]["versionId"] = "1".into();
        assert_eq!(told(&check(&parsed(value))), [("bdl-7", "Bundle.entry[3].fullUrl")]);
    }
}
