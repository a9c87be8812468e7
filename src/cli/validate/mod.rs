//! `validate`: says of each file whether it is valid, and what is wrong where, to people and to machines. Decides nothing
//! itself: the verdict is the validator's, the exit code that of the worst input.
//!
//! - `arguments`: what can be asked for; `rules`: the definitions and profiles that hold;
//! - `inputs`: files, folders, patterns, lines of NDJSON; `check`: one of them, and its findings;
//! - `crew`: several at once, told in order; `watch`: progress and Ctrl-C;
//! - `output`: how findings are written; `excerpt`: the line of the source that is meant.

mod arguments;
mod check;
mod crew;
mod excerpt;
mod inputs;
mod output;
mod rules;
mod watch;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

pub(super) use arguments::Arguments;
pub(super) use output::text::line;

use super::{INVALID, UNUSABLE, unusable};
use crate::model::{Issue, IssueCode, Severity};
use check::Checker;
use inputs::{Item, Place, What};
use output::{Part, Sheet, Style};
use watch::{Interrupt, Progress};

/// What a process ends with that Ctrl-C stopped: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

/// What is said of a line that is no resource, where each line must be one.
const PART: &str = "This line is not one JSON object from { to }. In NDJSON (.ndjson, .jsonl) each line is a whole \
                    resource: put this one on a single line, or name the file .json if there is but one in it.";

/// The findings about one resource or document.
struct Verdict {
    place: Place,
    issues: Vec<Issue>,
    code: u8,
}

impl Verdict {
    fn of(place: Place, issues: Vec<Issue>) -> Self {
        let code = if issues.iter().any(|issue| issue.severity.refuses()) { INVALID } else { 0 };
        Self { place, issues, code }
    }

    /// There is nothing to judge.
    fn unusable(place: Place, text: String) -> Self {
        let issue = Issue::new(Severity::Fatal, IssueCode::Exception, text);
        Self { place, issues: vec![issue], code: UNUSABLE }
    }
}

/// Runs the command.
pub(super) fn validate(arguments: &Arguments) -> ExitCode {
    let checker = match rules::checker(arguments) {
        Ok(checker) => checker,
        Err(error) => return unusable(&error),
    };
    let style = arguments.style();
    let sheet = Sheet::new(arguments.form(), style, io::BufWriter::new(io::stdout().lock()));
    // without a reader nobody has been told, so no other code would be true
    run(arguments, &checker, style, sheet).unwrap_or(ExitCode::from(UNUSABLE))
}

fn run(arguments: &Arguments, checker: &Checker, style: Style, mut sheet: Sheet<impl Write>) -> io::Result<ExitCode> {
    let paths = inputs::paths(&arguments.files);
    let are_many = inputs::are_many(&paths);
    let threads = if are_many { arguments.threads() } else { 1 };
    let interrupt = if are_many { Interrupt::watch() } else { Interrupt::default() };
    let mut progress = Progress::new(paths.len());
    let seen = interrupt.clone();
    let items = inputs::items(paths).take_while(move |_| !seen.is_raised());
    sheet.open()?;
    let mut failed = None;
    let work = |item: Item| parts(checker, arguments, style, item);
    crew::in_order(threads, items, work, |(parts, is_last)| {
        progress.make_room();
        if let Err(error) = parts.into_iter().try_for_each(|part| sheet.add(part)) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        progress.step(is_last, sheet.totals());
        ControlFlow::Continue(())
    });
    progress.end();
    if let Some(error) = failed {
        return Err(error);
    }
    if interrupt.is_raised() {
        sheet.close(Some(progress.left()))?;
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let code = sheet.close(None)?;
    Ok(ExitCode::from(code))
}

/// What is said of one input, as it will be written, and whether that is the last of its file.
fn parts(checker: &Checker, arguments: &Arguments, style: Style, item: Item) -> (Vec<Part>, bool) {
    let Item { file, what, is_last } = item;
    let place = Place { file, line: None };
    let page = output::Page { form: arguments.form(), style, level: arguments.level() };
    let (bytes, first) = match what {
        What::Whole => match inputs::read(&place.file) {
            Ok(bytes) if place.is_stdin() && inputs::is_lines(&bytes) => (bytes, Some(1)),
            Ok(bytes) => (bytes, None),
            Err(error) => {
                let text = format!("The file cannot be read: {error}.");
                return (vec![page.part(&Verdict::unusable(place, text), b"")], is_last);
            }
        },
        What::Lines { first, bytes } => (bytes, Some(first)),
        What::Nothing(why) => return (vec![page.part(&Verdict::unusable(place, why), b"")], is_last),
    };
    let Some(first) = first else {
        return (vec![page.part(&judged(checker, place, &bytes), &bytes)], is_last);
    };
    let lines = bytes.split(|byte| *byte == b'\n').zip(first..);
    let said = lines.filter(|(line, _)| !line.trim_ascii().is_empty()).map(|(line, number)| {
        let place = Place { file: place.file.clone(), line: Some(number) };
        let mut verdict = judged(checker, place, line);
        if verdict.code == INVALID && inputs::is_part(line) {
            verdict.issues = vec![Issue::error(IssueCode::Structure, PART)];
        }
        page.part(&verdict, line)
    });
    (said.collect(), is_last)
}

/// The verdict on one resource or document. Should the validator fail, that is a finding as well: the other files are not
/// to suffer for it.
fn judged(checker: &Checker, place: Place, bytes: &[u8]) -> Verdict {
    if let Ok(issues) = catch_unwind(AssertUnwindSafe(|| checker.check(bytes))) {
        return Verdict::of(place, issues);
    }
    let text = "The validator itself failed on this, so it was not checked. Please report it.";
    Verdict::unusable(place, text.to_owned())
}
