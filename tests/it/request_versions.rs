//! Later versions of a request, over HTTP: which of them is in force, for whom, and what they change in how it is followed.

use serde_json::{Value, json};

use crate::consent_records::{NATIVE, told};
use crate::support::{CHARITY, GP, Recipient, TRUST, TestGateway, example, party};

const EAST: &str = "lpt-cmht-city-east";
const CAP: &str = "lpt-cap";
const CRHT: &str = "lpt-crht";

fn referral(id: &str) -> Value {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = id.into();
    referral.as_object_mut().unwrap().remove("copies");
    referral["why_now"] = "FIRSTVERSION".into();
    referral
}

/// The same again under another identifier.
fn replacing(before: &Value, id: &str) -> Value {
    let mut again = before.clone();
    again["replaces"] = before["id"].clone();
    again["id"] = id.into();
    again["why_now"] = format!("VERSION{id}").into();
    again
}

async fn sent(gateway: &TestGateway, referral: &Value) -> Value {
    told(gateway.refer(referral.to_string()).await, 200).await
}

fn id(answer: &Value) -> String {
    answer["message"].as_str().unwrap().to_owned()
}

async fn tasks(gateway: &TestGateway, request: &str) -> Vec<Value> {
    let found = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
    found["tasks"].as_array().unwrap().clone()
}

async fn task(gateway: &TestGateway, request: &str, owner: &str) -> Value {
    let all = tasks(gateway, request).await;
    all.iter().rev().find(|task| task["owner"] == owner).unwrap_or_else(|| panic!("{owner} in {all:#?}")).clone()
}

async fn say(gateway: &TestGateway, who: (&str, &str), request: &str, body: Value, status: u16) -> Value {
    let path = format!("/requests/{request}/status");
    told(gateway.post(&path, who, NATIVE).body(body.to_string()).send().await.unwrap(), status).await
}

/// What lies in an inbox that somebody may still open, as kind and text.
async fn inbox(gateway: &TestGateway, who: &str) -> Vec<(String, String)> {
    let items = gateway.running.store.inbox(&party(who)).await.unwrap();
    items.into_iter().map(|item| (item.kind.code().to_owned(), String::from_utf8(item.body).unwrap())).collect()
}

async fn referrals(gateway: &TestGateway, who: &str) -> Vec<String> {
    let all = inbox(gateway, who).await;
    all.into_iter().filter(|(kind, _)| kind == "referral").map(|(_, text)| text).collect()
}

async fn clocks(gateway: &TestGateway, request: &str) -> Vec<(String, String, String)> {
    let found = told(gateway.get("/clocks", TRUST).send().await.unwrap(), 200).await;
    let all = found["clocks"].as_array().unwrap().iter().filter(|clock| clock["request"] == request);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> =
        all.map(|clock| (text(&clock["rule"]), text(&clock["state"]), text(&clock["owner"]))).collect();
    all.sort();
    all
}

#[tokio::test]
async fn whoever_has_it_after_a_correction_gets_the_newest_version_and_hears_of_the_right_person() {
    for step in ["accepted", "redirected"] {
        let gateway = TestGateway::alone().await;
        let first = referral("corrected");
        let request = id(&sent(&gateway, &first).await);
        let cap = task(&gateway, &request, CAP).await["task"].clone();
        let mut second = replacing(&first, "2");
        second["person"]["nhs_number"]["value"] = "9991111115".into();
        second["person"]["names"][0]["family"] = "Rightperson".into();
        let updated = sent(&gateway, &second).await;
        let body = json!({"task": cap, "status": step, "team": EAST, "reason": "theirs"});
        // by the id of the later version: it is the same request
        say(&gateway, TRUST, &id(&updated), body, 200).await;
        let got = referrals(&gateway, EAST).await;
        assert_eq!(got.len(), 1);
        assert!(got[0].contains("VERSION2") && got[0].contains("Rightperson"), "{step}");
        assert!(!got[0].contains("FIRSTVERSION"), "{step}");
        let east = task(&gateway, &request, EAST).await["task"].clone();
        say(
            &gateway,
            TRUST,
            &request,
            json!({"task": east, "status": "redirected", "team": "lpt-cmht-charnwood", "reason": "moved"}),
            200,
        )
        .await;
        let told = inbox(&gateway, CAP).await.into_iter().filter(|(kind, _)| kind == "status-update");
        let heard: Vec<String> = told.map(|(_, text)| text).collect();
        assert!(heard.iter().any(|text| text.contains("Rightperson")), "{step}");
        let family = first["person"]["names"][0]["family"].as_str().unwrap().to_owned();
        assert!(heard.iter().all(|text| !text.contains(&family)), "{step}: the wrong person is named to nobody");
        assert!(referrals(&gateway, "lpt-cmht-charnwood").await[0].contains("Rightperson"));
    }
}

