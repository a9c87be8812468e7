//! Where a referral goes: the destination rules that are data, tried in order. `plan` keeps what must always hold; that a
//! crisis is served and that somebody is responsible is held here, whatever the rows say.

use jiff::Timestamp;

use super::catchment::{Located, catchment};
use super::condition::View;
use super::place::{Lost, Search, nearest};
use super::plan::{Plan, Rule};
use super::rule::{DestinationRule, Occasion, Target};
use super::ruleset::Rules;
use super::{Facts, Origin, Role, RouteError, Routing, SenderRole, Wanted};
use crate::directory::Directory;
use crate::model::{DocumentKind, Party, PartyKind, Sector};

/// Applies the rules in their order.
pub(super) fn apply(
    facts: &Facts<'_>,
    rules: &Rules,
    directory: &Directory,
    now: Timestamp,
) -> Result<Routing, RouteError> {
    let access_point = access_point(facts, directory, now);
    let origin = origin(facts, access_point);
    let catchment = catchment(&facts.person, rules, directory, now);
    let search = Search {
        rules,
        directory,
        now,
        sender: &facts.sender.id,
        access_point,
        named: facts.requested.as_ref(),
        catchment: &catchment,
        person: &facts.person,
    };
    let located = Located::of(&facts.person, rules.areas());
    let view = View {
        response: Some(facts.response),
        origin: Some(origin),
        sender_role: facts.sender_role,
        sender_kind: Some(facts.sender.kind),
        names_team: facts.requested.is_some(),
        names_copies: !facts.copies.is_empty(),
        ..located.view()
    };
    let mut plan = Plan::default();
    let mut also = Vec::new();
    for row in rules.upon(Occasion::Document(DocumentKind::Referral)).filter(|row| row.when.holds(&view)) {
        let rule = Rule::of(&row.heading);
        if row.to.contains(&Target::Copies) {
            copies(&mut plan, &rule, row, facts, &search);
        } else {
            serve(&mut plan, &rule, row, &search);
            also.push((rule, row));
        }
    }
    if plan.responsible().is_none() {
        last_resort(&mut plan, &search)?;
    }
    // After the responsible party, so that an access point that is responsible anyway is not told twice.
    for (rule, row) in also {
        for found in row.also.iter().filter_map(|target| search.find(target).ok()) {
            if plan.listed(&found.party.id).is_none() {
                plan.choose(&rule, row.role, &found.party.id, row.heading.reason.clone());
            }
        }
    }
    if let (Some(requested), Some(chosen)) = (&facts.requested, plan.responsible())
        && !plan.considered(requested)
    {
        let rule = Rule { id: chosen.rule.clone(), source: chosen.source.clone() };
        let why = format!("Named in the referral. {}", chosen.reason);
        plan.pass_over(&rule, requested, why);
    }
    for candidate in &catchment.passed_over {
        plan.note(candidate.clone());
    }
    plan.fallback |= catchment.uncovered;
    Ok(plan.finish(origin, Some(catchment)))
}

