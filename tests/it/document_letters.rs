//! What handovers and letters between clinicians promise beyond being documents: little is asked of a charity, no clinical
//! history crosses, private and NHS statements stay apart, and an answer finds what it answers.

use serde_json::{Value, json};

use cmht_gateway::documents::parts::{HandoverStatus, SharedCareDecision};
use cmht_gateway::documents::{
    CareLeadStatement, ClinicalInformationRequest, Content, Document, HandoverOutcome, PrivateOpinion,
    SharedCareAnswer, SocialPrescribingHandover, TransferToNhs,
};
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::map::document::{from_fhir, to_fhir};
use cmht_gateway::map::{Mapped, NoteKind};
use cmht_gateway::model::DataCategory;

use crate::document_examples::examples;
use crate::document_round_trip::{bundle, faults};

fn example(name: &str) -> Value {
    examples().into_iter().find(|(found, _)| found == name).unwrap().1
}

fn made(name: &str) -> Value {
    bundle(&example(name)).into_value()
}

/// The first resource of a type in a bundle.
fn resource<'v>(bundle: &'v mut Value, kind: &str) -> &'v mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    let found = entries.iter_mut().map(|entry| &mut entry["resource"]).find(|r| r["resourceType"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}"))
}

fn read<D: Document>(bundle: Value) -> Mapped<D> {
    from_fhir(&Bundle::new(bundle).unwrap()).unwrap()
}

#[test]
fn a_handover_has_no_place_for_the_clinical_history() {
    use DataCategory as C;
    let allowed =
        [C::ReferralReason, C::NeedsAndGoals, C::Actions, C::ContactAndCommunication, C::RiskSummary, C::DialogScores];
    for heading in SocialPrescribingHandover::HEADINGS {
        assert!(allowed.contains(&heading.category), "{}", heading.key);
        for field in heading.fields {
            let clinical = matches!(
                field.content,
                Content::Condition(_) | Content::MedicationStatement(_) | Content::Formulation(_)
            );
            assert!(!clinical, "{}", field.key);
        }
    }
    for property in ["diagnoses", "history", "medication", "mental_health_history", "treatment", "formulation"] {
        let mut document = example("social-prescribing-handover/sparse");
        document[property] = json!([{"text": "x"}]);
        assert!(!faults(&document).is_empty(), "{property}");
    }
}

#[test]
fn a_handover_is_a_request_for_social_prescribing_addressed_to_the_service() {
    let mut bundle = made("social-prescribing-handover/full");
    let request = resource(&mut bundle, "ServiceRequest");
    assert_eq!(request.pointer("/code/coding/0/code"), Some(&json!(codes::SOCIAL_PRESCRIBING.0)));
    assert_eq!(request.pointer("/code/coding/0/system"), Some(&json!(codes::SNOMED)));
    let to =
        json!({"identifier": {"system": codes::PARTY_ID, "value": "wellbeing-roots"}, "display": "Wellbeing Roots"});
    assert_eq!(request["performer"], json!([to]));
    assert_eq!(request["identifier"], json!([{"system": codes::DOCUMENT_ID, "value": "CE-HO-2026-0212"}]));
    let flag = resource(&mut bundle, "Flag");
    assert_eq!(flag.pointer("/meta/tag/0/code"), Some(&json!("risk-summary")));
}

#[test]
fn an_outcome_needs_one_word_and_finds_its_handover() {
    let tiny = json!({
        "kind": "handover-outcome", "id": "1", "written": "2026-11-21", "person": {"names": [{"given": ["Kit"]}]},
        "author": {"organisation": {"name": "Us"}}, "outcome": {"status": "accepted"},
    });
    assert_eq!(faults(&tiny), Vec::<String>::new());
    let count = HandoverOutcome::HEADINGS.iter().map(|heading| heading.fields.len()).sum::<usize>();
    assert_eq!(count, 1, "a second question would be one too many");
    let handover = example("social-prescribing-handover/full");
    let mut bundle = made("handover-outcome/full");
    let task = resource(&mut bundle, "Task");
    assert_eq!(task.pointer("/focus/identifier/value"), Some(&handover["id"]));
    assert_eq!(task.pointer("/focus/type"), Some(&json!("ServiceRequest")));
    assert_eq!(task.pointer("/code/coding/0/code"), Some(&json!("fulfill")));
}

