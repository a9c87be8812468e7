//! Every invariant we carry compiles, and those of UK Core give a verdict on every UK Core example of their type.
//! Definitions and examples are not ours to copy; the tests run where `../shared/ukcore` is, and must run in CI.

use std::collections::BTreeSet;

use cmht_gateway::definitions::Definition;
use cmht_gateway::definitions::library::embedded_packs;
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::fhir::{Format, Limits, read};
use cmht_gateway::validate::fhirpath::{Alone, InBundle, Node, Program, Scope, TypeId, Verdict, corrected};
use serde_json::Value;

fn folder(name: &str) -> Vec<Value> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ukcore").join(name);
    let Ok(entries) = std::fs::read_dir(&root) else {
        assert!(std::env::var_os("CI").is_none(), "CI must have {}", root.display());
        eprintln!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "xml"));
    paths.sort();
    assert!(!paths.is_empty());
    let limits = Limits::default();
    paths.iter().map(|path| read(&std::fs::read(path).unwrap(), Format::Xml, &limits).unwrap()).collect()
}

/// Profile, path, key and expression of every constraint.
fn constraints() -> Vec<(String, String, String, String)> {
    let mut out = Vec::new();
    for profile in folder("structuredefinitions") {
        let text = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
        for part in ["snapshot", "differential"] {
            for element in profile[part]["element"].as_array().into_iter().flatten() {
                for constraint in element["constraint"].as_array().into_iter().flatten() {
                    let expression = text(constraint, "expression");
                    assert!(!expression.is_empty());
                    out.push((text(&profile, "url"), text(element, "path"), text(constraint, "key"), expression));
                }
            }
        }
    }
    out
}

/// Key and expression of every constraint of the definitions we carry and of our own guide, each once.
fn carried() -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    for pack in embedded_packs() {
        for row in pack.rows().filter(|row| row.kind == "StructureDefinition") {
            let Some(Definition::Profile(profile)) = pack.definition(&row) else { panic!("{}", row.url) };
            for rule in profile.snapshot.iter().chain(&profile.differential).flat_map(|element| &element.constraints) {
                out.extend(rule.expression.clone().map(|expression| (rule.key.clone(), expression)));
            }
        }
    }
    for profile in cmht_gateway::guide::resources().unwrap() {
        for element in profile["differential"]["element"].as_array().into_iter().flatten() {
            for rule in element["constraint"].as_array().into_iter().flatten() {
                let text = |key: &str| rule[key].as_str().unwrap().to_owned();
                out.insert((text("key"), text("expression")));
            }
        }
    }
    out
}

#[test]
fn every_invariant_of_r4_ukcore_and_our_guide_compiles_as_published_and_as_corrected() {
    let all = carried();
    let refused: Vec<String> = all
        .iter()
        .flat_map(|(key, expression)| [(key, expression.as_str()), (key, corrected(key, expression))])
        .filter_map(|(key, expression)| Some(format!("{key}: {}", Program::compile(expression).err()?)))
        .collect();
    println!("{} invariants, {} not compiled", all.len(), refused.len());
    assert!(all.len() > 340, "{}", all.len());
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn every_invariant_of_ukcore_compiles() {
    let all = constraints();
    let refused: Vec<String> = all
        .iter()
        .filter_map(|(_, path, key, expression)| {
            let refused = Program::compile(expression).err()?;
            Some(format!("{key} at {path}: {refused}"))
        })
        .collect();
    println!("{} invariants of UK Core, {} not compiled", all.len(), refused.len());
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_ukcore_example_keeps_the_invariants_of_the_profiles_it_names() {
    let invariants: Vec<_> = constraints()
        .into_iter()
        .map(|(profile, path, key, expression)| (profile, path, key, Program::compile(&expression).unwrap()))
        .collect();
    let mut checked = 0;
    for example in folder("examples") {
        let tree = Tree::of_value(&example).unwrap();
        let host = InBundle::of(tree.root());
        let profiles: Vec<&str> =
            example["meta"]["profile"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (profile, path, key, program) in &invariants {
            if !profiles.contains(&profile.as_str()) || example["resourceType"] != **path {
                continue;
            }
            checked += 1;
            let verdict = program.check(&Scope::of(tree.root(), &host));
            assert_eq!(verdict, Verdict::True, "{key} on {}", example["id"]);
        }
    }
    println!("{checked} verdicts on UK Core examples");
}

/// What every element must keep, by R4 (ele-1, ext-1), and every resource (dom-2 to dom-5).
const OF_ALL: &[(&str, &str)] = &[
    ("Element", "hasValue() or (children().count() > id.count())"),
    ("Extension", "extension.exists() != value.exists()"),
    ("DomainResource", "contained.contained.empty()"),
    ("DomainResource", "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()"),
    ("DomainResource", "contained.meta.security.empty()"),
    ("Period", "start.hasValue().not() or end.hasValue().not() or (start <= end)"),
];

#[test]
fn every_element_of_every_ukcore_example_keeps_what_r4_asks_of_all() {
    let programs: Vec<_> = OF_ALL.iter().map(|(of, e)| (TypeId::named(of), *e, Program::compile(e).unwrap())).collect();
    let mut checked = 0;
    for example in folder("examples") {
        let tree = Tree::of_value(&example).unwrap();
        let mut waiting = vec![Node::resource(tree.root())];
        while let Some(node) = waiting.pop() {
            waiting.extend(node.children());
            assert_ne!(node.of(), TypeId::UNKNOWN, "{}: an element without type", example["id"]);
            for (_, expression, program) in programs.iter().filter(|(of, ..)| node.of().is_a(*of)) {
                checked += 1;
                let scope = Scope::at(node, &Alone);
                assert_eq!(program.check(&scope), Verdict::True, "{expression} on {}", example["id"]);
            }
        }
    }
    println!("{checked} verdicts on UK Core examples");
}
