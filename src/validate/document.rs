//! Shape of a document Bundle (<https://hl7.org/fhir/R4/documents.html>): what exchange needs beyond the invariants of
//! Bundle, which are the walk's: one Composition, one person it is about. What is in the resources is checked elsewhere.

use serde_json::Value;

use super::entries::{self, fault};
use crate::fhir::{Bundle, resource_type};
use crate::model::{Issue, IssueCode};

/// Every fault in the shape of the document.
pub(super) fn check(bundle: &Bundle) -> Vec<Issue> {
    let mut issues = Vec::new();
    composition(bundle, &mut issues);
    entries::check(bundle, &mut issues);
    issues
}

/// A document begins with its Composition (bdl-11), has no other, and is about one Patient, who is in it.
fn composition(bundle: &Bundle, issues: &mut Vec<Issue>) {
    let first = bundle.value().pointer("/entry/0/resource");
    let Some(composition) = first.filter(|first| resource_type(first) == Some("Composition")) else { return };
    for (index, _) in bundle.numbered().filter(|(index, r)| *index > 0 && resource_type(r) == Some("Composition")) {
        let text = "A document has one Composition only. Send another document by itself.";
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("document-one-composition", IssueCode::BusinessRule, path, text));
    }
    let path = "Bundle.entry[0].resource.subject";
    let Some(subject) = composition.get("subject") else {
        let text = "The document does not say whom it is about. Give Composition.subject a reference to the Patient.";
        return issues.push(fault("document-subject", IssueCode::Required, path, text));
    };
    let is_patient = |found: &Value| resource_type(found) == Some("Patient");
    let only = bundle.all("Patient").count() == 1;
    let literal = subject.get("reference").and_then(Value::as_str);
    let found = match literal.and_then(|text| text.strip_prefix('#')) {
        Some(id) => contained(composition, id),
        // A pointer that leads to no entry, or an identifier alone: the only Patient there is can be meant.
        None => bundle.follow(Some(subject)).or_else(|| bundle.all("Patient").next().filter(|_| only)),
    };
    if let Some(person) = found.filter(|found| is_patient(found)) {
        others(bundle, person, issues);
    } else {
        let text = "Composition.subject does not lead to a Patient of this document. A document is about one person, \
                    whose Patient is one of its entries.";
        issues.push(fault("document-subject", IssueCode::BusinessRule, path, text));
    }
}

/// Whoever else a document has as a Patient: their part would be read as this person's, or be lost.
fn others(bundle: &Bundle, person: &Value, issues: &mut Vec<Issue>) {
    let patients = bundle.numbered().filter(|(_, resource)| resource_type(resource) == Some("Patient"));
    for (index, _) in patients.filter(|(_, patient)| !std::ptr::eq(*patient, person)) {
        let text = "A document is about one person, and this is a second Patient. Leave out what is about them, or name \
                    them as a RelatedPerson.";
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("document-one-person", IssueCode::BusinessRule, path, text));
    }
}

