//! Who has a referral from now on when the access point accepts it, or somebody redirects it. The seam to `route`: which
//! team's area a person lives in is for its rules to say.

use jiff::Timestamp;

use super::document::Content;
use super::sender::find;
use crate::directory::Directory;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, Party, PartyId, PartyKind, Sector};

/// What the choice takes in.
pub(super) struct Onward<'a> {
    pub content: &'a Content,
    /// Who passes it on.
    pub from: &'a PartyId,
    /// The team named in the step.
    pub named: Option<&'a PartyId>,
    pub directory: &'a Directory,
    pub now: Timestamp,
}

/// The team that has it when the access point has accepted it: the one named, else the one the referral asks for.
///
/// # Errors
/// There is none: the access point must name one.
pub(super) fn on_acceptance<'d>(facts: &Onward<'d>) -> Result<&'d Party, Refusal> {
    if facts.named.is_some() {
        return redirected(facts);
    }
    let asked = match facts.content {
        Content::Referral(referral) => referral.service.as_ref(),
        Content::Document(..) => None,
    };
    let asked = asked.and_then(|team| find(facts.directory, team.party.as_ref(), team.ods.as_ref(), facts.now));
    let takes = |party: &&Party| {
        party.part_of.is_some()
            && party.sector() == Sector::Nhs
            && party.kind != PartyKind::AccessPoint
            && party.id != *facts.from
    };
    asked.filter(takes).ok_or_else(|| {
        let text =
            "Say which team has the referral from now on: it names none that could take it. Nothing was changed.";
        refused(text)
    })
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
