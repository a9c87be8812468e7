//! Document kinds and purposes of sharing.

use serde::{Deserialize, Serialize};

/// Which document a message carries (`cmht-documents.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// §1: a request that a team takes a person on.
    Referral,
    /// §1, L528-529: what is missing from a referral, asked of the referrer.
    InformationRequest,
    /// How a request stands with somebody who has it, told to everybody with standing (`routing-and-clocks.md`).
    StatusUpdate,
    /// §2: needs, who meets them and by when.
    CarePlan,
    /// §2, L8444-8447: the plan of a carer, about the carer's own needs.
    CarersPlan,
    /// §3: the person's own plan for a crisis, which the person holds.
    SafetyPlan,
    /// §3: what the service will do when there are signs of relapse.
    ContingencyPlan,
    /// §4: to the person, copied to the GP.
    DischargeLetter,
    /// §5: a person is handed over to a VCSE service.
    SocialPrescribingHandover,
    /// §5: what became of a handover, in a line or two.
    HandoverOutcome,
    /// §6: between NHS and private clinicians.
    ClinicalInformationRequest,
    /// §6: the answer to such a request.
    ClinicalInformationAnswer,
    /// §6: a private clinician's opinion, for the NHS record.
    PrivateOpinion,
    /// §6: joins the waiting list at the position it would have had.
    TransferToNhs,
    /// §6: who leads on which area of care.
    CareLeadStatement,
    /// §6: asks the GP to prescribe or share care.
    SharedCareRequest,
    /// §6: the GP accepts or declines.
    SharedCareAnswer,
    /// A clock is due soon or breached (`routing-and-clocks.md`, "Clocks").
    ClockNotice,
    /// What a record system tells of a person's care: taken, and passed on to nobody.
    CareEvent,
}

impl DocumentKind {
    pub const ALL: &'static [Self] = &[
        Self::Referral,
        Self::InformationRequest,
        Self::StatusUpdate,
        Self::CarePlan,
        Self::CarersPlan,
        Self::SafetyPlan,
        Self::ContingencyPlan,
        Self::DischargeLetter,
        Self::SocialPrescribingHandover,
        Self::HandoverOutcome,
        Self::ClinicalInformationRequest,
        Self::ClinicalInformationAnswer,
        Self::PrivateOpinion,
        Self::TransferToNhs,
        Self::CareLeadStatement,
        Self::SharedCareRequest,
        Self::SharedCareAnswer,
        Self::ClockNotice,
        Self::CareEvent,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::InformationRequest => "information-request",
            Self::StatusUpdate => "status-update",
            Self::CarePlan => "care-plan",
            Self::CarersPlan => "carers-plan",
            Self::SafetyPlan => "safety-plan",
            Self::ContingencyPlan => "contingency-plan",
            Self::DischargeLetter => "discharge-letter",
            Self::SocialPrescribingHandover => "social-prescribing-handover",
            Self::HandoverOutcome => "handover-outcome",
            Self::ClinicalInformationRequest => "clinical-information-request",
            Self::ClinicalInformationAnswer => "clinical-information-answer",
            Self::PrivateOpinion => "private-opinion",
            Self::TransferToNhs => "transfer-to-nhs",
            Self::CareLeadStatement => "care-lead-statement",
            Self::SharedCareRequest => "shared-care-request",
            Self::SharedCareAnswer => "shared-care-answer",
            Self::ClockNotice => "clock-notice",
            Self::CareEvent => "care-event",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// Whether the document says what somebody intends to do, and so is a CarePlan as well.
    #[must_use]
    pub const fn is_plan(self) -> bool {
        matches!(self, Self::CarePlan | Self::CarersPlan | Self::SafetyPlan | Self::ContingencyPlan)
    }

    /// Whether it is a document about a person, and not a message of the gateway about a message.
    #[must_use]
    pub const fn is_document(self) -> bool {
        !matches!(self, Self::InformationRequest | Self::StatusUpdate | Self::ClockNotice | Self::CareEvent)
    }

    /// Whether the document is a letter to the person it is about, and so says "you".
    #[must_use]
    pub const fn is_to_person(self) -> bool {
        matches!(self, Self::DischargeLetter)
    }

    /// Whether the person it is about reads every document of this kind: a letter to them, a plan that is their own, or one
    /// they are given a copy of (§2-4; L696, L700-702, L4305-4308, L8563-8567). A carer's plan is the carer's, a contingency
    /// plan the service's (L8560-8562: the crisis team must find there what a carer confided), and what goes between
    /// clinicians reaches the person only where it says so.
    #[must_use]
    pub const fn is_read_by_person(self) -> bool {
        self.is_to_person() || matches!(self, Self::CarePlan | Self::SafetyPlan)
    }

    /// Words for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Referral => "Referral",
            Self::InformationRequest => "Request for missing information",
            Self::StatusUpdate => "How a request stands",
            Self::CarePlan => "Care plan",
            Self::CarersPlan => "Carer's plan",
            Self::SafetyPlan => "Safety plan",
            Self::ContingencyPlan => "Contingency plan",
            Self::DischargeLetter => "Discharge letter",
            Self::SocialPrescribingHandover => "Social prescribing handover",
            Self::HandoverOutcome => "Handover outcome",
            Self::ClinicalInformationRequest => "Request for clinical information",
            Self::ClinicalInformationAnswer => "Answer to a request for clinical information",
            Self::PrivateOpinion => "Private opinion",
            Self::TransferToNhs => "Transfer from private to NHS care",
            Self::CareLeadStatement => "Statement of who leads on care",
            Self::SharedCareRequest => "Shared-care request",
            Self::SharedCareAnswer => "Answer to a shared-care request",
            Self::ClockNotice => "Notice of a clock",
            Self::CareEvent => "Event in a person's care",
        }
    }
}

/// Why information is shared. Direct care is the only purpose until a document asks for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    DirectCare,
    /// Telling a sender what became of its own message ("Closing the loop", `routing-and-clocks.md`).
    MessageOutcome,
    /// General information and signposting to support, which tells nothing about any person (CS-06).
    GeneralInformation,
}

impl Purpose {
    pub const ALL: &'static [Self] = &[Self::DirectCare, Self::MessageOutcome, Self::GeneralInformation];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DirectCare => "direct-care",
            Self::MessageOutcome => "message-outcome",
            Self::GeneralInformation => "general-information",
        }
    }
}
