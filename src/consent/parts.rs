//! Which data category every resource of a bundle belongs to. A `meta.tag` of ours wins; without one, a table by
//! resource type and code; without either, nothing is assumed and the part is unassigned, the most restrictive label.
//! Elements of the few resources that mix categories are the business of `elements`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::label::Label;
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};
use crate::model::DataCategory as C;

/// How a resource is decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As one piece: it goes when every one of these labels may go.
    Whole(BTreeSet<Label>),
    /// Element by element: it mixes categories, or holds no person facts but perhaps somebody's free text.
    Elements,
}

/// How a resource is decided on. `is_subject` says that it is the Patient the bundle is about.
pub(super) fn part(resource: &Value, is_subject: bool) -> Part {
    let kind = resource_type(resource).unwrap_or_default();
    let mut labels = tags(resource);
    let sensitive = sensitivity(resource);
    let by_element = match kind {
        "Patient" => is_subject,
        "ServiceRequest" | "MessageHeader" | "Consent" => true,
        // A tag says that a resource which is usually administrative holds facts of a kind after all.
        _ => ADMINISTRATIVE.contains(&kind) && labels.is_empty() && sensitive.is_empty(),
    };
    if by_element {
        return Part::Elements;
    }
    if labels.is_empty() {
        labels.insert(by_type(kind, resource));
    }
    labels.extend(sensitive);
    Part::Whole(labels)
}

/// Labels that a resource decided element by element needs as a whole, beyond those of its elements: tags that say
/// more than its table does, and sensitivity labels on all of it.
pub(super) fn overall(resource: &Value) -> BTreeSet<Label> {
    let covered: &[C] = match resource_type(resource) {
        Some("Patient") => &[C::Demographics, C::ContactAndCommunication],
        Some("ServiceRequest") => &[C::ReferralReason],
        // Cut down to addresses and references, or to what concerns the recipient, these hold no facts to protect.
        _ => return BTreeSet::new(),
    };
    let covered = |label: &Label| covered.iter().any(|category| *label == Label::from(*category));
    tags(resource).into_iter().chain(sensitivity(resource)).filter(|label| !covered(label)).collect()
}

/// The Patient the bundle is about: the subject of its ServiceRequest, else the only Patient there is.
/// `None` where the subject is contained in the request (see [`contained_subject`]) or cannot be told.
pub(super) fn subject(bundle: &Bundle) -> Option<&Value> {
    let request = bundle.first("ServiceRequest");
    if request.and_then(contained_subject).is_some() {
        return None;
    }
    let named = request.and_then(|r| bundle.follow(r.get("subject"))).filter(|r| resource_type(r) == Some("Patient"));
    let mut all = bundle.all("Patient");
    let only = all.next().filter(|_| all.next().is_none());
    named.or(only)
}

/// The id of the contained Patient a resource has as its subject.
pub(super) fn contained_subject(resource: &Value) -> Option<&str> {
    resource.pointer("/subject/reference")?.as_str()?.strip_prefix('#')
}

/// Whether the bundle tells anything about any person: a resource about one, a clinical part, an NHS number, or a
/// reference to a patient. Looks into contained resources and every element.
pub(super) fn holds_person(bundle: &Bundle) -> bool {
    fn tells(value: &Value) -> bool {
        match value {
            Value::Object(object) => {
                let about = match resource_type(value) {
                    Some(kind) => !ADMINISTRATIVE.contains(&kind) && kind != "MessageHeader" && kind != "Bundle",
                    None => false,
                };
                let numbered = object.get("system").and_then(Value::as_str) == Some(codes::NHS_NUMBER);
                let text = |key| object.get(key).and_then(Value::as_str);
                let points =
                    text("reference").is_some_and(|r| r.contains("Patient/")) || text("type") == Some("Patient");
                about || numbered || points || object.values().any(tells)
            }
            Value::Array(items) => items.iter().any(tells),
            _ => false,
        }
    }
    tells(bundle.value())
}

/// Resource types that make a message work and hold no person facts.
pub(super) const ADMINISTRATIVE: &[&str] = &[
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Location",
    "Endpoint",
    "Task",
    "Provenance",
    "OperationOutcome",
];

