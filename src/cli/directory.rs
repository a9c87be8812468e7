//! `directory check`, `export`, `import`: the directory as TOML, CSV and FHIR, from and to files.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{ConfigFile, INVALID, block_on, complain, named, read_input, said, serve, sniff, unusable};
use crate::directory::{Directory, DirectoryFault, Rows, Share};
use crate::fhir::{self, Format, Limits};
use crate::pipeline::{By, Gateway};
use crate::store::DirectorySource;
use crate::{app, config};

#[derive(Debug, Subcommand)]
pub(super) enum DirectoryCommand {
    /// Check a directory without a gateway: exit 0 right, 1 faults, 2 unusable.
    Check {
        #[command(flatten)]
        from: From,
    },
    /// Write the directory of a gateway's database, without secrets.
    Export {
        #[arg(long, value_enum, default_value_t = Shape::Toml)]
        format: Shape,
        /// Write to this file, or for CSV to this folder, a table for each section; standard output if left out.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Only what every client may read.
        #[arg(long)]
        public: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Take a directory into a gateway's database: exit 0 taken, 1 faults, 2 unusable.
    ///
    /// A section that the import has takes the place of the one there is; one it does not have stays. Who may call or sign
    /// in stays, with the secret they have. A gateway that is running takes it over when it starts the next time; POST
    /// /directory changes it at once.
    Import {
        #[command(flatten)]
        from: From,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// A directory to be read.
#[derive(Debug, clap::Args)]
pub(super) struct From {
    #[arg(long, value_enum, default_value_t = Shape::Toml)]
    format: Shape,
    /// The file; for CSV also a folder of tables named after the sections; `-` reads standard input.
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    Toml,
    Csv,
    /// A Bundle, as JSON or XML.
    Fhir,
}

pub(super) fn run(command: &DirectoryCommand) -> ExitCode {
    let done = match command {
        DirectoryCommand::Check { from } => check(from),
        DirectoryCommand::Export { format, output, public, config } => {
            let share = if *public { Share::Public } else { Share::Whole };
            export(*format, output.as_deref(), share, config).map(|()| ExitCode::SUCCESS)
        }
        DirectoryCommand::Import { from, config } => import(from, config),
    };
    done.unwrap_or_else(|error| unusable(&error))
}

fn check(from: &From) -> anyhow::Result<ExitCode> {
    let directory = read(from)?.and_then(Directory::from_rows);
    Ok(match directory {
        Ok(_) => said(format_args!("The directory has no faults."), ExitCode::SUCCESS),
        Err(faults) => told(&faults),
    })
}

fn export(format: Shape, output: Option<&Path>, share: Share, config: &ConfigFile) -> anyhow::Result<()> {
    let (serving, directory) = serve::configured(config)?;
    let rows = block_on(async move {
        let config::Serving { config, party, .. } = serving;
        anyhow::Ok(app::at_rest(&config, &party, directory).await?.directory().shared(share))
    })??;
    match (format, output) {
        (Shape::Csv, Some(folder)) => {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", named(folder)))?;
            for (section, text) in rows.to_csv_files() {
                written(Some(&folder.join(format!("{section}.csv"))), text.as_bytes())?;
            }
            Ok(())
        }
        (Shape::Csv, None) => written(None, rows.to_csv().as_bytes()),
        (Shape::Toml, output) => written(output, rows.to_toml().as_bytes()),
        (Shape::Fhir, output) => {
            let bundle = rows.to_fhir(Timestamp::now());
            let bytes =
                fhir::write(&bundle, Format::Json).map_err(|_| anyhow::anyhow!("the Bundle cannot be written"))?;
            written(output, &bytes)
        }
    }
}

fn import(from: &From, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let rows = match read(from)? {
        Ok(rows) => rows,
        Err(faults) => return Ok(told(&faults)),
    };
    let (serving, directory) = serve::configured(config)?;
    let taken = block_on(async move {
        let config::Serving { config, party, .. } = serving;
        let gateway = app::at_rest(&config, &party, directory).await?;
        anyhow::Ok(take(&gateway, party, rows).await)
    })??;
    Ok(match taken {
        Ok(version) => said(format_args!("Taken. The directory is at version {version}."), ExitCode::SUCCESS),
        Err(texts) => {
            for text in texts {
                complain(format_args!("{text}"));
            }
            ExitCode::from(INVALID)
        }
    })
}

async fn take(gateway: &std::sync::Arc<Gateway>, party: crate::model::PartyId, rows: Rows) -> Result<i64, Vec<String>> {
    let agent = "command line".to_owned();
    let by = By { party, agent, source: DirectorySource::Import, now: Timestamp::now() };
    let changed = gateway.change_directory(by, None, move |directory| directory.with_import(rows.clone())).await;
    changed.map_err(|refusal| refusal.issues.into_iter().map(|issue| issue.text).collect())
}

/// The entries of a file or folder, or what keeps them from being read.
fn read(from: &From) -> anyhow::Result<Result<Rows, Vec<DirectoryFault>>> {
    let context = || format!("{} cannot be read", named(&from.file));
    if from.format == Shape::Csv && from.file.is_dir() {
        let mut tables: Vec<(String, String)> = Vec::new();
        for entry in std::fs::read_dir(&from.file).with_context(context)? {
            let path = entry.with_context(context)?.path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                tables.push((name, std::fs::read_to_string(&path).with_context(context)?));
            }
        }
        tables.sort();
        return Ok(Rows::from_csv(tables.iter().map(|(name, text)| (name.as_str(), text.as_str()))));
    }
    let bytes = read_input(&from.file).with_context(context)?;
    if from.format == Shape::Fhir {
        let value = fhir::read(&bytes, sniff(&bytes), &Limits::default());
        return Ok(Rows::from_fhir(&value.map_err(|issue| anyhow::anyhow!("{}", issue.text))?));
    }
    let text = String::from_utf8(bytes).with_context(context)?;
    Ok(match from.format {
        Shape::Csv => Rows::from_csv([("directory", text.as_str())]),
        _ => Rows::from_toml(&text),
    })
}

fn told(faults: &[DirectoryFault]) -> ExitCode {
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    said(format_args!("{}", texts.join("\n")), ExitCode::from(INVALID))
}

fn written(path: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    match path {
        Some(path) => std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", named(path))),
        None => std::io::stdout().write_all(bytes).context("standard output cannot be written"),
    }
}
