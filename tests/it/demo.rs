//! The shop window: `demo --once` as its viewers meet it. What it claims is checked here against what it prints; that it
//! is so is checked by the demonstration itself, which fails otherwise.

use std::process::{Command, Output};

/// The longest line, and what may be longer: a path that has to be copied whole.
const COLUMNS: usize = 100;

fn shown() -> (tempfile::TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .args(["demo", "--once"])
        .env_clear()
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    (folder, output)
}

/// What is printed between a heading that begins like this and the next one, in one line.
fn scene(text: &str, heading: &str) -> String {
    let at = text.find(&format!("\n== {heading}")).unwrap_or_else(|| panic!("no scene {heading} in {text}"));
    let rest = &text[at + 4..];
    let end = rest.find("\n== ").unwrap_or(rest.len());
    rest[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a line of the report ends in the path of a PDF.
fn names_a_pdf(line: &str) -> bool {
    std::path::Path::new(line).extension().is_some_and(|ending| ending == "pdf")
}

#[test]
fn the_demonstration_shows_what_each_kind_of_document_comes_to() {
    let (folder, output) = shown();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing went wrong");
    let long = |line: &&str| line.chars().count() > COLUMNS && !names_a_pdf(line);
    assert_eq!(text.lines().find(long), None, "fits a terminal");

    let expected: [(&str, &[&str]); 15] = [
        ("1.", &["Goes to Central Access Point, whole.", "drug and alcohol information. (CS-02)"]),
        ("2.", &["(15): Ethnic origin (2)", "goes back to the GP's system"]),
        (
            "3.",
            &[
                "Not to be told: Daniel Okonjo (brother); Harbour Clinic.",
                "Stoneygate Medical Practice: gets all of it.",
                "Wellbeing Roots: gets part of it. The document names it for a copy. (RT-10, CS-04)",
                "withheld: The person's consent for this recipient does not name this: how to reach",
                "Harbour Clinic: gets nothing. The person's plan says",
            ],
        ),
        ("4.", &["discharge-letter.pdf", "Stoneygate Medical Practice: gets part of it.", "Nothing is missing"]),
        ("5.", &["Wellbeing Roots: gets part of it. The letter is written to it.", "DIALOG scores. (CS-04)"]),
        (
            "6.",
            &[
                "The person is taking part",
                "the handover itself has moved on:",
                "City East Community Mental Health Team: gets all of it.",
            ],
        ),
        ("7.", &["City East Community Mental Health Team: gets all of it.", "13 statements"]),
        ("8.", &["Relapse signatures (DL-4a)", "13 parts of it have no place", "(DeviceUseStatement, Account)"]),
        ("9.", &["line 4, column 3, Patient.active: A boolean", "Patient.birthdate:", "Patient.gender: \"F\""]),
        (
            "13.",
            &["The day before: Central Access Point is told", "are told that it is overdue, once", "the clock stops"],
        ),
        (
            "14.",
            &["(responsible). RT-02:", "(crisis). RT-01:", "Nobody covers the person: the operations page shows it."],
        ),
        ("15.", &["Version 2 of the directory.", "None of it is taken; the directory is as it was."]),
        ("16.", &["The GP answers. Told: lpt-cap, lpt-cmht-city-east.", "has completed what was asked for."]),
        ("17.", &["ME-01 Access: people with two or more contacts", "differences 0"]),
        ("The audit log", &["Whole: "]),
    ];
    for (heading, says) in expected {
        let scene = scene(&text, heading);
        for line in says {
            assert!(scene.contains(line), "{line:?} is not in {scene}");
        }
    }
    let arrived = scene(&text, "What arrived where");
    let (_, private) = arrived.split_once("Posted to the private provider").unwrap();
    assert_eq!(private.trim(), "part of it Referral of Ms Adaeze Ruth Okonjo-Bell", "and no safety plan");
    for line in ["all of it Handover outcome of Yusuf Abdirahman Warsame", "part of it Safety plan of Ms Adaeze"] {
        assert!(arrived.contains(line), "{line:?} is not in {arrived}");
    }

    let letter = text.lines().map(str::trim).find(|line| names_a_pdf(line)).unwrap();
    assert!(std::fs::read(letter).unwrap().starts_with(b"%PDF-"), "the letter is where it says");
    let kept = std::fs::read_dir(std::path::Path::new(letter).parent().unwrap()).unwrap().count();
    assert_eq!(kept, 1, "the letter stays and the database does not");
    drop(folder);
}
