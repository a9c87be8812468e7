//! How a request must stand at the end, and who must have been told of which steps, from the life as it was planned
//! (`routing-and-clocks.md`, "Closing the loop": whoever took a step knows, everybody else with a part in it is told).

use std::collections::BTreeMap;

use super::life::{Happens, Life, Way};
use super::world::ACCESS_POINT;

/// How a request must stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing<'a> {
    /// The one team that answers for it, or did when it ended.
    pub(super) owner: &'a str,
    pub(super) status: &'static str,
    /// How many steps each has been told of: who referred, the access point, and the team once it has the request.
    pub(super) told: BTreeMap<&'a str, usize>,
    pub(super) steps: usize,
}

/// From the steps of a life, in the order in which they were taken.
pub(super) fn standing(life: &Life) -> Standing<'_> {
    let mut steps: Vec<_> = life.moments.iter().filter(|one| one.way == Way::Step).collect();
    steps.sort_by_key(|one| one.told);
    let partner = life.partner.as_str();
    let told = BTreeMap::from([(partner, 0), (ACCESS_POINT, 0)]);
    let mut standing = Standing { owner: ACCESS_POINT, status: "received", told, steps: steps.len() };
    for step in steps {
        let by = match step.what {
            Happens::Given | Happens::Cancelled | Happens::InError => partner,
            _ => ACCESS_POINT,
        };
        standing.status = match step.what {
            Happens::Asked => "more-information-needed",
            Happens::TakenOn => "accepted",
            Happens::Declined => "declined",
            Happens::Cancelled => "cancelled-by-requester",
            Happens::InError => "entered-in-error",
            // the answer puts it back to where it was, and a team that gets it from another begins with it
            _ => "received",
        };
        if matches!(step.what, Happens::TakenOn | Happens::Redirected) {
            standing.owner = life.team;
            standing.told.insert(life.team, 0);
        }
        for (party, told) in &mut standing.told {
            *told += usize::from(*party != by);
        }
    }
    standing
}
