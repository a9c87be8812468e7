//! What the JSON reader says of faults, in words. Reads nothing.

use std::borrow::Cow;

use super::Reader;
use super::scan::{Broken, Odd};
use crate::fhir::source::WHITESPACE;
use crate::fhir::tree::build::{Halt, Wrong};
use crate::model::{IssueCode, Severity};

impl Reader<'_> {
    /// Tells of what was passed over since the last time.
    #[inline]
    pub(super) fn odd(&mut self, at: u32) {
        if !self.scan.odd.is_empty() {
            for (offset, odd) in std::mem::take(&mut self.scan.odd) {
                self.note(at, None, offset, wrong(odd));
            }
        }
    }

    pub(super) fn note(&mut self, at: u32, key: Option<&str>, offset: usize, wrong: Wrong) {
        self.builder.fault(at, key, offset, wrong);
    }

    pub(super) fn error(
        &mut self,
        at: u32,
        key: Option<&str>,
        offset: usize,
        code: IssueCode,
        text: impl Into<Cow<'static, str>>,
    ) {
        self.note(at, key, offset, (Severity::Error, code, text.into()));
    }

    /// What ends the reading here.
    pub(super) fn halt(&self, code: IssueCode, text: impl Into<Cow<'static, str>>) -> Halt {
        self.builder.halt(self.inside, self.scan.at, code, text)
    }

    pub(super) fn broken(&self, broken: Broken) -> Halt {
        match broken {
            Broken::Open => {
                self.halt(IssueCode::Structure, "A string that begins here does not end. Send the whole document.")
            }
            Broken::None => self.unexpected("a value"),
        }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Halt {
        let rest = self.scan.text.get(self.scan.at..).unwrap_or_default();
        let found = rest.trim_start_matches(WHITESPACE).chars().next();
        let text = match found {
            None => format!("The text ends where {wanted} should be. Send the whole document."),
            Some('\'') => format!("Where {wanted} should be, a single quote stands. JSON uses double quotes."),
            Some('/' | '#') => format!("Where {wanted} should be, a comment stands. JSON has none; remove it."),
            Some(_) => format!("This is not JSON: {wanted} should stand here."),
        };
        self.halt(IssueCode::Structure, text)
    }
}

/// How bad it is follows HL7's validator: an error where it reports one, a warning where it says nothing of what JSON or
/// FHIR forbids.
fn wrong(odd: Odd) -> Wrong {
    let error = |text: &'static str| (Severity::Error, IssueCode::Structure, Cow::Borrowed(text));
    let warning = |text: &'static str| (Severity::Warning, IssueCode::Structure, Cow::Borrowed(text));
    match odd {
        Odd::Comment => error("JSON has no comments. Remove this one."),
        Odd::RawSpace => warning("A tab or line end stands as it is in a string. Write \\t or \\n."),
        Odd::EscapedQuote => {
            warning("A single quote is escaped, which JSON does not know. Write it without the backslash.")
        }
        Odd::Escape => error("JSON has no such escape. Write \\\\ for a backslash."),
        Odd::Surrogate => {
            error("This escape is half of a character without the other half. Write the character itself.")
        }
        Odd::Number => {
            error("This is not a JSON number: no leading zeros, digits on both sides of the point and after e.")
        }
        Odd::LongNumber => error("This number is too long: FHIR asks for 18 digits, and no more than 100 are read."),
        Odd::Unquoted => error("Keys and text stand in double quotes. Put them around this."),
        Odd::Forbidden(code) => {
            let text = format!("The character U+{code:04X} is not allowed in FHIR text. Remove it.");
            (Severity::Error, IssueCode::Value, text.into())
        }
    }
}
