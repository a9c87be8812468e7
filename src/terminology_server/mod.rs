//! A FHIR terminology server behind the validator's seam [`Remote`]: asks `$validate-code` of one configured server, keeps
//! what it hears, and leaves a server alone that does not answer. Sends codes, displays and canonical URLs, and nothing
//! else; puts none of them into a URL or a log. Judges nothing: what an answer means, is for the validator to say.
//!
//! Callers are synchronous and may wait; the server is asked by one thread of its own, which owns a small runtime. So a
//! caller waits for a channel and never for a runtime, and cannot stop one that it is itself part of.
//!
//! - [`settings`]: where the server is, and how patient we are;
//! - [`breaker`], [`cache`]: pure; the time is handed in;
//! - `wire`: FHIR Parameters; `worker`: the thread that asks.

pub mod breaker;
pub mod cache;
pub mod settings;
mod wire;
mod worker;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

pub use settings::{Settings, SettingsError, Token};

use crate::validate::terminology::{Question, Remote, RemoteAnswer};
use breaker::Breaker;
use cache::Cache;
use worker::{Reply, Worker};

/// Longest question that is asked: codes, displays and URLs are short, and what is longer is something else.
const LONGEST: usize = 1_500;

/// A terminology server. Dropping it ends its thread.
#[derive(Debug)]
pub struct TerminologyServer {
    worker: Worker,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    cache: Cache<Option<RemoteAnswer>>,
    breaker: Breaker,
}

impl TerminologyServer {
    /// Starts the thread that asks. Nothing is asked yet.
    ///
    /// # Errors
    /// The settings cannot be used (see [`Settings::check`]), or the thread or its client cannot be set up.
    pub fn start(settings: &Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let state = State {
            cache: Cache::new(settings.cache_entries, settings.keep),
            breaker: Breaker::new(settings.failures, settings.pause),
        };
        Ok(Self { worker: Worker::start(settings)?, state: Mutex::new(state) })
    }

    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Remote for TerminologyServer {
    fn validate_code(&self, question: &Question<'_>) -> Option<RemoteAnswer> {
        if !is_sendable(question) {
            return None;
        }
        let key = key(question);
        let now = Instant::now();
        if let Some(kept) = self.with(|state| state.cache.get(&key, now).cloned()) {
            return kept;
        }
        if !self.with(|state| state.breaker.lets_through(now)) {
            return None;
        }
        // no lock is held while the server is asked
        let reply = self.worker.ask(question);
        let now = Instant::now();
        self.with(|state| match reply {
            Reply::Answer(answer) => {
                state.breaker.succeeded();
                state.cache.put(key, answer.clone(), now);
                answer
            }
            Reply::Failure => {
                state.breaker.failed(now);
                None
            }
            Reply::NotAsked => {
                state.breaker.not_asked();
                None
            }
        })
    }
}

/// Whether every part is what it should be: names of systems and value sets absolute, codes without white space, and all
/// of it short. Where a sender put a sentence, a name or an address into a code, it stays here.
fn is_sendable(question: &Question<'_>) -> bool {
    let absolute = |url: &str| {
        (url.starts_with("http://") || url.starts_with("https://") || url.starts_with("urn:"))
            && !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    let parts = [question.system, question.version, Some(question.code), question.display, question.value_set];
    let length: usize = parts.iter().flatten().map(|part| part.len()).sum();
    question.system.is_none_or(absolute)
        && question.value_set.is_none_or(absolute)
        && (question.system.is_some() || question.value_set.is_some())
        && !question.code.is_empty()
        && !question.code.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
        && length <= LONGEST
}

/// The question as one text, its parts kept apart.
fn key(question: &Question<'_>) -> String {
    let part = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| format!("{}:{text}", text.len()));
    [question.system, question.version, Some(question.code), question.display, question.value_set].map(part).join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Question, is_sendable, key};

    fn question<'a>(system: &'a str, code: &'a str) -> Question<'a> {
        Question { system: Some(system), code, ..Question::default() }
    }

    #[test]
    fn what_is_no_code_or_no_url_is_not_sent() {
        let long = "x".repeat(2_000);
        let table = [
            (question("http://snomed.info/sct", "73211009"), true),
            (question("urn:oid:1.2.3", "a-b"), true),
            (question("snomed", "73211009"), false),
            (question("http://a@b.example/", "1"), false),
            (question("http://snomed.info/sct", ""), false),
            (question("http://snomed.info/sct", "lives with her aunt"), false),
            (question("http://snomed.info/sct", "someone@a.example"), false),
            (question("http://snomed.info/sct", &long), false),
            (Question { code: "x", ..Question::default() }, false),
        ];
        for (question, expected) in table {
            assert_eq!(is_sendable(&question), expected, "{:?} {:?}", question.system, question.code.get(..20));
        }
    }

    #[test]
    fn questions_that_differ_have_keys_that_differ() {
        let one = Question { system: Some("http://a"), code: "b", display: Some("c"), ..Question::default() };
        let others = [
            Question { display: None, ..one },
            Question { display: None, value_set: Some("c"), ..one },
            Question { version: Some("c"), display: None, ..one },
            Question { code: "b 1:c", display: None, ..one },
        ];
        for other in others {
            assert_ne!(key(&one), key(&other));
        }
    }
}
