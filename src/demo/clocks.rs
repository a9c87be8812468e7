//! The scene about clocks: a referral is urgent, time goes by (it is injected, nobody waits), and who must act is told.

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::senders::{GP, Senders, TRUST};
use super::{Stage, party, report};
use crate::clocks::calendar::words;
use crate::model::{ClockState, DocumentKind, MessageId};
use crate::store::ClocksWanted;

const REFERRAL: &[u8] = include_bytes!("../../profiles/cmht/examples/referral/complete.json");
/// The rule whose clock the scene follows.
const RULE: &str = "CK-01";

pub(super) async fn time_goes_by(senders: &Senders, stage: &Stage) -> anyhow::Result<()> {
    report::scene("13. An urgent referral, and nobody rings the person");
    let mut referral: Value = serde_json::from_slice(REFERRAL).context("the complete example")?;
    referral["id"] = "DEMO-CLOCK-1".into();
    referral["response"] = "urgent".into();
    let answer = senders.ask(GP, "documents/referral", &referral).await?;
    let message = answer["message"].as_str().and_then(MessageId::parse).context("the referral has no id")?;
    let (store, gateway) = (&stage.running.store, &stage.running.gateway);
    let find = async || -> anyhow::Result<_> {
        let open = store.clocks(&ClocksWanted::Open { owner: None }, 1000).await?;
        let clock = open.into_iter().find(|clock| clock.rule == RULE && clock.request.as_ref() == Some(&message));
        clock.context("no clock runs for the referral")
    };
    let clock = find().await?;
    let owner = gateway.party_name(&clock.owner, Timestamp::now());
    report::says(&format!(
        "First contact is due by {} ({RULE}, five working days); {owner} must act.",
        words(clock.due)
    ));
    let notices = async |recipient: &str| -> anyhow::Result<usize> {
        let items = store.inbox(&party(recipient)?).await?;
        Ok(items.iter().filter(|item| item.kind == DocumentKind::ClockNotice).count())
    };
    gateway.sweep_clocks(clock.due - SignedDuration::from_hours(6)).await.map_err(|_| told_nobody())?;
    ensure!(notices("lpt-cap").await? > 0 && notices("lpt").await? == 0, "the owner was not warned, or others were");
    report::says(&format!("The day before: {owner} is told that it is due soon."));
    let past = clock.due + SignedDuration::from_hours(1);
    gateway.sweep_clocks(past).await.map_err(|_| told_nobody())?;
    ensure!(notices("lpt").await? > 0, "the trust was not told of the breach");
    let before = notices("lpt").await?;
    gateway.sweep_clocks(past).await.map_err(|_| told_nobody())?;
    ensure!(notices("lpt").await? == before, "the trust was told twice");
    report::says("The day after: the team and the trust are told that it is overdue, once, by request and rule alone.");
    let contact = json!({"id": "DEMO-CONTACT-1", "kind": "contacted", "at": Timestamp::now().to_string(),
        "by": "lpt-cmht-city-east", "request": {"message": message.as_str()}, "detail": {"mode": "telephone"}});
    senders.ask(TRUST, "events", &contact).await?;
    let person = store.person_of(&message).await?.context("nobody is known")?;
    let care = store.care(&person).await?;
    let stopped = care.clocks.iter().find(|clock| clock.rule == RULE && clock.request.as_ref() == Some(&message));
    ensure!(stopped.is_some_and(|clock| clock.state == ClockState::Stopped), "the clock did not stop");
    report::says("The record system tells of a telephone call (POST /events), and the clock stops.");
    Ok(())
}

fn told_nobody() -> anyhow::Error {
    anyhow::anyhow!("the clocks could not be looked at")
}
