//! Parts in words, as every document shows them: headings, lines, the person. Says only what the document says.

use super::moment::{spoken, spoken_day};
use super::phrase::{capital, nhs_number};
use super::reader::{Reader, Voice};
use super::{Address, AddressUse, ConsentPosition, Known, NameUse, Person, PersonName, Verification};

/// A heading and the lines under it.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<String>,
}

/// The words for [`Known::NoneKnown`].
pub(in crate::documents) const NONE: &str = "None known";

/// Collects headings that have something under them.
#[derive(Default)]
pub(in crate::documents) struct Sections(Vec<Section>);

impl Sections {
    pub(in crate::documents) fn into_vec(self) -> Vec<Section> {
        self.0
    }

    pub(in crate::documents) fn append(&mut self, mut sections: Vec<Section>) {
        self.0.append(&mut sections);
    }

    pub(in crate::documents) fn add(&mut self, heading: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.0.push(Section { heading: heading.to_owned(), lines });
        }
    }

    pub(in crate::documents) fn known<T>(
        &mut self,
        heading: &str,
        answer: Option<&Known<T>>,
        line: impl Fn(&T) -> String,
    ) {
        match answer {
            None => {}
            Some(Known::NoneKnown) => self.add(heading, vec![NONE.to_owned()]),
            Some(Known::Listed(entries)) => self.add(heading, entries.iter().map(line).collect()),
        }
    }
}

impl Person {
    /// Who the person is. A letter to the person leaves out what only registers need.
    pub(in crate::documents) fn who(&self, reader: Reader<'_>) -> Vec<String> {
        let mut lines: Vec<String> = self.names.iter().enumerate().map(|(place, name)| also(place, name)).collect();
        lines.extend(self.birth_date.as_deref().map(|date| format!("Born {}", spoken(date))));
        lines.extend(self.gender.map(|gender| format!("Gender: {}", gender.title())));
        if let Some(number) = &self.nhs_number {
            let told = |found: &Verification| reader.voice == Voice::They && *found != Verification::Verified;
            let status = number.verification.filter(told).map(|v| format!(" ({})", v.title())).unwrap_or_default();
            lines.extend(number.value.as_deref().map(|value| format!("NHS number {}{status}", nhs_number(value))));
            lines.extend(number.unavailable.map(|why| format!("No NHS number: {}", why.title())));
            lines.extend(number.detail.clone());
        }
        lines.extend(self.other_identifiers.iter().map(|other| match reader.voice {
            Voice::They => format!("{}: {}", other.system, other.value),
            Voice::You | Voice::I => format!("Other number: {}", other.value),
        }));
        lines.extend(self.ethnic_origin.as_ref().map(|origin| {
            let words = origin.text.as_deref().or_else(|| origin.display()).or(origin.code.as_deref());
            format!("Ethnic origin: {}", words.unwrap_or_default())
        }));
        lines
    }

    /// How to reach and talk with the person.
    pub(in crate::documents) fn reach(&self, reader: Reader<'_>) -> Vec<String> {
        let mut lines: Vec<String> = self.telecoms.iter().map(|telecom| capital(&telecom.line())).collect();
        lines.extend(self.addresses.iter().map(|address| match address.r#use {
            Some(AddressUse::Old) => format!("Former address: {}", address.line()),
            _ => capital(&Address::line(address)),
        }));
        let language = reader.say("Language", "Your language", "My language");
        lines.extend(self.language.as_ref().map(|spoken| format!("{language}: {}", spoken.name)));
        lines.extend(self.interpreter_required.map(|needed| {
            let words = if needed {
                reader.say("An interpreter is required", "You need an interpreter", "I need an interpreter")
            } else {
                reader.say(
                    "No interpreter is required",
                    "You do not need an interpreter",
                    "I do not need an interpreter",
                )
            };
            words.to_owned()
        }));
        if let Some(wish) = &self.contact_preferences {
            let prefers = reader.say("Prefers", "You prefer", "I prefer");
            lines.extend(wish.method.map(|method| format!("{prefers}: {}", method.title())));
            lines.extend(wish.times.as_ref().map(|times| format!("Best times: {times}")));
            lines.extend(wish.written_format.map(|format| format!("In writing: {}", format.title())));
            lines.extend(wish.notes.clone());
        }
        lines
    }
}

/// A name; what a second one is for is said.
fn also(place: usize, name: &PersonName) -> String {
    let line = name.line();
    match name.r#use {
        Some(NameUse::Nickname | NameUse::Usual) if place > 0 => format!("Known as {line}"),
        Some(NameUse::Old | NameUse::Maiden) => format!("Formerly {line}"),
        _ => line,
    }
}

impl ConsentPosition {
    /// Where the person stands on sharing, and every wish.
    pub(in crate::documents) fn lines(&self) -> Vec<String> {
        self.lines_for(Reader::PROFESSIONAL)
    }

    /// The same in the words of a reader.
    pub(in crate::documents) fn lines_for(&self, reader: Reader<'_>) -> Vec<String> {
        let by = self.recorded_by.as_deref().map(|by| format!(", recorded by {by}")).unwrap_or_default();
        let when = self.recorded.as_deref().map(|at| format!(", {}", spoken_day(at))).unwrap_or_default();
        let position = match reader.voice {
            Voice::You => self.sharing.to_person().to_owned(),
            Voice::I => self.sharing.own().to_owned(),
            Voice::They => format!("The person {}", self.sharing.title()),
        };
        let mut lines = vec![format!("{position}{by}{when}")];
        lines.extend(self.permissions.iter().map(|wish| wish.permission(reader)));
        lines.extend(self.objections.iter().map(|wish| wish.objection(reader)));
        lines
    }
}
