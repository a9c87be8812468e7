//! What a professional states in a record that others must be able to read and to judge: a name, a reason. Text that shows
//! nothing names nobody, and a line break in it could pass for a line of ours wherever it is told again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Fewer visible letters than these say nothing.
const FEWEST: usize = 2;

/// A name or a reason: one line with at least two letters, of any script, that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wording(String);

/// Why a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordingFault {
    #[error("it names nobody and says nothing: it needs at least two letters that can be seen")]
    Empty,
    #[error("it holds a line break, and it is told on one line: write it without")]
    Lines,
}

impl Wording {
    /// Reads a text; white space around it goes.
    ///
    /// # Errors
    /// Fewer than two visible letters, or a line break.
    pub fn parse(text: &str) -> Result<Self, WordingFault> {
        let text = text.trim();
        if text.chars().any(ends_line) {
            return Err(WordingFault::Lines);
        }
        let letters = text.chars().filter(|c| c.is_alphabetic() && !shows_nothing(*c));
        if letters.take(FEWEST).count() < FEWEST {
            return Err(WordingFault::Empty);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both would be read as the same name: upper or lower case, spaces, punctuation and what shows nothing make no
    /// difference.
    #[must_use]
    pub fn reads_as(&self, other: &Self) -> bool {
        self.folded().eq(other.folded())
    }

    fn folded(&self) -> impl Iterator<Item = char> + '_ {
        let visible = self.0.chars().filter(|c| c.is_alphanumeric() && !shows_nothing(*c));
        visible.flat_map(char::to_lowercase)
    }
}

impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Wording {
    type Error = WordingFault;

    fn try_from(text: String) -> Result<Self, WordingFault> {
        Self::parse(&text)
    }
}

impl From<Wording> for String {
    fn from(wording: Wording) -> Self {
        wording.0
    }
}

const fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Control characters, and what Unicode says is to be ignored where it cannot be drawn (`Default_Ignorable_Code_Point`,
/// <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>): some of these are letters by name.
fn shows_nothing(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::{Wording, WordingFault};

    #[test]
    fn what_shows_nothing_is_no_wording_whatever_it_is_made_of() {
        for text in [
            "",
            " ",
            "\u{200b}",
            "\u{3164}\u{3164}",
            "\u{115f}\u{1160}\u{ffa0}",
            "\u{2800}\u{2800}",
            "..",
            "7",
            "\t\u{a0}",
            "x\u{3164}",
        ] {
            assert_eq!(Wording::parse(text), Err(WordingFault::Empty), "{text:?}");
        }
    }

    #[test]
    fn two_letters_of_any_script_are_a_wording_and_white_space_around_them_goes() {
        for text in ["Al", " Dr A Example, registrar ", "李明", "नम", "Łé", "אב"] {
            assert_eq!(Wording::parse(text).unwrap().as_str(), text.trim());
        }
    }

    #[test]
    fn a_wording_is_one_line() {
        for text in ["Dr A\nPolicy: all", "one\rtwo", "one\u{2028}two", "one\u{85}two"] {
            assert_eq!(Wording::parse(text), Err(WordingFault::Lines), "{text:?}");
        }
    }

    #[test]
    fn two_spellings_that_read_alike_are_one_name() {
        let name = |text: &str| Wording::parse(text).unwrap();
        for other in ["dr a example", "DR.  A\u{200b} EXAMPLE", "DrAExample"] {
            assert!(name("Dr A Example").reads_as(&name(other)), "{other}");
        }
        assert!(!name("Dr A Example").reads_as(&name("Dr B Example")));
    }
}
