//! A party's change of its own entry, carried out: what was before stays, with the moment of the change as its end, and what
//! is new begins there.

use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use toml::{Table, Value};
use url::{Host, Url};

use super::entry_change::{EntryChange, PlaceChange, Receives, RoleChange};
use super::fault::{DirectoryFault, Problem};
use super::rows::Rows;
use super::validity::{Validity, from_instant, until_instant};
use super::{Directory, load};
use crate::model::{Party, PartyId};

impl Directory {
    /// The directory in which a party has changed its own entry from `now` on; the same where nothing changes.
    ///
    /// # Errors
    /// Every fault at once; nothing is changed then.
    pub fn with_entry(&self, party: &Party, change: &EntryChange, now: Timestamp) -> Result<Self, Vec<DirectoryFault>> {
        let round = TimestampRound::new().smallest(Unit::Millisecond);
        let faults = self.borrowed(party, change, now);
        let mut editor = Editor { rows: self.rows.clone(), at: now.round(round).unwrap_or(now), faults };
        editor.texts(party, change);
        if let Some(receives) = &change.receives {
            editor.receives(party, receives);
        }
        if let Some(places) = &change.places {
            editor.places(party, places);
        }
        if let Some(roles) = &change.roles {
            editor.roles(party, roles);
        }
        let Editor { rows, mut faults, .. } = editor;
        match load::load(rows) {
            Ok(directory) if faults.is_empty() => Ok(directory),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }
}

impl Directory {
    /// What a party may not say of itself, since others would take it for somebody else: the name of another, and people in
    /// another's team. What whoever runs the gateway has entered stays.
    fn borrowed(&self, party: &Party, change: &EntryChange, now: Timestamp) -> Vec<DirectoryFault> {
        let mut faults = Vec::new();
        let others = || self.parties(now).filter(|other| other.organisation() != party.organisation());
        let named = change.texts.iter().filter(|(field, _)| *field == "name").find_map(|(_, text)| text.as_deref());
        if let Some(name) = named.filter(|name| *name != party.name)
            && others().any(|other| letters(&other.name) == letters(name))
        {
            faults.push(DirectoryFault::new("entry", "name", Problem::NameTaken));
        }
        let roles = change.roles.iter().flatten();
        for (number, role) in (1..).zip(roles) {
            let number: usize = number;
            let Some(team) = role.team.as_deref() else { continue };
            let entered = self
                .rows
                .entries("role")
                .any(|row| role.id.as_deref().is_some_and(|id| is(row, "id", id)) && is(row, "team", team));
            if !entered && others().any(|other| other.id.as_str() == team) {
                faults.push(DirectoryFault::new(format!("role {number}"), "team", Problem::OtherTeam));
            }
        }
        faults
    }
}

/// A name as it looks: its letters and digits, whatever their case and what stands between them.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Editor {
    rows: Rows,
    at: Timestamp,
    faults: Vec<DirectoryFault>,
}

impl Editor {
    fn texts(&mut self, party: &Party, change: &EntryChange) {
        let section = if party.part_of.is_some() { "team" } else { "organisation" };
        let Some(index) = self.current(section, |row| is(row, "id", party.id.as_str())).first().copied() else {
            return;
        };
        let Some(mut row) = self.row(section, index) else { return };
        for (field, text) in &change.texts {
            match text {
                Some(text) => row.insert((*field).to_owned(), Value::String(text.clone())),
                None => row.remove(*field),
            };
        }
        self.supersede(section, index, row);
    }

    fn receives(&mut self, party: &Party, receives: &Receives) {
        let there = self.current("endpoint", |row| is(row, "party", party.id.as_str())).first().copied();
        match receives {
            Receives::Inbox => {
                if let Some(index) = there {
                    self.end("endpoint", index);
                }
            }
            Receives::Fhir { url, format } => {
                let mut row = there.and_then(|index| self.row("endpoint", index)).unwrap_or_default();
                // An address it keeps may be one that whoever runs the gateway gave it.
                if !is(&row, "url", url) && is_local(url) {
                    self.faults.push(DirectoryFault::new("receives", "url", Problem::Local));
                }
                for (field, value) in [("party", party.id.as_str()), ("url", url), ("format", format)] {
                    row.insert(field.to_owned(), value.into());
                }
                match there {
                    Some(index) => self.supersede("endpoint", index, row),
                    None => self.add("endpoint", row),
                }
            }
        }
    }

    fn places(&mut self, party: &Party, wanted: &[PlaceChange]) {
        let theirs = self.current("place", |row| is(row, "of", party.id.as_str()));
        let wanted = wanted.iter().map(|place| {
            let mut row = Table::new();
            put(&mut row, "of", Some(party.id.as_str()));
            put(&mut row, "name", Some(&place.name));
            put(&mut row, "postcode", place.postcode.as_deref());
            if !place.address.is_empty() {
                let lines = place.address.iter().cloned().map(Value::String).collect();
                row.insert("address".to_owned(), Value::Array(lines));
            }
            (place.id.clone(), row)
        });
        self.all("place", &party.id, &theirs, wanted.collect());
    }

    fn roles(&mut self, party: &Party, wanted: &[RoleChange]) {
        let employer = party.organisation().as_str();
        let team = party.part_of.as_ref().map(|_| party.id.as_str());
        let own = |row: &Table| is(row, "employer", employer) && team.is_none_or(|team| is(row, "team", team));
        let theirs = self.current("role", own);
        let mut people: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for role in wanted {
            let person = role.person.clone().unwrap_or_else(|| {
                let id = self.free("role", "person", &party.id, &people);
                people.push(id.clone());
                id
            });
            let mut row = Table::new();
            put(&mut row, "employer", Some(employer));
            put(&mut row, "person", Some(&person));
            put(&mut row, "name", Some(&role.name));
            put(&mut row, "team", team.or(role.team.as_deref()));
            put(&mut row, "code", role.code.as_deref());
            put(&mut row, "title", Some(&role.title));
            rows.push((role.id.clone(), row));
        }
        self.all("role", &party.id, &theirs, rows);
    }

