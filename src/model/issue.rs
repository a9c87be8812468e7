//! One finding about a piece of input: how bad, what, where, what to do.
//! Text here may reach a caller, so it names elements and rules, and quotes a received value only where it is the
//! caller's own request being answered; issues are never logged whole.

use serde::{Deserialize, Serialize};

/// How bad a finding is (FHIR `issue-severity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Information,
    Warning,
    Error,
    Fatal,
}

impl Severity {
    /// The FHIR code (<https://hl7.org/fhir/R4/valueset-issue-severity.html>).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Whether input with this finding is refused.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Error | Self::Fatal)
    }
}

macro_rules! issue_codes {
    ($($variant:ident => $code:literal,)+) => {
        /// What kind of finding (FHIR `issue-type`, <https://hl7.org/fhir/R4/valueset-issue-type.html>).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum IssueCode { $(#[serde(rename = $code)] $variant,)+ }

        impl IssueCode {
            /// The FHIR code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

issue_codes! {
    Invalid => "invalid",
    Structure => "structure",
    Required => "required",
    Value => "value",
    Invariant => "invariant",
    Login => "login",
    Forbidden => "forbidden",
    Suppressed => "suppressed",
    NotSupported => "not-supported",
    Duplicate => "duplicate",
    Conflict => "conflict",
    NotFound => "not-found",
    TooLong => "too-long",
    CodeInvalid => "code-invalid",
    BusinessRule => "business-rule",
    Exception => "exception",
    Transient => "transient",
    Timeout => "timeout",
    Throttled => "throttled",
    Informational => "informational",
    Incomplete => "incomplete",
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    pub severity: Severity,
    pub code: IssueCode,
    /// What is wrong and what to do, in one or two sentences for a person.
    pub text: String,
    /// Where, as a FHIRPath (`Patient.birthDate`) for FHIR or a JSON pointer (`/person/name`) for native documents.
    pub path: Option<String>,
    /// Line and column of the source, both from 1.
    pub position: Option<(usize, usize)>,
    /// Identifier of the rule that found it (`CS-02`, `referral-item-4`, `nhs-number-check-digit`).
    pub rule: Option<String>,
    /// What a definition asks for, where the finding comes of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<Detail>>,
}

/// What was asked for, by whom, and what there was instead.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Canonical of the profile, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Issue {
    #[must_use]
    pub fn new(severity: Severity, code: IssueCode, text: impl Into<String>) -> Self {
        Self { severity, code, text: text.into(), path: None, position: None, rule: None, detail: None }
    }

    #[must_use]
    pub fn error(code: IssueCode, text: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, text)
    }

    #[must_use]
    pub fn warning(code: IssueCode, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, text)
    }

    #[must_use]
    pub fn information(code: IssueCode, text: impl Into<String>) -> Self {
        Self::new(Severity::Information, code, text)
    }

    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    #[must_use]
    pub fn position(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }

    #[must_use]
    pub fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }
}
