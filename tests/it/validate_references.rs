//! References, contained resources and canonicals, as the reference implementation judges them by its default settings:
//! one change to a sound resource, and what is said of it.

use std::sync::LazyLock;

use cmht_gateway::definitions::library::embedded_packs;
use cmht_gateway::definitions::{Definition, Library};
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{self, Guide, Options};
use serde_json::{Value, json};

/// The rules of references and bundles; what else is wrong with a made-up resource is for other tests.
const OURS: [&str; 12] = [
    "reference-",
    "entry-",
    "bundle-",
    "document-",
    "search-",
    "contained-",
    "dom-3",
    "ref-1",
    "bdl-",
    "canonical-",
    "uri-",
    "profile-known",
];

/// What is said: severity, rule and path, in the order of the source.
pub(crate) fn said(resource: &Value, guide: Guide, profile: Option<&str>) -> Vec<String> {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let mut library = Library::of_packs(embedded_packs());
        for profile in [observation(), patient()] {
            library.add(Definition::from_fhir(&profile).unwrap());
        }
        Registry::new(std::sync::Arc::new(library))
    });
    let tree = Tree::of_value(resource).unwrap();
    let profiles = profile.map(|name| format!("{BASE}{name}")).into_iter().collect();
    let options = Options { guide, profiles, unknown_extensions: true, ..Options::default() };
    let found = walk::validate(&tree, &REGISTRY, &options);
    let ours = |rule: &str| OURS.iter().any(|start| rule.starts_with(start));
    let told = found.iter().filter(|issue| ours(issue.rule.as_deref().unwrap_or_default())).map(|issue| {
        let rule = issue.rule.as_deref().unwrap_or_default();
        format!("{} {rule} {}", issue.severity.code(), issue.path.as_deref().unwrap_or_default())
    });
    told.collect()
}

const BASE: &str = "https://example.org/StructureDefinition/";

/// A profile whose elements say where their targets are kept, and what they meet.
fn observation() -> Value {
    let element = |path: &str, aggregation: &[&str], versioning: Option<&str>, target: &str| {
        let mut kind = json!({"code": "Reference", "targetProfile": [target]});
        if !aggregation.is_empty() {
            kind["aggregation"] = json!(aggregation);
        }
        if let Some(versioning) = versioning {
            kind["versioning"] = versioning.into();
        }
        json!({"id": path, "path": path, "type": [kind]})
    };
    let r4 = |name: &str| format!("http://hl7.org/fhir/StructureDefinition/{name}");
    json!({"resourceType": "StructureDefinition", "url": format!("{BASE}kept"), "name": "Kept", "status": "draft", "kind": "resource",
    "abstract": false, "type": "Observation", "baseDefinition": r4("Observation"), "derivation": "constraint",
    "differential": {"element": [
        {"id": "Observation", "path": "Observation"},
        element("Observation.subject", &[], None, &format!("{BASE}born")),
        element("Observation.encounter", &["contained"], None, &r4("Encounter")),
        element("Observation.specimen", &["bundled"], None, &r4("Specimen")),
        element("Observation.device", &["referenced"], Some("specific"), &r4("Device")),
    ]}})
}

