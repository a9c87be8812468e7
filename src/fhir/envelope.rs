//! How a document travels: a message whose MessageHeader has the document Bundle, nested, as its focus
//! (<https://hl7.org/fhir/R4/messageheader-definitions.html#MessageHeader.focus>; `exchange.md` §2, as ITK3 does it).
//! The envelope says who sends to whom and holds nothing of the document. Decides nothing about validity or release.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::build::{self, coding, put, reference};
use super::{Bundle, codes, resource_type};
use crate::model::Party;

/// What stands on the envelope.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The message is named by this: the same for every attempt, another for every copy.
    pub id: Uuid,
    pub sender: &'a Party,
    pub recipient: &'a Party,
    /// Where the message goes.
    pub endpoint: &'a str,
    /// The address of this gateway, from which it comes.
    pub base_url: &'a str,
    /// When it was made up.
    pub at: Timestamp,
}

impl Envelope<'_> {
    /// The message that carries this document, byte for byte as it is.
    #[must_use]
    pub fn around(&self, document: &Bundle) -> Bundle {
        let seed = self.id.hyphenated().to_string();
        let url = |role: &str| build::urn(build::stable_uuid(&seed, role));
        let (header, payload) = (url("header"), url("document"));
        let mut meta = Map::new();
        put(&mut meta, "profile", json!([codes::ukcore("Bundle")]));
        // What the document says of its handling is true of the message too.
        put(&mut meta, "security", document.value().pointer("/meta/security").cloned().unwrap_or_default());
        let mut out = Map::new();
        put(&mut out, "id", seed.clone());
        put(&mut out, "meta", meta);
        put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": seed}));
        put(&mut out, "type", "message");
        put(&mut out, "timestamp", self.at.to_string());
        let entries = json!([
            build::entry(&header, self.header(&seed, &payload)),
            {"fullUrl": payload, "resource": document.value()},
        ]);
        put(&mut out, "entry", entries);
        Bundle::from_fields(out)
    }

    fn header(&self, seed: &str, payload: &str) -> Map<String, Value> {
        let (event, words) = codes::EVENT_DOCUMENT;
        let profile = codes::ukcore("MessageHeader");
        let id = build::stable_uuid(seed, "header");
        let mut out = build::resource("MessageHeader", id, Some(&profile), None, &["A document about a person"]);
        put(&mut out, "eventCoding", coding(codes::MESSAGE_EVENT, event, words));
        let receiver = logical(self.recipient);
        let destination = json!([{"name": self.recipient.name, "endpoint": self.endpoint, "receiver": receiver}]);
        put(&mut out, "destination", destination);
        put(&mut out, "sender", logical(self.sender));
        put(&mut out, "source", source(self.base_url));
        put(&mut out, "focus", json!([reference(payload)]));
        out
    }
}

/// Where a gateway at this address takes messages
/// (<https://hl7.org/fhir/R4/messageheader-operation-process-message.html>).
#[must_use]
pub fn messages_at(base_url: &str) -> String {
    format!("{base_url}/fhir/$process-message")
}

/// `MessageHeader.source` of what the gateway itself sends.
#[must_use]
pub fn source(base_url: &str) -> Value {
    json!({"name": "cmht-gateway", "endpoint": messages_at(base_url)})
}

/// Logical reference to a party: ODS code where it has one, else its directory id.
#[must_use]
pub fn logical(party: &Party) -> Value {
    let (system, value) = match &party.ods {
        Some(ods) => (codes::ODS_ORGANISATION, ods.as_str()),
        None => (codes::PARTY_ID, party.id.as_str()),
    };
    let mut out = build::logical(system, value, &party.name);
    if let Some(fields) = out.as_object_mut() {
        put(fields, "type", "Organization");
    }
    out
}

/// The entry number and the Bundle that is the focus of a message; `None` where a message is about something else.
#[must_use]
pub fn payload(message: &Bundle) -> Option<(usize, Bundle)> {
    let focus = message.first("MessageHeader")?.get("focus")?.as_array()?;
    let bundles = || message.numbered().filter(|(_, resource)| resource_type(resource) == Some("Bundle"));
    let found = focus.iter().find_map(|reference| {
        let target = message.follow(Some(reference))?;
        bundles().find(|(_, resource)| std::ptr::eq(*resource, target))
    });
    let (place, document) = found?;
    Some((place, Bundle::new(document.clone()).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::{Envelope, payload};
    use crate::fhir::{Bundle, Format, Limits, codes, read, strict, write};
    use crate::model::{OdsCode, Party, PartyId, PartyKind};

    fn party(id: &str, ods: Option<&str>) -> Party {
        Party {
            id: PartyId::parse(id).unwrap(),
            name: format!("Made-up {id}"),
            kind: PartyKind::NhsTrust,
            ods: ods.and_then(OdsCode::parse),
            part_of: None,
            person_access: None,
        }
    }

    #[test]
    fn a_document_comes_out_of_its_envelope_as_it_went_in_by_json_and_by_xml() {
        let label = json!([{"system": codes::OBSERVATION_VALUE, "code": "REDACTED"}]);
        let document = Bundle::new(json!({
            "resourceType": "Bundle", "meta": {"security": label}, "type": "document",
            "identifier": {"system": "urn:x", "value": "d1"}, "timestamp": "2026-11-22T09:00:00Z",
            "entry": [{"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource":
                {"resourceType": "Patient", "name": [{"text": "Kit  <b>Made-up</b>"}]}}],
        }))
        .unwrap();
        let (sender, recipient) = (party("lpt", Some("Y90010")), party("wellbeing-roots", None));
        let envelope = Envelope {
            id: Uuid::from_u128(7),
            sender: &sender,
            recipient: &recipient,
            endpoint: "https://roots.example/inbox",
            base_url: "https://gateway.example",
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        };
        let message = envelope.around(&document);
        assert_eq!(strict(message.value()), []);
        assert_eq!(message.value()["meta"]["security"], label);
        for format in [Format::Json, Format::Xml] {
            let bytes = write(message.value(), format).unwrap();
            let again = Bundle::new(read(&bytes, format, &Limits::default()).unwrap()).unwrap();
            assert_eq!(payload(&again), Some((1, document.clone())), "{format:?}");
        }
        assert_eq!(payload(&document), None);
    }
}