    /// Makes what is wanted all there is of theirs: what is the same stays, what is not any more ends, what is new begins.
    fn all(&mut self, section: &'static str, party: &PartyId, theirs: &[usize], wanted: Vec<(Option<String>, Table)>) {
        let mut kept: Vec<usize> = Vec::new();
        let mut taken: Vec<String> = wanted.iter().filter_map(|(id, _)| id.clone()).collect();
        let mut new: Vec<Table> = Vec::new();
        for (number, (id, mut row)) in (1..).zip(wanted) {
            let number: usize = number;
            let there = id.as_ref().and_then(|id| {
                theirs.iter().copied().find(|index| self.row(section, *index).is_some_and(|row| is(&row, "id", id)))
            });
            if id.is_some() && there.is_none_or(|index| kept.contains(&index)) {
                self.faults.push(DirectoryFault::new(format!("{section} {number}"), "id", Problem::NotYours));
                continue;
            }
            let id = id.unwrap_or_else(|| {
                let id = self.free(section, "id", party, &taken);
                taken.push(id.clone());
                id
            });
            row.insert("id".to_owned(), Value::String(id));
            match there {
                Some(index) => {
                    kept.push(index);
                    if let Some(until) = self.row(section, index).and_then(|old| old.get("until").cloned()) {
                        row.insert("until".to_owned(), until);
                    }
                    self.supersede(section, index, row);
                }
                None => new.push(row),
            }
        }
        // from the last, so that what is taken out moves nothing that is still to come
        for index in theirs.iter().rev().filter(|index| !kept.contains(index)) {
            self.end(section, *index);
        }
        for row in new {
            self.add(section, row);
        }
    }

    /// Places in a section of the entries in force that `own` takes.
    fn current(&self, section: &str, own: impl Fn(&Table) -> bool) -> Vec<usize> {
        let rows = self.rows.0.get(section).and_then(Value::as_array).into_iter().flatten().enumerate();
        let found = rows.filter(|(_, row)| row.as_table().is_some_and(|row| own(row) && period(row).holds(self.at)));
        found.map(|(index, _)| index).collect()
    }

    fn row(&self, section: &str, index: usize) -> Option<Table> {
        self.rows.0.get(section)?.as_array()?.get(index)?.as_table().cloned()
    }

    /// Ends an entry and lets another follow it at once. One that has only just begun is replaced.
    fn supersede(&mut self, section: &str, index: usize, mut row: Table) {
        let Some(old) = self.row(section, index) else { return };
        row.remove("from");
        let mut same = old.clone();
        same.remove("from");
        if same == row {
            return;
        }
        if self.has_just_begun(&old) {
            row.insert("from".to_owned(), Value::String(self.at.to_string()));
            self.set(section, index, row);
            return;
        }
        self.set(section, index, self.ended(old));
        self.add(section, row);
    }

    fn end(&mut self, section: &str, index: usize) {
        let Some(old) = self.row(section, index) else { return };
        if self.has_just_begun(&old) {
            self.rows.section_mut(section).into_iter().for_each(|rows| drop(rows.remove(index)));
        } else {
            self.set(section, index, self.ended(old));
        }
    }

    fn ended(&self, mut row: Table) -> Table {
        row.insert("until".to_owned(), Value::String(self.at.to_string()));
        row
    }

    fn has_just_begun(&self, row: &Table) -> bool {
        period(row).from.is_some_and(|from| self.at.duration_since(from) < SignedDuration::from_millis(1))
    }

    fn set(&mut self, section: &str, index: usize, row: Table) {
        let place = self.rows.section_mut(section).and_then(|rows| rows.get_mut(index));
        if let Some(place) = place {
            *place = Value::Table(row);
        }
    }

    fn add(&mut self, section: &str, mut row: Table) {
        row.insert("from".to_owned(), Value::String(self.at.to_string()));
        self.rows.section_mut(section).into_iter().for_each(|rows| rows.push(Value::Table(row.clone())));
    }

    /// An id of the party's own that no entry has or had.
    fn free(&self, section: &str, field: &str, party: &PartyId, taken: &[String]) -> String {
        let what = if field == "person" { "person" } else { section };
        let used = |id: &String| taken.contains(id) || self.rows.entries(section).any(|row| is(row, field, id));
        let mut number = 1_u32;
        loop {
            let id = format!("{party}-{what}-{number}");
            if !used(&id) {
                return id;
            }
            number += 1;
        }
    }
}

fn put(row: &mut Table, field: &str, value: Option<&str>) {
    if let Some(value) = value {
        row.insert(field.to_owned(), value.into());
    }
}

fn is(row: &Table, field: &str, text: &str) -> bool {
    row.get(field).and_then(Value::as_str) == Some(text)
}

fn period(row: &Table) -> Validity {
    let bound = |field: &str| row.get(field).and_then(Value::as_str);
    Validity { from: bound("from").and_then(from_instant), until: bound("until").and_then(until_instant) }
}

/// Whether an address is one of this machine or its own network: a partner does not make the gateway call those. A name
/// that leads there is for the network around the gateway to stop.
fn is_local(address: &str) -> bool {
    let url = Url::parse(address).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => !name.contains('.') || name.ends_with(".localhost") || name.ends_with(".internal"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        // no address at all; the entry's own reader says so
        None => false,
    }
}
