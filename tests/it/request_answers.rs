//! Documents that answer a request move its task, as a step does: only for who holds it, only where the table allows, and
//! everybody with standing is told.

use cmht_gateway::fhir::Bundle;
use cmht_gateway::map;
use cmht_gateway::model::{ClockState, DocumentKind, MessageId};
use serde_json::{Value, json};

use crate::consent_records::{NATIVE, told};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, party, plan};

const FHIR: &str = "application/fhir+json";
const EAST: &str = "lpt-cmht-city-east";

async fn send(gateway: &TestGateway, who: (&str, &str), kind: &str, document: &Value) -> Value {
    let path = format!("/documents/{kind}");
    told(gateway.post(&path, who, NATIVE).body(document.to_string()).send().await.unwrap(), 200).await
}

fn message(answer: &Value) -> String {
    answer["message"].as_str().unwrap().to_owned()
}

/// A made document under an id of its own, that replaces nothing.
fn made(kind: &str, id: &str) -> Value {
    let mut document = plan(kind, "full");
    document["id"] = id.into();
    document.as_object_mut().unwrap().shift_remove("replaces");
    document
}

/// The charity's word on a handover.
fn outcome(id: &str, about: &str, status: &str) -> Value {
    let mut document = made("handover-outcome", id);
    document["outcome"] = json!({"status": status, "about": about});
    document
}

/// Status and version of the one task of this party.
async fn stands(gateway: &TestGateway, request: &str, owner: &str) -> (String, u64) {
    let found = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
    let task = found["tasks"].as_array().unwrap().iter().find(|task| task["owner"] == owner).unwrap().clone();
    (task["status"].as_str().unwrap().to_owned(), task["version"].as_u64().unwrap())
}

async fn events(gateway: &TestGateway) -> Vec<(String, Option<String>)> {
    let all = gateway.running.store.events_page(0, 200).await.unwrap();
    let one = |event: &cmht_gateway::model::CareEvent| {
        (event.kind.code().to_owned(), event.request.as_ref().map(|id| id.as_str().to_owned()))
    };
    all.iter().map(|(_, event)| one(event)).filter(|(kind, _)| kind != "share-refused").collect()
}

/// Sentences of the status updates in an inbox.
async fn heard(gateway: &TestGateway, owner: &str) -> Vec<String> {
    let items = gateway.running.store.inbox(&party(owner)).await.unwrap();
    let updates = items.iter().filter(|item| item.kind == DocumentKind::StatusUpdate);
    updates.map(|item| String::from_utf8_lossy(&item.body).into_owned()).collect()
}

fn remarks(answer: &Value) -> String {
    answer["outcome"].to_string()
}

#[tokio::test]
async fn what_becomes_of_a_handover_moves_it_step_by_step_and_its_sender_hears() {
    let gateway = TestGateway::alone().await;
    let handover = made("social-prescribing-handover", "HO-1");
    let request = message(&send(&gateway, TRUST, "social-prescribing-handover", &handover).await);
    let first = outcome("O-1", "HO-1", "engaged");
    let answer = send(&gateway, CHARITY, "handover-outcome", &first).await;
    assert!(remarks(&answer).contains("The request that this answers has moved"), "{answer:#}");
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await, ("contacted".to_owned(), 2));
    // one event, of the handover, and not one more of the outcome
    assert_eq!(events(&gateway).await, [("contacted".to_owned(), Some(request.clone()))]);
    let updates = heard(&gateway, EAST).await;
    assert_eq!(updates.len(), 1, "whoever handed the person over is told once");
    assert!(updates[0].contains("has been in contact"), "{updates:?}");
    // the same document again: the same answer, and no second step
    assert_eq!(message(&send(&gateway, CHARITY, "handover-outcome", &first).await), message(&answer));
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.1, 2);
    // it never accepted the handover by name, and goes on from where it stands
    send(&gateway, CHARITY, "handover-outcome", &outcome("O-2", "HO-1", "ended")).await;
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await, ("completed".to_owned(), 3));
    assert_eq!(heard(&gateway, EAST).await.len(), 2);
    // what cannot be said any more is told, and the document is passed on all the same
    let mut late = outcome("O-3", "HO-1", "declined");
    late["outcome"]["why"] = "We have closed.".into();
    let late = send(&gateway, CHARITY, "handover-outcome", &late).await;
    assert!(remarks(&late).contains("stands as it stood"), "{late:#}");
    assert!(late["recipients"].as_array().unwrap().iter().any(|one| one["party"] == EAST), "{late:#}");
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await, ("completed".to_owned(), 3));
    assert_eq!(heard(&gateway, EAST).await.len(), 2);
    let steps = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
    let own = steps["tasks"].as_array().unwrap().iter().find(|task| task["owner"] == "wellbeing-roots").unwrap();
    assert_eq!(own["steps"].as_array().unwrap().len(), 3, "opened, contacted, completed");
    assert!(cmht_gateway::audit::verify(gateway.running.store.as_ref()).await.unwrap().is_ok());
}

