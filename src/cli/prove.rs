//! `consent prove`: what is proved of the policy, one line each, and the first thing that is not, with a case.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::{INVALID, UNUSABLE, complain, inert, said};
use crate::prove::{ProveError, Prover, read_folder};

/// Arguments of `consent prove`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A folder with a site's own policies, which are put beside the gateway's.
    #[arg(long, value_name = "FOLDER")]
    policy: Option<PathBuf>,
}

pub(super) fn prove(arguments: &Arguments) -> ExitCode {
    let started = Instant::now();
    let mut told = true;
    let site = arguments.policy.as_deref().map(read_folder).transpose().map(Option::unwrap_or_default);
    let proved = site.and_then(|site| Prover::new(&site)).and_then(|prover| {
        prover.prove_all(&mut |proof| {
            let line = said(format_args!("proved: {}", proof.sentence), ExitCode::SUCCESS);
            told &= line == ExitCode::SUCCESS;
        })?;
        Ok(prover.proofs().len())
    });
    match proved {
        Ok(count) => {
            // on standard error, so that what is proved is the same text every time
            complain(format_args!("{count} proofs in {:.1} s", started.elapsed().as_secs_f64()));
            ExitCode::from(if told { 0 } else { UNUSABLE })
        }
        Err(error @ (ProveError::Refuted(_) | ProveError::Undecided { .. } | ProveError::Vacuous { .. })) => {
            said(format_args!("{}", lines(&error)), ExitCode::from(INVALID))
        }
        Err(error) => {
            complain(format_args!("cmht-gateway: {}", lines(&error)));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// A site's texts may hold anything; its lines stay lines.
fn lines(error: &ProveError) -> String {
    let told = error.to_string().lines().map(inert).collect::<Vec<_>>().join("\n");
    // What the translation to the solver's language says of itself may be nothing at all.
    let ends_open = told.trim_end().ends_with(':');
    if ends_open {
        format!("{} it could not be put to the solver, and no reason was given", told.trim_end())
    } else {
        told
    }
}
