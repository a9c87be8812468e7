//! The walk over small resources: one change to a sound one, and what is found then.

mod extension;
mod narrative;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::{Guide, Options, validate};
use crate::definitions::Library;
use crate::definitions::facts::Definition;
use crate::definitions::library::embedded_packs;
use crate::fhir::tree::Tree;
use crate::fhir::{Format, Limits};
use crate::model::Severity;
use crate::validate::structure::Registry;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let mut library = Library::of_packs(embedded_packs());
    for definition in extension::definitions() {
        library.add(Definition::from_fhir(&definition).unwrap());
    }
    Registry::new(Arc::new(library))
});

/// Errors and warnings about a resource, as `severity rule path`; good practice aside.
fn found(resource: &Value) -> Vec<String> {
    found_with(resource, &Options { guide: Guide::R4, ..Options::default() })
}

fn found_with(resource: &Value, options: &Options) -> Vec<String> {
    let tree = Tree::of_value(resource).unwrap();
    let issues = validate(&tree, &REGISTRY, options).into_iter();
    let told = issues.filter(|issue| issue.severity != Severity::Information && issue.rule.as_deref() != Some("dom-6"));
    told.map(|issue| {
        let (rule, path) = (issue.rule.unwrap_or_default(), issue.path.unwrap_or_default());
        format!("{} {rule} {path}", issue.severity.code())
    })
    .collect()
}

/// A patient with more in it.
fn patient(more: &Value) -> Value {
    let mut patient = json!({"resourceType": "Patient", "id": "a", "name": [{"family": "Test", "given": ["Ann"]}]});
    if let (Some(patient), Some(more)) = (patient.as_object_mut(), more.as_object()) {
        patient.extend(more.clone());
    }
    patient
}

/// Which elements of an XML Patient stand too late.
fn late(inside: &str) -> Vec<String> {
    let text = format!("<Patient xmlns=\"http://hl7.org/fhir\">{inside}</Patient>");
    let tree = Tree::read(text.as_bytes(), Format::Xml, &Limits::default()).unwrap();
    let issues = validate(&tree, &REGISTRY, &Options { guide: Guide::R4, ..Options::default() }).into_iter();
    issues.filter(|issue| issue.rule.as_deref() == Some("xml-order")).filter_map(|issue| issue.path).collect()
}

#[test]
fn xml_has_its_elements_in_order_and_repetitions_together() {
    let (name, active, gender) =
        ("<name><text value=\"a\"/></name>", "<active value=\"true\"/>", "<gender value=\"male\"/>");
    assert_eq!(late(&format!("{active}{name}{name}{gender}")), Vec::<String>::new());
    assert_eq!(late(&format!("{name}{active}")), ["Patient.active"]);
    assert_eq!(late(&format!("{name}{gender}{name}")), ["Patient.name[1]"]);
    assert_eq!(late(&format!("{active}{name}{gender}{active}")), ["Patient.active[1]"]);
}

#[test]
fn white_space_in_base64_is_told_once() {
    for space in [" ", "\n", "\\n", "\u{a0}"] {
        let text =
            format!(r#"{{"resourceType":"Binary","id":"a","contentType":"text/plain","data":"YWJj{space}YWJj"}}"#);
        let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
        let issues = validate(&tree, &REGISTRY, &Options { guide: Guide::R4, ..Options::default() });
        let severities: Vec<_> = issues.iter().map(|issue| issue.severity).collect();
        assert_eq!(severities, [Severity::Warning], "{space:?}: {issues:?}");
    }
}
