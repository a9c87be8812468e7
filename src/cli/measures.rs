//! `measures`: the measures of a period from the database, as text, CSV or MeasureReports.

use std::process::ExitCode;

use clap::ValueEnum;
use jiff::Timestamp;

use super::{ConfigFile, block_on, inert, said, serve, unusable};
use crate::app;
use crate::measures::{self, By, Period};
use crate::model::PartyId;

/// Arguments of `measures`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The first day of a month or of a financial year, such as 2026-04-01.
    #[arg(long)]
    from: String,
    /// Its last day, such as 2026-04-30 or 2027-03-31.
    #[arg(long)]
    to: String,
    /// Broken down by this.
    #[arg(long, value_parser = by)]
    by: Option<By>,
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    #[command(flatten)]
    of: ConfigFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Csv,
    /// A Bundle of MeasureReports.
    Fhir,
}

fn by(code: &str) -> Result<By, String> {
    let codes: Vec<&str> = By::ALL.iter().map(|by| by.code()).collect();
    By::from_code(code).ok_or_else(|| format!("it is one of {}", codes.join(", ")))
}

pub(super) fn measures(arguments: &Arguments) -> ExitCode {
    match made(arguments) {
        Ok(text) => said(format_args!("{}", text.trim_end()), ExitCode::SUCCESS),
        Err(error) => unusable(&error),
    }
}

fn made(arguments: &Arguments) -> anyhow::Result<String> {
    let period = Period::published(&arguments.from, &arguments.to).map_err(anyhow::Error::msg)?;
    let (serving, directory) = serve::configured(&arguments.of)?;
    let now = Timestamp::now();
    block_on(async move {
        let own = serving.party;
        let gateway = app::at_rest(&serving.config, &own, directory).await?;
        let found = gateway.measures(&own, "command line", (period, arguments.by), now).await;
        let lines = found.map_err(|_| anyhow::anyhow!("the database does not answer"))?;
        let parts = gateway.parts();
        let name = |party: &PartyId| inert(&gateway.party_name(party, now));
        anyhow::Ok(match arguments.format {
            Shape::Csv => measures::to_csv(&lines, period),
            Shape::Fhir => {
                let bundle = measures::bundle(&parts.measures, &lines, period, (own.as_str(), &name(&own)), now);
                format!("{bundle:#}")
            }
            Shape::Text => measures::to_text(&lines, period, &|by, group| match (by, PartyId::parse(group)) {
                (By::Team | By::Partner, Some(id)) if group != measures::UNKNOWN => name(&id),
                _ => inert(group),
            }),
        })
    })?
}
