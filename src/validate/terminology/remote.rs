//! The seam to a terminology server: what is asked, what is answered. Nothing here is sent; answers are kept behind the
//! seam, where there is a clock to forget them by.

use std::fmt::Debug;

/// What a terminology server is asked (<https://hl7.org/fhir/R4/valueset-operation-validate-code.html>): is the code in
/// the value set, or, without one, in its system; and are these its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Question<'a> {
    pub system: Option<&'a str>,
    pub version: Option<&'a str>,
    pub code: &'a str,
    pub display: Option<&'a str>,
    pub value_set: Option<&'a str>,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteAnswer {
    /// Yes or no.
    pub result: bool,
    /// The words it has for the code.
    pub display: Option<String>,
    /// Whether it says that the code is no longer to be used.
    pub inactive: bool,
}

/// A terminology server. Called from threads that may wait; answers within a time that it bounds itself, and keeps what
/// it has heard.
pub trait Remote: Debug + Send + Sync {
    /// `None`: no answer in time, or it does not know either.
    fn validate_code(&self, question: &Question<'_>) -> Option<RemoteAnswer>;
}
