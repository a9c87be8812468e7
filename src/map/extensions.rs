//! URLs of the FHIR extensions the mapping writes and reads: ours, where UK Core and R4 have no place for an item.

// What `consent` and `fhir` read too is defined there.
pub(super) use crate::fhir::codes::{DOCUMENT_COPY, SECTION_CATEGORY};

/// One of our own extensions.
macro_rules! own {
    ($($(#[$doc:meta])* $name:ident = $leaf:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: &str =
            concat!("https://fhir.cmht-gateway.example/StructureDefinition/", $leaf);)+
    };
}

own! {
    /// On Patient: what to mind when contacting, in words. Category contact-and-communication.
    CONTACT_NOTES = "contact-notes";
    /// On ContactPoint: what a caller should know.
    TELECOM_NOTE = "telecom-note";
    /// On Address: the person has none.
    NO_FIXED_ADDRESS = "no-fixed-address";
    /// On RelatedPerson: lives in the person's home.
    LIVES_WITH_PERSON = "lives-with-person";
    /// On RelatedPerson: anything else about them.
    RELATED_PERSON_NOTE = "related-person-note";
    /// On RiskAssessment and Flag: organisation of whoever says so.
    STATED_BY_ORGANISATION = "stated-by-organisation";
    /// On Observation, RiskAssessment, Flag, CareTeam and Encounter: sector of that organisation (CS-13).
    STATED_IN_SECTOR = "stated-in-sector";
    /// On ServiceRequest.note: which referral item the note is.
    REFERRAL_ITEM_OF = "referral-item";
    /// On Composition.attester: how somebody agreed.
    AGREEMENT_NOTE = "agreement-note";
    /// On PractitionerRole and Organization: what to know before turning to them, or what the person said about them.
    CONTACT_NOTE = "contact-note";
    /// On Composition.attester: on whose side somebody agreed, where mode and party do not say it.
    AGREEMENT_SIDE = "agreement-side";
    /// On MedicationStatement: adverse effects somebody has or should look out for (L1538).
    ADVERSE_EFFECTS = "adverse-effects";
    /// On EpisodeOfCare: who discharged the person.
    DISCHARGED_BY = "discharged-by";
    /// On EpisodeOfCare and Encounter: what else there is to say of it.
    SPELL_NOTE = "spell-note";
    /// On ServiceRequest: whether the person agreed to the referral.
    REFERRAL_AGREED = "referral-agreed";
    /// On Goal: a strength it can build on.
    GOAL_STRENGTH = "goal-strength";
    /// On PractitionerRole and Organization in a care team: the sector they work in (CS-13).
    PARTY_SECTOR = "party-sector";
    /// On CommunicationRequest, Communication and ServiceRequest: the clinician or desk meant at the addressee.
    FOR_ATTENTION_OF = "for-attention-of";
    /// On CareTeam: who pays for the area of care.
    FUNDED_BY = "funded-by";
    /// On Encounter: the day of the referral that led to it.
    REFERRED_ON = "referred-on";
    /// On the Basic that carries content of another system: one part of it, its path and JSON text, or which entry it is.
    UNMAPPED_CONTENT = "unmapped-content";
    /// On Reference: where it led in the bundle of another system.
    REFERRED_TO = "referred-to";
    /// On MessageHeader.destination: asked for by the referrer as a copy, not the transport address.
    COPY_RECIPIENT = "copy-recipient";
}

/// R4 extension: whether an interpreter is required.
pub(super) const INTERPRETER_REQUIRED: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";
