//! Findings for people: one line each, which editors and `grep` understand; below it, where asked for, the line of the
//! source with a mark; at the end the sums.

use std::fmt::Write;
use std::path::Path;

use super::{Style, Totals};
use crate::cli::validate::Verdict;
use crate::cli::validate::excerpt::Source;
use crate::cli::{inert, named};
use crate::model::{Detail, Issue, Severity};

/// How a word is set off on a terminal: an SGR code.
struct Paint(bool);

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn severity(&self, severity: Severity) -> String {
        self.with(color(severity), severity.code())
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";

const fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal | Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Information => "1;36",
    }
}

/// One finding on one line: `file:line:column: error: path: text [rule]`.
pub(in crate::cli) fn line(file: &Path, issue: &Issue) -> String {
    painted(file, issue, &Paint(false))
}

fn painted(file: &Path, issue: &Issue, paint: &Paint) -> String {
    let place = issue.position.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
    let place = paint.with(BOLD, &format!("{}{place}:", named(file)));
    let path = issue.path.as_ref().map_or_else(String::new, |path| format!("{}: ", inert(path)));
    let rule = issue.rule.as_ref().filter(|rule| !rule.is_empty());
    let rule = rule.map_or_else(String::new, |rule| paint.with(DIM, &format!(" [{}]", inert(rule))));
    format!("{place} {}: {path}{}{rule}", paint.severity(issue.severity), inert(&issue.text))
}

/// All findings of a verdict.
pub(super) fn part(verdict: &Verdict, shown: &[Issue], source: &[u8], style: Style) -> String {
    let paint = Paint(style.color);
    let source = Source::new(source);
    let mut out = String::new();
    for issue in shown {
        out.push_str(&painted(&verdict.place.file, issue, &paint));
        out.push('\n');
        if let Some(width) = style.excerpt {
            below(&mut out, verdict, issue, &source, width, &paint);
        }
    }
    out
}

/// The line of the source and what was expected of it.
fn below(out: &mut String, verdict: &Verdict, issue: &Issue, source: &Source<'_>, width: usize, paint: &Paint) {
    let number = issue.position.map_or_else(String::new, |(line, _)| line.to_string());
    let gutter = " ".repeat(number.len());
    let bar = paint.with(DIM, "|");
    let excerpt = issue.position.and_then(|(line, column)| {
        // of NDJSON the source is the one line
        let line = if verdict.place.line.is_some() { 1 } else { line };
        source.excerpt(line, column, width.saturating_sub(number.len() + 5))
    });
    if let Some(excerpt) = excerpt {
        let mark = paint.with(color(issue.severity), &"^".repeat(excerpt.length));
        let indent = " ".repeat(excerpt.indent);
        // writing to a string cannot fail
        let _: std::fmt::Result = writeln!(out, "  {} {bar} {}", paint.with(DIM, &number), excerpt.line);
        let _: std::fmt::Result = writeln!(out, "  {gutter} {bar} {indent}{mark}");
    }
    for (_, words, said) in details(issue) {
        let _: std::fmt::Result =
            writeln!(out, "  {gutter} {} {}", paint.with(DIM, &format!("= {words}:")), inert(said));
    }
    out.push('\n');
}

/// What the definition says beside the text, where the text does not say it already: by key, and in words.
pub(super) fn details(issue: &Issue) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
    let Detail { profile, expected, found } = issue.detail.as_deref().unwrap_or(NOTHING);
    let all = [("expected", "expected", expected), ("found", "found", found), ("profile", "asked for by", profile)];
    let said = all.into_iter().filter_map(|(key, words, said)| Some((key, words, said.as_deref()?)));
    said.filter(|(_, _, said)| !issue.text.contains(said))
}

const NOTHING: &Detail = &Detail { profile: None, expected: None, found: None };

/// The sums.
pub(super) fn summary(totals: &Totals, left: Option<usize>, style: Style) -> String {
    let paint = Paint(style.color);
    let Totals { valid, invalid, unusable, errors, warnings, notes, hidden, .. } = totals;
    let mut verdicts = Vec::new();
    for (count, word, code) in [(valid, "valid", "1;32"), (invalid, "invalid", "1;31"), (unusable, "unusable", "1;31")]
    {
        if *count > 0 {
            verdicts.push(paint.with(code, &format!("{count} {word}")));
        }
    }
    let counts = [counted(*errors, "error"), counted(*warnings, "warning"), counted(*notes, "note")];
    let mut out = format!("{} checked", valid + invalid + unusable);
    if !verdicts.is_empty() {
        let _: std::fmt::Result = write!(out, ": {}", verdicts.join(", "));
    }
    let _: std::fmt::Result = write!(out, "; {}", counts.join(", "));
    if *hidden > 0 {
        let _: std::fmt::Result = write!(out, " ({hidden} not shown: --level)");
    }
    if let Some(left) = left {
        let _: std::fmt::Result = write!(out, "; stopped, {} left out", counted(left, "file"));
    }
    out.push('\n');
    out
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
