//! The GP's answer to a shared-care request (`cmht-documents.md` §6; L3190-3221): accepted or declined, and why. The
//! decision is the GP's; the document only carries it.
//!
//! The trust requires: which request it answers (`decision.about`), the decision, the reason where it is declined
//! (L1651-1653: issues go back to the team), and who prescribes from when (`prescribing`).

use super::parts::{self, Known, Progress, SharedCareDecision, Statement, Telling};

document! {
    /// An answer to a shared-care request.
    SharedCareAnswer, "shared-care-answer.schema.json", types &[];

    "decision", "Decision", Actions => {
        decision: Progress<SharedCareDecision> as Decision, "decision", "Decision";
        conditions: Known<Statement> as Observation, "conditions", "Conditions, or what is still needed";
        prescribing: Known<Statement> as Observation, "prescribing", "Who prescribes and monitors, and from when";
    }
    "letter", "Letter", ReferralReason => {
        letter: Telling as Telling, "letter", "To whom, and in short";
    }
}
