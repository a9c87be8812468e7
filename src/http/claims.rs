//! Capacity, overrides, emergencies, their review, and the report to the person, as plain JSON under `/consent`. Handlers
//! read and answer; who may do what is `pipeline`'s to say.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{App, body, caller, reply};
use crate::auth::Caller;
use crate::fhir;
use crate::intake::{self, Refusal};
use crate::model::{Category, Issue, IssueCode, NhsNumber};
use crate::pipeline::report_letter;
use crate::render::{self, Fonts};

/// What is recorded.
#[derive(Clone, Copy)]
enum What {
    Capacity,
    Override,
    Emergency,
}

/// `POST /consent/capacity`.
pub async fn capacity(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    recorded(&app, What::Capacity, &headers, body).await
}

/// `POST /consent/overrides`.
pub async fn overrides(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    recorded(&app, What::Override, &headers, body).await
}

/// `POST /consent/emergency`.
pub async fn emergency(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    recorded(&app, What::Emergency, &headers, body).await
}

async fn recorded(app: &App, what: What, headers: &HeaderMap, body: Body) -> Response {
    let made = async {
        let (caller, value) = asked(app, headers, body).await?;
        let (gateway, by, now) = (app.gateway.clone(), caller.clone(), Timestamp::now());
        let work = async move {
            match what {
                What::Capacity => gateway.record_capacity(&by, &value, now).await.map(Some),
                What::Override => gateway.record_override(&by, &value, now).await,
                What::Emergency => gateway.record_emergency(&by, &value, now).await.map(Some),
            }
        };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(made) => Ok(made),
            None => Err(caller::nothing_here(app, &caller).await),
        }
    };
    match made.await {
        Ok(made) => reply::json(StatusCode::CREATED, &made),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(headers)),
    }
}

/// `GET /consent/reviews`: what waits for review; with `state=reviewed`, everything.
pub async fn reviews(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let listed = async {
        let caller = caller::reader(&app, &headers).await?;
        let open = match query.as_deref().unwrap_or_default() {
            "" | "state=open" => true,
            "state=reviewed" => false,
            _ => return Err(no_such_state()),
        };
        match app.gateway.reviews(&caller, open, Timestamp::now()).await? {
            Some(items) => Ok(json!({"reviews": items})),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    match listed.await {
        Ok(value) => reply::json(StatusCode::OK, &value),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

fn no_such_state() -> Refusal {
    let text = "There are the reviews that wait, with state=open or nothing, and all of them, with state=reviewed.";
    Refusal::one(Category::Malformed, IssueCode::Invalid, text)
}

/// `POST /consent/reviews/{id}`.
pub async fn review(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let (caller, value) = asked(&app, &headers, body).await?;
        let Ok(id) = Uuid::try_parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        let (gateway, by) = (app.gateway.clone(), caller.clone());
        let work = async move { gateway.review(&by, id, &value, Timestamp::now()).await };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(()) => Ok(json!({"id": id.to_string(), "state": "reviewed"})),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    match done.await {
        Ok(value) => reply::json(StatusCode::OK, &value),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

/// `POST /consent/report`: everything disclosed about a person, as FHIR, `text/plain` or `application/pdf`.
pub async fn report(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    match reported(&app, &headers, body).await {
        Ok(response) => response,
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

/// `GET /consent/report`: how to ask for it. The number belongs in a body, for addresses are logged.
pub async fn report_in_url(headers: HeaderMap) -> Response {
    let text = "Ask with POST and {\"person\": \"NHS number\"} in the body: addresses are logged on their way. Accept: \
                application/fhir+json, application/fhir+xml, text/plain or application/pdf.";
    let refusal = Refusal::one(Category::MethodNotAllowed, IssueCode::NotSupported, text);
    reply::refusal(&refusal, reply::wanted(&headers))
}

async fn reported(app: &App, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    let (caller, value) = asked(app, headers, body).await?;
    let number = value.get("person").and_then(Value::as_str).and_then(|text| NhsNumber::parse(text).ok());
    let number = number.ok_or_else(|| {
        let text = "Name the person by an NHS number with a right check digit.";
        Refusal::new(Category::Invalid, vec![Issue::error(IssueCode::Value, text).at("/person").rule("record-fields")])
    })?;
    let Some(report) = app.gateway.access_report(&caller, &number, Timestamp::now()).await? else {
        return Err(caller::nothing_here(app, &caller).await);
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let named = intake::accept_named(accept, &["application/pdf", "text/plain"]);
    let file = |media_type: &'static str, bytes: Vec<u8>| {
        let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
        (StatusCode::OK, headers, bytes).into_response()
    };
    if named == Some("application/pdf") {
        let made = tokio::task::spawn_blocking(move || render::pdf(&report_letter(&report), &Fonts::default())).await;
        let bytes = made.ok().and_then(Result::ok).ok_or_else(reply::unavailable)?;
        return Ok(file("application/pdf", bytes));
    }
    if named == Some("text/plain") {
        return Ok(file("text/plain; charset=utf-8", render::text(&report_letter(&report)).into_bytes()));
    }
    let gateway = app.gateway.clone();
    let made = tokio::task::spawn_blocking(move || gateway.report_bundle(&report)).await;
    let bundle = made.map_err(|_| reply::unavailable())??;
    Ok(reply::resource(StatusCode::OK, &bundle, reply::wanted(headers)))
}

/// Who calls, and the JSON they send.
pub(super) async fn asked(app: &App, headers: &HeaderMap, body: Body) -> Result<(Caller, Value), Refusal> {
    let caller = caller::reader(app, headers).await?;
    let json = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !json.trim_start().to_ascii_lowercase().starts_with("application/json") {
        let text = "Send application/json.";
        return Err(Refusal::one(Category::UnsupportedMediaType, IssueCode::NotSupported, text));
    }
    let bytes = body::read(headers, body, app.gateway.limits().max_bytes).await?;
    let value = fhir::read_document(&bytes, app.gateway.limits())
        .map_err(|issue| Refusal::new(Category::Malformed, vec![issue]))?;
    Ok((caller, value))
}
