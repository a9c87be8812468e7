//! A clock as a Task, and the message that tells its owner, or those to whom it is escalated, that it is due soon or
//! breached. Holds no personal data at all: it names the request and the rule, and never the person.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::task_message::{About, TaskMessage};
use crate::fhir::build::{self, coding, concept, put, text_concept};
use crate::fhir::envelope::logical;
use crate::fhir::{Bundle, codes};
use crate::model::{Clock, ClockState, Party};

/// What a Task of a clock says, besides the clock itself.
pub struct ClockTask<'a> {
    pub clock: &'a Clock,
    /// One of [`codes::TASK_DUE_SOON`], [`codes::TASK_BREACHED`] and [`codes::TASK_CLOCK`].
    pub code: (&'a str, &'a str),
    /// What the rule is called.
    pub rule: &'a str,
    /// When it is due, in words.
    pub due: &'a str,
    /// Who runs the gateway, and who must act.
    pub from: &'a Party,
    pub owner: &'a Party,
    /// The request, as its sender names it, where there is one.
    pub about: Option<About<'a>>,
    pub at: Timestamp,
}

/// Writes the notice as a message Bundle to one recipient.
#[must_use]
pub fn to_fhir(id: Uuid, told: &ClockTask<'_>, to: &Party) -> Bundle {
    let (event, words) = codes::EVENT_CLOCK;
    let message = TaskMessage {
        id,
        from: told.from,
        to,
        at: told.at,
        event: coding(codes::MESSAGE_EVENT, event, words),
        line: told.code.1,
        answers: None,
    };
    message.around(task(told, message.part("task")), Vec::new())
}

/// A clock as a Task (<https://hl7.org/fhir/R4/task.html>): `restriction.period.end` is when it is due, `input` its rule.
#[must_use]
pub fn task(told: &ClockTask<'_>, id: Uuid) -> Map<String, Value> {
    let clock = told.clock;
    let lines = [format!("{} ({}).", told.rule, clock.rule), format!("Due by {}.", told.due)];
    let mut out = build::resource("Task", id, Some(&codes::ukcore("Task")), None, &lines);
    let status = match clock.state {
        ClockState::Running => "requested",
        ClockState::Paused => "on-hold",
        ClockState::Stopped => "completed",
        ClockState::Void => "cancelled",
    };
    put(&mut out, "identifier", json!([{"system": codes::DOCUMENT_ID, "value": clock.id.hyphenated().to_string()}]));
    put(&mut out, "status", status);
    put(&mut out, "intent", "order");
    put(&mut out, "code", concept(codes::TASK, told.code.0, told.code.1));
    let about = told.about.map(|about| json!({"type": "ServiceRequest", "identifier": about.identifier()}));
    put(&mut out, "focus", about);
    put(&mut out, "executionPeriod", json!({"start": clock.started.to_string()}));
    put(&mut out, "authoredOn", told.at.to_string());
    put(&mut out, "requester", logical(told.from));
    put(&mut out, "owner", logical(told.owner));
    put(&mut out, "restriction", json!({"period": {"end": clock.due.to_string()}}));
    let rule = json!({"system": codes::CLOCK_RULE, "value": clock.rule});
    put(&mut out, "input", json!([{"type": text_concept(told.rule), "valueIdentifier": rule}]));
    out
}
