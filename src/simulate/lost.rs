//! That nothing was lost: what the store holds at the end against what was sent. Every message that was taken is kept and
//! was decided on, every request has one team that answers for it, everybody with a part in it was told of each step, and
//! the audit log is whole.

use std::collections::BTreeMap;

use anyhow::Context;

use super::Outcome;
use super::life::{Happens, Life, Trouble};
use super::playing::Playing;
use super::standing::standing;
use crate::audit;
use crate::model::{DocumentKind, MessageId, PartyId};
use crate::pipeline::Gateway;
use crate::store::TasksWanted;
use crate::workflow::role;

/// People whose care is read at once.
const PAGE: u32 = 500;

/// Notes everything that is lost.
///
/// # Errors
/// The store fails.
pub(super) async fn compare(gateway: &Gateway, played: &[Playing], outcome: &mut Outcome) -> anyhow::Result<()> {
    for one in played {
        for (message, decided, least) in messages(one) {
            outcome.kept += 1;
            if let Some(lost) = missing(gateway, message, decided, least).await? {
                outcome.differences.push(format!("person {}: {lost}", one.life.number));
            }
        }
        if let Some(request) = &one.request {
            outcome.requests += 1;
            let wrong = follow(gateway, &one.life, request, outcome).await?;
            outcome.differences.extend(wrong.map(|wrong| format!("person {}: {wrong}", one.life.number)));
        }
    }
    match audit::verify(gateway.store().as_ref()).await? {
        Ok(whole) => outcome.audited = u64::try_from(whole.entries)?,
        Err(fault) => outcome.differences.push(format!("the audit log is not whole: {fault}")),
    }
    events(gateway, played, outcome).await
}

/// The documents of a life that were taken, for how many recipients each was decided, and for how many at least it must be.
fn messages(one: &Playing) -> impl Iterator<Item = (&str, usize, usize)> {
    let referral = one.request.iter().map(|request| (request.as_str(), one.decided, 1));
    let documents = one.documents.iter().map(|(place, (message, decided))| {
        let what = one.life.moments.get(*place).map(|moment| moment.what);
        // a letter that names no practice goes to nobody but the person
        let nobody = one.life.practice.is_none()
            && matches!(what, Some(Happens::LetterSent | Happens::SafetyPlan | Happens::InterimPlan));
        (message.as_str(), *decided, usize::from(!nobody))
    });
    referral.chain(documents)
}

/// What of a message that was taken is not there.
async fn missing(gateway: &Gateway, message: &str, decided: usize, least: usize) -> anyhow::Result<Option<String>> {
    let id = MessageId::parse(message).context("the id of a message")?;
    if gateway.store().message(&id).await?.is_none() {
        return Ok(Some("a message that was taken is not in the store".to_owned()));
    }
    let found = gateway.store().decisions(&id).await?.len();
    let enough = decided >= least && found >= decided;
    Ok((!enough).then(|| format!("a message was answered with {decided} recipients, of which {found} were decided")))
}

/// What is wrong with how a request stands.
async fn follow(
    gateway: &Gateway,
    life: &Life,
    request: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<Option<String>> {
    let id = MessageId::parse(request).context("the id of a request")?;
    let expected = standing(life);
    outcome.steps += u64::try_from(expected.steps)?;
    let tasks = gateway.store().tasks(&TasksWanted::Request(id.clone())).await?;
    // whoever redirected it answers for it no more
    let answers = |status: &str| status != "redirected";
    let responsible: Vec<(&str, &str)> = tasks
        .iter()
        .filter(|task| task.role == role::RESPONSIBLE && answers(&task.status))
        .map(|task| (task.owner.as_str(), task.status.as_str()))
        .collect();
    if responsible != [(expected.owner, expected.status)] {
        let (owner, status) = (expected.owner, expected.status);
        return Ok(Some(format!("the request is with {responsible:?} and not with {owner}, {status}")));
    }
    let sender = PartyId::parse(&life.partner).context("the partner")?;
    let deliveries = gateway.store().status(&sender, &id).await?.unwrap_or_default();
    let mut told: BTreeMap<&str, usize> = expected.told.keys().map(|party| (*party, 0)).collect();
    for delivery in deliveries.iter().filter(|delivery| delivery.kind == DocumentKind::StatusUpdate) {
        if let Some(told) = told.get_mut(delivery.recipient.as_str()) {
            *told += 1;
        }
    }
    Ok((told != expected.told)
        .then(|| format!("of the steps were told {told:?}, and {:?} should have been", expected.told)))
}

/// Every event that was taken stands in somebody's care.
async fn events(gateway: &Gateway, played: &[Playing], outcome: &mut Outcome) -> anyhow::Result<()> {
    let mut wanted: BTreeMap<String, u32> =
        played.iter().flat_map(|one| one.events.values().map(|id| (id.clone(), one.life.number))).collect();
    let mut referrals = 0;
    let mut after = None;
    loop {
        let page = gateway.store().care_page(after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for event in page.iter().flat_map(|(_, care)| &care.events) {
            wanted.remove(&event.id.to_string());
            referrals += usize::from(event.kind == crate::model::EventKind::ReferralReceived);
        }
    }
    let lost = wanted.values().map(|number| format!("person {number}: an event that was taken is in nobody's care"));
    outcome.differences.extend(lost);
    let sent = played.iter().filter(|one| one.life.trouble != Trouble::Malformed && one.request.is_some()).count();
    if referrals != sent {
        outcome.differences.push(format!("{sent} referrals were taken, and {referrals} are in people's care"));
    }
    Ok(())
}
