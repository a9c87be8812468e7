//! What a status means elsewhere: in FHIR's own list of states of a task, as an event in a person's care, and how far
//! along it is.

use super::{answers, role};
use crate::model::{EventKind, RequestStatus as S, RequestTask};

/// `Task.status` (<https://hl7.org/fhir/R4/valueset-task-status.html>): the nearest there is; the business status beside
/// it says what it is.
#[must_use]
pub fn fhir_status(task: &RequestTask) -> &'static str {
    let Some(status) = S::from_code(&task.status) else { return "received" };
    // what was asked of whoever only knows of it, or has passed it on, is done
    let done = (!answers(task) || task.role == role::PASSED_ON) && !status.is_final();
    if done {
        return "completed";
    }
    match status {
        S::Received | S::Triaged => "received",
        S::Accepted | S::Allocated => "accepted",
        S::MoreInformationNeeded | S::NoResponse => "on-hold",
        S::Redirected | S::Declined => "rejected",
        S::Contacted | S::Assessed => "in-progress",
        S::Completed => "completed",
        S::CancelledByRequester | S::CancelledByOwner => "cancelled",
        S::EnteredInError => "entered-in-error",
    }
}

/// How far along it is, for what is reported late or out of order; `None` for what is no progress.
#[must_use]
pub const fn progress(status: S) -> Option<u8> {
    match status {
        S::Received => Some(0),
        S::Triaged => Some(1),
        S::Accepted => Some(2),
        S::Allocated => Some(3),
        S::NoResponse | S::Contacted => Some(4),
        S::Assessed => Some(5),
        S::Completed => Some(6),
        S::MoreInformationNeeded
        | S::Redirected
        | S::Declined
        | S::CancelledByRequester
        | S::CancelledByOwner
        | S::EnteredInError => None,
    }
}

/// What happened, in the person's care.
pub(super) const fn event(status: S) -> Option<EventKind> {
    match status {
        S::Received => None,
        S::Triaged => Some(EventKind::Triaged),
        S::Accepted => Some(EventKind::Accepted),
        S::MoreInformationNeeded => Some(EventKind::InformationAsked),
        S::Redirected => Some(EventKind::Redirected),
        S::Declined => Some(EventKind::Declined),
        S::Allocated => Some(EventKind::Allocated),
        S::Contacted => Some(EventKind::Contacted),
        S::NoResponse => Some(EventKind::NoResponse),
        S::Assessed => Some(EventKind::Assessed),
        S::Completed => Some(EventKind::Completed),
        S::CancelledByRequester | S::CancelledByOwner => Some(EventKind::Cancelled),
        S::EnteredInError => Some(EventKind::EnteredInError),
    }
}
