//! Where in a JSON text the value of a JSON pointer (RFC 6901) begins.
//! For text that was read without fault; anything else yields `None` rather than a guess.

use crate::fhir::source::{WHITESPACE, line_column};

/// Line and column, from 1, where the value at a pointer begins.
#[must_use]
pub fn locate(bytes: &[u8], pointer: &str) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    Some(line_column(text, offset(text, pointer)?))
}

/// Byte offset where the value at a pointer begins.
pub(super) fn offset(text: &str, pointer: &str) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    if pointer.is_empty() {
        return Some(scan.at);
    }
    for step in pointer.strip_prefix('/')?.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        match scan.peek()? {
            b'{' => scan.enter_object(text, &step)?,
            b'[' => scan.enter_array(step.parse().ok()?)?,
            _ => return None,
        }
    }
    Some(scan.at)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn enter_object(&mut self, text: &str, wanted: &str) -> Option<()> {
        self.at += 1;
        loop {
            self.space();
            let start = self.at;
            self.skip_string()?;
            let key: String = serde_json::from_str(text.get(start..self.at)?).ok()?;
            self.space();
            self.at += 1;
            self.space();
            if key == wanted {
                return Some(());
            }
            self.next_sibling()?;
        }
    }

    fn enter_array(&mut self, index: usize) -> Option<()> {
        self.at += 1;
        self.space();
        for _ in 0..index {
            self.next_sibling()?;
        }
        (self.peek()? != b']').then_some(())
    }

    /// Passes over a value and the comma behind it; `None` when there is no further one.
    fn next_sibling(&mut self) -> Option<()> {
        self.skip_value()?;
        self.space();
        let more = self.peek()? == b',';
        self.at += 1;
        self.space();
        more.then_some(())
    }

    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                _ => self.skip_scalar(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_scalar(&mut self) {
        while self.peek().is_some_and(|b| !matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| WHITESPACE.contains(&char::from(b))) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn a_pointer_leads_to_the_line_and_column_of_its_value() {
        let text = "\u{FEFF}{ \"a\": [1, {\"b/c\": \"é\", \"d\": true}],\n  \"\\u0065\": {\"x\": null} }".as_bytes();
        let table = [
            ("", Some((1, 1))),
            ("/a", Some((1, 8))),
            ("/a/0", Some((1, 9))),
            ("/a/1", Some((1, 12))),
            ("/a/1/b~1c", Some((1, 20))),
            ("/a/1/d", Some((1, 30))),
            ("/a/2", None),
            ("/e/x", Some((2, 19))),
            ("/e/y", None),
            ("/missing", None),
            ("/a/1/d/deeper", None),
            ("nonsense", None),
        ];
        for (pointer, expected) in table {
            assert_eq!(locate(text, pointer), expected, "{pointer}");
        }
    }

    #[test]
    fn broken_text_yields_nothing() {
        for text in ["", "{", "{\"a\"", "[1", "{\"a\": \"b", "\\"] {
            assert_eq!(locate(text.as_bytes(), "/a/0"), None, "{text}");
        }
    }
}
