//! URIs and codes of other people's systems, and of our own, as `domain/codes.md` verified them.
//! A code lives here once; no code is invented in somebody else's system.

/// Canonical base of everything this gateway defines. `.example` is reserved (RFC 2606); a site sets its own.
pub const BASE: &str = "https://fhir.cmht-gateway.example";

/// Our data categories (`consent-and-sharing.md`), used in `meta.tag` and `Consent.provision.class`.
pub const DATA_CATEGORY: &str = "https://fhir.cmht-gateway.example/CodeSystem/data-category";
/// Our names for the items of a referral (`cmht-documents.md` §1).
pub const REFERRAL_ITEM: &str = "https://fhir.cmht-gateway.example/CodeSystem/referral-item";
/// Our names for kinds of organisation (`routing-and-clocks.md`, "Directory").
pub const PARTY_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/party-kind";
/// Identifier system of documents and messages that have no other.
pub const DOCUMENT_ID: &str = "https://fhir.cmht-gateway.example/Id/document";
/// Identifier system of directory entries without an ODS code.
pub const PARTY_ID: &str = "https://fhir.cmht-gateway.example/Id/party";

pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
pub const ODS_ORGANISATION: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
pub const SNOMED: &str = "http://snomed.info/sct";
pub const DMD: &str = "https://dmd.nhs.uk";
pub const RECORD_HEADINGS: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings";
pub const BARS_EVENTS: &str = "https://fhir.nhs.uk/CodeSystem/message-events-bars";
pub const CONSENT_SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
pub const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// Holds `REDACTED` and `SUBSETTED`.
pub const OBSERVATION_VALUE: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
/// Extension that says why a value is absent; `masked` marks what was withheld.
pub const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// Canonical URL of a UK Core profile, e.g. `ukcore("Patient")`.
#[must_use]
pub fn ukcore(resource: &str) -> String {
    format!("https://fhir.hl7.org.uk/StructureDefinition/UKCore-{resource}")
}

/// Canonical URL of a UK Core extension, e.g. `ukcore_extension("EthnicCategory")`.
#[must_use]
pub fn ukcore_extension(name: &str) -> String {
    format!("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-{name}")
}
