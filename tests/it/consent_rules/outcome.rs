//! GW-01: a sender is told what became of its own message.

use cmht_gateway::consent::Decision;
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{PartyKind, Purpose};
use serde_json::{Value, json};

use super::rules;
use crate::consent_case::{Case, engine, party, url, validated};

pub(super) fn notice(extra: Option<Value>) -> cmht_gateway::validate::Validated<cmht_gateway::fhir::Bundle> {
    let mut entries = vec![
        json!({"fullUrl": url("answer"), "resource": {
            "resourceType": "MessageHeader",
            "eventCoding": {"system": codes::BARS_EVENTS, "code": "servicerequest-response"},
            "source": {"endpoint": "https://gateway.example/fhir"},
            "response": {"identifier": "made-up-1", "code": "ok"},
            "focus": [{"reference": url("task")}],
        }}),
        json!({"fullUrl": url("task"), "resource": {
            "resourceType": "Task", "status": "requested", "intent": "order",
            "input": [{"type": {"text": "ethnic-origin"}, "valueString": "Please send the ethnic origin."}],
        }}),
    ];
    entries.extend(extra.map(|resource| json!({"fullUrl": url("extra"), "resource": resource})));
    validated(json!({"resourceType": "Bundle", "id": "answer", "type": "message",
        "timestamp": "2026-03-02T09:30:00Z",
        "identifier": {"system": codes::DOCUMENT_ID, "value": "answer-1"}, "entry": entries}))
}

#[test]
fn gw_01_a_sender_of_any_kind_is_told_what_became_of_its_own_message_if_the_notice_names_no_person() {
    let bundle = notice(None);
    for kind in PartyKind::of_organisations() {
        let sender = party("some-sender", kind, Some("Y90099"), None);
        let case = Case { sender: sender.clone(), purpose: Purpose::MessageOutcome, ..Case::of(sender) };
        let Decision::Permit(permit) = engine().decide(&case.question(&bundle)) else { panic!("{kind:?}") };
        assert_eq!(rules(&permit), ["GW-01"]);
        assert_eq!(permit.bundle(), &bundle);
    }
}

#[test]
fn gw_01_says_nothing_to_others_and_nothing_about_a_person() {
    let sender = party("some-sender", PartyKind::Vcse, None, None);
    let case = Case { purpose: Purpose::MessageOutcome, ..Case::of(sender.clone()) };
    assert!(matches!(engine().decide(&case.question(&notice(None))), Decision::Deny(_)), "somebody else's message");
    let case = Case { sender, ..case };
    let patient = json!({"resourceType": "Patient", "id": "person"});
    assert!(matches!(engine().decide(&case.question(&notice(Some(patient)))), Decision::Deny(_)), "a person");
    let case = Case { purpose: Purpose::DirectCare, ..case };
    assert!(matches!(engine().decide(&case.question(&notice(None))), Decision::Deny(_)), "another purpose");
}
