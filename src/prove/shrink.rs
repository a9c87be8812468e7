//! Makes a case as plain as it can be: optional facts away, sets empty, flags false, codes the first of their list, as long
//! as it remains a case. What is left is what matters, and the same whatever model the solver found it in, nearly always.

use std::collections::BTreeMap;

use cedar_policy::SchemaFragment;
use serde_json::Value;

use super::counterexample::Case;
use super::text::Made;

/// The codes of each closed list, in the order of the schema.
pub(super) type Choices = BTreeMap<String, Vec<String>>;

/// The closed lists of a schema.
///
/// # Errors
/// The text is no schema, or has no JSON form.
pub(super) fn choices(schema: &str) -> Made<Choices> {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(schema).map_err(|error| error.to_string())?;
    let value = fragment.to_json_value().map_err(|error| error.to_string())?;
    let types = value[""]["entityTypes"].as_object().into_iter().flatten();
    let codes =
        |list: &Value| list.as_array().map(|l| l.iter().filter_map(|c| c.as_str().map(str::to_owned)).collect());
    Ok(types.filter_map(|(name, of)| Some((name.clone(), codes(&of["enum"])?))).collect())
}

/// Takes every step that leaves a case, again and again until none does.
pub(super) fn plainest(case: &mut Case, choices: &Choices, still: &dyn Fn(&Case) -> bool) {
    loop {
        let before = case.clone();
        everywhere(case, choices, still);
        ranked(case, still);
        for part in [Case::recipient_mut, Case::part_mut, Case::facts_mut] {
            let mut paths = Vec::new();
            collect(part(case), "", &mut paths);
            for path in paths {
                for step in steps(part(case).pointer(&path), choices) {
                    let mut smaller = case.clone();
                    if step.take(part(&mut smaller), &path) && smaller != *case && still(&smaller) {
                        *case = smaller;
                        break;
                    }
                }
            }
        }
        if *case == before {
            return;
        }
    }
}

impl Case {
    fn recipient_mut(&mut self) -> &mut Value {
        &mut self.recipient
    }

    fn part_mut(&mut self) -> &mut Value {
        &mut self.part
    }

    fn facts_mut(&mut self) -> &mut Value {
        &mut self.facts
    }
}

/// One way of making a value plainer.
enum Step {
    Away,
    Become(Value),
}

impl Step {
    fn take(&self, root: &mut Value, path: &str) -> bool {
        match self {
            Self::Become(value) => root.pointer_mut(path).map(|place| *place = value.clone()).is_some(),
            Self::Away => {
                let Some((parent, leaf)) = path.rsplit_once('/') else { return false };
                match root.pointer_mut(parent) {
                    Some(Value::Object(map)) => map.remove(leaf).is_some(),
                    Some(Value::Array(list)) => {
                        let position = leaf.parse().ok().filter(|position: &usize| *position < list.len());
                        position.map(|position| list.remove(position)).is_some()
                    }
                    _ => false,
                }
            }
        }
    }
}

/// The ways of making a value plainer, plainest first; what the schema does not allow is no case any more.
fn steps(value: Option<&Value>, choices: &Choices) -> Vec<Step> {
    let mut steps = vec![Step::Away];
    match value {
        Some(Value::Bool(true)) => steps.push(Step::Become(false.into())),
        Some(Value::Array(list)) if !list.is_empty() => steps.push(Step::Become(Value::Array(Vec::new()))),
        Some(Value::String(text)) if text != "…" && !text.is_empty() => {
            steps.extend(["", "…"].map(|plain| Step::Become(plain.into())));
        }
        Some(Value::Number(number)) => {
            let plain = (0..2_i64).take_while(|plain| number.as_i64() != Some(*plain));
            steps.extend(plain.map(|plain| Step::Become(plain.into())));
        }
        Some(value) => {
            if let Some((kind, code)) = entity(value) {
                let plainer = choices.get(kind).into_iter().flatten().take_while(|other| *other != code);
                steps.extend(plainer.map(|other| Step::Become(coded(kind, other))));
            }
        }
        None => {}
    }
    steps
}

