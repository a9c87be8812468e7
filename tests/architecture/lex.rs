//! Rust source to tokens, as far as the architecture test needs them: identifiers and punctuation with their lines.
//! Comments, strings and character literals are gone; must never mistake their content for code.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Ident(String),
    /// `::`
    PathSep,
    /// Any other single character of punctuation.
    Punct(char),
    /// A literal, whose content is nobody's business here.
    Literal,
}

impl Token {
    pub(crate) fn ident(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ident(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is(&self, wanted: char) -> bool {
        self.kind == Kind::Punct(wanted)
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn starts(&self, wanted: &str) -> bool {
        wanted.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c))
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek(0).filter(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
            self.next();
        }
        word
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.starts("/*") {
                depth += 1;
                self.at += 2;
            } else if self.starts("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else if self.next().is_none() {
                return;
            }
        }
    }

    /// The rest of a string or character literal whose opening quote has been read.
    fn skip_quoted(&mut self, quote: char) {
        while let Some(c) = self.next() {
            if c == '\\' {
                self.next();
            } else if c == quote {
                return;
            }
        }
    }

    /// A raw string from its first `#` or quote; false, with nothing read, when it is none (`r#type`).
    fn skip_raw_string(&mut self) -> bool {
        let hashes = self.chars.iter().skip(self.at).take_while(|c| **c == '#').count();
        if self.peek(hashes) != Some('"') {
            return false;
        }
        let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
        self.at += hashes + 1;
        while !self.starts(&end) {
            if self.next().is_none() {
                return true;
            }
        }
        self.at += end.len();
        true
    }
}

/// The tokens of a source file.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, line: 1 };
    let mut out = Vec::new();
    while let Some(c) = reader.peek(0) {
        let line = reader.line;
        if reader.starts("//") {
            while reader.peek(0).is_some_and(|c| c != '\n') {
                reader.next();
            }
            continue;
        }
        if reader.starts("/*") {
            reader.skip_block_comment();
            continue;
        }
        if c.is_whitespace() {
            reader.next();
            continue;
        }
        out.push(Token { kind: token(&mut reader, c), line });
    }
    out
}

fn token(reader: &mut Reader, first: char) -> Kind {
    if first.is_alphabetic() || first == '_' {
        let word = reader.word();
        let raw = matches!(word.as_str(), "r" | "br" | "cr") && reader.skip_raw_string();
        if raw {
            return Kind::Literal;
        }
        if matches!(word.as_str(), "b" | "c") && reader.peek(0) == Some('"') {
            reader.next();
            reader.skip_quoted('"');
            return Kind::Literal;
        }
        if word == "b" && reader.peek(0) == Some('\'') {
            reader.next();
            reader.skip_quoted('\'');
            return Kind::Literal;
        }
        if word == "r" && reader.peek(0) == Some('#') {
            reader.next();
            return Kind::Ident(reader.word());
        }
        return Kind::Ident(word);
    }
    if first.is_ascii_digit() {
        reader.word();
        return Kind::Literal;
    }
    reader.next();
    match first {
        '"' => {
            reader.skip_quoted('"');
            Kind::Literal
        }
        // 'a is a lifetime unless a quote closes it; '\n' always is a character
        '\'' if reader.peek(0) == Some('\\') || reader.peek(1) == Some('\'') => {
            reader.skip_quoted('\'');
            Kind::Literal
        }
        '\'' => {
            reader.word();
            Kind::Literal
        }
        ':' if reader.peek(0) == Some(':') => {
            reader.next();
            Kind::PathSep
        }
        other => Kind::Punct(other),
    }
}
