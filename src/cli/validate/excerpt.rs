//! The line of the source that a finding is about, with a mark below it. Cut to the width of a terminal round the column
//! that is meant, for FHIR is often sent as one long line; tabs and what would move the cursor are shown as something
//! else. Knows no finding.

use std::cell::OnceCell;

use unicode_width::UnicodeWidthChar;

/// Some text by its lines.
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    starts: OnceCell<Vec<usize>>,
}

/// A line, ready to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) line: String,
    /// Columns of a terminal before the mark, and how many it takes.
    pub(super) indent: usize,
    pub(super) length: usize,
}

const TAB: &str = "    ";
/// The least a window is worth.
const NARROWEST: usize = 20;

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes), starts: OnceCell::new() }
    }

    /// The place on line and column (both from 1, in characters), no wider than `width`. `None`: there is no such line, or
    /// it is not UTF-8.
    pub(super) fn excerpt(&self, line: usize, column: usize, width: usize) -> Option<Excerpt> {
        let line = std::str::from_utf8(self.line(line)?).ok()?;
        Some(window(line.trim_end_matches(['\r', '\n']), column.saturating_sub(1), width.max(NARROWEST)))
    }

    fn line(&self, number: usize) -> Option<&'a [u8]> {
        let starts = self.starts.get_or_init(|| {
            let ends = self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        });
        let start = *starts.get(number.checked_sub(1)?)?;
        let end = starts.get(number).copied().unwrap_or(self.bytes.len());
        self.bytes.get(start..end)
    }
}

/// One character as it is shown, and its width.
fn cell(c: char) -> (String, usize) {
    if c == '\t' {
        return (TAB.to_owned(), TAB.len());
    }
    let shown = crate::cli::inert(c.encode_utf8(&mut [0; 4]));
    let width = if shown.chars().count() > 1 { shown.len() } else { c.width().unwrap_or(0) };
    (shown, width)
}

fn width_of(cells: &[(String, usize)]) -> usize {
    cells.iter().map(|(_, width)| width).sum()
}

/// The part of a line round a character of it.
fn window(line: &str, at: usize, width: usize) -> Excerpt {
    let back = at.min(width);
    let from = line.char_indices().nth(at - back).map_or(line.len(), |(offset, _)| offset);
    let near = line.get(from..).unwrap_or_default();
    let mut cells: Vec<_> = near.chars().take(back + width + 1).map(cell).collect();
    let marked = near.char_indices().nth(back).map_or(0, |(offset, _)| meant(near.get(offset..).unwrap_or_default()));
    let mut cut_before = at > back;
    let mut cut_after = near.chars().nth(back + width + 1).is_some();
    let mut back = back.min(cells.len());
    if cut_before || cut_after || width_of(&cells) > width {
        // what stands before gives the sense, unless it leaves no room for what is meant
        if cut_before || width_of(cells.get(..back).unwrap_or_default()) > width * 2 / 3 {
            while back > 0 && width_of(cells.get(..back).unwrap_or_default()) > width / 3 {
                cells.remove(0);
                back -= 1;
                cut_before = true;
            }
        }
        // a place for the marks of the cuts
        let room = width.saturating_sub(2);
        while cells.len() > back + 1 && width_of(&cells) > room {
            cells.pop();
            cut_after = true;
        }
    }
    let before: String = if cut_before { "…".into() } else { String::new() };
    let after = if cut_after { "…" } else { "" };
    let indent = usize::from(cut_before) + width_of(cells.get(..back).unwrap_or_default());
    let end = (back + marked).min(cells.len());
    let length = width_of(cells.get(back..end).unwrap_or_default()).max(1);
    let text: String = cells.into_iter().map(|(shown, _)| shown).collect();
    Excerpt { line: format!("{before}{text}{after}"), indent, length }
}

