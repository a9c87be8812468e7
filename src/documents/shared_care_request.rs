//! A request to the GP to prescribe or share care (`cmht-documents.md` §6; L1649-1656, L3185-3233). The GP may decline, and
//! the answer is a document of its own; nothing here presumes it.
//!
//! The trust requires: the diagnosis or other reason for the plan, and the medicines (`diagnoses`, `reason`, `medication`;
//! L3200-3203); monitoring and adverse effects (`monitoring`, `adverse_effects`; L3215-3217); who does what
//! (`specialist_does`, `gp_does`); that the person is stable (`stability`); review (`review`); what happens if the GP
//! declines (`if_declined`; L3195-3197, L3218-3221); that the GP is written to directly (`request.to`; L3228-3233).

use super::parts::{self, Contact, Diagnosis, Known, Medication, Request, Review, Statement};
use super::required::has_entries;

document! {
    /// A shared-care request.
    SharedCareRequest, "shared-care-request.schema.json", types &[], required REQUIREMENTS;

    "receiving-service", "Receiving service", ReferralReason, "referral-details" "Referral details" => {
        request: Request as Request, "request", "Who is asked to share care. You may decline";
        reason: Known<Statement> as Observation, "reason", "Why this treatment, and why now";
    }
    "diagnoses", "Diagnoses", MentalHealthHistory, "diagnoses" "Diagnoses" => {
        diagnoses: Known<Diagnosis> as Condition, "diagnoses", "Diagnoses the treatment is for";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        medication: Known<Medication> as MedicationStatement, "medication", "Medicines the GP is asked to prescribe";
    }
    "monitoring", "Stability and monitoring", Medication => {
        stability: Known<Statement> as Observation, "stability", "How stable the person and the dose are";
        monitoring: Known<Statement> as Observation, "monitoring", "What is monitored, how often, and what to act on";
        adverse_effects: Known<Statement> as Observation, "adverse-effects", "Adverse effects and interactions to watch for";
    }
    "investigations", "Investigations and results", PhysicalHealth, "investigation-results" "Investigation results" => {
        investigations: Known<Statement> as Observation, "investigations", "Baseline and latest results";
    }
    "who-does-what", "Who does what", Actions, "plan-and-requested-actions" "Plan and requested actions" => {
        specialist_does: Known<Statement> as Observation, "specialist-does", "What the specialist does";
        gp_does: Known<Statement> as Observation, "gp-does", "What the GP is asked to do";
        person_does: Known<Statement> as Observation, "person-does", "What the person does";
        if_declined: Known<Statement> as Observation, "if-declined", "What happens if the GP declines";
    }
    "getting-help", "Getting help", Actions, "professional-contacts" "Professional contacts" => {
        contacts: Known<Contact> as Contact, "contacts", "Whom to ring for advice, or if things get worse";
    }
    "review", "Review", Actions => {
        review: Review as Review, "review", "When the specialist reviews the treatment";
    }
}

requirements! {
    REQUIREMENTS of SharedCareRequest:
    "IL-61", "To whom", "L3228-3233", "/request/to", "Bundle.entry.resource.ofType(ServiceRequest).performer",
        "Say which GP practice is asked.", "{request}.performer.exists()",
        |letter| letter.request.as_ref().is_some_and(|request| request.to.is_some());
    "IL-62", "Diagnosis or reason", "L3200-3203", "/diagnoses", "Bundle.entry.resource.ofType(Condition)",
        "Send the diagnosis, or another reason for the treatment.", "{+diagnoses}.exists() or {+reason}.exists()",
        |letter| has_entries(letter.diagnoses.as_ref()) || has_entries(letter.reason.as_ref());
    "IL-63", "Medicines", "L3200-3203", "/medication", "Bundle.entry.resource.ofType(MedicationStatement)",
        "List the medicines the GP is asked to prescribe.",
        "{+medication}.exists()", |letter| has_entries(letter.medication.as_ref());
    "IL-64", "Monitoring", "L3215-3217", "/monitoring", "Bundle.entry.resource.ofType(Observation)",
        "Say what is monitored, how often, and what to act on, or that nothing is.",
        "{monitoring}.exists()", |letter| letter.monitoring.is_some();
    "IL-65", "Adverse effects", "L3215-3217", "/adverse_effects", "Bundle.entry.resource.ofType(Observation)",
        "Say which adverse effects to watch for, or that none are known.",
        "{adverse-effects}.exists()", |letter| letter.adverse_effects.is_some();
    "IL-66a", "What the specialist does", "L3205-3217", "/specialist_does", "Bundle.entry.resource.ofType(Observation)",
        "Say what the specialist does.",
        "{+specialist-does}.exists()", |letter| has_entries(letter.specialist_does.as_ref());
    "IL-66b", "What the GP does", "L3205-3217", "/gp_does", "Bundle.entry.resource.ofType(Observation)",
        "Say what the GP is asked to do.", "{+gp-does}.exists()", |letter| has_entries(letter.gp_does.as_ref());
    "IL-67", "Stability", "L1649-1656", "/stability", "Bundle.entry.resource.ofType(Observation)",
        "Say how stable the person and the dose are.",
        "{+stability}.exists()", |letter| has_entries(letter.stability.as_ref());
    "IL-68", "Review", "L3215-3217", "/review", "Bundle.entry.resource.ofType(Task)",
        "Say when the specialist reviews the treatment.", "{review}.exists()", |letter| letter.review.is_some();
    "IL-69", "If the GP declines", "L3195-3197", "/if_declined", "Bundle.entry.resource.ofType(Observation)",
        "Say what happens if the GP declines.",
        "{+if-declined}.exists()", |letter| has_entries(letter.if_declined.as_ref());
}
