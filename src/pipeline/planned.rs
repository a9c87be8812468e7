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
use crate::route::{self, Advice, Facts, RouteError, Routing, Rules, SenderRole};

/// Where a referral would go, and what would be advised.
#[derive(Debug, Clone)]
pub struct Planned {
    pub routing: Routing,
    pub advice: Vec<Advice>,
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
    let kind = referral.referrer.kind;
    let place = |wanted: &Addressee| -> Option<PartyId> {
        find(directory, wanted.party.as_ref(), wanted.ods.as_ref(), now).map(|party| party.id.clone())
    };
    let person = facts::of_referral(referral, directory, now);
    let facts = Facts {
        sender,
        sender_role: kind.map_or(SenderRole::Other, |kind| SenderRole::from_code(kind.code())),
        response: urgency(referral.response()),
        requested: referral.service.as_ref().and_then(place),
        copies: referral.copies.iter().filter_map(place).collect(),
        person,
    };
    let routing = route::destinations(&facts, rules, directory, now)?;
    Ok(Planned { routing, advice: route::advice(&facts.person, rules) })
}
