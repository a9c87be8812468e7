//! There and back, and what is refused.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::directory::{DEMO, Directory, Problem, Rows, Share};

fn now() -> Timestamp {
    "2026-02-10T09:00:00Z".parse().unwrap()
}

/// Every field there is, and entries that follow upon each other.
pub(in crate::directory) const FULL: &str = r#"
    [[organisation]]
    id = "trust"
    name = "The \"Trust\", <Leicester> & more"
    kind = "nhs-trust"
    ods = "Y90010"
    person_access = true
    telephone = "+44 116 496 0000"
    email = "a@trust.example"
    website = "https://trust.example/"
    opening = "Mondays | Tuesdays"
    services = "=SUM(1)\nand a second line"
    from = 2020-04-01
    [[organisation]]
    id = "trust"
    name = "The Old Trust"
    kind = "other-nhs"
    until = 2020-03-31
    [[organisation]]
    id = "roots"
    name = "Roots"
    kind = "vcse"
    [[team]]
    id = "hub"
    name = "Hub"
    kind = "cmht"
    part_of = "trust"
    fallback = true
    [[team]]
    id = "spoke"
    name = "Spoke"
    kind = "cmht"
    part_of = "trust"
    hub = "hub"
    opening = "Fridays"
    services = "Groups"
    person_access = false
    [[place]]
    id = "house"
    of = "spoke"
    name = "House"
    address = ["1 Road; Ward | B", "Leicester"]
    postcode = "LE1 9ZZ"
    from = 2024-01-01T09:00:00+00:00
    [[place]]
    id = "garden"
    of = "roots"
    name = "Garden"
    [[role]]
    id = "r1"
    person = "p1"
    name = "Nia Example"
    employer = "roots"
    team = "spoke"
    code = "R0010"
    title = "Link worker"
    from = 2025-06-02
    until = 2025-12-31
    [[role]]
    id = "r1"
    person = "p1"
    name = "Nia Example"
    employer = "roots"
    title = "Team lead"
    from = 2026-01-01
    [[endpoint]]
    party = "trust"
    url = "https://trust.example/fhir/$process-message"
    format = "xml"
    until = 2030-01-01T00:00:00Z
    [[endpoint]]
    party = "spoke"
    url = "https://spoke.example/fhir"
    [[agreement]]
    id = "ISA 1"
    version = "2"
    between = ["trust", "roots"]
    purposes = ["direct-care", "message-outcome"]
    categories = ["demographics", "actions"]
    from = 2024-04-01
    until = 2027-03-31
    [[crisis_contact]]
    name = "NHS 111"
    how = "Ring 111"
"#;

fn without(rows: &Rows, sections: &[&str]) -> Value {
    let mut value = rows.to_json();
    for section in sections {
        value.as_object_mut().unwrap().remove(*section);
    }
    value
}

#[test]
fn a_directory_comes_back_from_fhir_as_it_went() {
    for text in [FULL, DEMO] {
        let whole = Directory::from_toml(text).unwrap().shared(Share::Whole);
        let back = Rows::from_fhir(&whole.to_fhir(now())).unwrap();
        let beyond_fhir = ["client", "portal_user", "crisis_contact"];
        assert_eq!(back.to_json(), without(&whole, &beyond_fhir));
        Directory::from_rows(back).unwrap();
    }
}

#[test]
fn an_import_from_fhir_leaves_the_directory_as_it_was_secrets_included() {
    let directory = Directory::from_toml(DEMO).unwrap();
    let bundle = directory.shared(Share::Whole).to_fhir(now());
    assert!(!bundle.to_string().contains("argon2"));
    let again = directory.with_import(Rows::from_fhir(&bundle).unwrap()).unwrap();
    assert_eq!(again.to_toml(), directory.to_toml());
}

#[test]
fn what_is_no_part_of_a_directory_is_refused_every_one_of_them() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient"}},
        {"resource": {"resourceType": "Organization", "name": "X"}},
        {"resource": {}},
    ]});
    let faults = Rows::from_fhir(&bundle).unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| fault.entry.as_str()).collect();
    assert_eq!(places, ["Bundle.entry[0].resource", "Bundle.entry[2].resource"]);
    assert!(matches!(
        Rows::from_fhir(&json!({"resourceType": "List"})).unwrap_err()[0].problem,
        Problem::Unreadable(_)
    ));
}

#[test]
fn what_a_foreign_bundle_leaves_out_is_told_by_entry_and_field() {
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Organization", "name": "X"}},
    ]});
    let faults = Directory::from_rows(Rows::from_fhir(&bundle).unwrap()).unwrap_err();
    let found: Vec<_> = faults.iter().map(|fault| (fault.entry.as_str(), fault.field.as_str())).collect();
    assert_eq!(found, [("organisation 1", "id"), ("organisation 1", "kind")]);
}
