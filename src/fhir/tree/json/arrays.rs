//! The arrays of FHIR JSON: each item a repetition, those of a name and of its companion side by side, with the nulls that
//! keep them so; and what is passed over because it has no place in the tree.

use super::{COMPANION, COMPANION_LIST, Halt, Held, Kind, Member, NULLS, PLAIN, PLAIN_LIST, Reader};
use crate::model::IssueCode;

impl Reader<'_> {
    /// Reads an array, from its bracket on: each item a repetition.
    pub(super) fn array(&mut self, parent: u32, member: &Member<'_>, last: &mut u32) -> Result<(), Halt> {
        let start = self.scan.at;
        self.mark(member.entry, if member.companion { COMPANION_LIST } else { PLAIN_LIST });
        self.deeper()?;
        self.scan.at += 1;
        if self.scan.space() == b']' {
            self.scan.at += 1;
            self.left += 1;
            let text = "This array is empty. Give it an item or leave it out.";
            self.error(parent, Some(&member.key), start, IssueCode::Required, text);
            return Ok(());
        }
        let mut made = self.seen.entry(member.entry).first;
        loop {
            let offset = self.scan.at;
            let at = self.cell(parent, member, &mut made, last, offset);
            self.builder.listed(at);
            self.item(at, member, offset)?;
            if !self.more(b']')? {
                break;
            }
        }
        self.left += 1;
        Ok(())
    }

    /// Reads an item of an array into its cell.
    fn item(&mut self, at: u32, member: &Member<'_>, offset: usize) -> Result<(), Halt> {
        match self.scan.peek() {
            b'{' => {
                if member.companion {
                    self.builder.companion(at);
                } else {
                    self.builder.value(at, Held::nothing(Kind::Object));
                }
                return self.object(at);
            }
            b'[' => {
                self.skip()?;
                let text =
                    "An array stands inside an array, which FHIR has nowhere. Give the values one after another.";
                self.error(at, None, offset, IssueCode::Structure, text);
                if !member.companion {
                    self.builder.value(at, Held::nothing(Kind::Nothing));
                }
                return Ok(());
            }
            _ => {}
        }
        let held = self.scalar()?;
        self.odd(at);
        if held.kind == Kind::Nothing {
            self.mark(member.entry, NULLS);
        } else if member.companion {
            let text = "What stands in an array under a name with _ must be an object or null.";
            self.error(at, None, offset, IssueCode::Structure, text);
        }
        if !member.companion {
            self.builder.value(at, held);
        }
        Ok(())
    }

    /// Tells when one of a name and its companion is an array and the other is not.
    pub(super) fn uneven(&mut self, parent: u32, member: &Member<'_>) {
        let marks = self.marks(member.entry);
        let both = marks & (PLAIN | COMPANION) == PLAIN | COMPANION;
        if both && (marks & PLAIN_LIST == 0) != (marks & COMPANION_LIST == 0) {
            let text = "Of a name and its companion with _ one is an array and the other is not. Make both arrays, or neither.";
            self.error(parent, Some(&member.key), member.offset, IssueCode::Structure, text);
        }
    }

    /// Tells of the nulls of the present object for which there is no companion.
    pub(super) fn nulls(&mut self) {
        for entry in self.seen.own() {
            let entry = self.seen.entry(entry);
            let mut at = if entry.marks & NULLS == 0 { 0 } else { entry.first };
            while at != 0 {
                if self.builder.is_bare(at) {
                    let text = "null stands here without a companion under the name with _. Leave the item out.";
                    self.error(at, None, self.builder.offset(at), IssueCode::Structure, text);
                }
                at = if at == entry.end { 0 } else { self.builder.next(at) };
            }
        }
    }

    /// Passes over a value that has no place in the tree.
    pub(super) fn skip(&mut self) -> Result<(), Halt> {
        let close = match self.scan.peek() {
            b'{' => b'}',
            b'[' => b']',
            _ => {
                let mut own = String::new();
                self.scan.scalar(&mut own).map_err(|broken| self.broken(broken))?;
                self.odd(self.inside);
                return Ok(());
            }
        };
        self.deeper()?;
        self.scan.at += 1;
        let mut more = self.scan.space() != close;
        if !more {
            self.scan.at += 1;
        }
        while more {
            if close == b'}' {
                self.key()?;
                if self.scan.space() != b':' {
                    return Err(self.unexpected("a colon after the key"));
                }
                self.scan.at += 1;
                self.scan.space();
            }
            self.skip()?;
            more = self.more(close)?;
        }
        self.left += 1;
        Ok(())
    }
}
