//! Events and rules to clocks. Every time from all events of a person, in the order in which things happened, so that
//! what is told late, twice or in the wrong order ends in the same clocks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::calendar::{Calendar, begin_of, day_in, day_of};
use super::count::{self, Unit};
use super::rules::{Again, Length, Limit, Owner, Rule, Rules, Scope, Trigger};
use super::running::{Paused, Running};
use super::story::{Story, moves};
use crate::model::{CareEvent, Clock, ClockState, EventKind, PartyId};

/// The id of the clock that an event starts under a rule; the same event starts it once.
#[must_use]
pub fn clock_id(rule: &str, event: Uuid) -> Uuid {
    Uuid::new_v5(&event, rule.as_bytes())
}

/// The clocks that are new or changed once these are all events of one person, and `stored` the clocks so far. A stored
/// clock that nothing starts any more is void.
#[must_use]
pub fn after(rules: &Rules, events: &[CareEvent], stored: &[Clock]) -> Vec<Clock> {
    let story = Story::of(events);
    let mut clocks: Vec<Clock> =
        rules.rows.iter().flat_map(|rule| Play::of(rule, &rules.calendar, &story).clocks()).collect();
    for clock in &mut clocks {
        if let Some(known) = stored.iter().find(|known| known.id == clock.id) {
            (clock.warned, clock.escalated) = (known.warned, known.escalated);
        }
    }
    let told = events.iter().map(|event| event.recorded).max();
    let gone = stored
        .iter()
        .filter(|known| known.state != ClockState::Void && !clocks.iter().any(|clock| clock.id == known.id));
    let gone: Vec<Clock> = gone
        .map(|known| Clock {
            state: ClockState::Void,
            paused: None,
            ended: Some(told.unwrap_or(known.started)),
            ..known.clone()
        })
        .collect();
    clocks.retain(|clock| !stored.contains(clock));
    clocks.extend(gone);
    clocks
}

/// One rule played through a story.
struct Play<'a> {
    rule: &'a Rule,
    calendar: &'a Calendar,
    story: &'a Story,
    running: Vec<Running<'a>>,
    /// Events that stopped a clock; what came before a later start does not stop that as well.
    used: BTreeSet<Uuid>,
}

impl<'a> Play<'a> {
    fn of(rule: &'a Rule, calendar: &'a Calendar, story: &'a Story) -> Self {
        let mut play = Self { rule, calendar, story, running: Vec::new(), used: BTreeSet::new() };
        for (place, event) in story.events.iter().enumerate() {
            play.take(place, event);
        }
        play
    }

    /// Clocks of the same request, or of the person where the rule or one of the two names none, that have not ended.
    fn open(&mut self, event: &'a CareEvent) -> impl Iterator<Item = &mut Running<'a>> {
        let whole = self.rule.scope == Scope::Person;
        self.running
            .iter_mut()
            .filter(|clock| clock.ended.is_none())
            .filter(move |clock| whole || together(clock.started_by, event))
    }

    fn take(&mut self, place: usize, event: &'a CareEvent) {
        self.pause_or_resume(event);
        self.end(place, event);
        let again = self.stop(event);
        // last: who had it ends it
        self.move_owner(event);
        let starts = self.rule.starts.iter().find(|trigger| trigger.fits(event));
        if let Some(mut detail) = again {
            detail.extend(event.detail.clone());
            self.start_on(place, event, event.at, detail, event.kind);
        } else if let Some(trigger) = starts {
            self.begin(place, event, trigger);
        }
    }

    fn move_owner(&mut self, event: &'a CareEvent) {
        let Some(team) = event.team.as_ref().filter(|_| self.rule.owner == Owner::Responsible && moves(event)) else {
            return;
        };
        for clock in self.running.iter_mut().filter(|clock| clock.ended.is_none()) {
            if event.request.is_some() && clock.started_by.request == event.request {
                clock.owner = team.clone();
            }
        }
    }

    fn pause_or_resume(&mut self, event: &'a CareEvent) {
        let (rule, story) = (self.rule, self.story);
        if event.detail("clock").is_some_and(|id| id != rule.id) {
            return;
        }
        let does = |triggers: &[Trigger], clock: &Running<'_>| {
            triggers.iter().any(|trigger| trigger.fits(event) && story.does(trigger, event, clock))
        };
        let reason = event.detail("reason").unwrap_or(event.kind.code());
        for clock in self.open(event) {
            if clock.paused.is_none() && does(&rule.pauses, clock) {
                clock.paused = Some((event.at.max(clock.started), reason.to_owned()));
            }
            if does(&rule.resumes, clock) {
                clock.resume(event.at);
            }
        }
    }

