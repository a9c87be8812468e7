//! Nothing is lost: every leaf of a bundle that is read is found again in the native document, in the bundle made of it,
//! or among what is kept in `unmapped`. The exceptions are listed, each with its reason, and counted.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde_json::{Value, json};

use cmht_gateway::documents::{SCHEMAS, kind_of};
use cmht_gateway::fhir::{self, Bundle, Format, Limits, codes};
use cmht_gateway::map::{self, NoteKind};
use cmht_gateway::model::DocumentKind;

use crate::foreign_fixtures::{CHANGES, add, kind};
use crate::support::sealed;

/// Every published example of every kind with a schema.
pub(crate) fn examples() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht/examples");
    let mut found = Vec::new();
    for (kind, _) in SCHEMAS {
        for file in std::fs::read_dir(root.join(kind.code())).unwrap() {
            let path = file.unwrap().path();
            let name = format!("{}/{}", kind.code(), path.file_stem().unwrap().to_string_lossy());
            found.push((name, serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= SCHEMAS.len() * 3);
    found
}

fn bundle_of(name: &str) -> (DocumentKind, Value) {
    let (_, document) = examples().into_iter().find(|(found, _)| found == name).unwrap();
    let kind = kind_of(&document);
    (kind, map::to_fhir(kind, document).unwrap().value.into_value())
}

#[test]
fn our_own_bundles_come_back_element_by_element_with_nothing_to_report() {
    for (name, document) in examples() {
        let kind = kind_of(&document);
        let made = map::to_fhir(kind, document).unwrap().value;
        let mapped = map::to_native(kind, &made).unwrap();
        assert_eq!(mapped.notes, [], "{name}");
        assert!(mapped.value.get("unmapped").is_none(), "{name}: {}", mapped.value["unmapped"]);
        assert_eq!(map::to_fhir(kind, mapped.value).unwrap().value, made, "{name}");
    }
}

/// One scalar of a bundle.
struct Leaf<'v> {
    path: String,
    key: &'v str,
    /// Names on the way, without places.
    names: Vec<&'v str>,
    value: &'v Value,
    /// The object it stands in.
    holder: &'v Value,
}

fn leaves<'v>(value: &'v Value, at: &Leaf<'v>, out: &mut Vec<Leaf<'v>>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let names = at.names.iter().copied().chain([key.as_str()]).collect();
                let path = format!("{}.{key}", at.path);
                leaves(inner, &Leaf { path, key, names, value: inner, holder: value }, out);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let path = format!("{}[{place}]", at.path);
                let names = at.names.clone();
                leaves(item, &Leaf { path, key: at.key, names, value: item, holder: at.holder }, out);
            }
        }
        Value::Null => {}
        scalar => out.push(Leaf {
            path: at.path.clone(),
            key: at.key,
            names: at.names.clone(),
            value: scalar,
            holder: at.holder,
        }),
    }
}

