//! What a bundle says of somebody else, or takes back, is kept whole with the reason and never becomes a fact; words
//! that fit no field are there for whoever reads the document.

use serde_json::{Value, json};

use cmht_gateway::documents::Document;
use cmht_gateway::documents::{DischargeLetter, SafetyPlan};
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::map::document::{from_fhir, to_fhir};
use cmht_gateway::map::{Mapped, NoteKind};

use crate::document_examples::examples;

/// An NHS number of the test range that is not the person's.
const ANOTHER: &str = "9990000018";

fn made<D: Document>(name: &str) -> Value {
    let (_, document) = examples().into_iter().find(|(known, _)| known == name).unwrap();
    to_fhir(&D::from_json(document).unwrap()).value.into_value()
}

fn read<D: Document>(bundle: &Value) -> Mapped<D> {
    from_fhir(&Bundle::new(bundle.clone()).unwrap()).unwrap()
}

fn place_of(bundle: &Value, fits: impl Fn(&Value) -> bool) -> usize {
    bundle["entry"].as_array().unwrap().iter().position(|entry| fits(&entry["resource"])).unwrap()
}

fn numbered(value: &str) -> Value {
    json!({"system": codes::NHS_NUMBER, "value": value})
}

#[test]
fn a_statement_about_somebody_else_is_kept_whole_and_not_read() {
    let whole = made::<SafetyPlan>("safety-plan/full");
    let patient = place_of(&whole, |one| one["resourceType"] == "Patient");
    let url = whole["entry"][patient]["fullUrl"].clone();
    let identifiers = whole["entry"][patient]["resource"]["identifier"].as_array().unwrap().clone();
    let own = identifiers.iter().find(|one| one["system"] == codes::NHS_NUMBER).unwrap()["value"].as_str().unwrap();
    let spaced = format!("{} {} {}", &own[..3], &own[3..6], &own[6..]);
    let table = [
        ("our own reference", json!({"reference": url}), true, false),
        ("our number alone", json!({"identifier": numbered(own)}), true, false),
        ("our number with spaces", json!({"identifier": numbered(&spaced)}), true, false),
        ("our number, nowhere", json!({"reference": "Patient/999", "identifier": numbered(own)}), true, false),
        ("another number", json!({"identifier": numbered(ANOTHER)}), false, false),
        ("another number beside", json!({"reference": url, "identifier": numbered(ANOTHER)}), false, false),
        ("nowhere", json!({"reference": "Patient/999"}), false, false),
        ("another server", json!({"reference": "https://elsewhere.example/Patient/1"}), false, false),
        ("a relative", json!({"reference": "RelatedPerson/x"}), false, false),
        ("only a name", json!({"display": "Ada"}), true, true),
        ("nobody", Value::Null, true, true),
    ];
    let sign = place_of(&whole, |one| one.pointer("/code/coding/0/code") == Some(&json!("warning-signs")));
    let path = format!("Bundle.entry[{sign}].resource");
    for (case, subject, is_read, told) in table {
        let mut bundle = whole.clone();
        let resource = bundle["entry"][sign]["resource"].as_object_mut().unwrap();
        match subject {
            Value::Null => drop(resource.remove("subject")),
            subject => drop(resource.insert("subject".to_owned(), subject)),
        }
        let Mapped { value: plan, notes } = read::<SafetyPlan>(&bundle);
        assert_eq!(plan.warning_signs.unwrap().entries().len(), if is_read { 2 } else { 1 }, "{case}");
        let coerced = |path: &str| notes.iter().any(|note| note.kind == NoteKind::Coerced && note.path == path);
        assert_eq!(coerced(&format!("{path}.subject")), told, "{case}: {notes:?}");
        let kept = plan.unmapped.iter().any(|one| one.path == format!("Bundle.entry[{sign}]"));
        let why = notes.iter().any(|note| note.path == path && note.text.contains("somebody else"));
        assert_eq!((kept, why), (!is_read, !is_read), "{case}: {notes:?}");
    }
}

#[test]
fn a_document_whose_subject_has_another_number_than_its_patient_is_refused() {
    let mut bundle = made::<SafetyPlan>("safety-plan/full");
    bundle["entry"][0]["resource"]["subject"] = json!({"identifier": numbered(ANOTHER)});
    let issues = from_fhir::<SafetyPlan>(&Bundle::new(bundle).unwrap()).err().unwrap();
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert!(issues[0].text.contains("NHS number") && !issues[0].text.contains(ANOTHER), "{issues:?}");
    let at = format!("{:?}", issues[0]);
    assert!(at.contains("Bundle.entry[0].resource.subject.identifier"), "{at}");
}

