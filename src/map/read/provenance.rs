//! Provenance of a document: made anew where it says no more than who wrote the document and when; kept whole where it
//! says anything else.

use serde_json::Value;

use super::datatypes::code_of;
use crate::fhir::codes;
use crate::map::source::Source;

/// What a Provenance would say that the mapping makes.
pub(in crate::map) struct Provenance<'a> {
    /// Its first target is the document.
    pub(in crate::map) about: bool,
    /// When the document was recorded.
    pub(in crate::map) recorded: &'a str,
    /// References to whoever wrote the document.
    pub(in crate::map) by: Vec<&'a Value>,
}

impl Provenance<'_> {
    /// Reads one Provenance, if it is such a one; else it stays unread.
    pub(in crate::map) fn read(&self, source: &Source<'_>, place: usize) {
        let value = source.value(place);
        let list = |key: &str| value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let wrote = |who: &Value| {
            let at = source.locate(who);
            self.by.iter().any(|by| *by == who || (at.is_some() && source.locate(by) == at))
        };
        let agents = list("agent");
        let same = agents.iter().all(|agent| agent.get("who").is_some_and(wrote));
        if !self.about || list("target").len() != 1 || !same || agents.len() != self.by.len() {
            return;
        }
        let mut element = source.open(place);
        element.ignore(&["target"]);
        element.expect("recorded", &[self.recorded]);
        for mut agent in element.children("agent") {
            agent.ignore(&["who"]);
            if let Some(mut role) = agent.child("type") {
                code_of(&mut role, codes::PROVENANCE_PARTICIPANT, |code| (code == "author").then_some(()));
            }
        }
    }
}
