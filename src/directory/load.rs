//! Turns the entries of a directory into a [`Directory`], or into the list of everything that is wrong with it.
//! Reads no file; asks nobody whether an organisation exists.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::detail::{Details, Place, StaffRole};
use super::endpoint::{EndpointFormat, FhirEndpoint, address};
use super::entry::Entry;
use super::fault::{DirectoryFault, Problem, is_name};
use super::rows::Rows;
use super::secret::SecretHash;
use super::sections::{named, names};
use super::shapes::{is_email, is_job_role, is_postcode, is_telephone, is_website};
use super::validity::Validity;
use super::{Client, CrisisContact, Dated, Directory, PortalUser};
use crate::model::{Agreement, DataCategory, OdsCode, Party, PartyId, PartyKind, Purpose, Sector};

/// Loads a directory.
///
/// # Errors
/// Every fault of the entries, in the order of the sections.
pub(super) fn load(rows: Rows) -> Result<Directory, Vec<DirectoryFault>> {
    let root = &rows.0;
    let mut loader = Loader::new(root);
    for (read, section) in [
        (Loader::organisation as Reader, "organisation"),
        (Loader::team, "team"),
        (Loader::place, "place"),
        (Loader::role, "role"),
        (Loader::endpoint, "endpoint"),
        (Loader::agreement, "agreement"),
        (Loader::client, "client"),
        (Loader::portal_user, "portal_user"),
        (Loader::crisis_contact, "crisis_contact"),
    ] {
        let mut faults = Vec::new();
        for (number, table) in tables(root, section, &mut faults) {
            read(&mut loader, Entry::new(section, number, table, &mut faults));
        }
        loader.faults.append(&mut faults);
    }
    let Loader { mut directory, faults, .. } = loader;
    if !faults.is_empty() {
        return Err(faults);
    }
    directory.rows = rows;
    Ok(directory)
}

type Reader = for<'a, 'b> fn(&'a mut Loader, Entry<'b>);

