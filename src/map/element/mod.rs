//! A FHIR element being read: every part is taken out, and whatever nobody took is reported when the element goes out
//! of scope, and kept. That is how the reader of a foreign bundle cannot lose anything in silence. Borrows the bundle:
//! only what is taken or kept is copied.

use serde_json::{Map, Value};

use super::notes::Notes;
use super::path::Path;
use super::unmapped;

/// What is left of one member of an element.
enum Left<'n> {
    Taken,
    Whole(&'n Value),
    /// A list of which some items were taken: the others, with the place each had.
    Items(&'n Value, Vec<(usize, &'n Value)>),
}

impl<'n> Left<'n> {
    /// The value as it was received, unless all of it was taken.
    const fn value(&self) -> Option<&'n Value> {
        match self {
            Self::Taken => None,
            Self::Whole(value) | Self::Items(value, _) => Some(value),
        }
    }
}

/// An element whose parts are taken one by one.
pub(in crate::map) struct Element<'n> {
    fields: Vec<(&'n str, Left<'n>)>,
    path: Path<'n>,
    notes: &'n Notes,
}

impl<'n> Element<'n> {
    /// A whole resource. Its type, the profiles it claims, its version and a narrative that was generated are made anew;
    /// labels of others, rules and language are not.
    pub(in crate::map) fn resource(value: &'n Value, path: Path<'n>, notes: &'n Notes) -> Self {
        Self::labelled(value, path, notes, |_| false)
    }

    /// The same; security labels that the reader makes something of are passed over.
    pub(in crate::map) fn labelled(
        value: &'n Value,
        path: Path<'n>,
        notes: &'n Notes,
        understood: impl Fn(&Value) -> bool,
    ) -> Self {
        let mut element = Self::new(value, path, notes);
        element.ignore(&["resourceType"]);
        let status = value.pointer("/text/status").and_then(Value::as_str);
        element.ignore_if(matches!(status, Some("generated" | "extensions" | "empty")), "text");
        element.keep(&["language"]);
        if let Some(mut meta) = element.child("meta") {
            meta.ignore(&["versionId", "lastUpdated", "profile"]);
            while meta.take_item("security", &understood).is_some() {}
            while meta.take_item("tag", |tag| unmapped::is_category(tag) || unmapped::is_mark(tag)).is_some() {}
        }
        element
    }

    pub(in crate::map) fn new(value: &'n Value, path: Path<'n>, notes: &'n Notes) -> Self {
        let all = value.as_object().into_iter().flat_map(Map::iter);
        let fields = all.filter(|(key, _)| *key != "id").map(|(key, value)| (key.as_str(), Left::Whole(value)));
        Self { fields: fields.collect(), path, notes }
    }

    /// FHIRPath of the element.
    pub(in crate::map) fn path(&self) -> String {
        self.path.to_string()
    }

