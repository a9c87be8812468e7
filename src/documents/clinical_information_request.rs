//! A request for clinical information between NHS and private clinicians (`cmht-documents.md` §6; L2831-2841, L3162-3185).
//! It asks; the answer is a document of its own.
//!
//! The trust requires: who is asked (`request.to`) and what for (`request.asks`); why they need to know (`reason`,
//! L3169-3171: "need to know"); the person's consent (`consent`, L3169); that a lack of response is escalated
//! (`request.reminder_of`, `escalation`, L2834-2836); out of hours, what is decided in the meantime
//! (`meanwhile`, L2837-2841).

use super::parts::{self, Asking, Known, Statement};
use super::required::has_entries;

document! {
    /// A request for clinical information.
    ClinicalInformationRequest, "clinical-information-request.schema.json", types &[], required REQUIREMENTS;

    "request", "What we ask", ReferralReason => {
        request: Asking as Asking, "request", "What we ask";
        reason: Known<Statement> as Observation, "reason", "Why we need to know";
    }
    "care-here", "Care with us", MentalHealthHistory, "clinical-summary" "Clinical summary" => {
        /// What the other side may need to know to answer well.
        care_here: Known<Statement> as Observation, "care-here", "What we are treating and how";
    }
    "meanwhile", "Until the answer comes", Actions => {
        meanwhile: Known<Statement> as Observation, "meanwhile", "Decisions made on what is known now";
        escalation: Known<Statement> as Observation, "escalation", "Earlier requests, and who has been told of the silence";
    }
}

requirements! {
    REQUIREMENTS of ClinicalInformationRequest:
    "IL-11", "Who is asked", "L3162-3171", "/request/to", "Bundle.entry.resource.ofType(CommunicationRequest).sender",
        "Say who is asked.", "{request}.sender.exists()",
        |letter| letter.request.as_ref().is_some_and(|request| request.to.is_some());
    "IL-12", "What is asked", "L3162-3171", "/request/asks", "Bundle.entry.resource.ofType(CommunicationRequest).payload",
        "Say what you need to know.", "{request}.payload.exists()",
        |letter| letter.request.as_ref().is_some_and(|request| !request.asks.is_empty());
    "IL-13", "Need to know", "L3169-3171", "/reason", "Bundle.entry.resource.ofType(Observation)",
        "Say why you need to know it.", "{+reason}.exists()", |letter| has_entries(letter.reason.as_ref());
    "IL-14", "Consent", "L3169", "/consent", "Bundle.entry.resource.ofType(Consent)",
        "Say what the person consented to.", "{consent}.exists()", |letter| letter.consent.is_some();
}
