//! What whoever sends a plan or letter is told of it: what it lacks of what the trust asks for, and that an outcome gets
//! back to whoever asked. Over the wire.

use serde_json::{Value, json};

use crate::support::{CHARITY, Recipient, TRUST, TestGateway, plan};

async fn answered(gateway: &TestGateway, sender: (&str, &str), kind: &str, document: &Value) -> Value {
    let path = format!("/documents/{kind}");
    let response = gateway.post(&path, sender, "application/json").body(document.to_string()).send().await.unwrap();
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{answer:#}");
    answer
}

#[tokio::test]
async fn a_discharge_letter_is_taken_and_what_it_lacks_is_told() {
    let gateway = TestGateway::alone().await;
    let mut letter = plan("discharge-letter", "full");
    let whole = answered(&gateway, TRUST, "discharge-letter", &letter).await;
    assert_eq!(whole["missing"], json!([]));
    letter["id"] = "without-signatures".into();
    letter.as_object_mut().unwrap().remove("relapse_signatures");
    let answer = answered(&gateway, TRUST, "discharge-letter", &letter).await;
    let missing = answer["missing"].as_array().unwrap();
    let found: Vec<_> = missing.iter().map(|m| (m["rule"].as_str().unwrap(), m["pointer"].as_str().unwrap())).collect();
    assert_eq!(found, [("DL-4a", "/relapse_signatures")]);
    let told = answer["outcome"]["issue"].as_array().unwrap();
    let issue = told.iter().find(|issue| issue["code"] == "incomplete").unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(issue["expression"][0], "/relapse_signatures");
    assert!(issue["diagnostics"].as_str().unwrap().starts_with("This is missing: Relapse signatures. "), "{issue}");
}

#[tokio::test]
async fn what_became_of_a_handover_gets_back_to_the_team_that_made_it() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let mut outcome = plan("handover-outcome", "full");
    outcome["copies"] = json!([{"party": "lpt-cmht-city-east"}, {"party": "demo-gp"}, {"party": "speakwell-advocacy"}]);
    let answer = answered(&gateway, CHARITY, "handover-outcome", &outcome).await;
    let found: Vec<_> = answer["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["party"].as_str().unwrap(), r["role"].as_str().unwrap(), r["release"].as_str().unwrap()))
        .collect();
    let expected = [
        ("lpt-cmht-city-east", "addressee", "whole"),
        ("demo-gp", "addressee", "whole"),
        ("speakwell-advocacy", "copy", "denied"),
    ];
    assert_eq!(found, expected, "only the NHS is told without the person's consent");
    gateway.settled().await;
    assert_eq!((gateway.inbox_count("lpt-cmht-city-east").await, gp.taken().len()), (1, 1));
}
