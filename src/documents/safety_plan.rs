//! The personal safety plan (`cmht-documents.md` §3; L2425-2515): one document that holds any of the trust's five
//! templates whole and says which it came from. The person holds it. What the service does is the contingency plan's
//! to say: the two are never merged.

use super::parts::{self, Contact, Informed, Known, RelatedPerson, Review, Side, Statement};
use super::required::has_entries;

code_list! {
    /// The template a plan was written on (L2425-2515, Appendix 12).
    SafetyPlanTemplate {
        MySafetyPlan => "my-safety-plan", "My Safety Plan";
        SafetyPlan => "safety-plan", "Safety Plan";
        ReasonsForLiving => "reasons-for-living", "My Reasons for Living Safety Plan";
        WarningSigns => "warning-signs", "Warning Signs Safety Plan";
        ServiceUser => "service-user", "Service-user Safety Plan";
    }
}

document! {
    /// A personal safety plan. Every question of every template is optional: a plan read by a system that knows another
    /// template loses nothing.
    SafetyPlan, "safety-plan.schema.json", types &[("736253002", "Mental health crisis plan")], required REQUIREMENTS;
    mark template: SafetyPlanTemplate, "safety-plan-template", "Template";

    "warning-signs", "Warning signs and triggers", SafetyPlan => {
        /// How I know I am entering crisis.
        warning_signs: Known<Statement> as Observation, "warning-signs", "My warning signs and triggers";
        /// Usual early warning signs of relapse (service-user template).
        early_warning_signs: Known<Statement> as Observation, "early-warning-signs", "My usual early warning signs of relapse";
    }
    "plan-of-action", "Plan of action", SafetyPlan, "plan-and-requested-actions" "Plan and requested actions" => {
        /// Plan of action if early warning signs are evident (service-user template).
        plan_of_action: Known<Statement> as Observation, "plan-of-action", "My plan of action if early warning signs are evident";
        /// The reasons-for-living template's "Plan".
        plan: Known<Statement> as Observation, "plan", "My plan";
    }
    "coping", "Coping", SafetyPlan => {
        coping_strategies: Known<Statement> as Observation, "coping-strategies", "My positive coping methods and strategies";
    }
    "reasons-for-living", "Reasons for living", SafetyPlan => {
        reasons_for_living: Known<Statement> as Observation, "reasons-for-living", "My reasons for living";
    }
    "support-network", "Personal support network", SafetyPlan => {
        /// People I can ask for help.
        support_network: Known<RelatedPerson> as RelatedPerson, "support-network", "People I can ask for help";
    }
    "contacts", "Contacts in a crisis", SafetyPlan, "professional-contacts" "Professional contacts" => {
        /// Organisations, professionals and agencies to contact.
        contacts: Known<Contact> as Contact, "contacts", "Organisations, professionals and agencies to contact in a crisis";
    }
    "safe-environment", "A safe environment", SafetyPlan, "risk-mitigation" "Risk mitigation" => {
        safe_environment: Known<Statement> as Observation, "safe-environment", "How to make my environment safe";
        /// The reasons-for-living template's "Environment".
        environment: Known<Statement> as Observation, "environment", "My environment";
        /// Locations of safety, other environments, places of distraction.
        places_of_safety: Known<Statement> as Observation, "places-of-safety", "Places of safety and distraction";
    }
    "danger-situations", "Danger situations", SafetyPlan => {
        danger_situations: Known<Statement> as Observation, "danger-situations", "Danger situations for me";
        avoiding_danger: Known<Statement> as Observation, "avoiding-danger", "How to avoid these situations";
        managing_danger: Known<Statement> as Observation, "managing-danger", "How to manage those I cannot avoid";
    }
    "alcohol-and-drugs", "Alcohol and drugs", SubstanceUse => {
        alcohol_and_drugs: Known<Statement> as Observation, "alcohol-and-drugs", "Alcohol and drugs";
    }
    "previous-attempts", "Previous attempts", RiskSummary => {
        previous_attempts: Known<Statement> as Observation, "previous-attempts", "Previous attempts";
    }
    "wishes-when-unwell", "Wishes for when I am unwell", AdvanceStatement, "advance-statement" "Advance statement" => {
        interventions_to_avoid: Known<Statement> as Observation, "interventions-to-avoid", "To be avoided when I am unwell";
        preferred_interventions: Known<Statement> as Observation, "preferred-interventions",
            "Interventions, treatments and medication I prefer when I am unwell";
        preferred_staff: Known<Statement> as Observation, "preferred-staff", "Staff I prefer to work with when I am unwell";
    }
    "people-to-inform", "People I want informed", SafetyPlan,
        "consent-for-information-sharing" "Consent for information sharing" => {
        /// A consent for what the plan covers (CS-03).
        people_to_inform: Known<Informed> as Inform, "people-to-inform", "I want these people to be informed";
    }
    "people-not-to-inform", "People I do not want informed", SafetyPlan,
        "consent-for-information-sharing" "Consent for information sharing" => {
        /// An objection from the moment the plan is received (CS-03).
        people_not_to_inform: Known<Informed> as DoNotInform, "people-not-to-inform",
            "I do not want these people to be informed";
    }
    "review", "Review", SafetyPlan => {
        review: Review as Review, "review", "When we look at this plan again";
    }
}

requirements! {
    REQUIREMENTS of SafetyPlan:
    "SA-1", "Template", "L2425-2515", "/template", "Bundle.entry.resource.ofType(Composition).category",
        "Say which template the plan was written on.",
        "{marked safety-plan-template}", |plan| plan.template.is_some();
    "SA-2", "Warning signs", "L2447", "/warning_signs", "Bundle.entry.resource.ofType(Observation)",
        "Say how the person knows that a crisis is coming.",
        "{warning-signs}.exists() or {early-warning-signs}.exists()",
        |plan| plan.warning_signs.is_some() || plan.early_warning_signs.is_some();
    "SA-3", "What helps", "L2459-2460", "/coping_strategies", "Bundle.entry.resource.ofType(Observation)",
        "Say what the person can do: ways of coping, or a plan of action.",
        "{+coping-strategies}.exists() or {+plan-of-action}.exists() or {+plan}.exists()",
        |plan| has_entries(plan.coping_strategies.as_ref())
            || has_entries(plan.plan_of_action.as_ref())
            || has_entries(plan.plan.as_ref());
    "SA-4", "Whom to turn to", "L2466-2490", "/contacts", "Bundle.entry.resource.ofType(HealthcareService)",
        "Name people, organisations or professionals to turn to in a crisis.",
        "{+support-network}.exists() or {+contacts}.exists()",
        |plan| has_entries(plan.support_network.as_ref()) || has_entries(plan.contacts.as_ref());
    "SA-5a", "Agreed by the person", "L2508-2515", "/agreements", "Bundle.entry.resource.ofType(Composition).attester",
        "Say when the person agreed to the plan. An interim plan need not say so.",
        "{interim} or {agreed-by-person}",
        |plan| plan.interim || plan.agreements.iter().any(|agreement| agreement.by == Side::Person);
    "SA-5b", "Agreed by the practitioner", "L2508-2515", "/agreements",
        "Bundle.entry.resource.ofType(Composition).attester",
        "Say which practitioner agreed to the plan, and when. An interim plan need not say so.",
        "{interim} or {agreed-by-practitioner}",
        |plan| plan.interim || plan.agreements.iter().any(|agreement| agreement.by == Side::Practitioner);
}
