//! Findings as JUnit XML, in the part that CI servers agree on: a test case for each input, failed if it is invalid, an
//! error if there was nothing to judge; what does not fail it stands in its output. No times: two runs of the same files
//! give the same bytes.

use std::fmt::Write;

use super::Totals;
use super::text::line;
use crate::cli::validate::Verdict;
use crate::cli::{INVALID, named};
use crate::fhir::build::escape_into;
use crate::model::Issue;

/// A test case.
pub(super) fn part(verdict: &Verdict, shown: &[Issue]) -> String {
    let file = named(&verdict.place.file);
    let name = verdict.place.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
    let lines = |refuses: bool| {
        let some = shown.iter().filter(|issue| issue.severity.refuses() == refuses);
        some.map(|issue| line(&verdict.place.file, issue)).collect::<Vec<_>>()
    };
    let (faults, notes) = (lines(true), lines(false));
    let mut out = String::new();
    element(&mut out, "    <testcase", &[("classname", "validate"), ("name", &name), ("file", &file)]);
    let tag = match verdict.code {
        0 => None,
        INVALID => Some("failure"),
        _ => Some("error"),
    };
    if let Some(tag) = tag {
        let first = shown.iter().find(|issue| issue.severity.refuses()).map_or("", |issue| issue.text.as_str());
        let message =
            if faults.len() > 1 { format!("{first} (and {} more)", faults.len() - 1) } else { first.to_owned() };
        element(&mut out, &format!("\n      <{tag}"), &[("message", &message), ("type", tag)]);
        written(&mut out, &faults);
        // writing to a string cannot fail
        let _: std::fmt::Result = write!(out, "</{tag}>");
    }
    if !notes.is_empty() {
        out.push_str("\n      <system-out>");
        written(&mut out, &notes);
        out.push_str("</system-out>");
    }
    out.push_str(if tag.is_none() && notes.is_empty() { "</testcase>\n" } else { "\n    </testcase>\n" });
    out
}

/// The whole file.
pub(super) fn whole(cases: &str, totals: &Totals) -> String {
    let Totals { valid, invalid, unusable, .. } = totals;
    let tests = (valid + invalid + unusable).to_string();
    let (failures, errors) = (invalid.to_string(), unusable.to_string());
    let counts = [("tests", tests.as_str()), ("failures", &failures), ("errors", &errors)];
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    element(&mut out, "<testsuites", &counts);
    let suite: Vec<_> = std::iter::once(("name", "cmht-gateway validate")).chain(counts).collect();
    element(&mut out, "\n  <testsuite", &suite);
    out.push('\n');
    out.push_str(cases);
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// A start tag.
fn element(out: &mut String, start: &str, attributes: &[(&str, &str)]) {
    out.push_str(start);
    for (name, value) in attributes {
        let _: std::fmt::Result = write!(out, " {name}=\"");
        text(out, value);
        out.push('"');
    }
    out.push('>');
}

fn written(out: &mut String, lines: &[String]) {
    text(out, &lines.join("\n"));
}

/// Text without the two characters that XML cannot hold and a line of ours may (others are shown as something else).
fn text(out: &mut String, text: &str) {
    escape_into(out, &text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}"));
}
