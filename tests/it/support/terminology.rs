//! A terminology server that behaves as the test tells it to, on a thread and a runtime of its own, and remembers what
//! it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// How it behaves.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Says yes to this code and no to others.
    Knows(&'static str),
    /// Says no because it does not know the system.
    InTheDark,
    /// Answers with this status and an OperationOutcome.
    Status(u16),
    /// Sends the client elsewhere.
    Redirects(String),
    /// Never answers.
    Hangs,
    /// Answers with something that is no answer.
    Garbage,
    /// Answers with 64 MB.
    Huge,
}

/// One question as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub authorization: Option<String>,
    pub body: Value,
}

#[derive(Debug, Clone)]
pub struct Terminologist {
    pub base: String,
    state: Arc<Mutex<(Behaviour, Vec<Asked>)>>,
}

impl Terminologist {
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}/r4", listener.local_addr().unwrap());
        let terminologist = Self { base, state: Arc::new(Mutex::new((behaviour, Vec::new()))) };
        let router = Router::new().fallback(answer).with_state(terminologist.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await
            })
        });
        terminologist
    }

    pub fn behaves(&self, behaviour: Behaviour) {
        self.state.lock().unwrap().0 = behaviour;
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().1.clone()
    }

    pub fn count(&self) -> usize {
        self.state.lock().unwrap().1.len()
    }
}

async fn answer(State(server): State<Terminologist>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let behaviour = {
        let mut state = server.state.lock().unwrap();
        state.1.push(Asked { path: uri.to_string(), authorization, body: body.clone() });
        state.0.clone()
    };
    let parameters = |all: Value| {
        let body = json!({"resourceType": "Parameters", "parameter": all}).to_string();
        ([(header::CONTENT_TYPE, "application/fhir+json")], body).into_response()
    };
    match behaviour {
        Behaviour::Knows(code) => {
            let asked = body["parameter"].as_array().unwrap().iter().find(|one| one["name"] == "code").unwrap();
            let result = asked["valueCode"] == code;
            parameters(
                json!([{"name": "result", "valueBoolean": result}, {"name": "display", "valueString": "Its words"}]),
            )
        }
        Behaviour::InTheDark => parameters(json!([
            {"name": "result", "valueBoolean": false},
            {"name": "x-caused-by-unknown-system", "valueCanonical": "http://loinc.org"}])),
        Behaviour::Status(status) => {
            let outcome =
                json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]});
            (StatusCode::from_u16(status).unwrap(), outcome.to_string()).into_response()
        }
        Behaviour::Redirects(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Garbage => "<html>It works!</html>".into_response(),
        Behaviour::Huge => Bytes::from(vec![b' '; 64 * 1024 * 1024]).into_response(),
    }
}
