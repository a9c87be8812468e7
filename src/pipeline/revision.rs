//! A new version of what was sent before (CS-21): whoever got the earlier one gets the new one, as far as they may, or is
//! told that theirs is out of force; what waits of the earlier one goes no more. A new version of a request that is
//! followed belongs to that request: it is not triaged again, and what was asked for and is in it counts as given.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Answer, Release};
use super::document::Content;
use super::following;
use super::notice::{Notice, Teller};
use super::process::Run;
use super::recall::{holders, out_of_force};
use super::{Gateway, care, unavailable};
use crate::audit::Event;
use crate::auth::Caller;
use crate::documents::referral::MissingItem;
use crate::fhir::{Bundle, identifier};
use crate::intake::Refusal;
use crate::model::{
    CareEvent, DocumentKind, EventKind, MessageId, PartyId, PersonKey, RequestStatus, RequestTask, TaskStep,
};
use crate::route::{Destination, Role, Routing};
use crate::store::{AuditRecord, CareChanges, DeliveryStatus, StoredMessage, TasksWanted};
use crate::workflow::{self, Capacity, Told, Wanted, Wish};

/// By which an earlier version may be known that a bundle says it replaces, likeliest first.
pub(super) fn supersedes(bundle: &Bundle) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let list = |resource: &Value, name: &str| resource.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(composition) = bundle.first("Composition").filter(|_| bundle.kind() == Some("document")) {
        let replaced = list(composition, "relatesTo");
        let replaced = replaced.iter().filter(|one| one.get("code").and_then(Value::as_str) == Some("replaces"));
        found.extend(replaced.filter_map(|one| identifier::key_of(one.get("targetIdentifier")?)));
        let amended = matches!(composition.get("status").and_then(Value::as_str), Some("amended" | "corrected"));
        found.extend(composition.get("identifier").filter(|_| amended).and_then(identifier::key_of));
    } else if let Some(request) = bundle.first("ServiceRequest") {
        found.extend(list(request, "replaces").iter().filter_map(|one| identifier::key_of(one.get("identifier")?)));
        let reason = bundle.first("MessageHeader").and_then(|header| header.pointer("/reason/coding/0/code"));
        if reason.and_then(Value::as_str) == Some("update") {
            found.extend(list(request, "identifier").iter().filter_map(identifier::key_of));
            found.extend(request.get("requisition").and_then(identifier::key_of));
        }
    }
    let mut once: Vec<String> = Vec::new();
    for identifier in found {
        if !once.contains(&identifier) {
            once.push(identifier);
        }
    }
    once
}

/// An earlier version, with what became of it.
pub(super) struct Before {
    pub stored: StoredMessage,
    pub deliveries: Vec<DeliveryStatus>,
    answer: Option<Answer>,
    /// The message that first brought the request.
    root: MessageId,
    /// Tasks of the request, whoever the person was taken for when it came.
    tasks: Vec<RequestTask>,
    /// Steps of the tasks that wait for information.
    steps: HashMap<Uuid, Vec<TaskStep>>,
}

impl Gateway {
    /// The earlier version that a message of this caller's replaces, where there is one here.
    pub(super) async fn before(
        &self,
        caller: &Caller,
        kind: DocumentKind,
        identifiers: &[String],
        now: Timestamp,
    ) -> Result<Option<Before>, Refusal> {
        let store = &self.store;
        let failed = |error| unavailable(&error);
        for identifier in identifiers {
            let Some(earlier) = self.earlier_named(caller, identifier, now).await? else { continue };
            let Some(stored) = store.message(&earlier).await.map_err(failed)? else { continue };
            if stored.kind != kind {
                continue;
            }
            let answer = Answer::from_stored(&stored.answer);
            let root = answer.as_ref().and_then(|answer| answer.updates.clone()).unwrap_or_else(|| earlier.clone());
            let mut deliveries = store.status(&stored.sender, &stored.id).await.map_err(failed)?.unwrap_or_default();
            if root != stored.id {
                // who came to have the request since has the first version, until they get this one
                deliveries.extend(store.status(&stored.sender, &root).await.map_err(failed)?.unwrap_or_default());
            }
            let tasks = store.tasks(&TasksWanted::Request(root.clone())).await.map_err(failed)?;
            let mut steps = HashMap::new();
            for task in tasks.iter().filter(|task| task.status == RequestStatus::MoreInformationNeeded.code()) {
                if let Some((_, all)) = store.task(task.id).await.map_err(failed)? {
                    steps.insert(task.id, all);
                }
            }
            return Ok(Some(Before { stored, deliveries, answer, root, tasks, steps }));
        }
        Ok(None)
    }
}

