//! A person's care as it goes in and out of the store: events, clocks, tasks, and a change of them. Data only: which step
//! is legal, what starts a clock and who is told is decided elsewhere.

use jiff::Timestamp;
use uuid::Uuid;

use super::{AuditRecord, NewDecision};
use crate::model::{CareEvent, Clock, MessageId, PartyId, PersonKey, RequestTask, TaskStep};
use crate::outbox::Enqueued;

/// What the gateway knows of a person's care, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Care {
    /// Goes up with every change; a change says on which it was decided.
    pub revision: i64,
    /// In the order in which they were told.
    pub events: Vec<CareEvent>,
    pub clocks: Vec<Clock>,
    pub tasks: Vec<RequestTask>,
}

/// What changes in a person's care.
#[derive(Debug, Clone, Default)]
pub struct CareChanges {
    /// The revision it was decided on; on any other nothing is stored. Means nothing when nothing changes.
    pub based_on: i64,
    /// New events; one that is there already is passed over.
    pub events: Vec<CareEvent>,
    /// Clocks that are new or changed, whole.
    pub clocks: Vec<Clock>,
    /// Tasks that are new or changed, whole.
    pub tasks: Vec<RequestTask>,
    /// The steps by which they changed.
    pub steps: Vec<TaskStep>,
    /// Revision of what was kept about the person when `notices` were decided on; on any other nothing is stored.
    pub wishes: Option<i64>,
    /// Messages that tell of it, each with the message it is about.
    pub notices: Vec<(MessageId, Enqueued)>,
    /// The decisions that notices rest on.
    pub decisions: Vec<NewDecision>,
    /// Earlier copies that are out of force (CS-21): what of them has not gone yet goes no more.
    pub out_of_force: Vec<Uuid>,
    /// The version it was decided on; once there is a newer one nothing is stored.
    pub newest: Option<Newest>,
}

/// What was the newest version when something was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    pub message: MessageId,
    /// Of those of this request, where others do not matter.
    pub request: Option<MessageId>,
}

impl CareChanges {
    /// Whether there is nothing to store.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.clocks.is_empty()
            && self.tasks.is_empty()
            && self.steps.is_empty()
            && self.notices.is_empty()
            && self.decisions.is_empty()
            && self.out_of_force.is_empty()
    }
}

/// A change of a person's care that no document brings.
#[derive(Debug, Clone)]
pub struct CareCommit {
    pub person: PersonKey,
    pub at: Timestamp,
    pub changes: CareChanges,
    /// Messages that tell of it, each with the message it is about.
    pub deliveries: Vec<(MessageId, Enqueued)>,
    pub audit: Vec<AuditRecord>,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareStored {
    Stored,
    /// Something else changed first: nothing was stored, decide again.
    Stale,
}

/// Which clocks are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClocksWanted {
    /// Running or paused; of one owner, or of all.
    Open { owner: Option<PartyId> },
    /// Running, not told of as breached, and either due before `now` or due before `warn` and not warned of; those after
    /// this one in the order of due time and id.
    Due { now: Timestamp, warn: Timestamp, after: Option<(Timestamp, Uuid)> },
}

/// Which tasks are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TasksWanted {
    /// Of one request.
    Request(MessageId),
    /// Received by this party.
    Owner(PartyId),
    /// Of requests this party sent, all or those with this identifier (`system|value`).
    Requester(PartyId, Option<String>),
    /// With these ids.
    Ids(Vec<Uuid>),
    /// Open, asking something of a party that is none of these; some of them, where there are very many.
    Orphans { present: Vec<PartyId> },
}
