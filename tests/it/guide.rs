//! The implementation guide: its files are what the gateway makes, each is sound, and what it asks of documents is what
//! the native documents ask.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use cmht_gateway::documents::kind_of;
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::fhir::{self, codes};
use cmht_gateway::model::{DocumentKind, Issue, IssueCode};
use cmht_gateway::validate::fhirpath::Program;
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{self, Guide, Options};
use cmht_gateway::{guide, map};
use std::sync::LazyLock;

use crate::document_examples::examples;
use crate::document_round_trip::{bundle, faults};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht")
}

/// Examples of every kind, referrals among them.
fn all() -> Vec<(String, Value)> {
    let mut all = examples();
    for name in ["complete", "incomplete", "no-nhs-number", "awkward"] {
        all.push((format!("referral/{name}"), crate::support::plan("referral", name)));
    }
    all
}

/// What the validator says of a bundle because of a profile of ours.
fn ours(bundle: &Value) -> Vec<Issue> {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(guide::library().clone()));
    let tree = Tree::of_value(bundle).unwrap();
    let options = Options { guide: Guide::R4, ..Options::default() };
    let mut found = walk::validate(&tree, &REGISTRY, &options);
    found.retain(|issue| {
        let profile = issue.detail.as_ref().and_then(|detail| detail.profile.as_deref());
        // sections of ours have codes of ours, which UK Core's extensible value sets cannot have, and SNOMED is not at hand
        let of_codes = matches!(issue.code, IssueCode::CodeInvalid | IssueCode::NotFound);
        profile.is_some_and(|profile| profile.starts_with(codes::BASE)) && !of_codes
    });
    found
}

/// Rules a bundle breaks.
fn broken(bundle: &Value) -> BTreeSet<String> {
    ours(bundle).iter().map(|issue| issue.rule.clone().unwrap_or_else(|| told(issue))).collect()
}

fn told(issue: &Issue) -> String {
    format!("{} {}", issue.path.clone().unwrap_or_default(), issue.text)
}

/// Keys of the constraints for what a native document lacks.
fn missing(document: &Value) -> BTreeSet<String> {
    let kind = kind_of(document);
    if kind == DocumentKind::Referral {
        let referral: cmht_gateway::documents::referral::Referral = serde_json::from_value(document.clone()).unwrap();
        return referral.missing().iter().map(|item| format!("cmht-rf-{}", item.number)).collect();
    }
    map::missing(kind, document.clone()).unwrap().iter().map(|item| guide::key_of(item.id)).collect()
}

/// Keys that stand for a requirement, of those broken.
fn asked(bundle: &Value) -> BTreeSet<String> {
    let prefixes = ["dl", "cp", "ca", "sa", "co", "sp", "ho", "il", "rf"];
    let is_requirement = |key: &String| prefixes.iter().any(|p| key.starts_with(&format!("cmht-{p}-")));
    broken(bundle).into_iter().filter(is_requirement).collect()
}

#[test]
fn the_files_of_the_guide_are_what_the_gateway_makes_byte_for_byte() {
    let made: BTreeMap<String, String> = guide::files().unwrap().into_iter().collect();
    let mut found = BTreeSet::new();
    for kind in made.keys().map(|place| place.split('/').next().unwrap()).collect::<BTreeSet<_>>() {
        for file in std::fs::read_dir(folder().join(kind)).unwrap() {
            let path = file.unwrap().path();
            let place = format!("{kind}/{}", path.file_name().unwrap().to_string_lossy());
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                made.get(&place) == Some(&text),
                "{place}: run `cmht-gateway definitions guide --to profiles/cmht`"
            );
            found.insert(place);
        }
    }
    assert_eq!(found, made.into_keys().collect());
}

#[test]
fn every_conformance_resource_is_sound_and_every_reference_of_the_guide_leads_to_one() {
    let all = guide::resources().unwrap();
    let mut urls = BTreeSet::new();
    for resource in &all {
        let id = format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        assert_eq!(fhir::strict(resource), [], "{id}");
        assert!(urls.insert(id.clone()), "{id} is there twice");
    }
    let listed = all.last().unwrap()["definition"]["resource"].as_array().unwrap();
    assert_eq!(listed.len(), all.len() - 1);
    for one in listed {
        assert!(urls.contains(one["reference"]["reference"].as_str().unwrap()));
    }
}

#[test]
fn every_constraint_of_ours_has_words_a_source_and_an_expression_that_compiles() {
    let mut keys = BTreeSet::new();
    for profile in guide::resources().unwrap().iter().filter(|one| one["resourceType"] == "StructureDefinition") {
        for element in profile["differential"]["element"].as_array().unwrap() {
            for rule in element["constraint"].as_array().into_iter().flatten() {
                let expression = rule["expression"].as_str().unwrap();
                assert!(Program::compile(expression).is_ok(), "{}: {expression}", rule["key"]);
                assert!(rule["human"].is_string() && rule["requirements"].is_string(), "{}", rule["key"]);
                keys.insert(rule["key"].as_str().unwrap().to_owned());
            }
        }
    }
    assert!(keys.len() > 90, "{}", keys.len());
}

