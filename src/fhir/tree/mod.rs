//! A resource as FHIR sees it, whichever format it came in: elements with names, values and children, repetitions side by
//! side, what JSON writes under `_name` put back where it belongs; each knows where in the source it stands.
//! Lies flat in one list and borrows its text. Knows the formats and R4's names, not which element may stand where.

mod build;
mod faults;
mod json;
mod names;
#[cfg(test)]
mod outline;
mod place;
mod seen;
#[cfg(test)]
mod tests;
mod xml;

use std::borrow::Cow;
use std::sync::OnceLock;

use super::source::decode;
use super::{Format, Limits};
use crate::model::Issue;

pub use names::Name;

/// A parsed resource.
#[derive(Debug)]
pub struct Tree<'s> {
    format: Format,
    source: Cow<'s, str>,
    cells: Vec<Cell>,
    /// Values that are not written in the source as they are (escapes, entities), one after another.
    spare: String,
    /// Names R4 does not have: the cell, and where the name stands in the source; sorted by cell.
    strangers: Vec<(u32, u32, u32)>,
    /// What is wrong with the text itself; none of it keeps the rest from being looked at.
    faults: Vec<Issue>,
    lines: OnceLock<place::Lines>,
}

/// What an element has for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No value: `null` in a list, or a primitive of which only `_name` is there.
    Nothing,
    /// A JSON string.
    Text,
    /// A JSON number, as written.
    Number,
    /// `true` or `false` of JSON.
    Boolean,
    /// A value attribute of XML: its type shows only in the definition.
    Attribute,
    /// The XHTML of a narrative, as XML markup.
    Markup,
    /// A JSON object or an XML element with children and no value.
    Object,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    name: Name,
    /// The resource type, of a resource.
    of: Name,
    kind: Kind,
    marks: u8,
    /// Which repetition of its name it is.
    place: u32,
    /// Where it begins: its key, its opening tag; an item of a list, its value.
    offset: u32,
    /// The value, in the source or in `spare`.
    value: (u32, u32),
    /// Other cells; 0, the root, means none.
    parent: u32,
    first: u32,
    next: u32,
}

/// It stood in a JSON array.
const LISTED: u8 = 1;
/// Its value is in `spare`.
const SPARE: u8 = 2;
/// JSON has a `_name` for it.
const COMPANION: u8 = 4;
/// It names its resource type.
const RESOURCE: u8 = 8;
/// JSON has the plain name for it, not the companion alone.
const PLAIN: u8 = 16;

impl<'s> Tree<'s> {
    /// Reads one resource.
    ///
    /// # Errors
    /// One issue with line and column where the text cannot be read at all; lesser faults are in [`Tree::faults`].
    pub fn read(bytes: &'s [u8], format: Format, limits: &Limits) -> Result<Self, Issue> {
        let text = decode(bytes, limits)?;
        match format {
            Format::Json => json::read(Cow::Borrowed(text), limits),
            Format::Xml => xml::read(Cow::Borrowed(text), limits),
        }
    }
}

impl Tree<'static> {
    /// A resource held in the FHIR JSON form, written and read again.
    ///
    /// # Errors
    /// It is nested too deeply, or no resource.
    pub fn of_value(value: &serde_json::Value) -> Result<Self, Issue> {
        let limits = Limits { max_bytes: usize::MAX, max_depth: usize::MAX };
        json::read(Cow::Owned(value.to_string()), &limits)
    }
}

impl Tree<'_> {
    /// The resource itself.
    #[must_use]
    pub const fn root(&self) -> Node<'_> {
        Node { tree: self, at: 0 }
    }

    /// The format it was read from.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is wrong with the text itself, with path and position.
    #[must_use]
    pub fn faults(&self) -> &[Issue] {
        &self.faults
    }

    /// How many elements there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Never: there is always the resource.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The element of a number given by [`Node::number`]; the root for any other.
    #[must_use]
    pub const fn node(&self, number: u32) -> Node<'_> {
        Node { tree: self, at: if (number as usize) < self.cells.len() { number } else { 0 } }
    }
}

/// An element of a [`Tree`]: a place in it, cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    at: u32,
}

impl PartialEq for Node<'_> {
    /// The same place in the same tree.
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && std::ptr::eq(self.tree, other.tree)
    }
}

impl Eq for Node<'_> {}

impl std::fmt::Debug for Node<'_> {
    /// Where it is, never what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({}, {})", self.at, self.name().text())
    }
}

