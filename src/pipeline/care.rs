//! What a message tells about a person's care, as events, and what follows from them. Names nobody and copies no text:
//! codes and times only (`model::care_event`).

use std::collections::BTreeMap;

use uuid::Uuid;

use super::document::Content;
use super::process::Run;
use crate::model::{CareEvent, EventKind};
use crate::route::{Origin, Routing};
use crate::store::{Care, CareChanges};

/// The events that a message which is about to be accepted tells of.
pub(super) fn events(run: &Run<'_>, routing: &Routing) -> Vec<CareEvent> {
    let Content::Referral(referral) = &run.read.content else { return Vec::new() };
    let missing: Vec<_> = referral.missing().iter().map(|item| item.key).collect();
    let origin = match routing.origin {
        Origin::External => "external",
        Origin::Internal => "internal",
    };
    let mut detail = BTreeMap::from([
        ("urgency".to_owned(), run.urgency().code().to_owned()),
        ("origin".to_owned(), origin.to_owned()),
        ("from-kind".to_owned(), run.sender.kind.code().to_owned()),
    ]);
    if !missing.is_empty() {
        detail.insert("missing".to_owned(), missing.join(","));
    }
    let team = routing.responsible().map(|destination| destination.party.clone());
    vec![CareEvent { team, detail, ..event(run, EventKind::ReferralReceived) }]
}

/// An event of this message, about the request that it is.
fn event(run: &Run<'_>, kind: EventKind) -> CareEvent {
    CareEvent {
        id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/event/{}", run.id, kind.code()).as_bytes()),
        kind,
        at: run.now,
        recorded: run.now,
        person: run.person.clone(),
        request: Some(run.id.clone()),
        message: Some(run.id.clone()),
        by: run.sender.id.clone(),
        team: None,
        detail: BTreeMap::new(),
    }
}

/// What follows from new events in a person's care.
pub(super) fn changes(care: &Care, events: Vec<CareEvent>) -> CareChanges {
    CareChanges { based_on: care.revision, events, ..CareChanges::default() }
}
