//! Procedure (UKCore-Procedure); which question it answers stands in `category`, which here is one concept.

use serde_json::json;

use super::Carried;
use crate::documents::parts::Procedure;
use crate::fhir::build::{concept, put};
use crate::map::read::Subject;
use crate::map::read::datatypes::{annotations, code_of, coded, date};
use crate::map::write::Entries;
use crate::map::write::datatypes;
use crate::map::write::statement::Asked;

impl Carried for Procedure {
    const RESOURCE: &'static str = "Procedure";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let mut made = out.resource("Procedure", role, true, Some(asked.category), &lines);
        put(&mut made, "status", "completed");
        put(&mut made, "category", concept(asked.system, asked.key, asked.title));
        put(&mut made, "code", datatypes::coded(&self.text, self.code.as_ref()));
        put(&mut made, "subject", out.refer("patient"));
        put(&mut made, "performedDateTime", self.date.clone());
        put(&mut made, "note", self.notes.as_ref().map(|text| json!([{"text": text}])));
        out.push_item(role, made);
    }

    /// The procedure; nothing, and unread, where it has no code. One that was not done is reported.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        at.source.value(place).get("code")?;
        let mut element = at.source.open(place);
        element.ignore(&["subject"]);
        element.expect("status", &["completed"]);
        if let Some(mut category) = element.child("category") {
            code_of(&mut category, system, |_| Some(()));
        }
        let (text, code) = element.child("code").and_then(coded)?;
        let date = match element.child("performedPeriod") {
            Some(mut period) => date(&mut period, "start"),
            None => date(&mut element, "performedDateTime"),
        };
        let notes = annotations(&mut element, "note");
        Some(Procedure { text, code, date, notes })
    }
}
