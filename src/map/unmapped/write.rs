//! Unmapped content as entries: each whole entry that is sound as one of its own, and a carrier for the rest. What
//! another system wrote never makes a bundle of ours invalid.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::carrier;
use crate::documents::parts::Unmapped;
use crate::fhir::build::{self, concept, put};
use crate::fhir::{codes, resource_type, strict};
use crate::map::extensions;
use crate::map::write::Entries;

/// Roles of our own entries that are written after the others.
const LATER: [&str; 4] = ["composition", "header", "request", "unmapped"];

impl Entries {
    /// Adds unmapped content, after everything else but the head of the bundle; gives the fullUrls of what was added.
    pub(in crate::map) fn unmapped(&mut self, list: &[Unmapped]) -> Vec<String> {
        if list.is_empty() {
            return Vec::new();
        }
        let sound = sound(list);
        let mut taken: HashSet<String> = LATER.iter().map(|role| self.url(role)).collect();
        taken.extend(self.urls());
        let mut carried = Vec::new();
        let mut returned: Vec<(String, Map<String, Value>)> = Vec::new();
        for (place, one) in list.iter().enumerate() {
            let resource = one.value.get("resource").and_then(Value::as_object);
            let Some(resource) = resource.filter(|_| sound.contains(&place)) else {
                carried.push(carrier::element(one));
                continue;
            };
            let had = one.value.get("fullUrl").and_then(Value::as_str);
            let free = had.filter(|url| is_full_url(url, resource) && !taken.contains(*url));
            let url = free.map_or_else(|| self.url(&format!("unmapped:{place}")), str::to_owned);
            carried.push(carrier::entry(&one.path, &url, had));
            taken.insert(url.clone());
            returned.push((url, resource.clone()));
        }
        let mut urls: Vec<String> = Vec::new();
        for (url, mut resource) in returned {
            mark(&mut resource);
            let mut resource = Value::Object(resource);
            loosen(&mut resource, &taken);
            self.push_at(&url, resource);
            urls.push(url);
        }
        let words = Unmapped::lines(list);
        let mut out = self.resource("Basic", "unmapped", false, None, &words);
        mark(&mut out);
        put(&mut out, "extension", carried);
        put(&mut out, "code", concept(codes::CARRIER, codes::UNMAPPED.0, codes::UNMAPPED.1));
        put(&mut out, "subject", self.refer("patient"));
        self.push("unmapped", out);
        urls.insert(0, self.url("unmapped"));
        urls
    }
}

/// Places of the whole entries that can be entries of a bundle of ours: nothing but a resource that R4 allows.
fn sound(list: &[Unmapped]) -> HashSet<usize> {
    let candidates: Vec<(usize, &Value)> = list
        .iter()
        .enumerate()
        .filter(|(_, one)| super::is_entry(&one.path))
        .filter_map(|(place, one)| Some((place, fitting(&one.value)?)))
        .collect();
    let bundle = |list: &[(usize, &Value)]| {
        let entries: Vec<Value> = list.iter().map(|(_, resource)| json!({"resource": resource})).collect();
        json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
    };
    if candidates.is_empty() || strict(&bundle(&candidates)).is_empty() {
        return candidates.into_iter().map(|(place, _)| place).collect();
    }
    let each = candidates.into_iter().filter(|one| strict(&bundle(&[*one])).is_empty());
    each.map(|(place, _)| place).collect()
}

/// The resource of an entry that holds nothing else but its fullUrl, if it may stand beside ours.
fn fitting(entry: &Value) -> Option<&Value> {
    let known = |(key, value): (&String, &Value)| match key.as_str() {
        "resource" => value.is_object(),
        "fullUrl" => value.as_str().is_some_and(|url| !url.is_empty() && url.bytes().all(|b| b.is_ascii_graphic())),
        _ => false,
    };
    let resource = entry.get("resource")?;
    let kind = resource_type(resource)?;
    // a bundle has one head; a carrier or a mark in a native document would be taken for ours
    let head = matches!(kind, "MessageHeader" | "Bundle");
    let ours = super::is_carrier(resource) || super::is_returned(resource);
    let inner: HashSet<&str> = resource
        .get("contained")
        .and_then(Value::as_array)
        .map_or_else(HashSet::new, |all| all.iter().filter_map(|one| one.get("id")?.as_str()).collect());
    let fits = entry.as_object()?.iter().all(known) && !head && !ours && leads_inside(resource, &inner);
    fits.then_some(resource)
}

/// Whether every reference to something contained finds it (ref-1).
fn leads_inside(value: &Value, inner: &HashSet<&str>) -> bool {
    match value {
        Value::Object(fields) => fields.iter().all(|(key, value)| match value.as_str() {
            Some(text) if key == "reference" => {
                text.strip_prefix('#').is_none_or(|id| id.is_empty() || inner.contains(id))
            }
            _ => leads_inside(value, inner),
        }),
        Value::Array(items) => items.iter().all(|item| leads_inside(item, inner)),
        _ => true,
    }
}

/// Whether a fullUrl may stay as it is (<https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl>).
fn is_full_url(url: &str, resource: &Map<String, Value>) -> bool {
    if let Some(uuid) = url.strip_prefix("urn:uuid:") {
        return uuid.len() == 36 && uuid::Uuid::try_parse(uuid).is_ok();
    }
    let part = |key: &str| resource.get(key).and_then(Value::as_str);
    let ends = part("resourceType").zip(part("id")).is_none_or(|(kind, id)| url.ends_with(&format!("/{kind}/{id}")));
    let plain = !url.contains("/_history/") && !url.contains(char::is_whitespace);
    ends && plain && (url.starts_with("https://") || url.starts_with("http://"))
}

/// Says that a resource has no data category and came from elsewhere.
fn mark(resource: &mut Map<String, Value>) {
    let meta = resource.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Some(tags) = tags.as_array_mut() {
        tags.push(build::coding(codes::CARRIER, codes::UNMAPPED.0, codes::UNMAPPED.1));
    }
}

/// Makes references that mean something only inside a bundle, and lead nowhere in this one, say where they led.
pub(in crate::map) fn loosen(value: &mut Value, taken: &HashSet<String>) {
    match value {
        Value::Object(fields) => {
            let lost =
                |text: &str| (text.starts_with("urn:uuid:") || text.starts_with("urn:oid:")) && !taken.contains(text);
            let lost = fields.get("reference").and_then(Value::as_str).filter(|text| lost(text)).map(str::to_owned);
            if let Some(url) = lost {
                referred_to(fields, &url);
            }
            fields.values_mut().for_each(|inner| loosen(inner, taken));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| loosen(item, taken)),
        _ => {}
    }
}

/// Puts where a reference led in its place.
pub(super) fn referred_to(reference: &mut Map<String, Value>, url: &str) {
    reference.shift_remove("reference");
    let list = reference.entry("extension").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(json!({"url": extensions::REFERRED_TO, "valueUri": url}));
    }
}
