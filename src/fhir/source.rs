//! Received bytes as text: size, encoding, forbidden characters, and line and column of an offset.
//! Knows neither JSON nor XML.

use super::Limits;
use crate::model::{Issue, IssueCode};

/// Nesting the gateway reads at most, whatever is configured: readers and `serde_json` recurse, and stacks end.
pub(super) const DEEPEST: usize = 120;

impl Limits {
    /// The configured depth, kept within what the readers can bear.
    pub(super) fn depth(&self) -> usize {
        self.max_depth.min(DEEPEST)
    }
}

/// Takes received bytes as UTF-8 text. A UTF-8 byte order mark is passed over, as RFC 8259 §8.1 and XML 1.0 allow.
///
/// # Errors
/// Too many bytes, nothing there, UTF-16, or bytes that are not UTF-8, with line and column.
pub(super) fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, Issue> {
    if bytes.len() > limits.max_bytes {
        return Err(Issue::error(
            IssueCode::TooLong,
            format!("The body is {} bytes long; at most {} are accepted.", bytes.len(), limits.max_bytes),
        ));
    }
    if looks_like_utf16(bytes) {
        return Err(syntax("The body is in UTF-16 or UTF-32. Send it in UTF-8."));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.valid_up_to();
            let good = bytes.get(..offset).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
            let (line, column) = line_column(good, good.len());
            let text = format!("The byte at offset {offset} is not UTF-8. Send the body in UTF-8.");
            return Err(syntax(text).position(line, column));
        }
    };
    if text.trim_matches(WHITESPACE).is_empty() {
        return Err(syntax("The body is empty. Send one FHIR resource or document."));
    }
    Ok(text)
}

/// The white space JSON and XML agree on.
pub(super) const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Line and column, both from 1 and counted in characters, of a byte offset.
pub(super) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let offset = text.floor_char_boundary(offset);
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.get(line_start..).map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}

/// Whether XML 1.0 can hold the character (production `Char`); FHIR strings exclude the same ones
/// (<https://hl7.org/fhir/R4/datatypes.html#string>).
pub(super) const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// A name from the input, fit to stand in a message: short and without surprises.
pub fn shown(name: &str) -> String {
    let mut out = String::new();
    show(name, &mut out);
    out
}

/// The same at the end of a message that is being put together.
pub fn show(name: &str, to: &mut String) {
    const LONGEST: usize = 120;
    if name.len() <= LONGEST && name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return to.push_str(name);
    }
    to.extend(name.chars().take(LONGEST).map(|c| if c.is_control() || !is_allowed(c) { '\u{FFFD}' } else { c }));
    if name.chars().nth(LONGEST).is_some() {
        to.push('…');
    }
}

/// A finding that the text cannot be read.
pub(super) fn syntax(text: impl Into<String>) -> Issue {
    Issue::error(IssueCode::Structure, text)
}

fn looks_like_utf16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xFF, 0xFE, ..]
            | [0xFE, 0xFF, ..]
            | [b'{' | b'<' | b'[', 0, ..]
            | [0, b'{' | b'<' | b'[', ..]
            | [0, 0, 0, b'{' | b'<' | b'[', ..]
    )
}

#[cfg(test)]
mod tests {
    use super::{decode, is_allowed, line_column, shown};
    use crate::fhir::Limits;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "ab\ncé😀d";
        assert_eq!(line_column(text, 0), (1, 1));
        assert_eq!(line_column(text, 2), (1, 3));
        assert_eq!(line_column(text, 3), (2, 1));
        assert_eq!(line_column(text, text.len() - 1), (2, 4));
        assert_eq!(line_column(text, 999), (2, 5));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(decode(b"\xEF\xBB\xBF{}", &Limits::default()).unwrap(), "{}");
    }

    #[test]
    fn names_are_clipped_before_they_are_shown() {
        assert_eq!(shown("birthDate"), "birthDate");
        assert_eq!(shown("a\u{1b}[31m"), "a\u{FFFD}[31m");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 121);
    }

    #[test]
    fn control_characters_are_not_allowed() {
        assert!(['\t', '\n', '\r', ' ', 'é', '😀', '\u{85}'].into_iter().all(is_allowed));
        assert!(!['\0', '\u{8}', '\u{b}', '\u{1f}', '\u{FFFE}', '\u{FFFF}'].into_iter().any(is_allowed));
    }
}
