//! How requests stand, over FHIR (Task: read, search, update with If-Match) and as JSON under `/requests`. Handlers read
//! and answer; who may say what is `pipeline`'s.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::claims::asked;
use super::consents::if_match;
use super::{App, body, caller, reply};
use crate::fhir::{Format, codes, identifier};
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, MessageId, OdsCode, PartyId};
use crate::pipeline::{Followed, TaskSearch};

/// `GET /fhir/Task?focus-identifier=&owner=&requester=`: the tasks the caller holds, or of the requests it sent.
pub async fn search(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let format = reply::wanted(&headers);
    let found = async {
        let caller = caller::reader(&app, &headers).await?;
        let now = Timestamp::now();
        let search = wanted(&app, query.as_deref().unwrap_or_default(), now)?;
        let found = match search {
            Some(search) => app.gateway.tasks(&caller, &search, now).await?,
            None => Vec::new(),
        };
        Ok(app.gateway.task_bundle(&found, now))
    };
    match found.await {
        Ok(bundle) => reply::resource(StatusCode::OK, &bundle, format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// What is searched for; `None` where nothing can be found, since the directory knows no such party.
fn wanted(app: &App, query: &str, now: Timestamp) -> Result<Option<TaskSearch>, Refusal> {
    let party = |value: &str| -> Option<PartyId> {
        match value.split_once('|') {
            Some((codes::ODS_ORGANISATION, ods)) => {
                app.gateway.directory().by_ods(&OdsCode::parse(ods)?, now).map(|party| party.id.clone())
            }
            Some((codes::PARTY_ID, id)) => PartyId::parse(id),
            Some(_) => None,
            None => PartyId::parse(value),
        }
    };
    let mut search = TaskSearch::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "focus-identifier" | "focus:identifier" | "group-identifier" => {
                let (system, value) = value.split_once('|').unwrap_or((codes::DOCUMENT_ID, &value));
                search.identifier = Some(identifier::key(system, value));
            }
            "owner" | "owner:identifier" => {
                let Some(id) = party(&value) else { return Ok(None) };
                search.owner = Some(id);
            }
            "requester" | "requester:identifier" => {
                let Some(id) = party(&value) else { return Ok(None) };
                search.requester = Some(id);
            }
            "_format" => {}
            _ => {
                let text = "Only focus-identifier, owner and requester can be searched by.";
                return Err(Refusal::new(Category::Malformed, vec![Issue::error(IssueCode::Invalid, text)]));
            }
        }
    }
    Ok(Some(search))
}

/// `GET /fhir/Task/{id}`.
pub async fn read(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let format = reply::wanted(&headers);
    let now = Timestamp::now();
    let found = async {
        let caller = caller::reader(&app, &headers).await?;
        let Ok(id) = Uuid::try_parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        match app.gateway.task(&caller, id, now).await? {
            Some(found) => Ok(found),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    match found.await {
        Ok(found) => answered(&app, &found, format, now),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// `PUT /fhir/Task/{id}` with `If-Match`: one step on.
pub async fn update(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let format = reply::wanted(&headers);
    let now = Timestamp::now();
    let done = async {
        let caller = caller::reader(&app, &headers).await?;
        let Ok(id) = Uuid::try_parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        // asked for after it is known that there is such a task for this caller
        if app.gateway.task(&caller, id, now).await?.is_none() {
            return Err(caller::nothing_here(&app, &caller).await);
        }
        let of_version = if_match(&headers)?;
        let bytes = body::read(&headers, body, app.gateway.limits().max_bytes).await?;
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (gateway, by) = (app.gateway.clone(), caller.clone());
        // A task of its own: a client that hangs up does not leave a step half way through.
        let work = async move { gateway.step_by_task(&by, id, of_version, content_type, bytes, now).await };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(_) => app.gateway.task(&caller, id, now).await?.ok_or_else(reply::not_found),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    match done.await {
        Ok(found) => answered(&app, &found, format, now),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// A task with its version.
fn answered(app: &App, found: &Followed, format: Format, now: Timestamp) -> Response {
    let mut response = reply::resource(StatusCode::OK, &app.gateway.task_resource(found, now), format);
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", found.task.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// `GET /requests`: every request the caller has or has sent, newest first.
pub async fn requests(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let listed = async {
        let caller = caller::reader(&app, &headers).await?;
        let found = app.gateway.tasks(&caller, &TaskSearch::default(), now).await?;
        let rows: Vec<Value> = found.iter().map(|followed| app.gateway.task_json(followed, now)).collect();
        Ok::<_, Refusal>(json!({"requests": rows}))
    };
    as_json(listed.await, &headers)
}

/// `GET /requests/{id}`: one request with every task and step the caller may see.
pub async fn request(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let found = async {
        let caller = caller::reader(&app, &headers).await?;
        let Some(id) = MessageId::parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        let Some(found) = app.gateway.request(&caller, &id, now).await? else {
            return Err(caller::nothing_here(&app, &caller).await);
        };
        let rows: Vec<Value> = found.iter().map(|followed| app.gateway.task_json(followed, now)).collect();
        Ok(json!({"request": id.as_str(), "tasks": rows}))
    };
    as_json(found.await, &headers)
}

/// `POST /requests/{id}/status`: one step on.
pub async fn status(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let (caller, value) = asked(&app, &headers, body).await?;
        let Some(id) = MessageId::parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        let (gateway, by) = (app.gateway.clone(), caller.clone());
        let work = async move { gateway.step_by_json(&by, &id, &value, Timestamp::now()).await };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(taken) => Ok(taken),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    as_json(done.await, &headers)
}

/// `POST /messages/{id}/recall`: its sender takes a document or request back (CS-21).
pub async fn recall(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let (caller, value) = asked(&app, &headers, body).await?;
        let Some(id) = MessageId::parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        let (gateway, by) = (app.gateway.clone(), caller.clone());
        let work = async move { gateway.recall_by_json(&by, &id, &value, Timestamp::now()).await };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(taken) => Ok(taken),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    as_json(done.await, &headers)
}

fn as_json(result: Result<Value, Refusal>, headers: &HeaderMap) -> Response {
    match result {
        Ok(value) => reply::json(StatusCode::OK, &value),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(headers)),
    }
}