#[test]
fn every_status_has_its_task_status_and_the_reason_of_a_refusal_is_where_fhir_wants_it() {
    let mut document = example("handover-outcome/awkward");
    for status in HandoverStatus::ALL {
        document["outcome"]["status"] = json!(status.code());
        let mut made = bundle(&document).into_value();
        let task = resource(&mut made, "Task");
        let wanted = match status {
            HandoverStatus::Accepted => "accepted",
            HandoverStatus::Declined => "rejected",
            HandoverStatus::Contacted | HandoverStatus::Engaged => "in-progress",
            HandoverStatus::Ended => "completed",
        };
        assert_eq!(task["status"], wanted);
        assert_eq!(task.pointer("/businessStatus/coding/0/system"), Some(&json!(codes::HANDOVER_STATUS)));
        assert_eq!(task.pointer("/statusReason/text"), Some(&document["outcome"]["why"]));
    }
}

#[test]
fn a_task_of_another_system_is_read_by_its_status_alone() {
    for (status, wanted) in [
        ("accepted", Some("accepted")),
        ("rejected", Some("declined")),
        ("in-progress", Some("contacted")),
        ("completed", Some("ended")),
        ("draft", None),
    ] {
        let mut bundle = made("handover-outcome/full");
        let task = resource(&mut bundle, "Task");
        task.as_object_mut().unwrap().remove("businessStatus");
        task["status"] = json!(status);
        task["statusReason"] = json!({"coding": [{"display": "No room"}]});
        let Mapped { value, notes } = read::<HandoverOutcome>(bundle);
        let outcome = value.outcome.as_ref();
        assert_eq!(outcome.map(|outcome| outcome.status.code()), wanted, "{status}");
        let kind = if wanted.is_some() { NoteKind::Coerced } else { NoteKind::Dropped };
        assert!(notes.iter().any(|note| note.kind == kind), "{status}: {notes:?}");
        if let Some(outcome) = outcome {
            assert_eq!(outcome.why.as_deref(), Some("No room"));
        }
    }
}

#[test]
fn a_business_status_that_belies_the_status_is_taken_and_the_contradiction_reported() {
    let mut bundle = made("shared-care-answer/awkward");
    resource(&mut bundle, "Task")["status"] = json!("accepted");
    let Mapped { value, notes } = read::<SharedCareAnswer>(bundle);
    assert!(value.decision.unwrap().status == SharedCareDecision::Declined);
    assert!(notes.iter().any(|note| note.kind == NoteKind::Dropped && note.path.ends_with(".status")), "{notes:?}");
}

#[test]
fn a_gp_may_decline_shared_care() {
    let mut asked = made("shared-care-request/full");
    assert_eq!(resource(&mut asked, "ServiceRequest")["intent"], "proposal");
    let mut answer = made("shared-care-answer/awkward");
    let task = resource(&mut answer, "Task");
    assert_eq!(task["status"], "rejected");
    assert!(task.pointer("/statusReason/text").is_some());
}

#[test]
fn private_and_nhs_statements_stay_apart_on_the_way_through_fhir() {
    let document = example("private-opinion/awkward");
    let mut made = bundle(&document).into_value();
    let organisation = resource(&mut made, "Organization");
    assert_eq!(organisation.pointer("/type/0/coding/0/system"), Some(&json!(codes::SECTOR)));
    assert_eq!(organisation.pointer("/type/0/coding/0/code"), Some(&json!("private")));
    let opinion = read::<PrivateOpinion>(made).value;
    assert_eq!(opinion.author.organisation.unwrap().sector.unwrap().code(), "private");
    let findings = opinion.findings.unwrap();
    let sectors: Vec<_> = findings.entries().iter().map(|entry| entry.sector.unwrap().code()).collect();
    assert_eq!(sectors, ["nhs", "private"]);
    let mut leads = self::made("care-lead-statement/full");
    let sector = |extension: &Value| extension["url"].as_str().is_some_and(|url| url.ends_with("stated-in-sector"));
    let entries = leads["entry"].as_array_mut().unwrap();
    let teams = entries.iter().map(|entry| &entry["resource"]).filter(|r| r["resourceType"] == "CareTeam");
    let found: Vec<&Value> = teams
        .map(|team| &team["extension"].as_array().unwrap().iter().find(|extension| sector(extension)).unwrap()["valueCode"])
        .collect();
    assert_eq!(found, ["nhs", "private", "nhs", "nhs"]);
}

