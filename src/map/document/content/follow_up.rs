//! A contact arranged after discharge as Task (UKCore-Task): not an Appointment, for many are a call within a span of days.

use serde_json::json;

use super::Carried;
use crate::documents::parts::{FollowUp, FollowUpKind, FollowUpStatus};
use crate::fhir::build::{coding, put};
use crate::fhir::codes;
use crate::map::code_table::{FOLLOW_UP, fhir_code, native_code};
use crate::map::read::Subject;
use crate::map::read::datatypes::{annotations, code_of};
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

impl Carried for FollowUp {
    const RESOURCE: &'static str = "Task";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let lines = [format!("{}: {}", asked.title, self.line())];
        let kind = coding(codes::FOLLOW_UP_KIND, self.kind.code(), self.kind.title());
        let mut made = out.resource("Task", role, true, Some(asked.category), &lines);
        put(&mut made, "status", fhir_code(FOLLOW_UP, self.status).map(|(code, _)| code));
        put(&mut made, "intent", "plan");
        put(&mut made, "code", json!({"coding": [coding(asked.system, asked.key, asked.title), kind]}));
        put(&mut made, "description", self.how.clone());
        put(&mut made, "for", out.refer("patient"));
        put(&mut made, "executionPeriod", self.when.as_ref().map(|when| json!({"start": when})));
        put(&mut made, "owner", self.by.as_ref().map(|by| json!({"display": by})));
        put(&mut made, "note", self.notes.as_ref().map(|text| json!([{"text": text}])));
        out.push_item(role, made);
    }

    /// The follow-up a Task stands for.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        let value = at.source.value(place);
        let mut element = at.source.open(place);
        element.ignore(&["for"]);
        element.accept("intent", "plan", &["order", "proposal"]);
        let status = element.parsed("status", |code| native_code(FOLLOW_UP, code)).unwrap_or_else(|| {
            element.coerced("status", "Read as planned.");
            element.ignore(&["status"]);
            FollowUpStatus::Planned
        });
        let kind = element.child("code").and_then(|mut code| {
            code_of(&mut code, system, |_| Some(()));
            code_of(&mut code, codes::FOLLOW_UP_KIND, FollowUpKind::from_code)
        });
        let when = element.child("executionPeriod").and_then(|mut period| period.string("start"));
        let when = when.or_else(|| element.child("restriction")?.child("period")?.string("end"));
        let by = element.child("owner").and_then(|owner| {
            let (who, organisation) = at.source_of(owner, value);
            who.or(organisation)
        });
        let how = element.string("description");
        let notes = annotations(&mut element, "note");
        Some(FollowUp { kind: kind.unwrap_or(FollowUpKind::Other), status, when, by, how, notes })
    }
}
