//! R4's own examples through the walk: every error is listed in `r4_examples.txt`, with the reason why it is a defect of
//! the example, and every row there is still found. The examples are HL7's: they are read from the npm package as it was
//! packed, never kept here. Where the package is not there this says so, and fails in CI.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use cmht_gateway::fhir::Format;
use cmht_gateway::model::Severity;
use cmht_gateway::validate::walk::Guide;
use flate2::read::GzDecoder;
use serde_json::json;

use crate::support::walked::{found_in, told};

const PACKAGE: &str = "hl7.fhir.r4.examples-4.0.1.tgz";
const EXPLAINED: &str = include_str!("r4_examples.txt");

/// R4's definitions published together; not single resources, and the same ones are in the package one by one.
const DEFINITIONS: [&str; 14] = [
    "Bundle-conceptmaps",
    "Bundle-dataelements",
    "Bundle-extensions",
    "Bundle-externals",
    "Bundle-profiles-others",
    "Bundle-registry",
    "Bundle-resources",
    "Bundle-searchParams",
    "Bundle-terminologies",
    "Bundle-types",
    "Bundle-v2-valuesets",
    "Bundle-v3-valuesets",
    "Bundle-valueset-expansions",
    "Bundle-valuesets",
];

/// Where the package is: as the environment says, or where `.ci/run` puts it.
fn package() -> Option<PathBuf> {
    if let Some(said) = std::env::var_os("CMHT_R4_EXAMPLES") {
        let path = PathBuf::from(said);
        assert!(path.is_file(), "CMHT_R4_EXAMPLES names {}, which is not there", path.display());
        return Some(path);
    }
    let home = std::env::var_os("HOME").unwrap_or_default();
    let path = Path::new(&home).join(".cache/cmht-gateway").join(PACKAGE);
    if path.is_file() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "CI must have {}: `.ci/run` fetches it", path.display());
    eprintln!(
        "NOT CHECKED: the examples of R4, as {} is not there. Run `npm pack hl7.fhir.r4.examples@4.0.1` in that folder, \
         or name the file in CMHT_R4_EXAMPLES.",
        path.display()
    );
    None
}

/// The single resources of the package, by name.
fn resources(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).unwrap()));
    let mut found = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        // package.json and .index.json describe the package
        if !is_json || name == "package" || name.starts_with('.') || DEFINITIONS.contains(&name.as_str()) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        found.push((name, bytes));
    }
    found
}

/// Rule and file of every error, with the first sentence said of it.
type Errors = BTreeMap<(String, String), String>;

fn errors(name: &str, bytes: &[u8]) -> Errors {
    let issues = found_in(bytes, Format::Json, Guide::R4).into_iter();
    let errors = issues.filter(|issue| matches!(issue.severity, Severity::Error | Severity::Fatal));
    let mut all = Errors::new();
    for issue in errors {
        let said = format!("{}: {}", issue.path.as_deref().unwrap_or_default(), issue.text);
        all.entry((issue.rule.unwrap_or_default(), name.to_owned())).or_insert(said);
    }
    all
}

/// All files, shared out among as many threads as there are processors.
fn walked(files: &[(String, Vec<u8>)]) -> Errors {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let share = |first: usize| files.iter().skip(first).step_by(threads);
        let shares: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || share(first).flat_map(|(name, bytes)| errors(name, bytes)).collect()))
            .collect();
        let found: Vec<Errors> = shares.into_iter().map(|one| one.join().unwrap()).collect();
        found.into_iter().flatten().collect()
    })
}

/// The table: rule and file.
fn explained() -> BTreeSet<(String, String)> {
    let mut rows = BTreeSet::new();
    let mut rule = "";
    for line in EXPLAINED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            for file in line.split_whitespace() {
                assert!(rows.insert((rule.to_owned(), file.to_owned())), "{rule} has {file} twice");
            }
        } else {
            let (named, why) = line.split_once(": ").unwrap();
            assert!(why.len() > 20, "{named} has no reason");
            rule = named;
        }
    }
    rows
}

#[test]
fn every_error_in_an_r4_example_is_a_defect_of_the_example() {
    let Some(path) = package() else { return };
    let files = resources(&path);
    assert!(files.len() > 2_800, "the package has {} resources only", files.len());
    let found = walked(&files);
    let names: BTreeSet<_> = found.keys().map(|(_, file)| file).collect();
    let (all, bad) = (files.len(), names.len());
    println!("R4 examples, {} definitional Bundles left out:", DEFINITIONS.len());
    let hundredths = bad * 10_000 / all;
    println!("{all} files, {bad} with errors, {}.{:02} %", hundredths / 100, hundredths % 100);
    let table = explained();
    let unexplained: Vec<_> = found.iter().filter(|(key, _)| !table.contains(*key)).collect();
    assert!(unexplained.is_empty(), "errors that no row explains: {unexplained:#?}");
    let vanished: Vec<_> = table.iter().filter(|key| !found.contains_key(*key)).collect();
    assert!(vanished.is_empty(), "rows for errors that are no longer found: {vanished:#?}");
}

#[test]
fn a_regular_expression_may_stand_on_the_type_of_an_element_but_on_no_other_part_of_it() {
    let extension = json!([{"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "[a-z]+"}]);
    let definition = |on_type: bool| {
        let (mut of, mut base) = (json!({"code": "string"}), json!({"path": "Patient", "min": 0, "max": "*"}));
        *(if on_type { &mut of["extension"] } else { &mut base["extension"] }) = extension.clone();
        let element = json!({"id": "Patient.language", "path": "Patient.language", "base": base, "type": [of]});
        json!({
            "resourceType": "StructureDefinition", "url": "https://example.org/StructureDefinition/x", "name": "X",
            "status": "draft", "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
            "differential": {"element": [{"id": "Patient", "path": "Patient"}, element]}
        })
    };
    let contexts = |on_type: bool| -> Vec<String> {
        let found = found_in(definition(on_type).to_string().as_bytes(), Format::Json, Guide::R4);
        found.iter().filter(|issue| issue.rule.as_deref() == Some("extension-context")).map(told).collect()
    };
    assert_eq!(contexts(true), Vec::<String>::new());
    assert_eq!(
        contexts(false),
        ["error extension-context StructureDefinition.differential.element[1].base.extension[0]"]
    );
}
