//! Files of rules as a site's people write them (TOML): sections of rows, every fault of which is told at once, by file, row
//! and field. Knows shapes, and what no rule means; reads no file itself.

mod row;

use toml::{Table, Value};

pub use row::Row;

/// One fault of a file of rules. Values are not repeated beyond codes that are no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {row}{separator}{field}: {problem}", separator = if field.is_empty() { "" } else { ", " })]
pub struct RuleFault {
    pub file: String,
    /// Which row: its section and place from 1, with its id where it has one (`rule 2 (CK-02)`).
    pub row: String,
    /// Which field of it; empty when the row or the file as a whole is meant.
    pub field: String,
    pub problem: String,
}

impl RuleFault {
    /// A fault of the file as a whole, or of a row as a whole.
    pub fn new(file: &str, row: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), row: row.into(), field: String::new(), problem: problem.into() }
    }

    /// The category of the fault.
    #[must_use]
    pub const fn category(&self) -> crate::model::Category {
        crate::model::Category::Invalid
    }
}

/// A file that was read as TOML: what is left is to read its rows.
pub struct RuleFile<'a> {
    name: &'a str,
    root: Table,
}

impl<'a> RuleFile<'a> {
    /// Reads a text that may have these sections. What is no TOML is an empty file, with its fault noted.
    pub fn parse(name: &'a str, text: &str, sections: &[&str], faults: &mut Vec<RuleFault>) -> Self {
        let root = text.parse::<Table>().unwrap_or_else(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            faults.push(RuleFault::new(name, format!("line {line}"), format!("not TOML: {}", error.message())));
            Table::new()
        });
        for key in root.keys().filter(|key| !sections.contains(&key.as_str())) {
            let there = sections.iter().map(|section| format!("[[{section}]]")).collect::<Vec<_>>().join(" and ");
            faults.push(RuleFault::new(name, shown(key), format!("no such section; this file holds rows of {there}")));
        }
        Self { name, root }
    }

    /// Reads the rows of one section: `read` makes something of each, with its place from 1. A row that cannot be read is not
    /// in the result, and its faults are noted.
    pub fn rows<T>(
        &self,
        section: &str,
        faults: &mut Vec<RuleFault>,
        mut read: impl FnMut(&mut Row<'_>, i64) -> Option<T>,
    ) -> Vec<T> {
        let begin = format!("begin each row with [[{section}]]");
        let entries = match self.root.get(section) {
            None => &Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                faults.push(RuleFault::new(self.name, section, begin));
                return Vec::new();
            }
        };
        let mut made = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (number, entry) in (1..).zip(entries) {
            let Some(table) = entry.as_table() else {
                faults.push(RuleFault::new(self.name, format!("{section} {number}"), begin.clone()));
                continue;
            };
            let id = table.get("id").and_then(Value::as_str).filter(|id| is_id(id));
            let label = id.map_or_else(|| format!("{section} {number}"), |id| format!("{section} {number} ({id})"));
            let mut row = Row::new(self.name, label, table, faults);
            if let Some(id) = id {
                if seen.contains(&id) {
                    row.fault("id", "is used by an earlier row of this file");
                }
                seen.push(id);
            }
            let one = read(&mut row, number);
            row.finish();
            made.extend(one);
        }
        made
    }
}

/// Letters, digits and hyphens: an id becomes part of addresses and file names.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A name as it may be repeated: what does not look like one may be a value in the wrong place.
fn shown(name: &str) -> &str {
    let is_name = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b"_-".contains(&b));
    if is_name { name } else { "an unknown name" }
}
