//! Whether the gateway is alive and ready, what it can do, and a front page that says where things are.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{App, reply};
use crate::fhir::Format;
use crate::{guide, pipeline};

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
        POST /fhir/$validate            a resource to be validated; /fhir/{type}/$validate, of a type\n\
        POST /documents/{kind}          a referral, plan or letter, as native JSON or FHIR\n\
        GET  /documents/{kind}/schema   its JSON Schema\n\
        POST /fhir/Consent              a person's consent; /fhir/Consent/{id}, /fhir/Consent/_search\n\
        POST /consent/…                 capacity, overrides, emergency, reviews/{id}, report\n\
        GET  /messages/{id}             how a message you sent stands\n\
        POST /events                    what has happened in a person's care; GET /events/schema\n\
        GET  /clocks                    deadlines of yours and your teams\n\
        POST /messages/{id}/recall      take a document or request back\n\
        GET  /requests, /requests/{id}  how requests stand; POST …/status to say so; /fhir/Task the same in FHIR\n\
        GET  /inbox                     what waits for you\n\
        GET  /portal                    the same, for people\n\
        GET  /fhir/metadata             the CapabilityStatement\n\
        GET  /health, /ready            for whoever runs it\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `GET /fhir/metadata` (<https://hl7.org/fhir/R4/http.html#capabilities>).
pub async fn metadata(State(app): State<App>, headers: HeaderMap) -> Response {
    reply::resource(StatusCode::OK, &guide::capability_of(app.gateway.base_url()), reply::wanted(&headers))
}
