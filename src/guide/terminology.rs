//! Our CodeSystems, made from the lists the mapping goes by, and a ValueSet of each. A code is in the guide because the
//! gateway writes it; a list that the gateway does not use is not here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::invariants::codes_of;
use super::publication::{VERSION, begin, canonical};
use crate::documents::parts::{
    ContactKind, Doer, FollowUpKind, HandoverStatus, HelpKind, NONE_KNOWN, ServiceStatus, SharedCareDecision, Sharing,
    YesNo,
};
use crate::documents::referral::{LISTS, STATEMENTS, SenderKind};
use crate::documents::{Outline, outlines};
use crate::fhir::build::put;
use crate::fhir::codes;
use crate::model::{DataCategory, DocumentKind, PartyKind, Pathway, RequestStatus, Sector};

/// A list of codes of ours.
struct List {
    id: String,
    title: String,
    description: String,
    codes: Vec<(String, String)>,
}

impl List {
    fn new<C: ToString, W: ToString>(
        system: &str,
        title: impl Into<String>,
        description: impl Into<String>,
        codes: impl IntoIterator<Item = (C, W)>,
    ) -> Self {
        let id = system.rsplit('/').next().unwrap_or(system).to_owned();
        let codes = codes.into_iter().map(|(code, words)| (code.to_string(), words.to_string())).collect();
        Self { id, title: title.into(), description: description.into(), codes }
    }

    /// CodeSystem (<https://hl7.org/fhir/R4/codesystem.html>), complete.
    fn code_system(&self) -> Value {
        let mut out = begin("CodeSystem", &self.id, &self.title, &self.description);
        put(&mut out, "caseSensitive", true);
        put(&mut out, "valueSet", canonical("ValueSet", &self.id));
        put(&mut out, "content", "complete");
        put(&mut out, "count", self.codes.len());
        let concepts = self.codes.iter().map(|(code, words)| json!({"code": code, "display": words}));
        put(&mut out, "concept", concepts.collect::<Vec<_>>());
        Value::Object(out)
    }

    /// ValueSet of all its codes.
    fn value_set(&self) -> Value {
        let mut out = begin("ValueSet", &self.id, &self.title, &self.description);
        let system = canonical("CodeSystem", &self.id);
        put(&mut out, "immutable", false);
        put(&mut out, "compose", json!({"include": [{"system": system, "version": VERSION}]}));
        Value::Object(out)
    }
}

/// Every CodeSystem with its ValueSet.
pub(super) fn resources() -> Vec<Value> {
    lists().iter().flat_map(|list| [list.code_system(), list.value_set()]).collect()
}

/// A list that is an enum of ours.
macro_rules! list {
    ($system:expr, $title:literal, $of:ty, $words:literal) => {
        List::new($system, $title, $words, <$of>::ALL.iter().map(|one| (one.code(), one.title())))
    };
}

/// Every list of codes the gateway writes.
fn lists() -> Vec<List> {
    let outlines = outlines();
    let mut lists = enums();
    lists.extend([sections(&outlines), referral_items()]);
    lists.extend(few());
    lists.extend(outlines.iter().map(items));
    lists.extend(
        outlines
            .iter()
            .flat_map(|outline| &outline.marks)
            .map(|mark| List::new(mark.system, mark.system.replace('-', " "), mark.title, mark.codes.iter().copied())),
    );
    lists
}

