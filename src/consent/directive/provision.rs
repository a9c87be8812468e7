//! One provision of a Consent (<https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision>) weighed against one
//! recipient, purpose, document and moment: who, why, what for, which information, from when. Says how surely each
//! condition holds; what that comes to is for `node`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::audience::Match;
use super::node::{Cover, Node};
use super::period::{self, InPeriod};
use super::read::{Notes, Reader};
use super::{Effect, Holds};
use crate::consent::label::Label;
use crate::consent::tags;
use crate::fhir::{codes, headings};
use crate::model::{DataCategory, DocumentKind, Purpose};

impl Reader<'_> {
    /// A provision and what stands in it; `holder` is the entry the Consent stands in.
    pub(super) fn node(&self, provision: &Value, holder: &Value, parent: Option<Effect>, notes: &mut Notes) -> Node {
        let effect = Effect::of(provision, parent);
        let mut actor = self.actors(provision, holder);
        if parent == Some(Effect::Permit) && effect == Some(Effect::Deny) && actor.unknown {
            // An exception to what this recipient may have, about somebody there: it may be read along with.
            actor.holds = actor.holds.max(Holds::Perhaps);
        }
        let given = provision.get("period");
        let period = period::at(given, self.about.now);
        let (covers, kind) = self.covers(provision);
        let data = self.data(provision);
        let dated = self.dated(provision, effect);
        let odd = has(provision, "modifierExtension");
        let modifier = if odd { Holds::Perhaps } else { Holds::Surely };
        notes.doubtful |= odd
            || period == InPeriod::Unreadable
            || [data, dated, kind].contains(&Holds::Perhaps)
            || covers.iter().any(|cover| cover.more || (cover.partly && effect != Some(Effect::Deny)));
        notes.unmatched_objection |=
            actor.unknown && effect == Some(Effect::Deny) && matches!(period, InPeriod::Yes | InPeriod::Unreadable);
        let conditions = [actor.holds, self.purposes(provision), actions(provision), kind, data, dated, modifier];
        Node {
            effect,
            holds: conditions.into_iter().min().unwrap_or(Holds::No),
            named: actor.named,
            by_identity: actor.by_identity,
            period,
            start: period::start(given),
            end: period::end(given),
            covers,
            exceptions: each(provision, "provision").map(|inner| self.node(inner, holder, effect, notes)).collect(),
        }
    }

    fn actors(&self, provision: &Value, holder: &Value) -> Actors {
        let mut found = Actors { holds: Holds::No, named: Holds::No, by_identity: false, unknown: false };
        let mut any = false;
        for actor in each(provision, "actor") {
            any = true;
            let holds = match self.audience.matches(actor, holder) {
                Match::Named if !in_another_role(actor) => {
                    found.by_identity |= !names_a_kind(actor);
                    Holds::Surely
                }
                Match::Named | Match::Possible | Match::Alike => Holds::Perhaps,
                Match::Other => Holds::No,
                Match::Unknown => {
                    found.unknown = true;
                    Holds::No
                }
            };
            found.holds = found.holds.max(holds);
        }
        found.named = found.holds;
        if any { found } else { Actors { holds: Holds::Surely, ..found } }
    }

    /// Whether the purposes given cover ours.
    fn purposes(&self, provision: &Value) -> Holds {
        let purposes: Vec<&Value> = each(provision, "purpose").collect();
        let any = |wanted: &dyn Fn(&Value) -> bool| purposes.iter().any(|purpose| wanted(purpose));
        let emergency = any(&|p| is_coding(p, codes::ACT_REASON, &["ETREAT"]));
        if purposes.is_empty() {
            Holds::Surely
        } else if self.about.purpose != Purpose::DirectCare {
            Holds::No
        } else if any(&|p| is_coding(p, codes::ACT_REASON, CARE)) || (emergency && self.about.emergency) {
            Holds::Surely
        } else if emergency || any(&|p| !is_of(p, codes::ACT_REASON)) {
            // Care in an emergency may be what is asked for, and so may a purpose in words of somebody else's.
            Holds::Perhaps
        } else {
            Holds::No
        }
    }

    /// What the provision is narrowed to by class, security label and code, and whether a class of documents is ours.
    fn covers(&self, provision: &Value) -> (Vec<Cover>, Holds) {
        let mut covers = Vec::new();
        let mut kind = Holds::Surely;
        if has(provision, "class") {
            let (cover, documents) = self.classes(provision);
            kind = documents;
            covers.extend(cover);
        }
        if has(provision, "securityLabel") {
            covers.push(labels(provision));
        }
        if has(provision, "code") {
            covers.push(self.items(provision));
        }
        (covers, kind)
    }

    /// Classes: categories of ours, types of resource that hold one category alone, and kinds of document of ours.
    fn classes(&self, provision: &Value) -> (Option<Cover>, Holds) {
        let mut cover = Cover::default();
        let (mut kinds, mut ours) = (0, false);
        let mut given = 0;
        for class in each(provision, "class") {
            given += 1;
            let text = |key: &str| class.get(key).and_then(Value::as_str).unwrap_or_default();
            let found = match text("system") {
                codes::DATA_CATEGORY => DataCategory::from_code(text("code")),
                RESOURCE_TYPES => of_type(text("code")),
                codes::DOCUMENT_KIND if DocumentKind::from_code(text("code")).is_some() => {
                    kinds += 1;
                    ours |= text("code") == self.about.document.code();
                    continue;
                }
                _ => None,
            };
            match found {
                Some(category) => drop(cover.categories.insert(category)),
                None => cover.more = true,
            }
        }
        if kinds == 0 {
            cover.more |= given == 0;
            (Some(cover), Holds::Surely)
        } else if ours {
            // The document itself is named: all of it, whatever else is.
            (None, Holds::Surely)
        } else if kinds == given {
            (None, Holds::No)
        } else {
            (Some(cover), Holds::Surely)
        }
    }

    /// Codes of the content: of ours, what a heading or a question is about; a permission for one question is none for
    /// all of its category.
    fn items(&self, provision: &Value) -> Cover {
        let mut cover = Cover::default();
        for concept in each(provision, "code") {
            let mut known = BTreeSet::new();
            for coding in each(concept, "coding") {
                let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
                let (system, code) = (text("system"), text("code"));
                match system {
                    codes::DATA_CATEGORY => known.extend(DataCategory::from_code(code)),
                    codes::DOCUMENT_SECTION => {
                        cover.partly = true;
                        known.extend(headings::of_section(Some(self.about.document), code));
                    }
                    _ => {
                        cover.partly = true;
                        known.extend(headings::of_item(system, code));
                    }
                }
            }
            cover.more |= known.is_empty();
            cover.categories.extend(known);
        }
        cover.more |= cover.categories.is_empty();
        cover
    }

    /// Documents named by reference: this one surely, another one surely not, a part of this one perhaps.
    fn data(&self, provision: &Value) -> Holds {
        let Some(given) = provision.get("data") else { return Holds::Surely };
        let all: Vec<Holds> = given
            .as_array()
            .into_iter()
            .flatten()
            .map(|data| data.get("reference").map_or(Holds::Perhaps, |reference| self.is_this_document(reference)))
            .collect();
        all.into_iter().max().unwrap_or(Holds::Perhaps)
    }

    fn is_this_document(&self, reference: &Value) -> Holds {
        let named = reference.get("identifier");
        let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
        let bundle = self.document.value().get("identifier");
        let composition = self.document.first("Composition").and_then(|composition| composition.get("identifier"));
        let own: Vec<&Value> = bundle.into_iter().chain(composition).collect();
        let same = |key: &str| own.iter().any(|own| named.is_some_and(|named| text(named, key) == text(own, key)));
        let both = own.iter().any(|own| {
            named.is_some_and(|named| ["system", "value"].iter().all(|key| text(named, key) == text(own, key)))
        });
        match named {
            Some(named) if both && text(named, "value").is_some() => Holds::Surely,
            // Of the same series, and another number.
            Some(named) if same("system") && text(named, "system").is_some() => Holds::No,
            _ => Holds::Perhaps,
        }
    }

    /// The time the information is of, held against the date of the document. A document may tell of what was before it
    /// was written, and never of what came after.
    fn dated(&self, provision: &Value, effect: Option<Effect>) -> Holds {
        let Some(span) = provision.get("dataPeriod") else { return Holds::Surely };
        let found = self.written.map_or(InPeriod::Unreadable, |written| period::at(Some(span), written));
        match found {
            InPeriod::Yes => Holds::Surely,
            InPeriod::Unreadable => Holds::Perhaps,
            InPeriod::After if effect == Some(Effect::Deny) => Holds::Perhaps,
            InPeriod::Before | InPeriod::After => Holds::No,
        }
    }
}

