//! The Basic that carries elements without a native place: how one part is written, and how it is read again. What in
//! a carrier is not as we write it is reported like anything else.

use serde_json::{Map, Value, json};

use crate::documents::parts::Unmapped;
use crate::map::element::Element;
use crate::map::extensions;

/// Longest piece of JSON text in one string: a FHIR string holds a million characters
/// (<https://hl7.org/fhir/R4/datatypes.html#string>).
const PIECE: usize = 500_000;

/// Deepest nesting that is read out of a carrier: what a native document may hold when it comes in again.
const DEEPEST: usize = 60;

/// One part a carrier speaks of.
pub(in crate::map) enum Carried {
    Element(Unmapped),
    /// A whole entry: its path, the fullUrl it has now, and the one it had.
    Entry {
        path: String,
        url: String,
        had: Option<String>,
    },
}

/// An element as extension: its path, and its JSON text in pieces.
pub(super) fn element(one: &Unmapped) -> Value {
    let text = text(&one.value);
    let mut parts = vec![json!({"url": "path", "valueString": one.path})];
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.floor_char_boundary(PIECE));
        parts.push(json!({"url": "json", "valueString": piece}));
        rest = more;
    }
    json!({"url": extensions::UNMAPPED_CONTENT, "extension": parts})
}

/// A whole entry as extension: its path, the fullUrl under which it goes out, and the one it had.
pub(super) fn entry(path: &str, url: &str, had: Option<&str>) -> Value {
    let mut parts = vec![json!({"url": "path", "valueString": path}), json!({"url": "entry", "valueUri": url})];
    parts.extend(had.map(|had| json!({"url": "fullUrl", "valueString": had})));
    json!({"url": extensions::UNMAPPED_CONTENT, "extension": parts})
}

/// JSON text that FHIR and XML can carry: the two characters neither allows are escaped, and stand in texts only.
fn text(value: &Value) -> String {
    value.to_string().replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// Everything a carrier speaks of, in its order.
pub(in crate::map) fn read(mut carrier: Element<'_>) -> Vec<Carried> {
    carrier.ignore(&["code", "subject"]);
    let known = carrier.extensions(extensions::UNMAPPED_CONTENT);
    known.into_iter().filter_map(part).collect()
}

fn part(extension: Element<'_>) -> Option<Carried> {
    let whole = extension.peek("extension")?;
    let said = said(whole);
    if said.is_some() {
        extension.discard();
    } else {
        extension.coerced("extension", "This is not as the gateway writes it.");
    }
    said
}

fn said(parts: &Value) -> Option<Carried> {
    let mut found: Map<String, Value> = Map::new();
    for part in parts.as_array()? {
        let url = part.get("url")?.as_str()?;
        let text = part.get("valueString").or_else(|| part.get("valueUri"))?.as_str()?;
        match (found.get_mut(url), url) {
            (None, "path" | "json" | "entry" | "fullUrl") => {
                found.insert(url.to_owned(), text.into());
            }
            (Some(Value::String(before)), "json") => before.push_str(text),
            _ => return None,
        }
    }
    let text = |key: &str| found.get(key).and_then(Value::as_str).map(str::to_owned);
    let path = text("path")?;
    match (text("json"), text("entry")) {
        (Some(json), None) => {
            let value: Value = serde_json::from_str(&json).ok()?;
            (depth(&value) <= DEEPEST).then_some(Carried::Element(Unmapped { path, value }))
        }
        (None, Some(url)) => Some(Carried::Entry { path, url, had: text("fullUrl") }),
        _ => None,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Carried, Unmapped, element, said};

    fn back(value: &Value) -> Option<Value> {
        let one = Unmapped { path: "p".to_owned(), value: value.clone() };
        match said(&element(&one)["extension"])? {
            Carried::Element(one) => Some(one.value),
            Carried::Entry { .. } => None,
        }
    }

    #[test]
    fn any_value_comes_back_from_its_text_however_long() {
        let long = Value::from("é\u{ffff}\r\n\"".repeat(300_000));
        let number: Value = serde_json::from_str("1.00").unwrap();
        for value in [json!(null), json!([]), json!({"a": [1, true]}), number, long] {
            assert!(back(&value).as_ref() == Some(&value));
        }
        let long = element(&Unmapped { path: "p".into(), value: json!("x".repeat(1_200_000)) });
        let pieces = long["extension"].as_array().unwrap();
        assert_eq!(pieces.len(), 4);
        assert!(!long.to_string().contains(['\u{fffe}', '\u{ffff}']));
    }

    #[test]
    fn what_is_nested_too_deep_or_badly_made_is_not_taken() {
        let deep = (0..70).fold(json!(1), |inner, _| json!([inner]));
        assert!(back(&deep).is_none());
        let parts = |list: Value| said(&list).is_none();
        assert!(parts(json!([{"url": "path", "valueString": "p"}])));
        assert!(parts(json!([{"url": "path", "valueString": "p"}, {"url": "json", "valueString": "{"}])));
        assert!(parts(json!([{"url": "path", "valueString": "p"}, {"url": "more", "valueString": "1"}])));
        assert!(parts(json!([{"url": "path", "valueString": "p"}, {"url": "path", "valueString": "q"}])));
    }
}
