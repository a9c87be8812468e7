//! URIs and codes of other people's systems, and of our own, as `domain/codes.md` verified them.
//! A code lives here once; no code is invented in somebody else's system.

use crate::model::DocumentKind;

/// Canonical base of everything this gateway defines. `.example` is reserved (RFC 2606); a site sets its own.
pub const BASE: &str = "https://fhir.cmht-gateway.example";

/// Our data categories (`consent-and-sharing.md`), used in `meta.tag` and `Consent.provision.class`.
pub const DATA_CATEGORY: &str = "https://fhir.cmht-gateway.example/CodeSystem/data-category";
/// What guards a part more closely than its category (CS-07, CS-20), used in `meta.security`.
pub const SENSITIVITY: &str = "https://fhir.cmht-gateway.example/CodeSystem/sensitivity";
pub const TOLD_IN_CONFIDENCE: (&str, &str) = ("told-in-confidence", "Told in confidence: not for the person");
pub const ABOUT_A_CHILD: (&str, &str) = ("about-a-child", "Safeguarding of a child or a young carer");
/// v3-ActCode: no disclosure to patient, family or caregivers.
pub const NOT_TO_PATIENT: &str = "NOPAT";
/// SNOMED CT concepts of a Flag on a child or an unborn child (`codes.md` §10).
pub const CHILD_CONCERNS: [&str; 2] = ["836881000000105", "878111000000109"];
/// Extension that says in which sector a statement was made (CS-13).
pub const STATED_IN_SECTOR: &str = "https://fhir.cmht-gateway.example/StructureDefinition/stated-in-sector";
/// Our names for the items of a referral (`cmht-documents.md` §1).
pub const REFERRAL_ITEM: &str = "https://fhir.cmht-gateway.example/CodeSystem/referral-item";
/// Our names for the kinds of document (`cmht-documents.md`), used in `Composition.type`.
pub const DOCUMENT_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/document-kind";
/// Our names for the sections of plans and letters, for which UK Core has no heading or a wider one.
pub const DOCUMENT_SECTION: &str = "https://fhir.cmht-gateway.example/CodeSystem/document-section";
/// Our names for kinds of contact in a crisis.
pub const CONTACT_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/contact-kind";
/// Our names for kinds of organisation (`routing-and-clocks.md`, "Directory").
pub const PARTY_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/party-kind";
/// Our names for the sectors organisations belong to (CS-13).
pub const SECTOR: &str = "https://fhir.cmht-gateway.example/CodeSystem/sector";
/// Our names for what a person wants help with (`cmht-documents.md` §5).
pub const HELP_WANTED: &str = "https://fhir.cmht-gateway.example/CodeSystem/help-wanted";
/// Our names for what became of a handover, and for what a GP says to a shared-care request: `Task.businessStatus`, for
/// which there is no coded convention (`codes.md` §8).
pub const HANDOVER_STATUS: &str = "https://fhir.cmht-gateway.example/CodeSystem/handover-status";
pub const SHARED_CARE_DECISION: &str = "https://fhir.cmht-gateway.example/CodeSystem/shared-care-decision";
/// Our names for how a request stands with one of its recipients: `Task.businessStatus` too.
pub const REQUEST_STATUS: &str = "https://fhir.cmht-gateway.example/CodeSystem/request-status";
/// SNOMED CT procedure of a handover to a voluntary service (`codes.md` §10).
pub const SOCIAL_PRESCRIBING: (&str, &str) = ("871731000000106", "Referral to social prescribing service");
/// Our message events: a document that travels, and what is answered to it.
pub const MESSAGE_EVENT: &str = "https://fhir.cmht-gateway.example/CodeSystem/message-event";
/// Identifier system of documents and messages that have no other.
pub const DOCUMENT_ID: &str = "https://fhir.cmht-gateway.example/Id/document";
/// Identifier system of directory entries without an ODS code.
pub const PARTY_ID: &str = "https://fhir.cmht-gateway.example/Id/party";

pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// How far an NHS number was traced, in England (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE).
pub const NHS_NUMBER_STATUS: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
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

