//! How requests stand, for those with standing: tasks one by one, of one request, or of one party. Who has none finds
//! nothing (CS-22). A reason is shown where it was written or is answered for; everybody else has it, as far as they may,
//! in the message that told them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::steps::INFORMATION_GIVEN;
use super::{Gateway, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::fhir::build::{self, concept, put};
use crate::fhir::{codes, envelope};
use crate::intake::Refusal;
use crate::map::status_update::item_title;
use crate::map::task_message::About;
use crate::model::{DocumentKind, MessageId, PartyId, RequestStatus, RequestTask, TaskStep};
use crate::store::TasksWanted;
use crate::workflow::{self, Capacity, Reason, Wish, role};

/// A task as one caller sees it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Without its reason where that is not the caller's to read here.
    pub task: RequestTask,
    pub steps: Vec<TaskStep>,
    /// What the caller may say on it now: the code, whether it must say why.
    pub may: Vec<(Wish, Reason)>,
}

/// Which tasks a caller looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskSearch {
    /// `system|value` of the request.
    pub identifier: Option<String>,
    pub owner: Option<PartyId>,
    pub requester: Option<PartyId>,
}

impl Gateway {
    /// One task with its steps; `None` where there is none for this caller.
    ///
    /// # Errors
    /// The store does not answer, or the look cannot be recorded.
    pub async fn task(&self, caller: &Caller, id: Uuid, now: Timestamp) -> Result<Option<Followed>, Refusal> {
        let found = self.store.task(id).await.map_err(|error| unavailable(&error))?;
        let Some((task, _)) = found else { return Ok(None) };
        let request = self.request(caller, &task.request, now).await?.unwrap_or_default();
        Ok(request.into_iter().find(|followed| followed.task.id == id))
    }

    /// Every task of a request that a caller may see, the oldest first; `None` where it has no standing.
    ///
    /// # Errors
    /// As [`Self::task`].
    pub async fn request(
        &self,
        caller: &Caller,
        id: &MessageId,
        now: Timestamp,
    ) -> Result<Option<Vec<Followed>>, Refusal> {
        let store = &self.store;
        // a later version is followed with the request it is of
        let id = &self.request_of(id).await?;
        let wanted = TasksWanted::Request(id.clone());
        let mut all = store.tasks(&wanted).await.map_err(|error| unavailable(&error))?;
        all.sort_by_key(|task| (task.opened, task.kind == DocumentKind::InformationRequest, task.id));
        let visible = self.visible_tasks(caller, all, now);
        let Some(person) = visible.first().map(|task| task.person.clone()) else { return Ok(None) };
        let entry = Entry::new(Event::TaskRead, now).actor(&caller.party.id, &caller.client_id).message(id);
        self.record(entry.person(person.as_str())).await?;
        let mut followed = Vec::new();
        for task in visible {
            let steps = store.task(task.id).await.map_err(|error| unavailable(&error))?;
            followed.push(self.followed(caller, task, steps.map(|(_, steps)| steps).unwrap_or_default(), now));
        }
        Ok(Some(followed))
    }

    /// The tasks that a caller holds or has sent the requests of, newest first, without their steps.
    ///
    /// # Errors
    /// As [`Self::task`].
    pub async fn tasks(&self, caller: &Caller, search: &TaskSearch, now: Timestamp) -> Result<Vec<Followed>, Refusal> {
        let entry = Entry::new(Event::TaskRead, now).actor(&caller.party.id, &caller.client_id).outcome("search");
        self.record(entry).await?;
        let mut found: Vec<RequestTask> = Vec::new();
        for party in self.readable(&caller.party.id, now) {
            for wanted in [TasksWanted::Owner(party.clone()), TasksWanted::Requester(party, search.identifier.clone())]
            {
                found.extend(self.store.tasks(&wanted).await.map_err(|error| unavailable(&error))?);
            }
        }
        found.retain(|task| {
            search.identifier.as_ref().is_none_or(|identifier| *identifier == task.identifier)
                && search.owner.as_ref().is_none_or(|owner| *owner == task.owner)
                && search.requester.as_ref().is_none_or(|requester| *requester == task.requester)
        });
        found.sort_by_key(|task| (std::cmp::Reverse(task.opened), task.id));
        found.dedup_by_key(|task| task.id);
        Ok(found.into_iter().map(|task| self.followed(caller, task, Vec::new(), now)).collect())
    }

    /// Of the tasks of one request those a caller may see: all for its sender and the trust; for whoever has it, its own
    /// and those of whoever answers for it. Who else got a copy is nobody's business.
    fn visible_tasks(&self, caller: &Caller, all: Vec<RequestTask>, now: Timestamp) -> Vec<RequestTask> {
        let holds = |task: &RequestTask| !self.capacities(caller, task, now).is_empty();
        if !all.iter().any(holds) {
            return Vec::new();
        }
        let whole = self.is_trust(caller)
            || all
                .iter()
                .any(|task| task.kind != DocumentKind::InformationRequest && self.speaks(caller, &task.requester, now));
        let shown = |task: &RequestTask| {
            let answers = matches!(task.role.as_str(), role::RESPONSIBLE | role::CRISIS | role::ADDRESSEE);
            whole || holds(task) || answers
        };
        all.into_iter().filter(shown).collect()
    }

