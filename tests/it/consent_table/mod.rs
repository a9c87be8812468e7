//! The decision table: what each kind of recipient gets, for each state of the person's wishes and each situation, and of
//! each kind of document. One text a recipient, to be read and reviewed; a change in policy shows as a change in it.
//!
//! Written anew with `CMHT_WRITE_TABLE=1 cargo test --test it consent_table`; then read what `git diff` says.

mod rows;
mod sets;

use std::fmt::Write;
use std::path::PathBuf;

use cmht_gateway::model::PartyKind;
use rows::{Addressee, Row};

/// Rows there are at least.
const ROWS: usize = 600;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/consent_table")
}

/// One recipient's table.
fn written(addressee: &Addressee) -> (String, usize) {
    let rows: Vec<Row> = addressee.rows();
    let mut out = format!("{}\n{}\n\n{}", addressee.title, "=".repeat(addressee.title.len()), sets::LEGEND);
    let mut heading = String::new();
    for row in &rows {
        if row.heading != heading {
            heading.clone_from(&row.heading);
            let _ = writeln!(out, "\n{heading}\n{}", "-".repeat(heading.len()));
        }
        let _ = writeln!(out, "{:<32} | {:<26} | {}", row.case, row.outcome, row.parts);
    }
    (out, rows.len())
}

#[test]
fn the_decision_table_is_as_reviewed() {
    let write = std::env::var_os("CMHT_WRITE_TABLE").is_some();
    let mut rows = 0;
    let mut differing = Vec::new();
    for addressee in rows::addressees() {
        let (table, count) = written(&addressee);
        rows += count;
        let path = folder().join(format!("{}.txt", addressee.name));
        if write {
            std::fs::write(&path, &table).unwrap();
        }
        let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
        let first = table.lines().zip(reviewed.lines().chain(std::iter::repeat(""))).find(|(now, then)| now != then);
        if let Some((now, then)) = first {
            differing.push(format!("{}:\n  reviewed: {then}\n  now:      {now}", addressee.name));
        } else if table.lines().count() != reviewed.lines().count() {
            differing.push(format!("{}: rows are missing", addressee.name));
        }
    }
    assert!(rows >= ROWS, "{rows} rows");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn nhs_teams_of_all_kinds_are_treated_as_the_community_team_is() {
    let community = written(&rows::nhs_team(PartyKind::Cmht)).0;
    let special = [PartyKind::GpPractice, PartyKind::AccessPoint, PartyKind::Crht];
    let others =
        PartyKind::ALL.iter().filter(|kind| kind.sector() == PartyKind::Cmht.sector() && !special.contains(kind));
    for kind in others {
        assert_eq!(written(&rows::nhs_team(*kind)).0, community, "{kind:?}");
    }
    // An access point is a crisis service as the crisis team is.
    assert_eq!(written(&rows::nhs_team(PartyKind::AccessPoint)).0, written(&rows::nhs_team(PartyKind::Crht)).0);
}
