//! The conditions that rules are made of: a small set of names, each with one plain meaning. All of a row's conditions
//! must hold. Facts are codes and fields of a document, never its free text.

use std::collections::BTreeSet;

use super::facts::{Answer, PersonFacts};
use super::{Origin, SenderRole};
use crate::model::{PartyKind, Pathway, Urgency};
use crate::rule_file::Row;

/// What a row asks of a referral or document; `None` or empty asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    response: Vec<Urgency>,
    origin: Option<Origin>,
    sender_role: Vec<SenderRole>,
    sender_role_not: Vec<SenderRole>,
    sender_kind: Vec<PartyKind>,
    pathway: Vec<Pathway>,
    pathway_not: Vec<Pathway>,
    diagnosis: Vec<String>,
    only_diagnosis: Vec<String>,
    names_team: Option<bool>,
    mdt: Option<bool>,
    names_copies: Option<bool>,
    age_under: Option<i64>,
    age_over: Option<i64>,
    age_known: Option<bool>,
    practices: Vec<String>,
    home: Vec<Lies>,
    gp: Vec<Lies>,
    same_area: Option<bool>,
    given: Vec<String>,
    none_known: Vec<String>,
    absent: Vec<String>,
}

/// Where an address or a practice lies, as the area table has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// In an area of the city.
    City,
    /// In an area of the county.
    County,
    /// In any area.
    Covered,
    /// It is known, and in no area.
    Outside,
    /// It is not known, or there is none.
    Unknown,
}

impl Lies {
    const ALL: &'static [(&'static str, Self)] = &[
        ("city", Self::City),
        ("county", Self::County),
        ("covered", Self::Covered),
        ("outside", Self::Outside),
        ("unknown", Self::Unknown),
    ];

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == code).map(|(_, lies)| *lies)
    }

    fn admits(self, found: Self) -> bool {
        self == found || (self == Self::Covered && matches!(found, Self::City | Self::County))
    }
}

/// What conditions are held against.
pub(super) struct View<'a> {
    pub response: Option<Urgency>,
    pub origin: Option<Origin>,
    pub sender_role: SenderRole,
    pub sender_kind: Option<PartyKind>,
    pub names_team: bool,
    pub names_copies: bool,
    pub person: &'a PersonFacts,
    pub home: Lies,
    pub gp: Lies,
    pub same_area: bool,
}

const ROLES: &[(&str, SenderRole)] = &[
    ("self", SenderRole::SelfReferral),
    ("mental-health-facilitator", SenderRole::MentalHealthFacilitator),
    ("primary-care-practitioner", SenderRole::PrimaryCarePractitioner),
    ("unconnected", SenderRole::Unconnected),
    ("other", SenderRole::Other),
];

fn role(code: &str) -> Option<SenderRole> {
    ROLES.iter().find(|(known, _)| *known == code).map(|(_, role)| *role)
}

impl When {
    /// Reads the conditions of a row, noting every fault.
    pub(super) fn read(row: &mut Row<'_>) -> Self {
        let pathways = format!("of {}", Pathway::ALL.iter().map(|one| one.code()).collect::<Vec<_>>().join(", "));
        let roles = format!("of {}", ROLES.iter().map(|(code, _)| *code).collect::<Vec<_>>().join(", "));
        let lies = format!("of {}", Lies::ALL.iter().map(|(code, _)| *code).collect::<Vec<_>>().join(", "));
        let coded = "a code as system|code, as in http://snomed.info/sct|77386006, or system|CODE* for all it begins";
        let code =
            |text: &str| text.split_once('|').filter(|(s, c)| !s.is_empty() && !c.is_empty()).map(|_| text.to_owned());
        let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let item = |text: &str| ITEMS.contains(&text).then(|| text.to_owned());
        let items = format!("of {}", ITEMS.join(", "));
        Self {
            response: row.codes("response", "of routine, urgent, crisis", urgency),
            origin: row.codes("origin", "external or internal", origin).into_iter().next(),
            sender_role: row.codes("sender_role", &roles, role),
            sender_role_not: row.codes("sender_role_not", &roles, role),
            sender_kind: row.codes("sender_kind", "a kind of organisation or team", PartyKind::from_code),
            pathway: row.codes("pathway", &pathways, Pathway::from_code),
            pathway_not: row.codes("pathway_not", &pathways, Pathway::from_code),
            diagnosis: row.codes("diagnosis", coded, code),
            only_diagnosis: row.codes("only_diagnosis", coded, code),
            names_team: row.flag("names_team"),
            mdt: row.flag("mdt"),
            names_copies: row.flag("names_copies"),
            age_under: row.number("age_under"),
            age_over: row.number("age_over"),
            age_known: row.flag("age_known"),
            practices: row.codes("practices", "an ODS code", word),
            home: row.codes("home", &lies, Lies::from_code),
            gp: row.codes("gp", &lies, Lies::from_code),
            same_area: row.flag("same_area"),
            given: row.codes("given", &items, item),
            none_known: row.codes("none_known", &items, item),
            absent: row.codes("absent", &items, item),
        }
    }

