//! What every plan and letter has beside its headings: whom it is about, who wrote it, who agreed, who else gets it. A
//! letter to the person says "you". Knows no kind of document.

use super::parts::{
    Addressee, Agreement, Attachment, Author, ConsentPosition, Person, PersonName, Reader, Sections, Side, Unmapped,
    spoken,
};
use crate::model::DocumentKind;

/// The parts every document has, borrowed.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The sender's own identifier of this document.
    pub id: &'a str,
    /// When it was written, with offset.
    pub written: &'a str,
    /// A full document follows.
    pub interim: bool,
    /// Identifier of the document this one replaces.
    pub replaces: Option<&'a str>,
    pub person: &'a Person,
    pub author: &'a Author,
    /// Who else should get it.
    pub copies: &'a [Addressee],
    pub consent: Option<&'a ConsentPosition>,
    pub agreements: &'a [Agreement],
    pub attachments: &'a [Attachment],
    /// What another system said that has no place here.
    pub unmapped: &'a [Unmapped],
}

/// The parts a reader fills first, owned.
#[derive(Default)]
pub struct OwnFrame {
    pub id: String,
    pub written: String,
    pub interim: bool,
    pub replaces: Option<String>,
    pub person: Person,
    pub author: Author,
    pub copies: Vec<Addressee>,
    pub agreements: Vec<Agreement>,
}

impl Frame<'_> {
    /// Who reads it.
    pub(super) const fn reader(&self, kind: DocumentKind) -> Reader<'_> {
        Reader::of(kind, self.person, self.author)
    }

    /// The frame in the words of a reader.
    pub(super) fn read_out(&self, reader: Reader<'_>, out: &mut Sections) {
        out.add(
            reader.say("How to reach the person", "How we reach you", "How to reach me"),
            self.person.reach(reader),
        );
        let agreed = self.agreements.iter().map(|agreement| match agreement.by {
            Side::Person => agreement.line_as(reader.say("the person", "you", "me")),
            Side::Carer => agreement.line_as(reader.say("carer", "your carer", "my carer")),
            Side::Gp => agreement.line_as(reader.say("GP", "your GP", "my GP")),
            Side::Practitioner => agreement.line_as(reader.say("practitioner", "for our team", "practitioner")),
        });
        out.add("Agreed by", agreed.collect());
        out.add("Written by", self.author.lines_for(reader));
        out.add(reader.say("GP practice", "Your GP practice", "My GP practice"), {
            let practice = self.person.gp_practice.iter().map(|practice| practice.label().to_owned());
            practice.chain(self.person.usual_gp.clone()).collect()
        });
        out.add("Copies to", self.copies.iter().map(Addressee::label).map(str::to_owned).collect());
        let wishes = self.consent.map(|position| position.lines_for(reader)).unwrap_or_default();
        out.add(reader.say("Consent to share", "What you said about sharing", "What I said about sharing"), wishes);
        out.add("Attachments", self.attachments.iter().map(|file| file.title.clone()).collect());
        out.add("Also received", Unmapped::words(self.unmapped));
        let replaces = self
            .replaces
            .map(|id| format!("{} {id}", reader.say("Replaces", "This letter replaces our letter", "Replaces")));
        let reference = [format!("Reference {}", self.id), format!("Written {}", spoken(self.written))];
        out.add("Reference", reference.into_iter().chain(replaces).collect());
    }

    /// How the person is called.
    #[must_use]
    pub fn person_name(&self) -> String {
        self.person.names.first().map_or_else(|| "somebody without a name".to_owned(), PersonName::line)
    }

    /// Whether a copy goes to the GP practice: by directory id, ODS code or name.
    #[must_use]
    pub fn copied_to_gp(&self) -> bool {
        let Some(practice) = &self.person.gp_practice else { return false };
        self.copies.iter().any(|copy| copy.is(practice))
    }
}
