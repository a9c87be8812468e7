//! The one ordered path of every message: intake, map, validate, route, consent, outbox, in one commit; then the answer.
//! Owns the order and the audit of it. Decides nothing itself and knows no HTTP, SQL or policy.

mod access_forms;
mod access_report;
mod again;
mod answer;
mod answering;
mod bars_requests;
mod care;
mod care_events;
mod check;
mod claims;
mod clock_list;
mod consent_checks;
mod copies;
mod crisis;
mod directory;
mod document;
mod dry_run;
mod emergency;
mod event_in_fhir;
mod facts;
mod faults;
mod fields;
mod following;
mod given;
mod happened;
mod holding;
mod inbox;
mod incoming;
mod left;
mod measured;
mod newest;
mod notice;
mod objections;
mod onward;
mod outline;
mod outsider;
mod passing;
mod person;
mod planned;
mod process;
mod readable;
mod recall;
mod release;
mod remember;
mod reply;
mod requests;
mod requirements;
mod revision;
mod routing;
mod said;
mod scored;
mod sender;
mod step_refused;
mod step_told;
mod steps;
mod submit;
mod sweep;
mod told;
mod trust;
mod turned;
mod turns;
mod versions;
mod wishes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore};

use crate::audit::Entry;
use crate::auth::Caller;
use crate::clocks;
use crate::consent::Engine;
use crate::directory::{CurrentDirectory, Directory};
use crate::fhir::Limits;
use crate::intake::{Refusal, Schemas};
use crate::measures;
use crate::model::{Category, DocumentKind, IssueCode, MessageId, NhsNumber, PartyId};
use crate::outbox::PersonKey;
use crate::route;
use crate::store::{Reconsider, Store, StoreError};
use crate::validate::Validator;

pub use access_forms::report_letter;
pub use access_report::{AccessReport, Disclosure, Standing};
pub use answer::{Answer, MissingAnswer, RecipientAnswer, Release};
pub use care_events::EVENT_SCHEMA;
pub use check::Asked;
pub use claims::ground_in_words;
pub use clock_list::{ClockView, Operations, RequestView, View};
pub use directory::{By, kept, refused};
pub use dry_run::{Bench, CASE_SCHEMA, decide};
pub use facts::of_referral as person_facts;
pub use faults::{cannot_take, unavailable};
pub use outsider::told_outside;
pub use planned::{Planned, plan};
pub use readable::{Readable, readable};
pub use recall::How;
pub use requests::{Followed, TaskSearch, wish_code};
pub use steps::{Ask, INFORMATION_GIVEN, Taken};
pub use wishes::{RecordedConsent, SentConsent};

use faults::{busy, other_content};

/// Which door a message came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// `POST /fhir/$process-message`.
    Message,
    /// `POST /documents/{kind}`.
    Document(DocumentKind),
}

/// A message as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub entrance: Entrance,
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// Proof that the audit entry of a message is open; without it nothing can be submitted.
#[derive(Debug)]
pub struct Ticket {
    id: MessageId,
    at: Timestamp,
}

impl Ticket {
    /// The message it is for.
    #[must_use]
    pub const fn id(&self) -> &MessageId {
        &self.id
    }
}

/// Whether a refusal is kept for the sender to read again: what it sent was at fault, and not that it came when the
/// gateway could take nothing.
#[must_use]
pub const fn is_kept(category: Category) -> bool {
    !matches!(
        category,
        Category::Unauthenticated | Category::Busy | Category::Unavailable | Category::Internal | Category::Timeout
    )
}

/// What the pipeline works with, at one moment: one message is worked on with one of these from beginning to end. Cheap
/// to clone.
#[derive(Debug, Clone)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub directory: Arc<Directory>,
    /// The version of the directory; 0 where none was kept.
    pub directory_version: i64,
    pub engine: Arc<Engine>,
    /// Rules of routing, eligibility advice and areas.
    pub rules: Arc<route::Rules>,
    pub validator: Arc<Validator>,
    pub schemas: Arc<Schemas>,
    /// The rules of clocks in force.
    pub clocks: Arc<clocks::Rules>,
    /// What is measured.
    pub measures: Arc<measures::Definitions>,
    /// Texts of the schemas, to be shown.
    pub schema_texts: Arc<BTreeMap<&'static str, &'static str>>,
    pub limits: Limits,
    /// The organisation that runs this gateway.
    pub own: PartyId,
    pub base_url: Arc<str>,
    /// Notified when something was put in the outbox.
    pub wake: Arc<Notify>,
}

