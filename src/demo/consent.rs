//! The scenes about consent: why something may not go, a wish that changes, and what the person is told of it all.
//! Uses only what any other client could use.

use anyhow::{Context, ensure};
use serde_json::Value;

use super::senders::{CHARITY, Senders, TRUST};
use super::{Stage, party, report};

/// A case: everything a decision takes in.
const CASE: &[u8] = include_bytes!("../../profiles/policy/cases/carer-capacity-in-doubt.json");
/// The person of the complete referral.
const PERSON: &str = "9990718423";
/// Lines of the report that are shown.
const SHOWN: usize = 24;

pub(super) async fn asked_why(senders: &Senders) -> anyhow::Result<()> {
    report::scene("10. Somebody at the desk asks: may I tell her sister?");
    let case: Value = serde_json::from_slice(CASE).context("the case is not JSON")?;
    let answer = senders.ask(TRUST, "consent/$decide", &case).await?;
    ensure!(answer["outcome"] == "refer-to-a-person", "the case came out as {}", answer["outcome"]);
    report::says(answer["summary"].as_str().context("an answer without words")?);
    Ok(())
}

/// The consent of the referral is withdrawn while the charity has not opened its copy.
pub(super) async fn changes_their_mind(senders: &Senders, stage: &Stage) -> anyhow::Result<()> {
    report::scene("11. The person withdraws the consent that came with the first referral");
    let charity = party(CHARITY)?;
    let before = stage.running.store.inbox(&charity).await?.len();
    let given = senders.consents(TRUST, PERSON).await?;
    ensure!(!given.is_empty(), "no consent of the referral was kept");
    for consent in given.iter().filter(|consent| consent["status"] == "active") {
        senders.withdraw(TRUST, consent).await?;
    }
    let after = stage.running.store.inbox(&charity).await?.len();
    ensure!(after < before, "the charity can still open what it had not opened");
    report::says(&format!(
        "In the same moment what nobody had opened is gone from the charity's inbox ({before} before, {after} now), by rule CS-17. The NHS teams go on: their care does not rest on that consent."
    ));
    Ok(())
}

pub(super) async fn told_to_the_person(senders: &Senders) -> anyhow::Result<()> {
    report::scene("12. The person asks who was told what");
    let text = senders.report(TRUST, PERSON).await?;
    ensure!(text.contains("Wellbeing Roots"), "the report leaves out the charity");
    for line in text.lines().take(SHOWN) {
        println!("  | {line}");
    }
    let more = text.lines().count().saturating_sub(SHOWN);
    if more > 0 {
        report::says(&format!("and {more} lines more; also as PDF and as FHIR AuditEvents."));
    }
    Ok(())
}
