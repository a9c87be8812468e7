//! Document bundles as other systems send them: headings without our codes, narrative alone, parts we have no place for.

use serde_json::{Value, json};

use cmht_gateway::documents::{Document, SafetyPlan};
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::map::document::{from_fhir, to_fhir};
use cmht_gateway::map::{self, Mapped, NoteKind};
use cmht_gateway::model::DocumentKind;

use crate::document_examples::examples;

fn foreign() -> Value {
    let heading = |code: &str| json!({"coding": [{"system": codes::RECORD_HEADINGS, "code": code}]});
    json!({
        "resourceType": "Bundle", "type": "document", "id": "d-1",
        "identifier": {"system": "https://trust.example/documents", "value": "D1"},
        "timestamp": "2026-11-09T09:00:00Z",
        "entry": [
            {"fullUrl": "https://trust.example/fhir/Composition/1", "resource": {
                "resourceType": "Composition", "id": "1", "status": "final", "date": "2026-11-09",
                "type": {"coding": [{"system": codes::SNOMED, "code": "736253002"}]},
                "subject": {"reference": "Patient/p"},
                "author": [{"reference": "Practitioner/n"}, {"display": "A second author"}],
                "title": "Crisis plan", "confidentiality": "R",
                "section": [
                    {"title": "Plan", "code": heading("plan-and-requested-actions"),
                     "text": {"status": "additional", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><ul><li>Ring Jo</li><li>Walk &amp; rest</li></ul></div>"}},
                    {"title": "Contacts", "code": heading("professional-contacts"),
                     "entry": [{"reference": "PractitionerRole/k"}, {"reference": "Condition/c"}]},
                    {"title": "Sharing", "code": {"coding": [{"system": codes::DOCUMENT_SECTION, "code": "people-not-to-inform"}]},
                     "entry": [{"reference": "Consent/x"}]},
                    {"title": "Our own heading", "text": {"status": "additional", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Something else</div>"}}
                ]
            }},
            {"fullUrl": "https://trust.example/fhir/Patient/p", "resource": {
                "resourceType": "Patient", "id": "p", "name": [{"family": "Test", "given": ["Ada"]}],
                "contact": [{"name": {"text": "Jo"}}]
            }},
            {"fullUrl": "https://trust.example/fhir/Practitioner/n", "resource": {
                "resourceType": "Practitioner", "id": "n", "name": [{"text": "Nurse Ratcliffe"}]
            }},
            {"fullUrl": "https://trust.example/fhir/PractitionerRole/k", "resource": {
                "resourceType": "PractitionerRole", "id": "k", "practitioner": {"display": "Ravi"},
                "code": [{"text": "Worker"}], "telecom": [{"system": "phone", "value": "0116 496 0111"}]
            }},
            {"fullUrl": "https://trust.example/fhir/Condition/c", "resource": {
                "resourceType": "Condition", "id": "c", "code": {"text": "Low mood"}, "subject": {"reference": "Patient/p"}
            }},
            {"fullUrl": "https://trust.example/fhir/Consent/x", "resource": {
                "resourceType": "Consent", "id": "x", "status": "active", "patient": {"reference": "Patient/p"},
                "scope": {"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]},
                "provision": {"type": "deny", "actor": [{"role": {"text": "x"}, "reference": {"display": "Uncle Bob"}}]}
            }}
        ]
    })
}

fn read(value: Value) -> Mapped<SafetyPlan> {
    from_fhir(&Bundle::new(value).unwrap()).unwrap()
}

#[test]
fn a_foreign_document_is_read_by_its_headings_and_by_what_stands_under_them() {
    let Mapped { value: plan, notes } = read(foreign());
    assert_eq!((plan.id.as_str(), plan.written.as_str()), ("D1", "2026-11-09"));
    assert_eq!(plan.author.name.unwrap().line(), "Nurse Ratcliffe");
    assert_eq!(plan.plan_of_action.unwrap().entries()[0].text, "Ring Jo\nWalk & rest");
    let contacts = plan.contacts.unwrap();
    assert_eq!(contacts.entries()[0].name.as_deref(), Some("Ravi"));
    let not_informed = plan.people_not_to_inform.expect("an objection in a Consent alone is one as well");
    assert_eq!(not_informed.entries()[0].name.as_deref(), Some("Uncle Bob"));
    assert!(plan.consent.is_none(), "one Consent is read once");
    let dropped: Vec<&str> =
        notes.iter().filter(|note| note.kind == NoteKind::Dropped).map(|note| note.path.as_str()).collect();
    for path in [
        "Bundle.timestamp",
        "Bundle.entry[0].resource.confidentiality",
        "Bundle.entry[0].resource.author[1].display",
        "Bundle.entry[0].resource.section[3].title",
        "Bundle.entry[0].resource.section[3].text",
        "Bundle.entry[1].resource.contact",
        "Bundle.entry[3].resource.code[0].text",
        "Bundle.entry[4].resource",
    ] {
        assert!(dropped.contains(&path), "{path} in {dropped:#?}");
    }
}

#[test]
fn notes_never_quote_what_they_are_about() {
    for note in read(foreign()).notes {
        for secret in ["Ada", "Uncle", "Low mood", "Something else", "Ratcliffe"] {
            assert!(!note.text.contains(secret) && !note.path.contains(secret), "{note:?}");
        }
    }
}

#[test]
fn a_section_that_was_lost_loses_none_of_its_statements_and_says_what_else_is_gone() {
    let (_, document) = examples().into_iter().find(|(name, _)| name == "safety-plan/full").unwrap();
    let wanted = SafetyPlan::from_json(document).unwrap();
    let mut bundle = to_fhir(&wanted).value.into_value();
    bundle["entry"][0]["resource"]["section"] = json!([]);
    let Mapped { value: got, notes } = read(bundle);
    assert!(got.warning_signs == wanted.warning_signs && got.preferred_staff == wanted.preferred_staff);
    assert!(got.contacts.is_none());
    let contact = notes.iter().filter(|note| note.text.contains("HealthcareService")).count();
    assert!(contact > 0, "{notes:?}");
    let consent = got.consent.expect("an objection binds wherever it stands");
    assert!(
        consent
            .objections
            .iter()
            .any(|wish| wish.recipient.as_ref().is_some_and(|whom| whom.label().contains("Daniel Okonjo")))
    );
}

#[test]
fn an_objection_in_a_consent_counts_whichever_way_the_lists_and_the_consent_disagree() {
    let (_, document) = examples().into_iter().find(|(name, _)| name == "safety-plan/full").unwrap();
    let plan = SafetyPlan::from_json(document).unwrap();
    let mut bundle = to_fhir(&plan).value.into_value();
    let entries = bundle["entry"].as_array().unwrap();
    let of = |code: &str| {
        let place = |entry: &Value| entry.pointer("/resource/policyRule/coding/0/code") == Some(&json!(code));
        entries.iter().position(place).unwrap()
    };
    let (to_inform, not) = (of("people-to-inform"), of("people-not-to-inform"));
    let grace = entries[to_inform].pointer("/resource/provision/provision/0/actor").unwrap().clone();
    bundle["entry"][not]["resource"]["provision"]["provision"][0]["actor"] = grace;
    let Mapped { value: got, .. } = read(bundle);
    let list = got.people_not_to_inform.unwrap();
    assert!(list.entries().iter().any(|entry| entry.name.as_deref() == Some("Grace Ellery")));
    assert!(list.entries().iter().any(|entry| entry.name.as_deref() == Some("Daniel Okonjo")), "still in the list");
}

#[test]
fn entries_beat_none_known_and_that_is_noted() {
    let (_, document) = examples().into_iter().find(|(name, _)| name == "safety-plan/full").unwrap();
    let mut none = document.clone();
    none["warning_signs"] = json!("none-known");
    let made = |document: Value| to_fhir(&SafetyPlan::from_json(document).unwrap()).value.into_value();
    let mut bundle = made(document);
    let contradiction = made(none)["entry"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry.pointer("/resource/valueCodeableConcept/text") == Some(&json!("None known")))
        .unwrap()
        .clone();
    bundle["entry"].as_array_mut().unwrap().push(contradiction);
    let Mapped { value: got, notes } = read(bundle);
    assert_eq!(got.warning_signs.unwrap().entries().len(), 2);
    assert!(notes.iter().any(|note| note.kind == NoteKind::Coerced), "{notes:?}");
}

#[test]
fn taking_any_entry_or_element_away_never_breaks_the_reader() {
    for whole in [foreign(), {
        let (_, document) = examples().into_iter().find(|(name, _)| name == "safety-plan/full").unwrap();
        to_fhir(&SafetyPlan::from_json(document).unwrap()).value.into_value()
    }] {
        let entries = whole["entry"].as_array().unwrap().len();
        for place in 0..entries {
            let keys: Vec<String> = whole["entry"][place]["resource"].as_object().unwrap().keys().cloned().collect();
            for key in keys {
                for replacement in [
                    None,
                    Some(Value::Null),
                    Some(json!([])),
                    Some(json!("x")),
                    Some(json!([{"a": 1}])),
                    Some(json!(7)),
                ] {
                    let mut bundle = whole.clone();
                    let resource = bundle["entry"][place]["resource"].as_object_mut().unwrap();
                    match replacement {
                        None => drop(resource.remove(&key)),
                        Some(value) => drop(resource.insert(key.clone(), value)),
                    }
                    if let Ok(mapped) = from_fhir::<SafetyPlan>(&Bundle::new(bundle).unwrap()) {
                        let again = to_fhir(&mapped.value).value;
                        assert!(from_fhir::<SafetyPlan>(&again).is_ok(), "{place} {key}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_discharge_summary_by_others_is_read_by_its_snomed_headings_with_contained_and_logical_providers() {
    let coded = |code: &str| json!({"coding": [{"system": codes::SNOMED, "code": code}]});
    let section = |code: &str, entry: &str| json!({"code": coded(code), "entry": [{"reference": entry}]});
    let composition = json!({
        "resourceType": "Composition", "status": "final", "date": "2026-11-09", "type": coded("373942005"),
        "section": [
            section("887161000000102", "Condition/1"), section("886921000000105", "AllergyIntolerance/1"),
            section("886811000000106", "Encounter/1"), section("887171000000109", "Procedure/1"),
            section("886931000000107", "Flag/1"),
        ],
    });
    let encounter = json!({
        "resourceType": "Encounter", "id": "1", "status": "finished", "class": {"code": "IMP"},
        "period": {"start": "2026-10-01", "end": "2026-11-08"},
        "participant": [{"individual": {"display": "Dr Vale"}}],
        "location": [{"location": {"reference": "#ward"}}],
        "contained": [{"resourceType": "Location", "id": "ward", "name": "Elm Ward"}],
        "serviceProvider": {"identifier": {"system": codes::ODS_ORGANISATION, "value": "RT5"}},
        "hospitalization": {"dischargeDisposition": {"coding": [{"system": "urn:x", "code": "19", "display": "Home"}]}},
    });
    let resources = [
        composition,
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Test"}]}),
        json!({"resourceType": "Condition", "id": "1", "code": {"text": "Depression"}}),
        json!({"resourceType": "AllergyIntolerance", "id": "1", "code": {"text": "Nuts"}}),
        encounter,
        json!({"resourceType": "Procedure", "id": "1", "status": "completed", "code": {"text": "ECT"}}),
        json!({"resourceType": "Flag", "id": "1", "status": "active", "code": {"text": "Dog in the home"}}),
    ];
    let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    let bundle =
        Bundle::new(json!({"resourceType": "Bundle", "id": "b", "type": "document", "entry": entries})).unwrap();
    assert_eq!(map::kind_of(&bundle), Some(DocumentKind::DischargeLetter));
    let mapped = map::to_native(DocumentKind::DischargeLetter, &bundle).unwrap();
    let letter = &mapped.value;
    assert_eq!(letter["diagnoses"], json!([{"text": "Depression"}]));
    assert_eq!(letter["allergies"], json!([{"text": "Nuts"}]));
    assert_eq!(letter["procedures"], json!([{"text": "ECT"}]));
    assert_eq!(letter["safety_alerts"], json!([{"text": "Dog in the home"}]));
    let stay = json!({
        "admitted": "2026-10-01", "discharged": "2026-11-08", "responsible": "Dr Vale", "ward": "Elm Ward",
        "hospital": {"ods": "RT5"}, "destination": "Home",
    });
    assert_eq!(letter["hospital_stay"], stay);
    assert!(
        mapped.notes.iter().any(|note| note.path.contains("dischargeDisposition")),
        "that the code is not kept is told"
    );
    let lacking = map::missing(DocumentKind::DischargeLetter, mapped.value).unwrap();
    assert!(lacking.iter().any(|item| item.id == "DL-1") && lacking.iter().all(|item| item.id != "DL-7"));
}
