//! A year in little through the pipeline against a tally of its own; and the measures over HTTP, as a page, and for whom.

use cmht_gateway::simulate::{Wanted, simulate};
use serde_json::Value;

use crate::support::{CHARITY, GP, TRUST, TestGateway, example};

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
    for wrong in [
        "from=2026-01-02&to=2026-01-31",
        "from=2026-09-01&to=2026-10-31",
        "from=2026-01-01",
        "by=postcode",
        "since=2026",
    ] {
        let answer = gateway.get(&format!("/measures?{wrong}"), TRUST).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_page_of_the_measures_is_for_the_trust_hides_small_numbers_and_comes_as_files_too() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await.error_for_status().unwrap();
    let month = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date();
    let period = format!("from={}&to={}", month.first_of_month(), month.last_of_month());
    let get = async |cookie: Option<&str>, path: &str| {
        let request = gateway.client.get(gateway.url(path));
        let request = cookie.iter().fold(request, |request, cookie| request.header("cookie", *cookie));
        request.send().await.unwrap()
    };
    let page = format!("/portal/measures?{period}&by=gender");
    let nobody = get(None, &page).await;
    assert!(nobody.url().path().ends_with("/portal/sign-in"), "{}", nobody.url());
    let charity = crate::portal::signed_in(&gateway, "wellbeing-roots", "wellbeing-roots-password").await;
    assert_eq!(get(Some(&charity), &page).await.status(), 404);
    assert_eq!(get(Some(&charity), "/portal/measures?by=postcode").await.status(), 404, "before anything is read");
    assert_eq!(gateway.get(&format!("/measures?{period}"), CHARITY).send().await.unwrap().status(), 403);
    let desk = crate::portal::signed_in(&gateway, "lpt-operations", "lpt-operations-password").await;
    let shown = get(Some(&desk), &page).await;
    assert_eq!(shown.status(), 200);
    assert_eq!(shown.headers()["cache-control"], "no-store");
    assert!(shown.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let shown = shown.text().await.unwrap();
    let received = shown.split_once("(ME-14)").unwrap().1.split_once("(ME-15)").unwrap().0;
    assert!(received.contains("* ") && !received.contains(">1 "), "one referral is too few to be shown: {received}");
    for never in ["9990718423", "Okonjo", "SMP-"] {
        assert!(!shown.contains(never), "{never}");
    }
    for wrong in ["from=2026-01-02&to=2026-01-31", "from=2026-01-01", "by=postcode", "since=2026"] {
        let answer = get(Some(&desk), &format!("/portal/measures?{wrong}")).await;
        assert_eq!(answer.status(), 400, "{wrong}");
    }
    // the same as files
    for (accept, kind) in [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/fhir+json", "application/fhir+json"),
        ("*/*", "application/json"),
    ] {
        let answer = gateway.get(&format!("/measures?{period}&by=gender"), TRUST).header("accept", accept);
        let answer = answer.send().await.unwrap();
        let found = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(found.starts_with(kind), "{accept}: {found}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("9990718423") && !text.contains("Okonjo"), "{accept}");
    }
    let xml = gateway.get(&format!("/measures?{period}"), TRUST).header("accept", "application/fhir+xml");
    let xml = xml.send().await.unwrap();
    assert!(xml.headers()["content-type"].to_str().unwrap().starts_with("application/fhir+xml"));
    assert!(xml.text().await.unwrap().contains("<MeasureReport"));
}
