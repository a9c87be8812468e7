//! The narrative piece by piece against what may stand where. One pass; what is open lies on a stack, so depth costs no
//! recursion, and every rule is answered from a few counters. Finds; the words are in `wrong`.

use std::borrow::Cow;

use super::elements::{BLOCK, COUNT, Element, FLOW, ONCE, TEXT, VOID, is_common, named};
use super::form::{Form, is_comment};
use super::scan::{Attribute, Piece, Scanner, Tag};
use super::{Narrative, Wrong, links};
use crate::fhir::xml::text::{reference, unescape};
use crate::fhir::xml::tokens::XHTML;

/// So many things are told of one narrative at most; the rest is more of the same.
const MOST_FAULTS: usize = 50;

/// Reads a narrative. `markup`: it comes from XML, whose reader has seen to its namespace.
#[must_use]
pub fn read(div: &str, markup: bool) -> Narrative<'_> {
    let mut reader = Reader {
        scanner: Scanner::new(div),
        open: Vec::new(),
        counts: [0; COUNT],
        texts: 0,
        paragraphs: 0,
        markup,
        form: Form::default(),
        languages: Languages::default(),
        out: Narrative::default(),
    };
    if let Err((at, wrong)) = reader.all() {
        reader.wrong(at, wrong);
    }
    reader.settled()
}

/// Where an element stands in the table.
type Row = Option<(usize, &'static Element)>;

/// An element that is open: its name without prefix and as written, and its row.
#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    written: &'a str,
    of: Row,
}

/// `lang` and `xml:lang` of an element.
type Language<'a> = (Option<&'a str>, Option<&'a str>);

