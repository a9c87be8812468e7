//! Extensions: known or not, where they may stand, what is in them; ids and labels.

use serde_json::{Value, json};

use super::{Guide, Options, found, found_with, patient};

const OURS: &str = "https://fhir.cmht-gateway.example/StructureDefinition/";

/// Extensions made up for these tests: name, contexts (type and expression), whether it modifies, its value.
pub(super) fn definitions() -> Vec<Value> {
    let simple = |name: &str, contexts: &[(&str, &str)], modifier: bool| {
        let contexts: Vec<_> = contexts.iter().map(|(kind, at)| json!({"type": kind, "expression": at})).collect();
        let url = format!("{OURS}{name}");
        json!({
            "resourceType": "StructureDefinition", "url": url, "name": name, "type": "Extension", "kind": "complex-type",
            "abstract": false, "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension", "context": contexts,
            "differential": {"element": [
                {"id": "Extension", "path": "Extension", "isModifier": modifier},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
                {"id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{"code": "string"}]},
            ]},
        })
    };
    let mut parts = simple("parts", &[("element", "Element")], false);
    parts["differential"]["element"] = json!([
        {"id": "Extension", "path": "Extension"},
        {"id": "Extension.extension", "path": "Extension.extension",
            "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
        {"id": "Extension.extension:a", "path": "Extension.extension", "sliceName": "a", "max": "1"},
        {"id": "Extension.extension:a.url", "path": "Extension.extension.url", "fixedUri": "a"},
        {"id": "Extension.extension:a.value[x]", "path": "Extension.extension.value[x]", "type": [{"code": "string"}]},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": format!("{OURS}parts")},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
    ]);
    let mut guarded = simple("guarded", &[("element", "Patient")], false);
    guarded["contextInvariant"] = json!(["name.exists() and %extension.value = 'x'"]);
    vec![
        simple("anywhere", &[("element", "Element")], false),
        simple("family", &[("element", "HumanName.family")], false),
        simple("contact-name", &[("element", "Patient.contact.name")], false),
        simple("modifier", &[("element", "Patient"), ("element", "HumanName")], true),
        simple("inside", &[("extension", &format!("{OURS}anywhere"))], false),
        simple("path", &[("fhirpath", "Patient.name.where(use = 'old')")], false),
        simple("of-profile", &[("element", "http://hl7.org/fhir/StructureDefinition/Patient#Patient.name")], false),
        simple("no-profile", &[("element", "https://a.example/none#Patient.name")], false),
        simple("published", &[("element", "CanonicalResource")], false),
        parts,
        guarded,
    ]
}

fn extension(name: &str) -> Value {
    json!({"url": format!("{OURS}{name}"), "valueString": "x"})
}

#[test]
fn each_rule_on_extensions_finds_what_breaks_it() {
    let url = |name: &str| format!("{OURS}{name}");
    let on_patient = |one: Value| json!({"extension": [one]});
    let table = [
        (on_patient(extension("anywhere")), vec![]),
        (
            on_patient(json!({"url": "https://a.example/unknown", "valueString": "x"})),
            vec!["error extension-known Patient.extension[0]"],
        ),
        (
            on_patient(json!({"url": "http://hl7.org/fhir/StructureDefinition/patient-unknown", "valueString": "x"})),
            vec!["error extension-known Patient.extension[0]"],
        ),
        (on_patient(json!({"url": "http://example.org/unknown", "valueString": "x"})), vec![]),
        (
            on_patient(
                json!({"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.link", "valueString": "x"}),
            ),
            vec![],
        ),
        (
            on_patient(
                json!({"url": "http://hl7.org/fhir/7.3/StructureDefinition/extension-Patient.link", "valueString": "x"}),
            ),
            vec!["error extension-other-version Patient.extension[0]"],
        ),
        (on_patient(json!({"url": "unknown", "valueString": "x"})), vec!["error extension-url Patient.extension[0]"]),
        (
            on_patient(json!({"url": url("anywhere|1.0"), "valueString": "x"})),
            vec!["error extension-version Patient.extension[0]", "error Extension.url Patient.extension[0].url"],
        ),
        // its content
        (
            on_patient(json!({"url": url("anywhere"), "valueInteger": 1})),
            vec!["error unknown-element Patient.extension[0].value"],
        ),
        (
            on_patient(json!({"url": url("anywhere")})),
            vec!["error extension-value Patient.extension[0]", "error ext-1 Patient.extension[0]"],
        ),
        (
            on_patient(json!({"url": url("anywhere"), "extension": [extension("inside")]})),
            vec!["error extension-value Patient.extension[0]"],
        ),
        (
            on_patient(json!({"url": url("anywhere"), "valueString": "x", "extension": [extension("inside")]})),
            vec!["error ext-1 Patient.extension[0]"],
        ),
        (on_patient(json!({"url": url("parts"), "extension": [{"url": "a", "valueString": "x"}]})), vec![]),
        (
            on_patient(json!({"url": url("parts"), "extension": [{"url": "b", "valueString": "x"}]})),
            vec!["error extension-part Patient.extension[0].extension[0]"],
        ),
        // modifiers
        (json!({"modifierExtension": [extension("modifier")]}), vec![]),
        (on_patient(extension("modifier")), vec!["error extension-modifier Patient.extension[0]"]),
        (
            json!({"modifierExtension": [extension("anywhere")]}),
            vec!["error extension-modifier Patient.modifierExtension[0]"],
        ),
        (
            json!({"name": [{"family": "T", "modifierExtension": [extension("modifier")]}]}),
            vec!["error unknown-element Patient.name[0].modifierExtension[0]"],
        ),
        // where it stands
        (json!({"name": [{"family": "T", "_family": {"extension": [extension("family")]}}]}), vec![]),
        (
            json!({"name": [{"family": "T", "extension": [extension("family")]}]}),
            vec!["error extension-context Patient.name[0].extension[0]"],
        ),
        (json!({"contact": [{"name": {"family": "T", "extension": [extension("contact-name")]}}]}), vec![]),
        (
            json!({"name": [{"family": "T", "extension": [extension("contact-name")]}]}),
            vec!["error extension-context Patient.name[0].extension[0]"],
        ),
        (on_patient(extension("inside")), vec!["error extension-context Patient.extension[0]"]),
        (
            on_patient(
                json!({"url": url("anywhere"), "valueString": "x", "_valueString": {"extension": [extension("inside")]}}),
            ),
            vec![],
        ),
        (json!({"name": [{"family": "T", "use": "old", "extension": [extension("path")]}]}), vec![]),
        (
            json!({"name": [{"family": "T", "extension": [extension("path")]}]}),
            vec!["error extension-context Patient.name[0].extension[0]"],
        ),
        (json!({"name": [{"family": "T", "extension": [extension("of-profile")]}]}), vec![]),
        (
            json!({"name": [{"family": "T", "extension": [extension("no-profile")]}]}),
            vec!["error extension-context Patient.name[0].extension[0]"],
        ),
        (on_patient(extension("published")), vec!["error extension-context Patient.extension[0]"]),
        (on_patient(extension("guarded")), vec![]),
        (
            on_patient(json!({"url": url("guarded"), "valueString": "y"})),
            vec!["error extension-context Patient.extension[0]"],
        ),
    ];
    let wrong: Vec<_> = table.into_iter().map(|(more, expected)| (found(&patient(&more)), expected, more)).collect();
    let wrong: Vec<_> = wrong.iter().filter(|(found, expected, _)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unknown_extensions_are_taken_with_a_note_where_the_caller_says_so() {
    let options = Options { guide: Guide::R4, unknown_extensions: true, ..Options::default() };
    let with = |url: &str, name: &str| patient(&json!({name: [{"url": url, "valueString": "x"}]}));
    assert_eq!(found_with(&with("https://a.example/unknown", "extension"), &options), Vec::<String>::new());
    let modifier = found_with(&with("https://a.example/unknown", "modifierExtension"), &options);
    assert_eq!(modifier, ["error extension-known Patient.modifierExtension[0]"]);
    let core = found_with(&with("http://hl7.org/fhir/StructureDefinition/unknown", "extension"), &options);
    assert_eq!(core, ["error extension-known Patient.extension[0]"]);
}

#[test]
fn ids_labels_and_claims_are_checked() {
    let label = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"});
    let table = [
        (json!({"_id": {"extension": [extension("anywhere")]}}), vec!["error resource-id Patient.id.extension[0]"]),
        (json!({"id": "a_b"}), vec!["error id-character Patient.id"]),
        (json!({"id": "a".repeat(65)}), vec!["error id-length Patient.id"]),
        (json!({"id": "A-1.b".repeat(12)}), vec![]),
        (json!({"meta": {"security": [label]}}), vec![]),
        (json!({"meta": {"security": [label, label]}}), vec!["error security-label-twice Patient.meta.security[1]"]),
        (json!({"name": [{"id": "n", "family": "T"}, {"id": "m", "family": "T"}]}), vec![]),
        (
            json!({"name": [{"id": "n", "family": "T"}, {"id": "n", "family": "T"}]}),
            vec!["error element-id Patient.name[1].id"],
        ),
        (json!({"name": [{"id": "a", "family": "T"}]}), vec![]),
        (
            json!({"meta": {"profile": ["https://a.example/none"]}}),
            vec!["warning profile-known Patient.meta.profile[0]"],
        ),
        (json!({"meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Patient"]}}), vec![]),
        (json!({"meta": {"profile": ["http://hl7.org/fhir/4.0/StructureDefinition/Patient"]}}), vec![]),
        (
            json!({"meta": {"profile": ["http://hl7.org/fhir/4.0/StructureDefinition/Person"]}}),
            vec!["error profile-version Patient.meta.profile[0]"],
        ),
    ];
    for (more, expected) in table {
        assert_eq!(found(&patient(&more)), expected, "{more}");
    }
}
