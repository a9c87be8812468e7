//! What can be wrong with a file of clock rules, by row and field. Decides nothing about what is right.

use crate::model::Category;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row}{separator}{field}: {problem}", separator = if field.is_empty() { "" } else { ", " })]
pub struct RuleFault {
    /// The row: its section and number from 1, with its id where it has one (`rule 2 (CK-02)`).
    pub row: String,
    /// Which field of it; empty when the row as a whole is meant.
    pub field: String,
    pub problem: String,
}

impl RuleFault {
    pub(super) fn new(row: impl Into<String>, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { row: row.into(), field: field.into(), problem: problem.into() }
    }

    /// The category of every fault of a file.
    #[must_use]
    pub const fn category(&self) -> Category {
        Category::Invalid
    }
}
