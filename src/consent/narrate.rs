//! Plain narrative for a resource that was cut: what its remaining elements say, element by element, and nothing else.

use serde_json::Value;

use crate::fhir::build;
use crate::fhir::bundle::resource_type;

/// The cut resource with a narrative of its own, where the original had one and more than the narrative changed.
pub(super) fn renarrated(before: &Value, mut after: Value) -> Value {
    if before.get("text").is_none() || (after.get("text").is_some() && same_but_for_text(before, &after)) {
        return after;
    }
    let text = narrative(&after);
    if let Some(object) = after.as_object_mut() {
        object.insert("text".into(), text);
    }
    after
}

fn same_but_for_text(a: &Value, b: &Value) -> bool {
    let members = |value: &Value| value.as_object().map_or(0, |o| o.keys().filter(|key| *key != "text").count());
    let same = |(key, inner): (&String, &Value)| key == "text" || b.get(key) == Some(inner);
    members(a) == members(b) && a.as_object().is_some_and(|object| object.iter().all(same))
}

/// A generated narrative from what is there now; the old one is not looked at.
pub(super) fn narrative(resource: &Value) -> Value {
    let mut lines = vec![spaced(resource_type(resource).unwrap_or("Resource"))];
    lines.extend(words(resource));
    build::narrative(&lines)
}

/// What the elements of a resource say, a line each.
pub(super) fn words(resource: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    // The sections of a document have narratives of their own.
    let all = resource_type(resource) != Some("Composition");
    for (key, value) in resource.as_object().into_iter().flatten().filter(|(key, _)| all || *key == "title") {
        if matches!(key.as_str(), "resourceType" | "id" | "meta" | "text" | "contained" | "language")
            || key.starts_with('_')
        {
            continue;
        }
        let mut words = Vec::new();
        gather(value, &mut words);
        if !words.is_empty() {
            lines.push(format!("{}: {}", spaced(key), words.join(", ")));
        }
    }
    lines
}

/// Words a person would read, in order: text and displays rather than codes and URLs.
fn gather(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let machine = matches!(key.as_str(), "system" | "reference" | "url" | "use" | "id" | "type" | "rank");
                // An extension of an element says little without its definition; one that is itself read is a list.
                let aside = key == "extension" && !object.contains_key("url");
                let repeated = match key.as_str() {
                    "coding" => object.contains_key("text"),
                    "code" => object.contains_key("display"),
                    _ => false,
                };
                if !machine && !aside && !repeated {
                    gather(inner, words);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
        Value::String(text) if !text.starts_with("urn:") => words.push(text.clone()),
        Value::Number(number) => words.push(number.to_string()),
        Value::Bool(yes) => words.push(if *yes { "yes" } else { "no" }.to_owned()),
        Value::String(_) | Value::Null => {}
    }
}

/// `birthDate` as `Birth date`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    for (position, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && position > 0 {
            out.push(' ');
            out.push(c.to_ascii_lowercase());
        } else if position == 0 {
            out.push(c.to_ascii_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::narrative;
    use serde_json::json;

    #[test]
    fn it_says_what_remains_and_never_what_the_old_narrative_said() {
        let text = narrative(&json!({
            "resourceType": "Patient", "text": {"div": "MARK"}, "birthDate": "1980-02-03",
            "name": [{"family": "Made-up", "given": ["Person"]}],
            "maritalStatus": {"coding": [{"system": "s", "code": "M", "display": "Married"}]},
        }));
        let div = text["div"].as_str().unwrap();
        assert!(div.contains("<p>Birth date: 1980-02-03</p>") && div.contains("Name: Made-up, Person"), "{div}");
        assert!(div.contains("Marital status: Married") && !div.contains("MARK"), "{div}");
    }
}
