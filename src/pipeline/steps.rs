//! A step of a request, whichever way it comes in: who may take it, what follows, who is told, in one commit. Which step
//! may follow which is `workflow`'s, where a request goes on `onward`'s, and what anybody may read `consent`'s.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::holding::Holding;
use super::notice::{self, Reread, Teller};
use super::onward::{self, Onward};
use super::passing::Passing;
use super::step_refused::{illegal, other_step, other_version};
use super::step_told::tell;
use super::versions::InForce;
use super::{Gateway, MOST_TRIES, Parts, busy, care, unavailable};
use crate::audit::Event;
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{CareEvent, DocumentKind, Party, PartyId, PartyKind, RequestStatus, RequestTask, TaskStep};
use crate::store::{AuditRecord, Care, CareChanges, CareCommit, CareStored, DeliveryStatus, Kept, StoredMessage};
use crate::workflow::{self, Capacity, Illegal, Wanted, Wish, role};

/// A step that a caller wants to take.
#[derive(Debug, Clone)]
pub struct Ask {
    pub task: Uuid,
    /// The same step sent twice has the same id; one that has none is a new one.
    pub id: Option<Uuid>,
    pub wish: Wish,
    /// When it happened, where that is not now.
    pub at: Option<Timestamp>,
    pub reason: Option<String>,
    pub team: Option<PartyId>,
    pub items: Vec<String>,
    pub mode: Option<String>,
    /// The version it is a step from, where the caller says.
    pub of_version: Option<u32>,
}

/// A step that was taken, now or before.
#[derive(Debug, Clone)]
pub struct Taken {
    pub task: RequestTask,
    /// It was told late: the request stands as it stood.
    pub late: bool,
    /// It was taken before.
    pub repeated: bool,
    /// Who has it from now on, where that is new.
    pub next: Option<PartyId>,
    /// Who is told, each by a message of its own.
    pub told: Vec<PartyId>,
}

/// A task with what a step of it is decided on.
struct Found {
    stored: StoredMessage,
    copies: Vec<DeliveryStatus>,
    kept: Kept,
    care: Care,
    task: RequestTask,
    steps: Vec<TaskStep>,
}

/// What a step is decided on.
pub(super) struct Known<'a> {
    /// The request, in its newest version.
    pub stored: &'a StoredMessage,
    /// Copies of all its versions.
    pub copies: &'a [DeliveryStatus],
    /// What is kept about the person.
    pub holding: &'a Holding,
    pub care: &'a Care,
    pub task: &'a RequestTask,
    pub steps: &'a [TaskStep],
}

/// A step that was decided on, and what comes of it; its events are not in the changes yet.
pub(super) struct Moved {
    pub changes: CareChanges,
    pub events: Vec<CareEvent>,
    pub audit: Vec<AuditRecord>,
    pub taken: Taken,
}

impl Gateway {
    /// Takes a step; `None` where there is no such task for this caller.
    ///
    /// # Errors
    /// The step cannot be taken as things stand, says too little, or the caller may not take it.
    pub async fn take_step(
        self: &Arc<Self>,
        caller: &Caller,
        ask: Ask,
        now: Timestamp,
    ) -> Result<Option<Taken>, Refusal> {
        let id = ask.id.unwrap_or_else(Uuid::now_v7);
        if let Some(named) = ask.id
            && self
                .store
                .task_of_step(named)
                .await
                .map_err(|error| unavailable(&error))?
                .is_some_and(|of| of != ask.task)
        {
            return Err(other_step());
        }
        for _ in 0..MOST_TRIES {
            let Some(found) = self.known(ask.task).await? else { return Ok(None) };
            let capacities = self.capacities(caller, &found.task, now);
            if capacities.is_empty() {
                return Ok(None);
            }
            let task = found.task.clone();
            let (gateway, caller, ask) = (self.clone(), caller.clone(), ask.clone());
            let decided =
                self.apart(move || found.decide(&gateway.parts(), &capacities, &caller, id, &ask, now)).await?;
            let (changes, audit, taken) = match decided {
                Decided::Before(taken) => return Ok(Some(*taken)),
                Decided::Now(moved) => (moved.changes, moved.audit, moved.taken),
            };
            let commit = CareCommit { person: task.person.clone(), at: now, changes, deliveries: Vec::new(), audit };
            match self.store.commit_care(commit).await.map_err(|error| unavailable(&error))? {
                CareStored::Stored => {
                    tracing::info!(
                        request.id = task.request.as_str(),
                        status = taken.task.status.as_str(),
                        told = taken.told.len(),
                        "step taken"
                    );
                    self.parts().wake.notify_one();
                    return Ok(Some(taken));
                }
                CareStored::Stale => {}
            }
        }
        Err(busy())
    }

