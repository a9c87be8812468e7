//! Organisations, the referrer and the service asked for. Administrative resources: no data category, no clinical text.

use serde_json::json;

use super::Writer;
use super::datatypes::{address, name, party_identifiers, telecoms};
use crate::documents::referral::{Organisation, PersonName};
use crate::fhir::build::{logical, put};
use crate::fhir::codes;
use crate::map::referral::codes::{REGISTERS, fhir_code};

impl Writer<'_> {
    /// Organization, Practitioner and PractitionerRole of the referrer, as far as they are known.
    pub(super) fn referrer(&mut self) {
        let referrer = &self.referral.referrer;
        if let Some(organisation) = &referrer.organisation {
            self.organisation("organisation:referrer", organisation);
        }
        let known = referrer.name.is_some() || referrer.registration.is_some();
        if known {
            let lines = [referrer.name.as_ref().map_or_else(|| "Referrer".to_owned(), PersonName::line)];
            let mut out = self.resource("Practitioner", "practitioner", true, None, &lines);
            let register = referrer.registration.as_ref().and_then(|entry| {
                let (system, _) = fhir_code(REGISTERS, entry.body)?;
                Some(json!([{"system": system, "value": entry.number}]))
            });
            put(&mut out, "identifier", register);
            put(&mut out, "name", referrer.name.iter().map(name).collect::<Vec<_>>());
            self.push("practitioner", out);
        }
        if let Some(role) = self.referrer_role() {
            let words = referrer.role.clone().unwrap_or_else(|| "Referrer".to_owned());
            let mut out = self.resource("PractitionerRole", role, true, None, &[words]);
            put(&mut out, "practitioner", known.then(|| self.refer("practitioner")));
            let organisation = referrer.organisation.as_ref().map(|_| self.refer("organisation:referrer"));
            put(&mut out, "organization", organisation);
            put(&mut out, "code", referrer.role.as_ref().map(|role| json!([{"text": role}])));
            put(&mut out, "telecom", telecoms(&referrer.telecoms));
            self.push(role, out);
        }
    }

    /// Role in the message of the referrer's PractitionerRole, where there is anything to say of the referrer but the
    /// organisation. For a self-referral that is whoever helps.
    pub(super) fn referrer_role(&self) -> Option<&'static str> {
        let referrer = &self.referral.referrer;
        let person = referrer.name.is_some() || referrer.registration.is_some() || referrer.role.is_some();
        let helped = referrer.is_self() && referrer.organisation.is_some();
        (person || helped || !referrer.telecoms.is_empty()).then_some("role")
    }

    /// One Organization.
    pub(super) fn organisation(&mut self, role: &str, organisation: &Organisation) {
        let mut out = self.resource("Organization", role, true, None, &[organisation.label()]);
        let identifiers = party_identifiers(organisation.ods.as_ref(), organisation.party.as_ref());
        put(&mut out, "identifier", identifiers);
        put(&mut out, "name", organisation.name.clone());
        put(&mut out, "telecom", telecoms(&organisation.telecoms));
        put(&mut out, "address", organisation.address.iter().map(address).collect::<Vec<_>>());
        self.push(role, out);
    }

    /// HealthcareService: the service asked for. An ODS code belongs to the organisation that provides it.
    pub(super) fn service(&mut self) {
        let Some(service) = &self.referral.service else { return };
        let mut out = self.resource("HealthcareService", "service", true, None, &[service.label()]);
        put(&mut out, "identifier", party_identifiers(None, service.party.as_ref()));
        let provider = service.ods.as_ref().map(|ods| logical(codes::ODS_ORGANISATION, ods.as_str(), service.label()));
        put(&mut out, "providedBy", provider);
        put(&mut out, "name", service.name.clone());
        self.push("service", out);
    }
}
