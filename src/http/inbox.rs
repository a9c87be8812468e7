//! The inbox as JSON, for recipients that fetch instead of being sent to.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{App, caller, reply};
use crate::fhir::{self, Format};
use crate::intake::Refusal;
use crate::model::{Category, IssueCode};

/// `GET /inbox`: what waits for the caller and its teams, unread and crisis first, in pages (`?page=2`, and `next` in the
/// answer). No person is named in the list.
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match listing(&app, query.as_deref(), &headers).await {
        Ok(value) => reply::json(StatusCode::OK, &value),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

async fn listing(app: &App, query: Option<&str>, headers: &HeaderMap) -> Result<Value, Refusal> {
    let now = Timestamp::now();
    let caller = caller::reader(app, headers).await?;
    let page = page_asked(query)?;
    let found = app.gateway.inbox(&caller.party.id, &caller.client_id, page, now).await?;
    let rows: Vec<Value> = found
        .items
        .iter()
        .map(|(recipient, item)| {
            json!({
                "id": item.delivery.to_string(),
                "link": format!("{}/inbox/{}", app.gateway.base_url(), item.delivery),
                "recipient": recipient.as_str(),
                "message": item.message.as_str(),
                "kind": item.kind.code(),
                "from": item.sender.as_str(),
                "priority": item.priority,
                "received": item.received.to_string(),
                "read": item.read.map(|at| at.to_string()),
                "withheld": item.withheld,
            })
        })
        .collect();
    // as it is counted for people
    let next = found.next.map(|next| format!("{}/inbox?page={}", app.gateway.base_url(), next + 1));
    Ok(json!({"items": rows, "total": found.total, "unread": found.unread, "next": next}))
}

/// The page that a query asks for, from 1 on; counted from 0.
pub(super) fn page_asked(query: Option<&str>) -> Result<u32, Refusal> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(0) };
    let number = query.strip_prefix("page=").and_then(|number| number.parse::<u32>().ok());
    number.and_then(|number| number.checked_sub(1)).ok_or_else(|| {
        let text = "The only parameter is page, a number from 1 on.";
        Refusal::one(Category::Malformed, IssueCode::Value, text)
    })
}

/// `GET /inbox/{id}`: the bundle itself; marks the item read.
pub async fn item(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let format = reply::wanted(&headers);
    match opened(&app, &id, &headers).await {
        Ok(value) => reply::resource(StatusCode::OK, &value, format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

async fn opened(app: &App, id: &str, headers: &HeaderMap) -> Result<Value, Refusal> {
    let caller = caller::reader(app, headers).await?;
    let Ok(id) = Uuid::try_parse(id) else { return Err(caller::nothing_here(app, &caller).await) };
    let opened = app.gateway.open_inbox_item(&caller.party.id, &caller.client_id, id, Timestamp::now()).await?;
    let Some(item) = opened else { return Err(caller::nothing_here(app, &caller).await) };
    fhir::read(&item.body, Format::Json, app.gateway.limits()).map_err(|_| reply::unavailable())
}
