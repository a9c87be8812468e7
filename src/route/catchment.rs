//! The community team of the area a person belongs to, by address and GP practice (L557-572). Which row decides is data;
//! that somebody always places the person is kept here.

use jiff::Timestamp;

use super::areas::{Area, Areas};
use super::condition::{Lies, View};
use super::facts::{Home, PersonFacts};
use super::plan::Rule;
use super::rule::By;
use super::ruleset::Rules;
use super::{Candidate, SenderRole};
use crate::directory::Directory;
use crate::model::PartyId;

/// What the catchment rules say of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catchment {
    /// The team, where an area has one that is in the directory and takes the person.
    pub team: Option<PartyId>,
    /// The area it serves.
    pub area: Option<String>,
    /// The row that decided.
    pub rule: String,
    pub source: String,
    pub reason: String,
    /// An address or practice is given, and nobody covers it: the fallback places the person.
    pub uncovered: bool,
    /// Teams that were considered and not chosen.
    pub passed_over: Vec<Candidate>,
}

/// Where a person's address and practice lie.
pub(super) struct Located<'a> {
    home: Option<&'a Area>,
    practice: Option<&'a Area>,
    given: bool,
    person: &'a PersonFacts,
}

impl<'a> Located<'a> {
    pub(super) fn of(person: &'a PersonFacts, areas: &'a Areas) -> Self {
        let home = match &person.home {
            Home::Postcode(code) => areas.of_address(code),
            Home::NoFixedAddress | Home::Unknown => None,
        };
        let practice = person.practice.as_ref().and_then(|code| areas.of_practice(code));
        let given = matches!(person.home, Home::Postcode(_)) || person.practice.is_some();
        Self { home, practice, given, person }
    }

    /// What conditions about places are held against; the rest of the view asks nothing of a message.
    pub(super) fn view(&self) -> View<'a> {
        let lies = |area: Option<&Area>, known: bool| match area {
            Some(area) => area.lies(),
            None if known => Lies::Outside,
            None => Lies::Unknown,
        };
        View {
            response: None,
            origin: None,
            sender_role: SenderRole::Other,
            sender_kind: None,
            names_team: false,
            names_copies: false,
            person: self.person,
            home: lies(self.home, matches!(self.person.home, Home::Postcode(_))),
            gp: lies(self.practice, self.person.practice.is_some()),
            same_area: self.home.is_some_and(|home| self.practice.is_some_and(|practice| practice.id == home.id)),
        }
    }
}

const ABSENT: &str = "Not in the directory at this time.";

/// Decides the catchment of a person.
#[must_use]
pub fn catchment(person: &PersonFacts, rules: &Rules, directory: &Directory, now: Timestamp) -> Catchment {
    let located = Located::of(person, &rules.areas);
    let view = located.view();
    let mut passed_over = Vec::new();
    let row = rules.catchment.iter().find(|row| row.when.holds(&view));
    let area = row.and_then(|row| match row.by {
        By::Home => located.home,
        By::Practice => located.practice,
        By::Fallback(_) => None,
    });
    let heading = row.map(|row| &row.heading);
    let made = |team: Option<&Area>, more: &str, passed_over| Catchment {
        team: team.map(|area| area.team.clone()),
        area: team.map(|area| area.id.clone()),
        rule: heading.map(|heading| heading.id.clone()).unwrap_or_default(),
        source: heading.map(|heading| heading.source.clone()).unwrap_or_default(),
        reason: format!("{}{more}", heading.map(|heading| heading.reason.as_str()).unwrap_or_default()),
        uncovered: team.is_none() && located.given,
        passed_over,
    };
    let (Some(row), Some(area)) = (row, area) else { return made(None, "", passed_over) };
    let why = if row.never.contains(&area.team) {
        "It does not take these people."
    } else if directory.party(&area.team, now).is_none() {
        ABSENT
    } else {
        for other in [located.home, located.practice].into_iter().flatten().filter(|other| other.id != area.id) {
            let why = format!("Another area decides: {}", row.heading.reason);
            passed_over.push(Candidate { party: other.team.clone(), rule: row.heading.id.clone(), chosen: false, why });
        }
        return made(Some(area), "", passed_over);
    };
    let candidate =
        Candidate { party: area.team.clone(), rule: row.heading.id.clone(), chosen: false, why: why.to_owned() };
    passed_over.push(candidate);
    made(None, " That team cannot have the person.", passed_over)
}

/// The row that says who places those whom nobody covers.
pub(super) fn fallback(rules: &Rules, person: &PersonFacts) -> Option<(Rule, Vec<super::rule::Target>)> {
    let located = Located::of(person, &rules.areas);
    let view = located.view();
    let rows = rules.catchment.iter().filter(|row| row.when.holds(&view));
    rows.into_iter().find_map(|row| match &row.by {
        By::Fallback(to) => Some((Rule::of(&row.heading), to.clone())),
        By::Home | By::Practice => None,
    })
}
