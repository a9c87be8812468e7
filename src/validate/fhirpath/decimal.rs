//! Decimal numbers with their digits kept: exact where the result has an end, never through binary fractions.
//! What does not fit 38 digits has no result; callers make that empty, as the specification says of overflow.

use std::cmp::Ordering;
use std::fmt;

/// `digits` × 10^-`scale`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    digits: i128,
    scale: u32,
}

/// Most digits behind the point.
const MOST_PLACES: u32 = 37;
/// Digits behind the point of a quotient that has no end: the least the specification allows, and what others have.
const QUOTIENT_PLACES: u32 = 8;

impl Decimal {
    pub(super) const ONE: Self = Self { digits: 1, scale: 0 };

    /// Reads a JSON number or an FHIRPath literal; `None` when it is none, or has more digits than are kept.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unsigned = whole.trim_start_matches(['-', '+']);
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if unsigned.is_empty() || whole.len() - unsigned.len() > 1 || !all_digits(unsigned) || !all_digits(fraction) {
            return None;
        }
        if mantissa.contains('.') && fraction.is_empty() {
            return None;
        }
        let mut digits = 0_i128;
        for byte in unsigned.bytes().chain(fraction.bytes()) {
            digits = digits.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        if whole.starts_with('-') {
            digits = -digits;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) if scale <= MOST_PLACES => Some(Self { digits, scale }),
            Ok(_) => (digits == 0).then_some(Self::from(0)),
            Err(_) => Some(Self { digits: scaled(digits, scale.unsigned_abs())?, scale: 0 }),
        }
    }

    pub(super) fn from_f64(number: f64) -> Option<Self> {
        number.is_finite().then(|| format!("{number}")).and_then(|text| Self::parse(&text))
    }

    pub(super) fn to_f64(self) -> Option<f64> {
        self.to_string().parse().ok()
    }

    /// The number as an integer, where it is one that fits.
    pub(super) fn to_integer(self) -> Option<i32> {
        let short = self.shortest();
        if short.scale == 0 { i32::try_from(short.digits).ok() } else { None }
    }

    /// Without trailing zeros behind the point.
    pub(super) fn shortest(mut self) -> Self {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((scaled(self.digits, scale - self.scale)?, scaled(other.digits, scale - other.scale)?, scale))
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self { digits: a.checked_add(b)?, scale })
    }

    pub(super) fn negate(self) -> Self {
        Self { digits: self.digits.saturating_neg(), scale: self.scale }
    }

    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        let product = |a: Self, b: Self| {
            let made = Self { digits: a.digits.checked_mul(b.digits)?, scale: a.scale + b.scale };
            (made.scale <= MOST_PLACES).then_some(made)
        };
        product(self, other).or_else(|| product(self.shortest(), other.shortest()))
    }

    /// `None` for division by zero as well.
    pub(super) fn divide(self, other: Self) -> Option<Self> {
        let (a, b) = (self.shortest(), other.shortest());
        if b.digits == 0 {
            return None;
        }
        (0..=QUOTIENT_PLACES).rev().find_map(|places| {
            // a / b = (a.digits / b.digits) · 10^(b.scale - a.scale)
            let shift = places + b.scale;
            let (top, bottom) = match shift.checked_sub(a.scale) {
                Some(up) => (scaled(a.digits, up)?, b.digits),
                None => (a.digits, scaled(b.digits, a.scale - shift)?),
            };
            Some(Self { digits: rounded(top, bottom), scale: places }.shortest())
        })
    }

    /// Quotient without its fraction, and what remains; `None` for division by zero.
    pub(super) fn divide_whole(self, other: Self) -> Option<(Self, Self)> {
        let (a, b, scale) = self.aligned(other)?;
        let quotient = a.checked_div(b)?;
        Some((Self { digits: quotient, scale: 0 }, Self { digits: a.checked_rem(b)?, scale }))
    }

    /// To so many places, halves away from zero.
    pub(super) fn round(self, places: u32) -> Self {
        match self.scale.checked_sub(places).and_then(|drop| scaled(1, drop)) {
            Some(unit) if unit > 1 => Self { digits: rounded(self.digits, unit), scale: places },
            _ => self,
        }
    }

    /// The whole number towards zero, below or above.
    pub(super) fn whole(self, towards: Towards) -> Self {
        let unit = scaled(1, self.scale).unwrap_or(i128::MAX);
        let digits = match towards {
            Towards::Zero => self.digits / unit,
            Towards::Below => self.digits.div_euclid(unit),
            Towards::Above => self.digits.wrapping_neg().div_euclid(unit).wrapping_neg(),
        };
        Self { digits, scale: 0 }
    }

    pub(super) fn is_negative(self) -> bool {
        self.digits < 0
    }

    pub(super) fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Digits behind the point, as written.
    pub(super) fn places(self) -> u32 {
        self.scale
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    Zero,
    Below,
    Above,
}

