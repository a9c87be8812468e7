//! Emergency access (CS-10): what a crisis service is given at once when it states an emergency, what not, and who learns of
//! it. Over the wire.

use std::time::Duration;

use cmht_gateway::consent::{Engine, Trail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::consent_records::{ADA, NATIVE, about, consent, told};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example, message, party, plan};

const TEAM: &str = "lpt-crht";
const NOBODY: &str = "9990000026";

fn emergency(person: &str) -> Value {
    json!({"person": person, "professional": "Ali Example, nurse", "reason": "Found on a bridge", "team": TEAM})
}

/// A plan about the person of the examples, as the trust sends it.
async fn sent(gateway: &TestGateway, kind: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut native = plan(kind, "full");
    change(&mut native);
    let response = gateway.post(&format!("/documents/{kind}"), TRUST, NATIVE).body(native.to_string()).send().await;
    told(response.unwrap(), 200).await["message"].as_str().unwrap().to_owned()
}

/// Both plans, and a referral: its message.
async fn known(gateway: &TestGateway) -> String {
    sent(gateway, "safety-plan", |_| {}).await;
    sent(gateway, "care-plan", |_| {}).await;
    let answer = told(gateway.refer(example("complete")).await, 200).await;
    answer["message"].as_str().unwrap().to_owned()
}

async fn stated(gateway: &TestGateway, person: &str) -> Value {
    told(gateway.claim("emergency", TRUST, &emergency(person)).await, 201).await
}

fn released(answer: &Value) -> Vec<&Value> {
    answer["released"].as_array().unwrap().iter().collect()
}

fn of<'a>(answer: &'a Value, kind: &str) -> &'a Value {
    released(answer).into_iter().find(|line| line["document"] == kind).unwrap_or_else(|| panic!("{kind} in {answer:#}"))
}