fn contained<'a>(holder: &'a Value, id: &str) -> Option<&'a Value> {
    let all = holder.get("contained")?.as_array()?;
    all.iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fhir::codes;
    use crate::validate::tests::{HEADER, PATIENT, bundle, parsed, told};

    /// The smallest document that is valid.
    fn document() -> Value {
        json!({
            "resourceType": "Bundle", "type": "document", "timestamp": "2026-11-22T09:00:00Z",
            "identifier": {"system": codes::DOCUMENT_ID, "value": "d1"},
            "entry": [
                {"fullUrl": HEADER, "resource": {"resourceType": "Composition", "status": "final", "title": "Plan",
                    "type": {"text": "Plan"}, "date": "2026-11-22", "author": [{"display": "A nurse"}],
                    "subject": {"reference": PATIENT}}},
                {"fullUrl": PATIENT, "resource": {"resourceType": "Patient",
                    "identifier": [{"system": codes::NHS_NUMBER, "value": "9990000026"}]}},
            ],
        })
    }

    /// A message that carries a document.
    fn travelling(document: &Value) -> Value {
        let payload = "urn:uuid:00000000-0000-4000-8000-00000000000d";
        json!({
            "resourceType": "Bundle", "type": "message", "identifier": {"system": codes::DOCUMENT_ID, "value": "m1"},
            "entry": [
                {"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000a", "resource": {
                    "resourceType": "MessageHeader", "eventUri": "urn:x", "source": {"endpoint": "urn:x"},
                    "focus": [{"reference": payload}]}},
                {"fullUrl": payload, "resource": document},
            ],
        })
    }

    type Change = fn(&mut Value);
    const TABLE: [(Change, &str, &str); 13] = [
        (
            |b| {
                let mother = json!({"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000003",
                    "resource": {"resourceType": "Patient", "name": [{"text": "M"}]}});
                b["entry"].as_array_mut().unwrap().push(mother);
            },
            "document-one-person",
            ".entry[2].resource",
        ),
        (|b| b["total"] = 2.into(), "bdl-1", ""),
        (|b| b["identifier"] = json!({"value": "d1"}), "bdl-9", ""),
        (|b| drop(b.as_object_mut().unwrap().remove("timestamp")), "bdl-10", ""),
        (|b| b["entry"].as_array_mut().unwrap().swap(0, 1), "bdl-11", ""),
        (|b| b["entry"][1]["fullUrl"] = HEADER.into(), "bdl-7", ""),
        (|b| b["entry"][1]["search"] = json!({"mode": "match"}), "bdl-2", ""),
        (|b| drop(b["entry"][1].as_object_mut().unwrap().remove("fullUrl")), "entry-full-url", ".entry[1]"),
        (
            |b| drop(b["entry"][0]["resource"].as_object_mut().unwrap().remove("subject")),
            "document-subject",
            ".entry[0].resource.subject",
        ),
        (
            |b| b["entry"][0]["resource"]["subject"]["reference"] = HEADER.into(),
            "document-subject",
            ".entry[0].resource.subject",
        ),
        (
            |b| b["entry"][1]["resource"] = b["entry"][0]["resource"].clone(),
            "document-one-composition",
            ".entry[1].resource",
        ),
        (
            |b| b["entry"][0]["resource"]["author"][0] = json!({"reference": format!("{}0", &PATIENT[..44])}),
            "reference-resolves",
            ".entry[0].resource.author[0].reference",
        ),
        (
            |b| b["entry"][1]["resource"]["identifier"][0]["value"] = "9990000025".into(),
            "nhs-number-check-digit",
            ".entry[1].resource.identifier[0].value",
        ),
    ];

    #[test]
    fn a_sound_document_is_sealed_by_itself_and_in_a_message() {
        for value in [document(), travelling(&document())] {
            assert!(bundle(parsed(value.clone())).is_ok(), "{:?}", bundle(parsed(value)).err());
        }
    }

    #[test]
    fn each_rule_is_told_with_its_id_and_path_by_itself_and_in_a_message() {
        for (change, rule, path) in TABLE {
            let mut value = document();
            change(&mut value);
            let carried = travelling(&value);
            for (value, prefix) in [(value, "Bundle"), (carried, "Bundle.entry[1].resource")] {
                let issues = bundle(parsed(value)).map_or_else(|issues| issues, |sealed| sealed.findings().to_vec());
                let path = format!("{prefix}{path}");
                assert!(told(&issues).contains(&(rule, path.as_str())), "{rule} {path}: {issues:?}");
            }
        }
    }

    #[test]
    fn the_only_patient_may_be_meant_by_an_identifier_and_one_of_two_may_not() {
        let mut value = document();
        value["entry"][0]["resource"]["subject"] =
            json!({"identifier": {"system": codes::NHS_NUMBER, "value": "9990000026"}});
        // every entry hangs together with the Composition (https://hl7.org/fhir/R4/documents.html#content)
        value["entry"][0]["resource"]["section"] = json!([{"title": "Whom", "entry": [{"reference": PATIENT}]}]);
        assert_eq!(bundle(parsed(value.clone())).map(drop), Ok(()));
        let other = "urn:uuid:00000000-0000-4000-8000-000000000003";
        let mother = json!({"fullUrl": other, "resource": {"resourceType": "Patient", "name": [{"text": "M"}]}});
        value["entry"].as_array_mut().unwrap().push(mother);
        value["entry"][0]["resource"]["section"][0]["entry"] = json!([{"reference": PATIENT}, {"reference": other}]);
        let issues = bundle(parsed(value)).unwrap_err();
        let errors: Vec<_> = issues.into_iter().filter(|issue| issue.severity.refuses()).collect();
        assert_eq!(told(&errors), [("document-subject", "Bundle.entry[0].resource.subject")]);
    }

    #[test]
    fn a_second_document_or_a_referral_beside_the_first_is_refused_by_name() {
        let second = "urn:uuid:00000000-0000-4000-8000-00000000000e";
        let request = json!({"resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "subject": {"display": "x"}});
        for resource in [document(), request] {
            for focused in [true, false] {
                let mut value = travelling(&document());
                value["entry"].as_array_mut().unwrap().push(json!({"fullUrl": second, "resource": resource}));
                if focused {
                    value["entry"][0]["resource"]["focus"].as_array_mut().unwrap().push(json!({"reference": second}));
                }
                let issues = bundle(parsed(value)).unwrap_err();
                assert!(told(&issues).contains(&("message-one-document", "Bundle.entry[2].resource")), "{issues:?}");
            }
        }
    }

    #[test]
    fn a_message_about_a_bundle_that_is_no_document_is_refused() {
        let mut value = document();
        value["type"] = "collection".into();
        let issues = bundle(parsed(travelling(&value))).unwrap_err();
        assert!(told(&issues).contains(&("document-type", "Bundle.entry[1].resource.type")), "{issues:?}");
    }
}
