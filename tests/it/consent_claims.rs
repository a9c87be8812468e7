//! What professionals state: by whom it may be stated, that it names somebody and says something, and who reviews it. Over the
//! wire.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::consent_records::{ADA, NATIVE, about, an_override, consent, told};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example};

const NOBODY: &str = "9990000026";

fn places(outcome: &Value) -> Vec<&str> {
    let issues = outcome["issue"].as_array().unwrap();
    issues.iter().filter_map(|issue| issue["expression"][0].as_str()).collect()
}

fn emergency() -> Value {
    json!({"person": ADA, "professional": "Ali Example, nurse", "reason": "Found on a bridge", "team": "lpt-crht"})
}

fn capacity() -> Value {
    json!({"person": ADA, "finding": "in-doubt", "assessed": "2026-03-01T10:00:00Z", "assessor": "Dr A Example"})
}

#[tokio::test]
async fn a_name_or_a_reason_that_shows_nothing_is_refused_wherever_it_is_stated() {
    let gateway = TestGateway::alone().await;
    for text in ["\u{200b}\u{2060}", "\u{3164}\u{3164}", "A", "7", "Dr A Example\nReviewed: appropriate"] {
        for (what, whole, field) in [
            ("overrides", an_override(ADA), "professional"),
            ("overrides", an_override(ADA), "rationale"),
            ("emergency", emergency(), "professional"),
            ("emergency", emergency(), "reason"),
            ("capacity", capacity(), "assessor"),
        ] {
            let mut stated = whole;
            stated[field] = text.into();
            let outcome = told(gateway.claim(what, TRUST, &stated).await, 422).await;
            assert_eq!(places(&outcome), [format!("/{field}")], "{what} {text:?}");
        }
    }
    let reviews = told(gateway.get("/consent/reviews", TRUST).send().await.unwrap(), 200).await;
    assert_eq!(reviews["reviews"], json!([]));
}

#[tokio::test]
async fn an_override_is_recorded_by_who_has_to_do_with_the_person_and_nobody_else_learns_of_anybody() {
    let gateway = TestGateway::alone().await;
    told(gateway.claim("overrides", TRUST, &an_override(ADA)).await, 201).await;
    let mut answers = Vec::new();
    for number in [ADA, NOBODY] {
        let response = gateway.claim("overrides", GP, &an_override(number)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        answers.push(response.text().await.unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    for who in [CHARITY, CLINIC] {
        assert_eq!(gateway.claim("overrides", who, &an_override(ADA)).await.status(), StatusCode::FORBIDDEN);
    }
    // who has sent something about the person has to do with them, and with nobody else
    told(gateway.refer(example("complete")).await, 200).await;
    told(gateway.claim("overrides", GP, &an_override(ADA)).await, 201).await;
    told(gateway.claim("overrides", GP, &an_override(NOBODY)).await, 404).await;
}

#[tokio::test]
async fn the_end_of_what_was_recorded_comes_back_and_one_that_nobody_lives_to_see_is_refused() {
    let gateway = TestGateway::alone().await;
    let stated = an_override(ADA);
    let made = told(gateway.claim("overrides", TRUST, &stated).await, 201).await;
    assert_eq!(made["until"], stated["until"]);
    let mut assessed = capacity();
    assessed["until"] = "2030-01-01T00:00:00Z".into();
    assert_eq!(told(gateway.claim("capacity", TRUST, &assessed).await, 201).await["until"], assessed["until"]);
    assessed["until"] = "9999-12-31T23:59:59Z".into();
    let outcome = told(gateway.claim("capacity", TRUST, &assessed).await, 422).await;
    assert_eq!(places(&outcome), ["/until"]);
    assert!(outcome.to_string().contains("beyond the year 2200"), "{outcome}");
}

#[tokio::test]
async fn an_override_that_names_every_kind_of_information_is_flagged_for_whoever_reviews_it() {
    let gateway = TestGateway::alone().await;
    let mut wide = an_override(ADA);
    let all = cmht_gateway::model::DataCategory::ALL.iter().map(|category| category.code());
    wide["categories"] = all.collect::<Vec<_>>().into();
    for stated in [wide, an_override(ADA)] {
        told(gateway.claim("overrides", TRUST, &stated).await, 201).await;
    }
    let open = told(gateway.get("/consent/reviews", TRUST).send().await.unwrap(), 200).await;
    assert_eq!(open["reviews"][0]["remarks"], json!(["names every kind of information"]));
    assert_eq!(open["reviews"][1]["remarks"], json!([]));
    let unknown = gateway.get("/consent/reviews?state=bogus", TRUST).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn whoever_stated_an_override_or_an_emergency_does_not_review_it_however_the_name_is_spelt() {
    let gateway = TestGateway::alone().await;
    let of = async |what: &str, stated: Value| {
        told(gateway.claim(what, TRUST, &stated).await, 201).await["id"].as_str().unwrap().to_owned()
    };
    let stated = [
        (of("overrides", an_override(ADA)).await, "sam  EXAMPLE, safeguarding lead"),
        (of("emergency", emergency()).await, "ALI example,\u{200b}nurse"),
    ];
    for (id, reviewer) in stated {
        let review = async |reviewer: &str| {
            let body = json!({"reviewer": reviewer, "verdict": "appropriate"}).to_string();
            gateway.post(&format!("/consent/reviews/{id}"), TRUST, NATIVE).body(body).send().await.unwrap()
        };
        for nobody_else in [reviewer, "\u{3164}\u{3164}"] {
            assert_eq!(places(&told(review(nobody_else).await, 422).await), ["/reviewer"]);
        }
        told(review("Dr B Example, Caldicott guardian").await, 200).await;
    }
}

#[tokio::test]
async fn a_consent_that_says_neither_permit_nor_deny_or_is_made_under_other_rules_is_refused_by_path() {
    let gateway = TestGateway::alone().await;
    let mut untyped = consent(ADA, "2026-03-01", about("deny", "harbour-clinic", &[]));
    untyped["provision"]["provision"][0].as_object_mut().unwrap().remove("type");
    let outcome = told(gateway.record(GP, &untyped).await, 422).await;
    assert!(places(&outcome).contains(&"Consent.provision.provision[0].type"), "{outcome:#}");
    let mut ruled = consent(ADA, "2026-03-01", about("deny", "harbour-clinic", &[]));
    ruled["implicitRules"] = "https://rules.example/consent".into();
    let outcome = told(gateway.record(GP, &ruled).await, 422).await;
    assert!(places(&outcome).contains(&"Consent.implicitRules"), "{outcome:#}");
}

#[tokio::test]
async fn the_report_comes_in_the_form_that_is_accepted_and_not_in_one_that_is_refused() {
    let gateway = TestGateway::alone().await;
    for (accept, expected) in [
        ("text/plain", "text/plain"),
        ("application/pdf;q=0, text/plain", "text/plain"),
        ("application/pdf;q=0.1, application/fhir+xml", "application/fhir+xml"),
        ("text/plain;q=0, application/pdf;q=0", "application/fhir+json"),
        ("application/fhir+json;q=0, */*", "application/fhir+xml"),
        ("application/fhir+json;q=0", "application/fhir+xml"),
    ] {
        let body = json!({"person": ADA}).to_string();
        let response = gateway.post("/consent/report", TRUST, NATIVE).header("accept", accept).body(body).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{accept}");
        let found = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(found.starts_with(expected), "{accept}: {found}");
    }
}
