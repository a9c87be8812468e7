//! Reads a request body up to the limit, and no further into memory.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;

use crate::intake::Refusal;
use crate::model::{Category, IssueCode};

/// How much of an oversize body is read and thrown away, as a multiple of the limit, so that an ordinary client gets
/// to read the answer instead of a broken connection.
const DRAIN: usize = 32;

/// Longest a body may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// The whole body.
///
/// # Errors
/// Larger than `limit` bytes, slower than [`PATIENCE`], compressed, or the connection broke.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        let text = "The gateway takes no compressed bodies. Send it without Content-Encoding.";
        return Err(Refusal::one(Category::UnsupportedMediaType, IssueCode::NotSupported, text));
    }
    tokio::time::timeout(PATIENCE, collect(headers, body, limit)).await.unwrap_or_else(|_| {
        let text = "The body took too long to arrive. Send it again.";
        Err(Refusal::one(Category::Timeout, IssueCode::Timeout, text))
    })
}

async fn collect(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0).min(limit));
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::one(
                Category::Malformed,
                IssueCode::Structure,
                "The body broke off before its end. Send it again.",
            ));
        };
        let Some(data) = frame.data_ref() else { continue };
        seen = seen.saturating_add(data.len());
        if seen <= limit {
            bytes.extend_from_slice(data);
        } else {
            bytes = Vec::new();
            if seen > limit.saturating_mul(DRAIN) {
                break;
            }
        }
    }
    if seen > limit {
        return Err(Refusal::one(
            Category::TooLarge,
            IssueCode::TooLong,
            format!("The body is larger than the {limit} bytes this gateway takes. Send attachments by reference."),
        ));
    }
    Ok(bytes)
}
