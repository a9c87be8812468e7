//! Where a referral goes once somebody has taken a step on it: on acceptance by the access point to the community team of
//! the catchment, which does not triage it again (L551); on redirection to the team that is named. `workflow` takes the
//! step; this finds the team.

use jiff::Timestamp;

use super::catchment::catchment;
use super::facts::PersonFacts;
use super::place::{Search, nearest};
use super::plan::Rule;
use super::rule::{Occasion, Target};
use super::ruleset::Rules;
use super::{Candidate, Destination, Role};
use crate::directory::Directory;
use crate::model::{PartyId, PartyKind};

/// A step on a referral, as far as it moves the referral.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Who takes the step and holds the referral now.
    pub by: &'a PartyId,
    /// The team the step names, where it names one.
    pub team: Option<&'a PartyId>,
    /// The area the step names (an id of the area table), where it names one and no team.
    pub area: Option<&'a str>,
    /// What the referral says of the person.
    pub person: &'a PersonFacts,
}

/// Where the referral goes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    /// Who answers for it from now on; `None` where whoever took the step keeps it.
    pub to: Option<Destination>,
    pub candidates: Vec<Candidate>,
    /// Nobody covers the person: shown on the operations page.
    pub fallback: bool,
    /// What happened, in a sentence for everybody with standing.
    pub why: String,
}

/// Decides where a referral goes that was accepted. Whoever is not the access point keeps what it accepts.
#[must_use]
pub fn on_acceptance(step: &Step<'_>, directory: &Directory, rules: &Rules, now: Timestamp) -> Onward {
    let by = directory.party(step.by, now);
    if by.is_none_or(|party| party.kind != PartyKind::AccessPoint) {
        let why = "Whoever accepted the referral keeps it.".to_owned();
        return Onward { to: None, candidates: Vec::new(), fallback: false, why };
    }
    onward(step, Occasion::Accepted, directory, rules, now)
}

/// Decides where a referral goes that is redirected: to the team the step names, which must be able to take one.
#[must_use]
pub fn on_redirection(step: &Step<'_>, directory: &Directory, rules: &Rules, now: Timestamp) -> Onward {
    onward(step, Occasion::Redirected, directory, rules, now)
}

fn onward(step: &Step<'_>, occasion: Occasion, directory: &Directory, rules: &Rules, now: Timestamp) -> Onward {
    let placed = catchment(step.person, rules, directory, now);
    let near = directory.party(step.by, now).map(crate::model::Party::organisation);
    let area = step.area.and_then(|id| rules.areas().area(id)).map(|area| &area.team);
    let search = Search {
        rules,
        directory,
        now,
        sender: step.by,
        access_point: nearest(PartyKind::AccessPoint, &[near], directory, now),
        named: step.team.or(area),
        catchment: &placed,
        person: step.person,
    };
    let mut candidates = placed.passed_over.clone();
    for row in rules.upon(occasion) {
        let rule = Rule::of(&row.heading);
        for target in &row.to {
            match search.find(target) {
                Ok(found) if found.party.id == *step.by => {
                    let fallback = found.fallback.is_some();
                    let why = format!("It stays where it is. {}", found.more);
                    return Onward { to: None, candidates, fallback, why };
                }
                Ok(found) => {
                    let by = found.fallback.clone().unwrap_or_else(|| rule.clone());
                    let why = format!("{} {}", row.heading.reason, found.more).trim_end().to_owned();
                    let party = found.party.id.clone();
                    candidates.push(Candidate {
                        party: party.clone(),
                        rule: by.id.clone(),
                        chosen: true,
                        why: why.clone(),
                    });
                    let fallback = found.fallback.is_some();
                    let to = Destination {
                        party,
                        role: Role::Responsible,
                        rule: by.id,
                        reason: why.clone(),
                        source: by.source,
                    };
                    return Onward { to: Some(to), candidates, fallback, why };
                }
                Err(lost) => {
                    if let super::place::Lost::Named(party, why) = lost {
                        candidates.push(Candidate { party, rule: rule.id.clone(), chosen: false, why: why.to_owned() });
                    }
                }
            }
        }
    }
    // A team that is named and cannot take it, or a person of whom no place is known: somebody must look at it.
    let why = "No team was found that could take it: it stays where it is, and a person must place it.".to_owned();
    let fallback =
        occasion == Occasion::Accepted || rules.upon(occasion).any(|row| row.to.contains(&Target::Catchment));
    Onward { to: None, candidates, fallback, why }
}