impl Before {
    /// Whom the request is followed for: a person without a usable number stays the same person from version to version.
    pub(super) fn person(&self) -> Option<&PersonKey> {
        self.tasks.first().map(|task| &task.person)
    }
}

/// A new version against what is known of the earlier one.
pub(super) struct Version<'a> {
    before: &'a Before,
    /// Tasks of the request that are followed.
    tasks: Vec<&'a RequestTask>,
    /// Who got the earlier version.
    holders: Vec<PartyId>,
}

fn is_open(task: &RequestTask) -> bool {
    RequestStatus::from_code(&task.status).is_some_and(|status| !status.is_final())
}

impl<'a> Version<'a> {
    pub(super) fn of(before: &'a Before) -> Self {
        let mut tasks: Vec<&RequestTask> = before.tasks.iter().collect();
        tasks.sort_by_key(|task| (task.opened, task.id));
        let copies: Vec<&DeliveryStatus> =
            before.deliveries.iter().filter(|row| row.kind == before.stored.kind).collect();
        Self { before, tasks, holders: holders(&copies) }
    }

    /// Whether the request is still followed, so that this is no new one.
    pub(super) fn is_open(&self) -> bool {
        let asked = |task: &&&RequestTask| task.kind != DocumentKind::InformationRequest && workflow::answers(task);
        self.tasks.iter().filter(asked).any(|task| is_open(task))
    }

    pub(super) const fn root(&self) -> &MessageId {
        &self.before.root
    }

    /// Whether the sender has been asked for an item and has not answered.
    pub(super) fn is_asked(&self, key: &str) -> bool {
        self.questions().any(|task| items(task).contains(&key))
    }

