//! Which field of a document a resource belongs to: by its question's code, else by its type. Reads nothing.

use serde_json::Value;

use super::content::dialog;
use crate::documents::parts::Formulation;
use crate::documents::{Content, Field, Heading};
use crate::fhir::bundle::resource_type;

/// Whether this is a DIALOG score and the field the one for it.
pub(super) fn is_score<D>(field: &Field<D>, value: &Value) -> bool {
    let observed = resource_type(value) == Some("Observation");
    observed && matches!(field.content, Content::QuestionnaireResponse(_)) && dialog::area_of(value).is_some()
}

/// Whether a heading has a place for this resource wherever it stands: a need, a team, a survey or its scores.
pub(super) fn is_plain<D>(heading: &Heading<D>, value: &Value) -> bool {
    let kind = resource_type(value);
    heading.fields.iter().any(|field| match &field.content {
        Content::Goal(_) | Content::CareTeam(_) | Content::QuestionnaireResponse(_) => {
            is_score(field, value) || (kind != Some("Task") && accepts(&field.content, kind))
        }
        _ => false,
    })
}

/// The field under a heading that has this item code, or holds the item it names.
pub(super) fn field_of<'h, D>(heading: &'h Heading<D>, key: &str) -> Option<&'h Field<D>> {
    heading.fields.iter().find(|field| {
        let inner = matches!(field.content, Content::Formulation(_));
        field.key == key || (inner && Formulation::PLACES.iter().any(|place| place.key == key))
    })
}

/// Whether a field reads its Observations itself, rather than as statements.
pub(super) const fn reads_itself<D>(content: &Content<D>) -> bool {
    matches!(content, Content::Answer(_) | Content::LegalStatus(_) | Content::HelpWanted(_))
}

/// Whether a resource of this type without an item code belongs into such a field.
pub(super) fn accepts<D>(content: &Content<D>, kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| kinds(content).contains(&kind))
}

/// Types of the resources such a field is made of.
pub(super) const fn kinds<D>(content: &Content<D>) -> &'static [&'static str] {
    match content {
        Content::Observation(_) | Content::HelpWanted(_) => &["Observation"],
        Content::Flag(_) => &["Flag"],
        Content::Answer(_) | Content::LegalStatus(_) => &[],
        Content::Condition(_) => &["Condition"],
        Content::AllergyIntolerance(_) => &["AllergyIntolerance"],
        Content::Procedure(_) => &["Procedure"],
        Content::Encounter(_) | Content::Consultation(_) => &["Encounter"],
        Content::EpisodeOfCare(_) => &["EpisodeOfCare"],
        Content::ServiceRequest(_) | Content::Request(_) => &["ServiceRequest"],
        Content::Formulation(_) => &["RiskAssessment"],
        Content::RelatedPerson(_) => &["RelatedPerson"],
        Content::Contact(_) => &["PractitionerRole", "HealthcareService"],
        Content::MedicationStatement(_) => &["MedicationStatement", "MedicationRequest"],
        Content::Inform(_) | Content::DoNotInform(_) => &["RelatedPerson", "Organization", "Consent"],
        Content::FollowUp(_) | Content::Review(_) | Content::Outcome(_) | Content::Decision(_) => &["Task"],
        Content::Goal(_) => &["Goal", "Task"],
        Content::QuestionnaireResponse(_) => &["QuestionnaireResponse"],
        Content::Asking(_) => &["CommunicationRequest"],
        Content::Telling(_) => &["Communication"],
        Content::CareTeam(_) | Content::Lead(_) => &["CareTeam"],
    }
}

/// Whether a field holds a letter, a request or an outcome, which its type alone tells apart from all else in a document.
pub(super) const fn stands_alone<D>(content: &Content<D>) -> bool {
    matches!(
        content,
        Content::Asking(_)
            | Content::Telling(_)
            | Content::Request(_)
            | Content::Outcome(_)
            | Content::Decision(_)
            | Content::Consultation(_)
            | Content::Lead(_)
    )
}

/// Where a resource says whom it is about; some are about nobody.
pub(super) fn subject(kind: Option<&str>) -> Option<&'static str> {
    match kind {
        Some("Task") => Some("for"),
        Some("AllergyIntolerance" | "Consent" | "EpisodeOfCare" | "RelatedPerson") => Some("patient"),
        Some("PractitionerRole" | "HealthcareService" | "Organization") => None,
        _ => Some("subject"),
    }
}
