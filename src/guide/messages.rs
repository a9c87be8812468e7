//! MessageDefinitions (<https://hl7.org/fhir/R4/messagedefinition.html>): one for each kind of document, with the event
//! that announces it and what the message must hold; and the answers.

use serde_json::{Map, Value, json};

use super::publication::{begin, canonical};
use crate::fhir::build::{coding, put};
use crate::fhir::codes;
use crate::model::DocumentKind;

const REFERRAL_RESPONSE: &str = "cmht-referral-response";
const DOCUMENT_RESPONSE: &str = "cmht-document-response";

/// Ids of the messages the gateway takes and sends.
pub(super) fn ids() -> impl Iterator<Item = String> {
    sent().map(id)
}

/// Kinds that travel as messages.
fn sent() -> impl Iterator<Item = DocumentKind> {
    DocumentKind::ALL.iter().copied().filter(|kind| *kind != DocumentKind::CareEvent)
}

fn id(kind: DocumentKind) -> String {
    format!("cmht-{}-message", kind.code())
}

pub(super) fn resources() -> Vec<Value> {
    let answers = [
        answer(REFERRAL_RESPONSE, "Answer to a referral", system_of(codes::BARS_EVENTS, codes::EVENT_RESPONSE)),
        answer(
            DOCUMENT_RESPONSE,
            "Answer to a document",
            system_of(codes::MESSAGE_EVENT, codes::EVENT_DOCUMENT_RESPONSE),
        ),
    ];
    sent().map(message).chain(answers).collect()
}

fn message(kind: DocumentKind) -> Value {
    let title = format!("{} message", kind.title());
    let words = format!("A message that carries: {}.", kind.title());
    let mut out = begin("MessageDefinition", &id(kind), &title, &words);
    let profile = || codes::own_profile(&codes::bundle_profile(kind));
    let (event, focus, answered) = match kind {
        DocumentKind::Referral => (
            system_of(codes::BARS_EVENTS, codes::EVENT_REQUEST),
            focus("ServiceRequest", Some(codes::ukcore("ServiceRequest"))),
            Some(REFERRAL_RESPONSE),
        ),
        DocumentKind::InformationRequest | DocumentKind::StatusUpdate => {
            (system_of(codes::BARS_EVENTS, codes::EVENT_RESPONSE), focus("Task", Some(codes::ukcore("Task"))), None)
        }
        DocumentKind::ClockNotice => {
            (system_of(codes::MESSAGE_EVENT, codes::EVENT_CLOCK), focus("Task", Some(codes::ukcore("Task"))), None)
        }
        _ => (
            system_of(codes::MESSAGE_EVENT, codes::EVENT_DOCUMENT),
            focus("Bundle", Some(profile())),
            Some(DOCUMENT_RESPONSE),
        ),
    };
    put(&mut out, "eventCoding", event);
    put(&mut out, "category", "consequence");
    put(&mut out, "focus", json!([focus]));
    put(&mut out, "responseRequired", if answered.is_some() { "always" } else { "never" });
    let answered = answered.map(|id| json!([{"message": canonical("MessageDefinition", id)}]));
    put(&mut out, "allowedResponse", answered);
    Value::Object(out)
}

/// The answer given at once: an OperationOutcome that says who gets the document, what is withheld and what is missing.
fn answer(id: &str, title: &str, event: Value) -> Value {
    let words = "Says who gets the document, what is withheld from whom, and what is missing.";
    let mut out = begin("MessageDefinition", id, title, words);
    put(&mut out, "eventCoding", event);
    put(&mut out, "category", "notification");
    put(&mut out, "responseRequired", "never");
    Value::Object(out)
}

fn system_of(system: &str, (code, words): (&str, &str)) -> Value {
    coding(system, code, words)
}

fn focus(kind: &str, profile: Option<String>) -> Value {
    let mut out = Map::new();
    put(&mut out, "code", kind);
    put(&mut out, "profile", profile);
    put(&mut out, "min", 1);
    put(&mut out, "max", "1");
    Value::Object(out)
}
