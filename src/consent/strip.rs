//! Cuts one resource down: by the table of `elements` for those that mix categories or hold none, and its contained
//! resources for all. Says what it left out by element name and label, never by content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::directive::{self, Audience};
use super::document::{self, Filing};
use super::elements::{self, Form};
use super::label::Label;
use super::parts::{self, Part};
use super::person::{Person, Standing};
use super::references::{self, Gone, Index};
use super::{clean, origin, pointers, shapes, statement};
use crate::fhir::bundle::resource_type;
use crate::fhir::{build, codes};

/// What may go and to whom.
pub(super) struct Cutter<'a> {
    pub index: &'a Index,
    pub person: &'a Person<'a>,
    pub filing: &'a Filing,
    pub audience: Audience<'a>,
    pub released: &'a BTreeSet<Label>,
    /// What the recipient may be told was withheld (CS-22).
    pub told: &'a BTreeSet<Label>,
}

/// Something left out: its label and what it was, in element or resource names.
pub(super) type Loss = (Label, String);

impl Cutter<'_> {
    /// The resource as it goes, without narrative (the caller writes one); `None` when nothing of it goes.
    pub(super) fn cut(&self, resource: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        self.cut_within(resource, resource, losses)
    }

    /// How a resource is decided on, by itself and by where it stands.
    pub(super) fn part(&self, resource: &Value, holder: &Value) -> Part {
        match parts::part(resource, self.person.standing(resource, holder), self.filing.of(holder)) {
            Part::Whole(mut labels) => {
                labels.extend(origin::of_source(resource, |source| self.followed(source, holder)));
                Part::Whole(labels)
            }
            Part::Elements => Part::Elements,
        }
    }

    /// What a Reference leads to: an entry, or a resource contained in the holder.
    fn followed<'v>(&'v self, reference: &Value, holder: &'v Value) -> Option<&'v Value> {
        let literal = reference.get("reference").and_then(Value::as_str)?;
        match literal.strip_prefix('#') {
            Some(wanted) => holder.get("contained")?.as_array()?.iter().find(|inner| id(inner) == wanted),
            None => self.audience.bundle.resolve(literal),
        }
    }

    /// Every label that anything in the resource, or contained in it, has.
    pub(super) fn labels(&self, resource: &Value) -> BTreeSet<Label> {
        let mut found = self.own_labels(resource, resource);
        for inner in resource.get("contained").and_then(Value::as_array).into_iter().flatten() {
            found.extend(self.own_labels(inner, resource));
        }
        found
    }

    fn own_labels(&self, resource: &Value, holder: &Value) -> BTreeSet<Label> {
        let mut found = self.labels_by_part(resource, holder);
        found.extend(self.of_whole(resource, holder));
        found
    }

    /// What is said of the bundle as a whole holds for what it begins with.
    fn of_whole(&self, resource: &Value, holder: &Value) -> impl Iterator<Item = Label> {
        let root = matches!(self.person.standing(resource, holder), Standing::Request | Standing::Composition);
        self.filing.whole().iter().copied().filter(move |_| root)
    }

    fn labels_by_part(&self, resource: &Value, holder: &Value) -> BTreeSet<Label> {
        match self.part(resource, holder) {
            Part::Whole(labels) => labels,
            Part::Elements => {
                let mut losses = Vec::new();
                let kind = resource_type(resource).unwrap_or_default();
                let nothing = Cutter { released: &BTreeSet::new(), ..*self };
                let _ = nothing.by_element(kind, resource, holder, &mut losses);
                losses.into_iter().map(|(label, _)| label).chain(parts::overall(resource)).collect()
            }
        }
    }

    /// `holder` is the entry the resource stands in: itself, or the resource that contains it.
    fn cut_within(&self, resource: &Value, holder: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        let kind = resource_type(resource).unwrap_or_default();
        let part = self.part(resource, holder);
        let mut needed = match &part {
            Part::Whole(labels) => labels.clone(),
            Part::Elements => parts::overall(resource),
        };
        needed.extend(self.of_whole(resource, holder));
        // A modifier changes what the rest means: such a resource goes as it is or not at all.
        if part == Part::Elements
            && ["modifierExtension", "implicitRules"].iter().any(|key| resource.get(key).is_some())
        {
            needed.insert(Label::Unassigned);
        }
        needed.retain(|label| !self.released.contains(label));
        if !needed.is_empty() {
            // what is left of a Consent concerns others, and saying so would tell of them
            let told = needed.into_iter().filter(|_| kind != "Consent" || part != Part::Elements);
            losses.extend(told.map(|label| (label, kind.to_owned())));
            return None;
        }
        let mut out = match part {
            Part::Whole(_) => {
                let mut whole = resource.clone();
                clean::relabel(&mut whole);
                whole
            }
            Part::Elements => Value::Object(self.by_element(kind, resource, holder, losses)?),
        };
        if std::ptr::eq(resource, holder) {
            self.contained(resource, &mut out, losses);
        } else if let Some(object) = out.as_object_mut() {
            // FHIR allows neither inside a contained resource (dom-2); both would be looked at by nobody.
            object.shift_remove("contained");
            object.shift_remove("text");
        }
        Some(out)
    }

    /// Contained resources are cut like any other, and go when nothing points at them any more.
    fn contained(&self, resource: &Value, out: &mut Value, losses: &mut Vec<Loss>) {
        let Some(all) = resource.get("contained").and_then(Value::as_array) else { return };
        let kept: Vec<Value> = all.iter().filter_map(|inner| self.cut_within(inner, resource, losses)).collect();
        if let Some(object) = out.as_object_mut() {
            object.shift_remove("contained");
        }
        let kept = wanted(out, kept);
        let left: BTreeSet<String> = kept.iter().map(id).collect();
        let gone: BTreeSet<String> = all.iter().map(id).filter(|id| !left.contains(id)).collect();
        let gone = Gone {
            index: self.index,
            entries: &BTreeSet::new(),
            contained: &gone,
            quiet: &BTreeSet::new(),
            hushed: all.iter().all(|inner| !gone.contains(&id(inner)) || self.is_untold(inner, resource)),
            spared: &directive::recipient(self.audience),
        };
        references::scrub(out, &gone);
        let mut kept = kept;
        for inner in &mut kept {
            references::scrub(inner, &gone);
        }
        if let Some(object) = out.as_object_mut().filter(|_| !kept.is_empty()) {
            object.insert("contained".into(), kept.into());
        }
    }

    /// Whether a resource does not go, and nothing of why may be told.
    pub(super) fn is_untold(&self, resource: &Value, holder: &Value) -> bool {
        let mut missing = self.own_labels(resource, holder);
        missing.retain(|label| !self.released.contains(label));
        !missing.is_empty() && missing.is_disjoint(self.told)
    }

    fn by_element(
        &self,
        kind: &str,
        resource: &Value,
        holder: &Value,
        losses: &mut Vec<Loss>,
    ) -> Option<Map<String, Value>> {
        // A Consent to treatment or research was not read as one to share, and cut it could be mistaken for one.
        if kind == "Consent" && !directive::about_sharing(resource) {
            return None;
        }
        let mut out = Map::new();
        for (key, value) in resource.as_object()? {
            match key.as_str() {
                "resourceType" | "id" | "contained" => {
                    out.insert(key.clone(), value.clone());
                }
                "meta" => out.extend(clean::meta(value).map(|meta| (key.clone(), meta))),
                // The narrative is written anew from what remains.
                "text" | "language" => {}
                "extension" if kind == "Composition" => {
                    out.extend(self.copies(value, resource, losses).map(|kept| (key.clone(), kept)));
                }
                "section" if kind == "Composition" => {
                    out.extend(self.sections(value, losses).map(|kept| (key.clone(), kept)));
                }
                "category" if kind == "Composition" => {
                    out.extend(self.marks(value, losses).map(|kept| (key.clone(), kept)));
                }
                "extension" => {
                    let kept =
                        self.extensions(value, &mut |label, what| losses.push((label, format!("{kind}.{what}"))));
                    out.extend(kept.map(|kept| (key.clone(), kept)));
                }
                "provision" if kind == "Consent" => {
                    let kept = directive::trim(value, &self.audience, holder);
                    out.extend(kept.map(|kept| (key.clone(), kept)));
                }
                _ => {
                    let kept = self.element(kind, key, value, resource, losses);
                    out.extend(kept.map(|kept| (key.clone(), kept)));
                }
            }
        }
        if kind == "Composition" {
            Self::attesters(&mut out);
            document::complete(&mut out);
        }
        if kind == "Consent" && !out.contains_key("policyRule") {
            // FHIR asks for one (ppc-1), and the policy it was may be somebody's words.
            out.insert("policyRule".into(), clean::policy(&Value::Null));
        }
        if kind == "Consent" {
            // Required, and somebody's words: a scope that was not readable stays so.
            out.entry("scope").or_insert_with(|| json!({"text": "Sharing"}));
            out.entry("category")
                .or_insert_with(|| json!([build::concept(codes::ACT_CODE, "IDSCL", "information disclosure")]));
        }
        if kind == "Provenance"
            && let Some(agents) = out.get_mut("agent").and_then(Value::as_array_mut)
        {
            agents.retain(|agent| agent.get("who").is_some());
        }
        let by_nobody = kind == "Provenance" && out.get("agent").and_then(Value::as_array).is_none_or(Vec::is_empty);
        if by_nobody {
            return None;
        }
        // A Consent that says nothing about this recipient tells only of others.
        let about_others = kind == "Consent" && !out.contains_key("provision");
        (!about_others).then_some(out)
    }

    fn element(&self, kind: &str, path: &str, value: &Value, parent: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        let name = path.rsplit('.').next().unwrap_or(path);
        let plain_path = path.replace('_', "");
        let mut lose = |label: Label| {
            // What a Consent leaves out concerns others, and saying so would tell of them.
            if kind != "Consent" {
                losses.push((label, format!("{kind}.{plain_path}")));
            }
        };
        let Some(line) = elements::element(kind, &plain_path) else {
            lose(Label::Unassigned);
            return None;
        };
        if line.form != Form::Notes && !self.released.contains(&line.label) {
            lose(line.label);
            return None;
        }
        if name.starts_with('_') {
            let with_value = parent.get(name.trim_start_matches('_')).is_some();
            let kept = if line.form == Form::Plain && with_value { None } else { self.companion(value) };
            if kept.as_ref() != Some(value) {
                lose(Label::Unassigned);
            }
            return kept;
        }
        let mut lose_unassigned = || lose(Label::Unassigned);
        match line.form {
            Form::Plain => Some(without_gaps(value)),
            Form::Text => Some(value.clone()),
            Form::Destinations => {
                let kept: Vec<Value> = value.as_array()?.iter().filter_map(|one| self.destination(one)).collect();
                (!kept.is_empty()).then_some(Value::Array(kept))
            }
            Form::Policy => Some(clean::policy(value)),
            Form::Value => {
                let kept = self.filtered(value);
                if kept != *value {
                    lose_unassigned();
                }
                Some(kept).filter(|kept| !is_hollow(kept))
            }
            Form::Code => each(value, &mut clean::concept, &mut lose_unassigned),
            Form::Identifier if kind == "Patient" => each(value, &mut |one| self.number(one), &mut lose_unassigned),
            Form::Identifier => each(value, &mut |one| self.identifier(one), &mut lose_unassigned),
            Form::Party if path == "attester.party" => each(value, &mut |one| self.attester(one), &mut lose_unassigned),
            Form::Party => each(value, &mut |one| self.party(one), &mut lose_unassigned),
            Form::Local => each(value, &mut |one| self.local(one), &mut lose_unassigned),
            Form::Recipient => each(value, &mut |one| self.recipient(one, parent), &mut || ()),
            Form::Url => Some(value.clone()).filter(|url| url.as_str().is_some_and(shapes::is_url)),
            Form::Languages => each(value, &mut pointers::language, &mut lose_unassigned),
            Form::Title => Some(value.clone()).filter(shapes::is_title).or_else(|| {
                lose_unassigned();
                None
            }),
            Form::Pointer => each(value, &mut |one| self.pointer(one), &mut lose_unassigned),
            Form::Notes => self.notes(value, line.label, &mut lose),
            Form::Group => each(value, &mut |one| self.group(kind, path, one, losses), &mut || ()),
        }
    }

    /// A structure whose own elements are in the table; its ids and extensions serve no reader of a reduced copy.
    fn group(&self, kind: &str, path: &str, value: &Value, losses: &mut Vec<Loss>) -> Option<Value> {
        let mut group = Map::new();
        for (key, inner) in value.as_object()? {
            if key == "extension" && kind == "Composition" {
                losses.push((Label::Unassigned, format!("{kind}.{path}.extension")));
            }
            if !matches!(key.as_str(), "id" | "extension") {
                let kept = self.element(kind, &format!("{path}.{key}"), inner, value, losses);
                group.extend(kept.map(|kept| (key.clone(), kept)));
            }
        }
        (!group.is_empty()).then_some(Value::Object(group))
    }

    /// A copy without ids and without extensions that are not listed or whose label does not go.
    pub(super) fn filtered(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) => {
                let mut out = Map::new();
                for (key, inner) in object {
                    let kept = match key.as_str() {
                        "id" | "modifierExtension" => None,
                        "extension" => self.extensions(inner, &mut |_, _| ()),
                        _ if key.starts_with('_') => self.companion(inner),
                        _ => Some(self.filtered(inner)).filter(|kept| !is_hollow(kept)),
                    };
                    out.extend(kept.map(|kept| (key.clone(), kept)));
                }
                let gapless: Vec<String> =
                    out.keys().filter(|key| !out.contains_key(&format!("_{key}"))).cloned().collect();
                for key in gapless {
                    if let Some(inner) = out.get_mut(&key) {
                        *inner = without_gaps(inner);
                    }
                }
                Value::Object(out)
            }
            Value::Array(items) => {
                items.iter().map(|item| self.filtered(item)).filter(|kept| !is_hollow(kept)).collect()
            }
            other => other.clone(),
        }
    }

    /// The companion of a primitive (`_birthDate`): only listed extensions, and for a list, in step with it.
    fn companion(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => {
                let kept: Vec<Value> = items.iter().map(|item| self.companion(item).unwrap_or(Value::Null)).collect();
                kept.iter().any(|item| !item.is_null()).then_some(Value::Array(kept))
            }
            one => Some(self.filtered(one)).filter(|kept| !kept.is_null() && !is_hollow(kept)),
        }
    }

    pub(super) fn extensions(&self, value: &Value, lose: &mut impl FnMut(Label, &str)) -> Option<Value> {
        let mut kept = Vec::new();
        for extension in value.as_array()? {
            let url = extension.get("url").and_then(Value::as_str).unwrap_or_default();
            let label = elements::extension(url).unwrap_or(Label::Unassigned);
            match shapes::extension(extension).filter(|_| label != Label::Unassigned) {
                Some(shaped) if self.released.contains(&label) => kept.push(shaped),
                Some(_) => lose(label, "extension"),
                None => lose(Label::Unassigned, "extension"),
            }
        }
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    /// Annotations: statements of the gateway always stay; others go with their label.
    fn notes(&self, value: &Value, label: Label, lose: &mut impl FnMut(Label)) -> Option<Value> {
        let released = self.released.contains(&label);
        let all = value.as_array()?;
        let kept: Vec<Value> = all.iter().filter(|note| released || statement::is_ours(note)).cloned().collect();
        if kept.len() < all.len() {
            lose(label);
        }
        (!kept.is_empty()).then_some(Value::Array(kept))
    }
}