    async fn known(&self, task: Uuid) -> Result<Option<Found>, Refusal> {
        let store = &self.store;
        let failed = |error| unavailable(&error);
        let Some((task, _)) = store.task(task).await.map_err(failed)? else { return Ok(None) };
        let kept = store.kept(&task.person).await.map_err(failed)?;
        let care = store.care(&task.person).await.map_err(failed)?;
        let Some(InForce { stored, copies }) = self.in_force(&task.request).await? else { return Ok(None) };
        // after the revision: steps that are newer than it are decided on again
        let Some((task, steps)) = store.task(task.id).await.map_err(failed)? else { return Ok(None) };
        Ok(Some(Found { stored, copies, kept, care, task, steps }))
    }

    /// As what a caller may speak on a task.
    pub(super) fn capacities(&self, caller: &Caller, task: &RequestTask, now: Timestamp) -> Vec<Capacity> {
        let all = [
            (Capacity::Owner, self.speaks(caller, &task.owner, now)),
            (Capacity::Requester, self.speaks(caller, &task.requester, now)),
            (Capacity::Own, self.is_trust(caller)),
        ];
        all.into_iter().filter(|(_, holds)| *holds).map(|(capacity, _)| capacity).collect()
    }

    /// Whether a caller acts for a party, one that has left the directory included.
    pub(super) fn speaks(&self, caller: &Caller, party: &PartyId, now: Timestamp) -> bool {
        caller.party.id == *party
            || match self.parts().directory.party(party, now) {
                Some(party) => caller.speaks_for(party),
                None => self.takes_over(caller, party, now),
            }
    }
}

pub(super) enum Decided {
    Before(Box<Taken>),
    Now(Box<Moved>),
}

impl Found {
    /// Decides on a step, its events and clocks among what changes.
    fn decide(
        &self,
        parts: &Parts,
        capacities: &[Capacity],
        caller: &Caller,
        id: Uuid,
        ask: &Ask,
        now: Timestamp,
    ) -> Result<Decided, Refusal> {
        let Self { stored, copies, kept, care, task, steps } = self;
        let holding = Holding::of(&kept.records, now).map_err(|error| unavailable(&error))?;
        let known = Known { stored, copies, holding: &holding, care, task, steps };
        let mut decided = decide(parts, &known, capacities, caller, id, ask, now)?;
        if let Decided::Now(moved) = &mut decided {
            let events = std::mem::take(&mut moved.events);
            let follows = care::changes(&parts.clocks, &parts.directory, care, events, now);
            let changes = std::mem::take(&mut moved.changes);
            moved.changes = CareChanges {
                wishes: Some(kept.revision),
                based_on: follows.based_on,
                events: follows.events,
                clocks: follows.clocks,
                ..changes
            };
        }
        Ok(decided)
    }
}

