//! Reads FHIR Consent resources, of the document and of what is kept about the person, into provision trees weighed
//! against one recipient, purpose, document and moment; and a plan's list of people not to inform that no Consent stands
//! for. What they come to together is for `position`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::audience::Audience;
use super::node::Node;
use super::period;
use super::provision::{each, has, is_coding};
use super::speaker::{Speaker, speaker};
use super::{Effect, Holds};
use crate::consent::person::Person;
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes, headings};
use crate::model::{DocumentKind, Purpose};

/// What a reading is about.
#[derive(Clone, Copy)]
pub(in crate::consent) struct About {
    pub purpose: Purpose,
    pub document: DocumentKind,
    /// Somebody has stated an emergency.
    pub emergency: bool,
    pub now: Timestamp,
}

/// The wishes of one Consent, and how to cite it.
#[derive(Debug, Clone)]
pub(in crate::consent) struct Directive {
    /// How a basis and a remark cite it.
    pub(super) id: String,
    pub(super) speaker: Speaker,
    /// Taken back: what it permitted is permitted no longer, and what it objected to is nothing.
    pub(super) withdrawn: bool,
    /// It is a plan's list of people not to inform (CS-03).
    pub(super) list: bool,
    /// Where it comes from: of two from the same source the later replaces the earlier.
    pub(super) source: String,
    pub(super) signed: Option<Timestamp>,
    /// When it was recorded: of one in the document at hand, now; of one that is kept, as its record says.
    pub(super) recorded: Option<Timestamp>,
    /// From when a Consent that is kept counts as taken back, whatever date of signing it still bears (CS-17).
    pub(super) taken_back: Option<Timestamp>,
    pub(super) root: Node,
}

/// Everything read, and what a person should know about the reading.
#[derive(Debug, Clone, Default)]
pub(in crate::consent) struct Reading {
    pub(super) directives: Vec<Directive>,
    /// An objection names somebody who is not matched to a party.
    pub unmatched_objection: bool,
    /// Findings in plain words: they cite the Consent and name nobody.
    pub remarks: Vec<String>,
    /// Positions on sharing: when each was recorded, and whether it says that the person lacks capacity for it.
    pub positions: Vec<(Option<Timestamp>, bool)>,
    seen: BTreeSet<String>,
}

/// Reads one place's Consents.
pub(super) struct Reader<'a> {
    /// In what is kept nothing can be looked up: its bundle is empty.
    pub(super) audience: Audience<'a>,
    pub(super) about: About,
    /// The document that would go.
    pub(super) document: &'a Bundle,
    /// When it was written.
    pub(super) written: Option<Timestamp>,
    /// `None` for what is kept, which is kept for this person.
    person: Option<&'a Person<'a>>,
}

/// Reads every Consent about sharing, of the bundle and of the records.
pub(in crate::consent) fn read(
    audience: Audience<'_>,
    person: &Person<'_>,
    records: &[Value],
    about: About,
) -> Reading {
    let document = audience.bundle;
    let written = written(document);
    let reader = Reader { audience, about, document, written, person: Some(person) };
    let mut reading = Reading::default();
    for (_, resource) in document.entries() {
        for consent in std::iter::once(resource).chain(each(resource, "contained")).filter(|r| is_consent(r)) {
            reader.directive(consent, resource, &mut reading);
        }
    }
    if let Some((_, composition)) = document.entries().next().filter(|(_, r)| resource_type(r) == Some("Composition")) {
        reader.lists(composition, composition, &mut reading);
    }
    let nothing = Bundle::from_fields(serde_json::Map::new());
    let audience = Audience { bundle: &nothing, ..audience };
    let reader = Reader { audience, about, document, written, person: None };
    for consent in records.iter().filter(|kept| is_consent(kept)) {
        reader.directive(consent, consent, &mut reading);
    }
    reading
}

fn is_consent(resource: &Value) -> bool {
    resource_type(resource) == Some("Consent")
}

/// When a document was written or a referral made.
fn written(bundle: &Bundle) -> Option<Timestamp> {
    let composed = bundle.first("Composition").and_then(|composition| composition.get("date"));
    let asked = || bundle.first("ServiceRequest").and_then(|request| request.get("authoredOn"));
    period::moment(composed.or_else(asked).or_else(|| bundle.value().get("timestamp"))?)
}

