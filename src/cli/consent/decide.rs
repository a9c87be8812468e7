//! `consent decide`: the answer to a case, in words or as JSON.

use std::path::Path;
use std::process::ExitCode;

use super::super::{INVALID, Report, UNUSABLE, complain, named, read_input, said, unusable};
use super::text;
use crate::app;
use crate::consent::{Account, Outcome};
use crate::fhir::Limits;
use crate::intake::Schemas;
use crate::pipeline::{self, Bench};

pub(super) fn decide(case: &Path, output: Report, policy: Option<&Path>) -> ExitCode {
    let bytes = match read_input(case) {
        Ok(bytes) => bytes,
        Err(error) => return unusable(&anyhow::anyhow!("{} cannot be read: {error}", named(case))),
    };
    let ready = || anyhow::Ok((super::engine(policy)?, Schemas::load(app::SCHEMAS)?));
    let (engine, schemas) = match ready() {
        Ok(ready) => ready,
        Err(error) => return unusable(&error),
    };
    let validator = app::validator();
    let bench = Bench { engine: &engine, validator: &validator, schemas: &schemas, limits: &Limits::default() };
    match pipeline::decide(bench, &bytes) {
        Ok(account) => show(&account, output),
        Err(refusal) => {
            for issue in &refusal.issues {
                complain(format_args!("{}", super::super::validate::line(case, issue)));
            }
            ExitCode::from(UNUSABLE)
        }
    }
}

/// The account, and whether anything goes.
pub(super) fn show(account: &Account, output: Report) -> ExitCode {
    let code = match account.outcome {
        Outcome::Permit | Outcome::PermitInPart => ExitCode::SUCCESS,
        Outcome::Deny | Outcome::Refer => ExitCode::from(INVALID),
    };
    match output {
        Report::Text => said(format_args!("{}", text::account(account, text::Style::of_stdout())), code),
        Report::Json => match serde_json::to_string_pretty(account) {
            Ok(json) => said(format_args!("{json}"), code),
            Err(error) => unusable(&error.into()),
        },
    }
}
