//! Native documents to FHIR bundles and back. Pure and total: what has no place on the other side is reported, never
//! lost in silence. Decides nothing about validity, consent or routing.

pub mod clock_notice;
mod code_table;
pub mod document;
mod element;
pub(crate) mod extensions;
pub mod information_request;
mod kinds;
mod lookup;
mod notes;
mod path;
mod read;
pub mod referral;
mod source;
pub mod status_update;
pub mod task_message;
mod unmapped;
mod write;

pub use kinds::{Readable, kind_of, missing, readable, to_fhir, to_native, words};

/// A result, with everything worth knowing about how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped<T> {
    pub value: T,
    pub notes: Vec<Note>,
}

impl<T> Mapped<T> {
    /// The same result in another form.
    pub fn map<U>(self, other: impl FnOnce(T) -> U) -> Mapped<U> {
        Mapped { value: other(self.value), notes: self.notes }
    }

    /// Whether nothing was left behind.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.notes.iter().all(|note| note.kind != NoteKind::Dropped)
    }
}

/// What happened to a part that did not simply cross over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// It has no place on the other side.
    Dropped,
    /// It was absent and the standard says what that means.
    Defaulted,
    /// It was put where it fits best, or in other words.
    Coerced,
}

/// One remark. The text names elements, never values: it may be logged and shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Note {
    pub kind: NoteKind,
    /// FHIRPath of the element.
    pub path: String,
    pub text: String,
}
