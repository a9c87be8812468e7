//! A foreign bundle being read: which entries have been used, and where a reference leads, however it is written.
//! Reads; decides nothing about what an entry means.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::element::{Element, Notes};
use super::{Note, NoteKind};
use crate::fhir::Bundle;
use crate::fhir::bundle::resource_type;

/// A bundle and what has been read of it.
pub(super) struct Source<'b> {
    entries: Vec<(Option<&'b str>, &'b Value)>,
    used: RefCell<Vec<bool>>,
    places: Places<'b>,
    /// Contained resources that were read.
    used_contained: RefCell<HashSet<*const Value>>,
    pub(super) notes: Notes,
}

/// Places of the entries by what a reference may call them; of two with one name, the first. A message may hold as
/// many references as entries, so none of them may cost a scan.
#[derive(Default)]
struct Places<'b> {
    urls: HashMap<&'b str, usize>,
    /// By type and id, whether it stands in the resource or at the end of the fullUrl.
    names: HashMap<(&'b str, &'b str), usize>,
    /// By system and value of an identifier, with the type of the resource and without.
    identifiers: HashMap<(Option<&'b str>, &'b str, &'b str), usize>,
}

impl<'b> Places<'b> {
    fn of(entries: &[(Option<&'b str>, &'b Value)]) -> Self {
        let mut places = Self::default();
        for (place, (url, resource)) in entries.iter().enumerate() {
            let kind = resource_type(resource).unwrap_or_default();
            if let Some(url) = url {
                places.urls.entry(url).or_insert(place);
            }
            let at_end = url.and_then(name_in).filter(|(named, _)| *named == kind).map(|(_, id)| id);
            for id in [resource.get("id").and_then(Value::as_str), at_end].into_iter().flatten() {
                places.names.entry((kind, id)).or_insert(place);
            }
            for identifier in resource.get("identifier").and_then(Value::as_array).into_iter().flatten() {
                let part = |key| identifier.get(key).and_then(Value::as_str);
                if let Some((system, value)) = part("system").zip(part("value")) {
                    for kind in [None, Some(kind)] {
                        places.identifiers.entry((kind, system, value)).or_insert(place);
                    }
                }
            }
        }
        places
    }
}

/// Type and id at the end of a reference or a fullUrl.
fn name_in(reference: &str) -> Option<(&str, &str)> {
    let (head, id) = reference.rsplit_once('/')?;
    Some((head.rsplit('/').next()?, id))
}

/// Where a reference leads.
pub(super) enum Target<'b, 'n> {
    /// A resource of the bundle, or one contained in the resource that refers to it.
    Resource { kind: &'b str, element: Element<'n>, value: &'b Value },
    /// Nowhere in the bundle: the Reference itself is all there is, with its identifier and display.
    Logical(Element<'n>),
}

impl<'b> Source<'b> {
    pub(super) fn new(bundle: &'b Bundle) -> Self {
        let entries: Vec<_> = bundle.entries().collect();
        let used = RefCell::new(vec![false; entries.len()]);
        let places = Places::of(&entries);
        Self { entries, used, places, used_contained: RefCell::default(), notes: Notes::default() }
    }

    /// Places of the entries with resources of a type.
    pub(super) fn of_type(&self, wanted: &str) -> Vec<usize> {
        let found = self.entries.iter().enumerate().filter(|(_, (_, r))| resource_type(r) == Some(wanted));
        found.map(|(place, _)| place).collect()
    }

    pub(super) fn value(&self, place: usize) -> &'b Value {
        self.entries.get(place).map_or(&Value::Null, |(_, resource)| *resource)
    }

    /// Begins to read an entry; it counts as used from now on.
    pub(super) fn open(&self, place: usize) -> Element<'_> {
        if let Some(used) = self.used.borrow_mut().get_mut(place) {
            *used = true;
        }
        let mut element = Element::resource(self.value(place), format!("Bundle.entry[{place}].resource"), &self.notes);
        element.ignore(&["contained"]); // `finish` reports those nobody read
        element
    }

    /// Finds the entry a literal reference names: by fullUrl, by `Type/id` against fullUrl endings and ids
    /// (<https://hl7.org/fhir/R4/bundle.html#references>).
    pub(super) fn find(&self, reference: &str) -> Option<usize> {
        let unversioned = reference.split("/_history/").next().unwrap_or(reference);
        let places = &self.places;
        let exact = places.urls.get(unversioned);
        exact.or_else(|| places.names.get(&name_in(unversioned)?)).copied()
    }

    /// The place a Reference element of `from` leads to, by literal reference or by identifier; not for contained ones.
    pub(super) fn locate(&self, reference: &Value) -> Option<usize> {
        let literal = reference.get("reference").and_then(Value::as_str).and_then(|text| self.find(text));
        literal.or_else(|| {
            let identifier = reference.get("identifier")?;
            let part = |key| identifier.get(key).and_then(Value::as_str);
            let (system, value) = part("system").zip(part("value"))?;
            let wanted = reference.get("type").and_then(Value::as_str);
            self.places.identifiers.get(&(wanted, system, value)).copied()
        })
    }

    /// Follows a Reference taken out of `holder`.
    pub(super) fn follow(&self, mut reference: Element<'_>, holder: &'b Value) -> Target<'b, '_> {
        let path = reference.path().to_owned();
        let mut value = serde_json::Map::new();
        for key in ["reference", "type", "identifier", "display"] {
            if let Some(part) = reference.peek(key) {
                value.insert(key.to_owned(), part.clone());
            }
        }
        reference.ignore(&["reference", "type", "identifier", "display"]);
        let value = Value::Object(value);
        if let Some(place) = self.locate(&value) {
            let kind = resource_type(self.value(place)).unwrap_or_default();
            return Target::Resource { kind, element: self.open(place), value: self.value(place) };
        }
        if let Some(contained) = contained(&value, holder) {
            let kind = resource_type(contained).unwrap_or_default();
            self.used_contained.borrow_mut().insert(std::ptr::from_ref(contained));
            let element = Element::resource(contained, format!("{path}.resolve()"), &self.notes);
            return Target::Resource { kind, element, value: contained };
        }
        Target::Logical(Element::new(&value, path, &self.notes))
    }

    /// Ends reading: entries nobody used are reported, then all notes are given out.
    pub(super) fn finish(self) -> Vec<Note> {
        for (place, used) in self.used.borrow().iter().enumerate() {
            let contained = self.value(place).get("contained").and_then(Value::as_array).into_iter().flatten();
            for (inner, resource) in contained.enumerate().filter(|_| *used) {
                if !self.used_contained.borrow().contains(&std::ptr::from_ref(resource)) {
                    let path = format!("Bundle.entry[{place}].resource.contained[{inner}]");
                    self.notes.add(NoteKind::Dropped, path, "The native document has no place for this resource.");
                }
            }
            if !used {
                let kind = resource_type(self.value(place)).unwrap_or("resource");
                self.notes.add(
                    NoteKind::Dropped,
                    format!("Bundle.entry[{place}].resource"),
                    format!("The native document has no place for this {kind}."),
                );
            }
        }
        self.notes.into_vec()
    }
}

/// The contained resource a `#id` reference names.
fn contained<'b>(reference: &Value, holder: &'b Value) -> Option<&'b Value> {
    let id = reference.get("reference")?.as_str()?.strip_prefix('#')?;
    holder.get("contained")?.as_array()?.iter().find(|r| r.get("id").and_then(Value::as_str) == Some(id))
}
