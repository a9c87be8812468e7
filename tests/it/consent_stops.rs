//! What waits is stopped when the person's wish changes (CS-17) and when what it rests on runs out (CS-18): in the moment
//! of the change, and an attempt under way ends as gone or as stopped, never as both. Over the wire.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use cmht_gateway::config::Config;
use cmht_gateway::outbox::PersonKey;
use cmht_gateway::store::{Changed, Fate, PersonRecord, Queued, Reconsider, Reconsidered, RecordChange};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::consent_records::{ADA, NATIVE, about, consent, entries, told};
use crate::support::{CHARITY, GP, Recipient, TRUST, TestGateway, party, plan, renamed};

/// A gateway whose clinic does not take anything for as long as the test lasts.
pub(crate) async fn held() -> (TestGateway, Recipient) {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[503; 400]);
    let gateway = TestGateway::start_with(&Recipient::listen().await, &clinic, slowly).await;
    (gateway, clinic)
}

fn slowly(config: &mut Config) {
    config.worker.max_attempts = 1000;
}

/// How the delivery of a message to one party stands, as its sender is told.
pub(crate) async fn standing(gateway: &TestGateway, message: &str, recipient: &str) -> Vec<Value> {
    let status = told(gateway.get(&format!("/messages/{message}"), GP).send().await.unwrap(), 200).await;
    let rows = status["deliveries"].as_array().unwrap().iter();
    rows.filter(|row| row["recipient"] == recipient).cloned().collect()
}

pub(crate) async fn referred(gateway: &TestGateway, id: &str) -> String {
    let answer = told(gateway.refer(renamed("complete", id)).await, 200).await;
    answer["message"].as_str().unwrap().to_owned()
}

