//! Who reads a document: somebody who works with the person, the person as "you", or the person as "I" in a plan of their
//! own. Owns the words that differ; what a document says is the same for all of them.

use super::{Author, Person, PersonName};
use crate::model::DocumentKind;

/// How the person is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::documents) enum Voice {
    /// "The person": between professionals.
    They,
    /// "You": a letter to the person.
    You,
    /// "I": the person's own plan.
    I,
}

/// A reader and what they know already from the head of the document.
#[derive(Clone, Copy)]
pub(in crate::documents) struct Reader<'a> {
    pub(in crate::documents) voice: Voice,
    /// The person and the author of the document, where it is in hand.
    known: Option<(&'a Person, &'a Author)>,
}

impl<'a> Reader<'a> {
    /// Somebody who knows nothing of the document around what they read.
    pub(in crate::documents) const PROFESSIONAL: Reader<'static> = Reader { voice: Voice::They, known: None };

    pub(in crate::documents) const fn of(kind: DocumentKind, person: &'a Person, author: &'a Author) -> Self {
        let voice = match kind {
            DocumentKind::SafetyPlan | DocumentKind::CarePlan | DocumentKind::CarersPlan => Voice::I,
            kind if kind.is_to_person() => Voice::You,
            _ => Voice::They,
        };
        Self { voice, known: Some((person, author)) }
    }

    pub(in crate::documents) const fn is_you(self) -> bool {
        matches!(self.voice, Voice::You)
    }

    /// The words for this reader.
    pub(in crate::documents) const fn say(
        self,
        they: &'static str,
        you: &'static str,
        own: &'static str,
    ) -> &'static str {
        match self.voice {
            Voice::They => they,
            Voice::You => you,
            Voice::I => own,
        }
    }

    /// Whether an author of a statement is the person who reads: by their name as it stands, or as people are addressed.
    pub(in crate::documents) fn is_self(self, author: &str) -> bool {
        let Some((person, _)) = self.known else { return false };
        let addressed = |name: &PersonName| Some(format!("{} {}", name.prefix.first()?, name.family.as_deref()?));
        let plain = |name: &PersonName| Some(format!("{} {}", name.given.first()?, name.family.as_deref()?));
        person.names.iter().any(|name| {
            name.line() == author
                || addressed(name).as_deref() == Some(author)
                || plain(name).as_deref() == Some(author)
        })
    }

    /// Whether an organisation is the one the document comes from, which its head names.
    pub(in crate::documents) fn is_sender(self, organisation: &str) -> bool {
        let sender = self.known.and_then(|(_, author)| author.organisation.as_ref());
        sender.is_some_and(|sender| sender.name.as_deref() == Some(organisation))
    }
}
