//! A directory as plain entries: sections of fields, before they are checked and after. In this form it is kept, exported,
//! imported and changed; whether it is a directory is for `load` to say. Its `Debug` text shows no value.

use std::fmt::Write as _;

use jiff::Timestamp;
use toml::de::DeTable;
use toml::{Table, Value};

use super::fault::{DirectoryFault, Problem};
use super::sections::{SECTIONS, Shape, named};

/// The entries of a directory, by section, in order.
#[derive(Clone, Default, PartialEq)]
pub struct Rows(pub(super) Table);

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rows(…)")
    }
}

/// How much of a directory is given away. No part holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// What every client may know: who there is, where, and how people reach them.
    Public,
    /// For whoever runs the gateway: everything but the secrets.
    Whole,
}

impl Rows {
    /// Reads the entries of a TOML file.
    ///
    /// # Errors
    /// Every place that is not TOML.
    pub fn from_toml(text: &str) -> Result<Self, Vec<DirectoryFault>> {
        let (_, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors.iter().map(|error| syntax(text, error)).collect());
        }
        let table: Table = text.parse().map_err(|error| vec![syntax(text, &error)])?;
        Ok(Self(table).normal())
    }

    /// Reads entries from JSON as [`Self::to_json`] writes it.
    ///
    /// # Errors
    /// It is no object of lists.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, Vec<DirectoryFault>> {
        let unreadable = || vec![DirectoryFault::new("directory", "", Problem::Unreadable("an object with sections"))];
        let mut table = Table::new();
        for (name, section) in value.as_object().ok_or_else(unreadable)? {
            let entries = section.as_array().ok_or_else(unreadable)?;
            table.insert(name.clone(), Value::Array(entries.iter().map(of_json).collect()));
        }
        Ok(Self(table).normal())
    }

    /// The same as JSON: an object with a list for every section there is.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let sections = SECTIONS.iter().filter_map(|section| {
            let entries = self.entries(section.name).map(|entry| {
                let fields = section.fields.iter().filter_map(|(name, _)| Some((*name, to_json(entry.get(*name)?))));
                fields.map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>()
            });
            let entries: Vec<serde_json::Value> = entries.map(serde_json::Value::Object).collect();
            (!entries.is_empty()).then(|| (section.name.to_owned(), entries.into()))
        });
        serde_json::Value::Object(sections.collect())
    }

    /// The same as a TOML file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for section in SECTIONS {
            for entry in self.entries(section.name) {
                if !out.is_empty() {
                    out.push('\n');
                }
                let _ = writeln!(out, "[[{}]]", section.name);
                for (field, value) in section.fields.iter().filter_map(|(name, _)| Some((name, entry.get(*name)?))) {
                    let _ = writeln!(out, "{field} = {}", written(value));
                }
            }
        }
        out
    }

    /// The entries of a section.
    pub(super) fn entries(&self, section: &str) -> impl Iterator<Item = &Table> {
        self.0.get(section).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
    }

    /// The entries of a section, to be changed; the section is made where it is not there.
    pub(super) fn section_mut(&mut self, section: &str) -> Option<&mut Vec<Value>> {
        let place = self.0.entry(section.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if !place.is_array() {
            *place = Value::Array(Vec::new());
        }
        place.as_array_mut()
    }

    /// As much of it as may be given away, without secrets.
    #[must_use]
    pub(super) fn shared(&self, share: Share) -> Self {
        let mut out = Table::new();
        for section in SECTIONS.iter().filter(|section| share == Share::Whole || section.public) {
            let entries = self.entries(section.name).map(|entry| {
                let mut entry = entry.clone();
                if let Some((hash, _)) = section.secret {
                    entry.remove(hash);
                }
                Value::Table(entry)
            });
            let entries: Vec<Value> = entries.collect();
            if !entries.is_empty() {
                out.insert(section.name.to_owned(), Value::Array(entries));
            }
        }
        Self(out)
    }

    /// This directory with what an import brings: a section that the import has takes the place of the one there is; one
    /// it does not have stays. Who may call or sign in is never removed by it (an end date does that), and keeps the
    /// secret there is unless the import gives another.
    #[must_use]
    pub(super) fn with_import(&self, import: Self) -> Self {
        let mut out = self.clone();
        for (name, value) in import.0 {
            let is_empty = value.as_array().is_some_and(Vec::is_empty);
            if is_empty {
                continue;
            }
            let secret = named(&name).and_then(|section| section.secret);
            match (secret, value) {
                (Some((hash, key)), Value::Array(new)) => {
                    let old: Vec<Value> = self.entries(&name).cloned().map(Value::Table).collect();
                    out.0.insert(name, Value::Array(keeping_secrets(&old, new, hash, key)));
                }
                (_, value) => {
                    out.0.insert(name, value);
                }
            }
        }
        out
    }

    /// This directory with what was changed from one text of a file to the next: entries the file no longer has go, those
    /// it has anew come, and what was changed here meanwhile stays.
    #[must_use]
    pub(super) fn with_file(&self, before: &Self, file: &Self) -> Self {
        let mut out = Table::new();
        for section in SECTIONS {
            let was: Vec<&Table> = before.entries(section.name).collect();
            let is: Vec<&Table> = file.entries(section.name).collect();
            let kept = self.entries(section.name).filter(|entry| is.contains(entry) || !was.contains(entry));
            let mut entries: Vec<&Table> = kept.collect();
            let new: Vec<&Table> = is.iter().filter(|e| !was.contains(e) && !entries.contains(e)).copied().collect();
            entries.extend(new);
            if !entries.is_empty() {
                let entries = entries.into_iter().cloned().map(Value::Table).collect();
                out.insert(section.name.to_owned(), Value::Array(entries));
            }
        }
        Self(out)
    }

    /// Dates and times in one way of writing, so that equal entries are equal.
    pub(super) fn normal(mut self) -> Self {
        let sections = self.0.iter_mut().filter_map(|(_, section)| section.as_array_mut());
        for entry in sections.flatten().filter_map(Value::as_table_mut) {
            for field in ["from", "until"] {
                let Some(value) = entry.get_mut(field) else { continue };
                let text = match value {
                    Value::Datetime(date) => date.to_string(),
                    Value::String(text) => text.clone(),
                    _ => continue,
                };
                let text = text.parse::<Timestamp>().map_or(text, |moment| moment.to_string());
                *value = Value::String(text);
            }
        }
        self
    }
}

