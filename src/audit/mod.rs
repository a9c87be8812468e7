//! What the audit log says: one entry for everything accepted, refused, disclosed, attempted or read, and its check.
//! Entries name rules, parties and messages; never a person, a value or a text from a document.

mod verify;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{DocumentKind, MessageId, PartyId};
use crate::store::{AuditRecord, PersonRecord};

pub use verify::{Fault, Verified, verify};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A message came in; opened before anything is decided about it.
    Received,
    /// A message was not taken; `outcome` says why.
    Refused,
    /// A message was taken; committed with its outbox rows.
    Accepted,
    /// The same message came again; it was answered as before.
    Repeated,
    /// A release to one recipient was permitted, whole or with parts withheld.
    Disclosed,
    /// A release to one recipient was denied.
    Denied,
    /// An attempt to deliver began.
    DeliveryStarted,
    /// An attempt to deliver ended; `outcome` says how.
    DeliveryFinished,
    /// A delivery that had been given up was put back in the queue by a person.
    Requeued,
    /// A delivery was stopped before it had gone; `outcome` says whether an attempt was under way.
    DeliveryStopped,
    /// A release that has not gone was decided again and may go as it is.
    DecidedAgain,
    /// A copy with fewer parts took the place of one that had not gone; `delivery` is the new one.
    DeliveryReplaced,
    /// A Consent was recorded, changed or withdrawn; `outcome` is its status.
    ConsentRecorded,
    /// A Consent, or those of one person, were read.
    ConsentRead,
    /// A finding on capacity was recorded.
    CapacityRecorded,
    /// An override of the person's wish was recorded (CS-09).
    OverrideRecorded,
    /// An emergency was stated (CS-10).
    EmergencyStated,
    /// The review queue was read.
    ReviewsListed,
    /// An override or emergency was reviewed; `outcome` is the verdict.
    Reviewed,
    /// The report of everything disclosed about a person was made for them.
    ReportMade,
    /// Something that happened in a person's care was told; `outcome` is its kind.
    CareTold,
    /// Owner, and escalation, are told of a clock; `outcome` says whether it is due soon or breached, `rules` which.
    ClockTold,
    /// Clocks, or the operations page, were read.
    ClocksRead,
    /// Measures were read; `outcome` says by what they were broken down.
    MeasuresRead,
    /// A step of a request was taken; `outcome` is the status it was for.
    StepTaken,
    /// How requests stand was read by somebody with standing.
    TaskRead,
    /// An earlier document was taken back by its sender; `outcome` says how.
    TakenBack,
    /// The list of an inbox was read.
    InboxListed,
    /// An item of an inbox was opened.
    InboxRead,
    /// How a message stands was asked by its sender.
    StatusRead,
    /// Another directory is in force; `record` is its version, `outcome` where it came from.
    DirectoryChanged,
    /// A change of the directory was refused; `outcome` says why.
    DirectoryRefused,
    /// The directory was read.
    DirectoryRead,
    SignedIn,
    SignInFailed,
    SignedOut,
}

/// One part withheld, by category and rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithheldPart {
    pub category: String,
    pub rule: String,
}

/// One audit entry. Absent fields are left out of the stored text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    pub event: Event,
    pub at: Timestamp,
    /// Organisation that acted, as the directory knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<PartyId>,
    /// Client or portal user that acted for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// Pseudonym of the person concerned, so that a person's own access report can be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// A code, not a text: `permitted`, `reduced`, `delivered`, an issue code, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<WithheldPart>,
    /// Consents relied on, by identifier or digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<String>,
    /// Agreements relied on, as `id@version`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<String>,
    /// Overrides in force for the recipient where the release rests on one (CS-09), by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// What it was for, where something was disclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The record about a person that was made, read or reviewed: kind, id and version, such as `consent/…/1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The stored decision, which `consent explain` tells and `consent replay` takes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The delivery in whose place another goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// SHA-256 of what was received or sent, so that it can be told later whether a document is the one that went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The earlier message that this one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<MessageId>,
}

impl Entry {
    #[must_use]
    pub const fn new(event: Event, at: Timestamp) -> Self {
        Self {
            event,
            at,
            actor: None,
            agent: None,
            message: None,
            kind: None,
            recipient: None,
            delivery: None,
            person: None,
            outcome: None,
            rules: Vec::new(),
            withheld: Vec::new(),
            consents: Vec::new(),
            agreements: Vec::new(),
            overrides: Vec::new(),
            purpose: None,
            record: None,
            decision: None,
            replaces: None,
            digest: None,
            attempt: None,
            repeats: None,
        }
    }

    #[must_use]
    pub fn actor(mut self, party: &PartyId, agent: &str) -> Self {
        self.actor = Some(party.clone());
        self.agent = Some(agent.to_owned());
        self
    }

    #[must_use]
    pub fn message(mut self, id: &MessageId) -> Self {
        self.message = Some(id.clone());
        self
    }

    #[must_use]
    pub const fn kind(mut self, kind: DocumentKind) -> Self {
        self.kind = Some(kind);
        self
    }

    #[must_use]
    pub fn recipient(mut self, party: &PartyId) -> Self {
        self.recipient = Some(party.clone());
        self
    }

    #[must_use]
    pub fn delivery(mut self, id: uuid::Uuid) -> Self {
        self.delivery = Some(id.to_string());
        self
    }

    #[must_use]
    pub fn person(mut self, pseudonym: &str) -> Self {
        self.person = Some(pseudonym.to_owned());
        self
    }

    #[must_use]
    pub fn outcome(mut self, code: impl Into<String>) -> Self {
        self.outcome = Some(code.into());
        self
    }

    /// The record it is about.
    #[must_use]
    pub fn about(mut self, record: &PersonRecord) -> Self {
        self.record = Some(format!("{}/{}/{}", record.kind.code(), record.id, record.version));
        self
    }

    #[must_use]
    pub fn digest(mut self, sha256: impl Into<String>) -> Self {
        self.digest = Some(sha256.into());
        self
    }

    #[must_use]
    pub const fn attempt(mut self, number: u32) -> Self {
        self.attempt = Some(number);
        self
    }

    /// The entry as the store appends it.
    #[must_use]
    pub fn record(&self) -> AuditRecord {
        // Serialising a struct of strings, numbers and lists cannot fail; an entry that said nothing would still be
        // an entry in the chain.
        AuditRecord { at: self.at, body: serde_json::to_string(self).unwrap_or_default() }
    }
}