/// Which parts of the root are marked with a language.
#[derive(Default)]
struct Languages<'a> {
    /// Whether the part that is being read is a `div` with `xml:lang`, and whether it is anything with one.
    now: (bool, bool),
    /// Whether there is a `div` with `xml:lang`.
    some: bool,
    /// Whether there is something to see outside of these, and outside of anything with `xml:lang`.
    outside: (bool, bool),
    first: Option<Language<'a>>,
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    open: Vec<Open<'a>>,
    /// How many of each element are open below the root.
    counts: [u32; COUNT],
    /// How many of them hold text, and how many are paragraphs.
    texts: u32,
    paragraphs: u32,
    markup: bool,
    form: Form<'a>,
    languages: Languages<'a>,
    out: Narrative<'a>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, at: usize, wrong: Wrong<'a>) {
        let faults = &mut self.out.faults;
        if faults.len() < MOST_FAULTS && !faults.iter().any(|(_, known)| *known == wrong) {
            faults.push((at, wrong));
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// What keeps the rest from being read, and where.
    fn all(&mut self) -> Result<(), (usize, Wrong<'a>)> {
        let blank = |text: &str| text.chars().all(|c| c.is_whitespace() || c == '\u{feff}');
        loop {
            let at = self.scanner.at();
            match self.scanner.next().map_err(|wrong| (at, wrong))? {
                Piece::Open(tag) if self.open.is_empty() => self.root(at, &tag),
                Piece::Open(tag) => self.element(at, &tag),
                Piece::Close(name) => self.close(name).map_err(|wrong| (at, wrong))?,
                Piece::Text(text) if self.open.is_empty() && blank(text) => continue,
                Piece::Text(text) if !self.open.is_empty() => self.text(at, text, true),
                Piece::Literal(text) if !self.open.is_empty() => self.text(at, text, false),
                Piece::Comment(text) if is_comment(text) => continue,
                Piece::Comment(_) => {
                    self.wrong(at, Wrong::Hyphens);
                    continue;
                }
                Piece::Instruction => {
                    self.wrong(at, Wrong::Instruction);
                    continue;
                }
                Piece::Text(_) | Piece::Literal(_) => return Err((at, Wrong::NoRoot)),
                Piece::End => return Err((at, if self.open.is_empty() { Wrong::NoRoot } else { Wrong::Unclosed })),
            }
            if self.open.is_empty() {
                break;
            }
        }
        loop {
            let at = self.scanner.at();
            match self.scanner.next() {
                Ok(Piece::End) => return Ok(()),
                Ok(Piece::Text(text)) if blank(text) => {}
                Ok(Piece::Comment(text)) if is_comment(text) => {}
                Ok(Piece::Comment(_)) => self.wrong(at, Wrong::Hyphens),
                Ok(Piece::Instruction) => self.wrong(at, Wrong::Instruction),
                _ => return Err((at, Wrong::Trailing)),
            }
        }
    }

    fn root(&mut self, at: usize, tag: &Tag<'a>) {
        if !tag.name.eq_ignore_ascii_case("div") {
            self.wrong(at, Wrong::RootName(tag.name));
        }
        self.form.prefixes.open(self.open.len() + 1, tag);
        let prefix = self.prefix(at, tag);
        let own = || tag.attributes.clone().find(|one| one.name == "xmlns").map(|one| one.raw);
        if !self.markup && prefix.or_else(own) != Some(XHTML) {
            self.wrong(at, Wrong::Namespace);
        }
        // the root may be <DIV>, as the reference has it; the end tag must say the same
        let of = named("div");
        self.out.language = self.attributes(at, tag, of);
        self.open.push(Open { name: tag.name, written: tag.written, of });
        if tag.empty {
            self.pop();
        }
    }

    fn element(&mut self, at: usize, tag: &Tag<'a>) {
        let of = named(tag.name);
        if of.is_none() {
            self.wrong(at, Wrong::Element(tag.name));
        }
        self.place(at, tag.name, of);
        self.form.prefixes.open(self.open.len() + 1, tag);
        if let Some(url) = self.prefix(at, tag).filter(|url| *url != XHTML) {
            self.wrong(at, Wrong::InnerNamespace(url));
        }
        let (lang, xml_lang) = self.attributes(at, tag, of);
        if self.open.len() == 1 {
            let marked = (tag.name == "div" && xml_lang.is_some(), xml_lang.is_some());
            self.languages.now = marked;
            self.languages.some |= marked.0;
            if marked.1 && self.languages.first.is_none() {
                self.languages.first = Some((lang, xml_lang));
            }
        }
        if tag.name == "img" {
            self.seen();
        }
        self.open.push(Open { name: tag.name, written: tag.written, of });
        self.count(of, true);
        if tag.empty {
            self.pop();
        }
    }

    /// Whether an element may stand where it stands.
    fn place(&mut self, at: usize, name: &'a str, of: Row) {
        let parent = self.open.last().copied();
        if let Some(Open { name: outer, of: Some((_, above)), .. }) = parent {
            if above.marks & VOID != 0 {
                self.wrong(at, Wrong::NotEmpty(outer));
            }
            if !above.children.is_empty() && !above.children.contains(&name) {
                self.wrong(at, Wrong::Misplaced(name, outer));
            }
        }
        let Some((number, element)) = of else { return };
        if let Some(Open { name: outer, .. }) = parent
            && !element.parents.is_empty()
            && !element.parents.contains(&outer)
        {
            self.wrong(at, Wrong::Misplaced(name, outer));
        }
        if self.paragraphs > 0 && element.marks & BLOCK != 0 {
            self.wrong(at, Wrong::InParagraph(name));
        } else if self.texts > 0 && element.marks & FLOW != 0 {
            self.wrong(at, Wrong::BlockInText(name));
        }
        if element.marks & ONCE != 0 && self.counts.get(number).is_some_and(|count| *count > 0) {
            self.wrong(at, Wrong::Nested(name));
        }
    }

    /// The attributes of a tag; gives its language.
    fn attributes(&mut self, at: usize, tag: &Tag<'a>, of: Row) -> Language<'a> {
        let mut language = (None, None);
        let mut id = None;
        if !self.markup {
            let mut form = std::mem::take(&mut self.form);
            form.attributes(tag, &mut |wrong| self.wrong(at, wrong));
            self.form = form;
        }
        for Attribute { name, raw, .. } in tag.attributes.clone() {
            if raw.contains('&') {
                self.references(at, raw);
            }
            match name {
                "id" => {
                    id = Some(raw);
                    self.out.ids.push(raw);
                }
                "name" if tag.name == "a" && id != Some(raw) => self.out.ids.push(raw),
                "lang" => language.0 = Some(raw),
                "xml:lang" => language.1 = Some(raw),
                "href" if tag.name == "a" => self.address(at, raw, false),
                "src" if tag.name == "img" => self.address(at, raw, true),
                "xmlns" if raw != XHTML && !self.open.is_empty() => self.wrong(at, Wrong::InnerNamespace(raw)),
                _ => {}
            }
            let known = of.map_or_else(|| is_common(name), |(_, element)| element.takes(name));
            if name == "xml:space" {
                self.wrong(at, Wrong::XmlSpace);
            } else if !known {
                self.wrong(at, Wrong::Attribute(name, tag.name));
            }
        }
        language
    }

    /// What the prefix of a tag stands for, if it has one. That of markup from XML may be declared around it.
    fn prefix(&mut self, at: usize, tag: &Tag<'a>) -> Option<&'a str> {
        let (prefix, _) = tag.written.split_once(':')?;
        let meant = self.form.prefixes.meaning(prefix);
        if meant.is_none() && !self.markup {
            self.wrong(at, Wrong::Prefix(prefix));
        }
        meant
    }

    fn address(&mut self, at: usize, raw: &'a str, picture: bool) {
        let address = match unescape(raw) {
            Ok(plain) if raw.contains('&') => Cow::Owned(plain),
            _ => Cow::Borrowed(raw),
        };
        links::check(raw, &address, picture, &mut |wrong| self.wrong(at, wrong));
        let target = match address {
            Cow::Borrowed(text) => text.strip_prefix('#').map(Cow::Borrowed),
            Cow::Owned(text) => text.strip_prefix('#').map(|target| Cow::Owned(target.to_owned())),
        };
        // `#` alone is the top of the page
        if let Some(target) = target.filter(|target| picture || !target.is_empty()) {
            self.out.targets.push((target, picture));
        }
    }

    fn text(&mut self, at: usize, text: &'a str, resolved: bool) {
        let Some(Open { name, of, .. }) = self.open.last().copied() else { return };
        if resolved && text.contains("]]>") {
            self.wrong(at, Wrong::SectionEnd);
        }
        if let Some((_, element)) = of
            && element.marks & VOID != 0
        {
            self.wrong(at, Wrong::NotEmpty(name));
        }
        let mut content = text.bytes().any(|byte| byte > b' ');
        if resolved && text.contains('&') {
            content = self.references(at, text);
        }
        if content {
            self.seen();
            if of.is_some_and(|(_, element)| !element.children.is_empty()) {
                self.wrong(at, Wrong::TextIn(name));
            }
        }
    }

    /// The references in a text, each one of XML's; gives whether there is something to see.
    fn references(&mut self, at: usize, text: &'a str) -> bool {
        let mut parts = text.split('&');
        let mut content = parts.next().is_some_and(|head| head.bytes().any(|byte| byte > b' '));
        for part in parts {
            let (body, rest) = part.split_once(';').unwrap_or((part, ""));
            if let Ok(meant) = reference(body) {
                content |= meant > ' ';
            } else {
                let end = body.find(|c: char| !c.is_alphanumeric() && c != '#').unwrap_or(body.len());
                self.wrong(at, Wrong::Entity(body.get(..end).unwrap_or_default()));
            }
            content |= rest.bytes().any(|byte| byte > b' ');
        }
        content
    }

    /// There is something to see here.
    fn seen(&mut self) {
        self.out.has_content = true;
        let inside = if self.open.len() == 1 { (false, false) } else { self.languages.now };
        self.languages.outside.0 |= !inside.0;
        self.languages.outside.1 |= !inside.1;
    }

    /// # Errors
    /// Something else is open.
    fn close(&mut self, name: &'a str) -> Result<(), Wrong<'a>> {
        match self.open.last() {
            Some(open) if open.written == name => {
                self.pop();
                Ok(())
            }
            Some(open) => Err(Wrong::Mismatch(open.written, name)),
            None => Err(Wrong::NoRoot),
        }
    }

    fn pop(&mut self) {
        self.form.prefixes.close(self.open.len());
        if let Some(Open { of, .. }) = self.open.pop()
            && !self.open.is_empty()
        {
            self.count(of, false);
        }
    }

    fn count(&mut self, of: Row, opened: bool) {
        let Some((number, element)) = of else { return };
        let step = |count: &mut u32| *count = if opened { count.saturating_add(1) } else { count.saturating_sub(1) };
        if element.marks & TEXT != 0 {
            step(&mut self.texts);
        }
        if element.name == "p" {
            step(&mut self.paragraphs);
        }
        if let Some(count) = self.counts.get_mut(number) {
            step(count);
        }
    }

    /// What only the whole shows.
    fn settled(mut self) -> Narrative<'a> {
        let Languages { some, outside, first, .. } = self.languages;
        if some && outside.0 {
            self.wrong(0, Wrong::MixedLanguages);
        }
        if self.out.language == (None, None) && !outside.1 {
            self.out.language = first.unwrap_or_default();
        }
        if self.out.ids.len() > 1 {
            let mut sorted = self.out.ids.clone();
            sorted.sort_unstable();
            for pair in sorted.windows(2) {
                if let [a, b] = pair
                    && a == b
                {
                    self.wrong(0, Wrong::SameId(a));
                }
            }
        }
        self.out
    }
}
