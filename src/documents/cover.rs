//! What stands on the cover of a document, whatever its kind: whom it is about, who wrote it, when, who gets it.
//! Repeats what the document says; what a letter makes of it is `render`'s.

use super::parts::{Addressee, Author, Person, Section};
use super::{Document, Referral};
use crate::model::DocumentKind;

/// The parts of a document that stand before and around its text.
#[derive(Clone)]
pub struct Cover {
    pub kind: DocumentKind,
    pub person: Person,
    pub author: Author,
    /// When it was written or sent, as stated, with offset.
    pub written: Option<String>,
    /// The sender's own identifier.
    pub reference: String,
    /// A full document follows.
    pub interim: bool,
    /// Whom it asks for something.
    pub to: Option<Addressee>,
    /// Who else gets it.
    pub copies: Vec<Addressee>,
}

/// A document in words: its cover and its sections.
pub type Words = (Cover, Vec<Section>);

impl Cover {
    /// The cover of a plan or letter.
    #[must_use]
    pub fn of<D: Document>(document: &D) -> Self {
        let frame = document.frame();
        Self {
            kind: D::KIND,
            person: frame.person.clone(),
            author: frame.author.clone(),
            written: Some(frame.written.to_owned()),
            reference: frame.id.to_owned(),
            interim: frame.interim,
            to: None,
            copies: frame.copies.to_vec(),
        }
    }

    /// The cover of a referral.
    #[must_use]
    pub fn of_referral(referral: &Referral) -> Self {
        Self {
            kind: DocumentKind::Referral,
            person: referral.person.clone(),
            author: referral.referrer.author(),
            written: referral.sent.clone(),
            reference: referral.id.clone(),
            interim: false,
            to: referral.service.clone(),
            copies: referral.copies.clone(),
        }
    }
}
