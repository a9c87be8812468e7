//! NHS numbers in a bundle: their verification status, and which one may be used for matching. That a number is wrong is
//! told by the walk; it never refuses a message: the referral goes on, the number is not trusted.

use serde_json::{Map, Value, json};

use crate::fhir::{Bundle, codes};
use crate::model::{Issue, IssueCode, NhsNumber};

/// "Number present but not traced" in the code system of England (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE).
const NOT_TRACED: (&str, &str) = ("02", "Number present but not traced");

/// Findings of one kind listed at most: whoever sends more numbers than this has one fault, not thousands.
const MOST: usize = 20;

/// The first findings, and one that counts the rest.
fn shortened(mut issues: Vec<Issue>) -> Vec<Issue> {
    let left_out = issues.len().saturating_sub(MOST);
    if let Some(last) = issues.last().filter(|_| left_out > 0) {
        let mut counted = last.clone();
        counted.path = None;
        counted.text = format!("The same is true of {left_out} more NHS numbers, which are not listed.");
        issues.truncate(MOST);
        issues.push(counted);
    }
    issues
}

pub(super) fn mark_unverified(bundle: &mut Bundle) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (entry, patient) in bundle.numbered_mut("Patient") {
        let identifiers = patient.get_mut("identifier").and_then(Value::as_array_mut).into_iter().flatten().enumerate();
        for (index, identifier) in identifiers {
            // a status that already says it is not verified is the sender's knowledge, and stays
            if !is_wrong(identifier) || status(identifier) == Status::NotVerified {
                continue;
            }
            if let Some(identifier) = identifier.as_object_mut() {
                mark(identifier);
                let path = format!("Bundle.entry[{entry}].resource.identifier[{index}]");
                let text = "This NHS number is marked as not traced and is not used to match the person.";
                issues.push(Issue::information(IssueCode::Informational, text).at(path).rule("nhs-number-not-traced"));
            }
        }
    }
    shortened(issues)
}

pub(super) fn usable(bundle: &Bundle) -> Option<NhsNumber> {
    let identifiers = bundle.all("Patient").filter_map(|patient| patient.get("identifier")?.as_array()).flatten();
    let trusted = identifiers
        .filter(|identifier| status(identifier) != Status::NotVerified)
        .filter(|identifier| identifier.get("use").and_then(Value::as_str) != Some("old"))
        .filter_map(|identifier| NhsNumber::parse(value(identifier)?).ok());
    let mut numbers: Vec<NhsNumber> = trusted.collect();
    numbers.dedup();
    let only = numbers.pop();
    only.filter(|_| numbers.is_empty())
}

/// The value of an identifier that is an NHS number.
fn value(identifier: &Value) -> Option<&str> {
    let is_nhs = identifier.get("system").and_then(Value::as_str) == Some(codes::NHS_NUMBER);
    identifier.get("value").and_then(Value::as_str).filter(|_| is_nhs)
}

/// Whether an identifier should be an NHS number and cannot be one.
fn is_wrong(identifier: &Value) -> bool {
    value(identifier).is_some_and(|value| NhsNumber::parse(value).is_err())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Said to be present and verified, or nothing is said.
    NotDoubted,
    /// Said to be anything else.
    NotVerified,
}

fn extensions(identifier: &Value) -> impl Iterator<Item = &Value> {
    let all = identifier.get("extension").and_then(Value::as_array).into_iter().flatten();
    all.filter(|extension| is_status(extension))
}

fn is_status(extension: &Value) -> bool {
    let url = codes::ukcore_extension("NHSNumberVerificationStatus");
    extension.get("url").and_then(Value::as_str) == Some(url.as_str())
}

/// Reads the status as cautiously as it can be: any coding other than "verified" casts doubt, of whatever system.
fn status(identifier: &Value) -> Status {
    let codings = extensions(identifier)
        .filter_map(|extension| extension.pointer("/valueCodeableConcept/coding")?.as_array())
        .flatten();
    let verified = |coding: &Value| coding.get("code").and_then(Value::as_str) == Some("01");
    if codings.into_iter().all(verified) { Status::NotDoubted } else { Status::NotVerified }
}

