//! Validation on the path of a message, over the wire: what refuses, with line and column; what only travels back; what
//! the sender of a refused message can read again; and that everything we make ourselves passes.

use cmht_gateway::fhir::{self, Bundle, Format};
use cmht_gateway::map;
use cmht_gateway::model::{DocumentKind, Severity};
use serde_json::{Value, json};

use crate::bad_input::cases::{FHIR, JSON, XML, changed, resource};
use crate::support::{CLINIC, GP, TestGateway, message, plan, renamed, sealed};

/// The issue of an outcome that has this path.
fn at<'a>(outcome: &'a Value, path: &str) -> &'a Value {
    let issues = outcome["issue"].as_array().unwrap();
    issues.iter().find(|issue| issue["expression"][0] == path).unwrap_or_else(|| panic!("{path} in {outcome:#}"))
}

#[tokio::test]
async fn what_definitions_forbid_refuses_with_the_line_it_stands_on_in_json_and_in_xml() {
    let gateway = TestGateway::alone().await;
    let mut wrong = message("complete");
    resource(&mut wrong, "Patient")["gender"] = "banana".into();
    let place = wrong["entry"].as_array().unwrap().iter().position(|e| e["resource"]["resourceType"] == "Patient");
    let path = format!("Bundle.entry[{}].resource.gender", place.unwrap());
    let json = serde_json::to_string_pretty(&wrong).unwrap();
    let xml = String::from_utf8(fhir::write(&wrong, Format::Xml).unwrap()).unwrap().replace("<gender", "\n<gender");
    for (media, body, sign) in [(JSON, json, "\"gender\""), (XML, xml, "<gender")] {
        let line = body.lines().position(|line| line.contains(sign)).unwrap() + 1;
        let response = gateway.post(FHIR, GP, media).body(body).send().await.unwrap();
        assert_eq!(response.status(), 422, "{media}");
        let outcome: Value = response.json().await.unwrap();
        let issue = at(&outcome, &path);
        assert_eq!(issue["severity"], "error");
        assert_eq!(issue["extension"][0]["valueInteger"], line, "{media}: {issue}");
    }
    assert_eq!(gateway.inbox_count("lpt-cap").await, 0);
}

#[tokio::test]
async fn an_extension_nobody_knows_is_noted_and_stops_nothing() {
    let gateway = TestGateway::alone().await;
    let body = changed(|bundle| {
        let extension = json!([{"url": "https://partner.example/shoe-size", "valueInteger": 9}]);
        resource(bundle, "ServiceRequest")["extension"] = extension;
    });
    let response = gateway.post(FHIR, GP, JSON).body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    let outcome = &answer["entry"][1]["resource"];
    let told = |issue: &&Value| issue["diagnostics"].as_str().unwrap().contains("https://partner.example/shoe-size");
    let note = outcome["issue"].as_array().unwrap().iter().find(told).unwrap_or_else(|| panic!("{outcome:#}"));
    assert_eq!(note["severity"], "information");

    // One that changes the meaning of what it stands in is another matter.
    let body = changed(|bundle| {
        let extension = json!([{"url": "https://partner.example/not-meant", "valueBoolean": true}]);
        resource(bundle, "ServiceRequest")["modifierExtension"] = extension;
        bundle["identifier"]["value"] = "modifier-1".into();
    });
    let response = gateway.post(FHIR, GP, JSON).body(body).send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("https://partner.example/not-meant"));
}

