//! Clocks as those see them who have a part in them, and what the organisation that runs the gateway keeps an eye on:
//! breached and due soon, by team, referrals without a team, deliveries given up. Request ids, teams and rules; no person.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Gateway, unavailable};
use crate::audit::{Entry, Event};
use crate::clocks;
use crate::clocks::calendar::words;
use crate::fhir::codes;
use crate::intake::Refusal;
use crate::map::clock_notice::{self, ClockTask};
use crate::map::task_message::About;
use crate::model::{CareEvent, Clock, ClockState, MessageId, PartyId, RequestTask};
use crate::store::{ClocksWanted, DeliveryStatus};

/// Clocks read at most; the soonest due come first.
const MOST: u32 = 2000;

/// How a clock is seen at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    Breached,
    DueSoon,
    Running,
    Paused,
    Stopped,
    Void,
}

impl View {
    /// Those that can be asked for.
    pub const ASKED: &'static [Self] = &[Self::Breached, Self::DueSoon, Self::Running, Self::Paused];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::DueSoon => "due-soon",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Void => "void",
        }
    }

    /// Words for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Breached => "Overdue",
            Self::DueSoon => "Due soon",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Stopped => "Done",
            Self::Void => "No longer wanted",
        }
    }

    /// The view with this code, if it can be asked for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ASKED.iter().copied().find(|view| view.code() == code)
    }
}

/// A clock, as it is shown.
#[derive(Debug, Clone)]
pub struct ClockView {
    pub clock: Clock,
    pub view: View,
    /// What its rule is called.
    pub name: String,
    pub owner_name: String,
    pub due_words: String,
}

/// What the operations page shows.
#[derive(Debug, Clone)]
pub struct Operations {
    pub clocks: Vec<ClockView>,
    /// Whether there are more clocks than are read.
    pub more: bool,
    pub fallbacks: Vec<CareEvent>,
    /// Open requests of teams that the directory does not know any more.
    pub orphans: Vec<RequestTask>,
    pub failed: Vec<DeliveryStatus>,
}

/// Everything known of one request, by kind and time.
#[derive(Debug, Clone)]
pub struct RequestView {
    pub events: Vec<CareEvent>,
    pub clocks: Vec<ClockView>,
}

impl ClockView {
    /// As plain JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let clock = &self.clock;
        json!({
            "id": clock.id.to_string(),
            "rule": clock.rule,
            "name": self.name,
            "request": clock.request.as_ref().map(MessageId::as_str),
            "owner": clock.owner.as_str(),
            "owner_name": self.owner_name,
            "state": self.view.code(),
            "started": clock.started.to_string(),
            "due": clock.due.to_string(),
            "paused": clock.paused.as_ref().map(|(since, reason)| json!({"since": since.to_string(), "reason": reason})),
        })
    }
}

impl Gateway {
    /// The open clocks of a party and its teams, the soonest due first; of all, for the organisation that runs the
    /// gateway. The look is recorded.
    ///
    /// # Errors
    /// The store does not answer, or the look cannot be recorded.
    pub async fn clocks(
        &self,
        reader: &PartyId,
        agent: &str,
        view: Option<View>,
        now: Timestamp,
    ) -> Result<Vec<ClockView>, Refusal> {
        self.record(Entry::new(Event::ClocksRead, now).actor(reader, agent)).await?;
        let owners = if *reader == self.parts().own {
            vec![None]
        } else {
            let directory = self.directory();
            let parties = directory.parties(now);
            let theirs = parties.filter(|party| party.id == *reader || party.part_of.as_ref() == Some(reader));
            theirs.map(|party| Some(party.id.clone())).collect()
        };
        let mut found = Vec::new();
        for owner in owners {
            found.extend(self.open_clocks(owner, now).await?);
        }
        found.retain(|one| view.is_none_or(|view| one.view == view));
        found.sort_by_key(|one| one.clock.due);
        Ok(found)
    }

    async fn open_clocks(&self, owner: Option<PartyId>, now: Timestamp) -> Result<Vec<ClockView>, Refusal> {
        let open = self.store.clocks(&ClocksWanted::Open { owner }, MOST).await;
        Ok(open.map_err(|error| unavailable(&error))?.into_iter().map(|clock| self.seen(clock, now)).collect())
    }

