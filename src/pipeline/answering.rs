//! A document that answers a request moves the task of whoever holds it: the request is found by what the document says
//! it answers, the step taken as any step is, and committed with the document. What cannot be found or said moves
//! nothing and is told; it never refuses the document.

use serde_json::Value;
use uuid::Uuid;

use super::document::Content;
use super::notice::{self, person_of};
use super::process::Run;
use super::reply::Reply;
use super::steps::{self, Ask, Decided, Known, Moved};
use super::versions::InForce;
use super::{Answer, Gateway, unavailable};
use crate::auth::Caller;
use crate::fhir::codes;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, MessageId, PartyId, PersonKey, RequestStatus, RequestTask, TaskStep};
use crate::store::{AuditRecord, Care, CareChanges, DeliveryStatus, StoredMessage, TasksWanted};
use crate::workflow::{self, Capacity, Wish};

/// What a document answers, as far as it is here.
pub(super) enum Answered {
    Task(Box<Held>),
    /// Nothing that its sender holds.
    Nothing,
    /// More than one request that it could be.
    Unclear,
}

/// The task of whoever answers, with what a step of it is decided on.
pub(super) struct Held {
    task: Uuid,
    request: MessageId,
    requester: PartyId,
    stored: StoredMessage,
    copies: Vec<DeliveryStatus>,
    steps: Vec<TaskStep>,
}

impl Held {
    pub(super) const fn request(&self) -> &MessageId {
        &self.request
    }

    pub(super) const fn requester(&self) -> &PartyId {
        &self.requester
    }
}

impl Gateway {
    /// Whom an answer without a usable NHS number is about: the person of the one request it names, of those its sender
    /// holds, unless what the two say of the person differs.
    pub(super) async fn person_answered(
        &self,
        caller: &Caller,
        reply: &Reply,
        patient: Option<&Value>,
        now: jiff::Timestamp,
    ) -> Result<Option<PersonKey>, Refusal> {
        let failed = |error| unavailable(&error);
        let Some(about) = &reply.about else { return Ok(None) };
        let mut found: Vec<RequestTask> = Vec::new();
        for party in self.readable(&caller.party.id, now) {
            let held = self.store.tasks(&TasksWanted::Owner(party)).await.map_err(failed)?;
            found.extend(held.into_iter().filter(|task| task.kind == reply.asked && names(task, about)));
        }
        let Some(task) = found.first().filter(|first| found.iter().all(|task| task.request == first.request)) else {
            return Ok(None);
        };
        if !self.speaks(caller, &task.owner, now) {
            return Ok(None);
        }
        let Some(InForce { stored, .. }) = self.in_force(&task.request).await? else { return Ok(None) };
        let parts = self.parts();
        let known = self
            .apart(move || Ok(person_of(&notice::reread(&parts, &stored)?.document.bundle).cloned()))
            .await
            .unwrap_or_default();
        let same = known.as_ref().zip(patient).is_some_and(|(known, told)| is_same_person(known, told));
        Ok(same.then(|| task.person.clone()))
    }

