//! The care plan (`cmht-documents.md` §2; L689-735, L1195-1271, L3780-3786, L3878-3905, L8434-8447), written with the person.
//! The trust requires of it: needs, each with how it is met, by whom and by when (L697-699); unmet needs (L699); that it was
//! agreed, or is a best-interests plan (L699-703); what the person, carers and services do (L3893-3895); a named key worker
//! (L3949-3950); a review date and who can ask for a review (L3641-3644); crisis actions of the person, the carer and the
//! service, what the GP does, help at any hour (L8436-8440); for complex plans work, housing and benefits (L8442-8444).

use super::parts::{
    self, Action, Contact, Dialog, Formulation, Informed, Known, Medication, Need, NeedStatus, RelatedPerson, Review,
    Side, Statement, TeamMember,
};
use super::required::{has_entries, listed};

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
    CarePlan, "care-plan.schema.json", types &[("718347000", "Mental health care plan")], required REQUIREMENTS;
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

requirements! {
    REQUIREMENTS of CarePlan:
    "CP-1", "Needs", "L695-697", "/needs", "Bundle.entry.resource.ofType(Goal)",
        "Name the needs that were found, or say that there are none.",
        "{needs}.exists()", |plan| plan.needs.is_some();
    "CP-2", "How each need is met", "L697-699", "/needs", "Bundle.entry.resource.ofType(Goal)",
        "Say for each need what is done about it, or why it is not met.",
        "{open-goals}.subsetOf(entry.resource.ofType(Task).focus.reference)",
        |plan| plan.all_needs().all(|need| is_settled(need) || need.unmet.is_some() || !need.actions.is_empty());
    "CP-3", "By whom and by when", "L697-698", "/needs", "Bundle.entry.resource.ofType(Task)",
        "Say for each action who takes it, and by when.",
        "{planned-actions}.all((owner.exists() or performerType.exists()) and (restriction.period.end.exists() or \
         focus.resolve().target.due.exists()))",
        |plan| plan.all_needs().all(|need| need.actions.iter().all(|action| has_who_and_when(need, action)));
    "CP-4", "Agreement", "L699-703", "/standing", "Bundle.entry.resource.ofType(Composition).category",
        "Say whether the person agreed to the plan, or that it is in their best interests.",
        "{marked plan-standing} or {agreed-by-person}",
        |plan| plan.standing.is_some() || plan.agreements.iter().any(|agreement| agreement.by == Side::Person);
    "CP-5a", "What the person does", "L3893-3895", "/person_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what the person does, or that there is nothing.",
        "{person-actions}.exists()", |plan| plan.person_actions.is_some();
    "CP-5b", "What carers do", "L3893-3895", "/carer_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what family and carers do, where there are any.",
        "{+carers}.exists() implies {carer-actions}.exists()", |plan| !plan.has_carers() || plan.carer_actions.is_some();
    "CP-5c", "What services do", "L3893-3895", "/service_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what services do.", "{+service-actions}.exists()", |plan| has_entries(plan.service_actions.as_ref());
    "CP-6", "Key worker", "L3947-3949", "/care_team", "Bundle.entry.resource.ofType(CareTeam).participant",
        "Name the key worker.", "{+care-team}.participant.role.{of contact-kind key-worker}",
        |plan| listed(plan.care_team.as_ref()).iter().any(|member| member.key_worker);
    "CP-7a", "Review date", "L3641-3643", "/review/date", "Bundle.entry.resource.ofType(Task).restriction",
        "Give the date of the next review.", "{review}.exists()", |plan| plan.review.is_some();
    "CP-7b", "Who can ask for a review", "L3643-3644", "/review/sooner", "Bundle.entry.resource.ofType(Task).note",
        "Say that the person and their carers can ask for a review at any time, and how.",
        "{review}.all(note.exists())", |plan| plan.review.as_ref().is_none_or(|review| review.sooner.is_some());
    "CP-8a", "What the person does in a crisis", "L8436-8437", "/crisis_person",
        "Bundle.entry.resource.ofType(Observation)", "Say what the person does in a crisis.",
        "{+crisis-person}.exists()", |plan| has_entries(plan.crisis_person.as_ref());
    "CP-8b", "What the carer does in a crisis", "L8436-8437", "/crisis_carer",
        "Bundle.entry.resource.ofType(Observation)", "Say what the carer does in a crisis, where there is one.",
        "{+carers}.exists() implies {crisis-carer}.exists()", |plan| !plan.has_carers() || plan.crisis_carer.is_some();
    "CP-8c", "What the service does in a crisis", "L8436-8437", "/crisis_service",
        "Bundle.entry.resource.ofType(Observation)", "Say what the service does in a crisis.",
        "{+crisis-service}.exists()", |plan| has_entries(plan.crisis_service.as_ref());
    "CP-9", "What the GP does", "L8437-8438", "/gp_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what the GP should do if the person needs more help.",
        "{gp-actions}.exists()", |plan| plan.gp_actions.is_some();
    "CP-10", "Help at any hour", "L8439-8440", "/contacts", "Bundle.entry.resource.ofType(HealthcareService)",
        "Say how the person reaches services 24 hours a day, 365 days a year.",
        "{+contacts}.exists()", |plan| has_entries(plan.contacts.as_ref());
    "CP-11", "Work, housing and benefits", "L8442-8444", "/employment", "Bundle.entry.resource.ofType(Goal)",
        "On the Care Programme Approach: say what is planned for work or other occupation, housing and benefits.",
        "{is care-programme cpa} implies ({employment}.exists() and {housing}.exists() and {benefits}.exists())",
        |plan| plan.programme != Some(Programme::Cpa)
            || (plan.employment.is_some() && plan.housing.is_some() && plan.benefits.is_some());
}

impl CarePlan {
    /// Every need, under whichever heading.
    fn all_needs(&self) -> impl Iterator<Item = &Need> {
        let lists = [&self.needs, &self.physical_health, &self.employment, &self.housing, &self.benefits];
        lists.into_iter().flat_map(|list| listed(list.as_ref()))
    }

    fn has_carers(&self) -> bool {
        has_entries(self.carers.as_ref())
    }
}

/// Whether nothing is left to do about it.
const fn is_settled(need: &Need) -> bool {
    matches!(need.status, Some(NeedStatus::Completed | NeedStatus::Cancelled | NeedStatus::Rejected))
}

fn has_who_and_when(need: &Need, action: &Action) -> bool {
    let who = action.who.is_some() || action.name.is_some() || action.party.is_some() || action.ods.is_some();
    who && (action.by_when.is_some() || need.by_when.is_some())
}
