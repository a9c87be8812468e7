//! One HTTP POST to a recipient's FHIR endpoint, and what its answer means.
//! Follows no redirects: where a message goes is the directory's to say, not the recipient's.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use uuid::Uuid;

use crate::outbox::AttemptOutcome;
use crate::store::Leased;

/// How much of an answer is read; an OperationOutcome fits many times.
const MAX_ANSWER: usize = 64 * 1024;

/// Why the HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up")]
pub struct ClientError(#[from] reqwest::Error);

/// Posts bundles.
#[derive(Debug, Clone)]
pub struct Poster {
    client: reqwest::Client,
}

impl Poster {
    /// # Errors
    /// When the TLS back end cannot be set up.
    pub fn new(timeout: Duration) -> Result<Self, ClientError> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("cmht-gateway/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }

    /// Sends one delivery. Repeats carry the same bytes and the same `Idempotency-Key`, so that a recipient that got
    /// it before, and whose answer was lost, can say so.
    pub async fn post(&self, url: &str, item: &Leased) -> AttemptOutcome {
        let sent = self
            .client
            .post(url)
            .header(CONTENT_TYPE, item.media_type.as_str())
            .header(ACCEPT, "application/fhir+json")
            .header("Idempotency-Key", item.delivery.to_string())
            .header("X-Request-Id", Uuid::new_v4().to_string())
            .header("X-Correlation-Id", item.message.as_str())
            .body(item.body.clone())
            .send()
            .await;
        match sent {
            Ok(response) => {
                let status = response.status().as_u16();
                let duplicate = status == 409 && says_duplicate(response).await;
                AttemptOutcome::from_status(status, duplicate)
            }
            Err(error) => AttemptOutcome::Retry { reason: reason_of(&error).to_owned() },
        }
    }
}

/// Whether an answer is an OperationOutcome with issue code `duplicate`.
async fn says_duplicate(mut response: reqwest::Response) -> bool {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return false;
        }
    }
    let outcome: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let issues = outcome.get("issue").and_then(serde_json::Value::as_array);
    issues
        .is_some_and(|list| list.iter().any(|i| i.get("code").and_then(serde_json::Value::as_str) == Some("duplicate")))
}

/// A failure in words, without the address: URLs stay out of logs and answers.
fn reason_of(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "the recipient did not answer in time"
    } else if error.is_connect() {
        "the recipient could not be reached"
    } else {
        "the connection to the recipient broke"
    }
}
