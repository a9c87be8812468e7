//! The smallest sound instance of a profile in which a given element is there, and where it is.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use cmht_gateway::definitions::Library;
use cmht_gateway::definitions::facts::{Element, ElementType, Strength};
use cmht_gateway::validate::terminology::Terminology;
use serde_json::{Map, Value, json};

use super::beside::{beside, within};
use super::codes::Codes;
use super::outline::{Outline, is_list, least, most, stem};
use super::samples::{self, sample};

/// A step from an object to what stands in it: its key, the name of the element, and which item of the array.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) key: String,
    pub(super) stem: String,
    pub(super) index: Option<usize>,
}

/// A resource with the element in question.
pub(super) struct Instance {
    pub(super) value: Value,
    pub(super) at: Vec<Step>,
}

/// Makes instances; remembers what is the same in all of them.
pub(super) struct Maker<'a> {
    library: &'a Library,
    pub(super) codes: Codes<'a>,
    extensions: RefCell<HashMap<String, Value>>,
    count: Cell<usize>,
}

/// What an instance is made for.
struct Wanted<'o> {
    outline: &'o Outline,
    /// The element in question and those around it.
    chain: HashSet<usize>,
    target: Option<usize>,
}

/// Something made: a value, what stands beside it under `_`, and where in it the element in question is.
#[derive(Default)]
struct Made {
    value: Value,
    companion: Option<Map<String, Value>>,
    at: Option<Vec<Step>>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(library: &'a Library, terminology: &'a Terminology) -> Self {
        let codes = Codes::new(library, terminology);
        Self { library, codes, extensions: RefCell::default(), count: Cell::new(0) }
    }

    /// An instance with this element; `None` for an element that cannot be reached.
    pub(super) fn instance(&self, outline: &Outline, target: usize) -> Option<Instance> {
        let mut chain = HashSet::new();
        let mut next = Some(target);
        while let Some(at) = next {
            chain.insert(at);
            next = outline.parent(at);
        }
        let wanted = Wanted { outline, chain, target: Some(target) };
        let kind = outline.profile().kind_of.clone();
        let (mut fields, at) = self.object(&wanted, 0, Map::new());
        fields.insert("resourceType".to_owned(), json!(kind));
        let at = if target == 0 { Some(Vec::new()) } else { at };
        Some(Instance { value: Value::Object(fields), at: at? })
    }

