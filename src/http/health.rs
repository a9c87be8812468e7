//! Whether the gateway is alive and ready, what it can do, and a front page that says where things are.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{App, reply};
use crate::fhir::{Format, codes};
use crate::pipeline;

/// `GET /health`: the process answers.
pub async fn alive() -> Response {
    reply::json(StatusCode::OK, &json!({"status": "alive"}))
}

/// `GET /ready`: the store can be written, so messages can be taken.
pub async fn ready(State(app): State<App>) -> Response {
    match app.gateway.store().ready().await {
        Ok(()) => reply::json(StatusCode::OK, &json!({"status": "ready"})),
        Err(error) => reply::refusal(&pipeline::unavailable(&error), Format::Json),
    }
}

/// `GET /`: where things are.
pub async fn front() -> Response {
    let text = "cmht-gateway\n\n\
        POST /fhir/$process-message     a FHIR message (JSON or XML)\n\
        POST /documents/{kind}          a referral, plan or letter, as native JSON or FHIR\n\
        GET  /documents/{kind}/schema   its JSON Schema\n\
        GET  /messages/{id}             how a message you sent stands\n\
        GET  /inbox                     what waits for you\n\
        GET  /portal                    the same, for people\n\
        GET  /fhir/metadata             the CapabilityStatement\n\
        GET  /health, /ready            for whoever runs it\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `GET /fhir/metadata` (<https://hl7.org/fhir/R4/http.html#capabilities>).
pub async fn metadata(State(app): State<App>, headers: HeaderMap) -> Response {
    reply::resource(StatusCode::OK, &capability(app.gateway.base_url()), reply::wanted(&headers))
}

fn capability(base_url: &str) -> Value {
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "cmht-gateway", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "FHIR gateway for community mental health teams", "url": format!("{base_url}/fhir")},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [{
            "mode": "server",
            "security": {"description": "HTTP Basic with a client id and client secret"},
            "operation": [{
                "name": "process-message",
                "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"
            }]
        }],
        "messaging": [{
            "endpoint": [{
                "protocol": {"system": "http://terminology.hl7.org/CodeSystem/message-transport", "code": "http"},
                "address": format!("{base_url}/fhir/$process-message")
            }],
            "documentation": format!(
                "Receives referrals, events of {} with code servicerequest-request; and plans and letters, of any \
                 event, as a document Bundle that is the focus of the message",
                codes::BARS_EVENTS
            )
        }]
    })
}
