//! What the trust asks of a document beyond what can be processed, as data: each kind lists its own, with the line of the
//! procedure. A document that lacks some of it is accepted, and what it lacks is told. Ids are stable: the profiles'
//! constraints carry the same.

use super::parts::Known;
use super::referral::MissingItem;

/// One thing the trust asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// `DL-1` and the like; also the key of the constraint in our profile.
    pub id: &'static str,
    /// What it is, in plain English.
    pub title: &'static str,
    /// What to send.
    pub ask: &'static str,
    /// Where the trust asks for it.
    pub source: &'static str,
    /// Where in the native document.
    pub pointer: &'static str,
    /// Where in the FHIR form.
    pub fhir_path: &'static str,
}

/// The 16 items of a referral have numbers and keys of their own.
impl From<MissingItem> for Missing {
    fn from(item: MissingItem) -> Self {
        let MissingItem { key, title, ask, pointer, fhir_path, .. } = item;
        Self { id: key, title, ask, source: "L509-527", pointer, fhir_path }
    }
}

/// A thing the trust asks for, and how to see whether a document has it.
pub struct Requirement<D: 'static> {
    pub item: Missing,
    /// The same in FHIRPath, on the document Bundle. Stands in braces: `{key}` for the resources that answer a question,
    /// "none known" among them; `{+key}` without that; `{is system code}` for "the document is marked so"; `{of system
    /// code}` for "one of its codings is"; the rest is in `guide`, which fills them in.
    pub invariant: &'static str,
    /// Whether the document has it; true as well where it does not apply.
    pub met: fn(&D) -> bool,
}

/// The entries of an answer; none where there is no answer or none is known.
pub(in crate::documents) fn listed<T>(answer: Option<&Known<T>>) -> &[T] {
    answer.map_or(&[], Known::entries)
}

/// Whether an answer has an entry: that nobody or nothing is known would not do.
pub(in crate::documents) fn has_entries<T>(answer: Option<&Known<T>>) -> bool {
    !listed(answer).is_empty()
}

/// Declares the requirements of a kind: id, title, source, JSON pointer, FHIR path, what to ask, invariant, test.
macro_rules! requirements {
    ($name:ident of $document:ty:
        $($id:literal, $title:literal, $source:literal, $pointer:literal, $path:literal, $ask:literal,
        $invariant:literal, $met:expr;)+) => {
        /// What the trust asks of this kind of document.
        pub const $name: &[$crate::documents::required::Requirement<$document>] = &[
            $($crate::documents::required::Requirement {
                item: $crate::documents::required::Missing {
                    id: $id,
                    title: $title,
                    ask: $ask,
                    source: $source,
                    pointer: $pointer,
                    fhir_path: $path,
                },
                invariant: $invariant,
                met: $met,
            },)+
        ];
    };
}
