//! Putting a tree together, cell by cell, in the order of the source. Only the two readers use it.

use std::borrow::Cow;

use super::faults::{Faults, Pending};
use super::seen::Seen;
use super::{COMPANION, Cell, Kind, LISTED, Name, Node, PLAIN, RESOURCE, SPARE, Tree};
use crate::fhir::Format;
use crate::fhir::schema::{Place, Shape};
use crate::fhir::source::shown;
use crate::model::{Issue, IssueCode, Severity};

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

/// Where a child goes: in which element, behind which (0: first), as which repetition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) parent: u32,
    pub(super) before: u32,
    pub(super) place: u32,
}

/// What is wrong: how bad, of which kind, and in words.
pub(super) type Wrong = (Severity, IssueCode, Cow<'static, str>);

/// Reading that cannot go on; boxed, as every step of a reader returns it or nothing.
#[derive(Debug)]
pub(super) struct Halt(Box<Pending>);

/// A tree that is being read from a text.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    text: &'a str,
    tree: Tree<'static>,
    faults: Faults,
}

/// An offset as cells hold it; readers refuse texts too long for it.
pub(super) fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl<'a> Builder<'a> {
    /// Begins with the root at the start of a text; its type is told by [`Builder::typed`].
    pub(super) fn new(format: Format, text: &'a str) -> Self {
        // a cell for about every twenty bytes
        let mut cells = Vec::with_capacity(text.len() / 20 + 8);
        cells.push(Cell { kind: Kind::Object, ..Node::NONE });
        let tree = Tree {
            format,
            source: Cow::Borrowed(""),
            cells,
            spare: String::new(),
            strangers: Vec::new(),
            faults: Vec::new(),
            lines: std::sync::OnceLock::new(),
        };
        Self { text, tree, faults: Faults::default() }
    }

    /// The tree, its source still to be put in.
    pub(super) fn finish(self) -> Tree<'static> {
        let faults = self.faults.settle(self.text, root_name(&self.tree));
        Tree { faults, ..self.tree }
    }

    /// The one finding of a text that cannot be read.
    pub(super) fn halted(&self, halt: Halt) -> Issue {
        halt.0.issue(self.text, root_name(&self.tree))
    }

    /// A finding of the XML itself, with the path of the element it is in.
    pub(super) fn located(&self, at: u32, issue: Issue) -> Issue {
        issue.at([root_name(&self.tree), &self.path(at)].concat())
    }

    /// Puts a cell in its spot and gives its number.
    pub(super) fn child(&mut self, spot: Spot, name: Name, offset: usize) -> u32 {
        let at = short(self.tree.cells.len());
        let before = if spot.before == 0 { spot.parent } else { spot.before };
        let mut next = 0;
        if let Some(cell) = self.cell_mut(before) {
            let link = if spot.before == 0 { &mut cell.first } else { &mut cell.next };
            next = std::mem::replace(link, at);
        }
        let cell = Cell { name, place: spot.place, offset: short(offset), parent: spot.parent, next, ..Node::NONE };
        self.tree.cells.push(cell);
        at
    }

    /// Puts the next repetition of a name behind those there are; `last` is the last child of `parent` so far.
    pub(super) fn repetition(
        &mut self,
        seen: &mut Seen<'_>,
        entry: usize,
        name: Name,
        parent: u32,
        last: &mut u32,
        offset: usize,
    ) -> u32 {
        let Some(entry) = seen.entry_mut(entry) else { return 0 };
        let before = if entry.first == 0 { *last } else { entry.end };
        let at = self.child(Spot { parent, before, place: entry.count }, name, offset);
        if entry.first == 0 {
            entry.first = at;
        }
        entry.end = at;
        entry.count += 1;
        if before == *last {
            *last = at;
        }
        at
    }

    fn cell_mut(&mut self, at: u32) -> Option<&mut Cell> {
        self.tree.cells.get_mut(at as usize)
    }

    fn cell(&self, at: u32) -> &Cell {
        self.tree.cells.get(at as usize).unwrap_or(&Node::NONE)
    }

    /// Gives a cell its value.
    pub(super) fn value(&mut self, at: u32, held: Held) {
        if let Some(cell) = self.cell_mut(at) {
            cell.kind = held.kind;
            cell.value = held.span;
            cell.marks |= PLAIN | if held.spare { SPARE } else { 0 };
        }
    }

    /// Marks an item of a JSON array.
    pub(super) fn listed(&mut self, at: u32) {
        self.mark(at, LISTED);
    }

    /// Marks what has a `_name`.
    pub(super) fn companion(&mut self, at: u32) {
        self.mark(at, COMPANION);
    }

    fn mark(&mut self, at: u32, mark: u8) {
        if let Some(cell) = self.cell_mut(at) {
            cell.marks |= mark;
        }
    }

    /// A cell has children; without a value it is an object.
    pub(super) fn filled(&mut self, at: u32) {
        if let Some(cell) = self.cell_mut(at)
            && cell.kind == Kind::Nothing
        {
            cell.kind = Kind::Object;
        }
    }

    /// Tells where a cell begins.
    pub(super) fn begins(&mut self, at: u32, offset: usize) {
        if let Some(cell) = self.cell_mut(at) {
            cell.offset = short(offset);
        }
    }

    /// Tells the type of a resource; the root takes it for its name.
    pub(super) fn typed(&mut self, at: u32, of: Name) {
        if let Some(cell) = self.cell_mut(at) {
            cell.of = of;
            cell.marks |= RESOURCE;
            if at == 0 {
                cell.name = of;
            }
        }
    }

    /// Remembers how a name that R4 does not have is written.
    pub(super) fn stranger(&mut self, at: u32, start: usize, end: usize) {
        let stranger = (at, short(start), short(end));
        if at == 0 {
            // the root's type may come behind all else
            self.tree.strangers.insert(0, stranger);
        } else {
            self.tree.strangers.push(stranger);
        }
    }

    /// Where text goes that is not in the source as it is.
    pub(super) const fn spare(&mut self) -> &mut String {
        &mut self.tree.spare
    }

    pub(super) fn name(&self, at: u32) -> Name {
        self.cell(at).name
    }

    pub(super) fn is_resource(&self, at: u32) -> bool {
        self.cell(at).marks & RESOURCE != 0
    }

    /// The sibling behind a cell; 0 if it is the last.
    pub(super) fn next(&self, at: u32) -> u32 {
        self.cell(at).next
    }

    pub(super) fn offset(&self, at: u32) -> usize {
        self.cell(at).offset as usize
    }

    /// Whether a cell has neither value nor companion nor children.
    pub(super) fn is_bare(&self, at: u32) -> bool {
        let cell = self.cell(at);
        cell.kind == Kind::Nothing && cell.first == 0 && cell.marks & COMPANION == 0
    }

    /// The last child of a cell; 0 if it has none.
    pub(super) fn last_child(&self, at: u32) -> u32 {
        let mut last = self.cell(at).first;
        while last != 0 && self.next(last) != 0 {
            last = self.next(last);
        }
        last
    }

    /// Notes a fault at an offset, in a cell or, with a key, in what that key should hold.
    pub(super) fn fault(&mut self, at: u32, key: Option<&str>, offset: usize, wrong: Wrong) {
        if self.faults.is_open() {
            let fault = self.pending(at, key, offset, wrong);
            self.faults.add(fault);
        } else {
            self.faults.count();
        }
    }

    /// A fault that ends the reading.
    pub(super) fn halt(&self, at: u32, offset: usize, code: IssueCode, text: impl Into<Cow<'static, str>>) -> Halt {
        Halt(Box::new(self.pending(at, None, offset, (Severity::Error, code, text.into()))))
    }

    fn pending(&self, at: u32, key: Option<&str>, offset: usize, (severity, code, text): Wrong) -> Pending {
        let mut path = self.path(at);
        if let Some(key) = key {
            path.extend([".", &shown(key)]);
        }
        Pending { severity, code, text, offset, path }
    }

    /// The path of a cell, without the root.
    fn path(&self, at: u32) -> String {
        let mut chain = vec![];
        let mut step = at;
        while step != 0 {
            chain.push(step);
            step = self.cell(step).parent;
        }
        let mut path = String::new();
        let mut place = Place::resource(self.cell(0).of.text());
        for step in chain.into_iter().rev() {
            let cell = self.cell(step);
            let name = if cell.name.is_known() { Cow::Borrowed(cell.name.text()) } else { self.written(step) };
            path.extend([".", &name]);
            let child = place.and_then(|place| place.child(&name));
            let many = match self.tree.format {
                Format::Json => cell.marks & LISTED != 0,
                Format::Xml => cell.place > 0 || child.is_some_and(|child| child.many),
            };
            if many {
                path.extend(["[", &cell.place.to_string(), "]"]);
            }
            place = child.and_then(|child| match child.shape {
                Shape::Complex(place) => Some(place),
                Shape::Resource => Place::resource(cell.of.text()),
                Shape::Primitive(_) => Some(Place::ELEMENT),
                Shape::Attribute | Shape::Xhtml => None,
            });
        }
        path
    }

    fn written(&self, at: u32) -> Cow<'static, str> {
        let found = self.tree.strangers.iter().rev().find(|stranger| stranger.0 == at);
        let text = found.and_then(|(_, start, end)| self.text.get(*start as usize..*end as usize));
        Cow::Owned(shown(text.unwrap_or_default()))
    }
}

/// What paths begin with: the type of the root, or what all resources are.
fn root_name(tree: &Tree<'_>) -> &'static str {
    match tree.root().resource_type() {
        Name::UNKNOWN => "Resource",
        known => known.text(),
    }
}
