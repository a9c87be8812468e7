//! Decides whether a bundle is valid; the only place that can make a [`Validated`]. Pure: no I/O, no clock.
//! Today: fhirbolt's strict parse, message-bundle shape, NHS number check digits. The full validator fills the same seam.

mod message;
mod nhs_number;

use crate::fhir::{self, Bundle};
use crate::model::Issue;

pub use nhs_number::mark_unverified;

/// Something `validate` has passed. Nothing outside this module can build one, and it cannot be changed afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated<T> {
    content: T,
    findings: Vec<Issue>,
}

impl<T> Validated<T> {
    #[must_use]
    pub const fn content(&self) -> &T {
        &self.content
    }

    /// Warnings and information found on the way; none of them refuses.
    #[must_use]
    pub fn findings(&self) -> &[Issue] {
        &self.findings
    }
}

/// Validates a bundle against R4 and seals it.
///
/// # Errors
/// Every finding, when at least one of them refuses.
pub fn bundle(content: Bundle) -> Result<Validated<Bundle>, Vec<Issue>> {
    let mut findings = Vec::new();
    if let Err(issue) = fhir::strict(content.value()) {
        findings.push(issue);
    }
    if findings.iter().any(|issue: &Issue| issue.severity.refuses()) {
        return Err(findings);
    }
    Ok(Validated { content, findings })
}
