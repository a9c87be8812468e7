//! The systems around the gateway in the demonstration: a GP system and a private provider's, each a small FHIR
//! endpoint that keeps what it is sent. They behave as a real one must: the same delivery twice is a duplicate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

use crate::fhir::outcome::operation_outcome;
use crate::fhir::{self, Bundle, Format, Limits, codes, envelope};
use crate::map;
use crate::model::{DocumentKind, Issue, IssueCode};

/// A message a neighbour received.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The gateway's `Idempotency-Key`.
    pub key: String,
    pub bundle: Bundle,
}

impl Kept {
    /// What it is: a request to send what is missing, the document it carries, or a referral.
    pub fn kind(&self) -> Option<DocumentKind> {
        if let Some((_, document)) = envelope::payload(&self.bundle) {
            return map::kind_of(&document);
        }
        let task = self.bundle.first("Task").filter(|_| self.bundle.first("ServiceRequest").is_none());
        let Some(task) = task else { return Some(DocumentKind::Referral) };
        let asks = task.pointer("/code/coding/0/code").and_then(Value::as_str) == Some(codes::TASK_SEND_INFORMATION);
        Some(if asks { DocumentKind::InformationRequest } else { DocumentKind::StatusUpdate })
    }

    /// Whether it says that parts were withheld (`meta.security`).
    pub fn is_reduced(&self) -> bool {
        let labels = self.bundle.value().pointer("/meta/security").and_then(Value::as_array);
        labels.into_iter().flatten().any(|label| label.get("code").and_then(Value::as_str) == Some("REDACTED"))
    }
}

/// A listening neighbour.
#[derive(Debug, Clone)]
pub struct Neighbour {
    pub address: SocketAddr,
    kept: Arc<Mutex<Vec<Kept>>>,
}

impl Neighbour {
    /// Listens on the wanted port of this machine, or on any free one when it is taken.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn listen(port: u16) -> anyhow::Result<Self> {
        let listener = match tokio::net::TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => listener,
            Err(_) => tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?,
        };
        let neighbour = Self { address: listener.local_addr()?, kept: Arc::default() };
        let router = Router::new().route("/fhir/$process-message", post(take)).with_state(neighbour.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(neighbour)
    }

    /// Address of its message endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}/fhir/$process-message", self.address)
    }

    /// What it was sent so far.
    pub fn kept(&self) -> Vec<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a message unless it was kept before; says whether it is new.
    fn keep(&self, message: Kept) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let new = kept.iter().all(|earlier| earlier.key != message.key);
        if new {
            kept.push(message);
        }
        new
    }
}

async fn take(State(neighbour): State<Neighbour>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let format = if text("content-type").contains("xml") { Format::Xml } else { Format::Json };
    let bundle = fhir::read(&body, format, &Limits::default()).and_then(Bundle::new);
    match bundle.map(|bundle| neighbour.keep(Kept { key: text("idempotency-key"), bundle })) {
        Ok(true) => answer(StatusCode::OK, Issue::information(IssueCode::Informational, "Received.")),
        Ok(false) => answer(StatusCode::CONFLICT, Issue::error(IssueCode::Duplicate, "Received before.")),
        Err(issue) => answer(StatusCode::BAD_REQUEST, issue),
    }
}

fn answer(status: StatusCode, issue: Issue) -> Response {
    let outcome: Value = operation_outcome(&[issue]);
    (status, [(header::CONTENT_TYPE, Format::Json.media_type())], outcome.to_string()).into_response()
}
