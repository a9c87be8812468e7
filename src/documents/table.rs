//! What a plan or letter is made of, as data: a frame that all of them share, headings, and fields under them. The
//! `document!` macro turns one such table into the serde type and into the table that `map`, the readable text and the
//! tests go by, so that a field exists in all or in none. Knows nothing of FHIR but the names of its resources.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::frame::{Frame, OwnFrame};
use super::parts::{
    Allergy, Answer, Asking, Attachment, ConsentPosition, Consultation, Contact, Diagnosis, Dialog, FollowUp,
    Formulation, HandoverStatus, HelpWanted, HospitalStay, Informed, Known, Lead, LegalStatus, Medication, Need,
    Procedure, Progress, RelatedPerson, Request, Review, Section, Service, SharedCareDecision, Statement, TeamCare,
    TeamMember, Telling, Unmapped,
};
use super::reading;
use super::required::{Missing, Requirement};
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
    /// What the trust asks of such a document beyond what the schema needs to make sense of it.
    const REQUIRED: &'static [Requirement<Self>] = &[];

    /// The parts every document has.
    fn frame(&self) -> Frame<'_>;

    /// A document of nothing but its frame.
    fn with_frame(frame: OwnFrame) -> Self;

    /// The document with the parts that are read last.
    #[must_use]
    fn completed(self, attachments: Vec<Attachment>, consent: Option<ConsentPosition>) -> Self;

    /// The document with what had no place in it.
    #[must_use]
    fn keeping(self, unmapped: Vec<Unmapped>) -> Self;

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
        reading::readable(self)
    }

    /// What the trust asks for and the document lacks, in the order of [`Self::REQUIRED`]. Never a reason to refuse.
    fn missing(&self) -> Vec<Missing> {
        let lacking = Self::REQUIRED.iter().filter(|requirement| !(requirement.met)(self));
        lacking.map(|requirement| requirement.item).collect()
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
    /// Statements that record systems show as alerts.
    Flag(Slot<D, Known<Statement>>),
    /// Yes or no with who and when, an Observation.
    Answer(Slot<D, Answer>),
    /// Standing under the Mental Health Act, an Observation.
    LegalStatus(Slot<D, Known<LegalStatus>>),
    /// The five Ps, each statement a RiskAssessment.
    Formulation(Slot<D, Formulation>),
    RelatedPerson(Slot<D, Known<RelatedPerson>>),
    /// Professionals as PractitionerRole, services as HealthcareService.
    Contact(Slot<D, Known<Contact>>),
    MedicationStatement(Slot<D, Known<Medication>>),
    Condition(Slot<D, Known<Diagnosis>>),
    AllergyIntolerance(Slot<D, Known<Allergy>>),
    Procedure(Slot<D, Known<Procedure>>),
    /// A stay in hospital.
    Encounter(Slot<D, HospitalStay>),
    /// Care by a community team.
    EpisodeOfCare(Slot<D, TeamCare>),
    /// Services somebody uses or is referred to, each with whoever provides it.
    ServiceRequest(Slot<D, Known<Service>>),
    /// Contacts arranged after discharge, each a Task.
    FollowUp(Slot<D, Known<FollowUp>>),
    /// People the person wants informed: a permission in a Consent.
    Inform(Slot<D, Known<Informed>>),
    /// People the person does not want informed: an objection in a Consent.
    DoNotInform(Slot<D, Known<Informed>>),
    /// Task with the day by which the plan is looked at again.
    Review(Slot<D, Review>),
    /// Needs as Goal, how each is met as Task.
    Goal(Slot<D, Known<Need>>),
    /// Everybody involved, with PractitionerRole and Organization.
    CareTeam(Slot<D, Known<TeamMember>>),
    /// DIALOG, with an Observation a score.
    QuestionnaireResponse(Slot<D, Known<Dialog>>),
    /// What the person wants help with: Observation with a code of ours.
    HelpWanted(Slot<D, Known<HelpWanted>>),
    /// What is asked of a clinician: CommunicationRequest.
    Asking(Slot<D, Asking>),
    /// What a clinician is told: Communication.
    Telling(Slot<D, Telling>),
    /// What a service or a clinician is asked to take on: ServiceRequest.
    Request(Slot<D, Request>),
    /// What became of a handover: Task.
    Outcome(Slot<D, Progress<HandoverStatus>>),
    /// What the GP says to a shared-care request: Task.
    Decision(Slot<D, Progress<SharedCareDecision>>),
    /// Who leads on which area of care: a CareTeam an area.
    Lead(Slot<D, Known<Lead>>),
    /// The first private consultation: Encounter.
    Consultation(Slot<D, Consultation>),
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

/// A code that says what sort of document it is, kept in `Composition.category`.
pub struct Mark<D> {
    /// Last part of the code system's address below our base.
    pub system: &'static str,
    pub title: &'static str,
    /// Every code with its words.
    pub codes: fn() -> Vec<(&'static str, &'static str)>,
    /// Code and words.
    pub get: fn(&D) -> Option<(&'static str, &'static str)>,
    /// Takes a code; says whether it is one.
    pub set: fn(&mut D, &str) -> bool,
}

/// Declares a document: its serde type and its table.
macro_rules! document {
    (
        $(#[$meta:meta])*
        $name:ident, $schema:literal, types $types:expr $(, required $required:expr)?;
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
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub unmapped: Vec<parts::Unmapped>,
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
            $(const REQUIRED: &'static [$crate::documents::required::Requirement<Self>] = $required;)?
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
                    codes: || <$mark_type>::ALL.iter().map(|mark| (mark.code(), mark.title())).collect(),
                    get: |document| document.$mark.map(|mark| (mark.code(), mark.title())),
                    set: |document, code| {
                        document.$mark = <$mark_type>::from_code(code).or(document.$mark);
                        document.$mark.is_some_and(|mark| mark.code() == code)
                    },
                },
            )*];

            fn frame(&self) -> $crate::documents::frame::Frame<'_> {
                $crate::documents::frame::Frame {
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
                    unmapped: &self.unmapped,
                }
            }

            fn with_frame(frame: $crate::documents::frame::OwnFrame) -> Self {
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
                    unmapped: Vec::new(),
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

            fn keeping(self, unmapped: Vec<parts::Unmapped>) -> Self {
                Self { unmapped, ..self }
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
