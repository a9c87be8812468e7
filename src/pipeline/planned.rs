//! Where a referral would go, decided as it would be for sending, and told. Nothing is stored or sent, and no consent is
//! asked: what each may see is another question.

use jiff::Timestamp;

use super::facts;
use super::sender::find;
use crate::directory::Directory;
use crate::documents::Referral;
use crate::documents::parts::Addressee;
use crate::documents::referral::Response;
use crate::model::{Party, PartyId, Urgency};
use crate::route::{self, Advice, Facts, Origin, RouteError, Routing, Rules, SenderRole};

/// Where a referral would go, and what would be advised.
#[derive(Debug, Clone)]
pub struct Planned {
    pub routing: Routing,
    pub advice: Vec<Advice>,
}

impl Planned {
    /// The decision in words, a line each: destinations, catchment, who else was looked at, what could not be placed,
    /// advice.
    #[must_use]
    pub fn words(&self, directory: &Directory, now: Timestamp) -> Vec<String> {
        let Self { routing, advice } = self;
        let name = |id: &PartyId| directory.party(id, now).map_or_else(|| id.to_string(), |party| party.name.clone());
        let mut lines: Vec<String> = Vec::new();
        let whence = match routing.origin {
            Origin::External => "From outside",
            Origin::Internal => "From within",
        };
        lines.extend(routing.destinations.iter().map(|to| {
            let capacity = to.role.code();
            format!("{whence}; goes to {} ({capacity}). {}: {} [{}]", name(&to.party), to.rule, to.reason, to.source)
        }));
        if let Some(placed) = &routing.catchment {
            let team = placed.team.as_ref().map_or_else(|| "nobody".to_owned(), name);
            lines.push(format!("Catchment: {team}. {}: {} [{}]", placed.rule, placed.reason, placed.source));
        }
        if routing.fallback {
            lines.push("Nobody covers the person: the operations page shows it.".to_owned());
        }
        let passed = routing.candidates.iter().filter(|candidate| !candidate.chosen);
        lines.extend(passed.map(|other| format!("Not {} ({}): {}", name(&other.party), other.rule, other.why)));
        lines.extend(routing.unplaced.iter().map(|one| format!("Not placed ({}): {}", one.rule, one.why)));
        lines.extend(advice.iter().map(|one| {
            format!("Advice to whoever triages, {} ({}): {} [{}]", one.says.code(), one.rule, one.text, one.source)
        }));
        lines
    }
}

/// The response a referral asks for.
pub(super) const fn urgency(response: Response) -> Urgency {
    match response {
        Response::Routine => Urgency::Routine,
        Response::Urgent => Urgency::Urgent,
        Response::Crisis => Urgency::Crisis,
    }
}

/// Decides where a referral of this sender would go. What the directory does not know of its recipients is passed over.
///
/// # Errors
/// As [`route::destinations`].
pub fn plan(
    referral: &Referral,
    sender: &Party,
    directory: &Directory,
    rules: &Rules,
    now: Timestamp,
) -> Result<Planned, RouteError> {
    plan_as(referral, urgency(referral.response()), sender, directory, rules, now)
}

/// The same, as if it asked for this response.
pub(super) fn plan_as(
    referral: &Referral,
    response: Urgency,
    sender: &Party,
    directory: &Directory,
    rules: &Rules,
    now: Timestamp,
) -> Result<Planned, RouteError> {
    let kind = referral.referrer.kind;
    let place = |wanted: &Addressee| -> Option<PartyId> {
        find(directory, wanted.party.as_ref(), wanted.ods.as_ref(), now).map(|party| party.id.clone())
    };
    let person = facts::of_referral(referral, directory, now);
    let facts = Facts {
        sender,
        sender_role: kind.map_or(SenderRole::Other, |kind| SenderRole::from_code(kind.code())),
        response,
        requested: referral.service.as_ref().and_then(place),
        copies: referral.copies.iter().filter_map(place).collect(),
        person,
    };
    let routing = route::destinations(&facts, rules, directory, now)?;
    Ok(Planned { routing, advice: route::advice(&facts.person, rules) })
}
