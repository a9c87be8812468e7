//! Which data category every heading and every question of the trust's documents is of, for readers of Bundles that may
//! not know the documents themselves. The documents' own tables are the source; `tests/it` holds this one to them.
//! Decides nothing.

use super::codes;
use crate::model::{DataCategory, DocumentKind};

/// A heading of a kind of document; of the referral, which has none, the items of one category.
pub struct HeadingLine {
    pub kind: DocumentKind,
    /// Code in [`codes::DOCUMENT_SECTION`]; empty for the referral.
    pub section: &'static str,
    pub category: DataCategory,
    /// Codes in [`codes::item_system`] of the kind.
    pub items: &'static [&'static str],
}

/// The categories a coding of ours stands for; none where it is no item of ours.
pub fn of_item<'a>(system: &str, code: &'a str) -> impl Iterator<Item = DataCategory> + use<'a> {
    let name = system.strip_prefix(codes::BASE).and_then(|rest| rest.strip_prefix("/CodeSystem/"));
    let kind = name.and_then(|name| name.strip_suffix("-item")).and_then(DocumentKind::from_code);
    let lines = HEADINGS.iter().filter(move |line| Some(line.kind) == kind && line.items.contains(&code));
    lines.map(|line| line.category)
}

/// The categories a section code of ours stands for: in this kind of document, or where the kind is not known or has no
/// such section, in all that have it.
#[must_use]
pub fn of_section(kind: Option<DocumentKind>, code: &str) -> Vec<DataCategory> {
    let lines: Vec<&HeadingLine> = HEADINGS.iter().filter(|line| !code.is_empty() && line.section == code).collect();
    let own: Vec<DataCategory> =
        lines.iter().filter(|line| Some(line.kind) == kind).map(|line| line.category).collect();
    if own.is_empty() { lines.iter().map(|line| line.category).collect() } else { own }
}

macro_rules! headings {
    ($($kind:ident { $($section:literal $category:ident => $($item:literal)+;)+ })+) => {
        /// Every heading with its category and its questions.
        pub const HEADINGS: &[HeadingLine] = &[$($(HeadingLine {
            kind: DocumentKind::$kind,
            section: $section,
            category: DataCategory::$category,
            items: &[$($item),+],
        },)+)+];
    };
}

