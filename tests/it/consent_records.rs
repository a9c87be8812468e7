//! Consents over FHIR, findings on capacity, overrides, emergencies and their review: who may, what is asked of them, and
//! that nobody else learns whether there is anything. Over the wire.

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example, plan};

pub(crate) const FHIR: &str = "application/fhir+json";
pub(crate) const NATIVE: &str = "application/json";
/// The person of the examples.
pub(crate) const ADA: &str = "9990718423";
const NOBODY: &str = "9990000026";

/// A Consent of the person; `provision` is what it says.
pub(crate) fn consent(number: &str, signed: &str, provision: Value) -> Value {
    let mut out = json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IDSCL"}]}],
        "patient": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}},
        "dateTime": signed,
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
    });
    out["provision"] = provision;
    out
}

/// An objection to, or a permission for, one party.
pub(crate) fn about(kind: &str, party: &str, categories: &[&str]) -> Value {
    let system = "https://fhir.cmht-gateway.example/CodeSystem/data-category";
    let mut provision = json!({
        "type": kind,
        "actor": [{
            "role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"identifier": {"system": "https://fhir.cmht-gateway.example/Id/party", "value": party}},
        }],
    });
    if !categories.is_empty() {
        let classes: Vec<Value> = categories.iter().map(|code| json!({"system": system, "code": code})).collect();
        provision["class"] = classes.into();
    }
    json!({"provision": [provision]})
}

pub(crate) async fn told(response: Response, expected: u16) -> Value {
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, expected, "{text}");
    serde_json::from_str(&text).unwrap_or_default()
}

impl TestGateway {
    pub(crate) async fn record(&self, who: (&str, &str), consent: &Value) -> Response {
        self.post("/fhir/Consent", who, FHIR).body(consent.to_string()).send().await.unwrap()
    }

    pub(crate) fn put(&self, path: &str, (id, secret): (&str, &str)) -> RequestBuilder {
        self.client.put(self.url(path)).basic_auth(id, Some(secret)).header("content-type", FHIR)
    }

    pub(crate) async fn search(&self, who: (&str, &str), number: &str) -> Value {
        let body = format!("patient:identifier=https://fhir.nhs.uk/Id/nhs-number|{number}");
        let response = self
            .post("/fhir/Consent/_search", who, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        told(response, 200).await
    }

    /// Withdraws a Consent as it was read.
    pub(crate) async fn withdraw(&self, who: (&str, &str), consent: &Value) -> Response {
        let mut consent = consent.clone();
        consent["status"] = "inactive".into();
        let (id, version) = (consent["id"].as_str().unwrap(), consent["meta"]["versionId"].as_str().unwrap());
        let path = format!("/fhir/Consent/{id}");
        self.put(&path, who)
            .header("if-match", format!("W/\"{version}\""))
            .body(consent.to_string())
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn claim(&self, what: &str, who: (&str, &str), body: &Value) -> Response {
        self.post(&format!("/consent/{what}"), who, NATIVE).body(body.to_string()).send().await.unwrap()
    }
}

pub(crate) fn entries(bundle: &Value) -> Vec<&Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]).collect()
}

/// The places of the errors.
pub(crate) fn paths(outcome: &Value) -> Vec<&str> {
    let issues = outcome["issue"].as_array().unwrap();
    issues
        .iter()
        .filter(|issue| issue["severity"] == "error")
        .filter_map(|issue| issue["expression"][0].as_str())
        .collect()
}

