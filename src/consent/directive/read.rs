//! Reads FHIR Consent resources into provision trees weighed against one recipient, purpose and moment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::audience::{Audience, Match};
use super::period::{self, InPeriod};
use super::{Effect, Holds, Node, Wish};
use crate::consent::person::Person;
use crate::fhir::bundle::resource_type;
use crate::fhir::{codes, headings};
use crate::model::{DataCategory, Purpose};

/// The wishes of one Consent, and how to cite it.
#[derive(Debug, Clone)]
pub(in crate::consent) struct Directive {
    pub id: String,
    root: Node,
}

impl Directive {
    /// What this Consent says about a category, for the recipient it was read for.
    pub(in crate::consent) fn wish(&self, category: DataCategory) -> Wish {
        self.root.wish(category)
    }

    /// Whether it objects to a category in terms that can be read with certainty.
    pub(in crate::consent) fn surely_objects(&self, category: DataCategory) -> bool {
        self.root.surely_objects(category)
    }
}

/// Everything read, and what a person should know about the reading.
#[derive(Debug, Clone, Default)]
pub(in crate::consent) struct Reading {
    pub directives: Vec<Directive>,
    /// An objection names somebody who is not matched to a party.
    pub unmatched_objection: bool,
    /// Findings in plain words: they cite the Consent and name nobody.
    pub remarks: Vec<String>,
}

/// What the reading is about.
struct Reader<'a> {
    audience: Audience<'a>,
    purpose: Purpose,
    now: Timestamp,
    person: &'a Person<'a>,
}

/// Reads every Consent of the bundle that is active and about sharing.
pub(in crate::consent) fn read(
    audience: Audience<'_>,
    person: &Person<'_>,
    purpose: Purpose,
    now: Timestamp,
) -> Reading {
    let reader = Reader { audience, purpose, now, person };
    let mut reading = Reading::default();
    for (_, resource) in audience.bundle.entries() {
        let contained = resource.get("contained").and_then(Value::as_array).into_iter().flatten();
        for consent in std::iter::once(resource).chain(contained).filter(|r| resource_type(r) == Some("Consent")) {
            reader.directive(consent, resource, citation(consent), &mut reading);
        }
    }
    reading
}

/// How a Consent is cited in a basis: by a digest, since its identifier may be anybody's words. The members are
/// put in order first, so that the same Consent in JSON and in XML is cited alike.
fn citation(consent: &Value) -> String {
    let digest = Sha256::digest(canonical(consent).to_string().as_bytes());
    let first = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("Consent/{first:016x}")
}

const UNMATCHED: &str = "an objection names somebody the gateway cannot match to an organisation or team";

