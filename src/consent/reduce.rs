//! From what may go to the bundle that goes: resources dropped or cut, pointers to them removed or masked, narrative
//! written anew, security labels set, and a plain statement of what was withheld. Decides nothing, and does not
//! validate: the caller has the draft validated and decided again.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::directive::{self, Audience};
use super::document::Filing;
use super::label::Label;
use super::parts::Part;
use super::person::{Person, Standing};
use super::references::{self, Gone, Index};
use super::statement::{self, Said};
use super::strip::{Cutter, Loss};
use super::{clean, narrate, parts, tags};
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, build, codes};

/// A reduced bundle, before anything is said about it.
pub(super) struct Cut {
    entries: Vec<Entry>,
    frame: Map<String, Value>,
    /// What was left out, in order.
    pub losses: Vec<Loss>,
    /// Resources without which nothing sensible goes, and which did not come through.
    pub broken: Option<String>,
}

struct Entry {
    /// Where it stood in the original.
    place: usize,
    url: Option<String>,
    resource: Value,
    /// Something was left out of it.
    reduced: bool,
}

/// Cuts a bundle down to the released labels. `told` is what the recipient may be told was withheld (CS-22): of all else
/// the copy gives no sign.
pub(super) fn cut(audience: Audience<'_>, released: &BTreeSet<Label>, told: &BTreeSet<Label>) -> Cut {
    let bundle = audience.bundle;
    let index = Index::new(bundle);
    let person = Person::new(bundle, &index);
    let filing = Filing::new(bundle, &index, &person);
    let cutter = Cutter { index: &index, person: &person, filing: &filing, audience, released, told };
    let originals: Vec<(Option<&str>, &Value)> = bundle.entries().collect();
    let mut losses = Vec::new();
    let mut kept: Vec<Option<(Value, bool)>> = Vec::new();
    let mut broken = person.unclear.then(|| "Patient".to_owned());
    if originals.len() > ENTRIES || originals.iter().any(|(_, resource)| contained(resource) > CONTAINED) {
        let losses = vec![(Label::Unassigned, "Bundle".to_owned())];
        return Cut { entries: Vec::new(), frame: Map::new(), losses, broken: Some("Bundle".to_owned()) };
    }
    for (_, resource) in &originals {
        let before = losses.len();
        let cut = cutter.cut(resource, &mut losses);
        let kind = resource_type(resource).unwrap_or_default();
        let standing = person.standing(resource, resource);
        let root = matches!(standing, Standing::Request | Standing::Composition);
        let needed = kind == "MessageHeader" || root || standing == Standing::Subject;
        if cut.is_none() && needed {
            broken = Some(kind.to_owned());
        }
        let reduced = losses.iter().skip(before).any(|(label, _)| told.contains(label));
        kept.push(cut.map(|value| (value, reduced)));
    }
    // In a document a party may be what a section is about, and is then no mere address.
    let content = originals.iter().map(|(_, r)| person.document && matches!(cutter.part(r, r), Part::Whole(_)));
    let content: Vec<bool> = content.collect();
    let silent = !losses.iter().any(|(label, _)| told.contains(label));
    let untold = |(place, (_, resource)): (usize, &(Option<&str>, &Value))| {
        (silent || cutter.is_untold(resource, resource)).then_some(place)
    };
    let quiet: BTreeSet<usize> = originals.iter().enumerate().filter_map(untold).collect();
    settle(&index, &mut kept, &content, &quiet, &directive::recipient(audience));
    for (composition, _) in
        kept.iter_mut().flatten().filter(|_| silent && !losses.is_empty() && person.document).take(1)
    {
        clean::hush(composition);
    }
    let entries = originals.iter().zip(kept).enumerate().filter_map(|(place, ((_, before), kept))| {
        let (after, reduced) = kept?;
        let resource = narrate::renarrated(before, after);
        Some(Entry { place, url: None, resource, reduced })
    });
    let mut entries: Vec<Entry> = entries.collect();
    let seed = bundle.message_key().unwrap_or_default();
    let mut frame = frame(bundle);
    rename(&index, &originals, &mut entries, &seed);
    if let Some(id) = frame.get_mut("id") {
        *id = renamed(id.as_str().unwrap_or_default(), &seed).into();
    }
    Cut { entries, frame, losses, broken }
}

