//! What became of a handover (`cmht-documents.md` §5): accepted, declined and why, contacted, engaged, ended and how it
//! went, in a line or two. A charity of two fills it in within seconds: one question, and only the status must be said
//! ("record once and report light", `seeds/first-year-lessons.txt`). Nothing is ever added that would have to be collected.
//!
//! The trust requires: which handover it is about (`outcome.about`), the status, and why where it was declined.

use super::parts::{self, HandoverStatus, Progress};

document! {
    /// The outcome of a handover.
    HandoverOutcome, "handover-outcome.schema.json", types &[];

    "outcome", "What became of the handover", Actions => {
        outcome: Progress<HandoverStatus> as Outcome, "outcome", "What became of the handover";
    }
}
