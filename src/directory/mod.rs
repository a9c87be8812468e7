//! Organisations, teams, how they receive, who may call for them and what they have agreed to share: data with
//! validity dates, never constants (`routing-and-clocks.md`, "Directory"). Answers questions about one moment, `now`;
//! what has expired is absent. Reads no file, verifies no secret, decides no release and no route.

mod csv;
mod detail;
mod edit;
mod endpoint;
mod entry;
mod entry_change;
mod fault;
mod fhir;
mod left;
mod load;
mod rows;
mod secret;
mod sections;
mod shapes;
mod validity;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Agreement, OdsCode, Party, PartyId, PartyKind};

pub use detail::{Details, Place, StaffRole};
pub use endpoint::{Delivery, EndpointFormat, FhirEndpoint};
pub use entry_change::{EntryChange, PlaceChange, Receives, RoleChange};
pub use fault::{DirectoryFault, Problem};
pub use rows::{Rows, Share};
pub use secret::SecretHash;
pub use validity::Validity;

/// The made-up Leicester-like directory of the demonstration. Its secrets are public, so nothing but `demo` uses it.
pub const DEMO: &str = include_str!("../../profiles/rules/demo-directory.toml");

/// A system that may call the gateway for a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    pub secret_hash: SecretHash,
    pub party: PartyId,
}

/// A person who may sign in to the portal for a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUser {
    /// What the person signs in with.
    pub name: String,
    /// What the pages call the person.
    pub display: String,
    pub password_hash: SecretHash,
    pub party: PartyId,
}

/// Where anybody turns in a crisis; printed on what people read (`cmht-documents.md`, "Contacts in a crisis").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrisisContact {
    pub name: String,
    /// How to reach it, in words for the person: "Ring 116 123, free, day and night".
    pub how: String,
}

#[derive(Debug, Clone)]
struct Dated<T> {
    value: T,
    validity: Validity,
}

impl<T> Dated<T> {
    fn at(&self, now: Timestamp) -> Option<&T> {
        self.validity.holds(now).then_some(&self.value)
    }
}

/// Where the directory of now is to be had: it may be another one at the next question.
pub trait CurrentDirectory: std::fmt::Debug + Send + Sync {
    /// The directory of now.
    fn directory(&self) -> Arc<Directory>;
}

/// The directory. Loaded once, whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// In the order of the file, organisations first; every team's organisation is among them. A party has one entry for
    /// each time it was something else.
    parties: Vec<Dated<(Party, Details)>>,
    /// Where the entries of a party are.
    places_of: BTreeMap<PartyId, Vec<usize>>,
    places: Vec<Dated<Place>>,
    roles: Vec<Dated<StaffRole>>,
    endpoints: BTreeMap<PartyId, Vec<Dated<FhirEndpoint>>>,
    agreements: Vec<Agreement>,
    clients: BTreeMap<String, Dated<Client>>,
    portal_users: BTreeMap<String, Dated<PortalUser>>,
    crisis_contacts: Vec<CrisisContact>,
    /// All of it as entries, secrets included.
    rows: Rows,
}

impl Directory {
    /// Loads a directory from the text of its TOML file.
    ///
    /// # Errors
    /// Every fault at once, by entry and field, without values.
    pub fn from_toml(text: &str) -> Result<Self, Vec<DirectoryFault>> {
        load::load(Rows::from_toml(text)?)
    }

