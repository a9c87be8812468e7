//! What is queued, decided again when what is kept about the person changes: each decision is stored, named in the audit log
//! and had again by replay; and the deciding keeps nobody else from writing. Over the wire, and against the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cmht_gateway::audit::{Entry, Event};
use cmht_gateway::consent::{Engine, Trail};
use cmht_gateway::model::MessageId;
use cmht_gateway::outbox::PersonKey;
use cmht_gateway::store::{Changed, PersonRecord, Queued, Reconsider, Reconsidered, Store};
use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::consent_records::{ADA, about, consent, entries, told};
use crate::consent_stops::{changed_with, held, referred, standing};
use crate::support::{GP, TRUST, TestGateway};

/// The audit entries of one message.
async fn log_of(gateway: &TestGateway, message: &str) -> Vec<Entry> {
    let page = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let all = page.iter().map(|entry| serde_json::from_str::<Entry>(&entry.body).unwrap());
    all.filter(|entry| entry.message.as_ref().is_some_and(|id| id.as_str() == message)).collect()
}

#[tokio::test]
async fn every_decision_taken_again_is_stored_named_in_the_log_and_had_again_by_replay() {
    let (gateway, _clinic) = held().await;
    let message = referred(&gateway, "again-1").await;
    let id = MessageId::parse(&message).unwrap();
    let store = &gateway.running.store;
    let first = store.decisions(&id).await.unwrap().len();
    let logged = log_of(&gateway, &message).await.len();
    let objection = consent(ADA, "2026-11-20T10:00:00Z", about("deny", "harbour-clinic", &["medication"]));
    told(gateway.record(GP, &objection).await, 201).await;
    let given = entries(&gateway.search(TRUST, ADA).await)
        .into_iter()
        .find(|one| one.to_string().contains("wellbeing-roots"))
        .cloned();
    told(gateway.withdraw(GP, &given.unwrap()).await, 200).await;

    let decisions = store.decisions(&id).await.unwrap();
    let again = &decisions[first..];
    let new: Vec<Entry> = log_of(&gateway, &message).await.split_off(logged);
    let named = |decision: &str| new.iter().filter(|e| e.decision.as_deref() == Some(decision)).collect::<Vec<_>>();
    let engine = Engine::embedded().unwrap();
    for decision in again {
        let by = named(&decision.id.to_string());
        assert!(!by.is_empty(), "{decision:?}");
        assert!(by.iter().all(|entry| entry.recipient.as_ref() == Some(&decision.recipient)));
        let replayed = engine.replay(&Trail::read(&decision.facts).unwrap());
        assert!(replayed.same, "{replayed:?}");
    }
    let of = |event: Event, party: &str| {
        let mut found =
            new.iter().filter(|e| e.event == event && e.recipient.as_ref().is_some_and(|to| to.as_str() == party));
        found.next().cloned().unwrap_or_else(|| panic!("{event:?} {party} in {new:#?}"))
    };
    // stopped, replaced, and left as it was: each by its decision
    let answer = |entry: &Entry| {
        let id = entry.decision.clone().unwrap();
        again.iter().find(|one| one.id.to_string() == id).unwrap().answer.clone()
    };
    assert_eq!(answer(&of(Event::DeliveryStopped, "wellbeing-roots")), "deny");
    let (stopped, anew) = (of(Event::DeliveryStopped, "harbour-clinic"), of(Event::Disclosed, "harbour-clinic"));
    assert_eq!(stopped.decision, anew.decision);
    let stands = of(Event::DecidedAgain, "lpt-cap");
    assert_eq!(stands.outcome.as_deref(), Some("stands"));
    assert!(answer(&stands).starts_with("permit"));
}

#[tokio::test]
async fn a_copy_decided_again_has_the_advice_that_the_first_one_had() {
    let (gateway, _clinic) = held().await;
    let mut referral: Value = serde_json::from_str(&crate::support::renamed("complete", "advised-1")).unwrap();
    // 17: what the procedure says of that is advice to whoever triages
    referral["person"]["birth_date"] = "2009-06-01".into();
    told(gateway.refer(referral.to_string()).await, 200).await;
    let copies = async || {
        let items = gateway.running.store.inbox(&crate::support::party("lpt-cap")).await.unwrap();
        let body = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        items.iter().map(|item| (item.delivery, body(&item.body))).collect::<Vec<_>>()
    };
    // notes of the request; a copy that is cut has them in its narrative too
    let advice = |text: &str| text.matches("{\"text\":\"Eligibility advice of the gateway").count();
    let first = copies().await;
    assert!(first.len() == 1 && advice(&first[0].1) > 0, "{}", first[0].1);
    for category in ["medication", "physical-health"] {
        let objection = consent(ADA, "2026-11-20T10:00:00Z", about("deny", "lpt-cap", &[category]));
        told(gateway.record(GP, &objection).await, 201).await;
    }
    let again = copies().await;
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].0, first[0].0, "another copy");
    assert_eq!(advice(&again[0].1), advice(&first[0].1), "twice decided again, each advice once: {}", again[0].1);
}

/// Stops all, after it has written to the store itself: that waits for ever where the one writer is taken.
struct Writing {
    store: Arc<dyn Store>,
    handle: Handle,
    asked: AtomicUsize,
    /// Queued while the first deciding runs.
    meanwhile: Box<dyn Fn() + Send + Sync>,
}

impl Reconsider for Writing {
    fn reconsider(&self, _: &PersonKey, _: &[PersonRecord], queued: Vec<Queued>) -> Vec<Reconsidered> {
        assert!(!queued.is_empty());
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            let entry = Entry::new(Event::ReviewsListed, Timestamp::now()).record();
            self.handle.block_on(self.store.append_audit(vec![entry])).unwrap();
            (self.meanwhile)();
        }
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_the_queue_is_decided_and_what_is_queued_meanwhile_is_decided_too() {
    let (gateway, clinic) = held().await;
    let gateway = Arc::new(gateway);
    let before = referred(&gateway, "meanwhile-1").await;
    let (inner, handle) = (gateway.clone(), Handle::current());
    let (told, during) = std::sync::mpsc::channel();
    let meanwhile = Box::new(move || {
        let message = handle.block_on(referred(&inner, "meanwhile-2"));
        told.send(message).unwrap();
    });
    let (store, handle) = (gateway.running.store.clone(), Handle::current());
    let writing = Arc::new(Writing { store, handle, asked: AtomicUsize::new(0), meanwhile });
    let changed = changed_with(&gateway, writing.clone()).await;
    assert!(matches!(changed, Some(Changed::Stored { stopped, .. }) if stopped >= 4), "{changed:?}");
    assert_eq!(writing.asked.load(Ordering::SeqCst), 2, "once ahead, once for what came meanwhile");
    let after = during.recv().unwrap();
    for message in [&before, &after] {
        let rows: Vec<Value> = standing(&gateway, message, "wellbeing-roots").await;
        assert!(rows.iter().all(|row| row["state"] == "stopped" && row["reason"] == "GW-99"), "{rows:#?}");
    }
    assert!(clinic.taken().is_empty());
}
