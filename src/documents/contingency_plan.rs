//! The contingency (crisis) plan: what the service will do if there are signs of relapse (`cmht-documents.md` §3;
//! L8560-8562). It is the service's; the person's own plan is the safety plan, and the two are never merged.

use super::parts::{self, Contact, Formulation, Known, Medication, Review, Statement};
use super::required::has_entries;

document! {
    /// A contingency plan.
    ContingencyPlan, "contingency-plan.schema.json", types &[("325691000000100", "Contingency plan")], required REQUIREMENTS;

    "early-warning-signs", "Early warning signs", ContingencyPlan => {
        early_warning_signs: Known<Statement> as Observation, "early-warning-signs", "Early warning signs of relapse";
        triggers: Known<Statement> as Observation, "triggers", "What sets a crisis off";
    }
    "danger-situations", "Danger situations", ContingencyPlan => {
        danger_situations: Known<Statement> as Observation, "danger-situations", "Danger situations";
        avoiding_danger: Known<Statement> as Observation, "avoiding-danger", "How to avoid these situations";
        managing_danger: Known<Statement> as Observation, "managing-danger", "How to manage those that cannot be avoided";
    }
    "plan-of-action", "Plan of action", ContingencyPlan, "plan-and-requested-actions" "Plan and requested actions" => {
        plan_of_action: Known<Statement> as Observation, "plan-of-action", "Plan of action if the signs are evident";
        service_actions: Known<Statement> as Observation, "service-actions", "What the service will do";
        person_actions: Known<Statement> as Observation, "person-actions", "What the person does";
        carer_actions: Known<Statement> as Observation, "carer-actions", "What carers do";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        /// Medicines agreed for a crisis.
        medication: Known<Medication> as MedicationStatement, "medication", "Medicines agreed for a crisis";
    }
    "contacts", "Contacts in a crisis", ContingencyPlan, "professional-contacts" "Professional contacts" => {
        contacts: Known<Contact> as Contact, "contacts", "Whom to contact in a crisis";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        /// The five Ps, in words.
        risk: Formulation as Formulation, "risk", "Formulation";
    }
    "review", "Review", ContingencyPlan => {
        review: Review as Review, "review", "When this plan is looked at again";
    }
}

requirements! {
    REQUIREMENTS of ContingencyPlan:
    "CO-1", "Indicators of relapse", "L8560-8562", "/early_warning_signs", "Bundle.entry.resource.ofType(Observation)",
        "Describe the early signs of relapse, or say that none are known.",
        "{early-warning-signs}.exists()", |plan| plan.early_warning_signs.is_some();
    "CO-2", "What the service will do", "L8560-8562", "/service_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what the service will do if the signs show.",
        "{+service-actions}.exists() or {+plan-of-action}.exists()",
        |plan| has_entries(plan.service_actions.as_ref()) || has_entries(plan.plan_of_action.as_ref());
}
