//! Nothing withheld leaves, and nothing permitted stays behind: documents of every kind in which every leaf holds a word of
//! its own, to recipients of every kind. What each leaf is filed under is read from the reviewed list of
//! `consent_leaves`; what may go, from the rules as `world` tells them.
//!
//! `cargo test` looks at a few hundred documents. All hundred thousand:
//! `LEAK_DOCUMENTS=100000 cargo test --release --test it consent_leaks`

mod quiet;
mod served;
pub(crate) mod world;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cmht_gateway::consent::{Decision, Permit, Question};
use cmht_gateway::fhir::{self, Format};
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;
use cmht_gateway::portal::{self, ItemPage, Urgency};
use cmht_gateway::render::{Letter, text};

use self::world::{EVERYBODY, World};
use crate::consent_case::{confirmed, engine};
use crate::consent_leaves::filled::{Any, Filled, Leaf, filled};
use crate::rendered::{made, poppler};
use crate::support::program::installed;
use crate::support::sealed;

/// Labels of every leaf by kind and path, as people have read them; `None` where the leaf stays behind in every cut copy.
fn listed() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/consent_leaves/snapshots/it__consent_leaves__consent_leaves.snap"
    );
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.rsplit("---\n").next().unwrap().lines();
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(leaf, labels)| {
            let labels = match labels {
                "unassigned" => None,
                "always" => Some(BTreeSet::new()),
                all => Some(all.split(" + ").map(str::to_owned).collect()),
            };
            (leaf.to_owned(), labels)
        })
        .collect()
}

/// The words in some bytes, whatever their case.
fn words(bytes: &[u8]) -> HashSet<Vec<u8>> {
    let lower: Vec<u8> = bytes.to_ascii_lowercase();
    lower.windows(10).filter(|w| w.starts_with(b"zq") && w.ends_with(b"qz")).map(<[u8]>::to_vec).collect()
}

struct Run {
    listed: BTreeMap<String, Option<BTreeSet<String>>>,
    /// Documents, parts that were withheld, parts that arrived.
    documents: usize,
    withheld: usize,
    arrived: usize,
    denied: usize,
    refused: usize,
    faults: Vec<String>,
}

impl Run {
    fn new() -> Self {
        Self { listed: listed(), documents: 0, withheld: 0, arrived: 0, denied: 0, refused: 0, faults: Vec::new() }
    }

    /// Whether a leaf may go; `None` where it goes with a whole copy alone.
    fn may(&self, filled: &Filled, leaf: &Leaf, may: &BTreeSet<&str>) -> Option<bool> {
        // CS-07: a carer's plan that whom they care for may see
        if filled.document["cared_for_access"] == "agreed" && leaf.given.contains("told-in-confidence") {
            return Some(false);
        }
        let key = format!("{} {}", filled.kind.code(), leaf.path);
        let listed = self.listed.get(&key).unwrap_or_else(|| panic!("{key} is not in the list of leaves"));
        if listed.is_none() || leaf.given.contains("unassigned") {
            return None;
        }
        let listed = listed.iter().flatten().map(String::as_str);
        Some(listed.chain(leaf.given.iter().copied()).all(|label| may.contains(label)))
    }

    /// Holds what left to what may.
    fn hold(&mut self, name: &str, filled: &Filled, world: &World, whole: bool, found: &HashSet<Vec<u8>>) {
        let may = world.may();
        for leaf in &filled.leaves {
            let came = found.contains(leaf.word.to_ascii_lowercase().as_bytes());
            let expected = self.may(filled, leaf, &may);
            if came {
                self.arrived += 1;
            } else {
                self.withheld += 1;
            }
            let fault = match expected {
                Some(true) if !came => "stays behind",
                Some(false) if came => "leaks",
                None if came && !whole => "leaks without a category",
                _ => continue,
            };
            self.faults.push(format!(
                "{name}: {} {} to {:?} {fault}: {world:?}",
                filled.kind.code(),
                leaf.path,
                world.who
            ));
        }
    }

    fn release(&mut self, filled: &Filled, world: &World, closely: bool) {
        let mut document = filled.document.clone();
        if let Some(consent) = world.consent() {
            document["consent"] = consent;
        }
        let made =
            map::to_fhir(filled.kind, document).unwrap_or_else(|issues| panic!("{}: {issues:?}", filled.kind.code()));
        // a letter without what its kind is for is refused at the door
        let Ok(bundle) = sealed(made.value) else {
            self.refused += 1;
            return;
        };
        let case = world.case();
        let question = Question { kind: filled.kind, ..case.question(&bundle) };
        let decision = engine().decide(&question);
        self.documents += 1;
        let told = format!("{decision:?}");
        let said = words(told.as_bytes());
        assert!(said.is_empty(), "{} {:?}: {said:?}", filled.kind.code(), world.who);
        let (content, whole) = match decision {
            Decision::Permit(permit) => (permit.bundle().content().clone(), permit.withheld().is_empty()),
            Decision::Reduce(reduction) if closely => {
                let permit = confirmed(reduction, &question);
                self.look_closely(filled, world, &permit);
                (permit.bundle().content().clone(), false)
            }
            Decision::Reduce(reduction) => (reduction.draft(), false),
            Decision::Deny(denial) => {
                self.denied += 1;
                if world.may().contains("demographics") {
                    self.faults.push(format!(
                        "{} to {:?} is denied by {}: {world:?}",
                        filled.kind.code(),
                        world.who,
                        denial.rule
                    ));
                }
                return;
            }
        };
        let mut found = HashSet::new();
        for format in [Format::Json, Format::Xml] {
            found.extend(words(&fhir::write(content.value(), format).unwrap()));
        }
        self.hold("bytes", filled, world, whole, &found);
    }

