//! A person who was seen privately comes to the NHS for treatment (`cmht-documents.md` §6; L2821-2823, L2935-2941): placed
//! on the waiting list at the position they would have had if the first consultation had been in the
//! NHS, without another assessment and without a trip back to the GP. The document says nothing of where on the list that
//! is: it gives the day the list goes by.
//!
//! The trust requires: the day of the first private consultation (`first_consultation.date`), the referral that led to it
//! (`first_consultation.referred`), the diagnosis and the treatment so far (`diagnoses`, `treatment`), why the person
//! transfers (`reason`), what treatment is wanted (`request.service`), and that no new assessment is needed (`assessment`).

use super::parts::{self, Consultation, Diagnosis, Formulation, Known, Medication, Request, Statement};

code_list! {
    /// How far the private assessment goes (L2939-2941).
    TransferAssessment {
        Complete => "complete", "assessed privately; no further assessment is needed before treatment";
        Part => "part", "assessed privately in part; what is left is named in the letter";
    }
}

document! {
    /// A transfer from private to NHS care.
    TransferToNhs, "transfer-to-nhs.schema.json", types &[];
    mark assessment: TransferAssessment, "transfer-assessment", "Assessment";

    "receiving-service", "Receiving service", ReferralReason, "referral-details" "Referral details" => {
        request: Request as Request, "request", "The NHS team, and the treatment wanted";
    }
    "waiting-list", "Position on the waiting list", ReferralReason => {
        first_consultation: Consultation as Consultation, "first-consultation",
            "First private consultation: the day the waiting list goes by";
    }
    "reason-for-transfer", "Reason for the transfer", ReferralReason, "reason-for-referral" "Reason for referral" => {
        reason: Known<Statement> as Observation, "reason", "Why the person transfers to the NHS";
        person_wishes: Known<Statement> as Observation, "person-wishes", "What the person wants";
    }
    "diagnoses", "Diagnoses", MentalHealthHistory, "diagnoses" "Diagnoses" => {
        diagnoses: Known<Diagnosis> as Condition, "diagnoses", "Diagnoses made privately";
    }
    "clinical-summary", "Clinical summary", MentalHealthHistory, "clinical-summary" "Clinical summary" => {
        findings: Known<Statement> as Observation, "findings", "Findings of the private assessment";
        treatment: Known<Statement> as Observation, "treatment", "Treatment so far and how it worked";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        medication: Known<Medication> as MedicationStatement, "medication", "Medicines prescribed privately";
    }
    "investigations", "Investigations and results", PhysicalHealth, "investigation-results" "Investigation results" => {
        investigations: Known<Statement> as Observation, "investigations", "Investigations and results";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        risk: Formulation as Formulation, "risk", "Risk formulation";
    }
    "handing-over", "Until the NHS takes over", Actions, "plan-and-requested-actions" "Plan and requested actions" => {
        private_care: Known<Statement> as Observation, "private-care", "What goes on privately, and until when";
    }
}
