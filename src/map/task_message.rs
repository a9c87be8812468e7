//! What the messages that the gateway makes up itself have in common: one Task about a request, from one party to another.
//! What the Task says is not said here. Holds no personal data.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::fhir::build::{self, coding, concept, put};
use crate::fhir::envelope::logical;
use crate::fhir::{Bundle, codes, identifier};
use crate::model::Party;

/// How the sender identified its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// Empty where it has none.
    pub system: &'a str,
    pub value: &'a str,
}

impl<'a> About<'a> {
    /// From an identifier as it is kept.
    #[must_use]
    pub fn of_key(key: &'a str) -> Self {
        let (system, value) = identifier::split(key);
        Self { system, value }
    }

    /// As an Identifier element.
    #[must_use]
    pub fn identifier(self) -> Map<String, Value> {
        let mut out = Map::new();
        put(&mut out, "system", self.system);
        put(&mut out, "value", self.value);
        out
    }

    /// `MessageHeader.response.identifier` is a FHIR id; where the sender's identifier is not one, a name derived from it
    /// stands in. The Task always carries the identifier itself.
    fn response_identifier(self) -> String {
        let fits = (1..=64).contains(&self.value.len())
            && self.value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        if fits { self.value.to_owned() } else { build::stable_uuid(self.system, self.value).hyphenated().to_string() }
    }
}

/// A message to one party whose focus is a Task.
pub(super) struct TaskMessage<'a> {
    pub id: Uuid,
    pub from: &'a Party,
    pub to: &'a Party,
    pub at: Timestamp,
    /// `MessageHeader.eventCoding`.
    pub event: Value,
    /// What it is, in words.
    pub line: &'a str,
    /// The BaRS reason, code and title, and what it answers, where it is an answer.
    pub answers: Option<(&'a str, &'a str, About<'a>)>,
}

/// Event of an answer to a request (BaRS).
pub(super) fn response_event() -> Value {
    let (event, words) = codes::EVENT_RESPONSE;
    coding(codes::BARS_EVENTS, event, words)
}

impl TaskMessage<'_> {
    /// Id of the resource that plays this part.
    pub(super) fn part(&self, role: &str) -> Uuid {
        build::stable_uuid(&self.seed(), role)
    }

    /// The message, with its Task and what the Task points at.
    pub(super) fn around(&self, task: Map<String, Value>, more: Vec<Value>) -> Bundle {
        let seed = self.seed();
        let mut out = Map::new();
        put(&mut out, "id", seed.clone());
        put(&mut out, "meta", json!({"profile": [codes::ukcore("Bundle")]}));
        put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": seed}));
        put(&mut out, "type", "message");
        put(&mut out, "timestamp", self.at.to_string());
        let place = build::urn(self.part("task"));
        let header = build::entry(&build::urn(self.part("header")), self.header(&place));
        let entries: Vec<Value> = [header, build::entry(&place, task)].into_iter().chain(more).collect();
        put(&mut out, "entry", entries);
        Bundle::from_fields(out)
    }

    fn header(&self, task: &str) -> Map<String, Value> {
        let profile = codes::ukcore("MessageHeader");
        let mut out = build::resource("MessageHeader", self.part("header"), Some(&profile), None, &[self.line]);
        // addresses are required here; delivery, which knows them, puts them in
        let place = |party: &Party| format!("{}/Party/{}", codes::BASE, party.id);
        put(&mut out, "eventCoding", self.event.clone());
        put(&mut out, "destination", json!([{"endpoint": place(self.to), "receiver": logical(self.to)}]));
        put(&mut out, "sender", logical(self.from));
        put(&mut out, "source", json!({"name": self.from.name, "endpoint": place(self.from)}));
        if let Some((code, title, about)) = self.answers {
            put(&mut out, "reason", concept(codes::BARS_REASON, code, title));
            put(&mut out, "response", json!({"identifier": about.response_identifier(), "code": "ok"}));
        }
        put(&mut out, "focus", json!([build::reference(task)]));
        out
    }

    fn seed(&self) -> String {
        self.id.hyphenated().to_string()
    }
}
