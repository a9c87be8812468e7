//! A clock while the events of a person are played through: what it has seen so far. Decides nothing; that is `engine`'s.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::rules::Limit;
use crate::model::{CareEvent, ClockState, EventKind, PartyId};

/// Since when a clock stands still, and why.
pub(super) type Paused = Option<(Timestamp, String)>;

/// A clock on its way through the story.
pub(super) struct Running<'a> {
    pub(super) started_by: &'a CareEvent,
    /// The kind of event whose limit it has.
    pub(super) on: EventKind,
    pub(super) limit: &'a Limit,
    /// Details of the events that started it and those before it in its row.
    pub(super) detail: BTreeMap<String, String>,
    pub(super) started: Timestamp,
    pub(super) owner: PartyId,
    /// When each group was satisfied.
    pub(super) satisfied: Vec<Option<Timestamp>>,
    pub(super) pauses: Vec<(Timestamp, Timestamp)>,
    pub(super) paused: Paused,
    pub(super) ended: Option<(Timestamp, ClockState)>,
}

impl Running<'_> {
    pub(super) fn end(&mut self, at: Timestamp, state: ClockState) {
        self.resume(at);
        self.ended = Some((at.max(self.started), state));
    }

    pub(super) fn resume(&mut self, at: Timestamp) {
        if let Some((from, _)) = self.paused.take()
            && from < at
        {
            // pauses stand in order and apart: one cannot begin before the one before it has ended
            self.pauses.push((from, at));
        }
    }
}
