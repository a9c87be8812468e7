//! The table of settings: one row each, with what it is, its unit, its default and how it is read. The documentation,
//! the file's keys and the names of variables all come from here.

use std::time::Duration;

use super::{Config, LogFormat, LogLevel};
use crate::model::PartyId;

/// One setting.
pub struct Setting {
    /// Key in the file; a dot parts table and key.
    pub key: &'static str,
    /// What it is, with its unit.
    pub what: &'static str,
    /// What holds when it is not given, in words.
    pub default: &'static str,
    /// What a value must be, to complete "must be …".
    pub shape: &'static str,
    /// Reads a value into the configuration; `None` when it has another shape.
    pub(super) read: fn(&mut Config, &str) -> Option<()>,
}

impl Setting {
    /// Name of the variable that overrides the file: `worker.lease` is `CMHT_WORKER_LEASE`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CMHT_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

const DURATION: &str = "a time such as 500ms, 30s, 15m or 2h, above zero";
const FILE: &str = "the path of a file";

macro_rules! settings {
    ($($key:literal: $what:literal, default $default:literal, $shape:expr, $read:expr;)+) => {
        /// Every setting, in the order of the documentation.
        pub const SETTINGS: &[Setting] =
            &[$(Setting { key: $key, what: $what, default: $default, shape: $shape, read: $read },)+];
    };
}

settings! {
    "listen": "Address and port on which the gateway listens; port 0 takes any free one.",
        default "127.0.0.1:8470", "an address and port such as 127.0.0.1:8470 or [::1]:8470",
        |c, v| set(&mut c.listen, v.parse().ok());
    "public_url": "Address under which others reach the gateway; goes into messages and pages.",
        default "the listen address, http or https", "an http or https address without user name, query or fragment",
        |c, v| set(&mut c.public_url, base_address(v).map(Some));
    "tls.certificate": "PEM file with the certificate chain; without it the gateway speaks plain HTTP.",
        default "none", FILE, |c, v| set(&mut c.tls_certificate, path(v).map(Some));
    "tls.key": "PEM file with the private key of the certificate.",
        default "none", FILE, |c, v| set(&mut c.tls_key, path(v).map(Some));
    "database": "File of the embedded store; made when absent.",
        default "data/cmht-gateway.db", FILE, |c, v| set(&mut c.database, path(v));
    "directory": "TOML file of organisations, teams, endpoints, agreements and callers.",
        default "none; required to serve", FILE, |c, v| set(&mut c.directory, path(v).map(Some));
    "party": "Directory id of the organisation that runs this gateway.",
        default "none; required to serve", "a directory id: lower-case letters, digits and hyphens",
        |c, v| set(&mut c.party, PartyId::parse(v).map(Some));
    "consent.policies": "Folder of the site's own consent policies (.cedar); proved together with ours at start, which needs cvc5.",
        default "none", "the path of a folder", |c, v| set(&mut c.consent_policies, path(v).map(Some));
    "rules.folder": "Folder of the site's own rules for routing and clocks (.toml); a row with the id of one of ours takes its place.",
        default "none", "the path of a folder", |c, v| set(&mut c.rules, path(v).map(Some));
    "clocks.sweep": "How often clocks are looked at, and owners told what is due soon or breached, a time.",
        default "1m", DURATION, |c, v| set(&mut c.clock_sweep, duration(v));
    "limits.max_body_bytes": "Largest request body, in bytes.",
        default "5242880 (5 MiB)", "a whole number of bytes from 1024 to 1073741824",
        |c, v| set(&mut c.limits.max_body_bytes, within(v, 1024, 1 << 30));
    "limits.max_depth": "Deepest nesting of objects, arrays or elements, in levels.",
        default "64", "a whole number of levels from 8 to 256",
        |c, v| set(&mut c.limits.max_depth, within(v, 8, 256));
    "terminology.url": "Base address of a FHIR terminology server, asked for codes the gateway does not hold (SNOMED CT, dm+d).",
        default "none; such codes are told to be not checked", "an http or https address without user name, query or fragment",
        |c, v| set(&mut c.terminology.url, base_address(v).map(Some));
    "terminology.token_file": "File with the bearer token of the terminology server and nothing else.",
        default "none", FILE, |c, v| set(&mut c.terminology.token_file, path(v).map(Some));
    "terminology.timeout": "How long one question to the terminology server may take, a time; a message waits for it.",
        default "2s", DURATION, |c, v| set(&mut c.terminology.timeout, duration(v));
    "log.format": "Form of the log on standard error.",
        default "text", "text or json", |c, v| set(&mut c.log.format, LogFormat::from_code(v));
    "log.level": "Least important log messages that are written.",
        default "info", "off, error, warn, info, debug or trace",
        |c, v| set(&mut c.log.level, LogLevel::from_code(v));
    "worker.concurrency": "Deliveries under way at one time.",
        default "16", "a whole number from 1 to 64",
        |c, v| set(&mut c.worker.concurrency, within(v, 1, 64));
    "worker.poll": "How long the worker waits before it looks for due deliveries again, a time.",
        default "1s", DURATION, |c, v| set(&mut c.worker.poll, duration(v));
    "worker.lease": "How long a delivery belongs to the worker that took it, a time; after a crash it waits that long.",
        default "60s", DURATION, |c, v| set(&mut c.worker.lease, duration(v));
    "worker.request_timeout": "How long a recipient may take to answer, a time; shorter than the lease.",
        default "30s", DURATION, |c, v| set(&mut c.worker.request_timeout, duration(v));
    "worker.backoff_base": "Wait after the first failed attempt, a time; each further one waits up to twice as long.",
        default "2s", DURATION, |c, v| set(&mut c.worker.backoff_base, duration(v));
    "worker.backoff_cap": "Longest wait between two attempts, a time.",
        default "15m", DURATION, |c, v| set(&mut c.worker.backoff_cap, duration(v));
    "worker.max_attempts": "Attempts after which a delivery is set aside for a person; some days at the defaults.",
        default "480", "a whole number from 1 to 100000",
        |c, v| set(&mut c.worker.max_attempts, within(v, 1, 100_000));
}

fn set<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

fn path(text: &str) -> Option<std::path::PathBuf> {
    (!text.trim().is_empty() && !text.contains('\0')).then(|| text.into())
}

fn within<T>(text: &str, least: T, most: T) -> Option<T>
where
    T: std::str::FromStr + PartialOrd,
{
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

/// A whole number with its unit, from 1 ms to 31 days.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(unit)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let total = number.parse::<u64>().ok()?.checked_mul(millis)?;
    (1..=31 * 24 * 3_600_000).contains(&total).then(|| Duration::from_millis(total))
}

/// A base address without a slash at its end, so that paths can be put behind it.
fn base_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let web = matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none();
    (bare && web).then(|| url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{SETTINGS, base_address, duration};

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("15m"), Some(Duration::from_mins(15)));
        assert_eq!(duration("2h"), Some(Duration::from_hours(2)));
        for bad in ["", "5", "s", "0s", "-1s", "1.5s", "1 s", "1d", "99999999999h", "1000h", "5ſ"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_public_address_loses_its_last_slash_and_may_hold_nothing_private() {
        assert_eq!(base_address("https://gw.example/").as_deref(), Some("https://gw.example"));
        assert_eq!(base_address("http://127.0.0.1:8470/a/").as_deref(), Some("http://127.0.0.1:8470/a"));
        for bad in ["gw.example", "ftp://gw.example", "https://u:p@gw.example", "https://gw.example/?a", "https://a/#b"]
        {
            assert_eq!(base_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_setting_is_documented_and_has_a_variable_of_its_own() {
        let mut variables: Vec<String> = SETTINGS.iter().map(super::Setting::variable).collect();
        variables.sort();
        variables.dedup();
        assert_eq!(variables.len(), SETTINGS.len());
        assert!(SETTINGS.iter().all(|s| s.what.ends_with('.') && !s.default.is_empty() && !s.shape.is_empty()));
    }
}
