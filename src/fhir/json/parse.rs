//! A strict JSON reader (RFC 8259) that says where and why it stops. `serde_json` would keep the last of two equal
//! keys, take its private number key for data, and give no path; a clinical message may not be read two ways.
//! Knows no FHIR beyond how a path is written.

use serde_json::{Map, Number, Value};

use crate::fhir::source::{WHITESPACE, is_allowed, line_column, shown, syntax};
use crate::model::{Issue, IssueCode};

/// How places are written in findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paths {
    /// `Bundle.entry[0].resource`
    Fhir,
    /// `/entry/0/resource`
    Pointer,
}

/// Longest number taken: R4 asks for 18 digits of precision; a megabyte of them is an attack.
const LONGEST_NUMBER: usize = 100;

/// Reads one JSON value that is the whole text.
///
/// # Errors
/// The first fault, with line, column and, inside the document, the path.
pub(super) fn parse(text: &str, max_depth: usize, paths: Paths) -> Result<Value, Issue> {
    let mut parser = Parser { text, at: 0, max_depth, paths, steps: Vec::new(), root: None };
    parser.space();
    let value = parser.value()?;
    parser.space();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.fault("Something follows the end of the JSON document. Send one document a request.")),
    }
}

enum Step {
    Key(String),
    Index(usize),
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
    paths: Paths,
    steps: Vec<Step>,
    /// `resourceType` of the whole document, once read; FHIR paths begin with it.
    root: Option<String>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Value, Issue> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Result<Value, Issue>) -> Result<Value, Issue> {
        if self.max_depth == 0 {
            let text = "The document is nested too deeply: no more objects or arrays are accepted inside this one.";
            let mut issue = self.fault(text);
            issue.code = IssueCode::TooLong;
            return Err(issue);
        }
        self.max_depth -= 1;
        self.at += 1;
        let value = inner(self)?;
        self.max_depth += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Issue> {
        let mut map = Map::new();
        self.space();
        if self.take(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            self.space();
            let key = self.key(&map)?;
            self.space();
            if !self.take(b':') {
                return Err(self.unexpected("a colon after the key"));
            }
            self.space();
            self.steps.push(Step::Key(key));
            let value = self.value()?;
            if let Some(Step::Key(key)) = self.steps.pop() {
                if self.steps.is_empty() && key == "resourceType" {
                    self.root = value.as_str().map(str::to_owned);
                }
                map.insert(key, value);
            }
            self.space();
            if self.take(b'}') {
                return Ok(Value::Object(map));
            }
            if !self.take(b',') {
                return Err(self.unexpected("a comma or the end of the object"));
            }
        }
    }

    fn key(&mut self, map: &Map<String, Value>) -> Result<String, Issue> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        // serde_json takes an object with such a key for a number when it reads our own text back
        let reserved = key.starts_with("$serde_json::private::");
        if !reserved && !map.contains_key(&key) {
            return Ok(key);
        }
        self.at = start;
        self.steps.push(Step::Key(key.clone()));
        let name = shown(&key);
        Err(self.fault(if reserved {
            "This key is reserved and cannot be used.".to_owned()
        } else {
            format!("The key \"{name}\" stands twice in the same object. Keep one of the two.")
        }))
    }

    fn array(&mut self) -> Result<Value, Issue> {
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            self.space();
            self.steps.push(Step::Index(items.len()));
            items.push(self.value()?);
            self.steps.pop();
            self.space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(self.unexpected("a comma or the end of the array"));
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Issue> {
        if !self.rest().starts_with(word) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Number, Issue> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            self.at = start;
            return Err(self.fault("This is not a JSON number: digits without a leading zero are expected."));
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.fault("Digits are expected after the decimal point."));
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(self.fault("Digits are expected in the exponent."));
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let parsed = if text.len() <= LONGEST_NUMBER { text.parse().ok() } else { None };
        parsed.ok_or_else(|| {
            self.at = start;
            self.fault(format!("This number is too long: at most {LONGEST_NUMBER} characters are kept."))
        })
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        count
    }

    fn string(&mut self) -> Result<String, Issue> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            // nearly all text is plain ASCII, which needs no decoding
            let plain = rest
                .bytes()
                .position(|byte| !matches!(byte, 0x20..0x7F) || matches!(byte, b'"' | b'\\'))
                .unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            let Some(c) = self.rest().chars().next() else {
                return Err(self.fault("The text ends inside a string. Send the whole document."));
            };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                c if u32::from(c) < 0x20 => {
                    let what = format!("U+{:04X}", u32::from(c));
                    return Err(self.fault(format!("The control character {what} stands unescaped in a string. Remove it, or escape it if it is a tab or a line end.")));
                }
                c if is_allowed(c) => {
                    out.push(c);
                    self.at += c.len_utf8();
                }
                c => return Err(self.forbidden(c)),
            }
        }
    }

    /// Reads an escape, from its backslash on.
    fn escape(&mut self) -> Result<char, Issue> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.peek() else {
            return Err(self.fault("The text ends inside a string. Send the whole document."));
        };
        let plain = match letter {
            b'"' | b'\\' | b'/' => Some(char::from(letter)),
            b'b' => Some('\u{8}'),
            b'f' => Some('\u{c}'),
            b'n' => Some('\n'),
            b'r' => Some('\r'),
            b't' => Some('\t'),
            _ => None,
        };
        let read = match (plain, letter) {
            (Some(c), _) => {
                self.at += 1;
                Ok(c)
            }
            (None, b'u') => {
                self.at += 1;
                self.unicode()
            }
            (None, _) => Err("JSON has no such escape. Write \\\\ for a backslash."),
        };
        let c = read.map_err(|text| {
            self.at = start;
            self.fault(text)
        })?;
        if is_allowed(c) {
            return Ok(c);
        }
        self.at = start;
        Err(self.forbidden(c))
    }

    /// Reads what follows `\u`: four hex digits, or a surrogate pair of them.
    fn unicode(&mut self) -> Result<char, &'static str> {
        const LONE: &str =
            "This escape is half of a surrogate pair without the other half. Write the character itself.";
        let first = self.hex()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if !(self.take(b'\\') && self.take(b'u')) {
                    return Err(LONE);
                }
                match self.hex()? {
                    second @ 0xDC00..=0xDFFF => 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    _ => return Err(LONE),
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or(LONE)
    }

    fn hex(&mut self) -> Result<u32, &'static str> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        self.at += 4;
        value.ok_or("Four hexadecimal digits are expected after \\u.")
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(WHITESPACE).len();
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn forbidden(&self, c: char) -> Issue {
        let code = u32::from(c);
        let mut issue = self.fault(format!("The character U+{code:04X} is not allowed in FHIR text. Remove it."));
        issue.code = IssueCode::Value;
        issue
    }

    fn unexpected(&self, wanted: &str) -> Issue {
        let before = self.text.get(..self.at).unwrap_or_default().trim_end_matches(WHITESPACE);
        match self.rest().chars().next() {
            None => self.fault(format!("The text ends where {wanted} is expected. Send the whole document.")),
            Some('}' | ']') if before.ends_with(',') => {
                self.fault("A comma stands before the closing bracket. Remove the comma.")
            }
            Some('/' | '#') => self.fault(format!("JSON has no comments; {wanted} is expected here.")),
            Some('\'') => self.fault(format!("JSON uses double quotes; {wanted} is expected here.")),
            Some('\0') => self.fault(format!("A NUL byte stands where {wanted} is expected.")),
            Some(_) => self.fault(format!("This is not JSON: {wanted} is expected here.")),
        }
    }

    fn fault(&self, text: impl Into<String>) -> Issue {
        let (line, column) = line_column(self.text, self.at);
        let issue = syntax(text).position(line, column);
        match self.path() {
            Some(path) => issue.at(path),
            None => issue,
        }
    }

    fn path(&self) -> Option<String> {
        if self.steps.is_empty() {
            return None;
        }
        let mut out = String::new();
        if self.paths == Paths::Fhir {
            out.push_str(
                self.root.as_deref().filter(|r| crate::fhir::schema::Place::resource(r).is_some()).unwrap_or(""),
            );
        }
        for step in &self.steps {
            match (self.paths, step) {
                (Paths::Pointer, step) => push_pointer(&mut out, step),
                (Paths::Fhir, Step::Index(index)) => out.extend(["[", &index.to_string(), "]"]),
                (Paths::Fhir, Step::Key(key)) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(&shown(key));
                }
            }
        }
        Some(out)
    }
}

fn push_pointer(out: &mut String, step: &Step) {
    out.push('/');
    match step {
        Step::Index(index) => out.push_str(&index.to_string()),
        Step::Key(key) => out.push_str(&shown(key).replace('~', "~0").replace('/', "~1")),
    }
}
