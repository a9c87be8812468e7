//! The carer's own plan (`cmht-documents.md` §2; L8444-8447, L4120-4184): their caring, physical and own mental health needs.
//! The person of this document is the CARER. Whoever they care for stands under headings of their own, as somebody else's
//! facts: the two are never mixed up, and nothing here opens because the cared-for person consents (CS-08). What the carer
//! says in confidence stands apart, so that it never reaches the cared-for person (CS-07, L4182-4184).
//! The trust requires of it: the three kinds of need (L8446-8447), also for children who care (L8445, L4176-4181).

use super::parts::{self, Contact, Informed, Known, Need, RelatedPerson, Review, Statement, TeamMember};

code_list! {
    /// Whether the cared-for person may see the carer's plan (CS-07, CS-08). Not said is the same as withheld.
    CaredForAccess {
        Withheld => "withheld", "kept from the person I care for";
        Agreed => "agreed", "I agree that the person I care for sees it";
    }
}

document! {
    /// A carer's plan. It goes to nobody on the cared-for person's word.
    CarersPlan, "carers-plan.schema.json", types &[], required REQUIREMENTS;
    mark cared_for_access: CaredForAccess, "cared-for-access", "May the person I care for see this plan";

    "cared-for", "The person I care for", ThirdPartyStatement => {
        /// Named apart from the carer; their health stays in their own documents.
        cared_for: Known<RelatedPerson> as RelatedPerson, "cared-for", "Whom I care for";
        cared_for_needs: Known<Statement> as Observation, "cared-for-needs", "What they need me for";
    }
    "told-in-confidence", "Told in confidence", ThirdPartyStatement => {
        told_in_confidence: Known<Statement> as Observation, "told-in-confidence", "What I told the team in confidence";
    }
    "caring-role", "My caring role", Carer => {
        caring_role: Known<Statement> as Observation, "caring-role", "What I do and how much of my time it takes";
        able_and_willing: Known<Statement> as Observation, "able-and-willing", "What I can and want to go on doing";
        /// A carer under 18 (L4176-4181, L8445): school, who else helps.
        young_carer: Known<Statement> as Observation, "young-carer", "If I am under 18";
        strengths: Known<Statement> as Observation, "strengths", "My strengths";
        culture: Known<Statement> as Observation, "culture", "My culture, beliefs and identity";
    }
    "carers-assessment", "Carer's assessment", Carer => {
        /// The council's duty (L4139-4142); told of the right to it (L1277-1281).
        carers_assessment: Known<Statement> as Observation, "carers-assessment", "My assessment and my rights as a carer";
    }
    "caring-needs", "Needs as a carer", Carer => {
        caring_needs: Known<Need> as Goal, "caring-needs", "What I need to go on caring";
        breaks: Known<Need> as Goal, "breaks", "Breaks from caring";
    }
    "physical-health", "Physical health", PhysicalHealth => {
        physical_health: Known<Need> as Goal, "physical-health", "My physical health";
    }
    "mental-health", "Mental health", MentalHealthHistory => {
        mental_health: Known<Need> as Goal, "mental-health", "My own mental health";
    }
    "work-housing-money", "Work, housing and money", FinanceHousingEmployment, "social-context" "Social context" => {
        employment: Known<Need> as Goal, "employment", "Work, school and learning beside caring";
        housing: Known<Need> as Goal, "housing", "Housing";
        benefits: Known<Need> as Goal, "benefits", "Benefits and money";
    }
    "care-team", "Care team", Actions => {
        care_team: Known<TeamMember> as CareTeam, "care-team", "Who supports me";
    }
    "support-network", "Personal support network", Carer => {
        support_network: Known<RelatedPerson> as RelatedPerson, "support-network", "People who help me";
    }
    "crisis", "In a crisis", ContingencyPlan => {
        crisis_carer: Known<Statement> as Observation, "crisis-carer", "What I do in a crisis";
        crisis_service: Known<Statement> as Observation, "crisis-service", "What the service does in a crisis";
        if_i_cannot_care: Known<Statement> as Observation, "if-i-cannot-care", "If I cannot care from one day to the next";
    }
    "contacts", "Contacts in a crisis", ContingencyPlan, "professional-contacts" "Professional contacts" => {
        contacts: Known<Contact> as Contact, "contacts", "How to reach help, 24 hours a day";
    }
    "information", "Information given", Carer, "information-given" "Information given" => {
        information_given: Known<Statement> as Observation, "information-given", "Information and advice I was given";
        /// What the team may tell the carer, as they were told (L4149-4151).
        information_shared_with_me: Known<Statement> as Observation, "information-shared-with-me", "What the team can share with me";
    }
    "people-not-to-inform", "People I do not want informed", Carer,
        "consent-for-information-sharing" "Consent for information sharing" => {
        people_not_to_inform: Known<Informed> as DoNotInform, "people-not-to-inform",
            "I do not want these people to be informed";
    }
    "review", "Review", Carer => {
        review: Review as Review, "review", "When we look at this plan again, and who can ask for it sooner";
    }
}

requirements! {
    REQUIREMENTS of CarersPlan:
    "CA-1", "Needs as a carer", "L8446", "/caring_needs", "Bundle.entry.resource.ofType(Goal)",
        "Name what the carer needs to go on caring, or say that there is nothing.",
        "{caring-needs}.exists()", |plan| plan.caring_needs.is_some();
    "CA-2", "Physical health", "L8446-8447", "/physical_health", "Bundle.entry.resource.ofType(Goal)",
        "Name the carer's physical health needs, or say that there are none.",
        "{physical-health}.exists()", |plan| plan.physical_health.is_some();
    "CA-3", "Own mental health", "L8447", "/mental_health", "Bundle.entry.resource.ofType(Goal)",
        "Name the carer's own mental health needs, or say that there are none.",
        "{mental-health}.exists()", |plan| plan.mental_health.is_some();
    "CA-4", "Rights and assessment", "L1277-1281", "/carers_assessment", "Bundle.entry.resource.ofType(Observation)",
        "Say that the carer was told of their rights and offered an assessment.",
        "{carers-assessment}.exists()", |plan| plan.carers_assessment.is_some();
}
