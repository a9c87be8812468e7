//! What somebody outside the NHS could learn or do by an NHS number, wishes that arrive in another order than they were
//! said, and Consents that say less than they seem to. Found by attacking the gateway from outside. Over the wire.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::consent_records::{ADA, NATIVE, about, consent, entries, paths, told};
use crate::consent_stops::{held, standing};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example, message};

const GENERIC: &str = "This was not passed on to them. Ring them if they need to know.";

/// A made-up NHS number of the test range.
fn number(serial: u32) -> String {
    let stem = format!("9990{serial:05}");
    let weighted: u32 = stem.bytes().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 11 - weighted % 11 {
        10 => number(serial + 50_000),
        11 => format!("{stem}0"),
        check => format!("{stem}{check}"),
    }
}

/// A referral of this person, with this consent block or none.
fn referral(id: &str, person: &str, block: Option<Value>) -> Value {
    let mut native: Value = serde_json::from_str(&example("complete")).unwrap();
    native["id"] = id.into();
    native["person"]["nhs_number"]["value"] = person.into();
    native.as_object_mut().unwrap().remove("consent");
    if let Some(block) = block {
        native["consent"] = block;
    }
    native
}

/// The consent block of the example, recorded then, without its objections.
fn block(recorded: &str) -> Value {
    let native: Value = serde_json::from_str(&example("complete")).unwrap();
    let mut block = native["consent"].clone();
    block.as_object_mut().unwrap().remove("objections");
    block["recorded"] = recorded.into();
    block
}

/// The same with an objection to the charity and no permission for it.
fn objecting(recorded: &str) -> Value {
    let mut block = silent(recorded);
    block["objections"] = json!([{"recipient": {"party": "wellbeing-roots", "name": "Wellbeing Roots"}}]);
    block
}

/// The same, that does not speak of the charity at all.
fn silent(recorded: &str) -> Value {
    let mut block = block(recorded);
    let permissions = block["permissions"].as_array_mut().unwrap();
    permissions.retain(|one| !one.to_string().contains("wellbeing-roots"));
    block
}

fn party<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let all = answer["recipients"].as_array().unwrap();
    all.iter().find(|one| one["party"] == id).unwrap_or_else(|| panic!("{id} in {answer:#}"))
}