    /// A crisis response, and nothing else.
    pub(super) fn of_crisis() -> Self {
        Self { response: vec![Urgency::Crisis], ..Self::default() }
    }

    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all of it holds.
    pub(super) fn holds(&self, view: &View<'_>) -> bool {
        let person = view.person;
        let any = |wanted: &[Pathway]| wanted.iter().any(|one| person.pathways.contains(one));
        let fits = |flag: Option<bool>, found: bool| flag.is_none_or(|wanted| wanted == found);
        let asks = |empty: bool, holds: bool| empty || holds;
        asks(self.response.is_empty(), view.response.is_some_and(|one| self.response.contains(&one)))
            && self.origin.is_none_or(|wanted| view.origin == Some(wanted))
            && asks(self.sender_role.is_empty(), self.sender_role.contains(&view.sender_role))
            && !self.sender_role_not.contains(&view.sender_role)
            && asks(self.sender_kind.is_empty(), view.sender_kind.is_some_and(|one| self.sender_kind.contains(&one)))
            && asks(self.pathway.is_empty(), any(&self.pathway))
            && !any(&self.pathway_not)
            && asks(self.diagnosis.is_empty(), person.codes.iter().any(|code| among(&self.diagnosis, code)))
            && asks(self.only_diagnosis.is_empty(), only(&self.only_diagnosis, &person.diagnoses))
            && fits(self.names_team, view.names_team)
            && fits(self.mdt, person.mdt.is_some())
            && fits(self.names_copies, view.names_copies)
            && self.age_under.is_none_or(|limit| person.age.is_some_and(|age| i64::from(age) < limit))
            && self.age_over.is_none_or(|limit| person.age.is_some_and(|age| i64::from(age) > limit))
            && fits(self.age_known, person.age.is_some())
            && asks(self.practices.is_empty(), self.names_practice(person))
            && asks(self.home.is_empty(), self.home.iter().any(|one| one.admits(view.home)))
            && asks(self.gp.is_empty(), self.gp.iter().any(|one| one.admits(view.gp)))
            && fits(self.same_area, view.same_area)
            && all(&self.given, person, Answer::Given)
            && all(&self.none_known, person, Answer::NoneKnown)
            && all(&self.absent, person, Answer::Absent)
    }

    fn names_practice(&self, person: &PersonFacts) -> bool {
        person
            .practice
            .as_ref()
            .is_some_and(|code| self.practices.iter().any(|one| one.eq_ignore_ascii_case(code.as_str())))
    }
}

/// Items of a referral that rules may ask about: whether there is an answer, never what it says.
const ITEMS: &[&str] = &[
    "treatments-tried",
    "previous-psychiatric-history",
    "legal-status",
    "risk-to-self-current",
    "risk-to-others-current",
    "working-diagnosis",
];

fn all(items: &[String], person: &PersonFacts, wanted: Answer) -> bool {
    items.iter().all(|item| person.answers.get(item.as_str()).copied().unwrap_or(Answer::Absent) == wanted)
}

/// Whether a code is one of a list; an entry that ends in a star stands for all that begin so.
fn among(list: &[String], code: &str) -> bool {
    list.iter().any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => code.starts_with(beginning),
        None => entry == code,
    })
}

/// Whether there are diagnoses, and every one has a code of the list: one without a code may be anything.
fn only(list: &[String], diagnoses: &[Option<BTreeSet<String>>]) -> bool {
    !diagnoses.is_empty()
        && diagnoses.iter().all(|codes| codes.as_ref().is_some_and(|codes| codes.iter().any(|code| among(list, code))))
}

fn urgency(code: &str) -> Option<Urgency> {
    Urgency::ALL.iter().copied().find(|urgency| urgency.code() == code)
}

fn origin(code: &str) -> Option<Origin> {
    match code {
        "external" => Some(Origin::External),
        "internal" => Some(Origin::Internal),
        _ => None,
    }
}