/// Our answers to a question: `none-known`, and yes, no or not known where FHIR has no boolean place.
pub const ANSWER: &str = "https://fhir.cmht-gateway.example/CodeSystem/answer";
/// What a referrer says of the pathway, which no code of others says.
pub const REFERRAL_PATHWAY: &str = "https://fhir.cmht-gateway.example/CodeSystem/referral-pathway";
/// Our names for who sends referrals (`cmht-documents.md` §1).
pub const SENDER_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/sender-kind";
/// Our names for where the person stands on sharing.
pub const SHARING_POSITION: &str = "https://fhir.cmht-gateway.example/CodeSystem/sharing-position";
/// Our names for how a service comes into a document: continuing, referred, self-access.
pub const SERVICE_STATUS: &str = "https://fhir.cmht-gateway.example/CodeSystem/service-status";
/// Our names for sorts of follow-up after discharge.
pub const FOLLOW_UP_KIND: &str = "https://fhir.cmht-gateway.example/CodeSystem/follow-up-kind";
/// Our names for what a Task asks of its owner; holds [`TASK_SEND_INFORMATION`].
pub const TASK: &str = "https://fhir.cmht-gateway.example/CodeSystem/task";
/// Send what is missing from a referral (L528-529).
pub const TASK_SEND_INFORMATION: &str = "send-missing-information";
/// Output of a Task of ours: the team that has the request from now on, and the items that were asked for or given.
pub const TASK_NEXT_TEAM: &str = "next-team";
/// Stands for the request itself: who has it, and how it stands with them.
pub const TASK_REQUEST: &str = "follow-request";
/// An earlier copy of a document is out of force: corrected, superseded or taken back (CS-21).
pub const TASK_WITHDRAWN: &str = "earlier-copy-out-of-force";
/// An action of a plan that meets a need.
pub const TASK_PLANNED_ACTION: &str = "planned-action";
/// A clock of the owner will soon be breached, is breached, or runs (`routing-and-clocks.md`, "Clocks").
pub const TASK_DUE_SOON: (&str, &str) = ("clock-due-soon", "Do what is due soon");
pub const TASK_BREACHED: (&str, &str) = ("clock-breached", "Do what is overdue");
pub const TASK_CLOCK: (&str, &str) = ("clock", "Do this in time");
/// What the input of such a Task is: the rule of the clock.
pub const CLOCK_RULE: &str = "https://fhir.cmht-gateway.example/Id/clock-rule";
/// Our names for who does such an action (L3893-3895).
pub const ACTION_BY: &str = "https://fhir.cmht-gateway.example/CodeSystem/action-by";
/// Our Questionnaire with the areas of DIALOG.
pub const DIALOG_QUESTIONNAIRE: &str = "https://fhir.cmht-gateway.example/Questionnaire/dialog";
/// SNOMED CT category of a CarePlan (`codes.md` §1).
pub const CARE_PLAN: (&str, &str) = ("734163000", "Care plan");

/// Our names for what a resource carries besides what it says; holds [`UNMAPPED`].
pub const CARRIER: &str = "https://fhir.cmht-gateway.example/CodeSystem/carrier";
/// On a Basic, and as a tag on whole resources: content of another system that has no place in a document of ours. It
/// has no data category.
pub const UNMAPPED: (&str, &str) = ("unmapped-content", "Content without a place in the document");

pub const BCP47: &str = "urn:ietf:bcp:47";
pub const ETHNIC_CATEGORY: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland";
pub const NHS_NUMBER_VERIFICATION: &str =
    "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
pub const NHS_NUMBER_UNAVAILABLE: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberUnavailableReason";
pub const CONTACT_METHOD: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-PreferredContactMethod";
pub const WRITTEN_FORMAT: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-PreferredWrittenCommunicationFormat";
pub const PERSON_RELATIONSHIP: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AdditionalPersonRelationshipRole";
/// Holds `N`, next of kin; v3-RoleCode's `NOK` is not in UK Core's list of relationships.
pub const CONTACT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/v2-0131";
pub const CONDITION_CATEGORY: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-ConditionCategory";
pub const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
pub const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
pub const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
/// Holds `IRCP`, information recipient.
pub const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
pub const ADMISSION_METHOD: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AdmissionMethodEngland";
pub const DISCHARGE_METHOD: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland";
pub const LEGAL_STATUS: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusClassificationEngland";
pub const LEGAL_MOMENT: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusContext";
pub const PROVENANCE_PARTICIPANT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
pub const TASK_CODE: &str = "http://hl7.org/fhir/CodeSystem/task-code";
pub const BARS_REASON: &str = "https://fhir.nhs.uk/CodeSystem/message-reason-bars";
pub const BARS_SERVICE_REQUEST_CATEGORY: &str = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest";
pub const BARS_FLAG_CATEGORY: &str = "https://fhir.nhs.uk/CodeSystem/flag-categories-bars";
pub const GMC_NUMBER: &str = "https://fhir.hl7.org.uk/Id/gmc-number";
pub const NMC_NUMBER: &str = "https://fhir.hl7.org.uk/Id/nmc-number";
pub const HCPC_NUMBER: &str = "https://fhir.hl7.org.uk/Id/hcpc-number";

/// Our extension on Composition: somebody the document should be copied to.
pub const DOCUMENT_COPY: &str = "https://fhir.cmht-gateway.example/StructureDefinition/document-copy";
/// Our extension on `Composition.section`: the data category of everything in it, its narrative included.
pub const SECTION_CATEGORY: &str = "https://fhir.cmht-gateway.example/StructureDefinition/section-category";
/// Our extension that says what a copy withholds, and by which rule.
pub const WITHHELD: &str = "https://fhir.cmht-gateway.example/StructureDefinition/withheld";
/// Why a list or section is empty; holds `withheld`.
pub const LIST_EMPTY_REASON: &str = "http://terminology.hl7.org/CodeSystem/list-empty-reason";

