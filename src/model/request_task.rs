//! How a request stands with one of those who received it, as it is kept. Which step may follow which, and who must be
//! told, is data and rule of `workflow`.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::{DocumentKind, MessageId, PartyId, PersonKey};

/// A Task for one request and one recipient (<https://hl7.org/fhir/R4/task.html>).
#[derive(Clone, PartialEq, Eq)]
pub struct RequestTask {
    pub id: Uuid,
    /// The message that brought the request.
    pub request: MessageId,
    /// The sender's own identifier of it, `system|value`.
    pub identifier: String,
    pub kind: DocumentKind,
    pub person: PersonKey,
    /// Who sent the request.
    pub requester: PartyId,
    /// Who received it.
    pub owner: PartyId,
    /// In which capacity: code of `route::Role`.
    pub role: String,
    /// Business status: a code of `workflow`.
    pub status: String,
    /// Goes up with every step, from 1.
    pub version: u32,
    pub opened: Timestamp,
    pub changed: Timestamp,
    /// Why it stands so, in the words of whoever took the step. May be clinical: for those with standing only.
    pub reason: Option<String>,
}

impl fmt::Debug for RequestTask {
    /// Without the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestTask({} {} v{} of {})", self.id, self.status, self.version, self.request)
    }
}

/// One step of a task, kept for good.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskStep {
    /// The same step sent twice has the same id and is taken once.
    pub id: Uuid,
    pub task: Uuid,
    /// The task's version after it.
    pub version: u32,
    /// `None` for the first.
    pub from: Option<String>,
    pub to: String,
    pub by: PartyId,
    /// The client or portal user that took it.
    pub agent: String,
    /// When it happened, and when the gateway learned of it.
    pub at: Timestamp,
    pub recorded: Timestamp,
    pub reason: Option<String>,
    pub message: Option<MessageId>,
}

impl fmt::Debug for TaskStep {
    /// Without the reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskStep({} to {} v{})", self.task, self.to, self.version)
    }
}
