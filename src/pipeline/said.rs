//! Steps as JSON and as a FHIR Task say them, read and put to the task they are about.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::document::{invalid, refuses};
use super::fields::Fields;
use super::recall::How;
use super::requests::{Followed, wish_code};
use super::steps::{Ask, Taken};
use super::{Gateway, incoming};
use crate::auth::Caller;
use crate::fhir::tree::Tree;
use crate::fhir::{self, resource_type};
use crate::intake::{self, Refusal};
use crate::map::status_update::item_title;
use crate::model::{Category, DocumentKind, Issue, IssueCode, MessageId, PartyId, RequestStatus};
use crate::workflow::{self, Capacity, Wish};

/// How a person was reached: codes of ours, as `CareEvent` has them.
const MODES: &[&str] = &["face-to-face", "telephone", "video", "letter", "text-message", "home-visit"];

impl Gateway {
    /// `POST /requests/{id}/status`; `None` where there is no such request for this caller.
    ///
    /// # Errors
    /// What is wrong with the fields; or why the step cannot be taken.
    pub async fn step_by_json(
        self: &Arc<Self>,
        caller: &Caller,
        request: &MessageId,
        body: &Value,
        now: Timestamp,
    ) -> Result<Option<Value>, Refusal> {
        let Some(visible) = self.request(caller, request, now).await? else { return Ok(None) };
        let known = ["task", "status", "at", "reason", "team", "items", "mode", "id", "version"];
        let mut fields = Fields::of(body, &known)?;
        let task = fields.text_if("task").and_then(|text| id_of(&mut fields, "task", &text));
        let id = fields.text_if("id").and_then(|text| id_of(&mut fields, "id", &text));
        let codes = RequestStatus::ALL.iter().map(|status| Wish::To(*status)).chain([Wish::GiveInformation]);
        let all: Vec<Wish> = codes.collect();
        let wish = fields.code("status", "how it stands", &all, wish_code);
        let at = fields.moment_if("at");
        let reason = fields.text_if("reason");
        let team = fields.text_if("team").and_then(|text| {
            let found = PartyId::parse(&text);
            if found.is_none() {
                fields.wrong("team", "This is no id of a team of the directory.");
            }
            found
        });
        let items = items(body, &mut fields);
        let mode = fields.text_if("mode").filter(|mode| {
            let known = MODES.contains(&mode.as_str());
            if !known {
                fields.wrong("mode", format!("This is none of {}.", MODES.join(", ")));
            }
            known
        });
        let of_version = body.get("version").filter(|version| !version.is_null()).and_then(|version| {
            let number = version.as_u64().and_then(|version| u32::try_from(version).ok());
            if number.is_none() {
                fields.wrong("version", "This is no version: give the number as it was read.");
            }
            number
        });
        let wish = fields.done(wish)?;
        let Some(named) = self.task_meant(caller, &visible, task, wish, now)? else { return Ok(None) };
        let ask = Ask { task: named, id, wish, at, reason, team, items, mode, of_version };
        Ok(self.take_step(caller, ask, now).await?.map(|taken| answer(&taken)))
    }

    /// Which task a step is of: the one named; else the caller's own, and of several the one that answers for the request.
    /// On a task of somebody else, which the trust may end, nobody steps without naming it.
    ///
    /// # Errors
    /// Only somebody else's would do.
    fn task_meant(
        &self,
        caller: &Caller,
        visible: &[Followed],
        named: Option<Uuid>,
        wish: Wish,
        now: Timestamp,
    ) -> Result<Option<Uuid>, Refusal> {
        if let Some(named) = named {
            return Ok(visible.iter().map(|one| one.task.id).find(|id| *id == named));
        }
        let rank = |one: &&Followed| {
            let task = &one.task;
            let holds = self.capacities(caller, task, now).into_iter().map(|capacity| match capacity {
                Capacity::Owner if caller.party.id == task.owner => 0,
                Capacity::Owner => 1,
                Capacity::Requester => 2,
                Capacity::Own => 3,
            });
            let fits = one.may.iter().any(|(may, _)| *may == wish);
            let question = task.kind == DocumentKind::InformationRequest;
            let holds = holds.min()?;
            Some((holds == 3, !fits, holds, question, !workflow::answers(task), task.opened, task.id))
        };
        let best = visible.iter().filter_map(|one| Some((rank(&one)?, one.task.id))).min();
        match best {
            Some(((true, ..), _)) => {
                let text = "None of this request's tasks is yours. Say which one you mean in `task`.";
                let issue = Issue::error(IssueCode::Required, text).at("/task");
                Err(Refusal::new(Category::Invalid, vec![issue]))
            }
            best => Ok(best.map(|(_, id)| id)),
        }
    }

