//! What a letter asks as CommunicationRequest (<https://hl7.org/fhir/R4/communicationrequest.html>) and what it says as
//! Communication (UKCore-Communication), both ways. In a CommunicationRequest the one who is asked is `sender` and the
//! one who asks `recipient`: it is the answer that travels.

use serde_json::{Value, json};

use super::letter::{Here, PRIORITY, attention, elsewhere, id_elsewhere, own_identifier, urgency};
use crate::documents::Document;
use crate::documents::parts::{Asking, Telling};
use crate::fhir::build::{concept, put};
use crate::map::code_table::fhir_code;
use crate::map::document::write::Writer;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::datatypes::date;
use crate::map::write::datatypes::addressee;
use crate::map::write::statement::Asked;

impl<D: Document> Writer<'_, D> {
    /// CommunicationRequest.
    pub(in crate::map::document) fn asking(&mut self, asked: &Asked<'_>, asking: &Asking) {
        let lines = asking.lines();
        let mut out = self.out.resource("CommunicationRequest", asked.key, false, Some(asked.category), &lines);
        put(&mut out, "extension", attention(asking.attention.as_deref()));
        put(&mut out, "identifier", json!([own_identifier(self.frame.id)]));
        let reminder = asking.reminder_of.as_ref().map(|id| json!([elsewhere(Some("CommunicationRequest"), id)]));
        put(&mut out, "basedOn", reminder);
        put(&mut out, "status", "active");
        put(&mut out, "category", json!([concept(asked.system, asked.key, asked.title)]));
        put(&mut out, "priority", asking.urgency.and_then(|u| fhir_code(PRIORITY, u)).map(|(code, _)| code));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "payload", payload(&asking.asks));
        put(&mut out, "occurrenceDateTime", asking.answer_by.clone());
        put(&mut out, "authoredOn", self.frame.written);
        put(&mut out, "requester", self.writer());
        let answer_to = asking.reply_to.as_ref().map(addressee).or_else(|| self.writer());
        put(&mut out, "recipient", answer_to.into_iter().collect::<Vec<_>>());
        put(&mut out, "sender", asking.to.as_ref().map(addressee));
        self.out.push_item(asked.key, out);
    }

    /// Communication.
    pub(in crate::map::document) fn telling(&mut self, asked: &Asked<'_>, telling: &Telling) {
        let lines = telling.lines();
        let mut out = self.out.resource("Communication", asked.key, true, Some(asked.category), &lines);
        put(&mut out, "extension", attention(telling.attention.as_deref()));
        put(&mut out, "identifier", json!([own_identifier(self.frame.id)]));
        put(&mut out, "basedOn", telling.in_reply_to.as_ref().map(|id| json!([elsewhere(None, id)])));
        put(&mut out, "status", "completed");
        put(&mut out, "category", json!([concept(asked.system, asked.key, asked.title)]));
        put(&mut out, "priority", telling.urgency.and_then(|u| fhir_code(PRIORITY, u)).map(|(code, _)| code));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "sent", self.frame.written);
        put(&mut out, "recipient", telling.to.iter().map(addressee).collect::<Vec<_>>());
        put(&mut out, "sender", self.writer());
        put(&mut out, "payload", payload(&telling.says));
        self.out.push_item(asked.key, out);
    }
}

fn payload(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| json!({"contentString": text})).collect()
}

/// The texts of a payload; what else it carries is reported.
fn texts(element: &mut Element<'_>) -> Vec<String> {
    element.children("payload").into_iter().filter_map(|mut part| part.string("contentString")).collect()
}

impl Here<'_, '_> {
    /// CommunicationRequest as a question; `None` where it holds nothing a question has.
    pub(in crate::map::document) fn asking(&self) -> Option<Asking> {
        let mut element = self.open("subject", "authoredOn");
        element.accept("status", "active", &["completed"]);
        self.take_question(&mut element, "category");
        self.author(&mut element, "requester");
        let mut out = Asking {
            attention: element.extension_string(extensions::FOR_ATTENTION_OF),
            urgency: urgency(&mut element),
            answer_by: date(&mut element, "occurrenceDateTime"),
            asks: texts(&mut element),
            reminder_of: element.children("basedOn").into_iter().find_map(id_elsewhere),
            to: element.child("sender").and_then(|sender| self.addressee(sender)),
            reply_to: None,
        };
        let receivers = self.value().get("recipient").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (reference, value) in element.children("recipient").into_iter().zip(receivers) {
            if value.get("reference").is_some() && self.is_author(Some(value)) {
                reference.followed();
            } else if out.reply_to.is_none() {
                out.reply_to = self.addressee(reference);
            }
        }
        (out != Asking::default()).then_some(out)
    }

    /// Communication as what is told; `None` where it holds nothing of it.
    pub(in crate::map::document) fn telling(&self) -> Option<Telling> {
        let mut element = self.open("subject", "sent");
        element.expect("status", &["completed"]);
        self.take_question(&mut element, "category");
        self.author(&mut element, "sender");
        let mut answered = element.children("inResponseTo");
        answered.extend(element.children("basedOn"));
        let mut out = Telling {
            attention: element.extension_string(extensions::FOR_ATTENTION_OF),
            urgency: urgency(&mut element),
            says: texts(&mut element),
            in_reply_to: answered.into_iter().find_map(id_elsewhere),
            to: None,
        };
        for reference in element.children("recipient") {
            if out.to.is_none() {
                out.to = self.addressee(reference);
            }
        }
        (out != Telling::default()).then_some(out)
    }
}
