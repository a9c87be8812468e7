//! A person who was seen privately comes to the NHS for treatment (`cmht-documents.md` §6; L2821-2823, L2935-2941): placed
//! on the waiting list at the position they would have had if the first consultation had been in the
//! NHS, without another assessment and without a trip back to the GP. The document says nothing of where on the list that
//! is: it gives the day the list goes by.
//!
//! The trust requires: the day of the first private consultation (`first_consultation.date`), the referral that led to it
//! (`first_consultation.referred`), the diagnosis and the treatment so far (`diagnoses`, `treatment`), why the person
//! transfers (`reason`), what treatment is wanted (`request.service`), and that no new assessment is needed (`assessment`).

use super::parts::{self, Consultation, Diagnosis, Formulation, Known, Medication, Request, Statement};
use super::required::has_entries;

code_list! {
    /// How far the private assessment goes (L2939-2941).
    TransferAssessment {
        Complete => "complete", "assessed privately; no further assessment is needed before treatment";
        Part => "part", "assessed privately in part; what is left is named in the letter";
    }
}

document! {
    /// A transfer from private to NHS care.
    TransferToNhs, "transfer-to-nhs.schema.json", types &[], required REQUIREMENTS;
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

requirements! {
    REQUIREMENTS of TransferToNhs:
    "IL-41", "First private consultation", "L2821-2823", "/first_consultation/date",
        "Bundle.entry.resource.ofType(Encounter).period", "Give the day of the first private consultation.",
        "{first-consultation}.period.start.exists()", |transfer| transfer.first_consultation.is_some();
    "IL-42", "Referral to private care", "L2935-2941", "/first_consultation/referred",
        "Bundle.entry.resource.ofType(Encounter).extension", "Give the day of the referral that led to it.",
        "{first-consultation}.all({extension referred-on}.exists())",
        |transfer| transfer.first_consultation.as_ref().is_none_or(|first| first.referred.is_some());
    "IL-43", "Diagnoses", "L2935-2941", "/diagnoses", "Bundle.entry.resource.ofType(Condition)",
        "Send the diagnoses, or say that there are none.", "{diagnoses}.exists()", |transfer| transfer.diagnoses.is_some();
    "IL-44", "Treatment so far", "L2935-2941", "/treatment", "Bundle.entry.resource.ofType(Observation)",
        "Send the treatment so far, or say that there was none.",
        "{treatment}.exists()", |transfer| transfer.treatment.is_some();
    "IL-45", "Why the person transfers", "L2821-2823", "/reason", "Bundle.entry.resource.ofType(Observation)",
        "Say why the person comes to the NHS.", "{+reason}.exists()", |transfer| has_entries(transfer.reason.as_ref());
    "IL-46", "Treatment wanted", "L2935-2941", "/request/service", "Bundle.entry.resource.ofType(ServiceRequest)",
        "Say which treatment is wanted.", "{request}.orderDetail.exists()",
        |transfer| transfer.request.as_ref().is_some_and(|request| request.service.is_some());
    "IL-47", "Assessment", "L2939-2941", "/assessment", "Bundle.entry.resource.ofType(Composition).category",
        "Say whether the private assessment is complete.",
        "{marked transfer-assessment}", |transfer| transfer.assessment.is_some();
}
