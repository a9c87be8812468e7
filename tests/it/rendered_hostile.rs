//! Text nobody would write, as text and as PDF: markup, characters that hide or turn, endless words and lists, scripts
//! without a font. It is set whole, or what cannot be set is seen to be missing.

use cmht_gateway::documents::parts::Section;
use cmht_gateway::render::{Fonts, Letter, RenderError, pdf, text};

use crate::rendered::{made, poppler, words_of_pdf, words_of_text};
use crate::support::program::installed;

fn letter(lines: Vec<String>) -> Letter {
    let section = |heading: &str, lines| Section { heading: heading.to_owned(), lines };
    Letter::plain("Care plan", vec![section("First", lines), section("Last", vec!["The end.".to_owned()])])
}

/// Both forms hold the same words in the same order.
fn agree(letter: &Letter) {
    let pdf = made(letter);
    if installed("pdftotext", "poppler-utils") {
        assert_eq!(words_of_pdf(&pdf, &letter.footer), words_of_text(&text(letter)));
    }
}

#[test]
fn markup_and_control_characters_are_only_text() {
    let lines = vec![
        "<script>alert(1)</script> & <b>bold</b> \\textbf{x} #set page() (a) Tj ET".to_owned(),
        "bell\u{7} escape\u{1B}[31m null\u{0} turned\u{202E}txt.exe zero\u{200B}width \u{FEFF}mark".to_owned(),
    ];
    let letter = letter(lines);
    let text = text(&letter);
    assert!(text.contains("<script>alert(1)</script> & <b>bold</b>"));
    assert!(text.contains("bell\u{FFFD} escape\u{FFFD}[31m null\u{FFFD} turnedtxt.exe zerowidth mark"));
    agree(&letter);
}

#[test]
fn two_hundred_kilobytes_in_one_line_flow_over_pages() {
    let words = "word and another ".repeat(12_000);
    agree(&letter(vec![words]));
    let endless = "x".repeat(200_000);
    let letter = letter(vec![endless]);
    assert_eq!(words_of_text(&text(&letter)).matches('x').count(), 200_000);
    if installed("pdftotext", "poppler-utils") {
        let read = poppler("pdftotext", &[], &made(&letter));
        assert_eq!(read.matches('x').count(), 200_000);
        assert!(read.matches('\u{c}').count() > 40);
    }
}

#[test]
fn a_list_of_five_hundred_entries_and_a_paragraph_of_ten_thousand_characters_lose_nothing() {
    let entries: Vec<String> = (1..=500).map(|n| format!("Entry {n}: something to do")).collect();
    agree(&letter(entries));
    agree(&letter(vec!["A sentence of some length stands here. ".repeat(260)]));
    agree(&letter((0..60).map(|n| format!("line {n}\nand its second\n\n\nand third")).collect()));
}

#[test]
fn accents_greek_cyrillic_arabic_and_hebrew_have_glyphs() {
    let lines = ["Łukasz Świątek, Zoë Nguyễn, Ọláolúwa", "Ελένη Παπαδοπούλου", "Олена Шевченко", "عائشة خان", "דָּוִד"];
    let letter = letter(lines.iter().map(|line| (*line).to_owned()).collect());
    let pdf = made(&letter);
    if installed("pdftotext", "poppler-utils") {
        let read = poppler("pdftotext", &["-enc", "UTF-8"], &pdf);
        assert!(!read.contains("could not be printed"), "{read}");
        for line in &lines[..3] {
            assert!(read.contains(line), "{line}: {read}");
        }
        assert!(read.contains("خان"), "{read}");
    }
}

#[test]
fn a_character_without_a_glyph_is_a_box_on_paper_and_itself_in_the_text() {
    let letter = letter(vec!["ગુજરાતી 李小龙 বাংলা عائشہ 👩\u{200D}⚕\u{FE0F}".to_owned()]);
    let pdf = made(&letter);
    assert!(text(&letter).contains("ગુજરાતી 李小龙 বাংলা"));
    if installed("pdftotext", "poppler-utils") {
        let read = poppler("pdftotext", &["-enc", "UTF-8"], &pdf);
        assert!(read.contains("李小龙"), "{read}");
        assert!(read.contains("ગુજરાતી"), "{read}");
        assert!(read.contains("Each is shown as an"), "{read}");
    }
}

#[test]
fn what_is_no_font_is_refused() {
    assert_eq!(Fonts::built_in().with(b"no font".to_vec()).err(), Some(RenderError::Font));
    assert_eq!(Fonts::built_in().with(Vec::new()).err(), Some(RenderError::Font));
}

#[test]
fn a_font_of_the_caller_fills_gaps_and_changes_nothing_else() {
    let more = Fonts::built_in().with(dejavu::sans_mono::regular().to_vec()).unwrap();
    let letter = letter(vec!["Plain words.".to_owned()]);
    assert_eq!(pdf(&letter, &more).unwrap(), made(&letter));
}

#[test]
fn an_empty_document_has_one_page() {
    let letter = Letter::plain("", Vec::new());
    assert_eq!(text(&letter), "Document\n========\n");
    assert!(pdf(&letter, &Fonts::built_in()).is_ok());
}
