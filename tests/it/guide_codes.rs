//! Every code in the published examples is one somebody defined: ours in our own CodeSystems, others as `codes.md` has
//! verified them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use cmht_gateway::fhir::codes;
use cmht_gateway::guide;

use crate::document_examples::examples;
use crate::document_round_trip::bundle;
use crate::support;

/// Every coding with system and code below a value.
fn codings(value: &Value, out: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            if let (Some(system), Some(code)) = (text("system"), text("code")) {
                out.insert((system.to_owned(), code.to_owned()));
            }
            map.values().for_each(|value| codings(value, out));
        }
        Value::Array(items) => items.iter().for_each(|item| codings(item, out)),
        _ => {}
    }
}

/// Codes of each of our CodeSystems.
fn ours() -> BTreeMap<String, BTreeSet<String>> {
    let all = guide::resources().unwrap();
    let systems = all.iter().filter(|resource| resource["resourceType"] == "CodeSystem");
    systems
        .map(|system| {
            let concepts = system["concept"].as_array().unwrap().iter();
            let codes = concepts.map(|concept| concept["code"].as_str().unwrap().to_owned()).collect();
            (system["url"].as_str().unwrap().to_owned(), codes)
        })
        .collect()
}

fn used() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (_, document) in examples() {
        codings(bundle(&document).value(), &mut found);
    }
    for name in ["complete", "incomplete", "no-nhs-number", "awkward"] {
        codings(&support::message(name), &mut found);
    }
    found
}

#[test]
fn every_code_of_ours_in_the_examples_is_in_a_code_system_of_the_guide() {
    let ours = ours();
    for (system, code) in used().iter().filter(|(system, _)| system.starts_with(codes::BASE)) {
        let known = ours.get(system).unwrap_or_else(|| panic!("{system} is in no CodeSystem of the guide"));
        assert!(known.contains(code), "{system} has no {code}");
    }
}

#[test]
fn every_snomed_code_in_the_examples_that_the_gateway_writes_is_one_the_domain_notes_verified() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/domain");
    let both = ["codes.md", "exchange.md"].map(|name| std::fs::read_to_string(path.join(name)));
    let [Ok(codes_of_all), Ok(exchange)] = both else {
        assert!(std::env::var_os("CI").is_none(), "CI must have {}", path.display());
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let notes = codes_of_all + &exchange;
    let mut said = BTreeSet::new();
    for (_, document) in examples() {
        codings(&document, &mut said);
    }
    for (system, code) in used() {
        if system == codes::SNOMED && !said.contains(&(system.clone(), code.clone())) {
            assert!(notes.contains(&code), "SNOMED CT {code} is in neither");
        }
    }
}
