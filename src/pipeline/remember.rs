//! Wishes that arrive inside a document, remembered for the person from the moment it is accepted (CS-03): each Consent
//! made to stand by itself, and the older list of the same sender that it replaces. Decides no release.
//!
//! A document that is silent about a list leaves the older one in force: silence withdraws nothing, and no objection
//! (`objections`). Of a list signed earlier than the one that is kept, only its objections count. Who is outside the NHS can restrict by what it sends and not permit
//! beyond its own document: else any charity could give itself everybody's consent.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::consent_checks::{is_number, is_of};
use super::objections;
use crate::fhir::{Bundle, codes, resource_type};
use crate::model::{Issue, IssueCode, MessageId, NhsNumber, Party, Sector};
use crate::store::{NewRecord, PersonRecord, RecordKind};

/// The document at hand, and what is kept already.
pub(super) struct Memory<'a> {
    pub bundle: &'a Bundle,
    pub number: &'a NhsNumber,
    pub sender: &'a Party,
    /// The client it came through.
    pub agent: &'a str,
    pub message: &'a MessageId,
    pub now: Timestamp,
    pub kept: &'a [PersonRecord],
}

impl Memory<'_> {
    /// The records to be made.
    pub(super) fn records(&self) -> Vec<NewRecord> {
        let mut made: Vec<(String, Value)> = Vec::new();
        for (_, resource) in self.bundle.entries() {
            let contained = resource.get("contained").and_then(Value::as_array).into_iter().flatten();
            for consent in std::iter::once(resource).chain(contained).filter(|r| resource_type(r) == Some("Consent")) {
                made.extend(self.alone(consent, resource));
            }
        }
        let mut lists: HashMap<String, Vec<Value>> = HashMap::new();
        let mut order: Vec<String> = Vec::new();
        for (list, consent) in made {
            if !lists.contains_key(&list) {
                order.push(list.clone());
            }
            lists.entry(list).or_default().push(consent);
        }
        order.into_iter().flat_map(|list| self.list(&list, lists.remove(&list).unwrap_or_default())).collect()
    }

    /// The records of one list, unless what is kept of it was signed later.
    fn list(&self, list: &str, consents: Vec<Value>) -> Vec<NewRecord> {
        let older: Vec<&PersonRecord> = self.kept.iter().filter(|r| r.origin.as_deref() == Some(list)).collect();
        let signed = consents.iter().map(|consent| signed(consent).unwrap_or(self.now)).max();
        if older.iter().any(|record| signed < Some(signed_of(record))) {
            return self.late(list, &consents, signed);
        }
        // The same list again, as every document of a sender brings it, is no news.
        let mut same: Vec<Value> =
            older.iter().filter(|record| record.version == 1).map(|record| said(&record.body)).collect();
        same.sort_by_key(ToString::to_string);
        let mut new: Vec<Value> = consents.iter().map(|consent| bare(consent.clone())).collect();
        new.sort_by_key(ToString::to_string);
        if same == new && same.len() == older.len() {
            return Vec::new();
        }
        let replaces: Vec<Uuid> = older.iter().map(|record| record.id).collect();
        let outlasting = self.outlasting(list, &consents, &older);
        let numbered = consents.into_iter().enumerate();
        let made = numbered.map(|(place, consent)| self.record(list, place, consent, replaces.clone()));
        made.chain(outlasting).collect()
    }

    /// The objections that a newer list is silent about.
    fn outlasting(&self, list: &str, newer: &[Value], older: &[&PersonRecord]) -> Vec<NewRecord> {
        if !objections::outlast(list) {
            return Vec::new();
        }
        let origin = objections::origin(list);
        let apart: Vec<&PersonRecord> = self.kept.iter().filter(|r| r.origin.as_deref() == Some(&origin)).collect();
        let mut made = Vec::new();
        for record in older.iter().chain(&apart) {
            let body = said(&record.body);
            let left = objections::left(&body, newer);
            let stands_apart = record.origin.as_deref() == Some(&origin);
            if stands_apart && left.len() == objections::of(&body).len() {
                continue;
            }
            let replaces = if stands_apart { vec![record.id] } else { Vec::new() };
            if !left.is_empty() || stands_apart {
                // One of which nothing is left says so by being taken back.
                let gone = left.is_empty();
                let mut consent = if gone { body } else { objections::alone(body, &left) };
                if let Some(fields) = consent.as_object_mut().filter(|_| gone) {
                    fields.insert("status".into(), "inactive".into());
                }
                let mut new = self.record(&origin, made.len(), consent, replaces);
                new.record.message.clone_from(&record.message);
                made.push(new);
            }
        }
        made
    }

    /// What an older list that arrives late still changes: its objections count, save those answered by hand since.
    fn late(&self, list: &str, consents: &[Value], signed: Option<Timestamp>) -> Vec<NewRecord> {
        if !objections::outlast(list) {
            return Vec::new();
        }
        let origin = objections::origin(list);
        let ours = |record: &&PersonRecord| [Some(list), Some(origin.as_str())].contains(&record.origin.as_deref());
        let (by_hand, plain): (Vec<_>, Vec<_>) = self
            .kept
            .iter()
            .filter(ours)
            .map(|record| (record.version > 1 && signed < Some(record.recorded), said(&record.body)))
            .partition(|(by_hand, _)| *by_hand);
        let known: Vec<Value> = plain.into_iter().map(|(_, body)| body).collect();
        let news = consents.iter().filter_map(|consent| {
            let mut all = objections::of(consent);
            all.retain(|one| {
                !objections::stand_in((one, consent), &known)
                    && !by_hand.iter().any(|(_, body)| objections::was_answered((one, consent), body))
            });
            (!all.is_empty()).then(|| objections::alone(consent.clone(), &all))
        });
        news.enumerate().map(|(place, consent)| self.record(&origin, place, consent, Vec::new())).collect()
    }

    /// Consents that name two different people, by path: they are kept for neither.
    pub(super) fn doubtful(&self) -> Vec<Issue> {
        let mut found = Vec::new();
        for (place, (_, resource)) in self.bundle.entries().enumerate() {
            let contained = resource.get("contained").and_then(Value::as_array).into_iter().flatten();
            let mut all = std::iter::once(resource).chain(contained).filter(|r| resource_type(r) == Some("Consent"));
            if all.any(|consent| self.whose(consent, resource) == Whose::Both) {
                let text = "This Consent names two different people, so it is kept for neither and not relied on. Send one \
                            for each person, named once by their NHS number.";
                let path = format!("Bundle.entry[{place}].resource");
                found.push(Issue::warning(IssueCode::BusinessRule, text).at(path).rule("consent-kept"));
            }
        }
        found
    }

    fn record(&self, list: &str, place: usize, mut consent: Value, replaces: Vec<Uuid>) -> NewRecord {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{list}/{place}", self.message).as_bytes());
        let status = consent.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
        stamp(&mut consent, id, 1, self.now);
        let record = PersonRecord {
            id,
            version: 1,
            kind: RecordKind::Consent,
            recorder: self.sender.organisation().clone(),
            agent: self.agent.to_owned(),
            recorded: self.now,
            status,
            origin: Some(list.to_owned()),
            message: Some(self.message.clone()),
            body: consent.to_string(),
        };
        NewRecord { record, replaces, to_review: false }
    }

    /// A Consent that stands by itself, and the list it belongs to; `None` for one that is not this person's, or that a
    /// sender outside the NHS may not make stand.
    fn alone(&self, consent: &Value, holder: &Value) -> Option<(String, Value)> {
        let whose = self.whose(consent, holder);
        let may_permit = self.sender.sector() == Sector::Nhs && whose == Whose::This;
        let mut out = match (whose, may_permit) {
            (Whose::Another | Whose::Both, _) => return None,
            (_, true) => consent.clone(),
            (_, false) => objections_only(consent)?,
        };
        let list = list_of(&out);
        let mut carry = Carry { of: self, own: [consent, holder], contained: Vec::new(), known: HashMap::new() };
        let fields = out.as_object_mut()?;
        fields.shift_remove("contained");
        fields.shift_remove("text");
        carry.carried(fields, DEEPEST);
        fields.insert("patient".into(), self.person());
        let contained = carry.contained;
        if !contained.is_empty() {
            fields.insert("contained".into(), contained.into());
        }
        Some((format!("{}|{list}", self.sender.organisation()), out))
    }

    /// The person as a Reference that holds outside the document.
    fn person(&self) -> Value {
        json!({"type": "Patient", "identifier": {"system": codes::NHS_NUMBER, "value": self.number.as_str()}})
    }

    fn whose(&self, consent: &Value, holder: &Value) -> Whose {
        let Some(patient) = consent.get("patient") else { return Whose::Unclear };
        let target = self.target(patient, [consent, holder]);
        let of_target = target.and_then(|t| t.get("identifier")?.as_array()).into_iter().flatten();
        let said: Vec<bool> = of_target
            .chain(patient.get("identifier"))
            .filter(|one| is_number(one))
            .map(|one| is_of(one, self.number))
            .collect();
        match said.as_slice() {
            [] if target.is_some() && self.bundle.all("Patient").count() == 1 => Whose::This,
            [] => Whose::Unclear,
            all if all.iter().all(|is_this| *is_this) => Whose::This,
            all if all.contains(&true) => Whose::Both,
            _ => Whose::Another,
        }
    }

    fn target<'t>(&'t self, reference: &Value, own: [&'t Value; 2]) -> Option<&'t Value> {
        let text = reference.get("reference")?.as_str()?;
        let Some(id) = text.strip_prefix('#') else { return self.bundle.resolve(text) };
        let inside = own.into_iter().filter_map(|holder| holder.get("contained")?.as_array()).flatten();
        inside.into_iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    This,
    Another,
    /// It names this person and another.
    Both,
    Unclear,
}

/// What a Consent points at, carried along as contained resources: only what tells who somebody is.
struct Carry<'a> {
    of: &'a Memory<'a>,
    /// Where `#…` is looked up: the Consent, and the entry it stands in.
    own: [&'a Value; 2],
    contained: Vec<Value>,
    known: HashMap<*const Value, String>,
}

/// Deepest nesting followed, and most resources carried along.
const DEEPEST: u8 = 24;
const MOST: usize = 100;

/// Elements by which somebody is recognised (`consent::directive::audience`).
const IDENTIFYING: &[&str] = &[
    "resourceType",
    "identifier",
    "name",
    "alias",
    "relationship",
    "patient",
    "practitioner",
    "partOf",
    "providedBy",
    "organization",
    "managingOrganization",
    "member",
];

impl Carry<'_> {
    /// Makes every reference below hold outside the document.
    fn carried(&mut self, fields: &mut Map<String, Value>, depth: u8) {
        if let Some(place) = self.place(fields, depth) {
            match place {
                Place::Person => *fields = self.of.person().as_object().cloned().unwrap_or_default(),
                Place::Inside(id) => {
                    fields.insert("reference".into(), format!("#{id}").into());
                }
            }
            return;
        }
        let Some(deeper) = depth.checked_sub(1) else { return };
        for (_, value) in fields.iter_mut() {
            self.each(value, deeper);
        }
    }

    fn each(&mut self, value: &mut Value, depth: u8) {
        match value {
            Value::Object(fields) => self.carried(fields, depth),
            Value::Array(items) => {
                if let Some(deeper) = depth.checked_sub(1) {
                    for item in items {
                        self.each(item, deeper);
                    }
                }
            }
            _ => {}
        }
    }

    /// Where a Reference leads once it stands alone; `None` for what is no Reference, or leads nowhere here.
    fn place(&mut self, fields: &Map<String, Value>, depth: u8) -> Option<Place> {
        let own = self.own;
        let of = self.of;
        let text = fields.get("reference")?.as_str()?;
        let target = of.target(&json!({"reference": text}), own)?;
        if resource_type(target) == Some("Patient") {
            return Some(Place::Person);
        }
        let at = std::ptr::from_ref(target);
        if let Some(id) = self.known.get(&at) {
            return Some(Place::Inside(id.clone()));
        }
        if self.contained.len() >= MOST {
            return None;
        }
        let id = format!("r{}", self.contained.len() + 1);
        self.known.insert(at, id.clone());
        // Its place is kept before it is filled, for what it points at comes after it.
        let slot = self.contained.len();
        self.contained.push(Value::Null);
        let mut kept: Map<String, Value> =
            IDENTIFYING.iter().filter_map(|key| Some(((*key).to_owned(), target.get(*key)?.clone()))).collect();
        kept.insert("id".into(), id.clone().into());
        if let Some(deeper) = depth.checked_sub(1) {
            for (_, value) in &mut kept {
                self.each(value, deeper);
            }
        }
        if let Some(place) = self.contained.get_mut(slot) {
            *place = Value::Object(kept);
        }
        Some(Place::Inside(id))
    }
}