fn scaled(digits: i128, places: u32) -> Option<i128> {
    if digits == 0 {
        return Some(0);
    }
    digits.checked_mul(10_i128.checked_pow(places)?)
}

/// `top / bottom`, halves away from zero.
fn rounded(top: i128, bottom: i128) -> i128 {
    let (quotient, rest) = (top.wrapping_div(bottom), top.wrapping_rem(bottom));
    let up = rest.unsigned_abs() >= bottom.unsigned_abs() - rest.unsigned_abs();
    let sign = if (top < 0) == (bottom < 0) { 1 } else { -1 };
    if up && rest != 0 { quotient + sign } else { quotient }
}

impl From<i32> for Decimal {
    fn from(number: i32) -> Self {
        Self { digits: i128::from(number), scale: 0 }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((a, b, _)) = self.aligned(*other) {
            return a.cmp(&b);
        }
        // the one with fewer places does not fit the other's scale, so it is the greater in size
        if self.scale < other.scale { self.digits.cmp(&0) } else { 0.cmp(&other.digits) }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let places = usize::try_from(self.scale).unwrap_or(0);
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Towards};

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0", "1.00", "-0.05", "123456789012345678901234567890.1234567"] {
            assert_eq!(d(text).to_string(), text);
        }
        assert_eq!(d("1.5e3").to_string(), "1500");
        assert_eq!(d("15E-3").to_string(), "0.015");
        for text in ["", "-", "1.", ".5", "--1", "1e400", "x", "1e", "1-2", "99999999999999999999999999999999999999999"]
        {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact_where_it_can_be() {
        assert_eq!(d("0.1").add(d("0.2")).unwrap(), d("0.3"));
        assert_eq!(d("1").divide(d("3")).unwrap().to_string(), "0.33333333");
        assert_eq!(d("2").divide(d("-3")).unwrap().to_string(), "-0.66666667");
        assert_eq!(d("10.0").divide(d("0.25")).unwrap().to_string(), "40");
        assert!(d("1").divide(d("0.00")).is_none());
        assert_eq!(d("1.20").multiply(d("1.8")).unwrap(), d("2.16"));
        let (quotient, rest) = d("5.5").divide_whole(d("0.7")).unwrap();
        assert_eq!((quotient, rest), (d("7"), d("0.6")));
    }

    #[test]
    fn rounding_goes_where_it_is_told() {
        assert_eq!(d("3.14159").round(3).to_string(), "3.142");
        assert_eq!(d("-1.5").round(0), d("-2"));
        assert_eq!(d("-1.1").whole(Towards::Below), d("-2"));
        assert_eq!(d("-1.1").whole(Towards::Above), d("-1"));
        assert_eq!(d("1.1").whole(Towards::Above), d("2"));
        assert_eq!(d("-1.9").whole(Towards::Zero), d("-1"));
    }

    #[test]
    fn order_holds_for_numbers_of_very_different_size() {
        assert!(d("1.0") == d("1.000") && d("1e37") > d("0.0000000000000000000000000000001"));
        assert!(d("-1e37") < d("0.0000000000000000000000000000001"));
    }
}
