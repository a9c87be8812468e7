//! A document as a letter: who it is from, whom it is to, its sections, how it ends. One order of blocks, which both
//! plain text and PDF follow. Holds finished, clean text; knows no page and no typeface.

use super::{clean, opening};
use crate::documents::{Words, parts::Section};

/// A document ready to be set.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// BCP 47 tag of the words that are ours.
    pub language: &'static str,
    /// What it is and of which day. Names nobody: it becomes the title of a window.
    pub title: String,
    /// The day it was written, `2026-03-12`, where it is known.
    pub day: Option<String>,
    /// The person asked for large print.
    pub large_print: bool,
    /// What stands before the sections, in order.
    pub opening: Vec<Block>,
    pub sections: Vec<Part>,
    /// What stands after them.
    pub closing: Vec<Block>,
    /// Who it is about, for the foot of every page.
    pub footer: String,
}

/// A heading and what stands under it.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    pub heading: String,
    /// One is a paragraph, several are a list.
    pub lines: Vec<String>,
}

/// What a block is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The organisation it comes from.
    Sender,
    /// More about the sender: small.
    SenderDetail,
    /// A line of an address, or a fact of the title block: tight.
    Line,
    /// The last line of such a group.
    LastLine,
    /// What the document is. One in a document.
    Title,
    Heading,
    Paragraph,
    /// An entry of a list.
    Item,
}

/// A piece of text with what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    pub role: Role,
    pub text: String,
}

impl Block {
    pub(super) fn new(role: Role, text: &str) -> Self {
        let text = match role {
            Role::Paragraph | Role::Item => clean::lines(text),
            _ => clean::line(text),
        };
        Self { role, text }
    }
}

impl Letter {
    /// A letter from a document in words. A letter to the person speaks to them; other documents have a title block.
    #[must_use]
    pub fn new(words: Words) -> Self {
        opening::letter(words)
    }

    /// A document that is about no person and has no cover: a title and sections. Without a title it is called
    /// "Document": a PDF that people can use has one.
    #[must_use]
    pub fn plain(title: &str, sections: Vec<Section>) -> Self {
        let title = Some(clean::line(title)).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| "Document".to_owned());
        Self {
            language: opening::LANGUAGE,
            footer: title.clone(),
            opening: vec![Block::new(Role::Title, &title)],
            title,
            day: None,
            large_print: false,
            sections: sections.into_iter().map(Part::from).collect(),
            closing: Vec::new(),
        }
    }

    /// Everything in reading order. Blocks without text are left out.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let sections = self.sections.iter().flat_map(Part::blocks);
        let all = self.opening.iter().cloned().chain(sections).chain(self.closing.iter().cloned());
        all.filter(|block| !block.text.is_empty())
    }
}

impl Part {
    fn blocks(&self) -> Vec<Block> {
        let role = if self.lines.len() > 1 { Role::Item } else { Role::Paragraph };
        let heading = Block::new(Role::Heading, &self.heading);
        std::iter::once(heading).chain(self.lines.iter().map(|line| Block::new(role, line))).collect()
    }
}

impl From<Section> for Part {
    fn from(section: Section) -> Self {
        Self { heading: section.heading, lines: section.lines }
    }
}
