//! What is kept about persons beyond messages, as it goes in and out of the store: records with their versions, changes,
//! reviews, decisions, what an emergency opens, and the seam by which what is queued is decided again. Data only; who may do what, and what any
//! text means, is decided elsewhere.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::AuditRecord;
use crate::model::{DocumentKind, MessageId, PartyId};
use crate::outbox::{Channel, Enqueued, PersonKey, WithheldNote};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident => $code:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// The code used in the database, in answers and in the audit log.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

coded! {
    /// What kind of record it is.
    RecordKind {
        /// A FHIR Consent.
        Consent => "consent";
        /// A finding on capacity (CS-19).
        Capacity => "capacity";
        /// A professional's override (CS-09).
        Override => "override";
        /// A stated emergency (CS-10).
        Emergency => "emergency";
    }
}

coded! {
    /// Whether a record to be reviewed was reviewed.
    ReviewState {
        Open => "open";
        Reviewed => "reviewed";
    }
}

coded! {
    /// What a review came to.
    Verdict {
        Appropriate => "appropriate";
        /// It ends with the review: nothing more goes on it.
        NotAppropriate => "not-appropriate";
    }
}

/// One version of one record.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRecord {
    pub id: Uuid,
    pub version: u32,
    pub kind: RecordKind,
    /// The organisation or team that recorded this version, and which client of it.
    pub recorder: PartyId,
    pub agent: String,
    pub recorded: Timestamp,
    /// `Consent.status`; of the other kinds `active` or `ended`.
    pub status: String,
    /// The list of a document it came in: `sender|list`.
    pub origin: Option<String>,
    pub message: Option<MessageId>,
    /// JSON.
    pub body: String,
}

impl fmt::Debug for PersonRecord {
    /// Without the body, which is about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, version, kind, status, .. } = self;
        write!(f, "PersonRecord({} {id} v{version} {status})", kind.code())
    }
}

/// What is kept about one person and holds now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Goes up with every change.
    pub revision: i64,
    pub records: Vec<PersonRecord>,
}

/// A version to be stored. It takes the place of the version before, and of the records it replaces.
#[derive(Debug, Clone)]
pub struct NewRecord {
    pub record: PersonRecord,
    /// Other records that hold no longer: older lists of the same sender.
    pub replaces: Vec<Uuid>,
    /// It waits for review from now on.
    pub to_review: bool,
}

/// A change to what is kept about one person.
#[derive(Debug, Clone)]
pub struct RecordChange {
    pub person: PersonKey,
    /// The revision on which it was decided; on any other nothing is stored.
    pub based_on: i64,
    pub at: Timestamp,
    pub records: Vec<NewRecord>,
    /// The review that ends with this change.
    pub review: Option<Reviewed>,
    pub audit: Vec<AuditRecord>,
    /// What a stated emergency opens.
    pub opened: Option<Opened>,
}

/// What is held about one person.
#[derive(Debug, Clone)]
pub struct HeldAbout {
    /// How many messages about the person were accepted: it goes up with every one.
    pub accepted: i64,
    /// By kind, of each the last received first.
    pub documents: Vec<HeldDocument>,
    /// What the recipient in question was given and may still have, latest first.
    pub given: Vec<GivenCopy>,
}

/// A message as it was accepted.
#[derive(Clone)]
pub struct HeldDocument {
    pub message: MessageId,
    pub sender: PartyId,
    pub kind: DocumentKind,
    pub received: Timestamp,
    pub media_type: String,
    pub body: Vec<u8>,
}

impl fmt::Debug for HeldDocument {
    /// Without the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldDocument({} {})", self.kind.code(), self.message)
    }
}

/// A copy that went to a recipient, or is on its way.
#[derive(Debug, Clone)]
pub struct GivenCopy {
    pub delivery: Uuid,
    pub message: MessageId,
    pub channel: Channel,
    pub withheld: Vec<WithheldNote>,
}