/// An id that says nothing: a UUID stays, anything else becomes one that depends on it and the message.
fn renamed(id: &str, seed: &str) -> String {
    if is_uuid(id) { id.to_owned() } else { build::stable_uuid(seed, id).hyphenated().to_string() }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(place, c)| match place {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_digit() || ('a'..='f').contains(&c),
        })
}

/// Gives entries and what points at them addresses that say nothing: ids and URLs of others may be words.
fn rename(index: &Index, originals: &[(Option<&str>, &Value)], entries: &mut [Entry], seed: &str) {
    let urls: Vec<String> = originals
        .iter()
        .enumerate()
        .map(|(place, (url, resource))| {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
            match url {
                Some(url) if url.strip_prefix("urn:uuid:").is_some_and(is_uuid) => (*url).to_owned(),
                Some(url) => format!("urn:uuid:{}", build::stable_uuid(seed, url)),
                None => format!("urn:uuid:{}", build::stable_uuid(seed, &format!("{place} {id}"))),
            }
        })
        .collect();
    for entry in entries {
        entry.url = urls.get(entry.place).cloned();
        if let Some(id) = entry.resource.get_mut("id") {
            *id = renamed(id.as_str().unwrap_or_default(), seed).into();
        }
        readdress(&mut entry.resource, index, &urls);
    }
}

fn readdress(value: &mut Value, index: &Index, urls: &[String]) {
    match value {
        Value::Object(object) => object.values_mut().for_each(|inner| readdress(inner, index, urls)),
        Value::Array(items) => items.iter_mut().for_each(|item| readdress(item, index, urls)),
        Value::String(text) if text.len() <= 500 && !text.starts_with('#') => {
            if let Some(url) = index.by_url(text).and_then(|place| urls.get(place)) {
                text.clone_from(url);
            }
        }
        _ => {}
    }
}

/// Every label there is in a bundle.
pub(super) fn labels(audience: Audience<'_>) -> BTreeSet<Label> {
    let index = Index::new(audience.bundle);
    let person = Person::new(audience.bundle, &index);
    let filing = Filing::new(audience.bundle, &index, &person);
    let none = BTreeSet::new();
    let cutter = Cutter { index: &index, person: &person, filing: &filing, audience, released: &none, told: &none };
    audience.bundle.entries().flat_map(|(_, resource)| cutter.labels(resource)).collect()
}

/// More entries, or more contained resources in one, are not cut: no referral has so many, and cutting takes time.
const ENTRIES: usize = 2_000;
const CONTAINED: usize = 500;

fn contained(resource: &Value) -> usize {
    resource.get("contained").and_then(Value::as_array).map_or(0, Vec::len)
}

/// Removes what nothing that goes points at any more, a Provenance of nothing, and pointers to what does not go.
/// What can be reached only shrinks by what is removed, so that reaching comes first and scrubbing once.
fn settle(index: &Index, kept: &mut [Slot], content: &[bool], quiet: &BTreeSet<usize>, spared: &Value) {
    let targets_left = |kept: &[Slot], value: &Value| {
        let targets = value.get("target").map(|target| index.outgoing(target)).unwrap_or_default();
        targets
            .iter()
            .any(|position| index.kind(*position) != "Provenance" && kept.get(*position).is_some_and(Option::is_some))
    };
    let hollow: Vec<usize> = (0..kept.len())
        .filter(|place| index.kind(*place) == "Provenance")
        .filter(|place| matches!(kept.get(*place), Some(Some((value, _))) if !targets_left(kept, value)))
        .collect();
    for place in hollow {
        if let Some(slot) = kept.get_mut(place) {
            *slot = None;
        }
    }
    let reached = reached(index, kept);
    for (position, slot) in kept.iter_mut().enumerate() {
        let address = parts::POINTED_AT.contains(&index.kind(position)) && content.get(position) != Some(&true);
        if address && !reached.contains(&position) {
            *slot = None;
        }
    }
    let gone: BTreeSet<usize> = positions(kept, Option::is_none);
    let cuts = Gone { index, entries: &gone, contained: &BTreeSet::new(), quiet, hushed: false, spared };
    for (value, reduced) in kept.iter_mut().flatten() {
        *reduced |= references::scrub(value, &cuts);
    }
}

