//! What can come of a proof other than that it holds.

use std::fmt;
use std::time::Duration;

use crate::consent::ConsentError;
use crate::model::Category;

/// Why something is not proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// There is a request for which the sentence does not hold.
    #[error("{0}")]
    Refuted(Box<Refutation>),
    #[error(
        "the solver cvc5 cannot be started: `apt-get install cvc5`, or put it on the PATH or its path into the variable CVC5 \
         ({0})"
    )]
    NoSolver(String),
    /// The solver gave up, which proves nothing.
    #[error("not proved: {sentence}\n  cvc5 gave no answer (it has {} s); what is not decided counts as not proved", .limit.as_secs())]
    Undecided { sentence: String, limit: Duration },
    /// The proof would hold whatever the policy says, so it says nothing.
    #[error("{name}: {text}")]
    Vacuous { name: String, text: &'static str },
    /// A text of a proof cannot be used.
    #[error("{name}: {text}")]
    Unfit { name: String, text: String },
    #[error(transparent)]
    Policy(#[from] ConsentError),
    /// A folder of policies cannot be read.
    #[error("the folder of policies {folder} cannot be read: {text}")]
    Folder { folder: String, text: String },
    /// A fault of the solver or of its translation.
    #[error("{name}: the solver failed: {text}")]
    Solver { name: String, text: String },
}

impl ProveError {
    /// What kind of failure this is.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Refuted(_) | Self::Unfit { .. } | Self::Folder { .. } => Category::Invalid,
            Self::Policy(error) => error.category(),
            Self::NoSolver(_) | Self::Undecided { .. } | Self::Vacuous { .. } | Self::Solver { .. } => {
                Category::Internal
            }
        }
    }
}

/// A sentence that does not hold, and a case that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refutation {
    /// File of the proof, without its ending.
    pub name: String,
    pub sentence: String,
    /// The case, line by line; what is false or empty is left out.
    pub case: Vec<String>,
}

impl fmt::Display for Refutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not proved: {}\n  (profiles/policy/proofs/{}.cedar)", self.sentence, self.name)?;
        for line in &self.case {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}
