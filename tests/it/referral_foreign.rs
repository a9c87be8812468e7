//! Message bundles as other systems send them: other kinds of reference, no tags of ours, parts we have no place for.

use serde_json::{Value, json};

use cmht_gateway::documents::referral::{Known, Referral, Response, SenderKind, Sharing};
use cmht_gateway::fhir::Bundle;
use cmht_gateway::map::{Mapped, NoteKind, referral};

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// A bundle in the manner of a GP system: absolute fullUrls, relative references, a contained practice, logical parties.
fn foreign() -> Value {
    json!({
        "resourceType": "Bundle", "type": "message", "id": "b-77",
        "identifier": {"system": "https://gp.example/messages", "value": "M77"},
        "timestamp": "2026-11-09T09:00:00Z",
        "entry": [
            {"fullUrl": "https://gp.example/fhir/MessageHeader/1", "resource": {
                "resourceType": "MessageHeader", "id": "1",
                "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars", "code": "servicerequest-request"},
                "destination": [{"endpoint": "https://gateway.example/fhir", "receiver": {"identifier": {"system": ODS, "value": "Y90010"}}}],
                "source": {"endpoint": "https://gp.example/fhir"},
                "focus": [{"reference": "ServiceRequest/sr"}]
            }},
            {"fullUrl": "https://gp.example/fhir/ServiceRequest/sr", "resource": {
                "resourceType": "ServiceRequest", "id": "sr", "status": "active", "intent": "order", "priority": "asap",
                "authoredOn": "2026-11-09",
                "subject": {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": "9990718423"}},
                "requester": {"reference": "https://gp.example/fhir/PractitionerRole/pr"},
                "performer": [{"identifier": {"system": ODS, "value": "y90010"}, "display": "The trust"}],
                "reasonCode": [{"coding": [
                    {"system": "http://snomed.info/sct", "code": "6471006", "display": "Suicidal thoughts"},
                    {"system": "http://read.example", "code": "1B19."}
                ]}],
                "reasonReference": [{"reference": "Condition/c1"}],
                "note": [{"text": "Please ring first"}],
                "patientInstruction": "Bring your tablets",
                "insurance": [{"display": "none"}]
            }},
            {"fullUrl": "https://gp.example/fhir/Patient/other", "resource": {
                "resourceType": "Patient", "id": "other", "name": [{"family": "Somebody-Else"}]
            }},
            {"fullUrl": "https://gp.example/fhir/Patient/p", "resource": {
                "resourceType": "Patient", "id": "p", "active": true,
                "contained": [{"resourceType": "Organization", "id": "gp", "name": "Hill Surgery"}],
                "identifier": [{"use": "official", "system": NHS_NUMBER, "value": "9990718423"}],
                "name": [{"text": "Ada Test"}],
                "maritalStatus": {"text": "single"},
                "generalPractitioner": [{"reference": "#gp"}],
                "contact": [{
                    "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N"}], "text": "aunt"}],
                    "name": {"family": "Test", "given": ["Mo"]}
                }]
            }},
            {"fullUrl": "https://gp.example/fhir/PractitionerRole/pr", "resource": {
                "resourceType": "PractitionerRole", "id": "pr",
                "practitioner": {"display": "Dr Who Wrote"},
                "organization": {"identifier": {"system": ODS, "value": "Y90001"}, "display": "Hill Surgery"},
                "code": [{"coding": [{"system": "http://snomed.info/sct", "code": "62247001", "display": "General practitioner"}]}]
            }},
            {"fullUrl": "https://gp.example/fhir/Condition/c1", "resource": {
                "resourceType": "Condition", "id": "c1", "code": {"text": "Low mood"}, "subject": {"reference": "Patient/p"}
            }},
            {"fullUrl": "https://gp.example/fhir/Condition/c2", "resource": {
                "resourceType": "Condition", "id": "c2", "code": {"text": "Not theirs"}, "subject": {"reference": "Patient/other"}
            }},
            {"fullUrl": "https://gp.example/fhir/MedicationRequest/m", "resource": {
                "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
                "subject": {"reference": "Patient/p"}, "authoredOn": "2026-10-01T08:00:00Z",
                "medicationReference": {"reference": "Medication/x"},
                "dosageInstruction": [{"text": "one at night"}]
            }},
            {"fullUrl": "https://gp.example/fhir/Medication/x", "resource": {
                "resourceType": "Medication", "id": "x", "code": {"text": "Mirtazapine 15 mg tablets"}
            }},
            {"fullUrl": "https://gp.example/fhir/RiskAssessment/r", "resource": {
                "resourceType": "RiskAssessment", "id": "r", "status": "final", "subject": {"reference": "Patient/p"},
                "prediction": [{"probabilityDecimal": 0.9}], "note": [{"text": "Carries a knife"}]
            }},
            {"fullUrl": "https://gp.example/fhir/Consent/k", "resource": {
                "resourceType": "Consent", "id": "k", "status": "active",
                "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
                "patient": {"reference": "Patient/p"},
                "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
                "provision": {"type": "deny", "actor": [{"role": {"text": "x"}, "reference": {"display": "Uncle Bob"}}]}
            }},
            {"fullUrl": "https://gp.example/fhir/Encounter/e", "resource": {
                "resourceType": "Encounter", "id": "e", "status": "finished"
            }}
        ]
    })
}