/// A patient with a birth date.
fn patient() -> Value {
    json!({"resourceType": "StructureDefinition", "url": format!("{BASE}born"), "name": "Born", "status": "draft", "kind": "resource",
    "abstract": false, "type": "Patient", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
    "differential": {"element": [
        {"id": "Patient", "path": "Patient"},
        {"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1},
    ]}})
}

fn sound() -> Value {
    json!({"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "x"},
        "contained": [{"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}],
        "subject": {"reference": "#p"}})
}

type Change = fn(&mut Value);

#[test]
fn a_reference_is_judged_by_its_form_its_target_and_what_it_says_of_it() {
    let table: &[(Change, &[&str])] = &[
        (|_| (), &[]),
        (
            |o| o["subject"]["reference"] = "#q".into(),
            &["error dom-3 Observation.contained[0]", "error ref-1 Observation.subject"],
        ),
        (
            |o| o["subject"]["reference"] = "#".into(),
            &["error dom-3 Observation.contained[0]", "error ref-1 Observation.subject"],
        ),
        (|o| o["encounter"] = json!({"reference": "#p"}), &["error reference-target-type Observation.encounter"]),
        (|o| o["encounter"] = json!({"reference": "Encounter/1 "}), &["error reference-form Observation.encounter"]),
        (|o| o["encounter"] = json!({"reference": "Encounter?a"}), &["error reference-form Observation.encounter"]),
        (|o| o["encounter"] = json!({"reference": "Encounter?a=b"}), &[]),
        (|o| o["encounter"] = json!({"reference": "Encounter/1"}), &[]),
        (|o| o["encounter"] = json!({"reference": "https://a.example/fhir/Encounter/1/_history/2"}), &[]),
        // what is elsewhere is not looked up, so nothing is known of its type; see the next test for UK Core
        (|o| o["encounter"] = json!({"reference": "Patient/1"}), &[]),
        (|o| o["encounter"] = json!({"reference": "urn:uuid:nope"}), &[]),
        (|o| o["encounter"] = json!({"reference": "urn:oid:nope"}), &[]),
        (
            |o| o["encounter"] = json!({"reference": "https://a.example/1", "type": "Nope"}),
            &["error reference-type Observation.encounter"],
        ),
        (|o| o["encounter"] = json!({"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}), &[]),
        (|o| o["encounter"] = json!({"reference": "Encounter/1", "type": "Encounter"}), &[]),
        (
            |o| o["encounter"] = json!({"reference": "Encounter/1", "type": "Patient"}),
            &["error reference-type Observation.encounter"; 2],
        ),
        (|o| o["subject"]["type"] = "Group".into(), &["error reference-type Observation.subject"]),
        (|o| o["subject"]["type"] = "Patient".into(), &[]),
        (|o| o["encounter"] = json!({"identifier": {"value": "1"}}), &[]),
        (|o| o["encounter"] = json!({"display": "a visit"}), &[]),
        (|o| o["encounter"] = json!({"type": "Encounter"}), &["warning reference-empty Observation.encounter"]),
        (
            |o| o["encounter"] = json!({"identifier": {"use": "official"}}),
            &["warning reference-empty Observation.encounter"],
        ),
        (|o| o["focus"] = json!([{"reference": "#p"}]), &[]),
    ];
    for (at, (change, expected)) in table.iter().enumerate() {
        let mut value = sound();
        change(&mut value);
        assert_eq!(said(&value, Guide::R4, None), *expected, "{at}: {value}");
    }
}

#[test]
fn under_uk_core_a_doubtful_reference_to_elsewhere_is_a_warning() {
    let table: &[(Value, &[&str])] = &[
        (json!({"reference": "Encounter/1"}), &[]),
        (json!({"reference": "encounter/1"}), &["warning reference-form Observation.encounter"]),
        (json!({"reference": "Encounter/a_b"}), &["warning reference-form Observation.encounter"]),
        (json!({"reference": "urn:uuid:nope"}), &["warning reference-form Observation.encounter"]),
        (json!({"reference": "urn:oid:nope"}), &["warning reference-form Observation.encounter"]),
        (json!({"reference": "Patient/1"}), &["warning reference-target-type Observation.encounter"]),
        (json!({"reference": "https://a.example/Patient/1"}), &["warning reference-target-type Observation.encounter"]),
        (json!({"type": "Patient", "identifier": {"value": "1"}}), &["warning reference-type Observation.encounter"]),
        (json!({"type": "Encounter", "identifier": {"value": "1"}}), &[]),
    ];
    for (reference, expected) in table {
        let mut value = sound();
        value["encounter"] = reference.clone();
        assert_eq!(said(&value, Guide::UkCore, None), *expected, "{reference}");
    }
}

#[test]
fn contained_resources_have_an_id_of_their_own_and_are_used() {
    let table: &[(Change, &[&str])] = &[
        (
            |o| drop(o["contained"][0].as_object_mut().unwrap().remove("id")),
            &[
                "error dom-3 Observation.contained[0]",
                "error contained-id Observation.contained[0]",
                "error ref-1 Observation.subject",
            ],
        ),
        (
            |o| o["contained"].as_array_mut().unwrap().push(json!({"resourceType": "Patient", "id": "p"})),
            &["error contained-id Observation.contained[1]"],
        ),
        (
            |o| o["contained"].as_array_mut().unwrap().push(json!({"resourceType": "Group", "id": "g"})),
            &["error dom-3 Observation.contained[1]"],
        ),
        // used by what is contained beside it
        (
            |o| {
                o["contained"][0]["managingOrganization"] = json!({"reference": "#org"});
                o["contained"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"resourceType": "Organization", "id": "org", "name": "x"}));
            },
            &[],
        ),
        // refers to what contains it
        (
            |o| {
                let inner = json!({"resourceType": "Provenance", "id": "pr", "target": [{"reference": "#"}], "recorded": "2026-01-01T00:00:00Z",
                    "agent": [{"who": {"display": "x"}}]});
                o["contained"].as_array_mut().unwrap().push(inner);
            },
            &[],
        ),
        // used by the narrative alone
        (
            |o| {
                o["contained"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"resourceType": "Binary", "id": "pic", "contentType": "image/png"}));
                o["text"] = json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"#pic\" alt=\"x\"/></div>"});
            },
            &[],
        ),
        // used by a canonical or a uri
        (
            |o| {
                let set = |id: &str| json!({"resourceType": "ValueSet", "id": id, "status": "draft"});
                o["contained"].as_array_mut().unwrap().extend([set("v1"), set("v2")]);
                o["extension"] = json!([{"url": "https://example.org/a", "valueCanonical": "#v1"}, {"url": "https://example.org/b", "valueUri": "#v2"}]);
            },
            &[],
        ),
        // a word that happens to look like a reference is none
        (
            |o| {
                o["contained"].as_array_mut().unwrap().push(json!({"resourceType": "Group", "id": "g"}));
                o["note"] = json!([{"text": "#g"}]);
            },
            &["error dom-3 Observation.contained[1]"],
        ),
    ];
    for (at, (change, expected)) in table.iter().enumerate() {
        let mut value = sound();
        change(&mut value);
        let found = said(&value, Guide::R4, None);
        assert_eq!(found, *expected, "{at}: {value}");
    }
}

