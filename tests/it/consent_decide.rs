//! Cases decided at the command line and over HTTP, and stored decisions taken again: what people read, exit codes, who
//! may ask, and that nothing stays behind.

use std::path::PathBuf;
use std::process::{Command, Output};

use cmht_gateway::consent::{Engine, Trail};
use serde_json::{Value, json};

use crate::consent_case::{Case, Referral, engine, permit};
use crate::support::{CHARITY, GP, TRUST, TestGateway, plan};

fn case(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("profiles/policy/cases/{name}.json"))
}

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_cmht-gateway");
    Command::new(program).args(arguments).env_clear().current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn told(output: &Output) -> (i32, String) {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn decided(case: &Value) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    std::fs::write(&path, case.to_string()).unwrap();
    let (code, text) = told(&run(&["consent", "decide", "--case", path.to_str().unwrap(), "--output", "json"]));
    (code, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
}

/// The policy's digest changes with every policy, and is not what these snapshots are about.
fn without_digest(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("Policy ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_example_of_a_case_is_told_as_people_read_it() {
    for (name, expected) in [
        ("charity-handover", 0),
        ("carer-capacity-in-doubt", 1),
        ("gp-told-in-confidence", 0),
        ("objection-to-a-team", 1),
    ] {
        let (code, text) = told(&run(&["consent", "decide", "--case", file(name).to_str().unwrap()]));
        assert_eq!(code, expected, "{text}");
        assert!(!text.contains('\u{1b}'), "no colour in a pipe");
        insta::assert_snapshot!(format!("consent_case_{name}"), without_digest(&text));
    }
}

#[test]
fn a_case_with_a_document_is_decided_on_what_the_document_holds() {
    let mut with_document = case("charity-handover");
    let fields = with_document.as_object_mut().unwrap();
    fields.remove("parts");
    fields.insert("kind".to_owned(), "care-plan".into());
    fields.insert("document".to_owned(), plan("care-plan", "full"));
    let (code, account) = decided(&with_document);
    assert_eq!((code, &account["outcome"]), (0, &json!("permit-with-parts-withheld")), "{account:#}");
    let parts = account["parts"].as_array().unwrap();
    let verdict = |label: &str| parts.iter().find(|part| part["label"] == label).map(|part| part["verdict"].clone());
    assert_eq!(verdict("needs-and-goals"), Some("permitted".into()));
    assert_eq!(verdict("medication"), Some("withheld".into()));
    let withheld = parts.iter().find(|part| part["label"] == "medication").unwrap();
    assert_eq!((&withheld["fired"], &withheld["overridden"]), (&json!(["CS-05"]), &json!(["CS-04"])), "{withheld}");
    assert!(withheld["would_change"].as_str().unwrap().contains("consent"), "{withheld}");
}

#[test]
fn a_case_that_cannot_be_used_is_told_of_with_path_and_place() {
    let mut unknown_kind = case("charity-handover");
    unknown_kind["recipient"]["kind"] = "pirate".into();
    let mut nothing = case("charity-handover");
    nothing.as_object_mut().unwrap().remove("parts");
    let mut bad_document = case("charity-handover");
    let fields = bad_document.as_object_mut().unwrap();
    fields.remove("parts");
    fields.insert("document".to_owned(), json!({"id": 1}));
    let mut no_agreement = case("charity-handover");
    no_agreement["agreements"][0]["from"] = "yesterday".into();
    for (given, path) in [
        (unknown_kind, "/recipient"),
        (nothing, ""),
        (bad_document, "/document/id"),
        (no_agreement, "/agreements/0/from"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("case.json");
        std::fs::write(&name, serde_json::to_string_pretty(&given).unwrap()).unwrap();
        let (code, text) = told(&run(&["consent", "decide", "--case", name.to_str().unwrap()]));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("case.json:") && text.contains(path), "{path}: {text}");
    }
}

#[test]
fn cs_04_an_agreement_counts_between_the_sender_and_the_recipient_and_between_nobody_else() {
    for (between, outcome) in [
        (["lpt", "wellbeing-roots"], "permit-with-parts-withheld"),
        (["wellbeing-roots", "lpt"], "permit-with-parts-withheld"),
        (["demo-gp", "wellbeing-roots"], "deny"),
        (["lpt", "harbour-clinic"], "deny"),
        (["wellbeing-roots", "wellbeing-roots"], "deny"),
        (["lpt", "lpt"], "deny"),
    ] {
        let mut given = case("charity-handover");
        given["agreements"][0]["between"] = json!(between);
        assert_eq!(decided(&given).1["outcome"], outcome, "{between:?}");
    }
    // of a team its organisation's counts
    let mut of_team = case("charity-handover");
    of_team["sender"] = json!({"id": "lpt-cap", "kind": "access-point", "part_of": "lpt"});
    assert_eq!(decided(&of_team).1["outcome"], "permit-with-parts-withheld");
}

#[test]
fn where_nothing_goes_without_the_person_it_is_said_that_the_other_parts_were_not_the_reason() {
    let mut given = case("charity-handover");
    let provision = &mut given["records"]["consents"][0]["provision"]["provision"][0];
    provision["class"] =
        json!([{"system": "https://fhir.cmht-gateway.example/CodeSystem/data-category", "code": "needs-and-goals"}]);
    // who the person is would go along, had they not said that it must not
    provision["provision"] = json!([{"type": "deny", "class":
        [{"system": "https://fhir.cmht-gateway.example/CodeSystem/data-category", "code": "demographics"}]}]);
    let (code, account) = decided(&given);
    assert_eq!((code, &account["outcome"]), (1, &json!("deny")), "{account:#}");
    let summary = account["summary"].as_str().unwrap();
    assert!(summary.contains("By themselves these would be permitted: needs and goals"), "{summary}");
}

#[test]
fn in_a_case_too_a_name_says_something_and_a_moment_is_one_that_somebody_lives_to_see() {
    let stated = |professional: &str| {
        let mut given = case("charity-handover");
        given["records"]["overrides"] = json!([{
            "id": "o", "basis": "safeguarding", "recipient": "wellbeing-roots", "categories": ["medication"],
            "professional": professional, "rationale": "stated", "from": "2026-03-01T00:00:00Z",
            "until": "2026-03-09T00:00:00Z",
        }]);
        given
    };
    assert_eq!(decided(&stated("Dr A Example")).0, 0);
    let mut late = case("charity-handover");
    late["now"] = "9999-12-30T00:00:00Z".into();
    let mut ends_late = case("charity-handover");
    ends_late["agreements"][0]["until"] = "99999-01-01T00:00:00Z".into();
    for (given, expected) in [
        (stated("\u{3164}\u{200b}"), "two letters"),
        (stated("Dr A\nExample"), "line break"),
        (late, "/now"),
        (ends_late, "/agreements/0/until"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("case.json");
        std::fs::write(&name, given.to_string()).unwrap();
        let (code, text) = told(&run(&["consent", "decide", "--case", name.to_str().unwrap()]));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_never_ends_or_that_nobody_writes_to_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    for (file, expected) in [("/dev/zero", "a device"), (pipe, "a pipe"), ("/", "a folder")] {
        for arguments in [
            vec!["consent", "decide", "--case", file],
            vec!["consent", "replay", "--record", file],
            vec!["map", "--to", "fhir", file],
            vec!["check-config", "--config", file],
        ] {
            let (code, text) = told(&run(&arguments));
            assert!(code != 0 && text.contains(expected), "{arguments:?} {code}: {text}");
        }
    }
}

#[test]
fn rules_are_explained_by_their_ids() {
    let (code, text) = told(&run(&["consent", "explain", "CS-07", "CS-14"]));
    assert_eq!(code, 0);
    assert!(text.contains("CS-07") && text.contains("in confidence") && text.contains("CS-14"), "{text}");
    assert!(!text.contains("CS-01 "), "{text}");
    let (code, text) = told(&run(&["consent", "explain", "CS-99"]));
    assert_eq!(code, 1);
    assert!(text.contains("CS-99") && text.contains("GW-01"), "{text}");
}

/// A recorded decision about a charity with consent.
fn record() -> String {
    let case = Case::charity();
    let bundle = Referral::default().with(permit("wellbeing-roots", &[])).bundle();
    engine().decide_on_record(&case.question(&bundle)).1.record()
}

#[test]
fn a_stored_decision_comes_out_the_same_again_and_is_told_from_its_record_alone() {
    let record = record();
    assert_eq!(record.lines().count(), 1);
    let trail = Trail::read(&record).unwrap();
    assert_eq!(trail.record(), record);
    let replay = engine().replay(&trail);
    assert!(replay.same && replay.differences.is_empty() && replay.policy_changes.is_empty(), "{replay:?}");
    let account = engine().account(&trail);
    assert_eq!(account.outcome.code(), "permit-with-parts-withheld");
    assert!(account.summary.contains("Made-up wellbeing-roots"), "{}", account.summary);
    assert!(Trail::read("{}").is_err() && Trail::read(&record.replace("\"form\":1", "\"form\":2")).is_err());
}

#[test]
fn a_decision_that_policy_would_now_take_otherwise_says_which_rules_changed() {
    let trail = Trail::read(&record()).unwrap();
    let (files, schema) = Engine::embedded_files();
    let changed: Vec<(&str, String)> = files
        .iter()
        .filter(|(name, _)| *name != "cs-05.cedar")
        .map(|(name, text)| {
            (*name, if *name == "cs-04.cedar" { text.replace("receives", "gets") } else { (*text).to_owned() })
        })
        .collect();
    let changed: Vec<(&str, &str)> = changed.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let replay = Engine::load(&changed, schema).unwrap().replay(&trail);
    assert!(!replay.same);
    assert_eq!(replay.policy_changes, ["CS-04 changed", "CS-05 removed"]);
    let medication = replay.differences.iter().find(|one| one.label.code() == "medication").unwrap();
    assert!(medication.held && medication.then.contains("CS-05") && medication.now.contains("CS-04"), "{medication:?}");
}

#[test]
fn records_in_a_file_are_taken_again_at_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.ndjson");
    std::fs::write(&path, format!("{0}\n{0}\n", record())).unwrap();
    let path = path.to_str().unwrap();
    let (code, text) = told(&run(&["consent", "replay", "--record", path]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 the same, 0 otherwise now, 0 unreadable"), "{text}");
    let site = folder.path().join("site");
    std::fs::create_dir(&site).unwrap();
    let rule = r#"@id("SITE-01") @reason("Names are not sent.") @source("made up")
        forbid (principal, action, resource is Part) when { resource.category == Category::"referral-reason" };"#;
    std::fs::write(site.join("site-01.cedar"), rule).unwrap();
    let (code, text) = told(&run(&["consent", "replay", "--record", path, "--policy", site.to_str().unwrap()]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("SITE-01 added") && text.contains("What was decided stands."), "{text}");
    std::fs::write(folder.path().join("bad.ndjson"), "{\"form\": 1}\n").unwrap();
    let bad = folder.path().join("bad.ndjson");
    assert_eq!(told(&run(&["consent", "replay", "--record", bad.to_str().unwrap()])).0, 2);
}

#[tokio::test]
async fn a_case_is_decided_for_the_trust_and_for_its_sender_and_nothing_stays_behind() {
    let gateway = TestGateway::alone().await;
    let path = "/consent/$decide";
    let post = |who, body: String| gateway.post(path, who, "application/json").body(body).send();
    let entries = async || gateway.running.store.audit_page(0, 1000).await.unwrap().len();
    let before = entries().await;
    let charity = case("charity-handover");
    let answer = post(TRUST, charity.to_string()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let account: Value = answer.json().await.unwrap();
    assert_eq!(account, decided(&charity).1, "the same as at the command line");
    let of_gp = case("objection-to-a-team");
    assert_eq!(post(GP, of_gp.to_string()).await.unwrap().status(), 200, "the sender asks about its own");
    assert_eq!(post(CHARITY, of_gp.to_string()).await.unwrap().status(), 403);
    // The case may say of its sender what it likes.
    let mut claimed = of_gp.clone();
    claimed["sender"]["part_of"] = "wellbeing-roots".into();
    assert_eq!(post(CHARITY, claimed.to_string()).await.unwrap().status(), 403);
    let mut invalid = of_gp;
    invalid["now"] = "soon".into();
    let refused = post(TRUST, invalid.to_string()).await.unwrap();
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("/now"));
    assert_eq!(post(TRUST, "{".to_owned()).await.unwrap().status(), 400);
    let other = gateway.post(path, TRUST, "text/plain").body("x").send().await.unwrap();
    assert_eq!(other.status(), 415);
    assert_eq!(entries().await, before, "no audit entry, no message");
    assert_eq!(gateway.running.store.pending().await.unwrap(), 0);
    assert_eq!(gateway.client.post(gateway.url(path)).body("{}").send().await.unwrap().status(), 401);
}
