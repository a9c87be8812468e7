//! The CapabilityStatement (<https://hl7.org/fhir/R4/capabilitystatement.html>): what a gateway takes and answers. One
//! text for the guide (`requirements`) and for a running gateway (`instance`, with its address).

use serde_json::{Map, Value, json};

use super::messages;
use super::publication::{FHIR_VERSION, begin, canonical};
use crate::fhir::build::put;
use crate::fhir::{codes, envelope};

/// What any gateway of this version can do.
pub(super) fn requirements() -> Value {
    let mut out = begin("CapabilityStatement", "gateway", "Gateway", "What a gateway of this guide takes and answers.");
    put(&mut out, "kind", "requirements");
    abilities(&mut out, None);
    Value::Object(out)
}

/// What the gateway at this address can do.
#[must_use]
pub fn instance(base_url: &str) -> Value {
    let mut out = begin("CapabilityStatement", "gateway-instance", "Gateway", "What this gateway takes and answers.");
    put(&mut out, "url", format!("{base_url}/fhir/metadata"));
    put(&mut out, "kind", "instance");
    put(&mut out, "instantiates", json!([canonical("CapabilityStatement", "gateway")]));
    put(&mut out, "software", json!({"name": "cmht-gateway", "version": env!("CARGO_PKG_VERSION")}));
    let what = "FHIR gateway for community mental health teams";
    put(&mut out, "implementation", json!({"description": what, "url": format!("{base_url}/fhir")}));
    abilities(&mut out, Some(base_url));
    Value::Object(out)
}

/// What can be done with a person's Consents.
fn consents() -> Value {
    let all = ["create", "read", "vread", "update", "search-type"];
    json!({
        "type": "Consent",
        "supportedProfile": [codes::ukcore("Consent")],
        "documentation": "For the organisation that runs the gateway and the one that recorded the Consent; withdrawn by an \
            update to status inactive. Searches are sent by POST to Consent/_search and name one person by NHS number",
        "interaction": all.map(|code| json!({"code": code})),
        "versioning": "versioned-update",
        "searchParam": [
            {"name": "patient", "type": "reference", "documentation": "As patient:identifier, with an NHS number"},
            {"name": "status", "type": "token"},
        ],
    })
}

fn abilities(out: &mut Map<String, Value>, base_url: Option<&str>) {
    put(out, "fhirVersion", FHIR_VERSION);
    put(out, "format", json!(["application/fhir+json", "application/fhir+xml"]));
    put(out, "implementationGuide", json!([canonical("ImplementationGuide", "cmht")]));
    put(
        out,
        "rest",
        json!([{
            "mode": "server",
            "security": {"description": "HTTP Basic with a client id and client secret"},
            "resource": [consents()],
            "operation": [
                {
                    "name": "process-message",
                    "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                },
                {
                    "name": "validate",
                    "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
                    "documentation": "At /fhir/$validate for any resource and at /fhir/[type]/$validate for those of a \
                        type; against R4, UK Core, what the resource claims, and the profiles that are asked for",
                },
            ],
        }]),
    );
    let endpoint = base_url.map(|url| {
        json!([{
            "protocol": {"system": "http://terminology.hl7.org/CodeSystem/message-transport", "code": "http"},
            "address": envelope::messages_at(url),
        }])
    });
    let mut messaging = Map::new();
    put(&mut messaging, "endpoint", endpoint);
    let supported = messages::ids().map(|id| {
        json!([
            {"mode": "receiver", "definition": canonical("MessageDefinition", &id)},
            {"mode": "sender", "definition": canonical("MessageDefinition", &id)},
        ])
    });
    let supported: Vec<Value> = supported.flat_map(|both| both.as_array().cloned().unwrap_or_default()).collect();
    put(&mut messaging, "supportedMessage", supported);
    put(
        &mut messaging,
        "documentation",
        format!(
            "Receives referrals, events of {} with code servicerequest-request; and plans and letters, of any event, as a \
         document Bundle that is the focus of the message",
            codes::BARS_EVENTS
        ),
    );
    put(out, "messaging", json!([messaging]));
}
