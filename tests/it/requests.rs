//! A request followed from its sender to its end, over HTTP: who may say what, who is told, and what nobody finds.

use serde_json::{Value, json};

use crate::consent_records::{NATIVE, told};
use crate::support::{CHARITY, CLINIC, GP, Recipient, TRUST, TestGateway, example, message, party, plan};

const FHIR: &str = "application/fhir+json";
const EAST: &str = "lpt-cmht-city-east";

/// Sends the complete referral; its message id.
async fn referred(gateway: &TestGateway, id: &str) -> String {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = id.into();
    let answer = told(gateway.refer(referral.to_string()).await, 200).await;
    answer["message"].as_str().unwrap().to_owned()
}

async fn say(gateway: &TestGateway, who: (&str, &str), request: &str, body: Value, status: u16) -> Value {
    let path = format!("/requests/{request}/status");
    told(gateway.post(&path, who, NATIVE).body(body.to_string()).send().await.unwrap(), status).await
}

async fn tasks(gateway: &TestGateway, who: (&str, &str), request: &str) -> Vec<Value> {
    let found = told(gateway.get(&format!("/requests/{request}"), who).send().await.unwrap(), 200).await;
    found["tasks"].as_array().unwrap().clone()
}

fn of<'a>(tasks: &'a [Value], owner: &str) -> &'a Value {
    tasks.iter().rev().find(|task| task["owner"] == owner).unwrap_or_else(|| panic!("{owner} in {tasks:#?}"))
}