    /// Path of what the reference in this element leads to.
    pub(in crate::map) fn resolved(&self) -> Path<'n> {
        self.path.resolve()
    }

    pub(in crate::map) fn notes(&self) -> &'n Notes {
        self.notes
    }

    /// Remarks that this element was read in other words.
    pub(in crate::map) fn coerced(&self, key: &str, text: &str) {
        self.notes.coerced(format!("{}.{key}", self.path), text);
    }

    /// Remarks that this element was absent and what was put in its place.
    pub(in crate::map) fn defaulted(&self, key: &str, text: &str) {
        self.notes.defaulted(format!("{}.{key}", self.path), text);
    }

    /// Passes over elements the native form has no use for because it makes them anew. Of a Reference that is where it
    /// leads and its type; what else it says is kept, and so are extensions at any depth.
    pub(in crate::map) fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            if let Some((key, value @ (Value::Object(_) | Value::Array(_)))) = self.take(key) {
                self.beyond(&self.path.key(key), value);
            }
        }
    }

    /// Passes over elements that are read apart.
    pub(in crate::map) fn apart(&mut self, keys: &[&str]) {
        for key in keys {
            self.take(key);
        }
    }

    fn beyond(&self, path: &Path<'n>, value: &'n Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.beyond(path, item)),
            Value::Object(fields) => {
                let leads = fields.get("reference").is_some_and(Value::is_string);
                let reference = leads || fields.contains_key("display") && !fields.contains_key("code");
                for (key, inner) in fields {
                    match key.as_str() {
                        "id" => {}
                        "reference" | "type" if leads => {}
                        "extension" | "modifierExtension" => self.notes.keep(&path.key(key), inner),
                        _ if reference => self.notes.keep(&path.key(key), inner),
                        _ => self.beyond(&path.key(key), inner),
                    }
                }
            }
            _ => {}
        }
    }

    /// Passes over an element on a condition.
    pub(in crate::map) fn ignore_if(&mut self, condition: bool, key: &str) {
        if condition {
            self.ignore(&[key]);
        }
    }

    /// Keeps elements without a remark: they say nothing a reader of the document would miss.
    pub(in crate::map) fn keep(&mut self, keys: &[&str]) {
        for key in keys {
            match self.take_left(key) {
                Some((key, Left::Whole(value))) => self.notes.keep(&self.path.key(key), value),
                Some((key, Left::Items(_, items))) => {
                    for (place, item) in items {
                        self.notes.keep(&self.path.item(key, place), item);
                    }
                }
                _ => {}
            }
        }
    }

    /// Passes over a code or text that the document implies; another one is kept without a remark.
    pub(in crate::map) fn implied(&mut self, key: &str, wanted: &str) {
        self.expect(key, &[wanted]);
        self.keep(&[key]);
    }

    /// Keeps all that is left, without a remark.
    pub(in crate::map) fn keep_rest(mut self) {
        let keys: Vec<&str> = self.fields.iter().map(|(key, _)| *key).collect();
        self.keep(&keys);
    }

    /// Keeps `active: true`, which says nothing, without a remark; `false` stays and is reported.
    pub(in crate::map) fn active(&mut self) {
        if self.peek("active") == Some(&Value::Bool(true)) {
            self.keep(&["active"]);
        }
    }

    /// Takes the first coding `known` can make something of, whole; it sees system and code. What it says beyond system,
    /// code and display is kept.
    pub(in crate::map) fn take_coding<T>(&mut self, known: impl Fn(&str, &str) -> Option<T>) -> Option<T> {
        let mut found = None;
        let (place, coding) = self.take_item("coding", |coding| {
            let system = coding.get("system").and_then(Value::as_str);
            let code = coding.get("code").and_then(Value::as_str);
            found = system.zip(code).and_then(|(system, code)| known(system, code));
            found.is_some()
        })?;
        let mut coding = Self::new(coding, self.path.item("coding", place), self.notes);
        coding.ignore(&["system", "code", "display"]);
        coding.keep_rest();
        found
    }

    /// Takes a code that can only be one of these; anything else stays and so is reported.
    pub(in crate::map) fn expect(&mut self, key: &str, allowed: &[&str]) {
        if self.peek(key).and_then(Value::as_str).is_some_and(|code| allowed.contains(&code)) {
            self.take(key);
        }
    }

    /// Takes text that says something.
    pub(in crate::map) fn string(&mut self, key: &str) -> Option<String> {
        let text = self.peek(key)?.as_str().filter(|text| !text.trim().is_empty())?;
        self.take(key);
        Some(text.to_owned())
    }

    /// Takes text if `accept` can make something of it.
    pub(in crate::map) fn parsed<T>(&mut self, key: &str, accept: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.peek(key).and_then(Value::as_str).and_then(accept)?;
        self.take(key);
        Some(value)
    }

    pub(in crate::map) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.peek(key)?.as_bool()?;
        self.take(key);
        Some(value)
    }

    /// Takes a list of texts.
    pub(in crate::map) fn strings(&mut self, key: &str) -> Vec<String> {
        let says = |item: &Value| item.as_str().is_some_and(|text| !text.trim().is_empty());
        match self.peek(key) {
            Some(Value::Array(items)) if items.iter().all(says) => {
                self.take(key);
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes one child element.
    pub(in crate::map) fn child(&mut self, key: &str) -> Option<Self> {
        self.peek(key)?.as_object()?;
        let (key, value) = self.take(key)?;
        Some(Self::new(value, self.path.key(key), self.notes))
    }

    /// Takes a list of child elements.
    pub(in crate::map) fn children(&mut self, key: &str) -> Vec<Self> {
        match self.peek(key) {
            Some(Value::Array(items)) if items.iter().all(Value::is_object) => {}
            _ => return Vec::new(),
        }
        let (key, items) = match self.take_left(key) {
            Some((key, Left::Whole(Value::Array(items)))) => (key, items.iter().enumerate().collect()),
            Some((key, Left::Items(_, items))) => (key, items),
            _ => return Vec::new(),
        };
        let element = |(place, item)| Self::new(item, self.path.item(key, place), self.notes);
        items.into_iter().map(element).collect()
    }

    /// Takes the first extension with this URL.
    pub(in crate::map) fn extension(&mut self, url: &str) -> Option<Self> {
        let (_, value) = self.take_item("extension", |item| is_extension(item, url))?;
        Some(self.of_extension(value))
    }

    /// Takes every extension with this URL.
    pub(in crate::map) fn extensions(&mut self, url: &str) -> Vec<Self> {
        let Some((key, mut left)) = self.items("extension") else { return Vec::new() };
        let (taken, rest) = left.1.into_iter().partition(|(_, item)| is_extension(item, url));
        left.1 = rest;
        self.fields.push((key, Left::Items(left.0, left.1)));
        let taken: Vec<(usize, &'n Value)> = taken;
        taken.into_iter().map(|(_, value)| self.of_extension(value)).collect()
    }

    fn of_extension(&self, value: &'n Value) -> Self {
        let url = value.get("url").and_then(Value::as_str).unwrap_or("?");
        let mut element = Self::new(value, self.path.extension(url), self.notes);
        element.take("url");
        element
    }

    /// Takes a text held in an extension.
    pub(in crate::map) fn extension_string(&mut self, url: &str) -> Option<String> {
        self.extension(url)?.string("valueString")
    }

    /// Takes a yes or no held in an extension.
    pub(in crate::map) fn extension_boolean(&mut self, url: &str) -> Option<bool> {
        self.extension(url)?.boolean("valueBoolean")
    }

    /// Drops what is left on purpose, without a report: it has been read elsewhere.
    pub(in crate::map) fn discard(mut self) {
        self.fields.clear();
    }

    /// Takes the code we write ourselves; another that means no less is kept without a remark, anything else is reported.
    pub(in crate::map) fn accept(&mut self, key: &str, written: &str, others: &[&str]) {
        self.expect(key, &[written]);
        if self.peek(key).and_then(Value::as_str).is_some_and(|code| others.contains(&code)) {
            self.keep(&[key]);
        }
    }

    /// A reference that was followed: what it says besides where it leads is kept.
    pub(in crate::map) fn followed(mut self) {
        self.ignore(&["reference", "type"]);
        self.keep_rest();
    }

    /// The part of the element with this key, without taking it.
    pub(in crate::map) fn peek(&self, key: &str) -> Option<&'n Value> {
        self.fields.iter().find(|(name, _)| *name == key)?.1.value()
    }

    /// These members as an element of its own, at the same place.
    pub(in crate::map) fn split(&mut self, keys: &[&str]) -> Self {
        let fields = keys.iter().filter_map(|key| self.take_left(key)).collect();
        Self { fields, path: self.path.clone(), notes: self.notes }
    }

    /// Reads all of the element, and keeps it as well, without a remark.
    pub(in crate::map) fn read_only<T>(self, read: impl FnOnce(Self) -> Option<T>) -> Option<T> {
        let whole = |(key, left): &(&'n str, Left<'n>)| Some((*key, Left::Whole(left.value()?)));
        let copy =
            Self { fields: self.fields.iter().filter_map(whole).collect(), path: self.path.clone(), notes: self.notes };
        copy.keep_rest();
        read(self)
    }

    fn take_left(&mut self, key: &str) -> Option<(&'n str, Left<'n>)> {
        let (key, left) = self.fields.iter_mut().find(|(name, _)| *name == key)?;
        Some((*key, std::mem::replace(left, Left::Taken)))
    }

    fn take(&mut self, key: &str) -> Option<(&'n str, &'n Value)> {
        let (key, left) = self.take_left(key)?;
        Some((key, left.value()?))
    }

    /// Takes a list to be divided.
    fn items(&mut self, key: &str) -> Option<(&'n str, List<'n>)> {
        self.peek(key)?.as_array()?;
        let place = self.fields.iter().position(|(name, _)| *name == key)?;
        let (key, left) = self.fields.remove(place);
        match left {
            Left::Whole(value) => Some((key, (value, value.as_array()?.iter().enumerate().collect()))),
            Left::Items(value, items) => Some((key, (value, items))),
            Left::Taken => None,
        }
    }

    /// Takes the first item of a list that fits.
    fn take_item(&mut self, key: &str, mut fits: impl FnMut(&Value) -> bool) -> Option<(usize, &'n Value)> {
        let whole = match &self.fields.iter().find(|(name, _)| *name == key)?.1 {
            Left::Items(_, items) => items.iter().position(|(_, item)| fits(item)),
            Left::Whole(value) => value.as_array()?.iter().position(&mut fits),
            Left::Taken => None,
        };
        let place = whole?;
        let (key, (value, mut items)) = self.items(key)?;
        let taken = items.remove(place);
        self.fields.push((key, Left::Items(value, items)));
        Some(taken)
    }
}

type List<'n> = (&'n Value, Vec<(usize, &'n Value)>);

fn is_extension(item: &Value, url: &str) -> bool {
    item.get("url").and_then(Value::as_str) == Some(url)
}

impl Drop for Element<'_> {
    fn drop(&mut self) {
        for (key, left) in std::mem::take(&mut self.fields) {
            let items = match left {
                Left::Taken => continue,
                Left::Items(_, items) => items,
                Left::Whole(Value::Array(items)) if items.is_empty() => continue,
                Left::Whole(Value::Array(items)) if key == "extension" => items.iter().enumerate().collect(),
                Left::Whole(value) => {
                    let text = "The native document has no place for this element.";
                    self.notes.dropped(&self.path.key(key), value, text);
                    continue;
                }
            };
            for (place, item) in items {
                if key == "extension" {
                    let url = item.get("url").and_then(Value::as_str).unwrap_or("?");
                    let text = "The native document has no place for this extension.";
                    self.notes.dropped(&self.path.extension(url), item, text);
                } else {
                    let text = "The native document has no place for this element.";
                    self.notes.dropped(&self.path.item(key, place), item, text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
