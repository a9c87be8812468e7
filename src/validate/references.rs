//! References inside a message: what means nothing outside it must hit something in it, more strictly than R4 has it
//! (<https://hl7.org/fhir/R4/bundle.html#references>). Looks nothing up outside the bundle; what a resource contains is
//! the walk's.

use std::collections::HashSet;

use serde_json::Value;

use crate::fhir::{Bundle, resource_type};
use crate::model::{Issue, IssueCode};

/// Every reference that leads nowhere.
pub(super) fn check(bundle: &Bundle) -> Vec<Issue> {
    let mut issues = Vec::new();
    let targets = Targets::of(bundle);
    // A bundle in a bundle has its own addresses.
    for (index, resource) in bundle.numbered().filter(|(_, resource)| resource_type(resource) != Some("Bundle")) {
        targets.value(resource, &format!("Bundle.entry[{index}].resource"), &mut issues);
    }
    issues
}

/// What a reference can lead to, looked up as [`Bundle::resolve`] does but without a scan for each.
struct Targets<'a> {
    urls: HashSet<&'a str>,
    ids: HashSet<(&'a str, &'a str)>,
}

impl<'a> Targets<'a> {
    fn of(bundle: &'a Bundle) -> Self {
        let urls = bundle.entries().filter_map(|(url, _)| url).collect();
        let ids = bundle.entries().filter_map(|(_, r)| Some((resource_type(r)?, r.get("id")?.as_str()?))).collect();
        Self { urls, ids }
    }

    fn has(&self, reference: &str) -> bool {
        let named = |(kind, id): (&str, &str)| {
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            self.ids.contains(&(kind, id))
        };
        self.urls.contains(reference) || reference.rsplit_once('/').is_some_and(named)
    }

    fn value(&self, value: &Value, path: &str, issues: &mut Vec<Issue>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let path = format!("{path}.{key}");
                    // `reference` is a string in the type Reference alone
                    match inner.as_str().filter(|_| key == "reference") {
                        Some(reference) => issues.extend(self.reference(reference, path)),
                        None => self.value(inner, &path, issues),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(item, &format!("{path}[{index}]"), issues);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn reference(&self, reference: &str, path: String) -> Option<Issue> {
        if reference.starts_with('#') || self.has(reference) {
            return None;
        }
        if reference.starts_with("urn:uuid:") || reference.starts_with("urn:oid:") {
            let text = "No entry has this fullUrl, and it means nothing outside this message. Add the entry or remove the reference.";
            return Some(Issue::error(IssueCode::NotFound, text).at(path).rule("reference-resolves"));
        }
        let relative = !reference.contains(':');
        let text = "This relative reference leads to no entry, and the recipient cannot know which server it means.";
        relative.then(|| Issue::warning(IssueCode::NotFound, text).at(path).rule("reference-resolves"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::model::Severity;
    use crate::validate::tests::{PATIENT, message, parsed};

    #[test]
    fn references_are_followed_wherever_they_stand() {
        const NOWHERE: &str = "urn:uuid:00000000-0000-4000-8000-0000000000ff";
        let table = [
            (PATIENT, None),
            (NOWHERE, Some((Severity::Error, "reference-resolves"))),
            ("urn:oid:1.2.3", Some((Severity::Error, "reference-resolves"))),
            ("Organization/9", Some((Severity::Warning, "reference-resolves"))),
            ("https://other.example/Organization/9", None),
            ("#gp", None),
            ("#", None),
            ("#nobody", None),
        ];
        for (reference, expected) in table {
            let mut value = message();
            value["entry"][1]["resource"] = json!({"resourceType": "Patient",
                "contained": [{"resourceType": "Practitioner", "id": "gp"}],
                "generalPractitioner": [{"display": "x"}, {"reference": reference}]});
            let issues = check(&parsed(value));
            let found = issues.first().map(|i| (i.severity, i.rule.as_deref().unwrap()));
            assert_eq!(found, expected, "{reference}");
            for issue in &issues {
                let path = "Bundle.entry[1].resource.generalPractitioner[1].reference";
                assert_eq!(issue.path.as_deref(), Some(path), "{reference}");
                assert!(!issue.text.contains(reference) || reference == "#", "{reference}");
            }
        }
    }

    #[test]
    fn a_reference_by_type_and_id_finds_its_entry() {
        let mut value: Value = message();
        value["entry"][1]["resource"]["id"] = "7".into();
        value["entry"][0]["resource"]["focus"][0]["reference"] = "Patient/7".into();
        assert_eq!(check(&parsed(value)), []);
    }
}
