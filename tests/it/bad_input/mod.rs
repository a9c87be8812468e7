//! Bad input over the wire: the right status, an OperationOutcome that says what and where, nothing stored but the
//! audit entry, and the gateway still standing afterwards.

pub(crate) mod cases;
mod content;

use serde_json::Value;

use self::cases::{Case, FHIR, JSON, NATIVE, XML, changed, good, good_xml, media_and_syntax, resource, xml};
use self::content::{documents, resources, workflows};
use crate::support::{GP, TestGateway, message};

#[tokio::test]
async fn every_bad_input_is_refused_with_the_right_status_and_words_and_nothing_is_stored() {
    let gateway = TestGateway::alone().await;
    let cases: Vec<Case> =
        media_and_syntax().into_iter().chain(xml()).chain(resources()).chain(workflows()).chain(documents()).collect();
    assert!(cases.len() >= 55, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let sent = gateway.post(case.path, GP, case.media).body(case.body).send().await;
        let response = sent.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap_or_default();
        let issues = body["issue"].as_array().cloned().unwrap_or_default();
        let text = body.to_string();
        if body["resourceType"] != "OperationOutcome" || issues.is_empty() {
            wrong.push(format!("{}: no OperationOutcome: {text}", case.name));
        } else if status != case.status {
            wrong.push(format!("{}: {status} instead of {}: {text}", case.name, case.status));
        } else if !issues.iter().any(|issue| issue["code"] == case.code) {
            wrong.push(format!("{}: no issue of code {}: {text}", case.name, case.code));
        } else if let Some(missing) = case.says.iter().find(|word| !text.contains(**word)) {
            wrong.push(format!("{}: does not say {missing}: {text}", case.name));
        }
        if gateway.inbox_count("lpt-cap").await > 0 {
            wrong.push(format!("{}: something was stored", case.name));
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Still standing, and a good message still goes through.
    assert_eq!(gateway.send(&message("complete")).await.status(), 200);
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_and_not_held_in_memory() {
    let gateway = TestGateway::alone().await;
    for path in [FHIR, NATIVE] {
        let body = vec![b' '; 100 * 1024 * 1024];
        let response = gateway.post(path, GP, "application/json").body(body).send().await;
        // The gateway may close the connection instead of reading it all; either way nothing is taken.
        if let Ok(response) = response {
            assert_eq!(response.status(), 413);
            let outcome: Value = response.json().await.unwrap();
            assert_eq!(outcome["issue"][0]["code"], "too-long");
        }
    }
    assert_eq!(gateway.client.get(gateway.url("/ready")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_is_unusual_but_right_is_taken() {
    let gateway = TestGateway::alone().await;
    let lower = good_xml().replacen("UTF-8", "utf-8", 1);
    let xml_like = |text: &str| text.replacen("<Bundle", "<!-- a comment --><Bundle", 1);
    let with_bom = |text: &str| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let pretty = serde_json::to_string_pretty(&message("complete")).unwrap();
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("plain JSON", JSON, good().into_bytes()),
        ("pretty JSON", JSON, pretty.into_bytes()),
        ("JSON with BOM", JSON, with_bom(&good())),
        ("application/json", "application/json", good().into_bytes()),
        ("charset in capitals", "application/fhir+json; charset=UTF-8", good().into_bytes()),
        ("FHIR version parameter", "application/fhir+json; fhirVersion=4.0", good().into_bytes()),
        ("plain XML", XML, good_xml().into_bytes()),
        ("lower-case utf-8", XML, lower.into_bytes()),
        ("XML with BOM", XML, with_bom(&good_xml())),
        ("XML with a comment", XML, xml_like(&good_xml()).into_bytes()),
        ("text/xml", "text/xml", good_xml().into_bytes()),
    ];
    for (name, media, body) in cases {
        let response = gateway.post(FHIR, GP, media).body(body).send().await.unwrap();
        let status = response.status().as_u16();
        assert_eq!(status, 200, "{name}: {}", response.text().await.unwrap());
    }
    assert_eq!(gateway.inbox_count("lpt-cap").await, 1, "all of them are the same message");
}

#[tokio::test]
async fn a_caller_that_is_not_known_learns_nothing_and_leaves_an_audit_entry() {
    let gateway = TestGateway::alone().await;
    let before = gateway.running.store.audit_head().await.unwrap().map_or(0, |(seq, _)| seq);
    let mut texts = Vec::new();
    for credentials in [("demo-gp", "wrong"), ("nobody", "demo-gp-secret"), ("", "")] {
        let response = gateway.post(FHIR, credentials, JSON).body(good()).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key("www-authenticate"));
        texts.push(response.text().await.unwrap());
    }
    let bare = gateway.client.post(gateway.url(FHIR)).header("content-type", JSON).body(good()).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    texts.push(bare.text().await.unwrap());
    texts.dedup();
    assert_eq!(texts.len(), 1, "all failures read the same");
    let after = gateway.running.store.audit_head().await.unwrap().unwrap().0;
    assert_eq!(after - before, 8, "opened and refused, four times");
}

#[tokio::test]
async fn a_wrong_address_or_method_is_answered_in_fhir() {
    let gateway = TestGateway::alone().await;
    let missing = gateway.get("/fhir/Nothing", GP).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap()["resourceType"], "OperationOutcome");
    let method = gateway.get(FHIR, GP).send().await.unwrap();
    assert_eq!(method.status(), 405);
    assert_eq!(method.json::<Value>().await.unwrap()["resourceType"], "OperationOutcome");
    assert_eq!(gateway.post("/documents/horoscope", GP, JSON).body("{}").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_wrong_check_digit_is_a_warning_and_the_referral_goes_on_with_the_number_marked() {
    let gateway = TestGateway::alone().await;
    let wrong = changed(|b| resource(b, "Patient")["identifier"][0]["value"] = "9990718424".into());
    assert!(cmht_gateway::model::NhsNumber::parse("9990718424").is_err());
    let response = gateway.post(FHIR, GP, JSON).body(wrong).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.contains("is not a valid NHS number: the check digit should be"), "{text}");
    let item = &gateway.running.store.inbox(&crate::support::party("lpt-cap")).await.unwrap()[0];
    let body = String::from_utf8_lossy(&item.body).to_string();
    assert!(body.contains("9990718424") && body.contains("NHSNumberVerificationStatus"), "it goes on, marked");
}
