//! Draws pages with krilla and says what each piece of text is: headings, paragraphs, lists, in reading order
//! (ISO 32000-1 §14.8). Footer, rule and bullets' shapes are artefacts or labels; every word is in the tree.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Configuration, Validator};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, Tag, TagGroup, TagTree};

use super::RenderError;
use super::fonts::Faces;
use super::lines::{Line, Set, Setting, has_bullet};
use super::pages::Placed;
use super::style;
use crate::render::{Letter, Role};

/// Longest entry of the outline, in characters.
const LONGEST_ENTRY: usize = 120;

/// What has been drawn of a block.
#[derive(Default)]
struct Drawn {
    bullet: Option<Identifier>,
    lines: Vec<Identifier>,
    /// Page and height of its first line.
    at: Option<(usize, f32)>,
}

pub(super) fn draw(
    letter: &Letter,
    faces: &Faces<'_>,
    setting: &Setting<'_>,
    blocks: &[Set],
    pages: &[Vec<Placed>],
) -> Result<Vec<u8>, RenderError> {
    let settings = SerializeSettings {
        configuration: Configuration::new_with_validator(Validator::UA1),
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let mut drawn: Vec<Drawn> = blocks.iter().map(|_| Drawn::default()).collect();
    for (number, placed) in pages.iter().enumerate() {
        let size = PageSettings::from_wh(style::PAGE_WIDTH, style::PAGE_HEIGHT).ok_or(RenderError::Writer)?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for place in placed {
            let (Some(set), Some(drawn)) = (blocks.get(place.block), drawn.get_mut(place.block)) else { continue };
            drawn.at.get_or_insert((number, place.baseline - set.style.leading));
            line(&mut surface, faces, setting, set, *place, drawn);
        }
        foot(&mut surface, faces, setting, letter, number + 1, pages.len());
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(letter, blocks, &drawn));
    document.set_outline(outline(blocks, &drawn));
    document.set_metadata(metadata(letter));
    document.finish().map_err(|_| RenderError::Writer)
}

/// One line of a block, and before the first line of an entry its bullet.
fn line(
    surface: &mut Surface<'_>,
    faces: &Faces<'_>,
    setting: &Setting<'_>,
    set: &Set,
    place: Placed,
    drawn: &mut Drawn,
) {
    let Some(line) = set.lines.get(place.line) else { return };
    surface.set_fill(Some(fill(set.style.colour)));
    if has_bullet(set.block.role)
        && place.line == 0
        && let Some(bullet) = setting.one_line("•")
    {
        let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        let inset = style::BULLET_INDENT * setting.scale;
        let x = if line.from_right {
            style::PAGE_WIDTH - style::RIGHT - inset - bullet.width * set.style.size
        } else {
            style::LEFT + inset
        };
        glyphs(surface, faces, &bullet, "•", set.style.size, x, place.baseline);
        surface.end_tagged();
        drawn.bullet = Some(id);
    }
    let width = line.width * set.style.size;
    let x = if line.from_right {
        // entries are indented from the side where they begin
        style::PAGE_WIDTH - style::RIGHT - set.style.indent - width
    } else {
        style::LEFT + set.style.indent
    };
    let text = set.block.text.get(line.range.clone()).unwrap_or_default();
    let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
    glyphs(surface, faces, line, text, set.style.size, x, place.baseline);
    surface.end_tagged();
    drawn.lines.push(id);
}

fn glyphs(surface: &mut Surface<'_>, faces: &Faces<'_>, line: &Line, text: &str, size: f32, x: f32, y: f32) {
    let mut x = x;
    for run in &line.runs {
        if let Some(face) = faces.get(run.face) {
            surface.draw_glyphs(Point::from_xy(x, y), &run.glyphs, face.font.clone(), text, size, false);
        }
        x += run.width * size;
    }
}

/// Who the letter is about on the left, the page number on the right, a rule above. Not part of the reading order.
fn foot(
    surface: &mut Surface<'_>,
    faces: &Faces<'_>,
    setting: &Setting<'_>,
    letter: &Letter,
    page: usize,
    pages: usize,
) {
    let y = style::PAGE_HEIGHT - style::FOOTER;
    let right = style::PAGE_WIDTH - style::RIGHT;
    let size = style::FOOTER_SIZE * if letter.large_print { 1.3 } else { 1.0 };
    surface.start_tagged(ContentTag::Artifact(ArtifactType::Footer));
    let mut rule = PathBuilder::new();
    rule.move_to(style::LEFT, y - 1.6 * size);
    rule.line_to(right, y - 1.6 * size);
    if let Some(rule) = rule.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { paint: colour(style::RULE).into(), width: 0.7, ..Stroke::default() }));
        surface.draw_path(&rule);
        surface.set_stroke(None);
    }
    surface.set_fill(Some(fill(style::MUTED)));
    let number = format!("Page {page} of {pages}");
    let number_line = setting.one_line(&number);
    let number_width = number_line.as_ref().map_or(0.0, |line| line.width * size);
    let room = right - style::LEFT - number_width - 12.0;
    // a very long name is cut here: it stands in full in the letter
    let (mut footer, mut line) = (letter.footer.clone(), setting.one_line(&letter.footer));
    while line.as_ref().is_some_and(|line| line.width * size > room) && !footer.is_empty() {
        let keep = footer.chars().count() * 9 / 10;
        footer = footer.chars().take(keep.saturating_sub(1)).chain(['…']).collect();
        line = setting.one_line(&footer);
        if keep <= 1 {
            break;
        }
    }
    if let Some(line) = line {
        glyphs(surface, faces, &line, &footer, size, style::LEFT, y);
    }
    if let Some(line) = number_line {
        glyphs(surface, faces, &line, &number, size, right - number_width, y);
    }
    surface.end_tagged();
}

