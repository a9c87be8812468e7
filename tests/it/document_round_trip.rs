//! Any plan survives native → FHIR JSON → FHIR XML → native, byte for byte after canonical ordering.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::{SCHEMAS, canonical, kind_of};
use cmht_gateway::fhir::{self, Bundle, Format, Limits};
use cmht_gateway::intake::Schemas;
use cmht_gateway::map;

use crate::strategies;

static COMPILED: LazyLock<Schemas> = LazyLock::new(|| Schemas::load(SCHEMAS).unwrap());

/// What the schema of its kind has to say about a document.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    let issues = COMPILED.check(kind_of(document), document, document.to_string().as_bytes());
    issues.into_iter().map(|issue| format!("{}: {}", issue.path.unwrap_or_default(), issue.text)).collect()
}

/// The document Bundle of a native document.
pub(crate) fn bundle(document: &Value) -> Bundle {
    map::to_fhir(kind_of(document), document.clone()).unwrap().value
}

/// Native bytes after a way through FHIR in these formats.
pub(crate) fn there_and_back(document: &Value, formats: &[Format]) -> String {
    let mut value = bundle(document).into_value();
    for format in formats {
        let bytes = fhir::write(&value, *format).unwrap();
        value = fhir::read(&bytes, *format, &Limits::default()).unwrap();
    }
    let bundle = Bundle::new(value).unwrap();
    assert_eq!(map::kind_of(&bundle), Some(kind_of(document)));
    let mapped = map::to_native(kind_of(document), &bundle).unwrap();
    assert_eq!(mapped.notes, [], "nothing of our own is dropped, defaulted or coerced");
    String::from_utf8(canonical(&mapped.value)).unwrap()
}

fn survives(document: &Value) -> Result<(), TestCaseError> {
    let faults = faults(document);
    prop_assert!(faults.is_empty(), "generated outside the schema: {faults:?}");
    prop_assert_eq!(fhir::strict(bundle(document).value()), []);
    let wanted = String::from_utf8(canonical(document)).unwrap();
    prop_assert_eq!(there_and_back(document, &[Format::Json, Format::Xml]), wanted);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_safety_plan_survives_the_way_through_fhir_json_and_xml(document in strategies::document::safety_plan()) {
        survives(&document)?;
    }

    #[test]
    fn any_contingency_plan_survives_the_way_through_fhir_json_and_xml(document in strategies::document::contingency_plan()) {
        survives(&document)?;
    }

    #[test]
    fn any_discharge_letter_survives_the_way_through_fhir_json_and_xml(document in strategies::document::discharge_letter()) {
        survives(&document)?;
    }

    #[test]
    fn any_care_plan_survives_the_way_through_fhir_json_and_xml(document in strategies::document::care_plan()) {
        survives(&document)?;
    }

    #[test]
    fn any_carers_plan_survives_the_way_through_fhir_json_and_xml(document in strategies::document::carers_plan()) {
        survives(&document)?;
    }

    #[test]
    fn any_social_prescribing_handover_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::social_prescribing_handover()) {
        survives(&document)?;
    }

    #[test]
    fn any_handover_outcome_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::handover_outcome()) {
        survives(&document)?;
    }

    #[test]
    fn any_clinical_information_request_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::clinical_information_request()) {
        survives(&document)?;
    }

    #[test]
    fn any_clinical_information_answer_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::clinical_information_answer()) {
        survives(&document)?;
    }

    #[test]
    fn any_private_opinion_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::private_opinion()) {
        survives(&document)?;
    }

    #[test]
    fn any_transfer_to_nhs_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::transfer_to_nhs()) {
        survives(&document)?;
    }

    #[test]
    fn any_care_lead_statement_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::care_lead_statement()) {
        survives(&document)?;
    }

    #[test]
    fn any_shared_care_request_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::shared_care_request()) {
        survives(&document)?;
    }

    #[test]
    fn any_shared_care_answer_survives_the_way_through_fhir_json_and_xml(document in strategies::letters::shared_care_answer()) {
        survives(&document)?;
    }
}

#[test]
fn a_list_of_five_hundred_entries_survives_in_its_order() {
    let entries: Vec<Value> = (0..500).map(|n| json!({"text": format!("sign {n}")})).collect();
    let document = json!({
        "kind": "safety-plan", "id": "long", "written": "2026", "person": {"names": [{"given": ["Kit"]}]},
        "author": {"person": true}, "warning_signs": entries,
    });
    assert!(faults(&document).is_empty());
    let wanted = String::from_utf8(canonical(&document)).unwrap();
    assert_eq!(there_and_back(&document, &[Format::Xml]), wanted);
}
