//! The markup of a narrative cut into pieces, in one pass and without copying: tags, text, comments. Forgiving where a
//! browser would be, and keeps what shows it. Knows no elements and no rules; namespaces only as far as a prefix hides a name.

use super::Wrong;

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::fhir::xml) enum Piece<'a> {
    Open(Tag<'a>),
    /// The name in an end tag, as it is written.
    Close(&'a str),
    /// Text with its references unresolved.
    Text(&'a str),
    /// What stands in a CDATA section.
    Literal(&'a str),
    /// What stands in a comment.
    Comment(&'a str),
    Instruction,
    End,
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::fhir::xml) struct Tag<'a> {
    /// The name without prefix.
    pub(in crate::fhir::xml) name: &'a str,
    /// The name as it is written.
    pub(in crate::fhir::xml) written: &'a str,
    pub(in crate::fhir::xml) attributes: Attributes<'a>,
    pub(in crate::fhir::xml) empty: bool,
}

#[derive(Debug)]
pub(in crate::fhir::xml) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(in crate::fhir::xml) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next piece begins.
    pub(in crate::fhir::xml) const fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next piece.
    ///
    /// # Errors
    /// What keeps the rest from being read.
    pub(in crate::fhir::xml) fn next(&mut self) -> Result<Piece<'a>, Wrong<'a>> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(Piece::End);
        }
        let Some(inner) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            self.at += end;
            return Ok(Piece::Text(rest.get(..end).unwrap_or_default()));
        };
        let aside = |head: &str, tail: &str| {
            let body = inner.strip_prefix(head)?;
            Some(body.split_once(tail).map(|(body, _)| body).ok_or(Wrong::Unclosed))
        };
        match inner.bytes().next() {
            Some(b'!') => {
                if let Some(body) = aside("!--", "-->") {
                    let body = body?;
                    self.at += body.len() + 7;
                    Ok(Piece::Comment(body))
                } else if let Some(body) = aside("![CDATA[", "]]>") {
                    let body = body?;
                    self.at += body.len() + 12;
                    Ok(Piece::Literal(body))
                } else {
                    Err(Wrong::Doctype)
                }
            }
            Some(b'?') => {
                self.at += aside("?", ">").ok_or(Wrong::Unclosed)??.len() + 3;
                Ok(Piece::Instruction)
            }
            Some(b'/') => {
                let (name, _) = inner.split_once('>').ok_or(Wrong::Unclosed)?;
                self.at += name.len() + 2;
                Ok(Piece::Close(name.strip_prefix('/').unwrap_or(name).trim_end()))
            }
            _ => self.tag(inner),
        }
    }

    fn tag(&mut self, inner: &'a str) -> Result<Piece<'a>, Wrong<'a>> {
        let end = inner.bytes().position(|byte| !is_name(byte)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at_checked(end).unwrap_or((inner, ""));
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(Wrong::LooseBracket);
        }
        let end = end_of_tag(rest).ok_or(Wrong::Unclosed)?;
        let attributes = rest.get(..end).unwrap_or_default();
        self.at += 1 + name.len() + end + 1;
        let (attributes, empty) = attributes.strip_suffix('/').map_or((attributes, false), |rest| (rest, true));
        Ok(Piece::Open(Tag { name: local(name), written: name, attributes: Attributes { rest: attributes }, empty }))
    }
}

/// Where the `>` of a tag is, not counting those between quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Bytes of names; those of letters outside ASCII too.
const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.') || byte >= 0x80
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// The attributes of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fhir::xml) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// All of them as they are written.
    pub(in crate::fhir::xml) const fn text(&self) -> &'a str {
        self.rest
    }
}

/// One attribute: its name with its prefix, its value with references unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fhir::xml) struct Attribute<'a> {
    pub(in crate::fhir::xml) name: &'a str,
    pub(in crate::fhir::xml) raw: &'a str,
    /// Whether the value stands between quotes, as XML needs it.
    pub(in crate::fhir::xml) quoted: bool,
    /// Whether it stands apart from what is before it, as XML needs it.
    pub(in crate::fhir::xml) apart: bool,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        // whatever belongs to no attribute is stepped over and shows as one without value
        let rest = self.rest.trim_start();
        let apart = rest.len() < self.rest.len();
        let end = rest.bytes().position(|byte| !is_name(byte)).unwrap_or(rest.len()).max(first_len(rest));
        let (name, after) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
        let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            self.rest = after;
            return Some(Attribute { name, raw: "", quoted: false, apart });
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (raw, rest) = match quote {
            Some(quote) => value.get(1..).and_then(|value| value.split_once(quote)).unwrap_or((value, "")),
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        self.rest = rest;
        Some(Attribute { name, raw, quoted: quote.is_some(), apart })
    }
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Piece, Scanner, Wrong};

    fn pieces(text: &str) -> Vec<String> {
        let mut scanner = Scanner::new(text);
        let mut out = Vec::new();
        loop {
            let piece = match scanner.next() {
                Ok(Piece::End) => return out,
                Ok(Piece::Open(tag)) => format!("<{}{}", tag.name, if tag.empty { "/" } else { "" }),
                Ok(Piece::Close(name)) => format!("/{name}"),
                Ok(Piece::Text(text)) => format!("'{text}"),
                Ok(Piece::Literal(text)) => format!("[{text}"),
                Ok(Piece::Comment(_)) => "!".to_owned(),
                Ok(Piece::Instruction) => "?".to_owned(),
                Err(wrong) => {
                    out.push(format!("{wrong:?}"));
                    return out;
                }
            };
            out.push(piece);
        }
    }

    #[test]
    fn markup_is_cut_into_pieces() {
        let table: &[(&str, &[&str])] = &[
            ("<div>a</div>", &["<div", "'a", "/div"]),
            ("<h:p\n/>x", &["<p/", "'x"]),
            ("<a href='x>y'>z</a >", &["<a", "'z", "/a"]),
            ("<!-- <b> --> <![CDATA[<b>]]><?x y?>", &["!", "' ", "[<b>", "?"]),
            ("<!DOCTYPE div>", &["Doctype"]),
            ("a < b", &["'a ", "LooseBracket"]),
            ("<p title='", &["Unclosed"]),
            ("<!-- a", &["Unclosed"]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces(text), *expected, "{text}");
        }
    }

    #[test]
    fn attributes_are_read_with_any_quote_or_none() {
        let mut scanner = Scanner::new("<td a=\"1\" b = 'x\"y' nowrap colspan=2 =, xml:lang='cy'>");
        let Ok(Piece::Open(tag)) = scanner.next() else { panic!() };
        let found: Vec<_> = tag.attributes.map(|Attribute { name, raw, quoted, .. }| (name, raw, quoted)).collect();
        let expected = [
            ("a", "1", true),
            ("b", "x\"y", true),
            ("nowrap", "", false),
            ("colspan", "2", false),
            ("=", "", false),
            (",", "", false),
            ("xml:lang", "cy", true),
        ];
        assert_eq!(found, expected);
        assert_eq!(Scanner::new("<1>").next(), Err(Wrong::LooseBracket));
    }
}
