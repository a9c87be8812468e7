//! NHS numbers: shape and modulus 11 check digit. A number is personal data, so it has no `Debug` text of its own.

/// A ten-digit NHS number whose check digit is right
/// (NHS Data Dictionary, NHS NUMBER; check by modulus 11).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NhsNumber(String);

/// Why a text is not an NHS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NhsNumberFault {
    #[error("an NHS number has exactly ten digits")]
    Shape,
    #[error("the check digit should be {0}")]
    CheckDigit(u8),
    #[error("no NHS number begins with these nine digits: their check digit would be 10")]
    Impossible,
}

impl NhsNumber {
    /// Reads ten digits; spaces and hyphens between them, as people write them, are allowed.
    ///
    /// # Errors
    /// Says whether the shape or the check digit is wrong, and which digit would be right.
    pub fn parse(text: &str) -> Result<Self, NhsNumberFault> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let shaped = digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit());
        if !shaped || digits == "0000000000" {
            return Err(NhsNumberFault::Shape);
        }
        let mut values = digits.bytes().map(|b| u32::from(b - b'0'));
        let sum: u32 = values.clone().take(9).zip((2..=10).rev()).map(|(d, w)| d * w).sum();
        let check = match 11 - sum % 11 {
            11 => 0,
            10 => return Err(NhsNumberFault::Impossible),
            digit => digit,
        };
        if values.next_back() == Some(check) {
            Ok(Self(digits))
        } else {
            Err(u8::try_from(check).map_or(NhsNumberFault::Shape, NhsNumberFault::CheckDigit))
        }
    }

    /// The ten digits, for a FHIR identifier value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NhsNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{NhsNumber, NhsNumberFault};

    #[test]
    fn the_check_digit_decides() {
        assert!(NhsNumber::parse("943 476 5919").is_ok());
        assert_eq!(NhsNumber::parse("9434765918").unwrap_err(), NhsNumberFault::CheckDigit(9));
        assert_eq!(NhsNumber::parse("943476591").unwrap_err(), NhsNumberFault::Shape);
        assert_eq!(NhsNumber::parse("٩٤٣٤٧٦٥٩١٩").unwrap_err(), NhsNumberFault::Shape);
        assert!(NhsNumber::parse("0000000000").is_err());
    }

    #[test]
    fn its_debug_text_does_not_show_it() {
        let number = NhsNumber::parse("9434765919").unwrap();
        assert!(!format!("{number:?}").contains("9434765919"));
    }
}