fn all(value: &Value) -> Vec<Leaf<'_>> {
    let mut out = Vec::new();
    let start = Leaf { path: "Bundle".into(), key: "", names: vec![], value, holder: value };
    leaves(value, &start, &mut out);
    out
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Why a leaf may be missing.
fn exception(leaf: &Leaf<'_>, source: &Bundle) -> Option<&'static str> {
    let text = leaf.value.as_str().unwrap_or_default();
    let parent = leaf.names.len().checked_sub(2).and_then(|at| leaf.names.get(at)).copied().unwrap_or_default();
    let status = |holder: &Value| holder.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
    match leaf.key {
        "id" | "fullUrl" => Some("names of resources and elements inside the bundle: made anew, references follow"),
        "reference" if text.starts_with('#') || source.resolve(text).is_some() || text.contains("/_history/") => {
            Some("a reference that leads somewhere: it leads to what was made of its target")
        }
        "type" if ["reference", "display"].iter().any(|key| leaf.holder.get(*key).is_some()) => {
            Some("type of what a reference leads to")
        }
        "versionId" | "lastUpdated" | "profile" if parent == "meta" => {
            Some("of one copy of a resource, not of what it says")
        }
        "status" | "div"
            if parent == "text" && ["generated", "extensions", "empty"].contains(&status(leaf.holder).as_str()) =>
        {
            Some("narrative that was generated from what is read")
        }
        "resourceType" => Some("type of a resource that is read: the native property says what it is"),
        "display" if leaf.holder.get("code").is_some() => Some("words of a code that is understood"),
        "title"
            if leaf
                .holder
                .pointer("/code/coding")
                .is_some_and(|all| all.to_string().contains(codes::DOCUMENT_SECTION)) =>
        {
            Some("heading of a section: its contents are read or kept by themselves")
        }
        "system" | "code"
            if [codes::DOCUMENT_SECTION, codes::RECORD_HEADINGS].map(Value::from).contains(&leaf.holder["system"]) =>
        {
            Some("heading of a section: its contents are read or kept by themselves")
        }
        _ => None,
    }
}

/// What a reading kept, to look leaves up in.
struct Kept {
    pairs: HashSet<(String, String)>,
    native: HashSet<String>,
    long: String,
}

impl Kept {
    fn of(document: &Value, made: &Value) -> Self {
        let unmapped: Vec<Value> = document["unmapped"].as_array().cloned().unwrap_or_default();
        let mut pairs = HashSet::new();
        for one in &unmapped {
            let last = one["path"].as_str().unwrap().rsplit('.').next().unwrap();
            let last = last.split('[').next().unwrap().to_owned();
            for leaf in all(&one["value"]) {
                let key = if leaf.key.is_empty() { last.clone() } else { leaf.key.to_owned() };
                pairs.insert((key, words(leaf.value)));
            }
        }
        pairs.extend(all(made).into_iter().map(|leaf| (leaf.key.to_owned(), words(leaf.value))));
        let mut rest = document.clone();
        rest.as_object_mut().unwrap().remove("unmapped");
        let native: HashSet<String> = all(&rest).into_iter().map(|leaf| words(leaf.value)).collect();
        let long = native.iter().cloned().collect::<Vec<_>>().join("\n");
        Self { pairs, native, long }
    }

    fn has(&self, leaf: &Leaf<'_>) -> bool {
        let text = words(leaf.value);
        let said =
            leaf.value.is_string() && (self.native.contains(&text) || (text.len() > 11 && self.long.contains(&text)));
        let led = leaf.key == "reference" && self.pairs.contains(&("valueUri".to_owned(), text.clone()));
        said || led || self.pairs.contains(&(leaf.key.to_owned(), text))
    }
}

/// Reads a bundle, checks that every leaf is accounted for, and counts the exceptions.
fn account(name: &str, kind: DocumentKind, source: Value, counted: &mut BTreeMap<&'static str, usize>) -> Vec<String> {
    let source = Bundle::new(source).unwrap();
    let mapped = map::to_native(kind, &source).map_err(|issues| format!("{name}: {issues:?}")).unwrap();
    let unmapped: Vec<Value> = mapped.value["unmapped"].as_array().cloned().unwrap_or_default();
    let paths: HashSet<&str> = unmapped.iter().map(|one| one["path"].as_str().unwrap()).collect();
    let mut lost = Vec::new();
    for note in mapped.notes.iter().filter(|note| note.kind == NoteKind::Dropped) {
        let entry = note.path.strip_suffix(".resource").unwrap_or(&note.path);
        if !paths.contains(note.path.as_str()) && !paths.contains(entry) {
            lost.push(format!("{name}: dropped and not kept: {}", note.path));
        }
    }
    let made = map::to_fhir(kind, mapped.value.clone()).unwrap().value;
    let again = map::to_native(kind, &made).unwrap();
    if again.value != mapped.value {
        let other = |(key, value): (&String, &Value)| {
            let now = &again.value[key];
            (now != value).then(|| match (value.as_array(), now.as_array()) {
                (Some(before), Some(after)) => {
                    let place = before.iter().zip(after).position(|(one, other)| one != other);
                    let at = place.map(|place| (&before[place], &after[place]));
                    format!("{key} {} {} {at:?}", before.len(), after.len())
                }
                _ => format!("{key} {value} {now}"),
            })
        };
        let differing: Vec<String> = mapped.value.as_object().unwrap().iter().filter_map(other).collect();
        lost.push(format!("{name}: the way back and forth changes the document: {differing:?}"));
    }
    lost.extend(again.notes.into_iter().map(|note| format!("{name}: told again: {} {}", note.path, note.text)));
    let kept = Kept::of(&mapped.value, made.value());
    for leaf in all(source.value()) {
        if kept.has(&leaf) {
            continue;
        }
        match exception(&leaf, &source) {
            Some(reason) => *counted.entry(reason).or_default() += 1,
            None => lost.push(format!("{name}: {} = {}", leaf.path, leaf.value)),
        }
    }
    lost
}

const BASES: [&str; 16] = [
    "referral/complete",
    "safety-plan/full",
    "contingency-plan/full",
    "care-plan/full",
    "carers-plan/full",
    "discharge-letter/full",
    "discharge-letter/inpatient",
    "social-prescribing-handover/full",
    "handover-outcome/full",
    "clinical-information-request/full",
    "clinical-information-answer/full",
    "private-opinion/full",
    "transfer-to-nhs/full",
    "care-lead-statement/full",
    "shared-care-request/full",
    "shared-care-answer/full",
];

#[test]
fn every_leaf_of_bundles_written_by_others_is_accounted_for() {
    assert!(CHANGES.len() >= 25, "only {} fixtures", CHANGES.len());
    let mut lost = Vec::new();
    let mut counted = BTreeMap::new();
    for base in BASES {
        let (kind, bundle) = bundle_of(base);
        for (name, change) in CHANGES {
            let mut changed = bundle.clone();
            change(&mut changed);
            lost.extend(account(&format!("{base}, {name}"), kind, changed, &mut counted));
        }
    }
    let total: usize = counted.values().sum();
    assert!(lost.is_empty(), "{} lost:\n{}", lost.len(), lost.join("\n"));
    assert_eq!(counted.len(), 8, "a reason that nothing needs, or a new one: {counted:#?}");
    assert!(total > 100, "{counted:#?}");
}

fn ukcore() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/ukcore/examples");
    let Ok(entries) = std::fs::read_dir(&root) else {
        assert!(std::env::var_os("CI").is_none(), "CI must have {}", root.display());
        eprintln!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let mut out = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "xml"))
    {
        let bytes = std::fs::read(&path).unwrap();
        let resource = fhir::read(&bytes, Format::Xml, &Limits::default()).unwrap();
        out.push((path.file_stem().unwrap().to_string_lossy().into_owned(), resource));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(out.len() > 90, "only {}", out.len());
    out
}

