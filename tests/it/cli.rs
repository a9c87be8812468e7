//! The command line as its users meet it: the real binary, its output and its exit codes.

use std::path::PathBuf;
use std::process::{Command, Output};

use cmht_gateway::documents;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .args(arguments)
        .env_clear()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn write(folder: &tempfile::TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

const EXAMPLES: [&str; 4] = ["complete", "incomplete", "no-nhs-number", "awkward"];

fn example(name: &str) -> String {
    format!("profiles/cmht/examples/referral/{name}.json")
}

#[test]
fn map_there_and_back_gives_the_same_document_in_json_and_in_xml() {
    let folder = tempfile::tempdir().unwrap();
    for name in EXAMPLES {
        let original: Value = serde_json::from_slice(&std::fs::read(example(name)).unwrap()).unwrap();
        for format in ["json", "xml"] {
            let there = run(&["map", "--to", "fhir", "--format", format, &example(name)]);
            assert_eq!(code(&there), 0, "{name} {format}: {}", err(&there));
            assert_eq!(err(&there), "", "nothing to report about our own documents");
            let path = write(&folder, "fhir", &there.stdout);
            let back = run(&["map", "--to", "native", path.to_str().unwrap()]);
            assert_eq!(code(&back), 0, "{name} {format}: {}", err(&back));
            assert_eq!(out(&back).trim_end().as_bytes(), documents::canonical(&original), "{name} {format}");
        }
    }
}

#[test]
fn map_of_what_cannot_be_mapped_says_why_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "empty.json", "{}");
    let output = run(&["map", "--to", "fhir", path.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("/person"), "{}", err(&output));
    assert_eq!(out(&output), "", "half a result is no result");
    assert_eq!(code(&run(&["map", "--to", "fhir", "no-such-file.json"])), 2);
}

#[test]
fn validate_exits_0_valid_1_invalid_2_unusable_and_the_worst_counts() {
    let folder = tempfile::tempdir().unwrap();
    let message = write(&folder, "message.json", &run(&["map", "--to", "fhir", &example("complete")]).stdout);
    let message = message.to_str().unwrap();
    let broken = write(&folder, "broken.json", "{\"resourceType\": \"Patient\",\n \"shoeSize\": 9}");
    let broken = broken.to_str().unwrap();
    assert_eq!(code(&run(&["validate", message, &example("complete")])), 0);
    assert_eq!(code(&run(&["validate", message, broken])), 1);
    assert_eq!(code(&run(&["validate", broken, "no-such-file.json", message])), 2);
    assert_eq!(code(&run(&["validate"])), 2, "no file named");
    let text = out(&run(&["validate", broken]));
    assert!(text.contains("invalid") && text.contains("Patient.shoeSize"), "{text}");
}

#[test]
fn validate_in_json_gives_one_line_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let broken =
        write(&folder, "broken.xml", "<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"></Patient>");
    let good = example("sparse-is-not-here");
    let output = run(&["validate", "--format", "json", broken.to_str().unwrap(), &example("awkward"), &good]);
    assert_eq!(code(&output), 2);
    let lines: Vec<Value> = out(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["file"], broken.to_str().unwrap());
    assert!(lines.iter().all(|line| line["outcome"]["resourceType"] == "OperationOutcome"));
    let severity = |line: &Value| line["outcome"]["issue"][0]["severity"].as_str().unwrap().to_owned();
    assert_eq!(lines.iter().map(severity).collect::<Vec<_>>(), ["error", "information", "fatal"]);
}

