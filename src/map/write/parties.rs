//! Organisations and professionals. Administrative resources: no data category, no clinical text.

use serde_json::json;

use super::Entries;
use super::datatypes::{address, name, party_identifiers, telecoms};
use crate::documents::parts::{Author, Organisation, PersonName};
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::code_table::{REGISTERS, fhir_code};

/// Roles in the bundle of the resources that stand for one professional, and the words where there is no name.
pub(in crate::map) struct Roles {
    pub(in crate::map) organisation: &'static str,
    pub(in crate::map) practitioner: &'static str,
    pub(in crate::map) role: &'static str,
    pub(in crate::map) words: &'static str,
}

impl Entries {
    /// Organization, Practitioner and PractitionerRole of a professional, as far as they are known. `as_role` says
    /// whether a PractitionerRole is wanted.
    pub(in crate::map) fn professional(&mut self, who: &Author, roles: &Roles, as_role: bool) {
        if let Some(organisation) = &who.organisation {
            self.organisation(roles.organisation, organisation);
        }
        let known = who.name.is_some() || who.registration.is_some();
        if known {
            let lines = [who.name.as_ref().map_or_else(|| roles.words.to_owned(), PersonName::line)];
            let mut out = self.resource("Practitioner", roles.practitioner, true, None, &lines);
            let register = who.registration.as_ref().and_then(|entry| {
                let (system, _) = fhir_code(REGISTERS, entry.body)?;
                Some(json!([{"system": system, "value": entry.number}]))
            });
            put(&mut out, "identifier", register);
            put(&mut out, "name", who.name.iter().map(name).collect::<Vec<_>>());
            self.push(roles.practitioner, out);
        }
        if as_role {
            let words = who.role.clone().unwrap_or_else(|| roles.words.to_owned());
            let mut out = self.resource("PractitionerRole", roles.role, true, None, &[words]);
            put(&mut out, "practitioner", known.then(|| self.refer(roles.practitioner)));
            let organisation = who.organisation.as_ref().map(|_| self.refer(roles.organisation));
            put(&mut out, "organization", organisation);
            put(&mut out, "code", who.role.as_ref().map(|role| json!([{"text": role}])));
            put(&mut out, "telecom", telecoms(&who.telecoms));
            self.push(roles.role, out);
        }
    }

    /// One Organization.
    pub(in crate::map) fn organisation(&mut self, role: &str, organisation: &Organisation) {
        let mut out = self.resource("Organization", role, true, None, &[organisation.label()]);
        let identifiers = party_identifiers(organisation.ods.as_ref(), organisation.party.as_ref());
        put(&mut out, "identifier", identifiers);
        let sector = organisation.sector.map(|sector| json!([concept(codes::SECTOR, sector.code(), sector.title())]));
        put(&mut out, "type", sector);
        put(&mut out, "name", organisation.name.clone());
        put(&mut out, "telecom", telecoms(&organisation.telecoms));
        put(&mut out, "address", organisation.address.iter().map(address).collect::<Vec<_>>());
        self.push(role, out);
    }
}
