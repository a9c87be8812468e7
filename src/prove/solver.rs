//! cvc5 behind the seam of Cedar's symbolic compiler: one process a question, ended at its deadline. Nothing here waits on
//! a runtime: the script is gathered in memory and every future is ready at once.
//!
//! One process a question on purpose: a question that is given up half-way would leave its answer in the pipe of a longer
//! lived one, to be taken for the answer to the next.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cedar_policy_symcc::SmtLibScript;
use cedar_policy_symcc::solver::{Decision, DecisionWithModel, Solver, SolverError};

/// How long one question may take. They take some hundredths of a second; a busy machine may take much longer.
pub(super) const LIMIT: Duration = Duration::from_mins(1);

/// How cvc5 is started.
#[derive(Debug, Clone)]
pub(super) struct Cvc5 {
    program: OsString,
}

impl Cvc5 {
    /// The solver of this machine: the one `CVC5` names, or the one on the path.
    ///
    /// # Errors
    /// What the system says when it cannot be started.
    pub(super) fn find() -> io::Result<Self> {
        Self::at(std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into()))
    }

    fn at(program: OsString) -> io::Result<Self> {
        let mut asked = Command::new(&program);
        asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if asked.status()?.success() { Ok(Self { program }) } else { Err(io::Error::other("it is not cvc5")) }
    }

    /// A solver for one question.
    pub(super) fn question(&self) -> Question {
        Question { program: self.program.clone(), script: Vec::new() }
    }
}

/// One question, as text until it is asked.
pub(super) struct Question {
    program: OsString,
    script: Vec<u8>,
}

impl Question {
    fn run(&mut self, tail: &str) -> Result<String, SolverError> {
        let mut script = std::mem::take(&mut self.script);
        script.extend_from_slice(tail.as_bytes());
        let mut child = Command::new(&self.program)
            .args(["--lang", "smt", &format!("--tlimit={}", LIMIT.as_millis())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        // It reads to the end before it says anything long, so writing all first cannot wait for ever.
        let written = stdin.map_or(Ok(()), |mut pipe| pipe.write_all(&script));
        let mut out = String::new();
        let read = stdout.map_or(Ok(0), |mut pipe| pipe.read_to_string(&mut out));
        child.wait()?;
        read?;
        // one that ends before it has read everything has given no answer, whatever the reason
        written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
        Ok(out)
    }
}

/// What cvc5 prints, or nothing, when its time is over.
fn gave_up(answer: &str) -> bool {
    ["unknown", "", "cvc5 interrupted by timeout."].contains(&answer)
}

impl Solver for Question {
    fn smtlib_input(&mut self) -> &mut (dyn tokio::io::AsyncWrite + Unpin + Send) {
        &mut self.script
    }

    async fn enable_models(&mut self) -> Result<(), SolverError> {
        Ok(self.smtlib_input().set_option("produce-models", "true").await?)
    }

    async fn check_sat(&mut self) -> Result<Decision, SolverError> {
        let out = self.run("(check-sat)\n")?;
        match out.trim() {
            "sat" => Ok(Decision::Sat),
            "unsat" => Ok(Decision::Unsat),
            answer if gave_up(answer) => Ok(Decision::Unknown),
            answer => Err(SolverError::UnrecognizedSolverOutput(answer.to_owned())),
        }
    }

    async fn check_sat_with_model(&mut self) -> Result<DecisionWithModel, SolverError> {
        let out = self.run("(check-sat)\n(get-model)\n")?;
        match out.split_once('\n').map_or((out.trim(), ""), |(answer, model)| (answer.trim(), model)) {
            ("sat", model) => Ok(DecisionWithModel::Sat { model: model.to_owned() }),
            ("unsat", _) => Ok(DecisionWithModel::Unsat),
            (answer, _) if gave_up(answer) => Ok(DecisionWithModel::Unknown),
            (answer, _) => Err(SolverError::UnrecognizedSolverOutput(answer.to_owned())),
        }
    }
}

/// The result of a future that waits for nothing; `None` would mean that it does.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cvc5, gave_up};

    #[test]
    fn a_solver_that_is_not_there_or_is_something_else_is_not_taken_for_one() {
        assert!(Cvc5::at("/nowhere/cvc5".into()).is_err());
        assert!(Cvc5::at("false".into()).is_err());
    }

    #[test]
    fn no_answer_is_not_taken_for_one() {
        assert!(gave_up("") && gave_up("unknown") && gave_up("cvc5 interrupted by timeout."));
        assert!(!gave_up("sat") && !gave_up("unsat"));
    }
}
