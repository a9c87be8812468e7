//! What a party may change of its own entry, as it is sent and shown: what it is called, how it is reached and receives,
//! where it is, who works there. What it is, its ODS code, agreements and clients are not its own to change.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::fault::{DirectoryFault, Problem, is_name};
use super::{Directory, StaffRole};
use crate::model::Party;

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
            let role = |r: &RoleChange| {
                let (person, job) = (&r.person, &r.code);
                json!({"id": r.id, "person": person, "name": r.name, "team": r.team, "code": job, "title": r.title})
            };
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
