//! From text to glyphs: where a line may end, which way each piece runs (UAX #9), which typeface has it, which glyphs
//! it takes. Widths are in ems. Knows no line and no page.

use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};
use unicode_segmentation::UnicodeSegmentation;

use super::fonts::Faces;
use crate::render::breaks::breaks;

/// Longest stretch that is shaped in one go, in characters as readers count them. Anything longer without a place to
/// break is no word, and cutting it keeps the work proportional to the text.
const LONGEST_WORD: usize = 120;

/// Glyphs of one typeface that run one way.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) face: usize,
    pub(super) level: Level,
    /// In the order of the page, left to right; ranges are those of the text.
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) width: f32,
    /// White space, which may hang over the end of a line.
    pub(super) blank: bool,
    /// Boxes instead of glyphs.
    pub(super) missing: bool,
}

/// What stands between two places where a line may end.
pub(super) struct Segment {
    pub(super) range: Range<usize>,
    pub(super) pieces: Vec<Piece>,
    /// A line ends here whether it is full or not.
    pub(super) ends_line: bool,
}

impl Segment {
    /// Width of what cannot hang over the end of a line.
    pub(super) fn solid(&self) -> f32 {
        self.pieces.iter().filter(|piece| !piece.blank).map(|piece| piece.width).sum()
    }

    pub(super) fn whole(&self) -> f32 {
        self.pieces.iter().map(|piece| piece.width).sum()
    }
}

/// A text with the direction of each of its characters.
pub(super) struct Shaper<'a> {
    faces: &'a Faces<'a>,
    text: &'a str,
    bold: bool,
    bidi: BidiInfo<'a>,
}

impl<'a> Shaper<'a> {
    pub(super) fn new(faces: &'a Faces<'a>, text: &'a str, bold: bool) -> Self {
        Self { faces, text, bold, bidi: BidiInfo::new(text, None) }
    }

    /// The direction of the paragraph around a place.
    pub(super) fn base(&self, at: usize) -> Level {
        let before = self.bidi.paragraphs.partition_point(|paragraph| paragraph.range.end <= at);
        self.bidi.paragraphs.get(before).map_or_else(Level::ltr, |paragraph| paragraph.level)
    }

    /// The text, cut wherever a line may end.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut out = Vec::new();
        let mut from = 0;
        for end in breaks(self.text) {
            let to = end.at;
            let mut cuts: Vec<usize> = self
                .part(from..to)
                .grapheme_indices(true)
                .map(|(at, _)| from + at)
                .skip(LONGEST_WORD)
                .step_by(LONGEST_WORD)
                .collect();
            cuts.push(to);
            for cut in cuts {
                let ends_line = cut == to && end.must;
                out.push(self.segment(from..cut, ends_line));
                from = cut;
            }
        }
        out
    }

    /// A segment cut in two, the first no wider than told and at least one character long; `None` where it is one.
    pub(super) fn split(&self, segment: &Segment, widest: f32) -> Option<(Segment, Segment)> {
        let mut width = 0.0;
        let mut cut = None;
        for (at, character) in self.part(segment.range.clone()).grapheme_indices(true) {
            let range = segment.range.start + at..segment.range.start + at + character.len();
            width += self.segment(range.clone(), false).whole();
            if width > widest && at > 0 {
                cut = Some(range.start);
                break;
            }
        }
        let cut = cut?;
        Some((self.segment(segment.range.start..cut, false), self.segment(cut..segment.range.end, segment.ends_line)))
    }

    fn segment(&self, range: Range<usize>, ends_line: bool) -> Segment {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open: Option<(Range<usize>, Kind)> = None;
        let text = self.part(range.clone());
        for (at, character) in text.grapheme_indices(true) {
            let at = range.start + at;
            // what ends a line takes no room
            if character.chars().all(|c| matches!(c, '\n' | '\r')) {
                continue;
            }
            let kind = self.kind(at, character);
            match &mut open {
                Some((open, known)) if *known == kind => open.end = at + character.len(),
                _ => {
                    let done = open.replace((at..at + character.len(), kind));
                    pieces.extend(done.map(|(range, kind)| self.piece(range, kind)));
                }
            }
        }
        pieces.extend(open.map(|(range, kind)| self.piece(range, kind)));
        Segment { range, pieces, ends_line }
    }

    fn kind(&self, at: usize, character: &str) -> Kind {
        let level = self.bidi.levels.get(at).copied().unwrap_or_else(Level::ltr);
        Kind {
            face: self.faces.for_text(character, self.bold),
            level,
            blank: character.chars().all(char::is_whitespace),
        }
    }

    fn piece(&self, range: Range<usize>, kind: Kind) -> Piece {
        let shaped = kind.face.and_then(|face| Some((face, self.shape(&range, face, kind.level)?)));
        let missing = shaped.is_none();
        let (face, glyphs) = shaped.unwrap_or_else(|| self.boxes(&range, kind.level));
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Piece { face, level: kind.level, glyphs, width, blank: kind.blank, missing }
    }

    /// The glyphs of a stretch in one typeface; `None` where it lacks one after all.
    fn shape(&self, range: &Range<usize>, face: usize, level: Level) -> Option<Vec<KrillaGlyph>> {
        let face = self.faces.get(face)?;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(self.part(range.clone()));
        buffer.set_direction(if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight });
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(&face.shaper, &[], buffer);
        let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        starts.push(range.len());
        starts.sort_unstable();
        starts.dedup();
        let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        glyphs
            .map(|(info, position)| {
                let start = info.cluster as usize;
                let next = starts.partition_point(|known| *known <= start);
                let end = starts.get(next).copied().unwrap_or(range.len());
                (info.glyph_id != 0).then(|| KrillaGlyph {
                    glyph_id: GlyphId::new(info.glyph_id),
                    text_range: range.start + start..range.start + end,
                    x_advance: ems(position.x_advance, face.unit),
                    x_offset: ems(position.x_offset, face.unit),
                    y_offset: ems(position.y_offset, face.unit),
                    y_advance: ems(position.y_advance, face.unit),
                    location: None,
                })
            })
            .collect()
    }

    /// A box for every character of a stretch, each with its own text behind it.
    fn boxes(&self, range: &Range<usize>, level: Level) -> (usize, Vec<KrillaGlyph>) {
        let Some((face, glyph, width)) = self.faces.empty_box(self.bold) else { return (0, Vec::new()) };
        let characters = self.part(range.clone()).grapheme_indices(true);
        let mut glyphs: Vec<KrillaGlyph> = characters
            .map(|(at, character)| KrillaGlyph {
                glyph_id: GlyphId::new(u32::from(glyph.0)),
                text_range: range.start + at..range.start + at + character.len(),
                x_advance: width,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
            .collect();
        if level.is_rtl() {
            glyphs.reverse();
        }
        (face, glyphs)
    }

    fn part(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }
}

/// What two neighbouring characters must share to be shaped together.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    face: Option<usize>,
    level: Level,
    blank: bool,
}

#[expect(clippy::cast_precision_loss, reason = "font units are small")]
fn ems(units: i32, unit: f32) -> f32 {
    units as f32 * unit
}
