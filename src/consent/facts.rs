//! From a question to the facts policy speaks of. What has expired, and a record that leaves out who or why, never
//! becomes a fact (CS-18, CS-09). Derives; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Question;
use super::directive::{self, About, Audience};
use super::in_force::{self, Cited, InForce};
use super::label::Label;
use super::person::Person;
use super::records::{Capacity, Emergency, OverrideBasis};
use super::references::Index;
use super::{origin, parts};
use crate::model::{DataCategory, DocumentKind, PartyKind, Purpose, Sector, Wording};

/// Everything a decision rests on, about one recipient, one purpose and one moment.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that policy names")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub recipient: String,
    pub recipient_kind: PartyKind,
    pub organisation: String,
    pub document: DocumentKind,
    pub purpose: Purpose,
    pub sender_sector: Sector,
    pub person_access: bool,
    pub recipient_is_sender: bool,
    pub care_relationship: bool,
    pub cares_for_person: bool,
    pub registered_gp: bool,
    pub holds_person: bool,
    pub copied_to_person: bool,
    pub own_record: bool,
    pub origin_stated: bool,
    /// Labels a permission to this recipient names, and who the person is along with any of them.
    pub named: BTreeSet<Label>,
    /// No permission names who the person is: it goes along with what is named. No rule asks; explanations say it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whose_goes_along: bool,
    /// Labels reached only by a permission without classes.
    pub unnamed: BTreeSet<Label>,
    /// Labels objected to.
    pub objected: BTreeSet<Label>,
    /// Labels the agreements in force cover for this purpose.
    pub agreed: BTreeSet<Label>,
    /// No rule asks; explanations say it, for somebody should look who is meant.
    pub unmatched_objection: bool,
    /// Labels the safety plan's list of people not to inform keeps from the recipient (CS-03).
    pub not_informed: BTreeSet<Label>,
    /// Labels a withdrawn consent covered, and none since (CS-17).
    pub withdrawn: BTreeSet<Label>,
    /// Labels the carer has agreed to (CS-08).
    pub carer_agreed: BTreeSet<Label>,
    pub capacity: Capacity,
    pub overriding: Option<Overriding>,
    pub emergency: Option<Emergency>,
    pub now: Timestamp,
    /// The first moment at which something these facts rest on has run out; `None` when nothing has an end.
    pub relied_until: Option<Timestamp>,
    /// No rule may look at it; it is here so that a proof can say so, and is not gathered, for nothing may use it.
    pub risk_score: Option<i64>,
}

/// An override in force, for this recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Overriding {
    pub basis: OverrideBasis,
    pub labels: BTreeSet<Label>,
    pub professional: Wording,
    pub rationale: Wording,
}

/// Facts, and the records they came from, for the basis of a permit and for explanations.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub facts: Facts,
    /// For each category, the Consents that permit it.
    pub consents: BTreeMap<DataCategory, BTreeSet<String>>,
    /// For each category, the agreements (id, version) that cover it.
    pub agreements: BTreeMap<DataCategory, BTreeSet<Cited>>,
    /// Ids of the overrides in force for this recipient.
    pub overrides: Vec<String>,
    pub ends: Ends,
    pub remarks: Vec<String>,
    /// The facts, if only what can be read with certainty kept anything back.
    pub certain: Facts,
    pub lapsed: Lapsed,
}

/// When what a release may rest on runs out.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    pub consents: BTreeMap<String, Timestamp>,
    pub agreements: BTreeMap<Cited, Timestamp>,
    pub overriding: Option<Timestamp>,
    pub capacity: Option<Timestamp>,
    /// An objection that is recorded and not in force yet.
    pub objection_begins: Option<Timestamp>,
}

/// What has run out, as it would count had it not (CS-18).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lapsed {
    pub named: BTreeSet<Label>,
    pub unnamed: BTreeSet<Label>,
    pub agreed: BTreeSet<Label>,
    pub overriding: Option<Overriding>,
}

/// Gathers the facts of a question.
pub(super) fn gather(question: &Question<'_>) -> Evidence {
    let bundle = question.bundle.content();
    let index = Index::new(bundle);
    let person = Person::new(bundle, &index);
    let emergency = question.records.emergency.as_ref();
    let about =
        About { purpose: question.purpose, document: question.kind, emergency: emergency.is_some(), now: question.now };
    let reading = directive::read(question.audience(), &person, &question.records.consents, about);
    let position = directive::position(&reading);
    let (capacity, capacity_until) = in_force::capacity(&question.records.capacity, &reading.positions, question.now);
    let agreements = in_force::agreements(question);
    let overrides = in_force::overrides(question);
    let ends = Ends {
        consents: position.ends,
        agreements: agreements.ends,
        overriding: overrides.in_force.as_ref().map(|one| one.until),
        capacity: capacity_until,
        objection_begins: position.objection_begins,
    };
    let facts = Facts {
        recipient: question.recipient.id.as_str().to_owned(),
        recipient_kind: question.recipient.kind,
        organisation: question.recipient.organisation().as_str().to_owned(),
        document: question.kind,
        purpose: question.purpose,
        sender_sector: question.sender.sector(),
        person_access: question.recipient.gives_person_access(),
        recipient_is_sender: question.recipient.id == question.sender.id,
        care_relationship: question.care_relationship,
        cares_for_person: question.care_relationship || position.names_recipient,
        registered_gp: question.registered_gp,
        holds_person: parts::holds_person(bundle),
        copied_to_person: origin::is_copied_to_person(bundle, question.kind, &person),
        own_record: origin::is_own_record(question, &person),
        origin_stated: origin::is_stated(bundle, question.sender),
        carer_agreed: carers(question.kind, &position.named, &position.unnamed, &position.carer),
        named: widened(&position.named),
        whose_goes_along: position.whose_goes_along,
        unnamed: widened(&position.unnamed),
        objected: kept_back(&position.against.objected),
        agreed: widened(&agreements.covered.keys().copied().collect()),
        unmatched_objection: reading.unmatched_objection,
        not_informed: kept_back(&position.against.not_informed),
        withdrawn: kept_back(&position.against.withdrawn),
        capacity,
        overriding: overrides.in_force.as_ref().map(Overriding::from),
        emergency: emergency.cloned(),
        now: question.now,
        relied_until: ends.first(),
        risk_score: None,
    };
    let certain = Facts {
        objected: kept_back(&position.surely_against.objected),
        not_informed: kept_back(&position.surely_against.not_informed),
        withdrawn: kept_back(&position.surely_against.withdrawn),
        ..facts.clone()
    };
    let lapsed = Lapsed {
        named: widened(&position.lapsed.0),
        unnamed: widened(&position.lapsed.1),
        agreed: widened(&agreements.lapsed),
        overriding: overrides.lapsed.as_ref().map(Overriding::from),
    };
    let mut remarks = reading.remarks;
    if !overrides.others.is_empty() {
        remarks.push("Overrides on several bases are in force for this recipient: the latest recorded was used, and those on another basis were not. Record one that covers both.".to_owned());
    }
    let ids = overrides.in_force.map(|one| one.ids).unwrap_or_default();
    let (consents, agreements) = (position.cited, agreements.covered);
    Evidence { facts, consents, agreements, overrides: ids, ends, remarks, certain, lapsed }
}

