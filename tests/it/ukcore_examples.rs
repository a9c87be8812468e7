//! Every UK Core example reads, and reading, writing and reading again changes nothing.
//! The examples are not ours to copy; the test runs where `../shared/ukcore` is, and must run in CI.

use std::path::{Path, PathBuf};

use cmht_gateway::fhir::{Format, Limits, read, strict, write};

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
