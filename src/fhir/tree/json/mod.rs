//! FHIR JSON to a tree (<https://hl7.org/fhir/R4/json.html>). Goes on where HL7's validator goes on, so that one fault of
//! writing does not hide the rest; which element may stand where is not asked here.

mod arrays;
mod scan;
mod text;

use std::borrow::Cow;

use super::build::{Builder, Halt, Held};
use super::seen::Seen;
use super::{Kind, Name, Tree};
use crate::fhir::schema::Place;
use crate::fhir::source::shown;
use crate::fhir::{Format, Limits};
use crate::model::{Issue, IssueCode, Severity};
use scan::Scan;

/// Reads one resource.
pub(super) fn read<'s>(source: Cow<'s, str>, limits: &Limits) -> Result<Tree<'s>, Issue> {
    if u32::try_from(source.len()).is_err() {
        return Err(Issue::error(IssueCode::TooLong, "The document is too long: 4 GiB and more are not read."));
    }
    let mut reader = Reader {
        scan: Scan::new(&source),
        builder: Builder::new(Format::Json, &source),
        seen: Seen::default(),
        left: limits.depth(),
        inside: 0,
    };
    let tree = match reader.document() {
        Ok(()) => reader.builder.finish(),
        Err(halt) => return Err(reader.builder.halted(halt)),
    };
    Ok(Tree { source, ..tree })
}

/// The object has the plain name, or it has the companion.
const PLAIN: u8 = 1;
const COMPANION: u8 = 2;
/// The plain name has an array, or the companion has one.
const PLAIN_LIST: u8 = 4;
const COMPANION_LIST: u8 = 8;
/// A null stands in one of the arrays.
const NULLS: u8 = 16;

/// A key, and what is being read for it.
struct Member<'a> {
    /// As it is written, underscore included.
    key: Cow<'a, str>,
    name: Name,
    companion: bool,
    entry: usize,
    offset: usize,
    /// Where the name stands, without quotes and underscore.
    span: (usize, usize),
}

