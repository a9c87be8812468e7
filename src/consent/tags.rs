//! What the labels on a resource say of it: our data categories in `meta.tag`, sensitivity in `meta.security`
//! (<https://hl7.org/fhir/R4/security-labels.html>). A label may narrow and never widens: what is misspelt, unknown or
//! unlikely for the type leaves the resource unassigned. Knows no bundle and decides nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::label::Label;
use crate::fhir::{Bundle, codes, headings};
use crate::model::DataCategory as C;

/// Categories given by tag, and unassigned for every tag that was meant to give one and does not.
pub(super) fn tags(resource: &Value) -> BTreeSet<Label> {
    let all = resource.pointer("/meta/tag").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(tag).collect()
}

fn tag(coding: &Value) -> Option<Label> {
    let text = |key: &str| coding.get(key).and_then(Value::as_str);
    let code = text("code");
    match text("system") {
        // Came back from a document that has no place for it: nobody has said what kind of fact it is.
        Some(codes::CARRIER) => Some(Label::Unassigned),
        Some(codes::DATA_CATEGORY) => Some(code.and_then(C::from_code).map_or(Label::Unassigned, Label::from)),
        // Ours but for white space, case, a slash or the scheme: meant, and not to be relied on.
        Some(system) => (folded(system) == folded(codes::DATA_CATEGORY)).then_some(Label::Unassigned),
        None => code.and_then(|code| C::from_code(&code.trim().to_lowercase())).map(|_| Label::Unassigned),
    }
}

/// Categories of the questions of ours that a resource answers, by its code or category.
pub(super) fn by_item(resource: &Value) -> BTreeSet<Label> {
    let of = |concept: &Value| -> Vec<Label> {
        let codings = concept.get("coding").and_then(Value::as_array).into_iter().flatten();
        codings.flat_map(item).collect()
    };
    let concepts = ["code", "category"].iter().filter_map(|key| resource.get(*key));
    let mut found: BTreeSet<Label> = concepts
        .flat_map(|value| value.as_array().map_or_else(|| of(value), |all| all.iter().flat_map(of).collect()))
        .collect();
    if is_of_dependants(resource) {
        found.insert(Label::AboutAChild);
    }
    found
}

fn item(coding: &Value) -> Vec<Label> {
    let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let (system, code) = (text("system"), text("code"));
    let mut found: Vec<Label> = headings::of_item(system, code).map(Label::from).collect();
    if !found.is_empty() && code == CONFIDED {
        found.push(Label::ToldInConfidence);
    }
    if system == codes::SNOMED && codes::CHILD_CONCERNS.contains(&code) {
        found.extend([C::Safeguarding.into(), Label::AboutAChild]);
    }
    found
}

/// The heading, and the question under it, of what a carer told the team in confidence (CS-07).
pub(super) const CONFIDED: &str = codes::TOLD_IN_CONFIDENCE.0;

/// Whether a resource says something of the person's dependants: who they are is a RelatedPerson, which the team that
/// cares for the person may know; what is feared for them is not (CS-20).
fn is_of_dependants(resource: &Value) -> bool {
    let kind = resource.get("resourceType").and_then(Value::as_str);
    let ours = |coding: &Value| {
        let text = |key: &str| coding.get(key).and_then(Value::as_str).map(str::trim);
        text("system") == Some(codes::REFERRAL_ITEM) && text("code") == Some("dependants")
    };
    let codings = resource.pointer("/code/coding").and_then(Value::as_array).into_iter().flatten();
    let none = resource.pointer("/valueCodeableConcept/coding/0/code").and_then(Value::as_str) == Some("none-known");
    kind != Some("RelatedPerson") && !none && codings.into_iter().any(ours)
}

/// Whether a resource is content of another system that came back as it was, of no category.
pub(super) fn is_unmapped(resource: &Value) -> bool {
    let all = resource.pointer("/meta/tag").and_then(Value::as_array);
    all.into_iter().flatten().any(|coding| coding.get("system").and_then(Value::as_str) == Some(codes::CARRIER))
}

/// A URI without white space, case, scheme and trailing slashes.
pub(super) fn folded(system: &str) -> String {
    let bare: String = system.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let bare = bare.split_once("://").map_or(bare.as_str(), |(_, rest)| rest);
    bare.trim_end_matches('/').to_owned()
}

