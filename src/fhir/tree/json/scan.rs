//! The tokens of JSON text: white space, strings, numbers and words, each as a span of the source where it can be one.
//! Reads over what is not quite JSON and notes it; knows neither objects nor FHIR.

use crate::fhir::source::is_allowed;
use crate::fhir::tree::Kind;
use crate::fhir::tree::build::{Held, short};

/// Something in the text that is not as JSON or FHIR has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    Comment,
    /// A tab or line end as it is in a string.
    RawSpace,
    /// Another control character, or one that FHIR text may not hold.
    Forbidden(u32),
    /// `\'`, which some writers use.
    EscapedQuote,
    Escape,
    Surrogate,
    Number,
    LongNumber,
    Unquoted,
}

/// Longest number taken: R4 asks for 18 digits of precision; a megabyte of them is an attack.
const LONGEST_NUMBER: usize = 100;

/// Why a token cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The text ends within a string.
    Open,
    /// There is no token.
    None,
}

/// A place in a JSON text.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    bytes: &'a [u8],
    pub(super) at: usize,
    /// What was passed over, and where.
    pub(super) odd: Vec<(usize, Odd)>,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, odd: Vec::new() }
    }

    /// The byte here; 0 at the end, where no token begins with it.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// The rest of the text from here.
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over white space and comments, and gives the byte behind them.
    #[inline]
    pub(super) fn space(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' && byte != b'/' { byte } else { self.long_space() }
    }

    fn long_space(&mut self) -> u8 {
        const SPACES: [u8; 8] = [b' '; 8];
        loop {
            match self.peek() {
                b' ' => {
                    self.at += 1;
                    while self.rest().first_chunk::<8>() == Some(&SPACES) {
                        self.at += 8;
                    }
                }
                b'\n' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.rest().starts_with(b"//") => {
                    self.odd.push((self.at, Odd::Comment));
                    let end = self.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.at += end.unwrap_or(self.rest().len());
                }
                byte => return byte,
            }
        }
    }

    /// Reads a string from its quote on; what is written with escapes is put at the end of `spare`.
    #[inline]
    pub(super) fn string(&mut self, spare: &mut String) -> Result<Held, Broken> {
        let start = self.at + 1;
        let stop = self.plain(start);
        if self.bytes.get(stop) == Some(&b'"') {
            self.at = stop + 1;
            return Ok(Held { kind: Kind::Text, span: (short(start), short(stop)), spare: false });
        }
        self.odd_string(start, stop, spare)
    }

    /// The first byte from an offset that may not be plain text: a quote, a backslash, a control character, or the
    /// first byte of what could be U+FFFE or U+FFFF. Eight bytes at a time.
    #[inline]
    fn plain(&self, mut at: usize) -> usize {
        while let Some(chunk) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let found = special(u64::from_le_bytes(*chunk));
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        while self.bytes.get(at).is_some_and(|byte| *byte >= 0x20 && !matches!(byte, b'"' | b'\\' | 0xEF)) {
            at += 1;
        }
        at
    }

    fn odd_string(&mut self, start: usize, stop: usize, spare: &mut String) -> Result<Held, Broken> {
        let (mut from, mut at, spared) = (start, stop, spare.len());
        let mut escapes = false;
        loop {
            match self.bytes.get(at) {
                None => return Err(Broken::Open),
                Some(b'"') => break,
                Some(b'\\') => {
                    spare.push_str(self.text.get(from..at).unwrap_or_default());
                    escapes = true;
                    let (read, length) = self.escape(at);
                    spare.push(read);
                    at += length;
                    from = at;
                }
                Some(0xEF) => {
                    let read = self.text.get(at..at + 3).and_then(|text| text.chars().next());
                    if let Some(found) = read.filter(|found| !is_allowed(*found)) {
                        self.odd.push((at, Odd::Forbidden(found.into())));
                    }
                    at += 3;
                }
                Some(b'\t' | b'\n' | b'\r') => {
                    self.odd.push((at, Odd::RawSpace));
                    at += 1;
                }
                Some(control) => {
                    self.odd.push((at, Odd::Forbidden(u32::from(*control))));
                    at += 1;
                }
            }
            at = self.plain(at);
        }
        self.at = at + 1;
        if !escapes {
            return Ok(Held { kind: Kind::Text, span: (short(start), short(at)), spare: false });
        }
        spare.push_str(self.text.get(from..at).unwrap_or_default());
        Ok(Held { kind: Kind::Text, span: (short(spared), short(spare.len())), spare: true })
    }

    /// The character an escape stands for, and how long it is. What is none stands for what follows the backslash.
    fn escape(&mut self, at: usize) -> (char, usize) {
        let plain = match self.bytes.get(at + 1) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(*letter),
            Some(b'u') => return self.unicode(at),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'\'') => {
                self.odd.push((at, Odd::EscapedQuote));
                '\''
            }
            _ => {
                self.odd.push((at, Odd::Escape));
                return ('\\', 1);
            }
        };
        if !is_allowed(plain) {
            self.odd.push((at, Odd::Forbidden(plain.into())));
        }
        (plain, 2)
    }

    /// `\u` and four digits, or two such that make one character.
    fn unicode(&mut self, at: usize) -> (char, usize) {
        let Some(first) = self.hex(at) else {
            self.odd.push((at, Odd::Escape));
            return ('\\', 1);
        };
        let second = match first {
            0xD800..=0xDBFF => self.hex(at + 6).filter(|second| matches!(second, 0xDC00..=0xDFFF)),
            _ => None,
        };
        let code = second.map_or(first, |second| 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        let length = if second.is_some() { 12 } else { 6 };
        match char::from_u32(code) {
            None => {
                self.odd.push((at, Odd::Surrogate));
                (char::REPLACEMENT_CHARACTER, length)
            }
            Some(read) => {
                if !is_allowed(read) {
                    self.odd.push((at, Odd::Forbidden(code)));
                }
                (read, length)
            }
        }
    }

    /// The four digits of a `\u` at an offset.
    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if sound { u32::from_str_radix(digits, 16).ok() } else { None }
    }

    /// Reads a value that is no object and no array; `null` is [`Kind::Nothing`].
    #[inline]
    pub(super) fn scalar(&mut self, spare: &mut String) -> Result<Held, Broken> {
        match self.peek() {
            b'"' => self.string(spare),
            b'-' | b'0'..=b'9' => Ok(self.number()),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Ok(self.word()),
            _ => Err(Broken::None),
        }
    }

    fn number(&mut self) -> Held {
        let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = self.rest().iter().take_while(|byte| number(byte)).count();
        let text = self.rest().get(..length).unwrap_or_default();
        if length > LONGEST_NUMBER {
            self.odd.push((self.at, Odd::LongNumber));
        } else if !is_number(text) {
            self.odd.push((self.at, Odd::Number));
        }
        self.passed(length, Kind::Number)
    }

    fn passed(&mut self, length: usize, kind: Kind) -> Held {
        let start = self.at;
        self.at += length;
        Held { kind, span: (short(start), short(self.at)), spare: false }
    }

    /// `true`, `false`, `null`, or text that lacks its quotes.
    pub(super) fn word(&mut self) -> Held {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let length = self.rest().iter().take_while(|byte| part(byte)).count();
        let kind = match self.rest().get(..length) {
            Some(b"true" | b"false") => Kind::Boolean,
            Some(b"null") => Kind::Nothing,
            _ => {
                self.odd.push((self.at, Odd::Unquoted));
                Kind::Text
            }
        };
        self.passed(length, kind)
    }
}

