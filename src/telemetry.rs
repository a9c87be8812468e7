//! Starts logging: text for people or JSON for machines, to standard error, since standard output carries results.
//! Owns no log message. Libraries are held at `warn`: their finer levels print addresses and statements.

use std::io::{IsTerminal, stderr};

use tracing::Subscriber;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Libraries that would say too much at the levels we use for ourselves.
const QUIET: &[&str] =
    &["sqlx", "hyper", "hyper_util", "reqwest", "rustls", "h2", "tower_http", "axum", "cedar_policy", "mio"];

/// Why logging could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelemetryError {
    #[error("logging was started already")]
    Started,
}

/// Starts logging for the whole process.
///
/// # Errors
/// When something started it before.
pub fn init(log: Log) -> Result<(), TelemetryError> {
    let started = match log.format {
        LogFormat::Text => text(log, stderr, stderr().is_terminal()).try_init(),
        LogFormat::Json => json(log, stderr).try_init(),
    };
    started.map_err(|_| TelemetryError::Started)
}

fn text<W>(log: Log, writer: W, colour: bool) -> impl Subscriber + Send + Sync + 'static + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().with_env_filter(filter(log)).with_writer(writer).with_ansi(colour).finish()
}

fn json<W>(log: Log, writer: W) -> impl Subscriber + Send + Sync + 'static + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter(log)).with_writer(writer).finish()
}

fn filter(log: Log) -> EnvFilter {
    let level = log.level.code();
    let quiet = if matches!(level, "off" | "error") { level } else { "warn" };
    let directives = QUIET.iter().fold(level.to_owned(), |all, library| format!("{all},{library}={quiet}"));
    EnvFilter::new(directives)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::{json, text};
    use crate::config::{Log, LogFormat, LogLevel};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        fn read(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Page {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn speak() {
        tracing::debug!("ours, fine");
        tracing::info!(message.id = "abc", "ours");
        tracing::info!(target: "sqlx::query", "a statement");
        tracing::warn!(target: "hyper::proto", "a warning");
    }

    #[test]
    fn the_level_is_kept_and_libraries_only_warn() {
        let page = Page::default();
        let log = Log { format: LogFormat::Text, level: LogLevel::Info };
        tracing::subscriber::with_default(text(log, page.clone(), false), speak);
        let written = page.read();
        assert!(written.contains("ours") && written.contains("a warning"), "{written}");
        assert!(!written.contains("ours, fine") && !written.contains("a statement"), "{written}");
    }

    #[test]
    fn json_lines_are_json_with_the_fields_at_the_top() {
        let page = Page::default();
        let log = Log { format: LogFormat::Json, level: LogLevel::Debug };
        tracing::subscriber::with_default(json(log, page.clone()), speak);
        let lines: Vec<serde_json::Value> =
            page.read().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!((&lines[1]["message"], &lines[1]["message.id"]), (&"ours".into(), &"abc".into()));
    }

    #[test]
    fn off_is_silent() {
        let page = Page::default();
        let log = Log { format: LogFormat::Text, level: LogLevel::Off };
        tracing::subscriber::with_default(text(log, page.clone(), false), speak);
        assert_eq!(page.read(), "");
    }
}