/// Decides on a step with all that follows from it but its events, which whoever commits it adds to their own.
///
/// # Errors
/// Why the step cannot be taken.
pub(super) fn decide(
    parts: &Parts,
    known: &Known<'_>,
    capacities: &[Capacity],
    caller: &Caller,
    id: Uuid,
    ask: &Ask,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let Known { stored, copies, holding, care, task, steps } = *known;
    if let Some(before) = steps.iter().find(|step| step.id == id) {
        return repeated(task, before, ask).map(|taken| Decided::Before(Box::new(taken)));
    }
    if let Some(version) = ask.of_version.filter(|version| *version != task.version) {
        return Err(other_version(task, version));
    }
    let wanted = |capacity: Capacity| Wanted {
        id,
        wish: ask.wish,
        at: ask.at,
        reason: ask.reason.clone(),
        team: ask.team.clone(),
        items: ask.items.clone(),
        mode: ask.mode.clone(),
        by: match capacity {
            // for a team that has left, whoever took it over speaks
            Capacity::Owner if parts.directory.party(&task.owner, now).is_none() => caller.party.id.clone(),
            Capacity::Owner => task.owner.clone(),
            Capacity::Requester => task.requester.clone(),
            Capacity::Own => caller.party.id.clone(),
        },
        agent: caller.client_id.clone(),
        capacity,
    };
    let before = asked_from(steps);
    let mut first = None;
    let mut found = None;
    for capacity in capacities {
        let wanted = wanted(*capacity);
        match workflow::step(task, &wanted, before, now) {
            Ok(stepped) => {
                found = Some((wanted, stepped));
                break;
            }
            Err(why) if first.is_none_or(|first| first == Illegal::NotYours) => first = Some(why),
            Err(_) => {}
        }
    }
    let Some((wanted, mut stepped)) = found else {
        return Err(illegal(task, first.unwrap_or(Illegal::NotNow), capacities));
    };
    let Reread { document, message } = notice::reread(parts, stored)?;
    let teller = Teller {
        parts,
        holding,
        person: &task.person,
        message: &stored.id,
        kind: stored.kind,
        document: &document,
        now,
        actor: &wanted.by,
        agent: &wanted.agent,
    };
    let to = RequestStatus::from_code(&stepped.step.to).unwrap_or(RequestStatus::Received);
    let newest = Some(InForce::newest(stored, &task.request));
    let mut changes = CareChanges { newest, ..CareChanges::default() };
    let mut audit = vec![teller.entry(Event::StepTaken).kind(task.kind).outcome(to.code()).record()];
    let next = goes_on(parts, &document.content, task, &wanted, to, stepped.late, now)?;
    if let Some(team) = next {
        if to == RequestStatus::Accepted {
            role::PASSED_ON.clone_into(&mut stepped.task.role);
        }
        for event in &mut stepped.events {
            event.team = Some(team.id.clone());
        }
        let priority = notice::priority(&document.content);
        let status = begins(to, steps, team);
        let passing = Passing { teller: &teller, task, id, message, status, team, role: role::RESPONSIBLE, priority };
        let (opened, opening) = passing.open();
        passing.deliver(stored, &mut changes, &mut audit)?;
        changes.tasks.push(opened);
        changes.steps.push(opening);
    } else if to == RequestStatus::Accepted {
        // whoever accepts for itself has it, whatever team was named beside
        for event in &mut stepped.events {
            event.team = Some(task.owner.clone());
        }
    }
    let request: Vec<&RequestTask> = care.tasks.iter().filter(|other| other.request == task.request).collect();
    let ended = ended_with(&request, task, &wanted, to, now);
    if matches!(to, RequestStatus::CancelledByRequester | RequestStatus::EnteredInError)
        && task.kind != DocumentKind::InformationRequest
    {
        changes.out_of_force = copies.iter().map(|row| row.delivery).collect();
    }
    let events = std::mem::take(&mut stepped.events);
    changes.tasks.push(stepped.task.clone());
    changes.steps.push(stepped.step.clone());
    for (task, step) in ended {
        changes.tasks.push(task);
        changes.steps.push(step);
    }
    let told = tell(&teller, care, &stepped, &wanted, to, next, &mut changes, &mut audit)?;
    let taken =
        Taken { task: stepped.task, late: stepped.late, repeated: false, next: next.map(|team| team.id.clone()), told };
    Ok(Decided::Now(Box::new(Moved { changes, events, audit, taken })))
}

