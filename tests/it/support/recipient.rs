//! A recipient's FHIR endpoint that answers as the test tells it to, and remembers what it was sent.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;

/// One message as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub key: String,
    pub body: Bytes,
}

impl Arrived {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `Bundle.identifier.value`.
    pub fn identifier(&self) -> String {
        self.json()["identifier"]["value"].as_str().unwrap_or_default().to_owned()
    }
}

#[derive(Debug, Default)]
struct Memory {
    /// Statuses for the next requests; 200 when there is none left.
    script: VecDeque<u16>,
    /// Whether requests are left without an answer.
    hangs: bool,
    /// Every request, whatever it was answered.
    asked: usize,
    /// What was answered with success.
    taken: Vec<Arrived>,
}

#[derive(Debug, Clone)]
pub struct Recipient {
    pub address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
}

impl Recipient {
    pub async fn listen() -> Self {
        Self::listen_on(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn listen_on(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let recipient = Self { address: listener.local_addr().unwrap(), memory: Arc::default() };
        let router = Router::new().route("/fhir/$process-message", post(take)).with_state(recipient.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        recipient
    }

    /// Answers the next requests with these statuses, and then with 200.
    pub fn then_answer(&self, statuses: &[u16]) {
        self.memory.lock().unwrap().script.extend(statuses);
    }

    /// Answers with 200 from now on.
    pub fn answer_well(&self) {
        self.memory.lock().unwrap().script.clear();
    }

    /// Leaves every request without an answer from now on.
    pub fn hang(&self) {
        self.memory.lock().unwrap().hangs = true;
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}/fhir/$process-message", self.address)
    }

    pub fn asked(&self) -> usize {
        self.memory.lock().unwrap().asked
    }

    pub fn taken(&self) -> Vec<Arrived> {
        self.memory.lock().unwrap().taken.clone()
    }
}

async fn take(State(recipient): State<Recipient>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let hangs = {
        let mut memory = recipient.memory.lock().unwrap();
        memory.asked += 1;
        memory.hangs
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    let mut memory = recipient.memory.lock().unwrap();
    let status = memory.script.pop_front().unwrap_or(200);
    if status == 200 {
        let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        memory.taken.push(Arrived { key, body });
    }
    StatusCode::from_u16(status).unwrap()
}
