//! Entries to resources.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use toml::Table;
use uuid::Uuid;

use super::super::rows::Rows;
use super::super::validity::{Validity, from_instant, until_instant};
use super::{AGREEMENT, CONNECTION, FORMATS, ORGANISATION_PERIOD, PERSON, PLACE, ROLE, TELECOM};
use crate::fhir::build::{coding, concept, entry, put, reference, resource, urn};
use crate::fhir::codes;
use crate::model::{DataCategory, PartyKind};

const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";

impl Rows {
    /// The entries as a Bundle; `now` says which of them are active.
    #[must_use]
    pub fn to_fhir(&self, now: Timestamp) -> Value {
        let writer = Writer { rows: self, now };
        let mut entries: Vec<Value> = Vec::new();
        entries.extend(self.entries("organisation").map(|row| writer.organisation(row)));
        entries.extend(self.entries("team").map(|row| writer.team(row)));
        entries.extend(self.entries("place").map(|row| writer.place(row)));
        let mut people: Vec<(&str, &str)> =
            self.entries("role").map(|row| (of(row, "person"), of(row, "name"))).collect();
        people.sort_unstable();
        people.dedup();
        entries.extend(people.into_iter().map(|(id, name)| practitioner(id, name)));
        entries.extend(self.entries("role").map(|row| writer.role(row)));
        entries.extend(self.entries("endpoint").map(|row| writer.endpoint(row)));
        entries.extend(self.entries("agreement").map(|row| writer.agreement(row)));
        let mut out = Map::new();
        put(&mut out, "resourceType", "Bundle");
        put(&mut out, "type", "collection");
        put(&mut out, "entry", entries);
        Value::Object(out)
    }
}

struct Writer<'a> {
    rows: &'a Rows,
    now: Timestamp,
}

