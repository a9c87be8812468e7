//! What holds of both readers, whatever they are given.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::Tree;
use super::outline::{faults, outline};
use crate::fhir::xml::round_trip::{Tape, texts};
use crate::fhir::{Format, Limits, read, write};

const FORMATS: [Format; 2] = [Format::Json, Format::Xml];

/// The lines of an outline without regard to their order.
fn sorted(outline: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = outline.lines().collect();
    lines.sort_unstable();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_resource_gives_the_same_tree_from_either_format(tape in prop::collection::vec(any::<u8>(), 0..300), texts in texts()) {
        let value = Tape(tape.iter(), &texts).resource(6);
        let xml = write(&value, Format::Xml).expect("sound");
        let limits = Limits { max_depth: 120, ..Limits::default() };
        let from_xml = Tree::read(&xml, Format::Xml, &limits).expect("our own XML");
        let json = write(&value, Format::Json).expect("JSON");
        let from_json = Tree::read(&json, Format::Json, &limits).expect("our own JSON");
        prop_assert_eq!(faults(&from_json), Vec::<String>::new());
        // XML brings elements into the order of the definition, so the order is compared with what it is read as
        let (one, other) = (outline(&from_xml), outline(&from_json));
        prop_assert_eq!(sorted(&one), sorted(&other));
        let again = read(&xml, Format::Xml, &limits).expect("our own XML");
        prop_assert_eq!(one, outline(&Tree::of_value(&again).expect("a resource")));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\",:\\\\0-9a-fu_/.eE+ \\ntrulsn-]{0,40}", xml in "[<>/a-cP='\"&#;!?\\[\\]D -]{0,40}") {
        for bytes in [&bytes[..], json.as_bytes(), xml.as_bytes()] {
            for format in FORMATS {
                if let Ok(tree) = Tree::read(bytes, format, &Limits::default()) {
                    outline(&tree);
                }
            }
        }
        let _ = Tree::read(format!("{{\"resourceType\":\"Patient\",\"a\":{json}").as_bytes(), Format::Json, &Limits::default());
    }

    #[test]
    fn json_that_serde_json_reads_is_read(text in "[\\[\\]{}\",:\\\\0-9a-fu.eE+ \\ntrulsn-]{0,24}") {
        let text = format!("{{\"a\":{text}}}");
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default());
            prop_assert!(tree.is_ok(), "{} {:?}", value, tree);
        }
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return vec![] };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn ukcore() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ukcore/examples"))
}

#[test]
fn every_uk_core_example_is_read_without_fault_in_both_formats() {
    for path in ukcore() {
        let bytes = std::fs::read(&path).unwrap();
        let tree = Tree::read(&bytes, Format::Xml, &Limits::default()).unwrap();
        assert_eq!(faults(&tree), Vec::<String>::new(), "{}", path.display());
        if let Ok(value) = read(&bytes, Format::Xml, &Limits::default()) {
            assert_eq!(
                outline(&tree).replace("\\r\\n", "\\n"),
                outline(&Tree::of_value(&value).unwrap()),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn truncated_and_mutated_uk_core_examples_do_not_make_a_reader_panic() {
    let limits = Limits::default();
    for path in ukcore().iter().step_by(13) {
        let xml = std::fs::read(path).unwrap();
        let Ok(value) = read(&xml, Format::Xml, &limits) else { continue };
        for (format, bytes) in [(Format::Xml, xml), (Format::Json, write(&value, Format::Json).unwrap())] {
            for at in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
                let _ = Tree::read(&bytes[..at], format, &limits);
                for with in [b"\"", &b"{"[..], b"]", b",", b"<", b"&", b"_", b"\\", b"\0", b"", b"null"] {
                    let mut mutant = bytes.clone();
                    mutant.splice(at..=at, with.iter().copied());
                    if let Ok(tree) = Tree::read(&mutant, format, &limits) {
                        outline(&tree);
                    }
                }
            }
        }
    }
}

/// Runs where the package has been unpacked; those that are not FHIR JSON are listed.
#[test]
fn every_r4_example_is_read_without_fault() {
    let limits = Limits { max_bytes: 100 << 20, ..Limits::default() };
    let mut odd = vec![];
    for path in files(Path::new("/tmp/defs/hl7.fhir.r4.examples/package")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "json")
            || name == "package.json"
            || name.starts_with('.')
        {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        match Tree::read(&bytes, Format::Json, &limits) {
            Ok(tree) if tree.faults().is_empty() => {}
            Ok(tree) => odd.push(format!("{name}: {:?}", faults(&tree).first())),
            Err(issue) => odd.push(format!("{name}: {issue:?}")),
        }
    }
    assert_eq!(odd, Vec::<String>::new());
}