/// Parties that can be reached from who sends, who asks and who the person's GP is. A party that only clinical content
/// points at tells of that content by its name.
fn reached(index: &Index, kept: &[Slot]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = Vec::new();
    for (position, slot) in kept.iter().enumerate() {
        let Some((value, _)) = slot else { continue };
        let root = match index.kind(position) {
            "MessageHeader" => "sender",
            "ServiceRequest" => "requester",
            "Patient" => "generalPractitioner",
            "Composition" => "author",
            _ => continue,
        };
        let inner = value.get("contained").and_then(Value::as_array).into_iter().flatten();
        let inner = inner.filter(|inner| resource_type(inner).is_some_and(|kind| parts::POINTED_AT.contains(&kind)));
        open.extend(value.get(root).into_iter().chain(inner).flat_map(|from| index.outgoing(from)));
    }
    while let Some(position) = open.pop() {
        let party = parts::POINTED_AT.contains(&index.kind(position));
        if let (true, Some(Some((value, _)))) = (party, kept.get(position))
            && reached.insert(position)
        {
            open.extend(index.outgoing(value));
        }
    }
    reached
}

type Slot = Option<(Value, bool)>;

fn positions(kept: &[Slot], wanted: impl Fn(&Slot) -> bool) -> BTreeSet<usize> {
    kept.iter().enumerate().filter(|(_, slot)| wanted(slot)).map(|(position, _)| position).collect()
}

/// The bundle's own elements; a signature or link over the whole says nothing true of a part. An identifier that may be
/// words becomes one that depends on it, for a document must have one.
fn frame(bundle: &Bundle) -> Map<String, Value> {
    let renamed = || {
        let seed = bundle.message_key().filter(|_| bundle.kind() == Some("document"))?;
        let value = build::stable_uuid(&seed, "identifier").hyphenated().to_string();
        Some(json!({"system": codes::DOCUMENT_ID, "value": value}))
    };
    let identified =
        |kept: &Value| bundle.kind() != Some("document") || kept.get("system").is_some_and(Value::is_string);
    let mut frame = Map::new();
    for key in ["resourceType", "id", "meta", "identifier", "type", "timestamp"] {
        let kept = bundle.value().get(key).and_then(|value| match key {
            "meta" => clean::meta(value),
            "identifier" => clean::identifier(value).filter(identified).or_else(renamed),
            _ => Some(value.clone()),
        });
        frame.extend(kept.map(|kept| (key.to_owned(), kept)));
    }
    frame
}

impl Cut {
    /// The bundle without labels or statement: equal to the original when there was nothing to cut.
    pub(super) fn plain(&self) -> Value {
        assemble(self.frame.clone(), self.entries.iter().map(|entry| (entry.url.as_deref(), entry.resource.clone())))
    }

