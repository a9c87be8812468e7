//! What a plan or letter is made of, as data: a frame that all of them share, headings, and fields under them. The
//! `document!` macro turns one such table into the serde type and into the table that `map`, the readable text and the
//! tests go by, so that a field exists in all of them or in none. Knows nothing of FHIR but the names of its resources.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::parts::{
    Addressee, Agreement, Attachment, Author, ConsentPosition, Contact, Formulation, Informed, Known, Medication,
    Person, PersonName, RelatedPerson, Review, Section, Sections, Statement,
};
use crate::model::{DataCategory, DocumentKind, Issue, IssueCode};

/// A document made of a frame and a table of headings.
pub trait Document: Sized + Serialize + DeserializeOwned + 'static {
    const KIND: DocumentKind;
    /// The published JSON Schema, byte for byte as in `profiles/cmht`.
    const SCHEMA: &'static str;
    /// Codes of others for this type of document: SNOMED CT code and display (`codes.md` §1).
    const TYPES: &'static [(&'static str, &'static str)];
    const HEADINGS: &'static [Heading<Self>];
    /// Codes that say what sort of this kind it is.
    const MARKS: &'static [Mark<Self>];

    /// The parts every document has.
    fn frame(&self) -> Frame<'_>;

    /// A document of nothing but its frame.
    fn with_frame(frame: OwnFrame) -> Self;

    /// The document with the parts that are read last.
    #[must_use]
    fn completed(self, attachments: Vec<Attachment>, consent: Option<ConsentPosition>) -> Self;

    /// The kind the document itself states.
    fn kind(&self) -> DocumentKind;

    /// Reads a document that has passed the schema.
    ///
    /// # Errors
    /// One issue when it does not fit the types or says it is of another kind; the text names no value.
    fn from_json(value: Value) -> Result<Self, Issue> {
        let read: Option<Self> = serde_json::from_value(value).ok();
        read.filter(|document| document.kind() == Self::KIND).ok_or_else(|| {
            let kind = Self::KIND.code();
            Issue::error(
                IssueCode::Structure,
                format!(
                    "This is not a {kind} as the published schema describes it. Check it against \
                     https://fhir.cmht-gateway.example/schema/{kind}/v1."
                ),
            )
        })
    }

    /// The document as JSON.
    fn to_json(&self) -> Value {
        // Only maps with keys other than text, or a failing Serialize, could make this fail; the types hold neither.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The document in words. Headings without content are left out.
    fn readable(&self) -> Vec<Section> {
        let frame = self.frame();
        let mut out = Sections::default();
        out.add("Who", frame.person.who());
        for mark in Self::MARKS {
            out.add(mark.title, (mark.get)(self).map(|(_, words)| words.to_owned()).into_iter().collect());
        }
        if frame.interim {
            out.add("Interim", vec!["A full document follows.".to_owned()]);
        }
        for heading in Self::HEADINGS {
            heading.read_out(self, &mut out);
        }
        frame.read_out(&mut out);
        out.into_vec()
    }
}

/// Where a value stands in a document.
pub struct Slot<D, T> {
    /// The value, where there is one.
    pub get: fn(&D) -> Option<&T>,
    /// Where a value goes.
    pub slot: fn(&mut D) -> &mut Option<T>,
}

/// What a field holds, named after the FHIR resource that carries it.
pub enum Content<D> {
    Observation(Slot<D, Known<Statement>>),
    /// The five Ps, each statement a RiskAssessment.
    Formulation(Slot<D, Formulation>),
    RelatedPerson(Slot<D, Known<RelatedPerson>>),
    /// Professionals as PractitionerRole, services as HealthcareService.
    Contact(Slot<D, Known<Contact>>),
    MedicationStatement(Slot<D, Known<Medication>>),
    /// People the person wants informed: a permission in a Consent.
    Inform(Slot<D, Known<Informed>>),
    /// People the person does not want informed: an objection in a Consent.
    DoNotInform(Slot<D, Known<Informed>>),
    /// Task with the day by which the plan is looked at again.
    Review(Slot<D, Review>),
}

