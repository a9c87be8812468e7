//! Whole and decimal numbers as they are written (<https://hl7.org/fhir/R4/datatypes.html#decimal>). It must not turn a
//! decimal into a float: the digits are the value.

use super::Wrong;

/// Digits the reference trusts a decimal to keep, and digits of its exponent.
const DIGITS: usize = 18;
const EXPONENT: usize = 4;

pub(super) fn integer(text: &str) -> Result<(), Wrong> {
    whole(text).map(|_| ())
}

pub(super) fn unsigned(text: &str) -> Result<(), Wrong> {
    whole(text)?;
    // "-0" too: its pattern has no sign
    if text.starts_with('-') { Err(Wrong::BelowZero) } else { Ok(()) }
}

pub(super) fn positive(text: &str) -> Result<(), Wrong> {
    if whole(text)? < 1 { Err(Wrong::BelowOne) } else { Ok(()) }
}

fn whole(text: &str) -> Result<i64, Wrong> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Wrong::Integer);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(Wrong::LeadingZero);
    }
    if digits.len() > 10 {
        return Err(Wrong::IntegerRange);
    }
    let value = sign * digits.bytes().fold(0_i64, |value, b| value * 10 + i64::from(b - b'0'));
    i32::try_from(value).map_or(Err(Wrong::IntegerRange), |_| Ok(value))
}

pub(super) fn decimal(text: &str) -> Result<(), Wrong> {
    let (number, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(number, exponent)| (number, Some(exponent)));
    let number = number.strip_prefix('-').unwrap_or(number);
    let (before, after) = number.split_once('.').map_or((number, None), |(before, after)| (before, Some(after)));
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    for digits in [Some(before), after, exponent].into_iter().flatten() {
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Wrong::Decimal);
        }
    }
    // the reference refuses 0e5 as well: its zero stands alone or before a full stop
    if before.starts_with('0') && (before.len() > 1 || (after.is_none() && exponent.is_some())) {
        return Err(Wrong::LeadingZero);
    }
    let long = before.len() + after.map_or(0, str::len) > DIGITS || exponent.is_some_and(|d| d.len() > EXPONENT);
    if long { Err(Wrong::DecimalDigits) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Wrong, decimal, integer, positive, unsigned};

    #[test]
    fn whole_numbers_have_thirty_two_bits_and_no_leading_zero() {
        for text in ["0", "-0", "1", "-1", "2147483647", "-2147483648"] {
            assert_eq!(integer(text), Ok(()), "{text}");
        }
        let wrong = [
            ("2147483648", Wrong::IntegerRange),
            ("-2147483649", Wrong::IntegerRange),
            ("99999999999999999999999", Wrong::IntegerRange),
            ("007", Wrong::LeadingZero),
            ("+1", Wrong::Integer),
            ("1.0", Wrong::Integer),
            ("1e3", Wrong::Integer),
            ("-", Wrong::Integer),
            ("1 ", Wrong::Integer),
            ("٣", Wrong::Integer),
        ];
        for (text, expected) in wrong {
            assert_eq!(integer(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn signs_are_for_integers_only() {
        assert_eq!((unsigned("0"), positive("1")), (Ok(()), Ok(())));
        assert_eq!((unsigned("-1"), unsigned("-0")), (Err(Wrong::BelowZero), Err(Wrong::BelowZero)));
        assert_eq!((positive("0"), positive("-5")), (Err(Wrong::BelowOne), Err(Wrong::BelowOne)));
    }

    #[test]
    fn decimals_keep_their_digits_and_have_them_on_both_sides_of_the_full_stop() {
        for text in ["0", "-0", "0.0", "1.00", "-12.5", "1e5", "1.5E-10", "1e+9999", "123456789.123456789", "0.5e3"] {
            assert_eq!(decimal(text), Ok(()), "{text}");
        }
        for text in [".5", "5.", "1.2.3", "1,5", "+1", "--1", "1e", "1e+", "e5", "1e5.0", "NaN", "1 ", "0x1"] {
            assert_eq!(decimal(text), Err(Wrong::Decimal), "{text}");
        }
        for text in ["01", "00.5", "-01.5", "0e5"] {
            assert_eq!(decimal(text), Err(Wrong::LeadingZero), "{text}");
        }
        for text in ["1234567890.123456789", "0.000000000000000001", "1e10000"] {
            assert_eq!(decimal(text), Err(Wrong::DecimalDigits), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_passes_exactly_when_it_fits(number in any::<i64>()) {
            prop_assert_eq!(integer(&number.to_string()).is_ok(), i32::try_from(number).is_ok());
        }

        #[test]
        fn what_passes_as_a_decimal_is_a_number_to_json(text in "-?[0-9]{1,5}(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?") {
            let json = serde_json::from_str::<serde_json::Number>(&text).is_ok();
            let digits = text.trim_start_matches('-');
            prop_assert_eq!(decimal(&text).is_ok(), json && !digits.starts_with("0e") && !digits.starts_with("0E"));
        }
    }
}
