//! Whom a step must tell, and in which words. Everybody with standing is told of every step; whoever took it knows.

use std::collections::BTreeMap;

use super::{answers, role};
use crate::model::{PartyId, RequestStatus as S, RequestTask};

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    /// It sent the request, and is never left to ring up (L538-539, L549-550).
    Requester,
    /// It answers for the request, or did until it passed it on.
    Holder,
    /// It has a copy, and must not go on as if nothing had happened.
    Knows,
    /// The person's GP practice, of what is decided (L536-537, CS-14).
    Gp,
}

/// Statuses of which the person's GP is told, whoever referred.
const TO_GP: &[S] = &[S::Accepted, S::Declined, S::Redirected, S::Assessed, S::Completed, S::CancelledByOwner];

/// Everybody with standing in a request but whoever took the step, each once and for the strongest reason.
#[must_use]
pub fn told(
    requester: &PartyId,
    tasks: &[RequestTask],
    gp: Option<&PartyId>,
    to: S,
    by: &PartyId,
) -> Vec<(PartyId, Told)> {
    let mut found: BTreeMap<&PartyId, Told> = BTreeMap::new();
    let mut add = |party, why| {
        let known = found.entry(party).or_insert(why);
        *known = (*known).min(why);
    };
    add(requester, Told::Requester);
    for task in tasks {
        let holds = answers(task) || task.role == role::PASSED_ON;
        add(&task.owner, if holds { Told::Holder } else { Told::Knows });
    }
    if let Some(gp) = gp.filter(|_| TO_GP.contains(&to)) {
        add(gp, Told::Gp);
    }
    found.into_iter().filter(|(party, _)| *party != by).map(|(party, why)| (party.clone(), why)).collect()
}

/// What a step says, in a sentence that holds nothing clinical and names nobody but teams.
#[must_use]
pub fn sentence(to: S, owner: &str, next: Option<&str>) -> String {
    match (to, next) {
        (S::Received, _) => format!("{owner} has received the request."),
        (S::Triaged, _) => format!("{owner} has triaged the request."),
        (S::Accepted, Some(next)) => format!("{owner} has accepted the request. {next} has it now."),
        (S::Accepted, None) => format!("{owner} has accepted the request."),
        (S::MoreInformationNeeded, _) => format!("{owner} needs more information before it can go on. Please send it."),
        (S::Redirected, Some(next)) => format!("{owner} has redirected the request. {next} has it now."),
        (S::Redirected, None) => format!("{owner} has redirected the request to another team."),
        (S::Declined, _) => format!("{owner} has declined the request."),
        (S::Allocated, _) => format!("{owner} has allocated the request to a worker."),
        (S::Contacted, _) => format!("{owner} has been in contact with the person."),
        (S::NoResponse, _) => format!("{owner} has tried to reach the person and had no response."),
        (S::Assessed, _) => format!("{owner} has assessed the person."),
        (S::Completed, _) => format!("{owner} has completed what was asked for."),
        (S::CancelledByRequester, _) => {
            "The request was cancelled by whoever sent it. Nothing more is to be done on it.".to_owned()
        }
        (S::CancelledByOwner, _) => format!("{owner} has ended its work on the request."),
        (S::EnteredInError, _) => {
            "The request was entered in error. Do not act on it, and take your copy out of the person's record."
                .to_owned()
        }
    }
}
