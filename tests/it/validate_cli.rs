//! `validate` as an integration engineer meets it: files, folders, patterns and pipes in, every form of report out.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A resource without faults under R4, with a narrative.
const SOUND: &str = r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Nobody Atall</div>"},"active":true}"#;
/// Two faults, one behind a tab.
const FAULTY: &str = "{\n  \"resourceType\": \"Patient\",\n  \"shoeSize\": 9,\n\t\"birthDate\": \"1999-13-01\"\n}\n";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
    command.arg("validate").args(arguments).env_clear().current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    told(command(folder.path(), arguments).output().unwrap())
}

fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn files(all: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in all {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn sample() -> TempDir {
    let lines = format!("{SOUND}\n\n{{\"resourceType\":\"Patient\",\"active\":1}}\n");
    files(&[("sound.json", SOUND), ("faulty.json", FAULTY), ("two.ndjson", &lines)])
}

/// R4 and errors only: what other rules say of these files is theirs to test.
const PLAIN: [&str; 8] =
    ["--guide", "r4", "--level", "error", "sound.json", "faulty.json", "two.ndjson", "missing.json"];

#[test]
fn each_form_of_report_tells_the_same_files() {
    let folder = sample();
    for form in ["text", "json", "ndjson", "sarif", "junit"] {
        let (code, out, err) = run(&folder, &[&["--output", form], &PLAIN[..]].concat());
        assert_eq!((code, err.as_str()), (2, ""), "{form}");
        let out = out.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"");
        insta::assert_snapshot!(format!("validate_as_{form}"), out);
    }
}

#[test]
fn on_a_terminal_the_source_is_shown_and_the_grave_is_red() {
    let folder = sample();
    let asked = ["--excerpt", "always", "--color", "always"];
    let (_, out, _) = run(&folder, &[&asked[..], &PLAIN[..]].concat());
    insta::assert_snapshot!("validate_on_a_terminal", out.replace('\u{1b}', "ESC"));
    let (_, plain, _) = run(&folder, &PLAIN);
    assert!(!plain.contains('\u{1b}') && !plain.contains('^'), "a pipe gets neither: {plain}");
}

#[test]
fn json_is_one_array_and_the_older_format_one_line_a_file() {
    let folder = sample();
    let (_, array, _) = run(&folder, &[&["--output", "json"], &PLAIN[..]].concat());
    let array: Vec<Value> = serde_json::from_str(&array).unwrap();
    let (_, lines, _) = run(&folder, &[&["--format", "json"], &PLAIN[..]].concat());
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, lines);
    assert_eq!(array.len(), 5);
    assert_eq!((&array[3]["file"], &array[3]["line"]), (&json!("two.ndjson"), &json!(3)));
}

#[test]
fn sarif_has_what_github_asks_for_in_every_result() {
    let folder = sample();
    let (_, out, _) = run(&folder, &[&["--output", "sarif"], &PLAIN[..]].concat());
    let sarif: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().filter_map(|r| r["id"].as_str()).collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let mut prints: Vec<&Value> = Vec::new();
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"].is_string() && place["region"]["startLine"].as_u64() >= Some(1),
            "{result}"
        );
        let print = &result["partialFingerprints"]["primaryLocationLineHash"];
        assert!(!prints.contains(&print), "{result}");
        prints.push(print);
    }
}

#[test]
fn folders_and_patterns_are_gone_through_by_name_without_what_is_hidden() {
    let all = [
        ("in/b.json", SOUND),
        ("in/a/x.json", SOUND),
        ("in/a/y.ndjson", SOUND),
        ("in/a/notes.txt", "not for us"),
        ("in/.git/z.json", "{"),
        ("in/.z.json", "{"),
    ];
    let folder = files(&all);
    let names = |arguments: &[&str]| {
        let (code, out, err) = run(&folder, &[&["--output", "ndjson", "--guide", "r4"], arguments].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let name = |line: &str| serde_json::from_str::<Value>(line).unwrap()["file"].as_str().unwrap().to_owned();
        out.lines().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&["in"]), ["in/a/x.json", "in/a/y.ndjson", "in/b.json"]);
    assert_eq!(names(&["in/**/*.json"]), ["in/a/x.json", "in/b.json"]);
    assert_eq!(names(&["in/*.json", "in/a"]), ["in/b.json", "in/a/x.json", "in/a/y.ndjson"]);
}

#[test]
fn an_empty_folder_or_a_pattern_that_fits_nothing_is_not_taken_for_valid() {
    let folder = files(&[("in/readme.txt", "")]);
    std::fs::write(folder.path().join("in/none.ndjson"), " \n\n").unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    for nothing in ["out", "in/*.json", "in/[", "in/none.json", "in/none.ndjson"] {
        let (code, out, _) = run(&folder, &[nothing]);
        assert_eq!(code, 2, "{nothing}: {out}");
        assert!(out.starts_with(&format!("{nothing}: fatal: ")), "{out}");
    }
}