    fn questions(&self) -> impl Iterator<Item = &'a RequestTask> {
        let tasks = self.tasks.iter().copied();
        tasks.filter(|task| task.kind == DocumentKind::InformationRequest && is_open(task))
    }

    /// In which capacity a holder gets the new version.
    fn role(&self, holder: &PartyId) -> Role {
        let own = self.tasks.iter().rev().filter(|task| task.owner == *holder && is_open(task));
        let by_task = own.filter_map(|task| Role::from_code(&task.role)).min_by_key(|role| *role == Role::Copy);
        by_task.unwrap_or_else(|| {
            let recipients = self.before.answer.iter().flat_map(|answer| &answer.recipients);
            let role = recipients
                .filter(|recipient| recipient.party == *holder)
                .find_map(|recipient| Role::from_code(&recipient.role));
            // whoever answered for it and no longer does, only has a copy
            role.filter(|role| !matches!(role, Role::Responsible | Role::Crisis)).unwrap_or(Role::Copy)
        })
    }

    /// Sends the new version to whoever has the earlier one; a request that is followed goes to nobody for triage again.
    pub(super) fn redirect(&self, routing: &mut Routing) {
        let held = |party: &PartyId| self.holders.contains(party);
        if self.is_open() {
            routing
                .destinations
                .retain(|one| !held(&one.party) && matches!(one.role, Role::Crisis | Role::Copy | Role::Addressee));
        }
        let listed: Vec<PartyId> = routing.destinations.iter().map(|one| one.party.clone()).collect();
        let reason = "It has the earlier version, which this one replaces.";
        let holders = self.holders.iter().filter(|holder| !listed.contains(holder));
        routing.destinations.extend(holders.map(|holder| Destination {
            party: holder.clone(),
            role: self.role(holder),
            rule: "CS-21".to_owned(),
            reason: reason.to_owned(),
            source: "consent-and-sharing.md CS-21".to_owned(),
        }));
        let order = |one: &Destination| (one.role != Role::Crisis, one.role != Role::Responsible);
        routing.destinations.sort_by_key(order);
    }

    /// What the new version changes, with the messages that tell of it.
    pub(super) fn changes(
        &self,
        run: &Run<'_>,
        answer: &Answer,
        routing: &Routing,
        asked: &[MissingItem],
        audit: &mut Vec<AuditRecord>,
    ) -> Result<CareChanges, Refusal> {
        let open = self.is_open();
        let new: Vec<_> = answer
            .recipients
            .iter()
            .filter(|one| !open || !self.tasks.iter().any(|task| task.owner == one.party))
            .cloned()
            .collect();
        let request = if open { self.root() } else { run.id };
        let (tasks, steps) = following::opened(run, request, &new, asked);
        let events = if open { Vec::new() } else { care::events(run, routing, &answer.recipients) };
        let mut given = self.given(run);
        let given_events = given.iter_mut().filter_map(|one| one.event.take());
        let given_events = given_events.map(|event| CareEvent { person: run.person.clone(), ..event });
        let events = events.into_iter().chain(given_events).collect();
        let mut changes = CareChanges {
            tasks,
            steps,
            ..care::changes(&run.parts.clocks, &run.parts.directory, run.care, events, run.now)
        };
        // known by a number from now on: what is followed goes on under it, with the wishes that are kept for it
        let moved = self.tasks.iter().filter(|task| open && task.person != run.person);
        changes.tasks.extend(moved.map(|task| RequestTask { person: run.person.clone(), ..(*task).clone() }));
        let teller = Teller {
            parts: run.parts,
            holding: &run.holding,
            person: &run.person,
            message: &self.before.stored.id,
            kind: run.read.kind,
            document: &run.read,
            now: run.now,
            actor: &run.caller.party.id,
            agent: &run.caller.client_id,
        };
        audit.push(teller.entry(Event::TakenBack).kind(run.read.kind).outcome("superseded").record());
        let copies = self.before.deliveries.iter().filter(|row| row.kind == self.before.stored.kind);
        changes.out_of_force = copies.map(|row| row.delivery).collect();
        self.tell_holders(run, answer, &teller, &mut changes, audit)?;
        for mut one in given {
            one.task.person = run.person.clone();
            self.tell_given(run, &one, &teller, &mut changes, audit)?;
            changes.tasks.push(one.task);
            changes.steps.push(one.step);
        }
        Ok(changes)
    }

    /// Tells those who do not get the new version that theirs is out of force.
    fn tell_holders(
        &self,
        run: &Run<'_>,
        answer: &Answer,
        teller: &Teller<'_>,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<(), Refusal> {
        let gets = |holder: &PartyId| {
            answer.recipients.iter().any(|one| one.party == *holder && one.release != Release::Denied)
        };
        let stored = &self.before.stored;
        let sentence = format!(
            "{}: a new version has taken the place of the copy you were sent, and it does not go to you. Do not act on the \
             earlier copy.",
            stored.kind.title()
        );
        let (stands, _) = workflow::open(&workflow::Opening {
            request: &stored.id,
            identifier: &stored.key,
            kind: stored.kind,
            person: &run.person,
            requester: &run.sender.id,
            owner: &run.sender.id,
            role: "copy",
            status: RequestStatus::Received,
            reason: None,
            by: &run.sender.id,
            agent: &run.caller.client_id,
            now: stored.received,
        });
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/supersedes", run.id).as_bytes());
        for holder in self.holders.iter().filter(|holder| !gets(holder)) {
            let notice = out_of_force(id, &stands, &run.sender.id, &sentence, holder, stored.kind, run.now);
            if let Some((row, entry)) = teller.tell(&notice, holder, Told::Knows)? {
                audit.push(entry);
                changes.notices.push((stored.id.clone(), row));
            }
        }
        Ok(())
    }

    /// What was asked for and is given with the new version.
    fn given(&self, run: &Run<'_>) -> Vec<Given> {
        let missing: Vec<&str> = match &run.read.content {
            Content::Referral(referral) => referral.missing().iter().map(|item| item.key).collect(),
            Content::Document(..) => Vec::new(),
        };
        let mut found = Vec::new();
        let wanted = |task: &RequestTask, capacity, by: &PartyId, given: Vec<String>| Wanted {
            id: Uuid::new_v5(&task.id, run.id.as_str().as_bytes()),
            wish: Wish::GiveInformation,
            at: None,
            reason: None,
            team: None,
            items: given,
            mode: None,
            by: by.clone(),
            agent: run.caller.client_id.clone(),
            capacity,
        };
        for task in self.questions() {
            let asked = items(task);
            let (still, given): (Vec<&str>, Vec<&str>) = asked.into_iter().partition(|key| missing.contains(key));
            if given.is_empty() {
                continue;
            }
            let given: Vec<String> = given.into_iter().map(str::to_owned).collect();
            let wanted = wanted(task, Capacity::Owner, &task.owner, given);
            if let Ok(stepped) = workflow::step(task, &wanted, None, run.now) {
                found.push(Given::of(stepped, &wanted, &still, task));
            }
        }
        for task in self.tasks.iter().filter(|task| task.status == RequestStatus::MoreInformationNeeded.code()) {
            let steps = self.before.steps.get(&task.id).map(Vec::as_slice).unwrap_or_default();
            let asked = steps.iter().rev().find(|step| step.to == RequestStatus::MoreInformationNeeded.code());
            let before = asked.and_then(|step| RequestStatus::from_code(step.from.as_deref()?));
            let wanted = wanted(task, Capacity::Requester, &task.requester, Vec::new());
            if let Ok(stepped) = workflow::step(task, &wanted, before, run.now) {
                found.push(Given::of(stepped, &wanted, &[], task));
            }
        }
        found
    }

    fn tell_given(
        &self,
        run: &Run<'_>,
        given: &Given,
        teller: &Teller<'_>,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<(), Refusal> {
        let tasks: Vec<RequestTask> = self.tasks.iter().map(|task| (*task).clone()).collect();
        let status = RequestStatus::from_code(&given.task.status).unwrap_or(RequestStatus::Received);
        let sentence = if given.still.is_empty() {
            format!("{} has sent information that was asked for.", run.sender.name)
        } else {
            format!("{} has sent some of the information that was asked for. Some is still missing.", run.sender.name)
        };
        let requester = tasks
            .iter()
            .find(|task| task.kind != DocumentKind::InformationRequest)
            .map_or(&run.sender.id, |task| &task.requester);
        for (party, why) in workflow::told(requester, &tasks, None, status, &run.sender.id) {
            let notice = Notice {
                id: given.step.id,
                task: given.task.id,
                fhir_status: workflow::fhir_status(&given.task).to_owned(),
                status: Some(status.code().to_owned()),
                identifier: given.task.identifier.clone(),
                sentence: sentence.clone(),
                reason: None,
                items: Vec::new(),
                from: run.sender.id.clone(),
                owner: given.task.owner.clone(),
                requester: requester.clone(),
                next: None,
                standing: true,
                opened: given.task.opened,
                at: run.now,
                about: run.read.kind,
            };
            if let Some((row, entry)) = teller.tell(&notice, &party, why)? {
                audit.push(entry);
                changes.notices.push((given.task.request.clone(), row));
            }
        }
        Ok(())
    }
}