fn withheld(line: &Value) -> Vec<(&str, &str)> {
    let all = line["withheld"].as_array().unwrap().iter();
    all.map(|one| (one["category"].as_str().unwrap(), one["rule"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_crisis_team_gets_at_once_what_it_needs_now_of_each_document_and_nothing_more() {
    let gateway = TestGateway::alone().await;
    let referral = known(&gateway).await;
    assert_eq!(gateway.inbox_count(TEAM).await, 0, "nothing went there before");
    let answer = stated(&gateway, ADA).await;
    let kinds: Vec<&str> = released(&answer).iter().map(|line| line["document"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["care-plan", "referral", "safety-plan"], "{answer:#}");
    assert_eq!((&answer["team"], &answer["not_released"]), (&json!(TEAM), &json!([])));
    for line in released(&answer) {
        assert_eq!((&line["rules"], &line["already"]), (&json!(["CS-10"]), &json!(false)));
        let told: Vec<_> = withheld(line);
        assert!(told.iter().all(|(kind, _)| !["substance-use", "forensic", "told-in-confidence"].contains(kind)));
    }
    assert!(withheld(of(&answer, "referral")).iter().any(|(kind, _)| *kind == "mental-health-history"));

    let items = gateway.running.store.inbox(&party(TEAM)).await.unwrap();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item.priority == 0));
    let link = of(&answer, "referral")["link"].as_str().unwrap();
    let opened = gateway.client.get(link).basic_auth(TRUST.0, Some(TRUST.1)).send().await.unwrap();
    assert_eq!(opened.status(), 200);
    let text = opened.text().await.unwrap();
    assert!(text.contains("MedicationStatement") && text.contains(ADA), "{text}");
    for kept_back in ["\"code\":\"ETH\"", "Condition/", "drug and alcohol"] {
        assert!(!text.contains(kept_back), "{kept_back} in {text}");
    }

    // the sender learns of no emergency, the person does, and the decision is kept
    let status = told(gateway.get(&format!("/messages/{referral}"), GP).send().await.unwrap(), 200).await;
    assert!(!status.to_string().contains(TEAM), "{status:#}");
    let report = gateway.post("/consent/report", TRUST, NATIVE).header("accept", "text/plain");
    let report = report.body(json!({"person": ADA}).to_string()).send().await.unwrap().text().await.unwrap();
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(report.contains("Safety plan to Crisis Resolution and Home Treatment Team"), "{report}");
    assert!(!report.contains("From Crisis Resolution"), "{report}");
    let message = cmht_gateway::model::MessageId::parse(&referral).unwrap();
    let decisions = gateway.running.store.decisions(&message).await.unwrap();
    let taken = decisions.iter().find(|one| one.recipient.as_str() == TEAM).unwrap();
    let again = Engine::embedded().unwrap().replay(&Trail::read(&taken.facts).unwrap());
    assert!(again.same, "{again:?}");
    let entries = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let entry = entries.iter().find(|entry| entry.body.contains(&taken.id.to_string())).unwrap();
    let entry: Value = serde_json::from_str(&entry.body).unwrap();
    let record = format!("emergency/{}/1", answer["id"].as_str().unwrap());
    assert_eq!((&entry["event"], &entry["record"]), (&json!("disclosed"), &json!(record)));
}

#[tokio::test]
async fn an_objection_of_the_person_gives_way_for_what_is_needed_now_and_for_nothing_else() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    let objection = consent(ADA, "2026-11-20T10:00:00Z", about("deny", TEAM, &[]));
    told(gateway.record(GP, &objection).await, 201).await;
    let answer = stated(&gateway, ADA).await;
    let referral = of(&answer, "referral");
    assert_eq!(referral["rules"], json!(["CS-10"]));
    assert!(withheld(referral).contains(&("mental-health-history", "CS-02")), "{referral:#}");
    assert_eq!(gateway.inbox_count(TEAM).await, 3);
}

#[tokio::test]
async fn only_a_crisis_service_states_an_emergency_and_says_which_it_is() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    for who in [GP, CHARITY, CLINIC] {
        let refused = told(gateway.claim("emergency", who, &emergency(ADA)).await, 403).await;
        assert_eq!(refused, told(gateway.claim("emergency", who, &emergency(NOBODY)).await, 403).await);
    }
    for team in [json!("lpt-cmht-city-east"), json!("demo-gp"), Value::Null] {
        let mut asked = emergency(ADA);
        asked["team"] = team;
        let outcome = told(gateway.claim("emergency", TRUST, &asked).await, 422).await;
        assert_eq!(outcome["issue"][0]["expression"][0], "/team");
    }
    let open = told(gateway.get("/consent/reviews", TRUST).send().await.unwrap(), 200).await;
    assert_eq!(open["reviews"], json!([]));
    assert_eq!(gateway.inbox_count(TEAM).await, 0);
}

#[tokio::test]
async fn the_same_emergency_stated_twice_delivers_once() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    let first = stated(&gateway, ADA).await;
    let second = stated(&gateway, ADA).await;
    for line in released(&second) {
        assert_eq!(line["already"], true);
        assert_eq!(line["delivery"], of(&first, line["document"].as_str().unwrap())["delivery"]);
    }
    assert_eq!((released(&second).len(), gateway.inbox_count(TEAM).await), (3, 3));
    // what comes new is given, and nothing else again
    sent(&gateway, "safety-plan", |plan| {
        plan["id"] = "another".into();
        plan["written"] = "2026-11-20T10:00:00+00:00".into();
    })
    .await;
    let third = stated(&gateway, ADA).await;
    let new: Vec<&Value> = released(&third).into_iter().filter(|line| line["already"] == false).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0]["document"], "safety-plan");
    assert_eq!(gateway.inbox_count(TEAM).await, 4);
}

#[tokio::test]
async fn somebody_of_whom_nothing_is_held_gets_an_answer_of_the_same_shape() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    let (there, not_there) = (stated(&gateway, ADA).await, stated(&gateway, NOBODY).await);
    let keys = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&there), keys(&not_there));
    assert_eq!((&not_there["released"], &not_there["not_released"]), (&json!([]), &json!([])));
    assert_eq!(there["note"], not_there["note"]);
    assert_eq!(gateway.inbox_count(TEAM).await, 3);
}