/// How many characters are meant by a place: a tag of XML; a key of JSON with its value, if that is no list and no object;
/// a word.
fn meant(rest: &str) -> usize {
    let length = match rest.chars().next() {
        Some('<') => rest.find('>').map_or(rest.len(), |end| end + 1),
        Some('"') => {
            let key = string(rest);
            let after = rest.get(key..).unwrap_or_default();
            let value = after.trim_start().strip_prefix(':').map(str::trim_start);
            match value.filter(|value| !value.is_empty() && !value.starts_with(['{', '['])) {
                Some(value) => rest.len() - value.len() + scalar(value),
                None => key,
            }
        }
        Some('{' | '[') => 1,
        Some(_) => scalar(rest).max(1),
        None => 0,
    };
    rest.get(..rest.floor_char_boundary(length)).map_or(1, |text| text.chars().count())
}

fn scalar(text: &str) -> usize {
    if text.starts_with('"') { string(text) } else { text.find([',', '}', ']', ' ', '\t']).unwrap_or(text.len()) }
}

/// Length of the JSON string that a text begins with, quotes and all.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::Source;

    /// The line and its mark, one below the other.
    fn drawn(text: &str, line: usize, column: usize, width: usize) -> String {
        let excerpt = Source::new(text.as_bytes()).excerpt(line, column, width).unwrap();
        format!("{}\n{}{}", excerpt.line, " ".repeat(excerpt.indent), "^".repeat(excerpt.length))
    }

    #[test]
    fn what_is_meant_is_marked_in_json_and_xml() {
        let table = [
            ("{\n  \"active\": \"yes\",\n}", 2, 3, "  \"active\": \"yes\",\n  ^^^^^^^^^^^^^^^"),
            ("{\"a\\\"b\": 1.50}", 1, 2, "{\"a\\\"b\": 1.50}\n ^^^^^^^^^^^^"),
            ("{\"name\": [{}]}", 1, 2, "{\"name\": [{}]}\n ^^^^^^"),
            ("[true, false]", 1, 2, "[true, false]\n ^^^^"),
            ("<a><b value=\"1\"/></a>\r\n", 1, 4, "<a><b value=\"1\"/></a>\n   ^^^^^^^^^^^^^^"),
            ("\t\"a\": 1", 1, 2, "    \"a\": 1\n    ^^^^^^"),
            ("{", 1, 9, "{\n ^"),
            ("{\"a\": {}}", 1, 1, "{\"a\": {}}\n^"),
            ("\u{FEFF}{\"é日\": 1}", 1, 2, "{\"é日\": 1}\n ^^^^^^^^"),
        ];
        for (text, line, column, expected) in table {
            assert_eq!(drawn(text, line, column, 60), expected, "{text}");
        }
    }

    #[test]
    fn a_long_line_is_a_window_that_is_no_wider_than_asked() {
        let text = format!("{{{}\"here\": 1, {}}}", "\"x\": 1, ".repeat(1_000), "\"y\": 2, ".repeat(1_000));
        let shown = drawn(&text, 1, 8_002, 40);
        assert_eq!(shown, "…: 1, \"x\": 1, \"here\": 1, \"y\": 2, \"y\": 2…\n              ^^^^^^^^^");
        for column in [1, 2, 30, 39, 40, 41, 5_000, 16_000, 16_010, 99_999] {
            for width in [20, 33, 80] {
                let excerpt = Source::new(text.as_bytes()).excerpt(1, column, width).unwrap();
                assert!(excerpt.line.chars().count() <= width, "{column} {width} {}", excerpt.line);
                assert!(excerpt.indent <= width, "{column} {width}");
            }
        }
    }

    #[test]
    fn nothing_in_the_source_moves_the_cursor() {
        let shown = drawn("{\"a\u{1b}[2Jb\u{202e}\": 1}", 1, 2, 80);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }

    #[test]
    fn a_line_that_is_not_there_or_no_text_has_no_excerpt() {
        assert_eq!(Source::new(b"{}").excerpt(2, 1, 80), None);
        assert_eq!(Source::new(b"{}").excerpt(0, 1, 80), None);
        assert_eq!(Source::new(b"\xFF\xFE").excerpt(1, 1, 80), None);
    }
}
