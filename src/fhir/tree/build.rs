//! Putting a tree together, cell by cell, in the order of the source. Only the two readers use it.

use std::borrow::Cow;

use super::{COMPANION, Cell, Kind, LISTED, Name, Node, PLAIN, RESOURCE, SPARE, Tree};
use crate::fhir::Format;
use crate::model::Issue;

/// A value on its way into a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) kind: Kind,
    /// Start and end in the source, or in the spare text.
    pub(super) span: (u32, u32),
    pub(super) spare: bool,
}

impl Held {
    pub(super) const fn nothing(kind: Kind) -> Self {
        Self { kind, span: (0, 0), spare: false }
    }
}

/// A tree that is being read.
#[derive(Debug)]
pub(super) struct Builder {
    tree: Tree<'static>,
}

impl Builder {
    /// Begins with the root at an offset of a text of some length; its type is told by [`Builder::typed`].
    pub(super) fn new(format: Format, offset: u32, length: usize) -> Self {
        // a cell for about every twenty bytes
        let mut cells = Vec::with_capacity(length / 20 + 8);
        cells.push(Cell { kind: Kind::Object, offset, ..Node::NONE });
        let tree = Tree {
            format,
            source: Cow::Borrowed(""),
            cells,
            spare: String::new(),
            strangers: Vec::new(),
            faults: Vec::new(),
            lines: std::sync::OnceLock::new(),
        };
        Self { tree }
    }

    /// The tree over the text it was read from.
    pub(super) fn finish<'s>(self, source: Cow<'s, str>) -> Tree<'s> {
        Tree { source, ..self.tree }
    }

    /// Appends a child to `parent` behind `last`, its last child so far (0: none), and makes it the last.
    pub(super) fn child(&mut self, parent: u32, last: &mut u32, name: Name, place: u32, offset: u32) -> u32 {
        let at = u32::try_from(self.tree.cells.len()).unwrap_or(0);
        self.tree.cells.push(Cell { name, place, offset, parent, ..Node::NONE });
        let before = if *last == 0 { parent } else { *last };
        if let Some(cell) = self.tree.cells.get_mut(before as usize) {
            if *last == 0 {
                cell.first = at;
            } else {
                cell.next = at;
            }
        }
        *last = at;
        at
    }

    fn cell(&mut self, at: u32) -> Option<&mut Cell> {
        self.tree.cells.get_mut(at as usize)
    }

    /// Gives a cell its value.
    pub(super) fn value(&mut self, at: u32, held: Held) {
        if let Some(cell) = self.cell(at) {
            cell.kind = held.kind;
            cell.value = held.span;
            cell.marks |= PLAIN | if held.spare { SPARE } else { 0 };
        }
    }

    /// Marks an item of a JSON array.
    pub(super) fn listed(&mut self, at: u32) {
        if let Some(cell) = self.cell(at) {
            cell.marks |= LISTED;
        }
    }

    /// Marks what has a `_name`.
    pub(super) fn companion(&mut self, at: u32) {
        if let Some(cell) = self.cell(at) {
            cell.marks |= COMPANION;
        }
    }

    /// Tells the type of a resource; the root takes it for its name.
    pub(super) fn typed(&mut self, at: u32, of: Name) {
        if let Some(cell) = self.cell(at) {
            cell.of = of;
            cell.marks |= RESOURCE;
            if at == 0 {
                cell.name = of;
            }
        }
    }

    /// Remembers how a name that R4 does not have is written.
    pub(super) fn stranger(&mut self, at: u32, start: u32, end: u32) {
        self.tree.strangers.push((at, start, end));
    }

    /// Keeps text that is not in the source as it is; gives its span.
    pub(super) fn spare(&mut self, text: &str) -> (u32, u32) {
        let start = u32::try_from(self.tree.spare.len()).unwrap_or(0);
        self.tree.spare.push_str(text);
        (start, u32::try_from(self.tree.spare.len()).unwrap_or(start))
    }

    pub(super) fn fault(&mut self, issue: Issue) {
        self.tree.faults.push(issue);
    }
}
