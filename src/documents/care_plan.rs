//! The care plan (`cmht-documents.md` §2; L689-735, L1195-1271, L3780-3786, L3878-3905, L8434-8447), written with the person.
//! The trust requires of it: needs, each with how it is met, by whom and by when (L697-699); unmet needs (L699); that it was
//! agreed, or is a best-interests plan (L699-703); what the person, carers and services do (L3893-3895); a named key worker
//! (L3949-3950); a review date and who can ask for a review (L3641-3644); crisis actions of the person, the carer and the
//! service, what the GP does, help at any hour (L8436-8440); for complex plans work, housing and benefits (L8442-8444).

use super::parts::{
    self, Contact, Dialog, Formulation, Informed, Known, Medication, Need, RelatedPerson, Review, Statement, TeamMember,
};

code_list! {
    /// On what footing a plan stands (L699-703).
    PlanStanding {
        Agreed => "agreed", "agreed with the person";
        BestInterests => "best-interests", "written in the person's best interests: they did not take part";
        NotAgreed => "not-agreed", "not agreed by the person";
    }
}

code_list! {
    /// Words of older teams (L1200-1245). New plans say who the key worker is instead.
    Programme {
        Cpa => "cpa", "on the Care Programme Approach (CPA)";
        NonCpa => "non-cpa", "not on the Care Programme Approach (non-CPA)";
    }
}

document! {
    /// A care plan.
    CarePlan, "care-plan.schema.json", types &[("718347000", "Mental health care plan")];
    mark standing: PlanStanding, "plan-standing", "Standing of this plan";
    mark programme: Programme, "care-programme", "Care Programme Approach";

    "about-me", "About me", NeedsAndGoals, "patient-and-carer-concerns-expectations-and-wishes"
        "Patient and carer concerns, expectations and wishes" => {
        what_matters: Known<Statement> as Observation, "what-matters", "What matters to me";
        strengths: Known<Statement> as Observation, "strengths", "My strengths";
        /// Culture, faith, identity, language: diverse needs (L695-697).
        culture: Known<Statement> as Observation, "culture", "My culture, beliefs and identity";
    }
    "agreement", "How this plan was agreed", NeedsAndGoals => {
        /// How the person and carer took part, or why they did not; what they do not agree with (L700-703).
        taking_part: Known<Statement> as Observation, "taking-part", "How I took part in this plan";
        copy_offered: Known<Statement> as Observation, "copy-offered", "Copies offered and given";
    }
    "needs", "Needs and goals", NeedsAndGoals, "aim-goal" "Aim/goal" => {
        needs: Known<Need> as Goal, "needs", "Needs and goals";
    }
    "evaluation", "How it is going", NeedsAndGoals => {
        /// Written after each review (L4213-4215, L4299-4301).
        evaluation: Known<Statement> as Observation, "evaluation", "What has changed since the last review";
    }
    "dialog", "DIALOG", DialogScores, "assessment-scales" "Assessment scales" => {
        dialog: Known<Dialog> as QuestionnaireResponse, "dialog", "How satisfied I am (DIALOG)";
        dialog_again: Known<Statement> as Observation, "dialog-again", "How often we do DIALOG";
    }
    "care-team", "Care team", Actions => {
        care_team: Known<TeamMember> as CareTeam, "care-team", "Who is involved in my care";
    }
    "actions", "Agreed actions", Actions, "plan-and-requested-actions" "Plan and requested actions" => {
        person_actions: Known<Statement> as Observation, "person-actions", "What I do";
        service_actions: Known<Statement> as Observation, "service-actions", "What services do";
        /// Work set out for a health care support worker (L708-712).
        support_worker_tasks: Known<Statement> as Observation, "support-worker-tasks", "What the support worker does";
        gp_actions: Known<Statement> as Observation, "gp-actions", "What the GP should do if I need more help";
    }
    "carers", "Family and carers", Carer => {
        carers: Known<RelatedPerson> as RelatedPerson, "carers", "My family, friends and carers";
        carer_actions: Known<Statement> as Observation, "carer-actions", "What my family and carers do";
        /// Told of their rights, assessment offered, own plan (L1277-1281, L4139-4142).
        carers_assessment: Known<Statement> as Observation, "carers-assessment", "Support offered to my carers";
    }
    "crisis", "In a crisis", ContingencyPlan => {
        crisis_person: Known<Statement> as Observation, "crisis-person", "What I do in a crisis";
        crisis_carer: Known<Statement> as Observation, "crisis-carer", "What my carer does in a crisis";
        crisis_service: Known<Statement> as Observation, "crisis-service", "What the service does in a crisis";
    }
    "contacts", "Contacts in a crisis", ContingencyPlan, "professional-contacts" "Professional contacts" => {
        /// 24 hours a day, 365 days a year (L8439-8440).
        contacts: Known<Contact> as Contact, "contacts", "How to reach help, 24 hours a day";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        risk: Formulation as Formulation, "risk", "Risk and safety";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        medication: Known<Medication> as MedicationStatement, "medication", "My medicines";
    }
    "physical-health", "Physical health", PhysicalHealth => {
        physical_health: Known<Need> as Goal, "physical-health", "My physical health";
        /// Discussed with the GP; what the team takes on where the person does not go there (L704-706).
        physical_health_lead: Known<Statement> as Observation, "physical-health-lead", "Who looks after my physical health";
    }
    "work-housing-money", "Work, housing and money", FinanceHousingEmployment, "social-context" "Social context" => {
        employment: Known<Need> as Goal, "employment", "Work, learning and what I do with my day";
        housing: Known<Need> as Goal, "housing", "Housing";
        benefits: Known<Need> as Goal, "benefits", "Benefits and money";
    }
    "legal-status", "Legal status", LegalStatus, "mental-health-act-or-equivalent-status"
        "Mental Health Act or equivalent status" => {
        section_117: Known<Statement> as Observation, "section-117", "Section 117 aftercare";
        cto: Known<Statement> as Observation, "cto", "Community Treatment Order";
        capacity: Known<Statement> as Observation, "capacity", "Capacity and who may decide for me";
    }
    "advance-statement", "Advance statement of wishes", AdvanceStatement, "advance-statement" "Advance statement" => {
        /// Not binding, and must be considered (L1263-1267).
        advance_statement: Known<Statement> as Observation, "advance-statement", "My advance statement of wishes";
    }
    "advance-decision", "Advance decision to refuse treatment", AdvanceStatement,
        "advance-decision-to-refuse-treatment" "Advance decision to refuse treatment" => {
        /// Instructions on what treatment to refuse (L1270-1271). Not a wish: never merged with the statement.
        advance_decision: Known<Statement> as Observation, "advance-decision", "Treatment I refuse in advance";
        advance_decision_kept: Known<Statement> as Observation, "advance-decision-kept", "Signed, witnessed and kept where";
    }
    "people-not-to-inform", "People I do not want informed", Carer,
        "consent-for-information-sharing" "Consent for information sharing" => {
        /// Whom the person does not want involved in their care (L4143-4145).
        people_not_to_inform: Known<Informed> as DoNotInform, "people-not-to-inform",
            "I do not want these people to be informed";
    }
    "review", "Review", NeedsAndGoals => {
        review: Review as Review, "review", "When we look at this plan again, and who can ask for it sooner";
    }
}