headings! {
    Referral {
        "" RiskSummary => "alerts" "risk-to-self-current" "risk-to-self-historical" "risk-to-others-current"
            "risk-to-others-historical" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "" Safeguarding => "safeguarding-concerns" "dependants" "safeguarding-police";
        "" NeedsAndGoals => "needs-and-goals";
        "" ContactAndCommunication => "communication-needs";
        "" FamilyHistory => "significant-life-events" "personal-history" "family-history";
        "" MentalHealthHistory => "treatments-tried" "previous-psychiatric-history" "working-diagnosis";
        "" SubstanceUse => "substance-use";
        "" Forensic => "forensic-history";
        "" LegalStatus => "legal-status";
        "" Carer => "support-networks" "next-of-kin" "carers";
        "" FinanceHousingEmployment => "housing-money-work";
        "" ReproductiveAndSexualHealth => "pregnancy-and-sexual-health";
        "" AdvanceStatement => "advance-statement";
        "" ThirdPartyStatement => "statements-by-others";
        "" PhysicalHealth => "medical-conditions" "allergies";
        "" Medication => "medication";
    }
    CarePlan {
        "about-me" NeedsAndGoals => "what-matters" "strengths" "culture";
        "agreement" NeedsAndGoals => "taking-part" "copy-offered";
        "needs" NeedsAndGoals => "needs";
        "evaluation" NeedsAndGoals => "evaluation";
        "dialog" DialogScores => "dialog" "dialog-again";
        "care-team" Actions => "care-team";
        "actions" Actions => "person-actions" "service-actions" "support-worker-tasks" "gp-actions";
        "carers" Carer => "carers" "carer-actions" "carers-assessment";
        "crisis" ContingencyPlan => "crisis-person" "crisis-carer" "crisis-service";
        "contacts" ContingencyPlan => "contacts";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "medication" Medication => "medication";
        "physical-health" PhysicalHealth => "physical-health" "physical-health-lead";
        "work-housing-money" FinanceHousingEmployment => "employment" "housing" "benefits";
        "legal-status" LegalStatus => "section-117" "cto" "capacity";
        "advance-statement" AdvanceStatement => "advance-statement";
        "advance-decision" AdvanceStatement => "advance-decision" "advance-decision-kept";
        "people-not-to-inform" Carer => "people-not-to-inform";
        "review" NeedsAndGoals => "review";
    }
    CarersPlan {
        "cared-for" ThirdPartyStatement => "cared-for" "cared-for-needs";
        "told-in-confidence" ThirdPartyStatement => "told-in-confidence";
        "caring-role" Carer => "caring-role" "able-and-willing" "young-carer" "strengths" "culture";
        "carers-assessment" Carer => "carers-assessment";
        "caring-needs" Carer => "caring-needs" "breaks";
        "physical-health" PhysicalHealth => "physical-health";
        "mental-health" MentalHealthHistory => "mental-health";
        "work-housing-money" FinanceHousingEmployment => "employment" "housing" "benefits";
        "care-team" Actions => "care-team";
        "support-network" Carer => "support-network";
        "crisis" ContingencyPlan => "crisis-carer" "crisis-service" "if-i-cannot-care";
        "contacts" ContingencyPlan => "contacts";
        "information" Carer => "information-given" "information-shared-with-me";
        "people-not-to-inform" Carer => "people-not-to-inform";
        "review" Carer => "review";
    }
    SafetyPlan {
        "warning-signs" SafetyPlan => "warning-signs" "early-warning-signs";
        "plan-of-action" SafetyPlan => "plan-of-action" "plan";
        "coping" SafetyPlan => "coping-strategies";
        "reasons-for-living" SafetyPlan => "reasons-for-living";
        "support-network" SafetyPlan => "support-network";
        "contacts" SafetyPlan => "contacts";
        "safe-environment" SafetyPlan => "safe-environment" "environment" "places-of-safety";
        "danger-situations" SafetyPlan => "danger-situations" "avoiding-danger" "managing-danger";
        "alcohol-and-drugs" SubstanceUse => "alcohol-and-drugs";
        "previous-attempts" RiskSummary => "previous-attempts";
        "wishes-when-unwell" AdvanceStatement => "interventions-to-avoid" "preferred-interventions" "preferred-staff";
        "people-to-inform" SafetyPlan => "people-to-inform";
        "people-not-to-inform" SafetyPlan => "people-not-to-inform";
        "review" SafetyPlan => "review";
    }
    ContingencyPlan {
        "early-warning-signs" ContingencyPlan => "early-warning-signs" "triggers";
        "danger-situations" ContingencyPlan => "danger-situations" "avoiding-danger" "managing-danger";
        "plan-of-action" ContingencyPlan => "plan-of-action" "service-actions" "person-actions" "carer-actions";
        "medication" Medication => "medication";
        "contacts" ContingencyPlan => "contacts";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "review" ContingencyPlan => "review";
    }
    DischargeLetter {
        "clinical-summary" MentalHealthHistory => "summary" "discharge-discussion";
        "discharge-details" MentalHealthHistory => "team-care" "hospital-stay";
        "discharge-route" Actions => "route-access-point" "route-connector" "route-medication";
        "services-and-care" Actions => "services";
        "community-connector" Actions => "community-organisations";
        "informal-support" Carer => "support-network" "support-groups";
        "medication" Medication => "medication" "medication-arrangements" "medication-advice" "shared-care";
        "allergies" PhysicalHealth => "allergies";
        "relapse-plan" ContingencyPlan => "relapse-signatures" "relapse-actions" "contingency-plan";
        "getting-help" ContingencyPlan => "contacts" "getting-help";
        "follow-up" Actions => "follow-up";
        "plan-and-requested-actions" Actions => "person-actions" "gp-actions" "service-actions" "others-told";
        "safety-alerts" RiskSummary => "safety-alerts" "risk-to-self" "risk-to-others" "risk-from-others";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "safeguarding" Safeguarding => "safeguarding";
        "diagnoses" MentalHealthHistory => "diagnoses";
        "physical-health" PhysicalHealth => "physical-conditions" "physical-health";
        "investigation-results" PhysicalHealth => "investigation-results";
        "procedures" PhysicalHealth => "procedures";
        "assessment-scales" MentalHealthHistory => "assessment-scales";
        "legal-information" LegalStatus => "legal-status" "section-117" "section-117-aftercare" "mental-capacity"
            "legal-information";
        "information-given" Actions => "recovery-plan" "workbook" "information-given" "discharge-pack";
        "patient-and-carer-concerns" NeedsAndGoals => "concerns";
        "carer-concerns" Carer => "carer-concerns";
        "individual-requirements" ContactAndCommunication => "individual-requirements";
        "social-context" FinanceHousingEmployment => "social-context";
        "family-history" FamilyHistory => "family-history";
        "referrer-details" ContactAndCommunication => "referrer";
        "admission-details" ReferralReason => "admission-reason";
        "participation-in-research" MentalHealthHistory => "research";
    }
    SocialPrescribingHandover {
        "receiving-service" ReferralReason => "request";
        "what-matters" NeedsAndGoals => "what-matters";
        "help-wanted" NeedsAndGoals => "help-wanted";
        "agreed" Actions => "agreed" "introduction" "support-plan";
        "access" ContactAndCommunication => "access";
        "risk-to-know" RiskSummary => "risk-to-know";
        "getting-help" Actions => "contacts";
        "sending-back" Actions => "sending-back";
        "outcome-measure" DialogScores => "outcome-measure";
        "next-contact" Actions => "review";
    }
    HandoverOutcome {
        "outcome" Actions => "outcome";
    }
    ClinicalInformationRequest {
        "request" ReferralReason => "request" "reason";
        "care-here" MentalHealthHistory => "care-here";
        "meanwhile" Actions => "meanwhile" "escalation";
    }
    ClinicalInformationAnswer {
        "letter" ReferralReason => "letter" "not-included";
        "diagnoses" MentalHealthHistory => "diagnoses";
        "clinical-summary" MentalHealthHistory => "history" "treatment";
        "medication" Medication => "medication";
        "investigations" PhysicalHealth => "investigations" "physical-health";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "alcohol-and-drugs" SubstanceUse => "alcohol-and-drugs";
        "safeguarding" Safeguarding => "safeguarding";
    }
    PrivateOpinion {
        "letter" ReferralReason => "letter" "question";
        "clinical-summary" MentalHealthHistory => "findings" "treatment";
        "investigations" PhysicalHealth => "investigations";
        "diagnoses" MentalHealthHistory => "diagnoses";
        "medication" Medication => "medication";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "recommendations" Actions => "recommendations" "asked-of-nhs" "private-care";
        "information-given" Actions => "told";
        "review" Actions => "review";
    }
    TransferToNhs {
        "receiving-service" ReferralReason => "request";
        "waiting-list" ReferralReason => "first-consultation";
        "reason-for-transfer" ReferralReason => "reason" "person-wishes";
        "diagnoses" MentalHealthHistory => "diagnoses";
        "clinical-summary" MentalHealthHistory => "findings" "treatment";
        "medication" Medication => "medication";
        "investigations" PhysicalHealth => "investigations";
        "risk" RiskSummary => "risk" "formulation-problem" "formulation-predisposing" "formulation-precipitating"
            "formulation-perpetuating" "formulation-protective";
        "handing-over" Actions => "private-care";
    }
    CareLeadStatement {
        "care-leads" Actions => "leads";
        "letter" ReferralReason => "letter";
        "how-decided" Actions => "discussion" "person-choice" "unsettled";
        "capacity" LegalStatus => "best-interests";
        "review" Actions => "review";
    }
    SharedCareRequest {
        "receiving-service" ReferralReason => "request" "reason";
        "diagnoses" MentalHealthHistory => "diagnoses";
        "medication" Medication => "medication";
        "monitoring" Medication => "stability" "monitoring" "adverse-effects";
        "investigations" PhysicalHealth => "investigations";
        "who-does-what" Actions => "specialist-does" "gp-does" "person-does" "if-declined";
        "getting-help" Actions => "contacts";
        "review" Actions => "review";
    }
    SharedCareAnswer {
        "decision" Actions => "decision" "conditions" "prescribing";
        "letter" ReferralReason => "letter";
    }
}
