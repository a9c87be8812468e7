//! The legal transitions, as one table: from, to, who may say so, and whether a reason must be given. What is not in it
//! does not happen.

use super::answers;
use super::step::{Capacity, Wish};
use crate::model::RequestStatus::{
    self, Accepted, Allocated, Assessed, CancelledByOwner, CancelledByRequester, Completed, Contacted, Declined,
    EnteredInError, MoreInformationNeeded, NoResponse, Received, Redirected, Triaged,
};

/// Whether a step must say why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Wanted,
    Free,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    pub from: &'static [RequestStatus],
    pub to: RequestStatus,
    pub by: &'static [Capacity],
    pub reason: Reason,
    pub source: &'static str,
}

use crate::model::{DocumentKind, RequestTask};

use Capacity::{Own, Owner, Requester};

/// Nobody has taken it on yet.
const UNDECIDED: &[RequestStatus] = &[Received, Triaged];
/// It has been taken on, and work goes on.
const UNDER_WAY: &[RequestStatus] = &[Accepted, Allocated, Contacted, NoResponse, Assessed];
const OPEN: &[RequestStatus] =
    &[Received, Triaged, Accepted, MoreInformationNeeded, Allocated, Contacted, NoResponse, Assessed];

/// Every transition there is. A team that has a request after the access point accepted it begins at `accepted`: it can
/// neither triage nor decline it again (L551).
const TABLE: &[Transition] = &[
    Transition { from: &[Received], to: Triaged, by: &[Owner], reason: Reason::Free, source: "L478-480" },
    Transition {
        from: &[Received, Triaged, MoreInformationNeeded],
        to: Accepted,
        by: &[Owner],
        reason: Reason::Free,
        source: "L478-481, L546-548",
    },
    Transition {
        from: &[Received, Triaged, Accepted, Allocated, Contacted, NoResponse, Assessed],
        to: MoreInformationNeeded,
        by: &[Owner],
        reason: Reason::Wanted,
        source: "L528-529",
    },
    Transition {
        from: &[Received, Triaged, Accepted, MoreInformationNeeded, Allocated],
        to: Redirected,
        by: &[Owner],
        reason: Reason::Wanted,
        source: "routing-and-clocks.md, rule 2; L549-550",
    },
    Transition {
        from: &[Received, Triaged, MoreInformationNeeded],
        to: Declined,
        by: &[Owner],
        reason: Reason::Wanted,
        source: "L546-550",
    },
    Transition {
        from: &[Accepted, MoreInformationNeeded, Contacted, NoResponse, Assessed],
        to: Allocated,
        by: &[Owner],
        reason: Reason::Free,
        source: "L529-530, L580-585",
    },
    // what was not told one by one has happened all the same: whoever reports a contact has taken the request on
    Transition {
        from: &[Received, Triaged, Accepted, MoreInformationNeeded, Allocated, Contacted, NoResponse],
        to: Contacted,
        by: &[Owner],
        reason: Reason::Free,
        source: "L536-539, L585-588",
    },
    Transition {
        from: &[Received, Triaged, Accepted, Allocated, Contacted, NoResponse],
        to: NoResponse,
        by: &[Owner],
        reason: Reason::Free,
        source: "routing-and-clocks.md, Closing the loop",
    },
    Transition {
        from: &[Received, Triaged, Accepted, MoreInformationNeeded, Allocated, Contacted, NoResponse],
        to: Assessed,
        by: &[Owner],
        reason: Reason::Free,
        source: "L575-580",
    },
    Transition { from: UNDER_WAY, to: Completed, by: &[Owner], reason: Reason::Free, source: "L538-539" },
    // a question is answered without being taken on first: for questions alone, see `is_for`
    Transition { from: UNDECIDED, to: Completed, by: &[Owner], reason: Reason::Free, source: "L2831-2836" },
    Transition {
        from: OPEN,
        to: CancelledByRequester,
        by: &[Requester],
        reason: Reason::Wanted,
        source: "routing-and-clocks.md, Closing the loop",
    },
    Transition {
        from: &[Accepted, MoreInformationNeeded, Allocated, Contacted, NoResponse, Assessed],
        to: CancelledByOwner,
        by: &[Owner, Own],
        reason: Reason::Wanted,
        source: "routing-and-clocks.md, Closing the loop",
    },
    // nobody has answered for it: the trust that runs the gateway may end what lies
    Transition { from: UNDECIDED, to: CancelledByOwner, by: &[Own], reason: Reason::Wanted, source: "CS-15" },
    Transition {
        from: &[
            Received,
            Triaged,
            Accepted,
            MoreInformationNeeded,
            Allocated,
            Contacted,
            NoResponse,
            Assessed,
            Redirected,
            Declined,
            Completed,
            CancelledByRequester,
            CancelledByOwner,
        ],
        to: EnteredInError,
        by: &[Requester, Own],
        reason: Reason::Wanted,
        source: "CS-21",
    },
];

/// The table.
#[must_use]
pub const fn transitions() -> &'static [Transition] {
    TABLE
}

/// The row for a step in a capacity, if there is one.
pub(super) fn row(from: RequestStatus, to: RequestStatus, by: Capacity) -> Option<&'static Transition> {
    TABLE.iter().find(|row| row.to == to && row.from.contains(&from) && row.by.contains(&by))
}

/// Whether anybody may ever take this step.
pub(super) fn is_known(from: RequestStatus, to: RequestStatus) -> bool {
    TABLE.iter().any(|row| row.to == to && row.from.contains(&from))
}

/// Whether a step is one for a task about this kind: the sender of a request who is asked for what is missing gives it,
/// or cannot; and only what is known, and no care, is given without being taken on.
pub(super) const fn is_for(kind: DocumentKind, from: RequestStatus, to: RequestStatus) -> bool {
    match (kind, from, to) {
        (DocumentKind::InformationRequest, _, to) => {
            matches!(to, Declined | CancelledByRequester | CancelledByOwner | EnteredInError)
        }
        (kind, Received | Triaged, Completed) => matches!(kind, DocumentKind::ClinicalInformationRequest),
        _ => true,
    }
}

/// What a party may wish in a capacity, as things stand, with whether it must say why.
#[must_use]
pub fn wishes(task: &RequestTask, by: Capacity) -> Vec<(Wish, Reason)> {
    let Some(from) = RequestStatus::from_code(&task.status) else { return Vec::new() };
    if by == Owner && !answers(task) {
        return Vec::new();
    }
    let rows = TABLE.iter().filter(|row| row.from.contains(&from) && row.by.contains(&by));
    let rows = rows.filter(|row| is_for(task.kind, from, row.to));
    let mut found: Vec<(Wish, Reason)> = rows.map(|row| (Wish::To(row.to), row.reason)).collect();
    let asked = match task.kind {
        DocumentKind::InformationRequest => from == Received && by == Owner,
        _ => from == MoreInformationNeeded && by == Requester,
    };
    if asked {
        found.insert(0, (Wish::GiveInformation, Reason::Free));
    }
    found
}
