//! The directory going out and coming in: valid FHIR, equal after a round trip, public parts for others, all faults at once,
//! and no change over somebody else's.

use cmht_gateway::directory::{DEMO, Directory, Rows, Share};
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::fhir::{self, Format, Limits};
use cmht_gateway::guide;
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{self, Options};
use serde_json::Value;

use crate::support::{CHARITY, GP, TRUST, TestGateway};

#[test]
fn the_exported_bundle_is_valid_under_r4_and_uk_core_in_json_and_xml() {
    let bundle =
        Directory::from_toml(DEMO).unwrap().shared(Share::Whole).to_fhir("2026-02-10T09:00:00Z".parse().unwrap());
    let registry = Registry::new(guide::library().clone());
    for format in [Format::Json, Format::Xml] {
        let bytes = fhir::write(&bundle, format).unwrap();
        let tree = Tree::read(&bytes, format, &Limits::default()).unwrap();
        let found = walk::validate(&tree, &registry, &Options::default());
        let errors: Vec<_> = found.iter().filter(|issue| issue.severity.refuses()).collect();
        assert!(errors.is_empty(), "{format:?}: {errors:#?}");
        let back = fhir::read(&bytes, format, &Limits::default()).unwrap();
        assert_eq!(Rows::from_fhir(&back).unwrap(), Rows::from_fhir(&bundle).unwrap(), "{format:?}");
    }
}

#[tokio::test]
async fn every_client_reads_the_public_part_and_the_trust_all_but_the_secrets() {
    let gateway = TestGateway::alone().await;
    let read = async |who, accept: &str| gateway.get("/directory", who).header("accept", accept).send().await.unwrap();
    let public = read(GP, "application/json").await;
    assert_eq!(public.headers()["etag"], "W/\"1\"");
    let public: Value = public.json().await.unwrap();
    assert!(public["directory"]["organisation"].is_array() && public["directory"]["agreement"].is_null(), "{public}");
    let whole: Value = read(TRUST, "application/json").await.json().await.unwrap();
    assert!(whole["directory"]["agreement"].is_array() && whole["directory"]["client"].is_array());
    for accept in ["application/json", "text/csv", "application/toml", "application/fhir+json", "application/fhir+xml"]
    {
        for who in [GP, TRUST] {
            let response = read(who, accept).await;
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with(accept), "{accept}");
            let text = response.text().await.unwrap();
            assert!(text.contains("Wellbeing Roots") && !text.contains("argon2"), "{accept}");
            assert_eq!(text.contains("ISA-2024-07"), who == TRUST, "{accept}");
        }
    }
    assert_eq!(gateway.client.get(gateway.url("/directory")).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn what_the_trust_takes_out_it_may_put_back_in_every_form_and_nothing_changes() {
    let gateway = TestGateway::alone().await;
    for form in ["application/json", "text/csv", "application/toml", "application/fhir+json", "application/fhir+xml"] {
        let out = gateway.get("/directory", TRUST).header("accept", form).send().await.unwrap().text().await.unwrap();
        let back = gateway.post("/directory", TRUST, form).header("if-match", "*").body(out).send().await.unwrap();
        let (status, answer): (_, Value) = (back.status(), back.json().await.unwrap());
        assert_eq!((status.as_u16(), &answer["version"]), (200, &1.into()), "{form}: {answer}");
    }
}

#[tokio::test]
async fn an_import_with_faults_changes_nothing_and_tells_all_of_them() {
    let gateway = TestGateway::alone().await;
    let table = "section,id,name,kind,of,telephone\nplace,x,The Mill,,nobody,\norganisation,y,Mill,hospital,,ring us\n";
    let response =
        gateway.post("/directory", TRUST, "text/csv").header("if-match", "*").body(table).send().await.unwrap();
    assert_eq!(response.status(), 422);
    let outcome: Value = response.json().await.unwrap();
    let text = outcome.to_string();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    for place in ["organisation 1 (y), kind", "organisation 1 (y), telephone", "place 1 (x), of"] {
        assert!(text.contains(place), "{place} is not in {outcome:#}");
    }
    assert_eq!(gateway.running.store.directories().await.unwrap().len(), 1);
    // Without its own party it could not go on.
    let bare = "section,id,name,kind\norganisation,y,Mill,vcse\n";
    let response =
        gateway.post("/directory", TRUST, "text/csv").header("if-match", "*").body(bare).send().await.unwrap();
    assert_eq!(response.status(), 422);
    assert!(gateway.running.gateway.directory().party(&crate::support::party("lpt"), jiff::Timestamp::now()).is_some());
}

#[tokio::test]
async fn only_the_trust_imports_and_never_over_a_change_it_has_not_seen() {
    let gateway = TestGateway::alone().await;
    let import = "[[crisis_contact]]\nname = \"A\"\nhow = \"Ring A\"\n";
    let post = |who, tag: &'static str| {
        gateway.post("/directory", who, "application/toml").header("if-match", tag).body(import).send()
    };
    assert_eq!(post(CHARITY, "W/\"1\"").await.unwrap().status(), 403);
    let blind = gateway.post("/directory", TRUST, "application/toml").body(import).send().await.unwrap();
    assert_eq!(blind.status(), 400, "what others changed meanwhile is not undone unseen");
    let first = post(TRUST, "W/\"1\"").await.unwrap();
    assert_eq!((first.status().as_u16(), first.headers()["etag"].to_str().unwrap()), (200, "W/\"2\""));
    assert_eq!(gateway.running.gateway.directory().crisis_contacts().len(), 1, "it counts at once");
    let second = post(TRUST, "W/\"1\"").await.unwrap();
    assert_eq!(second.status(), 409);
    assert!(second.text().await.unwrap().contains("version 2"));
    assert_eq!(post(TRUST, "nonsense").await.unwrap().status(), 400);
    let page = gateway.running.store.audit_page(0, 1000).await.unwrap();
    let told = |event: &str| page.iter().filter(|entry| entry.body.contains(event)).count();
    assert_eq!(told("\"directory-changed\""), 2, "the file and the import");
    assert_eq!(told("\"directory-refused\""), 2, "the charity's and the late one");
}

#[test]
fn the_command_line_checks_exports_and_imports_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("directory.toml"), DEMO).unwrap();
    let config = format!("database = {:?}\ndirectory = {:?}\nparty = \"lpt\"\n", at("g.db"), at("directory.toml"));
    std::fs::write(at("gateway.toml"), config).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
        let output = command.arg("directory").args(arguments).env_clear().output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    };
    let config = at("gateway.toml");
    for (format, name) in [("csv", "tables"), ("fhir", "bundle.json"), ("toml", "out.toml")] {
        let path = at(name);
        let (code, text) = run(&["export", "--format", format, "--output", &path, "--config", &config]);
        assert_eq!(code, 0, "{text}");
        // Taken out without secrets it is no directory by itself where it has clients, and comes back in as it was.
        let (code, text) = run(&["import", "--format", format, &path, "--config", &config]);
        assert_eq!((code, text.trim()), (0, "Taken. The directory is at version 1."), "{format}");
    }
    std::fs::write(at("tables/place.csv"), "id,of,name\nx,nobody,The Mill\ny,lpt,\n").unwrap();
    let (code, text) = run(&["import", "--format", "csv", &at("tables"), "--config", &config]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("place 1 (x), of: ") && text.contains("place 2 (y), name: "), "{text}");
    assert_eq!(run(&["check", &at("directory.toml")]).0, 0);
    assert_eq!(run(&["check", &at("nowhere.toml")]).0, 2);
}
