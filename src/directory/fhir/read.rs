//! Resources to entries. What a resource does not say is left out, and `load` tells of it; what it says beyond the directory
//! is passed over.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::Table;

use super::super::fault::{DirectoryFault, Problem};
use super::super::rows::Rows;
use super::{AGREEMENT, FORMATS, PERSON, PLACE, ROLE, TELECOM};
use crate::fhir::codes;

impl Rows {
    /// The entries a Bundle holds.
    ///
    /// # Errors
    /// It is no Bundle, or has resources in it that are no part of a directory; each of them.
    pub fn from_fhir(bundle: &Value) -> Result<Self, Vec<DirectoryFault>> {
        if text(bundle, "resourceType") != Some("Bundle") {
            return Err(vec![DirectoryFault::new("directory", "", Problem::Unreadable("a FHIR Bundle"))]);
        }
        let reader = Reader::of(bundle);
        let (mut rows, mut faults) = (Self::default(), Vec::new());
        for (number, resource) in reader.resources.iter().enumerate() {
            let (section, row) = match text(resource, "resourceType") {
                Some("Organization") => ("organisation", organisation(resource)),
                Some("HealthcareService") => ("team", reader.team(resource)),
                Some("Location") => ("place", reader.place(resource)),
                Some("PractitionerRole") => ("role", reader.role(resource)),
                Some("Endpoint") => ("endpoint", reader.endpoint(resource)),
                Some("OrganizationAffiliation") => ("agreement", reader.agreement(resource)),
                Some("Practitioner") => continue,
                _ => {
                    faults.push(DirectoryFault::new(
                        format!("Bundle.entry[{number}].resource"),
                        "",
                        Problem::Unreadable(KNOWN),
                    ));
                    continue;
                }
            };
            rows.section_mut(section).into_iter().for_each(|entries| entries.push(toml::Value::Table(row.0.clone())));
        }
        if faults.is_empty() { Ok(rows.normal()) } else { Err(faults) }
    }
}

const KNOWN: &str =
    "an Organization, HealthcareService, Location, Practitioner, PractitionerRole, Endpoint or OrganizationAffiliation";

/// An entry being made.
struct Row(Table);

impl Row {
    fn put(&mut self, field: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.insert(field.to_owned(), value.into());
        }
    }

    fn list(&mut self, field: &str, values: Vec<String>) {
        if !values.is_empty() {
            self.0.insert(field.to_owned(), toml::Value::Array(values.into_iter().map(toml::Value::String).collect()));
        }
    }

    fn period(&mut self, period: Option<&Value>) {
        self.put("from", period.and_then(|period| text(period, "start")));
        self.put("until", period.and_then(|period| text(period, "end")));
    }
}

struct Reader<'a> {
    resources: Vec<&'a Value>,
    at: BTreeMap<String, &'a Value>,
}

impl<'a> Reader<'a> {
    fn of(bundle: &'a Value) -> Self {
        let (mut resources, mut at) = (Vec::new(), BTreeMap::new());
        for entry in list(bundle, "entry") {
            let Some(resource) = entry.get("resource") else { continue };
            resources.push(resource);
            let relative =
                text(resource, "resourceType").zip(text(resource, "id")).map(|(kind, id)| format!("{kind}/{id}"));
            for name in text(entry, "fullUrl").map(str::to_owned).into_iter().chain(relative) {
                at.insert(name, resource);
            }
        }
        Self { resources, at }
    }

    fn team(&self, from: &'a Value) -> Row {
        let mut row = party(from);
        row.put("part_of", self.party(from.get("providedBy")));
        row.put("hub", own(from, "hub").and_then(|part| text(part, "valueCode")));
        row.put("services", text(from, "comment"));
        row.put("opening", text(from, "availabilityExceptions"));
        row
    }

    fn place(&self, from: &'a Value) -> Row {
        let mut row = Row(Table::new());
        row.put("id", entry_id(from, PLACE));
        row.put("of", self.listing(from, "location").or_else(|| self.party(from.get("managingOrganization"))));
        row.put("name", text(from, "name"));
        let address = from.get("address");
        let lines = address.into_iter().flat_map(|address| list(address, "line")).filter_map(Value::as_str);
        row.list("address", lines.map(str::to_owned).collect());
        row.put("postcode", address.and_then(|address| text(address, "postalCode")));
        row.period(identifiers(from, codes::DIRECTORY_ID).next().and_then(|identifier| identifier.get("period")));
        row
    }

    fn role(&self, from: &'a Value) -> Row {
        let mut row = Row(Table::new());
        row.put("id", entry_id(from, ROLE));
        let person = self.follow(from.get("practitioner"));
        row.put("person", person.and_then(|person| entry_id(person, PERSON)));
        let name = person.and_then(|person| list(person, "name").next());
        row.put("name", name.and_then(|name| text(name, "text")));
        row.put("employer", self.party(from.get("organization")));
        row.put("team", self.party(list(from, "healthcareService").next()));
        let code = list(from, "code").next();
        let job = code.into_iter().flat_map(|code| list(code, "coding"));
        let job = job.into_iter().find(|coding| text(coding, "system") == Some(codes::SDS_JOB_ROLE));
        row.put("code", job.and_then(|coding| text(coding, "code")));
        row.put("title", code.and_then(|code| text(code, "text")));
        row.period(from.get("period"));
        row
    }

