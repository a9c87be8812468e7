//! A new version of what was sent before (CS-21): whoever got an earlier one gets the new one, as far as they may, or is
//! told that theirs is out of force; what waits of the earlier ones goes no more. Whichever earlier version it names, it
//! takes the place of the newest. A new version of a request that is followed belongs to that request: it is not triaged
//! again, and what was asked for and is in it counts as given (`given`).

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::answer::{Answer, RecipientAnswer, Release};
use super::following;
use super::given::items;
use super::notice::Teller;
use super::process::Run;
use super::recall::{holders, out_of_force};
use super::turned::Turn;
use super::{Gateway, care, unavailable};
use crate::audit::Event;
use crate::auth::Caller;
use crate::documents::referral::MissingItem;
use crate::fhir::{Bundle, identifier};
use crate::intake::Refusal;
use crate::model::{CareEvent, DocumentKind, MessageId, PartyId, PersonKey, RequestStatus, RequestTask, TaskStep};
use crate::route::{Destination, Role, Routing};
use crate::store::{AuditRecord, Care, CareChanges, DeliveryStatus, Newest, StoredMessage, TasksWanted};
use crate::workflow::{self, Told, role};

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

/// The newest of the earlier versions, with what became of all of them.
pub(super) struct Before {
    pub stored: StoredMessage,
    /// Copies of every earlier version, with the version.
    copies: Vec<(MessageId, DeliveryStatus)>,
    answer: Option<Answer>,
    /// The first version of all.
    first: MessageId,
    /// The message that first brought the request.
    pub root: MessageId,
    /// Tasks of the request, whoever the person was taken for when it came.
    tasks: Vec<RequestTask>,
    /// Steps of the tasks that wait for information.
    pub steps: HashMap<Uuid, Vec<TaskStep>>,
    /// The care of the person whom the earlier version was about.
    pub care: Care,
}

impl Gateway {
    /// The newest version of what a message of this caller's replaces, whichever version it names.
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
            let versions = store.versions(&earlier).await.map_err(failed)?;
            let Some((first, newest)) = versions.first().zip(versions.last()) else { continue };
            let Some(stored) = store.message(&newest.message).await.map_err(failed)? else { continue };
            if stored.kind != kind {
                continue;
            }
            let copies = store.copies(&earlier).await.map_err(failed)?;
            let tasks = store.tasks(&TasksWanted::Request(newest.request.clone())).await.map_err(failed)?;
            let mut steps = HashMap::new();
            for task in tasks.iter().filter(|task| task.status == RequestStatus::MoreInformationNeeded.code()) {
                if let Some((_, all)) = store.task(task.id).await.map_err(failed)? {
                    steps.insert(task.id, all);
                }
            }
            let care = match tasks.first() {
                Some(task) => store.care(&task.person).await.map_err(failed)?,
                None => Care::default(),
            };
            return Ok(Some(Before {
                answer: Answer::from_stored(&stored.answer),
                stored,
                copies,
                first: first.message.clone(),
                root: newest.request.clone(),
                tasks,
                steps,
                care,
            }));
        }
        Ok(None)
    }
}

impl Before {
    /// Whom the request is followed for: a person without a usable number stays the same person from version to version.
    pub(super) fn person(&self) -> Option<&PersonKey> {
        self.tasks.first().map(|task| &task.person)
    }

    /// Who got the newest of the earlier versions, or any of them.
    fn holders(&self, of_any: bool) -> Vec<PartyId> {
        let copies = self.copies.iter().filter(|(version, _)| of_any || *version == self.stored.id);
        holders(&copies.map(|(_, copy)| copy).collect::<Vec<_>>())
    }

    /// Whether a party was asked to care for the person on an earlier version, whatever has become of that since.
    pub(super) fn cared(&self, party: &PartyId) -> bool {
        let asked = [role::RESPONSIBLE, role::CRISIS, role::ADDRESSEE, role::PASSED_ON];
        self.tasks.iter().any(|task| task.owner == *party && asked.contains(&task.role.as_str()))
            || self.answer.iter().flat_map(|answer| &answer.recipients).any(|recipient| {
                recipient.party == *party
                    && recipient.release != Release::Denied
                    && !matches!(Role::from_code(&recipient.role), None | Some(Role::Copy | Role::Gp))
            })
    }
}

/// The rule by which whoever has an earlier version gets the new one.
const HOLDER: &str = "CS-21";

/// A new version against what is known of the earlier ones.
pub(super) struct Version<'a> {
    pub before: &'a Before,
    /// Tasks of the request that are followed.
    pub tasks: Vec<&'a RequestTask>,
    /// Who got an earlier version.
    holders: Vec<PartyId>,
    pub turn: Turn,
}

pub(super) fn is_open(task: &RequestTask) -> bool {
    RequestStatus::from_code(&task.status).is_some_and(|status| !status.is_final())
}

