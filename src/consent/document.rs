//! The Composition of a document, cut: its sections each by their category, whoever agreed and whom it is copied to as
//! closed shapes. Says which category every entry has by the sections it stands in. Decides nothing.
//!
//! A section states its category for everything in it, narrative included; what stands in a withheld section goes
//! nowhere. A section that states none is unassigned, as an untagged resource is, save the two of ours that only point.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::label::Label;
use super::person::{Person, Standing};
use super::references::Index;
use super::strip::{Cutter, Loss};
use super::{clean, narrate, shapes, statement, tags};
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, build, codes, headings};
use crate::model::{DataCategory, DocumentKind};

/// What an entry is filed under: the labels of the sections that point at it.
#[derive(Default)]
pub(super) struct Filing {
    entries: BTreeMap<usize, BTreeSet<Label>>,
    /// What is said of the bundle as a whole.
    whole: BTreeSet<Label>,
}

impl Filing {
    /// Reads the sections of the document; a message has none.
    pub(super) fn new(bundle: &Bundle, index: &Index, person: &Person<'_>) -> Self {
        let entries: Vec<&Value> = bundle.entries().map(|(_, resource)| resource).collect();
        let mut filing = Self { whole: tags::of_whole(bundle), ..Self::default() };
        let composition = entries.first().filter(|first| person.standing(first, first) == Standing::Composition);
        if let Some(composition) = composition {
            // What a Composition contains is in no entry, so that no tag of it can be held against a section.
            filing.entries.entry(address(composition)).or_default().insert(Label::Unassigned);
            filing.file(composition, kind(composition), &BTreeSet::new(), index, &entries);
        }
        filing
    }

    fn file(
        &mut self,
        holder: &Value,
        kind: Option<DocumentKind>,
        above: &BTreeSet<Label>,
        index: &Index,
        entries: &[&Value],
    ) {
        for section in holder.get("section").and_then(Value::as_array).into_iter().flatten() {
            let labels = with_own(section, kind, above);
            for position in each(section, "entry").filter_map(|entry| index.by_url(literal(entry)?)) {
                if let Some(resource) = entries.get(position) {
                    self.entries.entry(address(resource)).or_default().extend(labels.iter().copied());
                }
            }
            self.file(section, kind, &labels, index, entries);
        }
    }

    /// Labels of the bundle as a whole: its request or Composition needs them, for without it nothing goes.
    pub(super) const fn whole(&self) -> &BTreeSet<Label> {
        &self.whole
    }

    /// The labels an entry has by where it stands.
    pub(super) fn of(&self, entry: &Value) -> Option<&BTreeSet<Label>> {
        self.entries.get(&address(entry))
    }
}

/// Entries are told apart by where they lie in memory: a bundle may hold the same resource twice.
fn address(resource: &Value) -> usize {
    std::ptr::from_ref(resource).addr()
}

/// In place of what was withheld from a section.
const PARTLY: &str = "Part of this section was withheld";

/// Sections of ours that state no category because they only point at resources that do: code, title, narrative.
const POINTING: &[(&str, &str, &str)] = &[
    ("attachments", "Attachments", "Files sent along"),
    ("consent", "Consent to share", "Recorded wishes about sharing"),
];

/// Marks of the trust's documents that tell something of one category: last part of the code system, category.
const MARKS: &[(&str, DataCategory)] = &[("safety-plan-template", DataCategory::SafetyPlan)];

/// The labels of a section: those of the sections it stands in, its own, and what its code of ours is known to be
/// about, where it claims something else.
fn with_own(section: &Value, kind: Option<DocumentKind>, above: &BTreeSet<Label>) -> BTreeSet<Label> {
    let claimed = own(section);
    let mut labels = above.clone();
    labels.extend(Some(claimed).filter(|label| *label != Label::Administrative));
    for code in section_codes(section) {
        let known: BTreeSet<Label> = headings::of_section(kind, code).into_iter().map(Label::from).collect();
        if !known.contains(&claimed) {
            labels.extend(known);
        }
        if code == tags::CONFIDED {
            labels.insert(Label::ToldInConfidence);
        }
    }
    labels
}

/// The kind a document says it is of.
pub(super) fn kind(composition: &Value) -> Option<DocumentKind> {
    let codings = composition.pointer("/type/coding").and_then(Value::as_array)?;
    let ours = |coding: &&Value| coding.get("system").and_then(Value::as_str) == Some(codes::DOCUMENT_KIND);
    DocumentKind::from_code(codings.iter().find(ours)?.get("code")?.as_str()?)
}

/// The codes of ours that a section has.
fn section_codes(section: &Value) -> impl Iterator<Item = &str> {
    let codings = section.pointer("/code/coding").and_then(Value::as_array);
    let ours = |coding: &&Value| coding.get("system").and_then(Value::as_str) == Some(codes::DOCUMENT_SECTION);
    codings.into_iter().flatten().filter(ours).filter_map(|coding| coding.get("code")?.as_str())
}

