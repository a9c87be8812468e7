//! NHS numbers as identifier values: what to say of one that is wrong, with the digit that would be right. It must not
//! decide which identifiers are NHS numbers (those of the system `https://fhir.nhs.uk/Id/nhs-number` are).

use crate::model::{NhsNumber, NhsNumberFault};

/// Why a value is not an NHS number as FHIR carries it. All are warnings: a wrong number refuses no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("is not a valid NHS number: {0}")]
    Number(NhsNumberFault),
    #[error("is not a valid NHS number: write its ten digits without spaces or hyphens")]
    Parted,
}

impl Wrong {
    /// The rule's stable id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Number(NhsNumberFault::CheckDigit(_) | NhsNumberFault::Impossible) => "nhs-number-check-digit",
            Self::Number(NhsNumberFault::Shape) | Self::Parted => "nhs-number-shape",
        }
    }

    /// The whole sentence: `9434765918 is not a valid NHS number: the check digit should be 9`. A number goes back to
    /// whoever sent it; anything else that got into the field is not repeated.
    #[must_use]
    pub fn told(self, value: &str) -> String {
        let numeric = value.len() <= 12 && value.bytes().all(|b| b.is_ascii_digit());
        format!("{} {self}", if numeric { value } else { "This" })
    }
}

/// Checks an identifier's value.
///
/// # Errors
/// What is wrong with it.
pub fn check(value: &str) -> Result<(), Wrong> {
    NhsNumber::parse(value).map_err(Wrong::Number)?;
    if value.len() == 10 { Ok(()) } else { Err(Wrong::Parted) }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn told(value: &str) -> Option<String> {
        check(value).err().map(|wrong| wrong.told(value))
    }

    #[test]
    fn the_digit_that_would_be_right_is_told() {
        assert_eq!(told("9990000026"), None);
        let text = "9434765918 is not a valid NHS number: the check digit should be 9";
        assert_eq!(told("9434765918").as_deref(), Some(text));
    }

    #[test]
    fn what_is_not_a_number_is_not_repeated() {
        let shape = "This is not a valid NHS number: an NHS number has exactly ten digits";
        assert_eq!(told("Ann Example").as_deref(), Some(shape));
        let parted = "This is not a valid NHS number: write its ten digits without spaces or hyphens";
        assert_eq!(told("999 000 0026").as_deref(), Some(parted));
        assert!(told("").is_some_and(|text| text.ends_with("ten digits")));
    }
}
