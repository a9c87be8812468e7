//! Any referral survives native → FHIR JSON → FHIR XML → native, byte for byte after canonical ordering.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use cmht_gateway::documents::{Referral, canonical, referral::SCHEMA};
use cmht_gateway::fhir::{self, Bundle, Format, Limits};
use cmht_gateway::map;

use crate::strategies;
use crate::support::sealed;

pub(crate) static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap());

/// Native bytes after a way through FHIR in these formats.
pub(crate) fn there_and_back(document: &Value, formats: &[Format]) -> Vec<u8> {
    let referral = Referral::from_json(document.clone()).unwrap();
    let mut value = map::referral::to_fhir(&referral).value.into_value();
    for format in formats {
        let bytes = fhir::write(&value, *format).unwrap();
        value = fhir::read(&bytes, *format, &Limits::default()).unwrap();
    }
    let mapped = map::referral::from_fhir(&Bundle::new(value).unwrap()).unwrap();
    assert_eq!(mapped.notes, [], "nothing of our own is dropped, defaulted or coerced");
    canonical(&mapped.value.to_json())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_referral_gives_a_valid_bundle_and_survives_the_way_through_fhir_json_and_xml(document in strategies::referral::referral()) {
        let faults: Vec<String> = VALIDATOR.iter_errors(&document).map(|e| e.to_string()).collect();
        prop_assert!(faults.is_empty(), "generated outside the schema: {faults:?}");
        let bundle = map::referral::to_fhir(&Referral::from_json(document.clone()).unwrap()).value;
        prop_assert_eq!(sealed(bundle).map(drop), Ok(()));
        let wanted = String::from_utf8(canonical(&document)).unwrap();
        let got = there_and_back(&document, &[Format::Json, Format::Xml]);
        prop_assert_eq!(String::from_utf8(got).unwrap(), wanted);
    }
}