/// What sensitivity, confidentiality and refrain labels make of a resource. Labels that say how the gateway itself
/// handled a copy, and those of ordinary confidentiality, make nothing of it; what is not known is unassigned. That a
/// resource is restricted adds nothing where its other labels say why.
pub(super) fn sensitivity(resource: &Value) -> BTreeSet<Label> {
    let all = || resource.pointer("/meta/security").and_then(Value::as_array).into_iter().flatten();
    let mut found: BTreeSet<Label> =
        all().filter(|coding| confidentiality(coding).is_none()).filter_map(label).collect();
    let own = tags(resource).into_iter().chain(by_item(resource)).chain(found.iter().copied());
    let known = restriction(&own.collect());
    let is_explained = |code: &str| match code {
        "U" | "L" | "M" | "N" => true,
        "R" => known.is_some(),
        "V" => known == Some("V"),
        _ => false,
    };
    if !all().filter_map(confidentiality).all(is_explained) {
        found.insert(Label::Unassigned);
    }
    found
}

/// What the labels of a bundle say of all that is in it. How restricted it is follows from that; labels that a reading of
/// an earlier bundle had no place for are kept in it, and nobody can tell any more what they were about.
pub(super) fn of_whole(bundle: &Bundle) -> BTreeSet<Label> {
    let own = bundle.value().pointer("/meta/security").and_then(Value::as_array).into_iter().flatten();
    let said = own.filter(|coding| confidentiality(coding).is_none()).filter_map(label);
    let carried = bundle.all("Basic").flat_map(|basic| basic.get("extension").and_then(Value::as_array)).flatten();
    let paths = carried.filter_map(|part| part.pointer("/extension/0/valueString")?.as_str());
    let lost = paths.filter(|path| path.contains(".meta.security")).map(|_| Label::Unassigned);
    said.chain(lost).collect()
}

/// Every label that a resource has by what it says itself.
pub(super) fn of(resource: &Value) -> BTreeSet<Label> {
    tags(resource).into_iter().chain(by_item(resource)).chain(sensitivity(resource)).collect()
}

/// The code of a label of confidentiality.
pub(super) fn confidentiality(coding: &Value) -> Option<&str> {
    let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
    (text("system") == codes::CONFIDENTIALITY).then(|| text("code"))
}

/// How restricted what has these labels is (<https://hl7.org/fhir/R4/v3/Confidentiality/cs.html>): `V` for what is
/// guarded more closely than its category, `R` for what harms by being known; `None` for health information as such.
pub(super) fn restriction(labels: &BTreeSet<Label>) -> Option<&'static str> {
    let restricted = |label: &Label| matches!(label, Label::Category(category) if is_guarded(*category));
    if labels.iter().any(|label| label.sensitivity().is_some()) {
        Some("V")
    } else {
        labels.iter().any(restricted).then_some("R")
    }
}

/// Categories that harm by being known.
const fn is_guarded(category: C) -> bool {
    matches!(
        category,
        C::SubstanceUse | C::Forensic | C::ReproductiveAndSexualHealth | C::Safeguarding | C::ThirdPartyStatement
    )
}

fn label(coding: &Value) -> Option<Label> {
    let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
    if is_handling(coding) {
        return None;
    }
    match (text("system"), text("code")) {
        (codes::SENSITIVITY, code) if code == codes::TOLD_IN_CONFIDENCE.0 => Some(Label::ToldInConfidence),
        (codes::SENSITIVITY, code) if code == codes::ABOUT_A_CHILD.0 => Some(Label::AboutAChild),
        (codes::ACT_CODE, codes::NOT_TO_PATIENT) => Some(Label::ToldInConfidence),
        (codes::ACT_CODE, "MH" | "PSY" | "BH") => Some(C::MentalHealthHistory.into()),
        (codes::ACT_CODE, code) if SUBSTANCES.contains(&code) => Some(C::SubstanceUse.into()),
        (codes::ACT_CODE, code) if SEXUAL_HEALTH.contains(&code) => Some(C::ReproductiveAndSexualHealth.into()),
        _ => Some(Label::Unassigned),
    }
}

/// Whether a label goes along with what it guards, so that whoever has the copy guards it too: what the gateway says of a
/// copy, what it knows to be told in confidence or about a child, and how restricted it is.
pub(super) fn is_lasting(coding: &Value) -> bool {
    is_handling(coding)
        || confidentiality(coding).is_some_and(|code| matches!(code, "N" | "R" | "V"))
        || label(coding).is_some_and(|label| label.sensitivity().is_some())
}

/// Whether a label is one that the gateway itself puts on what it cut.
pub(super) fn is_handling(coding: &Value) -> bool {
    let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
    matches!(
        (text("system"), text("code")),
        (codes::OBSERVATION_VALUE, "SUBSETTED" | "REDACTED") | (codes::ACT_CODE, "NORDSCLCD")
    )
}

