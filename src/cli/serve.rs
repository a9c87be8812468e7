//! `serve`, `demo`, `check-config`, `hash-secret`: starting, and what must be right before starting.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;

use super::{ConfigFile, DatabaseOf, INVALID, block_on, complain, named, said, unusable};
use crate::config::{Config, ConfigFault, Env, FILE_VARIABLE, Log, LogFormat, LogLevel, ProcessEnv, Serving};
use crate::directory::Directory;
use crate::{app, auth, demo, telemetry};

pub(super) fn serve(of: &ConfigFile) -> ExitCode {
    let started = text(of).and_then(|text| {
        let (serving, directory) = ready(text.as_deref())?;
        telemetry::init(serving.config.log)?;
        block_on(async move {
            let Serving { config, party, .. } = serving;
            let running = app::start(&config, &party, directory).await?;
            stop_signal().await;
            running.stop().await;
            anyhow::Ok(())
        })?
    });
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => unusable(&error),
    }
}

pub(super) fn demo(once: bool) -> ExitCode {
    // The report is for a reader; only what goes wrong is worth a log line beside it.
    let quiet = Log { format: LogFormat::Text, level: LogLevel::Warn };
    let played = telemetry::init(quiet).map_err(anyhow::Error::from).and_then(|()| block_on(demo::run(once))?);
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("cmht-gateway: the demonstration failed: {error:#}"));
            ExitCode::from(INVALID)
        }
    }
}

pub(super) fn check_config(of: &ConfigFile) -> ExitCode {
    let text = match text(of) {
        Ok(text) => text,
        Err(error) => return unusable(&error),
    };
    let ready = ready(text.as_deref())
        .and_then(|(serving, _)| app::rules(serving.config.rules.as_deref()).map(|_| serving))
        .and_then(|serving| app::policies(&serving.config));
    match ready {
        Ok(_) => said(format_args!("The configuration and the directory have no faults."), ExitCode::SUCCESS),
        Err(error) => said(format_args!("{error:#}"), ExitCode::from(INVALID)),
    }
}

/// Configuration and directory of the gateway a command works on.
pub(super) fn configured(of: &ConfigFile) -> anyhow::Result<(Serving, Directory)> {
    ready(text(of)?.as_deref())
}

/// Configuration and directory, when each is right and they fit together.
fn ready(text: Option<&str>) -> anyhow::Result<(Serving, Directory)> {
    let serving = Config::load_for_serving(text, &ProcessEnv).map_err(|faults| faulty(&faults))?;
    let mut faults: Vec<String> = Vec::new();
    for (name, path) in serving.config.tls().iter().flat_map(|tls| [("certificate", tls.certificate), ("key", tls.key)])
    {
        if !path.is_file() {
            faults.push(format!("tls.{name}: there is no such file"));
        }
    }
    if let Err(error) = app::terminology_server(&serving.config.terminology) {
        faults.push(format!("terminology: {error}"));
    }
    if let Err(error) = app::clock_rules(serving.config.rules.as_deref()) {
        faults.push(format!("rules.folder: {error}"));
    }
    if let Err(error) = app::measures(serving.config.rules.as_deref()) {
        faults.push(format!("rules.folder: {error}"));
    }
    let directory = match app::read_directory(&serving.directory) {
        Ok(directory) => {
            faults.extend(directory.unfit_for(&serving.party, Timestamp::now()).iter().map(ToString::to_string));
            directory
        }
        Err(error) if faults.is_empty() => return Err(error),
        Err(error) => return Err(anyhow::anyhow!("{}\n{error:#}", list(&faults))),
    };
    if faults.is_empty() { Ok((serving, directory)) } else { Err(anyhow::anyhow!(list(&faults))) }
}

pub(super) fn hash_secret() -> ExitCode {
    let mut secret = String::new();
    let hashed = std::io::stdin()
        .take(1 << 20)
        .read_to_string(&mut secret)
        .map_err(anyhow::Error::from)
        .and_then(|_| Ok(auth::hash_secret(secret.trim_end_matches(['\r', '\n']))?));
    match hashed {
        Ok(hash) => said(format_args!("{hash}"), ExitCode::SUCCESS),
        Err(error) => unusable(&error),
    }
}

/// The database a command works on: named, or the configuration's.
pub(super) fn database(of: &DatabaseOf) -> anyhow::Result<PathBuf> {
    if let Some(path) = &of.database {
        return Ok(path.clone());
    }
    let text = text(&of.config)?;
    Ok(Config::load(text.as_deref(), &ProcessEnv).map_err(|faults| faulty(&faults))?.database)
}

/// The text of the configuration file: the one named, or the one `CMHT_CONFIG` names, or none.
fn text(of: &ConfigFile) -> anyhow::Result<Option<String>> {
    let path = of.config.clone().or_else(|| ProcessEnv.get(FILE_VARIABLE).map(PathBuf::from));
    path.map(|path| {
        crate::files::read_text(&path, crate::files::LARGEST)
            .with_context(|| format!("the configuration file {} cannot be read", named(&path)))
    })
    .transpose()
}

fn faulty(faults: &[ConfigFault]) -> anyhow::Error {
    anyhow::anyhow!(list(&faults.iter().map(ToString::to_string).collect::<Vec<_>>()))
}

fn list(faults: &[String]) -> String {
    format!("the configuration has faults:\n  {}", faults.join("\n  "))
}

/// Waits for Ctrl-C, or for the stop signal of a service manager.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {} _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
