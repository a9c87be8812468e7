//! Over the definitions the binary carries: value sets that messages meet daily, and a count over all of R4's.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Code, DisplayVerdict};
use super::*;
use crate::definitions::library::embedded_packs;

const R4: &str = "http://hl7.org/fhir/ValueSet/";

#[test]
fn administrative_gender_has_four_codes_in_lower_case() {
    let terminology = Terminology::embedded();
    let set = format!("{R4}administrative-gender");
    let codes = ["male", "female", "other", "unknown", "Male", "m", ""];
    assert_eq!(told(&terminology, &set, None, &codes), "YYYYNNN");
    assert_eq!(
        told(&terminology, &format!("{set}|4.0.1"), Some("http://hl7.org/fhir/administrative-gender"), &codes),
        "YYYYNNN"
    );
    assert_eq!(terminology.value_set(&set).unwrap().few(10).unwrap().join(" "), "female male other unknown");
    let male = terminology.member(&set, None, "male");
    assert_eq!(male, Answer::Yes { display: Some("Male".into()) });
}

#[test]
fn languages_media_types_and_units_wait_for_their_grammars_but_r4s_short_media_types_do_not() {
    let terminology = Terminology::embedded();
    assert_eq!(told(&terminology, &format!("{R4}all-languages"), None, &["en-GB"]), "?");
    assert_eq!(told(&terminology, &format!("{R4}languages"), None, &["en-GB", "xx"]), "YN");
    assert_eq!(told(&terminology, &format!("{R4}mimetypes|4.0.1"), None, &["json", "xml", "text/plain"]), "YY?");
    assert_eq!(told(&terminology, &format!("{R4}ucum-units"), None, &["mg"]), "?");
}

#[test]
fn snomed_is_not_known_and_every_other_system_is_out_for_certain() {
    let terminology = Terminology::embedded();
    let answer = terminology.member(&format!("{R4}condition-code"), Some("http://snomed.info/sct"), "73211009");
    assert!(matches!(answer, Answer::Unknown { why: Why::NotPresent(_), server: Server::Absent }), "{answer:?}");
    let answer = terminology.member(&format!("{R4}condition-code"), Some("http://loinc.org"), "1-8");
    assert_eq!(answer, Answer::No { why: Refusal::System });
    let code = terminology.code("http://snomed.info/sct", None, "73211009");
    assert!(matches!(code, Code::Unknown { why: Why::NotPresent(_), .. }), "{code:?}");
}

#[test]
fn subsets_of_the_v3_act_codes_are_followed_through_their_hierarchy() {
    let terminology = Terminology::embedded();
    let act = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    let v3 = |name: &str| format!("http://terminology.hl7.org/ValueSet/v3-{name}");
    assert_eq!(
        told(&terminology, &v3("ActEncounterCode"), Some(act), &["AMB", "EMER", "IMP", "HH", "ACUTE", "PAYEE", "x"]),
        "YYYYYNN"
    );
    assert_eq!(told(&terminology, &v3("ActPharmacySupplyType"), Some(act), &["DF", "AMB"]), "YN");
}

#[test]
fn uk_core_value_sets_are_judged_by_their_own_systems() {
    let terminology = Terminology::embedded();
    let uk = |name: &str| format!("https://fhir.hl7.org.uk/ValueSet/UKCore-{name}");
    let system = |name: &str| format!("https://fhir.hl7.org.uk/CodeSystem/UKCore-{name}");
    let ethnic = system("EthnicCategoryEngland");
    assert_eq!(told(&terminology, &uk("EthnicCategory"), Some(&ethnic), &["A", "Z", "AA", "a"]), "YYNN");
    assert_eq!(told(&terminology, &uk("EthnicCategory"), Some(&system("EthnicCategory")), &["A"]), "N");
    let verified = system("NHSNumberVerificationStatusEngland");
    assert_eq!(
        told(&terminology, &uk("NHSNumberVerificationStatus"), Some(&verified), &["01", "08", "1", "nn"]),
        "YYNN"
    );
    let verdict = terminology.display(&ethnic, None, "Z", None, "not stated");
    assert_eq!(verdict, DisplayVerdict::Fine);
    assert!(matches!(terminology.display(&ethnic, None, "A", None, "Welsh"), DisplayVerdict::Differs { .. }));
}