    /// An object with all that must be in it and what is in question.
    fn object(
        &self,
        wanted: &Wanted<'_>,
        of: usize,
        base: Map<String, Value>,
    ) -> (Map<String, Value>, Option<Vec<Step>>) {
        let outline = wanted.outline;
        let path = outline.element(of).path.clone();
        let mut fields = base;
        for (key, value) in within(&outline.profile().url, &path).as_object().into_iter().flatten() {
            fields.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let mut at = None;
        for child in outline.children(of) {
            at = self.child(wanted, *child, &mut fields).or(at);
        }
        self.fill(wanted, of, &mut fields);
        // an extension has either, and here extensions are in question
        if fields.contains_key("extension") && (path == "Extension" || kind_of(outline.element(of)) == "Extension") {
            fields.retain(|key, _| {
                !key.starts_with("value") || at.as_ref().is_some_and(|at: &Vec<Step>| at[0].key == *key)
            });
        }
        let present = wanted.chain.iter().map(|one| outline.element(*one).path.as_str());
        for patch in present.filter_map(|present| beside(present, &path)) {
            for (key, value) in patch.as_object().into_iter().flatten() {
                if value.is_null() {
                    fields.remove(key);
                } else {
                    fields.insert(key.clone(), value.clone());
                }
            }
        }
        (fields, at)
    }

    /// Makes a child where it must be there or is in question.
    fn child(&self, wanted: &Wanted<'_>, child: usize, fields: &mut Map<String, Value>) -> Option<Vec<Step>> {
        let outline = wanted.outline;
        let element = outline.element(child);
        let asked = wanted.chain.contains(&child);
        if most(element) == Some(0) && !asked {
            fields.retain(|key, _| !is_named(key, element));
            return None;
        }
        let is_needed = |slice: &usize| {
            wanted.chain.contains(slice) || (least(outline.element(*slice)) > 0 && most(element) != Some(0))
        };
        let slices: Vec<usize> = outline.slices(child).iter().copied().filter(is_needed).collect();
        let there = fields.keys().any(|key| is_named(key, element));
        let asks = |one: &Element| one.fixed.is_some() || one.pattern.is_some();
        let below = outline.children(child).iter().map(|one| outline.element(*one));
        let is_particular = asks(element) || below.into_iter().any(|one| asks(one) || least(one) > 0);
        let is_forced = outline.tells(child);
        let is_due = is_forced || (least(element) > 0 && !there) || (there && is_particular);
        if !asked && slices.is_empty() && !is_due {
            return None;
        }
        let mut made: Vec<(usize, Made)> = Vec::new();
        for slice in slices {
            (0..least(outline.element(slice)).max(1)).for_each(|_| made.push((slice, self.item(wanted, slice))));
        }
        let room = most(element).is_none_or(|most| made.len() < most.max(1));
        let given = fields.get(stem(element)).filter(|_| wanted.target == Some(child) && !is_particular).cloned();
        let given = given.map(|value| match value {
            Value::Array(mut items) => items.swap_remove(0),
            single => single,
        });
        if let Some(value) = given.filter(|_| made.is_empty()) {
            made.push((child, Made { value, ..Made::default() }));
        } else if asked && room {
            let by_type = element.slicing.iter().flat_map(|one| &one.discriminators).any(|one| one.kind == "type");
            let as_slice = outline.slices(child).first().filter(|_| by_type);
            made.push((child, self.item(wanted, as_slice.copied().unwrap_or(child))));
        }
        while made.len() < least(element).max(usize::from(is_due)) {
            made.push((child, self.item(wanted, child)));
        }
        let is_ours = |of: usize| wanted.target == Some(of) || (wanted.target == Some(child) && !room);
        let found = made.iter().position(|(of, one)| is_ours(*of) || one.at.is_some());
        let kind = kind_of(outline.element(made.first()?.0));
        let key = if element.path.ends_with("[x]") { chosen(stem(element), &kind) } else { stem(element).to_owned() };
        fields.retain(|key, _| !is_named(key, element));
        let at = found.map(|index| {
            let below = made[index].1.at.clone().unwrap_or_default();
            let is_beside = !below.is_empty() && made[index].1.companion.is_some();
            let own = if is_beside { format!("_{key}") } else { key.clone() };
            let index = is_list(element).then_some(index);
            let mut at = vec![Step { key: own, stem: stem(element).to_owned(), index }];
            at.extend(below);
            at
        });
        write(fields, &key, is_list(element), made.into_iter().map(|(_, one)| one).collect());
        at
    }

    /// One value for an element or slice.
    fn item(&self, wanted: &Wanted<'_>, of: usize) -> Made {
        let element = wanted.outline.element(of);
        if let Some(reference) = &element.content_reference {
            let path = reference.rsplit('#').next().unwrap_or_default();
            let Some(there) = wanted.outline.at_path(path) else { return Made::default() };
            let fresh = Wanted { outline: wanted.outline, chain: HashSet::new(), target: None };
            return Made { value: Value::Object(self.object(&fresh, there, Map::new()).0), ..Made::default() };
        }
        let kind = kind_of(element);
        let asked = element.fixed.as_ref().or(element.pattern.as_ref()).map(|value| value.value.clone());
        if kind == "Resource" || (kind == "Narrative" && wanted.outline.children(of).is_empty()) {
            return Made { value: sample(&kind).unwrap_or_default(), ..Made::default() };
        }
        if samples::written(&kind) != "object" {
            let value = asked.unwrap_or_else(|| self.primitive(element, &kind));
            let below = wanted.outline.children(of).iter().any(|child| {
                wanted.chain.contains(child)
                    || wanted.outline.slices(*child).iter().any(|one| wanted.chain.contains(one))
            });
            let (companion, at) = if below {
                let (fields, at) = self.object(wanted, of, Map::new());
                (Some(fields), at)
            } else {
                (None, None)
            };
            return Made { value, companion, at };
        }
        if element.fixed.is_some() {
            return Made { value: asked.unwrap_or_default(), ..Made::default() };
        }
        let base = asked.unwrap_or_else(|| self.complex(element, &kind, !wanted.outline.children(of).is_empty()));
        let Value::Object(base) = base else { return Made::default() };
        let (fields, at) = self.object(wanted, of, base);
        Made { value: Value::Object(fields), companion: None, at }
    }

    /// An object must not be empty, and an extension has a value or extensions.
    fn fill(&self, wanted: &Wanted<'_>, of: usize, fields: &mut Map<String, Value>) {
        let outline = wanted.outline;
        let is_extension = kind_of(outline.element(of)) == "Extension" || outline.element(of).path == "Extension";
        let lacks = if is_extension {
            !fields.keys().any(|key| key == "extension" || key.starts_with("value"))
        } else {
            fields.keys().all(|key| key == "id")
                && of != 0
                && samples::written(&kind_of(outline.element(of))) == "object"
        };
        if !lacks {
            return;
        }
        let usable = |child: &&usize| {
            let element = outline.element(**child);
            let name = stem(element);
            most(element) != Some(0)
                && name != "id"
                && if is_extension { name == "value" } else { !matches!(name, "extension" | "modifierExtension") }
        };
        let children = outline.children(of);
        let nested = || children.iter().filter(|child| stem(outline.element(**child)) == "extension");
        let Some(child) = children.iter().find(usable).or_else(|| nested().next()) else { return };
        let part = outline.slices(*child).first().filter(|_| is_extension).copied();
        let fresh = Wanted { outline, chain: std::iter::once(part.unwrap_or(*child)).collect(), target: None };
        self.child(&fresh, *child, fields);
    }

    fn primitive(&self, element: &Element, kind: &str) -> Value {
        if element.path == "Questionnaire.item.linkId" || element.path == "QuestionnaireResponse.item.linkId" {
            self.count.set(self.count.get() + 1);
            return json!(format!("q{}", self.count.get()));
        }
        let bound = element.binding.as_ref().and_then(|binding| binding.value_set.as_deref());
        let picked = bound.filter(|_| kind == "code").and_then(|set| self.codes.of(set));
        picked.map(|(_, code)| json!(code)).or_else(|| sample(kind)).unwrap_or_default()
    }

    fn complex(&self, element: &Element, kind: &str, expanded: bool) -> Value {
        let binding =
            element.binding.as_ref().filter(|one| one.strength >= Strength::Extensible || one.max_value_set.is_some());
        let set = binding.and_then(|one| one.max_value_set.as_deref().or(one.value_set.as_deref()));
        match kind {
            "Reference" => json!({"reference": format!("{}/a1", self.target(element))}),
            "Extension" if expanded && element.types.iter().all(|one| one.profiles.is_empty()) => json!({}),
            "Extension" => match element.types.first().and_then(|one| one.profiles.first()) {
                Some(url) => self.extension(url),
                None if stem(element) == "modifierExtension" => {
                    json!({"url": samples::MODIFIER, "valueString": "words"})
                }
                None => sample(kind).unwrap_or_default(),
            },
            "CodeableConcept" | "Coding" => {
                let coding = match set.and_then(|set| self.codes.of(set)) {
                    Some((system, code)) => json!({"system": system, "code": code}),
                    None if set.is_some() || kind == "Coding" => sample("Coding").unwrap_or_default(),
                    None => return sample(kind).unwrap_or_default(),
                };
                if kind == "Coding" { coding } else { json!({"coding": [coding]}) }
            }
            _ => sample(kind).unwrap_or_else(|| json!({})),
        }
    }

    /// The type a reference may point at.
    fn target(&self, element: &Element) -> String {
        let profile = element.types.first().and_then(|one| one.target_profiles.first());
        let found = profile.and_then(|url| self.library.structure(url).ok()).map(|found| found.kind_of.clone());
        found.filter(|kind| kind != "Resource" && kind != "DomainResource").unwrap_or_else(|| "Patient".to_owned())
    }

    /// The smallest sound extension of a definition.
    fn extension(&self, url: &str) -> Value {
        if let Some(known) = self.extensions.borrow().get(url) {
            return known.clone();
        }
        let bare = json!({"url": url, "valueString": "words"});
        let Ok(profile) = self.library.structure(url) else { return bare };
        let based = json!({"url": profile.url}).as_object().cloned().unwrap_or_default();
        let outline = Rc::new(Outline::of(profile));
        let wanted = Wanted { outline: &outline, chain: HashSet::new(), target: None };
        let made = Value::Object(self.object(&wanted, 0, based).0);
        self.extensions.borrow_mut().insert(url.to_owned(), made.clone());
        made
    }
}

/// The type of an element, the first of those it may have.
pub(super) fn kind_of(element: &Element) -> String {
    let kind = element.types.first().map(type_name).unwrap_or_default();
    // the id of a resource has a form of its own, which its type does not tell
    let is_resource_id = stem(element) == "id" && element.path.matches('.').count() == 1;
    if is_resource_id { "id".to_owned() } else { kind }
}

pub(super) fn type_name(one: &ElementType) -> String {
    let code = one.fhir_type.as_deref().unwrap_or(&one.code);
    let name = code.rsplit(['/', '.']).next().unwrap_or_default();
    if code.contains("fhirpath/System") { name.to_lowercase() } else { name.to_owned() }
}

/// `value` and `string` give `valueString`.
pub(super) fn chosen(stem: &str, kind: &str) -> String {
    let mut letters = kind.chars();
    stem.chars().chain(letters.next().map(|first| first.to_ascii_uppercase())).chain(letters).collect()
}

/// Whether a key is that of an element, or of one of its types.
fn is_named(key: &str, element: &Element) -> bool {
    let rest = key.trim_start_matches('_').strip_prefix(stem(element));
    let is_choice = element.path.ends_with("[x]");
    rest.is_some_and(|rest| rest.is_empty() || (is_choice && rest.starts_with(|c: char| c.is_ascii_uppercase())))
}

fn write(fields: &mut Map<String, Value>, key: &str, list: bool, made: Vec<Made>) {
    let companions: Vec<Value> =
        made.iter().map(|one| one.companion.clone().map_or(Value::Null, Value::Object)).collect();
    let has_companion = companions.iter().any(|one| !one.is_null());
    let mut values: Vec<Value> = made.into_iter().map(|one| one.value).collect();
    if list {
        fields.insert(key.to_owned(), Value::Array(values));
        if has_companion {
            fields.insert(format!("_{key}"), Value::Array(companions));
        }
    } else if let Some(value) = values.drain(..).next() {
        fields.insert(key.to_owned(), value);
        if let Some(one) = companions.into_iter().next().filter(|one| !one.is_null()) {
            fields.insert(format!("_{key}"), one);
        }
    }
}