    /// `PUT /fhir/Task/{id}` of a version; `None` where there is no such task for this caller.
    ///
    /// # Errors
    /// What is wrong with the resource; or why the step cannot be taken.
    pub async fn step_by_task(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        of_version: u32,
        content_type: Option<String>,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Option<Taken>, Refusal> {
        let Some(before) = self.task(caller, id, now).await? else { return Ok(None) };
        let gateway = self.clone();
        let told = self
            .apart(move || {
                let refused = |issue: Issue| Refusal::new(Category::Invalid, vec![issue]);
                let format = intake::fhir_format(content_type.as_deref())
                    .map_err(|issue| Refusal::new(Category::UnsupportedMediaType, vec![issue]))?;
                let limits = &gateway.parts().limits;
                let resource = fhir::read(&bytes, format, limits).map_err(refused)?;
                let tree = Tree::read(&bytes, format, limits).map_err(refused)?;
                if resource_type(&resource) != Some("Task") {
                    let text = "This address takes resources of type Task.";
                    return Err(refused(Issue::error(IssueCode::Invalid, text).at("Task")));
                }
                if resource.get("id").and_then(Value::as_str).is_some_and(|named| named != id.to_string()) {
                    let text =
                        "The id is not the one of the address. Send the resource as it was read, with what changed.";
                    return Err(refused(Issue::error(IssueCode::Invalid, text).at("Task.id")));
                }
                let found = gateway.parts().validator.resource(tree.root(), Vec::new(), None);
                if refuses(&found) {
                    return Err(invalid(found));
                }
                incoming::of_task(&gateway.parts().directory, &resource, now)
            })
            .await?;
        // what was read and sent back is when it last changed, and not when the step was taken
        let at = told.at.filter(|at| *at != before.task.changed);
        let told = incoming::StepTold { at, ..told };
        // the same change of the same version is the same step
        let name = format!("{id}/{of_version}/{}/{:?}", caller.client_id, told.said);
        let step = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        self.agrees(caller, &before.task, &told, now).await?;
        let ask = self.ask_of(caller, &before.task, told, Some(step), Some(of_version), now);
        self.take_step(caller, ask, now).await
    }

    /// `POST /messages/{id}/recall`; `None` where there is no such message of this caller's.
    ///
    /// # Errors
    /// What is wrong with the fields; or why it cannot be taken back.
    pub async fn recall_by_json(
        self: &Arc<Self>,
        caller: &Caller,
        message: &MessageId,
        body: &Value,
        now: Timestamp,
    ) -> Result<Option<Value>, Refusal> {
        let mut fields = Fields::of(body, &["status", "reason"])?;
        let how = fields.text("status", "how it is taken back: cancelled or entered-in-error").and_then(|code| {
            let found = How::from_code(&code);
            if found.is_none() {
                fields.wrong("status", "This is none of cancelled, entered-in-error.");
            }
            found
        });
        let reason = fields.text_if("reason");
        let how = fields.done(how)?;
        Ok(self.take_back(caller, message, how, reason, None, now).await?.map(|taken| answer(&taken)))
    }
}

/// What a step came to, as JSON.
fn answer(taken: &Taken) -> Value {
    json!({
        "request": taken.task.request.as_str(),
        "task": taken.task.id.to_string(),
        "status": taken.task.status,
        "version": taken.task.version,
        "late": taken.late,
        "repeated": taken.repeated,
        "next": taken.next.as_ref().map(PartyId::as_str),
        "told": taken.told.iter().map(PartyId::as_str).collect::<Vec<_>>(),
        "words": taken.words(),
    })
}

fn id_of(fields: &mut Fields<'_>, name: &str, text: &str) -> Option<Uuid> {
    let found = Uuid::try_parse(text).ok();
    if found.is_none() {
        fields.wrong(name, "This is no UUID.");
    }
    found
}

/// Codes of the items of a referral that are asked for, or given.
fn items(body: &Value, fields: &mut Fields<'_>) -> Vec<String> {
    let Some(given) = body.get("items").filter(|given| !given.is_null()) else { return Vec::new() };
    let Some(all) = given.as_array() else {
        fields.wrong("items", "This is a list of codes.");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (place, value) in all.iter().enumerate() {
        match value.as_str().filter(|key| item_title(key).is_some()) {
            Some(key) => found.push(key.to_owned()),
            None => fields.wrong(&format!("items/{place}"), "This is no code of an item of a referral."),
        }
    }
    found
}
