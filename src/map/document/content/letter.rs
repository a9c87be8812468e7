//! What the readers and writers of letters, requests and outcomes have in common: the resource being read, what each
//! repeats from its document, references to documents elsewhere.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::documents::parts::{Addressee, LetterUrgency};
use crate::documents::{Document, Frame};
use crate::fhir::codes;
use crate::map::code_table::{Table, native_code};
use crate::map::document::write::Writer;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::Subject;
use crate::map::read::datatypes::code_of;
use crate::map::read::parties::{is_logical, logical_addressee};

/// FHIR request-priority of how soon an answer is wanted; `stat` is the only one above `asap`.
pub(super) const PRIORITY: Table<LetterUrgency> = &[
    (LetterUrgency::Routine, "routine", "Routine"),
    (LetterUrgency::Urgent, "urgent", "Urgent"),
    (LetterUrgency::Emergency, "stat", "STAT"),
];

/// What the readers need to know of a document: its code system of questions, and the identifier and date its resources
/// repeat.
pub(in crate::map::document) struct Own {
    pub(super) system: String,
    pub(super) id: String,
    written: String,
}

impl Own {
    pub(in crate::map::document) fn new(system: &str, frame: &Frame<'_>) -> Self {
        Self { system: system.to_owned(), id: frame.id.to_owned(), written: frame.written.to_owned() }
    }
}

/// One resource being read.
pub(in crate::map::document) struct Here<'s, 'b> {
    pub(in crate::map::document) at: Subject<'s, 'b>,
    pub(in crate::map::document) place: usize,
    pub(in crate::map::document) own: Rc<Own>,
}

impl<'s, 'b> Here<'s, 'b> {
    pub(super) fn value(&self) -> &'b Value {
        self.at.source.value(self.place)
    }

    /// Begins to read; passes over what every one of our resources repeats from its document.
    pub(super) fn open(&self, subject: &str, date: &str) -> Element<'s> {
        let mut element = self.at.source.open(self.place);
        element.ignore(&[subject]);
        element.expect(date, &[&self.own.written]);
        let ours = self.value().get("identifier") == Some(&json!([own_identifier(&self.own.id)]));
        element.ignore_if(ours, "identifier");
        element
    }

    /// Whether a reference leads to one of those who wrote the document.
    pub(super) fn is_author(&self, reference: Option<&Value>) -> bool {
        let Some(place) = reference.and_then(|reference| self.at.source.locate(reference)) else { return false };
        let composition = self.at.source.of_type("Composition").into_iter().next();
        let authors = composition.and_then(|place| self.at.source.value(place).get("author")?.as_array());
        authors.into_iter().flatten().any(|author| self.at.source.locate(author) == Some(place))
    }

    /// Passes over a reference to an author of the document; anybody else stays and is so reported.
    pub(super) fn author(&self, element: &mut Element<'_>, key: &str) {
        let known = self.is_author(element.peek(key));
        element.ignore_if(known, key);
    }

    /// A team or organisation; one that is only named is kept as it stands.
    pub(super) fn addressee(&self, reference: Element<'_>) -> Option<Addressee> {
        if is_logical(&reference) {
            logical_addressee(reference)
        } else {
            self.at.addressee_at(reference, self.value())
        }
    }

    /// The code of the question, kept where the resource has no `code` of its own.
    pub(super) fn take_question(&self, element: &mut Element<'_>, key: &str) {
        for mut concept in element.children(key) {
            code_of(&mut concept, &self.own.system, |_| Some(()));
        }
    }
}

impl<D: Document> Writer<'_, D> {
    /// The professional who wrote the document, or the person where nobody else did.
    pub(super) fn writer(&self) -> Option<Value> {
        self.authors().pop()
    }
}

/// Identifier of a document, for the resource that stands for it and for references from other documents.
pub(super) fn own_identifier(id: &str) -> Value {
    json!({"system": codes::DOCUMENT_ID, "value": id})
}

/// Logical Reference to a document elsewhere.
pub(super) fn elsewhere(kind: Option<&str>, id: &str) -> Value {
    kind.map_or_else(
        || json!({"identifier": own_identifier(id)}),
        |kind| json!({"type": kind, "identifier": own_identifier(id)}),
    )
}

/// The identifier in a reference to a document elsewhere.
pub(super) fn id_elsewhere(mut reference: Element<'_>) -> Option<String> {
    let mut identifier = reference.child("identifier")?;
    let value = identifier.string("value")?;
    identifier.expect("system", &[codes::DOCUMENT_ID]);
    reference.ignore(&["type"]);
    Some(value)
}

pub(super) fn attention(who: Option<&str>) -> Option<Value> {
    who.map(|who| json!([{"url": extensions::FOR_ATTENTION_OF, "valueString": who}]))
}

pub(super) fn urgency(element: &mut Element<'_>) -> Option<LetterUrgency> {
    element.parsed("priority", |code| native_code(PRIORITY, code))
}