/// Marks the bytes of a word that [`Scan::plain`] stops at: the high bit of each; right at least for the lowest of them.
const fn special(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const fn zero(word: u64) -> u64 {
        word.wrapping_sub(LOW) & !word
    }
    let quote = zero(word ^ (LOW * 0x22));
    let backslash = zero(word ^ (LOW * 0x5C));
    let mark = zero(word ^ (LOW * 0xEF));
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    (quote | backslash | mark | control) & HIGH
}

/// Whether a text of digits, signs and points is a number of JSON (RFC 8259 §6).
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    let rest = text.get(whole..).unwrap_or_default();
    if whole == 0 || (whole > 1 && text.first() == Some(&b'0')) {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    let rest = match rest.strip_prefix(b".") {
        None => rest,
        Some(part) => match digits(part) {
            0 => return false,
            count => part.get(count..).unwrap_or_default(),
        },
    };
    match rest.split_first() {
        None => true,
        Some((b'e' | b'E', power)) => {
            let power = power.strip_prefix(b"+").or_else(|| power.strip_prefix(b"-")).unwrap_or(power);
            !power.is_empty() && digits(power) == power.len()
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Odd, Scan, is_number, special};

    #[test]
    fn eight_bytes_at_a_time_stop_where_one_at_a_time_do() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut chunk = *b"abc\xC3\xA9\x7F h";
                chunk[at] = byte;
                let stops = byte < 0x20 || [b'"', b'\\', 0xEF].contains(&byte);
                let found = special(u64::from_le_bytes(chunk)).trailing_zeros() as usize / 8;
                assert_eq!(found, if stops { at } else { 8 }, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn strings_are_read_as_serde_json_reads_them() {
        let table = [
            "",
            "plain",
            "eight by",
            "a\\n\\\"b\\\\",
            "\\u00e9\\ud83d\\ude00",
            "é😀ﬁ",
            "long enough for more\\/ chunks",
        ];
        for inner in table {
            let (text, mut spare) = (format!("\"{inner}\" "), String::from("before"));
            let mut scan = Scan::new(&text);
            let held = scan.string(&mut spare).unwrap();
            let from = if held.spare { &spare } else { &text };
            let read = &from[held.span.0 as usize..held.span.1 as usize];
            assert_eq!(read, serde_json::from_str::<String>(&text).unwrap());
            assert_eq!((scan.at, scan.odd.len()), (text.len() - 1, 0), "{inner}");
        }
    }

    #[test]
    fn odd_characters_are_noted_where_they_stand() {
        let table = [
            ("a\tb", Odd::RawSpace, 2),
            ("ab\u{1}", Odd::Forbidden(1), 3),
            ("\u{FFFE}", Odd::Forbidden(0xFFFE), 1),
            ("\\u0000", Odd::Forbidden(0), 1),
            ("a\\b", Odd::Forbidden(8), 2),
            ("\\x41", Odd::Escape, 1),
            ("\\u12G4", Odd::Escape, 1),
            ("\\ud83d.", Odd::Surrogate, 1),
            ("it\\'s", Odd::EscapedQuote, 3),
        ];
        for (inner, odd, at) in table {
            let text = format!("\"{inner}\"");
            let mut scan = Scan::new(&text);
            scan.string(&mut String::new()).unwrap();
            assert_eq!(scan.odd, [(at, odd)], "{inner}");
        }
    }

    #[test]
    fn numbers_are_those_of_json() {
        for good in ["0", "-0", "10", "1.50", "0.0", "1e9", "-1.5E-10", "1E+2"] {
            assert!(is_number(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5", "1-2", "--1", "1.5.2", "1e5e5"] {
            assert!(!is_number(bad.as_bytes()), "{bad}");
        }
    }
}