/// Every value that can be changed by itself, outermost first.
fn collect(value: &Value, path: &str, out: &mut Vec<String>) {
    if !path.is_empty() {
        out.push(path.to_owned());
    }
    match value {
        Value::Object(map) if entity(value).is_none() => {
            map.iter().for_each(|(key, inner)| collect(inner, &format!("{path}/{key}"), out));
        }
        // from the end, so that taking one away leaves the places of the others
        Value::Array(list) => {
            list.iter().enumerate().rev().for_each(|(i, inner)| collect(inner, &format!("{path}/{i}"), out));
        }
        _ => {}
    }
}

/// Puts a plainer code in place of another wherever it stands: a category of the part and of a consent, say.
fn everywhere(case: &mut Case, choices: &Choices, still: &dyn Fn(&Case) -> bool) {
    for (kind, codes) in choices {
        for (position, code) in codes.iter().enumerate() {
            for plainer in codes.iter().take(position) {
                let mut smaller = case.clone();
                let (from, to) = (coded(kind, code), coded(kind, plainer));
                for value in [&mut smaller.recipient, &mut smaller.part, &mut smaller.facts] {
                    replace(value, &from, &to);
                }
                if smaller != *case && still(&smaller) {
                    *case = smaller;
                    break;
                }
            }
        }
    }
}

/// Puts 0, 1, 2 … in place of the numbers, in their order: which moment is before which is all that matters.
fn ranked(case: &mut Case, still: &dyn Fn(&Case) -> bool) {
    let mut numbers = Vec::new();
    gather(&case.facts, &mut numbers);
    numbers.sort_unstable();
    numbers.dedup();
    let mut smaller = case.clone();
    let rank = |number: i64| numbers.iter().position(|other| *other == number).unwrap_or_default();
    renumber(&mut smaller.facts, &rank);
    if smaller != *case && still(&smaller) {
        *case = smaller;
    }
}

fn gather(value: &Value, numbers: &mut Vec<i64>) {
    match value {
        Value::Number(number) => numbers.extend(number.as_i64()),
        Value::Object(map) => map.values().for_each(|inner| gather(inner, numbers)),
        _ => {}
    }
}

fn renumber(value: &mut Value, rank: &dyn Fn(i64) -> usize) {
    match value {
        Value::Number(number) => {
            if let Some(old) = number.as_i64() {
                *value = rank(old).into();
            }
        }
        Value::Object(map) => map.values_mut().for_each(|inner| renumber(inner, rank)),
        _ => {}
    }
}

fn replace(value: &mut Value, from: &Value, to: &Value) {
    if entity(value).is_some() && entity(value) == entity(from) {
        *value = to.clone();
        return;
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|inner| replace(inner, from, to)),
        Value::Array(list) => list.iter_mut().for_each(|inner| replace(inner, from, to)),
        _ => {}
    }
}

/// Type and id, where a value is an entity.
pub(super) fn entity(value: &Value) -> Option<(&str, &str)> {
    let entity = value.get("__entity")?;
    Some((entity.get("type")?.as_str()?, entity.get("id")?.as_str()?))
}

fn coded(kind: &str, code: &str) -> Value {
    serde_json::json!({"__entity": {"type": kind, "id": code}})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Case, Choices, coded, plainest};

    #[test]
    fn what_does_not_matter_goes_and_what_matters_stays() {
        let choices: Choices = [("C".to_owned(), ["a", "b", "c"].map(str::to_owned).to_vec())].into();
        let mut case = Case {
            recipient: json!({"flag": true, "name": "x"}),
            part: json!({"category": coded("C", "c")}),
            facts: json!({"named": [coded("C", "a"), coded("C", "c")], "n": 7, "other": {"set": [coded("C", "b")]}}),
        };
        // it matters that the category of the part is named, that the flag is set, and that n is above 0
        plainest(&mut case, &choices, &|case| {
            let named = case.facts["named"].as_array().is_some_and(|named| named.contains(&case.part["category"]));
            named && case.recipient["flag"] == true && case.facts["n"].as_i64() > Some(0)
        });
        assert_eq!(case.recipient, json!({"flag": true}));
        assert_eq!(case.part, json!({"category": coded("C", "a")}));
        assert_eq!(case.facts, json!({"named": [coded("C", "a")], "n": 1}));
    }
}