fn read(value: Value) -> Mapped<Referral> {
    referral::from_fhir(&Bundle::new(value).unwrap()).unwrap()
}

#[test]
fn a_foreign_bundle_is_read_whatever_kind_of_reference_it_uses() {
    let Mapped { value: got, .. } = read(foreign());
    assert_eq!((got.id.as_str(), got.sent.as_deref()), ("M77", Some("2026-11-09T09:00:00Z")));
    assert_eq!(got.response(), Response::Urgent);
    assert_eq!(got.person.names[0].family.as_deref(), Some("Ada Test"));
    assert_eq!(got.person.nhs_number.unwrap().value.as_deref(), Some("9990718423"));
    assert_eq!(got.person.gp_practice.unwrap().name.as_deref(), Some("Hill Surgery"));
    assert_eq!(got.referrer.name.unwrap().line(), "Dr Who Wrote");
    assert_eq!(got.referrer.role.as_deref(), Some("General practitioner"));
    assert_eq!(got.referrer.organisation.unwrap().ods.unwrap().as_str(), "Y90001");
    assert_eq!(got.service.unwrap().ods.unwrap().as_str(), "Y90010");
    assert!(got.copies.is_empty(), "the transport address is no copy");
    let reasons: Vec<_> = got.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(reasons, ["Suicidal thoughts", "Low mood"]);
    assert_eq!(got.further_information, ["Please ring first", "Bring your tablets"]);
    assert!(got.why_now.is_none(), "a plain note is no answer to why now");
    let kin = got.next_of_kin.unwrap();
    assert_eq!(kin.entries()[0].relationship.as_deref(), Some("aunt"));
    let diagnoses = got.working_diagnosis.unwrap();
    assert_eq!(diagnoses.entries().iter().map(|d| d.text.as_str()).collect::<Vec<_>>(), ["Low mood"]);
    let medication = got.medication.unwrap();
    assert_eq!(
        medication.entries()[0].line(),
        "Mirtazapine 15 mg tablets; one at night; taking it; since 1 October 2026"
    );
    assert_eq!(got.alerts.unwrap().entries()[0].text, "Carries a knife");
    let consent = got.consent.unwrap();
    assert_eq!(consent.sharing, Sharing::Agreed);
    assert_eq!(consent.objections[0].recipient.as_ref().unwrap().label(), "Uncle Bob");
}

#[test]
fn what_has_no_place_is_reported_where_it_stands() {
    let notes = read(foreign()).notes;
    let dropped: Vec<&str> = notes.iter().filter(|n| n.kind == NoteKind::Dropped).map(|n| n.path.as_str()).collect();
    let mut wanted = vec![
        "Bundle.entry[1].resource.authoredOn",
        "Bundle.entry[1].resource.insurance",
        "Bundle.entry[1].resource.reasonCode[0].coding[1].system",
        "Bundle.entry[1].resource.reasonCode[0].coding[1].code",
        "Bundle.entry[2].resource",
        "Bundle.entry[3].resource.maritalStatus",
        "Bundle.entry[6].resource",
        "Bundle.entry[9].resource.prediction",
        "Bundle.entry[11].resource",
    ];
    let mut got = dropped.clone();
    got.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(got, wanted);
}

