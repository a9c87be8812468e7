//! A foreign bundle being read: which entries have been used, and where a reference leads, however it is written.
//! Reads; decides nothing about what an entry means.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::element::Element;
use super::notes::Notes;
use super::path::Path;
use super::unmapped::{self, Carried, Succession};
use super::{Note, NoteKind, lookup};
use crate::documents::parts::Unmapped;
use crate::fhir::Bundle;
use crate::fhir::bundle::resource_type;

/// One entry of the bundle.
#[derive(Clone, Copy)]
struct Entry<'b> {
    whole: &'b Value,
    url: Option<&'b str>,
    resource: &'b Value,
    /// It carries what an earlier reading had no place for: not content to be read again.
    hidden: bool,
}

/// A bundle and what has been read of it.
pub(super) struct Source<'b> {
    bundle: &'b Value,
    entries: Vec<Entry<'b>>,
    /// How often each entry was read.
    used: RefCell<Vec<usize>>,
    places: Places<'b>,
    /// Contained resources that were read.
    used_contained: RefCell<HashSet<*const Value>>,
    /// Why entries must not be read as facts.
    refused: RefCell<HashMap<usize, &'static str>>,
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
    /// By where the resource is held.
    addresses: HashMap<*const Value, usize>,
    /// fullUrls of entries that carry what an earlier reading had no place for.
    hidden: HashSet<&'b str>,
}

impl<'b> Places<'b> {
    fn of(entries: &[Entry<'b>]) -> Self {
        let hidden = entries.iter().filter(|entry| entry.hidden).filter_map(|entry| entry.url).collect();
        let mut places = Self { hidden, ..Self::default() };
        for (place, Entry { url, resource, .. }) in entries.iter().enumerate().filter(|(_, entry)| !entry.hidden) {
            let kind = resource_type(resource).unwrap_or_default();
            places.addresses.insert(std::ptr::from_ref(*resource), place);
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
        let bundle = bundle.value();
        let list = bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
        let entry = |whole: &'b Value| {
            let resource = whole.get("resource").unwrap_or(&Value::Null);
            let hidden = unmapped::is_carrier(resource) || unmapped::is_returned(resource);
            Entry { whole, url: whole.get("fullUrl").and_then(Value::as_str), resource, hidden }
        };
        let entries: Vec<_> = list.map(entry).collect();
        let used = RefCell::new(vec![0; entries.len()]);
        let places = Places::of(&entries);
        let notes = Notes::default();
        let source = Self {
            bundle,
            entries,
            used,
            places,
            used_contained: RefCell::default(),
            refused: RefCell::default(),
            notes,
        };
        source.carried();
        source
    }

    /// Takes back what an earlier reading had no place for.
    fn carried(&self) {
        let hidden = || self.entries.iter().enumerate().filter(|(_, entry)| entry.hidden);
        let carriers: Vec<usize> =
            hidden().map(|(place, _)| place).filter(|at| unmapped::is_carrier(self.value(*at))).collect();
        if carriers.is_empty() {
            return;
        }
        let by_url: HashMap<&str, usize> = hidden().filter_map(|(place, entry)| Some((entry.url?, place))).collect();
        for place in carriers {
            let mut carrier = self.open(place);
            // our own mark of it
            carrier.ignore(&["text"]);
            for one in unmapped::read_carrier(carrier) {
                match one {
                    Carried::Element(one) => self.notes.carried(one),
                    Carried::Entry { path, url, had } => {
                        let Some(at) = by_url.get(url.as_str()).filter(|at| !self.is_used(**at)) else { continue };
                        self.mark_used(*at);
                        self.notes.carried(Unmapped { path, value: entry_of(had.as_deref(), self.value(*at)) });
                    }
                }
            }
        }
    }

    /// Places of the entries with resources of a type.
    pub(super) fn of_type(&self, wanted: &str) -> Vec<usize> {
        let known = self.entries.iter().enumerate().filter(|(_, entry)| !entry.hidden);
        known.filter(|(_, entry)| resource_type(entry.resource) == Some(wanted)).map(|(place, _)| place).collect()
    }

    pub(super) fn value(&self, place: usize) -> &'b Value {
        self.entries.get(place).map_or(&Value::Null, |entry| entry.resource)
    }

    fn is_used(&self, place: usize) -> bool {
        self.used.borrow().get(place).is_some_and(|times| *times > 0)
    }

    fn mark_used(&self, place: usize) {
        if let Some(times) = self.used.borrow_mut().get_mut(place) {
            *times += 1;
        }
    }