#[tokio::test]
async fn a_consent_is_recorded_read_changed_and_withdrawn_and_every_version_stays() {
    let gateway = TestGateway::alone().await;
    let objection = consent(ADA, "2026-03-01T10:00:00Z", about("deny", "harbour-clinic", &[]));
    let response = gateway.record(GP, &objection).await;
    assert_eq!(response.headers()["etag"], "W/\"1\"");
    let place = response.headers()["location"].to_str().unwrap().to_owned();
    let made = told(response, 201).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(place, gateway.url(&format!("/fhir/Consent/{id}/_history/1")));

    // the trust and whoever recorded it, in either format
    for who in [GP, TRUST] {
        let read = told(gateway.get(&format!("/fhir/Consent/{id}"), who).send().await.unwrap(), 200).await;
        assert_eq!(read, made);
        assert_eq!(entries(&gateway.search(who, ADA).await), [&made]);
    }
    let xml = gateway.get(&format!("/fhir/Consent/{id}"), TRUST).header("accept", "application/fhir+xml");
    assert!(xml.send().await.unwrap().text().await.unwrap().contains("<status value=\"active\"/>"));

    // without the version it changes, or of another, nothing changes
    let path = format!("/fhir/Consent/{id}");
    told(gateway.put(&path, GP).body(made.to_string()).send().await.unwrap(), 400).await;
    let stale = gateway.put(&path, GP).header("if-match", "W/\"7\"").body(made.to_string()).send().await.unwrap();
    told(stale, 412).await;

    let response = gateway.withdraw(TRUST, &made).await;
    assert_eq!(response.headers()["etag"], "W/\"2\"");
    let withdrawn = told(response, 200).await;
    assert_eq!(withdrawn["status"], "inactive");
    told(gateway.withdraw(TRUST, &made).await, 412).await;
    let first = told(gateway.get(&format!("{path}/_history/1"), GP).send().await.unwrap(), 200).await;
    assert_eq!(first, made);

    let deleted = gateway.client.delete(gateway.url(&path)).basic_auth(GP.0, Some(GP.1)).send().await.unwrap();
    assert_eq!(deleted.status(), 405);
    assert!(deleted.text().await.unwrap().contains("inactive"));
}

