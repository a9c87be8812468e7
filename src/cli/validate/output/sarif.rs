//! Findings as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), in the part that GitHub code scanning
//! reads: a rule, a level, a place, and a fingerprint that stays the same when the place moves. The rules stand behind
//! the results, for only then all are known; the order of properties means nothing.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Component, Path};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::text::details;
use crate::cli::validate::Verdict;
use crate::model::{Issue, Severity};

pub(super) const HEAD: &str = concat!(
    "{\"version\":\"2.1.0\",\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{",
    "\"columnKind\":\"unicodeCodePoints\",\"results\":[\n"
);

/// What the rule of a finding is called: by its id, or what kind of finding it is.
pub(super) fn rule(issue: &Issue) -> String {
    issue.rule.clone().filter(|rule| !rule.is_empty()).unwrap_or_else(|| issue.code.code().to_owned())
}

/// A result for each finding.
pub(super) fn part(verdict: &Verdict, shown: &[Issue]) -> String {
    let results: Vec<String> = shown.iter().map(|issue| result(verdict, issue).to_string()).collect();
    results.join(",\n")
}

fn result(verdict: &Verdict, issue: &Issue) -> Value {
    let (line, column) = issue.position.unwrap_or((1, 1));
    let mut location = Map::new();
    location.insert(
        "physicalLocation".to_owned(),
        json!({
            "artifactLocation": {"uri": address(&verdict.place.file)},
            "region": {"startLine": line, "startColumn": column},
        }),
    );
    if let Some(path) = &issue.path {
        location.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": path}]));
    }
    let text = match &issue.path {
        Some(path) => format!("{path}: {}", issue.text),
        None => issue.text.clone(),
    };
    let mut result = json!({
        "ruleId": rule(issue),
        "level": level(issue.severity),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(verdict, issue)},
    });
    let details: Map<String, Value> = details(issue).map(|(key, _, said)| (key.to_owned(), said.into())).collect();
    if !details.is_empty()
        && let Some(result) = result.as_object_mut()
    {
        result.insert("properties".to_owned(), details.into());
    }
    result
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// The end, with the rules that were named.
pub(super) fn foot(rules: &BTreeSet<String>, is_whole: bool, is_begun: bool) -> String {
    let described = rules.iter().map(|rule| {
        json!({
            "id": rule,
            "shortDescription": {"text": format!("FHIR validation: {rule}")},
            "fullDescription": {"text": format!("A resource does not keep to the rule {rule}.")},
            "help": {"text": "Each result says what is wrong and what to do about it."},
        })
    });
    let driver = json!({
        "name": env!("CARGO_PKG_NAME"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": described.collect::<Vec<_>>(),
    });
    let end = if is_begun { "\n" } else { "" };
    let invocations = json!([{"executionSuccessful": is_whole}]);
    format!("{end}],\"tool\":{{\"driver\":{driver}}},\"invocations\":{invocations}}}]}}\n")
}

/// What tells a finding from others of the file, and does not change when lines are added above it.
fn fingerprint(verdict: &Verdict, issue: &Issue) -> String {
    let mut hash = Sha256::new();
    let line = verdict.place.line.map(|line| line.to_string());
    for part in [line.as_deref(), issue.path.as_deref(), Some(&rule(issue)), Some(&issue.text)] {
        hash.update(part.unwrap_or_default());
        hash.update([0]);
    }
    let mut out = String::new();
    for byte in hash.finalize().iter().take(8) {
        // writing to a string cannot fail
        let _: std::fmt::Result = write!(out, "{byte:02x}");
    }
    out.push_str(":1");
    out
}

/// A file as a URI reference: relative where it lies below the working folder, as the uploader expects it.
fn address(file: &Path) -> String {
    if file.as_os_str() == "-" {
        return "stdin".to_owned();
    }
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| file.strip_prefix(here).ok().map(Path::to_owned));
    let file = below.as_deref().unwrap_or(file);
    let mut out = String::new();
    for part in file.components() {
        match part {
            Component::RootDir => out.push_str("file://"),
            Component::CurDir => continue,
            Component::Normal(_) | Component::ParentDir | Component::Prefix(_) => {}
        }
        if part != Component::RootDir {
            if !out.is_empty() {
                out.push('/');
            }
            escape_into(&mut out, part.as_os_str().as_encoded_bytes());
        }
    }
    out
}

/// Writes bytes as a segment of a URI (RFC 3986 §3.3).
fn escape_into(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _: std::fmt::Result = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::address;

    #[test]
    fn a_file_is_a_uri_reference_whatever_its_name() {
        let here = std::env::current_dir().unwrap();
        let inside = here.join("a b").join("c.json");
        let table = [
            (Path::new("in/x.json"), "in/x.json"),
            (Path::new("./in/x y#1?.json"), "in/x%20y%231%3F.json"),
            (Path::new("é:%.json"), "%C3%A9%3A%25.json"),
            (Path::new("../x.json"), "../x.json"),
            (Path::new("/nowhere/x.json"), "file:///nowhere/x.json"),
            (inside.as_path(), "a%20b/c.json"),
            (Path::new("-"), "stdin"),
        ];
        for (path, expected) in table {
            assert_eq!(address(path), expected);
        }
    }
}
