//! What can be wrong with a configuration, by the name of the setting. Values are never repeated: a secret may be in
//! the wrong place.

use crate::model::Category;

/// One fault of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigFault {
    /// The setting as it was given: a key of the file (`worker.lease`) or a variable (`CMHT_WORKER_LEASE`).
    pub name: String,
    pub problem: Problem,
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("not TOML: {0}")]
    Syntax(String),
    #[error("no such setting{}", suggestion(.0.as_deref()))]
    Unknown(Option<String>),
    #[error("must be {0}")]
    Shape(&'static str),
    #[error("is not UTF-8 text")]
    NotText,
    #[error("is required to serve")]
    Missing,
    #[error("needs {0} beside it")]
    Alone(&'static str),
    #[error("must be {0}")]
    Conflict(&'static str),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

impl ConfigFault {
    pub(super) fn new(name: impl Into<String>, problem: Problem) -> Self {
        Self { name: name.into(), problem }
    }

    /// The category of the fault.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self.problem {
            Problem::Syntax(_) => Category::Malformed,
            Problem::Unknown(_)
            | Problem::Shape(_)
            | Problem::NotText
            | Problem::Missing
            | Problem::Alone(_)
            | Problem::Conflict(_) => Category::Invalid,
        }
    }
}