fn enums() -> Vec<List> {
    vec![
        list!(
            codes::DATA_CATEGORY,
            "Data category",
            DataCategory,
            "What kind of fact a part of a document holds. Consent is decided for each category."
        ),
        list!(codes::DOCUMENT_KIND, "Document kind", DocumentKind, "Kinds of document the gateway exchanges."),
        list!(codes::CONTACT_KIND, "Contact kind", ContactKind, "Whom a person can turn to, and the key worker."),
        list!(codes::SENDER_KIND, "Sender kind", SenderKind, "Who sends referrals (L466-508)."),
        list!(codes::REFERRAL_PATHWAY, "Referral pathway", Pathway, "What a referrer says of the pathway (L430-465)."),
        list!(codes::SHARING_POSITION, "Sharing position", Sharing, "Where the person stands on sharing."),
        List::new(
            codes::SECTOR,
            "Sector",
            "The sector an organisation belongs to (CS-13).",
            Sector::of_organisations().map(|sector| (sector.code(), sector.title())),
        ),
        list!(codes::HELP_WANTED, "Help wanted", HelpKind, "What a person wants help with."),
        list!(
            codes::REQUEST_STATUS,
            "Request status",
            RequestStatus,
            "How a request stands with one of its recipients, in the words of the field."
        ),
        list!(codes::HANDOVER_STATUS, "Handover status", HandoverStatus, "What became of a handover."),
        list!(
            codes::SHARED_CARE_DECISION,
            "Shared-care decision",
            SharedCareDecision,
            "What a GP says to a shared-care request."
        ),
        list!(codes::SERVICE_STATUS, "Service status", ServiceStatus, "How a service comes into a document."),
        list!(codes::FOLLOW_UP_KIND, "Follow-up kind", FollowUpKind, "Sorts of follow-up after discharge."),
        list!(codes::ACTION_BY, "Action by", Doer, "Who does an action of a plan (L3893-3895)."),
        List::new(
            codes::PARTY_KIND,
            "Party kind",
            "Kinds of organisation and team in the directory.",
            PartyKind::of_organisations().map(|kind| (kind.code(), kind.code().replace('-', " "))),
        ),
    ]
}

/// Lists of few codes that no enum holds.
fn few() -> Vec<List> {
    vec![
        List::new(
            codes::ANSWER,
            "Answer",
            "Answers to a question where FHIR has no place for them.",
            YesNo::ALL.iter().map(|answer| (answer.code(), answer.title())).chain([(NONE_KNOWN, "None known")]),
        ),
        List::new(
            codes::TASK,
            "Task",
            "What a Task of the gateway asks of its owner.",
            [
                (codes::TASK_SEND_INFORMATION, "Send what is missing from the referral"),
                (codes::TASK_PLANNED_ACTION, "Planned action"),
                codes::TASK_DUE_SOON,
                codes::TASK_BREACHED,
                codes::TASK_CLOCK,
                (codes::TASK_REQUEST, "Follow a request"),
                (codes::TASK_NEXT_TEAM, "The team that has the request from now on"),
                (codes::TASK_WITHDRAWN, "An earlier copy is out of force"),
            ],
        ),
        List::new(
            codes::SENSITIVITY,
            "Sensitivity",
            "What makes a part more closely guarded than its data category (CS-07, CS-20).",
            [codes::TOLD_IN_CONFIDENCE, codes::ABOUT_A_CHILD],
        ),
        List::new(codes::CARRIER, "Carrier", "What a resource carries besides what it says.", [codes::UNMAPPED]),
        List::new(
            codes::MESSAGE_EVENT,
            "Message event",
            "Events of messages that carry a plan or letter; the Booking and Referral Standard has none for them.",
            [codes::EVENT_DOCUMENT, codes::EVENT_DOCUMENT_RESPONSE, codes::EVENT_CLOCK],
        ),
    ]
}

fn referral_items() -> List {
    List::new(
        codes::REFERRAL_ITEM,
        "Referral item",
        "What a referral says about a person, item by item (L509-527).",
        STATEMENTS
            .iter()
            .map(|item| (item.key, item.title))
            .chain(LISTS.iter().map(|list| (list.key, list.title)))
            .chain([("safeguarding-police", "Reported to the police")]),
    )
}

/// Sections of all kinds: a key has one title wherever it stands.
fn sections(outlines: &[Outline]) -> List {
    let headings = outlines.iter().flat_map(|outline| &outline.headings).map(|heading| (heading.key, heading.title));
    let others = [
        ("attachments", "Attachments"),
        ("consent", "Consent to share"),
        ("unmapped", "Content of other systems"),
        ("withheld", "Withheld from this copy"),
    ];
    let all: BTreeMap<&str, &str> = headings.chain(others).collect();
    List::new(
        codes::DOCUMENT_SECTION,
        "Document section",
        "Sections of plans and letters for which UK Core has no heading or a wider one.",
        all,
    )
}

/// The questions of one kind.
fn items(outline: &Outline) -> List {
    let title = format!("{} item", outline.kind.title());
    let description = format!("The questions of a document of the kind: {}.", outline.kind.title());
    let questions = outline.headings.iter().flat_map(|heading| &heading.questions);
    List::new(&codes::item_system(outline.kind), title, description, questions.flat_map(codes_of))
}
