//! A letter as PDF: tagged for screen readers (PDF/UA-1, ISO 14289-1), A4, fonts embedded, the same bytes for the same
//! letter. Blocks are shaped into lines, lines put on pages, pages drawn. Knows no document; adds no words but page
//! numbers and, where a character has no glyph, a note that says so.

mod draw;
mod fonts;
mod lines;
mod pages;
mod shape;
mod style;

pub use fonts::Fonts;

use self::fonts::Faces;
use self::lines::Setting;
use super::letter::{Block, Letter, Role};

/// Why there is no PDF. Says nothing of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A font file that is none, or whose owner forbids embedding.
    #[error("this font cannot be used: it is not a TrueType or OpenType font, or may not be embedded")]
    Font,
    /// The PDF writer refused its own pages: a fault of ours.
    #[error("the PDF could not be written")]
    Writer,
}

/// Said at the end when a character could not be printed.
const NOTE: &str = "Some characters of this document could not be printed with the fonts at hand. Each is shown as an \
                    empty box (□). The plain-text copy of this document has them.";

/// The letter as PDF.
///
/// # Errors
/// When the built-in fonts cannot be read or the PDF is refused by its own check; neither depends on the letter's words.
pub fn pdf(letter: &Letter, fonts: &Fonts) -> Result<Vec<u8>, RenderError> {
    let faces = Faces::open(fonts)?;
    let scale = if letter.large_print { style::LARGE_PRINT } else { 1.0 };
    let setting = Setting::new(&faces, scale);
    let mut blocks: Vec<_> = letter.blocks().map(|block| setting.set(block)).collect();
    if blocks.iter().any(lines::Set::lacks_glyphs) {
        blocks.push(setting.set(Block::new(Role::Paragraph, NOTE)));
    }
    let pages = pages::paginate(&blocks);
    draw::draw(letter, &faces, &setting, &blocks, &pages)
}

#[cfg(test)]
mod tests;
