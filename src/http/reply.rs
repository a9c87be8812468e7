//! Answers: categories to HTTP statuses, findings to OperationOutcomes, in the format the caller asked for.
//! The one place where a status is chosen.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::fhir::outcome::operation_outcome;
use crate::fhir::{self, Format};
use crate::intake::{self, Refusal};
use crate::model::{Category, IssueCode, MessageId};
use crate::pipeline;

/// The HTTP status of a category.
///
/// A refusal by consent is 422, not 403: the national booking and referral proxy rewrites any 403 of a receiver as a
/// TLS failure (`exchange.md` §1), and a sender must not mistake a person's wish for a certificate problem.
pub const fn status(category: Category) -> StatusCode {
    match category {
        Category::Malformed => StatusCode::BAD_REQUEST,
        Category::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Category::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Category::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Category::Unauthenticated => StatusCode::UNAUTHORIZED,
        Category::Forbidden => StatusCode::FORBIDDEN,
        Category::NotFound => StatusCode::NOT_FOUND,
        Category::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Category::Duplicate | Category::Conflict => StatusCode::CONFLICT,
        Category::Stale => StatusCode::PRECONDITION_FAILED,
        Category::Timeout => StatusCode::REQUEST_TIMEOUT,
        Category::Busy | Category::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Category::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The format a caller wants its answer in; what it cannot have falls back to JSON, because an error must be readable.
pub fn wanted(headers: &HeaderMap) -> Format {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    intake::accept_or_readable(accept)
}

/// A resource as an answer.
pub fn resource(status: StatusCode, value: &Value, format: Format) -> Response {
    // What we say ourselves is plain JSON data; should XML not be able to hold it, JSON can.
    let (bytes, format) = match fhir::write(value, format) {
        Ok(bytes) => (bytes, format),
        Err(_) => (value.to_string().into_bytes(), Format::Json),
    };
    let media_type = match format {
        Format::Json => "application/fhir+json; charset=utf-8",
        Format::Xml => "application/fhir+xml; charset=utf-8",
    };
    (status, [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
}

/// Plain JSON as an answer.
pub fn json(status: StatusCode, value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, value.to_string()).into_response()
}

/// A refusal that its sender can read again: the outcome has the id of the message, and its place is told.
pub fn kept_refusal(refusal: &Refusal, message: &MessageId, base_url: &str, format: Format) -> Response {
    let mut outcome = operation_outcome(&refusal.issues);
    outcome["id"] = message.as_str().into();
    let mut response = answered(refusal, &outcome, format);
    if let Ok(place) = HeaderValue::from_str(&format!("{base_url}/messages/{message}")) {
        response.headers_mut().insert(header::CONTENT_LOCATION, place);
    }
    response
}

/// A refusal as an OperationOutcome with the status of its category.
pub fn refusal(refusal: &Refusal, format: Format) -> Response {
    answered(refusal, &operation_outcome(&refusal.issues), format)
}

fn answered(refusal: &Refusal, outcome: &Value, format: Format) -> Response {
    let mut response = resource(status(refusal.category), outcome, format);
    let headers = response.headers_mut();
    match refusal.category {
        Category::Unauthenticated => {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"cmht-gateway\", charset=\"UTF-8\""),
            );
        }
        Category::Busy | Category::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    response
}

/// No such thing, or not for this caller: one answer for both (CS-22).
pub fn not_found() -> Refusal {
    Refusal::one(Category::NotFound, IssueCode::NotFound, "There is nothing here, or nothing that you may see.")
}

/// The gateway cannot do it now; the caller may try again.
pub fn unavailable() -> Refusal {
    pipeline::cannot_take(Category::Unavailable)
}
