//! What a new version changes in how its request is followed, besides the text: it asks for a sooner response, for another
//! service than the one that triages, or is about another person than the first one was. Compares two versions by the rules
//! for new requests; what is sent is `process`'s. A response that is asked for less soon is for the team to re-grade.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::care;
use super::document::Content;
use super::given::Said;
use super::notice::{self, Teller};
use super::planned;
use super::process::Run;
use super::revision::{Before, Version, is_open};
use crate::documents::Referral;
use crate::intake::Refusal;
use crate::model::{CareEvent, EventKind, MessageId, PartyId, PartyKind, RequestStatus, RequestTask, Urgency};
use crate::route::{Destination, Role, Routing};
use crate::store::{AuditRecord, Care, CareChanges};
use crate::workflow::{self, Capacity, Wanted, Wish, answers, role};

/// What turns with a new version.
#[derive(Default)]
pub(super) struct Turn {
    /// The version before, where it is a referral that can be read.
    pub earlier: Option<Referral>,
    /// The response it had and the sooner one it has now.
    raised: Option<(Urgency, Urgency)>,
    /// Who would have it were it new, where that is another team than before and none that triages.
    to: Option<PartyId>,
    /// The task of whoever had it, where nobody has taken the request on.
    from: Option<Uuid>,
}

/// How soon a request is to be answered, as far as events tell.
pub(super) fn response(care: &Care, request: &MessageId) -> Option<Urgency> {
    let said = |event: &CareEvent| match event.kind {
        EventKind::ReferralReceived => event.detail("urgency").and_then(Urgency::from_code),
        EventKind::Regraded => event.detail("to").and_then(Urgency::from_code),
        _ => None,
    };
    care.events.iter().rev().filter(|event| event.request.as_ref() == Some(request)).find_map(said)
}

impl Turn {
    pub(super) fn of(before: &Before, tasks: &[&RequestTask], run: &Run<'_>, routing: &Routing) -> Self {
        let Content::Referral(referral) = &run.read.content else { return Self::default() };
        let reread = notice::reread(run.parts, &before.stored).map(|reread| reread.document.content);
        let Ok(Content::Referral(earlier)) = reread else { return Self::default() };
        let asked = planned::urgency(earlier.response());
        let stands = response(&before.care, &before.root).unwrap_or(asked);
        let now = run.urgency();
        let raised = (now > asked && now > stands).then_some((stands, now));
        let planned = |of: &Referral| {
            let planned = planned::plan(of, run.sender, &run.parts.directory, &run.parts.rules, run.now).ok()?;
            planned.routing.responsible().map(|destination| destination.party.clone())
        };
        let kind = |id: &PartyId| run.parts.directory.party(id, run.now).map(|party| party.kind);
        let has = |id: &PartyId| tasks.iter().any(|task| task.owner == *id && is_open(task) && answers(task));
        let to = routing.responsible().map(|destination| destination.party.clone());
        let to = to.filter(|id| kind(id) != Some(PartyKind::AccessPoint) && !has(id));
        let to = to.filter(|_| planned(referral) != planned(&earlier));
        let undecided = |task: &&&RequestTask| {
            use RequestStatus::{MoreInformationNeeded, Received, Triaged};
            let status = RequestStatus::from_code(&task.status);
            task.role == role::RESPONSIBLE && matches!(status, Some(Received | Triaged | MoreInformationNeeded))
        };
        let from = tasks.iter().find(undecided).filter(|_| to.is_some()).map(|task| task.id);
        Self { earlier: Some(*earlier), raised, to, from }
    }

    /// Whether the request leaves whoever has this task.
    pub(super) fn leaves(&self, task: &RequestTask) -> bool {
        self.from == Some(task.id)
    }

    /// Whether a destination of the rules for new requests is one of a request that is followed, and as what: crisis teams
    /// where it has become a crisis, the team it turns to, and whoever does not have it.
    pub(super) fn keeps(&self, one: &mut Destination, held: bool) -> bool {
        match one.role {
            Role::Crisis => !held || matches!(self.raised, Some((_, Urgency::Crisis))),
            Role::Responsible if self.to.as_ref() == Some(&one.party) => {
                if self.from.is_none() {
                    // somebody has taken it on, and goes on answering for it
                    one.role = Role::Addressee;
                }
                true
            }
            Role::Copy | Role::Addressee => !held,
            Role::Responsible | Role::Gp | Role::CareTeam => false,
        }
    }

