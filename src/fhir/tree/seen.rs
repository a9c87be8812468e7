//! Which names the object being read has had: to find doubled keys, and to bring repetitions and companions together.
//! A few names are looked through; from many on they are hashed, or an object of a hundred thousand would take hours.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Name;

/// From how many names on an object is worth a hash map.
const FEW: usize = 32;

/// One name of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    name: Name,
    /// Of a name R4 does not have: where in `strangers` it is.
    text: usize,
    /// First and last of its cells; 0 if there are none.
    pub(super) first: u32,
    pub(super) end: u32,
    /// How many cells there are.
    pub(super) count: u32,
    /// For the reader's own use.
    pub(super) marks: u8,
}

type Index<'a> = HashMap<(Name, Cow<'a, str>), usize>;

/// The names of the object being read, behind those of the objects around it.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    entries: Vec<Entry>,
    strangers: Vec<Cow<'a, str>>,
    base: usize,
    index: Option<Box<Index<'a>>>,
}

/// What is to be restored at the end of an object.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    base: usize,
    strangers: usize,
    index: Option<Box<Index<'a>>>,
}

impl<'a> Seen<'a> {
    const NONE: Entry = Entry { name: Name::UNKNOWN, text: 0, first: 0, end: 0, count: 0, marks: 0 };

    /// Begins an object inside the present one.
    pub(super) fn open(&mut self) -> Scope<'a> {
        let base = std::mem::replace(&mut self.base, self.entries.len());
        Scope { base, strangers: self.strangers.len(), index: self.index.take() }
    }

    /// Ends the present object.
    pub(super) fn close(&mut self, scope: Scope<'a>) {
        self.entries.truncate(self.base);
        self.base = scope.base;
        self.strangers.truncate(scope.strangers);
        self.index = scope.index;
    }

    /// The number of a name's entry; a new one if the object had no such name. `text` counts only for unknown names.
    pub(super) fn find(&mut self, name: Name, text: Cow<'a, str>) -> usize {
        let next = self.entries.len();
        let found = match &mut self.index {
            None => self.look(name, &text),
            Some(index) => match index.entry((name, key(name, text.clone()))) {
                std::collections::hash_map::Entry::Occupied(known) => Some(*known.get()),
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(next);
                    None
                }
            },
        };
        if let Some(at) = found {
            return at;
        }
        self.entries.push(Entry { name, text: self.strangers.len(), ..Self::NONE });
        if !name.is_known() {
            self.strangers.push(text);
        }
        if self.index.is_none() && self.entries.len() - self.base > FEW {
            self.index = Some(Box::new(self.hashed()));
        }
        next
    }

    fn look(&self, name: Name, text: &str) -> Option<usize> {
        let own = self.entries.get(self.base..).unwrap_or_default();
        let same = |entry: &&Entry| entry.name == name && (name.is_known() || self.stranger(entry) == Some(text));
        own.iter().enumerate().find(|(_, entry)| same(entry)).map(|(at, _)| self.base + at)
    }

    fn stranger(&self, entry: &Entry) -> Option<&str> {
        self.strangers.get(entry.text).map(|text| &**text)
    }

    fn hashed(&self) -> Index<'a> {
        let own = self.entries.iter().enumerate().skip(self.base);
        let text = |entry: &Entry| self.strangers.get(entry.text).cloned().unwrap_or_default();
        own.map(|(at, entry)| ((entry.name, key(entry.name, text(entry))), at)).collect()
    }

    /// An entry by its number.
    pub(super) fn entry(&self, at: usize) -> Entry {
        self.entries.get(at).copied().unwrap_or(Self::NONE)
    }

    pub(super) fn entry_mut(&mut self, at: usize) -> Option<&mut Entry> {
        self.entries.get_mut(at)
    }

    /// The numbers of the present object's entries.
    pub(super) fn own(&self) -> std::ops::Range<usize> {
        self.base..self.entries.len()
    }
}

fn key(name: Name, text: Cow<'_, str>) -> Cow<'_, str> {
    if name.is_known() { Cow::Borrowed("") } else { text }
}
