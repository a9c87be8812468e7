//! Shape of a message Bundle: what exchange needs beyond the invariants of Bundle, which are the walk's.
//! Looks at entries from outside; what is in the resources is checked elsewhere.

use super::entries::{self, fault};
use crate::fhir::{Bundle, envelope, resource_type};
use crate::model::{Issue, IssueCode};

/// Every fault in the shape of the message.
pub(super) fn check(bundle: &Bundle) -> Vec<Issue> {
    let mut issues = Vec::new();
    kind(bundle, &mut issues);
    identity(bundle, &mut issues);
    header(bundle, &mut issues);
    one_document(bundle, &mut issues);
    entries::check(bundle, &mut issues);
    issues
}

/// A message is exchanged as a Bundle of type `message` (<https://hl7.org/fhir/R4/messaging.html>).
fn kind(bundle: &Bundle, issues: &mut Vec<Issue>) {
    // without a type at all, the structure check has already said so
    if bundle.kind().is_some_and(|kind| kind != "message") {
        let text = "The Bundle must be of type message or document.";
        issues.push(fault("message-type", IssueCode::Value, "Bundle.type", text));
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

/// A message has one MessageHeader; that it comes first is bdl-12.
fn header(bundle: &Bundle, issues: &mut Vec<Issue>) {
    for (index, _) in bundle.numbered().filter(|(index, r)| *index > 0 && resource_type(r) == Some("MessageHeader")) {
        let text = "A message has one MessageHeader only.";
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("message-one-header", IssueCode::BusinessRule, path, text));
    }
}

/// A message carries one document, or one referral: of two, one would be lost without a word.
fn one_document(bundle: &Bundle, issues: &mut Vec<Issue>) {
    let carried = envelope::payload(bundle).map(|(place, _)| place);
    for (index, resource) in bundle.numbered() {
        let beside = match resource_type(resource) {
            Some("Bundle") => Some(index) != carried,
            Some("ServiceRequest") => carried.is_some(),
            _ => false,
        };
        if beside {
            let text = "A message carries one document; send each in its own.";
            let path = format!("Bundle.entry[{index}].resource");
            issues.push(fault("message-one-document", IssueCode::BusinessRule, path, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::Issue;
    use crate::validate::tests::{HEADER, bundle, message, parsed, told};

    /// What refuses a message.
    fn refused(value: Value) -> Vec<Issue> {
        let issues = bundle(parsed(value)).err().unwrap_or_default();
        issues.into_iter().filter(|issue| issue.severity.refuses()).collect()
    }

    #[test]
    fn each_rule_of_shape_is_told_with_its_id_and_path() {
        type Change = fn(&mut Value);
        let table: [(Change, &str, &str); 18] = [
            (|b| b["type"] = "collection".into(), "message-type", "Bundle.type"),
            (|b| b["total"] = 2.into(), "bdl-1", "Bundle"),
            (|b| b["entry"][1]["search"] = json!({"mode": "match"}), "bdl-2", "Bundle"),
            (|b| b["entry"][1]["request"] = json!({"method": "GET", "url": "x"}), "bdl-3", "Bundle"),
            (|b| b["entry"][1]["response"] = json!({"status": "200"}), "bdl-4", "Bundle"),
            (|b| drop(b["entry"][1].as_object_mut().unwrap().remove("resource")), "bdl-5", "Bundle.entry[1]"),
            (|b| b["entry"][1]["fullUrl"] = HEADER.into(), "bdl-7", "Bundle"),
            (|b| b["entry"][1]["fullUrl"] = "http://a/Patient/1/_history/2".into(), "bdl-8", "Bundle.entry[1]"),
            (|b| b["entry"].as_array_mut().unwrap().swap(0, 1), "bdl-12", "Bundle"),
            (|b| b["entry"] = json!([]), "bdl-12", "Bundle"),
            (
                |b| b["entry"][1]["resource"] = json!({"resourceType": "MessageHeader"}),
                "message-one-header",
                "Bundle.entry[1].resource",
            ),
            (|b| drop(b["entry"][1].as_object_mut().unwrap().remove("fullUrl")), "entry-full-url", "Bundle.entry[1]"),
            (|b| b["entry"][1]["fullUrl"] = "urn:uuid:1".into(), "uuid", "Bundle.entry[1].fullUrl"),
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
                "uuid",
                "Bundle.entry[1].fullUrl",
            ),
        ];
        for (change, rule, path) in table {
            let mut value = message();
            change(&mut value);
            let issues = refused(value);
            assert!(told(&issues).contains(&(rule, path)), "{rule} {path}: {issues:?}");
        }
    }

    #[test]
    fn a_sound_message_breaks_no_rule() {
        assert_eq!(refused(message()), []);
        let mut value = message();
        value["entry"][1]["fullUrl"] = "https://gp.example/fhir/Patient/7".into();
        value["entry"][1]["resource"]["id"] = "7".into();
        value["entry"][0]["resource"]["focus"][0]["reference"] = "https://gp.example/fhir/Patient/7".into();
        assert_eq!(refused(value), []);
    }

    #[test]
    fn two_versions_of_one_resource_may_share_a_full_url() {
        let mut value = message();
        for version in ["1", "2"] {
            let resource = json!({"resourceType": "Basic", "code": {"text": "x"}, "meta": {"versionId": version}});
            let entry = json!({"fullUrl": "urn:oid:1.2.3.4", "resource": resource});
            value["entry"].as_array_mut().unwrap().push(entry);
        }
        assert_eq!(refused(value.clone()), []);
        value["entry"][3]["resource"]["meta"]["versionId"] = "1".into();
        assert_eq!(told(&refused(value)), [("bdl-7", "Bundle")]);
    }
}
