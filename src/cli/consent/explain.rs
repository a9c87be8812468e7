//! `consent explain`: rules as people meet them, or a stored decision told again.

use std::path::Path;
use std::process::ExitCode;

use uuid::Uuid;

use super::super::{DatabaseOf, INVALID, Report, complain, inert, said, unusable};
use super::stored::{self, Which};
use super::{decide, text};
use crate::consent::Trail;

pub(super) fn rules(wanted: &[String], policy: Option<&Path>) -> ExitCode {
    let engine = match super::engine(policy) {
        Ok(engine) => engine,
        Err(error) => return unusable(&error),
    };
    let unknown: Vec<String> = wanted
        .iter()
        .filter(|id| !engine.rules().any(|rule| rule.id.as_str() == id.as_str()))
        .map(|id| inert(id))
        .collect();
    if !unknown.is_empty() {
        let known: Vec<&str> = engine.rules().map(|rule| rule.id.as_str()).collect();
        complain(format_args!("cmht-gateway: no such rule: {}. There are {}", unknown.join(", "), known.join(", ")));
        return ExitCode::from(INVALID);
    }
    let style = text::Style::of_stdout();
    let chosen = engine.rules().filter(|rule| wanted.is_empty() || wanted.iter().any(|id| id == rule.id.as_str()));
    let told: Vec<String> =
        chosen.map(|rule| text::rule(rule.id.as_str(), &rule.reason, &rule.source, style)).collect();
    said(format_args!("{}", told.join("\n")), ExitCode::SUCCESS)
}

pub(super) fn decision(of: &DatabaseOf, id: Uuid, policy: Option<&Path>) -> ExitCode {
    let told = super::engine(policy).and_then(|engine| {
        let records = stored::records(of, &Which::One(id))?;
        let [(_, record)] = records.as_slice() else { anyhow::bail!("there is no stored decision {id}") };
        Ok(engine.account(&Trail::read(record)?))
    });
    match told {
        // What was decided is past: that nothing went is no failure of this command.
        Ok(account) => match decide::show(&account, Report::Text) {
            code if code == ExitCode::from(super::super::UNUSABLE) => code,
            _ => ExitCode::SUCCESS,
        },
        Err(error) => unusable(&error),
    }
}
