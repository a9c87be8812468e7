//! What a message tells about a person's care, as events, and what follows from them. Names nobody and copies no text:
//! codes and times only (`model::care_event`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::answer::{RecipientAnswer, Release};
use super::answering::Answered;
use super::document::Content;
use super::happened::Said;
use super::process::Run;
use super::scored;
use crate::clocks::{self, Rules};
use crate::directory::Directory;
use crate::documents::referral::{Gender, Person, Referral};
use crate::measures;
use crate::model::{CareEvent, Clock, DocumentKind, EventKind, MessageId, Party, PartyId, PartyKind};
use crate::route::{Origin, Role, Routing};
use crate::store::{Care, CareChanges};

/// The events that a message which is about to be accepted tells of, and those of its releases.
pub(super) fn events(run: &Run<'_>, routing: &Routing, recipients: &[RecipientAnswer]) -> Vec<CareEvent> {
    let mut events = match &run.read.content {
        Content::Referral(referral) => received(run, routing, referral),
        Content::Document(outline, _) => told(run, routing, &outline.said, recipients),
    };
    let denied = recipients.iter().filter(|recipient| recipient.release == Release::Denied);
    events.extend(denied.map(|recipient| {
        let mut refused = event(run, EventKind::ShareRefused, recipient.party.as_str());
        refused.detail.insert("recipient".to_owned(), recipient.party.to_string());
        let rule = recipient.consent_rules.first().map_or("none", String::as_str);
        refused.detail.insert("rule".to_owned(), rule.to_owned());
        refused
    }));
    events
}

/// A referral, and the team meeting that decided it.
fn received(run: &Run<'_>, routing: &Routing, referral: &Referral) -> Vec<CareEvent> {
    let missing: Vec<_> = referral.missing().iter().map(|item| item.key).collect();
    let mut received = new_request(run, routing, run.urgency().code());
    received.detail.extend(characteristics(&referral.person, run.now));
    if !missing.is_empty() {
        received.detail.insert("missing".to_owned(), missing.join(","));
    }
    // a crisis is the crisis team's to see to, whoever answers for the referral
    let crisis = routing.destinations.iter().find(|destination| destination.role == Role::Crisis);
    if let Some(crisis) = crisis {
        received.detail.insert("receiver".to_owned(), crisis.party.to_string());
    }
    let decided = referral.mdt_decided.as_ref().filter(|_| routing.origin == Origin::Internal).map(|at| CareEvent {
        team: received.team.clone(),
        // Told late, it happened at the meeting: the referral is dated from it (L3510-3514).
        at: at.parse().ok().filter(|at| *at <= run.now).unwrap_or(run.now),
        detail: BTreeMap::from([("mdt".to_owned(), at.clone())]),
        request: Some(run.id.clone()),
        ..event(run, EventKind::MdtDecided, "")
    });
    std::iter::once(received).chain(decided).collect()
}

/// What measures are broken down by: coded, and too coarse to know anybody by.
fn characteristics(person: &Person, now: Timestamp) -> impl Iterator<Item = (String, String)> + use<> {
    let gender = person.gender.map(Gender::code);
    let age = person.birth_date.as_deref().map(|born| measures::age_band(born, clocks::calendar::day_of(now)));
    let ethnicity = person.ethnic_origin.as_ref().and_then(|origin| origin.code.as_deref()).map(measures::ethnic_group);
    let known = [("gender", gender), ("age-band", age), ("ethnic-group", ethnicity)];
    known.into_iter().filter_map(|(name, code)| Some((name.to_owned(), code?.to_owned())))
}

/// A referral, or what asks for the same.
fn new_request(run: &Run<'_>, routing: &Routing, urgency: &str) -> CareEvent {
    let origin = match routing.origin {
        Origin::External => "external",
        Origin::Internal => "internal",
    };
    let team = routing
        .responsible()
        .or_else(|| routing.destinations.iter().find(|destination| destination.role == Role::Addressee));
    let mut detail = BTreeMap::from([
        ("urgency".to_owned(), urgency.to_owned()),
        ("origin".to_owned(), origin.to_owned()),
        ("from-kind".to_owned(), run.sender.kind.code().to_owned()),
    ]);
    if routing.fallback {
        // Nobody covers the person: the operations page shows it.
        detail.insert("fallback".to_owned(), "yes".to_owned());
    }
    let team = team.map(|destination| destination.party.clone());
    CareEvent { team, detail, ..event(run, EventKind::ReferralReceived, "") }
}

