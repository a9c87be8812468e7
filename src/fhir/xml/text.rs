//! The small pieces of XML 1.0 text: references, attributes of a tag, escaping.
//! Sees one tag or one value at a time; knows neither documents nor FHIR.

use crate::fhir::source::{WHITESPACE, is_allowed, shown};

/// A fault at a byte offset within the piece of text given.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::fhir) struct Fault {
    pub(in crate::fhir) offset: usize,
    pub(in crate::fhir) text: String,
}

impl Fault {
    fn new(offset: usize, text: impl Into<String>) -> Self {
        Self { offset, text: text.into() }
    }
}

/// One attribute, its value as it stands between the quotes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::fhir) struct Attribute<'a> {
    pub(in crate::fhir) name: &'a str,
    pub(in crate::fhir) raw: &'a str,
    /// Offset of the name within the text given.
    pub(in crate::fhir) offset: usize,
}

/// FHIR needs three; XHTML a few more. A tag of thousands is an attack on whoever compares their names.
const MOST_ATTRIBUTES: usize = 64;

/// Reads the attributes of a start tag, given what follows its name.
pub(super) fn attributes(tag: &str) -> Result<Vec<Attribute<'_>>, Fault> {
    let mut found: Vec<Attribute<'_>> = Vec::new();
    let mut at = 0;
    loop {
        let rest = tag.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches(WHITESPACE);
        let offset = at + rest.len() - trimmed.len();
        if trimmed.is_empty() {
            return Ok(found);
        }
        if trimmed.len() == rest.len() {
            return Err(Fault::new(offset, "White space is expected before an attribute."));
        }
        let Some((name, after)) = trimmed.split_once('=') else {
            return Err(Fault::new(offset, "An attribute is written name=\"value\"."));
        };
        let name = name.trim_end_matches(WHITESPACE);
        if !is_name(name) {
            return Err(Fault::new(offset, "This is not an attribute name."));
        }
        let after = after.trim_start_matches(WHITESPACE);
        let raw = quoted(after).ok_or_else(|| Fault::new(offset, "An attribute value stands between quotes."))?;
        let raw_offset = tag.len() - after.len() + 1;
        if let Some(bracket) = raw.find('<') {
            return Err(Fault::new(raw_offset + bracket, "A < in an attribute value must be written &lt;."));
        }
        unescape(raw).map_err(|fault| Fault { offset: raw_offset + fault.offset, ..fault })?;
        if found.iter().any(|other| other.name == name) {
            return Err(Fault::new(offset, format!("The attribute {} stands twice in the same tag.", shown(name))));
        }
        if found.len() == MOST_ATTRIBUTES {
            return Err(Fault::new(offset, format!("A tag may have at most {MOST_ATTRIBUTES} attributes.")));
        }
        found.push(Attribute { name, raw, offset });
        at = raw_offset + raw.len() + 1;
    }
}

fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text.get(1..)?.split_once(quote).map(|(value, _)| value)
}

/// Whether a text is a name, with at most one prefix. ASCII is enough: FHIR and XHTML use no other names.
pub(super) fn is_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    match text.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(text),
    }
}

/// The value of an attribute: white space becomes spaces, references become characters (XML 1.0 §3.3.3),
/// so that only a line end written as `&#10;` stays one.
pub(in crate::fhir) fn unescape(raw: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let offset = raw.len() - rest.len();
        let read = match c {
            '&' => {
                let body = rest
                    .get(1..)
                    .and_then(|r| r.split_once(';'))
                    .map(|(body, _)| body)
                    .filter(|body| body.len() <= 60 && !body.contains(['&', ' ', '\n', '"', '\'', '=']))
                    .ok_or_else(|| Fault::new(offset, "A & must be written &amp;."))?;
                out.push(reference(body).map_err(|text| Fault::new(offset, text))?);
                body.len() + 2
            }
            '\r' if rest.starts_with("\r\n") => {
                out.push(' ');
                2
            }
            c => {
                out.push(if WHITESPACE.contains(&c) { ' ' } else { c });
                c.len_utf8()
            }
        };
        rest = rest.get(read..).unwrap_or_default();
    }
    Ok(out)
}

/// The character a reference stands for, given what is between `&` and `;`.
pub(super) fn reference(body: &str) -> Result<char, String> {
    let number = match body {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => body.strip_prefix('#'),
    };
    let Some(number) = number else {
        let name = shown(body);
        return Err(format!("The entity &{name}; is not defined. Write the character itself, or its number."));
    };
    let code = match number.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
        None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok(),
        _ => None,
    };
    let allowed = code.and_then(char::from_u32).filter(|c| is_allowed(*c));
    allowed.ok_or_else(|| "This character reference stands for no character that XML allows.".to_owned())
}

/// Writes text as an attribute value; white space other than the space is written by number, or it would not survive.
pub(super) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{attributes, escape_into, is_name, unescape};

    #[test]
    fn attribute_values_are_normalised_as_xml_says() {
        let table = [
            ("a b", "a b"),
            ("a\tb\nc\r\nd\re", "a b c d e"),
            ("\r\n\r\n", "  "),
            ("&#10;&#xA;&#x9;&#13;", "\n\n\t\r"),
            ("&lt;&gt;&amp;&quot;&apos;", "<>&\"'"),
            ("&#x1F600;é", "😀é"),
        ];
        for (raw, expected) in table {
            assert_eq!(unescape(raw).unwrap(), expected, "{raw:?}");
        }
    }

    #[test]
    fn bad_references_are_refused_where_they_stand() {
        let table = ["&nbsp;", "&", "& b;", "&#0;", "&#xD800;", "&#x110000;", "&#;", "&#+65;", "&#x;", "&;", "&#8;"];
        for reference in table {
            assert_eq!(unescape(&format!("ab{reference}")).unwrap_err().offset, 2, "{reference}");
        }
    }

    #[test]
    fn what_is_escaped_comes_back() {
        let text = "a \t\r\n\"'<&>]]>😀  ";
        let mut out = String::new();
        escape_into(&mut out, text);
        assert_eq!(unescape(&out).unwrap(), text);
    }

    #[test]
    fn attributes_are_read_with_either_quote_and_any_white_space() {
        let found = attributes(" a='1'\n\tb = \"it's\" xml:lang=\"en\" ").unwrap();
        let pairs: Vec<_> = found.iter().map(|a| (a.name, a.raw)).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "it's"), ("xml:lang", "en")]);
    }

    #[test]
    fn broken_attributes_are_refused_where_they_stand() {
        let table = [
            (" a=\"1\"b=\"2\"", 6),
            (" a", 1),
            (" a=1", 1),
            (" a=\"1", 1),
            (" 1a=\"1\"", 1),
            (" a=\"1\" a=\"2\"", 7),
            (" a=\"<\"", 4),
            (" a=\"x&y\"", 5),
            (" =\"1\"", 1),
        ];
        for (tag, offset) in table {
            assert_eq!(attributes(tag).unwrap_err().offset, offset, "{tag}");
        }
    }

    #[test]
    fn a_tag_of_very_many_attributes_is_refused() {
        let tag = |count: usize| {
            (0..count).flat_map(|n| [" a".to_owned(), n.to_string(), "='1'".to_owned()]).collect::<String>()
        };
        assert!(attributes(&tag(64)).is_ok());
        assert!(attributes(&tag(65)).is_err());
    }

    #[test]
    fn names_have_one_prefix_at_most() {
        assert!(["div", "f:Patient", "_a", "h1", "valueString"].into_iter().all(is_name));
        assert!(!["", "1a", "a:b:c", ":a", "a b", "a<"].into_iter().any(is_name));
    }
}