/// How the task stood when it was last asked for information.
pub(super) fn asked_from(steps: &[TaskStep]) -> Option<RequestStatus> {
    let waits = RequestStatus::MoreInformationNeeded.code();
    // what was answered in part was asked before that
    let asked = |step: &&TaskStep| step.to == waits && step.from.as_deref() != Some(waits);
    steps.iter().rev().find(asked).and_then(|step| RequestStatus::from_code(step.from.as_deref()?))
}

/// The same step again gets the same answer; another under its id is refused.
fn repeated(task: &RequestTask, before: &TaskStep, ask: &Ask) -> Result<Taken, Refusal> {
    let same = match ask.wish {
        Wish::To(status) => status.code() == before.to,
        Wish::GiveInformation => true,
    };
    if !same || ask.reason != before.reason {
        return Err(other_step());
    }
    Ok(Taken { task: task.clone(), late: false, repeated: true, next: None, told: Vec::new() })
}

/// Who has it from now on, where the step passes it on.
fn goes_on<'d>(
    parts: &'d Parts,
    content: &'d super::document::Content,
    task: &'d RequestTask,
    wanted: &'d Wanted,
    to: RequestStatus,
    late: bool,
    now: Timestamp,
) -> Result<Option<&'d Party>, Refusal> {
    if late || wanted.wish == Wish::GiveInformation {
        return Ok(None);
    }
    let facts = Onward {
        content,
        from: &task.owner,
        named: wanted.team.as_ref(),
        directory: &parts.directory,
        rules: &parts.rules,
        now,
    };
    let point = || parts.directory.party(&task.owner, now).is_some_and(|owner| owner.kind == PartyKind::AccessPoint);
    match to {
        RequestStatus::Redirected => onward::redirected(&facts).map(Some),
        RequestStatus::Accepted if point() && task.role == role::RESPONSIBLE => onward::on_acceptance(&facts).map(Some),
        _ => Ok(None),
    }
}

/// How the request stands with the team that has it from now on: what was accepted for the trust is not triaged a second
/// time (L551), by whichever community team it comes to.
fn begins(to: RequestStatus, steps: &[TaskStep], team: &Party) -> RequestStatus {
    let accepted = steps.first().is_some_and(|step| step.to == RequestStatus::Accepted.code());
    if to == RequestStatus::Accepted || (accepted && team.kind == PartyKind::Cmht) {
        RequestStatus::Accepted
    } else {
        RequestStatus::Received
    }
}

/// Other tasks of the request that end with a step: all of them when the sender takes the request back, and the question
/// to the sender when nobody is left who wants to know.
fn ended_with(
    request: &[&RequestTask],
    task: &RequestTask,
    wanted: &Wanted,
    to: RequestStatus,
    now: Timestamp,
) -> Vec<(RequestTask, TaskStep)> {
    let question = |other: &RequestTask| other.kind == DocumentKind::InformationRequest;
    if question(task) {
        return Vec::new();
    }
    let all = matches!(to, RequestStatus::CancelledByRequester | RequestStatus::EnteredInError);
    let is_open =
        |other: &RequestTask| RequestStatus::from_code(&other.status).is_some_and(|status| !status.is_final());
    let waits =
        |other: &RequestTask| other.id != task.id && workflow::answers(other) && is_open(other) && !question(other);
    let last = to.is_final() && to != RequestStatus::Redirected && !request.iter().any(|other| waits(other));
    let ends = |other: &&&RequestTask| other.id != task.id && is_open(other) && (all || (last && question(other)));
    request
        .iter()
        .filter(ends)
        .filter_map(|other| {
            let status = if all { to } else { RequestStatus::CancelledByRequester };
            let wanted = Wanted {
                id: Uuid::new_v5(&wanted.id, other.id.as_bytes()),
                wish: Wish::To(status),
                reason: wanted.reason.clone().or_else(|| Some("The request has ended.".to_owned())),
                capacity: if wanted.capacity == Capacity::Own { Capacity::Own } else { Capacity::Requester },
                ..wanted.clone()
            };
            let stepped = workflow::step(other, &wanted, None, now).ok()?;
            Some((stepped.task, stepped.step))
        })
        .collect()
}

/// What a requester says when it has sent what was asked for.
pub const INFORMATION_GIVEN: &str = "information-given";
