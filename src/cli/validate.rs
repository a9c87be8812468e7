//! `validate`: says of each file whether it is valid, and what is wrong where.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::{INVALID, Report, UNUSABLE, named, native_kind, read_input, said, sniff};
use crate::app::SCHEMAS;
use crate::fhir::outcome::operation_outcome;
use crate::fhir::{self, Bundle, Format, Limits, envelope};
use crate::guide;
use crate::intake::{self, Schemas};
use crate::model::{DocumentKind, Issue, IssueCode, Severity};
use crate::validate::{self, profile};

pub(super) fn validate(report: Report, kind: Option<DocumentKind>, files: &[PathBuf]) -> ExitCode {
    let mut worst = 0;
    for file in files {
        let (issues, code) = match read_input(file) {
            Ok(bytes) => {
                let issues = check(&bytes, kind);
                let code = if issues.iter().any(|issue| issue.severity.refuses()) { INVALID } else { 0 };
                (issues, code)
            }
            Err(error) => {
                let issue =
                    Issue::new(Severity::Fatal, IssueCode::Exception, format!("The file cannot be read: {error}."));
                (vec![issue], UNUSABLE)
            }
        };
        worst = worst.max(code);
        let text = match report {
            Report::Json => json!({"file": file.to_string_lossy(), "outcome": operation_outcome(&issues)}).to_string(),
            Report::Text => lines(file, &issues, code),
        };
        if said(format_args!("{text}"), ExitCode::SUCCESS) != ExitCode::SUCCESS {
            return ExitCode::from(UNUSABLE);
        }
    }
    ExitCode::from(worst)
}

/// The verdict on a file, and a line for each finding.
fn lines(file: &Path, issues: &[Issue], code: u8) -> String {
    let verdict = match code {
        0 => "valid",
        INVALID => "invalid",
        _ => "unusable",
    };
    let verdict = format!("{}: {verdict}", named(file));
    let findings = issues.iter().map(|issue| format!("  {}", line(file, issue)));
    std::iter::once(verdict).chain(findings).collect::<Vec<_>>().join("\n")
}

/// One finding on one line: `file:line:column: error: path: text [rule]`.
pub(super) fn line(file: &Path, issue: &Issue) -> String {
    let place = issue.position.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
    let path = issue.path.as_ref().map_or_else(String::new, |path| format!("{path}: "));
    let rule = issue.rule.as_ref().map_or_else(String::new, |rule| format!(" [{rule}]"));
    format!("{}{place}: {}: {path}{}{rule}", named(file), issue.severity.code(), issue.text)
}

/// Every finding about some bytes: a FHIR message or document, another FHIR resource, or a native document.
fn check(bytes: &[u8], kind: Option<DocumentKind>) -> Vec<Issue> {
    let format = sniff(bytes);
    // Reading from a file, the size is the operator's own choice; nesting is still bounded.
    let limits = Limits { max_bytes: usize::MAX, ..Limits::default() };
    let native = format == Format::Json
        && serde_json::from_slice::<serde_json::Value>(bytes)
            .is_ok_and(|v| v.is_object() && v.get("resourceType").is_none());
    if native {
        return match Schemas::load(SCHEMAS) {
            Ok(schemas) => {
                let kind = kind.unwrap_or_else(|| native_kind(bytes));
                let taken = intake::native(&schemas, kind, bytes, Some("application/json"), &limits);
                taken.err().map_or_else(Vec::new, |refusal| refusal.issues)
            }
            Err(error) => vec![Issue::error(IssueCode::Exception, error.to_string())],
        };
    }
    let value = match fhir::read(bytes, format, &limits) {
        Ok(value) => value,
        Err(issue) => return vec![issue],
    };
    match Bundle::new(value.clone()) {
        Ok(bundle) if matches!(bundle.kind(), Some("message" | "document")) => match validate::bundle(bundle) {
            Ok(valid) => {
                let ours = ours(valid.content());
                valid.findings().iter().cloned().chain(ours).collect()
            }
            Err(issues) => issues,
        },
        _ => fhir::strict(&value),
    }
}

/// What the profiles of ours say that a bundle, or the document it carries, names.
fn ours(bundle: &Bundle) -> Vec<Issue> {
    let mut found = profile::claimed(bundle.value(), guide::library());
    if let Some((place, document)) = envelope::payload(bundle) {
        let inside = format!("Bundle.entry[{place}].resource");
        found.retain(|issue| !issue.path.as_deref().is_some_and(|path| path.starts_with(&inside)));
        found.extend(profile::claimed(document.value(), guide::library()).into_iter().map(|mut issue| {
            issue.path = issue.path.map(|path| path.replacen("Bundle", &inside, 1));
            issue
        }));
    }
    found
}