/// v3-ActCode on drugs and alcohol; `ETH` is substance abuse, not ethnicity.
const SUBSTANCES: &[&str] = &["ETH", "ETHUD", "ALC", "ALCSUD", "SUD", "SUDS", "OPIOIDUD", "DRG", "DRGIS", "SUDRSK"];
/// v3-ActCode on sexual and reproductive health.
const SEXUAL_HEALTH: &[&str] = &["HIV", "HIVAIDS", "STD", "SEX", "SEXORIENT", "REPRO", "FPI", "PREGNANT"];

/// Whether a resource of this type can be what a tag says it is: what the mapper uses the type for, and the more
/// closely guarded categories. Other types may not be given a category by tag at all.
pub(super) fn plausible(kind: &str, category: C) -> bool {
    let guarded = is_guarded(category);
    let also: &[C] = match kind {
        "Patient" => return true,
        "DocumentReference" => return !impossible(kind, category),
        // In an agreed plan a request is an action; that is for its section to say.
        "ServiceRequest" => return category != C::Actions && !impossible(kind, category),
        "Observation" | "QuestionnaireResponse" => return category != C::Demographics,
        "Condition" => &[
            C::MentalHealthHistory,
            C::PhysicalHealth,
            C::RiskSummary,
            C::FinanceHousingEmployment,
            C::Carer,
            C::LegalStatus,
        ],
        "MedicationStatement"
        | "MedicationRequest"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "Medication" => &[C::Medication],
        "AllergyIntolerance" | "Immunization" => &[C::PhysicalHealth, C::Medication],
        "DiagnosticReport" | "Procedure" => &[C::PhysicalHealth, C::MentalHealthHistory],
        "RiskAssessment" => &[C::RiskSummary],
        "Flag" => &[C::RiskSummary, C::LegalStatus, C::AdvanceStatement, C::Carer],
        "FamilyMemberHistory" => &[C::FamilyHistory],
        "CarePlan" | "Goal" => &[C::NeedsAndGoals, C::Actions, C::SafetyPlan, C::ContingencyPlan, C::AdvanceStatement],
        "RelatedPerson" => &[C::Carer],
        _ => return false,
    };
    guarded || also.contains(&category)
}

/// Whether a resource of this type cannot be of this category, whoever says so: who the person is stands in the Patient
/// alone, and what is diagnosed, taken or feared, or put in a file, is not how to reach them or what was agreed.
pub(super) fn impossible(kind: &str, category: C) -> bool {
    match category {
        C::Demographics => kind != "Patient",
        C::ContactAndCommunication => CLINICAL.contains(&kind) || kind == "ServiceRequest",
        C::Actions => CLINICAL.contains(&kind),
        _ => false,
    }
}

/// Types that hold clinical facts, or anything.
const CLINICAL: &[&str] = &[
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationDispense",
    "Medication",
    "AllergyIntolerance",
    "Immunization",
    "Condition",
    "RiskAssessment",
    "Flag",
    "FamilyMemberHistory",
    "DiagnosticReport",
    "DocumentReference",
];

#[cfg(test)]
mod tests {
    use super::{C, Label, by_item, plausible, sensitivity, tags};
    use crate::fhir::codes;
    use crate::model::DocumentKind;
    use serde_json::json;

    #[test]
    fn a_tag_that_is_meant_to_be_ours_and_is_not_quite_leaves_the_resource_unassigned() {
        let ours = codes::DATA_CATEGORY;
        let table = [
            (json!({"system": ours, "code": "medication"}), Some(C::Medication.into())),
            (json!({"system": ours, "code": "Medication"}), Some(Label::Unassigned)),
            (json!({"system": ours}), Some(Label::Unassigned)),
            (json!({"system": format!("{ours}/"), "code": "medication"}), Some(Label::Unassigned)),
            (json!({"system": format!(" {ours}"), "code": "medication"}), Some(Label::Unassigned)),
            (json!({"system": ours.to_uppercase(), "code": "medication"}), Some(Label::Unassigned)),
            (json!({"system": ours.replace("https", "http"), "code": "medication"}), Some(Label::Unassigned)),
            (json!({"code": "medication"}), Some(Label::Unassigned)),
            (json!({"system": codes::CARRIER, "code": codes::UNMAPPED.0}), Some(Label::Unassigned)),
            (json!({"system": "https://example.org/tag", "code": "medication"}), None),
        ];
        for (tag, expected) in table {
            let found = tags(&json!({"meta": {"tag": [tag.clone()]}}));
            assert_eq!(found.into_iter().next(), expected, "{tag}");
        }
    }