/// Codes of the items a question asks for.
fn items(task: &RequestTask) -> Vec<&str> {
    task.reason.as_deref().unwrap_or_default().split(',').filter(|key| !key.is_empty()).collect()
}

/// A task whose question is answered, in full or in part.
struct Given {
    task: RequestTask,
    step: TaskStep,
    event: Option<CareEvent>,
    still: Vec<String>,
}

impl Given {
    fn of(stepped: workflow::Stepped, wanted: &Wanted, still: &[&str], before: &RequestTask) -> Self {
        let workflow::Stepped { mut task, mut step, events, .. } = stepped;
        let mut event = events.into_iter().find(|event| event.kind == EventKind::InformationGiven);
        if !still.is_empty() {
            // item by item: what is still missing stays asked for
            task.status.clone_from(&before.status);
            step.to.clone_from(&before.status);
            task.reason = Some(still.join(","));
            step.reason.clone_from(&task.reason);
            if let Some(event) = &mut event {
                event.detail.insert("still".to_owned(), still.join(","));
            }
        }
        if let Some(event) = event.as_mut().filter(|_| !wanted.items.is_empty()) {
            event.detail.insert("items".to_owned(), wanted.items.join(","));
        }
        let still = still.iter().map(|key| (*key).to_owned()).collect();
        Self { task, step, event, still }
    }
}