#[test]
fn notes_never_quote_what_they_are_about() {
    for note in read(foreign()).notes {
        for secret in ["Ada", "9990718423", "knife", "Low mood", "Bob"] {
            assert!(!note.text.contains(secret) && !note.path.contains(secret), "{note:?}");
        }
    }
}

#[test]
fn the_smallest_message_is_read_and_everything_else_is_missing() {
    let bundle = json!({"resourceType": "Bundle", "type": "message", "entry": [
        {"resource": {"resourceType": "ServiceRequest"}},
        {"resource": {"resourceType": "Patient", "name": [{"family": "Test"}]}}
    ]});
    let Mapped { value, notes } = read(bundle);
    assert_eq!(value.response(), Response::Routine);
    assert!(notes.iter().all(|note| note.kind == NoteKind::Defaulted), "{notes:?}");
    let mut numbers: Vec<u8> = value.missing().iter().map(|item| item.number).collect();
    numbers.dedup();
    assert_eq!(numbers, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
}

/// A message with one request, its priority as given, and more resources.
fn asking(priority: Option<Value>, more: &[Value]) -> Bundle {
    let mut request = json!({"resourceType": "ServiceRequest"});
    if let Some(priority) = priority {
        request["priority"] = priority;
    }
    let patient = json!({"resourceType": "Patient", "name": [{"family": "Test"}]});
    let entries: Vec<Value> = [request, patient].iter().chain(more).map(|r| json!({"resource": r})).collect();
    Bundle::new(json!({"resourceType": "Bundle", "type": "message", "id": "b", "entry": entries})).unwrap()
}

#[test]
fn a_priority_nobody_knows_is_refused_and_never_read_as_routine() {
    let unknown = ["STAT", "Crisis", "emergency", " stat", "stat ", "", "1"].map(Value::from);
    for priority in unknown.into_iter().chain([json!(1), Value::Null, json!(["stat"]), json!({"a": "stat"})]) {
        let own = (asking(Some(priority.clone()), &[]), "Bundle.entry[0].resource.priority");
        let task = json!({"resourceType": "Task", "priority": priority});
        let elsewhere = (asking(Some("routine".into()), &[task]), "Bundle.entry[2].resource.priority");
        for (bundle, path) in [own, elsewhere] {
            let issues = referral::from_fhir(&bundle).expect_err("an unknown priority");
            let found: Vec<_> = issues.iter().map(|i| (i.code.code(), i.path.as_deref().unwrap())).collect();
            assert_eq!(found, [("code-invalid", path)], "{priority}");
            assert!(issues[0].severity.refuses() && issues[0].text.contains("use routine, urgent, asap or stat"));
        }
    }
}

#[test]
fn the_most_pressing_priority_of_the_message_counts() {
    use Response::{Crisis, Routine, Urgent};
    let table = [
        (None, "ServiceRequest", "stat", Crisis),
        (None, "Task", "stat", Crisis),
        (Some("routine"), "Task", "stat", Crisis),
        (Some("asap"), "ServiceRequest", "stat", Crisis),
        (Some("routine"), "Task", "asap", Urgent),
        (Some("stat"), "Task", "routine", Crisis),
        (Some("urgent"), "ServiceRequest", "routine", Urgent),
        (None, "Task", "routine", Routine),
    ];
    for (own, kind, other, expected) in table {
        let bundle = asking(own.map(Value::from), &[json!({"resourceType": kind, "priority": other})]);
        let Mapped { value, notes } = referral::from_fhir(&bundle).unwrap();
        assert_eq!(value.response(), expected, "{own:?} {kind} {other}");
        let told = notes.iter().any(|n| n.kind == NoteKind::Coerced && n.path == "Bundle.entry[2].resource.priority");
        let raised = expected != Routine && !matches!(own, Some("stat" | "urgent"));
        assert_eq!(told, raised, "{own:?} {kind} {other}: {notes:?}");
    }
}

#[test]
fn a_request_not_to_do_something_is_no_referral() {
    for (value, refused) in [(json!(true), true), (json!("true"), true), (Value::Null, true), (json!(false), false)] {
        let mut bundle = asking(Some("stat".into()), &[]).into_value();
        bundle["entry"][0]["resource"]["doNotPerform"] = value.clone();
        match referral::from_fhir(&Bundle::new(bundle).unwrap()) {
            Ok(mapped) => assert!(!refused && mapped.is_whole(), "{value}"),
            Err(issues) => {
                assert!(refused, "{value}");
                let found = (issues[0].code.code(), issues[0].path.as_deref());
                assert_eq!(found, ("not-supported", Some("Bundle.entry[0].resource.doNotPerform")));
            }
        }
    }
}

#[test]
fn a_message_about_nobody_or_asking_nothing_is_an_error_that_says_what_to_send() {
    let patient = json!({"resource": {"resourceType": "Patient", "name": [{"family": "Test"}]}});
    let request = json!({"resource": {"resourceType": "ServiceRequest"}});
    let nameless = json!({"resource": {"resourceType": "Patient", "gender": "male"}});
    for (entries, word) in [
        (vec![patient.clone()], "ServiceRequest"),
        (vec![request.clone()], "Patient"),
        (vec![request.clone(), nameless], "Patient"),
        (vec![request, patient.clone(), patient], "Patient"),
    ] {
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "type": "message", "entry": entries})).unwrap();
        let issues = referral::from_fhir(&bundle).unwrap_err();
        assert_eq!(issues.len(), 1);
        assert!(issues[0].text.contains(word) && issues[0].path.is_some(), "{:?}", issues[0]);
    }
}