/// BaRS event of a referral and of what is answered to it.
pub const EVENT_REQUEST: (&str, &str) = ("servicerequest-request", "Service Request - Request");
pub const EVENT_RESPONSE: (&str, &str) = ("servicerequest-response", "Service Request - Response");
/// Event of our own: a plan or letter travels, and what is answered to it; BaRS has none for documents.
pub const EVENT_DOCUMENT: (&str, &str) = ("document", "Document");
pub const EVENT_DOCUMENT_RESPONSE: (&str, &str) = ("document-response", "Document - Response");
/// Event of our own: a clock is due soon or breached.
pub const EVENT_CLOCK: (&str, &str) = ("clock-notice", "Notice of a clock");
/// SNOMED CT procedure of a referral (`codes.md` §8).
pub const PATIENT_REFERRAL: (&str, &str) = ("3457005", "Patient referral");

/// SNOMED CT headings of the mental health discharge standard beside UK Core's record standard headings: heading, code,
/// display (`codes.md` §2, `exchange.md` §2).
pub const SNOMED_HEADINGS: &[(&str, &str, &str)] = &[
    ("clinical-summary", "887181000000106", "Clinical summary"),
    ("diagnoses", "887161000000102", "Diagnoses"),
    ("admission-details", "886781000000108", "Admission details"),
    ("discharge-details", "886811000000106", "Discharge details"),
    ("assessment-scales", "887141000000103", "Assessment scales"),
    ("individual-requirements", "1052901000000109", "Individual requirements"),
    ("information-and-advice-given", "1052951000000105", "Information and advice given"),
    ("legal-information", "886961000000102", "Legal information"),
    ("participation-in-research", "886751000000102", "Participation in research"),
    ("plan-and-requested-actions", "887201000000105", "Plan and requested actions"),
    ("referrer-details", "1052891000000108", "Referrer details"),
    ("safety-alerts", "886931000000107", "Safety alerts"),
    ("family-history", "887111000000104", "Family history"),
    ("investigation-results", "1082101000000102", "Investigation results"),
    ("medications-and-medical-devices", "933361000000108", "Medications and medical devices"),
    ("allergies-and-adverse-reaction", "886921000000105", "Allergies and adverse reactions"),
    (
        "patient-and-carer-concerns-expectations-and-wishes",
        "1052941000000107",
        "Patient and carer concerns, expectations and wishes",
    ),
    ("procedures", "887171000000109", "Procedures"),
    ("social-context", "887051000000101", "Social context"),
];
/// SNOMED CT category of a Condition that is why somebody is seen, as BaRS messages have it.
pub const PRESENTING_COMPLAINT: &str = "33962009";

/// Our names for the questions of one kind of document. Each kind words its questions in its own way and a code has one
/// display, so each has a system of its own.
#[must_use]
pub fn item_system(kind: DocumentKind) -> String {
    format!("{BASE}/CodeSystem/{}-item", kind.code())
}

/// Id of our profile of the document Bundle of a kind.
#[must_use]
pub fn bundle_profile(kind: DocumentKind) -> String {
    format!("cmht-{}-bundle", kind.code())
}

/// Id of our profile of the Composition of a kind.
#[must_use]
pub fn composition_profile(kind: DocumentKind) -> String {
    format!("cmht-{}", kind.code())
}

/// Ids of our other profiles: the message of a referral, and resources inside plans and letters.
pub const REFERRAL_MESSAGE: &str = "cmht-referral-message-bundle";
pub const RISK_STATEMENT: &str = "cmht-risk-statement";
pub const DIALOG_SCORE: &str = "cmht-dialog-score";
pub const PROGRESS_TASK: &str = "cmht-progress-task";
pub const PEOPLE_LIST: &str = "cmht-people-list";

/// Canonical URL of a profile or extension of ours, by its id.
#[must_use]
pub fn own_profile(id: &str) -> String {
    format!("{BASE}/StructureDefinition/{id}")
}

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

/// Identifier system of what a directory holds besides parties; the value begins with its section: `place/…`.
pub const DIRECTORY_ID: &str = "https://fhir.cmht-gateway.example/Id/directory";
/// Our extension on Organization and HealthcareService: what R4 has no place for in an entry of the directory.
pub const DIRECTORY_ENTRY: &str = "https://fhir.cmht-gateway.example/StructureDefinition/directory-entry";
/// Our extension on OrganizationAffiliation: version and purposes of a sharing agreement.
pub const AGREEMENT_TERMS: &str = "https://fhir.cmht-gateway.example/StructureDefinition/agreement-terms";
/// NHS job roles.
pub const SDS_JOB_ROLE: &str = "https://fhir.hl7.org.uk/CodeSystem/UKCore-SDSJobRoleName";