/// What is what, in reading order. Entries that follow each other are one list.
fn tree(letter: &Letter, blocks: &[Set], drawn: &[Drawn]) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(letter.language.to_owned()));
    let mut list: Option<TagGroup> = None;
    for (set, drawn) in blocks.iter().zip(drawn) {
        if set.block.role == Role::Item {
            let mut entry = TagGroup::new(Tag::LI);
            let mut label = TagGroup::new(Tag::Lbl);
            drawn.bullet.iter().for_each(|id| label.push(*id));
            entry.push(label);
            entry.push(filled(TagGroup::new(Tag::LBody), drawn));
            list.get_or_insert_with(|| TagGroup::new(Tag::L(ListNumbering::Disc))).push(entry);
            continue;
        }
        if let Some(list) = list.take() {
            tree.push(list);
        }
        let heading = |level| Tag::Hn(level, Some(set.block.text.clone()));
        let group = match set.block.role {
            Role::Title => TagGroup::new(heading(NonZeroU16::MIN)),
            Role::Heading => TagGroup::new(heading(NonZeroU16::MIN.saturating_add(1))),
            _ => TagGroup::new(Tag::P),
        };
        tree.push(filled(group, drawn));
    }
    if let Some(list) = list {
        tree.push(list);
    }
    tree
}

fn filled(mut group: TagGroup, drawn: &Drawn) -> TagGroup {
    drawn.lines.iter().for_each(|id| group.push(*id));
    group
}

/// Title and headings, to jump to.
fn outline(blocks: &[Set], drawn: &[Drawn]) -> Outline {
    let mut outline = Outline::new();
    for (set, drawn) in blocks.iter().zip(drawn) {
        if let (Role::Title | Role::Heading, Some((page, y))) = (set.block.role, drawn.at) {
            let text: String = set.block.text.chars().take(LONGEST_ENTRY).collect();
            outline.push_child(OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(0.0, y.max(0.0)))));
        }
    }
    outline
}

fn metadata(letter: &Letter) -> Metadata {
    let metadata = Metadata::new()
        .title(letter.title.clone())
        .language(letter.language.to_owned())
        .creator("cmht-gateway".to_owned());
    let day = letter.day.as_deref().and_then(|day| day.parse::<jiff::civil::Date>().ok());
    let date = day.and_then(|day| {
        let (year, month, day) =
            (u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
        Some(DateTime::new(year).month(month).day(day))
    });
    match date {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    }
}

fn colour([red, green, blue]: [u8; 3]) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(of: [u8; 3]) -> Fill {
    Fill { paint: colour(of).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}
