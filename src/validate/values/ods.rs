//! The shape of ODS codes as identifier values. It must not say whether the organisation exists (the directory knows), nor
//! which identifiers are ODS codes (those of `https://fhir.nhs.uk/Id/ods-organization-code` and `…/ods-site-code` are).

use crate::model::OdsCode;

/// Why a value is not an ODS code. All are warnings of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("is not an ODS code: expected 3 to 12 letters and digits")]
    Shape,
    #[error("is not an ODS code as it should be written: its letters are capitals")]
    LowerCase,
    #[error("is not an ODS code as it should be written: it has white space around it")]
    Edges,
}

impl Wrong {
    /// The rule's stable id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        "ods-code"
    }
}

/// Checks an identifier's value.
///
/// # Errors
/// What is wrong with it.
pub fn check(value: &str) -> Result<(), Wrong> {
    match OdsCode::parse(value) {
        None => Err(Wrong::Shape),
        Some(code) if code.as_str() == value => Ok(()),
        Some(_) if value.trim() != value => Err(Wrong::Edges),
        Some(_) => Err(Wrong::LowerCase),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wrong, check};

    #[test]
    fn codes_are_capitals_and_digits() {
        for code in ["X26", "RXX", "A81001", "RXX01", "8HK48"] {
            assert_eq!(check(code), Ok(()), "{code}");
        }
        let wrong = [
            ("", Wrong::Shape),
            ("R", Wrong::Shape),
            ("RX-01", Wrong::Shape),
            ("A810010000000", Wrong::Shape),
            ("a81001", Wrong::LowerCase),
            ("A81001 ", Wrong::Edges),
        ];
        for (code, expected) in wrong {
            assert_eq!(check(code), Err(expected), "{code}");
        }
    }
}