#[test]
fn a_transfer_gives_the_day_the_waiting_list_goes_by_in_a_resource_of_its_own() {
    let mut bundle = made("transfer-to-nhs/full");
    let encounter = resource(&mut bundle, "Encounter");
    assert_eq!(encounter["period"], json!({"start": "2026-06-24"}));
    let category = bundle.pointer("/entry/0/resource/category/0/coding/0").unwrap();
    assert_eq!(category["code"], "complete");
    encounter_without_a_day_is_reported(bundle);
}

fn encounter_without_a_day_is_reported(mut bundle: Value) {
    resource(&mut bundle, "Encounter").as_object_mut().unwrap().remove("period");
    let Mapped { value, notes } = read::<TransferToNhs>(bundle);
    assert!(value.first_consultation.is_none());
    assert!(notes.iter().any(|note| note.kind == NoteKind::Dropped && note.text.contains("Encounter")), "{notes:?}");
}

#[test]
fn a_question_asked_by_another_system_is_understood() {
    let mut bundle = made("clinical-information-request/full");
    let clinic = json!({"fullUrl": "https://clinic.example/fhir/Organization/7", "resource": {
        "resourceType": "Organization", "id": "7", "name": "Harbour Clinic",
        "identifier": [{"system": codes::ODS_ORGANISATION, "value": "Y90030"}],
    }});
    bundle["entry"].as_array_mut().unwrap().push(clinic);
    let request = resource(&mut bundle, "CommunicationRequest");
    request["sender"] = json!({"reference": "https://clinic.example/fhir/Organization/7"});
    request["requester"] = json!({"display": "A secretary"});
    request["category"] = json!([{"text": "Records"}]);
    request["priority"] = json!("asap");
    request["payload"].as_array_mut().unwrap().push(json!({"contentReference": {"display": "The enclosed"}}));
    let Mapped { value, notes } = read::<ClinicalInformationRequest>(bundle);
    let asking = value.request.unwrap();
    assert_eq!(asking.to.unwrap().ods.unwrap().as_str(), "Y90030");
    assert!(asking.urgency.is_none() && asking.asks.len() == 3);
    let dropped: Vec<&str> = notes.iter().filter(|n| n.kind == NoteKind::Dropped).map(|n| n.path.as_str()).collect();
    for end in [".requester", ".category[0].text", ".priority", ".payload[3].contentReference"] {
        assert!(dropped.iter().any(|path| path.ends_with(end)), "{end} in {dropped:?}");
    }
}

#[test]
fn a_wish_for_help_without_a_code_of_ours_is_kept_in_its_words() {
    let mut bundle = made("social-prescribing-handover/sparse");
    let observation = resource(&mut bundle, "Observation");
    observation["valueCodeableConcept"] =
        json!({"coding": [{"system": codes::SNOMED, "code": "267076002", "display": "Feeling lonely"}]});
    let Mapped { value, notes } = read::<SocialPrescribingHandover>(bundle);
    let wanted = value.help_wanted.unwrap();
    assert_eq!(
        (wanted.entries()[0].help.code(), wanted.entries()[0].text.as_deref()),
        ("other", Some("Feeling lonely"))
    );
    assert!(notes.iter().any(|note| note.kind == NoteKind::Coerced), "{notes:?}");
}

