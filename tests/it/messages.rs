//! One referral across the gateway: what the sender is told, what each recipient gets, what a repeat does.

use serde_json::Value;

use crate::support::{CHARITY, CLINIC, GP, Recipient, TRUST, TestGateway, example, message, party, renamed};

fn recipient<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["party"] == id)
        .unwrap_or_else(|| panic!("{id} in {answer}"))
}

#[tokio::test]
async fn a_complete_referral_goes_whole_to_the_access_point_and_reduced_to_the_charity() {
    let clinic = Recipient::listen().await;
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let answer: Value = gateway.refer(example("complete")).await.json().await.unwrap();
    assert_eq!(recipient(&answer, "lpt-cap")["release"], "whole");
    assert_eq!(recipient(&answer, "lpt-cap")["rule"], "RT-02");
    let charity = recipient(&answer, "wellbeing-roots");
    assert_eq!(charity["release"], "reduced");
    let withheld: Vec<&str> =
        charity["withheld"].as_array().unwrap().iter().map(|w| w["category"].as_str().unwrap()).collect();
    for category in ["medication", "mental-health-history", "substance-use"] {
        assert!(withheld.contains(&category), "{category} withheld: {withheld:?}");
    }
    assert!(charity["withheld"].as_array().unwrap().iter().all(|w| w["rule"].as_str().unwrap().starts_with("CS-")));
    assert_eq!(answer["missing"].as_array().unwrap().len(), 0, "{}", answer["missing"]);
    gateway.settled().await;
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
    assert_eq!(gateway.inbox_count("wellbeing-roots").await, 1);
    assert_eq!(clinic.taken().len(), 1);
}

