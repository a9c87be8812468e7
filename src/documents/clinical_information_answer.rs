//! The answer to a request for clinical information (`cmht-documents.md` §6; L2831-2836, L3174-3183). Each kind of fact
//! stands under a heading of its own, so that what the person does not want shared can be left out and the rest goes.
//!
//! The trust requires: which request it answers (`letter.in_reply_to`); relevant information on history and present
//! condition (`history`, `treatment`, `diagnoses`, `medication`; L3174-3176); which statement came from which sector
//! (L2813-2816; the author's organisation and each statement say); what is left out and why (`not_included`).

use super::parts::{self, Diagnosis, Formulation, Known, Medication, Statement, Telling};
use super::required::has_entries;

code_list! {
    /// How far the request is answered.
    InformationAnswer {
        Whole => "whole", "answered in full";
        Part => "part", "answered in part";
        NotHeld => "not-held", "we do not hold this information";
        NotShared => "not-shared", "we may not share this information";
    }
}

document! {
    /// An answer to a request for clinical information.
    ClinicalInformationAnswer, "clinical-information-answer.schema.json", types &[], required REQUIREMENTS;
    mark answered: InformationAnswer, "information-answer", "Answered";

    "letter", "Letter", ReferralReason => {
        letter: Telling as Telling, "letter", "Our answer";
        not_included: Known<Statement> as Observation, "not-included", "What is not included, and why";
    }
    "diagnoses", "Diagnoses", MentalHealthHistory, "diagnoses" "Diagnoses" => {
        diagnoses: Known<Diagnosis> as Condition, "diagnoses", "Diagnoses";
    }
    "clinical-summary", "Clinical summary", MentalHealthHistory, "clinical-summary" "Clinical summary" => {
        history: Known<Statement> as Observation, "history", "History";
        treatment: Known<Statement> as Observation, "treatment", "Treatment so far and how it worked";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        medication: Known<Medication> as MedicationStatement, "medication", "Medicines we prescribe or know of";
    }
    "investigations", "Investigations and results", PhysicalHealth, "investigation-results" "Investigation results" => {
        investigations: Known<Statement> as Observation, "investigations", "Investigations and results";
        physical_health: Known<Statement> as Observation, "physical-health", "Physical health and allergies";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        risk: Formulation as Formulation, "risk", "Risk formulation";
    }
    "alcohol-and-drugs", "Alcohol and drugs", SubstanceUse => {
        alcohol_and_drugs: Known<Statement> as Observation, "alcohol-and-drugs", "Alcohol and drugs";
    }
    "safeguarding", "Safeguarding", Safeguarding, "safeguarding" "Safeguarding" => {
        safeguarding: Known<Statement> as Flag, "safeguarding", "Safeguarding concerns";
    }
}

requirements! {
    REQUIREMENTS of ClinicalInformationAnswer:
    "IL-21", "Which request", "L2831-2836", "/letter/in_reply_to", "Bundle.entry.resource.ofType(Communication)",
        "Say which request this answers: its identifier.", "{letter}.basedOn.exists()",
        |answer| answer.letter.as_ref().is_some_and(|letter| letter.in_reply_to.is_some());
    "IL-22", "History and present condition", "L3174-3176", "/history", "Bundle.entry.resource.ofType(Observation)",
        "Send what is relevant of history, treatment, diagnoses and medication, or say that there is none.",
        "{is information-answer not-held} or {is information-answer not-shared} or {history}.exists() or \
         {treatment}.exists() or {diagnoses}.exists() or {medication}.exists()",
        ClinicalInformationAnswer::tells;
    "IL-23", "What is left out", "L2831-2836", "/not_included", "Bundle.entry.resource.ofType(Observation)",
        "Say what is left out, and why.",
        "({is information-answer part} or {is information-answer not-shared}) implies {+not-included}.exists()",
        |answer| !matches!(answer.answered, Some(InformationAnswer::Part | InformationAnswer::NotShared))
            || has_entries(answer.not_included.as_ref());
}

impl ClinicalInformationAnswer {
    fn tells(&self) -> bool {
        let nothing = matches!(self.answered, Some(InformationAnswer::NotHeld | InformationAnswer::NotShared));
        let told = self.history.is_some() || self.treatment.is_some();
        nothing || told || self.diagnoses.is_some() || self.medication.is_some()
    }
}