#[test]
fn check_config_names_every_fault_at_once_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let text = "listen = \"nonsense-4711\"\nlisten_on = \"x\"\n[worker]\nlease = \"forever-4712\"\n";
    let path = write(&folder, "gateway.toml", text);
    let output = run(&["check-config", "--config", path.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let text = out(&output);
    for name in ["listen", "listen_on", "worker.lease", "directory", "party"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains("4711") && !text.contains("4712"), "{text}");
}

#[test]
fn check_config_reads_the_directory_too() {
    let folder = tempfile::tempdir().unwrap();
    let directory = write(&folder, "directory.toml", include_str!("../../profiles/rules/demo-directory.toml"));
    let config = format!("directory = \"{}\"\nparty = \"lpt\"\n", directory.display());
    let config = write(&folder, "gateway.toml", config);
    let arguments = ["check-config", "--config", config.to_str().unwrap()];
    assert_eq!(code(&run(&arguments)), 0, "{}", out(&run(&arguments)));
    std::fs::write(&directory, "[[organisation]]\nid = \"A B\"\n[[agreement]]\nbetween = [\"x\"]\n").unwrap();
    let output = run(&arguments);
    assert_eq!(code(&output), 1);
    assert!(out(&output).lines().count() >= 3, "{}", out(&output));
}

#[test]
fn audit_verify_of_no_database_is_unusable_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    assert_eq!(code(&run(&["audit", "verify", "--database", path.to_str().unwrap()])), 2);
    assert!(!path.exists());
}

#[test]
fn a_hashed_secret_is_what_a_directory_takes_and_never_the_secret() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .arg("hash-secret")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"open sesame 4711\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0);
    let hash = out(&output);
    assert!(hash.starts_with("$argon2id$") && !hash.contains("sesame"));
    assert!(cmht_gateway::directory::SecretHash::parse(hash.trim()).is_some());
}