    fn seen(&self, clock: Clock, now: Timestamp) -> ClockView {
        let rules = &self.parts().clocks;
        let view = match clock.state {
            ClockState::Running if clock.breached(now) => View::Breached,
            ClockState::Running if clocks::soon(rules, &clock, now) => View::DueSoon,
            ClockState::Running => View::Running,
            ClockState::Paused => View::Paused,
            ClockState::Stopped => View::Stopped,
            ClockState::Void => View::Void,
        };
        ClockView {
            view,
            name: rules.rule(&clock.rule).map_or_else(|| clock.rule.clone(), |rule| rule.name.clone()),
            owner_name: self.party_name(&clock.owner, now),
            due_words: words(clock.due),
            clock,
        }
    }

    /// Clocks as a Bundle of Tasks (<https://hl7.org/fhir/R4/task.html>); the state is in `businessStatus`.
    pub fn clock_bundle(&self, clocks: &[ClockView], now: Timestamp) -> Value {
        let directory = self.directory();
        let entries = clocks.iter().filter_map(|seen| {
            let from = directory.party(&self.parts().own, now)?;
            let task = ClockTask {
                clock: &seen.clock,
                code: codes::TASK_CLOCK,
                rule: &seen.name,
                due: &seen.due_words,
                from,
                owner: directory.party(&seen.clock.owner, now).unwrap_or(from),
                about: seen.clock.request.as_ref().map(|id| About { system: codes::DOCUMENT_ID, value: id.as_str() }),
                at: seen.clock.started,
            };
            let written = clock_notice::task(&task, seen.clock.id);
            let mut task = Map::new();
            for (key, value) in written {
                task.insert(key.clone(), value);
                if key == "status" {
                    task.insert("businessStatus".to_owned(), json!({"text": seen.view.code()}));
                }
            }
            Some(json!({
                "fullUrl": format!("urn:uuid:{}", seen.clock.id),
                "resource": task,
                "search": {"mode": "match"},
            }))
        });
        let entries: Vec<Value> = entries.collect();
        let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len()});
        if !entries.is_empty() {
            bundle["entry"] = entries.into();
        }
        bundle
    }

    /// What the operations page shows; `None` for whoever is not of the organisation that runs the gateway.
    ///
    /// # Errors
    /// As [`Self::clocks`].
    pub async fn operations(
        &self,
        reader: &PartyId,
        agent: &str,
        now: Timestamp,
    ) -> Result<Option<Operations>, Refusal> {
        if !self.runs_this(reader) {
            return Ok(None);
        }
        let failed = |error| unavailable(&error);
        self.record(Entry::new(Event::ClocksRead, now).actor(reader, agent).outcome("operations")).await?;
        let mut clocks = self.open_clocks(None, now).await?;
        let more = clocks.len() >= usize::try_from(MOST).unwrap_or(usize::MAX);
        clocks.sort_by_key(|one| (one.view, one.clock.due));
        Ok(Some(Operations {
            clocks,
            more,
            fallbacks: self.store.fallbacks(100).await.map_err(failed)?,
            orphans: self.orphans(now).await?,
            failed: self.store.failed().await.map_err(failed)?,
        }))
    }

    /// What is known of one request; `None` where there is none, or nothing for this reader.
    ///
    /// # Errors
    /// As [`Self::clocks`].
    pub async fn request_view(
        &self,
        reader: &PartyId,
        agent: &str,
        request: &MessageId,
        now: Timestamp,
    ) -> Result<Option<RequestView>, Refusal> {
        let failed = |error| unavailable(&error);
        if !self.runs_this(reader) {
            return Ok(None);
        }
        let Some(person) = self.store.person_of(request).await.map_err(failed)? else { return Ok(None) };
        self.record(Entry::new(Event::ClocksRead, now).actor(reader, agent).message(request)).await?;
        let care = self.store.care(&person).await.map_err(failed)?;
        let about = |of: Option<&MessageId>| of == Some(request);
        let mut events = care.events;
        events.retain(|event| about(event.request.as_ref()) || about(event.message.as_ref()));
        events.sort_by_key(|event| event.at);
        let clocks = care.clocks.into_iter().filter(|clock| about(clock.request.as_ref()));
        Ok(Some(RequestView { clocks: clocks.map(|clock| self.seen(clock, now)).collect(), events }))
    }
}
