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
/// There is none: the access point must name one.
pub(super) fn on_acceptance<'d>(facts: &Onward<'d>) -> Result<&'d Party, Refusal> {
    if facts.named.is_some() {
        return redirected(facts);
    }
    let person = of_content(facts.content, facts.directory, facts.now);
    let step = route::Step { by: facts.from, team: asked(facts), area: None, person: &person };
    let onward = route::on_acceptance(&step, facts.directory, facts.rules, facts.now);
    let team = onward.to.and_then(|to| facts.directory.party(&to.party, facts.now));
    team.filter(|team| team.id != *facts.from).ok_or_else(|| {
        let text = format!("{} Say which team has the referral from now on. Nothing was changed.", onward.why);
        refused(&text)
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

/// The team that is named.
///
/// # Errors
/// It is unknown, or the one that has it already.
pub(super) fn redirected<'d>(facts: &Onward<'d>) -> Result<&'d Party, Refusal> {
    let named = facts.named.and_then(|id| facts.directory.party(id, facts.now));
    let named = named.ok_or_else(|| refused("The directory has no such team. Name another."))?;
    if named.id == *facts.from {
        return Err(refused("This team has it already. Name another."));
    }
    Ok(named)
}

fn refused(text: &str) -> Refusal {
    let issue = Issue::error(IssueCode::BusinessRule, text).at("/team").rule("request-onward");
    Refusal::new(Category::Invalid, vec![issue])
}
