//! Who is told of clocks, and that it is once: by one sweeper, by two at once, and by a real gateway that is killed.

use std::collections::BTreeMap;
use std::time::Duration;

use cmht_gateway::model::{Clock, ClockState, DocumentKind, MessageId};
use cmht_gateway::store::{CareChanges, CareCommit, ClocksWanted, InboxItem, SqliteStore, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::{TestGateway, example, party};

/// Later than any clock but those of months.
const LATER: SignedDuration = SignedDuration::from_hours(24 * 60);

/// An urgent referral of the GP, accepted; its message.
async fn urgent(gateway: &TestGateway) -> MessageId {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = "CLOCKS-1".into();
    referral["response"] = "urgent".into();
    let answer = gateway.refer(referral.to_string()).await;
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    MessageId::parse(answer["message"].as_str().unwrap()).unwrap()
}

async fn notices(store: &dyn Store, recipient: &str) -> Vec<InboxItem> {
    let mut items = store.inbox(&party(recipient)).await.unwrap();
    items.retain(|item| item.kind == DocumentKind::ClockNotice);
    items
}

async fn open(store: &dyn Store, rule: &str) -> Vec<Clock> {
    let all = store.clocks(&ClocksWanted::Open { owner: None }, 1000).await.unwrap();
    all.into_iter().filter(|clock| clock.rule == rule).collect()
}

#[tokio::test]
async fn owners_are_warned_and_told_of_a_breach_once_and_the_trust_of_the_breach_alone() {
    let gateway = TestGateway::alone().await;
    let store = gateway.running.store.clone();
    let request = urgent(&gateway).await;
    let clock = open(store.as_ref(), "CK-01").await.pop().unwrap();
    assert_eq!((clock.request.as_ref(), clock.owner.as_str()), (Some(&request), "lpt-cap"));
    let core = &gateway.running.gateway;
    let day_before = clock.due - SignedDuration::from_hours(20);
    core.sweep_clocks(day_before).await.unwrap();
    core.sweep_clocks(day_before).await.unwrap();
    let of = |items: &[InboxItem], rule: &str| -> Vec<String> {
        let read = items.iter().map(|item| core.readable_item(item));
        let read = read.filter(|read| format!("{:?}", read.sections).contains(&format!("({rule})")));
        read.map(|read| read.title).collect()
    };
    assert_eq!(of(&notices(store.as_ref(), "lpt-cap").await, "CK-01"), ["Do what is due soon"]);
    assert!(of(&notices(store.as_ref(), "lpt").await, "CK-01").is_empty());

    let past = clock.due + SignedDuration::from_hours(1);
    assert!(core.sweep_clocks(past).await.unwrap() > 0);
    assert_eq!(core.sweep_clocks(past).await.unwrap(), 0);
    let mut told = of(&notices(store.as_ref(), "lpt-cap").await, "CK-01");
    told.sort();
    assert_eq!(told, ["Do what is due soon", "Do what is overdue"]);
    assert_eq!(of(&notices(store.as_ref(), "lpt").await, "CK-01"), ["Do what is overdue"]);

    // it names the request and the rule, and never the person
    let item = notices(store.as_ref(), "lpt").await.pop().unwrap();
    let text = String::from_utf8(item.body.clone()).unwrap();
    assert!(text.contains("\"CLOCKS-1\"") && text.contains("CK-0"));
    for personal in ["Okonjo", "Adaeze", "9990718423", "Patient\"", "nhs-number"] {
        assert!(!text.contains(personal), "{personal}");
    }
    let page = core.readable_item(&item);
    assert!(format!("{:?}", page.sections).contains("Due by"), "{page:?}");
    assert!(core.letter(&item).is_some());
    assert!(cmht_gateway::audit::verify(store.as_ref()).await.unwrap().is_ok());
}

#[tokio::test]
async fn two_sweepers_at_once_tell_of_every_clock_once() {
    let gateway = TestGateway::alone().await;
    let store = gateway.running.store.clone();
    urgent(&gateway).await;
    let core = gateway.running.gateway.clone();
    let later = Timestamp::now() + LATER;
    let sweeps = (0..6).map(|_| {
        let core = core.clone();
        tokio::spawn(async move { core.sweep_clocks(later).await.unwrap() })
    });
    let mut told = 0;
    for sweep in sweeps.collect::<Vec<_>>() {
        told += sweep.await.unwrap();
    }
    let running = store.clocks(&ClocksWanted::Open { owner: None }, 1000).await.unwrap();
    let escalated = running.iter().filter(|clock| clock.escalated.is_some()).count();
    assert!(escalated >= 2, "{running:?}");
    assert_eq!(told, escalated);
    assert_eq!(notices(store.as_ref(), "lpt").await.len(), escalated);
    assert_eq!(notices(store.as_ref(), "lpt-cap").await.len(), escalated);
}

#[tokio::test]
async fn a_gateway_that_is_killed_again_and_again_tells_of_every_clock_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("gateway.db");
    // a database with an urgent referral, and its clocks breached long ago
    let gateway = TestGateway::alone_in(&database).await;
    urgent(&gateway).await;
    gateway.settled().await;
    gateway.running.stop().await;
    let store = SqliteStore::open(&database).await.unwrap();
    let clocks = store.clocks(&ClocksWanted::Open { owner: None }, 1000).await.unwrap();
    let person = clocks[0].person.clone();
    let care = store.care(&person).await.unwrap();
    let long_ago: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let mut breached = Vec::new();
    for number in 0..40_u128 {
        let id = uuid::Uuid::from_u128(number + 1);
        breached.push(Clock { id, due: long_ago, started: long_ago, state: ClockState::Running, ..clocks[0].clone() });
    }
    let commit = CareCommit {
        person: person.clone(),
        at: long_ago,
        changes: CareChanges { based_on: care.revision, clocks: breached, ..CareChanges::default() },
        deliveries: Vec::new(),
        audit: Vec::new(),
    };
    store.commit_care(commit).await.unwrap();

    let config = crate::kill::configured_on(folder.path());
    for _ in 0..5 {
        let before = notices(&store, "lpt").await.len();
        let mut child = crate::kill::serve(&config);
        // killed as soon as it has told of something more
        for _ in 0..4000 {
            if notices(&store, "lpt").await.len() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let told = notices(&store, "lpt").await.len();
        assert_eq!(told, notices(&store, "lpt-cap").await.len(), "owner and escalation are told together");
    }
    let mut child = crate::kill::serve(&config);
    for _ in 0..400 {
        if notices(&store, "lpt").await.len() >= 40 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    for recipient in ["lpt", "lpt-cap"] {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for item in notices(&store, recipient).await {
            *counts.entry(item.delivery.to_string()).or_default() += 1;
        }
        assert_eq!((counts.len(), counts.values().copied().max()), (40, Some(1)), "{recipient}");
    }
    let care = store.care(&person).await.unwrap();
    assert_eq!(care.clocks.iter().filter(|clock| clock.escalated.is_some()).count(), 40);
    assert!(cmht_gateway::audit::verify(&store).await.unwrap().is_ok());
}
