//! From glyphs to lines of a width: greedy, with hanging blanks, over-long words cut. Puts the pieces of a line in the
//! order of the page (UAX #9, rule L2). Knows no page.

use std::ops::Range;

use krilla::text::KrillaGlyph;
use unicode_bidi::{BidiInfo, Level};

use super::fonts::Faces;
use super::shape::{Piece, Segment, Shaper};
use super::style::{self, Style};
use crate::render::{Block, Role};

/// Glyphs of one typeface, to be drawn in one go.
pub(super) struct Run {
    pub(super) face: usize,
    /// Ranges are those of the line's text.
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) width: f32,
}

/// One line. Widths are in ems.
pub(super) struct Line {
    /// The part of the block's text that stands here, its blank at the end included.
    pub(super) range: Range<usize>,
    /// Left to right.
    pub(super) runs: Vec<Run>,
    /// Without the blank at the end.
    pub(super) width: f32,
    /// Begins at the right margin.
    pub(super) from_right: bool,
}

/// A block as lines.
pub(super) struct Set {
    pub(super) block: Block,
    pub(super) style: Style,
    pub(super) lines: Vec<Line>,
    missing: bool,
}

impl Set {
    /// Whether a box stands for some character.
    pub(super) const fn lacks_glyphs(&self) -> bool {
        self.missing
    }
}

/// Typefaces and size of a document.
pub(super) struct Setting<'a> {
    faces: &'a Faces<'a>,
    pub(super) scale: f32,
}

impl<'a> Setting<'a> {
    pub(super) const fn new(faces: &'a Faces<'a>, scale: f32) -> Self {
        Self { faces, scale }
    }

    /// A block in the lines it takes.
    pub(super) fn set(&self, block: Block) -> Set {
        let style = Style::of(block.role, self.scale);
        let room = style::PAGE_WIDTH - style::LEFT - style::RIGHT - style.indent;
        let (lines, missing) = self.lines(&block.text, style.bold, room / style.size);
        Set { block, style, lines, missing }
    }

    /// A short text on one line, however long that becomes.
    pub(super) fn one_line(&self, text: &str) -> Option<Line> {
        self.lines(text, false, f32::INFINITY).0.into_iter().next()
    }

    fn lines(&self, text: &str, bold: bool, room: f32) -> (Vec<Line>, bool) {
        let shaper = Shaper::new(self.faces, text, bold);
        let mut filling = Filling { shaper: &shaper, room, open: Vec::new(), width: 0.0, lines: Vec::new() };
        let mut missing = false;
        for segment in shaper.segments() {
            missing |= segment.pieces.iter().any(|piece| piece.missing);
            filling.add(segment);
        }
        filling.end();
        (filling.lines, missing)
    }
}

/// Lines so far, and the one being filled.
struct Filling<'a, 'b> {
    shaper: &'b Shaper<'a>,
    room: f32,
    open: Vec<Segment>,
    width: f32,
    lines: Vec<Line>,
}

impl Filling<'_, '_> {
    fn add(&mut self, segment: Segment) {
        if !self.open.is_empty() && self.width + segment.solid() > self.room {
            self.end();
        }
        let mut segment = segment;
        while segment.solid() > self.room {
            let Some((first, rest)) = self.shaper.split(&segment, self.room) else { break };
            self.open.push(first);
            self.end();
            segment = rest;
        }
        let ends = segment.ends_line;
        self.width += segment.whole();
        self.open.push(segment);
        if ends {
            self.end();
        }
    }

    /// Ends the line being filled. An empty one stays: it is an empty line of the text.
    fn end(&mut self) {
        let segments = std::mem::take(&mut self.open);
        self.width = 0.0;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return };
        let range = first.range.start..last.range.end;
        let base = self.shaper.base(range.start);
        let mut pieces: Vec<Piece> = segments.into_iter().flat_map(|segment| segment.pieces).collect();
        // rule L1: the blank at the end runs with the paragraph
        let mut hanging = 0.0;
        for piece in pieces.iter_mut().rev().take_while(|piece| piece.blank) {
            piece.level = base;
            hanging += piece.width;
        }
        let width = pieces.iter().map(|piece| piece.width).sum::<f32>() - hanging;
        let from_right = base.is_rtl();
        self.lines.push(Line { runs: runs(&pieces, range.start), range, width, from_right });
    }
}

/// Pieces in the order of the page; neighbours of one typeface and direction together.
fn runs(pieces: &[Piece], start: usize) -> Vec<Run> {
    let levels: Vec<Level> = pieces.iter().map(|piece| piece.level).collect();
    let mut runs: Vec<(bool, Run)> = Vec::new();
    for piece in BidiInfo::reorder_visual(&levels).into_iter().filter_map(|place| pieces.get(place)) {
        let glyphs = piece.glyphs.iter().map(|glyph| KrillaGlyph {
            text_range: glyph.text_range.start - start..glyph.text_range.end - start,
            ..glyph.clone()
        });
        let rtl = piece.level.is_rtl();
        match runs.last_mut() {
            Some((way, run)) if run.face == piece.face && *way == rtl => {
                run.glyphs.extend(glyphs);
                run.width += piece.width;
            }
            _ => runs.push((rtl, Run { face: piece.face, glyphs: glyphs.collect(), width: piece.width })),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// Whether a block begins with a bullet.
pub(super) const fn has_bullet(role: Role) -> bool {
    matches!(role, Role::Item)
}