#[test]
fn standard_input_is_a_resource_or_lines_of_them() {
    let folder = files(&[]);
    let piped = |text: &str| {
        let mut child = command(folder.path(), &["--output", "ndjson", "--guide", "r4", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let (code, out, _) = told(child.wait_with_output().unwrap());
        (code, out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["line"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(piped(SOUND), (0, vec![Value::Null]));
    assert_eq!(piped(FAULTY), (1, vec![Value::Null]));
    let wrong = "{\"resourceType\":\"Patient\",\"active\":1}";
    assert_eq!(piped(&format!("{SOUND}\n{SOUND}\n\n{wrong}\n")), (1, vec![json!(1), json!(2), json!(4)]));
    // where one line is no value by itself, it is one resource with something behind it
    assert_eq!(piped(&format!("{SOUND}\n{SOUND}\n{{")), (1, vec![Value::Null]));
    assert_eq!(piped(&format!("{SOUND}\nnonsense")), (1, vec![Value::Null]));
}

#[test]
fn findings_come_in_the_order_of_the_inputs_however_many_work_on_them() {
    let line = |n: u32| format!("{{\"resourceType\":\"Patient\",\"shoe{n}\":{n}}}\n");
    let lines = (0..2_000).map(line).collect::<Vec<_>>().concat();
    let folder = files(&[("many.ndjson", &lines), ("a.json", SOUND), ("b.json", FAULTY)]);
    let with = |jobs: &str| {
        run(&folder, &["-j", jobs, "--guide", "r4", "--level", "error", "many.ndjson", "a.json", "b.json"])
    };
    let one = with("1");
    assert_eq!(one.0, 1);
    let sums = "2002 checked: 1 valid, 2001 invalid; 2002 errors, 2001 warnings, 0 notes (2001 not shown: --level)\n";
    assert!(one.1.contains("many.ndjson:1999:") && one.1.ends_with(sums), "{}", &one.1[one.1.len() - 300..]);
    for jobs in ["2", "5"] {
        assert!(with(jobs) == one, "{jobs}");
    }
}

#[test]
fn the_level_hides_and_does_not_judge() {
    let folder = files(&[("a.json", "{\"resourceType\": \"Patient\", \"active\": true}")]);
    let (code, all, _) = run(&folder, &["--guide", "r4", "a.json"]);
    assert!(code == 0 && all.contains("[dom-6]"), "{all}");
    let (code, errors, _) = run(&folder, &["--guide", "r4", "--level", "error", "a.json"]);
    assert_eq!(
        (code, errors.as_str()),
        (0, "1 checked: 1 valid; 0 errors, 1 warning, 0 notes (1 not shown: --level)\n")
    );
    let (_, json, _) = run(&folder, &["--guide", "r4", "--level", "error", "--output", "ndjson", "a.json"]);
    assert!(!json.contains("No problems") && json.contains("not listed: 1"), "{json}");
}

#[test]
fn a_package_brings_a_profile_and_a_profile_nobody_knows_is_said_at_once() {
    const URL: &str = "http://a.example/StructureDefinition/born";
    let profile = json!({
        "resourceType": "StructureDefinition", "id": "born", "url": URL, "version": "1.0", "name": "Born",
        "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false, "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
        "differential": {"element": [{"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1}]}
    });
    let folder = files(&[("a.json", SOUND), ("package/born.json", &profile.to_string())]);
    let asked = ["--guide", "r4", "--profile", URL];
    let (code, out, err) = run(&folder, &[&asked[..], &["a.json"]].concat());
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains(URL) && err.contains("--package"), "{err}");
    let with = ["--package", "package", "--excerpt", "always", "a.json"];
    let (code, out, err) = run(&folder, &[&asked[..], &with].concat());
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(
        out.contains("birthDate") && out.contains("= asked for by: http://a.example/StructureDefinition/born|1.0"),
        "{out}"
    );
    let (code, _, err) = run(&folder, &["--package", "nowhere.tgz", "a.json"]);
    assert!(code == 2 && err.contains("nowhere.tgz"), "{err}");
    let (code, _, err) = run(&folder, &["--package", "a.json", "a.json"]);
    assert!(code == 2 && err.contains("a.json is no FHIR package: give a .tgz"), "{err}");
}

#[test]
fn a_terminology_server_that_cannot_be_one_is_refused_before_anything_is_read() {
    let folder = sample();
    for address in ["tx.example", "https://user:secret@tx.example/r4"] {
        let (code, out, err) = run(&folder, &["--tx", address, "sound.json"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("terminology server") && !err.contains("secret"), "{err}");
    }
}

#[test]
fn what_exchange_asks_of_a_message_is_told_with_its_place_under_uk_core_and_not_under_r4_alone() {
    let header = json!({"resourceType": "MessageHeader", "eventUri": "urn:x", "source": {"endpoint": "urn:x"}});
    let entry = json!({"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": header});
    let message =
        format!("{{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"message\",\n  \"entry\": [{entry}]\n}}\n");
    let folder = files(&[("m.json", &message)]);
    let (_, ukcore, _) = run(&folder, &["m.json"]);
    assert!(ukcore.contains("m.json:1:1: error: Bundle.identifier: "), "{ukcore}");
    assert!(ukcore.contains("[message-identity]"), "{ukcore}");
    let (_, r4, _) = run(&folder, &["--guide", "r4", "m.json"]);
    assert!(!r4.contains("message-identity"), "{r4}");
}

#[test]
fn whoever_stops_reading_stops_the_run_without_a_panic() {
    let lines = "{\"resourceType\":\"Patient\",\"active\":1}\n".repeat(5_000);
    let folder = files(&[("many.ndjson", &lines)]);
    for form in ["text", "json", "sarif"] {
        let mut child = command(folder.path(), &["--output", form, "many.ndjson"]).spawn().unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let (code, _, err) = told(child.wait_with_output().unwrap());
        assert_eq!((code, err.as_str()), (2, ""), "{form}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_a_run_that_waits() {
    let folder = files(&[]);
    let path = folder.path().join("slow.ndjson");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let child = command(folder.path(), &["slow.ndjson"]).spawn().unwrap();
    // whoever opens it for writing waits until the run has opened it too
    let writer = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, _, err) = told(child.wait_with_output().unwrap());
    assert_eq!((code, err.as_str()), (130, ""));
    drop(writer);
}

#[test]
fn what_stands_behind_the_end_of_a_resource_is_an_error() {
    let folder = files(&[("a.json", &format!("{SOUND}\n{SOUND}\n")), ("b.json", &format!("{SOUND} x"))]);
    for file in ["a.json", "b.json"] {
        let (code, out, _) = run(&folder, &["--guide", "r4", "--level", "error", file]);
        assert!(code == 1 && out.contains("Something follows the end of the resource"), "{out}");
    }
}

#[test]
fn a_resource_over_several_lines_of_ndjson_is_said_to_be_one() {
    let folder = files(&[("a.ndjson", FAULTY)]);
    let (code, out, _) = run(&folder, &["--guide", "r4", "a.ndjson"]);
    assert_eq!((code, out.matches("This line is not one JSON object").count()), (1, 5), "{out}");
    let lines = format!("{{\"resourceType\":\"Patient\",shoe:1}}\n{SOUND}\n");
    let folder = files(&[("a.ndjson", &lines)]);
    let (_, out, _) = run(&folder, &["--guide", "r4", "a.ndjson"]);
    assert!(out.contains("double quotes") && !out.contains("This line is not one"), "{out}");
}

#[test]
fn xml_may_be_in_the_encoding_it_declares() {
    const XML: &str =
        "<Patient xmlns=\"http://hl7.org/fhir\">\n<name><family value=\"André\"/></name><shoe value=\"1\"/></Patient>";
    let folder = files(&[]);
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{XML}");
    let wide: Vec<u8> = "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let text = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{XML}");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let text = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-5\"?>{XML}");
    for (name, bytes) in [("wide.xml", wide), ("latin.xml", latin)] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let (code, out, _) = run(&folder, &["--guide", "r4", "--level", "error", name]);
        assert_eq!(code, 1, "{out}");
        assert!(out.starts_with(&format!("{name}:2:37: error: Patient.shoe")), "{out}");
        assert!(out.contains("1 error,"), "{out}");
    }
    std::fs::write(folder.path().join("other.xml"), text).unwrap();
    let (code, out, _) = run(&folder, &["--guide", "r4", "--level", "error", "other.xml"]);
    assert!(code == 1 && out.contains("declares another encoding than UTF-8"), "{out}");
}

#[test]
fn a_processing_instruction_is_an_error_wherever_it_stands() {
    let xml = |before: &str, inside: &str, narrative: &str| {
        format!(
            "{before}<Patient xmlns=\"http://hl7.org/fhir\">{inside}<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">a{narrative}</div></text><active value=\"true\"/></Patient>"
        )
    };
    let one = "<?xml-stylesheet href=\"a.css\"?>";
    for (text, expected) in [
        (xml("", "", ""), 0),
        (xml(one, "", ""), 1),
        (xml("", one, ""), 1),
        (xml("", "", one), 1),
        (xml("", "", "") + one, 1),
    ] {
        let folder = files(&[("a.xml", &text)]);
        let (code, out, _) = run(&folder, &["--guide", "r4", "--level", "error", "a.xml"]);
        assert_eq!(code, expected, "{text}: {out}");
    }
}
