//! Typefaces: two built in, more from the caller, and which of them has the glyphs for a text.
//! Reads no file: where fonts of a host come from is the caller's business.

use std::sync::Arc;

use krilla::text::Font;
use rustybuzz::ttf_parser::{GlyphId, Permissions};

use super::RenderError;

/// Shown for a character that no typeface has.
const BOX: char = '□';

/// The typefaces a PDF may use, in the order in which they are tried.
#[derive(Clone, Default)]
pub struct Fonts {
    more: Vec<Arc<Vec<u8>>>,
}

impl Fonts {
    /// Noto Sans and DejaVu Sans: Latin with all its accents, Greek, Cyrillic, Arabic and Persian, Hebrew, Armenian,
    /// Georgian, signs and some emoji. Urdu (which has two letters more), the scripts of India and Chinese need
    /// [`Fonts::with`].
    #[must_use]
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The same and one more, the bytes of a TrueType or OpenType font, tried after those before it.
    ///
    /// # Errors
    /// When the bytes are no such font, or its owner forbids to embed it.
    pub fn with(mut self, font: Vec<u8>) -> Result<Self, RenderError> {
        let shaper = rustybuzz::Face::from_slice(&font, 0).ok_or(RenderError::Font)?;
        let allowed = shaper.permissions() != Some(Permissions::Restricted) && shaper.is_subsetting_allowed();
        let font = Arc::new(font);
        if !allowed || Font::new(font.clone().into(), 0).is_none() {
            return Err(RenderError::Font);
        }
        self.more.push(font);
        Ok(self)
    }
}

/// A typeface opened for shaping and for drawing.
pub(super) struct Face<'a> {
    pub(super) shaper: rustybuzz::Face<'a>,
    pub(super) font: Font,
    /// One over units per em.
    pub(super) unit: f32,
}

/// All typefaces, in both weights. Those of the caller have one weight, used for both.
pub(super) struct Faces<'a> {
    all: Vec<Face<'a>>,
    regular: Vec<usize>,
    bold: Vec<usize>,
}

impl<'a> Faces<'a> {
    pub(super) fn open(fonts: &'a Fonts) -> Result<Self, RenderError> {
        let built_in: [&'static [u8]; 4] = [
            notosans::REGULAR_TTF,
            dejavu::sans_condensed::regular(),
            notosans::BOLD_TTF,
            dejavu::sans_condensed::bold(),
        ];
        let mut all = Vec::new();
        for bytes in built_in {
            all.push(Face::open(bytes, bytes.into())?);
        }
        for bytes in &fonts.more {
            all.push(Face::open(bytes, bytes.clone().into())?);
        }
        let more = built_in.len()..all.len();
        let (regular, bold) = ([0, 1].into_iter().chain(more.clone()), [2, 3].into_iter().chain(more));
        Ok(Self { regular: regular.collect(), bold: bold.collect(), all })
    }

    pub(super) fn get(&self, face: usize) -> Option<&Face<'a>> {
        self.all.get(face)
    }

    /// The first typeface of a weight that has every character of a text, if any has.
    pub(super) fn for_text(&self, text: &str, bold: bool) -> Option<usize> {
        let order = if bold { &self.bold } else { &self.regular };
        let has_all = |face: &Face<'_>| {
            text.chars().all(|c| c.is_whitespace() || is_steering(c) || face.shaper.glyph_index(c).is_some())
        };
        order.iter().copied().find(|face| self.get(*face).is_some_and(has_all))
    }

    /// The typeface, glyph and width in ems of the box for what has no glyph.
    pub(super) fn empty_box(&self, bold: bool) -> Option<(usize, GlyphId, f32)> {
        let face = self.for_text(BOX.encode_utf8(&mut [0; 4]), bold)?;
        let open = self.get(face)?;
        let glyph = open.shaper.glyph_index(BOX)?;
        Some((face, glyph, f32::from(open.shaper.glyph_hor_advance(glyph)?) * open.unit))
    }
}

/// Characters that shape their neighbours and have no glyph to miss.
const fn is_steering(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

impl<'a> Face<'a> {
    fn open(bytes: &'a [u8], data: krilla::Data) -> Result<Self, RenderError> {
        let shaper = rustybuzz::Face::from_slice(bytes, 0).ok_or(RenderError::Font)?;
        let font = Font::new(data, 0).ok_or(RenderError::Font)?;
        #[expect(clippy::cast_precision_loss, reason = "at most 16384")]
        let unit = 1.0 / shaper.units_per_em() as f32;
        Ok(Self { shaper, font, unit })
    }
}