#[test]
fn every_example_names_profiles_of_ours_and_breaks_no_error_and_a_full_one_nothing_at_all() {
    for (name, document) in all() {
        let made = bundle(&document);
        let found = ours(made.value());
        let errors: Vec<String> = found
            .iter()
            .filter(|issue| issue.severity.refuses())
            .map(|issue| format!("{} {:?}", told(issue), issue.rule))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        let named = made.value()["meta"]["profile"].to_string();
        assert!(named.contains(codes::BASE), "{name}: {named}");
        if name.ends_with("/full") || name.ends_with("/inpatient") {
            let all: Vec<String> = found.iter().map(|issue| format!("{:?} {}", issue.rule, told(issue))).collect();
            assert_eq!(all, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn native_requirements_and_invariants_agree_on_every_example_and_with_each_answer_taken_out() {
    let (mut seen, mut differ) = (BTreeSet::new(), Vec::new());
    for (name, document) in all() {
        let mut variants = vec![("as it is".to_owned(), document.clone())];
        for path in answers(&document) {
            let mut less = document.clone();
            let (parent, key) = path.rsplit_once('/').unwrap();
            less.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
            if faults(&less).is_empty() {
                variants.push((path, less));
            }
        }
        for (change, variant) in variants {
            let lacking = missing(&variant);
            let asked = asked(bundle(&variant).value());
            if asked != lacking {
                differ.push(format!("{name} without {change}: FHIR {asked:?}, native {lacking:?}"));
            }
            seen.extend(lacking);
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(seen.len() > 70, "{}", seen.len());
}

/// Pointers of what can be taken out: every answer, and every part of an answer.
fn answers(document: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, depth: usize, out: &mut Vec<String>) {
        let Value::Object(fields) = value else { return };
        for (key, inner) in fields {
            let path = format!("{at}/{key}");
            out.push(path.clone());
            match inner {
                Value::Object(_) if depth < 1 => walk(inner, &path, depth + 1, out),
                Value::Array(items) if depth < 1 => {
                    if let Some(item) = items.first() {
                        walk(item, &format!("{path}/0"), depth + 1, out);
                    }
                }
                _ => {}
            }
        }
    }
    let mut out = Vec::new();
    walk(document, "", 0, &mut out);
    out.retain(|path| path != "/kind" && !path.starts_with("/unmapped"));
    out
}

/// `profiles/cmht/broken.json`: for each constraint an example and the change that breaks it and no other.
fn rows() -> Vec<Value> {
    let text = std::fs::read(folder().join("broken.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap().as_array().unwrap().clone()
}

/// Applies a JSON Patch of `add`, `remove` and `replace` (RFC 6902).
fn patch(document: &mut Value, change: &Value) {
    for step in change.as_array().unwrap() {
        let path = step["path"].as_str().unwrap();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
        match (parent, step["op"].as_str().unwrap()) {
            (Value::Object(fields), "remove") => drop(fields.shift_remove(key).unwrap_or_else(|| panic!("{path}"))),
            (Value::Object(fields), _) => drop(fields.insert(key.to_owned(), step["value"].clone())),
            (Value::Array(items), "remove") => drop(items.remove(key.parse().unwrap())),
            (Value::Array(items), "add") if key == "-" => items.push(step["value"].clone()),
            (Value::Array(items), _) => items[key.parse::<usize>().unwrap()] = step["value"].clone(),
            _ => panic!("{path}"),
        }
    }
}

/// Constraints of ours a bundle breaks.
fn constraints(bundle: &Value) -> BTreeSet<String> {
    broken(bundle).into_iter().filter(|rule| rule.starts_with("cmht-")).collect()
}

#[test]
fn every_constraint_has_an_example_and_a_change_to_it_that_breaks_that_one_and_no_other() {
    let mut shown = BTreeSet::new();
    let mut wrong = Vec::new();
    for row in rows() {
        let (key, name) = (row["constraint"].as_str().unwrap(), row["example"].as_str().unwrap());
        let document = all().into_iter().find(|(found, _)| found == name).unwrap().1;
        let before = constraints(bundle(&document).value());
        let after = if row["form"] == "fhir" {
            let mut made = bundle(&document).into_value();
            patch(&mut made, &row["change"]);
            constraints(&made)
        } else {
            let mut changed = document.clone();
            patch(&mut changed, &row["change"]);
            constraints(bundle(&changed).value())
        };
        let new: BTreeSet<&str> = after.difference(&before).map(String::as_str).collect();
        // what cannot be broken alone, for one thing asked for is part of the other
        let also = row["also"].as_array().into_iter().flatten().map(|other| other.as_str().unwrap());
        if new != also.chain([key]).collect() {
            wrong.push(format!("{key}: {name} broke {new:?}"));
        }
        shown.insert(key.to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(shown, keys(), "a row for every constraint");
}

/// Keys of every constraint of the guide.
fn keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for profile in guide::resources().unwrap() {
        let elements = profile["differential"]["element"].as_array().into_iter().flatten();
        for rule in elements.flat_map(|element| element["constraint"].as_array().into_iter().flatten()) {
            keys.insert(rule["key"].as_str().unwrap().to_owned());
        }
    }
    keys
}