#[tokio::test]
async fn what_is_taken_back_is_taken_back_in_every_version_whichever_is_named_and_what_waits_goes_to_nobody() {
    for named in [0, 1] {
        let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
        clinic.then_answer(&[503; 4000]);
        let gateway = TestGateway::start_with(&gp, &clinic, |config| config.worker.max_attempts = 100_000).await;
        let mut first = referral("recalled");
        let full: Value = serde_json::from_str(&example("complete")).unwrap();
        first["copies"] = full["copies"].clone();
        let one = id(&sent(&gateway, &first).await);
        let two = id(&sent(&gateway, &replacing(&first, "2")).await);
        assert_eq!(referrals(&gateway, "wellbeing-roots").await.len(), 1);
        let path = format!("/messages/{}/recall", [&one, &two][named]);
        let body = json!({"status": "cancelled", "reason": "no longer wanted"}).to_string();
        told(gateway.post(&path, GP, NATIVE).body(body).send().await.unwrap(), 200).await;
        for who in [CAP, "wellbeing-roots"] {
            assert!(referrals(&gateway, who).await.is_empty(), "{who}, {named}");
        }
        for message in [&one, &two] {
            let status = told(gateway.get(&format!("/messages/{message}"), GP).send().await.unwrap(), 200).await;
            let copies: Vec<&Value> =
                status["deliveries"].as_array().unwrap().iter().filter(|row| row["kind"] == "referral").collect();
            // one under way may be recorded as stopped only when it has come back
            assert!(
                copies.iter().all(|row| row["state"] == "stopped" || row["recipient"] == "harbour-clinic"),
                "{copies:#?}"
            );
        }
        clinic.answer_well();
        gateway.settled().await;
        let status = told(gateway.get(&format!("/messages/{two}"), GP).send().await.unwrap(), 200).await;
        let delivered = status["deliveries"].as_array().unwrap().iter().any(|row| {
            row["kind"] == "referral" && row["recipient"] == "harbour-clinic" && row["state"] == "delivered"
        });
        assert!(!delivered, "{status:#}");
        let all = tasks(&gateway, &one).await;
        assert!(all.iter().all(|task| task["status"] == "cancelled-by-requester"), "{all:#?}");
    }
}

