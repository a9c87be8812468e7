//! What became of a handover (`cmht-documents.md` §5): accepted, declined and why, contacted, engaged, ended and how it
//! went, in a line or two. A charity of two fills it in within seconds: one question, and only the status must be said
//! ("record once and report light", `seeds/first-year-lessons.txt`). Nothing is ever added that would have to be collected.
//!
//! The trust requires: which handover it is about (`outcome.about`), the status, and why where it was declined.

use super::parts::{self, HandoverStatus, Progress};

document! {
    /// The outcome of a handover.
    HandoverOutcome, "handover-outcome.schema.json", types &[], required REQUIREMENTS;

    "outcome", "What became of the handover", Actions => {
        outcome: Progress<HandoverStatus> as Outcome, "outcome", "What became of the handover";
    }
}

requirements! {
    REQUIREMENTS of HandoverOutcome:
    "HO-1", "Status", "L3404-3415", "/outcome/status", "Bundle.entry.resource.ofType(Task).status",
        "Say what became of the handover.", "{outcome}.exists()", |answer| answer.outcome.is_some();
    "HO-2", "Which handover", "L3404-3415", "/outcome/about", "Bundle.entry.resource.ofType(Task).focus",
        "Say which handover it is about: its identifier.",
        "{outcome}.all(focus.exists())",
        |answer| answer.outcome.as_ref().is_none_or(|outcome| outcome.about.is_some());
    "HO-3", "Why it was declined", "L3404-3415", "/outcome/why", "Bundle.entry.resource.ofType(Task).statusReason",
        "Say why the handover was declined.",
        "{outcome}.all(status = 'rejected' implies statusReason.exists())",
        |answer| answer.outcome.as_ref().is_none_or(|o| o.status != HandoverStatus::Declined || o.why.is_some());
}
