//! What exchange asks of the entries of a Bundle, message or document: a resource in each, and addresses by which they
//! are found. Looks at entries from outside; the other invariants of Bundle are the walk's.

use std::collections::HashMap;

use serde_json::Value;

use crate::fhir::{Bundle, resource_type};
use crate::model::{Issue, IssueCode};

/// Every fault of the entries; `noun` is what the bundle is, in words.
pub(super) fn check(bundle: &Bundle, noun: &str, issues: &mut Vec<Issue>) {
    let entries = bundle.value().get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, entry) in entries.iter().enumerate() {
        self::entry(index, entry, noun, issues);
        full_url(index, entry, issues);
    }
    unique(entries, issues);
}

/// A fault of shape.
pub(super) fn fault(rule: &str, code: IssueCode, path: impl Into<String>, text: impl Into<String>) -> Issue {
    Issue::error(code, text).at(path).rule(rule)
}

/// An entry of a message or document holds a resource (bdl-5 would take a request or response in its place).
fn entry(index: usize, entry: &Value, noun: &str, issues: &mut Vec<Issue>) {
    if entry.get("resource").is_none() {
        let path = format!("Bundle.entry[{index}].resource");
        issues.push(fault("bdl-5", IssueCode::Invariant, path, format!("An entry of a {noun} must hold a resource.")));
    }
}

/// Entries are referred to by their fullUrl, so each has one, absolute (without version: bdl-8), and where it is a
/// RESTful address it ends in the resource's type and id
/// (<https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl>).
fn full_url(index: usize, entry: &Value, issues: &mut Vec<Issue>) {
    let path = format!("Bundle.entry[{index}].fullUrl");
    let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else {
        let text = "Each entry needs a fullUrl, for example urn:uuid: and a UUID.";
        return issues.push(fault("entry-full-url", IssueCode::Required, path, text));
    };
    if let Some(uuid) = url.strip_prefix("urn:uuid:") {
        // hyphenated, nothing around it
        if uuid.len() != 36 || uuid::Uuid::try_parse(uuid).is_err() {
            let text = "After urn:uuid: a UUID with hyphens is expected.";
            issues.push(fault("entry-full-url", IssueCode::Value, path, text));
        }
    } else if !["urn:oid:", "http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
        let text = "A fullUrl must be absolute: urn:uuid:, urn:oid:, or an http or https address.";
        issues.push(fault("entry-full-url", IssueCode::Value, path, text));
    } else if url.starts_with("http") && !url.contains("/_history/") && disagrees(url, entry.get("resource")) {
        let text = "The fullUrl does not end in the type and id of the resource in the entry.";
        issues.push(fault("entry-full-url", IssueCode::Value, path, text));
    }
}

fn disagrees(url: &str, resource: Option<&Value>) -> bool {
    let parts = resource.and_then(|r| Some((resource_type(r)?, r.get("id")?.as_str()?)));
    parts.is_some_and(|(kind, id)| !url.ends_with(&format!("/{kind}/{id}")))
}

/// bdl-7: no two entries have the same fullUrl, unless they are different versions. The walk says so of the whole bundle;
/// here it is said of the entry.
fn unique(entries: &[Value], issues: &mut Vec<Issue>) {
    let mut seen: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else { continue };
        let version = entry.pointer("/resource/meta/versionId").and_then(Value::as_str);
        if let Some(first) = seen.get(&(url, version)) {
            let path = format!("Bundle.entry[{index}].fullUrl");
            let text = format!("This fullUrl is also that of entry {first}. Each entry needs its own.");
            issues.push(fault("bdl-7", IssueCode::Invariant, path, text));
        } else {
            seen.insert((url, version), index);
        }
    }
}
