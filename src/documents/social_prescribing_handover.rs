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
use super::required::has_entries;

document! {
    /// A social prescribing handover.
    SocialPrescribingHandover, "social-prescribing-handover.schema.json", types &[], required REQUIREMENTS;

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

requirements! {
    REQUIREMENTS of SocialPrescribingHandover:
    "SP-1", "How to reach the person", "L3409-3412", "/person/telecoms", "Bundle.entry.resource.ofType(Patient).telecom",
        "Say how the person wants to be reached.",
        "{patient}.telecom.exists() or {patient}.address.exists()",
        |handover| !handover.person.telecoms.is_empty() || !handover.person.addresses.is_empty();
    "SP-2", "Help wanted", "L3404-3415", "/help_wanted", "Bundle.entry.resource.ofType(Observation)",
        "Say what the person wants help with.",
        "{+help-wanted}.exists()", |handover| has_entries(handover.help_wanted.as_ref());
    "SP-3", "What matters", "L3404-3415", "/what_matters", "Bundle.entry.resource.ofType(Observation)",
        "Say what matters to the person.", "{what-matters}.exists()", |handover| handover.what_matters.is_some();
    "SP-4", "What has been agreed", "L3410-3415", "/agreed", "Bundle.entry.resource.ofType(Observation)",
        "Say what has been agreed with the person.", "{+agreed}.exists()", |handover| has_entries(handover.agreed.as_ref());
    "SP-5a", "Language", "L510", "/person/language", "Bundle.entry.resource.ofType(Patient).communication",
        "Send the language the person prefers.",
        "{patient}.communication.exists()", |handover| handover.person.language.is_some();
    "SP-5b", "Interpreter", "L510", "/person/interpreter_required", "Bundle.entry.resource.ofType(Patient).extension",
        "Say whether an interpreter is required.",
        "{patient}.{interpreter}.exists()", |handover| handover.person.interpreter_required.is_some();
    "SP-5c", "Access", "L1643-1650", "/access", "Bundle.entry.resource.ofType(Observation)",
        "Say what makes it easier for the person to come and take part, or that nothing is needed.",
        "{access}.exists()", |handover| handover.access.is_some();
    "SP-6", "Risk the receiver must know", "L3404-3415", "/risk_to_know", "Bundle.entry.resource.ofType(Flag)",
        "Say what the service must know to keep everybody safe, or that nothing is known.",
        "{risk-to-know}.exists()", |handover| handover.risk_to_know.is_some();
    "SP-7", "Whom to ring", "L3413-3415", "/contacts", "Bundle.entry.resource.ofType(HealthcareService)",
        "Say whom to ring if things get worse.", "{+contacts}.exists()", |handover| has_entries(handover.contacts.as_ref());
    "SP-8", "Sending the person back", "L1643-1650", "/sending_back", "Bundle.entry.resource.ofType(Observation)",
        "Say how the service can send the person back.",
        "{+sending-back}.exists()", |handover| has_entries(handover.sending_back.as_ref());
    "SP-9", "Consent", "CS-05", "/consent", "Bundle.entry.resource.ofType(Consent)",
        "Say what the person consented to.", "{consent}.exists()", |handover| handover.consent.is_some();
    "SP-10", "Outcome measure", "L3404-3406", "/outcome_measure", "Bundle.entry.resource.ofType(Observation)",
        "Say which outcome measure was recorded, or that none was.",
        "{outcome-measure}.exists()", |handover| handover.outcome_measure.is_some();
}
