//! The directory over HTTP: read by every client, replaced by whoever runs the gateway, and each party's own entry, kept by
//! itself. Handlers read and answer; who may change what is `pipeline`'s to say.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use super::{App, body, caller, reply};
use crate::auth::Caller;
use crate::directory::{EntryChange, Rows};
use crate::fhir::{self, Format};
use crate::intake::Refusal;
use crate::model::{Category, IssueCode};
use crate::pipeline::{self, By};
use crate::store::DirectorySource;

/// `GET /directory`: as JSON, CSV, TOML, or a FHIR Bundle, by `Accept`; its version is the ETag.
pub async fn read(State(app): State<App>, headers: HeaderMap) -> Response {
    let found = async {
        let caller = caller::reader(&app, &headers).await?;
        app.gateway.directory_for(&caller, Timestamp::now()).await
    };
    let (rows, version) = match found.await {
        Ok(found) => found,
        Err(refusal) => return reply::refusal(&refusal, reply::wanted(&headers)),
    };
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let file = |media_type: &'static str, text: String| {
        ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], text).into_response()
    };
    let response = if accept.contains("text/csv") {
        file("text/csv; charset=utf-8", rows.to_csv())
    } else if accept.contains("application/toml") {
        file("application/toml", rows.to_toml())
    } else if accept.contains("fhir") {
        reply::resource(StatusCode::OK, &rows.to_fhir(Timestamp::now()), reply::wanted(&headers))
    } else {
        reply::json(StatusCode::OK, &json!({"version": version, "directory": rows.to_json()}))
    };
    tagged(response, version)
}

/// `POST /directory`: an import, by `Content-Type`, if it is still at the version `If-Match` names: what a partner has
/// changed of its entry meanwhile is not undone unseen. `If-Match: *` takes it whatever there is.
pub async fn import(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let made = async {
        let caller = caller::reader(&app, &headers).await?;
        let any = headers.get(header::IF_MATCH).is_some_and(|value| value.as_bytes() == b"*");
        let of_version = if any { None } else { if_match(&headers)? };
        let bytes = body::read(&headers, body, app.gateway.limits().max_bytes).await?;
        let gateway = &app.gateway;
        if of_version.is_none() && !any && gateway.is_trust(&caller) {
            let text = "Say which version you have changed, as the ETag of your last read tells it (If-Match: W/\"1\"), or \
                        If-Match: * for whatever there is.";
            return Err(Refusal::one(Category::Malformed, IssueCode::Required, text));
        }
        let rows = match rows(&app, &headers, &bytes) {
            Ok(rows) => rows,
            Err(refusal) => return Err(app.gateway.not_changed(&by(&caller), refusal).await),
        };
        let gateway = app.gateway.clone();
        let work = async move { gateway.import_directory(&caller, rows, of_version, Timestamp::now()).await };
        tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))
    };
    changed(made.await, &headers)
}

/// `GET /directory/entry`: the caller's own entry, as it may change it.
pub async fn entry(State(app): State<App>, headers: HeaderMap) -> Response {
    let found = async {
        let (caller, now) = (caller::reader(&app, &headers).await?, Timestamp::now());
        let (_, version) = app.gateway.directory_for(&caller, now).await?;
        Ok((EntryChange::of(&app.gateway.directory(), &caller.party, now), version))
    };
    match found.await {
        Ok((entry, version)) => tagged(reply::json(StatusCode::OK, &entry.to_json()), version),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(&headers)),
    }
}

/// `PUT /directory/entry`: what the caller changes in its own entry; what is not named stays.
pub async fn change_entry(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let made = async {
        let caller = caller::reader(&app, &headers).await?;
        let of_version = if_match(&headers)?;
        if media_type(&headers) != "application/json" {
            return Err(Refusal::one(
                Category::UnsupportedMediaType,
                IssueCode::NotSupported,
                "Send application/json.",
            ));
        }
        let bytes = body::read(&headers, body, app.gateway.limits().max_bytes).await?;
        let value = fhir::read_document(&bytes, app.gateway.limits());
        let value = value.map_err(|issue| Refusal::new(Category::Malformed, vec![issue]))?;
        let change = match EntryChange::from_json(&value) {
            Ok(change) => change,
            Err(faults) => return Err(app.gateway.not_changed(&by(&caller), pipeline::refused(&faults)).await),
        };
        let gateway = app.gateway.clone();
        let work = async move {
            gateway.change_entry(&caller.party.id, &caller.client_id, change, of_version, Timestamp::now()).await
        };
        tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))
    };
    changed(made.await, &headers)
}

fn by(caller: &Caller) -> By {
    let (party, agent) = (caller.party.id.clone(), caller.client_id.clone());
    By { party, agent, source: DirectorySource::Import, now: Timestamp::now() }
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The entries a body holds.
fn rows(app: &App, headers: &HeaderMap, bytes: &[u8]) -> Result<Rows, Refusal> {
    let text = || {
        let no_text = || Refusal::one(Category::Malformed, IssueCode::Structure, "The body is not UTF-8 text.");
        std::str::from_utf8(bytes).map_err(|_| no_text())
    };
    let resource = |format| {
        let value = fhir::read(bytes, format, app.gateway.limits());
        value.map_err(|issue| Refusal::new(Category::Malformed, vec![issue]))
    };
    let read = match media_type(headers).as_str() {
        "application/fhir+json" => Rows::from_fhir(&resource(Format::Json)?),
        "application/fhir+xml" => Rows::from_fhir(&resource(Format::Xml)?),
        "text/csv" => Rows::from_csv([("directory", text()?)]),
        "application/toml" => Rows::from_toml(text()?),
        "application/json" => {
            let value = fhir::read_document(bytes, app.gateway.limits());
            let value = value.map_err(|issue| Refusal::new(Category::Malformed, vec![issue]))?;
            // as it is read, or the sections alone
            Rows::from_json(value.get("directory").unwrap_or(&value))
        }
        _ => {
            let text = "Send the directory as application/fhir+json, application/fhir+xml, text/csv, application/json or \
                        application/toml.";
            return Err(Refusal::one(Category::UnsupportedMediaType, IssueCode::NotSupported, text));
        }
    };
    read.map_err(|faults| pipeline::refused(&faults))
}

/// The version a change was made from, where the caller says it.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().ok().map(|text| text.trim().trim_start_matches("W/").trim_matches('"'));
    text.and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| {
        let text = "If-Match names the version you read, as its ETag tells it: W/\"1\".";
        Refusal::one(Category::Malformed, IssueCode::Invalid, text)
    })
}

fn changed(made: Result<i64, Refusal>, headers: &HeaderMap) -> Response {
    match made {
        Ok(version) => tagged(reply::json(StatusCode::OK, &json!({"version": version})), version),
        Err(refusal) => reply::refusal(&refusal, reply::wanted(headers)),
    }
}

fn tagged(mut response: Response, version: i64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
