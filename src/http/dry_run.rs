//! `POST /consent/$decide`: what would be decided on a case, and why. The body is a case (profiles/policy/case.schema.json);
//! nothing is stored and nothing of it is logged.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use super::{App, body, caller, reply};
use crate::intake::Refusal;

/// Answers a case with 200, whatever the decision: it was asked for, and nothing hangs on it.
pub async fn decide(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    match decided(&app, &headers, body).await {
        Ok(account) => reply::json(StatusCode::OK, &account),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

async fn decided(app: &App, headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    let caller = caller::reader(app, headers).await?;
    let bytes = body::read(headers, body, app.gateway.limits().max_bytes).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    app.gateway.dry_run(caller, content_type, bytes, Timestamp::now()).await
}
