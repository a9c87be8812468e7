//! Configuration: a TOML file, overridden by `CMHT_…` environment variables, read once at start. Reports every fault at
//! once by name and never a value. Opens no file named in it and starts nothing.
//!
//! Every setting, with unit and default, is a row of [`SETTINGS`].

mod env;
mod fault;
mod load;
mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::PartyId;

pub use env::{Env, ProcessEnv};
pub use fault::{ConfigFault, Problem};
pub use settings::{SETTINGS, Setting};

/// Variable that names the configuration file; the command line reads it, since it says where to find the rest.
pub const FILE_VARIABLE: &str = "CMHT_CONFIG";

/// The configuration, checked. The fields are those of [`SETTINGS`], where each is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the gateway listens. Default `127.0.0.1:8470`.
    pub listen: SocketAddr,
    /// Address for others, without a slash at its end; see [`Config::public_url`] for the default.
    public_url: Option<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    /// File of the embedded store. Default `data/cmht-gateway.db`.
    pub database: PathBuf,
    /// Directory file. No default: the demonstration's must never serve real people.
    pub directory: Option<PathBuf>,
    /// Who runs this gateway. No default.
    pub party: Option<PartyId>,
    /// Folder of the site's own consent policies. Default none.
    pub consent_policies: Option<PathBuf>,
    /// Folder of the site's own rules for routing and clocks. Default none.
    pub rules: Option<PathBuf>,
    /// How often clocks are looked at. Default 1 min.
    pub clock_sweep: Duration,
    pub limits: Limits,
    pub terminology: Terminology,
    pub log: Log,
    pub worker: Worker,
}

/// Certificate and key files of the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tls<'a> {
    pub certificate: &'a std::path::Path,
    pub key: &'a std::path::Path,
}

/// How much input the gateway reads before it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body, in bytes. Default 5 MiB.
    pub max_body_bytes: usize,
    /// Deepest nesting, in levels. Default 64.
    pub max_depth: usize,
}

/// Who is asked for codes the gateway does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminology {
    /// Base address of a FHIR terminology server. Default none.
    pub url: Option<String>,
    /// File with its bearer token. Default none.
    pub token_file: Option<PathBuf>,
    /// How long one question may take. Default 2 s.
    pub timeout: Duration,
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Default text.
    pub format: LogFormat,
    /// Default info.
    pub level: LogLevel,
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($variant,)+ }

        impl $name {
            /// The code in configuration.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The value with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

coded! {
    /// Form of the log: for people, or one JSON object a line for machines.
    LogFormat { Text => "text", Json => "json", }
}

coded! {
    /// Least important messages that are logged.
    LogLevel {
        Off => "off", Error => "error", Warn => "warn", Info => "info", Debug => "debug", Trace => "trace",
    }
}

/// How deliveries are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// Deliveries under way at one time, a quarter of them for crisis alone. Default 16, at least 2.
    pub concurrency: usize,
    /// Pause before looking for due deliveries again. Default 1 s.
    pub poll: Duration,
    /// How long a delivery belongs to the worker that took it. Default 60 s.
    pub lease: Duration,
    /// How long a recipient may take to answer. Default 30 s.
    pub request_timeout: Duration,
    /// Wait after the first failed attempt. Default 2 s.
    pub backoff_base: Duration,
    /// Longest wait between two attempts. Default 15 min.
    pub backoff_cap: Duration,
    /// Attempts after which a delivery is set aside for a person. Default 480.
    pub max_attempts: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            database: PathBuf::from("data/cmht-gateway.db"),
            directory: None,
            party: None,
            consent_policies: None,
            rules: None,
            clock_sweep: Duration::from_mins(1),
            limits: Limits { max_body_bytes: 5 * 1024 * 1024, max_depth: 64 },
            terminology: Terminology { url: None, token_file: None, timeout: Duration::from_secs(2) },
            log: Log { format: LogFormat::Text, level: LogLevel::Info },
            worker: Worker {
                concurrency: 16,
                poll: Duration::from_secs(1),
                lease: Duration::from_mins(1),
                request_timeout: Duration::from_secs(30),
                backoff_base: Duration::from_secs(2),
                backoff_cap: Duration::from_mins(15),
                max_attempts: 480,
            },
        }
    }
}

/// A configuration that has all that serving needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    pub config: Config,
    /// Directory file.
    pub directory: PathBuf,
    /// Who runs this gateway.
    pub party: PartyId,
}

impl Config {
    /// Reads the text of the file, if there is one, then the environment, which wins.
    ///
    /// # Errors
    /// Every fault of both at once, by name, without values: unknown settings, wrong shapes, settings that contradict
    /// each other.
    pub fn load(file: Option<&str>, env: &dyn Env) -> Result<Self, Vec<ConfigFault>> {
        let (config, faults) = load::read(file, env);
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    /// As [`Self::load`], for a gateway that is to serve: `directory` and `party` must be there.
    ///
    /// # Errors
    /// As [`Self::load`], and a required setting that is missing, all at once.
    pub fn load_for_serving(file: Option<&str>, env: &dyn Env) -> Result<Serving, Vec<ConfigFault>> {
        let (config, mut faults) = load::read(file, env);
        let unread = faults.iter().any(|fault| matches!(fault.problem, Problem::Syntax(_)));
        for (name, there) in [("directory", config.directory.is_some()), ("party", config.party.is_some())] {
            // A setting that was given and is faulty is not missing as well, nor is one that could not be read.
            let variable = format!("CMHT_{}", name.to_ascii_uppercase());
            if !there && !unread && !faults.iter().any(|fault| fault.name == name || fault.name == variable) {
                faults.push(ConfigFault::new(name, Problem::Missing));
            }
        }
        match (config.directory.clone(), config.party.clone()) {
            (Some(directory), Some(party)) if faults.is_empty() => Ok(Serving { config, directory, party }),
            _ => Err(faults),
        }
    }

    /// Certificate and key, when the gateway is to speak TLS itself.
    #[must_use]
    pub fn tls(&self) -> Option<Tls<'_>> {
        Some(Tls { certificate: self.tls_certificate.as_deref()?, key: self.tls_key.as_deref()? })
    }

    /// Address under which others reach the gateway, without a slash at its end. Unless configured it is where the
    /// gateway listens, which the caller passes because port 0 is known only then.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> String {
        let scheme = if self.tls().is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{listening}"))
    }
}

#[cfg(test)]
mod tests;
