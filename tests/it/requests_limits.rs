//! What a step may not reach: somebody else's task, a team that cannot take a referral, the id of another request's step.

use cmht_gateway::directory::DEMO;
use serde_json::{Value, json};

use crate::consent_records::{NATIVE, told};
use crate::support::{Recipient, TRUST, TestGateway, example};

/// The access point's own client: the trust's directory entry of its secret is as good as any made-up one.
const CAP: (&str, &str) = ("lpt-cap", "lpt-secret");
const OTHER_TEAM: (&str, &str) = ("lpt-cmht-charnwood", "lpt-secret");

/// A gateway whose teams have clients of their own.
async fn with_teams() -> (TestGateway, [Recipient; 2]) {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    let at = DEMO.find("id = \"lpt\"\nsecret_hash").unwrap();
    let hash = DEMO[at..].lines().nth(1).unwrap();
    let clients = [CAP.0, OTHER_TEAM.0].map(|id| format!("\n[[client]]\nid = \"{id}\"\n{hash}\nparty = \"{id}\"\n"));
    let directory = format!("{DEMO}{}", clients.concat());
    let gateway = TestGateway::start_of(&directory, &gp, &clinic, |_| ()).await;
    (gateway, [gp, clinic])
}

async fn referred(gateway: &TestGateway, id: &str) -> String {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = id.into();
    told(gateway.refer(referral.to_string()).await, 200).await["message"].as_str().unwrap().to_owned()
}

async fn say(gateway: &TestGateway, who: (&str, &str), request: &str, body: Value, status: u16) -> Value {
    let path = format!("/requests/{request}/status");
    told(gateway.post(&path, who, NATIVE).body(body.to_string()).send().await.unwrap(), status).await
}

#[tokio::test]
async fn a_step_that_names_no_task_is_of_the_callers_own_and_never_of_somebody_elses() {
    let (gateway, _recipients) = with_teams().await;
    for number in 0..6 {
        let request = referred(&gateway, &format!("own-{number}")).await;
        say(&gateway, CAP, &request, json!({"status": "triaged"}), 200).await;
        say(&gateway, CAP, &request, json!({"status": "cancelled-by-owner", "reason": "Nobody."}), 403).await;
        let found = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
        for task in found["tasks"].as_array().unwrap() {
            let expected = if task["owner"] == CAP.0 { "triaged" } else { "received" };
            assert_eq!(task["status"], expected, "{task:#}");
        }
    }
}

#[tokio::test]
async fn a_team_of_the_trust_that_has_nothing_to_do_with_a_request_finds_nothing_and_does_not_run_the_gateway() {
    let (gateway, _recipients) = with_teams().await;
    let request = referred(&gateway, "team-1").await;
    let entered = json!({"status": "entered-in-error", "reason": "Not ours."});
    say(&gateway, OTHER_TEAM, &request, entered.clone(), 404).await;
    told(gateway.get(&format!("/requests/{request}"), OTHER_TEAM).send().await.unwrap(), 404).await;
    let recall = format!("/messages/{request}/recall");
    told(gateway.post(&recall, OTHER_TEAM, NATIVE).body(entered.to_string()).send().await.unwrap(), 404).await;
    for (path, who, status) in [
        ("/measures?from=2026-01-01&to=2026-01-31", OTHER_TEAM, 403),
        ("/measures?from=2026-01-01&to=2026-01-31", TRUST, 200),
        ("/consent/reviews", OTHER_TEAM, 404),
        ("/consent/reviews", TRUST, 200),
    ] {
        let got = gateway.get(path, who).send().await.unwrap().status().as_u16();
        assert_eq!(got, status, "{path} by {}", who.0);
    }
    let take = gateway.post("/directory", OTHER_TEAM, NATIVE).body("{}").send().await.unwrap().status();
    assert_eq!(take.as_u16(), 403);
}

#[tokio::test]
async fn a_referral_goes_on_to_nhs_teams_and_to_nobody_else() {
    let (gateway, _recipients) = with_teams().await;
    let request = referred(&gateway, "onward-1").await;
    for team in ["demo-gp-two", "wellbeing-roots", "harbour-clinic", "lpt", "nobody-at-all"] {
        for status in ["accepted", "redirected"] {
            let body = json!({"status": status, "team": team, "reason": "Theirs."});
            let refused = say(&gateway, CAP, &request, body, 422).await;
            assert_eq!(refused["issue"][0]["expression"], json!(["/team"]), "{refused:#}");
        }
    }
    let taken = say(&gateway, CAP, &request, json!({"status": "accepted", "team": "lpt-cmht-charnwood"}), 200).await;
    assert_eq!(taken["next"], "lpt-cmht-charnwood");
}

#[tokio::test]
async fn the_id_of_a_step_belongs_to_one_request() {
    let (gateway, _recipients) = with_teams().await;
    let (one, other) = (referred(&gateway, "step-1").await, referred(&gateway, "step-2").await);
    let step = json!({"id": "6a1d8b52-2f53-4a0c-8f39-1d7f0d1c2b11", "status": "triaged"});
    say(&gateway, CAP, &one, step.clone(), 200).await;
    say(&gateway, CAP, &one, step.clone(), 200).await;
    say(&gateway, CAP, &other, step, 409).await;
    say(&gateway, CAP, &other, json!({"status": "triaged", "version": "1"}), 422).await;
}