#[test]
fn letters_and_outcomes_are_found_in_no_section_too() {
    let without_sections = |name: &str| {
        let mut bundle = made(name);
        bundle["entry"][0]["resource"].as_object_mut().unwrap().remove("section");
        bundle
    };
    let outcome = read::<HandoverOutcome>(without_sections("handover-outcome/full"));
    assert_eq!(outcome.notes, []);
    assert_eq!(outcome.value.to_json(), example("handover-outcome/full"));
    let handover = read::<SocialPrescribingHandover>(without_sections("social-prescribing-handover/full")).value;
    assert!(handover.request.is_some() && handover.help_wanted.is_some());
    let transfer = read::<TransferToNhs>(without_sections("transfer-to-nhs/full")).value;
    assert_eq!(transfer.first_consultation.unwrap().date, "2026-06-24");
    let leads = read::<CareLeadStatement>(without_sections("care-lead-statement/full")).value;
    assert_eq!(leads.leads.unwrap().entries().len(), 4);
    assert!(leads.letter.is_some());
}

#[test]
fn a_section_of_words_alone_is_risk_information_where_its_heading_says_so() {
    let mut bundle = made("social-prescribing-handover/full");
    let sections = bundle["entry"][0]["resource"]["section"].as_array_mut().unwrap();
    let risk = sections.iter_mut().find(|section| section["title"] == "What to know to keep everybody safe").unwrap();
    risk.as_object_mut().unwrap().remove("entry");
    let handover = read::<SocialPrescribingHandover>(bundle).value;
    assert!(handover.risk_to_know.unwrap().entries()[0].text.contains("bailiff"));
}

#[test]
fn of_two_requests_the_first_counts_and_the_second_is_reported() {
    let mut bundle = made("social-prescribing-handover/full");
    let entries = bundle["entry"].as_array().unwrap();
    let place = entries.iter().position(|entry| entry["resource"]["resourceType"] == "ServiceRequest").unwrap();
    let mut second = entries[place].clone();
    second["fullUrl"] = json!("urn:uuid:7b1f7f34-3c55-4a0b-9a3e-0d6f4f3a9c11");
    second["resource"]["note"] = json!([{"text": "Another"}]);
    bundle["entry"].as_array_mut().unwrap().push(second);
    let heading = &mut bundle["entry"][0]["resource"]["section"][0];
    assert_eq!(heading["title"], "Receiving service");
    heading["entry"]
        .as_array_mut()
        .unwrap()
        .push(json!({"reference": "urn:uuid:7b1f7f34-3c55-4a0b-9a3e-0d6f4f3a9c11"}));
    let Mapped { value, notes } = read::<SocialPrescribingHandover>(bundle);
    assert_eq!(value.request.unwrap().to.unwrap().name.as_deref(), Some("Wellbeing Roots"));
    assert!(notes.iter().any(|note| note.text.contains("ServiceRequest")), "{notes:?}");
}

#[test]
fn a_letter_with_any_element_gone_or_wrong_can_still_be_read_and_written() {
    fn check<D: Document>(whole: &Value) {
        for place in 0..whole["entry"].as_array().unwrap().len() {
            let keys: Vec<String> = whole["entry"][place]["resource"].as_object().unwrap().keys().cloned().collect();
            for key in keys {
                for replacement in [None, Some(json!("x")), Some(json!([{"a": 1}]))] {
                    let mut bundle = whole.clone();
                    let resource = bundle["entry"][place]["resource"].as_object_mut().unwrap();
                    match replacement {
                        None => drop(resource.remove(&key)),
                        Some(value) => drop(resource.insert(key.clone(), value)),
                    }
                    if let Ok(mapped) = from_fhir::<D>(&Bundle::new(bundle).unwrap()) {
                        assert!(from_fhir::<D>(&to_fhir(&mapped.value).value).is_ok(), "{place} {key}");
                    }
                }
            }
        }
    }
    check::<SocialPrescribingHandover>(&made("social-prescribing-handover/full"));
    check::<ClinicalInformationRequest>(&made("clinical-information-request/full"));
    check::<TransferToNhs>(&made("transfer-to-nhs/full"));
    check::<SharedCareAnswer>(&made("shared-care-answer/full"));
    check::<CareLeadStatement>(&made("care-lead-statement/full"));
}
