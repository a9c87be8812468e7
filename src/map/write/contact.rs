//! Contacts in a crisis and people to be informed or not, one resource each: a professional is a PractitionerRole, a
//! service a HealthcareService, an organisation an Organization, anybody else a RelatedPerson.

use serde_json::{Map, Value, json};

use super::Entries;
use super::datatypes::{party_identifiers, telecoms};
use crate::documents::parts::{Contact, Informed, PersonName, RelatedPerson};
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::extensions;
use crate::model::DataCategory;

impl Entries {
    /// A professional or a service to turn to.
    pub(in crate::map) fn contact(&mut self, role: &str, contact: &Contact, category: DataCategory) {
        let kind = json!([concept(codes::CONTACT_KIND, contact.kind.code(), contact.kind.title())]);
        let lines = [contact.line()];
        let identifiers = party_identifiers(contact.ods.as_ref(), contact.party.as_ref());
        let at = |identifiers: Vec<Value>| identifiers.into_iter().next().map(|one| json!({"identifier": one}));
        let out = if contact.kind.is_professional() {
            let mut out = self.resource("PractitionerRole", role, true, Some(category), &lines);
            put(&mut out, "extension", note(contact.notes.as_deref()));
            put(&mut out, "practitioner", contact.name.as_ref().map(|name| json!({"display": name})));
            put(&mut out, "organization", at(identifiers));
            put(&mut out, "code", kind);
            put(&mut out, "telecom", telecoms(&contact.telecoms));
            put(&mut out, "availabilityExceptions", contact.available.clone());
            out
        } else {
            let mut out = self.resource("HealthcareService", role, true, Some(category), &lines);
            put(&mut out, "identifier", party_identifiers(None, contact.party.as_ref()));
            put(&mut out, "providedBy", contact.ods.as_ref().and_then(|ods| at(party_identifiers(Some(ods), None))));
            put(&mut out, "type", kind);
            put(&mut out, "name", contact.name.clone());
            put(&mut out, "comment", contact.notes.clone());
            put(&mut out, "telecom", telecoms(&contact.telecoms));
            put(&mut out, "availabilityExceptions", contact.available.clone());
            out
        };
        self.push_item(role, out);
    }

    /// Somebody named in a list of people to be informed or not.
    pub(in crate::map) fn informed(&mut self, role: &str, who: &Informed, category: DataCategory) {
        if !who.is_organisation() {
            let name = who.name.as_ref().map(|name| PersonName { text: Some(name.clone()), ..PersonName::default() });
            let person = RelatedPerson {
                name,
                relationship: who.relationship.clone(),
                telecoms: who.telecoms.clone(),
                notes: who.notes.clone(),
                ..RelatedPerson::default()
            };
            self.related(role, &person, None, category);
            return;
        }
        let mut out: Map<String, Value> = self.resource("Organization", role, true, Some(category), &[who.line()]);
        put(&mut out, "extension", note(who.notes.as_deref()));
        put(&mut out, "identifier", party_identifiers(who.ods.as_ref(), who.party.as_ref()));
        put(&mut out, "name", who.name.clone());
        put(&mut out, "telecom", telecoms(&who.telecoms));
        self.push_item(role, out);
    }
}

fn note(text: Option<&str>) -> Option<Value> {
    text.map(|text| json!([{"url": extensions::CONTACT_NOTE, "valueString": text}]))
}
