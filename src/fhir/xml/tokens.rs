//! Well-formed XML, token by token, each with its place: quick-xml does the scanning, this adds what it leaves to its
//! caller (one root, attributes, references, declaration, forbidden characters) and refuses every DOCTYPE.
//! Knows the namespaces FHIR uses, but no FHIR elements.

use quick_xml::NsReader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::Event;
use quick_xml::name::{PrefixDeclaration, ResolveResult};

use super::text::{Attribute, attributes, is_name};
use crate::fhir::source::{WHITESPACE, is_allowed, line_column, shown, syntax};
use crate::model::Issue;

pub(in crate::fhir) const FHIR: &str = "http://hl7.org/fhir";
pub(in crate::fhir) const XHTML: &str = "http://www.w3.org/1999/xhtml";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespace of a name, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fhir) enum Namespace {
    Fhir,
    Xhtml,
    None,
    Other,
}

/// A start tag. An empty tag (`<br/>`) is a start tag followed by [`Token::Close`].
#[derive(Debug)]
pub(in crate::fhir) struct Tag<'a> {
    pub(in crate::fhir) offset: usize,
    /// The name as written, prefix included.
    pub(in crate::fhir) name: &'a str,
    pub(in crate::fhir) namespace: Namespace,
    pub(in crate::fhir) attributes: Vec<Attribute<'a>>,
    /// Where the attributes begin; their offsets count from here.
    pub(in crate::fhir) attributes_at: usize,
    pub(in crate::fhir) empty: bool,
}

impl<'a> Tag<'a> {
    /// The name without prefix.
    pub(in crate::fhir) fn local(&self) -> &'a str {
        self.name.rsplit(':').next().unwrap_or(self.name)
    }

    /// Attributes that carry content: no namespace declarations, no `xsi:schemaLocation` and its like,
    /// which FHIR allows and ignores.
    pub(in crate::fhir) fn content(&self) -> impl Iterator<Item = &Attribute<'a>> {
        self.attributes.iter().filter(|a| !declares_namespace(a.name) && !a.name.starts_with("xsi:"))
    }
}

