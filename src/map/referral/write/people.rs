//! The referrer, the service asked for, and the people around the person.

use super::Writer;
use crate::documents::parts::{Known, RelatedPerson};
use crate::fhir::build::{logical, put};
use crate::fhir::codes;
use crate::map::write::datatypes::party_identifiers;
use crate::map::write::parties::Roles;
use crate::model::DataCategory;

/// How the referrer's resources are called in the message.
const REFERRER: Roles =
    Roles { organisation: "organisation:referrer", practitioner: "practitioner", role: "role", words: "Referrer" };

impl Writer<'_> {
    /// Organization, Practitioner and PractitionerRole of the referrer, as far as they are known.
    pub(super) fn referrer(&mut self) {
        let as_role = self.referrer_role().is_some();
        self.out.professional(&self.referral.referrer.author(), &REFERRER, as_role);
    }

    /// Role in the message of the referrer's PractitionerRole, where there is anything to say of the referrer but the
    /// organisation. For a self-referral that is whoever helps.
    pub(super) fn referrer_role(&self) -> Option<&'static str> {
        let referrer = &self.referral.referrer;
        let helped = referrer.is_self() && referrer.organisation.is_some();
        (helped || referrer.author().is_professional()).then_some(REFERRER.role)
    }

    /// RelatedPerson for next of kin, carers, dependants and other contacts.
    pub(super) fn related_people(&mut self) {
        let referral = self.referral;
        let kin = (codes::CONTACT_ROLE, "N", "Next-of-Kin");
        let carer = (codes::PERSON_RELATIONSHIP, "Carer", "Carer of patient");
        let dependant = (codes::PERSON_RELATIONSHIP, "Dependant", "Dependant of patient");
        let entries = |answer: &'_ Option<Known<RelatedPerson>>| -> Vec<RelatedPerson> {
            answer.as_ref().map(|known| known.entries().to_vec()).unwrap_or_default()
        };
        for (place, person) in entries(&referral.next_of_kin).iter().enumerate() {
            self.out.related(&format!("next-of-kin:{place}"), person, Some(kin), DataCategory::Carer);
        }
        for (place, person) in entries(&referral.carers).iter().enumerate() {
            self.out.related(&format!("carers:{place}"), person, Some(carer), DataCategory::Carer);
        }
        for (place, person) in entries(&referral.dependants).iter().enumerate() {
            self.out.related(&format!("dependants:{place}"), person, Some(dependant), DataCategory::Safeguarding);
        }
        for (place, person) in referral.other_contacts.iter().enumerate() {
            self.out.related(&format!("other-contacts:{place}"), person, None, DataCategory::Carer);
        }
    }

    /// HealthcareService: the service asked for. An ODS code belongs to the organisation that provides it.
    pub(super) fn service(&mut self) {
        let Some(service) = &self.referral.service else { return };
        let mut out = self.out.resource("HealthcareService", "service", true, None, &[service.label()]);
        put(&mut out, "identifier", party_identifiers(None, service.party.as_ref()));
        let provider = service.ods.as_ref().map(|ods| logical(codes::ODS_ORGANISATION, ods.as_str(), service.label()));
        put(&mut out, "providedBy", provider);
        put(&mut out, "name", service.name.clone());
        self.out.push("service", out);
    }
}
