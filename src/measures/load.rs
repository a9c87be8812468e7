//! Texts of definitions to [`Definitions`], or to everything that is wrong with them, by row and field. Reads no file.

use toml::{Table, Value};

use super::definition::{Definition, Definitions, What};
use crate::model::{Category, EventKind, Urgency};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row}{separator}{field}: {problem}", separator = if field.is_empty() { "" } else { ", " })]
pub struct Fault {
    /// The row: number from 1, with its id where it has one.
    pub row: String,
    /// Which field of it; empty when the row or the file as a whole is meant.
    pub field: &'static str,
    pub problem: String,
}

impl Fault {
    /// The category of every fault of a file.
    #[must_use]
    pub const fn category(&self) -> Category {
        Category::Invalid
    }
}

pub(super) fn load(built_in: &str, site: Option<&str>) -> Result<Definitions, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut rows = read(built_in, &mut faults);
    for row in site.map(|text| read(text, &mut faults)).unwrap_or_default() {
        match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    if faults.is_empty() { Ok(Definitions { rows }) } else { Err(faults) }
}

fn read(text: &str, faults: &mut Vec<Fault>) -> Vec<Definition> {
    let whole = |problem: String| Fault { row: "the file".to_owned(), field: "", problem };
    let root = match text.parse::<Table>() {
        Ok(root) => root,
        Err(error) => {
            faults.push(whole(format!("is not TOML: {}", error.message())));
            return Vec::new();
        }
    };
    if root.keys().any(|key| key != "measure") {
        faults.push(whole("has a section that is not known; there is only measure".to_owned()));
    }
    let Some(found) = root.get("measure") else { return Vec::new() };
    let Some(found) = found.as_array() else {
        faults.push(whole("must have rows, each under [[measure]]".to_owned()));
        return Vec::new();
    };
    let mut rows: Vec<Definition> = Vec::new();
    for (place, value) in found.iter().enumerate() {
        let empty = Table::new();
        let table = value.as_table().unwrap_or(&empty);
        let id = table.get("id").and_then(Value::as_str).filter(|id| is_id(id));
        let label = format!("measure {}{}", place + 1, id.map(|id| format!(" ({id})")).unwrap_or_default());
        let mut row = Row { label, table, asked: Vec::new(), faults };
        let made = row.definition();
        if made.as_ref().is_some_and(|made| rows.iter().any(|other| other.id == made.id)) {
            row.fault("id", "is used by an earlier row");
        }
        row.finish();
        rows.extend(made);
    }
    rows
}

/// Letters, digits and hyphens: it becomes part of addresses and file names.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

struct Row<'a> {
    label: String,
    table: &'a Table,
    asked: Vec<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl Row<'_> {
    fn fault(&mut self, field: &'static str, problem: &str) {
        self.faults.push(Fault { row: self.label.clone(), field, problem: problem.to_owned() });
    }

    fn get(&mut self, name: &'static str) -> Option<&Value> {
        self.asked.push(name);
        self.table.get(name)
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let problem = match self.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => return Some(text.clone()),
            Some(_) => "must be a text that says something",
            None => "is required",
        };
        self.fault(name, problem);
        None
    }

    fn id(&mut self, name: &'static str) -> Option<String> {
        let id = self.text(name)?;
        if is_id(&id) {
            return Some(id);
        }
        self.fault(name, "must be letters, digits and hyphens, at most 64");
        None
    }

    fn definition(&mut self) -> Option<Definition> {
        let (id, name, what) = (self.id("id"), self.text("name"), self.what());
        let (numerator, denominator) = (self.text("numerator"), self.text("denominator"));
        let (reason, source) = (self.text("reason"), self.text("source"));
        Some(Definition {
            id: id?,
            name: name?,
            what: what?,
            numerator: numerator?,
            denominator: denominator?,
            reason: reason?,
            source: source?,
        })
    }

    fn what(&mut self) -> Option<What> {
        match self.text("counts")?.as_str() {
            "contacts" => {
                let least = self.get("least").and_then(Value::as_integer).and_then(|least| u32::try_from(least).ok());
                match least {
                    Some(least @ 1..=100) => Some(What::Contacts { least }),
                    _ => self.wrong("least", "must be a whole number from 1 to 100"),
                }
            }
            "wait" => {
                let to = self.events("to");
                let urgency = match self.get("urgency").cloned() {
                    None => None,
                    Some(value) => match value.as_str().and_then(Urgency::from_code) {
                        Some(urgency) => Some(urgency),
                        None => return self.wrong("urgency", "must be routine, urgent or crisis"),
                    },
                };
                Some(What::Wait { to: to?, urgency })
            }
            "clock" => self.id("rule").map(|rule| What::Clock { rule }),
            "scores" => self.id("scale").map(|scale| What::Scores { scale }),
            "incomplete" => Some(What::Incomplete),
            "refusals" => Some(What::Refusals),
            _ => self.wrong("counts", "must be one of contacts, wait, clock, scores, incomplete and refusals"),
        }
    }

    fn events(&mut self, name: &'static str) -> Option<Vec<EventKind>> {
        let list = self.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let kinds: Option<Vec<EventKind>> =
            list.iter().map(|kind| kind.as_str().and_then(EventKind::from_code)).collect();
        match kinds {
            Some(kinds) if !kinds.is_empty() => Some(kinds),
            _ => self.wrong(name, "must be a list of kinds of events, at least one"),
        }
    }

    fn wrong<T>(&mut self, field: &'static str, problem: &str) -> Option<T> {
        self.fault(field, problem);
        None
    }

    /// A field nobody asked for is a mistake in writing.
    fn finish(self) {
        let unknown = self.table.keys().filter(|key| !self.asked.contains(&key.as_str()));
        for key in unknown {
            let name: String = key.chars().take(40).collect();
            let problem = format!("has a field {name:?}, which such a row does not have");
            self.faults.push(Fault { row: self.label.clone(), field: "", problem });
        }
    }
}