#[tokio::test]
async fn whoever_declines_after_taking_a_handover_on_ends_its_work_on_it_and_the_reason_travels() {
    let gateway = TestGateway::alone().await;
    for (id, before, expected) in [("HO-D1", None, "declined"), ("HO-D2", Some("accepted"), "cancelled-by-owner")] {
        let handover = made("social-prescribing-handover", id);
        let request = message(&send(&gateway, TRUST, "social-prescribing-handover", &handover).await);
        if let Some(before) = before {
            send(&gateway, CHARITY, "handover-outcome", &outcome(&format!("{id}-a"), id, before)).await;
        }
        let mut declined = outcome(&format!("{id}-b"), id, "declined");
        declined["outcome"]["why"] = "The van has broken down.".into();
        send(&gateway, CHARITY, "handover-outcome", &declined).await;
        assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.0, expected);
        let last = heard(&gateway, EAST).await;
        assert!(last.iter().any(|update| update.contains("The van has broken down.")), "{last:?}");
    }
}

#[tokio::test]
async fn an_answer_to_what_its_sender_never_received_moves_nothing_and_is_told_so() {
    let gateway = TestGateway::alone().await;
    let handover = made("social-prescribing-handover", "HO-2");
    let request = message(&send(&gateway, TRUST, "social-prescribing-handover", &handover).await);
    let before = events(&gateway).await;
    let unknown = send(&gateway, CHARITY, "handover-outcome", &outcome("N-1", "never-sent", "contacted")).await;
    // somebody else, of a handover that there is
    let mut other = outcome("N-2", "HO-2", "ended");
    other["author"]["organisation"] = json!({"name": "Harbour Clinic", "party": "harbour-clinic"});
    let foreign = send(&gateway, CLINIC, "handover-outcome", &other).await;
    let text = "This answers no request about this person that you were sent";
    assert!(remarks(&unknown).contains(text) && remarks(&foreign).contains(text), "{unknown:#}\n{foreign:#}");
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await, ("received".to_owned(), 1));
    assert_eq!(events(&gateway).await, before, "nothing has happened");
    // about another person: a reference alone moves nobody's handover
    let mut another = outcome("N-3", "HO-2", "ended");
    another["person"]["nhs_number"]["value"] = "9990718423".into();
    let another = send(&gateway, CHARITY, "handover-outcome", &another).await;
    assert!(remarks(&another).contains(text), "{another:#}");
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.1, 1);
}

#[tokio::test]
async fn an_answer_without_a_number_is_about_the_person_of_the_request_it_names_unless_that_is_another() {
    let gateway = TestGateway::alone().await;
    let mut handover = made("social-prescribing-handover", "HO-3");
    handover["person"].as_object_mut().unwrap().shift_remove("nhs_number");
    let request = message(&send(&gateway, TRUST, "social-prescribing-handover", &handover).await);
    let nameless = |id: &str, born: &str| {
        let mut said = outcome(id, "HO-3", "accepted");
        said["person"] = json!({"names": [{"family": "Warsame"}], "birth_date": born});
        said
    };
    send(&gateway, CHARITY, "handover-outcome", &nameless("W-1", "1964-12-09")).await;
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.0, "received", "born on another day");
    send(&gateway, CHARITY, "handover-outcome", &nameless("W-2", "1964-09-12")).await;
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.0, "accepted");
}

