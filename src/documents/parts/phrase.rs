//! How pieces of a text are put together: separators that do not pile up on full stops, capitals, numbers in groups.
//! Changes no word of anybody's.

/// Pieces in one text, each apart from the next by a semicolon or, after the end of a sentence, by a blank.
pub(in crate::documents) fn strung(parts: impl IntoIterator<Item = String>) -> String {
    let mut out = String::new();
    for part in parts {
        if !out.is_empty() {
            out.push_str(if ends(&out) { " " } else { "; " });
        }
        out.push_str(&part);
    }
    out
}

/// Sentences in one text: each ends in a full stop unless it ends in something of its own.
pub(in crate::documents) fn sentences(parts: impl IntoIterator<Item = String>) -> String {
    let mut parts = parts.into_iter().peekable();
    let mut out = String::new();
    while let Some(part) = parts.next() {
        out.push_str(&part);
        if parts.peek().is_some() {
            out.push_str(if ends(&part) { " " } else { ". " });
        }
    }
    out
}

/// The text with a capital at its beginning. For words that are ours: what people wrote stays as it is.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn ends(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', ':'])
}

/// A number to ring in groups that can be read out (Ofcom's number plan), where it came as one row of digits.
pub(crate) fn phone(value: &str) -> String {
    let value = value.strip_prefix("tel:").unwrap_or(value);
    let (front, digits) = match value.strip_prefix("+44") {
        Some(rest) => ("+44 ", format!("0{rest}")),
        None => ("", value.to_owned()),
    };
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return value.to_owned();
    }
    let cuts: &[usize] = match (digits.len(), digits.get(..2).unwrap_or_default()) {
        (6, "11") => &[3],
        (11, "02") => &[3, 7],
        (11, "03" | "08") => &[4, 7],
        (11, "01") if digits.get(2..3) == Some("1") || digits.get(3..4) == Some("1") => &[4, 7],
        (11, "01" | "07") => &[5],
        _ => return value.to_owned(),
    };
    let mut out = String::from(front);
    for (place, digit) in digits.chars().enumerate().skip(usize::from(!front.is_empty())) {
        if cuts.contains(&place) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// An NHS number in groups of three, three and four, as the NHS prints it; as given where it has not ten digits.
pub(crate) fn nhs_number(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    match (digits.get(0..3), digits.get(3..6), digits.get(6..10)) {
        (Some(a), Some(b), Some(c)) if digits.len() == 10 => format!("{a} {b} {c}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{capital, nhs_number, phone, sentences, strung};

    #[test]
    fn no_semicolon_follows_a_full_stop() {
        let parts = ["one".to_owned(), "Two.".to_owned(), "three".to_owned()];
        assert_eq!(strung(parts.clone()), "one; Two. three");
        assert_eq!(sentences(parts), "one. Two. three");
        assert_eq!(capital("éte"), "Éte");
        assert_eq!(capital(""), "");
    }

    #[test]
    fn a_row_of_digits_is_grouped_as_people_read_it_out() {
        for (given, said) in [
            ("01164960300", "0116 496 0300"),
            ("+441164960300", "+44 116 496 0300"),
            ("tel:02079460123", "020 7946 0123"),
            ("07700900238", "07700 900238"),
            ("01632960123", "01632 960123"),
            ("03069990123", "0306 999 0123"),
            ("116123", "116 123"),
            ("111", "111"),
            ("85258", "85258"),
            ("0116 496 0300", "0116 496 0300"),
            ("0116 496 0300 ext 4", "0116 496 0300 ext 4"),
            ("+33123456789", "+33123456789"),
            ("", ""),
        ] {
            assert_eq!(phone(given), said);
        }
    }

    #[test]
    fn an_nhs_number_is_grouped_and_anything_else_is_left() {
        assert_eq!(nhs_number("9990412731"), "999 041 2731");
        assert_eq!(nhs_number("12"), "12");
    }
}
