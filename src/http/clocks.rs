//! `GET /clocks`: the open clocks of the caller and its teams, and for the organisation that runs the gateway of all. As
//! JSON, or as a Bundle of Tasks where FHIR is asked for.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{App, caller, reply};
use crate::intake::Refusal;
use crate::model::{Category, IssueCode};
use crate::pipeline::View;

/// Answers with the soonest due first; `?state=` leaves one of `breached`, `due-soon`, `running` and `paused`.
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match listed(&app, query.as_deref(), &headers).await {
        Ok((true, bundle)) => reply::resource(StatusCode::OK, &bundle, reply::wanted(&headers)),
        Ok((false, list)) => reply::json(StatusCode::OK, &list),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

async fn listed(app: &App, query: Option<&str>, headers: &HeaderMap) -> Result<(bool, Value), Refusal> {
    let now = Timestamp::now();
    let caller = caller::reader(app, headers).await?;
    let view = asked(query.unwrap_or_default())?;
    let clocks = app.gateway.clocks(&caller.party.id, &caller.client_id, view, now).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("fhir") {
        return Ok((true, app.gateway.clock_bundle(&clocks, now)));
    }
    let rows: Vec<Value> = clocks.iter().map(crate::pipeline::ClockView::to_json).collect();
    Ok((false, json!({"at": now.to_string(), "clocks": rows})))
}

/// The state that is asked for, if one is; what is not understood is refused, since it would answer something else.
fn asked(query: &str) -> Result<Option<View>, Refusal> {
    let mut view = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        view = pair.strip_prefix("state=").and_then(View::from_code);
        if view.is_none() {
            let codes: Vec<&str> = View::ASKED.iter().map(|view| view.code()).collect();
            let text = format!("The only parameter is state, one of {}.", codes.join(", "));
            return Err(Refusal::one(Category::Malformed, IssueCode::Value, text));
        }
    }
    Ok(view)
}
