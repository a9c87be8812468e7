//! A document or request that its sender takes back (CS-21): what waits of it goes no more, everybody who got it is told,
//! and a request ends. For its sender and the trust that runs the gateway; for anybody else there is nothing here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::holding::Holding;
use super::incoming::{Incoming, Said, StepTold, TakenBack};
use super::notice::{self, Notice, Teller};
use super::steps::{Ask, Taken};
use super::{Answer, Gateway, MOST_TRIES, Parts, Ticket, busy, care, person, sender, unavailable};
use crate::audit::Event;
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{
    CareEvent, Category, DocumentKind, EventKind, Issue, IssueCode, MessageId, PartyId, RequestStatus, RequestTask,
};
use crate::store::{
    AuditRecord, Care, CareChanges, CareCommit, CareStored, DeliveryStatus, Kept, StoredMessage, TasksWanted,
};
use crate::validate;
use crate::workflow::{Told, Wish};

/// How something is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was right when it was sent, and is no longer wanted.
    Cancelled,
    /// It should never have been sent.
    EnteredInError,
}

impl How {
    const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// The way with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Cancelled, Self::EnteredInError].into_iter().find(|how| how.code() == code)
    }

    const fn status(self) -> RequestStatus {
        match self {
            Self::Cancelled => RequestStatus::CancelledByRequester,
            Self::EnteredInError => RequestStatus::EnteredInError,
        }
    }
}

