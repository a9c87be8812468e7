//! What the directory knows of a party beside who it is: how people reach it, where it is, who works there. Data with
//! validity; nothing here is needed to deliver or to decide a release.

use jiff::Timestamp;

use super::Directory;
use crate::model::{Party, PartyId};

/// How people reach a party and what it does, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    pub telephone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    /// When it is open, in words.
    pub opening: Option<String>,
    /// What it does for people, in words.
    pub services: Option<String>,
    /// The team whose meeting decides for this one, a spoke (L3510-3514).
    pub hub: Option<PartyId>,
    /// Whether it gets what no area covers (`routing-and-clocks.md`, "Catchment").
    pub fallback: bool,
}

/// Where a party works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: PartyId,
    pub of: PartyId,
    pub name: String,
    /// Lines of the address without the postcode.
    pub address: Vec<String>,
    pub postcode: Option<String>,
}

/// What a person does: who employs them, in which team, as what. The three are apart, for they change apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRole {
    pub id: PartyId,
    /// The person, the same in every role they have.
    pub person: PartyId,
    /// What the person is called.
    pub name: String,
    pub employer: PartyId,
    /// The team they work in, which need not be their employer's.
    pub team: Option<PartyId>,
    /// NHS job role (`codes::SDS_JOB_ROLE`), where it has one.
    pub code: Option<String>,
    /// What the role is called.
    pub title: String,
}

impl Directory {
    /// How people reach a party, while it is there.
    #[must_use]
    pub fn details(&self, id: &PartyId, now: Timestamp) -> Option<&Details> {
        self.party(id, now)?;
        self.entries(id).find_map(|entry| entry.at(now)).map(|(_, details)| details)
    }

    /// The places of a party.
    pub fn places(&self, of: &PartyId, now: Timestamp) -> impl Iterator<Item = &Place> {
        self.places.iter().filter_map(move |entry| entry.at(now)).filter(move |place| place.of == *of)
    }

    /// The roles in a team, or of an organisation's employees.
    pub fn roles(&self, of: &PartyId, now: Timestamp) -> impl Iterator<Item = &StaffRole> {
        let theirs = move |role: &&StaffRole| role.employer == *of || role.team.as_ref() == Some(of);
        self.roles.iter().filter_map(move |entry| entry.at(now)).filter(theirs)
    }

    /// Who gets what no area covers.
    #[must_use]
    pub fn fallback(&self, now: Timestamp) -> Option<&Party> {
        let is = |party: &&Party| self.details(&party.id, now).is_some_and(|details| details.fallback);
        self.parties(now).find(is)
    }

    /// The team whose meeting decides for this spoke team.
    #[must_use]
    pub fn hub(&self, spoke: &PartyId, now: Timestamp) -> Option<&Party> {
        self.party(self.details(spoke, now)?.hub.as_ref()?, now)
    }
}