/// One question of a document.
pub struct Field<D> {
    /// Code in our `document-item` CodeSystem.
    pub key: &'static str,
    pub title: &'static str,
    pub content: Content<D>,
}

/// Questions that stand together. One data category for all of them, so that `consent` can withhold the section whole.
pub struct Heading<D: 'static> {
    /// Code in our `document-section` CodeSystem.
    pub key: &'static str,
    pub title: &'static str,
    pub category: DataCategory,
    /// UK Core record standard heading, code and display, where there is one (`codes.md` §2).
    pub record_heading: Option<(&'static str, &'static str)>,
    pub fields: &'static [Field<D>],
}

impl<D> Heading<D> {
    fn read_out(&self, document: &D, out: &mut Sections) {
        for field in self.fields {
            field.content.read_out(document, field.title, out);
        }
    }

    /// What stands under this heading, one line an entry, each beginning with its question.
    #[must_use]
    pub fn lines(&self, document: &D) -> Vec<String> {
        let mut out = Sections::default();
        self.read_out(document, &mut out);
        let sections = out.into_vec().into_iter();
        sections.flat_map(|s| s.lines.into_iter().map(move |line| format!("{}: {line}", s.heading))).collect()
    }
}

/// A code that says what sort of document it is, kept in `Composition.category`.
pub struct Mark<D> {
    /// Last part of the code system's address below our base.
    pub system: &'static str,
    pub title: &'static str,
    /// Code and words.
    pub get: fn(&D) -> Option<(&'static str, &'static str)>,
    /// Takes a code; says whether it is one.
    pub set: fn(&mut D, &str) -> bool,
}

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
    fn read_out(&self, out: &mut Sections) {
        out.add("How to reach the person", self.person.reach());
        out.add("Agreed by", self.agreements.iter().map(Agreement::line).collect());
        out.add("Written by", self.author.lines());
        out.add("GP practice", {
            let practice = self.person.gp_practice.iter().map(|practice| practice.label().to_owned());
            practice.chain(self.person.usual_gp.clone()).collect()
        });
        out.add("Copies to", self.copies.iter().map(Addressee::label).map(str::to_owned).collect());
        out.add("Consent to share", self.consent.map(ConsentPosition::lines).unwrap_or_default());
        out.add("Attachments", self.attachments.iter().map(|file| file.title.clone()).collect());
        let replaces = self.replaces.map(|id| format!("Replaces {id}"));
        let reference = [format!("Reference {}", self.id), format!("Written {}", self.written)];
        out.add("Reference", reference.into_iter().chain(replaces).collect());
    }

    /// How the person is called.
    #[must_use]
    pub fn person_name(&self) -> String {
        self.person.names.first().map_or_else(|| "somebody without a name".to_owned(), PersonName::line)
    }
}

impl<D> Content<D> {
    fn read_out(&self, document: &D, title: &str, out: &mut Sections) {
        match self {
            Self::Observation(slot) => out.known(title, (slot.get)(document), Statement::line),
            Self::RelatedPerson(slot) => out.known(title, (slot.get)(document), RelatedPerson::line),
            Self::Contact(slot) => out.known(title, (slot.get)(document), Contact::line),
            Self::MedicationStatement(slot) => out.known(title, (slot.get)(document), Medication::line),
            Self::Inform(slot) | Self::DoNotInform(slot) => {
                out.known(title, (slot.get)(document), Informed::line);
            }
            Self::Review(slot) => out.add(title, (slot.get)(document).iter().map(|review| review.line()).collect()),
            Self::Formulation(slot) => {
                let answers = (slot.get)(document).map(Formulation::answers).into_iter().flatten();
                for (place, answer) in Formulation::PLACES.iter().zip(answers) {
                    out.known(&format!("{title}: {}", place.title), answer, Statement::line);
                }
            }
        }
    }
}

