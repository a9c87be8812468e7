//! The command line: arguments, commands, exit codes. Commands print for people on a terminal and machines in a pipe.

mod audit;
mod bench;
mod consent;
mod consent_report;
mod definitions;
mod directory;
mod map;
mod measures;
mod outbox;
mod prove;
mod report;
mod route;
mod rules;
mod serve;
mod simulate;
mod validate;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::files;
use crate::model::DocumentKind;

/// FHIR R4 interoperability gateway for community mental health teams.
#[derive(Debug, Parser)]
#[command(name = "cmht-gateway", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(ConfigFile),
    /// Show the gateway at work with made-up people: referrals, a safety plan, letters and a handover, and where they
    /// went.
    Demo {
        /// Stop after the report instead of staying up.
        #[arg(long)]
        once: bool,
    },
    /// Map a document between its native form and FHIR, or make it readable: exit 0 mapped, 1 not such a document, 2
    /// unusable.
    ///
    /// Nothing is lost: what has no native place is kept in the document's `unmapped` list and comes back out on the way
    /// to FHIR, so the exit code is 0 then too. What was filled in, put in other words or kept is told on standard error,
    /// or with --report in place of the document.
    Map {
        /// The form to map to.
        #[arg(long)]
        to: Form,
        /// Wire format of the FHIR form.
        #[arg(long, default_value = "json")]
        format: Wire,
        /// Kind of document; found out from the document if left out.
        #[arg(long, value_parser = kind)]
        kind: Option<DocumentKind>,
        /// Write to this file instead of standard output.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// A font for PDFs, for scripts that the built-in ones lack; may be given several times.
        #[arg(long = "font")]
        fonts: Vec<PathBuf>,
        /// Print what was defaulted, coerced or kept, with paths, in place of the document; empty where there is nothing
        /// to tell. The exit code stays 0.
        #[arg(long, num_args = 0..=1, default_missing_value = "text")]
        report: Option<Report>,
        /// The document; `-` reads standard input.
        file: PathBuf,
    },
    /// Validate FHIR R4 resources and native documents: exit 0 valid, 1 invalid, 2 unusable.
    ///
    /// Every resource is held to R4, to the UK Core profile of its type, and to the profiles it claims. Findings have the
    /// place in the source, the path and the rule. The worst input decides the exit code; warnings do not count.
    Validate(Box<validate::Arguments>),
    /// The directory: who there is, where, and how they receive.
    #[command(subcommand)]
    Directory(directory::DirectoryCommand),
    /// The definitions that are validated against.
    #[command(subcommand)]
    Definitions(DefinitionsCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Consent policy, what persons have consented to, and what was disclosed about them.
    #[command(subcommand)]
    Consent(consent::ConsentCommand),
    /// Deliveries that were given up.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Rules of routing, eligibility advice and areas.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Say where a referral would go and why, and send it nowhere: exit 0 decided, 1 it can go nowhere, 2 unusable.
    Route(route::Arguments),
    /// Print the measures of a period: access, waits, limits kept, outcomes, what came incomplete or was refused. Numbers
    /// that would tell of a person are not shown.
    Measures(measures::Arguments),
    /// Play a made-up year through the gateway and compare its measures with a tally of its own: exit 0 equal, 1 different.
    /// The database is in a temporary folder and not synced to disk; everything else is as it is in service.
    Simulate(simulate::Arguments),
    /// Measure, on this machine.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Check configuration and directory, and say everything that is wrong; exit 0 only if nothing is.
    CheckConfig(ConfigFile),
    /// Read a secret from standard input and print the hash that goes into the directory file.
    HashSecret,
}

