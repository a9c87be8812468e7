//! What happens in a person's care, as far as the gateway is told: one event each, in codes and times only. Clocks,
//! workflow and measures are worked out from these and from nothing else. Names nobody; holds no text of a document.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::vocabulary::vocabulary;
use super::{MessageId, PartyId, PersonKey};

vocabulary! {
    /// What happened (`routing-and-clocks.md`, "Clocks" and "Closing the loop").
    pub enum EventKind {
        /// Details: `urgency`, `origin` (external, internal), `from-kind` (kind of the sender), `missing` (items, by comma).
        ReferralReceived => "referral-received", "referral received";
        Triaged => "triaged", "triaged";
        /// `team` is who answers for it from now on.
        Accepted => "accepted", "accepted";
        /// Details: `items`.
        InformationAsked => "information-asked", "missing information asked for";
        InformationGiven => "information-given", "missing information received";
        /// `team` is the new one; details: `reason`.
        Redirected => "redirected", "redirected";
        /// Details: `reason`.
        Declined => "declined", "declined";
        /// Details: `from`, `to` (urgencies).
        Regraded => "regraded", "re-graded";
        Allocated => "allocated", "allocated";
        /// Direct contact with the person, by any partner; details: `mode`.
        Contacted => "contacted", "contact with the person";
        /// The person could not be reached.
        NoResponse => "no-response", "no response from the person";
        AssessmentOffered => "assessment-offered", "assessment offered";
        Assessed => "assessed", "assessed";
        /// A first outcome measure; details: `measure`.
        BaselineOutcome => "baseline-outcome", "baseline outcome recorded";
        InterventionStarted => "intervention-started", "intervention or plan begun";
        SafetyPlanComplete => "safety-plan-complete", "safety plan complete";
        CarePlanComplete => "care-plan-complete", "care plan complete";
        ReviewComplete => "review-complete", "review complete";
        /// Plan or review went to those who have a share in it.
        PlanShared => "plan-shared", "plan shared";
        /// Details: `setting` (community, hospital).
        RiskAssessed => "risk-assessed", "risk assessed";
        /// Details: `ward`.
        Admitted => "admitted", "admitted to a ward";
        CommunityTeamTold => "community-team-told", "community team told of the admission";
        /// From a ward.
        InpatientDischarge => "inpatient-discharge", "discharged from a ward";
        /// From the team's care.
        Discharged => "discharged", "discharged from the team";
        LetterSent => "letter-sent", "discharge letter sent to person and GP";
        /// Of a hub for a spoke team; `team` is the spoke. Details: `mdt` (date and time).
        MdtDecided => "mdt-decided", "decided by the team meeting";
        ReferralOpened => "referral-opened", "referral opened";
        /// A question to another provider.
        InformationRequested => "information-requested", "information asked of another provider";
        InformationAnswered => "information-answered", "information given by the other provider";
        DutyCall => "duty-call", "call to duty";
        DutyAnswered => "duty-answered", "call to duty answered";
        /// On the waiting list; details: `grade` (red, amber, green).
        Waiting => "waiting", "on the waiting list";
        WaitingContact => "waiting-contact", "contact while waiting";
        /// A crisis assessment could begin.
        CrisisAssessmentAvailable => "crisis-assessment-available", "crisis assessment available";
        /// The person is known to the commissioned drug and alcohol service; `by` is that service.
        DrugServiceInvolved => "drug-service-involved", "known to the drug and alcohol service";
        /// Details: `on` (date).
        DischargePlanned => "discharge-planned", "discharge planned";
        DrugServiceTold => "drug-service-told", "drug and alcohol service told of the discharge";
        /// Details: `measure` (dialog), `point` (start, review, end), `mean`.
        OutcomeScored => "outcome-scored", "outcome measure scored";
        Completed => "completed", "completed";
        Cancelled => "cancelled", "cancelled";
        EnteredInError => "entered-in-error", "entered in error";
        /// A release was denied; details: `rule`, `recipient`.
        ShareRefused => "share-refused", "sharing refused";
        /// Something cannot go on for a stated reason; details: `clock` (rule, or none for all of the request), `reason`.
        Paused => "paused", "clock paused";
        Resumed => "resumed", "clock goes on";
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareEvent {
    /// The same event told twice has the same id and counts once.
    pub id: Uuid,
    pub kind: EventKind,
    /// When it happened, as it was told.
    pub at: Timestamp,
    /// When the gateway learned of it.
    pub recorded: Timestamp,
    pub person: PersonKey,
    /// The referral (or other request) it belongs to, by the message that brought it.
    pub request: Option<MessageId>,
    /// The message that told of it.
    pub message: Option<MessageId>,
    /// Who did it.
    pub by: PartyId,
    /// Who answers for what follows, where that changes or is first known.
    pub team: Option<PartyId>,
    /// Codes and dates by name, as the kind says; never a name, a number of a person, or free text.
    pub detail: BTreeMap<String, String>,
}

impl CareEvent {
    /// A detail by its name.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.detail.get(name).map(String::as_str)
    }
}