    /// What people read of it: words, page, text and PDF hold nothing that the copy does not, and say of what was withheld
    /// only what may be told.
    fn look_closely(&mut self, filled: &Filled, world: &World, permit: &Permit) {
        let bundle = permit.bundle().content();
        let Ok(native) = map::to_native(filled.kind, bundle) else {
            self.faults.push(format!("{} to {:?} is no such document any more", filled.kind.code(), world.who));
            return;
        };
        let letter = Letter::new(map::words(filled.kind, native.value).unwrap());
        let (person, sections) = map::readable(filled.kind, bundle).unwrap();
        let page = page(person, sections.into_iter().map(|section| (section.heading, section.lines)).collect());
        let mut read = format!("{}\n{}", text(&letter), page);
        if installed("pdftotext", "poppler-utils") {
            // lines of a PDF break within words where they must
            let printed: String = poppler("pdftotext", &["-enc", "UTF-8"], &made(&letter)).split_whitespace().collect();
            read.push_str(&printed);
        }
        let may = world.may();
        let found = words(read.as_bytes());
        for leaf in &filled.leaves {
            let came = found.contains(leaf.word.to_ascii_lowercase().as_bytes());
            if came && self.may(filled, leaf, &may) != Some(true) {
                self.faults.push(format!(
                    "{} {} to {:?} can be read: {world:?}",
                    filled.kind.code(),
                    leaf.path,
                    world.who
                ));
            }
        }
        let value = bundle.value().to_string();
        let told = permit.withheld().iter().any(|part| permit.may_tell(part.category));
        for sign in ["REDACTED", "SUBSETTED", "\"masked\"", "ithheld"] {
            if !told && value.contains(sign) {
                self.faults.push(format!(
                    "{} to {:?} shows by {sign} what may not be told: {world:?}",
                    filled.kind.code(),
                    world.who
                ));
            }
        }
    }
}

fn page(person: String, sections: Vec<(String, Vec<String>)>) -> String {
    let page = ItemPage {
        organisation: "Made-up".to_owned(),
        reviews: false,
        title: person,
        received: "today".to_owned(),
        from: "Made-up".to_owned(),
        urgency: Urgency::Routine,
        link: "/portal/inbox/1".to_owned(),
        sections,
        withheld: Vec::new(),
        crisis_contacts: Vec::new(),
        steps: Vec::new(),
        csrf: "x".to_owned(),
    };
    portal::item(&page).into_string()
}

fn kinds() -> Vec<DocumentKind> {
    DocumentKind::ALL.iter().copied().filter(|kind| kind.is_document()).collect()
}

impl Run {
    /// Every so many-th of a number of documents, from the first on.
    fn through(numbers: impl Iterator<Item = u32>) -> Self {
        let (kinds, mut run) = (kinds(), Self::new());
        for number in numbers {
            let mut any = Any::of(number);
            let at = usize::try_from(number).unwrap();
            let kind = kinds[at % kinds.len()];
            let who = EVERYBODY[(at / kinds.len()) % EVERYBODY.len()];
            let world = World::any(who, kind, &mut any);
            if !world.is_possible() {
                continue;
            }
            run.release(&filled(kind, number, &mut any), &world, at % 7 == 0 && at < 5_000);
            if run.faults.len() > 20 {
                break;
            }
        }
        run
    }
}

#[test]
fn of_documents_of_every_kind_to_recipients_of_every_kind_just_what_is_permitted_leaves() {
    let count = std::env::var("LEAK_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(360_u32);
    let threads = std::thread::available_parallelism().map_or(1, |one| u32::try_from(one.get()).unwrap());
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let start = |thread: u32| scope.spawn(move || Run::through((thread..count).step_by(threads as usize)));
        let started: Vec<_> = (0..threads).map(start).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let faults: Vec<&String> = runs.iter().flat_map(|run| &run.faults).collect();
    let sum = |of: fn(&Run) -> usize| runs.iter().map(of).sum::<usize>();
    let (documents, denied, refused) = (sum(|run| run.documents), sum(|run| run.denied), sum(|run| run.refused));
    let (arrived, withheld) = (sum(|run| run.arrived), sum(|run| run.withheld));
    println!(
        "{documents} documents, {denied} denied, {refused} refused; {arrived} parts arrived, {withheld} were withheld"
    );
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(withheld > documents && arrived > documents && denied * 4 < documents);
    assert!(refused * 10 < documents, "{refused} of {count} were no sound documents");
}
