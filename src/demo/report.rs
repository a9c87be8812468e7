//! What the demonstration prints: in words first, with rule ids, short enough for one screen or two.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::neighbours::Neighbour;
use crate::app::Running;
use crate::audit::Verified;
use crate::fhir::Bundle;
use crate::fhir::bundle::resource_type;
use crate::model::DocumentKind;
use crate::outbox;
use crate::pipeline::readable;

const WIDTH: usize = 100;

pub(super) fn opening(base: &str, gp: &Neighbour, provider: &Neighbour) {
    println!("cmht-gateway demonstration. Everybody in it is made up.\n");
    println!("  gateway            {base}");
    println!("  GP system          {}", gp.endpoint());
    println!("  private provider   {}", provider.endpoint());
}

/// The answer to a FHIR message, issue by issue.
pub(super) fn fhir_answer(title: &str, answer: &Value) {
    heading(title);
    let outcome = Bundle::new(answer.clone()).ok().and_then(|b| b.first("OperationOutcome").cloned());
    issues(outcome.as_ref());
}

/// The answer to a native document.
pub(super) fn native_answer(title: &str, answer: &Value) {
    heading(title);
    issues(answer.get("outcome"));
}

fn issues(outcome: Option<&Value>) {
    println!("The gateway answers 200 at once:\n");
    let list = outcome.and_then(|o| o.get("issue")?.as_array()).into_iter().flatten();
    for issue in list {
        let text = |key: &str| issue.get(key).and_then(Value::as_str).unwrap_or_default();
        let path = issue.pointer("/expression/0").and_then(Value::as_str);
        let place = path.map_or_else(String::new, |path| format!(" [{path}]"));
        wrap("  - ", &format!("{}{place}", text("diagnostics")));
    }
}

/// What arrived where.
pub(super) async fn arrivals(running: &Running, gp: &Neighbour, provider: &Neighbour) -> anyhow::Result<()> {
    heading("What arrived where");
    let now = Timestamp::now();
    for party in running.gateway.directory().parties(now) {
        for item in running.store.inbox(&party.id).await? {
            let read = running.gateway.readable_item(&item);
            println!("  inbox of {}: {}", party.name, read.title);
            for withheld in outbox::in_words(&item.withheld) {
                wrap("      withheld: ", &withheld);
            }
            if item.withheld.is_empty() {
                println!("      whole: {} sections", read.sections.len());
            }
        }
    }
    for (name, neighbour) in [("GP system", gp), ("private provider", provider)] {
        for kept in neighbour.kept() {
            posted(name, &kept.bundle);
        }
    }
    Ok(())
}

fn posted(name: &str, bundle: &Bundle) {
    let request = bundle.first("Task").is_some() && bundle.first("ServiceRequest").is_none();
    let kind = if request { DocumentKind::InformationRequest } else { DocumentKind::Referral };
    let Some(read) = readable(kind, bundle) else { return };
    println!("  posted to the {name}: {}", read.title);
    if request {
        for line in read.sections.iter().flat_map(|(_, lines)| lines) {
            wrap("      asked: ", line);
        }
    } else {
        let kinds: Vec<&str> = bundle.entries().filter_map(|(_, resource)| resource_type(resource)).collect();
        wrap("      holds: ", &kinds.join(", "));
        let notes = bundle.first("ServiceRequest").and_then(|r| r.get("note")?.as_array());
        for note in notes.into_iter().flatten().filter_map(|n| n.get("text")?.as_str()) {
            wrap("      says: ", note);
        }
    }
}

pub(super) fn audit(whole: &Verified) {
    heading("The audit log");
    println!("  whole: {} entries, each chained to the one before; head {}", whole.entries, whole.head);
}

/// What to try while it stays up.
pub(super) fn addresses(base: &str, folder: &Path) {
    heading("Try it (Ctrl-C stops it)");
    println!(
        "  the charity's inbox in a browser    {base}/portal   sign in as wellbeing-roots / wellbeing-roots-password"
    );
    println!("  the access point's inbox as JSON    curl -u lpt:lpt-secret {base}/inbox");
    println!("  what the gateway answers to         curl {base}/fhir/metadata");
    println!(
        "  check the audit log                 cmht-gateway audit verify --database {}",
        folder.join("gateway.db").display()
    );
}

fn heading(title: &str) {
    println!("\n== {title}\n");
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