/// Applies a copy to one value or to each of a list, leaving out what comes to nothing.
fn each(value: &Value, copy: &mut impl FnMut(&Value) -> Option<Value>, lose: &mut impl FnMut()) -> Option<Value> {
    let Value::Array(items) = value else {
        let kept = copy(value);
        if kept.is_none() {
            lose();
        }
        return kept;
    };
    let kept: Vec<Value> = items.iter().filter_map(copy).collect();
    if kept.len() < items.len() {
        lose();
    }
    (!kept.is_empty()).then_some(Value::Array(kept))
}

/// The contained resources that the holder reaches, or that point back at it (`#` alone, dom-3) and what those reach.
fn wanted(holder: &Value, all: Vec<Value>) -> Vec<Value> {
    let places: BTreeMap<String, Vec<usize>> =
        all.iter().enumerate().fold(BTreeMap::new(), |mut places, (place, inner)| {
            places.entry(id(inner)).or_insert_with(Vec::new).push(place);
            places
        });
    let pointers: Vec<BTreeSet<String>> = all.iter().map(references::contained_ids).collect();
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> =
        (0..all.len()).filter(|place| pointers.get(*place).is_some_and(|to| to.contains(""))).collect();
    open.extend(references::contained_ids(holder).iter().filter_map(|id| places.get(id)).flatten());
    while let Some(place) = open.pop() {
        if reached.insert(place) {
            open.extend(pointers.get(place).into_iter().flatten().filter_map(|id| places.get(id)).flatten());
        }
    }
    all.into_iter().enumerate().filter(|(place, _)| reached.contains(place)).map(|(_, inner)| inner).collect()
}

fn id(resource: &Value) -> String {
    resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// FHIR has no empty objects and no empty lists.
fn is_hollow(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// A list of primitives whose companions are gone has no gaps.
fn without_gaps(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).cloned().collect(),
        other => other.clone(),
    }
}
