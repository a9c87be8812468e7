//! Consents over FHIR REST (<https://hl7.org/fhir/R4/http.html>): create, read, search, update. Withdrawing is an update to
//! status `inactive`; nothing is deleted, since what once permitted a release must stay readable. An identifier of a person
//! never stands in a URL, for URLs are logged by everything on the way.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use url::form_urlencoded;
use uuid::Uuid;

use super::{App, body, caller, reply};
use crate::auth::Caller;
use crate::fhir::Format;
use crate::fhir::codes;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, NhsNumber};
use crate::pipeline::{RecordedConsent, SentConsent};

/// `POST /fhir/Consent`.
pub async fn create(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let format = reply::wanted(&headers);
    let made = async {
        let caller = caller::reader(&app, &headers).await?;
        let sent = sent(&app, &headers, body).await?;
        let gateway = app.gateway.clone();
        // A task of its own: a client that hangs up does not leave a change half way through.
        let work = async move { gateway.record_consent(&caller, sent, Timestamp::now()).await };
        tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))
    };
    match made.await {
        Ok(made) => {
            let place = format!("{}/fhir/Consent/{}/_history/{}", app.gateway.base_url(), made.id, made.version);
            let mut response = answered(&made, StatusCode::CREATED, format);
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// `GET /fhir/Consent/{id}`.
pub async fn read(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    looked(&app, &id, None, &headers).await
}

/// `GET /fhir/Consent/{id}/_history/{version}`.
pub async fn version(
    State(app): State<App>,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    looked(&app, &id, Some(&version), &headers).await
}

async fn looked(app: &App, id: &str, version: Option<&str>, headers: &HeaderMap) -> Response {
    let format = reply::wanted(headers);
    let found = async {
        let caller = caller::reader(app, headers).await?;
        let version = version.map(|text| text.parse::<u32>().ok());
        let (Ok(id), false) = (Uuid::try_parse(id), version == Some(None)) else {
            return Err(caller::nothing_here(app, &caller).await);
        };
        let found = app.gateway.read_consent(&caller, id, version.flatten(), Timestamp::now()).await?;
        match found {
            Some(found) => Ok(found),
            None => Err(caller::nothing_here(app, &caller).await),
        }
    };
    match found.await {
        Ok(found) => answered(&found, StatusCode::OK, format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// `PUT /fhir/Consent/{id}` with `If-Match`.
pub async fn update(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let format = reply::wanted(&headers);
    let changed = async {
        let caller = caller::reader(&app, &headers).await?;
        let Ok(id) = Uuid::try_parse(&id) else { return Err(caller::nothing_here(&app, &caller).await) };
        let of_version = if_match(&headers)?;
        let sent = sent(&app, &headers, body).await?;
        let (gateway, by) = (app.gateway.clone(), caller.clone());
        let work = async move { gateway.change_consent(&by, id, of_version, sent, Timestamp::now()).await };
        match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable()))? {
            Some(changed) => Ok(changed),
            None => Err(caller::nothing_here(&app, &caller).await),
        }
    };
    match changed.await {
        Ok(changed) => answered(&changed, StatusCode::OK, format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// `DELETE /fhir/Consent/{id}`: how to withdraw instead.
pub async fn delete(headers: HeaderMap) -> Response {
    let text = "Consents are not deleted, for releases that rested on them must stay explained. To withdraw one, read it, \
                set status to inactive and send it with PUT and If-Match: from then on nothing more goes on it.";
    let refusal = Refusal::one(Category::MethodNotAllowed, IssueCode::NotSupported, text);
    let mut response = reply::refusal(&refusal, reply::wanted(&headers));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, PUT"));
    response
}

/// `GET /fhir/Consent?…`: refused, and the way to search told.
pub async fn search_in_url(State(app): State<App>, headers: HeaderMap) -> Response {
    let refusal = match caller::reader(&app, &headers).await {
        Ok(_) => {
            let text = "Search with POST /fhir/Consent/_search and the parameters in the body \
                        (application/x-www-form-urlencoded): addresses are logged on their way, and an NHS number must not \
                        be. A search names one person: patient:identifier=https://fhir.nhs.uk/Id/nhs-number|…";
            Refusal::one(Category::Malformed, IssueCode::NotSupported, text)
        }
        Err(refusal) => refusal,
    };
    reply::refusal(&refusal, reply::wanted(&headers))
}

/// `POST /fhir/Consent/_search`.
pub async fn search(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap, body: Body) -> Response {
    let format = reply::wanted(&headers);
    let found = async {
        let caller: Caller = caller::reader(&app, &headers).await?;
        if query.is_some_and(|query| !query.is_empty()) {
            return Err(malformed("Send the parameters in the body, and none in the address: addresses are logged."));
        }
        let form = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !form.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            let text = "A search is sent as application/x-www-form-urlencoded.";
            return Err(Refusal::one(Category::UnsupportedMediaType, IssueCode::NotSupported, text));
        }
        let bytes = body::read(&headers, body, app.gateway.limits().max_bytes).await?;
        let (number, statuses) = asked(&bytes)?;
        app.gateway.search_consents(&caller, &number, &statuses, Timestamp::now()).await
    };
    match found.await {
        Ok(bundle) => reply::resource(StatusCode::OK, &bundle, format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

/// The person and the statuses a search names. What is not understood is refused: a parameter left out would find more.
fn asked(bytes: &[u8]) -> Result<(NhsNumber, Vec<String>), Refusal> {
    let mut number = None;
    let mut statuses: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        match &*name {
            "patient:identifier" | "patient.identifier" => {
                let digits = value.strip_prefix(codes::NHS_NUMBER).and_then(|rest| rest.strip_prefix('|'));
                let found = digits.or_else(|| (!value.contains('|')).then_some(&*value)).map(NhsNumber::parse);
                let Some(Ok(found)) = found else {
                    let text = "This is no NHS number with a right check digit. Send https://fhir.nhs.uk/Id/nhs-number|… \
                                with its ten digits.";
                    return Err(malformed(text));
                };
                number = Some(found);
            }
            "status" => statuses.extend(value.split(',').map(str::to_owned)),
            "_format" => {}
            _ => return Err(malformed("Only patient:identifier and status can be searched by.")),
        }
    }
    let number = number.ok_or_else(|| {
        malformed("Name the person: patient:identifier=https://fhir.nhs.uk/Id/nhs-number|…. There is no search across persons.")
    })?;
    Ok((number, statuses))
}

/// The version an update is of.
pub(super) fn if_match(headers: &HeaderMap) -> Result<u32, Refusal> {
    let text = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let inner = text.map(|text| text.trim().trim_start_matches("W/").trim_matches('"'));
    inner.and_then(|text| text.parse().ok()).ok_or_else(|| {
        malformed("Say which version you change, as the ETag of your last read tells it: If-Match: W/\"1\".")
    })
}

fn malformed(text: &str) -> Refusal {
    Refusal::new(Category::Malformed, vec![Issue::error(IssueCode::Invalid, text)])
}

async fn sent(app: &App, headers: &HeaderMap, body: Body) -> Result<SentConsent, Refusal> {
    let bytes = body::read(headers, body, app.gateway.limits().max_bytes).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(SentConsent { content_type, bytes })
}

/// A Consent with its version.
fn answered(consent: &RecordedConsent, status: StatusCode, format: Format) -> Response {
    let mut response = reply::resource(status, &consent.resource, format);
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", consent.version)) {
        headers.insert(header::ETAG, tag);
    }
    let modified = consent.at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(modified) = HeaderValue::from_str(&modified) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    response
}
