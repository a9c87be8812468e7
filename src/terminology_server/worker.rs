//! The thread that asks the server. Owns a runtime and the client; answers each question within its time, or not at all.
//! Keeps nothing.

use std::sync::Arc;
use std::sync::mpsc as reply;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::sync::{Semaphore, mpsc};
use url::Url;

use super::settings::{Settings, SettingsError};
use super::wire::{self, Operation};
use crate::validate::terminology::{Question, RemoteAnswer};

/// Most bytes of an answer that are read; a Parameters resource fits many times.
const LARGEST: usize = 256 * 1024;

/// Questions that may wait for their turn.
const WAITING: usize = 256;

/// How much longer than the server's time a caller waits: for the thread to say that there was no answer.
const GRACE: Duration = Duration::from_millis(500);

/// What became of a question.
#[derive(Debug)]
pub(super) enum Reply {
    /// The server answered; `None`: that it does not know.
    Answer(Option<RemoteAnswer>),
    /// It did not, or not sensibly.
    Failure,
    /// Too many questions were waiting.
    NotAsked,
}

struct Asked {
    operation: Operation,
    body: String,
    reply: reply::SyncSender<Reply>,
}

/// The thread that asks, as its callers see it.
#[derive(Debug)]
pub(super) struct Worker {
    questions: mpsc::Sender<Asked>,
    patience: Duration,
}

impl Worker {
    /// Starts the thread. It ends when this is dropped and the last question is answered.
    ///
    /// # Errors
    /// The client, the runtime or the thread cannot be set up.
    pub(super) fn start(settings: &Settings) -> Result<Self, SettingsError> {
        // the client takes the process's provider of TLS; where there is one already, it stays
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("cmht-gateway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(SettingsError::Client)?;
        let server = Arc::new(Server {
            client,
            value_sets: settings.operation(Operation::ValueSet.path())?,
            code_systems: settings.operation(Operation::CodeSystem.path())?,
            token: settings.token.as_ref().map(|token| token.show().to_owned()),
        });
        let at_once = settings.at_once.max(1);
        let (questions, waiting) = mpsc::channel(WAITING);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SettingsError::Thread)?;
        std::thread::Builder::new()
            .name("terminology".to_owned())
            .spawn(move || runtime.block_on(serve(server, waiting, at_once)))
            .map_err(SettingsError::Thread)?;
        Ok(Self { questions, patience: settings.timeout + GRACE })
    }

    /// Asks, and waits for the answer. Blocks the calling thread, not a runtime's reactor: the answer comes from a thread
    /// that nobody else uses.
    pub(super) fn ask(&self, question: &Question<'_>) -> Reply {
        let (reply, answer) = reply::sync_channel(1);
        let body = wire::ask(question).to_string();
        let asked = Asked { operation: Operation::of(question), body, reply };
        if self.questions.try_send(asked).is_err() {
            return Reply::NotAsked;
        }
        answer.recv_timeout(self.patience).unwrap_or(Reply::Failure)
    }
}

/// Answers questions, some at once, until nobody can ask any more.
async fn serve(server: Arc<Server>, mut waiting: mpsc::Receiver<Asked>, at_once: usize) {
    let places = Arc::new(Semaphore::new(at_once));
    while let Some(asked) = waiting.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let server = server.clone();
        tokio::spawn(async move {
            let reply = server.ask(&asked).await;
            // whoever asked may have given up
            let _ = asked.reply.send(reply);
            drop(place);
        });
    }
}

struct Server {
    client: reqwest::Client,
    value_sets: Url,
    code_systems: Url,
    token: Option<String>,
}

impl Server {
    async fn ask(&self, asked: &Asked) -> Reply {
        let address = match asked.operation {
            Operation::ValueSet => &self.value_sets,
            Operation::CodeSystem => &self.code_systems,
        };
        let mut request = self
            .client
            .post(address.clone())
            .header(CONTENT_TYPE, "application/fhir+json")
            .header(ACCEPT, "application/fhir+json")
            .body(asked.body.clone());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let Ok(response) = request.send().await else { return Reply::Failure };
        match response.status() {
            status if status.is_success() => {
                let answer = body(response).await.and_then(|body| wire::read(&body).ok());
                answer.map_or(Reply::Failure, Reply::Answer)
            }
            // it answers, and does not know what it was asked about
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => Reply::Answer(None),
            _ => Reply::Failure,
        }
    }
}

/// The body of an answer, unless it is too large or breaks off.
async fn body(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > LARGEST {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
