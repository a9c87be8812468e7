//! Every UK Core example reads, reading, writing and reading again changes nothing, and the walk finds no error in it that
//! is not a defect of the example. The examples are not ours to copy; the test runs where `../shared/ukcore` is, and must run in CI.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cmht_gateway::fhir::{Format, Limits, read, strict, write};
use cmht_gateway::model::Severity;
use cmht_gateway::validate::walk::Guide;

use crate::support::walked::found_in;

/// Has a stray letter behind a tag on line 37, and so is not FHIR XML.
const STRAY_TEXT: &str = "CodeSystem-UKCore-EthnicCategoryScotland.xml";

fn xml_files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ukcore").join(folder);
    let Ok(entries) = std::fs::read_dir(&root) else {
        assert!(std::env::var_os("CI").is_none(), "CI must have {}", root.display());
        eprintln!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "xml"));
    files.sort();
    assert!(!files.is_empty(), "{} holds no XML", root.display());
    files
}

fn round_trip(path: &Path) -> Result<(), String> {
    let limits = Limits::default();
    let told = |what: &str, issue: &dyn std::fmt::Debug| format!("{}: {what}: {issue:?}", path.display());
    let bytes = std::fs::read(path).map_err(|e| told("open", &e))?;
    let value = read(&bytes, Format::Xml, &limits).map_err(|e| told("read", &e))?;
    let xml = write(&value, Format::Xml).map_err(|e| told("write", &e))?;
    let again = read(&xml, Format::Xml, &limits).map_err(|e| told("read again", &e))?;
    if again != value {
        return Err(told("XML changed it", &""));
    }
    let json = write(&value, Format::Json).map_err(|e| told("write JSON", &e))?;
    if read(&json, Format::Json, &limits).map_err(|e| told("read JSON", &e))? != value {
        return Err(told("JSON changed it", &""));
    }
    Ok(())
}

#[test]
fn every_ukcore_example_survives_xml_and_json() {
    let files = xml_files("examples");
    let faults: Vec<String> = files.iter().filter_map(|path| round_trip(path).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_ukcore_definition_survives_xml_and_json() {
    for folder in ["structuredefinitions", "valuesets", "codesystems", "conceptmaps"] {
        let mut files = xml_files(folder);
        files.retain(|path| !path.ends_with(STRAY_TEXT));
        let faults: Vec<String> = files.iter().filter_map(|path| round_trip(path).err()).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

#[test]
fn the_one_ukcore_file_with_stray_text_is_refused_where_it_stands() {
    for path in xml_files("codesystems").iter().filter(|path| path.ends_with(STRAY_TEXT)) {
        let bytes = std::fs::read(path).expect("readable");
        let issue = read(&bytes, Format::Xml, &Limits::default()).expect_err("stray text");
        assert_eq!((issue.path.as_deref(), issue.position), (Some("CodeSystem.concept[3]"), Some((37, 41))));
    }
}

#[test]
fn every_ukcore_example_passes_the_strict_check() {
    let mut faults = Vec::new();
    for path in xml_files("examples") {
        let bytes = std::fs::read(&path).expect("readable");
        let value = read(&bytes, Format::Xml, &Limits::default()).expect("reads");
        for issue in strict(&value) {
            faults.push(format!("{}: {issue:?}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Errors that are defects of the examples: file, rule, path (without the numbers of entries), and what is wrong there.
const DEFECTS: [(&str, &str, &str, &str); 6] = [
    (
        "Extension-UKCore-CodingSCT-IllicitDrugs-Example.xml",
        "xml-order",
        "Observation.text",
        "the narrative stands behind the status; the schema has it before",
    ),
    (
        "Extension-UKCore-RecordingSetting-Example.xml",
        "extension-known",
        "Observation.extension",
        "the address is misspelt, RcordingSetting, and so names no extension",
    ),
    (
        "UKCore-Bundle-NEWS2Observations-Example.xml",
        "entry-full-url",
        "Bundle.entry.fullUrl",
        "the addresses are relative; R4 wants absolute ones",
    ),
    (
        "UKCore-Bundle-NEWS2Observations-Example.xml",
        "Observation.value[x]:valueQuantity.code",
        "Bundle.entry.resource.value.code",
        "breaths and beats a minute have units of their own here; R4's vital signs profiles fix /min",
    ),
    (
        "UKCore-Observation-Lab-Albumin-Example.xml",
        "xml-order",
        "Observation.meta",
        "meta stands behind the narrative; the schema has it right after the id",
    ),
    (
        "UKCore-Observation-VitalSigns-BodyHeight-Example.xml",
        "Observation.value[x]:valueQuantity.code",
        "Observation.value.code",
        "the height is in metres; R4's profile of body heights takes centimetres and inches",
    ),
];

/// A path without the numbers of repeated elements.
fn without_numbers(path: &str) -> String {
    path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

#[test]
fn no_ukcore_example_has_an_error_but_for_its_own_defects() {
    let files = xml_files("examples");
    let mut found = BTreeSet::new();
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        for issue in found_in(&std::fs::read(path).expect("readable"), Format::Xml, Guide::UkCore) {
            if matches!(issue.severity, Severity::Error | Severity::Fatal) {
                let place = without_numbers(issue.path.as_deref().unwrap_or_default());
                found.insert((name.clone(), issue.rule.unwrap_or_default(), place));
            }
        }
    }
    let told =
        |(file, rule, path, _): &(&str, &str, &str, &str)| ((*file).to_owned(), (*rule).to_owned(), (*path).to_owned());
    let explained: BTreeSet<_> = DEFECTS.iter().filter(|_| !files.is_empty()).map(told).collect();
    let unexplained: Vec<_> = found.difference(&explained).collect();
    assert!(unexplained.is_empty(), "errors that no row explains: {unexplained:#?}");
    let vanished: Vec<_> = explained.difference(&found).collect();
    assert!(vanished.is_empty(), "rows for errors that are no longer found: {vanished:#?}");
}
