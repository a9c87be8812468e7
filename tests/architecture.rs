//! The architecture test: reads `src/` as text and fails when a rule of `architecture/table.rs` is broken.
//! Also proves that the scanner notices: a check that cannot fail is no check.

#[path = "architecture/lex.rs"]
mod lex;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/scan.rs"]
mod scan;
#[path = "architecture/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use rules::{File, owner, violations};
use table::{FENCES, LINES_AIM, MODULES, PURE, WITHOUT_RUNTIME};

/// Every Rust file below a folder of the package.
fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { panic!("cannot list {}", folder.display()) };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let Ok(text) = std::fs::read_to_string(&path) else { panic!("cannot read {}", path.display()) };
                let below = path.strip_prefix(root).unwrap_or(&path);
                let path = below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What is wrong with one made-up file.
fn wrong(path: &str, body: &str) -> Vec<String> {
    violations(&[File { path: path.into(), text: format!("//! Made up.\n{body}") }])
}

#[test]
fn the_code_keeps_to_the_table() {
    let sources = files("src");
    assert!(sources.len() > 20, "found only {} files: looking in the wrong place?", sources.len());
    for long in sources.iter().filter(|file| file.text.lines().count() > LINES_AIM) {
        println!("over {LINES_AIM} lines: {}", long.path);
    }
    let broken = violations(&sources);
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn tests_keep_the_rules_of_form_as_well() {
    let broken = violations(&files("tests"));
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_module_is_in_the_table_and_the_table_names_no_other() {
    let real: BTreeSet<String> = files("src").iter().filter_map(|file| owner(&file.path)).collect();
    let listed: BTreeSet<String> = MODULES.iter().map(|module| module.name.to_owned()).collect();
    assert_eq!(real, listed);
    assert_eq!(listed.len(), MODULES.len(), "a module is listed twice");
    let named = FENCES.iter().flat_map(|fence| fence.only_in).chain(PURE).chain(WITHOUT_RUNTIME);
    for name in named {
        assert!(listed.contains(*name), "`{name}` is no module");
    }
}

#[test]
fn modules_only_use_what_stands_above_them_so_there_is_no_cycle() {
    for (row, module) in MODULES.iter().enumerate() {
        for used in module.may_use {
            let name = used.split("::").next().unwrap_or_default();
            let at = MODULES.iter().position(|m| m.name == name);
            assert!(at.is_some_and(|at| at < row), "`{}` uses `{used}`, which does not stand above it", module.name);
        }
    }
}

#[test]
fn nothing_uses_the_outermost_modules() {
    let outermost = [
        ("main", &[][..]),
        ("cli", &["main"]),
        ("demo", &["cli"]),
        ("simulate", &["cli", "demo"]),
        ("app", &["cli", "demo", "simulate"]),
    ];
    for (outer, may) in outermost {
        for module in MODULES.iter().filter(|module| !may.contains(&module.name)) {
            assert!(!module.may_use.contains(&outer), "`{}` uses `{outer}`", module.name);
        }
    }
}

/// Each line is code that breaks a rule where it stands; the second half is what the report must say.
#[test]
fn a_broken_rule_is_noticed_however_it_is_written() {
    let cases: &[(&str, &str, &str)] = &[
        ("src/map/mod.rs", "use crate::validate::Validated;", "`map` may not use `validate::Validated`"),
        (
            "src/map/mod.rs",
            "use crate::{fhir, route::{Facts}, model::{self, Issue}};",
            "`map` may not use `route::Facts`",
        ),
        ("src/map/deep/er.rs", "use super::super::super::store::Row;", "`map` may not use `store::Row`"),
        ("src/map/mod.rs", "mod inner { use super::super::store::Row; }", "`map` may not use `store::Row`"),
        ("src/map/mod.rs", "fn f() { let x = crate::store::open(); }", "`map` may not use `store::open`"),
        ("src/map/mod.rs", "fn f(x: &crate::app::App) {}", "`map` may not use `app::App`"),
        ("src/map/mod.rs", "macro_rules! m { () => { $crate::store::open() } }", "`map` may not use `store::open`"),
        ("src/map/mod.rs", "use crate::*;", "`map` may not use `*`"),
        ("src/map/mod.rs", "use crate as everything;", "`map` may not use `the whole crate`"),
        ("src/map/mod.rs", "use super::*;", "`map` may not use `*`"),
        ("src/consent/mod.rs", "use crate::validate;", "`consent` may not use `validate`"),
        ("src/consent/mod.rs", "use crate::validate::{Validated, bundle};", "`consent` may not use `validate::bundle`"),
        ("src/outbox/mod.rs", "use crate::consent::Engine;", "`outbox` may not use `consent::Engine`"),
        ("src/http/mod.rs", "use crate::demo::run;", "`http` may not use `demo::run`"),
        ("src/main.rs", "use cmht_gateway::app;", "`main` may not use `app`"),
        ("src/mesh/mod.rs", "", "`mesh` is not in the table"),
        ("src/route/mod.rs", "use axum::Router;", "`axum` belongs in http, portal, demo, app only"),
        ("src/route/mod.rs", "fn f() -> ::axum::Router { todo() }", "`axum` belongs in"),
        ("src/route/mod.rs", "use axum as web;", "`axum` belongs in"),
        ("src/http/mod.rs", "#[derive(sqlx::FromRow)] struct Row;", "`sqlx` belongs in store only"),
        ("src/http/mod.rs", "use {maud::html, std::fmt};", "`maud` belongs in portal only"),
        ("src/directory/mod.rs", "use tokio::sync::Mutex;", "`directory` is synchronous; no tokio here"),
        ("src/route/mod.rs", "fn f() { jiff::Timestamp::now(); }", "`route` is pure; `jiff::Timestamp::now` is not"),
        ("src/route/mod.rs", "fn f() { Zoned::now(); }", "`Zoned::now` is not"),
        ("src/route/mod.rs", "use std::time::{Duration, SystemTime};", "`std::time::SystemTime` is not"),
        ("src/map/mod.rs", "fn f() { Uuid::new_v4(); }", "`Uuid::new_v4` is not"),
        ("src/map/mod.rs", "fn f() { rand::random::<u8>(); }", "`rand::random` is not"),
        ("src/intake/mod.rs", "use std::fs;", "`std::fs` is not"),
        ("src/consent/mod.rs", "async fn f() {}", "`consent` is synchronous; no `async` here"),
        ("src/store/mod.rs", "fn f() { todo!() }", "`todo!` is not finished work"),
        ("src/store/mod.rs", "#[cfg(test)] mod tests { fn f() { dbg!(1); } }", "`dbg!` is not finished work"),
        ("src/store/utils.rs", "", "`utils` says nothing"),
        ("src/store/mod.rs", "#[cfg(test)] use a::b; use crate::http::x;", "`store` may not use `http::x`"),
        ("src/store/mod.rs", "struct S { #[cfg(test)] a: u8 } use crate::http::x;", "`store` may not use `http::x`"),
        ("src/store/mod.rs", "const Q: char = '\"'; use crate::http::x; // \"", "`store` may not use `http::x`"),
        ("src/store/mod.rs", "const R: &str = r#\"\"\"#; use crate::http::x;", "`store` may not use `http::x`"),
        ("src/store/mod.rs", "/* /* */ */ use crate::http::x;", "`store` may not use `http::x`"),
        ("src/store/mod.rs", "fn f<'a>(x: &'a str) { crate::http::x(x) }", "`store` may not use `http::x`"),
    ];
    for (path, body, expected) in cases {
        let found = wrong(path, body);
        assert_eq!(found.len(), 1, "{body}\n{found:#?}");
        assert!(found[0].contains(expected), "{body}\n{found:#?}\nexpected: {expected}");
        assert!(found[0].starts_with(path), "{found:#?}");
    }
}

#[test]
fn what_is_allowed_is_left_alone() {
    let cases: &[(&str, &str)] = &[
        ("src/map/mod.rs", "use crate::{fhir::{self, Bundle}, model::*}; use crate::documents as d;"),
        ("src/map/referral/person.rs", "use super::super::Note; use super::name; use crate::map::Mapped;"),
        ("src/consent/mod.rs", "use crate::validate::Validated; pub(crate) fn f() {} pub(super) struct S;"),
        ("src/consent/reduce.rs", "pub(in crate::consent) fn f(x: crate::validate::Validated<u8>) {}"),
        ("src/main.rs", "fn main() -> ExitCode { cmht_gateway::cli::run() }"),
        ("src/lib.rs", "pub mod app; pub mod http;"),
        ("src/store/mod.rs", "use sqlx::Row; async fn f() { tokio::time::sleep(d).await }"),
        (
            "src/route/mod.rs",
            "// use axum::Router;\n/* crate::store */ const S: &str = \"crate::store::x sqlx::y todo!()\";",
        ),
        ("src/route/mod.rs", "const R: &str = r##\"\"# crate::store::open() \"##; const B: &[u8] = b\"\\\"sqlx::x\";"),
        ("src/route/mod.rs", "fn f(now: Timestamp) -> bool { self.now != now && x.rand == 'a' }"),
        ("src/route/mod.rs", "#[cfg(test)] mod tests { use crate::store::x; fn f() { jiff::Timestamp::now(); } }"),
        ("src/route/mod.rs", "#[cfg(test)] #[allow(dead_code)] pub(crate) fn f(x: [u8; 2]) { crate::store::open(); }"),
        ("src/route/mod.rs", "#[cfg(test)] use crate::{store::x, http}; fn f() {}"),
        ("src/route/rig.rs", "#![cfg(test)] use crate::store::x;"),
        ("tests/it/main.rs", "use cmht_gateway::store; use sqlx::Row;"),
    ];
    for (path, body) in cases {
        assert_eq!(wrong(path, body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn a_test_module_in_a_file_of_its_own_may_use_anything() {
    let file = |path: &str, text: &str| File { path: path.into(), text: format!("//! Made up.\n{text}") };
    let parent = file("src/route/mod.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)] mod rig;");
    let tests = file("src/route/tests.rs", "use crate::store::open;");
    let rig = file("src/route/rig/clock.rs", "use crate::store::open;");
    let other = file("src/route/other.rs", "use crate::store::open;");
    let found = violations(&[parent, tests, rig, other]);
    assert_eq!(found, ["src/route/other.rs:2: `route` may not use `store::open`"]);
}

#[test]
fn a_file_without_its_opening_line_or_too_long_is_noticed() {
    let file = |text: String| violations(&[File { path: "src/store/rows.rs".into(), text }]);
    assert!(file("// A comment.\n".into()).iter().any(|v| v.contains("begins with `//!`")));
    assert!(file("//! Owns rows.\n".repeat(501)).iter().any(|v| v.contains("501 lines")));
    assert!(file("//! Owns rows.\n".repeat(500)).is_empty());
}