/// Administrative resources that are there only to be pointed at: nothing points at them any more, and they would
/// tell by their presence alone (a drug service in the list of organisations).
pub(super) const POINTED_AT: &[&str] =
    &["Organization", "Practitioner", "PractitionerRole", "HealthcareService", "Location", "Endpoint"];

/// Categories given by tag. A tag of ours with a code we do not know leaves the resource unassigned.
fn tags(resource: &Value) -> BTreeSet<Label> {
    codings(resource.pointer("/meta/tag"))
        .filter(|(system, _)| *system == codes::DATA_CATEGORY)
        .map(|(_, code)| C::from_code(code).map_or(Label::Unassigned, Label::from))
        .collect()
}

/// Sensitivity labels whose meaning is one of our categories (v3-ActCode; `ETH` is substance abuse, not ethnicity).
fn sensitivity(resource: &Value) -> BTreeSet<Label> {
    let mut all = codings(resource.pointer("/meta/security"));
    let about_substances = all.any(|(system, code)| system == codes::ACT_CODE && matches!(code, "ETH" | "SUD"));
    about_substances.then(|| Label::from(C::SubstanceUse)).into_iter().collect()
}

/// The category of an untagged resource, by type and then by code.
fn by_type(kind: &str, resource: &Value) -> Label {
    let default = match kind {
        "RelatedPerson" => C::Carer,
        "MedicationStatement"
        | "MedicationRequest"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "Medication" => C::Medication,
        "Condition" => C::MentalHealthHistory,
        "AllergyIntolerance" | "Immunization" | "Observation" | "DiagnosticReport" | "Procedure" => C::PhysicalHealth,
        "RiskAssessment" => C::RiskSummary,
        "Flag" => C::Safeguarding,
        "FamilyMemberHistory" => C::FamilyHistory,
        "CarePlan" | "Goal" => C::NeedsAndGoals,
        _ => return Label::Unassigned,
    };
    let mut by_code = BTreeSet::new();
    let mut unknown = false;
    for (system, code) in codings(resource.pointer("/code/coding")) {
        match SNOMED.iter().find(|(_, wanted)| system == codes::SNOMED && wanted.contains(&code)) {
            Some((category, _)) => {
                by_code.insert(*category);
            }
            None => unknown = true,
        }
    }
    // One code we know beside one we do not, or two that disagree: the code proves nothing.
    match (by_code.len(), unknown) {
        (1, false) => by_code.first().copied().unwrap_or(default).into(),
        (0, _) => default.into(),
        _ => Label::Unassigned,
    }
}

/// Codes that say more than the resource type (`codes.md` §4 and §10).
const SNOMED: &[(C, &[&str])] = &[
    (
        C::DialogScores,
        &[
            "1037651000000100",
            "1037661000000102",
            "1037671000000109",
            "1037681000000106",
            "1037691000000108",
            "1037701000000108",
            "1037711000000105",
            "1037721000000104",
            "1037731000000102",
            "1037741000000106",
            "1037751000000109",
        ],
    ),
    (
        C::RiskSummary,
        &[
            "225444004",
            "6471006",
            "247650009",
            "304594002",
            "401206008",
            "406554000",
            "129707006",
            "391155006",
            "248062006",
        ],
    ),
    (C::FinanceHousingEmployment, &["32911000", "73438004"]),
    (C::Carer, &["184156005", "224484003"]),
];

