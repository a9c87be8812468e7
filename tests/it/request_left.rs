//! Requests of a team that the directory ends: nobody loses them, and the trust goes on with them.

use serde_json::{Value, json};

use crate::consent_records::{NATIVE, told};
use crate::support::{CHARITY, TRUST, TestGateway, renamed};

const EAST: &str = "lpt-cmht-city-east";
const NEXT: &str = "lpt-cmht-charnwood";

async fn tasks(gateway: &TestGateway, request: &str) -> Vec<Value> {
    let found = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
    found["tasks"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_a_team_leaves_behind_the_trust_reads_and_passes_on_and_the_operations_page_tells_of_it() {
    let gateway = TestGateway::alone().await;
    let answer = told(gateway.refer(renamed("complete", "left-1")).await, 200).await;
    let request = answer["message"].as_str().unwrap().to_owned();
    let path = format!("/requests/{request}/status");
    let say = async |who: (&str, &str), body: Value, status: u16| {
        told(gateway.post(&path, who, NATIVE).body(body.to_string()).send().await.unwrap(), status).await
    };
    let cap = tasks(&gateway, &request).await.iter().find(|one| one["owner"] == "lpt-cap").unwrap()["task"].clone();
    say(TRUST, json!({"task": cap, "status": "accepted", "team": EAST}), 200).await;
    let desk = crate::portal::signed_in(&gateway, "lpt-operations", "lpt-operations-password").await;
    let page = async || {
        let page = gateway.client.get(gateway.url("/portal/operations")).header("cookie", &desk).send().await.unwrap();
        page.text().await.unwrap()
    };
    let heading = "Requests of teams that are no longer in the directory";
    assert!(page().await.contains(&format!("{heading}</a> (0)")));

    let mut directory = told(gateway.get("/directory", TRUST).header("accept", NATIVE).send().await.unwrap(), 200)
        .await["directory"]
        .take();
    for team in directory["team"].as_array_mut().unwrap().iter_mut().filter(|team| team["id"] == EAST) {
        team["until"] = "2026-01-01".into();
        team.as_object_mut().unwrap().remove("from");
    }
    told(
        gateway
            .post("/directory", TRUST, NATIVE)
            .header("if-match", "*")
            .body(directory.to_string())
            .send()
            .await
            .unwrap(),
        200,
    )
    .await;
    let shown = page().await;
    assert!(shown.contains(&format!("{heading}</a> (1)")) && shown.contains(&request), "{shown}");

    let inbox = told(gateway.get("/inbox", TRUST).send().await.unwrap(), 200).await;
    let items = inbox["items"].as_array().unwrap();
    let item = items
        .iter()
        .find(|item| item["recipient"] == EAST && item["message"] == request.as_str() && item["kind"] == "referral")
        .unwrap_or_else(|| panic!("{inbox:#}"));
    let item = format!("/inbox/{}", item["id"].as_str().unwrap());
    assert_eq!(gateway.get(&item, TRUST).send().await.unwrap().status(), 200);
    assert_eq!(gateway.get(&item, CHARITY).send().await.unwrap().status(), 404);

    let all = tasks(&gateway, &request).await;
    let left = all.iter().find(|one| one["owner"] == EAST).unwrap();
    assert!(left["may"].as_array().unwrap().contains(&json!("redirected")), "{left:#}");
    let left = left["task"].clone();
    say(CHARITY, json!({"task": left, "status": "allocated"}), 404).await;
    say(TRUST, json!({"task": left, "status": "allocated"}), 200).await;
    let passed = json!({"task": left, "status": "redirected", "team": NEXT, "reason": "The team was closed."});
    assert_eq!(say(TRUST, passed, 200).await["next"], NEXT);
    let all = tasks(&gateway, &request).await;
    let next = all.iter().find(|one| one["owner"] == NEXT).unwrap();
    assert_eq!((&next["status"], &next["role"]), (&json!("accepted"), &json!("responsible")), "not triaged again");
    assert!(page().await.contains(&format!("{heading}</a> (0)")));
}
