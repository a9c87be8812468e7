//! Configuration as the command line sees it: defaults, layers, and all faults at once without values.

use std::collections::HashMap;
use std::time::Duration;

use super::{Config, ConfigFault, Limits, Log, LogFormat, LogLevel, Problem, SETTINGS, Terminology, Worker};
use crate::model::PartyId;

fn env(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn names(faults: &[ConfigFault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.name.as_str()).collect()
}

#[test]
fn with_nothing_given_the_defaults_hold() {
    let config = Config::load(None, &env(&[("HOME", "/root")])).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.listen.to_string(), "127.0.0.1:8470");
    assert_eq!(config.public_url("127.0.0.1:1234".parse().unwrap()), "http://127.0.0.1:1234");
}

/// A value for every setting, other than its default, so that none can be left out of the table by mistake.
const EVERY: &[(&str, &str)] = &[
    ("listen", "0.0.0.0:8471"),
    ("public_url", "https://gw.example/"),
    ("tls.certificate", "c.pem"),
    ("tls.key", "k.pem"),
    ("database", "/tmp/x.db"),
    ("directory", "d.toml"),
    ("party", "lpt"),
    ("consent.policies", "/etc/policies"),
    ("rules.folder", "/etc/rules"),
    ("clocks.sweep", "5m"),
    ("limits.max_body_bytes", "2048"),
    ("limits.max_depth", "32"),
    ("terminology.url", "https://tx.example/r4"),
    ("terminology.token_file", "t.txt"),
    ("terminology.timeout", "300ms"),
    ("log.format", "json"),
    ("log.level", "debug"),
    ("worker.concurrency", "2"),
    ("worker.poll", "50ms"),
    ("worker.lease", "9s"),
    ("worker.request_timeout", "3s"),
    ("worker.backoff_base", "10ms"),
    ("worker.backoff_cap", "1m"),
    ("worker.max_attempts", "7"),
];

fn expected() -> Config {
    Config {
        listen: "0.0.0.0:8471".parse().unwrap(),
        public_url: Some("https://gw.example".to_owned()),
        tls_certificate: Some("c.pem".into()),
        tls_key: Some("k.pem".into()),
        database: "/tmp/x.db".into(),
        directory: Some("d.toml".into()),
        party: PartyId::parse("lpt"),
        consent_policies: Some("/etc/policies".into()),
        rules: Some("/etc/rules".into()),
        clock_sweep: Duration::from_mins(5),
        limits: Limits { max_body_bytes: 2048, max_depth: 32 },
        terminology: Terminology {
            url: Some("https://tx.example/r4".to_owned()),
            token_file: Some("t.txt".into()),
            timeout: Duration::from_millis(300),
        },
        log: Log { format: LogFormat::Json, level: LogLevel::Debug },
        worker: Worker {
            concurrency: 2,
            poll: Duration::from_millis(50),
            lease: Duration::from_secs(9),
            request_timeout: Duration::from_secs(3),
            backoff_base: Duration::from_millis(10),
            backoff_cap: Duration::from_mins(1),
            max_attempts: 7,
        },
    }
}

#[test]
fn every_setting_is_read_from_the_file_and_from_its_variable() {
    assert_eq!(
        EVERY.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
        SETTINGS.iter().map(|s| s.key).collect::<Vec<_>>()
    );
    let lines: Vec<String> = EVERY.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
    let file = lines.join("\n");
    assert_eq!(Config::load(Some(&file), &env(&[])).unwrap(), expected());
    let variables = SETTINGS.iter().zip(EVERY).map(|(s, (_, value))| (s.variable(), (*value).to_owned())).collect();
    let variables: HashMap<String, String> = variables;
    assert_eq!(Config::load(None, &variables).unwrap(), expected());
}

#[test]
fn the_environment_beats_the_file_and_numbers_need_no_quotes() {
    let file = "listen = \"127.0.0.1:1\"\n[limits]\nmax_depth = 20\n[worker]\nconcurrency = 3\n";
    let config = Config::load(Some(file), &env(&[("CMHT_LIMITS_MAX_DEPTH", "30")])).unwrap();
    assert_eq!((config.listen.port(), config.limits.max_depth, config.worker.concurrency), (1, 30, 3));
}