    /// Loads a directory from its entries.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    pub fn from_rows(rows: Rows) -> Result<Self, Vec<DirectoryFault>> {
        load::load(rows)
    }

    /// The text of the directory as it is kept: whole, with the hashes of secrets. It is for nobody's eyes.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.rows.to_toml()
    }

    /// What may be given away of it.
    #[must_use]
    pub fn shared(&self, share: Share) -> Rows {
        self.rows.shared(share)
    }

    /// The directory with what an import brings: sections the import has take the place of those there are, and nobody
    /// who may call or sign in goes or loses their secret by it.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn with_import(&self, import: Rows) -> Result<Self, Vec<DirectoryFault>> {
        load::load(self.rows.with_import(import))
    }

    /// The directory with what somebody changed in its file, and what was changed here meanwhile.
    ///
    /// # Errors
    /// The two changes do not go together; every fault that comes of it.
    pub fn with_file(&self, before: &Self, file: &Self) -> Result<Self, Vec<DirectoryFault>> {
        load::load(self.rows.with_file(&before.rows, &file.rows))
    }

    /// The same directory with one party reached at another address from now on, in the format it had: for the
    /// demonstration and tests, whose listeners get their ports when they start.
    ///
    /// # Errors
    /// The party is in no entry, or the address is one no file may hold either.
    pub fn with_endpoint(mut self, party: &PartyId, url: &str) -> Result<Self, DirectoryFault> {
        let fault = |field: &str, problem| DirectoryFault::new(format!("endpoint of {party}"), field, problem);
        if !self.places_of.contains_key(party) {
            return Err(fault("party", Problem::UnknownParty));
        }
        let url = endpoint::address(url).map_err(|problem| fault("url", problem))?;
        let entries = self.endpoints.entry(party.clone()).or_default();
        let format = entries.last().map(|entry| entry.value.format).unwrap_or_default();
        let row = [("party", party.as_str()), ("url", &url), ("format", format.code())];
        let row = row.map(|(field, value)| (field.to_owned(), toml::Value::from(value)));
        if let Some(rows) = self.rows.section_mut("endpoint") {
            rows.retain(|entry| entry.get("party").and_then(toml::Value::as_str) != Some(party.as_str()));
            rows.push(toml::Value::Table(row.into_iter().collect()));
        }
        *entries = vec![Dated { value: FhirEndpoint { url, format }, validity: Validity::default() }];
        Ok(self)
    }

    /// Every party there is at `now`, organisations first. A team goes with its organisation.
    pub fn parties(&self, now: Timestamp) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter_map(move |entry| self.present(entry, now))
    }

    /// The party with this id.
    #[must_use]
    pub fn party(&self, id: &PartyId, now: Timestamp) -> Option<&Party> {
        self.entries(id).find_map(|entry| self.present(entry, now))
    }

    /// The party with this ODS code.
    #[must_use]
    pub fn by_ods(&self, ods: &OdsCode, now: Timestamp) -> Option<&Party> {
        self.parties(now).find(|party| party.ods.as_ref() == Some(ods))
    }

    /// Parties of one kind, in the order of the file.
    pub fn of_kind(&self, kind: PartyKind, now: Timestamp) -> impl Iterator<Item = &Party> {
        self.parties(now).filter(move |party| party.kind == kind)
    }

    /// Agreements in force between the organisations of two parties (CS-04, CS-18). None when either is not there.
    #[must_use]
    pub fn agreements_between(&self, a: &PartyId, b: &PartyId, now: Timestamp) -> Vec<Agreement> {
        let organisation = |id| Some(self.party(id, now)?.organisation());
        let Some((a, b)) = organisation(a).zip(organisation(b)) else { return Vec::new() };
        self.agreements.iter().filter(|entry| entry.in_force(now) && entry.joins(a, b)).cloned().collect()
    }

    /// What keeps this directory from serving the party that runs the gateway at `now`: that party is in it, and so are
    /// an access point (L478) and a crisis team (L540), without which a referral could go nowhere. Empty when all is there.
    #[must_use]
    pub fn unfit_for(&self, own: &PartyId, now: Timestamp) -> Vec<DirectoryFault> {
        let mut faults = Vec::new();
        if self.party(own, now).is_none() {
            faults.push(DirectoryFault::new("party", "", Problem::Absent));
        }
        for (kind, title) in [(PartyKind::AccessPoint, "an access point"), (PartyKind::Crht, "a crisis team")] {
            if self.of_kind(kind, now).next().is_none() {
                let entry = format!("{title} (kind {})", kind.code());
                faults.push(DirectoryFault::new(entry, "", Problem::NoneOfKind));
            }
        }
        faults
    }

    /// How a party receives: at its own endpoint, else at its organisation's, else in its inbox here.
    #[must_use]
    pub fn delivery(&self, id: &PartyId, now: Timestamp) -> Delivery<'_> {
        let endpoint = |id: &PartyId| self.endpoints.get(id)?.iter().find_map(|entry| entry.at(now));
        let parent = || endpoint(self.party(id, now)?.part_of.as_ref()?);
        endpoint(id).or_else(parent).map_or(Delivery::Inbox, Delivery::Fhir)
    }

    /// The client with this id, while both it and its party are there.
    #[must_use]
    pub fn client(&self, id: &str, now: Timestamp) -> Option<&Client> {
        let client = self.clients.get(id)?.at(now)?;
        self.party(&client.party, now).map(|_| client)
    }

    /// The portal user with this name, while both the person and the party are there.
    #[must_use]
    pub fn portal_user(&self, name: &str, now: Timestamp) -> Option<&PortalUser> {
        let user = self.portal_users.get(name)?.at(now)?;
        self.party(&user.party, now).map(|_| user)
    }

    /// Where anybody turns in a crisis, in the order of the file.
    #[must_use]
    pub fn crisis_contacts(&self) -> &[CrisisContact] {
        &self.crisis_contacts
    }

    fn add(&mut self, party: Party, details: Details, validity: Validity) {
        self.places_of.entry(party.id.clone()).or_default().push(self.parties.len());
        self.parties.push(Dated { value: (party, details), validity });
    }

    fn entries(&self, id: &PartyId) -> impl Iterator<Item = &Dated<(Party, Details)>> {
        self.places_of.get(id).into_iter().flatten().filter_map(|at| self.parties.get(*at))
    }

    fn present<'a>(&'a self, entry: &'a Dated<(Party, Details)>, now: Timestamp) -> Option<&'a Party> {
        let (party, _) = entry.at(now)?;
        let parent_there = |id| self.entries(id).any(|parent| parent.validity.holds(now));
        party.part_of.as_ref().is_none_or(parent_there).then_some(party)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_change;