/// Whether an attribute declares a namespace.
pub(in crate::fhir) fn declares_namespace(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

#[derive(Debug)]
pub(in crate::fhir) enum Token<'a> {
    Open(Tag<'a>),
    Close,
    /// Text, CDATA or a reference, as it stands in the source.
    Text(&'a str),
    /// Comment or processing instruction, as it stands.
    Aside(&'a str),
    End,
}

/// The tokens of one document.
pub(in crate::fhir) struct Tokens<'a> {
    text: &'a str,
    reader: NsReader<&'a [u8]>,
    /// Where the last token begins.
    start: usize,
    open: usize,
    root_seen: bool,
}

impl<'a> Tokens<'a> {
    /// # Errors
    /// When a character stands anywhere that XML 1.0 does not allow.
    pub(in crate::fhir) fn new(text: &'a str) -> Result<Self, Issue> {
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        let tokens = Self { text, reader, start: 0, open: 0, root_seen: false };
        match text.char_indices().find(|(_, c)| !is_allowed(*c)) {
            Some((offset, c)) => {
                let text = format!("The character U+{:04X} is not allowed in XML. Remove it.", u32::from(c));
                Err(tokens.fault(offset, text))
            }
            None => Ok(tokens),
        }
    }

    /// A finding at a byte offset.
    pub(in crate::fhir) fn fault(&self, offset: usize, text: impl Into<String>) -> Issue {
        let (line, column) = line_column(self.text, offset);
        syntax(text).position(line, column)
    }

    /// Where the last token begins.
    pub(in crate::fhir) const fn start(&self) -> usize {
        self.start
    }

    /// The source from an offset to the end of the last token.
    pub(in crate::fhir) fn since(&self, offset: usize) -> &'a str {
        self.text.get(offset..self.position()).unwrap_or_default()
    }

    /// The next token.
    ///
    /// # Errors
    /// One issue where the document is not well formed, or has a DOCTYPE.
    pub(in crate::fhir) fn next(&mut self) -> Result<Token<'a>, Issue> {
        loop {
            self.start = self.position();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.scanning_fault(&error)),
            };
            let source = self.since(self.start);
            match event {
                Event::Start(tag) => return self.tag(source, tag.name().as_ref().len()).map(Token::Open),
                Event::End(_) => {
                    self.open = self.open.saturating_sub(1);
                    return Ok(Token::Close);
                }
                Event::Text(_) if self.open == 0 && source.trim_matches(WHITESPACE).is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => return self.text(source),
                Event::Comment(_) | Event::PI(_) => return Ok(Token::Aside(source)),
                Event::Decl(_) => self.declaration(source)?,
                Event::DocType(_) => return Err(self.doctype()),
                Event::Eof => return self.end(),
                // expanded by the reader's configuration
                Event::Empty(_) => return Err(self.fault(self.start, "This tag cannot be read.")),
            }
        }
    }

    fn tag(&mut self, source: &'a str, name_length: usize) -> Result<Tag<'a>, Issue> {
        if self.open == 0 && self.root_seen {
            return Err(self.fault(self.start, "A second root element follows the first. Send one resource a request."));
        }
        let name = source.get(1..=name_length).unwrap_or_default();
        if !is_name(name) {
            return Err(self.fault(self.start, "This is not an element name."));
        }
        let rest = source.get(1 + name_length..).and_then(|s| s.strip_suffix('>')).unwrap_or_default();
        let (rest, empty) = rest.strip_suffix('/').map_or((rest, false), |rest| (rest, true));
        let attributes_at = self.start + 1 + name_length;
        let attributes = attributes(rest).map_err(|fault| self.fault(attributes_at + fault.offset, fault.text))?;
        for attribute in &attributes {
            self.known_prefix(attribute, attributes_at)?;
        }
        let namespace = self.namespace(name)?;
        self.open += 1;
        self.root_seen = true;
        Ok(Tag { offset: self.start, name, namespace, attributes, attributes_at, empty })
    }

    fn namespace(&self, name: &str) -> Result<Namespace, Issue> {
        match self.reader.resolver().resolve_element(quick_xml::name::QName(name)).0 {
            ResolveResult::Bound(bound) => Ok(match bound.0 {
                FHIR => Namespace::Fhir,
                XHTML => Namespace::Xhtml,
                _ => Namespace::Other,
            }),
            ResolveResult::Unbound => Ok(Namespace::None),
            ResolveResult::Unknown(prefix) => Err(self.undeclared(self.start, &prefix)),
        }
    }

    /// A prefix on an attribute must be declared; `xsi` must mean what FHIR allows to be ignored.
    fn known_prefix(&self, attribute: &Attribute<'_>, attributes_at: usize) -> Result<(), Issue> {
        let name = quick_xml::name::QName(attribute.name);
        if matches!(name.as_namespace_binding(), Some(PrefixDeclaration::Default | PrefixDeclaration::Named(_))) {
            return Ok(());
        }
        let offset = attributes_at + attribute.offset;
        match self.reader.resolver().resolve_attribute(name).0 {
            ResolveResult::Unknown(prefix) => Err(self.undeclared(offset, &prefix)),
            ResolveResult::Bound(bound) if attribute.name.starts_with("xsi:") && bound.0 != XSI => {
                Err(self.fault(offset, "The prefix xsi stands for another namespace than XML Schema instance."))
            }
            ResolveResult::Bound(_) | ResolveResult::Unbound => Ok(()),
        }
    }

    fn undeclared(&self, offset: usize, prefix: &str) -> Issue {
        self.fault(offset, format!("The prefix {} is not declared. Declare it with xmlns:….", shown(prefix)))
    }

    fn text(&self, source: &'a str) -> Result<Token<'a>, Issue> {
        if self.open == 0 {
            return Err(self.fault(self.start, "This is not XML: text stands outside the root element."));
        }
        let cdata = source.starts_with("<![CDATA[");
        if let Some(at) = source.find("]]>").filter(|_| !cdata) {
            return Err(self.fault(self.start + at, "]]> must be written ]]&gt; in text."));
        }
        if !cdata && source.starts_with('&') {
            let unescaped = super::text::unescape(source);
            unescaped.map_err(|fault| self.fault(self.start + fault.offset, fault.text))?;
        }
        Ok(Token::Text(source))
    }

    fn declaration(&self, source: &str) -> Result<(), Issue> {
        if self.start != 0 {
            return Err(self.fault(self.start, "The XML declaration must be the very first thing in the document."));
        }
        let inner = source.strip_prefix("<?xml").and_then(|s| s.strip_suffix("?>")).unwrap_or_default();
        let found = attributes(inner).map_err(|fault| self.fault(5 + fault.offset, fault.text))?;
        for attribute in &found {
            let good = match attribute.name {
                "version" => attribute.raw == "1.0",
                "encoding" => ["utf-8", "utf8", "us-ascii", "ascii"].contains(&&*attribute.raw.to_ascii_lowercase()),
                "standalone" => matches!(attribute.raw, "yes" | "no"),
                _ => false,
            };
            if !good {
                let text = match attribute.name {
                    "encoding" => {
                        "The XML declares another encoding than UTF-8. Send UTF-8, and declare it or nothing."
                    }
                    "version" => "Only XML 1.0 is accepted.",
                    _ => "The XML declaration is written <?xml version=\"1.0\" encoding=\"UTF-8\"?>.",
                };
                return Err(self.fault(5 + attribute.offset, text));
            }
        }
        match found.first() {
            Some(first) if first.name == "version" => Ok(()),
            _ => Err(self.fault(0, "The XML declaration must begin with the version: <?xml version=\"1.0\"?>.")),
        }
    }

    fn doctype(&self) -> Issue {
        self.fault(self.start, "A DOCTYPE is not accepted, nor any entity it could define. Remove it.")
    }

    fn end(&self) -> Result<Token<'a>, Issue> {
        if self.open > 0 {
            return Err(
                self.fault(self.text.len(), "The XML ends before every element is closed. Send the whole document.")
            );
        }
        if !self.root_seen {
            return Err(self.fault(0, "This is not XML: there is no element."));
        }
        Ok(Token::End)
    }

    fn scanning_fault(&self, error: &Error) -> Issue {
        let at = usize::try_from(self.reader.error_position()).unwrap_or(self.start);
        let here = self.text.get(at..).unwrap_or_default();
        if here.get(..9).is_some_and(|s| s.eq_ignore_ascii_case("<!DOCTYPE")) {
            return self.doctype();
        }
        let text = match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                format!("</{}> closes <{}>. Close each element with its own name.", shown(found), shown(expected))
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
                format!("</{}> closes an element that was not opened.", shown(name))
            }
            Error::IllFormed(IllFormedError::MissingEndTag(name)) => {
                format!("<{}> is never closed. Send the whole document.", shown(name))
            }
            Error::IllFormed(IllFormedError::DoubleHyphenInComment) => "A comment may not contain --.".to_owned(),
            Error::IllFormed(IllFormedError::UnclosedReference) => "A & must be written &amp;.".to_owned(),
            Error::Syntax(_) => {
                "A tag, comment or section is not closed or not XML. Send the whole document.".to_owned()
            }
            Error::Namespace(_) => "A namespace declaration is not allowed here or binds a reserved name.".to_owned(),
            Error::IllFormed(_) | Error::Io(_) | Error::InvalidAttr(_) | Error::Encoding(_) | Error::Escape(_) => {
                "This is not well-formed XML.".to_owned()
            }
        };
        self.fault(at, text)
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len())
    }
}