impl Writer<'_> {
    fn organisation(&self, row: &Table) -> Value {
        let (id, mut out) = begin("organisation", "Organization", Some("Organization"), row, &[of(row, "name")]);
        let mut extensions = own(row, &["opening", "services"]);
        if let Some(period) = period(row) {
            extensions.insert(0, json!({"url": ORGANISATION_PERIOD, "valuePeriod": period}));
        }
        put(&mut out, "extension", extensions);
        put(&mut out, "identifier", party_identifiers(row));
        put(&mut out, "active", self.active(row));
        put(&mut out, "type", json!([kind(row)]));
        put(&mut out, "name", of(row, "name"));
        put(&mut out, "telecom", telecom(row));
        put(&mut out, "endpoint", self.endpoints(of(row, "id")));
        entry(&urn(id), out)
    }

    fn team(&self, row: &Table) -> Value {
        let (id, mut out) = begin("team", "HealthcareService", Some("HealthcareService"), row, &[of(row, "name")]);
        put(&mut out, "extension", own(row, &[]));
        put(&mut out, "identifier", party_identifiers(row));
        put(&mut out, "active", self.active(row));
        put(&mut out, "providedBy", self.party(of(row, "part_of")));
        put(&mut out, "type", json!([kind(row)]));
        let places = self.rows.entries("place").filter(|place| of(place, "of") == of(row, "id"));
        put(&mut out, "location", places.map(|place| reference(&urn(uuid("place", place)))).collect::<Vec<_>>());
        put(&mut out, "name", of(row, "name"));
        put(&mut out, "comment", of(row, "services"));
        put(&mut out, "telecom", telecom(row));
        put(&mut out, "availabilityExceptions", of(row, "opening"));
        put(&mut out, "endpoint", self.endpoints(of(row, "id")));
        entry(&urn(id), out)
    }

    fn place(&self, row: &Table) -> Value {
        let (id, mut out) = begin("place", "Location", Some("Location"), row, &[of(row, "name")]);
        put(
            &mut out,
            "identifier",
            json!([identifier(codes::DIRECTORY_ID, &format!("{PLACE}{}", of(row, "id")), row)]),
        );
        put(&mut out, "status", if self.active(row) { "active" } else { "inactive" });
        put(&mut out, "name", of(row, "name"));
        let mut address = Map::new();
        put(&mut address, "line", texts(row, "address"));
        put(&mut address, "postalCode", of(row, "postcode"));
        put(&mut out, "address", address);
        put(&mut out, "managingOrganization", self.organisation_of(of(row, "of")));
        entry(&urn(id), out)
    }

    fn role(&self, row: &Table) -> Value {
        let (name, title) = (of(row, "name"), of(row, "title"));
        let words = format!("{name}, {title}");
        let (id, mut out) = begin("role", "PractitionerRole", Some("PractitionerRole"), row, &[words]);
        put(&mut out, "identifier", json!([identifier(codes::DIRECTORY_ID, &format!("{ROLE}{}", of(row, "id")), row)]));
        put(&mut out, "active", self.active(row));
        put(&mut out, "period", period(row));
        put(&mut out, "practitioner", reference(&urn(person(of(row, "person"), name))));
        put(&mut out, "organization", self.party(of(row, "employer")));
        let mut code = Map::new();
        let job = row.get("code").map(|_| json!([{"system": codes::SDS_JOB_ROLE, "code": of(row, "code")}]));
        put(&mut code, "coding", job);
        put(&mut code, "text", title);
        put(&mut out, "code", json!([code]));
        let team = row.get("team").map(|_| json!([self.party(of(row, "team"))]));
        put(&mut out, "healthcareService", team);
        entry(&urn(id), out)
    }

    fn endpoint(&self, row: &Table) -> Value {
        let (id, mut out) = begin("endpoint", "Endpoint", None, row, &["Takes FHIR messages."]);
        put(&mut out, "status", if self.active(row) { "active" } else { "off" });
        put(&mut out, "connectionType", coding(CONNECTION, "hl7-fhir-msg", "HL7 FHIR Messaging"));
        put(&mut out, "managingOrganization", self.organisation_of(of(row, "party")));
        put(&mut out, "period", period(row));
        put(&mut out, "payloadType", json!([{"text": "FHIR message"}]));
        let media_type =
            FORMATS.iter().find(|(code, _)| *code == of(row, "format")).map(|(_, media_type)| json!([media_type]));
        put(&mut out, "payloadMimeType", media_type);
        put(&mut out, "address", of(row, "url"));
        entry(&urn(id), out)
    }

    fn agreement(&self, row: &Table) -> Value {
        let words = format!("Sharing agreement {} version {}", of(row, "id"), of(row, "version"));
        let profile = Some("OrganizationAffiliation");
        let (id, mut out) = begin("agreement", "OrganizationAffiliation", profile, row, &[words]);
        let mut terms = vec![json!({"url": "version", "valueString": of(row, "version")})];
        terms.extend(texts(row, "purposes").into_iter().map(|code| json!({"url": "purpose", "valueCode": code})));
        put(&mut out, "extension", json!([{"url": codes::AGREEMENT_TERMS, "extension": terms}]));
        let value = format!("{AGREEMENT}{}", of(row, "id"));
        put(&mut out, "identifier", json!([{"system": codes::DIRECTORY_ID, "value": value}]));
        put(&mut out, "active", self.active(row));
        put(&mut out, "period", period(row));
        let between = texts(row, "between");
        for (field, party) in ["organization", "participatingOrganization"].into_iter().zip(between) {
            put(&mut out, field, self.party(party));
        }
        let categories = texts(row, "categories").into_iter();
        let categories = categories.map(|code| match DataCategory::from_code(code) {
            Some(category) => concept(codes::DATA_CATEGORY, code, category.title()),
            None => json!({"text": code}),
        });
        put(&mut out, "code", categories.collect::<Vec<_>>());
        entry(&urn(id), out)
    }

    /// A reference to a party: to its latest entry, and by its id.
    fn party(&self, id: &str) -> Value {
        let last = |section: &'static str| self.rows.entries(section).filter(|row| of(row, "id") == id).last();
        let found = last("organisation").map(|row| ("organisation", row)).or_else(|| Some(("team", last("team")?)));
        let Some((section, row)) = found else { return Value::Null };
        let mut out = Map::new();
        put(&mut out, "reference", urn(uuid(section, row)));
        put(&mut out, "identifier", json!({"system": codes::PARTY_ID, "value": id}));
        put(&mut out, "display", of(row, "name"));
        Value::Object(out)
    }

    /// A reference to a party's organisation: R4 lets places and endpoints belong to nothing else.
    fn organisation_of(&self, id: &str) -> Value {
        let team = self.rows.entries("team").filter(|row| of(row, "id") == id).last();
        self.party(team.map_or(id, |row| of(row, "part_of")))
    }

    fn endpoints(&self, id: &str) -> Vec<Value> {
        let theirs = self.rows.entries("endpoint").filter(|row| of(row, "party") == id);
        theirs.map(|row| reference(&urn(uuid("endpoint", row)))).collect()
    }

    fn active(&self, row: &Table) -> bool {
        let bound = |field: &str| row.get(field).and_then(toml::Value::as_str);
        Validity { from: bound("from").and_then(from_instant), until: bound("until").and_then(until_instant) }
            .holds(self.now)
    }
}

