//! The names of R4's elements and resource types, numbered, so that readers and rules compare numbers instead of texts.
//! Fixed at build time: a name that R4 does not have gets no number, whatever a sender writes.

use std::sync::LazyLock;

use crate::fhir::facts;

/// A name of R4: of an element as JSON writes it (`birthDate`, `valueString`), of one of a choice (`value`), of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u16);

impl Name {
    /// A name R4 does not have.
    pub const UNKNOWN: Self = Self(u16::MAX);

    /// The number of a name; [`Name::UNKNOWN`] for one that R4 does not have.
    #[must_use]
    pub fn of(text: &str) -> Self {
        NAMES.find(text.as_bytes())
    }

    /// The name; empty for [`Name::UNKNOWN`].
    #[must_use]
    pub fn text(self) -> &'static str {
        NAMES.texts.get(usize::from(self.0)).copied().unwrap_or("")
    }

    /// The number, below [`Name::count`] unless unknown.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// How many names there are.
    #[must_use]
    pub fn count() -> usize {
        NAMES.texts.len()
    }

    /// Whether R4 has the name.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 != u16::MAX
    }
}

macro_rules! fixed {
    ($($constant:ident => $text:literal,)+) => {
        /// Names that code refers to, first in the table and in this order.
        const FIXED: &[&str] = &[$($text),+];

        #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
        #[repr(u16)]
        enum Number { $($constant),+ }

        impl Name {
            $(#[doc = concat!("`", $text, "`")] pub const $constant: Self = Self(Number::$constant as u16);)+
        }
    };
}

fixed! {
    RESOURCE_TYPE => "resourceType", ID => "id", EXTENSION => "extension", MODIFIER_EXTENSION => "modifierExtension", URL => "url", VALUE => "value",
    META => "meta", PROFILE => "profile", SECURITY => "security", TAG => "tag", IMPLICIT_RULES => "implicitRules", LANGUAGE => "language",
    TEXT => "text", STATUS => "status", DIV => "div", CONTAINED => "contained",
    REFERENCE => "reference", TYPE => "type", IDENTIFIER => "identifier", DISPLAY => "display",
    CODING => "coding", SYSTEM => "system", VERSION => "version", CODE => "code", USER_SELECTED => "userSelected", UNIT => "unit",
    ENTRY => "entry", RESOURCE => "resource", FULL_URL => "fullUrl", LINK => "link", REQUEST => "request", RESPONSE => "response", SEARCH => "search",
    METHOD => "method", TIMESTAMP => "timestamp", TOTAL => "total", PARAMETER => "parameter", NAME => "name", PART => "part",
    SUBJECT => "subject", FOCUS => "focus", DATA => "data", CONTENT_TYPE => "contentType",
    ITEM => "item", LINK_ID => "linkId", ANSWER => "answer", QUESTIONNAIRE => "questionnaire", SOURCE => "source", SIZE => "size", HASH => "hash",
    VALUE_SET => "valueSet", START => "start", END => "end", BUNDLE => "Bundle", PATIENT => "Patient", PARAMETERS => "Parameters",
    CODEABLE_CONCEPT => "CodeableConcept", REFERENCE_TYPE => "Reference", EXTENSION_TYPE => "Extension",
}

struct Names {
    texts: Vec<&'static str>,
    /// Open addressing; a power of two slots, about a third of them taken.
    slots: Vec<u16>,
}

static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

impl Names {
    fn read() -> Self {
        let mut names = Self { texts: Vec::with_capacity(4096), slots: vec![u16::MAX; 16384] };
        for text in FIXED {
            names.add(text);
        }
        let mut key = String::with_capacity(64);
        for row in facts::rows() {
            names.add(row.name);
            for element in row.elements() {
                names.add(element.name);
                for of in element.types().filter(|_| element.is_choice) {
                    element.key(of, &mut key);
                    names.add_choice(&key);
                }
            }
        }
        names
    }

    fn add(&mut self, text: &'static str) {
        if let Err(slot) = self.slot(text.as_bytes())
            && let (Some(place), Ok(number)) = (self.slots.get_mut(slot), u16::try_from(self.texts.len()))
        {
            *place = number;
            self.texts.push(text);
        }
    }

    /// Adds a name that the table does not hold as such; leaked, as the names live as long as the process.
    fn add_choice(&mut self, text: &str) {
        if self.slot(text.as_bytes()).is_err() {
            self.add(String::leak(text.to_owned()));
        }
    }

    fn find(&self, text: &[u8]) -> Name {
        self.slot(text).map_or(Name::UNKNOWN, Name)
    }

    /// The number that stands in the slot of a text, or the free slot where it would stand.
    fn slot(&self, text: &[u8]) -> Result<u16, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash(text) & mask;
        loop {
            let number = self.slots.get(at).copied().unwrap_or(u16::MAX);
            match self.texts.get(usize::from(number)) {
                None => return Err(at),
                Some(known) if known.as_bytes() == text => return Ok(number),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }
}

/// The Fx hash over eight bytes at a time. The table is fixed, so nobody can choose names that collide in it; a text
/// that is looked up in vain passes at most a few slots.
fn hash(text: &[u8]) -> usize {
    const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
    let mut hash = text.len() as u64;
    let mut add = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        // the last word overlaps the one before, which costs less than filling it up
        add(u64::from_le_bytes(*first));
        text.get(8..).unwrap_or_default().as_chunks::<8>().0.iter().for_each(|chunk| add(u64::from_le_bytes(*chunk)));
        add(u64::from_le_bytes(*last));
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        add(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)));
    } else {
        add(text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
    }
    usize::try_from(hash >> 20).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{FIXED, NAMES, Name};

    #[test]
    fn every_name_is_found_under_its_number_and_no_slot_is_far() {
        for text in &NAMES.texts {
            assert_eq!(Name::of(text).text(), *text);
        }
        assert!(NAMES.texts.len() > 2400 && NAMES.texts.len() * 2 < NAMES.slots.len(), "{}", NAMES.texts.len());
        let longest = NAMES.slots.split(|slot| *slot == u16::MAX).map(<[u16]>::len).max().unwrap();
        assert!(longest < 40, "{longest}");
    }

    #[test]
    fn constants_are_the_names_they_say() {
        assert_eq!(Name::RESOURCE_TYPE.text(), FIXED[0]);
        assert_eq!((Name::PARAMETERS.text(), Name::LINK_ID.text()), ("Parameters", "linkId"));
        assert_eq!(Name::of("valueString").text(), "valueString");
        assert_eq!(Name::of("deceased").text(), "deceased");
    }

    #[test]
    fn a_name_r4_does_not_have_is_unknown() {
        for text in ["", "colour", "_birthDate", "birthdate", "valueColour", &"x".repeat(10_000)] {
            assert_eq!(Name::of(text), Name::UNKNOWN, "{text}");
        }
        assert_eq!(Name::UNKNOWN.text(), "");
    }
}