impl Gateway {
    /// Does what a message says that brings no new document.
    pub(super) async fn take_incoming(
        self: &Arc<Self>,
        ticket: &Ticket,
        caller: &Caller,
        incoming: Incoming,
    ) -> Result<Answer, Refusal> {
        let (key, names) = match &incoming {
            Incoming::Step(told) => (told.key.clone(), &told.names),
            Incoming::TakenBack(back) => (back.key.clone(), &back.names),
        };
        if !sender::are_callers(&self.parts(), caller, names, ticket.at) {
            let text = "An organisation sends only as itself: the sender of the message is not the organisation these \
                        credentials belong to.";
            let issue = Issue::error(IssueCode::Forbidden, text).rule("sender-is-caller");
            return Err(Refusal::new(Category::Forbidden, vec![issue]));
        }
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}|{key}", caller.party.id).as_bytes());
        let (taken, at_fault) = match incoming {
            Incoming::Step(told) => (self.step_told(caller, told, id, ticket.at).await?, "Task.identifier"),
            Incoming::TakenBack(back) => (self.taken_back(caller, &back, id, ticket.at).await?, "Bundle"),
        };
        let Some(taken) = taken else {
            let text = "There is nothing here that this could be about, or nothing that you may see.";
            let issue = Issue::error(IssueCode::NotFound, text).at(at_fault);
            return Err(Refusal::new(Category::NotFound, vec![issue]));
        };
        let mut findings = vec![Issue::information(IssueCode::Informational, taken.words())];
        if taken.late {
            let text = "It was told late: it is kept with its time, and the request stands as it stood.";
            findings.push(Issue::information(IssueCode::Informational, text));
        }
        Ok(Answer {
            message: ticket.id.clone(),
            kind: DocumentKind::StatusUpdate,
            received: ticket.at,
            identifier: key,
            fhir: true,
            recipients: Vec::new(),
            missing: Vec::new(),
            findings,
            updates: None,
            version_of: None,
        })
    }

    async fn step_told(
        self: &Arc<Self>,
        caller: &Caller,
        told: StepTold,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<Taken>, Refusal> {
        let Some(task) = self.task_told(caller, &told, now).await? else { return Ok(None) };
        if self.capacities(caller, &task, now).is_empty() {
            return Ok(None);
        }
        self.agrees(caller, &task, &told, now).await?;
        self.take_step(caller, self.ask_of(caller, &task, told, Some(id), None, now), now).await
    }

    /// What a Task says, put to a task of ours.
    pub(super) fn ask_of(
        &self,
        caller: &Caller,
        task: &RequestTask,
        told: StepTold,
        id: Option<Uuid>,
        of_version: Option<u32>,
        now: Timestamp,
    ) -> Ask {
        let question = task.kind == DocumentKind::InformationRequest;
        let wish = match told.said {
            Said::Wish(wish) => wish,
            Said::Completed if question => Wish::GiveInformation,
            Said::Completed => Wish::To(RequestStatus::Completed),
            Said::Cancelled if self.speaks(caller, &task.owner, now) => Wish::To(RequestStatus::CancelledByOwner),
            Said::Cancelled => Wish::To(RequestStatus::CancelledByRequester),
        };
        Ask {
            task: task.id,
            id,
            wish,
            at: told.at,
            reason: told.reason,
            team: told.team,
            items: told.items,
            mode: None,
            of_version,
        }
    }

    /// The task a message is about: by our identifier, else by the request's, where the caller has it or has sent it.
    async fn task_told(
        &self,
        caller: &Caller,
        told: &StepTold,
        now: Timestamp,
    ) -> Result<Option<RequestTask>, Refusal> {
        let store = &self.store;
        if let Some(id) = told.task {
            let found = store.task(id).await.map_err(|error| unavailable(&error))?;
            if let Some((task, _)) = found {
                return Ok(Some(task));
            }
        }
        let Some(identifier) = &told.identifier else { return Ok(None) };
        let mut found: Vec<RequestTask> = Vec::new();
        for party in self.readable(&caller.party.id, now) {
            let owned = store.tasks(&TasksWanted::Owner(party.clone())).await.map_err(|error| unavailable(&error))?;
            found.extend(owned.into_iter().filter(|task| task.identifier == *identifier));
            let sent = TasksWanted::Requester(party, Some(identifier.clone()));
            found.extend(store.tasks(&sent).await.map_err(|error| unavailable(&error))?);
        }
        let open = |task: &RequestTask| !RequestStatus::from_code(&task.status).is_some_and(RequestStatus::is_final);
        let held = |task: &RequestTask| self.speaks(caller, &task.owner, now) && crate::workflow::answers(task);
        let best = found.iter().find(|task| open(task) && held(task)).or_else(|| found.iter().find(|task| open(task)));
        Ok(best.or(found.first()).cloned())
    }

    async fn taken_back(
        self: &Arc<Self>,
        caller: &Caller,
        back: &TakenBack,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<Taken>, Refusal> {
        for identifier in &back.identifiers {
            if let Some(earlier) = self.earlier_named(caller, identifier, now).await? {
                return self.take_back(caller, &earlier, back.how, None, Some(id), now).await;
            }
        }
        match self.sent_about(caller, back, now).await? {
            Some(earlier) => self.take_back(caller, &earlier, back.how, None, Some(id), now).await,
            None => Ok(None),
        }
    }

    /// An earlier message of the caller's, by an identifier of the message or of the request in it.
    pub(super) async fn earlier_named(
        &self,
        caller: &Caller,
        identifier: &str,
        now: Timestamp,
    ) -> Result<Option<MessageId>, Refusal> {
        let store = &self.store;
        let earlier = store.earlier(&caller.party.id, identifier).await.map_err(|error| unavailable(&error))?;
        if let Some(earlier) = earlier {
            return Ok(Some(earlier.message));
        }
        let mut tasks = Vec::new();
        for party in self.readable(&caller.party.id, now) {
            let sent = TasksWanted::Requester(party, Some(identifier.to_owned()));
            tasks.extend(store.tasks(&sent).await.map_err(|error| unavailable(&error))?);
        }
        tasks.sort_by_key(|task| std::cmp::Reverse(task.opened));
        // the request itself, and not a question about it
        let request = tasks.into_iter().rev().find(|task| task.kind != DocumentKind::InformationRequest);
        Ok(request.map(|task| task.request))
    }

    /// Takes a message back; `None` where there is none of this caller's.
    ///
    /// # Errors
    /// A request cannot be taken back as it stands, or the store does not answer.
    pub async fn take_back(
        self: &Arc<Self>,
        caller: &Caller,
        message: &MessageId,
        how: How,
        reason: Option<String>,
        id: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Option<Taken>, Refusal> {
        let store = &self.store;
        let failed = |error| unavailable(&error);
        let Some(stored) = store.message(message).await.map_err(failed)? else { return Ok(None) };
        if !self.speaks(caller, &stored.sender, now) && !self.is_trust(caller) {
            return Ok(None);
        }
        let id =
            id.unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{message}/{}", how.code()).as_bytes()));
        // whichever version is named, the request goes back with all of them
        let versions = store.versions(message).await.map_err(failed)?;
        let root = versions.into_iter().next_back().map_or_else(|| message.clone(), |newest| newest.request);
        let mut tasks = store.tasks(&TasksWanted::Request(root)).await.map_err(failed)?;
        tasks.retain(|task| task.kind != DocumentKind::InformationRequest);
        let open = |task: &&RequestTask| !RequestStatus::from_code(&task.status).is_some_and(RequestStatus::is_final);
        let stands = |task: &&RequestTask| task.status == how.status().code();
        let task = tasks.iter().find(open).or_else(|| tasks.iter().find(stands)).or_else(|| tasks.first());
        if let Some(task) = task {
            if stands(&task) {
                return Ok(Some(Taken {
                    task: task.clone(),
                    late: false,
                    repeated: true,
                    next: None,
                    told: Vec::new(),
                }));
            }
            let ask = Ask {
                task: task.id,
                id: Some(id),
                wish: Wish::To(how.status()),
                at: None,
                reason: reason.or_else(|| Some("Its sender has taken it back.".to_owned())),
                team: None,
                items: Vec::new(),
                mode: None,
                of_version: None,
            };
            return self.take_step(caller, ask, now).await;
        }
        self.take_document_back(caller, stored, how, id, now).await.map(Some)
    }

    async fn take_document_back(
        self: &Arc<Self>,
        caller: &Caller,
        stored: StoredMessage,
        how: How,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Taken, Refusal> {
        let store = &self.store;
        let failed = |error| unavailable(&error);
        let (gateway, again) = (self.clone(), stored.clone());
        let person = self
            .apart(move || {
                let read = notice::reread(&gateway.parts(), &again)?.document;
                let number = validate::usable_nhs_number(&read.bundle);
                Ok(person::key(&gateway.person_secret, number.as_ref(), &again.sender, &again.key))
            })
            .await?;
        for _ in 0..MOST_TRIES {
            let kept = store.kept(&person).await.map_err(failed)?;
            let care = store.care(&person).await.map_err(failed)?;
            let deliveries = store.status(&stored.sender, &stored.id).await.map_err(failed)?.unwrap_or_default();
            let back = Back { stored: stored.clone(), how, id, person: person.clone(), kept, care, deliveries };
            let (gateway, by) = (self.clone(), caller.clone());
            let (changes, audit, taken) = self.apart(move || back.decide(&gateway.parts(), &by, now)).await?;
            let Some(changes) = changes else { return Ok(taken) };
            let commit = CareCommit { person: person.clone(), at: now, changes, deliveries: Vec::new(), audit };
            if store.commit_care(commit).await.map_err(failed)? == CareStored::Stored {
                self.parts().wake.notify_one();
                return Ok(taken);
            }
        }
        Err(busy())
    }
}

/// A document on its way back.
struct Back {
    stored: StoredMessage,
    how: How,
    id: Uuid,
    person: crate::model::PersonKey,
    kept: Kept,
    care: Care,
    deliveries: Vec<DeliveryStatus>,
}

impl Back {
    fn decide(
        &self,
        parts: &Parts,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<(Option<CareChanges>, Vec<AuditRecord>, Taken), Refusal> {
        let Self { stored, how, id, person, kept, care, deliveries } = self;
        let document = notice::reread(parts, stored)?.document;
        let holding = Holding::of(&kept.records, now).map_err(|error| unavailable(&error))?;
        let kind = match how {
            How::Cancelled => EventKind::Cancelled,
            How::EnteredInError => EventKind::EnteredInError,
        };
        let task = self.stands(now);
        let event = CareEvent {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/taken-back/{}", stored.id, kind.code()).as_bytes()),
            kind,
            at: now,
            recorded: now,
            person: person.clone(),
            request: Some(stored.id.clone()),
            message: None,
            by: stored.sender.clone(),
            team: None,
            detail: BTreeMap::from([("kind".to_owned(), stored.kind.code().to_owned())]),
        };
        let mut taken = Taken { task, late: false, repeated: false, next: None, told: Vec::new() };
        if care.events.iter().any(|known| known.id == event.id) {
            taken.repeated = true;
            return Ok((None, Vec::new(), taken));
        }
        let teller = Teller {
            parts,
            holding: &holding,
            person,
            message: &stored.id,
            kind: stored.kind,
            document: &document,
            now,
            actor: &caller.party.id,
            agent: &caller.client_id,
        };
        let mut changes = CareChanges {
            wishes: Some(kept.revision),
            ..care::changes(&parts.clocks, &parts.directory, care, vec![event], now)
        };
        let mut audit = vec![teller.entry(Event::TakenBack).kind(stored.kind).outcome(how.code()).record()];
        let copies: Vec<&DeliveryStatus> = deliveries.iter().filter(|row| row.kind == stored.kind).collect();
        changes.out_of_force = copies.iter().map(|row| row.delivery).collect();
        let title = stored.kind.title();
        let why = match how {
            How::Cancelled => "is no longer in force",
            How::EnteredInError => "was entered in error",
        };
        let sentence = format!(
            "{title}: the copy you were sent {why}. Its sender has taken it back. Do not act on it, and take it out of the \
             person's record."
        );
        for party in holders(&copies) {
            let notice = out_of_force(*id, &taken.task, &stored.sender, &sentence, &party, stored.kind, now);
            if let Some((row, entry)) = teller.tell(&notice, &party, Told::Knows)? {
                audit.push(entry);
                changes.notices.push((stored.id.clone(), row));
                taken.told.push(party);
            }
        }
        Ok((Some(changes), audit, taken))
    }

    /// What stands for a document that nobody is asked to do anything about.
    fn stands(&self, now: Timestamp) -> RequestTask {
        RequestTask {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/copy", self.stored.id).as_bytes()),
            request: self.stored.id.clone(),
            identifier: self.stored.key.clone(),
            kind: self.stored.kind,
            person: self.person.clone(),
            requester: self.stored.sender.clone(),
            owner: self.stored.sender.clone(),
            role: "copy".to_owned(),
            status: self.how.status().code().to_owned(),
            version: 1,
            opened: self.stored.received,
            changed: now,
            reason: None,
        }
    }
}

/// Who got an earlier copy, delivered or queued, each once. What was stopped has reached nobody.
pub(super) fn holders(copies: &[&DeliveryStatus]) -> Vec<PartyId> {
    let mut found: Vec<PartyId> = Vec::new();
    for row in copies.iter().filter(|row| row.state != "stopped") {
        if !found.contains(&row.recipient) {
            found.push(row.recipient.clone());
        }
    }
    found
}

/// A notice that an earlier copy is out of force.
pub(super) fn out_of_force(
    id: Uuid,
    task: &RequestTask,
    from: &PartyId,
    sentence: &str,
    to: &PartyId,
    about: DocumentKind,
    now: Timestamp,
) -> Notice {
    Notice {
        id,
        task: task.id,
        // it asks its reader to take the copy out of the record
        fhir_status: "requested".to_owned(),
        status: None,
        identifier: task.identifier.clone(),
        sentence: sentence.to_owned(),
        reason: None,
        items: Vec::new(),
        from: from.clone(),
        owner: to.clone(),
        requester: from.clone(),
        next: None,
        standing: true,
        opened: task.opened,
        at: now,
        about,
    }
}

impl Taken {
    /// What came of it, in a sentence for whoever took the step.
    pub fn words(&self) -> String {
        let status = RequestStatus::from_code(&self.task.status);
        let title = status.map_or(self.task.status.as_str(), |status| status.title());
        let told = match self.told.len() {
            0 if self.repeated => "This was taken before.".to_owned(),
            0 => "Nobody else has standing in it.".to_owned(),
            1 => "One other party with standing is told.".to_owned(),
            many => format!("{many} other parties with standing are told."),
        };
        format!("The request stands as {title}, version {}. {told}", self.task.version)
    }
}
