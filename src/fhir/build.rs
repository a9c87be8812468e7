//! Small builders for the FHIR JSON form: codings, references, identifiers, narrative. No document knowledge.

use serde_json::{Map, Value, json};

/// A Coding.
#[must_use]
pub fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

/// A CodeableConcept with one coding.
#[must_use]
pub fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [coding(system, code, display)]})
}

/// A CodeableConcept that is text alone.
#[must_use]
pub fn text_concept(text: &str) -> Value {
    json!({"text": text})
}

/// A Reference to an entry of the same bundle.
#[must_use]
pub fn reference(full_url: &str) -> Value {
    json!({"reference": full_url})
}

/// A logical Reference by identifier, for parties across systems.
#[must_use]
pub fn logical(system: &str, value: &str, display: &str) -> Value {
    json!({"identifier": {"system": system, "value": value}, "display": display})
}

/// Generated narrative: one paragraph a line, everything escaped, plain enough to survive a system that strips HTML.
#[must_use]
pub fn narrative<S: AsRef<str>>(lines: &[S]) -> Value {
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for line in lines {
        div.push_str("<p>");
        escape_into(&mut div, line.as_ref());
        div.push_str("</p>");
    }
    div.push_str("</div>");
    json!({"status": "generated", "div": div})
}

/// Puts a value under a key unless it is null, empty text, an empty array or an empty object: FHIR allows none of them.
pub fn put(object: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    let empty = match &value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if !empty {
        object.insert(key.to_owned(), value);
    }
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}
