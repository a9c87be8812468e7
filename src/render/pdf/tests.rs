//! Layout, where no PDF has to be read back: breaks between pages, words too long, what has no glyph.

use super::fonts::Faces;
use super::lines::{Set, Setting};
use super::pages::{Placed, paginate};
use super::{Fonts, style};
use crate::render::{Block, Role};

fn set(blocks: &[(Role, String)]) -> Vec<Set> {
    let fonts = Fonts::built_in();
    let faces = Faces::open(&fonts).unwrap();
    let setting = Setting::new(&faces, 1.0);
    blocks.iter().map(|(role, text)| setting.set(Block::new(*role, text))).collect()
}

#[test]
fn no_heading_ends_a_page_and_no_paragraph_leaves_one_line_behind() {
    // so many different lengths that breaks fall everywhere
    let blocks: Vec<(Role, String)> = (0..120)
        .flat_map(|n| {
            let text = "Some words that fill a line, more or less. ".repeat(n % 7 + 1);
            [(Role::Heading, format!("Heading {n}")), (Role::Paragraph, text)]
        })
        .collect();
    let sets = set(&blocks);
    let pages = paginate(&sets);
    assert!(pages.len() > 8);
    let count = |block: usize| sets[block].lines.len();
    for page in &pages {
        let (first, last) = (page[0], page[page.len() - 1]);
        assert_ne!(sets[last.block].block.role, Role::Heading);
        assert!(last.line != 0 || count(last.block) == 1, "a first line alone at the foot");
        assert!(first.line == 0 || first.line + 1 < count(first.block), "a last line alone at the top");
    }
    let all: Vec<(usize, usize)> = pages.iter().flatten().map(|placed| (placed.block, placed.line)).collect();
    let wanted: Vec<(usize, usize)> = (0..sets.len()).flat_map(|b| (0..count(b)).map(move |l| (b, l))).collect();
    assert_eq!(all, wanted, "every line once, in order");
}

#[test]
fn lines_stay_between_the_margins_and_above_the_footer() {
    let long = format!("{} {}", "unbreakable".repeat(60), "ordinary words ".repeat(80));
    let sets = set(&[(Role::Title, long.clone()), (Role::Item, long.clone()), (Role::Paragraph, long)]);
    let room = style::PAGE_WIDTH - style::LEFT - style::RIGHT + 0.01;
    for set in &sets {
        assert!(set.lines.iter().all(|line| set.style.indent + line.width * set.style.size <= room));
        let whole: String = set.lines.iter().map(|line| &set.block.text[line.range.clone()]).collect();
        assert_eq!(whole, set.block.text, "lines are the text, cut");
    }
    let inside = |placed: &Placed| placed.baseline > style::TOP && placed.baseline < style::PAGE_HEIGHT - style::BOTTOM;
    assert!(paginate(&sets).iter().flatten().all(inside));
}

#[test]
fn a_hebrew_line_begins_at_the_right_and_an_english_one_at_the_left() {
    let sets = set(&[(Role::Paragraph, "שלום abc עולם".to_owned()), (Role::Paragraph, "abc שלום".to_owned())]);
    assert!(sets[0].lines[0].from_right && !sets[1].lines[0].from_right);
    // left to right on the page: the last Hebrew word, the English one, the first Hebrew one
    let starts: Vec<usize> = sets[0].lines[0].runs.iter().map(|run| run.glyphs[0].text_range.start).collect();
    assert!(starts[0] > starts[starts.len() - 1], "{starts:?}");
}

#[test]
fn only_what_no_typeface_has_counts_as_missing() {
    let sets = set(&[
        (Role::Paragraph, "Łukasz e\u{301} Ελένη Олена عائشة ☐ 😀".to_owned()),
        (Role::Paragraph, "李".to_owned()),
    ]);
    assert!(!sets[0].lacks_glyphs());
    assert!(sets[1].lacks_glyphs());
}
