//! Small builders for the FHIR JSON form: codings, references, identifiers, narrative. No document knowledge.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::codes;
use crate::model::DataCategory;

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

/// A UUID that depends on nothing but these two texts (version 5, <https://www.rfc-editor.org/rfc/rfc9562#section-5.5>),
/// so that the same document always gives the same bundle.
#[must_use]
pub fn stable_uuid(seed: &str, role: &str) -> Uuid {
    Names::of(seed).uuid(role)
}

/// The UUIDs of one seed: [`stable_uuid`] for whoever needs many.
#[derive(Debug, Clone, Copy)]
pub struct Names(Uuid);

impl Names {
    #[must_use]
    pub fn of(seed: &str) -> Self {
        static BASE: LazyLock<Uuid> = LazyLock::new(|| Uuid::new_v5(&Uuid::NAMESPACE_URL, codes::BASE.as_bytes()));
        Self(Uuid::new_v5(&BASE, seed.as_bytes()))
    }

    #[must_use]
    pub fn uuid(self, role: &str) -> Uuid {
        Uuid::new_v5(&self.0, role.as_bytes())
    }
}

/// The `urn:uuid:` form, for `fullUrl` and references.
#[must_use]
pub fn urn(uuid: Uuid) -> String {
    format!("urn:uuid:{}", uuid.hyphenated())
}

/// The beginning of a resource: type, id, profile, data category and narrative.
#[must_use]
pub fn resource<S: AsRef<str>>(
    kind: &str,
    id: Uuid,
    profile: Option<&str>,
    category: Option<DataCategory>,
    lines: &[S],
) -> Map<String, Value> {
    let mut meta = Map::new();
    put(&mut meta, "profile", profile.map_or(Value::Null, |url| json!([url])));
    put(&mut meta, "tag", category.map_or(Value::Null, |c| json!([coding(codes::DATA_CATEGORY, c.code(), c.title())])));
    let mut out = Map::new();
    put(&mut out, "resourceType", kind);
    put(&mut out, "id", id.hyphenated().to_string());
    put(&mut out, "meta", meta);
    put(&mut out, "text", narrative(lines));
    out
}

/// Names a profile of ours, by its id, beside those a resource names already.
pub fn also_profile(resource: &mut Map<String, Value>, id: &str) {
    let meta = resource.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    if let Some(known) = meta.get_mut("profile").and_then(Value::as_array_mut) {
        known.push(codes::own_profile(id).into());
        return;
    }
    // first in `meta`, where FHIR has it
    meta.shift_insert(0, "profile".to_owned(), json!([codes::own_profile(id)]));
}

/// A bundle entry.
#[must_use]
pub fn entry(full_url: &str, resource: Map<String, Value>) -> Value {
    let mut out = Map::new();
    put(&mut out, "fullUrl", full_url);
    put(&mut out, "resource", resource);
    Value::Object(out)
}

/// Generated narrative: one paragraph a line, everything escaped. A line feed ends each, so that lines stay apart in a
/// system that throws the markup away.
#[must_use]
pub fn narrative<S: AsRef<str>>(lines: &[S]) -> Value {
    const OPENED: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
    let mut div = String::from(OPENED);
    // line breaks become paragraphs: XHTML folds white space, and XML turns a carriage return into a line feed
    for line in lines.iter().flat_map(|line| line.as_ref().split(['\r', '\n'])).filter(|line| !line.trim().is_empty()) {
        div.push_str("<p>");
        escape_into(&mut div, line);
        div.push_str("</p>\n");
    }
    if div.len() == OPENED.len() {
        // a narrative has something to say (txt-2)
        div.push_str("<p>No details.</p>\n");
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

/// Writes text as XML has it, in content or between double quotes.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // as itself it would turn into a line feed wherever the narrative is read as XML
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}