#[test]
fn countries_and_currencies_are_known_without_a_package() {
    let terminology = Terminology::embedded();
    let iso = "urn:iso:std:iso:3166";
    let codes = ["GB", "GBR", "826", "UK", "gb"];
    assert_eq!(told(&terminology, &format!("{R4}iso3166-1-2"), Some(iso), &codes), "YNNNN");
    assert_eq!(told(&terminology, &format!("{R4}iso3166-1-3"), Some(iso), &codes), "NYNNN");
    assert_eq!(told(&terminology, &format!("{R4}iso3166-1-N"), Some(iso), &codes), "NNYNN");
    assert_eq!(told(&terminology, &format!("{R4}currencies"), None, &["GBP", "EUR", "GBX"]), "YYN");
    let past = terminology.code("urn:iso:std:iso:4217", None, "DEM");
    assert!(matches!(past, Code::Known(known) if known.state.inactive));
}

#[test]
fn a_national_identifier_type_is_known_by_its_country() {
    let terminology = Terminology::embedded();
    let code = |code: &str| terminology.code("http://terminology.hl7.org/CodeSystem/v2-0203", None, code);
    for good in ["MR", "NNGBR", "NNGB"] {
        assert!(matches!(code(good), Code::Known(_)), "{good}");
    }
    for bad in ["NNQQQ", "NNG", "NHS"] {
        assert!(matches!(code(bad), Code::Missing { .. }), "{bad}");
    }
}

/// What kind of doubt it is, and about which system.
fn kind(why: &Why) -> String {
    match why {
        Why::System(url) => format!("not at hand: {url}"),
        Why::NotPresent(url) | Why::Example(url) | Why::Fragment(url) => format!("incomplete: {url}"),
        Why::Version { .. } => "another version of the system".to_owned(),
        Why::Filter { system, property, op } => format!("filter {property} {op} on {system}"),
        Why::Grammar(url) => format!("grammar: {url}"),
        other => other.to_string(),
    }
}

#[test]
fn most_value_sets_of_every_pack_are_judged_without_a_server_and_the_others_say_why_not() {
    let names = ["UK Core", "extensions", "HL7 terminology", "R4"];
    let terminology = Terminology::embedded();
    let mut share = BTreeMap::new();
    for (name, pack) in names.iter().zip(embedded_packs()) {
        let rows: Vec<_> = pack.rows().filter(|row| row.kind == "ValueSet").collect();
        let (mut whole, mut doubts) = (0, BTreeMap::<String, usize>::new());
        for row in &rows {
            let set = terminology
                .value_set(&format!("{}|{}", row.url, row.version))
                .or_else(|| terminology.value_set(row.url));
            let set = set.unwrap_or_else(|| panic!("{} is not there", row.url));
            let kinds: BTreeSet<String> = set.doubts().iter().map(kind).collect();
            whole += usize::from(kinds.is_empty());
            for kind in kinds {
                *doubts.entry(kind).or_default() += 1;
            }
        }
        println!("{name}: {whole} of {} value sets need no server", rows.len());
        let mut doubts: Vec<_> = doubts.into_iter().collect();
        doubts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (kind, count) in doubts {
            println!("  {count:5} {kind}");
        }
        share.insert(*name, (whole, rows.len()));
    }
    let at_least = |name: &str, percent: usize| {
        let (whole, all) = share[name];
        assert!(whole * 100 >= all * percent, "{name}: {whole} of {all}");
    };
    at_least("R4", 90);
    at_least("HL7 terminology", 70);
    at_least("extensions", 50);
    at_least("UK Core", 30);
}

#[test]
fn the_packs_carry_designations() {
    let terminology = Terminology::embedded();
    let says = |given: &str| terminology.display("http://hl7.org/fhir/resource-types", None, "Patient", None, given);
    assert_eq!(says("Paziente"), DisplayVerdict::Fine);
    assert!(matches!(says("Person"), DisplayVerdict::Differs { .. }));
}
