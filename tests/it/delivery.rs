//! Delivery: recipients that are down, that refuse, that answered and were not heard; order, and no second copy.

use std::time::Duration;

use crate::support::recipient::Arrived;
use crate::support::{CLINIC, GP, Recipient, TestGateway, message, party, renamed};

#[tokio::test]
async fn a_recipient_down_for_three_attempts_gets_it_once_when_it_is_up() {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[503, 503, 503]);
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let response = gateway.send(&message("complete")).await;
    assert_eq!(response.status(), 200);
    gateway.settled().await;
    assert_eq!(clinic.asked(), 4);
    assert_eq!(clinic.taken().len(), 1);
    assert!(gateway.running.store.failed().await.unwrap().is_empty());
}

#[tokio::test]
async fn messages_about_one_person_arrive_in_the_order_they_were_accepted() {
    let clinic = Recipient::listen().await;
    // The first message is refused twice for a while; the later ones must not overtake it.
    clinic.then_answer(&[503, 503, 503]);
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let ids = ["order-1", "order-2", "order-3", "order-4"];
    for id in ids {
        assert_eq!(gateway.refer(renamed("complete", id)).await.status(), 200);
    }
    gateway.settled().await;
    let arrived: Vec<String> = clinic.taken().iter().map(Arrived::identifier).collect();
    assert_eq!(arrived, ids);
}

#[tokio::test]
async fn a_recipient_that_refuses_the_content_is_not_asked_again_and_a_person_is_told() {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[422]);
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let answer: serde_json::Value = gateway.refer(renamed("complete", "refused-1")).await.json().await.unwrap();
    gateway.settled().await;
    assert_eq!(clinic.asked(), 1);
    let failed = gateway.running.store.failed().await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].recipient, party("harbour-clinic"));
    // The sender sees it too.
    let path = format!("/messages/{}", answer["message"].as_str().unwrap());
    let status: serde_json::Value = gateway.get(&path, GP).send().await.unwrap().json().await.unwrap();
    let row = status["deliveries"].as_array().unwrap().iter().find(|d| d["recipient"] == "harbour-clinic").unwrap();
    assert_eq!(row["state"], "failed");
    assert!(row["reason"].as_str().unwrap().contains("422"));
}

#[tokio::test]
async fn a_recipient_that_says_duplicate_has_it() {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[500]);
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    gateway.refer(renamed("complete", "twice-1")).await;
    gateway.settled().await;
    let first = clinic.taken();
    assert_eq!(first.len(), 1);
    // The same message again: the same answer, and nothing new goes out.
    gateway.refer(renamed("complete", "twice-1")).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    gateway.settled().await;
    assert_eq!(clinic.taken().len(), 1);
}

#[tokio::test]
async fn a_crisis_delivery_does_not_wait_behind_recipients_that_hang() {
    let (gp, clinic) = (Recipient::listen().await, Recipient::listen().await);
    clinic.hang();
    let gateway = TestGateway::start_with(&gp, &clinic, |config| config.worker.concurrency = 4).await;
    for number in 0..8 {
        // Without an NHS number each message is a person of its own, so none waits for another.
        let mut referral: serde_json::Value =
            serde_json::from_str(&renamed("complete", &format!("hang-{number}"))).unwrap();
        referral["person"]["nhs_number"] = serde_json::json!({"unavailable": "not-known"});
        assert_eq!(gateway.refer(referral.to_string()).await.status(), 200);
    }
    for _ in 0..200 {
        if clinic.asked() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let mut crisis: serde_json::Value = serde_json::from_str(&renamed("complete", "hang-crisis")).unwrap();
    crisis["response"] = "crisis".into();
    gateway.refer(crisis.to_string()).await;
    for _ in 0..100 {
        if clinic.asked() >= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(clinic.asked(), 4, "three places for the rest, one kept for the crisis copy");
}

#[tokio::test]
async fn one_recipient_that_hangs_does_not_hold_up_another() {
    let gp = Recipient::listen().await;
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[503; 40]);
    let gateway = TestGateway::start(&gp, &clinic).await;
    gateway.refer(renamed("complete", "held-1")).await;
    gateway.refer(renamed("incomplete", "asked-1")).await;
    for _ in 0..200 {
        if !gp.taken().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(gp.taken().len(), 1, "the GP is asked for what is missing while the clinic is down");
    assert!(clinic.taken().is_empty());
}

#[tokio::test]
async fn what_waits_for_a_recipient_that_now_reads_its_inbox_lies_there_and_is_not_tried_any_more() {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[503; 400]);
    let set = |config: &mut cmht_gateway::config::Config| config.worker.max_attempts = 1000;
    let gateway = TestGateway::start_with(&Recipient::listen().await, &clinic, set).await;
    let answer: serde_json::Value = gateway.refer(renamed("complete", "moved-1")).await.json().await.unwrap();
    while clinic.asked() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(gateway.inbox_count("harbour-clinic").await, 0);
    let (id, secret) = CLINIC;
    let entry = gateway.client.put(gateway.url("/directory/entry")).basic_auth(id, Some(secret));
    let entry = entry.header("content-type", "application/json").body("{\"receives\": {\"how\": \"inbox\"}}");
    let moved = entry.send().await.unwrap();
    assert_eq!(moved.status(), 200, "{}", moved.text().await.unwrap());
    gateway.settled().await;
    let items: serde_json::Value = gateway.get("/inbox", CLINIC).send().await.unwrap().json().await.unwrap();
    assert!(items.to_string().contains("referral"), "{items}");
    assert_eq!(gateway.inbox_count("harbour-clinic").await, 1);
    assert!(gateway.running.store.failed().await.unwrap().is_empty());
    let asked = clinic.asked();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(clinic.asked(), asked, "not tried any more");
    let path = format!("/messages/{}", answer["message"].as_str().unwrap());
    let status: serde_json::Value = gateway.get(&path, GP).send().await.unwrap().json().await.unwrap();
    let row = status["deliveries"].as_array().unwrap().iter().find(|d| d["recipient"] == "harbour-clinic").unwrap();
    assert_eq!((&row["state"], &row["channel"]), (&"delivered".into(), &"inbox".into()), "{row}");
    assert!(row["read"].is_null(), "nobody has opened it");
    assert!(cmht_gateway::audit::verify(gateway.running.store.as_ref()).await.unwrap().is_ok());
}
