//! What record systems tell with `POST /events`, what documents tell, and what comes of both: `GET /clocks` and the
//! operations page.

use cmht_gateway::model::{ClockState, DocumentKind, EventKind, MessageId};
use cmht_gateway::store::{Care, ClocksWanted};
use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example, party, plan};

async fn refer(gateway: &TestGateway, id: &str) -> (String, MessageId) {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = id.into();
    referral["response"] = "urgent".into();
    // to the trust alone
    referral.as_object_mut().unwrap().shift_remove("copies");
    let answer: Value = gateway.refer(referral.to_string()).await.json().await.unwrap();
    let message = answer["message"].as_str().unwrap().to_owned();
    (message.clone(), MessageId::parse(&message).unwrap())
}

pub(crate) async fn tell(gateway: &TestGateway, who: (&str, &str), event: &Value) -> Response {
    gateway.post("/events", who, "application/json").body(event.to_string()).send().await.unwrap()
}

pub(crate) async fn care(gateway: &TestGateway, request: &MessageId) -> Care {
    let store = &gateway.running.store;
    let person = store.person_of(request).await.unwrap().unwrap();
    store.care(&person).await.unwrap()
}

pub(crate) async fn state(gateway: &TestGateway, request: &MessageId, rule: &str) -> ClockState {
    let care = care(gateway, request).await;
    care.clocks.iter().find(|clock| clock.rule == rule).unwrap_or_else(|| panic!("{rule}: {:?}", care.clocks)).state
}

/// A moment that has passed, but came after whatever the test did before.
pub(crate) fn just_now() -> String {
    Timestamp::now().to_string()
}

#[tokio::test]
async fn a_contact_that_is_told_stops_the_clock_once() {
    let gateway = TestGateway::alone().await;
    let (request, id) = refer(&gateway, "EV-1").await;
    assert_eq!(state(&gateway, &id, "CK-01").await, ClockState::Running);
    let event = json!({"id": "c-1", "kind": "contacted", "at": just_now(), "request": {"message": request},
        "by": "lpt-cmht-city-east", "detail": {"mode": "telephone"}});
    let first = tell(&gateway, TRUST, &event).await;
    assert_eq!(first.status(), 201);
    let first = first.text().await.unwrap();
    assert_eq!(state(&gateway, &id, "CK-01").await, ClockState::Stopped);
    // the same again: the same answer, and one event
    assert_eq!(tell(&gateway, TRUST, &event).await.text().await.unwrap(), first);
    let contacts = |care: &Care| care.events.iter().filter(|event| event.kind.code() == "contacted").count();
    assert_eq!(contacts(&care(&gateway, &id).await), 1);
    // the same id with something else in it
    let mut other = event.clone();
    other["detail"]["mode"] = "video".into();
    assert_eq!(tell(&gateway, TRUST, &other).await.status(), 409);
    // told in error
    let told: Value = serde_json::from_str(&first).unwrap();
    let error = json!({"id": "c-2", "kind": "entered-in-error", "at": just_now(), "request": {"message": request},
        "detail": {"event": told["id"]}});
    let refused = tell(&gateway, GP, &error).await;
    assert_eq!(refused.status(), 422, "not theirs to take back");
    assert_eq!(tell(&gateway, TRUST, &error).await.status(), 201);
    assert_eq!(state(&gateway, &id, "CK-01").await, ClockState::Running);
    assert!(cmht_gateway::audit::verify(gateway.running.store.as_ref()).await.unwrap().is_ok());
}

