//! What a message tells about a person's care, as events, and what follows from them. Names nobody and copies no text:
//! codes and times only (`model::care_event`).

use std::collections::BTreeMap;

use uuid::Uuid;

use super::document::Content;
use super::outline::Outline;
use super::process::Run;
use crate::model::{CareEvent, DocumentKind, EventKind};
use crate::route::{Origin, Routing};
use crate::store::{Care, CareChanges};

/// The events that a message which is about to be accepted tells of.
pub(super) fn events(run: &Run<'_>, routing: &Routing) -> Vec<CareEvent> {
    let referral = match &run.read.content {
        Content::Referral(referral) => referral,
        Content::Document(outline, _) => return waiting(run, outline, routing).into_iter().collect(),
    };
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
    if routing.fallback {
        // Nobody covers the person: the operations page shows it.
        detail.insert("fallback".to_owned(), "yes".to_owned());
    }
    let team = routing.responsible().map(|destination| destination.party.clone());
    let decided = referral.mdt_decided.as_ref().filter(|_| routing.origin == Origin::Internal).map(|at| CareEvent {
        team: team.clone(),
        // Told late, it happened at the meeting: the referral is dated from it (L3510-3514).
        at: at.parse().ok().filter(|at| *at <= run.now).unwrap_or(run.now),
        detail: BTreeMap::from([("mdt".to_owned(), at.clone())]),
        ..event(run, EventKind::MdtDecided)
    });
    let received = CareEvent { team, detail, ..event(run, EventKind::ReferralReceived) };
    std::iter::once(received).chain(decided).collect()
}

/// A person who comes from private care joins the waiting list at the position dated from the private consultation
/// (L2821-2823).
fn waiting(run: &Run<'_>, outline: &Outline, routing: &Routing) -> Option<CareEvent> {
    if run.read.kind != DocumentKind::TransferToNhs {
        return None;
    }
    let team = routing.responsible()?.party.clone();
    let from = outline.waiting_from.clone().map(|day| ("waiting_from".to_owned(), day));
    let fallback = routing.fallback.then(|| ("fallback".to_owned(), "yes".to_owned()));
    let detail = from.into_iter().chain(fallback).collect();
    Some(CareEvent { team: Some(team), detail, ..event(run, EventKind::Waiting) })
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
