//! The story of a person's care as clocks read it: what happened, in its order, without what was taken back; who answered
//! for what at a moment; whose act an event is. Starts and stops no clock; that is `engine`'s.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::rules::{Owner, Requires, Rule, Teller, Trigger};
use super::running::Running;
use crate::model::{CareEvent, DocumentKind, EventKind, MessageId, PartyId};

/// A person's events in the order in which they happened: each once, without those that were entered in error.
pub(super) struct Story {
    pub(super) events: Vec<CareEvent>,
    /// Requests that were entered in error, and when that was said.
    pub(super) errors: BTreeMap<MessageId, Timestamp>,
    /// To which organisation a party belongs, as the events say; what they say last counts.
    pub(super) organisations: BTreeMap<String, String>,
}

impl Story {
    pub(super) fn of(events: &[CareEvent]) -> Self {
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
    pub(super) fn organisation<'s>(&'s self, party: &'s str) -> &'s str {
        self.organisations.get(party).map_or(party, String::as_str)
    }

    /// Whether whoever did it is of the organisation of this party; what was kept before those were known is believed.
    pub(super) fn is_of(&self, event: &CareEvent, party: &PartyId) -> bool {
        event.by == *party || event.detail("by-org").is_none_or(|by| by == self.organisation(party.as_str()))
    }

    /// Whether an event that fits a trigger does that to this clock: what others do stops, ends and pauses nobody's clock.
    pub(super) fn does(&self, trigger: &Trigger, event: &CareEvent, clock: &Running<'_>) -> bool {
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
    pub(super) fn responsible(&self, request: Option<&MessageId>, upto: usize) -> Option<&PartyId> {
        let past = self.events.iter().take(upto + 1).rev();
        // who takes on what a charity or another provider is asked for besides does not answer for the person
        let wanted = |event: &&CareEvent| match request {
            Some(request) => event.request.as_ref() == Some(request),
            None => is_of_care(event),
        };
        past.filter(|event| moves(event) && wanted(event)).find_map(|event| event.team.as_ref())
    }

    /// Whether a team has, or has had, a request once this many events had happened.
    pub(super) fn has_answered(&self, request: Option<&MessageId>, team: &PartyId, upto: usize) -> bool {
        let mut past =
            self.events.iter().take(upto + 1).filter(|event| moves(event) && event.request.as_ref() == request);
        request.is_some() && past.any(|event| event.team.as_ref() == Some(team))
    }

    pub(super) fn owner(&self, owner: Owner, event: &CareEvent, place: usize) -> PartyId {
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
    pub(super) fn known(&self, requires: &Requires, place: usize) -> bool {
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
    pub(super) fn satisfy(&self, rule: &Rule, event: &CareEvent, clock: &mut Running<'_>) -> bool {
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
    pub(super) fn first(&self, any: &[EventKind]) -> Option<Timestamp> {
        self.events.iter().find(|event| any.contains(&event.kind)).map(|event| event.at)
    }
}

/// The store keeps milliseconds; what is compared with it must too.
fn in_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Whether an event says who answers for a request from then on.
pub(super) const fn moves(event: &CareEvent) -> bool {
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