enum Place {
    Person,
    Inside(String),
}

/// What a kept Consent says.
fn said(body: &str) -> Value {
    bare(serde_json::from_str(body).unwrap_or_default())
}

/// A Consent without what tells one copy from another.
fn bare(mut consent: Value) -> Value {
    if let Some(fields) = consent.as_object_mut() {
        for own in ["id", "identifier", "meta"] {
            fields.shift_remove(own);
        }
    }
    consent
}

/// Gives a Consent the id and version under which it is kept.
pub(super) fn stamp(consent: &mut Value, id: Uuid, version: u32, now: Timestamp) {
    let Some(fields) = consent.as_object_mut() else { return };
    let mut meta = match fields.shift_remove("meta") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    meta.insert("versionId".into(), version.to_string().into());
    meta.insert("lastUpdated".into(), now.to_string().into());
    fields.insert("id".into(), id.to_string().into());
    fields.insert("meta".into(), Value::Object(meta));
}

/// What is left of a Consent when only its objections count; `None` when it has none that stand by themselves.
pub(super) fn objections_only(consent: &Value) -> Option<Value> {
    let is_plain = |provision: &Value| {
        provision.get("type").and_then(Value::as_str) == Some("deny") && provision.get("provision").is_none()
    };
    let root = consent.get("provision")?;
    let mut out = consent.clone();
    if is_plain(root) {
        return Some(out);
    }
    if root.get("type").is_some() {
        return None;
    }
    let nested = root.get("provision").and_then(Value::as_array).into_iter().flatten();
    let kept: Vec<Value> = nested.filter(|inner| is_plain(inner)).cloned().collect();
    if kept.is_empty() {
        return None;
    }
    out.get_mut("provision")?.as_object_mut()?.insert("provision".into(), kept.into());
    // The base policy may permit as well: what is left objects and does nothing else.
    if let Some(codings) = out.pointer_mut("/policyRule/coding").and_then(Value::as_array_mut) {
        codings.retain(|coding| coding.get("system").and_then(Value::as_str) != Some(codes::ACT_CODE));
    }
    Some(out)
}

