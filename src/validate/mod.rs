//! Decides whether a bundle is valid; the only place that can make a [`Validated`]. Pure: no I/O, no clock.
//! R4, UK Core and our own profiles by the walk over definitions; beyond them what exchange asks: the shape of messages
//! and documents, and references that lead somewhere.

mod document;
mod entries;
pub mod fhirpath;
mod grammars;
mod message;
mod nhs_number;
mod place;
mod references;
pub mod structure;
mod table;
pub mod terminology;
mod validator;
pub mod values;
pub mod walk;
mod words;

use crate::fhir::{Bundle, envelope};
use crate::model::{Issue, IssueCode, NhsNumber};

pub use place::located;
pub use validator::Validator;
pub(crate) use validator::together;

/// Something `validate` has passed. Nothing outside this module can build one, and it cannot be changed afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated<T> {
    content: T,
    findings: Vec<Issue>,
}

impl<T> Validated<T> {
    #[must_use]
    pub const fn content(&self) -> &T {
        &self.content
    }

    /// Warnings and information found on the way; none of them refuses.
    #[must_use]
    pub fn findings(&self) -> &[Issue] {
        &self.findings
    }
}

/// What exchange asks of a message or document, and of a document in a message, beyond the structure of R4.
#[must_use]
pub fn exchange(bundle: &Bundle) -> Vec<Issue> {
    let mut findings = content_of(bundle);
    if let Some((place, document)) = envelope::payload(bundle) {
        let inside = format!("Bundle.entry[{place}].resource");
        findings.extend(carried(&document).into_iter().map(|issue| moved(issue, &inside)));
    }
    findings
}

/// What is found beyond the structure of R4, in one bundle; a bundle carried in it is looked at by itself.
fn content_of(bundle: &Bundle) -> Vec<Issue> {
    let mut findings = match bundle.kind() {
        Some("document") => document::check(bundle),
        _ => message::check(bundle),
    };
    findings.extend(references::check(bundle));
    findings
}

/// What is found in a bundle that a message carries; it must be a document.
fn carried(bundle: &Bundle) -> Vec<Issue> {
    if bundle.kind() == Some("document") {
        return content_of(bundle);
    }
    let text = "The Bundle a message carries must be of type document.";
    vec![Issue::error(IssueCode::Value, text).at("Bundle.type").rule("document-type")]
}

/// A finding in a bundle, told from where that bundle stands.
fn moved(mut issue: Issue, inside: &str) -> Issue {
    if let Some(rest) = issue.path.as_deref().and_then(|path| path.strip_prefix("Bundle")) {
        issue.path = Some(format!("{inside}{rest}"));
    }
    issue
}

/// Marks each Patient's NHS number that cannot be right as present but not traced, whatever its sender claims
/// (UK Core `Extension-UKCore-NHSNumberVerificationStatus`). Call it before [`bundle`]; what is sealed cannot be changed.
/// Gives one information finding for each number marked.
pub fn mark_unverified(bundle: &mut Bundle) -> Vec<Issue> {
    nhs_number::mark_unverified(bundle)
}