fn keeping_secrets(old: &[Value], new: Vec<Value>, hash: &str, key: &str) -> Vec<Value> {
    let key_of = |entry: &Value| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut entries: Vec<Value> = Vec::new();
    for entry in old {
        if !new.iter().any(|other| key_of(other) == key_of(entry)) {
            entries.push(entry.clone());
        }
    }
    for mut entry in new {
        let there = old.iter().find(|other| key_of(other).is_some() && key_of(other) == key_of(&entry));
        let secret = there.and_then(|other| other.get(hash)).cloned();
        if let (Some(fields), Some(secret)) = (entry.as_table_mut(), secret)
            && !fields.contains_key(hash)
        {
            fields.insert(hash.to_owned(), secret);
        }
        entries.push(entry);
    }
    entries
}

fn of_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Bool(flag) => Value::Boolean(*flag),
        serde_json::Value::Array(items) => Value::Array(items.iter().map(of_json).collect()),
        serde_json::Value::Object(fields) => {
            // what is null is not there
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Table(there.map(|(name, value)| (name.clone(), of_json(value))).collect())
        }
        // no field holds a number; the fault is told where the field is read
        serde_json::Value::Number(_) | serde_json::Value::Null => Value::Integer(0),
    }
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Boolean(flag) => (*flag).into(),
        Value::Array(items) => items.iter().map(to_json).collect::<Vec<_>>().into(),
        Value::String(text) => text.as_str().into(),
        // no field holds anything else
        _ => serde_json::Value::Null,
    }
}

/// A value in TOML.
fn written(value: &Value) -> String {
    match value {
        Value::Boolean(flag) => flag.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(text),
        // no field holds anything else
        _ => quoted(""),
    }
}

/// A basic string (<https://toml.io/en/v1.0.0#string>).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Line and column only, and the parser's fixed words: its own display would print the faulty line, secrets included.
fn syntax(text: &str, error: &toml::de::Error) -> DirectoryFault {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    DirectoryFault::new(format!("line {line}, column {column}"), "", Problem::Syntax(error.message().to_owned()))
}

/// Reads a field that is written as text: a list parted by `|`, a flag, or the text itself.
pub(super) fn from_cell(shape: Shape, text: &str) -> Value {
    match (shape, text) {
        (Shape::Flag, "true") => Value::Boolean(true),
        (Shape::Flag, "false") => Value::Boolean(false),
        (Shape::List, text) => Value::Array(parted(text).into_iter().map(Value::String).collect()),
        (_, text) => Value::String(text.to_owned()),
    }
}

/// A value as the text of a cell, as [`from_cell`] reads it.
pub(super) fn to_cell(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| to_cell(item).replace('\\', "\\\\").replace('|', "\\|"));
            items.collect::<Vec<_>>().join("|")
        }
        Value::String(text) => text.clone(),
        Value::Boolean(flag) => flag.to_string(),
        _ => String::new(),
    }
}

fn parted(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => items.last_mut().into_iter().for_each(|item| item.extend(chars.next())),
            '|' => items.push(String::new()),
            c => items.last_mut().into_iter().for_each(|item| item.push(c)),
        }
    }
    items
}
