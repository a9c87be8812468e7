//! What became of a request as Task (UKCore-Task; code `fulfill`, the request by its identifier in `focus`), both ways.
//! `status` says it in FHIR's words for every system, `businessStatus` in ours.

use serde_json::{Value, json};

use super::letter::{Here, elsewhere, id_elsewhere};
use crate::documents::Document;
use crate::documents::parts::{HandoverStatus, Progress, SharedCareDecision, Status};
use crate::fhir::build::{also_profile, concept, put};
use crate::fhir::codes;
use crate::map::code_table::{Table, fhir_code, native_code};
use crate::map::document::write::Writer;
use crate::map::read::clinical::concept_code;
use crate::map::read::datatypes::{annotations, date, words};
use crate::map::read::statement::code_in;
use crate::map::write::statement::Asked;

/// A list of statuses with a code system of ours and the Task statuses they amount to (`codes.md` §8).
pub(in crate::map::document) trait Told: Status {
    const SYSTEM: &'static str;
    /// Of two with one Task status, the first is what that status alone is read as.
    const TASK: Table<Self>;
}

impl Told for HandoverStatus {
    const SYSTEM: &'static str = codes::HANDOVER_STATUS;
    const TASK: Table<Self> = &[
        (Self::Accepted, "accepted", "Accepted"),
        (Self::Declined, "rejected", "Rejected"),
        (Self::Contacted, "in-progress", "In Progress"),
        (Self::Engaged, "in-progress", "In Progress"),
        (Self::Ended, "completed", "Completed"),
    ];
}

impl Told for SharedCareDecision {
    const SYSTEM: &'static str = codes::SHARED_CARE_DECISION;
    const TASK: Table<Self> = &[
        (Self::Accepted, "accepted", "Accepted"),
        (Self::AcceptedWithConditions, "accepted", "Accepted"),
        (Self::MoreInformation, "on-hold", "On Hold"),
        (Self::Declined, "rejected", "Rejected"),
    ];
}

impl<D: Document> Writer<'_, D> {
    /// Task.
    pub(in crate::map::document) fn progress<S: Told>(&mut self, asked: &Asked<'_>, progress: &Progress<S>) {
        let mut out = self.out.resource("Task", asked.key, true, Some(asked.category), &progress.lines());
        also_profile(&mut out, codes::PROGRESS_TASK);
        put(&mut out, "status", fhir_code(S::TASK, progress.status).map(|(code, _)| code));
        put(&mut out, "statusReason", progress.why.as_ref().map(|why| json!({"text": why})));
        put(&mut out, "businessStatus", concept(S::SYSTEM, progress.status.code(), progress.status.title()));
        put(&mut out, "intent", "order");
        put(&mut out, "code", concept(codes::TASK_CODE, "fulfill", "Fulfill the focal request"));
        put(&mut out, "focus", progress.about.as_ref().map(|id| elsewhere(Some("ServiceRequest"), id)));
        put(&mut out, "for", self.out.refer("patient"));
        put(&mut out, "lastModified", progress.date.clone());
        put(&mut out, "owner", self.writer());
        put(&mut out, "note", progress.note.as_ref().map(|text| json!([{"text": text}])));
        self.out.push_item(asked.key, out);
    }
}

impl Here<'_, '_> {
    /// Task as what became of a request; `None`, and unread, where its status says nothing of that.
    pub(in crate::map::document) fn progress<S: Told>(&self) -> Option<Progress<S>> {
        let told = |value: &Value| value.as_str().and_then(|code| native_code(S::TASK, code));
        let by_task = self.value().get("status").and_then(told);
        let ours = code_in(self.value().get("businessStatus"), S::SYSTEM);
        let status = ours.and_then(S::from_code).or(by_task)?;
        let mut element = self.open("for", "authoredOn");
        element.expect("intent", &["order"]);
        self.author(&mut element, "owner");
        concept_code(&mut element, "code", codes::TASK_CODE, |code| (code == "fulfill").then_some(()));
        concept_code(&mut element, "businessStatus", S::SYSTEM, S::from_code);
        element.expect("status", &fhir_code(S::TASK, status).map(|(code, _)| code).into_iter().collect::<Vec<_>>());
        if ours.is_none() {
            element.coerced("status", "There was no status of ours: the nearest is taken.");
        }
        let why = element.child("statusReason").and_then(words);
        let about = element.child("focus").and_then(id_elsewhere);
        Some(Progress {
            status,
            about,
            why,
            date: date(&mut element, "lastModified"),
            note: annotations(&mut element, "note"),
        })
    }
}
