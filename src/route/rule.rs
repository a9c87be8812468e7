//! The rules as they are read from their files: what a row of each kind holds. Rows combine the conditions of
//! `condition` with the few targets named here; applying them is `referral`'s, `catchment`'s and `documents`'.

use super::Role;
use super::condition::When;
use super::row::{Entry, Heading, rows};
use crate::model::{DocumentKind, PartyId, PartyKind};
use crate::rule_file::{Row, RuleFault};

/// Upon what a destination rule works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A document of this kind has come.
    Document(DocumentKind),
    /// The access point has accepted a referral.
    Accepted,
    /// A referral is sent on to another team.
    Redirected,
}

impl Occasion {
    fn from_code(code: &str) -> Option<Self> {
        match code {
            "accepted" => Some(Self::Accepted),
            "redirected" => Some(Self::Redirected),
            kind => DocumentKind::from_code(kind).map(Self::Document),
        }
    }
}

/// Where a rule sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The nearest party of this kind: of the trust concerned, else the first of the directory.
    Kind(PartyKind),
    /// This party.
    Party(PartyId),
    /// The access point for this referral.
    AccessPoint,
    /// The team that the referral, or the step, names.
    Named,
    /// The community team of the person's catchment.
    Catchment,
    /// The team named, and where none is named that of the catchment (L481, L557-575).
    Identified,
    /// Recipients named for a copy.
    Copies,
    /// Those of them that are teams of the author's own organisation.
    Colleagues,
    /// Whom a letter is written to.
    Addressee,
    /// The practice the person is registered with.
    Gp,
    /// The team that answers for the person at present.
    CareTeam,
    /// Who sent the request that this document answers.
    Requester,
    /// The person: by hand, since the gateway reaches nobody at home.
    Person,
}

const TARGETS: &[(&str, Target)] = &[
    ("access-point", Target::AccessPoint),
    ("named", Target::Named),
    ("catchment", Target::Catchment),
    ("identified", Target::Identified),
    ("copies", Target::Copies),
    ("colleagues", Target::Colleagues),
    ("addressee", Target::Addressee),
    ("gp", Target::Gp),
    ("care-team", Target::CareTeam),
    ("requester", Target::Requester),
    ("person", Target::Person),
];

/// A row of `destination.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationRule {
    pub heading: Heading,
    pub(super) on: Vec<Occasion>,
    pub(super) when: When,
    /// For whoever is to be responsible, the first that can be had; else all of them.
    pub(super) to: Vec<Target>,
    /// Told at once in the same capacity, after whoever is responsible.
    pub(super) also: Vec<Target>,
    pub(super) role: Role,
    /// What the sender is told where nobody can be found.
    pub(super) missing: Option<String>,
}

impl DestinationRule {
    /// Whether the row works upon this.
    pub(super) fn is_on(&self, occasion: Occasion) -> bool {
        self.on.contains(&occasion)
    }

    /// Whether the crisis of a referral is served by it, whatever else holds.
    pub(super) fn serves_crisis(&self) -> bool {
        let plain = When::of_crisis();
        self.role == Role::Crisis && self.when == plain && self.is_on(Occasion::Document(DocumentKind::Referral))
    }
}

/// By what a catchment row goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Home,
    Practice,
    /// Nobody covers the person: this party places them.
    Fallback(Vec<Target>),
}

/// A row of `catchment.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatchmentRule {
    pub heading: Heading,
    pub(super) when: When,
    pub(super) by: By,
    /// Teams that do not take those people.
    pub(super) never: Vec<PartyId>,
}

/// What a row of advice says to the triager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Speaks for the community team.
    For,
    /// Speaks against it.
    Against,
    /// To be looked at.
    Note,
}

impl Says {
    /// The code in the file.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
            Self::Note => "note",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::For, Self::Against, Self::Note].into_iter().find(|says| says.code() == code)
    }
}

/// A row of `eligibility.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibilityRule {
    pub heading: Heading,
    pub says: Says,
    /// When it is said of a referral; `None`: no field of a referral tells, so a person judges it.
    pub(super) when: Option<When>,
}

fn targets(row: &mut Row<'_>, field: &'static str) -> Vec<Target> {
    let mut found = Vec::new();
    for value in row.values(field) {
        let named = value.as_str().and_then(|name| TARGETS.iter().find(|(known, _)| *known == name));
        let text = |key: &str| value.as_table().filter(|table| table.len() == 1)?.get(key)?.as_str();
        let target = named
            .map(|(_, target)| target.clone())
            .or_else(|| text("kind").and_then(PartyKind::from_code).map(Target::Kind))
            .or_else(|| text("team").and_then(PartyId::parse).map(Target::Party));
        if let Some(target) = target {
            found.push(target);
        } else {
            let others: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            let problem = format!("must be {{ kind = \"…\" }}, {{ team = \"…\" }} or of {}", others.join(", "));
            row.fault(field, problem);
        }
    }
    found
}

pub(super) fn destination(file: &str, text: &str, faults: &mut Vec<RuleFault>) -> Vec<Entry<DestinationRule>> {
    rows(file, text, "RT", faults, |row, heading| {
        let when = row.within("when", When::read).unwrap_or_default();
        let expected = "a kind of document, accepted or redirected";
        let mut on = row.codes("on", expected, Occasion::from_code);
        if on.is_empty() {
            on.push(Occasion::Document(DocumentKind::Referral));
        }
        let to = targets(row, "to");
        if to.is_empty() {
            row.fault("to", "says where the rule sends, and is required");
        }
        let also = targets(row, "also");
        let role = row.required("role");
        let read = role.and_then(Role::from_code);
        if role.is_some() && read.is_none() {
            row.fault("role", "must be of responsible, crisis, addressee, gp, care-team, copy");
        }
        let missing = row.optional("missing").map(str::to_owned);
        Some(DestinationRule { heading, on, when, to, also, role: read?, missing })
    })
}

pub(super) fn catchment(file: &str, text: &str, faults: &mut Vec<RuleFault>) -> Vec<Entry<CatchmentRule>> {
    rows(file, text, "CA", faults, |row, heading| {
        let when = row.within("when", When::read).unwrap_or_default();
        let by = row.required("by");
        let to = targets(row, "to");
        let never = row.codes("never", "the directory id of a team", PartyId::parse);
        let by = match by? {
            "home" => By::Home,
            "practice" => By::Practice,
            "fallback" if !to.is_empty() => By::Fallback(to),
            "fallback" => {
                row.fault("to", "says who places those whom nobody covers, and is required");
                return None;
            }
            _ => {
                row.fault("by", "must be of home, practice, fallback");
                return None;
            }
        };
        Some(CatchmentRule { heading, when, by, never })
    })
}

pub(super) fn eligibility(file: &str, text: &str, faults: &mut Vec<RuleFault>) -> Vec<Entry<EligibilityRule>> {
    rows(file, text, "EL", faults, |row, heading| {
        let when = row.within("when", When::read);
        if when.as_ref().is_some_and(When::is_empty) {
            row.fault("when", "asks nothing; leave it out where a person must judge");
        }
        let says = row.required("says");
        let read = says.and_then(Says::from_code);
        if says.is_some() && read.is_none() {
            row.fault("says", "must be of for, against, note");
        }
        Some(EligibilityRule { heading, says: read?, when })
    })
}