struct Actors {
    holds: Holds,
    named: Holds,
    by_identity: bool,
    unknown: bool,
}

/// Purposes of use that are the person's own care (v3-ActReason).
const CARE: &[&str] = &["TREAT", "CAREMGT", "COC"];
/// Participation types that are not receiving: a permission that names a party as author or custodian sends it nothing.
const OTHER_ROLES: &[&str] = &["AUT", "CST", "ENT", "INF", "SBJ"];
const ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
const RESOURCE_TYPES: &str = "http://hl7.org/fhir/resource-types";

/// The one category that resources of a type are of.
fn of_type(kind: &str) -> Option<DataCategory> {
    match kind {
        "MedicationStatement"
        | "MedicationRequest"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "Medication" => Some(DataCategory::Medication),
        "RiskAssessment" => Some(DataCategory::RiskSummary),
        "FamilyMemberHistory" => Some(DataCategory::FamilyHistory),
        "RelatedPerson" => Some(DataCategory::Carer),
        _ => None,
    }
}

/// Sensitivity labels whose categories are known; what other labels mean is not.
fn labels(provision: &Value) -> Cover {
    let mut cover = Cover::default();
    for label in each(provision, "securityLabel") {
        let labelled = serde_json::json!({"meta": {"security": [label]}});
        match tags::sensitivity(&labelled).into_iter().next() {
            Some(Label::Category(category)) => drop(cover.categories.insert(category)),
            _ => cover.more = true,
        }
    }
    cover.more |= cover.categories.is_empty();
    cover
}