    /// Begins to read an entry; it counts as used from now on.
    pub(super) fn open(&self, place: usize) -> Element<'_> {
        self.open_labelled(place, |_| false)
    }

    /// The same; security labels that the reader makes something of are passed over.
    pub(super) fn open_labelled(&self, place: usize, understood: impl Fn(&Value) -> bool) -> Element<'_> {
        self.mark_used(place);
        let mut element = Element::labelled(self.value(place), Path::entry(place), &self.notes, understood);
        element.apart(&["contained"]); // `finish` reports those nobody read
        element
    }

    /// Gives up reading an entry of which nothing could be made: it is kept whole.
    pub(super) fn give_up(&self, place: usize, element: Element<'_>) {
        element.discard();
        self.keep_whole(place);
    }

    /// An entry that was opened and of which nothing came: it is kept whole.
    pub(super) fn keep_whole(&self, place: usize) {
        if let Some(times) = self.used.borrow_mut().get_mut(place) {
            *times = times.saturating_sub(1);
        }
    }

    /// Says why an entry is not read as a fact; unless something else is made of it, it is kept whole.
    pub(super) fn refuse(&self, place: usize, reason: &'static str) {
        self.refused.borrow_mut().entry(place).or_insert(reason);
    }

    /// Whether a reference is the address of something on another server than an entry it is like.
    pub(super) fn is_elsewhere(&self, reference: Option<&str>, place: usize) -> bool {
        let address = |text: &&str| text.starts_with("http");
        let url = self.entries.get(place).and_then(|entry| entry.url).filter(address);
        let named = reference.filter(address).and_then(|text| text.split("/_history/").next());
        named.zip(url).is_some_and(|(named, url)| named != url)
    }

    /// Gives a resource back of which only the name was wanted: it is read in full elsewhere, or kept whole.
    pub(super) fn give_back(&self, element: Element<'_>, value: &'b Value) {
        if let Some(place) = self.places.addresses.get(&std::ptr::from_ref(value)) {
            self.give_up(*place, element);
        } else {
            element.discard();
            self.used_contained.borrow_mut().remove(&std::ptr::from_ref(value));
        }
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
        self.locate_by(reference.get("reference"), reference.get("identifier"), reference.get("type"))
    }

    fn locate_by(&self, literal: Option<&Value>, identifier: Option<&Value>, kind: Option<&Value>) -> Option<usize> {
        let literal = literal.and_then(Value::as_str).and_then(|text| self.find(text));
        literal.or_else(|| {
            let identifier = identifier?;
            let part = |key| identifier.get(key).and_then(Value::as_str);
            let (system, value) = part("system").zip(part("value"))?;
            self.places.identifiers.get(&(kind.and_then(Value::as_str), system, value)).copied()
        })
    }

    /// Follows a Reference taken out of `holder`.
    pub(super) fn follow<'n>(&'n self, mut reference: Element<'n>, holder: &'b Value) -> Target<'b, 'n> {
        let literal = reference.peek("reference");
        if let Some(place) = self.locate_by(literal, reference.peek("identifier"), reference.peek("type")) {
            let value = self.value(place);
            let said = reference.peek("identifier");
            let known = said.is_some_and(|said| holds(value.get("identifier"), said));
            reference.ignore_if(known, "identifier");
            reference.ignore(&["reference", "type"]);
            reference.keep(&["identifier", "display"]);
            let kind = resource_type(value).unwrap_or_default();
            return Target::Resource { kind, element: self.open(place), value };
        }
        if let Some(contained) = contained(literal, holder) {
            reference.ignore(&["reference", "type"]);
            reference.keep(&["identifier", "display"]);
            let kind = resource_type(contained).unwrap_or_default();
            self.used_contained.borrow_mut().insert(std::ptr::from_ref(contained));
            let element = Element::resource(contained, reference.resolved(), &self.notes);
            return Target::Resource { kind, element, value: contained };
        }
        Target::Logical(reference.split(&["reference", "type", "identifier", "display"]))
    }

    /// Ends reading: what nobody used is reported, then all notes and everything that has no place are given out. `made`
    /// is the bundle made of the document that was read; it is asked for only where something kept points at it.
    pub(super) fn finish(self, made: impl FnOnce() -> Bundle) -> (Vec<Note>, Vec<Unmapped>) {
        for (place, Entry { whole, resource, hidden, .. }) in self.entries.iter().enumerate() {
            if *hidden && self.is_used(place) {
                continue;
            }
            if self.is_used(place) {
                self.beside(place, whole);
                self.dangling(&Path::entry(place), resource);
            } else {
                let kind = resource_type(resource).unwrap_or("resource");
                let reason = self.refused.borrow().get(&place).copied();
                let text = format!("The native document has no place for this {kind}.");
                let text = reason.map_or(text, |reason| format!("This {kind} is kept and not read. {reason}"));
                self.notes.add(NoteKind::Dropped, Path::entry(place).to_string(), text);
                self.notes.keep(&format!("Bundle.entry[{place}]"), whole);
            }
        }
        for path in self.notes.without_value() {
            let entry = path.strip_suffix(".resource").filter(|entry| unmapped::is_entry(entry));
            if let (None, Some(value)) = (entry, lookup::at(self.bundle, &path)) {
                self.notes.keep(&path, value);
            }
        }
        let Self { entries, used, places, notes, .. } = self;
        let (notes, mut kept) = notes.into_parts();
        for one in kept.iter_mut().filter(|one| unmapped::is_entry(&one.path)) {
            if one.value.get("resource").is_some_and(unmapped::is_returned) {
                let resource = one.value.get("resource").map(unmapped::unmarked).unwrap_or_default();
                one.value = entry_of(one.value.get("fullUrl").and_then(Value::as_str), &resource);
            }
        }
        let used = used.into_inner();
        lead(&entries, &used, &places, &mut kept, made);
        (notes, kept)
    }

    /// What stands beside the resource of an entry that was read, and what is contained in it and was not.
    fn beside(&self, place: usize, entry: &'b Value) {
        for (key, value) in entry.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "fullUrl" | "resource") {
                let text = "The native document has no place for this element.";
                self.notes.dropped(&format!("Bundle.entry[{place}].{key}"), value, text);
            }
        }
        let contained = self.value(place).get("contained").and_then(Value::as_array).into_iter().flatten();
        for (inner, resource) in contained.enumerate() {
            if !self.used_contained.borrow().contains(&std::ptr::from_ref(resource)) {
                let text = "The native document has no place for this resource.";
                self.notes.dropped(&Path::entry(place).item("contained", inner), resource, text);
            }
        }
    }

    /// Where a reference led that leads nowhere here is kept: what is made anew leads somewhere.
    fn dangling(&self, path: &Path<'b>, value: &'b Value) {
        match value {
            Value::Object(fields) => {
                for (key, inner) in fields {
                    match inner {
                        Value::String(text) if key == "reference" => {
                            let known = text.starts_with('#') || self.places.hidden.contains(text.as_str());
                            if !known && self.find(text).is_none() {
                                self.notes.keep(&path.key(key), inner);
                            }
                        }
                        Value::Object(_) | Value::Array(_) => self.dangling(&path.key(key), inner),
                        _ => {}
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.dangling(path, item)),
            _ => {}
        }
    }
}

/// Leads references of kept entries to what was made of the entries that were read.
fn lead(
    entries: &[Entry<'_>],
    used: &[usize],
    places: &Places<'_>,
    kept: &mut [Unmapped],
    made: impl FnOnce() -> Bundle,
) {
    let is_read =
        |place: usize| used.get(place).is_some_and(|times| *times > 0) && entries.get(place).is_some_and(|e| !e.hidden);
    let locate = |text: &str| {
        let unversioned = text.split("/_history/").next().unwrap_or(text);
        let exact = places.urls.get(unversioned);
        let place = *exact.or_else(|| places.names.get(&name_in(unversioned)?))?;
        is_read(place).then(|| (place, entries.get(place).and_then(|entry| entry.url)))
    };
    let whole = |one: &&mut Unmapped| unmapped::is_entry(&one.path);
    let urls: HashSet<String> = entries.iter().filter_map(|entry| entry.url).map(str::to_owned).collect();
    for one in kept.iter_mut().filter(whole) {
        unmapped::loosen(&mut one.value, &urls);
    }
    if !kept.iter_mut().filter(whole).any(|one| points(&one.value, &locate)) {
        return;
    }
    let read = entries.iter().enumerate().filter(|(place, _)| is_read(*place)).map(|(place, e)| (place, e.resource));
    let succession = Succession::of(read, &made());
    for one in kept.iter_mut().filter(whole) {
        unmapped::point_at_successors(&mut one.value, &locate, &succession);
    }
}

/// Whether any reference of a value is found.
fn points<T>(value: &Value, locate: &impl Fn(&str) -> Option<T>) -> bool {
    match value {
        Value::Object(fields) => {
            let here = fields.get("reference").and_then(Value::as_str).is_some_and(|text| locate(text).is_some());
            here || fields.values().any(|inner| points(inner, locate))
        }
        Value::Array(items) => items.iter().any(|item| points(item, locate)),
        _ => false,
    }
}

/// An entry as it is kept, without our mark.
fn entry_of(url: Option<&str>, resource: &Value) -> Value {
    let mut entry = Map::new();
    entry.extend(url.map(|url| ("fullUrl".to_owned(), url.into())));
    entry.insert("resource".to_owned(), unmapped::unmarked(resource));
    Value::Object(entry)
}

/// Whether one of these identifiers is this one.
fn holds(identifiers: Option<&Value>, wanted: &Value) -> bool {
    let same = |one: &Value| ["system", "value"].iter().all(|key| one.get(key) == wanted.get(key));
    let plain = wanted.as_object().is_some_and(|fields| fields.keys().all(|key| key == "system" || key == "value"));
    plain && identifiers.and_then(Value::as_array).is_some_and(|all| all.iter().any(same))
}

/// The contained resource a `#id` reference names.
fn contained<'b>(reference: Option<&Value>, holder: &'b Value) -> Option<&'b Value> {
    let id = reference?.as_str()?.strip_prefix('#')?;
    holder.get("contained")?.as_array()?.iter().find(|r| r.get("id").and_then(Value::as_str) == Some(id))
}
