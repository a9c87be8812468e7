//! The statement of who leads on which area of care (`cmht-documents.md` §6; L2813-2820): NHS and private care side by
//! side, kept as clearly apart as possible, and written down in the NHS record. Assigns nobody a task.
//!
//! The trust requires: for every area of treatment who leads or co-ordinates (`leads`, L2814-2816), with the sector of each;
//! where there is doubt or disagreement, that private providers were invited to discuss the plan, with the person's consent
//! (`discussion`, `unsettled`, L2816-2818); that the options were shared with a person who has capacity (`person_choice`,
//! L2818-2819), or best interests where they lack it (`best_interests`, L2819-2820).

use super::parts::{self, Known, Lead, Review, Statement, Telling};

document! {
    /// A statement of who leads on which area of care.
    CareLeadStatement, "care-lead-statement.schema.json", types &[];

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