    fn endpoint(&self, from: &'a Value) -> Row {
        let mut row = Row(Table::new());
        row.put("party", self.listing(from, "endpoint").or_else(|| self.party(from.get("managingOrganization"))));
        row.put("url", text(from, "address"));
        let media_type = list(from, "payloadMimeType").next().and_then(Value::as_str);
        row.put("format", FORMATS.iter().find(|(_, known)| Some(*known) == media_type).map(|(code, _)| *code));
        row.period(from.get("period"));
        row
    }

    fn agreement(&self, from: &'a Value) -> Row {
        let mut row = Row(Table::new());
        row.put("id", entry_id(from, AGREEMENT));
        let terms: Vec<&Value> =
            extension(from, codes::AGREEMENT_TERMS).map(|terms| list(terms, "extension").collect()).unwrap_or_default();
        let of =
            |url: &str| terms.iter().filter(move |part| text(part, "url") == Some(url)).copied().collect::<Vec<_>>();
        row.put("version", of("version").first().and_then(|part| text(part, "valueString")));
        row.list(
            "purposes",
            of("purpose").iter().filter_map(|part| text(part, "valueCode")).map(str::to_owned).collect(),
        );
        let parties = ["organization", "participatingOrganization"].map(|field| self.party(from.get(field)));
        row.list("between", parties.into_iter().flatten().map(str::to_owned).collect());
        let codings = list(from, "code").flat_map(|code| list(code, "coding"));
        let ours = codings.filter(|coding| text(coding, "system") == Some(codes::DATA_CATEGORY));
        row.list("categories", ours.filter_map(|coding| text(coding, "code")).map(str::to_owned).collect());
        row.period(from.get("period"));
        row
    }

    /// The team that lists a resource, by the reference it has in the bundle.
    fn listing(&self, resource: &Value, field: &str) -> Option<&'a str> {
        let teams = self.resources.iter().filter(|team| text(team, "resourceType") == Some("HealthcareService"));
        let mut holding = teams.filter(|team| {
            list(team, field)
                .any(|reference| self.follow(Some(reference)).is_some_and(|found| std::ptr::eq(found, resource)))
        });
        holding.next().and_then(|team| party_id(team))
    }

    fn follow(&self, reference: Option<&Value>) -> Option<&'a Value> {
        self.at.get(text(reference?, "reference")?).copied()
    }

    /// The directory id of the party a reference names, or leads to.
    fn party(&self, reference: Option<&'a Value>) -> Option<&'a str> {
        let named = reference.and_then(|reference| reference.get("identifier"));
        let named = named.filter(|identifier| text(identifier, "system") == Some(codes::PARTY_ID));
        named.and_then(|identifier| text(identifier, "value")).or_else(|| party_id(self.follow(reference)?))
    }
}

fn organisation(from: &Value) -> Row {
    let mut row = party(from);
    for field in ["opening", "services"] {
        row.put(field, own(from, field).and_then(|part| text(part, "valueString")));
    }
    row
}

/// What organisations and teams have in common.
fn party(from: &Value) -> Row {
    let mut row = Row(Table::new());
    row.put("id", party_id(from));
    row.put("ods", identifiers(from, codes::ODS_ORGANISATION).next().and_then(|identifier| text(identifier, "value")));
    row.put("name", text(from, "name"));
    let codings = list(from, "type").flat_map(|kind| list(kind, "coding"));
    let kind = codings.into_iter().find(|coding| text(coding, "system") == Some(codes::PARTY_KIND));
    row.put("kind", kind.and_then(|coding| text(coding, "code")));
    for (field, system) in TELECOM {
        let point = list(from, "telecom").find(|point| text(point, "system") == Some(system));
        row.put(field, point.and_then(|point| text(point, "value")));
    }
    for (field, part) in [("person_access", "personAccess"), ("fallback", "fallback")] {
        if let Some(flag) = own(from, part).and_then(|part| part.get("valueBoolean")?.as_bool()) {
            row.0.insert(field.to_owned(), flag.into());
        }
    }
    row.period(identifiers(from, codes::PARTY_ID).next().and_then(|identifier| identifier.get("period")));
    row
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn identifiers<'a>(from: &'a Value, system: &str) -> impl Iterator<Item = &'a Value> {
    list(from, "identifier").filter(move |identifier| text(identifier, "system") == Some(system))
}

fn party_id(from: &Value) -> Option<&str> {
    identifiers(from, codes::PARTY_ID).next().and_then(|identifier| text(identifier, "value"))
}

/// The id of an entry: the value of its identifier after the section.
fn entry_id<'a>(from: &'a Value, section: &str) -> Option<&'a str> {
    identifiers(from, codes::DIRECTORY_ID).find_map(|identifier| text(identifier, "value")?.strip_prefix(section))
}

fn extension<'a>(from: &'a Value, url: &str) -> Option<&'a Value> {
    list(from, "extension").find(|extension| text(extension, "url") == Some(url))
}

/// A part of our extension.
fn own<'a>(from: &'a Value, part: &str) -> Option<&'a Value> {
    list(extension(from, codes::DIRECTORY_ENTRY)?, "extension").find(|inner| text(inner, "url") == Some(part))
}
