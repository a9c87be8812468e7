//! What is missing from a referral, asked of the referrer as a message of its own (L528-529): one Task, one input for
//! each item. Holds no personal data at all, so it may go by any way in: it names the referral by the sender's own
//! identifier and never the person.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::task_message::{About, TaskMessage, response_event};
use crate::documents::referral::MissingItem;
use crate::fhir::build::{self, concept, put};
use crate::fhir::envelope::logical;
use crate::fhir::{Bundle, codes};
use crate::model::Party;

/// A request for missing information.
pub struct InformationRequest<'a> {
    /// Identifier of this request.
    pub id: Uuid,
    /// `Bundle.identifier` of the message it is about.
    pub about: About<'a>,
    /// The team that asks.
    pub from: &'a Party,
    /// The referrer's organisation.
    pub to: &'a Party,
    pub items: &'a [MissingItem],
    pub at: Timestamp,
}

/// Writes the request as a message Bundle (BaRS event servicerequest-response, <https://hl7.org/fhir/R4/task.html>).
#[must_use]
pub fn to_fhir(request: &InformationRequest<'_>) -> Bundle {
    let message = TaskMessage {
        id: request.id,
        from: request.from,
        to: request.to,
        at: request.at,
        event: response_event(),
        line: "Answer to a referral: information is missing",
        answers: Some(("new", "New", request.about)),
    };
    message.around(task(request, message.part("task")), Vec::new())
}

fn task(request: &InformationRequest<'_>, id: Uuid) -> Map<String, Value> {
    let mut lines = vec!["The referral has been accepted. Please send what is missing:".to_owned()];
    lines.extend(request.items.iter().map(|item| format!("{}: {}", item.title, item.ask)));
    let mut out = build::resource("Task", id, Some(&codes::ukcore("Task")), None, &lines);
    let ask = concept(codes::TASK, codes::TASK_SEND_INFORMATION, "Send what is missing from the referral");
    put(&mut out, "identifier", json!([{"system": codes::DOCUMENT_ID, "value": request.id.to_string()}]));
    put(&mut out, "status", "requested");
    put(&mut out, "intent", "proposal");
    put(&mut out, "code", ask);
    put(&mut out, "focus", json!({"type": "ServiceRequest", "identifier": request.about.identifier()}));
    put(&mut out, "authoredOn", request.at.to_string());
    put(&mut out, "requester", logical(request.from));
    put(&mut out, "owner", logical(request.to));
    let inputs: Vec<Value> = request
        .items
        .iter()
        .map(|item| json!({"type": concept(codes::REFERRAL_ITEM, item.key, item.title), "valueString": item.ask}))
        .collect();
    put(&mut out, "input", inputs);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{InformationRequest, to_fhir};
    use crate::documents::Referral;
    use crate::map::task_message::About;
    use crate::model::{OdsCode, Party, PartyId, PartyKind};

    fn party(id: &str, ods: Option<&str>) -> Party {
        Party {
            id: PartyId::parse(id).unwrap(),
            name: format!("The {id}"),
            kind: PartyKind::GpPractice,
            ods: ods.and_then(OdsCode::parse),
            part_of: None,
            person_access: None,
        }
    }

    fn request(about: &str) -> Value {
        let text = include_str!("../../profiles/cmht/examples/referral/incomplete.json");
        let items = Referral::from_json(serde_json::from_str(text).unwrap()).unwrap().missing();
        let request = InformationRequest {
            id: uuid::Uuid::from_u128(7),
            about: About { system: "urn:x", value: about },
            from: &party("lpt-cap", None),
            to: &party("demo-gp", Some("Y90001")),
            items: &items,
            at: "2026-11-10T16:05:31Z".parse().unwrap(),
        };
        let bundle = to_fhir(&request).into_value();
        let inputs = bundle.pointer("/entry/1/resource/input").and_then(Value::as_array).unwrap();
        assert_eq!(inputs.len(), items.len());
        for (input, item) in inputs.iter().zip(&items) {
            assert_eq!(input.pointer("/type/coding/0/code"), Some(&item.key.into()));
            assert_eq!(input["valueString"], item.ask);
        }
        bundle
    }

    #[test]
    fn it_asks_for_every_missing_item_and_holds_nothing_of_the_person() {
        let bundle = request("SMP-2026-00422");
        let text = bundle.to_string();
        for personal in ["Tomasz", "Wieczorek", "9993182753", "1968", "Quarry", "nhs-number\"", "Patient\""] {
            let allowed = personal == "nhs-number\"" && !text.contains("Id/nhs-number");
            assert!(allowed || !text.contains(personal), "{personal}");
        }
        assert_eq!(bundle.pointer("/entry/0/resource/response/identifier"), Some(&"SMP-2026-00422".into()));
        assert_eq!(bundle.pointer("/entry/1/resource/owner/identifier/value"), Some(&"Y90001".into()));
    }

    #[test]
    fn an_identifier_that_is_no_fhir_id_is_replaced_where_an_id_is_required_and_kept_where_it_is_not() {
        let bundle = request("x/1:a_b");
        let id = bundle.pointer("/entry/0/resource/response/identifier").and_then(Value::as_str).unwrap();
        assert!(uuid::Uuid::try_parse(id).is_ok());
        assert_eq!(bundle.pointer("/entry/1/resource/focus/identifier/value"), Some(&"x/1:a_b".into()));
    }
}
