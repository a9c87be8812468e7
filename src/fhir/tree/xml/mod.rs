//! FHIR XML to a tree (<https://hl7.org/fhir/R4/xml.html>), over the tokens of `fhir::xml`. Goes on over what is well formed
//! but not FHIR, as HL7's validator does. Brings repetitions side by side: that others stood between them shows only in
//! their offsets, by which the order of elements is judged elsewhere.

use std::borrow::Cow;

use super::build::{Builder, Held, short};
use super::seen::Seen;
use super::{Kind, Name, Tree};
use crate::fhir::schema::Place;
use crate::fhir::source::{WHITESPACE, shown};
use crate::fhir::xml::text::{Attribute, unescape};
use crate::fhir::xml::tokens::{FHIR, Namespace, Tag, Token, Tokens, XHTML, declares_namespace};
use crate::fhir::xml::xhtml::collect;
use crate::fhir::{Format, Limits};
use crate::model::{Issue, IssueCode, Severity};

/// Reads one resource.
pub(super) fn read<'s>(source: Cow<'s, str>, limits: &Limits) -> Result<Tree<'s>, Issue> {
    if u32::try_from(source.len()).is_err() {
        return Err(Issue::error(IssueCode::TooLong, "The XML is too long: 4 GiB and more are not read."));
    }
    let mut reader = Reader {
        tokens: Tokens::new(&source)?,
        text: &source,
        builder: Builder::new(Format::Xml, &source),
        seen: Seen::default(),
        left: limits.depth(),
        max_depth: limits.depth(),
        inside: 0,
    };
    let tree = match reader.document() {
        Ok(()) => reader.builder.finish(),
        Err(issue) => return Err(reader.builder.located(reader.inside, issue)),
    };
    Ok(Tree { source, ..tree })
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    text: &'a str,
    builder: Builder<'a>,
    seen: Seen<'a>,
    /// Elements that may still be opened inside this one.
    left: usize,
    max_depth: usize,
    /// The element that is being read.
    inside: u32,
}

/// What is known of the element around.
#[derive(Clone, Copy)]
struct Around {
    at: u32,
    /// Whether it is the element that bears the name of a resource type.
    resource: bool,
    /// Whether it is in another namespace, which is told of once.
    stray: bool,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<(), Issue> {
        loop {
            match self.tokens.next()? {
                Token::Open(root) => {
                    self.builder.begins(0, root.offset);
                    self.typed(&root, 0);
                    self.element(&root, Around { at: 0, resource: true, stray: false })?;
                }
                Token::Aside(text) => self.aside(0, text),
                Token::End => return Ok(()),
                // text outside the root is refused by the tokens
                Token::Close | Token::Text(_) => {}
            }
        }
    }

    /// Takes the name of an element for the type of the resource in a cell.
    fn typed(&mut self, tag: &Tag<'_>, at: u32) {
        let local = tag.local();
        if Place::resource(local).is_some() {
            self.builder.typed(at, Name::of(local));
            return;
        }
        self.builder.typed(at, Name::UNKNOWN);
        if at == 0 {
            let start = local_at(tag);
            self.builder.stranger(0, start, start + local.len());
        }
        let text = format!("<{}> is not a resource type of FHIR R4. Check its spelling and case.", shown(local));
        self.error(at, tag.offset, IssueCode::NotSupported, text);
    }

    /// Reads an element, from behind its start tag to its end.
    fn element(&mut self, tag: &Tag<'a>, around: Around) -> Result<(), Issue> {
        let at = around.at;
        let outer = std::mem::replace(&mut self.inside, at);
        let Some(left) = self.left.checked_sub(1) else {
            let text = "The document is nested too deeply: no more elements are accepted inside this one.";
            return Err(Issue { code: IssueCode::TooLong, ..self.tokens.fault(tag.offset, text) });
        };
        self.left = left;
        let stray = self.namespace(tag, around);
        let scope = self.seen.open();
        let mut last = self.builder.last_child(at);
        let attributes = self.attributes(tag, around, &mut last);
        let filled = self.children(Around { stray, ..around }, &mut last)?;
        self.seen.close(scope);
        if last != 0 {
            self.builder.filled(at);
        } else if !(attributes || filled || (around.resource && at != 0)) {
            let text = "This element is empty. Give it a value or content, or leave it out.";
            self.error(at, tag.offset, IssueCode::Required, text);
        }
        self.left += 1;
        self.inside = outer;
        Ok(())
    }