/// Where the configuration comes from.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// TOML file; `CMHT_…` environment variables overrule it.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// Which database a command works on.
#[derive(Debug, clap::Args)]
struct DatabaseOf {
    #[command(flatten)]
    config: ConfigFile,
    /// The database file, instead of the one in the configuration.
    #[arg(long)]
    database: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum DefinitionsCommand {
    /// Make definition packs from FHIR packages: exit 0 only if every profile has its snapshot.
    Build {
        /// FHIR packages, as `.tgz` or folder.
        #[arg(long, required = true, num_args = 1..)]
        from: Vec<PathBuf>,
        /// The folder the packs go to, by guide: `profiles`.
        #[arg(long)]
        to: PathBuf,
    },
    /// Write our own implementation guide: a file for each conformance resource, by type and id.
    Guide {
        /// The folder the files go to: `profiles/cmht`.
        #[arg(long)]
        to: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check every link of the log: exit 0 whole, 1 changed, 2 unusable.
    Verify {
        #[command(flatten)]
        of: DatabaseOf,
        /// Hash that the log must contain as the head it once had: proves that nothing before it changed.
        #[arg(long)]
        contains: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// List deliveries that were given up, and why.
    Failed(DatabaseOf),
    /// Put a delivery that was given up back in the queue.
    Retry {
        #[command(flatten)]
        of: DatabaseOf,
        /// The delivery's identifier, as `outbox failed` prints it.
        delivery: uuid::Uuid,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Fhir,
    Native,
    /// Plain text, from either form.
    Text,
    /// PDF, from either form.
    Pdf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wire {
    Json,
    Xml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Report {
    Text,
    Json,
}

/// What a command came to.
const INVALID: u8 = 1;
const UNUSABLE: u8 = 2;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(of) => serve::serve(&of),
        Command::Demo { once } => serve::demo(once),
        Command::Map { to, format, kind, output, report, fonts, file } => {
            map::map(&map::Wanted { to, format, kind, output, report, fonts }, &file)
        }
        Command::Validate(arguments) => validate::validate(&arguments),
        Command::Consent(command) => consent::run(&command),
        Command::Directory(command) => directory::run(&command),
        Command::Definitions(DefinitionsCommand::Build { from, to }) => definitions::build(&from, &to),
        Command::Definitions(DefinitionsCommand::Guide { to }) => definitions::guide(&to),
        Command::Audit(AuditCommand::Verify { of, contains }) => audit::verify(&of, contains.as_deref()),
        Command::Outbox(OutboxCommand::Failed(of)) => outbox::failed(&of),
        Command::Outbox(OutboxCommand::Retry { of, delivery }) => outbox::retry(&of, delivery),
        Command::Rules(command) => rules::run(&command),
        Command::Route(arguments) => route::route(&arguments),
        Command::Measures(arguments) => measures::measures(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Bench(command) => bench::run(command),
        Command::CheckConfig(of) => serve::check_config(&of),
        Command::HashSecret => serve::hash_secret(),
    }
}

/// Prints an error with its causes, and gives the exit code for "could not even start".
fn unusable(error: &anyhow::Error) -> ExitCode {
    complain(format_args!("cmht-gateway: {error:#}"));
    ExitCode::from(UNUSABLE)
}

/// Prints a line on standard output and passes the exit code on. A full disk or a closed pipe is "unusable": whoever
/// asked has not been told, so no other code would be true.
fn said(text: std::fmt::Arguments<'_>, code: ExitCode) -> ExitCode {
    if writeln!(std::io::stdout(), "{text}").is_ok() { code } else { ExitCode::from(UNUSABLE) }
}

/// Prints a line on standard error. Where that fails there is nowhere left to say so; the exit code tells.
fn complain(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The name of a file for a terminal.
fn named(path: &std::path::Path) -> String {
    inert(&path.to_string_lossy())
}

/// Text for a terminal: control characters and those that turn the direction of text are escaped, so that a name cannot
/// draw over what is said about it.
fn inert(text: &str) -> String {
    let unsafe_here = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().flat_map(|c| if unsafe_here(c) { c.escape_default().collect() } else { vec![c] }).collect()
}

/// A kind of document that has a native form, by its code.
fn kind(code: &str) -> Result<DocumentKind, String> {
    let known = crate::app::SCHEMAS.iter().map(|(kind, _)| *kind);
    let found = known.clone().find(|kind| kind.code() == code);
    found.ok_or_else(|| format!("it is one of {}", known.map(DocumentKind::code).collect::<Vec<_>>().join(", ")))
}

/// Reads a regular file, or standard input for `-`, up to the size that is taken.
fn read_input(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        files::read_from(std::io::stdin().lock(), files::LARGEST)
    } else {
        files::read(path, files::LARGEST)
    }
}

/// Kind of a native document, from what it says of itself; what cannot be read is left to the reader to complain of.
fn native_kind(bytes: &[u8]) -> DocumentKind {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    crate::documents::kind_of(&value)
}

/// FHIR format of a file, from its first character: names lie, angle brackets do not.
fn sniff(bytes: &[u8]) -> crate::fhir::Format {
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF));
    if first == Some(&b'<') { crate::fhir::Format::Xml } else { crate::fhir::Format::Json }
}

/// Runs async work on a fresh runtime.
fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}