/// The list a Consent stands for: the code of ours in its policy, else its identifier.
fn list_of(consent: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let codings = consent.pointer("/policyRule/coding").and_then(Value::as_array).into_iter().flatten();
    // The code of a position says what it is and not which list: every position is the same list.
    let ours = codings.map(|coding| (text(coding, "system"), text(coding, "code"))).find_map(|(system, code)| {
        if system == codes::SHARING_POSITION {
            return Some(system);
        }
        system.starts_with(codes::BASE).then(|| format!("{system}|{code}"))
    });
    let identifier = consent.get("identifier").and_then(Value::as_array).and_then(|all| all.first());
    ours.or_else(|| identifier.map(|one| format!("{}|{}", text(one, "system"), text(one, "value")))).unwrap_or_default()
}

/// When a record was signed. What was changed by hand was signed when it was changed: an older document does not undo it.
fn signed_of(record: &PersonRecord) -> Timestamp {
    if record.version > 1 {
        return record.recorded;
    }
    let consent: Value = serde_json::from_str(&record.body).unwrap_or_default();
    signed(&consent).unwrap_or(record.recorded)
}

/// `Consent.dateTime`; of a day its beginning in UTC, which is near enough to tell two lists apart.
pub(super) fn signed(consent: &Value) -> Option<Timestamp> {
    moment(consent.get("dateTime")?.as_str()?)
}

/// A FHIR `dateTime` as a moment; of a day its beginning in UTC.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    Some(day.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
