//! What people find when they read: dates in words, numbers in groups, names in place of ids, and, in a letter to the
//! person, how to get help before everything else. Every published example is looked at.

use std::path::Path;

use serde_json::{Value, json};

use cmht_gateway::documents::SCHEMAS;
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;
use cmht_gateway::render::{Letter, text};

/// Every published example: kind, name, document.
fn examples() -> Vec<(DocumentKind, String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht/examples");
    let files = SCHEMAS.iter().flat_map(|(kind, _)| {
        let files = std::fs::read_dir(root.join(kind.code())).unwrap();
        files.map(move |file| (*kind, file.unwrap().path()))
    });
    files
        .map(|(kind, path)| {
            let document = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            (kind, format!("{}/{}", kind.code(), path.file_stem().unwrap().to_string_lossy()), document)
        })
        .collect()
}

fn letter(kind: DocumentKind, document: &Value) -> Letter {
    Letter::new(map::words(kind, document.clone()).unwrap())
}

fn read(kind: DocumentKind, document: &Value) -> String {
    text(&letter(kind, document))
}

fn discharge_letter(name: &str) -> Value {
    let wanted = format!("discharge-letter/{name}");
    examples().into_iter().find(|(_, found, _)| *found == wanted).unwrap().2
}

/// Dates as machines write them, with or without a day, and times with seconds; not parts of longer numbers.
fn machine_dates(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let shape = |at: usize, shape: &str| {
        let fits = |(offset, kind): (usize, char)| match chars.get(at + offset) {
            Some(c) if kind == '9' => c.is_ascii_digit(),
            Some(c) => *c == kind,
            None => false,
        };
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        shape.chars().enumerate().all(fits) && !digit(at.checked_sub(1)) && !digit(Some(at + shape.len()))
    };
    let found = (0..chars.len()).filter(|at| shape(*at, "9999-99") || shape(*at, "99:99:99"));
    found.map(|at| chars[at..].iter().take(12).collect()).collect()
}

/// Every object in a value.
fn objects<'v>(value: &'v Value, out: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => {
            out.push(value);
            fields.values().for_each(|field| objects(field, out));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, out)),
        _ => {}
    }
}

#[test]
fn a_machine_date_is_found_and_a_reference_is_none() {
    assert_eq!(machine_dates("on 2026-11-12, at 09:30:00Z").len(), 2);
    assert_eq!(machine_dates("CE-DL-2026-0147, 12 November 2026, 9:30am, 0116 496 0300"), Vec::<String>::new());
}