/// The gateway's core, shared by every way in.
#[derive(Debug)]
pub struct Gateway {
    /// The parts of now. Nothing in them but the directory is ever another than at the start.
    current: RwLock<Arc<Parts>>,
    store: Arc<dyn Store>,
    limits: Limits,
    base_url: Arc<str>,
    schema_texts: Arc<BTreeMap<&'static str, &'static str>>,
    person_secret: [u8; 32],
    /// Directories of the past, as far as they were asked for lately, by version.
    past: Mutex<BTreeMap<i64, Arc<Directory>>>,
    /// Bounds how many messages are worked on at once; parsing and deciding is processor work.
    benches: Arc<Semaphore>,
    /// Bounds how many messages are held in memory, worked on or waiting.
    room: Semaphore,
    turns: turns::Turns,
}

/// How often a change is decided on before the gateway says that too much happens at once about one person.
const MOST_TRIES: usize = 8;

/// Messages held at once before the gateway says it is busy.
const MAX_HELD: usize = 256;

impl Gateway {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the installation's secret cannot be read from the store.
    pub async fn new(parts: Parts) -> Result<Self, StoreError> {
        let person_secret = parts.store.person_secret().await?;
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            store: parts.store.clone(),
            limits: parts.limits,
            base_url: parts.base_url.clone(),
            schema_texts: parts.schema_texts.clone(),
            current: RwLock::new(Arc::new(parts)),
            person_secret,
            past: Mutex::default(),
            benches: Arc::new(Semaphore::new(processors)),
            room: Semaphore::new(MAX_HELD),
            turns: turns::Turns::default(),
        })
    }

    /// The parts of now. Whoever asks more than one question of them asks once for them: the directory may be replaced
    /// between two calls.
    pub fn parts(&self) -> Arc<Parts> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Works with another directory from now on. What is under way goes on with the one it began with.
    pub fn replace_directory(&self, directory: Directory, version: i64) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if version < current.directory_version {
            // a later one is there already
            return;
        }
        let parts = Parts::clone(&current);
        *current = Arc::new(Parts { directory: Arc::new(directory), directory_version: version, ..parts });
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The directory of now.
    pub fn directory(&self) -> Arc<Directory> {
        self.parts().directory.clone()
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The kinds of document that are taken: those with a native form.
    pub fn kinds(&self) -> impl Iterator<Item = DocumentKind> {
        self.schema_texts.keys().filter_map(|code| DocumentKind::from_code(code))
    }

    /// Text of the JSON Schema of a kind that has a native form.
    pub fn schema(&self, kind: DocumentKind) -> Option<&'static str> {
        self.schema_texts.get(kind.code()).copied()
    }

    /// What decides the queue again when this caller changes what is kept about a person.
    fn again(self: &Arc<Self>, caller: &Caller, now: Timestamp) -> Arc<dyn Reconsider> {
        let (actor, agent) = (caller.party.id.clone(), caller.client_id.clone());
        Arc::new(again::Again { gateway: self.clone(), now, actor, agent })
    }

    /// The pseudonym of a person.
    fn person(&self, number: &NhsNumber) -> PersonKey {
        person::of_number(&self.person_secret, number)
    }

    /// Runs processor work where it does not hold up requests, as much at once as there are processors.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let failed = || {
            let text = "The gateway failed on this message. It has been logged.";
            Refusal::one(Category::Internal, IssueCode::Exception, text)
        };
        let bench = self.benches.clone().acquire_owned().await.map_err(|_| failed())?;
        let run = move || {
            // Given back when the work ends, whether or not anybody still waits for it.
            let _bench = bench;
            work()
        };
        tokio::task::spawn_blocking(run).await.map_err(|error| {
            tracing::error!(error = %error, "processing a message failed");
            failed()
        })?
    }

    /// Appends one audit entry.
    ///
    /// # Errors
    /// When it cannot be written: what it tells of must then not happen.
    pub async fn record(&self, entry: Entry) -> Result<(), Refusal> {
        self.store.append_audit(vec![entry.record()]).await.map_err(|error| unavailable(&error))
    }
}

impl CurrentDirectory for Gateway {
    fn directory(&self) -> Arc<Directory> {
        self.directory()
    }
}
