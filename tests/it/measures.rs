//! A year in little through the pipeline against a tally of its own; and the measures over HTTP, as a page, and for whom.

use cmht_gateway::simulate::{Wanted, simulate};
use serde_json::Value;

use crate::support::{GP, TRUST, TestGateway, example};

#[tokio::test(flavor = "multi_thread")]
async fn the_measures_of_a_year_are_what_was_counted_beside() {
    let wanted = Wanted { people: 90, seed: 7, messages: 450, days: 365 };
    let outcome = simulate(wanted, |_| ()).await.unwrap();
    assert!(outcome.differences.is_empty(), "{}\n{}", outcome.differences.join("\n"), outcome.summary());
    assert!(outcome.cells > 100 && outcome.refused > 0 && outcome.clocks_breached > 0, "{}", outcome.summary());
    let followed = outcome.requests > 80 && outcome.steps > 30 && outcome.kept > outcome.requests;
    assert!(followed, "{}", outcome.summary());
    println!("{}", outcome.summary());
}

#[tokio::test]
async fn measures_are_for_the_trust_and_tell_of_nobody() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await.error_for_status().unwrap();
    let month = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date();
    let query = format!("/measures?from={}&to={}&by=ethnic-group", month.first_of_month(), month.last_of_month());
    assert_eq!(gateway.get(&query, GP).send().await.unwrap().status(), 403);
    let json: Value = gateway.get(&query, TRUST).send().await.unwrap().json().await.unwrap();
    let received = json["measures"].as_array().unwrap().iter().find(|measure| measure["id"] == "ME-14").unwrap();
    assert_eq!(received["total"]["denominator"], "*", "{received}");
    assert_eq!(received["groups"][0]["group"], "black", "{received}");
    let as_kind = async |kind: &str| {
        let answer = gateway.get(&query, TRUST).header("accept", kind).send().await.unwrap();
        let found = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (found, answer.text().await.unwrap())
    };
    let (kind, csv) = as_kind("text/csv").await;
    assert!(kind.starts_with("text/csv") && csv.contains("ME-14,Referrals that came incomplete,"), "{csv}");
    let (kind, fhir) = as_kind("application/fhir+json").await;
    assert!(kind.starts_with("application/fhir+json"));
    let bundle: Value = serde_json::from_str(&fhir).unwrap();
    assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "MeasureReport");
    let checked = gateway.post("/fhir/$validate", TRUST, "application/fhir+json").body(fhir).send().await.unwrap();
    let checked: Value = checked.json().await.unwrap();
    let errors: Vec<&Value> =
        checked["issue"].as_array().unwrap().iter().filter(|issue| issue["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for wrong in ["from=2026-01-02&to=2026-01-31", "from=2026-01-01", "by=postcode", "since=2026"] {
        let answer = gateway.get(&format!("/measures?{wrong}"), TRUST).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
    }
}
