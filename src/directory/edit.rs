//! A party's own changes to its own entry: what it is called, how it is reached and receives, where it is, who works there.
//! What was before stays, with the moment of the change as its end. What it is, its ODS code, agreements and clients are
//! not its own to change.

use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use serde_json::{Value as Json, json};
use toml::{Table, Value};
use url::{Host, Url};

use super::fault::{DirectoryFault, Problem, is_name};
use super::rows::Rows;
use super::validity::{Validity, from_instant, until_instant};
use super::{Directory, StaffRole, load};
use crate::model::{Party, PartyId};

/// The texts of its entry a party keeps itself.
const TEXTS: &[&str] = &["name", "telephone", "email", "website", "opening", "services"];

/// What a party wants changed; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryChange {
    /// By field; `None` takes it away.
    pub texts: Vec<(&'static str, Option<String>)>,
    pub receives: Option<Receives>,
    /// All its places from now on.
    pub places: Option<Vec<PlaceChange>>,
    /// All the roles of its people from now on.
    pub roles: Option<Vec<RoleChange>>,
}

/// How it receives from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receives {
    Inbox,
    Fhir { url: String, format: String },
}

/// A place; without an id it is a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceChange {
    pub id: Option<String>,
    pub name: String,
    pub address: Vec<String>,
    pub postcode: Option<String>,
}

/// A role; without an id it is a new one, without a person that of somebody new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleChange {
    pub id: Option<String>,
    pub person: Option<String>,
    pub name: String,
    pub team: Option<String>,
    pub code: Option<String>,
    pub title: String,
}

impl EntryChange {
    /// Reads a change as it is sent: `{"telephone": "…", "website": null, "receives": {"how": "inbox"}, "places": […]}`.
    ///
    /// # Errors
    /// Every field that is not a party's own to change, or of the wrong type.
    pub fn from_json(value: &Json) -> Result<Self, Vec<DirectoryFault>> {
        let mut reader = Reader { faults: Vec::new() };
        let Some(fields) = value.as_object() else {
            return Err(vec![DirectoryFault::new("entry", "", Problem::Unreadable("a JSON object"))]);
        };
        let mut change = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "receives" => change.receives = reader.receives(value),
                "places" => change.places = Some(reader.places(value)),
                "roles" => change.roles = Some(reader.roles(value)),
                other => match TEXTS.iter().find(|text| **text == other) {
                    Some(text) => change.texts.push((text, reader.text("entry", text, Some(value)))),
                    None => reader.unknown("entry", other, &[TEXTS, &["receives", "places", "roles"]].concat()),
                },
            }
        }
        if reader.faults.is_empty() { Ok(change) } else { Err(reader.faults) }
    }
}

impl EntryChange {
    /// The entry of a party as it is now, in the form in which it is changed.
    #[must_use]
    pub fn of(directory: &Directory, party: &Party, now: Timestamp) -> Self {
        let details = directory.details(&party.id, now).cloned().unwrap_or_default();
        let text = |field: &str| match field {
            "name" => Some(party.name.clone()),
            "telephone" => details.telephone.clone(),
            "email" => details.email.clone(),
            "website" => details.website.clone(),
            "opening" => details.opening.clone(),
            _ => details.services.clone(),
        };
        let endpoint = directory.endpoints.get(&party.id).and_then(|entries| entries.iter().find_map(|e| e.at(now)));
        let receives = endpoint.map_or(Receives::Inbox, |endpoint| Receives::Fhir {
            url: endpoint.url.clone(),
            format: endpoint.format.code().to_owned(),
        });
        let places = directory.places(&party.id, now).map(|place| PlaceChange {
            id: Some(place.id.to_string()),
            name: place.name.clone(),
            address: place.address.clone(),
            postcode: place.postcode.clone(),
        });
        let team = party.part_of.as_ref().map(|_| &party.id);
        let theirs = |role: &&StaffRole| {
            role.employer == *party.organisation() && team.is_none_or(|team| role.team.as_ref() == Some(team))
        };
        let roles = directory.roles(&party.id, now).filter(theirs).map(|role| RoleChange {
            id: Some(role.id.to_string()),
            person: Some(role.person.to_string()),
            name: role.name.clone(),
            team: role.team.as_ref().map(ToString::to_string),
            code: role.code.clone(),
            title: role.title.clone(),
        });
        Self {
            texts: TEXTS.iter().map(|field| (*field, text(field))).collect(),
            receives: Some(receives),
            places: Some(places.collect()),
            roles: Some(roles.collect()),
        }
    }