#[test]
fn a_profile_asks_where_a_target_is_kept_which_version_and_what_it_meets() {
    let table: &[(Change, &[&str])] = &[
        (|_| (), &[]),
        (
            |o| drop(o["contained"][0].as_object_mut().unwrap().remove("birthDate")),
            &["error reference-target-profile Observation.subject"],
        ),
        (
            |o| o["encounter"] = json!({"reference": "Encounter/1"}),
            &["error reference-aggregation Observation.encounter"],
        ),
        (|o| o["specimen"] = json!({"reference": "Specimen/1"}), &["error reference-aggregation Observation.specimen"]),
        (|o| o["device"] = json!({"reference": "Device/1/_history/1"}), &[]),
        (|o| o["device"] = json!({"reference": "Device/1"}), &["warning reference-version Observation.device"]),
    ];
    for (at, (change, expected)) in table.iter().enumerate() {
        let mut value = sound();
        change(&mut value);
        assert_eq!(said(&value, Guide::R4, Some("kept")), *expected, "{at}: {value}");
    }
}

#[test]
fn in_a_bundle_a_target_has_the_profile_asked_for_and_may_be_bundled() {
    let observation = json!({"resourceType": "Observation", "id": "o1", "meta": {"profile": [format!("{BASE}kept")]}, "status": "final",
        "code": {"text": "x"}, "subject": {"reference": "Patient/1"}, "specimen": {"reference": "Specimen/1"}});
    let entry = |resource: Value| {
        let url = format!(
            "https://a.example/{}/{}",
            resource["resourceType"].as_str().unwrap(),
            resource["id"].as_str().unwrap()
        );
        json!({"fullUrl": url, "resource": resource})
    };
    for (birth, expected) in
        [(Some("1970-01-01"), vec![]), (None, vec!["error reference-target-profile Bundle.entry[0].resource.subject"])]
    {
        let mut patient = json!({"resourceType": "Patient", "id": "1"});
        if let Some(birth) = birth {
            patient["birthDate"] = birth.into();
        }
        let specimen = json!({"resourceType": "Specimen", "id": "1"});
        let bundle = json!({"resourceType": "Bundle", "type": "collection",
            "entry": [entry(observation.clone()), entry(patient), entry(specimen)]});
        assert_eq!(said(&bundle, Guide::R4, None), expected);
    }
}

#[test]
fn canonicals_and_local_uris_lead_somewhere() {
    let table: &[(Value, &[&str])] = &[
        (json!({"valueCanonical": "http://hl7.org/fhir/ValueSet/administrative-gender"}), &[]),
        (json!({"valueCanonical": "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1"}), &[]),
        (
            json!({"valueCanonical": "http://hl7.org/fhir/ValueSet/no-such-set"}),
            &["information canonical-known Observation.extension[0].value"],
        ),
        (
            json!({"valueCanonical": "https://a.example/Questionnaire/1"}),
            &["information canonical-known Observation.extension[0].value"],
        ),
        (json!({"valueCanonical": "#nothing"}), &["warning canonical-known Observation.extension[0].value"]),
        (json!({"valueUri": "#nothing"}), &["error uri-local Observation.extension[0].value"]),
        (json!({"valueUri": "#p"}), &[]),
        (json!({"valueUri": "#e"}), &[]),
        (json!({"valueUri": "https://a.example/x"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/administrative-gender"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/concept-properties#status"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/StructureDefinition/Patient"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/sid/icd-10"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/SearchParameter/Patient-name"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhir/5.0/StructureDefinition/Patient"}), &[]),
        (json!({"valueUri": "http://hl7.org/fhirpath/System.String"}), &[]),
        (
            json!({"valueUri": "http://hl7.org/fhir/no-such-system"}),
            &["error uri-known Observation.extension[0].value"],
        ),
        (json!({"valueUrl": "http://hl7.org/fhir/patient.html"}), &["error uri-known Observation.extension[0].value"]),
        (
            json!({"valueUri": "http://hl7.org/fhir/us/guide/ValueSet/none"}),
            &["error uri-known Observation.extension[0].value"],
        ),
        (json!({"valueUri": "http://hl7.org/fhir/Patient/1"}), &["error uri-known Observation.extension[0].value"]),
    ];
    for (extension, expected) in table {
        let mut value = sound();
        value["code"]["id"] = "e".into();
        value["extension"] = json!([extension]);
        value["extension"][0]["url"] = "https://example.org/a".into();
        assert_eq!(said(&value, Guide::R4, None), *expected, "{extension}");
    }
}
