//! Remarks about a reading, and what is kept because it has no native place. Each remark once, each value once, in the
//! order they came. There may be tens of thousands.

use std::cell::RefCell;
use std::collections::HashSet;

use serde_json::Value;

use super::{Note, NoteKind};
use crate::documents::parts::Unmapped;

#[derive(Default)]
pub(super) struct Notes {
    list: RefCell<Vec<Note>>,
    known: RefCell<HashSet<Note>>,
    kept: RefCell<Vec<Unmapped>>,
    /// Addresses of the values that are kept: an entry may be read twice. All of them stand in the bundle, which stays
    /// where it is while it is read.
    held: RefCell<HashSet<usize>>,
}

impl Notes {
    /// Adds a remark. One about something dropped should come with its value ([`Notes::dropped`]); where it does not,
    /// the value is looked up by path when reading ends.
    pub(super) fn add(&self, kind: NoteKind, path: impl Into<String>, text: impl Into<String>) {
        let note = Note { kind, path: path.into(), text: text.into() };
        if self.known.borrow_mut().insert(note.clone()) {
            self.list.borrow_mut().push(note);
        }
    }

    pub(super) fn coerced(&self, path: impl Into<String>, text: &str) {
        self.add(NoteKind::Coerced, path, text);
    }

    pub(super) fn defaulted(&self, path: impl Into<String>, text: &str) {
        self.add(NoteKind::Defaulted, path, text);
    }

    /// Remarks that a value of the bundle has no native place, and keeps it.
    pub(super) fn dropped(&self, path: &impl ToString, value: &Value, text: &str) {
        self.add(NoteKind::Dropped, path.to_string(), text);
        self.keep(path, value);
    }

    /// Keeps a value of the bundle without a remark.
    pub(super) fn keep(&self, path: &impl ToString, value: &Value) {
        if self.held.borrow_mut().insert(std::ptr::from_ref(value).addr()) {
            self.kept.borrow_mut().push(Unmapped { path: path.to_string(), value: value.clone() });
        }
    }

    /// Takes in what was kept in an earlier reading of the same document.
    pub(super) fn carried(&self, one: Unmapped) {
        self.kept.borrow_mut().push(one);
    }

    /// Remarks about something dropped whose value nobody has kept.
    pub(super) fn without_value(&self) -> Vec<String> {
        let kept = self.kept.borrow();
        let paths: HashSet<&str> = kept.iter().map(|one| one.path.as_str()).collect();
        let list = self.list.borrow();
        let dropped = list.iter().filter(|note| note.kind == NoteKind::Dropped);
        dropped.map(|note| &note.path).filter(|path| !paths.contains(path.as_str())).cloned().collect()
    }

    pub(super) fn into_parts(self) -> (Vec<Note>, Vec<Unmapped>) {
        (self.list.into_inner(), self.kept.into_inner())
    }
}
