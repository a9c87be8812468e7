//! The FHIR extensions the mapping writes and reads: ours, where UK Core and R4 have no place for an item, as one table
//! with words, place and type of value. `guide` makes the published definitions of it.

// What `consent` and `fhir` read too is defined there.
use crate::fhir::codes;
pub(super) use crate::fhir::codes::{DOCUMENT_COPY, SECTION_CATEGORY, STATED_IN_SECTOR};

/// One of our own extensions.
pub(crate) struct Own {
    pub(crate) url: &'static str,
    /// What it says.
    pub(crate) words: &'static str,
    /// Elements it may stand on.
    pub(crate) on: &'static [&'static str],
    pub(crate) holds: Holds,
}

/// What an extension holds.
pub(crate) enum Holds {
    /// A value of this type.
    Value(&'static str),
    /// Extensions within: url, type of value, least and most.
    Parts(&'static [(&'static str, &'static str, u32, &'static str)]),
}

macro_rules! own {
    ($($name:ident = $leaf:literal, $value:literal on $($on:literal)+, $words:literal;)+) => {
        $(
            #[doc = $words]
            pub(super) const $name: &str =
                concat!("https://fhir.cmht-gateway.example/StructureDefinition/", $leaf);
        )+

        /// Extensions of one value.
        const OF_ONE_VALUE: &[Own] =
            &[$(Own { url: $name, words: $words, on: &[$($on),+], holds: Holds::Value($value) },)+];
    };
}

own! {
    CONTACT_NOTES = "contact-notes", "string" on "Patient",
        "What to mind when contacting the person, in words. Category contact-and-communication.";
    TELECOM_NOTE = "telecom-note", "string" on "ContactPoint", "What a caller should know.";
    NO_FIXED_ADDRESS = "no-fixed-address", "boolean" on "Address", "The person has no fixed address.";
    LIVES_WITH_PERSON = "lives-with-person", "boolean" on "RelatedPerson", "Lives in the person's home.";
    RELATED_PERSON_NOTE = "related-person-note", "string" on "RelatedPerson", "Anything else about them.";
    STATED_BY_ORGANISATION = "stated-by-organisation", "string" on "RiskAssessment" "Flag",
        "Organisation of whoever says so.";
    REFERRAL_ITEM_OF = "referral-item", "code" on "Annotation", "Which item of a referral a note of its request is.";
    AGREEMENT_NOTE = "agreement-note", "string" on "Composition.attester", "How somebody agreed.";
    CONTACT_NOTE = "contact-note", "string" on "PractitionerRole" "Organization",
        "What to know before turning to them, or what the person said about them.";
    AGREEMENT_SIDE = "agreement-side", "code" on "Composition.attester",
        "On whose side somebody agreed, where mode and party do not say it.";
    ADVERSE_EFFECTS = "adverse-effects", "string" on "MedicationStatement",
        "Adverse effects somebody has or should look out for (L1538).";
    DISCHARGED_BY = "discharged-by", "string" on "EpisodeOfCare", "Who discharged the person.";
    SPELL_NOTE = "spell-note", "string" on "EpisodeOfCare" "Encounter", "What else there is to say of a time in care.";
    REFERRAL_AGREED = "referral-agreed", "boolean" on "ServiceRequest", "Whether the person agreed to the referral.";
    GOAL_STRENGTH = "goal-strength", "string" on "Goal", "A strength the goal can build on.";
    PARTY_SECTOR = "party-sector", "code" on "PractitionerRole" "Organization",
        "The sector a member of a care team works in (CS-13).";
    FOR_ATTENTION_OF = "for-attention-of", "string" on "CommunicationRequest" "Communication" "ServiceRequest",
        "The clinician or desk meant at the addressee.";
    FUNDED_BY = "funded-by", "code" on "CareTeam", "Who pays for the area of care.";
    REFERRED_ON = "referred-on", "date" on "Encounter", "The day of the referral that led to it.";
    REFERRED_TO = "referred-to", "uri" on "Reference", "Where a reference led in the bundle of another system.";
    MDT_DECIDED = "mdt-decided", "dateTime" on "ServiceRequest",
        "When the team meeting decided that this team is asked (L3510-3514).";
    COPY_RECIPIENT = "copy-recipient", "boolean" on "MessageHeader.destination",
        "Asked for by the referrer as a copy, not the transport address.";
}

/// On the Basic that carries content of another system: one part of it, its path and JSON text, or which entry it is.
pub(super) const UNMAPPED_CONTENT: &str = "https://fhir.cmht-gateway.example/StructureDefinition/unmapped-content";

const OTHERS: &[Own] = &[
    Own {
        url: DOCUMENT_COPY,
        words: "Somebody the document should be copied to.",
        on: &["Composition"],
        holds: Holds::Value("Reference"),
    },
    Own {
        url: SECTION_CATEGORY,
        words: "The data category of everything in a section, its narrative included.",
        on: &["Composition.section"],
        holds: Holds::Value("Coding"),
    },
    Own {
        url: STATED_IN_SECTOR,
        words: "Sector of that organisation (CS-13).",
        on: &["Observation", "RiskAssessment", "Flag", "CareTeam", "Encounter"],
        holds: Holds::Value("code"),
    },
    Own {
        url: UNMAPPED_CONTENT,
        words: "Content of another system: one part of it with its path and JSON text, or which entry it is.",
        on: &["Basic"],
        holds: Holds::Parts(&[
            ("path", "string", 1, "1"),
            ("json", "string", 0, "*"),
            ("entry", "uri", 0, "1"),
            ("fullUrl", "string", 0, "1"),
        ]),
    },
    Own {
        url: codes::WITHHELD,
        words: "What was withheld from this copy: a data category or another label, and the rule that withholds it.",
        on: &["Annotation", "Composition.section"],
        holds: Holds::Parts(&[("category", "code", 1, "1"), ("rule", "code", 1, "1")]),
    },
    Own {
        url: codes::DIRECTORY_ENTRY,
        words: "What an entry of the directory says for which R4 has no place: whether the person reads along, whether it \
                gets what no area covers, the hub of a spoke team, when it is open and what it does.",
        on: &["Organization", "HealthcareService"],
        holds: Holds::Parts(&[
            ("personAccess", "boolean", 0, "1"),
            ("fallback", "boolean", 0, "1"),
            ("hub", "code", 0, "1"),
            ("opening", "string", 0, "1"),
            ("services", "string", 0, "1"),
        ]),
    },
    Own {
        url: codes::AGREEMENT_TERMS,
        words: "Version and purposes of a sharing agreement (CS-04).",
        on: &["OrganizationAffiliation"],
        holds: Holds::Parts(&[("version", "string", 1, "1"), ("purpose", "code", 1, "*")]),
    },
];

/// Every extension of ours.
pub(crate) fn all() -> impl Iterator<Item = &'static Own> {
    OF_ONE_VALUE.iter().chain(OTHERS)
}

/// R4 extension: whether an interpreter is required.
pub(super) const INTERPRETER_REQUIRED: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";
