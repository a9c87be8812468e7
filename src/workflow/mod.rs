//! How a request moves between its recipients and its sender: which step may follow which, who may take it, what it means
//! in FHIR, and who is told in which words (`routing-and-clocks.md`, "Closing the loop"; L528-551). Pure: the task as it
//! is and what is wanted come in, the task as it is then and what happened come out. Sends nothing, and decides on no
//! release: how much of a reason anybody reads is `consent`'s.

mod meaning;
mod step;
mod table;
mod told;

pub use meaning::{fhir_status, progress};
pub use step::{Capacity, Illegal, Opening, Stepped, Wanted, Wish, open, step};
pub use table::{Reason, Transition, transitions, wishes};
pub use told::{Told, sentence, told};

use crate::model::{DocumentKind, RequestTask};

/// Kinds of document that ask their recipients for something.
#[must_use]
pub const fn is_request(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Referral
            | DocumentKind::SocialPrescribingHandover
            | DocumentKind::TransferToNhs
            | DocumentKind::ClinicalInformationRequest
            | DocumentKind::SharedCareRequest
    )
}

/// In which capacity a party holds a request: the codes of `route::Role`, and what a task becomes when another team has
/// it after an acceptance.
pub mod role {
    pub const RESPONSIBLE: &str = "responsible";
    pub const CRISIS: &str = "crisis";
    pub const ADDRESSEE: &str = "addressee";
    /// It accepted the request for the trust, and the catchment team has it now (L478-481, L551).
    pub const PASSED_ON: &str = "passed-on";
    /// The sender of a request, asked for what is missing from it.
    pub const REFERRER: &str = "referrer";
}

/// Whether its owner is asked to do something: whoever only knows of the request takes no steps.
#[must_use]
pub fn answers(task: &RequestTask) -> bool {
    matches!(task.role.as_str(), role::RESPONSIBLE | role::CRISIS | role::ADDRESSEE | role::REFERRER)
}

#[cfg(test)]
mod tests;
