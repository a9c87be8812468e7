//! Profiles of the resources inside plans and letters where the trust says more than UK Core.

use super::constraints::{self, Constraint};
use super::structure::{Structure, at_least_one, base, root, structure};
use crate::fhir::codes;

/// A profile of constraints on the whole resource, and of elements that must be there.
struct Part {
    id: &'static str,
    title: &'static str,
    words: &'static str,
    kind: &'static str,
    /// Whether UK Core has a profile to build on; else base R4.
    on_ukcore: bool,
    constraints: fn() -> Vec<Constraint>,
    needed: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part {
        id: codes::RISK_STATEMENT,
        title: "Risk statement",
        words: "What somebody says about risk, in words: no figure, no rating.",
        kind: "RiskAssessment",
        on_ukcore: false,
        constraints: constraints::risk,
        needed: &["RiskAssessment.code", "RiskAssessment.text"],
    },
    Part {
        id: codes::DIALOG_SCORE,
        title: "DIALOG score",
        words: "How satisfied the person is with one part of life, or of their treatment.",
        kind: "Observation",
        on_ukcore: true,
        constraints: constraints::dialog_score,
        needed: &["Observation.subject"],
    },
    Part {
        id: codes::PROGRESS_TASK,
        title: "Progress task",
        words: "What became of a handover, or of a shared-care request.",
        kind: "Task",
        on_ukcore: true,
        constraints: Vec::new,
        needed: &["Task.businessStatus", "Task.for"],
    },
    Part {
        id: codes::PEOPLE_LIST,
        title: "People list",
        words: "People a person wants informed, or does not want informed.",
        kind: "Consent",
        on_ukcore: true,
        constraints: constraints::people_list,
        needed: &["Consent.patient", "Consent.provision"],
    },
];

pub(super) fn structures() -> impl Iterator<Item = Structure> {
    PARTS.iter().map(|part| {
        let first = root(part.kind, part.id, part.words, (part.constraints)());
        let elements = std::iter::once(first).chain(part.needed.iter().map(|id| at_least_one(id))).collect();
        structure(part.id, part.title, part.words, part.kind, &base(part.kind, part.on_ukcore), elements)
    })
}
