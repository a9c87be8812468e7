//! Findings on paper: each form writes a part for each verdict, side by side with others, and a sheet puts the parts
//! together as they come, so that a run of any length is written as it goes. Judges nothing.

mod junit;
mod outcomes;
mod sarif;
pub(in crate::cli) mod text;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

use super::{INVALID, Verdict};
use crate::model::{Issue, Severity};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// A line for each finding: `file:line:column: severity: path: text [rule]`.
    Text,
    /// An array with an OperationOutcome for each input.
    Json,
    /// The same, one line an input.
    Ndjson,
    /// SARIF 2.1.0, as GitHub code scanning and editors read it.
    Sarif,
    /// JUnit XML: a test case for each input.
    Junit,
}

/// What the terminal allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) color: bool,
    /// Whether the source is shown, and how wide it may be.
    pub(super) excerpt: Option<usize>,
}

/// What a part is written by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) form: Form,
    pub(super) style: Style,
    /// The least grave finding that is shown.
    pub(super) level: Severity,
}

/// What is written about one verdict.
pub(super) struct Part {
    text: String,
    code: u8,
    /// How many findings there are, and how many of them are not shown.
    errors: usize,
    warnings: usize,
    notes: usize,
    hidden: usize,
    /// The rules that are named, where the form lists them.
    rules: BTreeSet<String>,
}

/// What all verdicts came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) valid: usize,
    pub(super) invalid: usize,
    pub(super) unusable: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    hidden: usize,
    worst: u8,
}

impl Page {
    /// Writes what is said of a verdict; `source` is the text it is about.
    pub(super) fn part(&self, verdict: &Verdict, source: &[u8]) -> Part {
        let shown: Vec<Issue> =
            verdict.issues.iter().filter(|one| one.severity >= self.level).map(|one| verdict.placed(one)).collect();
        let count = |fits: fn(Severity) -> bool| verdict.issues.iter().filter(|one| fits(one.severity)).count();
        let hidden = verdict.issues.len() - shown.len();
        let text = match self.form {
            Form::Text => text::part(verdict, &shown, source, self.style),
            Form::Json | Form::Ndjson => outcomes::part(verdict, &shown, hidden),
            Form::Sarif => sarif::part(verdict, &shown),
            Form::Junit => junit::part(verdict, &shown),
        };
        Part {
            text,
            code: verdict.code,
            errors: count(Severity::refuses),
            warnings: count(|severity| severity == Severity::Warning),
            notes: count(|severity| severity == Severity::Information),
            hidden,
            rules: if self.form == Form::Sarif { shown.iter().map(sarif::rule).collect() } else { BTreeSet::new() },
        }
    }
}

impl Verdict {
    /// A finding with its place in the file: of a line of NDJSON, that line.
    fn placed(&self, issue: &Issue) -> Issue {
        let mut issue = issue.clone();
        if let Some(line) = self.place.line {
            let column = issue.position.map_or(1, |(_, column)| column);
            issue.position = Some((line, column));
        }
        issue
    }
}

impl Totals {
    fn add(&mut self, part: &Part) {
        match part.code {
            0 => self.valid += 1,
            INVALID => self.invalid += 1,
            _ => self.unusable += 1,
        }
        self.errors += part.errors;
        self.warnings += part.warnings;
        self.notes += part.notes;
        self.hidden += part.hidden;
        self.worst = self.worst.max(part.code);
    }
}

/// Parts put together.
pub(super) struct Sheet<W> {
    form: Form,
    style: Style,
    out: W,
    /// A form that begins with its totals is kept until they are known.
    kept: String,
    is_begun: bool,
    rules: BTreeSet<String>,
    totals: Totals,
    /// Whoever sits before a terminal wants to see findings as they come.
    is_live: bool,
}

impl<W: Write> Sheet<W> {
    pub(super) fn new(form: Form, style: Style, out: W) -> Self {
        let (rules, totals) = (BTreeSet::new(), Totals::default());
        let is_live = io::stdout().is_terminal();
        Self { form, style, out, kept: String::new(), is_begun: false, rules, totals, is_live }
    }

    pub(super) const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Begins.
    ///
    /// # Errors
    /// Nobody reads, or there is no room.
    pub(super) fn open(&mut self) -> io::Result<()> {
        let text = match self.form {
            Form::Json => "[\n",
            Form::Sarif => sarif::HEAD,
            Form::Text | Form::Ndjson | Form::Junit => "",
        };
        self.out.write_all(text.as_bytes())
    }

    /// Writes a part.
    ///
    /// # Errors
    /// As for [`Sheet::open`].
    pub(super) fn add(&mut self, part: Part) -> io::Result<()> {
        self.totals.add(&part);
        if part.text.is_empty() {
            return Ok(());
        }
        self.rules.extend(part.rules);
        if self.form == Form::Junit {
            self.kept.push_str(&part.text);
            return Ok(());
        }
        if self.is_begun && matches!(self.form, Form::Json | Form::Sarif) {
            self.out.write_all(b",\n")?;
        }
        self.is_begun = true;
        self.out.write_all(part.text.as_bytes())?;
        if self.form == Form::Ndjson {
            self.out.write_all(b"\n")?;
        }
        if self.is_live { self.out.flush() } else { Ok(()) }
    }

    /// Ends, and gives the exit code; `left` files were left out because somebody stopped it.
    ///
    /// # Errors
    /// As for [`Sheet::open`].
    pub(super) fn close(&mut self, left: Option<usize>) -> io::Result<u8> {
        let text = match self.form {
            Form::Text => text::summary(&self.totals, left, self.style),
            Form::Json if self.is_begun => "\n]\n".to_owned(),
            Form::Json => "]\n".to_owned(),
            Form::Ndjson => String::new(),
            Form::Sarif => sarif::foot(&self.rules, left.is_none(), self.is_begun),
            Form::Junit => junit::whole(&std::mem::take(&mut self.kept), &self.totals),
        };
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(self.totals.worst)
    }
}
