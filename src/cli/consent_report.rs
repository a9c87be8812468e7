//! `consent report`: everything disclosed about a person, for the person, as text, PDF or AuditEvents.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;
use jiff::Timestamp;

use super::{ConfigFile, INVALID, block_on, complain, serve, unusable};
use crate::fhir::{self, Format};
use crate::model::NhsNumber;
use crate::pipeline::{AccessReport, Gateway, report_letter};
use crate::render::{self, Fonts};
use crate::{app, config};

/// What is asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The person's NHS number; `-` reads it from standard input, so that it is in no shell history.
    #[arg(long)]
    person: String,
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    /// Write to this file instead of standard output.
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Pdf,
    /// A Bundle of AuditEvents.
    Json,
    Xml,
}

pub(super) fn report(asked: &Arguments) -> ExitCode {
    let number = match number(&asked.person) {
        Ok(Ok(number)) => number,
        Ok(Err(fault)) => {
            complain(format_args!("cmht-gateway: this is no NHS number: {fault}"));
            return ExitCode::from(INVALID);
        }
        Err(error) => return unusable(&error),
    };
    match made(asked, &number).and_then(|bytes| written(asked, &bytes)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => unusable(&error),
    }
}

fn number(text: &str) -> anyhow::Result<Result<NhsNumber, crate::model::NhsNumberFault>> {
    let mut read = String::new();
    let text = if text == "-" {
        let most = 1 << 10;
        std::io::stdin().take(most).read_to_string(&mut read).context("standard input cannot be read")?;
        read.trim()
    } else {
        text
    };
    Ok(NhsNumber::parse(text))
}

fn made(asked: &Arguments, number: &NhsNumber) -> anyhow::Result<Vec<u8>> {
    let (serving, directory) = serve::configured(&asked.config)?;
    block_on(async move {
        let config::Serving { config, party, .. } = serving;
        let gateway = app::at_rest(&config, &party, directory).await?;
        let report = gateway.report_for(number, (&party, "command line"), Timestamp::now()).await;
        let report = report.map_err(|_| anyhow::anyhow!("the database did not give what the report is made from"))?;
        shaped(asked.format, &gateway, &report)
    })?
}

fn shaped(shape: Shape, gateway: &Gateway, report: &AccessReport) -> anyhow::Result<Vec<u8>> {
    let bundle = |format: Format| {
        let bundle = gateway.report_bundle(report).map_err(|_| anyhow::anyhow!("the report did not come out valid"))?;
        fhir::write(&bundle, format).map_err(|_| anyhow::anyhow!("the report cannot be written in this format"))
    };
    match shape {
        Shape::Text => Ok(render::text(&report_letter(report)).into_bytes()),
        Shape::Pdf => Ok(render::pdf(&report_letter(report), &Fonts::default())?),
        Shape::Json => bundle(Format::Json),
        Shape::Xml => bundle(Format::Xml),
    }
}

fn written(asked: &Arguments, bytes: &[u8]) -> anyhow::Result<()> {
    match &asked.output {
        Some(path) => std::fs::write(path, bytes).context("the report cannot be written"),
        None => std::io::stdout().write_all(bytes).context("standard output cannot be written"),
    }
}
