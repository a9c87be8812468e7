//! Findings for programs: the file, the line of NDJSON, and a FHIR OperationOutcome.

use serde_json::{Map, Value};

use crate::cli::validate::Verdict;
use crate::fhir::outcome::operation_outcome;
use crate::model::{Issue, IssueCode};

/// One verdict on one line. An array of them has commas between, so only a line by itself ends in a line end.
pub(super) fn part(verdict: &Verdict, shown: &[Issue], hidden: usize) -> String {
    let mut out = Map::new();
    out.insert("file".to_owned(), verdict.place.file.to_string_lossy().into());
    if let Some(line) = verdict.place.line {
        out.insert("line".to_owned(), line.into());
    }
    let outcome = if shown.is_empty() && hidden > 0 {
        // an outcome without issues would say that all is well
        let text = format!("Findings below the level that was asked for are not listed: {hidden}.");
        operation_outcome(&[Issue::information(IssueCode::Informational, text)])
    } else {
        operation_outcome(shown)
    };
    out.insert("outcome".to_owned(), outcome);
    Value::Object(out).to_string()
}