fn mark(identifier: &mut Map<String, Value>) {
    let mut kept: Vec<Value> = match identifier.shift_remove("extension") {
        Some(Value::Array(extensions)) => extensions.into_iter().filter(|e| !is_status(e)).collect(),
        _ => Vec::new(),
    };
    let (code, display) = NOT_TRACED;
    kept.push(json!({
        "url": codes::ukcore_extension("NHSNumberVerificationStatus"),
        "valueCodeableConcept": {"coding": [{"system": codes::NHS_NUMBER_STATUS, "code": code, "display": display}]}
    }));
    identifier.insert("extension".to_owned(), Value::Array(kept));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{mark_unverified, usable};
    use crate::fhir::{Bundle, codes, strict};
    use crate::validate::tests::{message, parsed};

    const RIGHT: &str = "9990000026";
    const OTHER: &str = "9990000042";
    const WRONG: &str = "9990000025";

    fn with(identifiers: Value) -> Bundle {
        let mut value = message();
        value["entry"][1]["resource"]["identifier"] = identifiers;
        parsed(value)
    }

    fn number(value: &str) -> Value {
        json!({"system": codes::NHS_NUMBER, "value": value})
    }

    fn stated(value: &str, code: &str) -> Value {
        let mut identifier = number(value);
        identifier["extension"] = json!([{"url": "urn:other", "valueCode": "x"},
            {"url": codes::ukcore_extension("NHSNumberVerificationStatus"),
             "valueCodeableConcept": {"coding": [{"system": codes::NHS_NUMBER_STATUS, "code": code}]}}]);
        identifier
    }

    fn status_codes(bundle: &Bundle) -> Vec<Value> {
        let extensions = bundle.value().pointer("/entry/1/resource/identifier/0/extension");
        let extensions = extensions.and_then(Value::as_array).cloned().unwrap_or_default();
        extensions.iter().filter_map(|e| e.pointer("/valueCodeableConcept/coding/0/code").cloned()).collect()
    }

    #[test]
    fn a_wrong_number_is_marked_not_traced_whatever_is_claimed_of_it() {
        let table = [
            (number(WRONG), vec!["02"], 1),
            (stated(WRONG, "01"), vec!["02"], 1),
            (stated(WRONG, "04"), vec!["04"], 0),
            (stated(RIGHT, "01"), vec!["01"], 0),
            (number(RIGHT), vec![], 0),
        ];
        for (identifier, codes, marked) in table {
            let mut bundle = with(json!([identifier]));
            assert_eq!(mark_unverified(&mut bundle).len(), marked, "{identifier}");
            assert_eq!(status_codes(&bundle), codes, "{identifier}");
            assert_eq!(strict(bundle.value()), []);
            // marking again changes nothing
            let before = bundle.clone();
            assert_eq!(mark_unverified(&mut bundle), []);
            assert_eq!(bundle, before);
        }
    }

    #[test]
    fn tens_of_thousands_of_wrong_numbers_are_dealt_with_at_once_and_told_shortly() {
        let started = std::time::Instant::now();
        let mut bundle = with(Value::Array(vec![number(WRONG); 40_000]));
        let issues = mark_unverified(&mut bundle);
        assert_eq!(issues.len(), 21);
        assert!(issues[20].text.contains("39980 more") && issues[20].path.is_none(), "{:?}", issues[20]);
        assert_eq!(usable(&bundle), None);
        assert!(mark_unverified(&mut bundle).is_empty(), "all are marked, those not listed too");
        // linear work takes a second or two in a debug build; quadratic work takes minutes
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn other_extensions_of_the_identifier_are_kept() {
        let mut bundle = with(json!([stated(WRONG, "01")]));
        mark_unverified(&mut bundle);
        let kept = bundle.value().pointer("/entry/1/resource/identifier/0/extension/0/url");
        assert_eq!(kept, Some(&json!("urn:other")));
    }

    #[test]
    fn only_one_right_and_undoubted_number_is_used_for_matching() {
        let mut old = number(OTHER);
        old["use"] = "old".into();
        let table = [
            (json!([number(RIGHT)]), Some(RIGHT)),
            (json!([number("999-000-0026")]), Some(RIGHT)),
            (json!([stated(RIGHT, "01")]), Some(RIGHT)),
            (json!([stated(RIGHT, "02")]), None),
            (json!([stated(RIGHT, "NI")]), None),
            (json!([number(WRONG)]), None),
            (json!([number(WRONG), number(RIGHT)]), Some(RIGHT)),
            (json!([number(RIGHT), number(RIGHT)]), Some(RIGHT)),
            (json!([number(RIGHT), number(OTHER)]), None),
            (json!([number(RIGHT), old]), Some(RIGHT)),
            (json!([{"system": "urn:local", "value": RIGHT}]), None),
        ];
        for (identifiers, expected) in table {
            let found = usable(&with(identifiers.clone()));
            assert_eq!(found.as_ref().map(crate::model::NhsNumber::as_str), expected, "{identifiers}");
        }
    }
}