/// The NHS number by which the person may be matched: right by its check digit, not marked as anything but verified,
/// and the only such number in the bundle. `None` otherwise: matching on doubt would mix up two people.
#[must_use]
pub fn usable_nhs_number(bundle: &Bundle) -> Option<NhsNumber> {
    nhs_number::usable(bundle)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock};

    use serde_json::{Value, json};

    use super::structure::Registry;
    use super::{Validated, Validator, mark_unverified, usable_nhs_number};
    use crate::definitions::Library;
    use crate::definitions::library::embedded_packs;
    use crate::fhir::{Bundle, codes};
    use crate::model::{Issue, Severity};

    pub(super) const HEADER: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";
    pub(super) const PATIENT: &str = "urn:uuid:00000000-0000-4000-8000-000000000002";

    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| Validator::new(Registry::new(Arc::new(Library::of_packs(embedded_packs())))));

    /// The verdict of a validator without definitions of ours.
    pub(super) fn bundle(content: Bundle) -> Result<Validated<Bundle>, Vec<Issue>> {
        VALIDATOR.bundle(content)
    }

    /// A narrative, which every resource should have.
    fn text() -> Value {
        json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"})
    }

    /// The smallest message that is valid and leaves nothing to be said.
    pub(super) fn message() -> Value {
        json!({
            "resourceType": "Bundle", "id": "m1", "type": "message",
            "identifier": {"system": codes::DOCUMENT_ID, "value": "m1"},
            "entry": [
                {"fullUrl": HEADER, "resource": {"resourceType": "MessageHeader", "text": text(), "eventUri": "urn:x",
                    "source": {"endpoint": "urn:x"}, "focus": [{"reference": PATIENT}]}},
                {"fullUrl": PATIENT, "resource": {"resourceType": "Patient", "text": text(),
                    "identifier": [{"system": codes::NHS_NUMBER, "value": "9990000026"}]}}
            ]
        })
    }

    pub(super) fn parsed(value: Value) -> Bundle {
        Bundle::new(value).unwrap()
    }

    /// (rule, path) of each finding.
    pub(super) fn told(issues: &[Issue]) -> Vec<(&str, &str)> {
        issues.iter().map(|i| (i.rule.as_deref().unwrap_or(""), i.path.as_deref().unwrap_or(""))).collect()
    }

    #[test]
    fn a_sound_message_is_sealed_without_findings() {
        let sealed = bundle(parsed(message())).unwrap();
        assert_eq!(told(sealed.findings()), []);
        assert_eq!(sealed.content().value(), &message());
    }

    #[test]
    fn every_finding_is_told_when_one_of_them_refuses() {
        let mut value = message();
        value["entry"][0]["resource"]["focus"][0]["reference"] = "urn:uuid:00000000-0000-4000-8000-00000000000f".into();
        value["entry"][1]["resource"]["identifier"][0]["value"] = "9990000025".into();
        value["entry"][1]["resource"]["colour"] = "x".into();
        let issues = bundle(parsed(value)).unwrap_err();
        let paths: Vec<&str> = told(&issues).into_iter().map(|(_, path)| path).collect();
        for path in [
            "Bundle.entry[1].resource.colour",
            "Bundle.entry[0].resource.focus[0].reference",
            "Bundle.entry[1].resource.identifier[0].value",
        ] {
            assert!(paths.contains(&path), "{path}: {issues:?}");
        }
        assert!(issues.iter().all(|issue| issue.position.is_none()), "these are places of no text anybody sent");
    }

    #[test]
    fn very_many_findings_are_bounded_and_the_gravest_come_first() {
        let mut value = message();
        let away: Vec<Value> = (0..500).map(|n| json!({"reference": format!("Practitioner/{n}")})).collect();
        value["entry"][1]["resource"]["generalPractitioner"] = away.into();
        let sealed = bundle(parsed(value.clone())).unwrap();
        assert_eq!(sealed.findings().len(), 201);
        assert!(sealed.findings()[200].text.ends_with(" more findings are not listed."));

        value["entry"][1]["fullUrl"] = HEADER.into();
        let issues = bundle(parsed(value)).unwrap_err();
        assert_eq!(issues.len(), 201);
        assert!(issues[0].severity.refuses());
    }

    #[test]
    fn a_wrong_nhs_number_is_a_warning_and_the_message_goes_on_without_it() {
        let mut value = message();
        value["entry"][1]["resource"]["identifier"][0]["value"] = "9990000025".into();
        let mut message = parsed(value);
        mark_unverified(&mut message);
        let sealed = bundle(message).unwrap();
        let warned: Vec<_> = sealed.findings().iter().map(|i| (i.severity, i.rule.as_deref().unwrap())).collect();
        assert_eq!(warned, [(Severity::Warning, "nhs-number-check-digit")]);
        assert!(usable_nhs_number(sealed.content()).is_none());
    }
}