    /// The bundle as it goes: labelled, and saying what was withheld by which rule.
    /// `on_consent` says that the release rests on the person's explicit consent.
    pub(super) fn labelled(self, said: &Said, on_consent: bool) -> Value {
        let mut frame = self.frame;
        label(&mut frame, on_consent);
        let restrictions: Vec<Option<&str>> = self.entries.iter().map(|entry| restriction(&entry.resource)).collect();
        confidential(&mut frame, restrictions.iter().flatten().max().unwrap_or(&"N"));
        let mut said_already = said.is_empty();
        let document = frame.get("type").and_then(Value::as_str) == Some("document");
        let entries: Vec<(Option<String>, Value)> = self
            .entries
            .into_iter()
            .map(|mut entry| {
                let composition = resource_type(&entry.resource) == Some("Composition");
                let root =
                    if document { composition } else { resource_type(&entry.resource) == Some("ServiceRequest") };
                let restricted = restriction(&entry.resource);
                if let Some(object) = entry.resource.as_object_mut() {
                    if let Some(code) = restricted {
                        confidential(object, code);
                    }
                    if root && !said_already {
                        said_already = true;
                        entry.reduced = true;
                        if composition { state(object, said) } else { note(object, said) }
                    }
                    if entry.reduced {
                        label(object, on_consent);
                    }
                }
                let before = entry.resource.clone();
                (entry.url, if entry.reduced { restated(before) } else { before })
            })
            .collect();
        assemble(frame, entries.iter().map(|(url, resource)| (url.as_deref(), resource.clone())))
    }
}

/// The statement is part of the narrative too, for readers who see nothing else.
fn restated(mut resource: Value) -> Value {
    let text = narrate::narrative(&resource);
    if let Some(object) = resource.as_object_mut()
        && object.get("resourceType").and_then(Value::as_str) == Some("ServiceRequest")
        && object.contains_key("text")
    {
        object.insert("text".into(), text);
    }
    resource
}

fn note(request: &mut Map<String, Value>, said: &Said) {
    let statement = statement::annotation(said);
    match request.get_mut("note").and_then(Value::as_array_mut) {
        Some(notes) => notes.push(statement),
        None => {
            request.insert("note".into(), json!([statement]));
        }
    }
}

/// Said before anything else, for a reader who does not reach the end.
fn state(composition: &mut Map<String, Value>, said: &Said) {
    let statement = statement::section(said);
    match composition.get_mut("section").and_then(Value::as_array_mut) {
        Some(sections) => sections.insert(0, statement),
        None => {
            composition.insert("section".into(), json!([statement]));
        }
    }
}

/// `SUBSETTED` and `REDACTED` say that parts are missing; `NORDSCLCD` that whoever has it on the person's consent may
/// not pass it on without (`codes.md` §7).
fn label(object: &mut Map<String, Value>, on_consent: bool) {
    let mut wanted = vec![(codes::OBSERVATION_VALUE, "SUBSETTED"), (codes::OBSERVATION_VALUE, "REDACTED")];
    if on_consent {
        wanted.push((codes::ACT_CODE, "NORDSCLCD"));
    }
    let meta = object.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    let security = meta.entry("security").or_insert_with(|| json!([]));
    let Some(security) = security.as_array_mut() else { return };
    for (system, code) in wanted {
        let coding = json!({"system": system, "code": code});
        let there = |c: &Value| c.get("system") == coding.get("system") && c.get("code") == coding.get("code");
        if !security.iter().any(there) {
            security.push(coding);
        }
    }
}

/// How restricted what a resource says by itself is, contained resources included.
fn restriction(resource: &Value) -> Option<&'static str> {
    let inner = resource.get("contained").and_then(Value::as_array).into_iter().flatten();
    inner.chain(std::iter::once(resource)).filter_map(|one| tags::restriction(&tags::of(one))).max()
}

/// Says how restricted a copy is; there is one such label (<https://hl7.org/fhir/R4/security-labels.html>).
fn confidential(object: &mut Map<String, Value>, code: &str) {
    let meta = object.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    let security = meta.entry("security").or_insert_with(|| json!([]));
    let Some(security) = security.as_array_mut() else { return };
    security.retain(|coding| tags::confidentiality(coding).is_none());
    security.push(json!({"system": codes::CONFIDENTIALITY, "code": code}));
}

fn assemble<'a>(mut frame: Map<String, Value>, entries: impl Iterator<Item = (Option<&'a str>, Value)>) -> Value {
    let entries: Vec<Value> = entries
        .map(|(url, resource)| match url {
            Some(url) => json!({"fullUrl": url, "resource": resource}),
            None => json!({"resource": resource}),
        })
        .collect();
    frame.insert("entry".into(), entries.into());
    Value::Object(frame)
}