#[tokio::test]
async fn only_those_with_a_part_in_the_care_tell_of_it_and_nobody_finds_out_who_is_known() {
    let gateway = TestGateway::alone().await;
    let (request, _) = refer(&gateway, "EV-2").await;
    let event = |about: Value, id: &str| {
        let mut event = json!({"id": id, "kind": "contacted", "at": just_now(), "detail": {"mode": "video"}});
        event.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
        event
    };
    let by_message = json!({"request": {"message": request}});
    let by_name = json!({"request": {"sender": "demo-gp", "identifier":
        {"system": "https://fhir.cmht-gateway.example/Id/document", "value": "EV-2"}}});
    let by_number = json!({"person": "9990718423"});
    let unknown = json!({"person": "9990412731"});
    // the clinic has nothing to do with this person
    let mut answers = Vec::new();
    for about in [&by_message, &by_number, &unknown] {
        let answer = tell(&gateway, CLINIC, &event(about.clone(), "x")).await;
        assert_eq!(answer.status(), 404);
        answers.push(answer.text().await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    // who referred does, and the trust tells of anybody
    assert_eq!(tell(&gateway, GP, &event(by_message, "x-1")).await.status(), 201);
    assert_eq!(tell(&gateway, GP, &event(by_number, "x-2")).await.status(), 201);
    assert_eq!(tell(&gateway, TRUST, &event(unknown, "x-3")).await.status(), 201);
    let named = tell(&gateway, GP, &event(by_name, "x-4")).await;
    assert_eq!(named.status(), 201, "{}", named.text().await.unwrap());
    // but only who answers for a clock pauses it
    let pause = json!({"id": "p", "kind": "paused", "at": just_now(), "request": {"message": request},
        "detail": {"reason": "person-away"}});
    assert_eq!(tell(&gateway, GP, &pause).await.status(), 403);
    assert_eq!(tell(&gateway, TRUST, &pause).await.status(), 201);
    assert_eq!(tell(&gateway, ("demo-gp", "wrong"), &pause).await.status(), 401);
}

#[tokio::test]
async fn everything_wrong_with_an_event_is_told_at_once_by_pointer() {
    let gateway = TestGateway::alone().await;
    let later = (Timestamp::now() + SignedDuration::from_hours(1)).to_string();
    let event = json!({"id": "e", "kind": "contacted", "at": later, "person": "9990718424",
        "by": "demo-gp", "team": "no-such-team"});
    let answer: Value = tell(&gateway, TRUST, &event).await.json().await.unwrap();
    let text = answer.to_string();
    for expected in ["/at", "/person", "/by", "/team"] {
        assert!(text.contains(&format!("\"{expected}\"")), "{expected}: {text}");
    }
    let shape = json!({"id": "e", "kind": "born", "at": "today", "colour": 1, "detail": {"mode": "dream"}});
    let answer = tell(&gateway, TRUST, &shape).await;
    assert_eq!(answer.status(), 422);
    let text = answer.text().await.unwrap();
    for expected in ["/kind", "/at", "/detail/mode", "colour"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("born") && !text.contains("dream"), "{text}");
    let no_date = json!({"id": "e", "kind": "discharge-planned", "at": just_now(), "person": "9990718423"});
    assert_eq!(tell(&gateway, TRUST, &no_date).await.status(), 422);
    let schema = gateway.get("/events/schema", TRUST).send().await.unwrap();
    assert_eq!(schema.json::<Value>().await.unwrap()["title"], "An event in a person's care");
}

/// Sends a document under another id.
pub(crate) async fn send(
    gateway: &TestGateway,
    who: (&str, &str),
    kind: &str,
    mut document: Value,
    id: &str,
) -> MessageId {
    document["id"] = id.into();
    document.as_object_mut().unwrap().shift_remove("replaces");
    let path = format!("/documents/{kind}");
    let answer = gateway.post(&path, who, "application/json").body(document.to_string()).send().await.unwrap();
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    MessageId::parse(answer["message"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn documents_tell_what_has_happened() {
    let gateway = TestGateway::alone().await;
    let kinds = |care: &Care| -> Vec<&'static str> { care.events.iter().map(|event| event.kind.code()).collect() };
    // a letter from the team: discharged, and the letter went to the GP, so that no letter is owed
    let mut letter = plan("discharge-letter", "full");
    letter["team_care"]["ended"] = "2026-01-13".into();
    let id = send(&gateway, TRUST, "discharge-letter", letter, "EV-DL-1").await;
    let found = care(&gateway, &id).await;
    assert!(kinds(&found).starts_with(&["discharged", "letter-sent"]), "{:?}", kinds(&found));
    // from a ward, a moment ago: the 72 hours run for the team it goes to
    let mut letter = plan("discharge-letter", "inpatient");
    letter["hospital_stay"]["discharged"] = just_now().into();
    let id = send(&gateway, TRUST, "discharge-letter", letter.clone(), "EV-DL-2").await;
    let found = care(&gateway, &id).await;
    let clock = found.clocks.iter().find(|clock| clock.rule == "CK-11").unwrap();
    assert_eq!((clock.owner.as_str(), clock.state), ("lpt-cmht-county-west", ClockState::Running));
    // ahead of the day: planned
    letter["hospital_stay"]["discharged"] = (Timestamp::now() + SignedDuration::from_hours(72)).to_string().into();
    let id = send(&gateway, TRUST, "discharge-letter", letter, "EV-DL-3").await;
    assert!(kinds(&care(&gateway, &id).await).contains(&"discharge-planned"));

    let id = send(&gateway, TRUST, "care-plan", plan("care-plan", "full"), "EV-CP-1").await;
    assert_eq!(state(&gateway, &id, "CK-09").await, ClockState::Stopped, "it was shared as it came");
    let id = send(&gateway, TRUST, "safety-plan", plan("safety-plan", "full"), "EV-SP-1").await;
    assert!(kinds(&care(&gateway, &id).await).contains(&"safety-plan-complete"));
    let id = send(&gateway, CLINIC, "transfer-to-nhs", plan("transfer-to-nhs", "full"), "EV-T-1").await;
    let found = care(&gateway, &id).await;
    let request = found.events.iter().find(|event| event.kind == EventKind::ReferralReceived).unwrap();
    assert_eq!(request.detail("position"), Some("2026-06-24"));
    assert_eq!(request.detail("urgency"), Some("routine"));
    let waiting = found.events.iter().find(|event| event.kind == EventKind::Waiting).unwrap();
    assert_eq!(waiting.detail("waiting_from"), Some("2026-06-24"));
}

#[tokio::test]
async fn a_charity_tells_of_contact_with_somebody_who_was_handed_over_to_it() {
    let gateway = TestGateway::alone().await;
    let id =
        send(&gateway, TRUST, "social-prescribing-handover", plan("social-prescribing-handover", "full"), "EV-HO-1");
    let id = id.await;
    let event = json!({"id": "ho-1", "kind": "contacted", "at": just_now(), "request": {"message": id.as_str()},
        "detail": {"mode": "telephone"}});
    assert_eq!(tell(&gateway, CLINIC, &event).await.status(), 404, "no part in it");
    let answer = tell(&gateway, CHARITY, &event).await;
    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    let outcome = json!({"kind": "handover-outcome", "id": "x", "written": just_now(),
        "person": plan("social-prescribing-handover", "full")["person"],
        "author": {"organisation": {"party": "wellbeing-roots"}}, "outcome": {"status": "ended"}});
    send(&gateway, CHARITY, "handover-outcome", outcome, "EV-HO-2").await;
    let told = care(&gateway, &id).await;
    let ended = told.events.iter().find(|event| event.kind == EventKind::Completed).unwrap();
    assert_eq!(ended.detail("kind"), Some("handover-outcome"));
}

#[tokio::test]
async fn a_request_to_another_provider_is_escalated_unless_it_is_answered() {
    let gateway = TestGateway::alone().await;
    let mut request = plan("clinical-information-request", "full");
    request["request"].as_object_mut().unwrap().shift_remove("reminder_of");
    let id = send(&gateway, TRUST, "clinical-information-request", request, "EV-IR-1").await;
    let clock = care(&gateway, &id).await.clocks.into_iter().find(|clock| clock.rule == "CK-18").unwrap();
    assert_eq!((clock.owner.as_str(), clock.state), ("lpt-cmht-city-east", ClockState::Running));
    // unanswered: the team and the trust are told (CS-15)
    gateway.running.gateway.sweep_clocks(clock.due + SignedDuration::from_hours(1)).await.unwrap();
    for recipient in ["lpt-cmht-city-east", "lpt"] {
        let items = gateway.running.store.inbox(&party(recipient)).await.unwrap();
        assert_eq!(items.iter().filter(|item| item.kind == DocumentKind::ClockNotice).count(), 1, "{recipient}");
    }
    // the GP has a copy of it, and was not asked
    let event = |key: &str| json!({"id": key, "kind": "information-answered", "at": just_now(), "request": {"message": id.as_str()}});
    assert_eq!(tell(&gateway, GP, &event("gp")).await.status(), 201);
    assert_eq!(state(&gateway, &id, "CK-18").await, ClockState::Running);
    let mut answer = plan("clinical-information-answer", "full");
    answer["letter"]["in_reply_to"] = "EV-IR-1".into();
    send(&gateway, CLINIC, "clinical-information-answer", answer, "EV-IA-1").await;
    assert_eq!(state(&gateway, &id, "CK-18").await, ClockState::Stopped);
}

#[tokio::test]
async fn everybody_sees_their_own_clocks_the_trust_sees_all_and_nobody_a_name() {
    let gateway = TestGateway::alone().await;
    let (request, id) = refer(&gateway, "EV-3").await;
    let list = async |who, query: &str| -> Value {
        gateway.get(&format!("/clocks{query}"), who).send().await.unwrap().json().await.unwrap()
    };
    let all = list(TRUST, "").await;
    let rules: Vec<&str> = all["clocks"].as_array().unwrap().iter().map(|c| c["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"CK-01") && rules.contains(&"CK-04"), "{all}");
    assert!(all.to_string().contains(&request) && !all.to_string().contains("9990718423"));
    assert_eq!(list(CHARITY, "").await["clocks"], json!([]));
    assert_eq!(list(TRUST, "?state=breached").await["clocks"], json!([]));
    assert_eq!(list(TRUST, "?state=running").await["clocks"].as_array().unwrap().len(), rules.len());
    assert_eq!(gateway.get("/clocks?state=gone", TRUST).send().await.unwrap().status(), 400);
    assert_eq!(gateway.get("/clocks", ("lpt", "x")).send().await.unwrap().status(), 401);
    let fhir = gateway.get("/clocks", TRUST).header("accept", "application/fhir+json").send().await.unwrap();
    let bundle: Value = fhir.json().await.unwrap();
    assert_eq!((&bundle["resourceType"], bundle["entry"].as_array().unwrap().len()), (&"Bundle".into(), rules.len()));
    assert_eq!(bundle["entry"][0]["resource"]["businessStatus"]["text"], "running");
    let xml = gateway.get("/clocks", TRUST).header("accept", "application/fhir+xml").send().await.unwrap();
    assert!(xml.text().await.unwrap().contains("<Task"));

    // what the operations page is made of
    let core = &gateway.running.gateway;
    let later = care(&gateway, &id).await.clocks.iter().map(|clock| clock.due).max().unwrap();
    let later = later + SignedDuration::from_hours(1);
    let seen = core.operations(&party("lpt"), "desk", later).await.unwrap().unwrap();
    assert!(seen.clocks.iter().all(|clock| clock.view.code() == "breached") && seen.clocks.len() == rules.len());
    assert!(core.operations(&party("wellbeing-roots"), "desk", later).await.unwrap().is_none());
    let about = core.request_view(&party("lpt"), "desk", &id, later).await.unwrap().unwrap();
    assert!(!about.events.is_empty() && about.clocks.len() == rules.len());
    assert_eq!(gateway.running.store.clocks(&ClocksWanted::Open { owner: None }, 10).await.unwrap().len(), rules.len());
}

#[tokio::test]
async fn the_operations_page_is_for_the_trust_and_links_by_request() {
    let gateway = TestGateway::alone().await;
    let (request, _) = refer(&gateway, "EV-4").await;
    let desk = crate::portal::signed_in(&gateway, "lpt-operations", "lpt-operations-password").await;
    let get = async |cookie: &str, path: &str| {
        gateway.client.get(gateway.url(path)).header("cookie", cookie).send().await.unwrap()
    };
    assert!(get(&desk, "/portal").await.text().await.unwrap().contains("/portal/operations"));
    let page = get(&desk, "/portal/operations").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("Clocks by team") && page.contains("Central Access Point"), "{page}");
    assert!(!page.contains("Okonjo") && !page.contains("9990718423"));
    let about = get(&desk, &format!("/portal/operations/{request}")).await.text().await.unwrap();
    assert!(about.contains("referral received") && about.contains("CK-01"), "{about}");
    let charity = crate::portal::signed_in(&gateway, "wellbeing-roots", "wellbeing-roots-password").await;
    assert_eq!(get(&charity, "/portal/operations").await.status(), 404);
    assert!(!get(&charity, "/portal").await.text().await.unwrap().contains("/portal/operations"));
}

#[tokio::test]
async fn dialog_scores_of_a_care_plan_are_told_once_each_and_the_first_is_the_one_at_the_start() {
    let gateway = TestGateway::alone().await;
    let (_, request) = refer(&gateway, "EV-D-0").await;
    let mut first = plan("care-plan", "full");
    let later = first["dialog"].as_array_mut().unwrap().pop().unwrap();
    let mut written = first.clone();
    written["dialog"][0]["areas"] = later["areas"].clone();
    send(&gateway, TRUST, "care-plan", written.clone(), "EV-D-1").await;
    // the next version has the first survey again, and one more
    let mut next = written.clone();
    next["dialog"].as_array_mut().unwrap().push(later);
    send(&gateway, TRUST, "care-plan", next, "EV-D-2").await;
    let care = care(&gateway, &request).await;
    let scored = care.events.iter().filter(|event| event.kind == EventKind::OutcomeScored);
    let told: Vec<(Option<&str>, Option<&str>)> =
        scored.map(|event| (event.detail("point"), event.detail("mean"))).collect();
    assert_eq!(told, [(Some("start"), Some("4.55")), (Some("review"), Some("4.55"))]);
    // which is a baseline (CK-04), and with contact, assessment and the plan all that is wanted
    for (id, kind) in [("d-1", "contacted"), ("d-2", "assessed")] {
        let event = json!({"id": id, "kind": kind, "at": just_now(), "request": {"message": request.as_str()},
            "by": "lpt-cmht-city-east"});
        assert_eq!(tell(&gateway, TRUST, &event).await.status(), 201);
    }
    assert!(care.clocks.iter().any(|clock| clock.rule == "CK-04"), "{:?}", care.clocks);
}

#[tokio::test]
async fn an_opinion_that_was_asked_for_answers_and_what_starts_or_stops_nothing_tells_of_nothing() {
    let gateway = TestGateway::alone().await;
    let mut asked = plan("clinical-information-request", "full");
    asked["request"].as_object_mut().unwrap().shift_remove("reminder_of");
    let id = send(&gateway, TRUST, "clinical-information-request", asked, "EV-O-1").await;
    let mut opinion = plan("private-opinion", "full");
    opinion["letter"]["in_reply_to"] = "EV-O-1".into();
    send(&gateway, CLINIC, "private-opinion", opinion, "EV-O-2").await;
    assert_eq!(state(&gateway, &id, "CK-18").await, ClockState::Stopped);
    let found: Value =
        gateway.get(&format!("/requests/{}", id.as_str()), TRUST).send().await.unwrap().json().await.unwrap();
    let task = found["tasks"].as_array().unwrap().iter().find(|task| task["owner"] == "harbour-clinic").unwrap();
    assert_eq!(task["status"], "completed");
    let before = gateway.running.store.events_page(0, 200).await.unwrap().len();
    for (who, kind) in
        [(TRUST, "contingency-plan"), (TRUST, "social-prescribing-handover"), (CLINIC, "private-opinion")]
    {
        let mut document = plan(kind, "full");
        if let Some(letter) = document.get_mut("letter").and_then(Value::as_object_mut) {
            letter.shift_remove("in_reply_to");
        }
        let id = format!("EV-O-{kind}");
        document["id"] = id.clone().into();
        document.as_object_mut().unwrap().shift_remove("replaces");
        let path = format!("/documents/{kind}");
        let answer = gateway.post(&path, who, "application/json").body(document.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
    let after = gateway.running.store.events_page(0, 200).await.unwrap();
    let new: Vec<&str> = after[before..].iter().map(|(_, event)| event.kind.code()).collect();
    assert!(new.iter().all(|kind| *kind == "share-refused"), "{new:?}");
}

/// A visit, as a record system tells it in FHIR.
fn visit(id: &str, request: Option<&str>, person: Option<&str>) -> Value {
    let mut encounter = json!({
        "resourceType": "Encounter",
        "identifier": [{"system": "urn:made-up:visits", "value": id}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"},
        "period": {"start": just_now()},
        "serviceProvider": {"identifier":
            {"system": "https://fhir.cmht-gateway.example/Id/party", "value": "lpt-cmht-city-east"}},
    });
    if let Some(value) = request {
        let system = "https://fhir.cmht-gateway.example/Id/document";
        encounter["basedOn"] = json!([{"type": "ServiceRequest", "identifier": {"system": system, "value": value}}]);
    }
    if let Some(value) = person {
        encounter["subject"] = json!({"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": value}});
    }
    encounter
}

#[tokio::test]
async fn an_encounter_tells_of_a_contact_as_json_does_and_is_checked_alike() {
    let gateway = TestGateway::alone().await;
    let (_, id) = refer(&gateway, "EV-F-1").await;
    let fhir = async |who, body: &Value| {
        gateway.post("/events", who, "application/fhir+json").body(body.to_string()).send().await.unwrap()
    };
    let told = visit("v-1", Some("EV-F-1"), Some("9990718423"));
    let first = fhir(TRUST, &told).await;
    let status = first.status();
    let first = first.text().await.unwrap();
    assert_eq!(status, 201, "{first}");
    assert_eq!(state(&gateway, &id, "CK-01").await, ClockState::Stopped);
    // again the same answer, and one event; with another content refused
    assert_eq!(fhir(TRUST, &told).await.text().await.unwrap(), first);
    let found = care(&gateway, &id).await;
    let contacts: Vec<_> = found.events.iter().filter(|event| event.kind == EventKind::Contacted).collect();
    assert_eq!(
        (contacts.len(), contacts[0].by.as_str(), contacts[0].detail("mode")),
        (1, "lpt-cmht-city-east", Some("face-to-face"))
    );
    let mut other = told.clone();
    other["class"]["code"] = "VR".into();
    assert_eq!(fhir(TRUST, &other).await.status(), 409);
    // nobody finds out which requests there are, nor tells of another person's under a request's name
    let mut theirs = visit("v-2", Some("EV-F-1"), None);
    theirs["serviceProvider"]["identifier"]["value"] = "harbour-clinic".into();
    let mut nobodys = visit("v-2", Some("EV-F-none"), None);
    nobodys["serviceProvider"]["identifier"]["value"] = "harbour-clinic".into();
    let (one, two) = (fhir(CLINIC, &theirs).await, fhir(CLINIC, &nobodys).await);
    assert_eq!((one.status().as_u16(), two.status().as_u16()), (404, 404));
    assert_eq!(one.text().await.unwrap(), two.text().await.unwrap());
    assert_eq!(fhir(TRUST, &visit("v-3", Some("EV-F-1"), Some("9990412731"))).await.status(), 404);
    // what is wrong is told by its place in the Encounter
    let mut wrong = visit("v-4", None, Some("9990718424"));
    wrong["period"]["start"] = (Timestamp::now() + SignedDuration::from_hours(1)).to_string().into();
    wrong["serviceProvider"]["identifier"]["value"] = "demo-gp".into();
    let answer = fhir(TRUST, &wrong).await;
    assert_eq!(answer.status(), 422);
    let text = answer.text().await.unwrap();
    for place in ["Encounter.period", "Encounter.subject", "Encounter.serviceProvider"] {
        assert!(text.contains(place), "{place}: {text}");
    }
    let task = json!({"resourceType": "Task", "status": "requested", "intent": "order"});
    let answer = fhir(TRUST, &task).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("told as an Encounter"));
    // and it must be FHIR
    let mut unsound = visit("v-5", None, Some("9990718423"));
    unsound["lenght"] = "1".into();
    assert_eq!(fhir(TRUST, &unsound).await.status(), 422);
    // in XML too, by the number alone
    let xml = "<Encounter xmlns=\"http://hl7.org/fhir\"><identifier><system value=\"urn:made-up:visits\"/>\
        <value value=\"v-6\"/></identifier><status value=\"in-progress\"/><class><system \
        value=\"http://terminology.hl7.org/CodeSystem/v3-ActCode\"/><code value=\"IMP\"/></class><subject><identifier>\
        <system value=\"https://fhir.nhs.uk/Id/nhs-number\"/><value value=\"9990718423\"/></identifier></subject>\
        <period><start value=\"2026-11-20T10:00:00Z\"/></period></Encounter>";
    let answer = gateway.post("/events", TRUST, "application/fhir+xml").body(xml).send().await.unwrap();
    let status = answer.status();
    let answer = answer.text().await.unwrap();
    assert_eq!(status, 201, "{answer}");
    assert!(answer.contains("admitted"), "{answer}");
}
