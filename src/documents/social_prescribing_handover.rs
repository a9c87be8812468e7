//! The social prescribing handover (`cmht-documents.md` §5; L3404-3415, L1643-1650): the community connector hands a
//! person over, warmly, to a voluntary service. It carries what that service needs to be of help and to keep everybody
//! safe; there is no place in it for the clinical history, and none may be added (CS-05).
//!
//! The trust requires: who the person is and how they want to be reached (`person`); what they want help with
//! (`help_wanted`) and what matters to them (`what_matters`); what has been agreed (`agreed`, L3410-3415: the support
//! plan); language, access and interpreter (`person`, `access`); the risk the receiver must know (`risk_to_know`, which
//! may be none known); whom to ring if things get worse (`contacts`); how to send the person back (`sending_back`); the
//! consent it rests on (`consent`); the outcome measure the connector recorded (`outcome_measure`, L3404-3406).

use super::parts::{self, Contact, HelpWanted, Known, Request, Review, Statement};

document! {
    /// A social prescribing handover.
    SocialPrescribingHandover, "social-prescribing-handover.schema.json", types &[];

    "receiving-service", "Receiving service", ReferralReason, "referral-details" "Referral details" => {
        request: Request as Request, "request", "Who is asked to help";
    }
    "what-matters", "What matters to the person", NeedsAndGoals,
        "patient-and-carer-concerns-expectations-and-wishes" "Patient and carer concerns, expectations and wishes" => {
        what_matters: Known<Statement> as Observation, "what-matters", "What matters to me";
    }
    "help-wanted", "Help wanted", NeedsAndGoals => {
        help_wanted: Known<HelpWanted> as HelpWanted, "help-wanted", "What I want help with";
    }
    "agreed", "What has been agreed", Actions, "plan-and-requested-actions" "Plan and requested actions" => {
        agreed: Known<Statement> as Observation, "agreed", "What we have agreed";
        /// The warm handover itself: who introduces, when, where (L3409-3412; L1643-1649).
        introduction: Known<Statement> as Observation, "introduction", "How the person is introduced";
        /// L3413-3414.
        support_plan: Known<Statement> as Observation, "support-plan", "What the person was given";
    }
    "access", "Language, access and adjustments", ContactAndCommunication,
        "reasonable-adjustments-for-health-and-care-access" "Reasonable adjustments for health and care access" => {
        access: Known<Statement> as Observation, "access", "What makes it easier for me to come and take part";
    }
    "risk-to-know", "What to know to keep everybody safe", RiskSummary, "risk-information" "Risk information" => {
        /// Only what the receiver needs to keep the person, its staff and others safe.
        risk_to_know: Known<Statement> as Flag, "risk-to-know", "What to know to keep everybody safe";
    }
    "getting-help", "Getting help", Actions, "professional-contacts" "Professional contacts" => {
        contacts: Known<Contact> as Contact, "contacts", "Whom to ring if things get worse";
    }
    "sending-back", "Sending the person back", Actions => {
        sending_back: Known<Statement> as Observation, "sending-back", "How to send the person back to us";
    }
    "outcome-measure", "Outcome measure", DialogScores, "assessment-scales" "Assessment scales" => {
        /// What the connector recorded, in words: which measure, when, the result. For the trust's own record.
        outcome_measure: Known<Statement> as Observation, "outcome-measure", "Outcome measure recorded by the connector";
    }
    "next-contact", "Looking at it again", Actions => {
        review: Review as Review, "review", "When the connector asks how it is going";
    }
}