fn names(told: &Value) -> Vec<&str> {
    told["told"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// Status updates a recipient's system was sent: business status and reason of each.
fn updates(recipient: &Recipient) -> Vec<(String, Option<String>)> {
    let all = recipient.taken();
    let tasks = all.iter().filter_map(|arrived| {
        let bundle = arrived.json();
        let task =
            bundle["entry"].as_array()?.iter().find(|e| e["resource"]["resourceType"] == "Task")?["resource"].clone();
        let status = task.pointer("/businessStatus/coding/0/code")?.as_str()?.to_owned();
        let reason = task.pointer("/statusReason/text").and_then(Value::as_str).map(str::to_owned);
        Some((status, reason))
    });
    tasks.collect()
}

#[tokio::test]
async fn a_referral_goes_from_the_access_point_to_its_team_and_its_sender_hears_of_every_step() {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    let gateway = TestGateway::start(&gp, &clinic).await;
    let request = referred(&gateway, "followed-1").await;
    let before = gateway.inbox_count(EAST).await;
    let found = tasks(&gateway, GP, &request).await;
    assert_eq!(of(&found, "lpt-cap")["status"], "received");
    assert_eq!(of(&found, "wellbeing-roots")["role"], "copy");

    // the sender cannot accept its own referral, and a copy is no task
    let cap = of(&found, "lpt-cap")["task"].clone();
    say(&gateway, GP, &request, json!({"task": cap, "status": "accepted"}), 403).await;
    let accepted = say(&gateway, TRUST, &request, json!({"task": cap, "status": "accepted", "team": EAST}), 200).await;
    assert_eq!(accepted["next"], EAST);
    let all = names(&accepted);
    for party in ["demo-gp", EAST, "wellbeing-roots", "harbour-clinic"] {
        assert!(all.contains(&party), "{party} in {all:?}");
    }
    gateway.settled().await;
    // the referral itself and what became of it
    assert_eq!(gateway.inbox_count(EAST).await, before + 2);
    let found = tasks(&gateway, GP, &request).await;
    assert_eq!(
        (&of(&found, "lpt-cap")["role"], &of(&found, "lpt-cap")["fhir_status"]),
        (&json!("passed-on"), &json!("completed"))
    );
    let east = of(&found, EAST);
    assert_eq!((&east["status"], &east["role"]), (&json!("accepted"), &json!("responsible")));
    let task = east["task"].clone();
    // what the access point accepted is not declined by the team
    say(&gateway, TRUST, &request, json!({"task": task, "status": "declined", "reason": "full"}), 409).await;

    say(&gateway, TRUST, &request, json!({"task": task, "status": "more-information-needed"}), 422).await;
    let asks = json!({"task": task, "status": "more-information-needed", "reason": "Has lithium been tried?"});
    say(&gateway, TRUST, &request, asks, 200).await;
    let answer = json!({"task": task, "status": "information-given", "reason": "Yes, until 2024."});
    let given = say(&gateway, GP, &request, answer, 200).await;
    assert_eq!(given["status"], "accepted", "it stands as it stood before");
    for status in ["allocated", "contacted", "assessed", "completed"] {
        say(&gateway, TRUST, &request, json!({"task": task, "status": status}), 200).await;
    }
    gateway.settled().await;
    let heard: Vec<String> = updates(&gp).into_iter().map(|(status, _)| status).collect();
    let expected = ["accepted", "more-information-needed", "allocated", "contacted", "assessed", "completed"];
    assert_eq!(heard, expected);
    assert_eq!(updates(&gp)[1].1.as_deref(), Some("Has lithium been tried?"));
    // a copy outside the care team hears the status and not the reason
    let outside = updates(&clinic);
    assert!(outside.iter().any(|(status, _)| status == "completed"), "{outside:?}");
    assert!(outside.iter().all(|(_, reason)| reason.is_none()), "{outside:?}");
    let steps = of(&tasks(&gateway, TRUST, &request).await, EAST)["steps"].as_array().unwrap().len();
    assert_eq!(steps, 7, "opened, asked, answered and four more");
    let care = gateway.running.store.events_page(0, 100).await.unwrap();
    let kinds: Vec<&str> = care.iter().map(|(_, event)| event.kind.code()).collect();
    let expected = [
        "referral-received",
        "accepted",
        "information-asked",
        "information-given",
        "allocated",
        "contacted",
        "assessed",
        "completed",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(care[1].1.team, Some(party(EAST)), "who answers for it from now on");
}

#[tokio::test]
async fn the_same_step_again_is_one_step_and_of_two_from_one_version_one_wins() {
    let gateway = TestGateway::alone().await;
    let request = referred(&gateway, "twice-1").await;
    let cap = of(&tasks(&gateway, TRUST, &request).await, "lpt-cap")["task"].clone();
    let step = json!({"task": cap, "status": "triaged", "id": "018f0000-0000-7000-8000-000000000001"});
    let first = say(&gateway, TRUST, &request, step.clone(), 200).await;
    let again = say(&gateway, TRUST, &request, step, 200).await;
    assert_eq!((&first["version"], &again["version"], &again["repeated"]), (&json!(2), &json!(2), &json!(true)));
    let other =
        json!({"task": cap, "status": "declined", "reason": "no", "id": "018f0000-0000-7000-8000-000000000001"});
    say(&gateway, TRUST, &request, other, 409).await;

    let (one, two) = (
        json!({"task": cap, "status": "accepted", "team": EAST}),
        json!({"task": cap, "status": "declined", "reason": "not ours"}),
    );
    let path = format!("/requests/{request}/status");
    let send = |body: Value| gateway.post(&path, TRUST, NATIVE).body(body.to_string()).send();
    let (one, two) = tokio::join!(send(one), send(two));
    let (one, two) = (one.unwrap(), two.unwrap());
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    // whoever is second finds it accepted and passed on, or declined
    assert!(statuses == [200, 409] || statuses == [200, 403], "{statuses:?}");
    let lost: Value = if one.status() == 200 { two.json().await.unwrap() } else { one.json().await.unwrap() };
    assert!(lost["issue"][0]["diagnostics"].as_str().unwrap().contains("version 3"), "{lost}");
}

#[tokio::test]
async fn who_has_no_standing_finds_nothing_whether_there_is_something_or_not() {
    let gateway = TestGateway::alone().await;
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral.as_object_mut().unwrap().remove("copies");
    let answer = told(gateway.refer(referral.to_string()).await, 200).await;
    let request = answer["message"].as_str().unwrap().to_owned();
    let task = of(&tasks(&gateway, GP, &request).await, "lpt-cap")["task"].as_str().unwrap().to_owned();
    let nothing = "018f0000-0000-7000-8000-000000000009";
    let body = json!({"status": "accepted"}).to_string();
    for (there, not) in [
        (format!("/requests/{request}"), format!("/requests/{nothing}")),
        (format!("/fhir/Task/{task}"), format!("/fhir/Task/{nothing}")),
    ] {
        let one = told(gateway.get(&there, CHARITY).send().await.unwrap(), 404).await;
        let two = told(gateway.get(&not, CHARITY).send().await.unwrap(), 404).await;
        assert_eq!(one, two);
    }
    let post = |id: &str| gateway.post(&format!("/requests/{id}/status"), CHARITY, NATIVE).body(body.clone()).send();
    let one = told(post(&request).await.unwrap(), 404).await;
    assert_eq!(one, told(post(nothing).await.unwrap(), 404).await);
    let found = told(gateway.get("/requests", CHARITY).send().await.unwrap(), 200).await;
    assert_eq!(found["requests"], json!([]));
    let recall = |id: &str| {
        gateway
            .post(&format!("/messages/{id}/recall"), CLINIC, NATIVE)
            .body(json!({"status": "cancelled"}).to_string())
            .send()
    };
    let one = told(recall(&request).await.unwrap(), 404).await;
    assert_eq!(one, told(recall(nothing).await.unwrap(), 404).await);
}

#[tokio::test]
async fn a_task_is_searched_read_and_moved_on_over_fhir_with_its_version() {
    let gateway = TestGateway::alone().await;
    let request = referred(&gateway, "fhir-1").await;
    let found = told(gateway.get("/fhir/Task?owner=lpt-cap", TRUST).send().await.unwrap(), 200).await;
    assert_eq!(found["total"], 1, "{found:#}");
    let by_request = told(gateway.get("/fhir/Task?focus-identifier=fhir-1", GP).send().await.unwrap(), 200).await;
    assert!(by_request["total"].as_u64().unwrap() >= 3, "{by_request:#}");
    let mut task = found["entry"][0]["resource"].clone();
    let id = task["id"].as_str().unwrap().to_owned();
    let read = gateway.get(&format!("/fhir/Task/{id}"), TRUST).send().await.unwrap();
    assert_eq!(read.headers()["etag"], "W/\"1\"");
    task["businessStatus"] = json!({"coding": [{"system": "https://fhir.cmht-gateway.example/CodeSystem/request-status", "code": "accepted"}]});
    task["output"] = json!([{
        "type": {"coding": [{"system": "https://fhir.cmht-gateway.example/CodeSystem/task", "code": "next-team"}]},
        "valueReference": {"identifier": {"system": "https://fhir.cmht-gateway.example/Id/party", "value": EAST}},
    }]);
    let put = |version: &str, body: &Value| {
        let (name, secret) = TRUST;
        let request = gateway.client.put(gateway.url(&format!("/fhir/Task/{id}"))).basic_auth(name, Some(secret));
        request.header("content-type", FHIR).header("if-match", version.to_owned()).body(body.to_string()).send()
    };
    let moved = told(put("W/\"1\"", &task).await.unwrap(), 200).await;
    assert_eq!((&moved["meta"]["versionId"], &moved["status"]), (&json!("2"), &json!("completed")));
    // the same again is the same step; another from the old version is told which one is current
    told(put("W/\"1\"", &task).await.unwrap(), 200).await;
    task["businessStatus"]["coding"][0]["code"] = "triaged".into();
    told(put("W/\"1\"", &task).await.unwrap(), 412).await;
    let east = of(&tasks(&gateway, TRUST, &request).await, EAST)["status"].clone();
    assert_eq!(east, "accepted");
}

/// A message with a Task in it.
fn task_message(key: &str, sender: &str, task: &Value) -> Value {
    json!({
        "resourceType": "Bundle", "type": "message", "timestamp": "2026-11-22T09:00:00Z",
        "identifier": {"system": "urn:made-up", "value": key},
        "entry": [
            {"fullUrl": "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", "resource": {
                "resourceType": "MessageHeader", "id": "h",
                "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars", "code": "servicerequest-response"},
                "source": {"endpoint": "https://made-up.example/fhir"},
                "sender": {"identifier": {"system": "https://fhir.cmht-gateway.example/Id/party", "value": sender}},
                "focus": [{"reference": "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7"}],
            }},
            {"fullUrl": "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7", "resource": task},
        ],
    })
}

#[tokio::test]
async fn a_charity_takes_a_handover_on_by_message_and_the_team_and_the_gp_are_told() {
    let gateway = TestGateway::alone().await;
    let sent = gateway.post("/documents/social-prescribing-handover", TRUST, NATIVE);
    let answer =
        told(sent.body(plan("social-prescribing-handover", "full").to_string()).send().await.unwrap(), 200).await;
    let request = answer["message"].as_str().unwrap();
    let found = tasks(&gateway, CHARITY, request).await;
    let own = of(&found, "wellbeing-roots");
    assert_eq!((&own["status"], &own["role"]), (&json!("received"), &json!("addressee")));
    let identifier = own["identifier"].as_str().unwrap().split_once('|').unwrap().1.to_owned();
    let task = |status: &str| {
        json!({
            "resourceType": "Task", "id": "t", "status": status, "intent": "order",
            "groupIdentifier": {"system": "https://fhir.cmht-gateway.example/Id/document", "value": identifier},
        })
    };
    let deliver = |bundle: Value| gateway.post("/fhir/$process-message", CHARITY, FHIR).body(bundle.to_string()).send();
    let said = told(deliver(task_message("roots-1", "wellbeing-roots", &task("accepted"))).await.unwrap(), 200).await;
    assert_eq!(said["entry"][0]["resource"]["eventCoding"]["code"], "servicerequest-response");
    // the same message again is one step
    told(deliver(task_message("roots-1", "wellbeing-roots", &task("accepted"))).await.unwrap(), 200).await;
    let found = tasks(&gateway, TRUST, request).await;
    let own = of(&found, "wellbeing-roots");
    assert_eq!((&own["status"], &own["version"]), (&json!("accepted"), &json!(2)));
    // somebody else does not speak for the charity
    let other = gateway.post("/fhir/$process-message", CLINIC, FHIR);
    told(
        other.body(task_message("roots-2", "wellbeing-roots", &task("rejected")).to_string()).send().await.unwrap(),
        403,
    )
    .await;
    let other = gateway.post("/fhir/$process-message", CLINIC, FHIR);
    told(
        other.body(task_message("roots-3", "harbour-clinic", &task("rejected")).to_string()).send().await.unwrap(),
        404,
    )
    .await;
}

#[tokio::test]
async fn a_step_that_names_another_person_or_another_request_than_its_task_is_refused() {
    let gateway = TestGateway::alone().await;
    let document = plan("social-prescribing-handover", "full");
    let mut second = document.clone();
    second["id"] = "another-handover".into();
    second.as_object_mut().unwrap().shift_remove("replaces");
    let hand_over = async |document: &Value| {
        let sent = gateway.post("/documents/social-prescribing-handover", TRUST, NATIVE).body(document.to_string());
        told(sent.send().await.unwrap(), 200).await["message"].as_str().unwrap().to_owned()
    };
    let request = hand_over(&document).await;
    hand_over(&second).await;
    let own = of(&tasks(&gateway, CHARITY, &request).await, "wellbeing-roots").clone();
    let identifier = own["identifier"].as_str().unwrap().split_once('|').unwrap().1.to_owned();
    let number = document["person"]["nhs_number"]["value"].as_str().unwrap().to_owned();
    let system = "https://fhir.cmht-gateway.example/Id/document";
    let message = |key: &str, group: &str, number: &str| {
        let task = json!({
            "resourceType": "Task", "id": "t", "status": "accepted", "intent": "order",
            "identifier": [{"system": system, "value": own["task"]}],
            "groupIdentifier": {"system": system, "value": group},
            "for": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}},
        });
        task_message(key, "wellbeing-roots", &task)
    };
    let mut answers_another = message("c-3", &identifier, &number);
    answers_another["entry"][0]["resource"]["response"] = json!({"identifier": "another-handover", "code": "ok"});
    let mut with_patient = message("c-4", &identifier, &number);
    with_patient["entry"].as_array_mut().unwrap().push(json!({
        "fullUrl": "urn:uuid:0d9c6f2e-3b0b-4c59-9f58-1f7d2c3f9a10",
        "resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Somebody"}],
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990412731"}]},
    }));
    for (bundle, wrong) in [
        (message("c-1", &identifier, "9990412731"), Some("another person")),
        (message("c-2", "T-quite-another", &number), Some("another request")),
        (answers_another, Some("another request")),
        (with_patient, Some("another person")),
        (message("c-5", &identifier, &number), None),
    ] {
        let sent = gateway.post("/fhir/$process-message", CHARITY, FHIR).body(bundle.to_string()).send().await.unwrap();
        let (status, text) = (sent.status().as_u16(), sent.text().await.unwrap());
        assert_eq!(status, if wrong.is_some() { 422 } else { 200 }, "{text}");
        assert!(wrong.is_none_or(|wrong| text.contains(wrong)), "{text}");
        let stands = of(&tasks(&gateway, CHARITY, &request).await, "wellbeing-roots")["status"].clone();
        assert_eq!(stands, if wrong.is_some() { "received" } else { "accepted" });
    }
}

