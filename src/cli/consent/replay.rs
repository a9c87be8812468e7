//! `consent replay`: stored decisions taken again with the policy of today.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::{DatabaseOf, INVALID, Report, UNUSABLE, said, unusable};
use super::stored::{self, Which};
use super::text::Style;
use crate::consent::{Engine, Replay, Trail};

/// What came of one record.
enum Again {
    Taken(Replay),
    Unreadable(String),
}

pub(super) fn replay(of: &DatabaseOf, which: Which<'_>, output: Report, policy: Option<&Path>) -> ExitCode {
    let ready = || anyhow::Ok((super::engine(policy)?, stored::records(of, &which)?));
    let (engine, records) = match ready() {
        Ok(ready) => ready,
        Err(error) => return unusable(&error),
    };
    if records.is_empty() {
        return match which {
            Which::One(id) => unusable(&anyhow::anyhow!("there is no stored decision {id}")),
            Which::All | Which::File(_) => {
                said(format_args!("There are no decisions to take again."), ExitCode::SUCCESS)
            }
        };
    }
    let taken: Vec<(String, Again)> =
        records.into_iter().map(|(name, record)| (name, again(&engine, &record))).collect();
    let differ = taken.iter().filter(|(_, again)| matches!(again, Again::Taken(replay) if !replay.same)).count();
    let unreadable = taken.iter().filter(|(_, again)| matches!(again, Again::Unreadable(_))).count();
    let code = match (unreadable, differ) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(INVALID),
        _ => ExitCode::from(UNUSABLE),
    };
    match output {
        Report::Text => {
            let style = Style::of_stdout();
            let told: Vec<String> = taken.iter().map(|(name, again)| in_words(name, again, style)).collect();
            let same = taken.len() - differ - unreadable;
            let sums = format!("{same} the same, {differ} otherwise now, {unreadable} unreadable");
            said(format_args!("{}\n{}", told.join("\n"), style.heading(&sums)), code)
        }
        Report::Json => said(format_args!("{}", taken.iter().map(as_json).collect::<Value>()), code),
    }
}

fn again(engine: &Engine, record: &str) -> Again {
    match Trail::read(record) {
        Ok(trail) => Again::Taken(engine.replay(&trail)),
        Err(fault) => Again::Unreadable(fault.to_string()),
    }
}

fn in_words(name: &str, again: &Again, style: Style) -> String {
    let replay = match again {
        Again::Unreadable(why) => return format!("{name}: {why}"),
        Again::Taken(replay) => replay,
    };
    let mut lines = vec![format!("{name}: {}, {}", style.outcome(replay.outcome), verdict(replay))];
    if !replay.policy_changes.is_empty() {
        lines.push(style.wrapped(&format!("Policy since: {}.", replay.policy_changes.join(", ")), 2));
    }
    for one in &replay.differences {
        let held = if one.held { "" } else { " (the document held none)" };
        lines.push(style.wrapped(&format!("{}{held}: then {}, now {}.", one.label.title(), one.then, one.now), 2));
    }
    if !replay.same {
        lines.push(style.wrapped("What was decided stands.", 2));
    }
    lines.join("\n")
}

const fn verdict(replay: &Replay) -> &'static str {
    match (replay.same, replay.policy_changes.is_empty()) {
        (true, true) => "and the same again",
        (true, false) => "and the same again, under another policy",
        (false, false) => "and otherwise now: policy has changed",
        // The same facts and the same policy have one answer; another gateway version read them otherwise.
        (false, true) => "and otherwise now, under the same policy: tell whoever looks after the gateway",
    }
}

fn as_json((name, again): &(String, Again)) -> Value {
    match again {
        Again::Taken(replay) => json!({"decision": name, "replay": replay}),
        Again::Unreadable(why) => json!({"decision": name, "fault": why}),
    }
}
