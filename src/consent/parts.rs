//! Which data category every resource of a bundle belongs to. A `meta.tag` of ours wins; without one, a table by
//! resource type and code; without either, nothing is assumed and the part is unassigned, the most restrictive label.
//! Elements of the few resources that mix categories are the business of `elements`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::label::Label;
use super::person::Standing;
use super::tags::{self, sensitivity, tags};
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

/// How a resource is decided on, given what it is in its bundle and the labels it is filed under in a document.
pub(super) fn part(resource: &Value, standing: Standing, filed: Option<&BTreeSet<Label>>) -> Part {
    let kind = resource_type(resource).unwrap_or_default();
    let given = tags(resource);
    let known = tags::by_item(resource);
    let sensitive = sensitivity(resource);
    let by_element = match kind {
        "Patient" => standing == Standing::Subject,
        "ServiceRequest" => standing == Standing::Request,
        "Composition" => standing == Standing::Composition,
        "MessageHeader" | "Consent" => true,
        // A plan that points at its parts and says nothing itself.
        "CarePlan" => standing == Standing::Other && given.is_empty() && sensitive.is_empty(),
        // A tag says that a resource which is usually administrative holds facts of a kind after all.
        _ => ADMINISTRATIVE.contains(&kind) && given.is_empty() && known.is_empty() && sensitive.is_empty(),
    };
    if by_element {
        return Part::Elements;
    }
    let about_another = standing == Standing::OfAnother && !given.contains(&C::ThirdPartyStatement.into());
    // A second Patient or request is somebody's or something else's, whatever it is tagged.
    let misplaced = kind == "Patient" || (kind == "ServiceRequest" && standing != Standing::Ordered);
    let mut labels: BTreeSet<Label> = given
        .into_iter()
        .map(|label| match label {
            Label::Category(category) if tags::plausible(kind, category) || vouched(kind, category, filed) => label,
            _ => Label::Unassigned,
        })
        .collect();
    if labels.is_empty() {
        labels.insert(by_type(kind, resource));
    }
    if about_another || misplaced {
        labels.insert(Label::Unassigned);
    }
    // What a question of ours is about is known, whatever a tag or the section claims: both must be permitted.
    labels.extend(known);
    labels.extend(sensitive);
    labels.extend(filed.into_iter().flatten());
    Part::Whole(labels)
}

/// Whether the section a resource stands in says the same of it as its tag: then a type that rarely holds such facts
/// does. Who the person is stands in the Patient alone, and carriers of anything at all stay unassigned.
fn vouched(kind: &str, category: C, filed: Option<&BTreeSet<Label>>) -> bool {
    let carrier = matches!(kind, "Parameters" | "Binary" | "Basic" | "Bundle" | "Composition" | "Patient");
    !carrier && !tags::impossible(kind, category) && filed.is_some_and(|filed| *filed == [Label::from(category)].into())
}

/// Labels that a resource decided element by element needs as a whole, beyond those of its elements: tags that say
/// more than its table does, and sensitivity labels on all of it.
pub(super) fn overall(resource: &Value) -> BTreeSet<Label> {
    let covered: &[C] = match resource_type(resource) {
        Some("Patient") => &[C::Demographics, C::ContactAndCommunication],
        Some("ServiceRequest") => &[C::ReferralReason],
        _ if tags::is_unmapped(resource) => return BTreeSet::from([Label::Unassigned]),
        Some("Composition") => return confidential(resource).into_iter().chain(sensitivity(resource)).collect(),
        // Cut down to addresses and references, or to what concerns the recipient, these hold no facts to protect.
        _ => return BTreeSet::new(),
    };
    let covered = |label: &Label| covered.iter().any(|category| *label == Label::from(*category));
    tags(resource).into_iter().chain(sensitivity(resource)).filter(|label| !covered(label)).collect()
}

