//! Every published example as text and as PDF: the same words in the same order, tagged for screen readers, the same
//! bytes each time. The PDFs are read back with poppler, a reader that is not ours.

use std::path::Path;
use std::process::Command;

use cmht_gateway::documents::parts::{Addressee, Organisation, Section, Telecom, TelecomSystem};
use cmht_gateway::documents::{Cover, SCHEMAS};
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;
use cmht_gateway::render::{Fonts, Letter, pdf, text};
use unicode_width::UnicodeWidthStr;

use crate::support::program::installed;

/// Every published example of every kind as a letter, by kind and name.
fn letters() -> Vec<(String, Letter)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht/examples");
    let mut found = Vec::new();
    for (kind, _) in SCHEMAS {
        for file in std::fs::read_dir(root.join(kind.code())).unwrap() {
            let path = file.unwrap().path();
            let document = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let name = format!("{}/{}", kind.code(), path.file_stem().unwrap().to_string_lossy());
            found.push((name, Letter::new(map::words(*kind, document).unwrap())));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= SCHEMAS.len());
    found
}

/// What a PDF adds at its end where a character has no glyph.
const NO_GLYPH: &str = "Some characters of this document could not be printed with the fonts at hand. Each is shown as an \
                        empty box (□). The plain-text copy of this document has them.";

pub(crate) fn made(letter: &Letter) -> Vec<u8> {
    pdf(letter, &Fonts::built_in()).unwrap()
}

/// What a program of poppler prints about a PDF.
pub(crate) fn poppler(program: &str, options: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(program);
    command.args(options).arg(&path);
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // some versions of poppler take the word false for a fault
    let said =
        String::from_utf8_lossy(&output.stderr).replace("Syntax Error: Suspects object is wrong type (boolean)", "");
    assert_eq!(said.trim(), "", "poppler has nothing to complain of");
    String::from_utf8(output.stdout).unwrap()
}

/// The words of a PDF without page numbers, footers and bullets, white space squeezed out.
pub(crate) fn words_of_pdf(pdf: &[u8], footer: &str) -> String {
    let text = poppler("pdftotext", &["-enc", "UTF-8"], pdf);
    let foot = squeezed(footer);
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    let count = pages.len();
    let body = pages.iter().enumerate().map(|(number, page)| {
        let page = squeezed(page);
        let number = format!("Page{}of{count}", number + 1);
        let end = page.strip_suffix(&number).unwrap_or_else(|| panic!("{number} ends page: {page}"));
        end.strip_suffix(&foot).unwrap_or_else(|| panic!("{foot} at the foot of {number}: {page}")).to_owned()
    });
    // a note on characters without a glyph is the only thing a PDF says more
    body.collect::<String>().replace('•', "").replace(&squeezed(NO_GLYPH), "")
}