/// Declares a document: its serde type and its table.
macro_rules! document {
    (
        $(#[$meta:meta])*
        $name:ident, $schema:literal, types $types:expr;
        $(mark $(#[$mark_meta:meta])* $mark:ident: $mark_type:ty, $mark_system:literal, $mark_title:literal;)*
        $(
            $heading:literal, $heading_title:literal, $category:ident $(, $record:literal $record_display:literal)? => {
                $($(#[$field_meta:meta])* $field:ident: $type:ty as $content:ident, $key:literal, $title:literal;)+
            }
        )+
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            pub kind: $crate::model::DocumentKind,
            pub id: String,
            pub written: String,
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            pub interim: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub replaces: Option<String>,
            pub person: parts::Person,
            pub author: parts::Author,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub copies: Vec<parts::Addressee>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub consent: Option<parts::ConsentPosition>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub agreements: Vec<parts::Agreement>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub attachments: Vec<parts::Attachment>,
            $(
                $(#[$mark_meta])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $mark: Option<$mark_type>,
            )*
            $($(
                $(#[$field_meta])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )+)+
        }

        impl $crate::documents::table::Document for $name {
            const KIND: $crate::model::DocumentKind = $crate::model::DocumentKind::$name;
            const SCHEMA: &'static str = include_str!(concat!("../../profiles/cmht/", $schema));
            const TYPES: &'static [(&'static str, &'static str)] = $types;
            const HEADINGS: &'static [$crate::documents::table::Heading<Self>] = &[$(
                $crate::documents::table::Heading {
                    key: $heading,
                    title: $heading_title,
                    category: $crate::model::DataCategory::$category,
                    record_heading: document!(@record $($record $record_display)?),
                    fields: &[$(
                        $crate::documents::table::Field {
                            key: $key,
                            title: $title,
                            content: $crate::documents::table::Content::$content($crate::documents::table::Slot {
                                get: |document| document.$field.as_ref(),
                                slot: |document| &mut document.$field,
                            }),
                        },
                    )+],
                },
            )+];
            const MARKS: &'static [$crate::documents::table::Mark<Self>] = &[$(
                $crate::documents::table::Mark {
                    system: $mark_system,
                    title: $mark_title,
                    get: |document| document.$mark.map(|mark| (mark.code(), mark.title())),
                    set: |document, code| {
                        document.$mark = <$mark_type>::from_code(code).or(document.$mark);
                        document.$mark.is_some_and(|mark| mark.code() == code)
                    },
                },
            )*];

            fn frame(&self) -> $crate::documents::table::Frame<'_> {
                $crate::documents::table::Frame {
                    id: &self.id,
                    written: &self.written,
                    interim: self.interim,
                    replaces: self.replaces.as_deref(),
                    person: &self.person,
                    author: &self.author,
                    copies: &self.copies,
                    consent: self.consent.as_ref(),
                    agreements: &self.agreements,
                    attachments: &self.attachments,
                }
            }

            fn with_frame(frame: $crate::documents::table::OwnFrame) -> Self {
                Self {
                    kind: Self::KIND,
                    id: frame.id,
                    written: frame.written,
                    interim: frame.interim,
                    replaces: frame.replaces,
                    person: frame.person,
                    author: frame.author,
                    copies: frame.copies,
                    consent: None,
                    agreements: frame.agreements,
                    attachments: Vec::new(),
                    $($mark: None,)*
                    $($($field: None,)+)+
                }
            }

            fn completed(
                self,
                attachments: Vec<parts::Attachment>,
                consent: Option<parts::ConsentPosition>,
            ) -> Self {
                Self { attachments, consent, ..self }
            }

            fn kind(&self) -> $crate::model::DocumentKind {
                self.kind
            }
        }

        /// Says which kind it is and nothing about the person.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
    (@record) => { None };
    (@record $record:literal $display:literal) => { Some(($record, $display)) };
}
