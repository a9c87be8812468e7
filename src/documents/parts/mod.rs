//! Parts that several documents share (`cmht-documents.md` §7): the person, organisations, professionals, statements,
//! medication, contacts in a crisis, agreement, wishes about sharing. Knows no document.

mod agreement;
mod answer;
mod clinical;
mod contact;
mod dialog;
mod help;
mod informed;
mod known;
mod lead;
mod letter;
mod moment;
mod narrative;
mod need;
mod parties;
mod person;
mod phrase;
mod progress;
mod readable;
mod reader;
mod risk;
mod service;
mod sharing;
mod spell;
mod team;
mod unmapped;

pub use agreement::{Agreement, Review, Side};
pub use answer::{Answer, YesNo};
pub use clinical::{Allergy, Attachment, Certainty, Code, ConditionStatus, Diagnosis, Medication, MedicationStatus};
pub use contact::{Contact, ContactKind};
pub use dialog::{Dialog, DialogAnswer, DialogArea, DialogAreas};
pub use help::{HelpKind, HelpWanted};
pub use informed::Informed;
pub use known::{Form, Known, NONE_KNOWN, Statement};
pub use lead::{Consultation, Funding, Lead};
pub use letter::{Asking, LetterUrgency, Request, Telling};
pub(crate) use moment::{day, in_words, spoken, spoken_day};
pub(crate) use narrative::plain_text;
pub use need::{Action, ActionStatus, Doer, Need, NeedStatus};
pub use parties::{Addressee, Author, Organisation, Registration, RegistrationBody};
pub use person::{
    Address, AddressUse, ContactMethod, ContactPreferences, ETHNIC_CATEGORIES, EthnicOrigin, Gender, Identifier,
    Language, NameUse, NhsNumberAnswer, Person, PersonName, RelatedPerson, Telecom, TelecomSystem, TelecomUse,
    Unavailable, Verification, WrittenFormat,
};
pub(in crate::documents) use phrase::strung;
pub(crate) use phrase::{capital, nhs_number, phone};
pub use progress::{HandoverStatus, Progress, SharedCareDecision, Status};
pub use readable::Section;
pub(in crate::documents) use readable::{NONE, Sections};
pub(in crate::documents) use reader::Reader;
pub use risk::Formulation;
pub use service::{FollowUp, FollowUpKind, FollowUpStatus, Procedure, Service, ServiceStatus};
pub use sharing::{ConsentPosition, Recipient, Sharing, Wish};
pub use spell::{
    AdmissionMethod, DischargeMethod, HospitalStay, LegalClassification, LegalMoment, LegalStatus, TeamCare,
};
pub use team::{MemberKind, TeamMember};
pub use unmapped::Unmapped;

/// The published JSON Schema of the parts (2020-12), which the schemas of the documents refer to.
pub const SCHEMA: &str = include_str!("../../../profiles/cmht/parts.schema.json");
