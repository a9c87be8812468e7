//! The profile of a referral: a message Bundle on UK Core, and the 16 contents of a complete referral (L509-527) as
//! constraints. All are warnings: an incomplete referral is accepted and its gaps are asked for (L528-529).

use serde_json::json;

use super::constraints::{self, Constraint};
use super::documents::sliced_by;
use super::structure::{Structure, at_least_one, element, of_type, root, structure, typed};
use crate::definitions::facts::Element;
use crate::fhir::codes;

pub(super) fn structure_of_message() -> Structure {
    let words = "A referral to a mental health team, as a message.";
    let id = codes::REFERRAL_MESSAGE;
    let one = |slice: &str, kind: &str| {
        let entry = format!("Bundle.entry:{slice}");
        let resource = at_least_one(&format!("{entry}.resource"));
        [
            Element { max: Some("1".to_owned()), ..at_least_one(&entry) },
            Element { types: of_type(kind, &[codes::ukcore(kind)]), ..resource },
        ]
    };
    let mut elements = vec![
        root("Bundle", id, words, contents()),
        Element { fixed: Some(typed("Code", json!("message"))), ..element("Bundle.type") },
        Element { slicing: Some(sliced_by("type", "resource")), ..at_least_one("Bundle.entry") },
    ];
    elements.extend(one("header", "MessageHeader"));
    elements.extend(one("request", "ServiceRequest"));
    structure(id, "Referral message bundle", words, "Bundle", &codes::ukcore("Bundle"), elements)
}

/// The 16 contents, one constraint each.
pub(super) fn contents() -> Vec<Constraint> {
    let patient = "entry.resource.ofType(Patient)";
    let request = "entry.resource.ofType(ServiceRequest)";
    let related = |system: &str, code: &str, item: &str| {
        let of_kind = format!(
            "entry.resource.ofType(RelatedPerson).exists(relationship.coding.exists(system = '{system}' and code = \
             '{code}'))"
        );
        format!("({of_kind} or {})", answered(item))
    };
    let all = |items: &[&str]| items.iter().map(|item| answered(item)).collect::<Vec<_>>().join(" and ");
    let rows: [(u8, &str, String); 16] = [
        (
            1,
            "the NHS number, or why there is none",
            format!(
                "{patient}.identifier.exists(system = '{}' and (value.exists() or extension.exists())) or \
             {patient}.extension('{}').exists()",
                codes::NHS_NUMBER,
                codes::ukcore_extension("NHSNumberUnavailableReason")
            ),
        ),
        (2, "ethnic origin", format!("{patient}.extension('{}').exists()", codes::ukcore_extension("EthnicCategory"))),
        (
            3,
            "language, and whether an interpreter is required",
            format!(
                "{patient}.communication.language.exists() and \
             {patient}.extension('http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired').exists()"
            ),
        ),
        (
            4,
            "reasons for referral, and why now",
            format!(
                "{request}.reasonCode.exists() and {request}.note.exists(extension.exists(url = \
             '{}/StructureDefinition/referral-item' and value = 'why-now'))",
                codes::BASE
            ),
        ),
        (5, "the response asked for", format!("{request}.priority.exists()")),
        (6, "significant life events", answered("significant-life-events")),
        (7, "dependants", related(codes::PERSON_RELATIONSHIP, "Dependant", "dependants")),
        (8, "next of kin", related(codes::CONTACT_ROLE, "N", "next-of-kin")),
        (9, "working diagnosis, and treatments already tried", all(&["working-diagnosis", "treatments-tried"])),
        (10, "previous psychiatric history", answered("previous-psychiatric-history")),
        (11, "relevant personal and family history", all(&["personal-history", "family-history"])),
        (
            12,
            "co-existing medical conditions including medication",
            format!(
                "{} and (entry.resource.ofType(MedicationStatement).exists() or {})",
                answered("medical-conditions"),
                answered("medication")
            ),
        ),
        (
            13,
            "risk to self and to others, current and historical",
            all(&[
                "risk-to-self-current",
                "risk-to-self-historical",
                "risk-to-others-current",
                "risk-to-others-historical",
            ]),
        ),
        (
            14,
            "safeguarding, and whether concerns were reported to the police",
            format!(
                "{} and ({} or {})",
                answered("safeguarding-concerns"),
                none_known("safeguarding-concerns"),
                answered("safeguarding-police")
            ),
        ),
        (15, "existing support networks", answered("support-networks")),
        (16, "carer details", related(codes::PERSON_RELATIONSHIP, "Carer", "carers")),
    ];
    let constraint = |(number, what, expression): (u8, &str, String)| {
        let words = format!("A complete referral says: {what}.");
        constraints::rule(&format!("rf-{number}"), "warning", &words, "L509-527", expression)
    };
    rows.into_iter().map(constraint).collect()
}

/// That some resource is marked with an item of the referral.
fn answered(item: &str) -> String {
    format!(
        "entry.resource.exists((code | category).coding.exists(system = '{}' and code = '{item}'))",
        codes::REFERRAL_ITEM
    )
}

/// That an item is answered with "none known".
fn none_known(item: &str) -> String {
    format!(
        "entry.resource.exists(code.coding.exists(system = '{}' and code = '{item}') and \
         value.coding.exists(system = '{}' and code = 'none-known'))",
        codes::REFERRAL_ITEM,
        codes::ANSWER
    )
}