    /// What a document answers of this person's.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        reply: &Reply,
        care: &Care,
        now: jiff::Timestamp,
    ) -> Result<Answered, Refusal> {
        let failed = |error| unavailable(&error);
        let held: Vec<&RequestTask> = care
            .tasks
            .iter()
            .filter(|task| task.kind == reply.asked && workflow::answers(task) && self.speaks(caller, &task.owner, now))
            .collect();
        let mut found: Vec<&RequestTask> = match &reply.about {
            Some(about) => held.iter().copied().filter(|task| names(task, about)).collect(),
            // it does not say which: the one that is open
            None => held.iter().copied().filter(|task| is_open(task)).collect(),
        };
        if let Some(about) = reply.about.as_ref().filter(|_| found.is_empty()) {
            let request = self.of_version(&held, about, now).await?;
            found = held.iter().copied().filter(|task| Some(&task.request) == request.as_ref()).collect();
        }
        if several(&found) {
            found.retain(|task| is_open(task));
        }
        if several(&found) {
            return Ok(Answered::Unclear);
        }
        let last = found.iter().rev().find(|task| is_open(task)).or_else(|| found.last());
        let Some(task) = last.map(|task| (*task).clone()) else { return Ok(Answered::Nothing) };
        let Some(InForce { stored, copies }) = self.in_force(&task.request).await? else {
            return Ok(Answered::Nothing);
        };
        let steps = self.store.task(task.id).await.map_err(failed)?.map(|(_, steps)| steps).unwrap_or_default();
        let (request, requester) = (task.request, task.requester);
        Ok(Answered::Task(Box::new(Held { task: task.id, request, requester, stored, copies, steps })))
    }

    /// The request of which a later version has this reference.
    pub(super) async fn of_version(
        &self,
        held: &[&RequestTask],
        about: &str,
        now: jiff::Timestamp,
    ) -> Result<Option<MessageId>, Refusal> {
        let key = format!("{}|{about}", codes::DOCUMENT_ID);
        let mut senders: Vec<PartyId> = Vec::new();
        for task in held {
            let organisation = self.directory().party(&task.requester, now).map(|party| party.organisation().clone());
            senders.extend([Some(task.requester.clone()), organisation].into_iter().flatten());
        }
        senders.sort();
        senders.dedup();
        for sender in senders {
            let earlier = self.store.earlier(&sender, &key).await.map_err(|error| unavailable(&error))?;
            if let Some(root) = earlier.and_then(|earlier| Answer::from_stored(&earlier.answer)?.updates) {
                return Ok(Some(root));
            }
        }
        Ok(None)
    }
}

/// Whether a task is of the request with this reference: documents name another one by its reference alone.
fn names(task: &RequestTask, about: &str) -> bool {
    task.identifier.split_once('|').map_or(task.identifier.as_str(), |(_, value)| value) == about
}

fn is_open(task: &RequestTask) -> bool {
    RequestStatus::from_code(&task.status).is_some_and(|status| !status.is_final())
}

fn several(found: &[&RequestTask]) -> bool {
    found.first().is_some_and(|first| found.iter().any(|task| task.request != first.request))
}

/// Whether two Patients may be one person: something of name or day of birth agrees, and neither differs.
fn is_same_person(one: &Value, other: &Value) -> bool {
    let birth = |patient: &Value| patient.get("birthDate").and_then(Value::as_str).map(str::to_owned);
    let names = |patient: &Value, part: &str| -> Vec<String> {
        let all = patient.get("name").and_then(Value::as_array).into_iter().flatten();
        all.flat_map(|name| match name.get(part) {
            Some(Value::Array(given)) => given.iter().filter_map(Value::as_str).map(str::to_lowercase).collect(),
            Some(Value::String(family)) => vec![family.to_lowercase()],
            _ => Vec::new(),
        })
        .collect()
    };
    let agree = |part: &str| {
        let (one, other) = (names(one, part), names(other, part));
        (!one.is_empty() && !other.is_empty()).then(|| one.iter().any(|name| other.contains(name)))
    };
    let born = birth(one).zip(birth(other)).map(|(one, other)| one == other);
    let said = [born, agree("family"), agree("given")];
    said.iter().flatten().all(|same| *same) && said.iter().flatten().next().is_some()
}

