//! A private clinician's opinion sent to the community team and the GP (`cmht-documents.md` §6; L2813-2836, L3153-3158):
//! attached to the NHS record as it is, its author's organisation marked as private, so that nobody takes it for an NHS
//! statement. The signed letter itself may be among the attachments and so is a DocumentReference.
//!
//! The trust requires: whom it is to, and the GP among the copies (`letter.to`, `copies`; L3153-3158); findings, the results
//! of investigations and the treatment provided (`findings`, `investigations`, `treatment`; L3154-3156); diagnosis; what is
//! recommended (`recommendations`); that it is private (`author.organisation.sector`; L2813-2816).

use super::parts::{self, Diagnosis, Formulation, Known, Medication, Review, Statement, Telling};
use super::required::has_entries;
use crate::model::Sector;

document! {
    /// A private opinion.
    PrivateOpinion, "private-opinion.schema.json", types &[], required REQUIREMENTS;

    "letter", "Letter", ReferralReason => {
        letter: Telling as Telling, "letter", "To whom, and in short";
        question: Known<Statement> as Observation, "question", "What was asked of the private clinician";
    }
    "clinical-summary", "Clinical summary", MentalHealthHistory, "clinical-summary" "Clinical summary" => {
        findings: Known<Statement> as Observation, "findings", "Findings";
        treatment: Known<Statement> as Observation, "treatment", "Treatment given";
    }
    "investigations", "Investigations and results", PhysicalHealth, "investigation-results" "Investigation results" => {
        investigations: Known<Statement> as Observation, "investigations", "Investigations and results";
    }
    "diagnoses", "Diagnoses", MentalHealthHistory, "diagnoses" "Diagnoses" => {
        diagnoses: Known<Diagnosis> as Condition, "diagnoses", "Diagnoses";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        medication: Known<Medication> as MedicationStatement, "medication", "Medicines prescribed or recommended";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        risk: Formulation as Formulation, "risk", "Risk formulation";
    }
    "recommendations", "Recommendations", Actions, "plan-and-requested-actions" "Plan and requested actions" => {
        recommendations: Known<Statement> as Observation, "recommendations", "Recommendations";
        /// What the NHS is asked to do, which it may decline.
        asked_of_nhs: Known<Statement> as Observation, "asked-of-nhs", "What we ask the NHS team or the GP to do";
        private_care: Known<Statement> as Observation, "private-care", "What goes on privately";
    }
    "information-given", "Information and advice given", Actions, "information-and-advice-given" "Information and advice given" => {
        told: Known<Statement> as Observation, "told", "What the person was told and thinks of it";
    }
    "review", "Review", Actions => {
        review: Review as Review, "review", "When we see the person again";
    }
}

requirements! {
    REQUIREMENTS of PrivateOpinion:
    "IL-31", "To whom", "L3153-3158", "/letter/to", "Bundle.entry.resource.ofType(Communication).recipient",
        "Say whom the letter is to.", "{letter}.recipient.exists()",
        |opinion| opinion.letter.as_ref().is_some_and(|letter| letter.to.is_some());
    "IL-32", "Copy to the GP", "L3153-3158", "/copies", "Bundle.entry.resource.ofType(Composition).extension",
        "Name the person's GP practice among the copies.",
        "{copied-to-gp}", |opinion| super::Document::frame(opinion).copied_to_gp();
    "IL-33", "Findings", "L3154-3156", "/findings", "Bundle.entry.resource.ofType(Observation)",
        "Send the findings.", "{findings}.exists()", |opinion| opinion.findings.is_some();
    "IL-34", "Investigations", "L3154-3156", "/investigations", "Bundle.entry.resource.ofType(Observation)",
        "Send the results of investigations, or say that there were none.",
        "{investigations}.exists()", |opinion| opinion.investigations.is_some();
    "IL-35", "Treatment", "L3154-3156", "/treatment", "Bundle.entry.resource.ofType(Observation)",
        "Send the treatment that was given, or say that there was none.",
        "{treatment}.exists()", |opinion| opinion.treatment.is_some();
    "IL-36", "Diagnoses", "L3154-3156", "/diagnoses", "Bundle.entry.resource.ofType(Condition)",
        "Send the diagnoses, or say that there are none.", "{diagnoses}.exists()", |opinion| opinion.diagnoses.is_some();
    "IL-37", "Recommendations", "L3153-3158", "/recommendations", "Bundle.entry.resource.ofType(Observation)",
        "Say what you recommend.", "{+recommendations}.exists()", |opinion| has_entries(opinion.recommendations.as_ref());
    "IL-38", "Sector of the author", "L2813-2816", "/author/organisation/sector",
        "Bundle.entry.resource.ofType(Organization).type", "Say that the author's organisation is private.",
        "{author-sector private}",
        |opinion| opinion.author.organisation.as_ref().and_then(|at| at.sector) == Some(Sector::Private);
}
