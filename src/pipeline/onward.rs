//! Who has a referral from now on when the access point accepts it, or somebody redirects it. The seam to `route`: which
//! team's area a person lives in is for its rules to say.

use jiff::Timestamp;

use super::document::Content;
use super::facts::of_content;
use super::sender::find;
use crate::directory::Directory;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, Party, PartyId, PartyKind, Sector};
use crate::route;

/// What the choice takes in.
pub(super) struct Onward<'a> {
    pub content: &'a Content,
    /// Who passes it on.
    pub from: &'a PartyId,
    /// The team named in the step.
    pub named: Option<&'a PartyId>,
    pub directory: &'a Directory,
    pub rules: &'a route::Rules,
    pub now: Timestamp,
}

/// The team that has it when the access point has accepted it: the one named, else the one whose area the person lives in
/// or which the referral asks for, by the rules of routing. Not triaged a second time (L551).
///
/// # Errors
/// There is none, and the access point must name one; or the one named cannot take it.
pub(super) fn on_acceptance<'d>(facts: &Onward<'d>) -> Result<&'d Party, Refusal> {
    let person = of_content(facts.content, facts.directory, facts.now);
    let team = facts.named.or_else(|| asked(facts));
    let step = route::Step { by: facts.from, team, area: None, person: &person };
    found(facts, &route::on_acceptance(&step, facts.directory, facts.rules, facts.now))
}

/// The team that has it when somebody redirects it: the one named. What is no referral goes to whoever is named, as a
/// handover from one charity to another.
///
/// # Errors
/// It is unknown, cannot take it, or has it already.
pub(super) fn redirected<'d>(facts: &Onward<'d>) -> Result<&'d Party, Refusal> {
    let named = facts.named.and_then(|id| facts.directory.party(id, facts.now));
    let named = named.ok_or_else(|| refused("The directory has no such team. Name another."))?;
    if named.id == *facts.from {
        return Err(refused("This team has it already. Name another."));
    }
    if !matches!(facts.content, Content::Referral(_)) {
        return Ok(named);
    }
    let person = of_content(facts.content, facts.directory, facts.now);
    let step = route::Step { by: facts.from, team: Some(&named.id), area: None, person: &person };
    found(facts, &route::on_redirection(&step, facts.directory, facts.rules, facts.now))
}

/// The team that routing has found, which is the one named where one is.
fn found<'d>(facts: &Onward<'d>, onward: &route::Onward) -> Result<&'d Party, Refusal> {
    let team = onward.to.as_ref().and_then(|to| facts.directory.party(&to.party, facts.now));
    let other = |team: &&Party| team.id != *facts.from && facts.named.is_none_or(|named| *named == team.id);
    team.filter(other).ok_or_else(|| {
        let named = onward.candidates.iter().find(|one| !one.chosen && Some(&one.party) == facts.named);
        let why = named.map_or(&onward.why, |one| &one.why);
        refused(&format!("{why} Say which team has the referral from now on. Nothing was changed."))
    })
}

/// The team the referral asks for, where that is a team that could take it.
fn asked<'d>(facts: &Onward<'d>) -> Option<&'d PartyId> {
    let Content::Referral(referral) = facts.content else { return None };
    let team = referral.service.as_ref()?;
    let team = find(facts.directory, team.party.as_ref(), team.ods.as_ref(), facts.now)?;
    let takes = team.part_of.is_some()
        && team.sector() == Sector::Nhs
        && team.kind != PartyKind::AccessPoint
        && team.id != *facts.from;
    takes.then_some(&team.id)
}

fn refused(text: &str) -> Refusal {
    let issue = Issue::error(IssueCode::BusinessRule, text).at("/team").rule("request-onward");
    Refusal::new(Category::Invalid, vec![issue])
}