/// The step that an answering document is, and what its sender is told of it.
///
/// # Errors
/// A fault of ours; what cannot be said as things stand is told and no error.
pub(super) fn moved(run: &Run<'_>) -> Result<(Option<Moved>, Vec<Issue>), Refusal> {
    let Content::Document(outline, _) = &run.read.content else { return Ok((None, Vec::new())) };
    let Some((reply, answered)) = outline.reply.as_ref().zip(run.answered) else { return Ok((None, Vec::new())) };
    let note = |code, text: String| {
        let issue = Issue::warning(code, text).rule("answers-request");
        if run.read.said.is_some() { issue } else { issue.at(reply.pointer) }
    };
    let held = match answered {
        Answered::Task(held) => held,
        Answered::Nothing if reply.about.is_none() || reply.by_the_way => return Ok((None, Vec::new())),
        Answered::Nothing => {
            let text = "This answers no request about this person that you were sent: it was passed on, and nothing \
                        moved. Check the reference.";
            return Ok((None, vec![note(IssueCode::NotFound, text.to_owned())]));
        }
        Answered::Unclear => {
            let text = "You were sent more than one request that this could answer, so nothing moved. Say which one, or \
                        say it on the request itself.";
            return Ok((None, vec![note(IssueCode::BusinessRule, text.to_owned())]));
        }
    };
    let Some(task) = run.care.tasks.iter().find(|task| task.id == held.task) else { return Ok((None, Vec::new())) };
    let known = Known {
        stored: &held.stored,
        copies: &held.copies,
        holding: &run.holding,
        care: run.care,
        task,
        steps: &held.steps,
    };
    let name = format!("{}|{}", run.caller.party.id, run.read.key);
    let mut first = None;
    for to in reply.to {
        let id = Uuid::new_v5(&task.id, name.as_bytes());
        let ask = Ask {
            task: task.id,
            id: Some(id),
            wish: Wish::To(*to),
            at: reply.since.for_request(task.opened, run.now),
            reason: reply.reason.clone(),
            team: None,
            items: Vec::new(),
            mode: None,
            of_version: None,
        };
        match steps::decide(run.parts, &known, &[Capacity::Owner], run.caller, id, &ask, run.now) {
            Ok(Decided::Now(mut moved)) => {
                for event in &mut moved.events {
                    event.message = Some(run.id.clone());
                }
                for step in moved.changes.steps.iter_mut().filter(|step| step.id == id) {
                    step.message = Some(run.id.clone());
                }
                let text = format!("The request that this answers has moved. {}", moved.taken.words());
                let told = Issue::information(IssueCode::Informational, text).rule("answers-request");
                return Ok((Some(*moved), vec![told]));
            }
            Ok(Decided::Before(_)) => return Ok((None, Vec::new())),
            Err(refusal)
                if matches!(refusal.category, Category::Conflict | Category::Forbidden | Category::Invalid) =>
            {
                first = first.or(Some(refusal));
            }
            Err(refusal) => return Err(refusal),
        }
    }
    let why = first.and_then(|refusal| refusal.issues.into_iter().next().map(|issue| issue.text));
    let told = why.map(|why| {
        let text = format!("This was passed on, and the request that it answers stands as it stood. {why}");
        note(IssueCode::BusinessRule, text)
    });
    Ok((None, told.into_iter().collect()))
}

impl Moved {
    /// Puts what comes of the step to what else is committed with it; its events are not among it.
    pub(super) fn join(self, care: &mut CareChanges, audit: &mut Vec<AuditRecord>) {
        let Self { changes, audit: told, .. } = self;
        audit.extend(told);
        care.tasks.extend(changes.tasks);
        care.steps.extend(changes.steps);
        care.notices.extend(changes.notices);
        care.decisions.extend(changes.decisions);
        care.out_of_force.extend(changes.out_of_force);
        care.newest = care.newest.take().or(changes.newest);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_same_person;

    #[test]
    fn a_person_without_a_number_is_the_one_of_the_request_where_nothing_differs_and_something_agrees() {
        let known = json!({"name": [{"family": "Warsame", "given": ["Yusuf"]}], "birthDate": "1964-09-12"});
        for (told, same) in [
            (json!({"name": [{"given": ["yusuf"]}]}), true),
            (json!({"name": [{"family": "WARSAME"}], "birthDate": "1964-09-12"}), true),
            (json!({"birthDate": "1964-09-12"}), true),
            (json!({"name": [{"family": "Warsame"}], "birthDate": "1964-09-21"}), false),
            (json!({"name": [{"family": "Other", "given": ["Yusuf"]}]}), false),
            (json!({"gender": "male"}), false),
        ] {
            assert_eq!(is_same_person(&known, &told), same, "{told}");
        }
    }
}
