//! A FHIR element being read: every part is taken out, and whatever nobody took is reported when the element goes out
//! of scope. That is how the reader of a foreign bundle cannot lose anything in silence.

use std::cell::RefCell;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Note, NoteKind};

/// Collects notes; each remark once, in the order they came. There may be tens of thousands.
#[derive(Default)]
pub(super) struct Notes {
    list: RefCell<Vec<Note>>,
    known: RefCell<HashSet<Note>>,
}

impl Notes {
    pub(super) fn add(&self, kind: NoteKind, path: impl Into<String>, text: impl Into<String>) {
        let note = Note { kind, path: path.into(), text: text.into() };
        if self.known.borrow_mut().insert(note.clone()) {
            self.list.borrow_mut().push(note);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Note> {
        self.list.into_inner()
    }
}

/// An element whose parts are taken one by one.
pub(super) struct Element<'n> {
    fields: Map<String, Value>,
    path: String,
    notes: &'n Notes,
}

impl<'n> Element<'n> {
    /// A whole resource: narrative, `meta` and technical elements are not content and are passed over.
    pub(super) fn resource(value: &Value, path: String, notes: &'n Notes) -> Self {
        let mut element = Self::new(value, path, notes);
        element.ignore(&["resourceType", "meta", "text", "implicitRules", "language"]);
        element
    }

    pub(super) fn new(value: &Value, path: String, notes: &'n Notes) -> Self {
        let mut fields = value.as_object().cloned().unwrap_or_default();
        fields.remove("id");
        Self { fields, path, notes }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn notes(&self) -> &'n Notes {
        self.notes
    }

    /// Remarks that this element was read in other words.
    pub(super) fn coerced(&self, key: &str, text: &str) {
        self.notes.add(NoteKind::Coerced, format!("{}.{key}", self.path), text);
    }

    /// Remarks that this element was absent and what was put in its place.
    pub(super) fn defaulted(&self, key: &str, text: &str) {
        self.notes.add(NoteKind::Defaulted, format!("{}.{key}", self.path), text);
    }

