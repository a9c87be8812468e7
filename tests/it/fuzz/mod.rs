//! Fuzzing of what reads what strangers send: JSON, XML and FHIRPath, each through reading and validation. Some seconds in
//! every test run; for longer, with a seed of its own:
//! `CMHT_FUZZ_MINUTES=60 CMHT_FUZZ_SEED=1 CMHT_FUZZ_OUT=/tmp/fuzz cargo test --release --test it fuzz:: -- --ignored --nocapture`.
//! What it starts from, and every input that ever failed, is under `tests/fixtures/fuzz`.

pub(crate) mod dice;
mod driver;
mod mutate;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cmht_gateway::definitions::{Library, library};
use cmht_gateway::validate::structure::Registry;

use driver::Run;

/// What is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Xml,
    /// FHIRPath; a line of a file is an expression.
    Path,
}

const KINDS: [(Kind, &str); 3] = [(Kind::Json, "json"), (Kind::Xml, "xml"), (Kind::Path, "fhirpath")];

fn corpus(kind: Kind, folder: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let published = if kind == Kind::Path { invariants() } else { Vec::new() };
    let texts = files.iter().map(|file| std::fs::read(file).unwrap());
    let mut all: Vec<Vec<u8>> = match kind {
        Kind::Path => {
            texts.flat_map(|text| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
        }
        _ => texts.collect(),
    };
    all.extend(published);
    assert!(all.len() >= 5, "{}: a corpus to begin with", root.display());
    all
}

/// The expressions of every invariant the binary carries.
fn invariants() -> Vec<Vec<u8>> {
    let mut all = BTreeSet::new();
    for pack in library::embedded_packs() {
        let rows: Vec<_> = pack.rows().filter(|row| row.kind == "StructureDefinition").collect();
        for profile in rows.iter().filter_map(|row| pack.profile(row.url, None)) {
            let constraints = profile.snapshot.iter().chain(&profile.differential).flat_map(|one| &one.constraints);
            all.extend(constraints.filter_map(|one| one.expression.clone()));
        }
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// Runs one kind and tells what it did; a failure is written to `out`.
fn run(kind: Kind, folder: &str, seed: u64, time: Duration, out: Option<&Path>) {
    let registry = Registry::new(Arc::new(Library::of_packs(library::embedded_packs())));
    let last = out.map(|out| out.join(format!("last-{folder}-{seed}")));
    let mut run = Run::new(kind, &registry, corpus(kind, folder), seed, last);
    let ended = run.go(time);
    if let Some(out) = out {
        println!(
            "{folder}: {} inputs, {} of them grown, {} brought something new",
            run.tried,
            run.grown,
            run.found().len()
        );
        for (at, input) in run.found().iter().enumerate() {
            std::fs::write(out.join(format!("new-{folder}-{seed}-{at}")), input).unwrap();
        }
    }
    if let Err(failure) = ended {
        if let Some(out) = out {
            std::fs::write(out.join(format!("failed-{folder}-{seed}")), &failure.input).unwrap();
        }
        let text = String::from_utf8_lossy(&failure.input);
        panic!("{folder}, seed {seed}: {}\n{}", failure.why, text.chars().take(2_000).collect::<String>());
    }
}

#[test]
fn nothing_that_is_read_makes_it_panic_or_work_for_ever() {
    std::thread::scope(|scope| {
        for (kind, folder) in KINDS {
            scope.spawn(move || run(kind, folder, 4, Duration::from_secs(6), None));
        }
    });
}

#[test]
#[ignore = "as long as CMHT_FUZZ_MINUTES says"]
fn for_as_long_as_asked() {
    let number = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (minutes, seed) = (number("CMHT_FUZZ_MINUTES", 1), number("CMHT_FUZZ_SEED", 1));
    let out = PathBuf::from(std::env::var("CMHT_FUZZ_OUT").expect("CMHT_FUZZ_OUT: a folder"));
    std::fs::create_dir_all(&out).unwrap();
    std::thread::scope(|scope| {
        for (kind, folder) in KINDS {
            let out = &out;
            scope.spawn(move || run(kind, folder, seed, Duration::from_secs(minutes * 60), Some(out)));
        }
    });
}
