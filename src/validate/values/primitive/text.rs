//! Values that are text: `string`, `markdown`, `code` and `id`, and what no text should hold (control characters, marks
//! of direction left open, HTML). It must not judge what the text says.

use super::Wrong;

/// A megabyte of UTF-16 units: the reference counts as Java does.
const LONGEST: usize = 1_048_576;

/// White space to Java's `Character.isWhitespace`: no-break spaces are not.
pub(super) fn is_space(c: char) -> bool {
    match c {
        '\t'..='\r' | '\u{1c}'..='\u{1f}' | ' ' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        _ => !c.is_ascii() && c.is_whitespace(),
    }
}

/// Nothing but visible ASCII that no rule on text asks about: the common case of codes and URIs.
pub(super) fn is_plain(text: &str) -> bool {
    // all but `<`; without leaving early, as processors do many bytes of at once
    text.bytes().fold(true, |plain, b| plain & matches!(b, 0x21..=0x3b | 0x3d..=0x7e))
}

pub(super) fn code(text: &str, report: &mut dyn FnMut(Wrong)) {
    if is_plain(text) {
        return;
    }
    // what Java's `trim` takes away is everything up to the space
    let edge = |c: char| c <= ' ';
    let edges = text.starts_with(edge) || text.ends_with(edge);
    if edges || text.contains("  ") || text.contains(|c| c != ' ' && is_space(c)) {
        report(Wrong::CodeSpace);
    }
    marks(text, true, report);
}

/// An id that is not a resource's; of a resource's own id the same is true.
pub(super) fn id(text: &str) -> Result<(), Wrong> {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) {
        return Err(Wrong::IdCharacter);
    }
    if text.len() > 64 { Err(Wrong::IdLength) } else { Ok(()) }
}

pub(super) fn string(text: &str, report: &mut dyn FnMut(Wrong)) {
    let control = marks(text, true, report);
    if text.chars().all(char::is_whitespace) {
        report(Wrong::Blank);
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        report(Wrong::Edges);
    }
    if text.len() > LONGEST && text.encode_utf16().count() > LONGEST {
        report(Wrong::TooLong);
    }
    if control && text.bytes().any(|b| matches!(b, 0x0b | 0x0c)) {
        report(Wrong::FormFeed);
    }
}

/// Unlike a string it has no longest length, and white space around it means nothing.
pub(super) fn markdown(text: &str, report: &mut dyn FnMut(Wrong)) {
    marks(text, false, report);
    if opens_tag(text) {
        report(Wrong::MarkdownHtml);
    }
}

/// What is wrong with any text, whatever its type; `html` says whether what looks like HTML is to be told. Gives whether
/// there are control characters.
pub(super) fn marks(text: &str, html: bool, report: &mut dyn FnMut(Wrong)) -> bool {
    let (mut control, mut angle) = (false, false);
    for b in text.bytes() {
        control |= b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
        angle |= b == b'<';
    }
    if control {
        report(Wrong::ControlCharacter);
    }
    if !text.is_ascii() && leaves_direction_open(text) {
        report(Wrong::Direction);
    }
    if html && angle && holds_tag(text) {
        report(Wrong::Html);
    }
    control
}

/// A tag as the reference looks for one: closed, and with another angle bracket somewhere after it.
fn holds_tag(text: &str) -> bool {
    let mut parts = text.split('<').skip(1).peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_some() && part.split_once('>').is_some_and(|(tag, _)| is_tag(tag)) {
            return true;
        }
    }
    false
}

/// A name of letters, digits and underscores, alone or with white space after it.
fn is_tag(text: &str) -> bool {
    let name = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && (name.is_empty() || name.starts_with(['\t', '\n', '\u{b}', '\u{c}', '\r', ' ']))
}

/// An angle bracket before a letter, and no backslash before it.
fn opens_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        after.starts_with(char::is_alphabetic) && !before.ends_with('\\')
    })
}