#[tokio::test]
async fn a_version_that_names_an_older_one_takes_the_place_of_the_newest() {
    let gateway = TestGateway::alone().await;
    let first = referral("named-again");
    let request = id(&sent(&gateway, &first).await);
    for number in ["2", "3", "4"] {
        let answer = sent(&gateway, &replacing(&first, number)).await;
        assert_eq!(answer["recipients"][0]["party"], CAP, "{answer:#}");
        let got = referrals(&gateway, CAP).await;
        assert_eq!(got.len(), 1);
        assert!(got[0].contains(&format!("VERSION{number}")));
    }
    assert_eq!(tasks(&gateway, &request).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_versions_at_once_each_is_taken_and_the_last_one_is_in_force() {
    let gateway = TestGateway::alone().await;
    let first = referral("ten");
    let request = id(&sent(&gateway, &first).await);
    let versions: Vec<Value> = (2..12).map(|number| replacing(&first, &format!("N{number}N"))).collect();
    let mut at_once = tokio::task::JoinSet::new();
    for version in &versions {
        at_once.spawn(gateway.post("/documents/referral", GP, NATIVE).body(version.to_string()).send());
    }
    let mut answers = Vec::new();
    for answer in at_once.join_all().await {
        answers.push(told(answer.unwrap(), 200).await);
    }
    assert!(answers.iter().all(|answer| answer["recipients"][0]["party"] == CAP), "nobody is left without");
    let got = referrals(&gateway, CAP).await;
    assert_eq!(got.len(), 1, "one in force");
    let sent_as = answers.iter().map(id).collect::<Vec<_>>();
    let mut in_force = 0;
    for message in sent_as {
        let status = told(gateway.get(&format!("/messages/{message}"), GP).send().await.unwrap(), 200).await;
        let rows = status["deliveries"].as_array().unwrap().clone();
        in_force += rows.iter().filter(|row| row["kind"] == "referral" && row["state"] == "delivered").count();
    }
    assert_eq!(in_force, 1);
    assert_eq!(tasks(&gateway, &request).await.len(), 1);
}

#[tokio::test]
async fn whoever_had_it_in_their_care_gets_the_correction_when_another_team_has_it() {
    let gateway = TestGateway::alone().await;
    let first = referral("passed-on");
    let request = id(&sent(&gateway, &first).await);
    let cap = task(&gateway, &request, CAP).await["task"].clone();
    say(&gateway, TRUST, &request, json!({"task": cap, "status": "accepted", "team": EAST}), 200).await;
    let second = sent(&gateway, &replacing(&first, "2")).await;
    let releases: Vec<(&str, &str, &str)> = second["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (text("party"), text("role"), text("release"))
        })
        .collect();
    assert!(releases.contains(&(EAST, "responsible", "whole")), "{releases:?}");
    assert!(releases.contains(&(CAP, "copy", "whole")), "{releases:?}");
    assert!(referrals(&gateway, CAP).await[0].contains("VERSION2"));
    assert_eq!(tasks(&gateway, &request).await.len(), 2, "nobody has it twice");
}

#[tokio::test]
async fn a_version_that_asks_for_a_crisis_response_goes_to_the_crisis_team_at_once() {
    for (response, accepted) in [("routine", false), ("urgent", false), ("routine", true)] {
        let gateway = TestGateway::alone().await;
        let mut first = referral("worse");
        first["response"] = response.into();
        let request = id(&sent(&gateway, &first).await);
        if accepted {
            let cap = task(&gateway, &request, CAP).await["task"].clone();
            say(&gateway, TRUST, &request, json!({"task": cap, "status": "accepted", "team": EAST}), 200).await;
        }
        let mut second = replacing(&first, "2");
        second["response"] = "crisis".into();
        let answer = sent(&gateway, &second).await;
        let parties: Vec<&str> =
            answer["recipients"].as_array().unwrap().iter().map(|one| one["party"].as_str().unwrap()).collect();
        assert_eq!(parties[0], CRHT, "{parties:?}");
        assert!(parties.contains(&CAP), "{parties:?}");
        assert!(referrals(&gateway, CRHT).await[0].contains("VERSION2"));
        assert_eq!(task(&gateway, &request, CRHT).await["role"], "crisis");
        let running = clocks(&gateway, &request).await;
        assert!(running.iter().any(|(rule, _, owner)| rule == "CK-13" && owner == CRHT), "{running:?}");
        assert!(!running.iter().any(|(rule, ..)| rule == "CK-01" || rule == "CK-02"), "{running:?}");
        // the same again changes nothing more
        sent(&gateway, &replacing(&second, "3")).await;
        assert_eq!(clocks(&gateway, &request).await.iter().filter(|(rule, ..)| rule == "CK-13").count(), 1);
    }
}

#[tokio::test]
async fn a_request_that_is_regraded_to_crisis_goes_to_the_crisis_team_at_once() {
    let gateway = TestGateway::alone().await;
    let first = referral("regraded");
    let request = id(&sent(&gateway, &first).await);
    sent(&gateway, &replacing(&first, "2")).await;
    let event = json!({
        "id": "regraded-1", "kind": "regraded", "at": jiff::Timestamp::now().to_string(),
        "request": {"message": request}, "detail": {"to": "crisis"},
    });
    let answer = gateway.post("/events", TRUST, NATIVE).body(event.to_string()).send().await.unwrap();
    told(answer, 201).await;
    let running = clocks(&gateway, &request).await;
    assert!(running.iter().any(|(rule, _, owner)| rule == "CK-13" && owner == CRHT), "{running:?}");
    let got = referrals(&gateway, CRHT).await;
    assert!(got.len() == 1 && got[0].contains("VERSION2"), "{}", got.len());
    let crisis = task(&gateway, &request, CRHT).await;
    assert_eq!((&crisis["role"], &crisis["status"]), (&json!("crisis"), &json!("received")));
    // told twice it goes once
    let mut again = event.clone();
    again["id"] = "regraded-2".into();
    told(gateway.post("/events", TRUST, NATIVE).body(again.to_string()).send().await.unwrap(), 201).await;
    assert_eq!(referrals(&gateway, CRHT).await.len(), 1);
}

#[tokio::test]
async fn a_version_for_another_service_goes_there_and_one_team_answers_for_it() {
    let gateway = TestGateway::alone().await;
    let first = referral("psychosis");
    let request = id(&sent(&gateway, &first).await);
    let mut second = replacing(&first, "2");
    second["pathway"] = json!(["first-episode-psychosis"]);
    let answer = sent(&gateway, &second).await;
    let responsible: Vec<&Value> =
        answer["recipients"].as_array().unwrap().iter().filter(|one| one["role"] == "responsible").collect();
    assert_eq!(responsible.len(), 1, "{answer:#}");
    assert_eq!(responsible[0]["rule"], "RT-04");
    let team = responsible[0]["party"].as_str().unwrap().to_owned();
    assert_eq!(task(&gateway, &request, &team).await["status"], "received");
    assert_eq!(task(&gateway, &request, CAP).await["status"], "redirected");
    assert!(referrals(&gateway, &team).await[0].contains("VERSION2"));
    assert!(clocks(&gateway, &request).await.iter().all(|(_, _, owner)| *owner == team));
}

#[tokio::test]
async fn only_a_version_that_holds_what_was_asked_for_answers_and_what_is_missing_stays_asked() {
    let gateway = TestGateway::alone().await;
    let mut first = referral("asked");
    let medication = first.as_object_mut().unwrap().remove("medication").unwrap();
    let request = id(&sent(&gateway, &first).await);
    let cap = task(&gateway, &request, CAP).await["task"].clone();
    let asks = json!({"task": cap, "status": "more-information-needed", "reason": "Which medicines, and what was tried?",
        "items": ["medication", "treatments-tried"]});
    say(&gateway, TRUST, &request, asks, 200).await;
    let stands = || async { task(&gateway, &request, CAP).await["status"].as_str().unwrap().to_owned() };
    let second = replacing(&first, "2");
    sent(&gateway, &second).await;
    assert_eq!(stands().await, "more-information-needed", "nothing of it was in the new version");
    let mut third = replacing(&second, "3");
    third["medication"] = medication;
    sent(&gateway, &third).await;
    assert_eq!(stands().await, "more-information-needed", "one of two");
    let mut fourth = replacing(&third, "4");
    fourth["treatments_tried"] = "none-known".into();
    sent(&gateway, &fourth).await;
    assert_eq!(stands().await, "received");
    let events = gateway.running.store.events_page(0, 100).await.unwrap();
    let given: Vec<(Option<&str>, Option<&str>)> = events
        .iter()
        .filter(|(_, event)| event.kind.code() == "information-given" && event.detail("kind") == Some("referral"))
        .map(|(_, event)| (event.detail("items"), event.detail("still")))
        .collect();
    assert_eq!(given, [(Some("medication"), Some("treatments-tried")), (Some("treatments-tried"), None)]);
}

#[tokio::test]
async fn an_explicit_answer_closes_the_question_whatever_it_was() {
    let gateway = TestGateway::alone().await;
    let first = referral("explicit");
    let request = id(&sent(&gateway, &first).await);
    let cap = task(&gateway, &request, CAP).await["task"].clone();
    let asks = json!({"task": cap, "status": "more-information-needed", "reason": "Which?", "items": ["medication"]});
    say(&gateway, TRUST, &request, asks, 200).await;
    sent(&gateway, &replacing(&first, "2")).await;
    assert_eq!(
        task(&gateway, &request, CAP).await["status"],
        "more-information-needed",
        "the same medicines as before"
    );
    let answer = json!({"task": cap, "status": "information-given", "reason": "As in the first version."});
    say(&gateway, GP, &request, answer, 200).await;
    assert_eq!(task(&gateway, &request, CAP).await["status"], "received");
    let found = gateway.get(&format!("/requests/{request}"), CHARITY).send().await.unwrap();
    assert_eq!(found.status(), 404);
}
