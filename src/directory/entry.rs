//! Reads one entry of a directory file field by field, noting every fault and going on. Knows TOML and shapes, not
//! what entries mean or how they hang together.

use toml::{Table, Value};

use super::fault::{DirectoryFault, Problem, is_name};
use super::validity::{Validity, from_instant, until_instant};
use crate::model::PartyId;

/// The longest text.
const MOST: usize = 4000;

/// Whether a text may stand in a directory: it has something to say, and goes through every format unchanged.
fn fit(text: &str) -> bool {
    let clean = text.chars().all(|c| !c.is_control() || c == '\n');
    clean && !text.trim().is_empty() && text.chars().count() <= MOST
}

/// One entry being read. A getter gives `None` both for an absent optional field and for a fault; a fault is noted,
/// so the directory is refused in the end and the two need not be told apart.
pub(super) struct Entry<'a> {
    /// How faults name the entry.
    pub label: String,
    table: &'a Table,
    faults: &'a mut Vec<DirectoryFault>,
    known: Vec<&'static str>,
}

impl<'a> Entry<'a> {
    /// Entry `number` (from 1) of `section`.
    pub(super) fn new(section: &str, number: usize, table: &'a Table, faults: &'a mut Vec<DirectoryFault>) -> Self {
        let id = table.get("id").and_then(Value::as_str).and_then(PartyId::parse);
        let label = match id {
            Some(id) => format!("{section} {number} ({id})"),
            None => format!("{section} {number}"),
        };
        Self { label, table, faults, known: Vec::new() }
    }

    /// Notes a fault of a field.
    pub(super) fn fault(&mut self, field: &str, problem: Problem) {
        self.faults.push(DirectoryFault::new(self.label.clone(), field, problem));
    }

    /// A text that need not be there.
    pub(super) fn optional(&mut self, field: &'static str) -> Option<&'a str> {
        self.known.push(field);
        match self.table.get(field) {
            None => None,
            Some(Value::String(text)) if fit(text) => Some(text),
            Some(Value::String(text)) if !text.trim().is_empty() => {
                self.fault(field, Problem::Type("text of at most 4000 characters, none of them a control character"));
                None
            }
            Some(_) => {
                self.fault(field, Problem::Type("text that is not empty"));
                None
            }
        }
    }

    /// A text that need not be there and has a shape of its own; `shape` says which.
    pub(super) fn shaped(
        &mut self,
        field: &'static str,
        shape: &'static str,
        fits: fn(&str) -> bool,
    ) -> Option<String> {
        let text = self.optional(field);
        self.read(field, text, Problem::Type(shape), |text| fits(text).then(|| text.to_owned()))
    }

    /// Yes or no, where the entry says so.
    pub(super) fn flag(&mut self, field: &'static str) -> Option<bool> {
        self.known.push(field);
        let value = self.table.get(field)?;
        if value.as_bool().is_none() {
            self.fault(field, Problem::Type("true or false"));
        }
        value.as_bool()
    }

    /// Whether the entry holds a field at all.
    pub(super) fn has(&self, field: &str) -> bool {
        self.table.contains_key(field)
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, field: &'static str) -> Option<&'a str> {
        if !self.has(field) {
            self.fault(field, Problem::Missing);
        }
        self.optional(field)
    }

    /// Reads a text, noting `problem` where that fails.
    pub(super) fn read<T>(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        problem: Problem,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(text?);
        if parsed.is_none() {
            self.fault(field, problem);
        }
        parsed
    }

    /// A required directory id.
    pub(super) fn id(&mut self, field: &'static str) -> Option<PartyId> {
        let text = self.required(field);
        self.read(field, text, Problem::Id, PartyId::parse)
    }

    /// A required name to sign in with.
    pub(super) fn login(&mut self, field: &'static str) -> Option<String> {
        let text = self.required(field);
        self.read(field, text, Problem::Login, |text| {
            let shaped = text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b));
            shaped.then(|| text.to_owned())
        })
    }

    /// No list: the field is known, and not there.
    pub(super) fn none(&mut self, field: &'static str) -> Vec<(String, &'a str)> {
        self.known.push(field);
        Vec::new()
    }

    /// A required list of texts that is not empty, each with its place (`categories[2]`, from 1).
    pub(super) fn list(&mut self, field: &'static str) -> Vec<(String, &'a str)> {
        self.known.push(field);
        let items = match self.table.get(field) {
            None => {
                self.fault(field, Problem::Missing);
                return Vec::new();
            }
            Some(Value::Array(items)) if !items.is_empty() => items,
            Some(_) => {
                self.fault(field, Problem::Type("a list of texts that is not empty"));
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for (number, item) in (1..).zip(items) {
            let place = format!("{field}[{number}]");
            match item.as_str() {
                Some(text) if fit(text) => texts.push((place, text)),
                _ => self.fault(&place, Problem::Type("text")),
            }
        }
        texts
    }

    /// A required list of codes of one vocabulary; `codes` names what is allowed.
    pub(super) fn codes<T>(&mut self, field: &'static str, codes: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut values = Vec::new();
        for (place, text) in self.list(field) {
            match parse(text) {
                Some(value) => values.push(value),
                None => self.fault(&place, Problem::Code(codes.to_owned())),
            }
        }
        values
    }

    /// The fields `from` and `until`.
    pub(super) fn validity(&mut self) -> Validity {
        let period = Validity { from: self.date("from", from_instant), until: self.date("until", until_instant) };
        if period.is_empty() {
            self.fault("until", Problem::Period);
        }
        period
    }

    fn date<T>(&mut self, field: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.known.push(field);
        let text = match self.table.get(field)? {
            Value::Datetime(date) => date.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        self.read(field, Some(&text), Problem::Date, parse)
    }

    /// Notes every field nobody asked for: a misspelt `until` must not make an entry last for ever.
    pub(super) fn finish(mut self) {
        let known = self.known.join(", ");
        let strangers: Vec<&String> = self.table.keys().filter(|key| !self.known.contains(&key.as_str())).collect();
        for stranger in strangers {
            let field = if is_name(stranger) { stranger } else { "an unknown field" };
            self.fault(field, Problem::UnknownField(known.clone()));
        }
    }
}