#[test]
fn entries_beat_none_known_and_that_is_noted() {
    let example = include_str!("../../profiles/cmht/examples/referral/complete.json");
    let document = Referral::from_json(serde_json::from_str(example).unwrap()).unwrap();
    let mut none = document.clone();
    none.medication = Some(Known::NoneKnown);
    let mut bundle = referral::to_fhir(&document).value.into_value();
    let contradiction = referral::to_fhir(&none).value.into_value();
    let observation = contradiction["entry"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry.pointer("/resource/code/coding/0/code") == Some(&json!("medication")));
    bundle["entry"].as_array_mut().unwrap().insert(2, observation.unwrap().clone());
    let got = read(bundle);
    assert_eq!(got.value.medication.unwrap().entries().len(), 2);
}

#[test]
fn a_person_who_refers_themself_is_known_by_the_requester_alone() {
    let bundle = json!({"resourceType": "Bundle", "type": "message", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "ServiceRequest",
            "subject": {"reference": "urn:uuid:2"}, "requester": {"reference": "urn:uuid:2"}}},
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Patient", "name": [{"given": ["Kit"]}]}}
    ]});
    assert_eq!(read(bundle).value.referrer.kind, Some(SenderKind::Myself));
}

#[test]
fn taking_any_entry_or_element_away_never_breaks_the_reader() {
    let whole = foreign();
    let entries = whole["entry"].as_array().unwrap().len();
    for place in 0..entries {
        let keys: Vec<String> = whole["entry"][place]["resource"].as_object().unwrap().keys().cloned().collect();
        for key in keys {
            for replacement in
                [None, Some(Value::Null), Some(json!([])), Some(json!("x")), Some(json!([{"a": 1}])), Some(json!(7))]
            {
                let mut bundle = whole.clone();
                let resource = bundle["entry"][place]["resource"].as_object_mut().unwrap();
                match replacement {
                    None => drop(resource.remove(&key)),
                    Some(value) => drop(resource.insert(key.clone(), value)),
                }
                if let Ok(mapped) = referral::from_fhir(&Bundle::new(bundle).unwrap()) {
                    let again = referral::to_fhir(&mapped.value).value;
                    assert!(referral::from_fhir(&again).is_ok(), "{place} {key}");
                }
            }
        }
    }
}

#[test]
fn a_message_of_tens_of_thousands_of_identifiers_or_references_is_read_at_once() {
    const MANY: usize = 20_000;
    let started = std::time::Instant::now();
    let mut bundle = foreign();
    let number = json!({"system": NHS_NUMBER, "value": "9990718423", "assigner": {"display": "x"}});
    bundle["entry"][3]["resource"]["identifier"] = Value::Array(vec![number; MANY]);
    let logical = json!({"identifier": {"system": "urn:a", "value": "b"}, "display": "x"});
    bundle["entry"][1]["resource"]["supportingInfo"] = Value::Array(vec![logical.clone(); MANY]);
    bundle["entry"][1]["resource"]["performer"] = Value::Array(vec![logical; MANY]);
    let _ = read(bundle);
    // linear work takes a second or two in a debug build; quadratic work takes minutes
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