    #[test]
    fn every_sensitivity_label_narrows_and_the_gateways_own_do_not() {
        let table = [
            (codes::ACT_CODE, "ETH", Some(C::SubstanceUse.into())),
            (codes::ACT_CODE, "ETHUD", Some(C::SubstanceUse.into())),
            (codes::ACT_CODE, "OPIOIDUD", Some(C::SubstanceUse.into())),
            (codes::ACT_CODE, "HIV", Some(C::ReproductiveAndSexualHealth.into())),
            (codes::ACT_CODE, "STD", Some(C::ReproductiveAndSexualHealth.into())),
            (codes::ACT_CODE, "SDV", Some(Label::Unassigned)),
            (codes::ACT_CODE, "PSYTHPN", Some(Label::Unassigned)),
            (codes::ACT_CODE, "NODSCLCD", Some(Label::Unassigned)),
            (codes::ACT_CODE, "NOPAT", Some(Label::ToldInConfidence)),
            (codes::ACT_CODE, "MH", Some(C::MentalHealthHistory.into())),
            (codes::SENSITIVITY, "told-in-confidence", Some(Label::ToldInConfidence)),
            (codes::SENSITIVITY, "about-a-child", Some(Label::AboutAChild)),
            (codes::SENSITIVITY, "Told-in-confidence", Some(Label::Unassigned)),
            (codes::ACT_CODE, "NORDSCLCD", None),
            (codes::CONFIDENTIALITY, "R", Some(Label::Unassigned)),
            (codes::CONFIDENTIALITY, "V", Some(Label::Unassigned)),
            (codes::CONFIDENTIALITY, "N", None),
            (codes::OBSERVATION_VALUE, "REDACTED", None),
            ("https://example.org/labels", "secret", Some(Label::Unassigned)),
        ];
        for (system, code, expected) in table {
            let found = sensitivity(&json!({"meta": {"security": [{"system": system, "code": code}]}}));
            assert_eq!(found.into_iter().next(), expected, "{code}");
        }
    }

    #[test]
    fn a_type_takes_only_the_categories_it_can_hold() {
        for (kind, category, expected) in [
            ("MedicationStatement", C::Medication, true),
            ("MedicationStatement", C::SubstanceUse, true),
            ("MedicationStatement", C::Demographics, false),
            ("Condition", C::ReferralReason, false),
            ("Observation", C::ContactAndCommunication, true),
            ("Observation", C::Demographics, false),
            ("DocumentReference", C::Actions, false),
            ("DocumentReference", C::RiskSummary, true),
            ("ServiceRequest", C::ContactAndCommunication, false),
            ("ServiceRequest", C::Actions, false),
            ("Parameters", C::Demographics, false),
            ("Binary", C::RiskSummary, false),
            ("Task", C::Demographics, false),
        ] {
            assert_eq!(plausible(kind, category), expected, "{kind} {category}");
        }
    }

    #[test]
    fn what_is_told_in_confidence_or_about_a_child_is_known_by_the_question_it_answers() {
        let coded = |kind: &str, system: &str, code: &str| {
            by_item(&json!({"resourceType": kind, "code": {"coding": [{"system": system, "code": code}]}}))
        };
        let carers = codes::item_system(DocumentKind::CarersPlan);
        let confided = [C::ThirdPartyStatement.into(), Label::ToldInConfidence].into();
        assert_eq!(coded("Observation", &carers, "told-in-confidence"), confided);
        assert_eq!(coded("Observation", "urn:x", "told-in-confidence"), [].into());
        let child = [C::Safeguarding.into(), Label::AboutAChild].into();
        assert_eq!(coded("Flag", codes::SNOMED, "836881000000105"), child);
        assert_eq!(coded("Flag", codes::REFERRAL_ITEM, "dependants"), child);
        assert_eq!(coded("RelatedPerson", codes::REFERRAL_ITEM, "dependants"), [C::Safeguarding.into()].into());
    }

    #[test]
    fn a_restriction_is_explained_by_the_labels_beside_it_or_leaves_the_resource_unassigned() {
        let of = |tag: &str, labels: &[(&str, &str)]| {
            let labels: Vec<_> = labels.iter().map(|(system, code)| json!({"system": system, "code": code})).collect();
            sensitivity(&json!({"meta": {"tag": [{"system": codes::DATA_CATEGORY, "code": tag}], "security": labels}}))
        };
        let restricted = (codes::CONFIDENTIALITY, "R");
        let very = (codes::CONFIDENTIALITY, "V");
        let confided = (codes::SENSITIVITY, "told-in-confidence");
        assert_eq!(of("substance-use", &[restricted]), [].into());
        assert_eq!(of("substance-use", &[very]), [Label::Unassigned].into());
        assert_eq!(of("medication", &[restricted]), [Label::Unassigned].into());
        assert_eq!(of("medication", &[very, confided]), [Label::ToldInConfidence].into());
        assert_eq!(of("medication", &[restricted, confided]), [Label::ToldInConfidence].into());
    }
}
