//! A case in words: who, which part, under which facts, with what answer. What is false or empty is left out, so that what
//! is told is what matters.

use cedar_policy::{Decision, EntityUid, PolicySet, Response};
use serde_json::Value;

use super::change::AFTER;
use super::counterexample::Case;
use super::shrink::entity;

/// Lines of a case.
pub(super) fn of(case: &Case, action: &EntityUid) -> Vec<String> {
    let told = action.id().unescaped() == "be-told-withheld";
    let mut lines = vec![if told { "Being told that this was withheld:" } else { "Receiving this:" }.to_owned()];
    for (name, value) in [("part", &case.part), ("recipient", &case.recipient), ("facts", &case.facts)] {
        for (key, fact) in value.as_object().into_iter().flatten() {
            let told = lines.len();
            tell(fact, &format!("{name}: {}", spaced(key)), &mut lines);
            // that a fact is gone is what a change may be about
            let before = key.strip_suffix(AFTER).and_then(|key| value.get(key));
            if lines.len() == told && before.is_some_and(is_told) {
                lines.push(format!("  {name}: {} none", spaced(key)));
            }
        }
    }
    lines
}

/// What Cedar answers and by which rules.
pub(super) fn verdict(response: &Response, set: &PolicySet) -> String {
    let mut rules: Vec<String> = response
        .diagnostics()
        .reason()
        .map(|id| {
            set.policy(id).map_or_else(String::new, |rule| {
                let reason = rule.annotation("reason").map(|reason| format!(" ({reason})"));
                format!("{id}{}", reason.unwrap_or_default())
            })
        })
        .collect();
    rules.sort();
    let answer = if response.decision() == Decision::Allow { "permitted" } else { "not permitted" };
    if rules.is_empty() { format!("{answer}: no rule permits it") } else { format!("{answer} by {}", rules.join(", ")) }
}

fn spaced(key: &str) -> String {
    match key.strip_suffix(AFTER) {
        Some(fact) => format!("{}, afterwards", fact.replace('_', " ")),
        None => key.replace('_', " "),
    }
}

fn is_told(value: &Value) -> bool {
    let mut lines = Vec::new();
    tell(value, "", &mut lines);
    !lines.is_empty()
}

fn tell(value: &Value, at: &str, lines: &mut Vec<String>) {
    let plain = |value: &Value| match (entity(value), value) {
        (Some((_, code)), _) => Some(code.to_owned()),
        (None, Value::String(text)) => Some(format!("{text:?}")),
        (None, Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match value {
        // a case of no particular organisation
        Value::String(text) if text.is_empty() && !at.contains("override") && !at.contains("emergency") => {}
        Value::Bool(true) => lines.push(format!("  {at}")),
        Value::Bool(_) => {}
        Value::Array(list) if list.is_empty() => {}
        Value::Array(list) => {
            lines.push(format!("  {at} {}", list.iter().filter_map(plain).collect::<Vec<_>>().join(", ")));
        }
        Value::Object(map) if entity(value).is_none() => {
            map.iter().for_each(|(key, inner)| tell(inner, &format!("{at} {}", spaced(key)), lines));
        }
        _ => lines.extend(plain(value).map(|text| format!("  {at} {text}"))),
    }
}
