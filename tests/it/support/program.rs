//! Programs that tests use where they are installed, and that CI must have.

use std::process::{Command, Stdio};

/// Whether a program can be started. Where it is missing, says what is passed over and how to get it.
///
/// # Panics
/// In CI, where every test must run.
pub fn installed(program: &str, package: &str) -> bool {
    let found = Command::new(program)
        .arg("-v")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "CI must have {program}: apt-get install {package}");
        eprintln!("PASSED OVER: this test needs {program} (apt-get install {package})");
    }
    found
}