#[tokio::test]
async fn an_emergency_that_is_over_gives_nothing_and_what_nobody_opened_is_gone() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    let mut short = emergency(ADA);
    let until = Timestamp::now() + SignedDuration::from_secs(5);
    short["until"] = until.to_string().into();
    let answer = told(gateway.claim("emergency", TRUST, &short).await, 201).await;
    let link = |kind: &str| of(&answer, kind)["link"].as_str().unwrap().to_owned();
    let get = async |url: String| gateway.client.get(url).basic_auth(TRUST.0, Some(TRUST.1)).send().await.unwrap();
    assert_eq!(get(link("referral")).await.status(), 200);
    let left = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
    tokio::time::sleep(left + Duration::from_millis(200)).await;
    assert_eq!(get(link("safety-plan")).await.status(), 404);
    assert_eq!(get(link("referral")).await.status(), 200, "what was read was read");
    // stated anew, what was not opened goes again
    let anew = stated(&gateway, ADA).await;
    assert_eq!(
        (&of(&anew, "safety-plan")["already"], &of(&anew, "referral")["already"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn an_emergency_found_not_appropriate_takes_back_what_nobody_has_opened() {
    let gateway = TestGateway::alone().await;
    known(&gateway).await;
    let answer = stated(&gateway, ADA).await;
    let path = format!("/consent/reviews/{}", answer["id"].as_str().unwrap());
    let verdict = json!({"reviewer": "Dr B Example", "verdict": "not-appropriate"});
    told(gateway.post(&path, TRUST, NATIVE).body(verdict.to_string()).send().await.unwrap(), 200).await;
    assert_eq!(gateway.inbox_count(TEAM).await, 0);
}

#[tokio::test]
async fn the_newest_plan_is_the_last_written_and_only_its_own_organisation_replaces_one() {
    let gateway = TestGateway::alone().await;
    let first = sent(&gateway, "safety-plan", |_| {}).await;
    sent(&gateway, "safety-plan", |plan| {
        plan["id"] = "late".into();
        plan["written"] = "2025-01-01T10:00:00+00:00".into();
    })
    .await;
    let mut forged: Value = plan("handover-outcome", "full");
    forged["person"]["nhs_number"] = json!({"value": ADA, "verification": "verified"});
    forged["replaces"] = "CE-SP-2026-0093".into();
    let response = gateway.post("/documents/handover-outcome", CHARITY, NATIVE).body(forged.to_string());
    told(response.send().await.unwrap(), 200).await;
    assert_eq!(of(&stated(&gateway, ADA).await, "safety-plan")["message"], first.as_str());
    let corrected = sent(&gateway, "safety-plan", |plan| {
        plan["id"] = "corrected".into();
        plan["written"] = "2026-11-10T10:00:00+00:00".into();
        plan["replaces"] = "CE-SP-2026-0093".into();
    })
    .await;
    assert_eq!(of(&stated(&gateway, ADA).await, "safety-plan")["message"], corrected.as_str());
}

#[tokio::test]
async fn what_cannot_be_cut_does_not_go_is_on_record_and_is_not_named_where_that_would_tell() {
    let gateway = TestGateway::alone().await;
    let mut whole = message("complete");
    let entries = whole["entry"].as_array_mut().unwrap();
    let patient = entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == "Patient").unwrap();
    patient["resource"]["implicitRules"] = "https://example.org/rules".into();
    let response = gateway.send(&whole).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    let answer = stated(&gateway, ADA).await;
    // it holds kinds of which a crisis service is not told
    assert_eq!((&answer["released"], &answer["not_released"]), (&json!([]), &json!([])));
    assert_eq!(gateway.inbox_count(TEAM).await, 0);
    let page = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let denied: Vec<Value> = page.iter().map(|entry| serde_json::from_str(&entry.body).unwrap()).collect();
    let denied = denied.iter().find(|entry| entry["event"] == "denied" && entry["recipient"] == TEAM).unwrap();
    assert_eq!(denied["rules"], json!(["GW-90"]));
    let decision = uuid::Uuid::try_parse(denied["decision"].as_str().unwrap()).unwrap();
    assert!(gateway.running.store.decision(decision).await.unwrap().is_some());
}