impl TestGateway {
    async fn referred_by(&self, who: (&str, &str), native: &Value) -> (u16, Value) {
        let response = self.post("/documents/referral", who, NATIVE).body(native.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    async fn referred_well(&self, native: &Value) -> Value {
        let (status, answer) = self.referred_by(GP, native).await;
        assert_eq!(status, 200, "{answer:#}");
        answer
    }
}

/// A referral that the private clinic makes.
fn by_clinic(id: &str, person: &str) -> Value {
    let mut native = referral(id, person, Some(block("2026-11-18T10:00:00+00:00")));
    let organisation = &mut native["referrer"]["organisation"];
    *organisation = json!({"party": "harbour-clinic", "name": "Harbour Clinic"});
    native["copies"] = json!([
        {"party": "demo-gp", "name": "Stoneygate Medical Practice"}, {"party": "wellbeing-roots", "name": "Wellbeing Roots"},
        {"party": "speakwell-advocacy", "name": "Speakwell"},
    ]);
    native
}

/// What is kept about a person in one way or another.
async fn keep(gateway: &TestGateway, what: &str, person: &str) {
    let until = (Timestamp::now() + SignedDuration::from_hours(2)).to_string();
    match what {
        "lacks capacity" | "capacity in doubt" => {
            let finding = if what == "lacks capacity" { "lacks" } else { "in-doubt" };
            let body = json!({
                "person": person, "finding": finding, "assessed": "2026-11-21T09:00:00Z", "assessor": "Dr A Example",
            });
            told(gateway.claim("capacity", TRUST, &body).await, 201).await;
        }
        "override" => {
            let body = json!({
                "person": person, "basis": "safeguarding", "recipient": "speakwell-advocacy",
                "categories": ["demographics", "risk-summary"], "professional": "Sam Example, lead",
                "rationale": "Danger at home", "until": until,
            });
            told(gateway.claim("overrides", TRUST, &body).await, 201).await;
        }
        "objection" => {
            let objection = consent(person, "2026-11-20", about("deny", "demo-gp", &[]));
            told(gateway.record(TRUST, &objection).await, 201).await;
        }
        _ => {
            let given = consent(person, "2026-11-20", about("permit", "wellbeing-roots", &[]));
            let made = told(gateway.record(TRUST, &given).await, 201).await;
            told(gateway.withdraw(TRUST, &made).await, 200).await;
        }
    }
}

#[tokio::test]
async fn a_sender_outside_the_nhs_learns_of_no_rule_that_rests_on_what_is_kept() {
    let gateway = TestGateway::alone().await;
    let (status, unknown) = gateway.referred_by(CLINIC, &by_clinic("unknown", &number(1))).await;
    assert_eq!(status, 200, "{unknown:#}");
    let mut differing = 0;
    for (serial, what) in (2_u32..).zip(["lacks capacity", "capacity in doubt", "override", "objection", "withdrawn"]) {
        let person = number(serial);
        keep(&gateway, what, &person).await;
        let (status, answer) = gateway.referred_by(CLINIC, &by_clinic(&what.replace(' ', "-"), &person)).await;
        assert_eq!(status, 200, "{what}: {answer:#}");
        for recipient in answer["recipients"].as_array().unwrap() {
            let alone = party(&unknown, recipient["party"].as_str().unwrap());
            let rules: Vec<&Value> = recipient["consent_rules"].as_array().unwrap().iter().collect();
            let known = alone["consent_rules"].as_array().unwrap();
            assert!(rules.iter().all(|rule| known.contains(rule)), "{what}: {recipient:#}");
            if recipient["release"] == "denied" && alone["release"] != "denied" {
                assert_eq!((recipient["denied"].as_str(), rules.len()), (Some(GENERIC), 0), "{what}");
                differing += 1;
            }
            for note in recipient["withheld"].as_array().into_iter().flatten() {
                assert!(alone["withheld"].as_array().unwrap().contains(note), "{what}: {note}");
            }
        }
        // neither may the outcome, or the way the deliveries stand
        let said = answer["outcome"].to_string();
        for rule in ["CS-02", "CS-09", "CS-17", "CS-19"] {
            assert!(!said.contains(rule) || unknown["outcome"].to_string().contains(rule), "{what}: {rule} in {said}");
        }
        let path = format!("/messages/{}", answer["message"].as_str().unwrap());
        let stands = told(gateway.get(&path, CLINIC).send().await.unwrap(), 200).await;
        for row in stands["deliveries"].as_array().unwrap() {
            assert!(row["withheld"].is_null() && !row["reason"].to_string().contains("CS-"), "{row}");
        }
    }
    assert!(differing > 0, "something did not go because of what is kept, and that is told");
}

#[tokio::test]
async fn a_refusal_that_rests_on_what_is_kept_tells_a_sender_outside_the_nhs_to_ring_and_no_more() {
    let gateway = TestGateway::alone().await;
    let person = number(20);
    let objection = consent(&person, "2026-11-20", about("deny", "lpt", &[]));
    told(gateway.record(TRUST, &objection).await, 201).await;
    let (status, outcome) = gateway.referred_by(CLINIC, &by_clinic("refused", &person)).await;
    let text = outcome.to_string();
    assert_eq!(status, 422, "{text}");
    assert!(text.contains(GENERIC) && !text.contains("CS-02") && !text.contains("objec"), "{text}");
    // the GP is told which rule it is, and the audit log keeps it for both
    let (status, outcome) = gateway.referred_by(GP, &referral("by-gp", &person, None)).await;
    assert_eq!(status, 422);
    assert!(outcome.to_string().contains("CS-02"));
    let log = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let kept = log.iter().filter(|entry| format!("{entry:?}").contains("CS-02")).count();
    assert!(kept >= 2, "{kept}");
}

#[tokio::test]
async fn a_permission_from_before_a_withdrawal_opens_nothing_again() {
    let gateway = TestGateway::alone().await;
    let person = number(30);
    let given = gateway.referred_well(&referral("given", &person, Some(block("2026-11-18T10:00:00+00:00")))).await;
    assert_ne!(party(&given, "wellbeing-roots")["release"], "denied");
    let found = gateway.search(TRUST, &person).await;
    told(gateway.withdraw(TRUST, entries(&found)[0]).await, 200).await;
    for (id, recorded) in [("same", "2026-11-18T10:00:00+00:00"), ("later", "2026-11-19T10:00:00+00:00")] {
        let answer = gateway.referred_well(&referral(id, &person, Some(block(recorded)))).await;
        assert_eq!(party(&answer, "wellbeing-roots")["release"], "denied", "{id}");
    }
    // what the person says after it counts again
    let again = referral("again", &person, Some(block(&Timestamp::now().to_string())));
    assert_ne!(party(&gateway.referred_well(&again).await, "wellbeing-roots")["release"], "denied");

    // the same of a Consent over FHIR, before any document
    let other = number(31);
    let permission = consent(&other, "2026-11-10", about("permit", "wellbeing-roots", &[]));
    let made = told(gateway.record(GP, &permission).await, 201).await;
    told(gateway.withdraw(GP, &made).await, 200).await;
    let late = referral("late", &other, Some(block("2026-11-19T10:00:00+00:00")));
    assert_eq!(party(&gateway.referred_well(&late).await, "wellbeing-roots")["release"], "denied");
    let older = consent(&other, "2026-11-20T10:00:00Z", about("permit", "wellbeing-roots", &[]));
    told(gateway.record(TRUST, &older).await, 201).await;
    assert_eq!(
        party(&gateway.referred_well(&referral("none", &other, None)).await, "wellbeing-roots")["release"],
        "denied"
    );
}

#[tokio::test]
async fn a_consent_dated_in_the_future_is_refused_whichever_way_it_comes() {
    let gateway = TestGateway::alone().await;
    let tomorrow = (Timestamp::now() + SignedDuration::from_hours(30)).to_string();
    let outcome = told(gateway.record(TRUST, &consent(ADA, &tomorrow, about("deny", "demo-gp", &[]))).await, 422).await;
    assert_eq!(paths(&outcome), ["Consent.dateTime"]);
    let (status, outcome) = gateway.referred_by(GP, &referral("future", ADA, Some(block(&tomorrow)))).await;
    assert_eq!((status, outcome.to_string().contains("/consent/recorded")), (422, true), "{outcome:#}");
    let mut bundle = message("complete");
    let entries = bundle["entry"].as_array_mut().unwrap();
    let consent = entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == "Consent").unwrap();
    consent["resource"]["dateTime"] = tomorrow.into();
    let outcome = told(gateway.send(&bundle).await, 422).await.to_string();
    assert!(outcome.contains(".resource.dateTime") && outcome.contains("still to come"), "{outcome}");
}

#[tokio::test]
async fn an_objection_that_arrives_after_a_later_permission_is_kept_and_stops_what_waits() {
    let (gateway, _clinic) = held().await;
    let person = number(40);
    let first = gateway.referred_well(&referral("first", &person, Some(block("2026-11-21T09:00:00+00:00")))).await;
    let id = first["message"].as_str().unwrap();
    assert_eq!(standing(&gateway, id, "wellbeing-roots").await[0]["state"], "delivered");
    let late = referral("late", &person, Some(objecting("2026-11-20T09:00:00+00:00")));
    assert_eq!(party(&gateway.referred_well(&late).await, "wellbeing-roots")["release"], "denied");
    let row = &standing(&gateway, id, "wellbeing-roots").await[0];
    assert_eq!((&row["state"], &row["reason"]), (&json!("stopped"), &json!("CS-02")));
    let next = gateway.referred_well(&referral("next", &person, None)).await;
    assert_eq!(party(&next, "wellbeing-roots")["consent_rules"], json!(["CS-02"]));
    // the same again is no news
    let kept = entries(&gateway.search(TRUST, &person).await).len();
    gateway.referred_well(&referral("again", &person, Some(objecting("2026-11-20T09:00:00+00:00")))).await;
    assert_eq!(entries(&gateway.search(TRUST, &person).await).len(), kept);
}

#[tokio::test]
async fn an_objection_is_lifted_by_a_later_permission_by_name_or_by_taking_it_back_and_not_by_silence() {
    let gateway = TestGateway::alone().await;
    let denied = async |id: &str, person: &str, block: Option<Value>| {
        let answer = gateway.referred_well(&referral(id, person, block)).await;
        party(&answer, "wellbeing-roots")["consent_rules"] == json!(["CS-02"])
    };
    for (serial, by_name) in [(50, true), (51, false)] {
        let person = number(serial);
        let id = |step: &str| format!("{step}-{serial}");
        assert!(denied(&id("a"), &person, Some(objecting("2026-11-18T09:00:00+00:00"))).await);
        assert!(denied(&id("b"), &person, Some(silent("2026-11-19T09:00:00+00:00"))).await);
        assert!(denied(&id("c"), &person, Some(silent("2026-11-20T09:00:00+00:00"))).await);
        assert!(denied(&id("d"), &person, None).await);
        if by_name {
            assert!(!denied(&id("e"), &person, Some(block("2026-11-21T09:00:00+00:00"))).await);
        } else {
            let found = gateway.search(TRUST, &person).await;
            let apart = entries(&found).into_iter().find(|one| one["provision"].to_string().contains("deny")).unwrap();
            told(gateway.withdraw(TRUST, apart).await, 200).await;
        }
        assert!(!denied(&id("f"), &person, None).await);
    }
}

#[tokio::test]
async fn a_consent_that_names_two_people_is_refused_or_kept_for_neither() {
    let gateway = TestGateway::alone().await;
    let (person, other) = (number(60), number(61));
    let mut two = consent(&person, "2026-11-20", about("permit", "wellbeing-roots", &[]));
    let nhs = |value: &str| json!({"system": "https://fhir.nhs.uk/Id/nhs-number", "value": value});
    two["contained"] = json!([{"resourceType": "Patient", "id": "p", "identifier": [nhs(&other)]}]);
    two["patient"]["reference"] = "#p".into();
    let outcome = told(gateway.record(TRUST, &two).await, 422).await;
    assert!(outcome.to_string().contains("two different people"), "{outcome:#}");

    let mut bundle = message("complete");
    let entries_of = bundle["entry"].as_array_mut().unwrap();
    let consent = entries_of.iter_mut().find(|entry| entry["resource"]["resourceType"] == "Consent").unwrap();
    consent["resource"]["patient"]["identifier"] = nhs(&other);
    let answer = told(gateway.send(&bundle).await, 200).await;
    assert!(answer.to_string().contains("two different people"), "{answer:#}");
    for number in [ADA, &other] {
        assert_eq!(gateway.search(TRUST, number).await["total"], 0);
    }
}

#[tokio::test]
async fn an_organisation_with_no_part_in_somebodys_care_objects_for_itself_alone() {
    let gateway = TestGateway::alone().await;
    let (known, unknown) = (number(70), number(71));
    let mut native = referral("known", &known, Some(block("2026-11-18T10:00:00+00:00")));
    native["copies"] = json!([{"party": "wellbeing-roots", "name": "Wellbeing Roots"}]);
    gateway.referred_well(&native).await;
    let mut answers = Vec::new();
    for person in [&known, &unknown] {
        for party in ["lpt", "lpt-cap", "demo-gp"] {
            let refused = gateway.record(CLINIC, &consent(person, "2026-11-20", about("deny", party, &[]))).await;
            assert_eq!(refused.status(), 403);
            answers.push(refused.text().await.unwrap());
        }
        let own = consent(person, "2026-11-20", about("deny", "harbour-clinic", &[]));
        told(gateway.record(CLINIC, &own).await, 201).await;
        // nor under cover of an objection to itself
        let mut all = own.clone();
        all["policyRule"]["coding"][0]["code"] = "OPTOUT".into();
        told(gateway.record(CLINIC, &all).await, 403).await;
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // who was given something about the person has standing
    let objection = consent(&known, "2026-11-20", about("deny", "harbour-clinic", &[]));
    told(gateway.record(CHARITY, &objection).await, 201).await;
}

#[tokio::test]
async fn an_objection_to_nobody_there_is_is_refused_with_how_to_write_it() {
    let gateway = TestGateway::alone().await;
    let to = |reference: Value| {
        let mut out = consent(ADA, "2026-11-20", about("deny", "x", &[]));
        out["provision"]["provision"][0]["actor"][0]["reference"] = reference;
        out
    };
    let kind = "https://fhir.cmht-gateway.example/CodeSystem/party-kind";
    let ours = "https://fhir.cmht-gateway.example/Id/party";
    let unmatched = [
        json!({"display": "all charities"}),
        json!({"display": "Welbeing Roots"}),
        json!({"identifier": {"system": ours, "value": "wellbeing-root"}}),
        json!({"identifier": {"system": kind, "value": "charities"}}),
    ];
    for reference in unmatched {
        let outcome = told(gateway.record(TRUST, &to(reference.clone())).await, 422).await;
        assert_eq!(paths(&outcome), ["Consent.provision.provision[0].actor[0]"], "{reference}");
        assert!(outcome.to_string().contains("ODS code"), "{outcome:#}");
    }
    let matched = [
        json!({"display": "Wellbeing Roots"}),
        json!({"identifier": {"system": kind, "value": "vcse"}}),
        json!({"type": "RelatedPerson", "display": "his brother"}),
    ];
    for reference in matched {
        told(gateway.record(TRUST, &to(reference)).await, 201).await;
    }
}

#[tokio::test]
async fn a_caller_outside_the_nhs_is_answered_no_sooner_whether_or_not_anything_is_held() {
    let gateway = TestGateway::alone().await;
    let known = number(80);
    gateway.referred_well(&referral("held", &known, Some(block("2026-11-18T10:00:00+00:00")))).await;
    let floor = Duration::from_millis(300);
    for person in [known, number(81)] {
        let begun = Instant::now();
        gateway.search(CLINIC, &person).await;
        assert!(begun.elapsed() >= floor);
        let begun = Instant::now();
        let own = consent(&person, "2026-11-20", about("deny", "harbour-clinic", &[]));
        told(gateway.record(CLINIC, &own).await, 201).await;
        assert!(begun.elapsed() >= floor);
    }
}
