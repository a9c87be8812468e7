//! What people meet: `consent prove`, and a site's own policies, which are taken with proof and refused without.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cmht_gateway::prove::{engine, read_folder};

use super::solver;

fn prove(folder: Option<&Path>, solver: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
    command.args(["consent", "prove"]).env("CVC5", solver);
    if let Some(folder) = folder {
        command.arg("--policy").arg(folder);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with one policy of the shelf of broken ones, or with this text.
fn folder(policy: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site-01.cedar"), policy).unwrap();
    folder
}

fn broken(name: &str) -> tempfile::TempDir {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/it/prove/broken", name].iter().collect();
    folder(&std::fs::read_to_string(path).unwrap())
}

const GOOD: &str = r#"@id("SITE-01") @reason("Housing matters stay in the NHS here.") @source("a trust's own policy")
    forbid (principal is Recipient, action == Action::"receive", resource is Part)
    when { resource.category == Category::"finance-housing-employment" && principal.kind == PartyKind::"police" &&
           context.purpose == Purpose::"direct-care" };"#;

#[test]
fn all_proofs_hold_of_the_policy_that_comes_with_the_gateway() {
    if !solver() {
        return;
    }
    let output = prove(None, "cvc5");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.lines().count() >= 20 && said.lines().all(|line| line.starts_with("proved: ")), "{said}");
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("everything-proved", said);
    });
}

#[test]
fn without_a_solver_it_says_how_to_get_one_and_proves_nothing() {
    let output = prove(None, "/nowhere/cvc5");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("apt-get install cvc5"));
}

#[test]
fn a_solver_that_does_not_answer_proves_nothing() {
    // `true` takes every question and says nothing
    let output = prove(None, "true");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("no answer"), "{}", text(&output.stdout));
}

#[test]
fn a_sites_policy_is_taken_with_proof_and_refused_with_a_case_without() {
    if !solver() {
        return;
    }
    let good = folder(GOOD);
    assert!(engine(Some(good.path())).unwrap().rules().any(|rule| rule.id.as_str() == "SITE-01"));
    // stricter, and too strict: the notice of what became of a message is always given
    let strict = GOOD.replace("&&\n           context.purpose == Purpose::\"direct-care\"", "");
    let refused = engine(Some(folder(&strict).path())).unwrap_err().to_string();
    assert!(refused.contains("always told what became of it"), "{refused}");
    let refused = engine(Some(broken("withdrawal-opens.cedar").path())).unwrap_err().to_string();
    assert!(refused.contains("not proved") && refused.contains("talking-therapies"), "{refused}");
    let output = prove(Some(broken("never-fires.cedar").path()), "cvc5");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("SITE-01"), "{}", text(&output.stdout));
}

#[test]
fn a_sites_policy_with_faults_is_refused_before_any_proof() {
    for (policy, expected) in [
        ("permit (principal", "site-01.cedar"),
        (GOOD.replace("SITE-01", "CS-01").as_str(), "used by another policy"),
        (GOOD.replace("police", "milice").as_str(), "milice"),
    ] {
        let refused = engine(Some(folder(policy).path())).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(engine(Some(empty.path())).unwrap_err().to_string().contains("no .cedar file"));
    assert!(engine(Some(&empty.path().join("none"))).unwrap_err().to_string().contains("cannot be read"));
    assert!(engine(None).is_ok());
}

#[test]
fn whatever_lies_in_a_sites_folder_is_a_policy_or_is_refused_by_name() {
    let with = |name: &str, text: &[u8]| {
        let folder = folder(GOOD);
        std::fs::write(folder.path().join(name), text).unwrap();
        folder
    };
    let many = folder(GOOD);
    for number in 0..200 {
        std::fs::write(many.path().join(format!("more-{number}.cedar")), GOOD).unwrap();
    }
    let (sub, outside) = (folder(GOOD), folder(GOOD));
    std::fs::create_dir(sub.path().join("more.cedar")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("a.cedar"), GOOD).unwrap();
    let mut table = vec![
        (with("extra.CEDAR", b""), "extra.CEDAR: its name does not end in .cedar"),
        (with("README.md", b""), "README.md: its name"),
        (with("big.cedar", &[b' '; (1 << 20) + 1]), "big.cedar: it is larger than 1 MiB"),
        (with("odd.cedar", &[0xFF]), "odd.cedar: it is not UTF-8"),
        (sub, "more.cedar: it is a folder"),
        (many, "more than 200 files"),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let link = |to: &Path| {
            let folder = folder(GOOD);
            symlink(to, folder.path().join("link.cedar")).unwrap();
            folder
        };
        let pipe = folder(GOOD);
        assert!(Command::new("mkfifo").arg(pipe.path().join("pipe.cedar")).status().unwrap().success());
        table.extend([
            (link(Path::new("/dev/zero")), "link.cedar: it is a device"),
            (link(&elsewhere.path().join("a.cedar")), "link.cedar: it is a link to a file outside"),
            (link(&elsewhere.path().join("none")), "link.cedar: it cannot be read"),
            (pipe, "pipe.cedar: it is a pipe"),
        ]);
        std::fs::rename(outside.path().join("site-01.cedar"), outside.path().join("b.cedar")).unwrap();
        symlink("b.cedar", outside.path().join("a.cedar")).unwrap();
        let read = read_folder(outside.path()).unwrap();
        assert_eq!(read.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a.cedar", "b.cedar"]);
    }
    for (folder, expected) in table {
        let refused = engine(Some(folder.path())).unwrap_err().to_string();
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
}

#[test]
fn a_policy_that_nests_too_deep_is_refused_and_the_process_goes_on() {
    for inside in [
        format!("{}true{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("{}true{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("{}true{}", "if true then ".repeat(20_000), " else true".repeat(20_000)),
        format!("{}true", "if true then true else ".repeat(20_000)),
        format!("context{}", ".a".repeat(30_000)),
    ] {
        let policy = format!(
            "@id(\"SITE-01\") @reason(\"r\") @source(\"s\") forbid (principal, action, resource) when {{ {inside} }};"
        );
        let folder = folder(&policy);
        let program = |command: &str| {
            let mut run = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
            run.args(["consent", command, "--policy"]).arg(folder.path()).output().unwrap()
        };
        for command in ["explain", "prove"] {
            let output = program(command);
            let said = text(&[output.stdout, output.stderr].concat());
            if command == "explain" || solver() {
                assert_eq!(output.status.code(), Some(2), "{said}");
                assert!(said.contains("site-01.cedar: it "), "{command}: {said}");
            }
        }
    }
}

/// A configuration that is right but for its policies.
fn check_config(policies: &Path, solver: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .arg("check-config")
        .env("CMHT_DIRECTORY", concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/rules/demo-directory.toml"))
        .env("CMHT_PARTY", "lpt")
        .env("CMHT_CONSENT_POLICIES", policies)
        .env("CVC5", solver)
        .output()
        .unwrap()
}

#[test]
fn check_config_refuses_policies_that_cannot_be_proved_and_says_why() {
    let good = folder(GOOD);
    let output = check_config(good.path(), "/nowhere/cvc5");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("are not taken") && said.contains("apt-get install cvc5"), "{said}");
    if solver() {
        let output = check_config(broken("sum-overflows.cedar").path(), "cvc5");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("No rule can fail to evaluate") && said.contains("SITE-01"), "{said}");
        assert_eq!(check_config(good.path(), "cvc5").status.code(), Some(0));
    }
}
