//! Long runs: how far it has come, on standard error where that is a terminal, and Ctrl-C, after which what is known is
//! still told. Writes nothing a pipe would see.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::INTERRUPTED;
use super::output::Totals;

/// From when on progress is shown, and how often.
const PATIENCE: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(200);
/// How long what is under way may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(1);

/// Whether Ctrl-C was pressed.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts to listen; where that is not possible Ctrl-C ends the process as it always did.
    pub(super) fn watch() -> Self {
        let interrupt = Self::default();
        let raised = interrupt.0.clone();
        let wait = async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                raised.store(true, Ordering::SeqCst);
                std::thread::sleep(GRACE);
                erase();
                std::process::exit(i32::from(INTERRUPTED));
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        if let Ok(runtime) = runtime {
            // where no thread can be had nobody listens
            let _ = std::thread::Builder::new().spawn(move || runtime.block_on(wait));
        }
        interrupt
    }

    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

fn erase() {
    if std::io::stderr().is_terminal() {
        let _ = std::io::stderr().write_all(b"\r\x1b[K");
    }
}

/// How far it has come.
pub(super) struct Progress {
    files: usize,
    done: usize,
    started: Instant,
    told: Instant,
    is_on: bool,
    is_shown: bool,
    /// Whether findings are written to the same terminal.
    is_shared: bool,
}

impl Progress {
    pub(super) fn new(files: usize) -> Self {
        let now = Instant::now();
        let (is_on, is_shared) = (std::io::stderr().is_terminal(), std::io::stdout().is_terminal());
        Self { files, done: 0, started: now, told: now, is_on, is_shown: false, is_shared }
    }

    /// Files of which not everything was told.
    pub(super) const fn left(&self) -> usize {
        self.files.saturating_sub(self.done)
    }

    /// Takes the line away, where something is to be written in its place.
    pub(super) fn make_room(&mut self) {
        if self.is_shared {
            self.end();
        }
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if self.is_shown {
            erase();
            self.is_shown = false;
        }
    }

    /// A piece of work is done, the last of its file or not.
    pub(super) fn step(&mut self, is_last: bool, totals: &Totals) {
        self.done += usize::from(is_last);
        let now = Instant::now();
        if !self.is_on || now.duration_since(self.started) < PATIENCE || now.duration_since(self.told) < EVERY {
            return;
        }
        (self.told, self.is_shown) = (now, true);
        let Totals { valid, invalid, unusable, .. } = totals;
        let seen = valid + invalid + unusable;
        let (done, files) = (self.done, self.files);
        let of = if files > 1 { format!(", {done} of {files} files") } else { String::new() };
        let _ = write!(std::io::stderr(), "\r\x1b[K{seen} checked, {invalid} invalid{of}");
    }
}