struct Reader<'a> {
    scan: Scan<'a>,
    builder: Builder<'a>,
    seen: Seen<'a>,
    /// Objects and arrays that may still be opened inside this one.
    left: usize,
    /// The object that is being read.
    inside: u32,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<(), Halt> {
        if self.scan.space() != b'{' {
            let text = "A FHIR resource is a JSON object, written between { and }. Send one resource.";
            return Err(self.halt(IssueCode::Structure, text));
        }
        let start = self.scan.at;
        self.builder.begins(0, start);
        self.object(0)?;
        if self.scan.space() != 0 || self.scan.at < self.scan.text.len() {
            let text = "Something follows the end of the resource and is not read. Send one resource, or NDJSON with one on each line.";
            self.note(0, None, self.scan.at, (Severity::Error, IssueCode::Structure, text.into()));
        }
        self.odd(0);
        if !self.builder.is_resource(0) {
            let text =
                "resourceType is missing: a FHIR resource names its type, for example \"resourceType\": \"Bundle\".";
            self.error(0, None, start, IssueCode::Required, text);
        }
        Ok(())
    }

    /// Reads an object, from its brace on, into a cell.
    fn object(&mut self, at: u32) -> Result<(), Halt> {
        let start = self.scan.at;
        self.deeper()?;
        self.scan.at += 1;
        if self.scan.space() == b'}' {
            self.scan.at += 1;
            self.left += 1;
            let text = "This object is empty. Give it content or leave it out.";
            self.error(at, None, start, IssueCode::Required, text);
            return Ok(());
        }
        let outer = std::mem::replace(&mut self.inside, at);
        let scope = self.seen.open();
        let mut last = self.builder.last_child(at);
        loop {
            self.member(at, &mut last)?;
            if !self.more(b'}')? {
                break;
            }
        }
        self.nulls();
        self.seen.close(scope);
        self.inside = outer;
        self.left += 1;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Halt> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let text = "The document is nested too deeply: no more objects or arrays are accepted inside this one.";
            self.halt(IssueCode::TooLong, text)
        })?;
        Ok(())
    }

    /// Whether another member or item follows the one just read; goes to it, or behind the closing bracket.
    #[inline]
    fn more(&mut self, close: u8) -> Result<bool, Halt> {
        let byte = self.scan.space();
        if byte == b',' {
            let comma = self.scan.at;
            self.scan.at += 1;
            if self.scan.space() != close {
                return Ok(true);
            }
            let text = "A comma stands before the closing bracket. Remove it.";
            self.error(self.inside, None, comma, IssueCode::Structure, text);
        } else if byte != close {
            return self.no_comma(byte, close);
        }
        self.scan.at += 1;
        Ok(false)
    }

    fn no_comma(&mut self, byte: u8, close: u8) -> Result<bool, Halt> {
        let begins = match byte {
            b'"' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
            b'{' | b'[' | b'-' | b'0'..=b'9' => close == b']',
            _ => false,
        };
        if !begins {
            return Err(self.unexpected(if close == b'}' { "a comma or }" } else { "a comma or ]" }));
        }
        self.error(self.inside, None, self.scan.at, IssueCode::Structure, "A comma is missing before this.");
        Ok(true)
    }

    /// Reads a key and what belongs to it.
    fn member(&mut self, parent: u32, last: &mut u32) -> Result<(), Halt> {
        let offset = self.scan.at;
        let key = self.key()?;
        let escaped = matches!(key, Cow::Owned(_));
        let companion = key.len() > 1 && key.as_bytes().first() == Some(&b'_');
        let skip = usize::from(companion);
        let base: Cow<'a, str> = match &key {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(skip..).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(skip..).unwrap_or_default().to_owned()),
        };
        let name = Name::of(&base);
        let length = base.len();
        let entry = self.seen.find(name, base);
        let quote = usize::from(self.scan.text.as_bytes().get(offset) == Some(&b'"'));
        let start = offset + quote + skip;
        let length = if escaped { self.scan.at.saturating_sub(start + 1) } else { length };
        if self.scan.space() != b':' {
            return Err(self.unexpected("a colon after the key"));
        }
        self.scan.at += 1;
        self.scan.space();
        let member = Member { key, name, companion, entry, offset, span: (start, start + length) };
        let mark = if companion { COMPANION } else { PLAIN };
        if self.marks(entry) & mark != 0 {
            self.error(parent, Some(&member.key), offset, IssueCode::Duplicate, doubled(&member.key));
            return self.skip();
        }
        self.mark(entry, mark);
        // the one place where R4 has an element of that name
        let element = name == Name::RESOURCE_TYPE && self.builder.name(parent).text() == "instance";
        if name == Name::RESOURCE_TYPE && !companion && !element {
            return self.resource_type(parent, &member);
        }
        match self.scan.peek() {
            b'[' => self.array(parent, &member, last)?,
            _ if companion => self.companion(parent, &member, last)?,
            _ => self.single(parent, &member, last)?,
        }
        self.uneven(parent, &member);
        Ok(())
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Halt> {
        let mut own = String::new();
        let held = match self.scan.peek() {
            b'"' => self.scan.string(&mut own).map_err(|broken| self.broken(broken))?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let offset = self.scan.at;
                let held = self.scan.word();
                // a word that may stand for itself as a value may not as a key
                if held.kind != Kind::Text {
                    self.scan.odd.push((offset, scan::Odd::Unquoted));
                }
                held
            }
            _ => return Err(self.unexpected("a key in double quotes")),
        };
        self.odd(self.inside);
        let (start, end) = (held.span.0 as usize, held.span.1 as usize);
        if held.spare {
            return Ok(Cow::Owned(own));
        }
        Ok(Cow::Borrowed(self.scan.text.get(start..end).unwrap_or_default()))
    }

    fn marks(&self, entry: usize) -> u8 {
        self.seen.entry(entry).marks
    }

    fn mark(&mut self, entry: usize, mark: u8) {
        if let Some(entry) = self.seen.entry_mut(entry) {
            entry.marks |= mark;
        }
    }

    fn resource_type(&mut self, parent: u32, member: &Member<'_>) -> Result<(), Halt> {
        let offset = self.scan.at;
        let mut own = String::new();
        let held = match self.scan.peek() {
            b'{' | b'[' => {
                self.skip()?;
                None
            }
            _ => Some(self.scan.scalar(&mut own).map_err(|broken| self.broken(broken))?),
        };
        self.odd(parent);
        let Some(held) = held.filter(|held| held.kind == Kind::Text) else {
            let text = "resourceType must be a string, for example \"resourceType\": \"Patient\".";
            self.builder.typed(parent, Name::UNKNOWN);
            self.error(parent, None, offset, IssueCode::Value, text);
            return Ok(());
        };
        let (start, end) = (held.span.0 as usize, held.span.1 as usize);
        let text = if held.spare { own.as_str() } else { self.scan.text };
        let text = text.get(start..end).unwrap_or_default();
        if Place::resource(text).is_some() {
            self.builder.typed(parent, Name::of(text));
            return Ok(());
        }
        let text = format!("\"{}\" is not a resource type of FHIR R4. Check its spelling and case.", shown(text));
        self.builder.typed(parent, Name::UNKNOWN);
        if parent == 0 && !held.spare {
            self.builder.stranger(0, start, end);
        }
        self.error(parent, None, member.offset, IssueCode::NotSupported, text);
        Ok(())
    }

    /// The cell for the next value of a key: one that its companion (or it) has made already, or a new one.
    fn cell(&mut self, parent: u32, member: &Member<'_>, made: &mut u32, last: &mut u32, offset: usize) -> u32 {
        if *made != 0 {
            let at = *made;
            *made = if at == self.seen.entry(member.entry).end { 0 } else { self.builder.next(at) };
            if !member.companion {
                self.builder.begins(at, offset);
            }
            return at;
        }
        let at = self.builder.repetition(&mut self.seen, member.entry, member.name, parent, last, offset);
        if !member.name.is_known() {
            self.builder.stranger(at, member.span.0, member.span.1);
        }
        at
    }

    /// Reads what is no array.
    fn single(&mut self, parent: u32, member: &Member<'_>, last: &mut u32) -> Result<(), Halt> {
        let mut made = self.seen.entry(member.entry).first;
        if self.scan.peek() == b'{' {
            let at = self.cell(parent, member, &mut made, last, member.offset);
            self.builder.value(at, Held::nothing(Kind::Object));
            return self.object(at);
        }
        let offset = self.scan.at;
        let held = self.scalar()?;
        if held.kind == Kind::Nothing {
            let text = "null may stand only in an array, for an item of which nothing but the companion is there. Leave the key out.";
            self.odd(parent);
            self.error(parent, Some(&member.key), offset, IssueCode::Structure, text);
            return Ok(());
        }
        let at = self.cell(parent, member, &mut made, last, member.offset);
        self.builder.value(at, held);
        self.odd(at);
        Ok(())
    }

    #[inline]
    fn scalar(&mut self) -> Result<Held, Halt> {
        match self.scan.scalar(self.builder.spare()) {
            Ok(held) => Ok(held),
            Err(broken) => Err(self.broken(broken)),
        }
    }

    /// Reads a companion (`_birthDate`) that is no array.
    fn companion(&mut self, parent: u32, member: &Member<'_>, last: &mut u32) -> Result<(), Halt> {
        let mut made = self.seen.entry(member.entry).first;
        if self.scan.peek() == b'{' {
            let at = self.cell(parent, member, &mut made, last, member.offset);
            self.builder.companion(at);
            return self.object(at);
        }
        let offset = self.scan.at;
        self.skip()?;
        self.no_object(parent, member, offset);
        Ok(())
    }

    fn no_object(&mut self, parent: u32, member: &Member<'_>, offset: usize) {
        let text = "What stands under a name with _ must be an object with id or extension.";
        self.error(parent, Some(&member.key), offset, IssueCode::Structure, text);
    }
}

fn doubled(key: &str) -> String {
    format!("The key \"{}\" stands twice in the same object; the first is taken. Keep one of the two.", shown(key))
}

#[cfg(test)]
mod tests;
