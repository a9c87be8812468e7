//! `POST /events`: what record systems tell of a person's care. The body is an event
//! (profiles/cmht/care-event.schema.json), or a FHIR Encounter; whether it is taken is the pipeline's to say.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::{App, body, caller, reply};
use crate::intake::Refusal;
use crate::pipeline::EVENT_SCHEMA;

/// Answers an event that was taken with 201, and the same event again with the same.
pub async fn take(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    match taken(&app, &headers, body).await {
        Ok(answer) => reply::json(StatusCode::CREATED, &answer),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

async fn taken(app: &App, headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    let caller = caller::reader(app, headers).await?;
    let bytes = body::read(headers, body, app.gateway.limits().max_bytes).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let gateway = app.gateway.clone();
    // taken to its end, whether or not the caller waits for it
    let work = async move { gateway.take_event(&caller, content_type, bytes, Timestamp::now()).await };
    tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))
}

/// `GET /events/schema`.
pub async fn schema() -> Response {
    ([(header::CONTENT_TYPE, "application/schema+json")], EVENT_SCHEMA).into_response()
}