/// (system, code) of each coding.
fn codings(list: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|c| Some((c.get("system")?.as_str()?, c.get("code")?.as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::{C, Label, Part, holds_person, overall, part, subject};
    use crate::fhir::{Bundle, codes};
    use serde_json::{Value, json};

    fn whole(label: impl Into<Label>) -> Part {
        Part::Whole([label.into()].into())
    }

    fn tagged(kind: &str, code: &str) -> Value {
        json!({"resourceType": kind, "meta": {"tag": [{"system": codes::DATA_CATEGORY, "code": code}]}})
    }

    fn coded(kind: &str, list: &[&str]) -> Value {
        let codings: Vec<Value> = list.iter().map(|c| json!({"system": codes::SNOMED, "code": c})).collect();
        json!({"resourceType": kind, "code": {"coding": codings}})
    }

    #[test]
    fn a_tag_wins_over_the_type_and_an_unknown_tag_is_unassigned() {
        assert_eq!(part(&tagged("Condition", "substance-use"), false), whole(C::SubstanceUse));
        assert_eq!(part(&tagged("DocumentReference", "referral-reason"), false), whole(C::ReferralReason));
        assert_eq!(part(&tagged("Organization", "substance-use"), false), whole(C::SubstanceUse));
        assert_eq!(part(&tagged("Condition", "gossip"), false), whole(Label::Unassigned));
        let mut two = tagged("Condition", "medication");
        two["meta"]["tag"].as_array_mut().unwrap().push(json!({"system": codes::DATA_CATEGORY, "code": "forensic"}));
        assert_eq!(part(&two, false), Part::Whole([C::Medication.into(), C::Forensic.into()].into()));
    }

    #[test]
    fn untagged_resources_follow_their_type_and_code() {
        let table = [
            (json!({"resourceType": "RelatedPerson"}), whole(C::Carer)),
            (json!({"resourceType": "MedicationRequest"}), whole(C::Medication)),
            (json!({"resourceType": "Condition"}), whole(C::MentalHealthHistory)),
            (json!({"resourceType": "Observation"}), whole(C::PhysicalHealth)),
            (json!({"resourceType": "FamilyMemberHistory"}), whole(C::FamilyHistory)),
            (json!({"resourceType": "DocumentReference"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Binary"}), whole(Label::Unassigned)),
            (json!({"resourceType": "QuestionnaireResponse"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Encounter"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Patient"}), whole(Label::Unassigned)),
            (coded("Observation", &["1037651000000100"]), whole(C::DialogScores)),
            (coded("Flag", &["225444004"]), whole(C::RiskSummary)),
            (coded("Flag", &["766561000000109"]), whole(C::Safeguarding)),
            (coded("Condition", &["32911000"]), whole(C::FinanceHousingEmployment)),
            (coded("Condition", &["32911000", "1"]), whole(Label::Unassigned)),
            (coded("Condition", &["32911000", "225444004"]), whole(Label::Unassigned)),
            (json!({"resourceType": "Organization"}), Part::Elements),
            (json!({"resourceType": "ServiceRequest"}), Part::Elements),
        ];
        for (resource, expected) in table {
            assert_eq!(part(&resource, false), expected, "{resource}");
        }
        assert_eq!(part(&json!({"resourceType": "Patient"}), true), Part::Elements);
    }

    #[test]
    fn a_sensitivity_label_adds_to_what_a_resource_needs() {
        let mut resource = tagged("Observation", "physical-health");
        resource["meta"]["security"] = json!([{"system": codes::ACT_CODE, "code": "SUD"}]);
        assert_eq!(part(&resource, false), Part::Whole([C::PhysicalHealth.into(), C::SubstanceUse.into()].into()));
        assert_eq!(overall(&tagged("Patient", "demographics")), [].into());
        assert_eq!(overall(&tagged("ServiceRequest", "forensic")), [C::Forensic.into()].into());
    }

    #[test]
    fn the_subject_is_the_patient_the_request_names() {
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "urn:uuid:a", "resource": {"resourceType": "Patient", "id": "mother"}},
            {"fullUrl": "urn:uuid:b", "resource": {"resourceType": "Patient", "id": "person"}},
            {"fullUrl": "urn:uuid:c", "resource": {"resourceType": "ServiceRequest", "subject": {"reference": "urn:uuid:b"}}},
        ]}))
        .unwrap();
        assert_eq!(subject(&bundle).unwrap()["id"], "person");
    }

    #[test]
    fn a_person_is_found_wherever_it_hides() {
        let with = |resource: Value| {
            holds_person(&Bundle::new(json!({"resourceType": "Bundle", "entry": [{"resource": resource}]})).unwrap())
        };
        assert!(!with(json!({"resourceType": "Task", "input": [{"valueString": "ethnic origin"}]})));
        for resource in [
            json!({"resourceType": "Patient"}),
            json!({"resourceType": "Observation"}),
            json!({"resourceType": "Task", "contained": [{"resourceType": "RelatedPerson"}]}),
            json!({"resourceType": "Task", "for": {"identifier": {"system": codes::NHS_NUMBER, "value": "9990000000"}}}),
            json!({"resourceType": "Task", "for": {"reference": "Patient/1"}}),
            json!({"resourceType": "Task", "for": {"type": "Patient", "display": "somebody"}}),
        ] {
            assert!(with(resource.clone()), "{resource}");
        }
    }
}
