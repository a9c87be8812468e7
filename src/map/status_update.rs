//! How a request stands, as a message to one of those with standing (`routing-and-clocks.md`, "Closing the loop"): one
//! Task, and the person where the reader may know who it is. What may be clinical stands in `Task.statusReason` alone, so
//! that consent can take it away and leave the status. The bare form names no person at all, only the request.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::task_message::{About, TaskMessage, response_event};
use crate::documents::referral::{LISTS, STATEMENTS};
use crate::fhir::build::{self, concept, put};
use crate::fhir::envelope::logical;
use crate::fhir::{Bundle, codes};
use crate::model::{Party, RequestStatus};

/// What the message is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// How a request stands with one who has it.
    Status(RequestStatus),
    /// An earlier copy of a document is out of force (CS-21).
    OutOfForce,
}

/// A status update for one recipient.
pub struct StatusUpdate<'a> {
    /// Identifier of this message.
    pub id: Uuid,
    pub matter: Matter,
    /// The task, and how it stands in FHIR's words.
    pub task: Uuid,
    pub fhir_status: &'a str,
    /// The request, as its sender names it.
    pub about: About<'a>,
    /// What has happened, in a sentence that holds nothing clinical.
    pub sentence: &'a str,
    /// Why, in the words of whoever took the step.
    pub reason: Option<&'a str>,
    /// Codes of the items that are asked for.
    pub items: &'a [String],
    /// Who tells it, whom, who has the request, and who sent it.
    pub from: &'a Party,
    pub to: &'a Party,
    pub owner: &'a Party,
    pub requester: &'a Party,
    /// The team that has it from now on, where that is new.
    pub next: Option<&'a Party>,
    pub opened: Timestamp,
    pub at: Timestamp,
}

/// Title of an item of a referral, by its code.
#[must_use]
pub fn item_title(key: &str) -> Option<&'static str> {
    let statement = STATEMENTS.iter().find(|item| item.key == key).map(|item| item.title);
    statement.or_else(|| LISTS.iter().find(|list| list.key == key).map(|list| list.title))
}

/// The message. `person` is the request's Patient; without it the message is bare: no person, no reason.
#[must_use]
pub fn to_fhir(update: &StatusUpdate<'_>, person: Option<&Value>) -> Bundle {
    let message = TaskMessage {
        id: update.id,
        from: update.from,
        to: update.to,
        at: update.at,
        event: response_event(),
        line: "How a request stands",
        answers: Some(("update", "Update", update.about)),
    };
    let place = build::urn(message.part("person"));
    let task = task(update, message.part("task"), person.map(|_| place.as_str()));
    let person = person.map(|person| build::entry(&place, patient(person, message.part("person"))));
    message.around(task, person.into_iter().collect())
}

fn task(update: &StatusUpdate<'_>, id: Uuid, person: Option<&str>) -> Map<String, Value> {
    // a reason is somebody's words about a person: never without the person, by whom consent decides on it
    let reason = update.reason.filter(|_| person.is_some());
    let mut lines = vec![update.sentence.to_owned()];
    lines.extend(reason.map(|reason| format!("Reason: {reason}")));
    let asked = || update.items.iter().filter_map(|key| Some((key, item_title(key)?)));
    lines.extend(asked().map(|(_, title)| format!("Asked for: {title}")));
    let mut out = build::resource("Task", id, Some(&codes::ukcore("Task")), None, &lines);
    put(&mut out, "identifier", json!([{"system": codes::DOCUMENT_ID, "value": update.task.to_string()}]));
    put(&mut out, "groupIdentifier", update.about.identifier());
    put(&mut out, "status", update.fhir_status);
    put(&mut out, "statusReason", reason.map(build::text_concept));
    let code = match update.matter {
        Matter::Status(status) => {
            put(&mut out, "businessStatus", concept(codes::REQUEST_STATUS, status.code(), status.title()));
            concept(codes::TASK, codes::TASK_REQUEST, "Follow a request")
        }
        Matter::OutOfForce => concept(codes::TASK, codes::TASK_WITHDRAWN, "An earlier copy is out of force"),
    };
    put(&mut out, "intent", "order");
    put(&mut out, "code", code);
    put(&mut out, "for", person.map(build::reference));
    put(&mut out, "authoredOn", update.opened.to_string());
    // a task is not changed before it was made (inv-1)
    put(&mut out, "lastModified", update.at.max(update.opened).to_string());
    put(&mut out, "requester", logical(update.requester));
    put(&mut out, "owner", logical(update.owner));
    let inputs =
        asked().map(|(key, title)| json!({"type": concept(codes::REFERRAL_ITEM, key, title), "valueString": title}));
    put(&mut out, "input", inputs.collect::<Vec<_>>());
    let next = update.next.map(|team| {
        let kind = concept(codes::TASK, codes::TASK_NEXT_TEAM, "The team that has the request from now on");
        json!([{"type": kind, "valueReference": logical(team)}])
    });
    put(&mut out, "output", next);
    out
}

/// As much of the person as tells who it is.
fn patient(person: &Value, id: Uuid) -> Map<String, Value> {
    let names = person.get("name").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<String> = names.filter_map(name).take(1).collect();
    let category = Some(crate::model::DataCategory::Demographics);
    let mut out = build::resource("Patient", id, Some(&codes::ukcore("Patient")), category, &lines);
    for key in ["identifier", "name", "birthDate"] {
        put(&mut out, key, person.get(key).cloned().unwrap_or_default());
    }
    out
}

/// A HumanName in words.
#[must_use]
pub fn name(name: &Value) -> Option<String> {
    let text = |key: &str| name.get(key).and_then(Value::as_str).map(str::to_owned);
    let all = |key: &str| name.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    text("text").or_else(|| {
        let parts: Vec<String> = all("prefix").chain(all("given")).map(str::to_owned).chain(text("family")).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}