#[tokio::test]
async fn a_practice_answers_a_shared_care_request_with_its_letter_in_either_form() {
    let gateway = TestGateway::alone().await;
    let asked = |id: &str| {
        let mut request = made("shared-care-request", id);
        request["request"]["to"] = json!({"party": "demo-gp"});
        request["author"]["organisation"] = json!({"name": "City East", "party": EAST});
        request
    };
    let answered = |id: &str, about: &str, status: &str| {
        let mut answer = made("shared-care-answer", id);
        answer["author"]["organisation"] = json!({"name": "Stoneygate Medical Practice", "party": "demo-gp"});
        answer["decision"] = json!({"status": status, "about": about, "why": "No appointments before May."});
        answer
    };
    for (id, status, expected) in [
        ("SC-1", "accepted-with-conditions", "accepted"),
        ("SC-2", "more-information", "more-information-needed"),
        ("SC-3", "declined", "declined"),
    ] {
        let request = message(&send(&gateway, TRUST, "shared-care-request", &asked(id)).await);
        assert_eq!(stands(&gateway, &request, "demo-gp").await.0, "received");
        let answer = answered(&format!("{id}-a"), id, status);
        let native = id != "SC-3";
        if native {
            send(&gateway, GP, "shared-care-answer", &answer).await;
        } else {
            let bundle: Bundle = map::to_fhir(DocumentKind::SharedCareAnswer, answer).unwrap().value;
            let sent = gateway.post("/documents/shared-care-answer", GP, FHIR).body(bundle.value().to_string());
            told(sent.send().await.unwrap(), 200).await;
        }
        assert_eq!(stands(&gateway, &request, "demo-gp").await.0, expected, "{status}");
    }
    assert_eq!(heard(&gateway, EAST).await.len(), 3);
}

#[tokio::test]
async fn an_information_request_is_completed_by_the_answer_of_whoever_was_asked_and_of_nobody_else() {
    let gateway = TestGateway::alone().await;
    let mut asked = made("clinical-information-request", "IR-1");
    asked["request"].as_object_mut().unwrap().shift_remove("reminder_of");
    let request = message(&send(&gateway, TRUST, "clinical-information-request", &asked).await);
    let clock = async || {
        let store = &gateway.running.store;
        let id = MessageId::parse(&request).unwrap();
        let care = store.care(&store.person_of(&id).await.unwrap().unwrap()).await.unwrap();
        care.clocks.iter().find(|clock| clock.rule == "CK-18").unwrap().state
    };
    let answer = |id: &str| {
        let mut answer = made("clinical-information-answer", id);
        answer["letter"]["in_reply_to"] = "IR-1".into();
        answer
    };
    // the GP has a copy of the request, and was not asked
    let mut other = answer("IA-1");
    other["author"]["organisation"] = json!({"name": "Stoneygate Medical Practice", "party": "demo-gp"});
    let other = send(&gateway, GP, "clinical-information-answer", &other).await;
    assert!(remarks(&other).contains("This answers no request"), "{other:#}");
    assert_eq!(stands(&gateway, &request, "harbour-clinic").await.0, "received");
    assert_eq!(clock().await, ClockState::Running);
    // a first version says that more follows
    let mut interim = answer("IA-2");
    interim["interim"] = true.into();
    send(&gateway, CLINIC, "clinical-information-answer", &interim).await;
    assert_eq!(stands(&gateway, &request, "harbour-clinic").await.0, "received");
    send(&gateway, CLINIC, "clinical-information-answer", &answer("IA-3")).await;
    assert_eq!(stands(&gateway, &request, "harbour-clinic").await.0, "completed");
    assert_eq!(clock().await, ClockState::Stopped);
    assert!(heard(&gateway, EAST).await[0].contains("has completed what was asked for"));
}

#[tokio::test]
async fn an_answer_finds_the_request_by_the_reference_of_a_later_version_too() {
    let gateway = TestGateway::alone().await;
    let first = made("social-prescribing-handover", "HO-4");
    let request = message(&send(&gateway, TRUST, "social-prescribing-handover", &first).await);
    let mut second = made("social-prescribing-handover", "HO-4-2");
    second["replaces"] = "HO-4".into();
    send(&gateway, TRUST, "social-prescribing-handover", &second).await;
    send(&gateway, CHARITY, "handover-outcome", &outcome("V-1", "HO-4-2", "accepted")).await;
    assert_eq!(stands(&gateway, &request, "wellbeing-roots").await.0, "accepted");
}
