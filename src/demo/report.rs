//! What the demonstration prints: in words first, with rule ids, a few lines a scene, 100 columns wide.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::neighbours::Neighbour;
use super::senders::Told;
use crate::app::Running;
use crate::audit::Verified;
use crate::fhir::Bundle;
use crate::model::{DocumentKind, Issue};
use crate::outbox;
use crate::pipeline::{MissingAnswer, RecipientAnswer, Release, readable};

const WIDTH: usize = 100;

pub(super) fn opening(base: &str, gp: &Neighbour, provider: &Neighbour) {
    println!("cmht-gateway demonstration. Everybody in it is made up.\n");
    println!("  gateway            {base}");
    println!("  GP system          {}", gp.endpoint());
    println!("  private provider   {}", provider.endpoint());
    println!("  teams, charity     read an inbox in the gateway\n");
    says("Who gets what, and by which rule, is told to whoever sends:");
    println!("  RT-…   why somebody is a recipient             DL-…   what a discharge letter must hold");
    println!("  CS-01  for the person's own care in the NHS    CS-02  the person objects");
    println!("  CS-03  their plan says whom not to inform      CS-11  private care, on the person's consent");
    println!("  CS-04  no more than the person's explicit consent and the sharing agreement both cover");
    println!("  CS-14  what the person's own GP needs, without what others said and what is a carer's own");
}

/// The title of a scene.
pub(super) fn scene(title: &str) {
    println!("\n== {title}\n");
}

/// A sentence of the story. A line end at its end makes room after it.
pub(super) fn says(text: &str) {
    wrap("  ", text);
    if text.ends_with('\n') {
        println!();
    }
}

/// A line of a list.
pub(super) fn item(text: &str) {
    wrap("  - ", text);
}

/// The answer to a FHIR message, issue by issue.
pub(super) fn fhir_answer(answer: &Value) {
    let outcome = Bundle::new(answer.clone()).ok().and_then(|b| b.first("OperationOutcome").cloned());
    let list = outcome.as_ref().and_then(|o| o.get("issue")?.as_array()).into_iter().flatten();
    for issue in list {
        let text = issue.get("diagnostics").and_then(Value::as_str).unwrap_or_default();
        // Which Consent resource is meant is for machines.
        let text = text.strip_prefix("Consent/").and_then(|text| text.split_once(": ")).map_or(text, |(_, said)| said);
        wrap("  - ", text);
    }
}

/// The answer to a document: each recipient and what it gets, then what is missing.
pub(super) fn answer(told: &Told) {
    for RecipientAnswer { name, rule, reason, release, consent_rules, withheld, denied, .. } in &told.recipients {
        let consent = consent_rules.join(", ");
        match release {
            Release::Whole => wrap("  - ", &format!("{name}: gets all of it. {reason} ({rule}, {consent})")),
            Release::Reduced => {
                wrap("  - ", &format!("{name}: gets part of it. {reason} ({rule}, {consent})"));
                for line in outbox::in_words(withheld) {
                    wrap("      withheld: ", &line);
                }
            }
            Release::Denied => {
                let why = denied.as_deref().unwrap_or("No rule permits it.");
                wrap("  - ", &format!("{name}: gets nothing. {why} ({consent})"));
            }
        }
    }
    if !told.missing.is_empty() {
        let titles: Vec<String> = told.missing.iter().map(title_of).collect();
        wrap("  - ", &format!("Missing of what the trust asks for ({}): {}.", titles.len(), titles.join("; ")));
    }
}

/// What is missing, with its number or rule.
fn title_of(missing: &MissingAnswer) -> String {
    let number = missing.item.map_or_else(|| missing.rule.clone(), |number| number.to_string());
    format!("{} ({number})", missing.title)
}

/// A finding of the validator, with its place.
pub(super) fn finding(issue: &Issue) {
    let (line, column) = issue.position.unwrap_or_default();
    let path = issue.path.as_deref().unwrap_or_default();
    let rule = issue.rule.as_deref().unwrap_or_default();
    wrap("  - ", &format!("line {line}, column {column}, {path}: {} ({rule})", issue.text));
}

/// What arrived where, a line each.
pub(super) async fn arrivals(running: &Running, gp: &Neighbour, provider: &Neighbour) -> anyhow::Result<()> {
    scene("What arrived where. A copy with parts withheld begins by saying so to whoever reads it");
    let now = Timestamp::now();
    for party in running.gateway.directory().parties(now) {
        let items = running.store.inbox(&party.id).await?;
        let lines = items.iter().map(|item| {
            let how = if item.withheld.is_empty() { WHOLE } else { PART };
            (running.gateway.readable_item(item).title, how)
        });
        arrived(&format!("Inbox of {}", party.name), &lines.collect::<Vec<_>>());
    }
    for (name, neighbour) in [("Posted to the GP system", gp), ("Posted to the private provider", provider)] {
        let kept = neighbour.kept();
        let lines = kept.iter().filter_map(|kept| {
            let read = readable(kept.kind()?, &kept.bundle)?;
            let how = match kept.kind()? {
                DocumentKind::InformationRequest => "asks",
                _ if kept.is_reduced() => PART,
                _ => WHOLE,
            };
            Some((read.title, how))
        });
        arrived(name, &lines.collect::<Vec<_>>());
    }
    Ok(())
}

const WHOLE: &str = "all of it";
const PART: &str = "part of it";

fn arrived(place: &str, items: &[(String, &str)]) {
    if !items.is_empty() {
        println!("  {place}");
    }
    for (title, how) in items {
        println!("      {how:<12}{title}");
    }
}

pub(super) fn audit(whole: &Verified) {
    scene("The audit log");
    says(&format!("Whole: {} entries, each chained to the one before. Its head is", whole.entries));
    println!("  {}", whole.head);
}

/// What to try while it stays up.
pub(super) fn addresses(base: &str, store: &Path) {
    scene("Try it (Ctrl-C stops it)");
    println!("  the charity's inbox in a browser, as wellbeing-roots, password wellbeing-roots-password");
    println!("      {base}/portal");
    println!("  what is overdue, due soon or stuck, and the measures, as lpt, password lpt-password");
    println!("      {base}/portal/operations");
    println!("  the inboxes of the trust's teams, as JSON");
    println!("      curl -u lpt:lpt-secret {base}/inbox");
    println!("  what the gateway answers to");
    println!("      curl {base}/fhir/metadata");
    println!("  check the audit log");
    println!("      cmht-gateway audit verify --database {}", store.join("gateway.db").display());
}

/// Prints text under a prefix, broken at words, continued under itself.
fn wrap(prefix: &str, text: &str) {
    let indent = prefix.chars().count();
    let mut line = prefix.to_owned();
    let mut length = indent;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length + word_length > WIDTH && length > indent {
            println!("{}", line.trim_end());
            line = " ".repeat(indent);
            length = indent;
        }
        line.push_str(word);
        line.push(' ');
        length += word_length + 1;
    }
    println!("{}", line.trim_end());
}
