//! References of unmapped resources to those that were read into the document: the entries they led to are made anew
//! under other names, so each such reference is led to the new one. Where it cannot be told which that is, the reference
//! says where it led and leads nowhere.

use std::collections::HashMap;

use serde_json::Value;

use super::write::referred_to;
use crate::fhir::{Bundle, resource_type};

/// For entries that were read: the fullUrl of the entry made of each.
pub(in crate::map) struct Succession(HashMap<usize, String>);

impl Succession {
    /// Finds what was made of each of these resources (place and resource): the only one of its type, else the one that
    /// shares an identifier or words no other of its type has.
    pub(in crate::map) fn of<'v>(read: impl Iterator<Item = (usize, &'v Value)>, made: &Bundle) -> Self {
        let mut by_type: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut by_words: HashMap<(&str, String), Option<&str>> = HashMap::new();
        for (url, resource) in made.entries() {
            let (Some(url), Some(kind)) = (url, resource_type(resource)) else { continue };
            by_type.entry(kind).or_default().push(url);
            for words in words(resource) {
                let known = by_words.entry((kind, words)).or_insert(Some(url));
                *known = known.filter(|other| *other == url);
            }
        }
        let read: Vec<(usize, &Value)> = read.collect();
        let mut count: HashMap<&str, usize> = HashMap::new();
        for (_, resource) in &read {
            *count.entry(resource_type(resource).unwrap_or_default()).or_default() += 1;
        }
        let found = read.iter().filter_map(|(place, resource)| {
            let kind = resource_type(resource)?;
            let alike = || words(resource).into_iter().find_map(|words| *by_words.get(&(kind, words))?);
            let url = match by_type.get(kind)?.as_slice() {
                [only] if count.get(kind) == Some(&1) => only,
                _ => alike()?,
            };
            Some((*place, url.to_owned()))
        });
        Self(found.collect())
    }
}

/// What tells a resource from others of its type: identifiers first, then names and words.
fn words(resource: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let text = |pointer: &str| resource.pointer(pointer).and_then(Value::as_str);
    for identifier in resource.get("identifier").and_then(Value::as_array).into_iter().flatten().take(5) {
        let part = |key: &str| identifier.get(key).and_then(Value::as_str).unwrap_or_default();
        out.push(format!("{}|{}", part("system"), part("value")));
    }
    let pairs = [("/name/0/family", "/name/0/given/0"), ("/code/coding/0/system", "/code/coding/0/code")];
    for (one, other) in pairs {
        if let (Some(one), Some(other)) = (text(one), text(other)) {
            out.push(format!("{one}|{other}"));
        }
    }
    let single = [
        "/name",
        "/name/0/text",
        "/code/text",
        "/medicationCodeableConcept/text",
        "/medicationCodeableConcept/coding/0/code",
        "/valueString",
        "/note/0/text",
        "/content/0/attachment/title",
    ];
    out.extend(single.into_iter().filter_map(text).map(str::to_owned));
    out
}

/// Leads every reference of an unmapped resource to what was made of its target; `locate` finds the place and fullUrl
/// of an entry that was read.
pub(in crate::map) fn point_at_successors<'v>(
    resource: &mut Value,
    locate: &impl Fn(&str) -> Option<(usize, Option<&'v str>)>,
    succession: &Succession,
) {
    match resource {
        Value::Object(fields) => {
            let found = fields.get("reference").and_then(Value::as_str).and_then(locate);
            if let Some((place, url)) = found {
                match (succession.0.get(&place), url) {
                    (Some(new), _) => drop(fields.insert("reference".to_owned(), new.as_str().into())),
                    (None, Some(url)) if url.starts_with("http") => {
                        fields.insert("reference".to_owned(), url.into());
                    }
                    (None, Some(url)) => referred_to(fields, url),
                    (None, None) => {
                        let old = fields.get("reference").and_then(Value::as_str).unwrap_or_default().to_owned();
                        referred_to(fields, &old);
                    }
                }
            }
            fields.values_mut().for_each(|inner| point_at_successors(inner, locate, succession));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_at_successors(item, locate, succession)),
        _ => {}
    }
}
