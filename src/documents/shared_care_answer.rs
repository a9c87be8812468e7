//! The GP's answer to a shared-care request (`cmht-documents.md` §6; L3190-3221): accepted or declined, and why. The
//! decision is the GP's; the document only carries it.
//!
//! The trust requires: which request it answers (`decision.about`), the decision, the reason where it is declined
//! (L1651-1653: issues go back to the team), and who prescribes from when (`prescribing`).

use super::parts::{self, Known, Progress, SharedCareDecision, Statement, Telling};
use super::required::has_entries;

document! {
    /// An answer to a shared-care request.
    SharedCareAnswer, "shared-care-answer.schema.json", types &[], required REQUIREMENTS;

    "decision", "Decision", Actions => {
        decision: Progress<SharedCareDecision> as Decision, "decision", "Decision";
        conditions: Known<Statement> as Observation, "conditions", "Conditions, or what is still needed";
        prescribing: Known<Statement> as Observation, "prescribing", "Who prescribes and monitors, and from when";
    }
    "letter", "Letter", ReferralReason => {
        letter: Telling as Telling, "letter", "To whom, and in short";
    }
}

requirements! {
    REQUIREMENTS of SharedCareAnswer:
    "IL-71", "Decision", "L3190-3197", "/decision", "Bundle.entry.resource.ofType(Task).businessStatus",
        "Say what the GP decided.", "{decision}.exists()", |answer| answer.decision.is_some();
    "IL-72", "Which request", "L3190-3197", "/decision/about", "Bundle.entry.resource.ofType(Task).focus",
        "Say which request this answers: its identifier.", "{decision}.all(focus.exists())",
        |answer| answer.decision.as_ref().is_none_or(|decision| decision.about.is_some());
    "IL-73", "Why it is declined", "L1651-1653", "/decision/why", "Bundle.entry.resource.ofType(Task).statusReason",
        "Say why the GP declines.", "{decision}.all(status = 'rejected' implies statusReason.exists())",
        |answer| !answer.is(&[SharedCareDecision::Declined]) || answer.says_why();
    "IL-74", "Who prescribes", "L3190-3221", "/prescribing", "Bundle.entry.resource.ofType(Observation)",
        "Where the GP accepts: say who prescribes and monitors, and from when.",
        "{decision}.exists(status = 'accepted') implies {+prescribing}.exists()",
        |answer| !answer.is(&[SharedCareDecision::Accepted, SharedCareDecision::AcceptedWithConditions])
            || has_entries(answer.prescribing.as_ref());
}

impl SharedCareAnswer {
    fn is(&self, wanted: &[SharedCareDecision]) -> bool {
        self.decision.as_ref().is_some_and(|decision| wanted.contains(&decision.status))
    }

    fn says_why(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.why.is_some())
    }
}