#[test]
fn what_is_in_error_refuted_forbidden_or_over_is_kept_whole_and_never_printed_as_a_fact() {
    let whole = made::<DischargeLetter>("discharge-letter/full");
    let refuted = json!({"coding": [{"system": "urn:x", "code": "refuted"}]});
    let in_error = json!({"coding": [{"system": "urn:x", "code": "entered-in-error"}]});
    let modifier = json!([{"url": "https://trust.example/not", "valueBoolean": true}]);
    let table = [
        ("AllergyIntolerance", "verificationStatus", refuted, "no such allergy"),
        ("AllergyIntolerance", "verificationStatus", in_error.clone(), "in error"),
        ("Condition", "verificationStatus", in_error, "in error"),
        ("MedicationStatement", "status", json!("entered-in-error"), "in error"),
        ("Observation", "status", json!("entered-in-error"), "in error"),
        ("ServiceRequest", "doNotPerform", json!(true), "not to be done"),
        ("Flag", "status", json!("inactive"), "no longer needs"),
        ("Observation", "modifierExtension", modifier, "modifier extension"),
    ];
    for (kind, key, value, reason) in table {
        let mut bundle = whole.clone();
        let place = place_of(&bundle, |one| one["resourceType"] == kind);
        bundle["entry"][place]["resource"][key] = value;
        let Mapped { value: letter, notes } = read::<DischargeLetter>(&bundle);
        let path = format!("Bundle.entry[{place}]");
        let kept: Vec<_> = letter.unmapped.iter().filter(|one| one.path == path).collect();
        assert_eq!(kept.len(), 1, "{kind} {key}: {notes:?}");
        assert_eq!(kept[0].value["resource"], bundle["entry"][place]["resource"], "{kind} {key}");
        let why = notes.iter().filter(|note| note.path == format!("{path}.resource"));
        assert!(why.clone().count() == 1 && why.clone().all(|note| note.text.contains(reason)), "{kind} {key}");
    }
}

#[test]
fn the_words_of_sections_no_field_fits_are_read_out_under_their_titles() {
    let mut bundle = made::<DischargeLetter>("discharge-letter/full");
    let text = |status: &str, words: &str| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{words}</p></div>");
        json!({"status": status, "div": div})
    };
    let coded = json!({"coding": [{"system": "urn:x", "code": "a", "display": "Reactions"}]});
    let place = place_of(&bundle, |one| one["resourceType"] == "AllergyIntolerance");
    bundle["entry"][place]["resource"]["verificationStatus"] = json!({"coding": [{"code": "refuted"}]});
    let refuted = bundle["entry"][place]["fullUrl"].clone();
    let sections = bundle["entry"][0]["resource"]["section"].as_array_mut().unwrap();
    let inner = json!({"title": "Tonight", "text": text("additional", "Ring back &amp; visit")});
    sections.push(json!({"title": "Risk", "text": text("additional", "Active plan to end life"), "section": [inner]}));
    sections.push(json!({"code": coded, "text": text("additional", "Wasps")}));
    sections.push(json!({"title": "Old", "text": text("generated", "Anaphylaxis"), "entry": [{"reference": refuted}]}));
    let letter = read::<DischargeLetter>(&bundle).value;
    let words = cmht_gateway::documents::parts::Unmapped::words(&letter.unmapped);
    for line in ["Risk: Active plan to end life", "Tonight: Ring back & visit", "Reactions: Wasps"] {
        assert!(words.iter().any(|word| word.ends_with(line)), "{line} in {words:?}");
    }
    assert!(!words.iter().any(|word| word.contains("Anaphylaxis")), "made from what was taken back: {words:?}");
}

#[test]
fn a_section_whose_only_entry_is_contained_keeps_its_title_and_code() {
    let mut bundle = made::<DischargeLetter>("discharge-letter/full");
    let section = bundle.pointer_mut("/entry/0/resource/section/1").unwrap();
    section["entry"] = json!([{"reference": "#inner"}]);
    section["title"] = json!("A title of their own");
    let wanted = section["code"].clone();
    let letter = read::<DischargeLetter>(&bundle).value;
    let kept = |key: &str| {
        let path = format!("Bundle.entry[0].resource.section[1].{key}");
        letter.unmapped.iter().find(|one| one.path == path).map(|one| one.value.clone())
    };
    assert_eq!(kept("title"), Some(json!("A title of their own")));
    assert_eq!(kept("code"), Some(wanted));
}

#[test]
fn what_a_care_plan_calls_its_goals_and_activities_is_kept() {
    let mut bundle = made::<cmht_gateway::documents::CarePlan>("care-plan/full");
    let place = place_of(&bundle, |one| one["resourceType"] == "CarePlan");
    let plan = &mut bundle["entry"][place]["resource"];
    plan["goal"][0]["display"] = json!("Their name of it");
    plan["activity"][0]["reference"]["display"] = json!("Their name of the step");
    let read = read::<cmht_gateway::documents::CarePlan>(&bundle).value;
    for words in ["Their name of it", "Their name of the step"] {
        assert!(read.unmapped.iter().any(|one| one.value == json!(words)), "{words}");
    }
}
