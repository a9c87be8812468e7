//! What can go wrong in the consent module, apart from a denial, which is an answer.

use crate::model::Category;

/// One thing wrong with the policy files, by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// Name of the file, as given to the loader.
    pub file: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl std::fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.text)
    }
}

/// Failures of loading policy and of confirming a reduction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    #[error("the consent policy cannot be used: {}", listed(.0))]
    Policy(Vec<PolicyFault>),
    #[error("the validated bundle is not the reduced bundle that was decided on")]
    NotTheDraft,
    #[error("the reduction is confirmed for another recipient or purpose than it was made for")]
    OtherQuestion,
    #[error("the reduced bundle was decided on again and did not come out whole (rule {0})")]
    NotWhole(String),
}

impl ConsentError {
    /// What kind of failure this is.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Policy(_) => Category::Invalid,
            Self::NotTheDraft | Self::OtherQuestion | Self::NotWhole(_) => Category::Internal,
        }
    }
}

fn listed(faults: &[PolicyFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