#[test]
fn check_config_finds_a_party_nobody_knows_a_directory_nobody_can_use_and_tls_files_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let demo = include_str!("../../profiles/rules/demo-directory.toml");
    let bare = "[[organisation]]\nid = \"lpt\"\nname = \"T\"\nkind = \"nhs-trust\"\n";
    let table: [(&str, &str, &[&str]); 4] = [
        (demo, "party = \"lpt\"\n", &[]),
        (demo, "party = \"nobody-4711\"\n", &["party"]),
        (bare, "party = \"lpt\"\n", &["access-point", "crht"]),
        (
            demo,
            "party = \"lpt\"\n[tls]\ncertificate = \"4711.pem\"\nkey = \"4711.pem\"\n",
            &["tls.certificate", "tls.key"],
        ),
    ];
    for (directory, rest, expected) in table {
        let directory = write(&folder, "directory.toml", directory);
        let config = write(&folder, "gateway.toml", format!("directory = \"{}\"\n{rest}", directory.display()));
        for command in ["check-config", "serve"] {
            if command == "serve" && expected.is_empty() {
                continue; // it would stay up
            }
            let output = run(&[command, "--config", config.to_str().unwrap()]);
            let text = out(&output) + &err(&output);
            let refused = if command == "serve" { 2 } else { 1 };
            assert_eq!(code(&output), if expected.is_empty() { 0 } else { refused }, "{text}");
            let faults = text.lines().filter(|line| line.starts_with("  ")).count();
            assert_eq!(faults, expected.len(), "{text}");
            assert!(expected.iter().all(|name| text.contains(name)) && !text.contains("4711"), "{text}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_is_unusable_and_no_panic() {
    let example = example("complete");
    let folder = tempfile::tempdir().unwrap();
    let config = write(&folder, "gateway.toml", "x = 1\n");
    let config = config.to_str().unwrap();
    for arguments in [
        vec!["validate", example.as_str()],
        vec!["validate", "--format", "json", &example],
        vec!["map", "--to", "fhir", &example],
        vec!["check-config", "--config", config],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
            .args(&arguments)
            .env_clear()
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{arguments:?} {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
#[cfg(unix)]
fn a_file_name_cannot_draw_over_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "a\u{1b}[2K\r\u{202e}b: valid\n.json", "{");
    let output = run(&["validate", path.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let text = out(&output);
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    assert!(text.contains("\\u{1b}") && text.lines().count() == 2, "{text:?}");
}

#[test]
fn map_to_text_and_to_pdf_reads_the_same_from_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let plain = run(&["map", "--to", "text", &example("complete")]);
    assert_eq!(code(&plain), 0, "{}", err(&plain));
    assert!(out(&plain).starts_with("Referral\n========\n"), "{}", out(&plain));
    let pdf = run(&["map", "--to", "pdf", &example("complete")]);
    assert!(pdf.stdout.starts_with(b"%PDF-1.7") && code(&pdf) == 0, "{}", err(&pdf));
    for format in ["json", "xml"] {
        let fhir = run(&["map", "--to", "fhir", "--format", format, &example("complete")]);
        let path = write(&folder, "fhir", &fhir.stdout);
        assert_eq!(out(&run(&["map", "--to", "text", path.to_str().unwrap()])), out(&plain), "{format}");
        let file = folder.path().join("letter.pdf");
        let written = run(&["map", "--to", "pdf", "--output", file.to_str().unwrap(), path.to_str().unwrap()]);
        assert_eq!((code(&written), out(&written)), (0, String::new()), "{}", err(&written));
        assert_eq!(std::fs::read(&file).unwrap(), pdf.stdout, "{format}");
    }
}

#[test]
fn map_with_a_file_that_is_no_font_exits_2_and_names_it() {
    let wrong = run(&["map", "--to", "pdf", "--font", "Cargo.toml", &example("complete")]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("Cargo.toml") && err(&wrong).contains("not a TrueType"), "{}", err(&wrong));
}

#[test]
fn a_pdf_is_not_written_to_a_terminal() {
    if !crate::support::program::installed("script", "bsdutils") {
        return;
    }
    let command = format!("{} map --to pdf {}", env!("CARGO_BIN_EXE_cmht-gateway"), example("complete"));
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
    let said = out(&output);
    assert!(said.contains("--output") && !said.contains("%PDF"), "{said}");
}

#[test]
fn a_report_says_what_was_filled_in_reworded_or_kept_and_of_our_own_documents_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, document) in crate::leaf_accounting::examples() {
        let native = write(&folder, "native.json", document.to_string());
        let there = run(&["map", "--to", "fhir", native.to_str().unwrap()]);
        let bundle = write(&folder, "bundle.json", &there.stdout);
        let empty = serde_json::json!({"defaulted": [], "coerced": [], "dropped": []});
        for (to, file) in [("fhir", &native), ("native", &bundle)] {
            let words = run(&["map", "--to", to, file.to_str().unwrap(), "--report"]);
            assert_eq!((code(&words), out(&words).as_str()), (0, ""), "{name}");
            let json = run(&["map", "--to", to, "--report", "json", file.to_str().unwrap()]);
            assert_eq!(serde_json::from_slice::<Value>(&json.stdout).unwrap(), empty, "{name}");
        }
    }
    let foreign = "tests/fixtures/bars/gp-to-mental-health.json";
    let words = run(&["map", "--to", "native", "--report", "text", foreign]);
    assert_eq!(code(&words), 0);
    assert_eq!(err(&words), "", "told once");
    for part in ["Filled in", "Put where it fits best", "kept in \"unmapped\"", "Bundle.entry[2].resource: "] {
        assert!(out(&words).contains(part), "{part} in {}", out(&words));
    }
    let json: Value =
        serde_json::from_slice(&run(&["map", "--to", "native", "--report", "json", foreign]).stdout).unwrap();
    for kind in ["defaulted", "coerced", "dropped"] {
        let list = json[kind].as_array().unwrap();
        assert!(
            !list.is_empty() && list.iter().all(|one| one["path"].is_string() && one["text"].is_string()),
            "{kind}"
        );
    }
    for secret in ["Marchbanks", "9990718423", "Low mood"] {
        assert!(!out(&words).contains(secret) && !json.to_string().contains(secret), "{secret}");
    }
    let mapped = run(&["map", "--to", "native", foreign]);
    assert_eq!(code(&mapped), 0, "nothing was lost");
    assert!(err(&mapped).contains("Encounter") && out(&mapped).contains("\"unmapped\""));
    assert!(out(&run(&["map", "--help"])).contains("exit 0"));
}
