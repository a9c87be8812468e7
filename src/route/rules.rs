//! The routing rules themselves. Each is one function that cites its source; `plan` keeps what must always hold.

use jiff::Timestamp;

use super::plan::{Plan, Rule};
use super::{Facts, Origin, Role, RouteError, Routing, SenderRole, Wanted};
use crate::directory::Directory;
use crate::model::{Party, PartyId, PartyKind, Sector, Urgency};

const CRISIS: Rule = Rule { id: "RT-01", source: "routing-and-clocks.md, rule 1; L540-541" };
const EXTERNAL: Rule = Rule { id: "RT-02", source: "routing-and-clocks.md, rule 2; L478-481, L487, L551" };
const INTERNAL: Rule = Rule { id: "RT-03", source: "routing-and-clocks.md, rule 3; L481-492, L546-548" };
const COPIES: Rule = Rule { id: "RT-10", source: "cmht-documents.md §1, copies asked for" };

/// Applies the rules in the order of their strength.
pub(super) fn apply(facts: &Facts<'_>, directory: &Directory, now: Timestamp) -> Result<Routing, RouteError> {
    let access_point = access_point(facts, directory, now);
    let origin = origin(facts, access_point);
    let mut plan = Plan::default();
    if facts.response == Urgency::Crisis {
        crisis(&mut plan, access_point, directory, now);
    }
    match origin {
        Origin::External => external(&mut plan, facts, access_point)?,
        Origin::Internal => internal(&mut plan, facts, access_point, directory, now)?,
    }
    // After the responsible party, so that an access point that is responsible anyway is not told twice.
    if let (Urgency::Crisis, Some(party)) = (facts.response, access_point)
        && plan.listed(&party.id).is_none()
    {
        plan.choose(
            CRISIS,
            Role::Crisis,
            &party.id,
            "A crisis response is asked for: the access point is told at once.",
        );
    }
    copies(&mut plan, facts, directory, now);
    Ok(plan.finish(origin))
}

/// The access point for this referral: that of the trust whose team it names, else of the sender's own trust, else the
/// first of the directory.
fn access_point<'a>(facts: &Facts<'_>, directory: &'a Directory, now: Timestamp) -> Option<&'a Party> {
    let named = facts.requested.as_ref().and_then(|id| directory.party(id, now)).map(Party::organisation);
    nearest(PartyKind::AccessPoint, &[named, Some(facts.sender.organisation())], directory, now)
}

/// The first party of a kind; those of the organisations given come before others, in that order.
fn nearest<'a>(
    kind: PartyKind,
    organisations: &[Option<&PartyId>],
    directory: &'a Directory,
    now: Timestamp,
) -> Option<&'a Party> {
    let of = |organisation: &PartyId| directory.of_kind(kind, now).find(|party| party.organisation() == organisation);
    organisations
        .iter()
        .flatten()
        .find_map(|organisation| of(organisation))
        .or_else(|| directory.of_kind(kind, now).next())
}

/// L478-492. Internal are the teams of the trust that runs the access point (another trust's are external), and
/// facilitators and practitioners placed in primary care; the latter only from an NHS party, because the claim is the
/// sender's own. A self-referral goes to the access point whoever passes it on (L487).
fn origin(facts: &Facts<'_>, access_point: Option<&Party>) -> Origin {
    let sender = facts.sender;
    let nhs = sender.sector() == Sector::Nhs;
    let own_trust = nhs && access_point.is_none_or(|point| point.organisation() == sender.organisation());
    match facts.sender_role {
        SenderRole::SelfReferral | SenderRole::Unconnected => Origin::External,
        SenderRole::MentalHealthFacilitator | SenderRole::PrimaryCarePractitioner if nhs => Origin::Internal,
        _ if own_trust && sender.kind != PartyKind::GpPractice => Origin::Internal,
        _ => Origin::External,
    }
}

