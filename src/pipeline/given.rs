//! What was asked for and is given with a new version: item by item, so that what it does not hold stays asked. A question
//! in words alone is answered by whatever new version its sender makes of the request. Decides no release.

use serde_json::Value;
use uuid::Uuid;

use super::document::Content;
use super::notice::{Notice, Teller};
use super::process::Run;
use super::revision::Version;
use super::steps::asked_from;
use crate::documents::Referral;
use crate::documents::referral::{MissingItem, item_pointer};
use crate::intake::Refusal;
use crate::model::{CareEvent, DocumentKind, EventKind, PartyId, RequestStatus, RequestTask, TaskStep};
use crate::store::{AuditRecord, CareChanges};
use crate::workflow::{self, Capacity, Wanted, Wish};

/// A task whose question is answered, in full or in part.
pub(super) struct Given {
    pub task: RequestTask,
    pub step: TaskStep,
    pub event: Option<CareEvent>,
    still: Vec<String>,
}

impl Given {
    fn of(stepped: workflow::Stepped, wanted: &Wanted, still: &[String], before: &RequestTask) -> Self {
        let workflow::Stepped { mut task, mut step, events, .. } = stepped;
        let mut event = events.into_iter().find(|event| event.kind == EventKind::InformationGiven);
        if !still.is_empty() {
            // item by item: what is still missing stays asked for
            task.status.clone_from(&before.status);
            step.to.clone_from(&before.status);
            let words = (before.kind == DocumentKind::InformationRequest).then(|| still.join(","));
            task.reason = words.or_else(|| before.reason.clone());
            step.reason.clone_from(&task.reason);
            if let Some(event) = &mut event {
                event.detail.insert("still".to_owned(), still.join(","));
            }
        }
        if let Some(event) = event.as_mut().filter(|_| !wanted.items.is_empty()) {
            event.detail.insert("items".to_owned(), wanted.items.join(","));
        }
        Self { task, step, event, still: still.to_vec() }
    }
}

/// Codes of the items that the sender of a request is asked for.
pub(super) fn items(task: &RequestTask) -> Vec<&str> {
    task.reason.as_deref().map(listed).unwrap_or_default()
}

fn listed(text: &str) -> Vec<&str> {
    text.split(',').filter(|key| !key.is_empty()).collect()
}