fn practitioner(id: &str, name: &str) -> Value {
    let uuid = person(id, name);
    let profile = format!("{UK_CORE}Practitioner");
    let mut out = resource("Practitioner", uuid, Some(&profile), None, &[name]);
    put(&mut out, "identifier", json!([{"system": codes::DIRECTORY_ID, "value": format!("{PERSON}{id}")}]));
    put(&mut out, "name", json!([{"text": name}]));
    entry(&urn(uuid), out)
}

fn begin<S: AsRef<str>>(
    section: &str,
    kind: &str,
    profile: Option<&str>,
    row: &Table,
    lines: &[S],
) -> (Uuid, Map<String, Value>) {
    let id = uuid(section, row);
    let profile = profile.map(|name| format!("{UK_CORE}{name}"));
    (id, resource(kind, id, profile.as_deref(), None, lines))
}

/// The same entry always has the same id. Entries of one id differ in when they begin.
fn uuid(section: &str, row: &Table) -> Uuid {
    let key = ["id", "version", "party", "from"].map(|field| of(row, field)).join("|");
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/directory/{section}/{key}", codes::BASE).as_bytes())
}

fn person(id: &str, name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/directory/{PERSON}{id}|{name}", codes::BASE).as_bytes())
}

/// The text of a field, empty where there is none.
fn of<'a>(row: &'a Table, field: &str) -> &'a str {
    row.get(field).and_then(toml::Value::as_str).unwrap_or_default()
}

fn texts<'a>(row: &'a Table, field: &str) -> Vec<&'a str> {
    row.get(field).and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str).collect()
}

/// A period as FHIR has it: a day at its end is in it, as in ours.
fn period(row: &Table) -> Option<Value> {
    let mut out = Map::new();
    put(&mut out, "start", of(row, "from"));
    put(&mut out, "end", of(row, "until"));
    (!out.is_empty()).then_some(Value::Object(out))
}

fn identifier(system: &str, value: &str, row: &Table) -> Value {
    let mut out = Map::new();
    put(&mut out, "system", system);
    put(&mut out, "value", value);
    put(&mut out, "period", period(row));
    Value::Object(out)
}

fn party_identifiers(row: &Table) -> Vec<Value> {
    let ods =
        row.get("ods").map(|_| json!({"system": codes::ODS_ORGANISATION, "value": of(row, "ods").to_uppercase()}));
    std::iter::once(identifier(codes::PARTY_ID, of(row, "id"), row)).chain(ods).collect()
}

fn kind(row: &Table) -> Value {
    let code = of(row, "kind");
    PartyKind::from_code(code).map_or(Value::Null, |_| json!({"coding": [{"system": codes::PARTY_KIND, "code": code}]}))
}

fn telecom(row: &Table) -> Vec<Value> {
    let there = TELECOM.iter().filter(|(field, _)| row.contains_key(*field));
    there.map(|(field, system)| json!({"system": system, "value": of(row, field)})).collect()
}

/// What R4 has no place for, in our extension: flags, the hub, and these texts.
fn own(row: &Table, more: &[&str]) -> Vec<Value> {
    let flag = |field: &str| row.get(field).and_then(toml::Value::as_bool);
    let mut parts: Vec<Value> = Vec::new();
    for (field, url) in [("person_access", "personAccess"), ("fallback", "fallback")] {
        parts.extend(flag(field).map(|value| json!({"url": url, "valueBoolean": value})));
    }
    if row.contains_key("hub") {
        parts.push(json!({"url": "hub", "valueCode": of(row, "hub")}));
    }
    let texts = more.iter().filter(|field| row.contains_key(**field));
    parts.extend(texts.map(|field| json!({"url": field, "valueString": of(row, field)})));
    if parts.is_empty() { Vec::new() } else { vec![json!({"url": codes::DIRECTORY_ENTRY, "extension": parts})] }
}