/// A Composition may say in an element of its own that it is more than ordinarily confidential.
fn confidential(composition: &Value) -> Option<Label> {
    let code = composition.get("confidentiality").and_then(Value::as_str)?;
    (!matches!(code, "U" | "L" | "M" | "N")).then_some(Label::Unassigned)
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

/// The category of an untagged resource. A type alone tells it only where nothing else could be meant: a diagnosis,
/// a medicine or a finding may be about drugs, HIV or an offence as well as anything. A code of ours may tell it too.
fn by_type(kind: &str, resource: &Value) -> Label {
    if kind == "RelatedPerson" {
        return C::Carer.into();
    }
    if !matches!(kind, "Condition" | "Observation" | "Flag" | "RiskAssessment" | "Procedure") {
        return Label::Unassigned;
    }
    let mut by_code = BTreeSet::new();
    for coding in resource.pointer("/code/coding").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
        let known = SNOMED.iter().find(|(_, wanted)| text("system") == codes::SNOMED && wanted.contains(&text("code")));
        by_code.insert(known.map(|(category, _)| *category));
    }
    // One code we know beside one we do not, or two that disagree: the code proves nothing.
    match (by_code.len(), by_code.first()) {
        (1, Some(Some(category))) => (*category).into(),
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

#[cfg(test)]
mod tests {
    use super::{C, Label, Part, Standing, holds_person, overall, part};
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
        assert_eq!(part(&tagged("Condition", "substance-use"), Standing::Other, None), whole(C::SubstanceUse));
        assert_eq!(
            part(&tagged("DocumentReference", "referral-reason"), Standing::Other, None),
            whole(C::ReferralReason)
        );
        assert_eq!(part(&tagged("Organization", "demographics"), Standing::Other, None), whole(Label::Unassigned));
        for kind in ["Parameters", "Task", "Binary", "Basic", "Madeup", "MedicationStatement"] {
            assert_eq!(part(&tagged(kind, "demographics"), Standing::Other, None), whole(Label::Unassigned), "{kind}");
        }
        assert_eq!(part(&tagged("Condition", "gossip"), Standing::Other, None), whole(Label::Unassigned));
        let mut two = tagged("Condition", "legal-status");
        two["meta"]["tag"].as_array_mut().unwrap().push(json!({"system": codes::DATA_CATEGORY, "code": "forensic"}));
        assert_eq!(part(&two, Standing::Other, None), Part::Whole([C::LegalStatus.into(), C::Forensic.into()].into()));
    }

    #[test]
    fn untagged_resources_follow_their_type_and_code() {
        let table = [
            (json!({"resourceType": "RelatedPerson"}), whole(C::Carer)),
            (json!({"resourceType": "MedicationRequest"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Condition"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Observation"}), whole(Label::Unassigned)),
            (json!({"resourceType": "FamilyMemberHistory"}), whole(Label::Unassigned)),
            (json!({"resourceType": "DocumentReference"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Binary"}), whole(Label::Unassigned)),
            (json!({"resourceType": "QuestionnaireResponse"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Encounter"}), whole(Label::Unassigned)),
            (json!({"resourceType": "Patient"}), whole(Label::Unassigned)),
            (coded("Observation", &["1037651000000100"]), whole(C::DialogScores)),
            (coded("Flag", &["225444004"]), whole(C::RiskSummary)),
            (coded("Flag", &["766561000000109"]), whole(Label::Unassigned)),
            (coded("Condition", &["32911000"]), whole(C::FinanceHousingEmployment)),
            (coded("Condition", &["32911000", "1"]), whole(Label::Unassigned)),
            (coded("Condition", &["32911000", "225444004"]), whole(Label::Unassigned)),
            (json!({"resourceType": "Organization"}), Part::Elements),
            (json!({"resourceType": "ServiceRequest"}), whole(Label::Unassigned)),
        ];
        for (resource, expected) in table {
            assert_eq!(part(&resource, Standing::Other, None), expected, "{resource}");
        }
        assert_eq!(part(&json!({"resourceType": "Patient"}), Standing::Subject, None), Part::Elements);
        assert_eq!(part(&json!({"resourceType": "ServiceRequest"}), Standing::Request, None), Part::Elements);
    }

    #[test]
    fn what_is_about_another_person_is_that_persons_statement_or_unassigned() {
        let given = tagged("Condition", "mental-health-history");
        let labels = Part::Whole([C::MentalHealthHistory.into(), Label::Unassigned].into());
        assert_eq!(part(&given, Standing::OfAnother, None), labels);
        let said = tagged("Observation", "third-party-statement");
        assert_eq!(part(&said, Standing::OfAnother, None), whole(C::ThirdPartyStatement));
        assert_eq!(
            part(&tagged("Patient", "demographics"), Standing::Other, None),
            Part::Whole([C::Demographics.into(), Label::Unassigned].into())
        );
    }

    #[test]
    fn a_sensitivity_label_adds_to_what_a_resource_needs() {
        let mut resource = tagged("Observation", "physical-health");
        resource["meta"]["security"] = json!([{"system": codes::ACT_CODE, "code": "SUD"}]);
        assert_eq!(
            part(&resource, Standing::Other, None),
            Part::Whole([C::PhysicalHealth.into(), C::SubstanceUse.into()].into())
        );
        assert_eq!(overall(&tagged("Patient", "demographics")), [].into());
        assert_eq!(overall(&tagged("ServiceRequest", "forensic")), [C::Forensic.into()].into());
        assert_eq!(overall(&json!({"resourceType": "Consent"})), [].into());
        let mark = json!({"tag": [{"system": codes::CARRIER, "code": codes::UNMAPPED.0}]});
        for kind in ["Consent", "Organization", "Basic", "Encounter", "RelatedPerson"] {
            let returned = json!({"resourceType": kind, "meta": mark});
            let whole = part(&returned, Standing::Other, None) == whole(Label::Unassigned);
            assert!(whole || overall(&returned) == [Label::Unassigned].into(), "{kind}");
        }
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
