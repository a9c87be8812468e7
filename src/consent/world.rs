//! What the proofs about policy take for granted about facts (`profiles/policy/proofs/world`) holds of every request that
//! is made here. Tests only: each file is loaded as the only policy there is, and must permit every request.

use super::engine::Verdict;
use super::facts::Facts;
use super::label::Label;
use super::{Capacity, Emergency, Engine};
use crate::model::{DocumentKind, PartyKind, Purpose, Sector, Wording};

/// Each assumption by the name of its file.
fn assumptions() -> Vec<(String, Engine)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/policy/proofs/world");
    let (_, schema) = Engine::embedded_files();
    let files = std::fs::read_dir(folder).unwrap();
    let engines = files.map(|file| {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = format!("@id(\"XX-01\") @reason(\"r\") @source(\"s\")\n{text}");
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, Engine::load(&[("world.cedar", &text)], schema).unwrap())
    });
    engines.collect()
}

#[test]
fn what_proofs_take_for_granted_holds_for_every_kind_of_recipient_and_every_label() {
    let engines = assumptions();
    assert_eq!(engines.len(), 2);
    for (name, engine) in &engines {
        for kind in PartyKind::ALL {
            for document in DocumentKind::ALL {
                for label in Label::all() {
                    let facts = Facts { document: *document, ..Facts::none(*kind) };
                    let verdict = engine.ask(&facts, label);
                    assert!(
                        matches!(verdict, Verdict::Allowed(_)),
                        "{name}: {kind:?} {document:?} {label}: {verdict:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn and_does_not_depend_on_the_other_facts() {
    for (name, engine) in &assumptions() {
        for kind in PartyKind::ALL {
            for (purpose, sender) in Purpose::ALL.iter().flat_map(|p| Sector::ALL.iter().map(move |s| (*p, *s))) {
                let facts = Facts {
                    purpose,
                    sender_sector: sender,
                    named: Label::all().collect(),
                    objected: Label::all().collect(),
                    capacity: Capacity::InDoubt,
                    emergency: Some(Emergency {
                        professional: Wording::parse("Made-up").unwrap(),
                        reason: Wording::parse("stated").unwrap(),
                    }),
                    risk_score: Some(3),
                    care_relationship: true,
                    registered_gp: true,
                    own_record: true,
                    ..Facts::none(*kind)
                };
                for label in Label::all() {
                    assert!(matches!(engine.ask(&facts, label), Verdict::Allowed(_)), "{name}: {kind:?} {label}");
                }
            }
        }
    }
}