/// The label a section states for itself.
fn own(section: &Value) -> Label {
    let stated: Vec<&Value> = each(section, "extension")
        .filter(|extension| extension.get("url").and_then(Value::as_str) == Some(codes::SECTION_CATEGORY))
        .collect();
    if section.get("modifierExtension").is_some() {
        return Label::Unassigned;
    }
    match stated.as_slice() {
        [one] => category(one).map_or(Label::Unassigned, Label::from),
        [] if pointing(section).is_some() => Label::Administrative,
        _ => Label::Unassigned,
    }
}

fn category(extension: &Value) -> Option<DataCategory> {
    let coding = extension.get("valueCoding")?;
    let ours = coding.get("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY);
    coding.get("code").and_then(Value::as_str).filter(|_| ours).and_then(DataCategory::from_code)
}

/// The line of a section of ours that only points.
fn pointing(section: &Value) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let code = section_codes(section).next()?;
    POINTING.iter().find(|(known, _, _)| *known == code)
}

fn each<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn literal(reference: &Value) -> Option<&str> {
    reference.get("reference").and_then(Value::as_str)
}

impl Cutter<'_> {
    /// The sections that go, each cut to what may go of it.
    pub(super) fn sections(&self, value: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        self.sections_in(value, &BTreeSet::new(), losses)
    }

    fn sections_in(&self, value: &Value, above: &BTreeSet<Label>, losses: &mut Vec<Loss>) -> Option<Value> {
        let kept: Vec<Value> =
            value.as_array()?.iter().filter_map(|section| self.section(section, above, losses)).collect();
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    fn section(&self, section: &Value, above: &BTreeSet<Label>, losses: &mut Vec<Loss>) -> Option<Value> {
        if statement::is_our_section(section) {
            return Some(section.clone());
        }
        let composition = self.audience.bundle.first("Composition");
        let labels = with_own(section, composition.and_then(kind), above);
        let missing: Vec<Label> = labels.iter().copied().filter(|label| !self.released.contains(label)).collect();
        if !missing.is_empty() {
            losses.extend(missing.into_iter().map(|label| (label, "Composition.section".to_owned())));
            return None;
        }
        if self.is_emptied(section) {
            return None;
        }
        let mut out = Map::new();
        for (key, inner) in section.as_object()? {
            let kept = match (key.as_str(), pointing(section).filter(|_| own(section) == Label::Administrative)) {
                ("title", Some((_, title, _))) => Some(Value::from(*title)),
                ("text", Some((_, _, words))) => Some(build::narrative(&[*words])),
                ("code", Some(_)) => clean::concept(inner),
                ("mode" | "entry" | "section" | "extension", Some(_)) | (_, None) => {
                    self.section_element(key, inner, section, &labels, losses)
                }
                (_, Some(_)) => {
                    losses.push((Label::Unassigned, format!("Composition.section.{key}")));
                    None
                }
            };
            out.extend(kept.map(|kept| (key.clone(), kept)));
        }
        // FHIR asks for a narrative, entries or sections (cmp-1), and a reader for words.
        out.entry("text").or_insert_with(|| build::narrative(&[PARTLY]));
        Some(Value::Object(out))
    }

    /// Whether nothing is left of a section but its heading, and saying so would tell of what the recipient may not be told
    /// of (CS-22): such a section is not there at all.
    fn is_emptied(&self, section: &Value) -> bool {
        let entries: Vec<&Value> = self.resources(section).collect();
        !entries.is_empty()
            && section.get("section").is_none()
            && entries.iter().all(|resource| self.is_untold(resource, resource))
            && each(section, "entry").count() == entries.len()
    }

    /// The entries of a section that are there; wishes about sharing are cut by themselves.
    fn resources<'s>(&'s self, section: &'s Value) -> impl Iterator<Item = &'s Value> {
        let found = each(section, "entry").filter_map(|entry| self.audience.bundle.resolve(literal(entry)?));
        found.filter(|resource| resource_type(resource) != Some("Consent"))
    }

    /// The narrative of a section of which entries are withheld, written anew: the old one may tell of them. It says so,
    /// unless that would tell of what the recipient may not be told of.
    fn rewritten(&self, section: &Value) -> Option<Value> {
        let mut missing: BTreeSet<Label> = self.resources(section).flat_map(|one| self.labels(one)).collect();
        missing.retain(|label| !self.released.contains(label));
        let going = self.resources(section).filter(|one| self.labels(one).is_subset(self.released));
        let said = missing.iter().any(|label| self.told.contains(label)).then(|| PARTLY.to_owned());
        let lines: Vec<String> = said.into_iter().chain(going.flat_map(narrate::words)).collect();
        (!lines.is_empty()).then(|| build::narrative(&lines))
    }

    /// One element of a section whose category goes; `None` where it does not go or is not known.
    fn section_element(
        &self,
        key: &str,
        value: &Value,
        section: &Value,
        labels: &BTreeSet<Label>,
        losses: &mut Vec<Loss>,
    ) -> Option<Value> {
        let kept = match key {
            "title" | "mode" => Some(value.clone()),
            "code" | "orderedBy" | "emptyReason" => Some(self.filtered(value)),
            "entry" => list(value, |entry| self.pointer(entry)),
            "author" => list(value, |author| self.party(author)),
            "focus" => self.local(value),
            "extension" => list(value, own_category),
            "section" => return self.sections_in(value, labels, losses),
            // Written anew, for it may tell of entries that do not go.
            "text" if !self.goes_wholly(section) => return self.rewritten(section),
            "text" => {
                let parts =
                    ["status", "div"].iter().filter_map(|key| Some(((*key).to_owned(), value.get(*key)?.clone())));
                Some(Value::Object(parts.collect()))
            }
            _ => None,
        };
        if kept.as_ref() != Some(value) {
            losses.push((Label::Unassigned, format!("Composition.section.{key}")));
        }
        kept
    }

    /// Whether everything a section points at goes, and goes whole.
    fn goes_wholly(&self, section: &Value) -> bool {
        self.resources(section).all(|resource| self.labels(resource).is_subset(self.released))
    }

    /// Whoever agreed, when and on which side; one who may not be named is not there at all.
    pub(super) fn attesters(out: &mut Map<String, Value>) {
        if let Some(attesters) = out.get_mut("attester").and_then(Value::as_array_mut) {
            attesters.retain(|attester| attester.get("party").is_some());
            if attesters.is_empty() {
                out.shift_remove("attester");
            }
        }
    }

    /// Extensions of a Composition: of the copies it asks for, the recipient's own.
    pub(super) fn copies(&self, value: &Value, holder: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        let is_copy = |extension: &&Value| extension.get("url").and_then(Value::as_str) == Some(codes::DOCUMENT_COPY);
        let all = value.as_array()?;
        let copies = all.iter().filter(is_copy).filter_map(|copy| {
            let party = self.recipient(copy.get("valueReference")?, holder)?;
            Some(json!({"url": codes::DOCUMENT_COPY, "valueReference": party}))
        });
        let mut kept: Vec<Value> = copies.collect();
        kept.dedup();
        let others: Vec<Value> = all.iter().filter(|extension| !is_copy(extension)).cloned().collect();
        let others = self.extensions(&Value::Array(others), &mut |label, what| {
            losses.push((label, format!("Composition.{what}")));
        });
        kept.extend(others.as_ref().and_then(Value::as_array).into_iter().flatten().cloned());
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    /// Marks of ours that tell something of a category that goes, as bare codes.
    pub(super) fn marks(&self, value: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        list(value, |concept| {
            let found = each(concept, "coding").find_map(mark);
            let label = found.as_ref().map_or(Label::Unassigned, |(category, _)| Label::from(*category));
            let (_, coding) = found.filter(|_| self.released.contains(&label)).or_else(|| {
                losses.push((label, "Composition.category".to_owned()));
                None
            })?;
            Some(json!({"coding": [coding]}))
        })
    }

    /// A Reference to any entry or contained resource, without a name; whether that goes is settled afterwards.
    pub(super) fn pointer(&self, reference: &Value) -> Option<Value> {
        if clean::is_masked(reference) {
            return Some(reference.clone());
        }
        let literal = literal(reference)?;
        let known = literal.starts_with('#') || self.index.by_url(literal).is_some();
        known.then(|| json!({"reference": literal}))
    }
}

/// What FHIR asks of a Composition and was not fit to go, in words that say nothing.
pub(super) fn complete(out: &mut Map<String, Value>) {
    out.entry("type").or_insert_with(|| json!({"text": "Document"}));
    out.entry("title").or_insert_with(|| "Document".into());
    out.entry("author").or_insert_with(|| json!([clean::masked()]));
}

fn mark(coding: &Value) -> Option<(DataCategory, Value)> {
    let text = |key: &str| coding.get(key).and_then(Value::as_str);
    let (system, code) = (text("system")?, text("code").filter(|code| shapes::is_token(code))?);
    let name = system.strip_prefix(codes::BASE)?.strip_prefix("/CodeSystem/")?;
    let (_, category) = MARKS.iter().find(|(known, _)| *known == name)?;
    Some((*category, json!({"system": system, "code": code})))
}

/// The statement of a section's category, in our words.
fn own_category(extension: &Value) -> Option<Value> {
    if extension.get("url").and_then(Value::as_str) != Some(codes::SECTION_CATEGORY) {
        return None;
    }
    let category = category(extension)?;
    let coding = build::coding(codes::DATA_CATEGORY, category.code(), category.title());
    Some(json!({"url": codes::SECTION_CATEGORY, "valueCoding": coding}))
}

/// Applies a copy to each of a list, leaving out what comes to nothing.
fn list(value: &Value, copy: impl FnMut(&Value) -> Option<Value>) -> Option<Value> {
    let kept: Vec<Value> = value.as_array()?.iter().filter_map(copy).collect();
    (!kept.is_empty()).then_some(Value::Array(kept))
}
