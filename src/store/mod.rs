//! Keeps messages, outbox rows, attempts, audit entries and sign-ins. The only user of sqlx.
//! Stores what it is given and decides nothing; every operation is one transaction.

mod audit_log;
mod care;
mod care_log;
mod care_pages;
mod decision_records;
mod decisions;
mod deliveries;
mod directories;
mod held;
mod inbox;
mod kept;
mod messages;
mod queue;
mod records;
mod refusals;
mod reviews;
mod sessions;
mod sqlite;
mod tasks;
mod versions;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::model::{CareEvent, Category, Clock, DocumentKind, Issue, MessageId, PartyId, RequestTask, TaskStep};
use crate::outbox::{Attempt, Channel, Enqueued, PersonKey, WithheldNote};

pub use audit_log::{GENESIS, link};
pub use care_log::{Care, CareChanges, CareCommit, CareStored, ClocksWanted, Newest, TasksWanted};
pub use directories::{DecidedUnder, DirectorySource, DirectoryVersion, NewDirectory};
pub use kept::{
    Changed, Fate, GivenCopy, HeldAbout, HeldDocument, Kept, NewDecision, NewRecord, Opened, Opening, PersonRecord,
    Queued, Reconsider, Reconsidered, RecordChange, RecordKind, ReviewItem, ReviewState, Reviewed, Spared, Verdict,
};
pub use sqlite::SqliteStore;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer")]
    Database(#[source] sqlx::Error),
    #[error("the database could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error("a stored row could not be read back: {0}")]
    Corrupt(&'static str),
    #[error("the database folder could not be made")]
    Folder(#[source] std::io::Error),
    #[error("what is queued could not be decided again")]
    Undecided,
}

impl StoreError {
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Database(_) | Self::Folder(_) => Category::Unavailable,
            Self::Migration(_) | Self::Corrupt(_) | Self::Undecided => Category::Internal,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// One audit entry to be appended: when, and its canonical JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    pub at: Timestamp,
    pub body: String,
}

/// One audit entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    pub seq: i64,
    pub at: i64,
    pub body: String,
    pub prev: String,
    pub hash: String,
}

/// A message to be accepted, as received.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub id: MessageId,
    pub sender: PartyId,
    pub key: String,
    pub digest: String,
    pub kind: DocumentKind,
    pub received: Timestamp,
    pub media_type: String,
    pub body: Vec<u8>,
    pub answer: String,
    /// The version of the directory it was decided under; 0 where none was kept.
    pub directory: i64,
}

/// A message as it was accepted.
#[derive(Clone)]
pub struct StoredMessage {
    pub id: MessageId,
    pub sender: PartyId,
    pub key: String,
    pub kind: DocumentKind,
    pub received: Timestamp,
    pub media_type: String,
    pub body: Vec<u8>,
    pub answer: String,
}

impl std::fmt::Debug for StoredMessage {
    /// Without what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredMessage").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One version of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub message: MessageId,
    /// The message that first brought the request it belongs to: itself where it brought one, or is no request.
    pub request: MessageId,
}

/// Everything that one acceptance commits together.
#[derive(Debug, Clone)]
pub struct Acceptance {
    pub message: NewMessage,
    pub deliveries: Vec<Enqueued>,
    pub audit: Vec<AuditRecord>,
    /// Whom the message is about.
    pub person: PersonKey,
    /// Revision of what was kept about the person when the releases were decided.
    pub based_on: i64,
    /// Wishes the message brings, kept from now on (CS-03).
    pub remembered: Vec<NewRecord>,
    /// The decisions its releases rest on.
    pub decisions: Vec<NewDecision>,
    /// What it changes in the person's care as the gateway follows it.
    pub care: CareChanges,
}

/// What came of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// New: everything is on disk.
    Stored,
    /// The same message was accepted before: nothing was stored, here is what was answered then.
    SameAgain { message: MessageId, answer: String },
    /// The same identifier was accepted before with other content: nothing was stored.
    OtherContent { message: MessageId },
    /// What is kept about the person, or their care, has changed since it was decided: nothing was stored, decide again.
    Stale,
}

