//! A decision for people at a terminal or in a pipe: the answer and the paragraph first, then part by part, then what it
//! rests on. Colour is for a terminal only, and says nothing that the words do not.

use std::fmt::Write;
use std::io::IsTerminal;

use super::super::inert;
use crate::consent::{Account, Outcome, RuleId, Share, Verdicts};

/// How text is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    color: bool,
    width: usize,
}

/// Columns where nobody says how many there are, and the most that is pleasant to read.
const WIDTH: usize = 100;
const BOLD: &str = "1";
const DIM: &str = "2";

impl Style {
    /// What suits standard output: colour on a terminal that wants it (<https://no-color.org>).
    pub(super) fn of_stdout() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let plain = set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb");
        let columns = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        Self { color: terminal && !plain, width: columns.unwrap_or(WIDTH).clamp(40, WIDTH) }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn heading(self, text: &str) -> String {
        self.with(BOLD, text)
    }

    pub(super) fn outcome(self, outcome: Outcome) -> String {
        let code = match outcome {
            Outcome::Permit => "1;32",
            Outcome::PermitInPart | Outcome::Refer => "1;33",
            Outcome::Deny => "1;31",
        };
        self.with(code, outcome.code())
    }

    /// Text in lines that fit, each begun by an indent; control characters cannot draw over anything.
    pub(super) fn wrapped(self, text: &str, indent: usize) -> String {
        let room = self.width.saturating_sub(indent).max(20);
        let mut lines: Vec<String> = Vec::new();
        let text = inert(text);
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if unicode_width::UnicodeWidthStr::width(format!("{line} {word}").as_str()) <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        let lines: Vec<String> = lines.into_iter().map(|line| format!("{:indent$}{line}", "")).collect();
        lines.join("\n")
    }
}

/// The whole account.
pub(super) fn account(account: &Account, style: Style) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", style.outcome(account.outcome), account.outcome.title());
    let _ = writeln!(out, "\n{}\n", style.wrapped(&account.summary, 0));
    parts(&mut out, &account.parts, style);
    if !account.remarks.is_empty() {
        let _ = writeln!(out, "\n{}", style.heading("Remarks"));
        for remark in &account.remarks {
            let _ = writeln!(out, "{}", style.wrapped(remark, 2));
        }
    }
    if !account.would_change.is_empty() {
        let _ = writeln!(out, "\n{}", style.heading("What would change the answer"));
        for change in &account.would_change {
            let _ = writeln!(out, "{}", style.wrapped(change, 2));
        }
    }
    let _ = writeln!(out, "\n{}", style.heading("Facts"));
    let widest = account.facts.iter().map(|(heading, _)| heading.len()).max().unwrap_or(0);
    for (heading, value) in &account.facts {
        let value = style.wrapped(value, widest + 4);
        let _ = writeln!(out, "  {heading:<widest$}  {}", value.trim_start());
    }
    let _ = writeln!(out, "\n{}", style.heading("Rules"));
    for rule in &account.rules {
        let _ = writeln!(out, "{}", self::rule(rule.id.as_str(), &rule.reason, &rule.source, style));
    }
    let _ = write!(out, "\n{}", style.with(DIM, &format!("Policy {}", account.policy)));
    out
}

/// One rule, with its source.
pub(super) fn rule(id: &str, reason: &str, source: &str, style: Style) -> String {
    let reason = style.wrapped(reason, 10);
    let source = style.with(DIM, &style.wrapped(source, 10));
    format!("  {}{}\n{source}", style.heading(&format!("{id:<8}")), reason.trim_start())
}

fn parts(out: &mut String, parts: &[Share], style: Style) {
    let _ = writeln!(out, "{}", style.heading("Parts"));
    let widest = parts.iter().map(|part| part.title.len()).max().unwrap_or(0);
    let mut last = "";
    for part in parts {
        let (word, code) = match part.verdict {
            Verdicts::Permitted => ("may go", "32"),
            Verdicts::Withheld => ("withheld", "31"),
            Verdicts::Refer => ("refer", "33"),
        };
        let word = style.with(code, &format!("{word:<8}"));
        let _ = writeln!(out, "  {word}  {:<widest$}  {}", part.title, rules(part));
        // Said once of several that stand together.
        let reason = part.because.as_ref().map_or("", |because| because.reason.as_str());
        if !reason.is_empty() && reason != last {
            let _ = writeln!(out, "{}", style.with(DIM, &style.wrapped(reason, 12)));
        }
        last = reason;
    }
}

/// The rules of a part: those that decided, and those they beat.
fn rules(part: &Share) -> String {
    let listed = |rules: &[RuleId]| rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ");
    let fired = match (&part.because, part.fired.as_slice()) {
        (_, [_, ..]) => listed(&part.fired),
        (Some(because), []) => format!("no rule permits it ({})", because.rule),
        (None, []) => String::new(),
    };
    if part.overridden.is_empty() { fired } else { format!("{fired}, beating {}", listed(&part.overridden)) }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn lines_fit_and_nothing_draws_over_them() {
        let style = Style { color: false, width: 40 };
        let text = style.wrapped("one two three four five six seven eight nine ten\x1b[31m eleven", 4);
        assert!(text.lines().all(|line| line.len() <= 40 && line.starts_with("    ")), "{text}");
        assert!(!text.contains('\x1b'));
    }
}
