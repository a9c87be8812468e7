//! Finds the party a target stands for: the nearest of a kind, the access point, the team named, the team of the
//! catchment. Says why where there is none. Chooses nothing.

use jiff::Timestamp;

use super::catchment::{Catchment, fallback};
use super::facts::PersonFacts;
use super::plan::Rule;
use super::rule::Target;
use super::ruleset::Rules;
use crate::directory::Directory;
use crate::model::{Party, PartyId, PartyKind, Sector};

/// Where parties are looked for.
pub(super) struct Search<'a> {
    pub rules: &'a Rules,
    pub directory: &'a Directory,
    pub now: Timestamp,
    /// Who asks: no referral goes back to its own sender.
    pub sender: &'a PartyId,
    pub access_point: Option<&'a Party>,
    /// The team that the referral, letter or step names.
    pub named: Option<&'a PartyId>,
    pub catchment: &'a Catchment,
    pub person: &'a PersonFacts,
}

/// A party that a target stands for.
pub(super) struct Found<'a> {
    pub party: &'a Party,
    /// What there is to add to the rule's own reason.
    pub more: String,
    /// The fallback, which places those whom nobody covers, and its row.
    pub fallback: Option<Rule>,
}

/// Why a target stands for nobody.
pub(super) enum Lost {
    /// The team named cannot take it.
    Named(PartyId, &'static str),
    /// No team was named.
    Unnamed,
    /// There is no party of that kind, or not that party.
    None,
    /// The catchment is not known: neither address nor practice is given.
    Unknown,
}

impl<'a> Search<'a> {
    /// The party a target stands for.
    pub(super) fn find(&self, target: &Target) -> Result<Found<'a>, Lost> {
        let plain = |party| Found { party, more: String::new(), fallback: None };
        match target {
            Target::Kind(kind) => {
                let near = self.access_point.map(Party::organisation);
                nearest(*kind, &[near], self.directory, self.now).map(plain).ok_or(Lost::None)
            }
            Target::Party(id) => self.directory.party(id, self.now).map(plain).ok_or(Lost::None),
            Target::AccessPoint => self.access_point.map(plain).ok_or(Lost::None),
            Target::Named => match self.named {
                None => Err(Lost::Unnamed),
                Some(id) => self.usable(id).map(plain).map_err(|why| Lost::Named(id.clone(), why)),
            },
            Target::Identified if self.named.is_some() => self.find(&Target::Named),
            Target::Catchment | Target::Identified => self.of_catchment(),
            // What a document names itself is no team that is looked for.
            Target::Copies
            | Target::Colleagues
            | Target::Addressee
            | Target::Gp
            | Target::CareTeam
            | Target::Requester
            | Target::Person => Err(Lost::None),
        }
    }

    /// The team of the catchment; where nobody covers the person, the fallback.
    fn of_catchment(&self) -> Result<Found<'a>, Lost> {
        let Catchment { team, rule, reason, uncovered, .. } = self.catchment;
        if let Some(party) = team.as_ref().and_then(|id| self.directory.party(id, self.now)) {
            return Ok(Found { party, more: format!("{reason} ({rule})"), fallback: None });
        }
        if *uncovered { self.fallback().ok_or(Lost::None) } else { Err(Lost::Unknown) }
    }

    /// Whoever places those whom nobody covers.
    pub(super) fn fallback(&self) -> Option<Found<'a>> {
        let (rule, to) = fallback(self.rules, self.person)?;
        // A fallback that is a catchment again would go round in a ring.
        let plain = |target: &&Target| !matches!(target, Target::Catchment | Target::Identified);
        let party = to.iter().filter(plain).find_map(|target| self.find(target).ok())?.party;
        let more = format!("{} ({})", self.catchment.reason, rule.id);
        Some(Found { party, more, fallback: Some(rule) })
    }

    /// The team that is named, if it can take a referral.
    pub(super) fn usable(&self, id: &PartyId) -> Result<&'a Party, &'static str> {
        let party = self.directory.party(id, self.now).ok_or("The team named is not in the directory at this time.")?;
        if party.id == *self.sender {
            Err("The team named is the sender itself.")
        } else if party.part_of.is_none() || party.sector() != Sector::Nhs {
            Err("What is named is not an NHS team.")
        } else {
            Ok(party)
        }
    }
}

/// The first party of a kind; those of the organisations given come before others, in that order.
pub(super) fn nearest<'a>(
    kind: PartyKind,
    organisations: &[Option<&PartyId>],
    directory: &'a Directory,
    now: Timestamp,
) -> Option<&'a Party> {
    let of = |organisation: &PartyId| directory.of_kind(kind, now).find(|party| party.organisation() == organisation);
    organisations
        .iter()
        .flatten()
        .find_map(|organisation| of(organisation))
        .or_else(|| directory.of_kind(kind, now).next())
}
