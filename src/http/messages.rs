//! Messages and documents coming in, their schemas, and how they stand.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use super::{App, body, caller, reply};
use crate::audit::{Entry, Event};
use crate::documents::parts;
use crate::fhir::Format;
use crate::fhir::outcome::operation_outcome;
use crate::intake::Refusal;
use crate::model::{Category, DocumentKind, IssueCode, MessageId, PartyId, Sector};
use crate::pipeline::{self, Answer, Entrance, Received};

/// `POST /fhir/$process-message` (<https://hl7.org/fhir/R4/messageheader-operation-process-message.html>).
pub async fn process_message(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let format = reply::wanted(&headers);
    match take(&app, &headers, body, Entrance::Message).await {
        Ok(answer) => reply::resource(StatusCode::OK, &answer.message_bundle(app.gateway.base_url()), format),
        Err(turned) => turned.answer(&app, format),
    }
}

/// `POST /documents/{kind}`: a document of a kind, native or as FHIR.
pub async fn document(State(app): State<App>, Path(kind): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let Some(kind) = app.gateway.kinds().find(|known| known.code() == kind) else {
        return reply::refusal(&no_such_kind(&app), Format::Json);
    };
    match take(&app, &headers, body, Entrance::Document(kind)).await {
        Ok(answer) => reply::json(StatusCode::OK, &answer.document()),
        Err(turned) => turned.answer(&app, Format::Json),
    }
}

/// `GET /documents/{kind}/schema`: the JSON Schema a document of this kind must fit; `parts` are those it refers to.
pub async fn schema(State(app): State<App>, Path(kind): Path<String>) -> Response {
    let parts = (kind == "parts").then_some(parts::SCHEMA);
    match parts.or_else(|| app.gateway.schema(DocumentKind::from_code(&kind)?)) {
        Some(text) => ([(header::CONTENT_TYPE, "application/schema+json")], text).into_response(),
        None => reply::refusal(&no_such_kind(&app), Format::Json),
    }
}

/// The address names no kind of document there is; those there are, are published.
fn no_such_kind(app: &App) -> Refusal {
    let known: Vec<&str> = app.gateway.kinds().map(DocumentKind::code).collect();
    let text = format!("There is no such kind of document. The gateway knows these: {}.", known.join(", "));
    Refusal::one(Category::NotFound, IssueCode::NotFound, text)
}

/// `GET /messages/{id}`: how the deliveries of a message stand, or why it was not taken; for its sender and nobody else.
pub async fn status(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match standing(&app, &id, &headers).await {
        Ok(value) => reply::json(StatusCode::OK, &value),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

/// A message that was not taken, and the name under which its sender can read why again.
struct Turned {
    refusal: Refusal,
    message: Option<MessageId>,
}

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, message: None }
    }
}

impl Turned {
    fn answer(&self, app: &App, format: Format) -> Response {
        match self.message.as_ref().filter(|_| pipeline::is_kept(self.refusal.category)) {
            Some(message) => reply::kept_refusal(&self.refusal, message, app.gateway.base_url(), format),
            None => reply::refusal(&self.refusal, format),
        }
    }
}

/// The common way in: open the audit entry, find out who calls, read the body, hand it to the pipeline.
async fn take(app: &App, headers: &HeaderMap, body: Body, entrance: Entrance) -> Result<Answer, Turned> {
    let ticket = app.gateway.open(entrance, Timestamp::now()).await?;
    let id = ticket.id().clone();
    let turned = |refusal| Turned { refusal, message: Some(id.clone()) };
    let caller = match caller::client(app, headers).await {
        Ok(caller) => caller,
        Err(refusal) => return Err(app.gateway.refuse(&ticket, None, refusal).await.into()),
    };
    let bytes = match body::read(headers, body, app.gateway.limits().max_bytes).await {
        Ok(bytes) => bytes,
        Err(refusal) => return Err(turned(app.gateway.refuse(&ticket, Some(&caller), refusal).await)),
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let gateway = app.gateway.clone();
    // A task of its own: a sender that hangs up does not leave a message half way through.
    let submitted =
        tokio::spawn(async move { gateway.submit(ticket, caller, Received { entrance, content_type, bytes }).await });
    submitted.await.unwrap_or_else(|_| Err(reply::unavailable())).map_err(turned)
}

async fn standing(app: &App, id: &str, headers: &HeaderMap) -> Result<serde_json::Value, Refusal> {
    let now = Timestamp::now();
    let caller = caller::reader(app, headers).await?;
    let Some(id) = MessageId::parse(id) else { return Err(caller::nothing_here(app, &caller).await) };
    let (store, party) = (app.gateway.store(), &caller.party.id);
    let found = store.status(party, &id).await.map_err(|error| pipeline::unavailable(&error))?;
    let refused = match found {
        Some(_) => None,
        None => store.refused(party, &id).await.map_err(|error| pipeline::unavailable(&error))?,
    };
    if found.is_none() && refused.is_none() {
        return Err(caller::nothing_here(app, &caller).await);
    }
    app.gateway.record(Entry::new(Event::StatusRead, now).actor(party, &caller.client_id).message(&id)).await?;
    if let Some(refused) = refused {
        return Ok(json!({
            "message": id.as_str(),
            "status": "refused",
            "refused": refused.at.to_string(),
            "outcome": operation_outcome(&refused.findings),
        }));
    }
    let deliveries = found.unwrap_or_default();
    // whom it went to, by the name they had then
    let (directory, then) = app.gateway.directory_of(&id).await?;
    let name =
        |party: &PartyId| directory.party(party, then).map_or_else(|| party.to_string(), |found| found.name.clone());
    // Outside the NHS it is told that something was not passed on, and not why: that would tell what is kept (CS-22).
    let outside = caller.party.sector() != Sector::Nhs;
    let rows: Vec<_> = deliveries
        .iter()
        .map(|d| {
            json!({
                "delivery": d.delivery.to_string(),
                "recipient": d.recipient.as_str(),
                "name": name(&d.recipient),
                "kind": d.kind.code(),
                "channel": d.channel.code(),
                "state": d.state,
                "attempts": d.attempts,
                "delivered": d.delivered.map(|at| at.to_string()),
                "read": d.read.map(|at| at.to_string()),
                "reason": if outside { pipeline::told_outside(&d.state, d.reason.as_deref()) } else { d.reason.clone() },
                // What its own document keeps back the answer to the message has told.
                "withheld": (!outside).then_some(&d.withheld),
            })
        })
        .collect();
    Ok(json!({"message": id.as_str(), "status": "accepted", "deliveries": rows}))
}
