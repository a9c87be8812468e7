//! A routing decision while it is being made. Keeps what must always hold: nobody listed twice, the stronger role
//! kept, every party considered noted. Knows no rule.

use super::{ByHand, Candidate, Catchment, Destination, Heading, Origin, Role, Routing, Unplaced, Wanted};
use crate::model::PartyId;

/// What a rule says of itself.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub id: String,
    pub source: String,
}

impl Rule {
    pub(super) fn of(heading: &Heading) -> Self {
        Self { id: heading.id.clone(), source: heading.source.clone() }
    }
}

/// Destinations so far.
#[derive(Debug, Default)]
pub(super) struct Plan {
    destinations: Vec<Destination>,
    candidates: Vec<Candidate>,
    unplaced: Vec<Unplaced>,
    by_hand: Vec<ByHand>,
    /// Nobody covers the person.
    pub(super) fallback: bool,
}

impl Plan {
    /// Sends the referral or document to a party; rules run strongest first, so who is listed already keeps the role it has.
    pub(super) fn choose(&mut self, rule: &Rule, capacity: Role, party: &PartyId, reason: impl Into<String>) {
        let reason = reason.into();
        if let Some(listed) = self.listed(party) {
            let why = format!("Already receives it ({}, {}).", listed.role.code(), listed.rule);
            self.pass_over(rule, party, why);
            return;
        }
        self.candidates.push(Candidate {
            party: party.clone(),
            rule: rule.id.clone(),
            chosen: true,
            why: reason.clone(),
        });
        self.destinations.push(Destination {
            party: party.clone(),
            role: capacity,
            rule: rule.id.clone(),
            reason,
            source: rule.source.clone(),
        });
    }

    /// Notes a party that was considered and not chosen.
    pub(super) fn pass_over(&mut self, rule: &Rule, party: &PartyId, why: impl Into<String>) {
        self.note(Candidate { party: party.clone(), rule: rule.id.clone(), chosen: false, why: why.into() });
    }

    /// Notes what was considered; the same is noted once.
    pub(super) fn note(&mut self, candidate: Candidate) {
        if !self.candidates.contains(&candidate) {
            self.candidates.push(candidate);
        }
    }

    /// Notes something asked for that goes to nobody.
    pub(super) fn unplaced(&mut self, rule: &Rule, wanted: Wanted, why: impl Into<String>) {
        self.unplaced.push(Unplaced { wanted, rule: rule.id.clone(), why: why.into() });
    }

    /// Notes a copy that somebody hands over.
    pub(super) fn by_hand(&mut self, copy: ByHand) {
        self.by_hand.push(copy);
    }

    pub(super) fn listed(&self, party: &PartyId) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.party == *party)
    }

    /// Who is responsible so far.
    pub(super) fn responsible(&self) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.role == Role::Responsible)
    }

    /// Whether a party was considered at all.
    pub(super) fn considered(&self, party: &PartyId) -> bool {
        self.candidates.iter().any(|candidate| candidate.party == *party)
    }

    pub(super) fn finish(self, origin: Origin, catchment: Option<Catchment>) -> Routing {
        let Self { mut destinations, candidates, unplaced, by_hand, fallback } = self;
        // Stable, so that copies keep the order in which they were asked for.
        destinations.sort_by_key(|destination| match destination.role {
            Role::Crisis => 0,
            Role::Responsible | Role::Addressee => 1,
            Role::Gp | Role::CareTeam => 2,
            Role::Copy => 3,
        });
        Routing { origin, destinations, candidates, unplaced, by_hand, catchment, fallback }
    }
}