/// What was answered to an earlier message, looked up by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub message: MessageId,
    pub digest: String,
    pub answer: String,
}

/// A message that was not taken, and what was found in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    pub message: MessageId,
    pub sender: PartyId,
    pub at: Timestamp,
    pub findings: Vec<Issue>,
}

impl std::fmt::Debug for Refused {
    /// Without the findings, which are for the sender alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refused").field("message", &self.message).finish_non_exhaustive()
    }
}

/// A delivery that this worker may attempt until the lease ends.
#[derive(Debug, Clone)]
pub struct Leased {
    pub delivery: Uuid,
    pub lease: Uuid,
    pub message: MessageId,
    pub recipient: PartyId,
    pub kind: DocumentKind,
    pub media_type: String,
    pub body: Vec<u8>,
    /// Number of this attempt, from 1.
    pub attempt: u32,
}

/// How a delivery stands, for its sender.
#[derive(Debug, Clone)]
pub struct DeliveryStatus {
    pub delivery: Uuid,
    pub recipient: PartyId,
    pub kind: DocumentKind,
    pub channel: Channel,
    pub state: String,
    pub attempts: u32,
    pub delivered: Option<Timestamp>,
    pub read: Option<Timestamp>,
    pub reason: Option<String>,
    pub withheld: Vec<WithheldNote>,
}

/// A delivery that was stopped while it waited.
#[derive(Debug, Clone)]
pub struct Stopped {
    pub delivery: Uuid,
    pub message: MessageId,
    pub recipient: PartyId,
    pub kind: DocumentKind,
    pub person: PersonKey,
    pub rule: String,
    /// An attempt was under way whose answer is not known: the recipient may have it.
    pub may_have_gone: bool,
}

/// The audit entries of a look into the queue.
pub trait QueueAudit: Sync {
    /// An attempt begins.
    fn opened(&self, item: &Leased) -> AuditRecord;
    /// A delivery is stopped.
    fn stopped(&self, item: &Stopped) -> AuditRecord;
}

/// One page of inboxes.
#[derive(Debug, Clone)]
pub struct InboxPage {
    /// Each with whose inbox it lies in.
    pub items: Vec<(PartyId, InboxItem)>,
    /// On all pages.
    pub total: u32,
    pub unread: u32,
    /// Number of the page after this one, where there may be one.
    pub next: Option<u32>,
}

/// An item in a recipient's inbox, or any delivery read back whole.
#[derive(Debug, Clone)]
pub struct InboxItem {
    pub delivery: Uuid,
    pub message: MessageId,
    pub kind: DocumentKind,
    pub sender: PartyId,
    pub received: Timestamp,
    pub read: Option<Timestamp>,
    pub priority: u8,
    pub withheld: Vec<WithheldNote>,
    pub body: Vec<u8>,
}

/// A signed-in portal user.
#[derive(Debug, Clone)]
pub struct Session {
    pub user: String,
    pub party: PartyId,
    /// Token every form of this session must carry.
    pub csrf: String,
    pub expires: Timestamp,
}

