//! Standing under the Mental Health Act as Observation with UK Core's classification: the extension that carries it stands
//! only on an Encounter, where it could not be withheld by itself and a community letter would have no place for it.

use serde_json::{Map, json};

use super::Carried;
use crate::documents::parts::LegalStatus;
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::code_table::{LEGAL_MOMENT, LEGAL_STATUS, fhir_code, native_code};
use crate::map::read::Subject;
use crate::map::read::clinical::concept_code;
use crate::map::read::datatypes::{annotations, code_of};
use crate::map::read::statement::take_key;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

impl Carried for LegalStatus {
    const RESOURCE: &'static str = "Observation";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let at = self.at.and_then(|at| fhir_code(LEGAL_MOMENT, at));
        let mut period = Map::new();
        put(&mut period, "start", self.from.clone());
        put(&mut period, "end", self.until.clone());
        let mut made = out.resource("Observation", role, true, Some(asked.category), &lines);
        put(&mut made, "status", "final");
        put(&mut made, "category", at.map(|(code, words)| json!([concept(codes::LEGAL_MOMENT, code, words)])));
        put(&mut made, "code", concept(asked.system, asked.key, asked.title));
        put(&mut made, "subject", out.refer("patient"));
        put(&mut made, "effectivePeriod", period);
        let value = fhir_code(LEGAL_STATUS, self.status);
        put(&mut made, "valueCodeableConcept", value.map(|(code, words)| concept(codes::LEGAL_STATUS, code, words)));
        put(&mut made, "note", self.notes.as_ref().map(|text| json!([{"text": text}])));
        out.push_item(role, made);
    }

    /// The status an Observation holds.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        let mut element = at.source.open(place);
        element.ignore(&["subject"]);
        element.accept("status", "final", &["amended", "corrected"]);
        take_key(&mut element, system);
        let known = |code: &str| native_code(LEGAL_STATUS, code);
        let status = concept_code(&mut element, "valueCodeableConcept", codes::LEGAL_STATUS, known)?;
        let mut at = None;
        for mut category in element.children("category") {
            at = at.or(code_of(&mut category, codes::LEGAL_MOMENT, |code| native_code(LEGAL_MOMENT, code)));
        }
        let (mut from, mut until) = (None, None);
        if let Some(mut period) = element.child("effectivePeriod") {
            from = period.string("start");
            until = period.string("end");
        }
        let notes = annotations(&mut element, "note");
        Some(LegalStatus { status, at, from, until, notes })
    }
}
