//! Parts in words, as every document shows them: headings, lines, the person. Says only what the document says.

use super::{Address, ConsentPosition, Known, Person, PersonName, Telecom};

/// A heading and the lines under it.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<String>,
}

/// The words for [`Known::NoneKnown`].
const NONE: &str = "None known";

/// Collects headings that have something under them.
#[derive(Default)]
pub(in crate::documents) struct Sections(Vec<Section>);

impl Sections {
    pub(in crate::documents) fn into_vec(self) -> Vec<Section> {
        self.0
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
    /// Who the person is.
    pub(in crate::documents) fn who(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.names.iter().map(PersonName::line).collect();
        lines.extend(self.birth_date.as_ref().map(|date| format!("Born {date}")));
        lines.extend(self.gender.map(|gender| format!("Gender: {}", gender.title())));
        if let Some(number) = &self.nhs_number {
            let status = number.verification.map(|v| format!(" ({})", v.title())).unwrap_or_default();
            lines.extend(number.value.as_ref().map(|value| format!("NHS number {value}{status}")));
            lines.extend(number.unavailable.map(|why| format!("No NHS number: {}", why.title())));
            lines.extend(number.detail.clone());
        }
        lines.extend(self.other_identifiers.iter().map(|other| format!("{}: {}", other.system, other.value)));
        lines.extend(self.ethnic_origin.as_ref().map(|origin| {
            let words = origin.text.as_deref().or_else(|| origin.display()).or(origin.code.as_deref());
            format!("Ethnic origin: {}", words.unwrap_or_default())
        }));
        lines
    }

    /// How to reach and talk with the person.
    pub(in crate::documents) fn reach(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.telecoms.iter().map(Telecom::line).collect();
        lines.extend(self.addresses.iter().map(Address::line));
        lines.extend(self.language.as_ref().map(|language| format!("Language: {}", language.name)));
        lines.extend(self.interpreter_required.map(|needed| {
            (if needed { "An interpreter is required" } else { "No interpreter is required" }).to_owned()
        }));
        if let Some(wish) = &self.contact_preferences {
            lines.extend(wish.method.map(|method| format!("Prefers: {}", method.title())));
            lines.extend(wish.times.as_ref().map(|times| format!("Best times: {times}")));
            lines.extend(wish.written_format.map(|format| format!("In writing: {}", format.title())));
            lines.extend(wish.notes.clone());
        }
        lines
    }
}

impl ConsentPosition {
    /// Where the person stands on sharing, and every wish.
    pub(in crate::documents) fn lines(&self) -> Vec<String> {
        self.lines_for(false)
    }

    /// The same; `to_person` says whether the person is the reader.
    pub(in crate::documents) fn lines_for(&self, to_person: bool) -> Vec<String> {
        let by = self.recorded_by.as_deref().map(|by| format!(", recorded by {by}")).unwrap_or_default();
        let when = self.recorded.as_deref().map(|at| format!(", {at}")).unwrap_or_default();
        let position = if to_person {
            self.sharing.to_person().to_owned()
        } else {
            format!("The person {}", self.sharing.title())
        };
        let mut lines = vec![format!("{position}{by}{when}")];
        lines.extend(self.permissions.iter().map(|w| format!("May have: {}", w.line("the handover minimum"))));
        lines.extend(self.objections.iter().map(|w| format!("Must not have: {}", w.line("everything"))));
        lines
    }
}
