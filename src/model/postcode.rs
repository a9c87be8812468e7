//! UK postcodes: shape only. Where one lies is the area table's to say.

/// A postcode, written as the Post Office writes it: `LE1 3AB`. Personal data: no `Display`, and no value in `Debug`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Postcode(String);

impl Postcode {
    /// Reads a whole postcode; letter case and white space are the sender's affair.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        if !bare.is_ascii() {
            return None;
        }
        let (outward, inward) = bare.split_at_checked(bare.len().checked_sub(3)?)?;
        let mut unit = inward.bytes();
        let inward_fits = unit.next().is_some_and(|b| b.is_ascii_digit()) && unit.all(|b| b.is_ascii_uppercase());
        (inward_fits && is_outward(outward)).then(|| Self(format!("{outward} {inward}")))
    }

    /// The whole of it, with its one space.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `LE1` of `LE1 3AB`.
    #[must_use]
    pub fn outward(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// `LE1 3` of `LE1 3AB`.
    #[must_use]
    pub fn sector(&self) -> &str {
        self.0.get(..self.0.len().saturating_sub(2)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Postcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postcode(…)")
    }
}

/// Whether a text is an outward code: one or two letters, a digit, and at most one digit or letter more.
#[must_use]
pub fn is_outward(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = text.get(letters..).unwrap_or_default().as_bytes();
    (1..=2).contains(&letters)
        && match rest {
            [digit] => digit.is_ascii_digit(),
            [digit, more] => digit.is_ascii_digit() && (more.is_ascii_digit() || more.is_ascii_uppercase()),
            _ => false,
        }
}

/// Whether a text is a sector: an outward code, a space and a digit.
#[must_use]
pub fn is_sector(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(outward, digit)| {
        is_outward(outward) && matches!(digit.as_bytes(), [digit] if digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{Postcode, is_sector};

    #[test]
    fn postcodes_are_read_however_they_are_spaced() {
        for text in ["LE1 3AB", "le13ab", " LE1  3AB "] {
            let code = Postcode::parse(text).unwrap();
            assert_eq!((code.as_str(), code.outward(), code.sector()), ("LE1 3AB", "LE1", "LE1 3"));
        }
        assert_eq!(Postcode::parse("EC1A 1BB").unwrap().sector(), "EC1A 1");
        assert_eq!(Postcode::parse("LE67 9ZZ").unwrap().outward(), "LE67");
    }

    #[test]
    fn what_is_no_postcode_is_not_read() {
        for text in ["", "LE1", "LE1 3", "LE1 ABC", "1LE 3AB", "LEX1 3AB", "LE123 3AB", "LÉ1 3AB", "no fixed address"]
        {
            assert!(Postcode::parse(text).is_none(), "{text}");
        }
        assert!(is_sector("LE67 9") && !is_sector("LE67") && !is_sector("LE67 99"));
    }

    #[test]
    fn nothing_of_it_is_logged() {
        assert_eq!(format!("{:?}", Postcode::parse("LE1 3AB").unwrap()), "Postcode(…)");
    }
}
