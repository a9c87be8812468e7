//! Events and rules to clocks. Every time from all events of a person, in the order in which things happened, so that
//! what is told late, twice or in the wrong order ends in the same clocks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::calendar::{Calendar, begin_of, day_in, day_of};
use super::count::{self, Unit};
use super::rules::{Again, Length, Limit, Owner, Requires, Rule, Rules, Scope, Teller, Trigger};
use super::running::{Paused, Running};
use crate::model::{CareEvent, Clock, ClockState, DocumentKind, EventKind, MessageId, PartyId};

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

/// A person's events in the order in which they happened: each once, without those that were entered in error.
struct Story {
    events: Vec<CareEvent>,
    /// Requests that were entered in error, and when that was said.
    errors: BTreeMap<MessageId, Timestamp>,
    /// To which organisation a party belongs, as the events say; what they say last counts.
    organisations: BTreeMap<String, String>,
}

impl Story {
    fn of(events: &[CareEvent]) -> Self {
        let mistakes: BTreeSet<Uuid> = events
            .iter()
            .filter(|event| event.kind == EventKind::EnteredInError)
            .filter_map(|event| Uuid::try_parse(event.detail("event")?).ok())
            .collect();
        let mut seen = BTreeSet::new();
        let mut all: Vec<CareEvent> = events
            .iter()
            .filter(|event| !mistakes.contains(&event.id) && seen.insert(event.id))
            .map(|event| CareEvent { at: in_millis(event.at), recorded: in_millis(event.recorded), ..event.clone() })
            .collect();
        // stable: what was told first comes first of what happened at one moment
        all.sort_by_key(|event| event.at);
        let errors = all
            .iter()
            .filter(|event| event.kind == EventKind::EnteredInError && event.detail("event").is_none())
            .filter_map(|event| Some((event.request.clone()?, event.at)))
            .collect();
        let mut organisations = BTreeMap::new();
        for event in &all {
            let parties = [
                (Some(event.by.as_str()), "by-org"),
                (event.team.as_ref().map(PartyId::as_str), "team-org"),
                (event.detail("receiver"), "receiver-org"),
            ];
            for (party, name) in parties {
                if let Some((party, organisation)) = party.zip(event.detail(name)) {
                    organisations.insert(party.to_owned(), organisation.to_owned());
                }
            }
        }
        Self { events: all, errors, organisations }
    }

    /// The organisation of a party; its own where nothing says another.
    fn organisation<'s>(&'s self, party: &'s str) -> &'s str {
        self.organisations.get(party).map_or(party, String::as_str)
    }

    /// Whether whoever did it is of the organisation of this party; what was kept before those were known is believed.
    fn is_of(&self, event: &CareEvent, party: &PartyId) -> bool {
        event.by == *party || event.detail("by-org").is_none_or(|by| by == self.organisation(party.as_str()))
    }

    /// Whether an event that fits a trigger does that to this clock: what others do stops, ends and pauses nobody's clock.
    fn does(&self, trigger: &Trigger, event: &CareEvent, clock: &Running<'_>) -> bool {
        let asked = || {
            let receiver = clock.started_by.detail("receiver").and_then(PartyId::parse);
            receiver.is_some_and(|receiver| self.is_of(event, &receiver))
        };
        match trigger.by {
            Teller::Owner => self.is_of(event, &clock.owner),
            Teller::Asked => asked() || self.is_of(event, &clock.owner),
            Teller::Anybody => true,
        }
    }

    /// Who was responsible for a request, or for the person where none is named, once this many events had happened.
    fn responsible(&self, request: Option<&MessageId>, upto: usize) -> Option<&PartyId> {
        let past = self.events.iter().take(upto + 1).rev();
        // who takes on what a charity or another provider is asked for besides does not answer for the person
        let wanted = |event: &&CareEvent| match request {
            Some(request) => event.request.as_ref() == Some(request),
            None => is_of_care(event),
        };
        past.filter(|event| moves(event) && wanted(event)).find_map(|event| event.team.as_ref())
    }

    /// Whether a team has, or has had, a request once this many events had happened.
    fn has_answered(&self, request: Option<&MessageId>, team: &PartyId, upto: usize) -> bool {
        let mut past =
            self.events.iter().take(upto + 1).filter(|event| moves(event) && event.request.as_ref() == request);
        request.is_some() && past.any(|event| event.team.as_ref() == Some(team))
    }

    fn owner(&self, owner: Owner, event: &CareEvent, place: usize) -> PartyId {
        let team = || {
            let responsible =
                || self.responsible(event.request.as_ref(), place).or_else(|| self.responsible(None, place));
            // what somebody else assesses is theirs to see through
            let theirs = |party: &&PartyId| !is_own_act(event.kind) || self.is_of(event, party);
            event.team.as_ref().or_else(|| responsible().filter(theirs)).unwrap_or(&event.by).clone()
        };
        match owner {
            Owner::By => event.by.clone(),
            Owner::Team => team(),
            Owner::Receiver => event.detail("receiver").and_then(PartyId::parse).unwrap_or_else(team),
            Owner::Responsible => self.responsible(event.request.as_ref(), place).cloned().unwrap_or_else(team),
        }
    }

    /// When what a rule requires besides is known, if it is: at an event or, where the rule says so, later.
    fn known(&self, requires: &Requires, place: usize) -> bool {
        let past = self.events.iter().take(if requires.later { self.events.len() } else { place });
        let mut known = false;
        for event in past.filter(|event| is_of_care(event)) {
            if requires.any.contains(&event.kind) {
                known = true;
            } else if requires.unless_since.contains(&event.kind) {
                known = false;
            }
        }
        known
    }

    /// Notes which groups of what stops a clock an event satisfies; whether there is one.
    fn satisfy(&self, rule: &Rule, event: &CareEvent, clock: &mut Running<'_>) -> bool {
        let mut any = false;
        for (group, triggers) in rule.stops.iter().enumerate() {
            let fits = triggers.iter().any(|trigger| trigger.fits(event) && self.does(trigger, event, clock));
            if let Some(satisfied) = clock.satisfied.get_mut(group).filter(|_| fits) {
                satisfied.get_or_insert(event.at);
                any = true;
            }
        }
        any
    }

    /// The first moment at which one of these had happened.
    fn first(&self, any: &[EventKind]) -> Option<Timestamp> {
        self.events.iter().find(|event| any.contains(&event.kind)).map(|event| event.at)
    }
}

/// The store keeps milliseconds; what is compared with it must too.
fn in_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Whether an event says who answers for a request from then on.
const fn moves(event: &CareEvent) -> bool {
    use EventKind::{Accepted, Allocated, Redirected, ReferralReceived};
    event.team.is_some() && matches!(event.kind, ReferralReceived | Accepted | Redirected | Allocated)
}

/// Whether what follows from an event is for whoever did it, unless that is of the organisation that answers for the person.
const fn is_own_act(kind: EventKind) -> bool {
    matches!(kind, EventKind::Assessed | EventKind::RiskAssessed)
}

/// Whether an event tells of the person's care with a team, and not of what a charity or another provider was asked for
/// besides: that is accepted, declined or ended while the care goes on.
fn is_of_care(event: &CareEvent) -> bool {
    let takes_on = [DocumentKind::Referral, DocumentKind::TransferToNhs].map(DocumentKind::code);
    event.detail("kind").is_none_or(|kind| takes_on.contains(&kind))
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
