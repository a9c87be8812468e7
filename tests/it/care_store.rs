//! Events, clocks and tasks as the store keeps them: once each, and only from the state they were decided on.

use std::collections::BTreeMap;

use cmht_gateway::model::{CareEvent, Clock, ClockState, EventKind, PartyId, PersonKey};
use cmht_gateway::store::{CareChanges, CareCommit, CareStored, ClocksWanted, SqliteStore, Store};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

fn party(id: &str) -> PartyId {
    PartyId::parse(id).unwrap()
}

fn event(person: &PersonKey, number: u128, at: Timestamp) -> CareEvent {
    CareEvent {
        id: Uuid::from_u128(number),
        kind: EventKind::Contacted,
        at,
        recorded: at,
        person: person.clone(),
        request: None,
        message: None,
        by: party("wellbeing-roots"),
        team: None,
        detail: BTreeMap::from([("mode".to_owned(), "telephone".to_owned())]),
    }
}

fn clock(person: &PersonKey, due: Timestamp) -> Clock {
    Clock {
        id: Uuid::from_u128(7),
        rule: "CK-01".to_owned(),
        person: person.clone(),
        request: None,
        owner: party("lpt-cap"),
        started: due - 24.hours(),
        due,
        state: ClockState::Running,
        paused: None,
        ended: None,
        warned: None,
        escalated: None,
    }
}

#[tokio::test]
async fn an_event_told_twice_counts_once_and_a_change_decided_on_old_knowledge_is_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("care.db")).await.unwrap();
    let person = PersonKey::from_digest("aa".to_owned());
    let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
    let commit = |based_on, number, clocks| CareCommit {
        person: person.clone(),
        at: now,
        changes: CareChanges { based_on, events: vec![event(&person, number, now)], clocks, ..CareChanges::default() },
        deliveries: Vec::new(),
        audit: Vec::new(),
    };
    let first = store.commit_care(commit(0, 1, vec![clock(&person, now)])).await.unwrap();
    assert_eq!(first, CareStored::Stored);
    assert_eq!(store.commit_care(commit(0, 2, Vec::new())).await.unwrap(), CareStored::Stale);
    assert_eq!(store.commit_care(commit(1, 1, Vec::new())).await.unwrap(), CareStored::Stored);
    let care = store.care(&person).await.unwrap();
    assert_eq!((care.revision, care.events.len()), (2, 1));
    assert_eq!(care.events, [event(&person, 1, now)]);
    assert_eq!(care.clocks, [clock(&person, now)]);
    assert_eq!(store.events_page(0, 10).await.unwrap().len(), 1);
    let due = |warn| ClocksWanted::Due { now: warn, warn, after: None };
    assert_eq!(store.clocks(&due(now), 10).await.unwrap().len(), 1);
    assert_eq!(store.clocks(&due(now - 1.minute()), 10).await.unwrap().len(), 0);
    let open = |owner: &str| ClocksWanted::Open { owner: Some(party(owner)) };
    assert_eq!(store.clocks(&open("lpt-cap"), 10).await.unwrap().len(), 1);
    assert_eq!(store.clocks(&open("lpt-crht"), 10).await.unwrap().len(), 0);
}
