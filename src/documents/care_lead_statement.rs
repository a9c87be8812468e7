//! The statement of who leads on which area of care (`cmht-documents.md` §6; L2813-2820): NHS and private care side by
//! side, kept as clearly apart as possible, and written down in the NHS record. Assigns nobody a task.
//!
//! The trust requires: for every area of treatment who leads or co-ordinates (`leads`, L2814-2816), with the sector of each;
//! where there is doubt or disagreement, that private providers were invited to discuss the plan, with the person's consent
//! (`discussion`, `unsettled`, L2816-2818); that the options were shared with a person who has capacity (`person_choice`,
//! L2818-2819), or best interests where they lack it (`best_interests`, L2819-2820).

use super::parts::{self, Known, Lead, Review, Statement, Telling};
use super::required::{has_entries, listed};

document! {
    /// A statement of who leads on which area of care.
    CareLeadStatement, "care-lead-statement.schema.json", types &[], required REQUIREMENTS;

    "care-leads", "Who leads on which area of care", Actions, "services-and-care" "Services and care" => {
        leads: Known<Lead> as Lead, "leads", "Who leads on which area of care";
    }
    "letter", "Letter", ReferralReason => {
        letter: Telling as Telling, "letter", "To whom, and in short";
    }
    "how-decided", "How it was decided", Actions => {
        discussion: Known<Statement> as Observation, "discussion", "Who talked it over, and who was invited";
        person_choice: Known<Statement> as Observation, "person-choice", "The options the person was given and what they chose";
        unsettled: Known<Statement> as Observation, "unsettled", "What is not settled, or where opinions differ";
    }
    "capacity", "Capacity and best interests", LegalStatus, "mental-capacity-assessment" "Mental capacity assessment" => {
        best_interests: Known<Statement> as Observation, "best-interests", "Decisions in the person's best interests";
    }
    "review", "Review", Actions => {
        review: Review as Review, "review", "When this is looked at again";
    }
}

requirements! {
    REQUIREMENTS of CareLeadStatement:
    "IL-51", "Areas of care", "L2814-2816", "/leads", "Bundle.entry.resource.ofType(CareTeam)",
        "Say who leads on which area of care.", "{+leads}.exists()", |statement| has_entries(statement.leads.as_ref());
    "IL-52", "Who leads", "L2814-2816", "/leads", "Bundle.entry.resource.ofType(CareTeam).participant",
        "Name for each area who leads: a person or an organisation.",
        "{+leads}.all(participant.member.exists() or managingOrganization.exists())",
        |statement| listed(statement.leads.as_ref()).iter().all(|l| l.name.is_some() || l.organisation.is_some());
    "IL-53", "Sector of each lead", "L2813-2816", "/leads", "Bundle.entry.resource.ofType(CareTeam).extension",
        "Say for each area whether NHS or private care leads.",
        "{+leads}.all({extension stated-in-sector}.exists())",
        |statement| listed(statement.leads.as_ref()).iter().all(|lead| lead.sector.is_some());
    "IL-54", "Discussion", "L2816-2818", "/discussion", "Bundle.entry.resource.ofType(Observation)",
        "Where something is not settled: say who was invited to talk it over.",
        "{+unsettled}.exists() implies {+discussion}.exists()",
        |statement| !has_entries(statement.unsettled.as_ref()) || has_entries(statement.discussion.as_ref());
    "IL-55", "Choice or best interests", "L2818-2820", "/person_choice", "Bundle.entry.resource.ofType(Observation)",
        "Say which options the person was given, or what is in their best interests.",
        "{+person-choice}.exists() or {+best-interests}.exists()",
        |statement| has_entries(statement.person_choice.as_ref()) || has_entries(statement.best_interests.as_ref());
}
