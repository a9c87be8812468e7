//! What exchange asks of the addresses of entries, in messages and documents alike, beyond R4's own rules, which are the
//! walk's: a kind of address that every partner can keep.

use serde_json::Value;

use crate::fhir::Bundle;
use crate::model::{Issue, IssueCode};

/// Finds entries under addresses that are neither UUID or OID nor those of a server.
pub(super) fn check(bundle: &Bundle, issues: &mut Vec<Issue>) {
    let entries = bundle.value().get("entry").and_then(Value::as_array).into_iter().flatten();
    for (index, entry) in entries.enumerate() {
        let Some(url) = entry.get("fullUrl").and_then(Value::as_str) else { continue };
        let known = ["urn:uuid:", "urn:oid:", "http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        // one without a scheme is not absolute, which the walk says
        if !known && url.contains(':') {
            let text = "A fullUrl must begin with urn:uuid:, urn:oid:, http:// or https://.";
            issues.push(fault("entry-full-url", IssueCode::Value, format!("Bundle.entry[{index}].fullUrl"), text));
        }
    }
}

pub(super) fn fault(rule: &str, code: IssueCode, path: impl Into<String>, text: impl Into<String>) -> Issue {
    Issue::error(code, text).at(path).rule(rule)
}