    /// A text of the change; empty where there is none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.texts.iter().find(|(name, _)| *name == field).and_then(|(_, text)| text.as_deref()).unwrap_or_default()
    }

    /// As [`Self::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut out: serde_json::Map<String, Json> =
            self.texts.iter().map(|(field, text)| ((*field).to_owned(), json!(text))).collect();
        if let Some(receives) = &self.receives {
            let receives = match receives {
                Receives::Inbox => json!({"how": "inbox"}),
                Receives::Fhir { url, format } => json!({"how": "fhir", "url": url, "format": format}),
            };
            out.insert("receives".to_owned(), receives);
        }
        if let Some(places) = &self.places {
            let place =
                |p: &PlaceChange| json!({"id": p.id, "name": p.name, "address": p.address, "postcode": p.postcode});
            out.insert("places".to_owned(), places.iter().map(place).collect());
        }
        if let Some(roles) = &self.roles {
            let role = |r: &RoleChange| json!({"id": r.id, "person": r.person, "name": r.name, "team": r.team, "code": r.code, "title": r.title});
            out.insert("roles".to_owned(), roles.iter().map(role).collect());
        }
        Json::Object(out)
    }
}

struct Reader {
    faults: Vec<DirectoryFault>,
}

impl Reader {
    fn text(&mut self, entry: &str, field: &str, value: Option<&Json>) -> Option<String> {
        match value {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(_) => {
                self.faults.push(DirectoryFault::new(entry, field, Problem::Type("text")));
                None
            }
        }
    }

    fn unknown(&mut self, entry: &str, field: &str, known: &[&str]) {
        let field = if is_name(field) { field } else { "an unknown field" };
        self.faults.push(DirectoryFault::new(entry, field, Problem::UnknownField(known.join(", "))));
    }

    fn only(&mut self, entry: &str, value: &Json, known: &[&str]) {
        match value.as_object() {
            Some(fields) => {
                for stranger in fields.keys().filter(|field| !known.contains(&field.as_str())) {
                    self.unknown(entry, stranger, known);
                }
            }
            None => self.faults.push(DirectoryFault::new(entry, "", Problem::Unreadable("a JSON object"))),
        }
    }

    fn receives(&mut self, value: &Json) -> Option<Receives> {
        self.only("receives", value, &["how", "url", "format"]);
        let url = self.text("receives", "url", value.get("url"));
        let format = self.text("receives", "format", value.get("format")).unwrap_or_else(|| "json".to_owned());
        match value.get("how").and_then(Json::as_str) {
            Some("inbox") => Some(Receives::Inbox),
            Some("fhir") if url.is_some() => url.map(|url| Receives::Fhir { url, format }),
            Some("fhir") => {
                self.faults.push(DirectoryFault::new("receives", "url", Problem::Missing));
                None
            }
            _ => {
                self.faults.push(DirectoryFault::new("receives", "how", Problem::Code("inbox, fhir".to_owned())));
                None
            }
        }
    }

    fn items<'a>(&mut self, list: &str, value: &'a Json) -> Vec<(String, &'a Json)> {
        let Some(items) = value.as_array() else {
            self.faults.push(DirectoryFault::new(list, "", Problem::Type("a list")));
            return Vec::new();
        };
        (1..).zip(items).map(|(number, item): (usize, _)| (format!("{list} {number}"), item)).collect()
    }

    fn places(&mut self, value: &Json) -> Vec<PlaceChange> {
        let mut places = Vec::new();
        for (entry, item) in self.items("place", value) {
            self.only(&entry, item, &["id", "name", "address", "postcode"]);
            let address = item.get("address").filter(|lines| !lines.is_null());
            let lines = address.map(|lines| lines.as_array().cloned().unwrap_or_else(|| vec![Json::Bool(false)]));
            let mut lines_of = Vec::new();
            for line in lines.unwrap_or_default() {
                lines_of.extend(self.text(&entry, "address", Some(&line)));
            }
            places.push(PlaceChange {
                id: self.text(&entry, "id", item.get("id")),
                name: self.text(&entry, "name", item.get("name")).unwrap_or_default(),
                address: lines_of,
                postcode: self.text(&entry, "postcode", item.get("postcode")),
            });
        }
        places
    }

    fn roles(&mut self, value: &Json) -> Vec<RoleChange> {
        let mut roles = Vec::new();
        for (entry, item) in self.items("role", value) {
            self.only(&entry, item, &["id", "person", "name", "team", "code", "title"]);
            roles.push(RoleChange {
                id: self.text(&entry, "id", item.get("id")),
                person: self.text(&entry, "person", item.get("person")),
                name: self.text(&entry, "name", item.get("name")).unwrap_or_default(),
                team: self.text(&entry, "team", item.get("team")),
                code: self.text(&entry, "code", item.get("code")),
                title: self.text(&entry, "title", item.get("title")).unwrap_or_default(),
            });
        }
        roles
    }
}

impl Directory {
    /// The directory in which a party has changed its own entry from `now` on; the same where nothing changes.
    ///
    /// # Errors
    /// Every fault at once; nothing is changed then.
    pub fn with_entry(&self, party: &Party, change: &EntryChange, now: Timestamp) -> Result<Self, Vec<DirectoryFault>> {
        let round = TimestampRound::new().smallest(Unit::Millisecond);
        let mut editor = Editor { rows: self.rows.clone(), at: now.round(round).unwrap_or(now), faults: Vec::new() };
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