fn in_another_role(actor: &Value) -> bool {
    let codings = actor.pointer("/role/coding").and_then(Value::as_array);
    codings.into_iter().flatten().any(|coding| is_coding(coding, codes::PARTICIPATION, OTHER_ROLES))
}

/// Whether an actor is any party of a kind.
fn names_a_kind(actor: &Value) -> bool {
    let system = actor.pointer("/reference/identifier/system").and_then(Value::as_str).unwrap_or_default();
    tags::folded(system) == tags::folded(codes::PARTY_KIND)
}

/// Whether the actions given are disclosing.
fn actions(provision: &Value) -> Holds {
    let codings = || each(provision, "action").flat_map(|action| each(action, "coding"));
    if each(provision, "action").next().is_none()
        || codings().any(|coding| is_coding(coding, ACTION, &["disclose", "access"]))
    {
        Holds::Surely
    } else if codings().count() > 0 && codings().all(|coding| is_coding(coding, ACTION, &["collect", "correct"])) {
        Holds::No
    } else {
        Holds::Perhaps
    }
}

pub(super) fn each<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn is_of(coding: &Value, system: &str) -> bool {
    coding.get("system").and_then(Value::as_str) == Some(system)
}

pub(super) fn is_coding(coding: &Value, system: &str, wanted: &[&str]) -> bool {
    is_of(coding, system) && coding.get("code").and_then(Value::as_str).is_some_and(|code| wanted.contains(&code))
}

pub(super) fn has(value: &Value, key: &str) -> bool {
    value.get(key).is_some()
}
