//! A yes-or-no answer as Observation (UKCore-Observation) whose value is one of our answers.

use serde_json::json;

use super::Carried;
use crate::documents::parts::{Answer, YesNo};
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::read::Subject;
use crate::map::read::clinical::concept_code;
use crate::map::read::datatypes::{annotations, date};
use crate::map::read::statement::take_key;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

impl Carried for Answer {
    const RESOURCE: &'static str = "Observation";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let mut made = out.resource("Observation", role, true, Some(asked.category), &lines);
        put(&mut made, "status", "final");
        put(&mut made, "code", concept(asked.system, asked.key, asked.title));
        put(&mut made, "subject", out.refer("patient"));
        put(&mut made, "effectiveDateTime", self.date.clone());
        put(&mut made, "performer", self.by.as_ref().map(|by| json!([{"display": by}])));
        put(&mut made, "valueCodeableConcept", concept(codes::ANSWER, self.answer.code(), self.answer.title()));
        put(&mut made, "note", self.notes.as_ref().map(|text| json!([{"text": text}])));
        out.push_item(role, made);
    }

    /// The answer an Observation holds; a FHIR boolean is one as well.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        let value = at.source.value(place);
        let mut element = at.source.open(place);
        element.ignore(&["subject", "category"]);
        element.accept("status", "final", &["amended", "corrected"]);
        take_key(&mut element, system);
        let coded = concept_code(&mut element, "valueCodeableConcept", codes::ANSWER, YesNo::from_code);
        let plain = element.boolean("valueBoolean").map(|yes| if yes { YesNo::Yes } else { YesNo::No });
        let answer = coded.or(plain)?;
        let mut by = None;
        for performer in element.children("performer") {
            let (author, organisation) = at.source_of(performer, value);
            by = by.or(author).or(organisation);
        }
        let date = date(&mut element, "effectiveDateTime");
        let notes = annotations(&mut element, "note");
        Some(Answer { answer, by, date, notes })
    }
}
