//! The `div` of a narrative, read and checked in one pass (<https://hl7.org/fhir/R4/narrative.html>, and what HL7's
//! validator asks beyond it): the one reader for JSON's text, XML's markup, the validator and `safe`. Keeps nothing but
//! what is wrong, the ids and the links; copies nothing but addresses with references in them. Changes nothing.

mod elements;
mod form;
mod links;
mod prefixes;
mod reader;
pub(super) mod scan;
#[cfg(test)]
mod tests;
mod wrong;

use std::borrow::Cow;

pub use reader::read;
pub use wrong::Wrong;

/// What a narrative holds.
#[derive(Debug, Default)]
pub struct Narrative<'a> {
    /// What is wrong, each once, with the offset in the markup.
    pub faults: Vec<(usize, Wrong<'a>)>,
    /// Whether there is something to see (txt-2).
    pub has_content: bool,
    /// The ids in it, and the names of its anchors.
    pub ids: Vec<&'a str>,
    /// What its links (`false`) and pictures (`true`) point at within the resource, without `#`.
    pub targets: Vec<(Cow<'a, str>, bool)>,
    /// `lang` and `xml:lang` of the root, or of the first part where all parts have one.
    pub language: (Option<&'a str>, Option<&'a str>),
}

/// Whether narratives may use the element.
pub(super) fn is_element(name: &str) -> bool {
    elements::named(name).is_some()
}
