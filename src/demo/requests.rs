//! The scene about the closed loop: one referral from its sender to its end, and who was told what. Uses only what any
//! other client could use.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::senders::{GP, Senders, TRUST};
use super::{Stage, report, settle};
use crate::model::DocumentKind;
use crate::pipeline::readable;

const COMPLETE: &[u8] = include_bytes!("../../profiles/cmht/examples/referral/complete.json");
const EAST: &str = "lpt-cmht-city-east";

pub(super) async fn followed(senders: &Senders, stage: &Stage) -> anyhow::Result<()> {
    report::scene("16. A referral is followed to its end: nobody has to ring up and ask");
    let mut referral: Value = serde_json::from_slice(COMPLETE).context("an example is not JSON")?;
    referral["id"] = "SMP-2026-00421-FOLLOWED".into();
    let before = stage.gp.kept().len();
    let answer = senders.ask(GP, "documents/referral", &referral).await?;
    let request = answer["message"].as_str().context("an answer without message")?.to_owned();
    let path = format!("requests/{request}/status");
    let mut owner = "lpt-cap";
    let steps: &[(&str, &str, Value)] = &[
        ("The access point accepts it for the City East team.", TRUST, json!({"status": "accepted", "team": EAST})),
        (
            "City East asks the GP.",
            TRUST,
            json!({"status": "more-information-needed", "reason": "Has the person agreed to be seen at home?"}),
        ),
        ("The GP answers.", GP, json!({"status": "information-given", "reason": "Yes, in the mornings."})),
        ("City East allocates a worker.", TRUST, json!({"status": "allocated"})),
        ("The worker speaks to the person.", TRUST, json!({"status": "contacted", "mode": "telephone"})),
        ("The person is assessed.", TRUST, json!({"status": "assessed"})),
        ("The work is done.", TRUST, json!({"status": "completed"})),
    ];
    for (words, who, step) in steps {
        let mut step = step.clone();
        step["task"] = task_of(senders, &request, owner).await?;
        let taken = senders.ask(who, &path, &step).await?;
        let told = taken["told"].as_array().context("a step that tells nobody")?;
        ensure!(!told.is_empty(), "nobody was told that {words}");
        let told: Vec<&str> = told.iter().filter_map(Value::as_str).collect();
        report::says(&format!("{words} Told: {}.", told.join(", ")));
        owner = EAST;
    }
    settle(&stage.running).await?;
    let kept = stage.gp.kept();
    println!();
    report::says("What the GP's system was told, in words:");
    let mut heard = 0;
    for kept in kept.iter().skip(before).filter(|kept| kept.kind() == Some(DocumentKind::StatusUpdate)) {
        let read = readable(DocumentKind::StatusUpdate, &kept.bundle).context("an update that cannot be read")?;
        let of = |heading: &str| {
            let section = read.sections.iter().find(|(found, _)| found == heading);
            section.and_then(|(_, lines)| lines.first()).cloned()
        };
        let why = of("Why").map(|why| format!(" Why: {why}")).unwrap_or_default();
        report::says(&format!("- {}{why}", of("What has happened").context("an update that says nothing")?));
        heard += 1;
    }
    ensure!(heard == 6, "the GP was told of {heard} steps and not of 6");
    Ok(())
}

/// The task of a request that a party has.
async fn task_of(senders: &Senders, request: &str, owner: &str) -> anyhow::Result<Value> {
    let found = senders.read(TRUST, &format!("requests/{request}")).await?;
    let tasks = found["tasks"].as_array().context("a request without tasks")?;
    let task = tasks.iter().rev().find(|task| task["owner"] == owner && task["role"] != "copy");
    Ok(task.with_context(|| format!("{owner} has no task"))?["task"].clone())
}