/// The words of a plain text without underlines and bullets.
pub(crate) fn words_of_text(text: &str) -> String {
    let lines = text.lines().filter(|line| !is_underline(line));
    squeezed(&lines.map(|line| line.strip_prefix("- ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

fn is_underline(line: &str) -> bool {
    !line.is_empty() && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

fn squeezed(text: &str) -> String {
    // poppler marks the direction of lines that run from right to left; what has no shape is not set
    let shapeless =
        |c: char| matches!(c, '\u{AD}' | '\u{200B}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}');
    // poppler takes a hyphen at the end of a line for a word cut in two
    text.chars().filter(|c| !c.is_whitespace() && !shapeless(*c) && *c != '-').collect()
}

/// A discharge letter, addressed to the person of an example.
fn discharge_letter() -> Letter {
    let example = include_str!("../../profiles/cmht/examples/safety-plan/full.json");
    let (cover, _) = map::words(DocumentKind::SafetyPlan, serde_json::from_str(example).unwrap()).unwrap();
    let mut cover = Cover { kind: DocumentKind::DischargeLetter, ..cover };
    cover.written = Some("2026-03-12T16:20:00+00:00".to_owned());
    cover.author.person = false;
    cover.author.telecoms = vec![Telecom {
        system: TelecomSystem::Phone,
        value: "0116 496 0123".to_owned(),
        r#use: None,
        note: Some("Monday to Friday".to_owned()),
    }];
    cover.author.organisation = Some(Organisation {
        name: Some("City East community mental health team".to_owned()),
        ..Organisation::default()
    });
    cover.copies = vec![Addressee { name: Some("Willow Surgery".to_owned()), ..Addressee::default() }];
    let section = |heading: &str, lines: &[&str]| Section {
        heading: heading.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    let sections = vec![
        section("About you", &["Born 1988"]),
        section("Written by", &["Ravi Sandhu"]),
        section("Copies to", &["Willow Surgery"]),
        section(
            "Reference",
            &["Reference CE-SP-2026-0093", "Written 12 March 2026 at 4:20pm", "Replaces CE-SP-2026-0001"],
        ),
        section("Services you will continue to use", &["Talking café, Tuesdays at 2pm", "Your GP"]),
        section(
            "Your medication",
            &["Sertraline 100 mg, once a day, in the morning. You told us it makes your mouth dry."],
        ),
        section("How to get help if things get worse", &["Ring the central access point at any time"]),
    ];
    Letter::new((cover, sections))
}

#[test]
fn the_pdf_of_every_example_reads_as_its_plain_text_does() {
    if !installed("pdftotext", "poppler-utils") {
        return;
    }
    for (name, letter) in letters() {
        assert_eq!(words_of_pdf(&made(&letter), &letter.footer), words_of_text(&text(&letter)), "{name}");
    }
}

#[test]
fn every_line_of_an_example_stands_in_its_plain_text_and_none_is_wider_than_76_columns() {
    for (name, letter) in letters() {
        let text = text(&letter);
        assert!(text.lines().all(|line| line.width() <= 76), "{name}");
        let words = words_of_text(&text);
        for part in &letter.sections {
            assert!(words.contains(&squeezed(&part.heading)), "{name}: {}", part.heading);
            for line in &part.lines {
                assert!(words.contains(&squeezed(line)), "{name}: {line}");
            }
        }
    }
}

#[test]
fn every_pdf_is_tagged_in_english_with_a_title_that_names_nobody_and_a4_pages() {
    if !installed("pdfinfo", "poppler-utils") {
        return;
    }
    for (name, letter) in letters() {
        let pdf = made(&letter);
        let about = poppler("pdfinfo", &[], &pdf);
        assert!(about.contains("Tagged:          yes"), "{name}: {about}");
        assert!(about.contains("(A4)"), "{name}: {about}");
        let title = about.lines().find(|line| line.starts_with("Title:")).unwrap();
        assert!(title.ends_with(&letter.title), "{name}: {title}");
        let raw = String::from_utf8_lossy(&pdf);
        assert!(raw.contains("/Lang(en-GB)") || raw.contains("/Lang (en-GB)"), "{name}");
        assert!(raw.contains("/DisplayDocTitle true"), "{name}");
        assert!(raw.contains("<pdfuaid:part>1</pdfuaid:part>"), "{name}: says that it is PDF/UA-1");
        let person = letter.footer.split([',', ' ']).next().unwrap();
        assert!(!letter.title.contains(person), "{name}");
    }
}

#[test]
fn a_screen_reader_finds_title_headings_paragraphs_and_lists_in_the_tree() {
    if !installed("pdfinfo", "poppler-utils") {
        return;
    }
    for (name, letter) in letters() {
        let tree = poppler("pdfinfo", &["-struct-text"], &made(&letter));
        let count = |role: &str| tree.lines().filter(|line| line.trim().split([' ', '(']).next() == Some(role)).count();
        assert_eq!(count("H1"), 1, "{name}: {tree}");
        assert_eq!(count("H2"), letter.sections.len(), "{name}");
        let entries: usize =
            letter.sections.iter().filter(|part| part.lines.len() > 1).map(|part| part.lines.len()).sum();
        assert_eq!((count("LI"), count("Lbl"), count("LBody")), (entries, entries, entries), "{name}");
        assert!(count("P") > 0 && (count("L") > 0) == (entries > 0), "{name}");
    }
}

#[test]
fn fonts_are_embedded_and_know_their_characters() {
    if !installed("pdffonts", "poppler-utils") {
        return;
    }
    let fonts = poppler("pdffonts", &[], &made(&discharge_letter()));
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty());
    for row in rows {
        // the columns before the object number: embedded, subset, with a table to Unicode
        let columns: Vec<&str> = row.split_whitespace().rev().skip(2).take(3).collect();
        assert_eq!(columns, ["yes", "yes", "yes"], "{row}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for (name, letter) in letters().into_iter().take(4) {
        assert_eq!(made(&letter), made(&letter), "{name}");
    }
}

#[test]
fn a_discharge_letter_speaks_to_the_person_and_says_who_wrote_whom_to_ring_and_who_gets_copies() {
    let letter = discharge_letter();
    let text = text(&letter);
    insta::assert_snapshot!(text);
    assert_eq!(letter.title, "Discharge letter, 12 March 2026");
    let places: Vec<usize> = [
        "City East",
        "12 March 2026",
        "Dear ",
        "Your discharge letter",
        "Talking café",
        "Your details",
        "please ring",
        "Yours sincerely",
        "Willow Surgery",
    ]
    .iter()
    .map(|words| text.find(words).unwrap_or_else(|| panic!("{words}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn large_print_is_larger() {
    let (_, letter) = letters().into_iter().find(|(name, _)| name == "referral/complete").unwrap();
    let large = Letter { large_print: true, ..letter.clone() };
    if !installed("pdftotext", "poppler-utils") {
        return;
    }
    assert_eq!(words_of_pdf(&made(&large), &large.footer), words_of_pdf(&made(&letter), &letter.footer));
    let pages = |letter: &Letter| poppler("pdftotext", &[], &made(letter)).matches('\u{c}').count();
    assert!(pages(&large) > pages(&letter));
}
