//! What can go wrong: an expression we cannot compile, and an evaluation that has no answer.
//! Words about expressions only; never a value of the resource.

/// Why an expression is not evaluated at all. It names what is missing, so that an issue can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} (at character {at})")]
pub struct Unsupported {
    what: String,
    at: usize,
}

impl Unsupported {
    pub(super) fn new(what: impl Into<String>, at: usize) -> Self {
        Self { what: what.into(), at }
    }

    /// What is not supported, or not FHIRPath.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where in the expression, in characters from its beginning.
    pub const fn at(&self) -> usize {
        self.at
    }
}

/// Why an evaluation has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// One item was wanted, there were more.
    #[error("{0} takes one item and was given several")]
    Several(&'static str),
    /// Items of types that do not go together.
    #[error("{0} cannot be applied to items of these types")]
    Type(&'static str),
    /// The surroundings could not answer.
    #[error("{0} could not be answered here")]
    NotAnswered(&'static str),
    /// A variable nobody has set.
    #[error("the variable %{0} is not known")]
    Variable(String),
    /// A regular expression made at run time that is none.
    #[error("not a regular expression we can use")]
    Pattern,
    /// More work than one invariant may cost.
    #[error("the evaluation takes too long")]
    TooMuchWork,
    /// Deeper nesting than is followed.
    #[error("the content is nested too deeply")]
    TooDeep,
}
