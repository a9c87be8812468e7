//! A routing decision while it is being made. Keeps what must always hold: nobody listed twice, the stronger role
//! kept, every party considered noted. Knows no rule.

use super::{Candidate, Destination, Origin, Role, Routing, Unplaced, Wanted};
use crate::model::PartyId;

/// What a rule says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub id: &'static str,
    pub source: &'static str,
}

/// Destinations so far.
#[derive(Debug, Default)]
pub(super) struct Plan {
    destinations: Vec<Destination>,
    candidates: Vec<Candidate>,
    unplaced: Vec<Unplaced>,
}

impl Plan {
    /// Sends the referral or document to a party; rules run strongest first, so who is listed already keeps the role it has.
    pub(super) fn choose(&mut self, rule: Rule, capacity: Role, party: &PartyId, reason: impl Into<String>) {
        let reason = reason.into();
        if let Some(listed) = self.listed(party) {
            let why = format!("Already receives it ({}, {}).", listed.role.code(), listed.rule);
            self.pass_over(rule, party, why);
            return;
        }
        self.candidates.push(Candidate { party: party.clone(), rule: rule.id, chosen: true, why: reason.clone() });
        self.destinations.push(Destination {
            party: party.clone(),
            role: capacity,
            rule: rule.id,
            reason,
            source: rule.source,
        });
    }

    /// Notes a party that was considered and not chosen.
    pub(super) fn pass_over(&mut self, rule: Rule, party: &PartyId, why: impl Into<String>) {
        self.candidates.push(Candidate { party: party.clone(), rule: rule.id, chosen: false, why: why.into() });
    }

    /// Notes something asked for that goes to nobody.
    pub(super) fn unplaced(&mut self, rule: Rule, wanted: Wanted, why: impl Into<String>) {
        self.unplaced.push(Unplaced { wanted, rule: rule.id, why: why.into() });
    }

    pub(super) fn listed(&self, party: &PartyId) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.party == *party)
    }

    pub(super) fn finish(self, origin: Origin) -> Routing {
        let Self { mut destinations, candidates, unplaced } = self;
        // Stable, so that copies keep the order in which they were asked for.
        destinations.sort_by_key(|destination| match destination.role {
            Role::Crisis => 0,
            Role::Responsible | Role::Addressee => 1,
            Role::Gp | Role::CareTeam => 2,
            Role::Copy => 3,
        });
        Routing { origin, destinations, candidates, unplaced }
    }
}
