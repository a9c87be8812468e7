//! From a question to the facts policy speaks of. Expired consents and agreements never become facts (CS-18).
//! Derives; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Question;
use super::directive::{self, Audience, Reading, Wish};
use super::label::Label;
use super::parts;
use super::person::Person;
use super::records::{Capacity, Emergency, OverrideBasis};
use super::references::Index;
use crate::model::{DataCategory, DocumentKind, PartyKind, Purpose, Sector};

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
    /// Labels a permission to this recipient names.
    pub named: BTreeSet<Label>,
    /// Labels reached only by a permission without classes.
    pub unnamed: BTreeSet<Label>,
    /// Labels objected to.
    pub objected: BTreeSet<Label>,
    /// Labels the agreements in force cover for this purpose.
    pub agreed: BTreeSet<Label>,
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
    /// The first moment at which something relied on has run out; `None` when nothing has an end.
    pub relied_until: Option<Timestamp>,
    /// No rule may look at it; it is here so that a proof can say so.
    pub risk_score: Option<i64>,
}

/// An override in force, for this recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Overriding {
    pub basis: OverrideBasis,
    pub labels: BTreeSet<Label>,
    pub professional: String,
    pub rationale: String,
}

/// Facts, and the records they came from, for the basis of a permit.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub facts: Facts,
    /// For each category, the Consents that permit it.
    pub consents: BTreeMap<DataCategory, BTreeSet<String>>,
    /// For each category, the agreements (id, version) that cover it.
    pub agreements: BTreeMap<DataCategory, BTreeSet<(String, String)>>,
    pub remarks: Vec<String>,
    /// Labels objected to in terms that can be read with certainty.
    pub surely_objected: BTreeSet<Label>,
}

/// Gathers the facts of a question.
pub(super) fn gather(question: &Question<'_>) -> Evidence {
    let bundle = question.bundle.content();
    let audience = question.audience();
    let index = Index::new(bundle);
    let person = Person::new(bundle, &index);
    let reading = directive::read(audience, &person, question.purpose, question.now);
    let (wishes, consents) = weigh(&reading);
    let agreements = agreements(question);
    let facts = Facts {
        recipient: question.recipient.id.as_str().to_owned(),
        recipient_kind: question.recipient.kind,
        organisation: question.recipient.organisation().as_str().to_owned(),
        document: question.kind,
        purpose: question.purpose,
        sender_sector: question.sender.sector(),
        person_access: question.recipient.kind == PartyKind::GpPractice,
        recipient_is_sender: question.recipient.id == question.sender.id,
        care_relationship: question.care_relationship,
        cares_for_person: question.care_relationship
            || reading.directives.iter().any(|directive| {
                DataCategory::ALL.iter().any(|c| matches!(directive.wish(*c), Wish::Permitted { .. }))
            }),
        registered_gp: question.registered_gp,
        holds_person: parts::holds_person(bundle),
        copied_to_person: question.kind.is_to_person(),
        own_record: question.recipient.kind == PartyKind::Person,
        origin_stated: true,
        named: permitted(&wishes, Wish::Permitted { category_named: true }),
        unnamed: permitted(&wishes, Wish::Permitted { category_named: false }),
        objected: objected(&wishes),
        agreed: widened(&agreements.keys().copied().collect()),
        unmatched_objection: reading.unmatched_objection,
        not_informed: BTreeSet::new(),
        withdrawn: BTreeSet::new(),
        carer_agreed: BTreeSet::new(),
        capacity: Capacity::Presumed,
        overriding: None,
        emergency: question.records.emergency.clone(),
        now: question.now,
        relied_until: None,
        risk_score: None,
    };
    let sure = |category: &DataCategory| {
        let objects = reading.directives.iter().any(|directive| directive.surely_objects(*category));
        if objects { Wish::Objected } else { Wish::Silent }
    };
    let surely_objected = objected(&DataCategory::ALL.iter().map(|category| (*category, sure(category))).collect());
    Evidence { facts, consents, agreements, remarks: reading.remarks, surely_objected }
}

impl Question<'_> {
    /// The recipient as the Consents of the bundle may name it.
    pub(super) const fn audience(&self) -> Audience<'_> {
        Audience { recipient: self.recipient, organisation: self.recipient_organisation, bundle: self.bundle.content() }
    }
}

type Wishes = BTreeMap<DataCategory, Wish>;

/// Over all Consents: an objection in any of them beats a permission in another (CS-02).
fn weigh(reading: &Reading) -> (Wishes, BTreeMap<DataCategory, BTreeSet<String>>) {
    let mut wishes = Wishes::new();
    let mut sources: BTreeMap<DataCategory, BTreeSet<String>> = BTreeMap::new();
    for category in DataCategory::ALL {
        for directive in &reading.directives {
            let wish = directive.wish(*category);
            if matches!(wish, Wish::Permitted { .. }) {
                sources.entry(*category).or_default().insert(directive.id.clone());
            }
            let known = wishes.entry(*category).or_insert(Wish::Silent);
            *known = known.with(wish);
        }
    }
    (wishes, sources)
}

/// Categories permitted in just this way, and the labels that follow from them.
fn permitted(wishes: &Wishes, how: Wish) -> BTreeSet<Label> {
    widened(&wishes.iter().filter(|(_, wish)| **wish == how).map(|(category, _)| *category).collect())
}

/// A positive list of categories as labels: any of them lets the message itself go along, and only all of them
/// let go what nobody has put in a category.
fn widened(categories: &BTreeSet<DataCategory>) -> BTreeSet<Label> {
    let mut labels: BTreeSet<Label> = categories.iter().copied().map(Label::from).collect();
    if !categories.is_empty() {
        labels.insert(Label::Administrative);
    }
    if categories.len() == DataCategory::ALL.len() {
        labels.insert(Label::Unassigned);
    }
    labels
}

/// Objections as labels: any of them holds back what nobody has put in a category, and only an objection to
/// everything holds back the message itself.
fn objected(wishes: &Wishes) -> BTreeSet<Label> {
    let mut labels: BTreeSet<Label> =
        wishes.iter().filter(|(_, w)| **w == Wish::Objected).map(|(category, _)| Label::from(*category)).collect();
    if labels.len() == DataCategory::ALL.len() {
        labels.insert(Label::Administrative);
    }
    if !labels.is_empty() {
        labels.insert(Label::Unassigned);
    }
    labels
}

/// Agreements that bind the recipient's organisation, are in force and cover the purpose, by category.
fn agreements(question: &Question<'_>) -> BTreeMap<DataCategory, BTreeSet<(String, String)>> {
    let mut covered: BTreeMap<DataCategory, BTreeSet<(String, String)>> = BTreeMap::new();
    let recipient = question.recipient;
    for agreement in question.agreements {
        let binds = agreement.between.contains(recipient.organisation()) || agreement.between.contains(&recipient.id);
        if binds && agreement.in_force(question.now) && agreement.purposes.contains(&question.purpose) {
            for category in &agreement.categories {
                let cited = (agreement.id.clone(), agreement.version.clone());
                covered.entry(*category).or_default().insert(cited);
            }
        }
    }
    covered
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