#[test]
fn every_leaf_of_the_ukcore_examples_put_into_our_bundles_is_accounted_for() {
    let mut lost = Vec::new();
    let mut counted = BTreeMap::new();
    for base in ["referral/complete", "safety-plan/sparse"] {
        let (kind, bundle) = bundle_of(base);
        for (name, resource) in ukcore() {
            let mut changed = bundle.clone();
            add(&mut changed, &name, &resource);
            lost.extend(account(&format!("{base}, {name}"), kind, changed, &mut counted));
        }
    }
    assert!(lost.is_empty(), "{} lost:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn a_whole_resource_comes_back_as_an_entry_of_its_own_that_points_at_what_was_made_of_its_targets() {
    let (kind_of_document, mut bundle) = bundle_of("referral/complete");
    let change = CHANGES.iter().find(|(name, _)| name.starts_with("resources nobody")).unwrap().1;
    let absolute = CHANGES.iter().find(|(name, _)| *name == "absolute references").unwrap().1;
    absolute(&mut bundle);
    change(&mut bundle);
    let native = map::to_native(kind_of_document, &Bundle::new(bundle).unwrap()).unwrap().value;
    let made = map::to_fhir(kind_of_document, native.clone()).unwrap().value;
    assert_eq!(sealed(made.clone()).map(drop), Ok(()));
    let encounter = made.first("Encounter").expect("it is an entry again");
    let at = |pointer: &str| made.resolve(encounter.pointer(pointer).unwrap().as_str().unwrap());
    assert_eq!(at("/subject/reference"), made.first("Patient"));
    assert_eq!(at("/participant/0/individual/reference").map(kind), Some("Practitioner"));
    assert_eq!(at("/diagnosis/0/condition/reference").map(kind), Some("Procedure"));
    // a document under another identifier has other names: what then leads nowhere says where it led
    let mut renamed = native;
    renamed["id"] = json!("another-1");
    let made = map::to_fhir(kind_of_document, renamed).unwrap().value;
    assert_eq!(sealed(made.clone()).map(drop), Ok(()));
    assert!(made.first("Encounter").unwrap()["subject"].get("reference").is_none());
    assert!(made.first("Encounter").unwrap()["subject"]["extension"][0]["valueUri"].is_string());
}

#[test]
fn tens_of_thousands_of_parts_without_a_place_are_kept_and_given_back_at_once() {
    const MANY: usize = 20_000;
    let started = std::time::Instant::now();
    let (kind, mut bundle) = bundle_of("referral/complete");
    let mark = json!({"url": "urn:x", "valueString": "y"});
    bundle["entry"][2]["resource"]["extension"] = Value::Array(vec![mark; MANY]);
    for n in 0..2_000 {
        add(&mut bundle, &format!("many {n}"), &json!({"resourceType": "Basic", "code": {"text": "x"}}));
    }
    let native = map::to_native(kind, &Bundle::new(bundle).unwrap()).unwrap().value;
    assert!(native["unmapped"].as_array().unwrap().len() >= MANY + 2_000);
    let made = map::to_fhir(kind, native.clone()).unwrap().value;
    assert!(map::to_native(kind, &made).unwrap().value == native);
    // linear work takes seconds in a debug build; quadratic work takes minutes
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