/// Serves one row: the first target that can be had for whoever is to be responsible or comes in a crisis, else all.
fn serve(plan: &mut Plan, rule: &Rule, row: &DestinationRule, search: &Search<'_>) {
    let one = matches!(row.role, Role::Responsible | Role::Crisis);
    let mut notes: Vec<String> = Vec::new();
    let mut named = None;
    let mut found_any = false;
    for target in &row.to {
        let found = match search.find(target) {
            Ok(found) => found,
            Err(Lost::Named(id, why)) => {
                plan.pass_over(rule, &id, why);
                notes.push(why.to_owned());
                named = Some((id, why));
                continue;
            }
            Err(Lost::Unnamed | Lost::None) => continue,
            Err(Lost::Unknown) => {
                notes.push("The referral names no team, and neither address nor GP practice is given.".to_owned());
                continue;
            }
        };
        let party = &found.party.id;
        if row.role == Role::Responsible {
            if let Some(first) = plan.responsible() {
                // An earlier row decided; who would have had it is told all the same.
                let why = format!("{} comes first: {}", first.rule, first.reason);
                plan.pass_over(rule, party, why);
                return;
            }
            if plan.listed(party).is_some() {
                plan.pass_over(rule, party, "Has it already, as the crisis team.");
                notes.push("The team named has it already as the crisis team.".to_owned());
                continue;
            }
        }
        found_any = true;
        let reason = reason(row, &notes, &found.more, found.party);
        let by = found.fallback.as_ref().unwrap_or(rule);
        plan.fallback |= found.fallback.is_some();
        if let Some((id, why)) = named.take() {
            let instead = format!("{why} {}", instead(found.party));
            plan.unplaced(rule, Wanted::Team(id), instead);
        }
        plan.choose(by, row.role, party, reason);
        pass_over_others(plan, rule, target, party, search);
        if one {
            break;
        }
    }
    if !found_any && let Some(text) = &row.missing {
        let wanted = match row.to.first() {
            Some(Target::Kind(PartyKind::Crht)) => Wanted::CrisisTeam,
            Some(Target::Kind(kind)) => Wanted::Kind(*kind),
            _ => Wanted::Somebody,
        };
        plan.unplaced(rule, wanted, text.clone());
    }
}

fn reason(row: &DestinationRule, notes: &[String], more: &str, party: &Party) -> String {
    if !notes.is_empty() {
        return format!("{} {}", notes.join(" "), instead(party));
    }
    if more.is_empty() { row.heading.reason.clone() } else { format!("{} {more}", row.heading.reason) }
}

fn instead(party: &Party) -> String {
    if party.kind == PartyKind::AccessPoint {
        "The access point places the referral.".to_owned()
    } else {
        format!("{} has the referral instead.", party.name)
    }
}

fn pass_over_others(
    plan: &mut Plan,
    rule: &Rule,
    target: &Target,
    chosen: &crate::model::PartyId,
    search: &Search<'_>,
) {
    let Target::Kind(kind) = target else { return };
    for other in search.directory.of_kind(*kind, search.now).filter(|other| other.id != *chosen) {
        plan.pass_over(rule, &other.id, "Another team of its kind is nearer to the access point or named first.");
    }
}

/// No row found anybody: whoever places those whom nobody covers answers for the referral.
fn last_resort(plan: &mut Plan, search: &Search<'_>) -> Result<(), RouteError> {
    let found = search.fallback().ok_or(RouteError::NoAccessPoint)?;
    let rule = found.fallback.ok_or(RouteError::NoAccessPoint)?;
    if plan.listed(&found.party.id).is_some() {
        return Err(RouteError::NoAccessPoint);
    }
    plan.fallback = true;
    plan.choose(&rule, Role::Responsible, &found.party.id, "No other rule found a team that could answer for it.");
    Ok(())
}

/// The access point for this referral: that of the trust whose team it names, else of the sender's own trust, else the
/// first of the directory.
fn access_point<'a>(facts: &Facts<'_>, directory: &'a Directory, now: Timestamp) -> Option<&'a Party> {
    let named = facts.requested.as_ref().and_then(|id| directory.party(id, now)).map(Party::organisation);
    nearest(PartyKind::AccessPoint, &[named, Some(facts.sender.organisation())], directory, now)
}

/// L481-492. Internal are the teams of the trust that runs the access point (another trust's are external), and
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

/// Copies the sender asks for. What each may see is decided afterwards, by consent.
fn copies(plan: &mut Plan, rule: &Rule, row: &DestinationRule, facts: &Facts<'_>, search: &Search<'_>) {
    for id in &facts.copies {
        if *id == facts.sender.id {
            plan.pass_over(rule, id, "The sender has the referral already.");
        } else if search.directory.party(id, search.now).is_some() {
            plan.choose(rule, row.role, id, row.heading.reason.clone());
        } else {
            plan.pass_over(rule, id, "Not in the directory at this time.");
            plan.unplaced(
                rule,
                Wanted::Copy(id.clone()),
                "No copy went there: it is not in the directory at this time. Check the name or send it yourself.",
            );
        }
    }
}