/// Waits until the row stands like this.
async fn until(gateway: &TestGateway, message: &str, recipient: &str, state: &str) -> Value {
    for _ in 0..400 {
        let rows = standing(gateway, message, recipient).await;
        if let Some(row) = rows.iter().find(|row| row["state"] == state) {
            return row.clone();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{recipient} never came to {state}: {:#?}", standing(gateway, message, recipient).await);
}

#[tokio::test]
async fn a_withdrawn_consent_stops_what_waits_and_what_nobody_has_opened() {
    let (gateway, clinic) = held().await;
    let message = referred(&gateway, "withdrawn-1").await;
    assert_eq!(standing(&gateway, &message, "harbour-clinic").await[0]["state"], "pending");
    assert_eq!(gateway.inbox_count("wellbeing-roots").await, 1);
    let found = gateway.search(TRUST, ADA).await;
    let given = entries(&found)[0].clone();
    told(gateway.withdraw(GP, &given).await, 200).await;

    // in the moment of the answer, not some time after; at the clinic an attempt may be under way that ends first
    let row = &standing(&gateway, &message, "wellbeing-roots").await[0];
    assert_eq!((&row["state"], &row["reason"]), (&json!("stopped"), &json!("CS-17")));
    assert_eq!(until(&gateway, &message, "harbour-clinic", "stopped").await["reason"], "CS-17");
    assert_eq!(gateway.inbox_count("wellbeing-roots").await, 0);
    // the teams go on with it: they rest on nothing that was withdrawn
    assert!(gateway.inbox_count("lpt-cap").await + gateway.inbox_count("lpt-cmht-city-east").await > 0);
    let asked = clinic.asked();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(clinic.asked() <= asked + 1, "an attempt may have been under way, and none follows");
    assert!(clinic.taken().is_empty());
}

#[tokio::test]
async fn an_objection_to_one_kind_of_information_sends_a_smaller_copy_in_the_place_of_the_old() {
    let (gateway, clinic) = held().await;
    let message = referred(&gateway, "smaller-1").await;
    let objection = consent(ADA, "2026-11-20T10:00:00Z", about("deny", "harbour-clinic", &["medication"]));
    told(gateway.record(GP, &objection).await, 201).await;
    let rows = standing(&gateway, &message, "harbour-clinic").await;
    let states: Vec<&str> = rows.iter().map(|row| row["state"].as_str().unwrap()).collect();
    // an attempt that was under way keeps its place until it ends
    assert!(rows.len() == 2 && states.contains(&"pending"), "{states:?}");
    clinic.answer_well();
    until(&gateway, &message, "harbour-clinic", "stopped").await;
    let gone = until(&gateway, &message, "harbour-clinic", "delivered").await;
    let withheld: Vec<&str> =
        gone["withheld"].as_array().unwrap().iter().map(|one| one["category"].as_str().unwrap()).collect();
    assert!(withheld.contains(&"medication"), "{withheld:?}");
    let taken = clinic.taken();
    assert_eq!(taken.len(), 1);
    assert!(!taken[0].json().to_string().contains("MedicationStatement"), "{}", taken[0].json());
    // the charity never had it: its copy stands
    assert_eq!(standing(&gateway, &message, "wellbeing-roots").await.len(), 1);
}

#[tokio::test]
async fn an_objection_in_a_plan_stops_what_an_earlier_document_queued_and_governs_the_next() {
    let (gateway, clinic) = held().await;
    let message = referred(&gateway, "planned-1").await;
    let answer = gateway.post("/documents/safety-plan", TRUST, NATIVE).body(plan("safety-plan", "full").to_string());
    told(answer.send().await.unwrap(), 200).await;
    let row = until(&gateway, &message, "harbour-clinic", "stopped").await;
    assert_eq!(row["reason"], "CS-03");
    let answer = told(gateway.refer(renamed("complete", "planned-2")).await, 200).await;
    let all = answer["recipients"].as_array().unwrap();
    let of_clinic = all.iter().find(|one| one["party"] == "harbour-clinic").unwrap();
    assert_eq!((&of_clinic["release"], &of_clinic["consent_rules"]), (&json!("denied"), &json!(["CS-03"])));
    assert!(clinic.taken().is_empty());
}

#[tokio::test]
async fn what_rests_on_a_consent_that_runs_out_is_not_sent_after_it() {
    let (gateway, clinic) = held().await;
    let ends = Timestamp::now() + SignedDuration::from_secs(4);
    let mut provision = about("permit", "harbour-clinic", &["demographics", "referral-reason", "safety-plan"]);
    provision["provision"][0]["period"] = json!({"end": ends.to_string()});
    let signed = (Timestamp::now() - SignedDuration::from_hours(1)).to_string();
    told(gateway.record(TRUST, &consent(ADA, &signed, provision)).await, 201).await;
    let mut native = plan("safety-plan", "sparse");
    native["person"]["nhs_number"] = json!({"value": ADA, "verification": "verified"});
    native["copies"] = json!([{"party": "harbour-clinic"}]);
    for wishes in ["consent", "people_to_inform", "people_not_to_inform"] {
        native.as_object_mut().unwrap().remove(wishes);
    }
    let sent = gateway.post("/documents/safety-plan", TRUST, NATIVE).body(native.to_string()).send().await.unwrap();
    let answer = told(sent, 200).await;
    let message = answer["message"].as_str().unwrap();
    let of_clinic = answer["recipients"].as_array().unwrap().iter().find(|one| one["party"] == "harbour-clinic");
    assert_ne!(of_clinic.unwrap()["release"], "denied", "{answer:#}");
    let mut row = Value::Null;
    for _ in 0..400 {
        let status = gateway.get(&format!("/messages/{message}"), TRUST).send().await.unwrap();
        let status = told(status, 200).await;
        row = status["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|d| d["recipient"] == "harbour-clinic")
            .unwrap()
            .clone();
        if row["state"] != "pending" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!((&row["state"], &row["reason"]), (&json!("stopped"), &json!("CS-18")));
    assert!(Timestamp::now() >= ends, "not before its time");
    clinic.answer_well();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(clinic.taken().is_empty());
}

/// A clinic that takes a message only when the test lets it.
#[derive(Clone)]
struct Slow {
    address: SocketAddr,
    begun: Arc<Notify>,
    go: Arc<Notify>,
}

impl Slow {
    async fn listen(answer: StatusCode) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let slow = Self { address: listener.local_addr().unwrap(), begun: Arc::default(), go: Arc::default() };
        let (begun, go) = (slow.begun.clone(), slow.go.clone());
        let handler = move || {
            let (begun, go) = (begun.clone(), go.clone());
            async move {
                begun.notify_one();
                go.notified().await;
                answer
            }
        };
        let router = Router::new().route("/fhir/$process-message", post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        slow
    }
}

/// Withdraws while the attempt is under way, then lets it end with this answer.
async fn withdrawn_under_way(answer: StatusCode) -> (TestGateway, String, Value) {
    let slow = Slow::listen(answer).await;
    // the recipient of the test support has the port; the clinic's own address is put in its place
    let mut clinic = Recipient::listen().await;
    clinic.address = slow.address;
    let gateway = TestGateway::start_with(&Recipient::listen().await, &clinic, slowly).await;
    let message = referred(&gateway, "under-way-1").await;
    slow.begun.notified().await;
    let found = gateway.search(TRUST, ADA).await;
    told(gateway.withdraw(GP, entries(&found)[0]).await, 200).await;
    let row = standing(&gateway, &message, "harbour-clinic").await[0].clone();
    assert_eq!(row["state"], "pending", "it cannot be told yet whether it has gone");
    slow.go.notify_one();
    (gateway, message, row)
}

#[tokio::test]
async fn an_attempt_under_way_that_succeeds_is_recorded_as_gone() {
    let (gateway, message, _) = withdrawn_under_way(StatusCode::OK).await;
    let row = until(&gateway, &message, "harbour-clinic", "delivered").await;
    assert_eq!(row["attempts"], 1);
    assert_eq!(standing(&gateway, &message, "harbour-clinic").await.len(), 1);
}

#[tokio::test]
async fn an_attempt_under_way_that_fails_is_the_last_and_is_recorded_as_stopped() {
    let (gateway, message, _) = withdrawn_under_way(StatusCode::SERVICE_UNAVAILABLE).await;
    let row = until(&gateway, &message, "harbour-clinic", "stopped").await;
    assert_eq!((&row["attempts"], &row["reason"]), (&json!(1), &json!("CS-17")));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(standing(&gateway, &message, "harbour-clinic").await[0]["attempts"], 1);
}

#[tokio::test]
async fn messages_and_withdrawals_that_cross_leave_nothing_queued_that_may_not_go() {
    let (gateway, clinic) = held().await;
    let gateway = Arc::new(gateway);
    let objection = consent(ADA, "2026-11-20T10:00:00Z", about("deny", "harbour-clinic", &[]));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..6 {
        let gateway = gateway.clone();
        tasks.spawn(async move { referred(&gateway, &format!("crossing-{number}")).await });
    }
    let recording = {
        let (gateway, objection) = (gateway.clone(), objection.clone());
        tokio::spawn(async move { told(gateway.record(TRUST, &objection).await, 201).await })
    };
    let messages: Vec<String> = tasks.join_all().await;
    recording.await.unwrap();
    // whichever way they crossed: denied, or stopped, and nothing waits
    for message in &messages {
        for _ in 0..200 {
            let rows = standing(&gateway, message, "harbour-clinic").await;
            if rows.iter().all(|row| row["state"] == "stopped") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let rows = standing(&gateway, message, "harbour-clinic").await;
        assert!(rows.iter().all(|row| row["state"] == "stopped"), "{rows:#?}");
    }
    assert!(clinic.taken().is_empty());
}

#[tokio::test]
async fn an_emergency_found_not_appropriate_ends_and_its_copy_is_stopped() {
    let gateway = TestGateway::alone().await;
    let objection = |to: &str| json!({"recipient": {"party": to}});
    let emergency = json!({
        "person": ADA, "professional": "Ali Example, nurse", "reason": "Found on a bridge", "team": "lpt-crht",
    });
    let made = told(gateway.claim("emergency", TRUST, &emergency).await, 201).await;
    let mut native: Value = serde_json::from_str(&renamed("complete", "emergency-1")).unwrap();
    native["response"] = "crisis".into();
    native["consent"]["objections"] = json!([objection("lpt-crht"), objection("lpt-cap")]);
    let answer = told(gateway.refer(native.to_string()).await, 200).await;
    let crisis = |answer: &Value, party: &str| {
        let all = answer["recipients"].as_array().unwrap();
        all.iter().find(|one| one["party"] == party).map(|one| one["consent_rules"].clone())
    };
    let team = "lpt-crht";
    let rules = crisis(&answer, team).unwrap();
    assert!(rules.as_array().unwrap().contains(&json!("CS-10")), "{answer:#}");
    assert_eq!(gateway.inbox_count(team).await, 1);

    let path = format!("/consent/reviews/{}", made["id"].as_str().unwrap());
    let verdict = json!({"reviewer": "Dr B Example", "verdict": "not-appropriate"});
    told(gateway.post(&path, TRUST, NATIVE).body(verdict.to_string()).send().await.unwrap(), 200).await;
    assert_eq!(gateway.inbox_count(team).await, 0, "nobody had opened it");
    let row = &standing(&gateway, answer["message"].as_str().unwrap(), team).await[0];
    assert_eq!(row["state"], "stopped");
    assert_ne!(gateway.get("/inbox", CHARITY).send().await.unwrap().status(), 500);
}

/// Answers for nothing: whoever is not answered for is stopped.
struct Silent;

impl Reconsider for Silent {
    fn reconsider(&self, _: &PersonKey, _: &[PersonRecord], _: Vec<Queued>) -> Vec<Reconsidered> {
        Vec::new()
    }
}

/// Fails.
struct Broken;

impl Reconsider for Broken {
    fn reconsider(&self, _: &PersonKey, _: &[PersonRecord], _: Vec<Queued>) -> Vec<Reconsidered> {
        panic!("the deciding fails")
    }
}

/// Keeps all.
struct Keeper;

impl Reconsider for Keeper {
    fn reconsider(&self, _: &PersonKey, _: &[PersonRecord], queued: Vec<Queued>) -> Vec<Reconsidered> {
        let keep = |item: Queued| Reconsidered {
            delivery: item.delivery,
            fate: Fate::Keep { relied_until: Some(Timestamp::now() - SignedDuration::from_secs(1)) },
            decision: None,
            audit: Vec::new(),
            under_way: Vec::new(),
        };
        queued.into_iter().map(keep).collect()
    }
}

/// The pseudonym of the one person this gateway knows of.
async fn the_person(gateway: &TestGateway) -> PersonKey {
    let page = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let named = page.iter().find_map(|entry| {
        let body: Value = serde_json::from_str(&entry.body).unwrap();
        body["person"].as_str().map(str::to_owned)
    });
    PersonKey::from_digest(named.unwrap())
}

/// A change by one who decides the queue like this.
pub(crate) async fn changed_with(gateway: &TestGateway, with: Arc<dyn Reconsider>) -> Option<Changed> {
    changed(gateway, with, 0).await
}

async fn changed(gateway: &TestGateway, with: Arc<dyn Reconsider>, off: i64) -> Option<Changed> {
    let store = &gateway.running.store;
    let person = the_person(gateway).await;
    let kept = store.kept(&person).await.unwrap();
    let mut record = kept.records[0].clone();
    record.version += 1;
    let new = cmht_gateway::store::NewRecord { record, replaces: Vec::new(), to_review: false };
    let change = RecordChange {
        person,
        based_on: kept.revision + off,
        at: Timestamp::now(),
        records: vec![new],
        review: None,
        audit: Vec::new(),
        opened: None,
    };
    store.change_records(change, with).await.ok()
}

#[tokio::test]
async fn what_is_not_answered_for_is_stopped_and_a_failure_changes_nothing() {
    let (gateway, clinic) = held().await;
    let message = referred(&gateway, "silent-1").await;
    assert_eq!(changed(&gateway, Arc::new(Silent), 1).await, Some(Changed::Stale));
    assert_eq!(changed(&gateway, Arc::new(Broken), 0).await, None);
    assert_eq!(standing(&gateway, &message, "harbour-clinic").await[0]["state"], "pending");
    let before = gateway.inbox_count("wellbeing-roots").await;
    assert!(
        matches!(changed(&gateway, Arc::new(Silent), 0).await, Some(Changed::Stored { stopped, .. }) if stopped >= 2)
    );
    let row = until(&gateway, &message, "harbour-clinic", "stopped").await;
    assert_eq!(row["reason"], "GW-99");
    assert_eq!((before, gateway.inbox_count("wellbeing-roots").await), (1, 0));
    assert!(clinic.taken().is_empty());
}

#[tokio::test]
async fn what_is_past_its_time_is_swept_before_anything_is_leased_and_cannot_be_opened() {
    let (gateway, clinic) = held().await;
    let message = referred(&gateway, "swept-1").await;
    let item = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap()[0].delivery;
    assert!(matches!(changed(&gateway, Arc::new(Keeper), 0).await, Some(Changed::Stored { stopped: 0, .. })));
    let opened = gateway.get(&format!("/inbox/{item}"), CHARITY).send().await.unwrap();
    assert_eq!(opened.status(), 404);
    for recipient in ["harbour-clinic", "wellbeing-roots"] {
        let row = until(&gateway, &message, recipient, "stopped").await;
        assert_eq!(row["reason"], "CS-18");
    }
    assert!(clinic.taken().is_empty());
}
