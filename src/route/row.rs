//! Rows of a rules file, read field by field: every fault is noted and reading goes on. Knows TOML and shapes, not what
//! rules mean. What a site's file says takes the place of our row of the same id.

use toml::{Table, Value};

/// One fault of a rules file. Values are not repeated beyond codes that are no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {row}{separator}{field}: {problem}", separator = if field.is_empty() { "" } else { ", " })]
pub struct RuleFault {
    pub file: String,
    /// Which row: its place from 1 and its id, where it has one.
    pub row: String,
    /// Which field of it; empty when the row or the file as a whole is meant.
    pub field: String,
    pub problem: String,
}

impl RuleFault {
    /// A fault of the file as a whole, or of a row as a whole.
    pub(super) fn new(file: &str, row: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), row: row.into(), field: String::new(), problem: problem.into() }
    }

    /// The category of the fault.
    #[must_use]
    pub const fn category(&self) -> crate::model::Category {
        crate::model::Category::Invalid
    }
}

/// A row being read. A getter gives `None` both for an absent optional field and for a fault; a fault is noted, so the
/// file is refused in the end and the two need not be told apart.
pub(super) struct Row<'a> {
    file: &'a str,
    label: String,
    table: &'a Table,
    faults: &'a mut Vec<RuleFault>,
    known: Vec<&'static str>,
}

impl<'a> Row<'a> {
    pub(super) fn new(file: &'a str, label: String, table: &'a Table, faults: &'a mut Vec<RuleFault>) -> Self {
        Self { file, label, table, faults, known: Vec::new() }
    }

    pub(super) fn fault(&mut self, field: &str, problem: impl Into<String>) {
        let (file, row) = (self.file.to_owned(), self.label.clone());
        self.faults.push(RuleFault { file, row, field: field.to_owned(), problem: problem.into() });
    }

    fn value(&mut self, field: &'static str) -> Option<&'a Value> {
        self.known.push(field);
        self.table.get(field)
    }

    /// A text that need not be there.
    pub(super) fn optional(&mut self, field: &'static str) -> Option<&'a str> {
        match self.value(field)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.fault(field, "must be text that is not empty");
                None
            }
        }
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, field: &'static str) -> Option<&'a str> {
        if !self.table.contains_key(field) {
            self.known.push(field);
            self.fault(field, "is required");
            return None;
        }
        self.optional(field)
    }

    /// A whole number that need not be there.
    pub(super) fn number(&mut self, field: &'static str) -> Option<i64> {
        let number = self.value(field)?.as_integer();
        if number.is_none() {
            self.fault(field, "must be a whole number");
        }
        number
    }

    /// Yes or no, where it is there.
    pub(super) fn flag(&mut self, field: &'static str) -> Option<bool> {
        let flag = self.value(field)?.as_bool();
        if flag.is_none() {
            self.fault(field, "must be true or false");
        }
        flag
    }

    /// A table within the row.
    pub(super) fn inner(&mut self, field: &'static str) -> Option<&'a Table> {
        let table = self.value(field)?.as_table();
        if table.is_none() {
            self.fault(field, "must be a table such as { response = \"crisis\" }");
        }
        table
    }

    /// One value or a list of them.
    pub(super) fn values(&mut self, field: &'static str) -> Vec<&'a Value> {
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

    /// One code or a list of them; `expected` says what they may be.
    pub(super) fn codes<T>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for value in self.values(field) {
            match value.as_str().and_then(&parse) {
                Some(one) => found.push(one),
                None => self.fault(field, format!("must be {expected}")),
            }
        }
        found
    }

    /// A table within the row, read as a row of its own whose faults name it.
    pub(super) fn within<T>(&mut self, field: &'static str, read: impl FnOnce(&mut Row<'_>) -> T) -> Option<T> {
        let table = self.inner(field)?;
        let mut faults = Vec::new();
        let mut inner = Row::new(self.file, self.label.clone(), table, &mut faults);
        let value = read(&mut inner);
        inner.finish();
        self.faults
            .extend(faults.into_iter().map(|fault| RuleFault { field: format!("{field}.{}", fault.field), ..fault }));
        Some(value)
    }

    /// Notes every field nobody asked for: a misspelt condition must not make a rule hold for everybody.
    pub(super) fn finish(self) {
        let known = self.known.join(", ");
        for key in self.table.keys().filter(|key| !self.known.contains(&key.as_str())) {
            self.faults.push(RuleFault {
                file: self.file.to_owned(),
                row: self.label.clone(),
                field: key.clone(),
                problem: format!("no such field here; there may be {known}"),
            });
        }
    }
}

/// The fields every row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// `RT-01`.
    pub id: String,
    /// Why, in a sentence for a person.
    pub reason: String,
    /// Where it is written: a line of the procedures, or of ours.
    pub source: String,
    /// Rows are tried lowest first.
    pub order: i64,
}

/// Reads the rows of one file: `read` makes a rule of a row and its heading. A row that cannot be read is not in the
/// result, and its faults are noted.
pub(super) fn rows<T>(
    file: &str,
    text: &str,
    prefix: &str,
    faults: &mut Vec<RuleFault>,
    mut read: impl FnMut(&mut Row<'_>, Heading) -> Option<T>,
) -> Vec<T> {
    let root: Table = match text.parse() {
        Ok(root) => root,
        Err(error) => {
            let error: toml::de::Error = error;
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            faults.push(RuleFault::new(file, format!("line {line}"), format!("not TOML: {}", error.message())));
            return Vec::new();
        }
    };
    for key in root.keys().filter(|key| *key != "rule") {
        faults.push(RuleFault::new(file, key.clone(), "no such section; a rules file holds [[rule]] rows"));
    }
    let entries = match root.get("rule") {
        None => &Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            faults.push(RuleFault::new(file, "rule", "begin each row with [[rule]]"));
            return Vec::new();
        }
    };
    let mut made = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        let Some(table) = entry.as_table() else {
            faults.push(RuleFault::new(file, format!("rule {number}"), "begin each row with [[rule]]"));
            continue;
        };
        let id = table.get("id").and_then(Value::as_str);
        let label = id.map_or_else(|| format!("rule {number}"), |id| format!("rule {number} ({id})"));
        let mut row = Row::new(file, label, table, faults);
        if let Some(id) = id {
            if seen.contains(&id) {
                row.fault("id", "is used by an earlier row of this file");
            }
            seen.push(id);
        }
        let heading = heading(&mut row, prefix, i64::from(number) * 10);
        let rule = read(&mut row, heading);
        row.finish();
        made.extend(rule);
    }
    made
}

/// Reads what every row has. What is missing stays empty and is noted, so that the rest of the row is read too.
fn heading(row: &mut Row<'_>, prefix: &str, order: i64) -> Heading {
    let id = row.required("id").unwrap_or_default();
    let shaped = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).is_some_and(|rest| {
        (2..=24).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if !id.is_empty() && !shaped {
        row.fault("id", format!("must be {prefix}- and a number or name, as in {prefix}-01"));
    }
    let (reason, source) = (row.required("reason"), row.required("source"));
    let order = row.number("order").unwrap_or(order);
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Heading { id: id.to_owned(), reason: text(reason), source: text(source), order }
}