/// Puts a marker at the end of each text.
fn mark(value: &mut Value, marker: &str) {
    match value {
        Value::String(text) => text.push_str(marker),
        Value::Array(list) => list.iter_mut().for_each(|item| mark(item, marker)),
        Value::Object(map) => {
            for (_, value) in map.iter_mut().filter(|(key, value)| *key == "text" || !value.is_string()) {
                mark(value, marker);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn what_is_withheld_is_in_no_byte_that_leaves() {
    let clinic = Recipient::listen().await;
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    // No copy carries what its recipient may not have.
    for (key, marker) in [("substance_use", " MARKSUB"), ("medication", " MARKMED"), ("family_history", " MARKFAM")] {
        mark(&mut referral[key], marker);
    }
    assert_eq!(gateway.refer(referral.to_string()).await.status(), 200);
    gateway.settled().await;
    let whole = gateway.running.store.inbox(&party("lpt-cap")).await.unwrap();
    let charity = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap();
    let holds = |bytes: &[u8], marker: &str| String::from_utf8_lossy(bytes).contains(marker);
    for (marker, to_clinic) in [("MARKSUB", false), ("MARKMED", true), ("MARKFAM", false)] {
        assert!(holds(&whole[0].body, marker), "the access point gets {marker}");
        assert!(!holds(&charity[0].body, marker), "the charity does not get {marker}");
        assert_eq!(holds(&clinic.taken()[0].body, marker), to_clinic, "{marker} at the clinic");
    }
}

#[tokio::test]
async fn an_incomplete_referral_is_accepted_delivered_and_each_missing_item_is_asked_for() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let response = gateway.refer(example("incomplete")).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    let missing = answer["missing"].as_array().unwrap();
    assert!(missing.len() >= 5, "{missing:?}");
    for item in missing {
        assert!(item["pointer"].as_str().unwrap().starts_with('/'));
        assert!(!item["ask"].as_str().unwrap().is_empty());
        let rule = format!("referral-item-{}", item["item"]);
        let issues = answer["outcome"]["issue"].as_array().unwrap();
        let issue = issues.iter().find(|i| i["expression"][0] == item["pointer"]).unwrap();
        assert_eq!(issue["details"]["coding"][0]["code"], rule.as_str());
    }
    gateway.settled().await;
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
    let asked = gp.taken();
    assert_eq!(asked.len(), 1);
    let task =
        asked[0].json()["entry"].as_array().unwrap().iter().find(|e| e["resource"]["resourceType"] == "Task").unwrap()
            ["resource"]
            .clone();
    assert_eq!(task["input"].as_array().unwrap().len(), missing.len());
    // The request names items, never the person.
    let referral: Value = serde_json::from_str(&example("incomplete")).unwrap();
    let text = String::from_utf8_lossy(&asked[0].body).to_string();
    for personal in ["names", "nhs_number", "birth_date", "addresses", "telecoms"]
        .iter()
        .flat_map(|key| personal_values(&referral["person"][key]))
    {
        assert!(!text.contains(&personal), "{personal}");
    }
}

fn personal_values(person: &Value) -> Vec<String> {
    match person {
        Value::String(text) if text.len() > 6 => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(personal_values).collect(),
        Value::Object(map) => map.values().flat_map(personal_values).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_fhir_message_in_json_and_in_xml_is_one_message() {
    let gateway = TestGateway::alone().await;
    let bundle = message("complete");
    let first = gateway.send(&bundle).await;
    assert_eq!(first.status(), 200);
    let first = first.text().await.unwrap();
    let xml = cmht_gateway::fhir::write(&bundle, cmht_gateway::fhir::Format::Xml).unwrap();
    let again = gateway.post("/fhir/$process-message", GP, "application/fhir+xml").body(xml).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.text().await.unwrap(), first);
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
    let answer: Value = serde_json::from_str(&first).unwrap();
    assert!(cmht_gateway::fhir::strict(&answer).is_empty(), "our answer is valid R4");
}

#[tokio::test]
async fn an_answer_comes_as_xml_when_asked_for() {
    let gateway = TestGateway::alone().await;
    let body = message("complete").to_string();
    let response = gateway
        .post("/fhir/$process-message", GP, "application/fhir+json")
        .header("accept", "application/fhir+xml")
        .body(body)
        .send()
        .await
        .unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/fhir+xml"));
    assert!(response.text().await.unwrap().contains("<OperationOutcome"));
}

#[tokio::test]
async fn the_same_identifier_with_other_content_is_a_duplicate() {
    let gateway = TestGateway::alone().await;
    assert_eq!(gateway.refer(renamed("complete", "same-1")).await.status(), 200);
    let mut other: Value = serde_json::from_str(&renamed("complete", "same-1")).unwrap();
    other["person"]["names"][0]["given"] = serde_json::json!(["Somebody"]);
    let response = gateway.refer(other.to_string()).await;
    assert_eq!(response.status(), 409);
    let outcome: Value = response.json().await.unwrap();
    assert_eq!(outcome["issue"][0]["code"], "duplicate");
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
}

#[tokio::test]
async fn fifty_equal_messages_at_once_are_one_message() {
    let gateway = TestGateway::alone().await;
    let sends = (0..50).map(|_| gateway.refer(renamed("complete", "race-1")));
    let answers = futures_join(sends).await;
    let mut texts = Vec::new();
    for answer in answers {
        assert_eq!(answer.status(), 200);
        texts.push(answer.text().await.unwrap());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "all got the same answer");
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
}

async fn futures_join<F: Future<Output = reqwest::Response>>(
    futures: impl Iterator<Item = F>,
) -> Vec<reqwest::Response> {
    let mut pinned: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    // Poll all of them together, so that they really race.
    let mut results: Vec<Option<reqwest::Response>> = pinned.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, slot) in pinned.iter_mut().zip(results.iter_mut()) {
            if slot.is_none()
                && let std::task::Poll::Ready(response) = future.as_mut().poll(cx)
            {
                *slot = Some(response);
            }
        }
        if results.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.extend(results.into_iter().flatten());
    done
}

#[tokio::test]
async fn an_organisation_sends_only_as_itself() {
    let gateway = TestGateway::alone().await;
    let response =
        gateway.post("/documents/referral", CLINIC, "application/json").body(example("complete")).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(gateway.inbox_count("lpt-cap").await, 0);
}

#[tokio::test]
async fn every_name_a_message_gives_its_sender_must_be_the_callers() {
    let gateway = TestGateway::alone().await;
    let mut other_ods: Value = serde_json::from_str(&renamed("complete", "spoof-1")).unwrap();
    other_ods["referrer"]["organisation"]["ods"] = "Y90002".into();
    assert_eq!(gateway.refer(other_ods.to_string()).await.status(), 403, "own party id, another practice's ODS code");
    let mut unknown: Value = serde_json::from_str(&renamed("complete", "spoof-2")).unwrap();
    unknown["referrer"]["organisation"]["party"] = "nobody-knows".into();
    assert_eq!(gateway.refer(unknown.to_string()).await.status(), 403, "a party nobody knows");
    let mut bundle = message("complete");
    for entry in bundle["entry"].as_array_mut().unwrap() {
        if entry["resource"]["resourceType"] == "MessageHeader" {
            let sender = serde_json::json!({"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y90002"}});
            entry["resource"]["sender"] = sender;
        }
    }
    assert_eq!(gateway.send(&bundle).await.status(), 403, "a header in another practice's name");
    assert_eq!(gateway.inbox_count("lpt-cap").await, 0);
}

#[tokio::test]
async fn a_crisis_referral_reaches_the_crisis_team_though_the_access_point_may_not_have_it() {
    let gateway = TestGateway::alone().await;
    let mut referral: Value = serde_json::from_str(&renamed("complete", "crisis-1")).unwrap();
    referral["response"] = "crisis".into();
    let objection = serde_json::json!({"recipient": {"party": "lpt-cap"}});
    referral["consent"]["objections"].as_array_mut().unwrap().push(objection);
    let response = gateway.refer(referral.to_string()).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(recipient(&answer, "lpt-crht")["release"], "whole");
    assert_eq!(recipient(&answer, "lpt-cap")["release"], "denied");
    assert!(answer["outcome"].to_string().contains("Ring them now"), "the sender is told loudly");
    assert_eq!(gateway.inbox_count("lpt-crht").await, 1);
    assert_eq!(gateway.inbox_count("lpt-cap").await, 0);
}

#[tokio::test]
async fn a_crisis_referral_that_can_go_to_nobody_says_first_to_ring() {
    let gateway = TestGateway::alone().await;
    let mut referral: Value = serde_json::from_str(&renamed("complete", "crisis-2")).unwrap();
    referral["response"] = "crisis".into();
    let objection = serde_json::json!({"recipient": {"party": "lpt"}});
    referral["consent"]["objections"].as_array_mut().unwrap().push(objection);
    let response = gateway.refer(referral.to_string()).await;
    assert_eq!(response.status(), 422);
    let outcome: Value = response.json().await.unwrap();
    assert!(outcome["issue"][0]["diagnostics"].as_str().unwrap().contains("ring the crisis team now"));
    assert_eq!(gateway.inbox_count("lpt-crht").await, 0);
}

#[tokio::test]
async fn a_consent_about_something_else_decides_nothing_and_is_in_no_cut_copy() {
    let clinic = Recipient::listen().await;
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let mut bundle = message("complete");
    let entries = bundle["entry"].as_array_mut().unwrap();
    let mut consent = entries.iter().find(|e| e["resource"]["resourceType"] == "Consent").unwrap().clone();
    consent["fullUrl"] = "urn:uuid:00000000-0000-4000-8000-0000000000c2".into();
    consent["resource"]["id"] = "00000000-0000-4000-8000-0000000000c2".into();
    consent["resource"]["scope"] = serde_json::json!({"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "adr"}
    ]});
    consent["resource"]["provision"] = serde_json::json!({"type": "deny",
        "actor": [{"role": {"text": "recipient"}, "reference": {"identifier":
            {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y90020"}}}],
        "class": [{"system": "https://fhir.cmht-gateway.example/CodeSystem/data-category", "code": "medication"}]});
    entries.push(consent);
    assert_eq!(gateway.send(&bundle).await.status(), 200);
    gateway.settled().await;
    let copy = clinic.taken()[0].json();
    let kinds: Vec<&Value> = copy["entry"].as_array().unwrap().iter().map(|e| &e["resource"]["resourceType"]).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "Consent").count(), 1, "{kinds:?}");
    assert!(kinds.iter().any(|kind| *kind == "MedicationStatement"));
}

#[tokio::test]
async fn what_was_accepted_stays_accepted_whatever_changes_afterwards() {
    let gateway = TestGateway::alone().await;
    let mut referral: Value = serde_json::from_str(&renamed("complete", "later-1")).unwrap();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let objection = serde_json::json!({"recipient": {"party": "lpt"}, "from": soon.to_string()});
    referral["consent"]["objections"].as_array_mut().unwrap().push(objection);
    let first = gateway.refer(referral.to_string()).await;
    assert_eq!(first.status(), 200);
    let first = first.text().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    let again = gateway.refer(referral.to_string()).await;
    assert_eq!((again.status().as_u16(), again.text().await.unwrap()), (200, first));
}

#[tokio::test]
async fn a_message_is_shown_to_its_sender_and_to_nobody_else() {
    let gateway = TestGateway::alone().await;
    let answer: Value = gateway.refer(example("complete")).await.json().await.unwrap();
    let path = format!("/messages/{}", answer["message"].as_str().unwrap());
    assert_eq!(gateway.get(&path, GP).send().await.unwrap().status(), 200);
    let others = gateway.get(&path, CLINIC).send().await.unwrap();
    assert_eq!(others.status(), 404);
    let never = gateway.get("/messages/00000000-0000-7000-8000-000000000000", GP).send().await.unwrap();
    assert_eq!(never.status(), 404);
    assert_eq!(
        others.text().await.unwrap(),
        never.text().await.unwrap(),
        "CS-22: not yours and not there read the same"
    );
}

#[tokio::test]
async fn an_inbox_item_is_read_by_its_recipient_and_by_nobody_else() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await;
    let list: Value = gateway.get("/inbox", CHARITY).send().await.unwrap().json().await.unwrap();
    let id = list["items"][0]["id"].as_str().unwrap();
    assert_eq!(list["items"][0]["read"], Value::Null);
    let item = gateway.get(&format!("/inbox/{id}"), CHARITY).send().await.unwrap();
    assert_eq!(item.status(), 200);
    assert_eq!(item.json::<Value>().await.unwrap()["resourceType"], "Bundle");
    let list: Value = gateway.get("/inbox", CHARITY).send().await.unwrap().json().await.unwrap();
    assert!(list["items"][0]["read"].is_string());
    for other in [GP, TRUST, CLINIC] {
        assert_eq!(gateway.get(&format!("/inbox/{id}"), other).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn a_person_in_crisis_without_an_nhs_number_reaches_the_crisis_team_at_once() {
    let gateway = TestGateway::alone().await;
    let referral: Value = serde_json::from_str(&example("no-nhs-number")).unwrap();
    assert_eq!(referral["response"], "crisis", "the example asks for a crisis response");
    let response =
        gateway.post("/documents/referral", TRUST, "application/json").body(referral.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    assert_eq!(gateway.inbox_count("lpt-crht").await, 1);
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1);
}

#[tokio::test]
async fn the_schema_of_every_kind_is_published() {
    let gateway = TestGateway::alone().await;
    let get = |path: &str| gateway.get(path, GP).send();
    let kinds = cmht_gateway::documents::SCHEMAS.iter().map(|(kind, _)| kind.code());
    for kind in kinds.chain(["parts"]) {
        let answer = get(&format!("/documents/{kind}/schema")).await.unwrap();
        assert_eq!(answer.status(), 200, "{kind}");
        let schema: Value = answer.json().await.unwrap();
        assert_eq!(schema["$id"], format!("https://fhir.cmht-gateway.example/schema/{kind}/v1"));
    }
    assert_eq!(get("/documents/information-request/schema").await.unwrap().status(), 404);
}

#[tokio::test]
async fn an_inbox_of_many_pages_says_how_much_there_is_and_every_item_is_on_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("test.db");
    let gateway = TestGateway::alone_in(&database).await;
    gateway.refer(example("complete")).await;
    gateway.settled().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    // made of the one that came: 450 more, of which the oldest would be on no page of 200 without the second and third
    let columns = "message_id, recipient, person_key, kind, channel, media_type, priority, body, withheld, created_at, \
                   state, next_attempt_at, delivered_at";
    let copies = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) \
         INSERT INTO delivery (id, {columns}) SELECT printf('00000000-0000-4000-8000-%012d', i), {columns} FROM n, \
         (SELECT * FROM delivery WHERE recipient = 'lpt-cap' AND channel = 'inbox' LIMIT 1)"
    );
    sqlx::query(sqlx::AssertSqlSafe(copies)).execute(&pool).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let mut path = Some("/inbox".to_owned());
    while let Some(next) = path {
        let page: serde_json::Value = gateway.get(&next, TRUST).send().await.unwrap().json().await.unwrap();
        assert_eq!((&page["total"], &page["unread"]), (&451.into(), &451.into()), "{next}");
        for item in page["items"].as_array().unwrap() {
            assert!(seen.insert(item["id"].to_string()), "on two pages");
        }
        path = page["next"].as_str().map(|link| link[link.find("/inbox").unwrap()..].to_owned());
    }
    assert_eq!(seen.len(), 451);
    for wrong in ["/inbox?page=0", "/inbox?page=x", "/inbox?limit=9"] {
        assert_eq!(gateway.get(wrong, TRUST).send().await.unwrap().status(), 400, "{wrong}");
    }
}
