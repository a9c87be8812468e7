//! The table of every kind of plan and letter in one shape, for whoever goes by all kinds at once: the implementation
//! guide and tests. Holds nothing of its own.

use super::{
    CareLeadStatement, CarePlan, CarersPlan, ClinicalInformationAnswer, ClinicalInformationRequest, Content,
    ContingencyPlan, DischargeLetter, Document, HandoverOutcome, Missing, PrivateOpinion, SafetyPlan, SharedCareAnswer,
    SharedCareRequest, SocialPrescribingHandover, TransferToNhs,
};
use crate::model::{DataCategory, DocumentKind};

/// What a kind of document is made of, without its Rust type.
pub struct Outline {
    pub kind: DocumentKind,
    pub headings: Vec<OutlineHeading>,
    pub marks: Vec<OutlineMark>,
    /// What the trust asks for, each with its invariant (see [`super::Requirement`]).
    pub required: Vec<(Missing, &'static str)>,
}

/// A heading and the questions under it.
pub struct OutlineHeading {
    pub key: &'static str,
    pub title: &'static str,
    pub category: DataCategory,
    pub record_heading: Option<(&'static str, &'static str)>,
    pub questions: Vec<OutlineQuestion>,
}

/// A question: code, words, and the resources that carry its answer.
pub struct OutlineQuestion {
    pub key: &'static str,
    pub title: &'static str,
    pub carrier: Carrier,
}

/// How a resource is known to answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// By the question's code in `code`.
    Code,
    /// By its type and the question's code in `category`: several questions under one heading have that type.
    Category(&'static str),
    /// By its type alone: no other question under its heading has it.
    Types(&'static [&'static str]),
    /// The five Ps, each with a code of its own.
    Formulation,
}

/// A code list that says what sort of this kind a document is.
pub struct OutlineMark {
    /// Last part of the code system's address below our base.
    pub system: &'static str,
    pub title: &'static str,
    pub codes: Vec<(&'static str, &'static str)>,
}

/// Every kind made of a table.
#[must_use]
pub fn outlines() -> Vec<Outline> {
    vec![
        outline::<CarePlan>(),
        outline::<CarersPlan>(),
        outline::<SafetyPlan>(),
        outline::<ContingencyPlan>(),
        outline::<DischargeLetter>(),
        outline::<SocialPrescribingHandover>(),
        outline::<HandoverOutcome>(),
        outline::<ClinicalInformationRequest>(),
        outline::<ClinicalInformationAnswer>(),
        outline::<PrivateOpinion>(),
        outline::<TransferToNhs>(),
        outline::<CareLeadStatement>(),
        outline::<SharedCareRequest>(),
        outline::<SharedCareAnswer>(),
    ]
}

fn outline<D: Document>() -> Outline {
    let headings = D::HEADINGS.iter().map(|heading| OutlineHeading {
        key: heading.key,
        title: heading.title,
        category: heading.category,
        record_heading: heading.record_heading,
        questions: heading
            .fields
            .iter()
            .map(|field| OutlineQuestion { key: field.key, title: field.title, carrier: carrier(&field.content) })
            .collect(),
    });
    let marks =
        D::MARKS.iter().map(|mark| OutlineMark { system: mark.system, title: mark.title, codes: (mark.codes)() });
    let required = D::REQUIRED.iter().map(|requirement| (requirement.item, requirement.invariant));
    Outline { kind: D::KIND, headings: headings.collect(), marks: marks.collect(), required: required.collect() }
}

/// Which resources answer a question with such content.
const fn carrier<D>(content: &Content<D>) -> Carrier {
    match content {
        Content::Observation(_)
        | Content::Flag(_)
        | Content::Answer(_)
        | Content::LegalStatus(_)
        | Content::HelpWanted(_)
        | Content::ServiceRequest(_)
        | Content::FollowUp(_)
        | Content::Review(_) => Carrier::Code,
        Content::Goal(_) => Carrier::Category("Goal"),
        Content::Formulation(_) => Carrier::Formulation,
        Content::RelatedPerson(_) => Carrier::Types(&["RelatedPerson"]),
        Content::Contact(_) => Carrier::Types(&["PractitionerRole", "HealthcareService"]),
        Content::MedicationStatement(_) => Carrier::Types(&["MedicationStatement"]),
        Content::Condition(_) => Carrier::Types(&["Condition"]),
        Content::AllergyIntolerance(_) => Carrier::Types(&["AllergyIntolerance"]),
        Content::Procedure(_) => Carrier::Types(&["Procedure"]),
        Content::Encounter(_) | Content::Consultation(_) => Carrier::Types(&["Encounter"]),
        Content::EpisodeOfCare(_) => Carrier::Types(&["EpisodeOfCare"]),
        Content::Inform(_) | Content::DoNotInform(_) => Carrier::Types(&["Consent"]),
        Content::CareTeam(_) | Content::Lead(_) => Carrier::Types(&["CareTeam"]),
        Content::QuestionnaireResponse(_) => Carrier::Types(&["QuestionnaireResponse"]),
        Content::Asking(_) => Carrier::Types(&["CommunicationRequest"]),
        Content::Telling(_) => Carrier::Types(&["Communication"]),
        Content::Request(_) => Carrier::Types(&["ServiceRequest"]),
        Content::Outcome(_) | Content::Decision(_) => Carrier::Types(&["Task"]),
    }
}
