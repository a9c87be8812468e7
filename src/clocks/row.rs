//! One row of a rules file being read: every fault is noted with its field, and a field nobody asked for is one. Knows the
//! shapes of fields, and no rule.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::count::{Span, Unit};
use super::fault::RuleFault;
use super::rules::{Conditions, Trigger};
use crate::model::EventKind;

/// A row, or a table in one.
pub(super) struct Row<'a> {
    label: String,
    /// What stands before the names of its fields.
    place: String,
    table: &'a Table,
    asked: Vec<&'static str>,
    faults: &'a mut Vec<RuleFault>,
}

impl<'a> Row<'a> {
    pub(super) fn new(section: &str, number: usize, table: &'a Table, faults: &'a mut Vec<RuleFault>) -> Self {
        let id = table.get("id").and_then(Value::as_str).filter(|id| is_id(id));
        let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
        Self { label: format!("{section} {number}{id}"), place: String::new(), table, asked: Vec::new(), faults }
    }

    pub(super) fn fault(&mut self, field: &str, problem: impl Into<String>) {
        self.faults.push(RuleFault::new(&self.label, format!("{}{field}", self.place), problem));
    }

    fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.table.get(name)
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(_) => self.wrong(name, "must be a text that says something"),
            None => self.wrong(name, "is required"),
        }
    }

    pub(super) fn id(&mut self) -> Option<String> {
        let id = self.text("id")?;
        if is_id(&id) { Some(id) } else { self.wrong("id", "must be letters, digits and hyphens, at most 64") }
    }

    fn wrong<T>(&mut self, name: &str, problem: &str) -> Option<T> {
        self.fault(name, problem);
        None
    }

    /// A code that may be there.
    pub(super) fn code<T: Copy>(&mut self, name: &'static str, all: &[(T, &str)]) -> Option<T> {
        let value = self.get(name)?;
        let found = value.as_str().and_then(|text| all.iter().find(|(_, code)| *code == text));
        if found.is_none() {
            let codes: Vec<&str> = all.iter().map(|(_, code)| *code).collect();
            self.fault(name, format!("must be one of {}", codes.join(", ")));
        }
        found.map(|(one, _)| *one)
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(_) => self.wrong::<bool>(name, "must be true or false").is_some(),
        }
    }

    pub(super) fn number(&mut self, name: &'static str) -> Option<u16> {
        let value = self.get(name)?;
        let number =
            value.as_integer().and_then(|number| u16::try_from(number).ok()).filter(|n| (1..=1000).contains(n));
        if number.is_none() { self.wrong(name, "must be a whole number from 1 to 1000") } else { number }
    }

    /// Reads a table in this row.
    pub(super) fn inside<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Row<'_>) -> Option<T>) -> Option<T> {
        match self.get(name)? {
            Value::Table(table) => self.within(name, table, read),
            _ => self.wrong(name, "must be a table"),
        }
    }

    /// Reads each table of a list; `None` when there is no such field.
    pub(super) fn each<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Row<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(all) = self.get(name)? else { return self.wrong(name, "must be a list") };
        let mut found = Vec::new();
        for (number, value) in all.iter().enumerate() {
            let place = format!("{name}[{number}]");
            match value {
                Value::Table(table) => found.extend(self.within(&place, table, &mut read)),
                _ => self.fault(&place, "must be a table"),
            }
        }
        Some(found)
    }

    fn within<T>(&mut self, place: &str, table: &Table, read: impl FnOnce(&mut Row<'_>) -> Option<T>) -> Option<T> {
        let mut row = Row {
            label: self.label.clone(),
            place: format!("{}{place}.", self.place),
            table,
            asked: Vec::new(),
            faults: self.faults,
        };
        let found = read(&mut row);
        row.finish();
        found
    }

    pub(super) fn event(&mut self, name: &'static str) -> Option<EventKind> {
        let value = self.get(name)?;
        let found = value.as_str().and_then(EventKind::from_code);
        if found.is_none() { self.wrong(name, "is no kind of event") } else { found }
    }

    pub(super) fn events(&mut self, name: &'static str) -> Vec<EventKind> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let found: Vec<EventKind> = all.iter().filter_map(|code| EventKind::from_code(code.as_str()?)).collect();
        if found.is_empty() || found.len() != all.len() {
            self.fault(name, "must be a list of kinds of events");
        }
        found
    }

    /// Details by name, each one value or a list of those that will do.
    pub(super) fn conditions(&mut self, name: &'static str) -> Conditions {
        let Some(value) = self.get(name) else { return Conditions::default() };
        let Some(table) = value.as_table() else {
            self.fault(name, "must be a table of details");
            return Conditions::default();
        };
        let mut all = BTreeMap::new();
        for (detail, value) in table {
            let values = match value {
                Value::String(one) => vec![one.clone()],
                Value::Array(several) => several.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect(),
                _ => Vec::new(),
            };
            if values.is_empty() {
                self.fault(name, "gives a detail neither a text nor a list of texts");
            }
            all.insert(detail.clone(), values);
        }
        Conditions(all)
    }

    pub(super) fn triggers(&mut self, name: &'static str) -> Option<Vec<Trigger>> {
        self.each(name, trigger)
    }

    /// Notes every field that nobody asked for.
    pub(super) fn finish(self) {
        let Self { label, place, table, asked, faults } = self;
        for name in table.keys().filter(|name| !asked.contains(&name.as_str())) {
            // a name that does not look like one may be a value in the wrong place
            let field = if is_field(name) { name.as_str() } else { "an unknown field" };
            let problem = format!("no such field here; this may have {}", asked.join(", "));
            faults.push(RuleFault::new(label.clone(), format!("{place}{field}"), problem));
        }
    }
}

/// The one span among the fields of a table that units name.
pub(super) fn span(row: &mut Row<'_>) -> Option<Span> {
    let all: Vec<Span> =
        Unit::ALL.iter().filter_map(|unit| Some(Span { unit: *unit, number: row.number(unit.code())? })).collect();
    if let [one] = all.as_slice() {
        return Some(*one);
    }
    let codes: Vec<&str> = Unit::ALL.iter().map(|unit| unit.code()).collect();
    row.wrong("", &format!("must have exactly one of {}", codes.join(", ")))
}

fn trigger(row: &mut Row<'_>) -> Option<Trigger> {
    if !row.is_given("event") {
        row.fault("event", "is required");
    }
    let event = row.event("event");
    let (when, of, from_request) = (row.conditions("when"), row.conditions("of"), row.flag("from_request"));
    Some(Trigger { event: event?, when, of, from_request })
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_field(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b"_-".contains(&b))
}