/// RT-01: the crisis team at once, before and beside whoever is responsible; never queued behind triage.
fn crisis(plan: &mut Plan, access_point: Option<&Party>, directory: &Directory, now: Timestamp) {
    let Some(team) = nearest(PartyKind::Crht, &[access_point.map(Party::organisation)], directory, now) else {
        // The access point arranges crisis responses too (L540-541), so the referral is not lost; the sender must know.
        plan.unplaced(
            CRISIS,
            Wanted::CrisisTeam,
            "The directory holds no crisis team at this time. Ring the crisis line or the access point now.",
        );
        return;
    };
    plan.choose(CRISIS, Role::Crisis, &team.id, "A crisis response is asked for: the crisis team has it at once.");
    for other in directory.of_kind(PartyKind::Crht, now).filter(|other| other.id != team.id) {
        plan.pass_over(CRISIS, &other.id, "Another crisis team is nearer to the access point or named first.");
    }
}

/// RT-02: an external referral is triaged by the access point, whichever team it names.
fn external(plan: &mut Plan, facts: &Facts<'_>, access_point: Option<&Party>) -> Result<(), RouteError> {
    let point = access_point.ok_or(RouteError::NoAccessPoint)?;
    if let Some(requested) = facts.requested.as_ref().filter(|requested| **requested != point.id) {
        plan.pass_over(EXTERNAL, requested, "Named in the referral; external referrals are triaged first.");
    }
    plan.choose(EXTERNAL, Role::Responsible, &point.id, "External referrals go to the access point for triage.");
    Ok(())
}

/// RT-03: an internal referral goes straight to the team it names; without a usable name the access point has it.
fn internal(
    plan: &mut Plan,
    facts: &Facts<'_>,
    access_point: Option<&Party>,
    directory: &Directory,
    now: Timestamp,
) -> Result<(), RouteError> {
    let fallback = match &facts.requested {
        None => "The internal referral names no team: the access point places it.".to_owned(),
        Some(id) => match usable(id, facts, directory, now) {
            Ok(team) if plan.listed(&team.id).is_none() => {
                plan.choose(INTERNAL, Role::Responsible, &team.id, "Internal referrals go straight to the team named.");
                return Ok(());
            }
            Ok(team) => {
                plan.pass_over(INTERNAL, &team.id, "Has it already, as the crisis team.");
                "The team named has it already as the crisis team: the access point answers for it.".to_owned()
            }
            Err(why) => {
                plan.pass_over(INTERNAL, id, why);
                let instead = format!("{why} The access point places the referral.");
                plan.unplaced(INTERNAL, Wanted::Team(id.clone()), instead.clone());
                instead
            }
        },
    };
    let point = access_point.ok_or(RouteError::NoAccessPoint)?;
    plan.choose(INTERNAL, Role::Responsible, &point.id, fallback);
    Ok(())
}

/// The team a referral names, if it can take one.
fn usable<'a>(
    id: &PartyId,
    facts: &Facts<'_>,
    directory: &'a Directory,
    now: Timestamp,
) -> Result<&'a Party, &'static str> {
    let party = directory.party(id, now).ok_or("The team named is not in the directory at this time.")?;
    if party.id == facts.sender.id {
        Err("The team named is the sender itself.")
    } else if party.part_of.is_none() || party.sector() != Sector::Nhs {
        Err("What is named is not an NHS team.")
    } else {
        Ok(party)
    }
}

/// RT-10: copies the sender asks for. What each may see is decided afterwards, by consent.
fn copies(plan: &mut Plan, facts: &Facts<'_>, directory: &Directory, now: Timestamp) {
    for id in &facts.copies {
        if *id == facts.sender.id {
            plan.pass_over(COPIES, id, "The sender has the referral already.");
        } else if directory.party(id, now).is_some() {
            plan.choose(COPIES, Role::Copy, id, "The sender asked for a copy to go there.");
        } else {
            plan.pass_over(COPIES, id, "Not in the directory at this time.");
            plan.unplaced(
                COPIES,
                Wanted::Copy(id.clone()),
                "No copy went there: it is not in the directory at this time. Check the name or send it yourself.",
            );
        }
    }
}