#[tokio::test]
async fn what_was_missing_is_given_by_a_new_version_item_by_item_and_nobody_triages_it_again() {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    let gateway = TestGateway::start(&gp, &clinic).await;
    let mut referral: Value = serde_json::from_str(&example("incomplete")).unwrap();
    let answer = told(gateway.refer(referral.to_string()).await, 200).await;
    let request = answer["message"].as_str().unwrap().to_owned();
    let missing = answer["missing"].as_array().unwrap().len();
    let question = |found: &[Value]| found.iter().find(|task| task["kind"] == "information-request").unwrap().clone();
    let asked = question(&tasks(&gateway, GP, &request).await);
    assert_eq!((&asked["owner"], &asked["status"]), (&json!("demo-gp"), &json!("received")));
    assert_eq!(asked["reason"].as_str().unwrap().split(',').count(), missing);

    referral["replaces"] = referral["id"].clone();
    referral["id"] = "SMP-2026-00422-2".into();
    let full: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["person"]["ethnic_origin"] = full["person"]["ethnic_origin"].clone();
    let again = told(gateway.refer(referral.to_string()).await, 200).await;
    assert_eq!(again["recipients"][0]["rule"], "CS-21", "{again:#}");
    gateway.settled().await;
    let found = tasks(&gateway, GP, &request).await;
    let asked = question(&found);
    assert_eq!(asked["status"], "received");
    assert_eq!(asked["reason"].as_str().unwrap().split(',').count(), missing - 1, "still missing");
    assert_eq!(found.iter().filter(|task| task["owner"] == "lpt-cap").count(), 1, "no second task");

    for (key, value) in full.as_object().unwrap() {
        if !["id", "person", "referrer", "copies", "consent"].contains(&key.as_str()) {
            referral[key] = value.clone();
        }
    }
    for (key, value) in full["person"].as_object().unwrap() {
        if referral["person"].get(key).is_none() {
            referral["person"][key] = value.clone();
        }
    }
    referral["replaces"] = referral["id"].clone();
    referral["id"] = "SMP-2026-00422-3".into();
    let last = told(gateway.refer(referral.to_string()).await, 200).await;
    assert_eq!(last["missing"], json!([]), "{last:#}");
    let asked = question(&tasks(&gateway, GP, &request).await);
    assert_eq!(asked["status"], "completed");
    let events = gateway.running.store.events_page(0, 100).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|(_, event)| event.kind.code()).collect();
    // the last one asks for an urgent response, which the first did not
    assert_eq!(kinds, ["referral-received", "information-given", "information-given", "regraded"]);
    // asked once: what was asked for before is not asked for again
    gateway.settled().await;
    let questions =
        gp.taken().iter().filter(|arrived| arrived.json().to_string().contains("send-missing-information")).count();
    assert_eq!(questions, 1);
}