/// What the rest of the gateway needs of a database; SQLite is one, PostgreSQL can be another.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Secret of this installation, made at first start, under which persons are pseudonymised.
    async fn person_secret(&self) -> Result<[u8; 32], StoreError>;

    /// Whether the database answers and can be written.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Stores a message with all that goes with it. Where it brings wishes, what is queued about the person is decided
    /// again, and its new fate is in the same transaction.
    async fn accept(&self, acceptance: Acceptance, reconsider: Arc<dyn Reconsider>) -> Result<Accepted, StoreError>;
    async fn earlier(&self, sender: &PartyId, key: &str) -> Result<Option<Earlier>, StoreError>;
    /// A message as it was accepted, for whoever has standing in it.
    async fn message(&self, id: &MessageId) -> Result<Option<StoredMessage>, StoreError>;
    /// How the deliveries of a message stand; `None` unless `sender` sent it.
    async fn status(&self, sender: &PartyId, id: &MessageId) -> Result<Option<Vec<DeliveryStatus>>, StoreError>;
    /// All versions of what a message is a version of, the first one first; none where there is no such message.
    async fn versions(&self, id: &MessageId) -> Result<Vec<Version>, StoreError>;
    /// How the copies of all versions stand, in order, each with its version; without what tells of them.
    async fn copies(&self, id: &MessageId) -> Result<Vec<(MessageId, DeliveryStatus)>, StoreError>;

    /// Keeps why a message was not taken, with its audit entry; of each sender the latest, up to a number.
    async fn refuse(&self, refused: Refused, audit: AuditRecord) -> Result<(), StoreError>;
    /// Why a message was not taken; `None` unless `sender` sent it and it is still kept.
    async fn refused(&self, sender: &PartyId, id: &MessageId) -> Result<Option<Refused>, StoreError>;

    /// Takes up to `limit` due deliveries until `until`, oldest first, crisis before the rest, never two at once of
    /// one recipient and person, few at once of one recipient; opens an attempt and writes `audit` for each.
    /// `least_urgent` leaves out whatever may wait: 0 takes crisis deliveries alone. What may no longer be sent is stopped
    /// first: what a rule stopped while an attempt was under way, and what rests on something that has run out (CS-18).
    async fn lease(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        least_urgent: u8,
        audit: &dyn QueueAudit,
    ) -> Result<Vec<Leased>, StoreError>;
    /// Records a finished attempt with its audit entry; `false` when the lease was no longer ours. What was to be stopped
    /// meanwhile ends as delivered, if it has gone, and else as stopped, never both.
    async fn finish(&self, attempt: &Attempt, audit: AuditRecord) -> Result<bool, StoreError>;
    /// Deliveries that were given up and wait for a person.
    async fn failed(&self) -> Result<Vec<DeliveryStatus>, StoreError>;
    /// Puts a delivery that was given up back in the queue; `false` when it is not one.
    async fn requeue(&self, delivery: Uuid, now: Timestamp, audit: AuditRecord) -> Result<bool, StoreError>;
    /// How many deliveries are still waiting to be sent.
    async fn pending(&self) -> Result<u64, StoreError>;

    async fn inbox(&self, recipient: &PartyId) -> Result<Vec<InboxItem>, StoreError> {
        let page = self.inbox_page(std::slice::from_ref(recipient), 0).await?;
        Ok(page.items.into_iter().map(|(_, item)| item).collect())
    }
    /// One page of what lies with these recipients, counted from 0; unread first, crisis before the rest, newest first.
    async fn inbox_page(&self, recipients: &[PartyId], number: u32) -> Result<InboxPage, StoreError>;
    /// One inbox item, marked read at `now`; the audit entry commits with it.
    async fn read_inbox(
        &self,
        recipient: &PartyId,
        delivery: Uuid,
        now: Timestamp,
        audit: AuditRecord,
    ) -> Result<Option<InboxItem>, StoreError>;

    /// What is kept about a person and holds now.
    async fn kept(&self, person: &PersonKey) -> Result<Kept, StoreError>;
    /// What is held about a person: of each kind of document the latest `of_each` that were accepted, and what `recipient`
    /// was given of it.
    async fn held(&self, person: &PersonKey, recipient: &PartyId, of_each: u32) -> Result<HeldAbout, StoreError>;
    /// The parties that sent something about a person that was accepted, or were given something about them.
    async fn parties_to(&self, person: &PersonKey) -> Result<Vec<PartyId>, StoreError>;
    /// One record, and whom it is about: the version asked for, or the one that holds now.
    async fn record(&self, id: Uuid, version: Option<u32>) -> Result<Option<(PersonKey, PersonRecord)>, StoreError>;
    /// Changes what is kept about a person, with the new fate of what is queued about them and the copies that the change
    /// opens, in one transaction.
    async fn change_records(
        &self,
        change: RecordChange,
        reconsider: Arc<dyn Reconsider>,
    ) -> Result<Changed, StoreError>;
    /// Overrides and emergencies to be reviewed, oldest first; `open` leaves out those that were.
    async fn reviews(&self, open: bool) -> Result<Vec<ReviewItem>, StoreError>;

    /// A decision as it was taken.
    async fn decision(&self, id: Uuid) -> Result<Option<NewDecision>, StoreError>;
    /// The decisions of a message, in order.
    async fn decisions(&self, message: &MessageId) -> Result<Vec<NewDecision>, StoreError>;

    /// A person's care as the gateway follows it, in one snapshot.
    async fn care(&self, person: &PersonKey) -> Result<Care, StoreError>;
    /// Changes a person's care, with the messages that tell of it, in one transaction.
    async fn commit_care(&self, commit: CareCommit) -> Result<CareStored, StoreError>;
    /// Up to `limit` events after number `after`, in the order in which they were told, each with its number.
    async fn events_page(&self, after: i64, limit: u32) -> Result<Vec<(i64, CareEvent)>, StoreError>;
    /// Events and clocks of up to `limit` people after this one, in the order of their keys; without their tasks.
    async fn care_page(&self, after: Option<&PersonKey>, limit: u32) -> Result<Vec<(PersonKey, Care)>, StoreError>;
    /// Whom a request is about, as far as events and tasks tell.
    async fn person_of(&self, request: &MessageId) -> Result<Option<PersonKey>, StoreError>;
    /// The newest referrals that went to the fallback because nobody covers where the person lives.
    async fn fallbacks(&self, limit: u32) -> Result<Vec<CareEvent>, StoreError>;
    /// Clocks that are wanted, the soonest due first, up to `limit`.
    async fn clocks(&self, wanted: &ClocksWanted, limit: u32) -> Result<Vec<Clock>, StoreError>;
    /// A task with all its steps, in order.
    async fn task(&self, id: Uuid) -> Result<Option<(RequestTask, Vec<TaskStep>)>, StoreError>;
    /// The task that a step with this id was taken on.
    async fn task_of_step(&self, step: Uuid) -> Result<Option<Uuid>, StoreError>;
    /// Tasks that are wanted, newest first.
    async fn tasks(&self, wanted: &TasksWanted) -> Result<Vec<RequestTask>, StoreError>;

    /// How every delivery about a person stands, in order.
    async fn deliveries_about(&self, person: &PersonKey) -> Result<Vec<DeliveryStatus>, StoreError>;
    /// Every audit entry that concerns a person: those that name their pseudonym, and those of deliveries about them.
    async fn audit_about(&self, person: &PersonKey) -> Result<Vec<StoredAudit>, StoreError>;

    /// Keeps a version of the directory with its audit entry, and gives its number; `None` when it was not made from the
    /// latest one.
    async fn put_directory(&self, new: NewDirectory, audit: AuditRecord) -> Result<Option<i64>, StoreError>;
    /// The text of a version.
    async fn directory_at(&self, number: i64) -> Result<Option<String>, StoreError>;
    /// Every version, the latest first, without their texts.
    async fn directories(&self) -> Result<Vec<DirectoryVersion>, StoreError>;
    /// Under which version a message was decided, and when it came; `None` when there is no such message.
    async fn decided_under(&self, message: &MessageId) -> Result<Option<DecidedUnder>, StoreError>;

    async fn append_audit(&self, records: Vec<AuditRecord>) -> Result<(), StoreError>;
    /// Up to `limit` audit entries after `after`, in order.
    async fn audit_page(&self, after: i64, limit: u32) -> Result<Vec<StoredAudit>, StoreError>;
    /// Number and hash of the last entry, as kept apart from the log.
    async fn audit_head(&self) -> Result<Option<(i64, String)>, StoreError>;

    /// Keeps a sign-in, and clears away those that have run out.
    async fn put_session(&self, token_hash: &str, session: &Session, now: Timestamp) -> Result<(), StoreError>;
    async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError>;
    async fn end_session(&self, token_hash: &str) -> Result<(), StoreError>;
}
