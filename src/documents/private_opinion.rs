//! A private clinician's opinion sent to the community team and the GP (`cmht-documents.md` §6; L2813-2836, L3153-3158):
//! attached to the NHS record as it is, its author's organisation marked as private, so that nobody takes it for an NHS
//! statement. The signed letter itself may be among the attachments and so is a DocumentReference.
//!
//! The trust requires: whom it is to, and the GP among the copies (`letter.to`, `copies`; L3153-3158); findings, the results
//! of investigations and the treatment provided (`findings`, `investigations`, `treatment`; L3154-3156); diagnosis; what is
//! recommended (`recommendations`); that it is private (`author.organisation.sector`; L2813-2816).

use super::parts::{self, Diagnosis, Formulation, Known, Medication, Review, Statement, Telling};

document! {
    /// A private opinion.
    PrivateOpinion, "private-opinion.schema.json", types &[];

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
