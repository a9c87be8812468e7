//! Reads the layers of configuration, file then environment, noting every fault and going on. What a value must be is
//! said in `settings`.

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::env::Env;
use super::fault::{ConfigFault, Problem};
use super::settings::{SETTINGS, Setting};
use super::{Config, FILE_VARIABLE};

/// Reads both layers as far as they can be read, with everything that is wrong.
pub(super) fn read(file: Option<&str>, env: &dyn Env) -> (Config, Vec<ConfigFault>) {
    let (mut config, mut faults) = (Config::default(), Vec::new());
    from_file(file.unwrap_or_default(), &mut config, &mut faults);
    let whole = !faults.iter().any(|fault| matches!(fault.problem, Problem::Syntax(_)));
    from_env(env, &mut config, &mut faults);
    // What stands in a file that could not be read cannot be said to be missing or to contradict anything.
    if whole {
        check(&config, &mut faults);
    }
    (config, faults)
}

fn from_file(text: &str, config: &mut Config, faults: &mut Vec<ConfigFault>) {
    let (spanned, errors) = DeTable::parse_recoverable(text);
    // The parser's own display would print the faulty line; its message is fixed words.
    faults.extend(errors.iter().map(|error| {
        let line = line(text, error.span().map_or(0, |span| span.start));
        ConfigFault::new(format!("line {line} of the file"), Problem::Syntax(error.message().to_owned()))
    }));
    let Ok(root) = text.parse::<Table>() else { return };
    for (key, value) in leaves(&root) {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            faults.push(stranger(&key, line(text, offset(spanned.get_ref(), &key).unwrap_or(0))));
            continue;
        };
        let text = match value {
            Value::String(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        if text.and_then(|text| (setting.read)(config, &text)).is_none() {
            faults.push(ConfigFault::new(key, Problem::Shape(setting.shape)));
        }
    }
}

/// A setting nobody knows. A key that does not look like one may be a value in the wrong place, so it is not repeated.
fn stranger(key: &str, line: usize) -> ConfigFault {
    if is_name(key) {
        let nearest = nearest(key, SETTINGS.iter().map(|setting| setting.key.to_owned()));
        ConfigFault::new(key, Problem::Unknown(nearest))
    } else {
        ConfigFault::new(format!("an unknown setting on line {line}"), Problem::Unknown(None))
    }
}

fn is_name(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// The line of an offset, from 1.
fn line(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or_default().matches('\n').count() + 1
}

/// Where a dotted key stands in the text.
fn offset(root: &DeTable<'_>, key: &str) -> Option<usize> {
    root.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.get_ref().as_ref())?;
        if rest.is_empty() {
            return Some(name.span().start);
        }
        let DeValue::Table(inner) = value.get_ref() else { return None };
        let (inner, _) = inner.iter().find(|(name, _)| Some(name.get_ref().as_ref()) == rest.strip_prefix('.'))?;
        Some(inner.span().start)
    })
}

/// Values of the file by dotted key; only tables that settings know are opened.
fn leaves(root: &Table) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (key, value) in root {
        let known = SETTINGS.iter().any(|setting| setting.key.split_once('.').is_some_and(|(table, _)| table == key));
        match value {
            Value::Table(table) if known => {
                found.extend(table.iter().map(|(inner, value)| (format!("{key}.{inner}"), value)));
            }
            _ => found.push((key.clone(), value)),
        }
    }
    found
}

fn from_env(env: &dyn Env, config: &mut Config, faults: &mut Vec<ConfigFault>) {
    for setting in SETTINGS {
        let variable = setting.variable();
        let Some(value) = env.get(&variable) else { continue };
        if value.contains(char::REPLACEMENT_CHARACTER) {
            faults.push(ConfigFault::new(variable, Problem::NotText));
        } else if (setting.read)(config, &value).is_none() {
            faults.push(ConfigFault::new(variable, Problem::Shape(setting.shape)));
        }
    }
    let known: Vec<String> = SETTINGS.iter().map(Setting::variable).chain([FILE_VARIABLE.to_owned()]).collect();
    let mut strangers: Vec<String> =
        env.names().into_iter().filter(|name| name.starts_with("CMHT_") && !known.contains(name)).collect();
    strangers.sort();
    for stranger in strangers {
        if is_name(&stranger) {
            let nearest = nearest(&stranger, known.iter().cloned());
            faults.push(ConfigFault::new(stranger, Problem::Unknown(nearest)));
        } else {
            faults.push(ConfigFault::new("an unknown CMHT_ variable", Problem::Unknown(None)));
        }
    }
}

/// What only two settings together can get wrong.
fn check(config: &Config, faults: &mut Vec<ConfigFault>) {
    match (&config.tls_certificate, &config.tls_key) {
        (Some(_), None) => faults.push(ConfigFault::new("tls.certificate", Problem::Alone("tls.key"))),
        (None, Some(_)) => faults.push(ConfigFault::new("tls.key", Problem::Alone("tls.certificate"))),
        _ => {}
    }
    let terminology = &config.terminology;
    if terminology.token_file.is_some() && terminology.url.is_none() {
        faults.push(ConfigFault::new("terminology.token_file", Problem::Alone("terminology.url")));
    }
    let worker = &config.worker;
    if worker.backoff_base > worker.backoff_cap {
        faults.push(ConfigFault::new("worker.backoff_base", Problem::Conflict("at most worker.backoff_cap")));
    }
    // A lease that ends while the recipient is still being asked would let a second worker send the same message.
    if worker.request_timeout >= worker.lease {
        faults.push(ConfigFault::new("worker.request_timeout", Problem::Conflict("shorter than worker.lease")));
    }
}

/// The known name a misspelt one is most like, if it is like any.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, &candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}
