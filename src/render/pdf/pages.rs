//! From lines to pages: no heading alone at the foot of a page, no single line of a paragraph alone on either side of
//! a break. Draws nothing.

use super::lines::Set;
use super::style;
use crate::render::Role;

/// A line in its place.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) block: usize,
    pub(super) line: usize,
    /// Baseline, from the top of the page.
    pub(super) baseline: f32,
}

/// A line that waits for its place.
struct Row {
    placed: Placed,
    before: f32,
    height: f32,
    /// Stands on one page with the next row.
    with_next: bool,
}

/// The pages, each with its lines from top to bottom. There is always one.
pub(super) fn paginate(blocks: &[Set]) -> Vec<Vec<Placed>> {
    let rows = rows(blocks);
    let mut pages = vec![Vec::new()];
    let mut y = style::TOP;
    let foot = style::PAGE_HEIGHT - style::BOTTOM;
    let mut from = 0;
    while from < rows.len() {
        let length = rows.iter().skip(from).position(|row| !row.with_next).map_or(rows.len() - from, |last| last + 1);
        let group = rows.iter().skip(from).take(length);
        let height: f32 = group.clone().map(|row| row.before + row.height).sum();
        let fresh = pages.last().is_none_or(Vec::is_empty);
        if !fresh && y + height > foot {
            pages.push(Vec::new());
            y = style::TOP;
        }
        for row in group {
            if y + row.before + row.height > foot && pages.last().is_some_and(|page| !page.is_empty()) {
                // a group taller than a page
                pages.push(Vec::new());
                y = style::TOP;
            }
            let Some(page) = pages.last_mut() else { break };
            y += if page.is_empty() { 0.0 } else { row.before } + row.height;
            page.push(Placed { baseline: y - row.height * DESCENT, ..row.placed });
        }
        from += length;
    }
    pages
}

/// How much of a line's height lies below its baseline.
const DESCENT: f32 = 0.27;

fn rows(blocks: &[Set]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut space: f32 = 0.0;
    for (place, set) in blocks.iter().enumerate() {
        let count = set.lines.len();
        let whole = matches!(set.block.role, Role::Heading | Role::Title | Role::Sender | Role::SenderDetail);
        for line in 0..count {
            let last = line + 1 == count;
            let with_next = if whole {
                place + 1 < blocks.len()
            } else {
                // two lines at the top and two at the foot
                !last && (line == 0 || line + 2 == count)
            };
            let before = if line == 0 { space.max(set.style.before) } else { 0.0 };
            let placed = Placed { block: place, line, baseline: 0.0 };
            rows.push(Row { placed, before, height: set.style.leading, with_next });
        }
        space = set.style.after;
    }
    rows
}
