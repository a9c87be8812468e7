//! The directory as a FHIR Bundle (<https://hl7.org/fhir/R4/bundle.html>, type collection): Organization, HealthcareService
//! (a team), Location, PractitionerRole with its Practitioner, Endpoint and OrganizationAffiliation (an agreement), under
//! UK Core where it has a profile. An entry's period is that of its identifier; what R4 has no place for stands in
//! extensions of ours. Who may call or sign in has no place in it.

mod read;
mod write;

/// Identifier systems of entries, under [`crate::fhir::codes::DIRECTORY_ID`]: the value begins with the section.
const PLACE: &str = "place/";
const ROLE: &str = "role/";
const PERSON: &str = "person/";
const AGREEMENT: &str = "agreement/";

/// R4 extension of UK Core's Organization profile.
const ORGANISATION_PERIOD: &str = "http://hl7.org/fhir/StructureDefinition/organization-period";
const CONNECTION: &str = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
/// How a website stands in `telecom`, and the rest.
const TELECOM: [(&str, &str); 3] = [("telephone", "phone"), ("email", "email"), ("website", "url")];
const FORMATS: [(&str, &str); 2] = [("json", "application/fhir+json"), ("xml", "application/fhir+xml")];

#[cfg(test)]
pub(super) mod tests;
