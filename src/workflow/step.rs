//! One step of one task. A report that comes late, after what followed it, is kept and counts, and moves nothing back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::table::{self, Reason};
use super::{answers, meaning, role};
use crate::model::{
    CareEvent, DocumentKind, EventKind, MessageId, PartyId, PersonKey, RequestStatus as S, RequestTask, TaskStep,
};

/// As what somebody takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capacity {
    /// It has the request.
    Owner,
    /// It sent the request.
    Requester,
    /// It runs the gateway.
    Own,
}

/// What somebody wants to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// It stands like this now.
    To(S),
    /// What was asked for is here: it stands again as it stood before it was asked.
    GiveInformation,
}

/// A step that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The same step sent twice has the same id.
    pub id: Uuid,
    pub wish: Wish,
    /// When it happened, where that is not now.
    pub at: Option<Timestamp>,
    pub reason: Option<String>,
    /// Who has it from now on, for an acceptance or a redirection that passes it on.
    pub team: Option<PartyId>,
    /// Codes of the items asked for, or given.
    pub items: Vec<String>,
    /// How the person was reached: a code.
    pub mode: Option<String>,
    pub by: PartyId,
    pub agent: String,
    pub capacity: Capacity,
}

/// Why a step is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("nobody can say this as it stands")]
    NotNow,
    #[error("whoever says this may not say it")]
    NotYours,
    #[error("the step must say why")]
    ReasonWanted,
    #[error("a redirection must name the team that has it from now on")]
    TeamWanted,
    #[error("what is told lies in the future")]
    InTheFuture,
    #[error("what is told lies before the request came")]
    BeforeItCame,
    #[error("the status that is kept is none of ours")]
    Unreadable,
}

/// What comes of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stepped {
    pub task: RequestTask,
    pub step: TaskStep,
    pub events: Vec<CareEvent>,
    /// It was told late: the task stands as it stood.
    pub late: bool,
}

/// How far a caller's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Takes a step. `before` is how the task stood when it was last asked for information, where it was.
///
/// # Errors
/// Why it cannot be taken; the task then stands as it is.
pub fn step(task: &RequestTask, wanted: &Wanted, before: Option<S>, now: Timestamp) -> Result<Stepped, Illegal> {
    let from = S::from_code(&task.status).ok_or(Illegal::Unreadable)?;
    let at = wanted.at.unwrap_or(now);
    if at.duration_since(now) > AHEAD {
        return Err(Illegal::InTheFuture);
    }
    // a clock that is ahead of ours puts nothing in the future
    let at = at.min(now);
    if task.opened.duration_since(at) > AHEAD {
        return Err(Illegal::BeforeItCame);
    }
    let (to, late) = match wanted.wish {
        Wish::GiveInformation => (given(task, from, wanted, before)?, false),
        Wish::To(to) => moved(task, from, to, wanted, at)?,
    };
    let stands = if late { from } else { to };
    let version = task.version.saturating_add(1);
    let after = RequestTask {
        status: stands.code().to_owned(),
        version,
        changed: now,
        reason: if late { task.reason.clone() } else { wanted.reason.clone() },
        ..task.clone()
    };
    let step = TaskStep {
        id: wanted.id,
        task: task.id,
        version,
        from: Some(from.code().to_owned()),
        to: to.code().to_owned(),
        by: wanted.by.clone(),
        agent: wanted.agent.clone(),
        at,
        recorded: now,
        reason: wanted.reason.clone(),
        message: None,
    };
    let events = events(task, wanted, to, at, now);
    Ok(Stepped { task: after, step, events, late })
}

/// Where a step leads, and whether it comes late.
fn moved(task: &RequestTask, from: S, to: S, wanted: &Wanted, at: Timestamp) -> Result<(S, bool), Illegal> {
    let owner = wanted.capacity == Capacity::Owner;
    // whoever only knows of it, or has passed it on, has nothing to say on it
    if owner && !answers(task) {
        return Err(Illegal::NotYours);
    }
    if !table::is_for(task.kind, from, to) {
        return Err(Illegal::NotNow);
    }
    let Some(row) = table::row(from, to, wanted.capacity) else {
        if owner && is_late(task, from, to, at) {
            return Ok((to, true));
        }
        return Err(if table::is_known(from, to) { Illegal::NotYours } else { Illegal::NotNow });
    };
    if row.reason == Reason::Wanted && wanted.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Illegal::ReasonWanted);
    }
    if to == S::Redirected && wanted.team.is_none() {
        return Err(Illegal::TeamWanted);
    }
    Ok((to, false))
}