    fn followed(&self, caller: &Caller, mut task: RequestTask, mut steps: Vec<TaskStep>, now: Timestamp) -> Followed {
        let capacities = self.capacities(caller, &task, now);
        let reads = capacities.iter().any(|capacity| matches!(capacity, Capacity::Owner | Capacity::Own));
        let asked = task.kind == DocumentKind::InformationRequest;
        if !reads && !asked {
            for step in &mut steps {
                step.reason = step.reason.take().filter(|_| self.speaks(caller, &step.by, now));
            }
            task.reason = None;
        }
        let mut may: Vec<(Wish, Reason)> =
            capacities.iter().flat_map(|capacity| workflow::wishes(&task, *capacity)).collect();
        let mut seen = Vec::new();
        may.retain(|(wish, _)| {
            let new = !seen.contains(wish);
            seen.push(*wish);
            new
        });
        Followed { task, steps, may }
    }
}

/// The code of a wish in JSON.
#[must_use]
pub const fn wish_code(wish: Wish) -> &'static str {
    match wish {
        Wish::To(status) => status.code(),
        Wish::GiveInformation => INFORMATION_GIVEN,
    }
}

impl Gateway {
    /// A task as JSON.
    pub fn task_json(&self, followed: &Followed, now: Timestamp) -> Value {
        let Followed { task, steps, may } = followed;
        let status = RequestStatus::from_code(&task.status);
        let steps: Vec<Value> = steps
            .iter()
            .map(|step| {
                json!({
                    "id": step.id.to_string(),
                    "version": step.version,
                    "from": step.from,
                    "to": step.to,
                    "by": step.by.as_str(),
                    "name": self.party_name(&step.by, now),
                    "at": step.at.to_string(),
                    "recorded": step.recorded.to_string(),
                    "reason": step.reason,
                })
            })
            .collect();
        let mut out = json!({
            "task": task.id.to_string(),
            "request": task.request.as_str(),
            "identifier": task.identifier,
            "kind": task.kind.code(),
            "requester": task.requester.as_str(),
            "owner": task.owner.as_str(),
            "name": self.party_name(&task.owner, now),
            "role": task.role,
            "status": task.status,
            "title": status.map(RequestStatus::title),
            "fhir_status": workflow::fhir_status(task),
            "version": task.version,
            "opened": task.opened.to_string(),
            "changed": task.changed.to_string(),
            "reason": task.reason,
            "may": may.iter().map(|(wish, _)| wish_code(*wish)).collect::<Vec<_>>(),
        });
        if !steps.is_empty() {
            out["steps"] = steps.into();
        }
        out
    }

    /// A task as FHIR has it (<https://hl7.org/fhir/R4/task.html>).
    pub fn task_resource(&self, followed: &Followed, now: Timestamp) -> Value {
        let task = &followed.task;
        let status = RequestStatus::from_code(&task.status).unwrap_or(RequestStatus::Received);
        let question = task.kind == DocumentKind::InformationRequest;
        let party = |id: &PartyId| {
            self.directory()
                .party(id, now)
                .map_or_else(|| build::logical(codes::PARTY_ID, id.as_str(), id.as_str()), envelope::logical)
        };
        let about = About::of_key(&task.identifier).identifier();
        let lines = [workflow::sentence(status, &self.party_name(&task.owner, now), None)];
        let mut out = build::resource("Task", task.id, Some(&codes::ukcore("Task")), None, &lines);
        if let Some(meta) = out.get_mut("meta").and_then(Value::as_object_mut) {
            put(meta, "versionId", task.version.to_string());
            put(meta, "lastUpdated", task.changed.to_string());
        }
        put(&mut out, "identifier", json!([{"system": codes::DOCUMENT_ID, "value": task.id.to_string()}]));
        put(&mut out, "groupIdentifier", about.clone());
        put(&mut out, "status", workflow::fhir_status(task));
        let reason = task.reason.as_deref().filter(|_| !question);
        put(&mut out, "statusReason", reason.map(build::text_concept));
        put(&mut out, "businessStatus", concept(codes::REQUEST_STATUS, status.code(), status.title()));
        put(&mut out, "intent", if question { "proposal" } else { "order" });
        let code = if question {
            concept(codes::TASK, codes::TASK_SEND_INFORMATION, "Send what is missing from the referral")
        } else {
            concept(codes::TASK, codes::TASK_REQUEST, "Follow a request")
        };
        put(&mut out, "code", code);
        let focus = if task.kind == DocumentKind::Referral || question { "ServiceRequest" } else { "Composition" };
        put(&mut out, "focus", json!({"type": focus, "identifier": about}));
        put(&mut out, "authoredOn", task.opened.to_string());
        put(&mut out, "lastModified", task.changed.to_string());
        put(&mut out, "requester", party(&task.requester));
        put(&mut out, "owner", party(&task.owner));
        let items = task.reason.as_deref().filter(|_| question).unwrap_or_default();
        let inputs = items
            .split(',')
            .filter_map(|key| Some((key, item_title(key)?)))
            .map(|(key, title)| json!({"type": concept(codes::REFERRAL_ITEM, key, title), "valueString": title}));
        put(&mut out, "input", inputs.collect::<Vec<_>>());
        Value::Object(out)
    }

    /// Tasks as the result of a search.
    pub fn task_bundle(&self, found: &[Followed], now: Timestamp) -> Value {
        let entries: Vec<Value> = found
            .iter()
            .map(|followed| {
                let url = format!("{}/fhir/Task/{}", self.base_url(), followed.task.id);
                json!({"fullUrl": url, "resource": self.task_resource(followed, now), "search": {"mode": "match"}})
            })
            .collect();
        let mut out = Map::new();
        put(&mut out, "resourceType", "Bundle");
        put(&mut out, "type", "searchset");
        put(&mut out, "timestamp", now.to_string());
        put(&mut out, "total", entries.len());
        put(&mut out, "link", json!([{"relation": "self", "url": format!("{}/fhir/Task", self.base_url())}]));
        put(&mut out, "entry", entries);
        Value::Object(out)
    }
}
