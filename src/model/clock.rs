//! A running or ended clock, as it is kept: which rule, for whose referral, since when and until when. How long a limit
//! is, what starts and what stops it, is data of `clocks`.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::{MessageId, PartyId, PersonKey};

/// How a clock stands. Whether it is due soon or breached follows from its times and `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    Running,
    Paused,
    /// What was waited for has come, in time or late.
    Stopped,
    /// No longer wanted: cancelled, entered in error, or superseded by another clock.
    Void,
}

impl ClockState {
    /// The code in the store and in answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Void => "void",
        }
    }

    /// The state with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Stopped, Self::Void].into_iter().find(|state| state.code() == code)
    }
}

/// One clock.
#[derive(Clone, PartialEq, Eq)]
pub struct Clock {
    /// Made of rule and starting event, so that the same event starts it once.
    pub id: Uuid,
    /// `CK-01`.
    pub rule: String,
    pub person: PersonKey,
    pub request: Option<MessageId>,
    /// Who must act.
    pub owner: PartyId,
    pub started: Timestamp,
    /// When it is breached, pauses so far included.
    pub due: Timestamp,
    pub state: ClockState,
    /// Since when and why it is paused (a code).
    pub paused: Option<(Timestamp, String)>,
    /// When it stopped or became void.
    pub ended: Option<Timestamp>,
    /// When the owner was told that it will soon be breached, and owner and escalation that it is: once each.
    pub warned: Option<Timestamp>,
    pub escalated: Option<Timestamp>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({} {} {} until {})", self.rule, self.id, self.state.code(), self.due)
    }
}

impl Clock {
    /// Whether the limit was or is passed: it stopped after it was due, or is not stopped and `now` is past.
    #[must_use]
    pub fn breached(&self, now: Timestamp) -> bool {
        match self.state {
            ClockState::Running => now > self.due,
            // a pause stops the time that counts
            ClockState::Paused => self.paused.as_ref().is_some_and(|(since, _)| *since > self.due),
            ClockState::Stopped => self.ended.is_some_and(|ended| ended > self.due),
            ClockState::Void => false,
        }
    }
}