struct Loader {
    directory: Directory,
    faults: Vec<DirectoryFault>,
    /// Ids of every organisation and team entry, faulty ones included, so that one fault does not seem to be many.
    organisations: BTreeSet<PartyId>,
    teams: BTreeSet<PartyId>,
    /// Who holds which ODS code when.
    codes: Vec<(OdsCode, Validity, String)>,
    /// Which entry first used an agreement version, client id or user name.
    used: BTreeMap<(&'static str, String), String>,
    /// What may be in force once at a time: who has it (an id, or whose endpoint it is), when, and in which entry.
    periods: BTreeMap<(&'static str, String), Vec<(Validity, String)>>,
}

impl Loader {
    fn new(root: &Table) -> Self {
        let ids = |section: &str| {
            let entries = root.get(section).and_then(Value::as_array).into_iter().flatten();
            entries.filter_map(|entry| PartyId::parse(entry.get("id")?.as_str()?)).collect()
        };
        let faults = root
            .keys()
            .filter(|key| named(key).is_none())
            .map(|key| if is_name(key) { key.as_str() } else { "an unknown section" })
            .map(|key| DirectoryFault::new(key, "", Problem::UnknownSection(names())))
            .collect();
        Self {
            directory: Directory::default(),
            faults,
            organisations: ids("organisation"),
            teams: ids("team"),
            codes: Vec::new(),
            used: BTreeMap::new(),
            periods: BTreeMap::new(),
        }
    }

    fn organisation(&mut self, mut entry: Entry<'_>) {
        self.party(&mut entry, None, None);
        entry.finish();
    }

    fn team(&mut self, mut entry: Entry<'_>) {
        let part_of = entry.id("part_of");
        if let Some(id) = &part_of {
            self.organisation_known(&mut entry, "part_of", id);
        }
        let hub = self.known_team(&mut entry, "hub");
        self.party(&mut entry, part_of, hub);
        entry.finish();
    }

    fn party(&mut self, entry: &mut Entry<'_>, part_of: Option<PartyId>, hub: Option<PartyId>) {
        let id = entry.id("id");
        let name = entry.required("name").map(str::to_owned);
        let kind = entry.required("kind");
        let kind = entry.read("kind", kind, Problem::Code(kind_codes()), organisation_kind);
        let ods = entry.optional("ods");
        let ods = entry.read("ods", ods, Problem::Ods, OdsCode::parse);
        let person_access = entry.flag("person_access");
        let details = details(entry, hub);
        let validity = entry.validity();
        if details.hub.is_some() && details.hub == id {
            entry.fault("hub", Problem::Itself);
        }
        if details.fallback {
            self.once_at_a_time(entry, "fallback", ("fallback", String::new()), validity);
        }
        if let Some(id) = &id {
            // One party may be renamed, move or become another kind: its entries follow upon each other.
            self.once_at_a_time(entry, "id", ("party", id.to_string()), validity);
        }
        if let Some(ods) = &ods {
            // An ODS code may pass from one entry to its successor, but never name two parties at one time.
            let clash = self.codes.iter().find(|(code, period, _)| code == ods && period.overlaps(&validity));
            if let Some((_, _, holder)) = clash {
                entry.fault("ods", Problem::Duplicate(holder.clone()));
            }
            self.codes.push((ods.clone(), validity, entry.label.clone()));
        }
        if let (Some(id), Some(name), Some(kind)) = (id, name, kind) {
            let party = Party { id, name, kind, ods, part_of, person_access };
            self.directory.add(party, details, validity);
        }
    }

    fn place(&mut self, mut entry: Entry<'_>) {
        let id = entry.id("id");
        let of = self.known_party(&mut entry, "of");
        let name = entry.required("name").map(str::to_owned);
        let lines = if entry.has("address") { entry.list("address") } else { entry.none("address") };
        let address = lines.into_iter().map(|(_, line)| line.to_owned()).collect();
        let postcode = entry.shaped("postcode", "a postcode: LE1 1AA", is_postcode);
        let validity = entry.validity();
        if let Some(id) = &id {
            self.once_at_a_time(&mut entry, "id", ("place", id.to_string()), validity);
        }
        if let (Some(id), Some(of), Some(name)) = (id, of, name) {
            let value = Place { id, of, name, address, postcode };
            self.directory.places.push(Dated { value, validity });
        }
        entry.finish();
    }

    fn role(&mut self, mut entry: Entry<'_>) {
        let (id, person) = (entry.id("id"), entry.id("person"));
        let name = entry.required("name").map(str::to_owned);
        let employer = entry.id("employer");
        if let Some(id) = &employer {
            self.organisation_known(&mut entry, "employer", id);
        }
        let team = self.known_team(&mut entry, "team");
        let code = entry.shaped("code", "a code of an NHS job role: R0010", is_job_role);
        let title = entry.required("title").map(str::to_owned);
        let validity = entry.validity();
        if let Some(id) = &id {
            self.once_at_a_time(&mut entry, "id", ("role", id.to_string()), validity);
        }
        let parts = (id, person, name, employer, title);
        if let (Some(id), Some(person), Some(name), Some(employer), Some(title)) = parts {
            let value = StaffRole { id, person, name, employer, team, code, title };
            self.directory.roles.push(Dated { value, validity });
        }
        entry.finish();
    }

    fn endpoint(&mut self, mut entry: Entry<'_>) {
        let party = self.known_party(&mut entry, "party");
        let url = entry.required("url").and_then(|text| match address(text) {
            Ok(url) => Some(url),
            Err(problem) => {
                entry.fault("url", problem);
                None
            }
        });
        let format = entry.optional("format");
        let format = entry
            .read("format", format, Problem::Code("json, xml".to_owned()), EndpointFormat::from_code)
            .unwrap_or_default();
        let validity = entry.validity();
        if let Some(party) = &party {
            self.once_at_a_time(&mut entry, "party", ("endpoint", party.to_string()), validity);
        }
        if let (Some(party), Some(url)) = (party, url) {
            let dated = Dated { value: FhirEndpoint { url, format }, validity };
            self.directory.endpoints.entry(party).or_default().push(dated);
        }
        entry.finish();
    }

    fn agreement(&mut self, mut entry: Entry<'_>) {
        let id = entry.required("id").map(str::to_owned);
        let version = entry.required("version").map(str::to_owned);
        if let (Some(id), Some(version)) = (&id, &version) {
            self.unique(&mut entry, "version", "agreement", format!("{id} {version}"));
        }
        let between = self.signatories(&mut entry);
        let purposes = entry.codes("purposes", "direct-care, message-outcome", |code| {
            Value::String(code.to_owned()).try_into::<Purpose>().ok()
        });
        let categories = entry.codes("categories", &category_codes(), DataCategory::from_code);
        let validity = entry.validity();
        if !entry.has("from") {
            // An agreement without a date of signature cannot be relied upon (CS-18).
            entry.fault("from", Problem::Missing);
        }
        if let (Some(id), Some(version), Some(between), Some(from)) = (id, version, between, validity.from) {
            let until = validity.until;
            self.directory.agreements.push(Agreement { id, version, between, purposes, categories, from, until });
        }
        entry.finish();
    }

    fn signatories(&self, entry: &mut Entry<'_>) -> Option<[PartyId; 2]> {
        let mut named = Vec::new();
        let listed = entry.list("between");
        let count = listed.len();
        for (place, text) in listed {
            match PartyId::parse(text) {
                Some(id) => {
                    self.organisation_known(entry, &place, &id);
                    named.push(id);
                }
                None => entry.fault(&place, Problem::Id),
            }
        }
        match <[PartyId; 2]>::try_from(named) {
            Ok([a, b]) if a != b && count == 2 => Some([a, b]),
            _ if count == 0 => None,
            _ => {
                entry.fault("between", Problem::NotTwo);
                None
            }
        }
    }

    fn client(&mut self, mut entry: Entry<'_>) {
        let id = entry.login("id");
        let secret_hash = secret(&mut entry, "secret_hash");
        let party = self.known_party(&mut entry, "party");
        let validity = entry.validity();
        if let Some(id) = &id {
            self.unique(&mut entry, "id", "client", id.clone());
        }
        if let (Some(id), Some(secret_hash), Some(party)) = (id, secret_hash, party) {
            let dated = Dated { value: Client { id: id.clone(), secret_hash, party }, validity };
            self.directory.clients.insert(id, dated);
        }
        entry.finish();
    }

    fn portal_user(&mut self, mut entry: Entry<'_>) {
        let name = entry.login("name");
        let display = entry.required("display").map(str::to_owned);
        let password_hash = secret(&mut entry, "password_hash");
        let party = self.known_party(&mut entry, "party");
        let validity = entry.validity();
        if let Some(name) = &name {
            self.unique(&mut entry, "name", "portal user", name.clone());
        }
        if let (Some(name), Some(display), Some(password_hash), Some(party)) = (name, display, password_hash, party) {
            let user = PortalUser { name: name.clone(), display, password_hash, party };
            self.directory.portal_users.insert(name, Dated { value: user, validity });
        }
        entry.finish();
    }

    fn crisis_contact(&mut self, mut entry: Entry<'_>) {
        let (name, how) = (entry.required("name"), entry.required("how"));
        if let (Some(name), Some(how)) = (name, how) {
            self.directory.crisis_contacts.push(CrisisContact { name: name.to_owned(), how: how.to_owned() });
        }
        entry.finish();
    }

    fn known_party(&self, entry: &mut Entry<'_>, field: &'static str) -> Option<PartyId> {
        let id = entry.id(field)?;
        if !self.organisations.contains(&id) && !self.teams.contains(&id) {
            entry.fault(field, Problem::UnknownParty);
        }
        Some(id)
    }

    fn organisation_known(&self, entry: &mut Entry<'_>, field: &str, id: &PartyId) {
        if self.organisations.contains(id) {
            return;
        }
        let team = self.teams.contains(id);
        entry.fault(field, if team { Problem::NotAnOrganisation } else { Problem::UnknownParty });
    }

    /// A team that need not be named.
    fn known_team(&self, entry: &mut Entry<'_>, field: &'static str) -> Option<PartyId> {
        let text = entry.optional(field);
        let id = entry.read(field, text, Problem::Id, PartyId::parse)?;
        if !self.teams.contains(&id) {
            let organisation = self.organisations.contains(&id);
            entry.fault(field, if organisation { Problem::NotATeam } else { Problem::UnknownParty });
        }
        Some(id)
    }

    /// Notes a period in which something is in force that may be so once at a time.
    fn once_at_a_time(&mut self, entry: &mut Entry<'_>, field: &str, what: (&'static str, String), validity: Validity) {
        let periods = self.periods.entry(what).or_default();
        if let Some((_, other)) = periods.iter().find(|(period, _)| period.overlaps(&validity)) {
            entry.fault(field, Problem::Overlap(other.clone()));
        }
        periods.push((validity, entry.label.clone()));
    }

    fn unique(&mut self, entry: &mut Entry<'_>, field: &str, space: &'static str, key: String) {
        if let Some(first) = self.used.get(&(space, key.clone())) {
            entry.fault(field, Problem::Duplicate(first.clone()));
        } else {
            self.used.insert((space, key), entry.label.clone());
        }
    }
}

fn secret(entry: &mut Entry<'_>, field: &'static str) -> Option<SecretHash> {
    let text = entry.required(field);
    entry.read(field, text, Problem::Hash, SecretHash::parse)
}

fn tables<'a>(root: &'a Table, section: &'static str, faults: &mut Vec<DirectoryFault>) -> Vec<(usize, &'a Table)> {
    let wrong = || Problem::Type("a list of tables: begin each entry with the section in double square brackets");
    let entries = match root.get(section) {
        None => return Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            faults.push(DirectoryFault::new(section, "", wrong()));
            return Vec::new();
        }
    };
    let mut found = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        match entry.as_table() {
            Some(table) => found.push((number, table)),
            None => faults.push(DirectoryFault::new(format!("{section} {number}"), "", wrong())),
        }
    }
    found
}

/// What every party may say of itself.
fn details(entry: &mut Entry<'_>, hub: Option<PartyId>) -> Details {
    Details {
        fallback: entry.flag("fallback").unwrap_or_default(),
        telephone: entry.shaped("telephone", "a telephone number: digits, spaces, brackets and +", is_telephone),
        email: entry.shaped("email", "an e-mail address", is_email),
        website: entry.shaped("website", "an address that begins with https:// or http://", is_website),
        opening: entry.optional("opening").map(str::to_owned),
        services: entry.optional("services").map(str::to_owned),
        hub,
    }
}

/// The kinds an entry may be of: people are recipients of a decision, and no entries.
fn organisation_kind(code: &str) -> Option<PartyKind> {
    PartyKind::from_code(code).filter(|kind| kind.sector() != Sector::Personal)
}

fn kind_codes() -> String {
    let kinds = PartyKind::ALL.iter().map(|kind| kind.code()).filter(|code| organisation_kind(code).is_some());
    kinds.collect::<Vec<_>>().join(", ")
}

fn category_codes() -> String {
    DataCategory::ALL.iter().map(|category| category.code()).collect::<Vec<_>>().join(", ")
}