/// The list of the native document that a Consent stands for, by its policy: a code of ours, never anybody's words.
fn native_list(consent: &Value) -> Option<String> {
    let codings = consent.pointer("/policyRule/coding").and_then(Value::as_array)?;
    codings.iter().find_map(|coding| {
        let text = |key: &str| coding.get(key).and_then(Value::as_str);
        let (system, code) = (text("system")?, text("code")?);
        if system == codes::SHARING_POSITION {
            return Some("consent.objections".to_owned());
        }
        headings::of_item(system, code).next().map(|_| code.replace('-', "_"))
    })
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let ordered: BTreeMap<&String, &Value> = object.iter().collect();
            ordered.into_iter().map(|(key, inner)| (key.clone(), canonical(inner))).collect()
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

/// There are verifications, and none of them says that the person confirmed.
fn unverified(consent: &Value) -> bool {
    let all = consent.get("verification").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    !all.is_empty() && !all.iter().any(|one| one.get("verified").and_then(Value::as_bool) == Some(true))
}

impl Reader<'_> {
    /// `holder` is the entry the Consent stands in: the Consent itself, or the resource that contains it.
    fn directive(&self, consent: &Value, holder: &Value, id: String, reading: &mut Reading) {
        if consent.get("status").and_then(Value::as_str) != Some("active") {
            return;
        }
        let scope = scope(consent);
        // Another person of the bundle speaks for themselves only.
        let of_another = consent.get("patient").is_some_and(|patient| self.person.is_another(patient));
        if scope == Scope::Other || of_another {
            return;
        }
        let mut notes = Notes::default();
        let mut root = match consent.get("provision") {
            Some(provision) => self.node(provision, holder, None, &mut notes),
            None => Node::empty(),
        };
        if root.effect.is_none() && opted_out(consent) {
            root.effect = Some(Effect::Deny);
        }
        // Asked, and never confirmed: a permission somebody claims and the person did not give.
        let readable = !unverified(consent)
            && scope == Scope::Sharing
            && self.is_about_subject(consent, holder)
            && !has(consent, "modifierExtension");
        if !readable {
            root.holds = root.holds.min(Holds::Perhaps);
            notes.doubtful = true;
        }
        reading.unmatched_objection |= notes.unmatched_objection;
        for (found, text) in [
            (notes.unmatched_objection, UNMATCHED),
            (
                notes.doubtful,
                "something narrows a provision in a way the gateway does not read: it was not relied on as consent, and objections in it were read widely",
            ),
        ] {
            if found {
                let places = if text == UNMATCHED { self.unmatched(consent, holder) } else { Vec::new() };
                let cited = if places.is_empty() { id.clone() } else { places.join(", ") };
                reading.remarks.push(format!("{cited}: {text}."));
            }
        }
        reading.directives.push(Directive { id, root });
    }

    /// The places in the native document of the objections that name nobody who is known; none for a Consent that no
    /// list of ours became.
    fn unmatched(&self, consent: &Value, holder: &Value) -> Vec<String> {
        let Some(list) = native_list(consent) else { return Vec::new() };
        let all = consent.pointer("/provision/provision").and_then(Value::as_array).into_iter().flatten();
        let objections = all.filter(|inner| inner.get("type").and_then(Value::as_str) == Some("deny")).enumerate();
        let unmatched = objections.filter(|(_, inner)| {
            let mut notes = Notes::default();
            let _ = self.node(inner, holder, None, &mut notes);
            notes.unmatched_objection
        });
        unmatched.map(|(position, _)| format!("{list}[{position}]")).collect()
    }

    fn is_about_subject(&self, consent: &Value, holder: &Value) -> bool {
        match consent.get("patient") {
            Some(patient) => self.person.is_meant(patient, holder),
            None => self.audience.bundle.all("Patient").count() <= 1,
        }
    }

    fn node(&self, provision: &Value, holder: &Value, parent: Option<Effect>, notes: &mut Notes) -> Node {
        let nested = provision.get("provision").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let effect = Effect::of(provision, parent);
        let mut actor = self.actors(provision, holder);
        if parent == Some(Effect::Permit) && effect == Some(Effect::Deny) && actor.unknown {
            // An exception to what this recipient may have, about somebody there: it may be read along with.
            actor.holds = actor.holds.max(Holds::Perhaps);
        }
        let period = period::at(provision.get("period"), self.now);
        let narrowed = ["securityLabel", "code", "dataPeriod", "data", "modifierExtension"];
        let narrowed = narrowed.iter().any(|key| has(provision, key));
        let in_period = match period {
            InPeriod::Yes => Holds::Surely,
            InPeriod::Unreadable => Holds::Perhaps,
            InPeriod::No => Holds::No,
        };
        let conditions = [
            actor.holds,
            in_period,
            self.purposes(provision),
            actions(provision),
            if narrowed { Holds::Perhaps } else { Holds::Surely },
        ];
        let (classes, odd_class) = classes(provision);
        notes.doubtful |= narrowed || odd_class || period == InPeriod::Unreadable;
        notes.unmatched_objection |= actor.unknown && effect == Some(Effect::Deny) && period != InPeriod::No;
        Node {
            effect,
            holds: conditions.into_iter().min().unwrap_or(Holds::No),
            named: actor.named,
            classes,
            odd_class,
            exceptions: nested.iter().map(|inner| self.node(inner, holder, effect, notes)).collect(),
        }
    }

    fn actors(&self, provision: &Value, holder: &Value) -> Actors {
        let actors = provision.get("actor").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if actors.is_empty() {
            return Actors { holds: Holds::Surely, named: false, unknown: false };
        }
        let mut found = Actors { holds: Holds::No, named: false, unknown: false };
        for actor in actors {
            let holds = match self.audience.matches(actor, holder) {
                Match::Named if !in_another_role(actor) => Holds::Surely,
                Match::Named | Match::Possible => Holds::Perhaps,
                Match::Other => Holds::No,
                Match::Unknown => {
                    found.unknown = true;
                    Holds::No
                }
            };
            found.holds = found.holds.max(holds);
        }
        found.named = found.holds == Holds::Surely;
        found
    }

    /// Whether the purposes given cover ours.
    fn purposes(&self, provision: &Value) -> Holds {
        let purposes = provision.get("purpose").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let any = |wanted: &dyn Fn(&Value) -> bool| purposes.iter().any(wanted);
        if purposes.is_empty() {
            Holds::Surely
        } else if self.purpose != Purpose::DirectCare {
            Holds::No
        } else if any(&|p| is_coding(p, codes::ACT_REASON, CARE)) {
            Holds::Surely
        } else if any(&|p| is_coding(p, codes::ACT_REASON, &["ETREAT"]) || !is_of(p, codes::ACT_REASON)) {
            // Care in an emergency may be what is asked for, and so may a purpose in words of somebody else's.
            Holds::Perhaps
        } else {
            Holds::No
        }
    }
}