/// How a Consent is cited in a basis: by a digest, since its identifier may be anybody's words. The members are
/// put in order first, so that the same Consent in JSON and in XML is cited alike.
fn citation(consent: &Value) -> String {
    let digest = Sha256::digest(canonical(consent).to_string().as_bytes());
    let first = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("Consent/{first:016x}")
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

const UNMATCHED: &str = "an objection names somebody the gateway cannot match to an organisation or team";
const DOUBTFUL: &str = "something narrows a provision in a way the gateway does not read: it was not relied on as consent, and objections in it were read widely";
const BY_CARER: &str = "given by a relative or carer: as consent it was relied on for the carer's own details alone";
/// The list of people not to inform, as our codes and our native documents call it.
const NOT_INFORMED: (&str, &str) = ("people-not-to-inform", "people_not_to_inform");

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

/// Where a Consent comes from: the list of ours it stands for, or else what it is filed under.
fn source(consent: &Value, list: Option<&String>) -> String {
    let text = |coding: &Value, key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let filed = || {
        let codings = each(consent, "category").flat_map(|concept| each(concept, "coding"));
        let mut all: Vec<String> = codings.map(|c| format!("{}|{}", text(c, "system"), text(c, "code"))).collect();
        all.sort_unstable();
        all.join(" ")
    };
    list.cloned().unwrap_or_else(filed)
}

/// There are verifications, and none of them says that the person confirmed.
fn unverified(consent: &Value) -> bool {
    let mut all = each(consent, "verification").peekable();
    all.peek().is_some() && !all.any(|one| one.get("verified").and_then(Value::as_bool) == Some(true))
}

#[derive(Default)]
pub(super) struct Notes {
    pub unmatched_objection: bool,
    pub doubtful: bool,
}

impl Reader<'_> {
    /// `holder` is the entry the Consent stands in: the Consent itself, or the resource that contains it.
    fn directive(&self, consent: &Value, holder: &Value, reading: &mut Reading) {
        let withdrawn = match consent.get("status").and_then(Value::as_str) {
            Some("active") => false,
            // A permission that was never confirmed was none, and cannot be taken back.
            Some("inactive") if !unverified(consent) => true,
            _ => return,
        };
        let scope = scope(consent);
        // Another person of the bundle speaks for themselves only.
        let another =
            consent.get("patient").zip(self.person).is_some_and(|(patient, person)| person.is_another(patient));
        let id = citation(consent);
        if scope == Scope::Other || another || !reading.seen.insert(id.clone()) {
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
        let list = native_list(consent);
        let speaker = speaker(consent, holder, self.audience.bundle);
        let signed = consent.get("dateTime").and_then(period::moment);
        if !withdrawn {
            reading.unmatched_objection |= notes.unmatched_objection;
            let by_carer = speaker == Speaker::Carer;
            for (found, text) in
                [(notes.unmatched_objection, UNMATCHED), (notes.doubtful, DOUBTFUL), (by_carer, BY_CARER)]
            {
                if found {
                    let places =
                        if text == UNMATCHED { self.unmatched(list.as_ref(), consent, holder) } else { Vec::new() };
                    let cited = if places.is_empty() { id.clone() } else { places.join(", ") };
                    reading.remarks.push(format!("{cited}: {text}."));
                }
            }
            let position = each_policy(consent)
                .find(|coding| coding.get("system").and_then(Value::as_str) == Some(codes::SHARING_POSITION));
            reading.positions.extend(
                position.map(|coding| (signed, is_coding(coding, codes::SHARING_POSITION, &["lacks-capacity"]))),
            );
        }
        let stamped = || consent.pointer("/meta/lastUpdated").and_then(period::moment);
        // In a document that stamp is anybody's; the dates of what stands in it are its sender's to tell.
        let recorded = if self.person.is_some() { Some(self.about.now) } else { stamped() };
        let taken_back = recorded.filter(|_| withdrawn && self.person.is_none());
        reading.directives.push(Directive {
            id,
            speaker,
            withdrawn,
            recorded,
            taken_back,
            list: list.as_deref() == Some(NOT_INFORMED.1),
            source: source(consent, list.as_ref()),
            signed,
            root,
        });
    }

    /// Sections of people not to inform in which no Consent stands: every entry is somebody who is objected to.
    fn lists(&self, section: &Value, composition: &Value, reading: &mut Reading) {
        for inner in each(section, "section") {
            let named = inner.pointer("/code/coding").and_then(Value::as_array).into_iter().flatten();
            let is_list = named.into_iter().any(|c| is_coding(c, codes::DOCUMENT_SECTION, &[NOT_INFORMED.0]));
            let spoken_for =
                || each(inner, "entry").any(|entry| self.document.follow(Some(entry)).is_some_and(is_consent));
            if is_list && !spoken_for() {
                let people = each(inner, "entry").map(|entry| json!({"type": "deny", "actor": [{"reference": entry}]}));
                let list = json!({"provision": people.collect::<Vec<_>>()});
                let mut notes = Notes::default();
                let root = self.node(&list, composition, None, &mut notes);
                if notes.unmatched_objection {
                    reading.unmatched_objection = true;
                    reading.remarks.push(format!("{}: {UNMATCHED}.", NOT_INFORMED.1));
                }
                let id = NOT_INFORMED.1.to_owned();
                let (source, speaker) = (id.clone(), Speaker::Person);
                reading.directives.push(Directive {
                    id,
                    speaker,
                    withdrawn: false,
                    recorded: Some(self.about.now),
                    taken_back: None,
                    list: true,
                    source,
                    signed: None,
                    root,
                });
            }
            self.lists(inner, composition, reading);
        }
    }

    /// The places in the native document of the objections that name nobody who is known; none for a Consent that no
    /// list of ours became.
    fn unmatched(&self, list: Option<&String>, consent: &Value, holder: &Value) -> Vec<String> {
        let Some(list) = list else { return Vec::new() };
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
        match (self.person, consent.get("patient")) {
            (None, _) => true,
            (Some(person), Some(patient)) => person.is_meant(patient, holder),
            (Some(_), None) => self.document.all("Patient").count() <= 1,
        }
    }
}

fn each_policy(consent: &Value) -> impl Iterator<Item = &Value> {
    consent.pointer("/policyRule/coding").and_then(Value::as_array).into_iter().flatten()
}

#[derive(PartialEq, Eq)]
enum Scope {
    Sharing,
    /// Consent to treatment, to research, to advance care: not the gateway's business.
    Other,
    Unreadable,
}

fn scope(consent: &Value) -> Scope {
    let codings = || consent.pointer("/scope/coding").and_then(Value::as_array).into_iter().flatten();
    let known = |code: &[&str]| codings().any(|coding| is_coding(coding, codes::CONSENT_SCOPE, code));
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
    each_policy(consent).any(|coding| is_coding(coding, codes::ACT_CODE, &["OPTOUT", "OPTOUTE"]))
}