#[tokio::test]
async fn why_a_message_was_refused_is_kept_for_its_sender_and_nobody_else() {
    let gateway = TestGateway::alone().await;
    let body = changed(|bundle| resource(bundle, "Patient")["gender"] = "banana".into());
    let response = gateway.post(FHIR, GP, JSON).body(body).send().await.unwrap();
    assert_eq!(response.status(), 422);
    let place = response.headers()["content-location"].to_str().unwrap().to_owned();
    let outcome: Value = response.json().await.unwrap();
    let id = outcome["id"].as_str().unwrap();
    assert_eq!(place, gateway.url(&format!("/messages/{id}")));

    let kept = gateway.get(&format!("/messages/{id}"), GP).send().await.unwrap();
    assert_eq!(kept.status(), 200);
    let kept: Value = kept.json().await.unwrap();
    assert_eq!((&kept["message"], &kept["status"]), (&json!(id), &json!("refused")));
    assert_eq!(kept["outcome"]["issue"], outcome["issue"]);
    assert_eq!(gateway.get(&format!("/messages/{id}"), CLINIC).send().await.unwrap().status(), 404);

    // Native documents and what cannot be read at all, too.
    for (path, media, body, status) in [("/documents/referral", "application/json", "{}", 422), (FHIR, JSON, "{", 400)]
    {
        let response = gateway.post(path, GP, media).body(body).send().await.unwrap();
        assert_eq!(response.status(), status);
        let outcome: Value = response.json().await.unwrap();
        let kept = gateway.get(&format!("/messages/{}", outcome["id"].as_str().unwrap()), GP).send().await.unwrap();
        assert_eq!(kept.json::<Value>().await.unwrap()["outcome"]["issue"], outcome["issue"]);
    }
    // Nobody to keep it for.
    let unknown = gateway.post(FHIR, ("nobody", "x"), JSON).body("{").send().await.unwrap();
    assert!(!unknown.headers().contains_key("content-location"));
    assert!(unknown.json::<Value>().await.unwrap()["id"].is_null());
}

#[tokio::test]
async fn a_native_sender_hears_of_its_own_values_and_not_of_our_codes() {
    let gateway = TestGateway::alone().await;
    let mut referral: Value = serde_json::from_str(&renamed("complete", "own-values-1")).unwrap();
    referral["person"]["nhs_number"]["value"] = "9990718424".into();
    let response = gateway.refer(referral.to_string()).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    let issues = answer["outcome"]["issue"].as_array().unwrap();
    let rules: Vec<&str> = issues.iter().filter_map(|issue| issue["details"]["coding"][0]["code"].as_str()).collect();
    assert!(rules.contains(&"nhs-number-check-digit"), "{rules:?}");
    let ours = issues.iter().find(|issue| issue["diagnostics"].as_str().unwrap().contains("value set"));
    assert_eq!(ours, None);
    let accepted = gateway.get(&format!("/messages/{}", answer["message"].as_str().unwrap()), GP).send().await.unwrap();
    assert_eq!(accepted.json::<Value>().await.unwrap()["status"], "accepted");
}

#[tokio::test]
async fn the_answer_to_a_message_is_valid_itself() {
    let gateway = TestGateway::alone().await;
    let answer: Value = gateway.send(&message("complete")).await.json().await.unwrap();
    let mut wrong = sealed(Bundle::new(answer).unwrap()).err().unwrap_or_default();
    wrong.retain(|issue| issue.severity >= Severity::Error);
    assert_eq!(wrong, []);
}

#[test]
fn every_document_we_make_of_an_example_is_valid_under_uk_core_and_our_own_profiles() {
    let mut wrong = Vec::new();
    let root = format!("{}/profiles/cmht/examples", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in std::fs::read_dir(root).unwrap().flatten() {
        let kind = folder.file_name().into_string().unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let name = file.path().file_stem().unwrap().to_str().unwrap().to_owned();
            let made = map::to_fhir(DocumentKind::from_code(&kind).unwrap(), plan(&kind, &name)).unwrap().value;
            count += 1;
            let found = sealed(made).err().unwrap_or_default();
            wrong.extend(
                found
                    .iter()
                    .filter(|issue| issue.severity >= Severity::Error)
                    .map(|issue| format!("{kind}/{name}: {:?} {}", issue.path, issue.text)),
            );
        }
    }
    assert!(count >= 40, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