#[tokio::test]
async fn a_corrected_plan_goes_to_all_who_have_the_earlier_one_and_who_may_not_have_it_is_told_so() {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    clinic.then_answer(&[503; 400]);
    let gateway = TestGateway::start_with(&gp, &clinic, |config| config.worker.max_attempts = 1000).await;
    let mut letter = plan("discharge-letter", "full");
    let send =
        |letter: &Value| gateway.post("/documents/discharge-letter", TRUST, NATIVE).body(letter.to_string()).send();
    let first = told(send(&letter).await.unwrap(), 200).await;
    let charity = gateway.inbox_count("wellbeing-roots").await;
    assert_eq!(charity, 1);
    // corrected: the charity is not named any more, and the person's consent to it is gone
    letter["replaces"] = letter["id"].clone();
    letter["id"] = "corrected-1".into();
    for gone in ["copies", "consent"] {
        letter.as_object_mut().unwrap().remove(gone);
    }
    let second = told(send(&letter).await.unwrap(), 200).await;
    let recipients = second["recipients"].as_array().unwrap();
    assert!(recipients.iter().any(|one| one["party"] == "demo-gp" && one["release"] != "denied"), "{second:#}");
    let items = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap();
    let kinds: Vec<&str> = items.iter().map(|item| item.kind.code()).collect();
    assert!(!kinds.is_empty(), "told, one way or the other");
    let old = told(
        gateway.get(&format!("/messages/{}", first["message"].as_str().unwrap()), TRUST).send().await.unwrap(),
        200,
    )
    .await;
    let stopped = old["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["recipient"] == "wellbeing-roots" && row["kind"] == "discharge-letter");
    assert_eq!((&stopped.unwrap()["state"], &stopped.unwrap()["reason"]), (&json!("stopped"), &json!("CS-21")));
    // a version of something nobody knows is taken as new
    letter["replaces"] = "never-seen".into();
    letter["id"] = "corrected-2".into();
    let new = told(send(&letter).await.unwrap(), 200).await;
    assert!(new["outcome"].to_string().contains("not known here"), "{new:#}");
}

#[tokio::test]
async fn what_is_taken_back_ends_everywhere_and_everybody_who_had_it_is_told() {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    let gateway = TestGateway::start(&gp, &clinic).await;
    let bundle = message("complete");
    told(gateway.send(&bundle).await, 200).await;
    let key = bundle["identifier"]["value"].as_str().unwrap().to_owned();
    gateway.settled().await;
    assert_eq!(clinic.taken().len(), 1);
    let mut error = bundle.clone();
    error["identifier"]["value"] = format!("{key}-error").into();
    for entry in error["entry"].as_array_mut().unwrap() {
        if entry["resource"]["resourceType"] == "ServiceRequest" {
            entry["resource"]["status"] = "entered-in-error".into();
        }
    }
    let found = told(gateway.get("/requests", GP).send().await.unwrap(), 200).await;
    let request = found["requests"][0]["request"].as_str().unwrap().to_owned();
    told(gateway.send(&error).await, 200).await;
    gateway.settled().await;
    let found = tasks(&gateway, GP, &request).await;
    assert!(found.iter().all(|task| task["status"] == "entered-in-error"), "{found:#?}");
    assert_eq!(updates(&clinic).last().map(|(status, _)| status.as_str()), Some("entered-in-error"));
    // what nobody had opened is gone, and what happened is there instead
    let cap = gateway.running.store.inbox(&party("lpt-cap")).await.unwrap();
    assert_eq!(cap.iter().map(|item| item.kind.code()).collect::<Vec<_>>(), ["status-update"]);
    // again: the same; and nobody goes on with it
    told(gateway.send(&error).await, 200).await;
    say(&gateway, TRUST, &request, json!({"status": "accepted", "team": EAST}), 409).await;
    let events = gateway.running.store.events_page(0, 100).await.unwrap();
    assert_eq!(events.iter().filter(|(_, event)| event.kind.code() == "entered-in-error").count(), 1);
}