/// Whether a report is of something earlier than how the request stands: of its way there, or one contact more.
fn is_late(task: &RequestTask, from: S, to: S, at: Timestamp) -> bool {
    let (Some(stands), Some(told)) = (meaning::progress(from), meaning::progress(to)) else { return false };
    let repeats = matches!(to, S::Contacted | S::NoResponse) && from != S::Completed;
    // nobody has it from outside once it is passed on, so no acceptance is made up afterwards
    to != S::Received && told < stands && (repeats || at < task.changed) && task.role != role::PASSED_ON
}

fn given(task: &RequestTask, from: S, wanted: &Wanted, before: Option<S>) -> Result<S, Illegal> {
    match (wanted.capacity, from) {
        // the sender of a request is asked by a task of its own, which its answer ends
        (Capacity::Owner, S::Received) if task.kind == DocumentKind::InformationRequest => Ok(S::Completed),
        (Capacity::Requester, S::MoreInformationNeeded) => Ok(before.unwrap_or(S::Received)),
        (Capacity::Requester | Capacity::Owner, _) => Err(Illegal::NotNow),
        (Capacity::Own, _) => Err(Illegal::NotYours),
    }
}

fn events(task: &RequestTask, wanted: &Wanted, to: S, at: Timestamp, now: Timestamp) -> Vec<CareEvent> {
    let kind = match wanted.wish {
        Wish::GiveInformation => EventKind::InformationGiven,
        // a request for missing items is told of as the items it asks for, not as a request of its own
        Wish::To(_) if task.kind == DocumentKind::InformationRequest => return Vec::new(),
        Wish::To(_) => match meaning::event(to) {
            Some(kind) => kind,
            None => return Vec::new(),
        },
    };
    let mut detail = BTreeMap::new();
    if !wanted.items.is_empty() {
        detail.insert("items".to_owned(), wanted.items.join(","));
    }
    if let Some(mode) = wanted.mode.as_ref().filter(|_| to == S::Contacted) {
        detail.insert("mode".to_owned(), mode.clone());
    }
    if matches!(to, S::CancelledByOwner | S::CancelledByRequester) {
        detail.insert("by".to_owned(), to.code().trim_start_matches("cancelled-by-").to_owned());
    }
    detail.insert("kind".to_owned(), task.kind.code().to_owned());
    let team = match to {
        S::Accepted => Some(wanted.team.clone().unwrap_or_else(|| task.owner.clone())),
        S::Redirected => wanted.team.clone(),
        _ => None,
    };
    vec![CareEvent {
        id: Uuid::new_v5(&wanted.id, kind.code().as_bytes()),
        kind,
        at,
        recorded: now,
        person: task.person.clone(),
        request: Some(task.request.clone()),
        message: None,
        by: wanted.by.clone(),
        team: team.filter(|_| kind != EventKind::InformationGiven),
        detail,
    }]
}

/// What a new task is about.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    pub request: &'a MessageId,
    /// `system|value`.
    pub identifier: &'a str,
    pub kind: DocumentKind,
    pub person: &'a PersonKey,
    pub requester: &'a PartyId,
    pub owner: &'a PartyId,
    pub role: &'a str,
    /// `received`; `accepted` for what was accepted before it came here.
    pub status: S,
    pub reason: Option<&'a str>,
    /// Who opened it, and by which client.
    pub by: &'a PartyId,
    pub agent: &'a str,
    pub now: Timestamp,
}

/// A new task with its first step. The same opening has the same ids.
#[must_use]
pub fn open(opening: &Opening<'_>) -> (RequestTask, TaskStep) {
    let Opening { request, identifier, kind, person, requester, owner, role, status, reason, by, agent, now } =
        *opening;
    let name = format!("{request}/{owner}/{}/{role}/{now}", kind.code());
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
    let task = RequestTask {
        id,
        request: request.clone(),
        identifier: identifier.to_owned(),
        kind,
        person: person.clone(),
        requester: requester.clone(),
        owner: owner.clone(),
        role: role.to_owned(),
        status: status.code().to_owned(),
        version: 1,
        opened: now,
        changed: now,
        reason: reason.map(str::to_owned),
    };
    let step = TaskStep {
        id: Uuid::new_v5(&id, b"opened"),
        task: id,
        version: 1,
        from: None,
        to: task.status.clone(),
        by: by.clone(),
        agent: agent.to_owned(),
        at: now,
        recorded: now,
        reason: task.reason.clone(),
        message: None,
    };
    (task, step)
}