#[test]
fn no_date_in_anything_people_read_is_written_as_machines_write_it() {
    for (kind, name, document) in examples() {
        assert_eq!(machine_dates(&read(kind, &document)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_letter_to_the_person_begins_with_how_to_get_help() {
    let mut seen = 0;
    for (kind, name, document) in examples().into_iter().filter(|(kind, ..)| kind.is_to_person()) {
        let letter = letter(kind, &document);
        if document.get("contacts").is_some() {
            assert_eq!(letter.sections[0].heading, "Who to turn to if your mental health gets worse", "{name}");
            seen += 1;
        }
        let details = letter.sections.iter().position(|part| part.heading == "Your details").unwrap();
        let other = letter.sections.iter().position(|part| part.heading.starts_with("Your time with")).unwrap_or(0);
        assert!(details >= other, "{name}: paperwork comes last");
    }
    assert!(seen >= 3);
}

#[test]
fn a_letter_to_the_person_has_no_word_of_the_office() {
    let words =
        ["(verified)", "phone (", "(work)", "the person", "adverse effects:", ".;", "handover minimum", "T0", "T1"];
    for (kind, name, document) in examples().into_iter().filter(|(kind, ..)| kind.is_to_person()) {
        let text = read(kind, &document);
        for word in words {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn whoever_has_a_name_is_called_by_it_and_by_no_id() {
    let mut seen = 0;
    for (kind, name, document) in examples() {
        let text = read(kind, &document);
        let words: Vec<&str> =
            text.split_whitespace().map(|word| word.trim_matches([',', ';', '.', '(', ')', ':'])).collect();
        let mut found = Vec::new();
        objects(&document, &mut found);
        let ids = |of: &Value| ["party", "ods"].map(|key| of[key].as_str().map(str::to_owned)).into_iter().flatten();
        let nameless: Vec<String> = found.iter().filter(|of| of["name"].is_null()).flat_map(|of| ids(of)).collect();
        for id in found.iter().filter(|of| of["name"].is_string()).flat_map(|of| ids(of)) {
            assert!(nameless.contains(&id) || !words.contains(&id.as_str()), "{name}: {id}");
            seen += 1;
        }
    }
    assert!(seen > 50);
}

#[test]
fn numbers_to_ring_read_the_same_however_they_were_typed() {
    fn run_together(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if fields.get("system").is_some_and(|system| ["phone", "sms"].iter().any(|s| system == s)) {
                    let number = fields["value"].as_str().unwrap().replace(' ', "");
                    fields["value"] = number.into();
                }
                fields.values_mut().for_each(run_together);
            }
            Value::Array(items) => items.iter_mut().for_each(run_together),
            _ => {}
        }
    }
    for (kind, name, document) in examples().into_iter().filter(|(_, name, _)| name.ends_with("/full")) {
        let mut typed = document.clone();
        run_together(&mut typed);
        assert_eq!(read(kind, &typed), read(kind, &document), "{name}");
    }
}

#[test]
fn what_came_to_nothing_stands_together_unless_the_trust_asks_for_it() {
    let mut document = discharge_letter("full");
    for property in ["medication", "allergies", "relapse_signatures", "risk_to_others", "research"] {
        document[property] = json!("none-known");
    }
    let letter = letter(DocumentKind::DischargeLetter, &document);
    let under =
        |heading: &str| letter.sections.iter().find(|part| part.heading == heading).map(|part| part.lines.clone());
    for heading in ["Your medicines", "Your allergies and bad reactions", "Signs that you may be becoming unwell again"]
    {
        assert_eq!(under(heading), Some(vec!["None known".to_owned()]), "{heading}");
    }
    let together = under("We also asked about these, and know of nothing to add").unwrap();
    for heading in ["Risks to other people that we talked about", "Research you take part in"] {
        assert!(together.contains(&heading.to_owned()) && under(heading).is_none(), "{heading}");
    }
}

#[test]
fn a_letter_tells_the_words_of_the_person_from_the_teams_and_from_private_care() {
    let text = read(DocumentKind::DischargeLetter, &discharge_letter("full"));
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "I stop answering Kofi's messages (your words)",
        "Awake before four for three nights (Priya Lakhani, 12 November 2026)",
        "(Dr Imre Vale, Harbour Clinic, private sector, 11 March 2025)",
        "Friday 27 November 2026 at 3pm: contact with Jo Brandreth",
        "Copies of this letter go to: your GP practice, Stoneygate Medical Practice; Wellbeing Roots.",
        "NHS number 999 041 2731",
    ] {
        assert!(flat.contains(said), "{said}: {text}");
    }
}

#[test]
fn no_to_a_claim_is_no_riddle() {
    let mut document = discharge_letter("full");
    document["recovery_plan"] = json!({"answer": "no"});
    let text = read(DocumentKind::DischargeLetter, &document);
    assert!(
        !text.contains("You have My Recovery Plan") && text.contains("My Recovery Plan\n----------------\nNo\n"),
        "{text}"
    );
}

#[test]
fn a_medicine_in_a_letter_has_a_line_for_each_of_its_sides() {
    let letter = letter(DocumentKind::DischargeLetter, &discharge_letter("inpatient"));
    let medicines = letter.sections.iter().find(|part| part.heading == "Your medicines").unwrap();
    let lines: Vec<&str> = medicines.lines[0].lines().collect();
    assert_eq!(lines[0], "Paliperidone 100 mg long-acting injection, for the voices");
    assert_eq!(lines[1..3], ["Dose: once a month, next on 2 December", "You are taking this (since 28 October 2026)"]);
    assert!(lines[3].starts_with("Side effects: Stiff muscles"));
}

#[test]
fn a_plan_of_ones_own_says_i() {
    let (kind, _, document) = examples().into_iter().find(|(_, name, _)| name == "safety-plan/full").unwrap();
    let text = read(kind, &document);
    assert!(text.contains("does not live with me") && text.contains("How to reach me") && text.contains("I agreed to"));
    assert!(!text.contains("with the person"), "{text}");
}