    /// Makes void what is no longer wanted: by the rule's own events, or because the request was cancelled or an error.
    fn end(&mut self, place: usize, event: &'a CareEvent) {
        let (rule, story) = (self.rule, self.story);
        let triggers: Vec<&Trigger> = rule.ends.iter().filter(|trigger| trigger.fits(event)).collect();
        let cancelled = matches!(event.kind, EventKind::Cancelled | EventKind::EnteredInError)
            && event.detail("event").is_none()
            && event.request.is_some();
        for clock in self.running.iter_mut().filter(|clock| clock.ended.is_none()) {
            // where one of the two names no request, it is about what those have who told of it or had the other's request:
            // what a charity ends, or the access point declines, ends no clock of another team
            let named_both = event.request.is_some() && clock.started_by.request.is_some();
            let theirs = named_both
                || clock.owner == event.by
                || Some(&clock.owner) == event.team.as_ref()
                || story.has_answered(event.request.as_ref(), &clock.owner, place);
            let same = rule.scope == Scope::Person || (theirs && together(clock.started_by, event));
            let fits = |trigger: &&Trigger| trigger.of.hold(&clock.detail) && story.does(trigger, event, clock);
            let named = same && triggers.iter().any(fits);
            if named || (cancelled && clock.started_by.request == event.request) {
                clock.end(event.at, ClockState::Void);
            }
        }
    }

    /// Stops what the event satisfies. The details of a clock that starts again with it, if one does.
    fn stop(&mut self, event: &'a CareEvent) -> Option<BTreeMap<String, String>> {
        let (rule, story) = (self.rule, self.story);
        let (mut again, mut used) = (None, false);
        for clock in self.open(event) {
            if !story.satisfy(rule, event, clock) {
                continue;
            }
            used = true;
            if clock.satisfied.iter().all(Option::is_some) {
                clock.end(event.at, ClockState::Stopped);
                again = Some(clock.detail.clone());
            }
        }
        if used {
            self.used.insert(event.id);
        }
        again.filter(|_| rule.repeats)
    }

    fn begin(&mut self, place: usize, event: &'a CareEvent, trigger: &Trigger) {
        let (rule, story) = (self.rule, self.story);
        if rule.requires.as_ref().is_some_and(|requires| !story.known(requires, place)) {
            return;
        }
        let mut at = event.at;
        if trigger.from_request {
            let received = |other: &&CareEvent| {
                other.kind == EventKind::ReferralReceived && other.request.is_some() && other.request == event.request
            };
            at = story.events.iter().take(place).find(received).map_or(at, |received| received.at);
        }
        if let Some(requires) = rule.requires.as_ref().filter(|requires| requires.later) {
            at = story.first(&requires.any).map_or(at, |known| known.max(at));
        }
        let mut regraded = None;
        // the clock of another organisation neither stands in the way of this one nor gives way to it
        let owner = story.owner(rule.owner, event, place);
        let owner = story.organisation(owner.as_str());
        let same = |clock: &&mut Running<'_>| story.organisation(clock.owner.as_str()) == owner;
        if let Some(earlier) = self.open(event).find(same) {
            match rule.again {
                Again::Keep => return,
                _ if !story.is_of(event, &earlier.owner) => return,
                Again::Replace => earlier.end(event.at, ClockState::Void),
                Again::Regrade => {
                    earlier.detail.extend(event.detail.clone());
                    let limit = limit_of(rule, earlier.on, &earlier.detail);
                    if limit.is_some_and(|limit| std::ptr::eq(limit, earlier.limit)) {
                        return;
                    }
                    earlier.end(event.at, ClockState::Void);
                    regraded = Some((earlier.detail.clone(), earlier.on));
                }
            }
        }
        if let Some((detail, on)) = regraded {
            return self.start_on(place, event, event.at, detail, on);
        }
        self.start_on(place, event, at, event.detail.clone(), event.kind);
    }

    /// Starts a clock with the limit of an event of this kind.
    fn start_on(
        &mut self,
        place: usize,
        event: &'a CareEvent,
        at: Timestamp,
        detail: BTreeMap<String, String>,
        on: EventKind,
    ) {
        let (rule, story) = (self.rule, self.story);
        let Some(limit) = limit_of(rule, on, &detail) else { return };
        if let Length::Before(_, name) = &limit.length
            && detail.get(name).and_then(|text| day_in(text)).is_none()
        {
            return;
        }
        let owner = story.owner(rule.owner, event, place);
        let (over, paused) = self.pauses_before(place, event, at, &owner);
        let mut clock = Running {
            started_by: event,
            on,
            limit,
            detail,
            started: at,
            owner,
            satisfied: vec![None; rule.stops.len()],
            pauses: over,
            paused,
            ended: None,
        };
        if !rule.repeats {
            self.stopped_already(place, &mut clock);
        }
        self.running.push(clock);
    }