#[tokio::test]
async fn others_cannot_tell_a_consent_they_may_not_see_from_one_there_is_not() {
    let gateway = TestGateway::alone().await;
    let made =
        told(gateway.record(GP, &consent(ADA, "2026-03-01", about("deny", "harbour-clinic", &[]))).await, 201).await;
    let there = format!("/fhir/Consent/{}", made["id"].as_str().unwrap());
    let not_there = format!("/fhir/Consent/{}", uuid::Uuid::from_u128(7));
    for who in [CHARITY, CLINIC] {
        let mut answers = Vec::new();
        for path in [&there, &not_there, &"/fhir/Consent/x".to_owned()] {
            let read = gateway.get(path, who).send().await.unwrap();
            assert_eq!(read.status(), 404, "{path}");
            answers.push(read.text().await.unwrap());
            let put = gateway.put(path, who).header("if-match", "W/\"1\"").body(made.to_string()).send().await.unwrap();
            assert_eq!(put.status(), 404, "{path}");
            answers.push(put.text().await.unwrap());
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        for number in [ADA, NOBODY] {
            let found = gateway.search(who, number).await;
            assert_eq!((&found["total"], found.get("entry")), (&json!(0), None));
        }
    }
    // nobody searches across persons, and no identifier stands in an address
    for query in ["", "?status=active", "?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C9990718423"] {
        let refused = gateway.get(&format!("/fhir/Consent{query}"), TRUST).send().await.unwrap();
        assert_eq!(refused.status(), 400);
        assert!(refused.text().await.unwrap().contains("_search"));
    }
    let all = gateway.post("/fhir/Consent/_search", TRUST, "application/x-www-form-urlencoded").body("status=active");
    assert_eq!(all.send().await.unwrap().status(), 400);
}

type Change = fn(&mut Value);

#[tokio::test]
async fn what_is_wrong_with_a_consent_is_told_by_path() {
    let gateway = TestGateway::alone().await;
    let sound = || consent(ADA, "2026-03-01", about("deny", "harbour-clinic", &[]));
    let cases: [(Change, &str); 5] = [
        (|c| c["patient"]["identifier"]["value"] = "9990718424".into(), "Consent.patient.identifier"),
        (|c| c["scope"]["coding"][0]["code"] = "treatment".into(), "Consent.scope"),
        (|c| drop(c.as_object_mut().unwrap().remove("dateTime")), "Consent.dateTime"),
        (|c| c["status"] = "banana".into(), "Consent.status"),
        (|c| drop(c.as_object_mut().unwrap().remove("category")), "Consent"),
    ];
    for (change, path) in cases {
        let mut changed = sound();
        change(&mut changed);
        let outcome = told(gateway.record(GP, &changed).await, 422).await;
        assert!(paths(&outcome).iter().any(|found| found.starts_with(path)), "{path} in {outcome:#}");
    }
    // a charity can restrict what it may have, and cannot give itself everything
    let permission = consent(ADA, "2026-03-01", about("permit", "wellbeing-roots", &["medication"]));
    let outcome = told(gateway.record(CHARITY, &permission).await, 422).await;
    assert_eq!(paths(&outcome), ["Consent.provision"]);
    let own = consent(ADA, "2026-03-01", about("deny", "wellbeing-roots", &[]));
    told(gateway.record(CHARITY, &own).await, 201).await;
    told(gateway.record(TRUST, &permission).await, 201).await;
}

#[tokio::test]
async fn wishes_in_a_document_are_remembered_and_a_newer_list_of_the_same_sender_replaces_them() {
    let gateway = TestGateway::alone().await;
    let send = async |change: fn(&mut Value)| {
        let mut native = plan("safety-plan", "full");
        change(&mut native);
        let response = gateway.post("/documents/safety-plan", TRUST, NATIVE).body(native.to_string());
        told(response.send().await.unwrap(), 200).await
    };
    let lists = async || {
        let found = gateway.search(TRUST, ADA).await;
        let mut all: Vec<(String, Value)> = entries(&found)
            .into_iter()
            .map(|one| (one["policyRule"]["coding"][0]["code"].as_str().unwrap().to_owned(), one.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    send(|_| {}).await;
    let first = lists().await;
    let codes: Vec<&str> = first.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["agreed-in-part", "people-not-to-inform", "people-to-inform"]);
    for (_, one) in &first {
        assert_eq!(one["patient"]["identifier"]["value"], ADA);
        // each stands by itself: no reference leads into the document it came from
        assert!(!one.to_string().contains("urn:uuid:"), "{one:#}");
    }
    assert!(first[1].1.to_string().contains("harbour-clinic"));

    // an older plan that arrives late changes nothing; a newer one replaces the lists it has, and no others
    send(|plan| {
        plan["id"] = "late".into();
        plan["written"] = "2025-01-01T10:00:00+00:00".into();
        plan["consent"] = json!({"sharing": "care-team-only", "recorded": "2025-01-01T10:00:00+00:00"});
        plan["people_not_to_inform"] = json!([{"name": "Nobody Else"}]);
    })
    .await;
    assert_eq!(lists().await, first);
    send(|plan| {
        plan["id"] = "newer".into();
        plan["written"] = "2026-11-20T10:00:00+00:00".into();
        plan["people_not_to_inform"] = json!([{"name": "Daniel Okonjo", "relationship": "brother"}]);
        drop(plan.as_object_mut().unwrap().remove("people_to_inform"));
    })
    .await;
    let newer = lists().await;
    assert_eq!(newer[2], first[2], "silence withdraws nothing");
    assert_ne!(newer[1], first[1]);
    assert!(!newer[1].1.to_string().contains("harbour-clinic"));
}

#[tokio::test]
async fn a_charity_cannot_plant_a_permission_in_a_document() {
    let gateway = TestGateway::alone().await;
    let mut native: Value = plan("handover-outcome", "full");
    native["person"]["nhs_number"] = json!({"value": ADA, "verification": "verified"});
    native["consent"] = json!({
        "sharing": "agreed-in-part", "recorded": "2026-11-18T10:00:00+00:00",
        "permissions": [{"recipient": {"party": "wellbeing-roots"}, "categories": ["medication", "forensic"]}],
        "objections": [{"recipient": {"party": "harbour-clinic"}}],
    });
    let response = gateway.post("/documents/handover-outcome", CHARITY, NATIVE).body(native.to_string());
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    let found = gateway.search(TRUST, ADA).await;
    let kept = entries(&found);
    assert_eq!(kept.len(), 1, "{found:#}");
    let text = kept[0]["provision"].to_string();
    assert!(text.contains("harbour-clinic") && !text.contains("permit"), "{text}");
}

#[tokio::test]
async fn claims_name_their_professional_and_everything_missing_is_told_at_once() {
    let gateway = TestGateway::alone().await;
    let empty = json!({});
    for (what, expected) in [
        ("capacity", vec!["/person", "/finding", "/assessed", "/assessor"]),
        ("overrides", vec!["/person", "/basis", "/recipient", "/categories", "/professional", "/rationale", "/until"]),
        ("emergency", vec!["/person", "/professional", "/reason", "/team"]),
    ] {
        let outcome = told(gateway.claim(what, TRUST, &empty).await, 422).await;
        let mut found = paths(&outcome);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{what}");
        assert_eq!(gateway.claim(what, CHARITY, &empty).await.status(), StatusCode::FORBIDDEN, "{what}");
    }
    let far = json!({
        "person": ADA, "professional": "Sam Example, nurse", "reason": "Taken ill", "team": "lpt-crht",
        "until": "2999-01-01T00:00:00Z",
    });
    assert_eq!(paths(&told(gateway.claim("emergency", TRUST, &far).await, 422).await), ["/until"]);
    let assessed =
        json!({"person": ADA, "finding": "in-doubt", "assessed": "2026-03-01T10:00:00Z", "assessor": "Dr A Example"});
    told(gateway.claim("capacity", GP, &assessed).await, 201).await;
}

/// An override for the charity, in force for an hour.
pub(crate) fn an_override(number: &str) -> Value {
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    json!({
        "person": number, "basis": "safeguarding", "recipient": "wellbeing-roots", "categories": ["demographics", "actions"],
        "professional": "Sam Example, safeguarding lead", "rationale": "Said in confidence by the neighbour",
        "until": until.to_string(),
    })
}

#[tokio::test]
async fn overrides_and_emergencies_wait_for_review_and_are_reviewed_once_by_the_trust() {
    let gateway = TestGateway::alone().await;
    told(gateway.refer(example("complete")).await, 200).await;
    let made = told(gateway.claim("overrides", GP, &an_override(ADA)).await, 201).await;
    assert_eq!(made["review"]["state"], "open");
    let emergency = json!({
        "person": ADA, "professional": "Ali Example, nurse", "reason": "Brought in by ambulance", "team": "lpt-crht",
    });
    told(gateway.claim("emergency", TRUST, &emergency).await, 201).await;

    let path = format!("/consent/reviews/{}", made["id"].as_str().unwrap());
    let verdict =
        json!({"reviewer": "Dr B Example, Caldicott guardian", "verdict": "not-appropriate", "note": "Too wide"});
    for who in [GP, CHARITY, CLINIC] {
        assert_eq!(gateway.get("/consent/reviews", who).send().await.unwrap().status(), 404);
        assert_eq!(gateway.post(&path, who, NATIVE).body(verdict.to_string()).send().await.unwrap().status(), 404);
    }
    let open = told(gateway.get("/consent/reviews", TRUST).send().await.unwrap(), 200).await;
    let kinds: Vec<&str> =
        open["reviews"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["override", "emergency"]);
    assert_eq!(open["reviews"][0]["record"]["basis"], "safeguarding");
    assert_eq!(open["reviews"][0]["person"], ADA);

    let incomplete = gateway.post(&path, TRUST, NATIVE).body("{}").send().await.unwrap();
    assert_eq!(paths(&told(incomplete, 422).await), ["/reviewer", "/verdict"]);
    told(gateway.post(&path, TRUST, NATIVE).body(verdict.to_string()).send().await.unwrap(), 200).await;
    told(gateway.post(&path, TRUST, NATIVE).body(verdict.to_string()).send().await.unwrap(), 409).await;
    let open = told(gateway.get("/consent/reviews", TRUST).send().await.unwrap(), 200).await;
    assert_eq!(open["reviews"].as_array().unwrap().len(), 1);
    let all = told(gateway.get("/consent/reviews?state=reviewed", TRUST).send().await.unwrap(), 200).await;
    let first = &all["reviews"][0];
    assert_eq!((&first["ended"], &first["reviewed"]["verdict"]), (&json!(true), &json!("not-appropriate")));
}