/// What an emergency opens of what is held.
#[derive(Debug, Clone)]
pub struct Opened {
    /// [`HeldAbout::accepted`] when it was decided; when there is another message since, nothing is stored.
    pub accepted: i64,
    pub copies: Vec<Opening>,
    /// The decisions by which nothing goes.
    pub denied: Vec<NewDecision>,
}

/// A copy of a document that was accepted earlier.
#[derive(Debug, Clone)]
pub struct Opening {
    pub copy: Enqueued,
    /// The record that opens it.
    pub by: Uuid,
    /// Copies that say as much, each by its delivery. Where the recipient still has one, neither this copy nor what goes
    /// with it is stored.
    pub unless: Vec<Uuid>,
    pub decision: NewDecision,
    pub audit: Vec<AuditRecord>,
}

/// A copy that was not made, for the recipient has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spared {
    pub copy: Uuid,
    pub has: Uuid,
}

/// What a reviewer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// The record that was reviewed.
    pub record: Uuid,
    pub reviewer: String,
    pub verdict: Verdict,
    pub note: Option<String>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    Stored {
        /// Deliveries that wait no longer, or end when the attempt under way does.
        stopped: usize,
        /// Copies the change would have opened, and the recipient has.
        spared: Vec<Spared>,
    },
    /// Something else changed first: nothing was stored, decide again.
    Stale,
    /// Somebody has reviewed it already; nothing was stored.
    AlreadyReviewed,
}

/// A record to be reviewed, or that was.
#[derive(Debug, Clone)]
pub struct ReviewItem {
    pub person: PersonKey,
    pub record: PersonRecord,
    pub opened: Timestamp,
    pub state: ReviewState,
    pub reviewed: Option<(Timestamp, Reviewed)>,
}

/// A decision as it was taken, for its replay. The texts are the consent engine's.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDecision {
    pub id: Uuid,
    pub message: MessageId,
    pub recipient: PartyId,
    pub at: Timestamp,
    /// Digest of the policy that decided.
    pub policy: String,
    /// JSON: what the decision took in.
    pub facts: String,
    /// JSON: what it gave out.
    pub answer: String,
}

impl fmt::Debug for NewDecision {
    /// Without the facts, which are about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewDecision({} to {})", self.id, self.recipient)
    }
}

/// A delivery that has not gone yet, with the message it is a copy of.
#[derive(Clone)]
pub struct Queued {
    pub delivery: Uuid,
    pub message: MessageId,
    pub recipient: PartyId,
    pub kind: DocumentKind,
    pub priority: u8,
    /// What it was decided on; `None` for what says nothing about a person.
    pub grounds: Option<String>,
    /// The message as received.
    pub media_type: String,
    pub body: Vec<u8>,
}

impl fmt::Debug for Queued {
    /// Without the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queued({} to {})", self.delivery, self.recipient)
    }
}

/// What becomes of a delivery that was decided again.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It may still go as it is.
    Keep { relied_until: Option<Timestamp> },
    /// It may not go any more, by this rule.
    Stop { rule: String },
    /// It may go with fewer parts: another copy goes in its place.
    Replace { rule: String, with: Box<Enqueued> },
}

/// A delivery that was decided again; the decision and the audit entries commit with it.
#[derive(Debug, Clone)]
pub struct Reconsidered {
    pub delivery: Uuid,
    pub fate: Fate,
    /// `None` where it did not come to one.
    pub decision: Option<NewDecision>,
    pub audit: Vec<AuditRecord>,
    /// What is written instead where an attempt is under way, which cannot be called back.
    pub under_way: Vec<AuditRecord>,
}

/// Decides again what is queued about a person, from what is to be kept about them from now on. Processor work: run before
/// the transaction of the change, and inside it only for what was queued in between. It must not count on anything that
/// was stored meanwhile. Whoever is not answered for is stopped.
pub trait Reconsider: Send + Sync {
    fn reconsider(&self, person: &PersonKey, records: &[PersonRecord], queued: Vec<Queued>) -> Vec<Reconsidered>;
}
