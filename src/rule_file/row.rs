//! One row being read, field by field: every fault is noted and reading goes on, and a field nobody asked for is a fault, so
//! that a misspelt condition makes no rule hold for everybody. Knows the shapes of fields, and no rule.

use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::{RuleFault, is_id, shown};
use crate::model::EventKind;

/// A row, or a table in one. A getter gives `None` both for an absent optional field and for a fault; a fault is noted, so
/// the file is refused in the end and the two need not be told apart.
pub struct Row<'a> {
    file: &'a str,
    label: String,
    /// What stands before the names of its fields.
    place: String,
    table: &'a Table,
    asked: Vec<&'static str>,
    /// Whatever else it says is let be.
    passed_over: bool,
    faults: &'a mut Vec<RuleFault>,
}

impl<'a> Row<'a> {
    pub(super) fn new(file: &'a str, label: String, table: &'a Table, faults: &'a mut Vec<RuleFault>) -> Self {
        Self { file, label, place: String::new(), table, asked: Vec::new(), passed_over: false, faults }
    }

    pub fn fault(&mut self, field: &str, problem: impl Into<String>) {
        let (file, row) = (self.file.to_owned(), self.label.clone());
        let field = format!("{}{field}", self.place);
        // of a table in the row as a whole
        let field = field.strip_suffix('.').unwrap_or(&field).to_owned();
        self.faults.push(RuleFault { file, row, field, problem: problem.into() });
    }

    /// Notes a fault, in the place of a value.
    pub fn wrong<T>(&mut self, field: &str, problem: impl Into<String>) -> Option<T> {
        self.fault(field, problem);
        None
    }

    pub fn value(&mut self, field: &'static str) -> Option<&'a Value> {
        self.asked.push(field);
        self.table.get(field)
    }

    #[must_use]
    pub fn is_given(&self, field: &str) -> bool {
        self.table.contains_key(field)
    }

    /// A text that need not be there.
    pub fn optional(&mut self, field: &'static str) -> Option<&'a str> {
        match self.value(field)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            _ => self.wrong(field, "must be text that is not empty"),
        }
    }

    /// A text that must be there.
    pub fn required(&mut self, field: &'static str) -> Option<&'a str> {
        if self.is_given(field) {
            return self.optional(field);
        }
        self.asked.push(field);
        self.wrong(field, "is required")
    }

    /// As [`Self::required`], to be kept.
    pub fn text(&mut self, field: &'static str) -> Option<String> {
        self.required(field).map(str::to_owned)
    }

    /// An id that must be there.
    pub fn id(&mut self, field: &'static str) -> Option<String> {
        let id = self.text(field)?;
        if is_id(&id) { Some(id) } else { self.wrong(field, "must be letters, digits and hyphens, at most 64") }
    }

    /// A whole number that need not be there.
    pub fn number(&mut self, field: &'static str) -> Option<i64> {
        let number = self.value(field)?.as_integer();
        number.or_else(|| self.wrong(field, "must be a whole number"))
    }

    /// A whole number within bounds that need not be there.
    pub fn number_within(&mut self, field: &'static str, bounds: RangeInclusive<u16>) -> Option<u16> {
        let number = self.value(field)?.as_integer().and_then(|number| u16::try_from(number).ok());
        number.filter(|number| bounds.contains(number)).or_else(|| {
            self.wrong(field, format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
        })
    }

    /// Yes or no, where it is there.
    pub fn flag(&mut self, field: &'static str) -> Option<bool> {
        let flag = self.value(field)?.as_bool();
        flag.or_else(|| self.wrong(field, "must be true or false"))
    }

    /// One of these codes, where it is there.
    pub fn code<T: Copy>(&mut self, field: &'static str, all: &[(T, &str)]) -> Option<T> {
        let value = self.value(field)?;
        let found = value.as_str().and_then(|text| all.iter().find(|(_, code)| *code == text));
        if found.is_none() {
            let codes: Vec<&str> = all.iter().map(|(_, code)| *code).collect();
            self.fault(field, format!("must be one of {}", codes.join(", ")));
        }
        found.map(|(one, _)| *one)
    }

    /// One code or a list of them; `expected` says what they may be.
    pub fn codes<T>(&mut self, field: &'static str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        for value in self.values(field) {
            match value.as_str().and_then(&parse) {
                Some(one) => found.push(one),
                None => self.fault(field, format!("must be {expected}")),
            }
        }
        found
    }

    /// One value or a list of them.
    pub fn values(&mut self, field: &'static str) -> Vec<&'a Value> {
        match self.value(field) {
            None => Vec::new(),
            Some(Value::Array(items)) if items.is_empty() => {
                self.fault(field, "must not be empty");
                Vec::new()
            }
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
        }
    }

    /// A kind of event, where it is there.
    pub fn event(&mut self, field: &'static str) -> Option<EventKind> {
        let found = self.value(field)?.as_str().and_then(EventKind::from_code);
        found.or_else(|| self.wrong(field, "is no kind of event"))
    }

    /// A list of kinds of events; empty where it is not there.
    pub fn events(&mut self, field: &'static str) -> Vec<EventKind> {
        let Some(value) = self.value(field) else { return Vec::new() };
        let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let found: Vec<EventKind> = all.iter().filter_map(|code| EventKind::from_code(code.as_str()?)).collect();
        if found.is_empty() || found.len() != all.len() {
            self.fault(field, "must be a list of kinds of events");
        }
        found
    }

    /// A table in the row, read as a row of its own whose faults name it.
    pub fn within<T>(&mut self, field: &'static str, read: impl FnOnce(&mut Row<'_>) -> T) -> Option<T> {
        match self.value(field)? {
            Value::Table(table) => Some(self.inner(field, table, read)),
            _ => self.wrong(field, "must be a table such as { response = \"crisis\" }"),
        }
    }

    /// Each table of a list; `None` where there is no such field.
    pub fn each<T>(&mut self, field: &'static str, mut read: impl FnMut(&mut Row<'_>) -> Option<T>) -> Option<Vec<T>> {
        let Value::Array(all) = self.value(field)? else { return self.wrong(field, "must be a list") };
        let mut found = Vec::new();
        for (number, value) in all.iter().enumerate() {
            let place = format!("{field}[{number}]");
            match value {
                Value::Table(table) => found.extend(self.inner(&place, table, &mut read)),
                _ => self.fault(&place, "must be a table"),
            }
        }
        Some(found)
    }

    fn inner<T>(&mut self, place: &str, table: &Table, read: impl FnOnce(&mut Row<'_>) -> T) -> T {
        let mut row = Row {
            file: self.file,
            label: self.label.clone(),
            place: format!("{}{place}.", self.place),
            table,
            asked: Vec::new(),
            passed_over: false,
            faults: self.faults,
        };
        let found = read(&mut row);
        row.finish();
        found
    }

    /// Lets the rest of the row be: it is not in force.
    pub fn pass_over(&mut self) {
        self.passed_over = true;
    }

    /// Notes every field that nobody asked for.
    pub(super) fn finish(mut self) {
        if self.passed_over {
            return;
        }
        let known = self.asked.join(", ");
        for name in self.table.keys().filter(|name| !self.asked.contains(&name.as_str())).collect::<Vec<_>>() {
            self.fault(shown(name), format!("no such field here; there may be {known}"));
        }
    }
}