    /// Pauses that were begun before the event that starts a clock, as far as they fall after `at`: those that have ended,
    /// and one that has not.
    fn pauses_before(
        &self,
        place: usize,
        event: &CareEvent,
        at: Timestamp,
        owner: &PartyId,
    ) -> (Vec<(Timestamp, Timestamp)>, Paused) {
        let (mut over, mut paused): (Vec<(Timestamp, Timestamp)>, Paused) = (Vec::new(), None);
        let whole = self.rule.scope == Scope::Person;
        for earlier in self.story.events.iter().take(place) {
            let meant = earlier.detail("clock").is_none_or(|id| id == self.rule.id);
            if !meant || !(whole || together(event, earlier)) || !self.story.is_of(earlier, owner) {
                continue;
            }
            if self.rule.pauses.iter().any(|trigger| trigger.fits(earlier)) {
                let reason = earlier.detail("reason").unwrap_or(earlier.kind.code());
                paused.get_or_insert((earlier.at.max(at), reason.to_owned()));
            } else if self.rule.resumes.iter().any(|trigger| trigger.fits(earlier))
                && let Some((from, _)) = paused.take()
                && from < earlier.at
            {
                over.push((from, earlier.at));
            }
        }
        (over, paused)
    }

    /// What happened a little before the start and stops the clock all the same: on the same day, where days are counted,
    /// and so many days before as the rule says.
    fn stopped_already(&self, place: usize, clock: &mut Running<'_>) {
        let by_day = !matches!(clock.limit.length, Length::Within(span) if span.unit == Unit::Hours);
        if !by_day && self.rule.early_days == 0 {
            return;
        }
        let early = begin_of(day_of(clock.started).saturating_sub(i64::from(self.rule.early_days).days()));
        let whole = self.rule.scope == Scope::Person;
        for event in self.story.events.iter().take(place).filter(|event| event.at >= early) {
            if self.used.contains(&event.id) || !(whole || together(clock.started_by, event)) {
                continue;
            }
            self.story.satisfy(self.rule, event, clock);
        }
        if clock.satisfied.iter().all(Option::is_some) {
            clock.end(clock.started, ClockState::Stopped);
        }
    }

    fn clocks(self) -> Vec<Clock> {
        let Self { rule, calendar, story, running, .. } = self;
        let made = running.into_iter().map(|clock| {
            let due = match &clock.limit.length {
                Length::Within(span) => count::due(calendar, *span, clock.started, &clock.pauses),
                Length::Before(span, name) => {
                    let day = clock.detail.get(name).and_then(|text| day_in(text));
                    count::ahead(*span, day.unwrap_or_else(|| day_of(clock.started)), clock.started)
                }
            };
            let request = clock.started_by.request.clone();
            let error = request
                .as_ref()
                .and_then(|request| story.errors.get(request))
                .map(|at| ((*at).max(clock.started), ClockState::Void));
            let ended = error.or(clock.ended);
            let state = match (&ended, &clock.paused) {
                (Some((_, state)), _) => *state,
                (None, Some(_)) => ClockState::Paused,
                (None, None) => ClockState::Running,
            };
            Clock {
                id: clock_id(&rule.id, clock.started_by.id),
                rule: rule.id.clone(),
                person: clock.started_by.person.clone(),
                request,
                owner: clock.owner,
                started: clock.started,
                due,
                state,
                paused: clock.paused.filter(|_| ended.is_none()),
                ended: ended.map(|(at, _)| at),
                warned: None,
                escalated: None,
            }
        });
        made.collect()
    }
}

/// The limit of a clock with these details that an event of this kind starts.
fn limit_of<'a>(rule: &'a Rule, on: EventKind, detail: &BTreeMap<String, String>) -> Option<&'a Limit> {
    rule.limits.iter().find(|limit| limit.on.is_none_or(|kind| kind == on) && limit.when.hold(detail))
}

/// Whether two events belong to the same request, as far as both say.
fn together(a: &CareEvent, b: &CareEvent) -> bool {
    a.request.is_none() || b.request.is_none() || a.request == b.request
}
