//! What a plan or letter says has happened, read off its native form: kinds of events and times, and no words of it.
//! Which of them count, and for whom, is `care`'s.
//!
//! Of some kinds nothing has happened that a clock, a measure or a step goes by, and they tell of nothing: a contingency
//! plan is no safety plan (risk-and-crisis.md §6) and starts or stops no clock; a private opinion is no NHS contact and no
//! assessment (CK-01, CK-05), and counts only as the answer to a request (`reply`); a handover and a shared-care request
//! have a task, and no clock of the table runs for what they ask.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::scored;
use crate::clocks::calendar::{day_in, moment_in};
use crate::model::{DocumentKind, EventKind};

/// Something a document says has happened, or is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happened {
    pub kind: EventKind,
    pub at: Timestamp,
    pub detail: Vec<(&'static str, String)>,
}

/// What decides on the events of a document, besides what it says has happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub happened: Vec<Happened>,
    /// What it completes goes on to those who have a share in it: their copies make this event.
    pub sent: Option<EventKind>,
    /// It asks another provider; its identifier, as a digest.
    pub asks: Option<String>,
    /// It answers a request with this identifier, as a digest; empty where it does not say which.
    pub answers: Option<String>,
    /// How soon, where it asks a team to take the person on.
    pub urgency: Option<&'static str>,
    /// The day of the first private consultation, from which the place on the waiting list counts.
    pub position: Option<String>,
}

/// The digest under which an identifier of another system is kept: an identifier may hold anything.
fn digest(identifier: &str) -> String {
    let whole = format!("{:x}", Sha256::digest(identifier.trim()));
    whole.get(..32).unwrap_or_default().to_owned()
}

fn text<'v>(native: &'v Value, pointer: &str) -> Option<&'v str> {
    native.pointer(pointer)?.as_str()
}

fn happened(kind: EventKind, at: Timestamp) -> Happened {
    Happened { kind, at, detail: Vec::new() }
}

/// Reads a native document of this kind that fits its schema; an interim one completes nothing.
pub(super) fn said(kind: DocumentKind, native: &Value) -> Said {
    let written = text(native, "/written").and_then(moment_in).unwrap_or(Timestamp::MIN);
    let whole = native.get("interim").and_then(Value::as_bool) != Some(true);
    let mut said = Said::default();
    match kind {
        DocumentKind::SafetyPlan if whole => {
            said.happened.push(happened(EventKind::SafetyPlanComplete, written));
        }
        DocumentKind::CarePlan if whole => {
            said.happened.push(happened(EventKind::CarePlanComplete, written));
            if native.get("replaces").is_some() {
                said.happened.push(happened(EventKind::ReviewComplete, written));
            }
            said.sent = Some(EventKind::PlanShared);
            said.happened.extend(scored::surveys(native, written));
        }
        // an interim plan completes nothing, and what was scored was scored
        DocumentKind::CarePlan => said.happened.extend(scored::surveys(native, written)),
        DocumentKind::DischargeLetter => letter(native, &mut said),
        DocumentKind::HandoverOutcome => {
            let at = text(native, "/outcome/date").and_then(moment_in).unwrap_or(written);
            let kind = match text(native, "/outcome/status") {
                Some("accepted") => Some(EventKind::Accepted),
                Some("declined") => Some(EventKind::Declined),
                Some("contacted" | "engaged") => Some(EventKind::Contacted),
                Some("ended") => Some(EventKind::Completed),
                _ => None,
            };
            said.happened.extend(kind.map(|kind| happened(kind, at)));
        }
        DocumentKind::ClinicalInformationRequest => said.asks = text(native, "/id").map(digest),
        DocumentKind::ClinicalInformationAnswer => {
            said.answers = Some(text(native, "/letter/in_reply_to").map(digest).unwrap_or_default());
        }
        DocumentKind::TransferToNhs => {
            let urgent = matches!(text(native, "/request/urgency"), Some("urgent" | "emergency"));
            said.urgency = Some(if urgent { "urgent" } else { "routine" });
            said.position = text(native, "/first_consultation/date").and_then(day_in).map(|day| day.to_string());
        }
        _ => {}
    }
    said
}

/// A discharge letter: the discharge from team or ward, or that one is planned; and a follow-up that has been done.
fn letter(native: &Value, said: &mut Said) {
    let (stay, care) = (text(native, "/hospital_stay/discharged"), text(native, "/team_care/ended"));
    let ward = match text(native, "/setting") {
        Some("community") => false,
        Some(_) => true,
        None => stay.is_some() && care.is_none(),
    };
    let (when, kind) = if ward { (stay, EventKind::InpatientDischarge) } else { (care, EventKind::Discharged) };
    said.happened.extend(when.and_then(moment_in).map(|at| happened(kind, at)));
    let follow_ups = native.get("follow_up").and_then(Value::as_array).into_iter().flatten();
    for contact in follow_ups.filter(|one| text(one, "/kind") == Some("72-hour-contact")) {
        let at = text(contact, "/when").and_then(moment_in);
        if let Some(at) = at.filter(|_| text(contact, "/status") == Some("done")) {
            said.happened.push(happened(EventKind::Contacted, at));
        }
    }
    said.sent = Some(EventKind::LetterSent);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::said;
    use crate::model::{DocumentKind, EventKind};

    #[test]
    fn a_letter_says_from_where_the_person_is_discharged_and_when() {
        let of = |letter: serde_json::Value| -> Vec<(EventKind, String)> {
            let said = said(DocumentKind::DischargeLetter, &letter);
            said.happened.iter().map(|one| (one.kind, one.at.to_string())).collect()
        };
        let ward = json!({"setting": "inpatient", "hospital_stay": {"discharged": "2026-11-16T11:00:00+00:00"},
            "team_care": {"ended": "2026-01-01"}, "follow_up": [
                {"kind": "72-hour-contact", "status": "planned", "when": "2026-11-18T10:30:00Z"},
                {"kind": "72-hour-contact", "status": "done", "when": "2026-11-17T10:30:00Z"}]});
        let expected = [
            (EventKind::InpatientDischarge, "2026-11-16T11:00:00Z".to_owned()),
            (EventKind::Contacted, "2026-11-17T10:30:00Z".to_owned()),
        ];
        assert_eq!(of(ward), expected);
        let team = json!({"setting": "community", "team_care": {"ended": "2026-07-13"}});
        assert_eq!(of(team), [(EventKind::Discharged, "2026-07-12T23:00:00Z".to_owned())]);
        // a month is no day
        assert!(of(json!({"team_care": {"ended": "2026-07"}})).is_empty());
    }

    #[test]
    fn an_interim_plan_completes_nothing() {
        let plan =
            |interim| said(DocumentKind::SafetyPlan, &json!({"written": "2026-11-16T11:00:00Z", "interim": interim}));
        assert_eq!(plan(false).happened.len(), 1);
        assert!(plan(true).happened.is_empty());
    }

    #[test]
    fn a_request_and_its_answer_meet_in_a_digest() {
        let asked = said(DocumentKind::ClinicalInformationRequest, &json!({"id": "CE-1"})).asks.unwrap();
        let answer = json!({"letter": {"in_reply_to": "CE-1"}});
        assert_eq!(said(DocumentKind::ClinicalInformationAnswer, &answer).answers.unwrap(), asked);
        assert!(!asked.contains("CE-1"));
    }
}