    /// Whether an element is in another namespace than FHIR's; tells so unless the one around is as well.
    fn namespace(&mut self, tag: &Tag<'_>, around: Around) -> bool {
        let stray = tag.namespace != Namespace::Fhir;
        if stray && !around.stray {
            let text = format!("<{}> is not in the FHIR namespace. Declare xmlns=\"{FHIR}\".", shown(tag.name));
            self.error(around.at, tag.offset, IssueCode::Structure, text);
        }
        stray
    }

    /// Reads the content of an element to its end tag; tells whether there was any.
    fn children(&mut self, around: Around, last: &mut u32) -> Result<bool, Issue> {
        let (mut filled, mut told) = (false, false);
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => {
                    filled = true;
                    self.child(&tag, around, last)?;
                }
                Token::Text(text) => {
                    let blank = text.trim_matches(WHITESPACE).is_empty() || is_blank_reference(text);
                    if !blank && !told {
                        (filled, told) = (true, true);
                        let text = "Text may not stand here: FHIR XML puts values into the value attribute.";
                        self.error(around.at, self.tokens.start(), IssueCode::Structure, text);
                    }
                }
                Token::Aside(text) => self.aside(around.at, text),
                Token::Close | Token::End => return Ok(filled),
            }
        }
    }

    /// HL7's validator takes comments and refuses processing instructions, wherever they stand.
    fn aside(&mut self, at: u32, text: &str) {
        if text.starts_with("<?") {
            let text = "A processing instruction may not stand in a resource. Remove it.";
            self.error(at, self.tokens.start(), IssueCode::Structure, text);
        }
    }

    fn child(&mut self, tag: &Tag<'a>, around: Around, last: &mut u32) -> Result<(), Issue> {
        let local = tag.local();
        if local == "div" {
            return self.markup(tag, around, last);
        }
        if !around.resource && local.starts_with(|first: char| first.is_ascii_uppercase()) {
            return self.resource(tag, around);
        }
        let name = Name::of(local);
        let at = self.cell(name, local, around.at, last, tag.offset);
        if !name.is_known() {
            let start = local_at(tag);
            self.builder.stranger(at, start, start + local.len());
        }
        let attribute = match name {
            Name::ID => !around.resource,
            Name::URL => self.is_extension(around.at),
            _ => false,
        };
        if attribute {
            let text = format!("<{local}> may not stand here: this {local} is written as an attribute.");
            self.error(at, tag.offset, IssueCode::Structure, text);
        }
        self.element(tag, Around { at, resource: false, stray: around.stray })
    }

    fn cell(&mut self, name: Name, text: &'a str, parent: u32, last: &mut u32, offset: usize) -> u32 {
        let entry = self.seen.find(name, Cow::Borrowed(text));
        self.builder.repetition(&mut self.seen, entry, name, parent, last, offset)
    }

    fn is_extension(&self, at: u32) -> bool {
        matches!(self.builder.name(at), Name::EXTENSION | Name::MODIFIER_EXTENSION)
    }

    /// Reads a resource inside `contained` or `resource`, which is one with that element.
    fn resource(&mut self, tag: &Tag<'a>, around: Around) -> Result<(), Issue> {
        if self.builder.is_resource(around.at) {
            let text =
                "Only one resource may stand inside this element; the first is taken. Give each an element of its own.";
            self.error(around.at, tag.offset, IssueCode::Structure, text);
            return self.skip();
        }
        self.typed(tag, around.at);
        self.element(tag, Around { resource: true, ..around })
    }

    /// Passes over an element, to its end.
    fn skip(&mut self) -> Result<(), Issue> {
        let mut open = 1_usize;
        while open > 0 {
            match self.tokens.next()? {
                Token::Open(_) => open += 1,
                Token::Close => open -= 1,
                Token::End => return Ok(()),
                Token::Text(_) | Token::Aside(_) => {}
            }
        }
        Ok(())
    }

    /// Reads the XHTML of a narrative.
    fn markup(&mut self, tag: &Tag<'a>, around: Around, last: &mut u32) -> Result<(), Issue> {
        let at = self.cell(Name::DIV, tag.local(), around.at, last, tag.offset);
        if tag.namespace != Namespace::Xhtml && !around.stray {
            let text = format!("The narrative must be in the XHTML namespace: <div xmlns=\"{XHTML}\">.");
            self.error(at, tag.offset, IssueCode::Structure, text);
        } else if tag.name.contains(':') {
            // its prefix is declared around it, so it is written anew
            let text = collect(&mut self.tokens, tag, self.max_depth)?;
            let span = self.spared(&text);
            self.builder.value(at, Held { kind: Kind::Markup, span, spare: true });
            return Ok(());
        }
        let mut open = 1_usize;
        while open > 0 {
            match self.tokens.next()? {
                Token::Open(inner) if open >= self.max_depth => {
                    let text = "The narrative is nested too deeply: no more elements are accepted inside this one.";
                    return Err(Issue { code: IssueCode::TooLong, ..self.tokens.fault(inner.offset, text) });
                }
                Token::Open(_) => open += 1,
                Token::Close => open -= 1,
                Token::End => break,
                Token::Text(_) | Token::Aside(_) => {}
            }
        }
        let end = tag.offset + self.tokens.since(tag.offset).len();
        self.builder.value(at, Held { kind: Kind::Markup, span: (short(tag.offset), short(end)), spare: false });
        Ok(())
    }

    /// Takes the attributes of an element; tells whether there are any that are content.
    fn attributes(&mut self, tag: &Tag<'a>, around: Around, last: &mut u32) -> bool {
        let mut any = false;
        for attribute in tag.attributes.iter().filter(|attribute| !declares_namespace(attribute.name)) {
            any = true;
            let offset = tag.attributes_at + attribute.offset;
            match attribute.name {
                "xsi:schemaLocation" => {}
                "value" if !around.resource => {
                    let held = self.held(attribute, offset);
                    if attribute.raw.is_empty() {
                        let text = "The value attribute is empty. Give it a value or leave it out.";
                        self.error(around.at, offset, IssueCode::Value, text);
                    }
                    self.builder.value(around.at, held);
                }
                "id" | "url" if self.takes(attribute.name, around) => {
                    let at = self.cell(Name::of(attribute.name), attribute.name, around.at, last, offset);
                    let held = self.held(attribute, offset);
                    self.builder.value(at, held);
                }
                name => {
                    let text =
                        format!("The attribute {} has no place on <{}>. Remove it.", shown(name), shown(tag.local()));
                    self.error(around.at, offset, IssueCode::Structure, text);
                }
            }
        }
        any
    }

    fn takes(&self, attribute: &str, around: Around) -> bool {
        !around.resource && (attribute == "id" || self.is_extension(around.at))
    }

    /// The value of an attribute whose name begins at an offset.
    fn held(&mut self, attribute: &Attribute<'_>, offset: usize) -> Held {
        let raw = attribute.raw;
        if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')) {
            let behind = self.text.get(offset..).unwrap_or_default();
            let start = offset + behind.find(['"', '\'']).map_or(0, |quote| quote + 1);
            return Held { kind: Kind::Attribute, span: (short(start), short(start + raw.len())), spare: false };
        }
        // the tokens have read every reference once already
        let text = unescape(raw).unwrap_or_default();
        Held { kind: Kind::Attribute, span: self.spared(&text), spare: true }
    }

    fn spared(&mut self, text: &str) -> (u32, u32) {
        let spare = self.builder.spare();
        let start = short(spare.len());
        spare.push_str(text);
        (start, short(spare.len()))
    }

    fn error(&mut self, at: u32, offset: usize, code: IssueCode, text: impl Into<Cow<'static, str>>) {
        self.builder.fault(at, None, offset, (Severity::Error, code, text.into()));
    }
}

/// Where the name of a tag stands, without its prefix.
fn local_at(tag: &Tag<'_>) -> usize {
    tag.offset + 1 + tag.name.len() - tag.local().len()
}

/// Whether a text is a reference to white space (`&#32;`).
fn is_blank_reference(text: &str) -> bool {
    text.starts_with('&') && unescape(text).is_ok_and(|text| text.trim_matches(WHITESPACE).is_empty())
}

#[cfg(test)]
mod tests;