    /// The re-grading that the new version is.
    fn regraded(&self, run: &Run<'_>, request: &MessageId, routing: &Routing) -> Option<CareEvent> {
        let (from, to) = self.raised?;
        let mut detail =
            BTreeMap::from([("from".to_owned(), from.code().to_owned()), ("to".to_owned(), to.code().to_owned())]);
        let crisis = routing.destinations.iter().find(|one| one.role == Role::Crisis);
        if let Some(crisis) = crisis.filter(|_| to == Urgency::Crisis) {
            detail.insert("receiver".to_owned(), crisis.party.to_string());
        }
        let name = format!("{}/event/{}", run.id, EventKind::Regraded.code());
        Some(CareEvent {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()),
            kind: EventKind::Regraded,
            at: run.now,
            recorded: run.now,
            person: run.person.clone(),
            request: Some(request.clone()),
            message: Some(run.id.clone()),
            // by rule, on what the sender wrote: the clocks of the team that has it follow
            by: run.parts.own.clone(),
            team: None,
            detail,
        })
    }
}

impl Version<'_> {
    /// What the turn changes, with the messages that tell of it; its events are given back.
    pub(super) fn turned(
        &self,
        run: &Run<'_>,
        routing: &Routing,
        teller: &Teller<'_>,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<Vec<CareEvent>, Refusal> {
        let mut events: Vec<CareEvent> = self.turn.regraded(run, self.root(), routing).into_iter().collect();
        let task = self.tasks.iter().find(|task| self.turn.leaves(task));
        let Some((task, to)) = task.zip(self.turn.to.as_ref()) else { return Ok(events) };
        let destination = routing.destinations.iter().find(|one| one.party == *to);
        let wanted = Wanted {
            id: Uuid::new_v5(&task.id, format!("{}/turned", run.id).as_bytes()),
            wish: Wish::To(RequestStatus::Redirected),
            at: None,
            reason: Some(destination.map_or_else(|| "A new version was sent.".to_owned(), |one| one.reason.clone())),
            team: Some(to.clone()),
            items: Vec::new(),
            mode: None,
            by: run.parts.own.clone(),
            agent: "gateway".to_owned(),
            capacity: Capacity::Owner,
        };
        let Ok(mut stepped) = workflow::step(task, &wanted, None, run.now) else { return Ok(events) };
        stepped.task.person = run.person.clone();
        let name = |id: &PartyId| {
            run.parts.directory.party(id, run.now).map_or_else(|| id.to_string(), |party| party.name.clone())
        };
        let sentence = format!(
            "A new version of the request was sent, which goes to another team by the rules. {}",
            workflow::sentence(RequestStatus::Redirected, &name(&task.owner), Some(&name(to)))
        );
        let said = Said { task: &stepped.task, step: wanted.id, sentence, by: &run.parts.own, next: Some(to) };
        self.tell_all(run, &said, teller, changes, audit)?;
        events.extend(stepped.events.drain(..).map(|event| CareEvent { person: run.person.clone(), ..event }));
        changes.tasks.push(stepped.task);
        changes.steps.push(stepped.step);
        Ok(events)
    }

    /// The care of a request that turns out to be another person's: what happened on it is told again of the right person,
    /// and of the other one it was in error. Gives back the events for the right person.
    pub(super) fn retold(&self, run: &Run<'_>, changes: &mut CareChanges) -> Vec<CareEvent> {
        let request = Some(self.root());
        let ours = |event: &&CareEvent| event.request.as_ref() == request && event.person != run.person;
        let theirs: Vec<&CareEvent> = self.before.care.events.iter().filter(ours).collect();
        let Some(first) = theirs.first() else { return Vec::new() };
        let error = CareEvent {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/other-person", run.id).as_bytes()),
            kind: EventKind::EnteredInError,
            at: run.now,
            recorded: run.now,
            person: first.person.clone(),
            request: request.cloned(),
            message: Some(run.id.clone()),
            by: run.sender.id.clone(),
            team: None,
            detail: BTreeMap::new(),
        };
        let wrong = care::changes(&run.parts.clocks, &run.parts.directory, &self.before.care, vec![error], run.now);
        changes.events.extend(wrong.events);
        changes.clocks.extend(wrong.clocks);
        let again = theirs.iter().map(|event| CareEvent {
            id: Uuid::new_v5(&event.id, run.person.as_str().as_bytes()),
            person: run.person.clone(),
            ..(*event).clone()
        });
        again.collect()
    }
}