impl Question<'_> {
    /// The recipient as the Consents of the bundle may name it.
    pub(super) const fn audience(&self) -> Audience<'_> {
        Audience { recipient: self.recipient, organisation: self.recipient_organisation, bundle: self.bundle.content() }
    }
}

impl Ends {
    fn first(&self) -> Option<Timestamp> {
        let recorded = [self.overriding, self.capacity, self.objection_begins].into_iter().flatten();
        self.consents.values().chain(self.agreements.values()).copied().chain(recorded).min()
    }
}

impl From<&InForce> for Overriding {
    fn from(one: &InForce) -> Self {
        Self {
            basis: one.basis,
            labels: widened(&one.categories),
            professional: one.professional.clone(),
            rationale: one.rationale.clone(),
        }
    }
}

impl Facts {
    /// As if what has run out counted (CS-18).
    pub(super) fn with_lapsed_consent(&mut self, lapsed: &Lapsed) {
        self.named.extend(&lapsed.named);
        self.unnamed.extend(&lapsed.unnamed);
        self.cares_for_person |= !lapsed.named.is_empty() || !lapsed.unnamed.is_empty();
    }
}

type Categories = BTreeSet<DataCategory>;

/// What the carer has agreed to. In a carer's plan the carer is the person, and speaks with a consent of their own.
fn carers(kind: DocumentKind, named: &Categories, unnamed: &Categories, carer: &Categories) -> BTreeSet<Label> {
    let own = (kind == DocumentKind::CarersPlan).then(|| named.iter().chain(unnamed)).into_iter().flatten();
    carer.iter().chain(own).copied().map(Label::from).collect()
}

/// A positive list of categories as labels: any of them lets the message itself go along, and only all of them
/// let go what nobody has put in a category.
fn widened(categories: &Categories) -> BTreeSet<Label> {
    let mut labels: BTreeSet<Label> = categories.iter().copied().map(Label::from).collect();
    if !categories.is_empty() {
        labels.insert(Label::Administrative);
    }
    if categories.len() == DataCategory::ALL.len() {
        labels.insert(Label::Unassigned);
    }
    labels
}

/// What keeps things back as labels: any of it holds back what nobody has put in a category, and only what keeps back
/// everything holds back the message itself.
fn kept_back(categories: &Categories) -> BTreeSet<Label> {
    let mut labels: BTreeSet<Label> = categories.iter().copied().map(Label::from).collect();
    if labels.len() == DataCategory::ALL.len() {
        labels.insert(Label::Administrative);
    }
    if !labels.is_empty() {
        labels.insert(Label::Unassigned);
    }
    labels
}

#[cfg(test)]
impl Facts {
    /// A recipient about which nothing is known.
    pub(super) fn none(recipient_kind: PartyKind) -> Self {
        Self {
            recipient: "somebody".to_owned(),
            recipient_kind,
            organisation: "somebody".to_owned(),
            document: DocumentKind::Referral,
            purpose: Purpose::DirectCare,
            sender_sector: Sector::Nhs,
            person_access: false,
            recipient_is_sender: false,
            care_relationship: false,
            cares_for_person: false,
            registered_gp: false,
            holds_person: true,
            copied_to_person: false,
            own_record: false,
            origin_stated: true,
            named: BTreeSet::new(),
            whose_goes_along: false,
            unnamed: BTreeSet::new(),
            objected: BTreeSet::new(),
            agreed: BTreeSet::new(),
            unmatched_objection: false,
            not_informed: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            carer_agreed: BTreeSet::new(),
            capacity: Capacity::Presumed,
            overriding: None,
            emergency: None,
            now: Timestamp::UNIX_EPOCH,
            relied_until: None,
            risk_score: None,
        }
    }
}

#[cfg(test)]
impl Evidence {
    /// These facts and nothing behind them.
    pub(super) fn of(facts: Facts) -> Self {
        Self {
            certain: facts.clone(),
            facts,
            consents: BTreeMap::new(),
            agreements: BTreeMap::new(),
            overrides: Vec::new(),
            ends: Ends::default(),
            remarks: Vec::new(),
            lapsed: Lapsed::default(),
        }
    }
}
