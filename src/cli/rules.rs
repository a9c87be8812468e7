//! `rules`: the rules of routing in force, one line each; whether a site's are sound; and an area table made of the
//! national files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

use super::{INVALID, UNUSABLE, complain, inert, named, said, unusable};
use crate::app;
use crate::route::{Reduced, Reducer};

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List every rule in force: id, sentence, source.
    List(Of),
    /// Check rules, ours and a site's together: exit 0 sound, 1 faults, each told.
    Check(Of),
    /// Make an area table of the national files: exit 0 made, 1 faults, 2 unusable.
    ///
    /// The ONS Postcode Directory gives each postcode its local authority and ward, `epraccur.csv` each GP practice its
    /// postcode, and the map says which of your areas these are.
    Areas {
        /// The ONS Postcode Directory, one CSV file.
        #[arg(long)]
        onspd: PathBuf,
        /// `epraccur.csv` of the Organisation Data Service.
        #[arg(long)]
        practices: PathBuf,
        /// Your areas: `what,code,to,side` rows as in areas.csv, with `lad` and `ward` rows for national codes.
        #[arg(long)]
        map: PathBuf,
        /// The area table to write: `areas.csv` of your rules folder.
        #[arg(long)]
        to: PathBuf,
    },
}

/// Whose rules.
#[derive(Debug, clap::Args)]
pub(super) struct Of {
    /// A folder with a site's rules, as in the setting `rules.folder`.
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
}

pub(super) fn run(command: &RulesCommand) -> ExitCode {
    match command {
        RulesCommand::List(of) => list(of.rules.as_deref()),
        RulesCommand::Check(of) => check(of.rules.as_deref()),
        RulesCommand::Areas { onspd, practices, map, to } => match areas(onspd, practices, map, to) {
            Ok(Ok(made)) => said(
                format_args!(
                    "{} postcodes in {} sectors, of which {} lie in more than one area; {} practices, {} more elsewhere: {}",
                    made.postcodes,
                    made.sectors,
                    made.split,
                    made.practices,
                    made.practices_elsewhere,
                    named(to)
                ),
                ExitCode::SUCCESS,
            ),
            Ok(Err(faults)) => {
                for fault in &faults {
                    complain(format_args!("{}", inert(fault)));
                }
                ExitCode::from(INVALID)
            }
            Err(error) => unusable(&error),
        },
    }
}

fn list(folder: Option<&Path>) -> ExitCode {
    let rules = match app::rules(folder) {
        Ok(rules) => rules,
        Err(error) => return unusable(&error),
    };
    let mut code = ExitCode::SUCCESS;
    for rule in rules.list() {
        let judged = if rule.judged_by_a_person { " [judged by a person]" } else { "" };
        let line = format!("{}  {}{judged}  ({})", rule.id, rule.sentence, rule.source);
        if said(format_args!("{}", inert(&line)), ExitCode::SUCCESS) != ExitCode::SUCCESS {
            code = ExitCode::from(UNUSABLE);
        }
    }
    code
}

fn check(folder: Option<&Path>) -> ExitCode {
    let (rules, clocks, measures) = (app::rules(folder), app::clock_rules(folder), app::measures(folder));
    let faults = [rules.as_ref().err(), clocks.as_ref().err(), measures.as_ref().err()];
    let faults: Vec<String> = faults.into_iter().flatten().map(|error| format!("{error:#}")).collect();
    let (Ok(rules), Ok(clocks), Ok(measures)) = (&rules, &clocks, &measures) else {
        let text: Vec<String> = faults.join("\n").lines().map(inert).collect();
        return said(format_args!("{}", text.join("\n")), ExitCode::from(INVALID));
    };
    let (rows, areas) = (rules.list().len(), rules.areas().all().count());
    let (clocks, measures) = (clocks.rows().len(), measures.iter().count());
    said(
        format_args!("{rows} rules of routing, {areas} areas, {clocks} clocks and {measures} measures have no faults."),
        ExitCode::SUCCESS,
    )
}

type Faults = Vec<String>;

fn areas(onspd: &Path, practices: &Path, map: &Path, to: &Path) -> anyhow::Result<Result<Reduced, Faults>> {
    let text = std::fs::read_to_string(map).with_context(|| format!("{} cannot be read", named(map)))?;
    let mut reducer = match Reducer::new(&text) {
        Ok(reducer) => reducer,
        Err(faults) => return Ok(Err(faults.iter().map(ToString::to_string).collect())),
    };
    let mut fault = None;
    lines(onspd, |line| {
        fault = reducer.postcode_line(line).err().map(|fault| fault.to_string());
        fault.is_none()
    })?;
    if let Some(fault) = fault {
        return Ok(Err(vec![fault]));
    }
    lines(practices, |line| {
        reducer.practice_line(line);
        true
    })?;
    let made = match reducer.finish() {
        Ok(made) => made,
        Err(faults) => return Ok(Err(faults.iter().map(ToString::to_string).collect())),
    };
    std::fs::write(to, &made.csv).with_context(|| format!("{} cannot be written", named(to)))?;
    Ok(Ok(made))
}

/// Line by line: the postcode directory is larger than the memory of a small machine. Names in these files may hold
/// letters in an old encoding, so lines are read as bytes.
fn lines(path: &Path, mut take: impl FnMut(&str) -> bool) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be read", named(path));
    let mut reader = BufReader::new(File::open(path).with_context(cannot)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).with_context(cannot)? > 0 {
        if !take(&String::from_utf8_lossy(&line)) {
            return Ok(());
        }
        line.clear();
    }
    Ok(())
}