    /// Passes over elements the native form has no use for because it makes them anew.
    pub(super) fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            self.fields.shift_remove(*key);
        }
    }

    /// Passes over an element on a condition.
    pub(super) fn ignore_if(&mut self, condition: bool, key: &str) {
        if condition {
            self.ignore(&[key]);
        }
    }

    /// Passes over `active: true`, which says nothing; `false` stays and is reported.
    pub(super) fn active(&mut self) {
        self.ignore_if(self.peek("active") == Some(&Value::Bool(true)), "active");
    }

    /// Takes the first coding `known` can make something of, whole; it sees system and code.
    pub(super) fn take_coding<T>(&mut self, known: impl Fn(&str, &str) -> Option<T>) -> Option<T> {
        let list = self.fields.get_mut("coding")?.as_array_mut()?;
        let mut found = None;
        let place = list.iter().position(|coding| {
            let system = coding.get("system").and_then(Value::as_str);
            let code = coding.get("code").and_then(Value::as_str);
            found = system.zip(code).and_then(|(system, code)| known(system, code));
            found.is_some()
        })?;
        list.remove(place);
        found
    }

    /// Takes a code that can only be one of these; anything else stays and so is reported.
    pub(super) fn expect(&mut self, key: &str, allowed: &[&str]) {
        let fits = self.fields.get(key).and_then(Value::as_str).is_some_and(|code| allowed.contains(&code));
        if fits {
            self.fields.shift_remove(key);
        }
    }

    /// Takes text that says something.
    pub(super) fn string(&mut self, key: &str) -> Option<String> {
        match self.fields.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => {}
            _ => return None,
        }
        match self.fields.shift_remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Takes text if `accept` can make something of it.
    pub(super) fn parsed<T>(&mut self, key: &str, accept: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.fields.get(key).and_then(Value::as_str).and_then(accept)?;
        self.fields.shift_remove(key);
        Some(value)
    }

    pub(super) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.fields.get(key)?.as_bool()?;
        self.fields.shift_remove(key);
        Some(value)
    }

    /// Takes a list of texts.
    pub(super) fn strings(&mut self, key: &str) -> Vec<String> {
        let all_text =
            self.fields.get(key).and_then(Value::as_array).is_some_and(|items| {
                items.iter().all(|item| item.as_str().is_some_and(|text| !text.trim().is_empty()))
            });
        if !all_text {
            return Vec::new();
        }
        match self.fields.shift_remove(key) {
            Some(Value::Array(items)) => {
                items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes one child element.
    pub(super) fn child(&mut self, key: &str) -> Option<Element<'n>> {
        self.fields.get(key)?.as_object()?;
        let value = self.fields.shift_remove(key)?;
        Some(Element::new(&value, format!("{}.{key}", self.path), self.notes))
    }

    /// Takes a list of child elements.
    pub(super) fn children(&mut self, key: &str) -> Vec<Element<'n>> {
        match self.fields.get(key) {
            Some(Value::Array(items)) if items.iter().all(Value::is_object) => {}
            _ => return Vec::new(),
        }
        let items = match self.fields.shift_remove(key) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        items
            .iter()
            .enumerate()
            .map(|(place, item)| Element::new(item, format!("{}.{key}[{place}]", self.path), self.notes))
            .collect()
    }

    /// Takes the first extension with this URL.
    pub(super) fn extension(&mut self, url: &str) -> Option<Element<'n>> {
        let list = self.fields.get_mut("extension")?.as_array_mut()?;
        let place = list.iter().position(|item| item.get("url").and_then(Value::as_str) == Some(url))?;
        let mut value = list.remove(place);
        if let Some(fields) = value.as_object_mut() {
            fields.shift_remove("url");
        }
        Some(Element::new(&value, format!("{}.extension('{url}')", self.path), self.notes))
    }

    /// Takes a text held in an extension.
    pub(super) fn extension_string(&mut self, url: &str) -> Option<String> {
        self.extension(url)?.string("valueString")
    }

    /// Takes a yes or no held in an extension.
    pub(super) fn extension_boolean(&mut self, url: &str) -> Option<bool> {
        self.extension(url)?.boolean("valueBoolean")
    }

    /// Drops what is left on purpose, without a report.
    pub(super) fn discard(mut self) {
        self.fields.clear();
    }

    /// The part of the element with this key, without taking it.
    pub(super) fn peek(&self, key: &str) -> Option<&Value> {
        self.fields.get(key)
    }
}

impl Drop for Element<'_> {
    fn drop(&mut self) {
        for (key, value) in &self.fields {
            if value.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            if key == "extension" {
                for extension in value.as_array().into_iter().flatten() {
                    let url = extension.get("url").and_then(Value::as_str).unwrap_or("?");
                    let path = format!("{}.extension('{url}')", self.path);
                    self.notes.add(NoteKind::Dropped, path, "The native document has no place for this extension.");
                }
                continue;
            }
            let path = format!("{}.{key}", self.path);
            self.notes.add(NoteKind::Dropped, path, "The native document has no place for this element.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Element, Notes};

    #[test]
    fn what_nobody_takes_is_reported_at_any_depth() {
        let notes = Notes::default();
        let value = json!({
            "gender": "female", "maritalStatus": {"text": "x"}, "photo": [],
            "name": [{"family": "A", "period": {"start": "2020"}}],
            "extension": [{"url": "urn:a", "valueString": "x"}, {"url": "urn:b", "valueString": "y"}],
        });
        {
            let mut patient = Element::resource(&value, "Patient".into(), &notes);
            assert_eq!(patient.string("gender").as_deref(), Some("female"));
            for mut name in patient.children("name") {
                assert_eq!(name.string("family").as_deref(), Some("A"));
            }
            assert_eq!(patient.extension_string("urn:b").as_deref(), Some("y"));
        }
        let paths: Vec<String> = notes.into_vec().into_iter().map(|note| note.path).collect();
        assert_eq!(paths, ["Patient.name[0].period", "Patient.maritalStatus", "Patient.extension('urn:a')"]);
    }
}
