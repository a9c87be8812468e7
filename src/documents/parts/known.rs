//! Answers to a question that may be "none known": the difference between silence and a clear no.
//! Owns the two shapes of an answer; which questions there are is each document's to say.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::moment::spoken_day;
use super::reader::Reader;
use crate::model::Sector;

/// What the native document says for "I asked, there is nothing".
pub const NONE_KNOWN: &str = "none-known";

/// An answer: nothing is known, or at least one entry. An absent answer is an absent property.
#[derive(Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// Asked, and there is none known: the text `none-known`.
    NoneKnown,
    /// The entries, never empty.
    Listed(Vec<T>),
}

impl<T> Known<T> {
    /// The entries; none for [`Known::NoneKnown`].
    #[must_use]
    pub fn entries(&self) -> &[T] {
        match self {
            Self::NoneKnown => &[],
            Self::Listed(entries) => entries,
        }
    }

    /// Adds an entry to an answer that may not be there yet; an entry beats `none-known`.
    pub fn add(slot: &mut Option<Self>, entry: T) {
        match slot {
            Some(Self::Listed(entries)) => entries.push(entry),
            Some(Self::NoneKnown) | None => *slot = Some(Self::Listed(vec![entry])),
        }
    }
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::NoneKnown => serializer.serialize_str(NONE_KNOWN),
            Self::Listed(entries) => entries.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KnownVisitor(PhantomData))
    }
}

struct KnownVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for KnownVisitor<T> {
    type Value = Known<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text none-known, or a list with at least one entry")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text == NONE_KNOWN {
            Ok(Known::NoneKnown)
        } else {
            Err(E::custom("the only text allowed here is none-known"))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element()? {
            entries.push(entry);
        }
        if entries.is_empty() {
            return Err(A::Error::custom("an empty list says nothing: leave it out, or say none-known"));
        }
        Ok(Known::Listed(entries))
    }
}

/// Which FHIR resource carries a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Observation,
    /// RiskAssessment, narrative only.
    Risk,
    /// Flag, so that record systems show it as an alert.
    Flag,
}

/// Something somebody says about the person, with who said it and when (`cmht-documents.md` §7, risk summary).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The sector that organisation belongs to: private and NHS statements stay distinguishable (CS-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// A carer told the team so in confidence: it never reaches the person (CS-07).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_in_confidence: bool,
    /// A safeguarding concern about a child or a young carer (CS-20).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub about_a_child: bool,
}

impl Statement {
    /// Words of which nothing else is known.
    #[must_use]
    pub const fn of(text: String) -> Self {
        Self {
            text,
            author: None,
            organisation: None,
            sector: None,
            date: None,
            told_in_confidence: false,
            about_a_child: false,
        }
    }

    /// The statement in one line: text, then who and when in brackets.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_for(Reader::PROFESSIONAL)
    }

    /// The same. A letter to the person does not repeat at every statement whom the letter is from, and says which words
    /// are the person's own; what others said keeps its name, organisation and sector (CS-13).
    pub(in crate::documents) fn line_for(&self, reader: Reader<'_>) -> String {
        let own = reader.is_you() && self.author.as_deref().is_some_and(|author| reader.is_self(author));
        let ours = reader.is_you() && self.organisation.as_deref().is_some_and(|name| reader.is_sender(name));
        let author = if own { Some("your words") } else { self.author.as_deref() };
        let organisation = self.organisation.as_deref().filter(|_| !ours);
        let sector = self.sector.filter(|_| !ours).map(Sector::title);
        let date = self.date.as_deref().map(spoken_day);
        let confided = self.told_in_confidence.then_some("told in confidence, not for the person");
        let child = self.about_a_child.then_some("about a child");
        let source: Vec<&str> =
            [author, organisation, sector, date.as_deref(), confided, child].into_iter().flatten().collect();
        if source.is_empty() { self.text.clone() } else { format!("{} ({})", self.text, source.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Known, Statement};

    #[test]
    fn none_known_is_told_apart_from_a_list_and_from_anything_else() {
        let none: Known<Statement> = serde_json::from_value(json!("none-known")).unwrap();
        assert!(none == Known::NoneKnown);
        assert_eq!(serde_json::to_value(&none).unwrap(), json!("none-known"));
        let listed = json!([{"text": "Two earlier episodes"}]);
        let known: Known<Statement> = serde_json::from_value(listed.clone()).unwrap();
        assert_eq!(serde_json::to_value(&known).unwrap(), listed);
        for bad in [json!([]), json!("no"), json!(false), json!({}), json!([{"text": "a", "severity": 3}])] {
            assert!(serde_json::from_value::<Known<Statement>>(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_entry_beats_none_known() {
        let mut slot = Some(Known::NoneKnown);
        Known::add(&mut slot, "a");
        Known::add(&mut slot, "b");
        assert_eq!(slot.unwrap().entries(), ["a", "b"]);
    }
}