/// What a plan or letter tells.
fn told(run: &Run<'_>, routing: &Routing, said: &Said, recipients: &[RecipientAnswer]) -> Vec<CareEvent> {
    // What becomes of a request its step says; of one that its sender never had, nothing is believed.
    let mut events = run.moved.as_ref().map(|moved| moved.events.clone()).unwrap_or_default();
    let own = matches!(run.read.kind, DocumentKind::HandoverOutcome);
    let lost = matches!(run.answered, Some(Answered::Nothing | Answered::Unclear)) && names_a_request(run);
    let passed_over = own && (run.moved.is_some() || lost);
    for (place, happened) in said.happened.iter().enumerate().filter(|_| !passed_over) {
        let name = if place == 0 { String::new() } else { place.to_string() };
        let mut found = CareEvent {
            at: happened.at.min(run.now),
            request: own.then(|| run.id.clone()),
            ..event(run, happened.kind, &name)
        };
        found.detail.extend(happened.detail.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if own {
            // as the steps of a task say what they are of
            found.detail.insert("kind".to_owned(), run.read.kind.code().to_owned());
        }
        if happened.at > run.now && matches!(found.kind, EventKind::Discharged | EventKind::InpatientDischarge) {
            // the letter is ahead of the day
            found.kind = EventKind::DischargePlanned;
            let day = clocks::calendar::day_of(happened.at);
            found.detail.insert("on".to_owned(), day.to_string());
        }
        if found.kind == EventKind::OutcomeScored {
            scored::place(&mut found, &run.person, run.care.events.iter().chain(&events));
        }
        if found.kind == EventKind::InpatientDischarge {
            found.team = community_team(run, routing);
        }
        events.push(found);
    }
    if let Some(kind) = said.sent.filter(|kind| has_gone(run, *kind, recipients)) {
        events.push(CareEvent { request: None, ..event(run, kind, "") });
    }
    if let Some(reference) = &said.asks {
        let receiver = routing.destinations.iter().find(|destination| destination.role == Role::Addressee);
        let mut asked = event(run, EventKind::InformationRequested, "");
        asked.detail.insert("ref".to_owned(), reference.clone());
        if let Some(receiver) = receiver {
            asked.detail.insert("receiver".to_owned(), receiver.party.to_string());
        }
        events.push(asked);
    }
    if let Some(reference) = &said.answers {
        // an answer that leads to no request here still is one, and stops no clock of another request
        let held = match run.answered {
            Some(Answered::Task(held)) => Some(held.request().clone()),
            _ => answered(run, reference),
        };
        let request = held.unwrap_or_else(|| run.id.clone());
        events.push(CareEvent { request: Some(request), ..event(run, EventKind::InformationAnswered, "") });
    }
    if let (DocumentKind::PrivateOpinion, Some(Answered::Task(held))) = (run.read.kind, run.answered) {
        let request = Some(held.request().clone());
        events.push(CareEvent { request, ..event(run, EventKind::InformationAnswered, "") });
    }
    events.extend(waiting(run, routing, said));
    if let Some(urgency) = said.urgency {
        let mut request = new_request(run, routing, urgency);
        if let Some(position) = &said.position {
            request.detail.insert("position".to_owned(), position.clone());
        }
        events.push(request);
    }
    events
}

/// Whether an answer says which request it is to.
fn names_a_request(run: &Run<'_>) -> bool {
    run.read.content.reply().is_some_and(|reply| reply.about.is_some())
}

/// The team that cares for somebody who leaves a ward: the first community team the letter goes to.
fn community_team(run: &Run<'_>, routing: &Routing) -> Option<crate::model::PartyId> {
    use PartyKind::{AssertiveOutreach, Cmht, Crht, EarlyIntervention, Perinatal};
    let kind = |id| run.parts.directory.party(id, run.now).map(|party| party.kind);
    let ids = routing.destinations.iter().map(|destination| &destination.party);
    let mut community =
        ids.filter(|id| matches!(kind(id), Some(Cmht | Crht | AssertiveOutreach | EarlyIntervention | Perinatal)));
    community.next().cloned()
}

/// A person who comes from private care joins the waiting list at the position dated from the private consultation
/// (L2821-2823).
fn waiting(run: &Run<'_>, routing: &Routing, said: &Said) -> Option<CareEvent> {
    if run.read.kind != DocumentKind::TransferToNhs {
        return None;
    }
    let team = routing.responsible()?.party.clone();
    let from = said.position.clone().map(|day| ("waiting_from".to_owned(), day));
    let detail = from.into_iter().collect();
    Some(CareEvent { team: Some(team), detail, request: Some(run.id.clone()), ..event(run, EventKind::Waiting, "") })
}

/// Whether a letter has gone to the GP, or a plan to anybody who has a share in it.
fn has_gone(run: &Run<'_>, kind: EventKind, recipients: &[RecipientAnswer]) -> bool {
    let is_gp = |recipient: &RecipientAnswer| {
        let party = run.parts.directory.party(&recipient.party, run.now);
        party.is_some_and(|party| party.kind == PartyKind::GpPractice)
    };
    recipients
        .iter()
        .filter(|recipient| recipient.release != Release::Denied)
        .any(|recipient| kind != EventKind::LetterSent || is_gp(recipient))
}

/// The request that an answer of this sender is to: the one it names, or the one request to it that is open.
fn answered(run: &Run<'_>, reference: &str) -> Option<MessageId> {
    let to_sender = |event: &&CareEvent| {
        event.kind == EventKind::InformationRequested && event.detail("receiver") == Some(run.sender.id.as_str())
    };
    let asked = run.care.events.iter().filter(to_sender);
    if !reference.is_empty() {
        return asked.rev().find(|event| event.detail("ref") == Some(reference))?.request.clone();
    }
    let is_answered = |request: &Option<MessageId>| {
        run.care.events.iter().any(|e| e.kind == EventKind::InformationAnswered && e.request == *request)
    };
    let mut open = asked.filter(|event| !is_answered(&event.request));
    let only = open.next()?;
    only.request.clone().filter(|_| open.next().is_none())
}

/// An event of this message. One that begins something is about the request that the message is; of a plan or letter,
/// about the person.
fn event(run: &Run<'_>, kind: EventKind, name: &str) -> CareEvent {
    use EventKind::{InformationAnswered, InformationRequested, ReferralReceived, ShareRefused};
    let begins = matches!(kind, ReferralReceived | InformationRequested | InformationAnswered | ShareRefused);
    let mut text = format!("{}/event/{}", run.id, kind.code());
    if !name.is_empty() {
        text = format!("{text}/{name}");
    }
    CareEvent {
        id: Uuid::new_v5(&Uuid::NAMESPACE_URL, text.as_bytes()),
        kind,
        at: run.now,
        recorded: run.now,
        person: run.person.clone(),
        request: begins.then(|| run.id.clone()),
        message: Some(run.id.clone()),
        by: run.sender.id.clone(),
        team: None,
        detail: BTreeMap::new(),
    }
}

/// What follows from new events in a person's care. The events take on what the directory knows of who did them and of
/// whose they are, since rules ask for that and the directory changes.
pub(super) fn changes(
    rules: &Rules,
    directory: &Directory,
    care: &Care,
    mut events: Vec<CareEvent>,
    now: Timestamp,
) -> CareChanges {
    events.retain(|event| !care.events.iter().any(|known| known.id == event.id));
    for event in &mut events {
        let team = event.team.as_ref().and_then(|team| directory.party(team, now));
        let by = directory.party(&event.by, now);
        let receiver = event.detail("receiver").and_then(PartyId::parse);
        let receiver = receiver.as_ref().and_then(|receiver| directory.party(receiver, now));
        // who has left the directory is an organisation of its own
        let by_org = by.map_or(&event.by, Party::organisation).to_string();
        event.detail.insert("by-org".to_owned(), by_org);
        let known = [
            ("team-org", team.map(|party| party.organisation().as_str())),
            ("receiver-org", receiver.map(|party| party.organisation().as_str())),
            ("team-kind", team.map(|party| party.kind.code())),
            ("by-kind", by.map(|party| party.kind.code())),
            ("by-sector", by.map(|party| party.sector().code())),
        ];
        for (name, code) in known {
            if let Some(code) = code {
                event.detail.insert(name.to_owned(), code.to_owned());
            }
        }
    }
    let clocks = if events.is_empty() { Vec::new() } else { follow(rules, care, &events) };
    CareChanges { based_on: care.revision, events, clocks, ..CareChanges::default() }
}

/// The clocks that are new or changed once these events have happened too.
fn follow(rules: &Rules, care: &Care, events: &[CareEvent]) -> Vec<Clock> {
    let all: Vec<CareEvent> = care.events.iter().chain(events).cloned().collect();
    clocks::after(rules, &all, &care.clocks)
}