impl<'t> Node<'t> {
    const NONE: Cell = Cell {
        name: Name::UNKNOWN,
        of: Name::UNKNOWN,
        kind: Kind::Nothing,
        marks: 0,
        place: 0,
        offset: 0,
        value: (0, 0),
        parent: 0,
        first: 0,
        next: 0,
    };

    fn cell(self) -> &'t Cell {
        self.tree.cells.get(self.at as usize).unwrap_or(&Self::NONE)
    }

    fn link(self, to: u32) -> Option<Self> {
        (to != 0).then_some(Self { tree: self.tree, at: to })
    }

    /// The tree it is in.
    #[must_use]
    pub const fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// Its number in the tree, in the order of the document; the root is 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.at
    }

    /// Its name as JSON has it (`valueString`), of the root its resource type; [`Name::UNKNOWN`] if R4 has no such name.
    #[must_use]
    pub fn name(self) -> Name {
        self.cell().name
    }

    /// Its name as written, even if R4 has no such name.
    #[must_use]
    pub fn written_name(self) -> &'t str {
        let name = self.cell().name;
        if name.is_known() {
            return name.text();
        }
        let found = self.tree.strangers.binary_search_by_key(&self.at, |stranger| stranger.0);
        let span = found.ok().and_then(|at| self.tree.strangers.get(at));
        span.and_then(|(_, start, end)| self.tree.source.get(*start as usize..*end as usize)).unwrap_or("")
    }

    /// Which of the repetitions of its name it is, from 0.
    #[must_use]
    pub fn place(self) -> usize {
        self.cell().place as usize
    }

    /// Whether it stood in a JSON array.
    #[must_use]
    pub fn is_listed(self) -> bool {
        self.cell().marks & LISTED != 0
    }

    /// Whether JSON has a `_name` for it.
    #[must_use]
    pub fn has_companion(self) -> bool {
        self.cell().marks & COMPANION != 0
    }

    /// What its value is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.cell().kind
    }

    /// Its value as text: of a string what it says, of a number or truth value how it is written.
    #[must_use]
    pub fn value(self) -> Option<&'t str> {
        let cell = self.cell();
        if matches!(cell.kind, Kind::Nothing | Kind::Object) {
            return None;
        }
        let text: &'t str = if cell.marks & SPARE == 0 { &self.tree.source } else { &self.tree.spare };
        text.get(cell.value.0 as usize..cell.value.1 as usize)
    }

    /// Whether it names a resource type, and so is a resource (or claims to be).
    #[must_use]
    pub fn is_resource(self) -> bool {
        self.cell().marks & RESOURCE != 0
    }

    /// The type of a resource; [`Name::UNKNOWN`] for what is none, or of a type R4 does not have.
    #[must_use]
    pub fn resource_type(self) -> Name {
        self.cell().of
    }

    /// The element it stands in; `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        (self.at != 0).then_some(Self { tree: self.tree, at: self.cell().parent })
    }

    /// Its children, in the order of the source, repetitions of a name side by side.
    #[must_use]
    pub fn children(self) -> Children<'t> {
        Children { next: self.link(self.cell().first) }
    }

    /// What stands beside it, the next in the order of [`Node::children`].
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.link(self.cell().next)
    }

    /// Whether it has children.
    #[must_use]
    pub fn has_children(self) -> bool {
        self.cell().first != 0
    }

    /// The first child of a name.
    #[must_use]
    pub fn child(self, name: Name) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// All children of a name.
    pub fn all(self, name: Name) -> impl Iterator<Item = Self> + use<'t> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The value of the first child of a name.
    #[must_use]
    pub fn text(self, name: Name) -> Option<&'t str> {
        self.child(name)?.value()
    }

    /// The resource it stands in, itself if it is one.
    #[must_use]
    pub fn resource(self) -> Self {
        let mut at = self;
        while !at.is_resource() {
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// Where it begins in the source, in bytes.
    #[must_use]
    pub fn offset(self) -> usize {
        self.cell().offset as usize
    }

    /// Line and column where it begins, both from 1, counted in characters.
    #[must_use]
    pub fn position(self) -> (usize, usize) {
        self.tree.position(self.offset())
    }
}

/// Children of an element.
#[derive(Debug, Clone)]
pub struct Children<'t> {
    next: Option<Node<'t>>,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let now = self.next?;
        self.next = now.link(now.cell().next);
        Some(now)
    }
}
