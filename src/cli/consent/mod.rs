//! `consent`: what would be decided on a case, why, and whether stored decisions come out the same again. Sends nothing.

mod decide;
mod explain;
mod replay;
mod stored;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use uuid::Uuid;

use super::{DatabaseOf, Report, consent_report, prove};
use crate::consent::Engine;

#[derive(Debug, Subcommand)]
pub(super) enum ConsentCommand {
    /// Decide a case: exit 0 all or part of it may go, 1 nothing may go or a professional must decide, 2 unusable.
    ///
    /// A case is everything a decision takes in, as JSON: profiles/policy/case.schema.json. Nothing is stored or sent.
    Decide {
        /// The case; `-` reads standard input.
        #[arg(long)]
        case: PathBuf,
        /// How the answer is written.
        #[arg(long, value_enum, default_value_t = Report::Text)]
        output: Report,
        /// A folder of policies that are added to those of the gateway.
        #[arg(long)]
        policy: Option<PathBuf>,
    },
    /// Explain rules by their ids, all of them without one; or a stored decision.
    Explain {
        /// Rules, such as CS-07.
        rules: Vec<String>,
        /// A stored decision, as the audit log names it.
        #[arg(long, conflicts_with = "rules")]
        decision: Option<Uuid>,
        #[command(flatten)]
        of: DatabaseOf,
        /// A folder of policies that are added to those of the gateway.
        #[arg(long)]
        policy: Option<PathBuf>,
    },
    /// Take stored decisions again: exit 0 each has the answer it had, 1 some would be decided otherwise now, 2 unusable.
    ///
    /// What was decided stands. Where policy has changed since, the rules that did are named.
    Replay {
        /// One stored decision.
        #[arg(long, conflicts_with_all = ["all", "record"], required_unless_present_any = ["all", "record"])]
        decision: Option<Uuid>,
        /// Every stored decision.
        #[arg(long, conflicts_with = "record")]
        all: bool,
        /// A file of records, one a line, instead of a database; `-` reads standard input.
        #[arg(long)]
        record: Option<PathBuf>,
        #[command(flatten)]
        of: DatabaseOf,
        /// How the answer is written.
        #[arg(long, value_enum, default_value_t = Report::Text)]
        output: Report,
        /// A folder of policies that are added to those of the gateway.
        #[arg(long)]
        policy: Option<PathBuf>,
    },
    /// Prove what must hold of the policy for every request there can be: exit 0 all proved, 1 not, 2 unusable.
    ///
    /// One line for each proof that holds; the first that does not is told with a case that breaks it. Needs the solver
    /// cvc5 (`apt-get install cvc5`), on the PATH or named in CVC5.
    Prove(prove::Arguments),
    /// Everything disclosed about a person: to whom, when, why, on what basis, and what was held back; exit 0 made, 1 no
    /// NHS number, 2 unusable. That it was made is recorded.
    Report(consent_report::Arguments),
}

pub(super) fn run(command: &ConsentCommand) -> ExitCode {
    match command {
        ConsentCommand::Decide { case, output, policy } => decide::decide(case, *output, policy.as_deref()),
        ConsentCommand::Explain { rules, decision: None, policy, .. } => explain::rules(rules, policy.as_deref()),
        ConsentCommand::Explain { decision: Some(id), of, policy, .. } => explain::decision(of, *id, policy.as_deref()),
        ConsentCommand::Replay { decision, record, of, output, policy, .. } => {
            let which = stored::Which::of(*decision, record.as_deref());
            replay::replay(of, which, *output, policy.as_deref())
        }
        ConsentCommand::Prove(arguments) => prove::prove(arguments),
        ConsentCommand::Report(arguments) => consent_report::report(arguments),
    }
}

/// The gateway's policy, with what a site adds in a folder, in the order of the names.
fn engine(folder: Option<&Path>) -> anyhow::Result<Engine> {
    let Some(folder) = folder else { return Ok(Engine::embedded()?) };
    let own = crate::prove::read_folder(folder)?;
    let (files, schema) = Engine::embedded_files();
    let all: Vec<(&str, &str)> =
        files.iter().copied().chain(own.iter().map(|(name, text)| (name.as_str(), text.as_str()))).collect();
    Ok(Engine::load(&all, schema)?)
}