impl<'a> Version<'a> {
    /// `routing` is by the rules for new ones.
    pub(super) fn of(before: &'a Before, run: &Run<'_>, routing: &Routing) -> Self {
        let mut tasks: Vec<&RequestTask> = before.tasks.iter().collect();
        tasks.sort_by_key(|task| (task.opened, task.id));
        // of a plan or letter whoever did not get the last version any more has been told so
        let all = !tasks.is_empty();
        let mut version = Self { before, tasks, holders: before.holders(all), turn: Turn::default() };
        if version.is_open() {
            version.turn = Turn::of(before, &version.tasks, run, routing);
        }
        version
    }

    /// Whether the request is still followed, so that this is no new one.
    pub(super) fn is_open(&self) -> bool {
        let asked = |task: &&&RequestTask| task.kind != DocumentKind::InformationRequest && workflow::answers(task);
        self.tasks.iter().filter(asked).any(|task| is_open(task))
    }

    pub(super) const fn root(&self) -> &MessageId {
        &self.before.root
    }

    /// The first version of all.
    pub(super) const fn first(&self) -> &MessageId {
        &self.before.first
    }

    /// Whether the sender has been asked for an item and has not answered.
    pub(super) fn is_asked(&self, key: &str) -> bool {
        self.questions().any(|task| items(task).contains(&key))
    }

    pub(super) fn questions(&self) -> impl Iterator<Item = &'a RequestTask> {
        let tasks = self.tasks.iter().copied();
        tasks.filter(|task| task.kind == DocumentKind::InformationRequest && is_open(task))
    }

    /// In which capacity a holder gets the new version.
    fn role(&self, holder: &PartyId) -> Role {
        let own = self.tasks.iter().rev().filter(|task| {
            // whom the request leaves only knows of it from then on
            task.owner == *holder && is_open(task) && !self.turn.leaves(task)
        });
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

    /// Sends the new version to whoever has an earlier one; a request that is followed goes to nobody for triage again.
    pub(super) fn redirect(&self, routing: &mut Routing) {
        if self.is_open() {
            routing.destinations.retain_mut(|one| {
                let held = self.holders.contains(&one.party);
                self.turn.keeps(one, held)
            });
        }
        let listed: Vec<PartyId> = routing.destinations.iter().map(|one| one.party.clone()).collect();
        let reason = "It has the earlier version, which this one replaces.";
        let holders = self.holders.iter().filter(|holder| !listed.contains(holder));
        routing.destinations.extend(holders.map(|holder| Destination {
            party: holder.clone(),
            role: self.role(holder),
            rule: HOLDER.to_owned(),
            reason: reason.to_owned(),
            source: "consent-and-sharing.md CS-21".to_owned(),
        }));
        let order = |one: &Destination| (one.role != Role::Crisis, one.role != Role::Responsible);
        routing.destinations.sort_by_key(order);
    }

    /// Whether a recipient has no task of its own yet: whoever has a copy has one, until it is asked for more.
    fn is_new(&self, one: &RecipientAnswer) -> bool {
        let asks = one.rule != HOLDER && !matches!(Role::from_code(&one.role), None | Some(Role::Copy));
        let has =
            |task: &&&RequestTask| task.owner == one.party && (!asks || (is_open(task) && workflow::answers(task)));
        !self.tasks.iter().any(|task| has(&task))
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
        let new: Vec<_> = answer.recipients.iter().filter(|one| !open || self.is_new(one)).cloned().collect();
        let request = if open { self.root() } else { run.id };
        let (tasks, steps) = following::opened(run, request, &new, asked);
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
        let mut changes = CareChanges { tasks, steps, ..CareChanges::default() };
        // known by a number from now on: what is followed goes on under it, with the wishes that are kept for it
        let moved = self.tasks.iter().filter(|task| open && task.person != run.person);
        changes.tasks.extend(moved.map(|task| RequestTask { person: run.person.clone(), ..(*task).clone() }));
        changes.out_of_force = self.before.copies.iter().map(|(_, copy)| copy.delivery).collect();
        self.tell_holders(run, answer, &teller, &mut changes, audit)?;
        let teller_of_it = Teller { message: run.id, ..teller };
        let mut events =
            if open { self.retold(run, &mut changes) } else { care::events(run, routing, &answer.recipients) };
        for mut one in self.given(run) {
            one.task.person = run.person.clone();
            self.tell_given(run, &one, &teller_of_it, &mut changes, audit)?;
            changes.tasks.push(one.task);
            changes.steps.push(one.step);
            events.extend(one.event.map(|event| CareEvent { person: run.person.clone(), ..event }));
        }
        events.extend(self.turned(run, routing, &teller_of_it, &mut changes, audit)?);
        let after = care::changes(&run.parts.clocks, &run.parts.directory, run.care, events, run.now);
        changes.based_on = after.based_on;
        changes.events.extend(after.events);
        changes.clocks.extend(after.clocks);
        changes.newest = Some(Newest { message: self.before.stored.id.clone(), request: None });
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
        // who did not get the one before either was told then
        let last = self.before.holders(false);
        for holder in last.iter().filter(|holder| !gets(holder)) {
            let notice = out_of_force(id, &stands, &run.sender.id, &sentence, holder, stored.kind, run.now);
            if let Some((row, entry)) = teller.tell(&notice, holder, Told::Knows)? {
                audit.push(entry);
                changes.notices.push((stored.id.clone(), row));
            }
        }
        Ok(())
    }
}