impl Version<'_> {
    /// What was asked for and is given with the new version.
    pub(super) fn given(&self, run: &Run<'_>) -> Vec<Given> {
        let (referral, missing): (Option<&Referral>, Vec<MissingItem>) = match &run.read.content {
            Content::Referral(referral) => (Some(referral), referral.missing()),
            Content::Document(..) => (None, Vec::new()),
        };
        let is_missing = |key: &str| missing.iter().any(|item| item.key == key);
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
            let (still, given): (Vec<&str>, Vec<&str>) = items(task).into_iter().partition(|key| is_missing(key));
            if given.is_empty() {
                continue;
            }
            let wanted = wanted(task, Capacity::Owner, &task.owner, owned(given));
            if let Ok(stepped) = workflow::step(task, &wanted, None, run.now) {
                found.push(Given::of(stepped, &wanted, &owned(still), task));
            }
        }
        // what another team is to answer with is asked by that team; this one has passed the request on
        let waits = RequestStatus::MoreInformationNeeded.code();
        for task in self.tasks.iter().filter(|task| task.status == waits && !self.turn.leaves(task)) {
            let steps = self.before.steps.get(&task.id).map(Vec::as_slice).unwrap_or_default();
            let asked = self.asked(run, steps);
            let is_given = |key: &String| !is_missing(key) && self.says_more(key, referral);
            let (given, still): (Vec<String>, Vec<String>) = asked.iter().cloned().partition(is_given);
            if given.is_empty() && !asked.is_empty() {
                continue;
            }
            let wanted = wanted(task, Capacity::Requester, &task.requester, given);
            if let Ok(stepped) = workflow::step(task, &wanted, asked_from(steps), run.now) {
                found.push(Given::of(stepped, &wanted, &still, task));
            }
        }
        found
    }

    /// The items a team still waits for: those it asked for, without those that an earlier version gave.
    fn asked(&self, run: &Run<'_>, steps: &[TaskStep]) -> Vec<String> {
        let last = steps.iter().rev().find(|step| step.to == RequestStatus::MoreInformationNeeded.code());
        let Some(last) = last else { return Vec::new() };
        let known = |kind: EventKind, detail: &str| -> Option<Vec<String>> {
            let id = Uuid::new_v5(&last.id, kind.code().as_bytes());
            let mut events = run.care.events.iter().chain(&self.before.care.events);
            events.find(|event| event.id == id)?.detail(detail).map(|text| owned(listed(text)))
        };
        known(EventKind::InformationAsked, "items")
            .or_else(|| known(EventKind::InformationGiven, "still"))
            .unwrap_or_default()
    }

    /// Whether the new version says something else on an item than the one before it.
    fn says_more(&self, key: &str, referral: Option<&Referral>) -> bool {
        let versions = referral.zip(self.turn.earlier.as_ref());
        let Some(((new, old), pointer)) = versions.zip(item_pointer(key)) else { return true };
        let part = |of: &Referral| -> Option<Value> { serde_json::to_value(of).ok()?.pointer(pointer).cloned() };
        part(new) != part(old)
    }

    /// Tells everybody with standing what was given.
    pub(super) fn tell_given(
        &self,
        run: &Run<'_>,
        given: &Given,
        teller: &Teller<'_>,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<(), Refusal> {
        let sentence = if given.still.is_empty() {
            format!("{} has sent information that was asked for.", run.sender.name)
        } else {
            format!("{} has sent some of the information that was asked for. Some is still missing.", run.sender.name)
        };
        let what = Said { task: &given.task, step: given.step.id, sentence, by: &run.sender.id, next: None };
        self.tell_all(run, &what, teller, changes, audit)
    }

    /// Tells everybody with standing in the request of a step that the new version is.
    pub(super) fn tell_all(
        &self,
        run: &Run<'_>,
        said: &Said<'_>,
        teller: &Teller<'_>,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<(), Refusal> {
        let tasks: Vec<RequestTask> = self.tasks.iter().map(|task| (*task).clone()).collect();
        let status = RequestStatus::from_code(&said.task.status).unwrap_or(RequestStatus::Received);
        let requester = tasks
            .iter()
            .find(|task| task.kind != DocumentKind::InformationRequest)
            .map_or(&run.sender.id, |task| &task.requester);
        for (party, why) in workflow::told(requester, &tasks, None, status, said.by) {
            let notice = Notice {
                id: said.step,
                task: said.task.id,
                fhir_status: workflow::fhir_status(said.task).to_owned(),
                status: Some(status.code().to_owned()),
                identifier: said.task.identifier.clone(),
                sentence: said.sentence.clone(),
                reason: None,
                items: Vec::new(),
                from: said.by.clone(),
                owner: said.task.owner.clone(),
                requester: requester.clone(),
                next: said.next.cloned(),
                standing: true,
                opened: said.task.opened,
                at: run.now,
                about: run.read.kind,
            };
            if let Some((row, entry)) = teller.tell(&notice, &party, why)? {
                audit.push(entry);
                changes.notices.push((teller.message.clone(), row));
            }
        }
        Ok(())
    }
}

/// A step that everybody with standing is told of.
pub(super) struct Said<'a> {
    pub task: &'a RequestTask,
    pub step: Uuid,
    pub sentence: String,
    pub by: &'a PartyId,
    pub next: Option<&'a PartyId>,
}

fn owned(keys: Vec<&str>) -> Vec<String> {
    keys.into_iter().map(str::to_owned).collect()
}
