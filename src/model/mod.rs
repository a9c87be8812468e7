//! Parsed vocabulary every other module speaks: identifiers, kinds, parties, categories, issues.
//! Holds no I/O, no FHIR, no policy; imports nothing else of ours.

pub mod agreement;
pub mod care_event;
pub mod category;
pub mod clock;
pub mod error;
pub mod ids;
pub mod issue;
pub mod kind;
pub mod nhs_number;
pub mod ods;
pub mod party;
pub mod pathway;
pub mod person_key;
pub mod postcode;
pub mod request_status;
pub mod request_task;
pub mod urgency;
mod vocabulary;
pub mod wording;

pub use agreement::Agreement;
pub use care_event::{CareEvent, EventKind};
pub use category::DataCategory;
pub use clock::{Clock, ClockState};
pub use error::Category;
pub use ids::{MessageId, PartyId};
pub use issue::{Detail, Issue, IssueCode, Severity};
pub use kind::{DocumentKind, Purpose};
pub use nhs_number::{NhsNumber, NhsNumberFault};
pub use ods::OdsCode;
pub use party::{Party, PartyKind, Sector};
pub use pathway::Pathway;
pub use person_key::PersonKey;
pub use postcode::Postcode;
pub use request_status::RequestStatus;
pub use request_task::{RequestTask, TaskStep};
pub use urgency::Urgency;
pub use wording::{Wording, WordingFault};