/// Purposes of use that are the person's own care (v3-ActReason).
const CARE: &[&str] = &["TREAT", "CAREMGT", "COC"];
/// Participation types that are not receiving: a permission that names a party as author or custodian sends it nothing.
const OTHER_ROLES: &[&str] = &["AUT", "CST", "ENT", "INF", "SBJ"];
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";

#[derive(Default)]
struct Notes {
    unmatched_objection: bool,
    doubtful: bool,
}

struct Actors {
    holds: Holds,
    named: bool,
    unknown: bool,
}

impl Node {
    const fn empty() -> Self {
        Self {
            effect: None,
            holds: Holds::Surely,
            named: false,
            classes: None,
            odd_class: false,
            exceptions: Vec::new(),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Scope {
    Sharing,
    /// Consent to treatment, to research, to advance care: not the gateway's business.
    Other,
    Unreadable,
}

fn scope(consent: &Value) -> Scope {
    let codings = consent.pointer("/scope/coding").and_then(Value::as_array);
    let known =
        |code: &[&str]| codings.into_iter().flatten().any(|coding| is_coding(coding, codes::CONSENT_SCOPE, code));
    if known(&["patient-privacy"]) {
        Scope::Sharing
    } else if known(&["treatment", "research", "adr"]) {
        Scope::Other
    } else {
        Scope::Unreadable
    }
}

/// Whether a Consent is about sharing, or may be: one whose scope says otherwise decides nothing here.
pub(in crate::consent) fn about_sharing(consent: &Value) -> bool {
    scope(consent) != Scope::Other
}

/// The base policy is "opted out": everything the provisions do not except is objected to.
fn opted_out(consent: &Value) -> bool {
    let codings = consent.pointer("/policyRule/coding").and_then(Value::as_array);
    codings.into_iter().flatten().any(|coding| is_coding(coding, codes::ACT_CODE, &["OPTOUT", "OPTOUTE"]))
}

fn in_another_role(actor: &Value) -> bool {
    let codings = actor.pointer("/role/coding").and_then(Value::as_array);
    codings.into_iter().flatten().any(|coding| is_coding(coding, PARTICIPATION, OTHER_ROLES))
}

/// Whether the actions given are disclosing.
fn actions(provision: &Value) -> Holds {
    let actions = provision.get("action").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let codings = || actions.iter().filter_map(|a| a.get("coding")?.as_array()).flatten();
    if actions.is_empty() || codings().any(|coding| is_coding(coding, ACTION, &["disclose", "access"])) {
        Holds::Surely
    } else if codings().count() > 0 && codings().all(|coding| is_coding(coding, ACTION, &["collect", "correct"])) {
        Holds::No
    } else {
        Holds::Perhaps
    }
}

/// The categories named, and whether some class is none of ours.
fn classes(provision: &Value) -> (Option<BTreeSet<DataCategory>>, bool) {
    let Some(given) = provision.get("class").and_then(Value::as_array) else {
        let odd = has(provision, "class");
        return (odd.then(BTreeSet::new), odd);
    };
    let mut named = BTreeSet::new();
    let mut odd = false;
    for class in given {
        let ours = class.get("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY);
        let category = class.get("code").and_then(Value::as_str).filter(|_| ours).and_then(DataCategory::from_code);
        match category {
            Some(category) => {
                named.insert(category);
            }
            None => odd = true,
        }
    }
    (Some(named), odd)
}

fn is_of(coding: &Value, system: &str) -> bool {
    coding.get("system").and_then(Value::as_str) == Some(system)
}

fn is_coding(coding: &Value, system: &str, wanted: &[&str]) -> bool {
    is_of(coding, system) && coding.get("code").and_then(Value::as_str).is_some_and(|code| wanted.contains(&code))
}

fn has(value: &Value, key: &str) -> bool {
    value.get(key).is_some()
}