#[test]
fn all_faults_of_file_and_environment_come_at_once_by_name_and_without_values() {
    let file = r#"
        listen = "hunter2"
        lisen = "hunter2"
        database = 5.5
        party = "Hunter2 Trust"
        [log]
        level = "loud-hunter2"
        [worker]
        backoff_base = "1h"
        leese = "1s"
        request_timeout = "60s"
        [tls]
        key = "hunter2.pem"
        [mesh]
        password = "hunter2"
    "#;
    let variables = env(&[
        ("CMHT_LISTEN", "hunter2"),
        ("CMHT_LIMITS_MAX_BODY_BYTES", "-1"),
        ("CMHT_WORKER_LEES", "hunter2"),
        ("CMHT_DATABASE", "bad\u{FFFD}path"),
        ("CMHT_CONFIG", "hunter2.toml"),
        ("OTHER", "hunter2"),
    ]);
    let faults = Config::load_for_serving(Some(file), &variables).unwrap_err();
    let mut found = names(&faults);
    found.sort_unstable();
    let mut all = vec![
        "listen",
        "lisen",
        "database",
        "party",
        "log.level",
        "worker.backoff_base",
        "worker.leese",
        "worker.request_timeout",
        "tls.key",
        "mesh",
        "CMHT_LISTEN",
        "CMHT_LIMITS_MAX_BODY_BYTES",
        "CMHT_WORKER_LEES",
        "CMHT_DATABASE",
        "directory",
    ];
    all.sort_unstable();
    assert_eq!(found, all);
    let shown = format!("{faults:?}{}", faults.iter().map(ToString::to_string).collect::<String>());
    assert!(!shown.contains("unter2"), "{shown}");
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest_known_one() {
    let suggestion = |faults: Vec<ConfigFault>| faults[0].problem.clone();
    let some = |name: &str| Problem::Unknown(Some(name.to_owned()));
    let file = |text| suggestion(Config::load(Some(text), &env(&[])).unwrap_err());
    assert_eq!(file("lisen = 1"), some("listen"));
    assert_eq!(file("[worker]\nleese = 1"), some("worker.lease"));
    assert_eq!(file("zzz = 1"), Problem::Unknown(None));
    let variable = suggestion(Config::load(None, &env(&[("CMHT_WORKER_LEES", "1s")])).unwrap_err());
    assert_eq!(variable, some("CMHT_WORKER_LEASE"));
}

#[test]
fn serving_needs_a_directory_and_a_party_and_says_so_once() {
    let faults = Config::load_for_serving(None, &env(&[("CMHT_PARTY", "Not An Id")])).unwrap_err();
    assert_eq!(names(&faults), ["CMHT_PARTY", "directory"]);
    let given = env(&[("CMHT_PARTY", "lpt"), ("CMHT_DIRECTORY", "d.toml")]);
    let serving = Config::load_for_serving(None, &given).unwrap();
    assert_eq!((serving.party.as_str(), serving.directory.to_str()), ("lpt", Some("d.toml")));
}

#[test]
fn every_line_that_is_not_toml_is_named_and_the_environment_is_still_checked() {
    let faults = Config::load(Some("listen = hunter2\n= 3\n"), &env(&[("CMHT_LISTEN", "x")])).unwrap_err();
    let found = names(&faults);
    assert!(found.contains(&"line 1 of the file") && found.contains(&"line 2 of the file"), "{found:?}");
    assert!(found.contains(&"CMHT_LISTEN"));
    assert!(!format!("{faults:?}").contains("hunter2"));
}

#[test]
fn a_table_where_a_value_belongs_and_the_reverse_are_faults() {
    let faults = Config::load(Some("worker = 1\n[listen]\nport = 1\n"), &env(&[])).unwrap_err();
    let mut found = names(&faults);
    found.sort_unstable();
    assert_eq!(found, ["listen", "worker"]);
}

#[test]
fn tls_needs_both_its_files_and_changes_the_public_address() {
    let one = Config::load(None, &env(&[("CMHT_TLS_CERTIFICATE", "c.pem")])).unwrap_err();
    assert_eq!(one[0].problem, Problem::Alone("tls.key"));
    let both = env(&[("CMHT_TLS_CERTIFICATE", "c.pem"), ("CMHT_TLS_KEY", "k.pem")]);
    let config = Config::load(None, &both).unwrap();
    assert!(config.tls().is_some());
    assert_eq!(config.public_url("[::1]:8470".parse().unwrap()), "https://[::1]:8470");
}

#[test]
fn a_file_that_is_not_toml_hides_its_settings_without_their_seeming_to_be_missing() {
    let file = "directory = \"d.toml\"\nparty = \"lpt\"\nlisten = =\n[tls]\ncertificate = \"c.pem\"\n";
    let faults = Config::load_for_serving(Some(file), &env(&[("CMHT_TLS_KEY", "k.pem")])).unwrap_err();
    assert!(!faults.is_empty() && faults.iter().all(|f| matches!(f.problem, Problem::Syntax(_))), "{faults:?}");
}

#[test]
fn a_key_that_does_not_look_like_one_is_told_by_its_line_only() {
    let long = "hunter2".repeat(6);
    let file = format!(
        "listen = \"127.0.0.1:1\"\n\"hunter2 is my password\" = 1\n{long} = 1\n[worker]\n\"hunter2!\" = 2\n[\"mesh hunter2\"]\na = 1\n"
    );
    let faults = Config::load(Some(&file), &env(&[("CMHT_hunter2 !", "x")])).unwrap_err();
    let mut found = names(&faults);
    found.sort_unstable();
    let lines = [2, 3, 5, 6].map(|line| format!("an unknown setting on line {line}"));
    let mut wanted: Vec<&str> = lines.iter().map(String::as_str).chain(["an unknown CMHT_ variable"]).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    assert!(!format!("{faults:?}").contains("unter2"), "{faults:?}");
}
