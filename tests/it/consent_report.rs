//! The report to the person: everything that went, to whom, why, on what basis, and what was held back, in every form;
//! and never what a carer told in confidence. Over the wire and from the command line.

use std::process::Command;

use cmht_gateway::fhir::strict;
use serde_json::{Value, json};

use crate::consent_records::{ADA, NATIVE, an_override, entries, told};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example};

async fn asked(gateway: &TestGateway, who: (&str, &str), accept: &str) -> reqwest::Response {
    let body = json!({"person": ADA}).to_string();
    gateway.post("/consent/report", who, NATIVE).header("accept", accept).body(body).send().await.unwrap()
}

#[tokio::test]
async fn the_person_is_told_who_got_what_and_on_what_basis_in_every_form() {
    let gateway = TestGateway::alone().await;
    told(gateway.claim("overrides", TRUST, &an_override(ADA)).await, 201).await;
    told(gateway.refer(example("complete")).await, 200).await;
    gateway.settled().await;
    let item = gateway.running.store.inbox(&crate::support::party("wellbeing-roots")).await.unwrap()[0].delivery;
    gateway.get(&format!("/inbox/{item}"), CHARITY).send().await.unwrap();

    let bundle = told(asked(&gateway, TRUST, "application/fhir+json").await, 200).await;
    assert_eq!(strict(&bundle), []);
    let events = entries(&bundle);
    let to = |party: &str| {
        let found = events.iter().find(|event| event["agent"][1]["who"]["identifier"]["value"] == party);
        *found.unwrap_or_else(|| panic!("{party} in {bundle:#}"))
    };
    let clinic = to("harbour-clinic");
    assert!(clinic["outcomeDesc"].as_str().unwrap().starts_with("They got it on"));
    assert!(!clinic["agent"][0]["policy"].as_array().unwrap().is_empty());
    assert_eq!(clinic["entity"][0]["what"]["identifier"]["value"], ADA);
    assert!(clinic.to_string().contains("drug and alcohol information"), "what was held back: {clinic:#}");
    assert!(to("wellbeing-roots")["outcomeDesc"].as_str().unwrap().starts_with("They opened it on"));

    let text = asked(&gateway, TRUST, "text/plain").await.text().await.unwrap();
    for said in ["Harbour Clinic", "Wellbeing Roots", "They got it on", "Held back from them", "safeguarding lead"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    // the professional's own words may repeat what somebody told in confidence
    assert!(!text.contains("neighbour") && !bundle.to_string().contains("neighbour"));
    let pdf = asked(&gateway, TRUST, "application/pdf").await;
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-"));

    for who in [GP, CHARITY, CLINIC] {
        assert_eq!(asked(&gateway, who, "text/plain").await.status(), 404);
    }
    let in_url = gateway.get("/consent/report", TRUST).send().await.unwrap();
    assert_eq!(in_url.status(), 405);
}

#[tokio::test]
async fn what_was_told_in_confidence_is_not_told_nor_that_it_was_held_back() {
    let gateway = TestGateway::alone().await;
    told(gateway.refer(example("complete")).await, 200).await;
    let bundle = told(asked(&gateway, TRUST, "application/fhir+json").await, 200).await.to_string();
    let text = asked(&gateway, TRUST, "text/plain").await.text().await.unwrap();
    for silent in ["told in confidence", "CS-07", "CS-20", "statements by other people", "carer and next of kin"] {
        assert!(!text.contains(silent) && !bundle.contains(silent), "{silent}");
    }
}

#[tokio::test]
async fn nobody_known_gives_an_empty_report_and_a_wrong_number_none() {
    let gateway = TestGateway::alone().await;
    let bundle = told(asked(&gateway, TRUST, "application/fhir+json").await, 200).await;
    assert!(entries(&bundle).is_empty());
    let wrong = gateway.post("/consent/report", TRUST, NATIVE).body(json!({"person": "123"}).to_string());
    let outcome: Value = told(wrong.send().await.unwrap(), 422).await;
    assert_eq!(outcome["issue"][0]["expression"][0], "/person");
}

#[test]
fn the_command_line_makes_the_report_and_refuses_what_is_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("directory.toml"), include_str!("../../profiles/rules/demo-directory.toml")).unwrap();
    let config = format!(
        "listen = \"127.0.0.1:0\"\ndatabase = \"{0}/gateway.db\"\ndirectory = \"{0}/directory.toml\"\nparty = \"lpt\"\n",
        path.display()
    );
    std::fs::write(path.join("gateway.toml"), config).unwrap();
    let run = |person: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
        command.args(["consent", "report", "--person", person, "--config"]).arg(path.join("gateway.toml")).args(more);
        command.output().unwrap()
    };
    let made = run(ADA, &[]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("Nothing about you went to anybody."));
    let file = path.join("report.pdf");
    assert!(run(ADA, &["--format", "pdf", "--output", file.to_str().unwrap()]).status.success());
    assert!(std::fs::read(file).unwrap().starts_with(b"%PDF-"));
    let refused = run("9990718424", &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("9990718424"));
}