/// Whether a mark that changes the direction of text has no mark that ends it before the paragraph does
/// (Unicode Standard Annex 9, as the reference counts: single left-to-right marks too, embeddings not).
fn leaves_direction_open(text: &str) -> bool {
    const ISOLATES: [char; 3] = ['\u{2066}', '\u{2067}', '\u{2068}'];
    let mut open: Vec<char> = Vec::new();
    for c in text.chars() {
        match c {
            '\n' => open.clear(),
            '\u{202d}' | '\u{202e}' | '\u{2066}'..='\u{2068}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => open.push(c),
            // ends an override
            '\u{202c}' if open.last().is_some_and(|last| !ISOLATES.contains(last)) => {
                open.pop();
            }
            // ends an isolate, and all that was opened within it
            '\u{2069}' => {
                if let Some(at) = open.iter().rposition(|c| ISOLATES.contains(c)) {
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    !open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Wrong, id, is_space};
    use crate::validate::values::primitive::{Primitive, check};

    fn all(kind: Primitive, rows: &[(&str, Result<(), Wrong>)]) {
        for (text, expected) in rows {
            assert_eq!(check(kind, text), *expected, "{text:?}");
        }
    }

    #[test]
    fn codes_have_single_spaces_within_and_none_around() {
        all(
            Primitive::Code,
            &[
                ("active", Ok(())),
                ("en-GB", Ok(())),
                ("two words", Ok(())),
                ("a b c", Ok(())),
                ("≤5", Ok(())),
                ("no\u{a0}break", Ok(())),
                (" active", Err(Wrong::CodeSpace)),
                ("active ", Err(Wrong::CodeSpace)),
                ("two  words", Err(Wrong::CodeSpace)),
                ("a\tb", Err(Wrong::CodeSpace)),
                ("a\nb", Err(Wrong::CodeSpace)),
                ("a\u{2003}b", Err(Wrong::CodeSpace)),
                ("\u{1}active", Err(Wrong::CodeSpace)),
                ("<b>x</b>", Err(Wrong::Html)),
            ],
        );
    }

    #[test]
    fn ids_have_sixty_four_plain_characters_at_most() {
        assert_eq!(id("aZ0-."), Ok(()));
        assert_eq!(id(&"a".repeat(64)), Ok(()));
        assert_eq!(id(&"a".repeat(65)), Err(Wrong::IdLength));
        for text in ["a b", "a_b", "a/b", "é", "#a"] {
            assert_eq!(id(text), Err(Wrong::IdCharacter), "{text}");
        }
    }

    #[test]
    fn strings_may_hold_anything_but_warn_of_what_is_likely_a_mistake() {
        all(
            Primitive::String,
            &[
                ("Ann O’Neil", Ok(())),
                ("two\nlines\tand a tab", Ok(())),
                ("5 < 6 and 7 > 2", Ok(())),
                ("a <b", Ok(())),
                ("<br/>", Ok(())),
                ("<b>", Ok(())),
                (" a", Err(Wrong::Edges)),
                ("a\u{a0}", Err(Wrong::Edges)),
                ("\u{a0}\u{a0}", Err(Wrong::Blank)),
                ("a\u{0}b", Err(Wrong::ControlCharacter)),
                ("a\u{c}b", Err(Wrong::FormFeed)),
                ("a <b>b</b>", Err(Wrong::Html)),
                ("a <a href='x'>b<", Err(Wrong::Html)),
                ("<1>2<", Ok(())),
                ("<a-b>2<", Ok(())),
            ],
        );
    }

    #[test]
    fn a_string_has_a_megabyte_of_characters_at_most() {
        assert_eq!(check(Primitive::String, &"a".repeat(1_048_576)), Ok(()));
        assert_eq!(check(Primitive::String, &"é".repeat(1_048_576)), Ok(()));
        assert_eq!(check(Primitive::String, &"a".repeat(1_048_577)), Err(Wrong::TooLong));
        assert_eq!(check(Primitive::String, &"😀".repeat(524_289)), Err(Wrong::TooLong));
        assert_eq!(check(Primitive::Markdown, &"a".repeat(1_048_577)), Ok(()));
    }

    #[test]
    fn markdown_has_no_html_tags() {
        all(
            Primitive::Markdown,
            &[
                (" # Title\n\ntext ", Ok(())),
                ("5 < 6", Ok(())),
                ("\\<b>", Ok(())),
                ("<https://example.org>", Err(Wrong::MarkdownHtml)),
                ("a <b>c</b>", Err(Wrong::MarkdownHtml)),
                ("a <", Ok(())),
                ("</b>", Ok(())),
                ("a\u{c}b", Err(Wrong::ControlCharacter)),
            ],
        );
    }

    #[test]
    fn a_change_of_direction_has_its_end() {
        all(
            Primitive::String,
            &[
                ("עברית and English", Ok(())),
                ("\u{202e}abc\u{202c} d", Ok(())),
                ("\u{2067}ab\u{202e}c\u{2069} d", Ok(())),
                ("\u{2067}a\u{2067}b\u{2069}\u{2069}c", Ok(())),
                ("\u{202a}abc", Ok(())),
                ("\u{202e}abc", Err(Wrong::Direction)),
                ("\u{202e}abc\u{2069}", Err(Wrong::Direction)),
                ("\u{2067}abc\u{202c}", Err(Wrong::Direction)),
                ("abc\u{200e}d", Err(Wrong::Direction)),
                ("\u{202e}abc\nd", Ok(())),
            ],
        );
    }

    #[test]
    fn white_space_is_what_java_takes_for_it() {
        for c in ['\t', '\u{1c}', ' ', '\u{1680}', '\u{2028}', '\u{3000}'] {
            assert!(is_space(c), "{c:?}");
        }
        for c in ['\u{0}', '\u{85}', '\u{a0}', '\u{2007}', '\u{202f}', 'a'] {
            assert!(!is_space(c), "{c:?}");
        }
    }
}
