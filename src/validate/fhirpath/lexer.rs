//! FHIRPath text to tokens (<http://hl7.org/fhirpath/N1/#lexical-elements>). Knows no grammar.

use super::fault::Unsupported;

/// A token and where it begins, in characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A bare name: identifier or keyword.
    Name(String),
    /// A name in backticks (or, as older texts have it, in double quotes), never a keyword.
    Quoted(String),
    Text(String),
    /// Digits as written; a decimal where there is a point.
    Number(String),
    /// What follows `@`, without it: a date or date and time, or, from `T`, a time.
    Moment(String),
    /// `$this`, without `$`.
    Dollar(String),
    /// `%name`, without `%`.
    Percent(String),
    Symbol(&'static str),
}

/// Longer first, so that `<=` is not read as `<`.
const SYMBOLS: &[&str] =
    &["<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "=", "~", "<", ">", "|", "+", "-", "*", "/", "&"];

struct Reader {
    letters: Vec<char>,
    at: usize,
}

/// The tokens of an expression.
///
/// # Errors
/// Where a character, an escape or an unclosed literal is no FHIRPath.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Unsupported> {
    let mut reader = Reader { letters: source.chars().collect(), at: 0 };
    let mut out = Vec::new();
    while reader.skip()? {
        let at = reader.at;
        out.push(Token { kind: reader.token()?, at });
    }
    Ok(out)
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn starts(&self, wanted: &str) -> bool {
        wanted.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter))
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T, Unsupported> {
        Err(Unsupported::new(what, self.at))
    }

    /// Past white space and comments; false at the end.
    fn skip(&mut self) -> Result<bool, Unsupported> {
        loop {
            match self.peek(0) {
                None => return Ok(false),
                Some(letter) if letter.is_whitespace() => self.at += 1,
                Some('/') if self.peek(1) == Some('/') => {
                    self.run(|letter| letter != '\n');
                }
                Some('/') if self.peek(1) == Some('*') => {
                    let from = self.at;
                    self.at += 2;
                    while !self.starts("*/") {
                        if self.peek(0).is_none() {
                            return Err(Unsupported::new("a comment that does not end", from));
                        }
                        self.at += 1;
                    }
                    self.at += 2;
                }
                Some(_) => return Ok(true),
            }
        }
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(letter) = self.peek(0).filter(|letter| belongs(*letter)) {
            out.push(letter);
            self.at += 1;
        }
        out
    }

    fn token(&mut self) -> Result<Kind, Unsupported> {
        let Some(first) = self.peek(0) else { return self.fail("the end") };
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(Kind::Name(self.run(named))),
            '0'..='9' => Ok(self.number()),
            '\'' => self.quoted('\'').map(Kind::Text),
            '`' | '"' => self.quoted(first).map(Kind::Quoted),
            '@' => self.moment(),
            '$' => {
                self.at += 1;
                Ok(Kind::Dollar(self.run(named)))
            }
            '%' => self.variable(),
            _ => match SYMBOLS.iter().find(|symbol| self.starts(symbol)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Ok(Kind::Symbol(symbol))
                }
                None => self.fail("a character that FHIRPath does not know"),
            },
        }
    }

    fn number(&mut self) -> Kind {
        let mut text = self.run(|letter| letter.is_ascii_digit());
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
            text.push('.');
            text.push_str(&self.run(|letter| letter.is_ascii_digit()));
        }
        Kind::Number(text)
    }

    fn variable(&mut self) -> Result<Kind, Unsupported> {
        self.at += 1;
        if let Some(quote @ ('\'' | '`' | '"')) = self.peek(0) {
            return self.quoted(quote).map(Kind::Percent);
        }
        // `%vs-name` and `%ext-name` are written without quotes in older texts
        let mut name = self.run(named);
        if matches!(name.as_str(), "vs" | "ext") && self.peek(0) == Some('-') {
            name.push_str(&self.run(|letter| named(letter) || letter == '-'));
        }
        if name.is_empty() { self.fail("a variable without a name") } else { Ok(Kind::Percent(name)) }
    }

    fn moment(&mut self) -> Result<Kind, Unsupported> {
        self.at += 1;
        let digits = |letter: char| letter.is_ascii_digit() || letter == '-';
        let mut text = self.run(digits);
        if self.peek(0) == Some('T') {
            self.at += 1;
            text.push('T');
            text.push_str(&self.run(|letter| letter.is_ascii_digit() || letter == ':'));
            if self.peek(0) == Some('.') && self.peek(1).is_some_and(|letter| letter.is_ascii_digit()) {
                self.at += 1;
                text.push('.');
                text.push_str(&self.run(|letter| letter.is_ascii_digit()));
            }
            if self.peek(0) == Some('Z') {
                self.at += 1;
                text.push('Z');
            } else if text.len() > 1
                && matches!(self.peek(0), Some('+' | '-'))
                && self.peek(3) == Some(':')
                && !text.starts_with('T')
            {
                text.extend(self.peek(0));
                self.at += 1;
                text.push_str(&self.run(|letter| letter.is_ascii_digit() || letter == ':'));
            }
        }
        if text.is_empty() { self.fail("a date without digits") } else { Ok(Kind::Moment(text)) }
    }

    fn quoted(&mut self, quote: char) -> Result<String, Unsupported> {
        let from = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.peek(0) {
                None => return Err(Unsupported::new("text that does not end", from)),
                Some(letter) if letter == quote => {
                    self.at += 1;
                    return Ok(out);
                }
                Some('\\') => out.push(self.escape()?),
                Some(letter) => {
                    out.push(letter);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Unsupported> {
        let letter = match self.peek(1) {
            Some(letter @ ('\'' | '"' | '`' | '\\' | '/')) => letter,
            Some('r') => '\r',
            Some('n') => '\n',
            Some('t') => '\t',
            Some('f') => '\u{c}',
            Some('u') => {
                let digits: String = (2..6).filter_map(|ahead| self.peek(ahead)).collect();
                let all_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| all_hex).and_then(char::from_u32);
                match code {
                    Some(letter) => {
                        self.at += 6;
                        return Ok(letter);
                    }
                    None => return self.fail("an escape that names no character"),
                }
            }
            _ => return self.fail("an escape that FHIRPath does not know"),
        };
        self.at += 2;
        Ok(letter)
    }
}

fn named(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    fn kinds(source: &str) -> Vec<Kind> {
        tokens(source).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn every_kind_of_token_is_read() {
        let found =
            kinds("a.`b c` // x\n <= 'it\\'s\\u0041' /* y */ 1.50 $this %vs-a-b %'ext-x' @2015-02-04T14:34:28Z");
        let expected = [
            Kind::Name("a".into()),
            Kind::Symbol("."),
            Kind::Quoted("b c".into()),
            Kind::Symbol("<="),
            Kind::Text("it'sA".into()),
            Kind::Number("1.50".into()),
            Kind::Dollar("this".into()),
            Kind::Percent("vs-a-b".into()),
            Kind::Percent("ext-x".into()),
            Kind::Moment("2015-02-04T14:34:28Z".into()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn dates_end_where_they_end() {
        for (source, moment, after) in [
            ("@2015.is(Date)", "2015", 5),
            ("@2015T.x", "2015T", 2),
            ("@T14:34.x", "T14:34", 2),
            ("@2015-02-04T14:34:28+09:00", "2015-02-04T14:34:28+09:00", 0),
            ("@2015-02-04T14:34 - 1", "2015-02-04T14:34", 2),
            ("@2015-02-04T14:34:28.123.x", "2015-02-04T14:34:28.123", 2),
        ] {
            let found = kinds(source);
            assert_eq!(found.first(), Some(&Kind::Moment(moment.into())), "{source}");
            assert_eq!(found.len() - 1, after, "{source}");
        }
    }

    #[test]
    fn what_is_no_token_is_named_with_its_place() {
        for (source, at) in
            [("a # b", 2), ("'abc", 0), ("'a\\q'", 2), ("'\\u+041'", 1), ("1 /* x", 2), ("%", 1), ("@", 1)]
        {
            assert_eq!(tokens(source).unwrap_err().at(), at, "{source}");
        }
    }
}
