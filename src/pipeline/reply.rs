//! What an answering document says of the request it answers: which one, how it stands now, since when and why, read off
//! its native form. Finds no request and moves none (`answering`).

use jiff::Timestamp;
use serde_json::Value;

use crate::clocks::calendar::{day_in, moment_in};
use crate::model::{DocumentKind, RequestStatus};

/// What is said of a decline whose sender says nothing.
const NO_REASON: &str = "No reason was given.";

/// What a document answers, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Kind of the request.
    pub asked: DocumentKind,
    /// The request by its own reference, where it is named, and where in the document that stands.
    pub about: Option<String>,
    pub pointer: &'static str,
    /// How the request stands now: the first of these that can be said.
    pub to: &'static [RequestStatus],
    pub since: Since,
    pub reason: Option<String>,
    /// What it refers to may be something else than a request: what is not found is no fault.
    pub by_the_way: bool,
}

/// Since when something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// It says so.
    Told(Timestamp),
    /// The whole of a day.
    Day(Timestamp),
    /// It was written then, and says nothing else.
    Written(Timestamp),
    Unknown,
}

impl Since {
    /// The moment for a request that came at `opened`; a day in which it came is told by the day alone.
    pub(super) fn for_request(self, opened: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Day(at) if day_in(&at.to_string()) == day_in(&opened.to_string()) => Some(opened),
            Self::Told(at) | Self::Day(at) => Some(at),
            // what was begun before the request came is still an answer to it
            Self::Written(at) => Some(at.max(opened).min(now)),
            Self::Unknown => None,
        }
    }
}

/// What a native document of this kind answers; `None` for what answers nothing.
pub(super) fn reply(kind: DocumentKind, native: &Value) -> Option<Reply> {
    let text = |pointer: &str| native.pointer(pointer).and_then(Value::as_str);
    let about = |pointer: &str| text(pointer).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    match kind {
        DocumentKind::HandoverOutcome => {
            let to = handover(text("/outcome/status")?)?;
            Some(Reply {
                asked: DocumentKind::SocialPrescribingHandover,
                about: about("/outcome/about"),
                pointer: "/outcome/about",
                to,
                since: since(native, "/outcome/date"),
                reason: reason(native, "/outcome", to),
                by_the_way: false,
            })
        }
        DocumentKind::SharedCareAnswer => {
            let to = shared_care(text("/decision/status")?)?;
            Some(Reply {
                asked: DocumentKind::SharedCareRequest,
                about: about("/decision/about"),
                pointer: "/decision/about",
                to,
                since: since(native, "/decision/date"),
                reason: reason(native, "/decision", to),
                by_the_way: false,
            })
        }
        DocumentKind::ClinicalInformationAnswer => {
            // a first version with more to follow answers nothing yet
            let whole = native.get("interim").and_then(Value::as_bool) != Some(true);
            let refuses = text("/answered") == Some("not-shared");
            let to: &[RequestStatus] = match (whole, refuses) {
                (false, _) => &[],
                (true, true) => &[RequestStatus::Declined, RequestStatus::Completed],
                (true, false) => &[RequestStatus::Completed],
            };
            Some(Reply {
                asked: DocumentKind::ClinicalInformationRequest,
                about: about("/letter/in_reply_to"),
                pointer: "/letter/in_reply_to",
                to,
                since: since(native, "/letter/date"),
                // why it is not shared is in the letter, for those who may read it
                reason: refuses.then(|| "The information is not shared. The letter says why.".to_owned()),
                by_the_way: false,
            })
        }
        // an opinion that was asked for, where it says so
        DocumentKind::PrivateOpinion => Some(Reply {
            asked: DocumentKind::ClinicalInformationRequest,
            about: Some(about("/letter/in_reply_to")?),
            pointer: "/letter/in_reply_to",
            to: &[RequestStatus::Completed],
            since: since(native, "/letter/date"),
            reason: None,
            by_the_way: true,
        }),
        _ => None,
    }
}

/// Whoever took something on and does so no more cancels it: a decline is for what was never taken on.
const DECLINED: &[RequestStatus] = &[RequestStatus::Declined, RequestStatus::CancelledByOwner];

fn handover(status: &str) -> Option<&'static [RequestStatus]> {
    match status {
        "accepted" => Some(&[RequestStatus::Accepted]),
        "declined" => Some(DECLINED),
        "contacted" | "engaged" => Some(&[RequestStatus::Contacted]),
        "ended" => Some(&[RequestStatus::Completed]),
        _ => None,
    }
}

fn shared_care(status: &str) -> Option<&'static [RequestStatus]> {
    match status {
        "accepted" | "accepted-with-conditions" => Some(&[RequestStatus::Accepted]),
        "more-information" => Some(&[RequestStatus::MoreInformationNeeded]),
        "declined" => Some(DECLINED),
        _ => None,
    }
}

fn since(native: &Value, pointer: &str) -> Since {
    let text = |pointer: &str| native.pointer(pointer).and_then(Value::as_str);
    let told = text(pointer).and_then(|text| Some((moment_in(text)?, text.parse::<Timestamp>().is_err())));
    match (told, text("/written").and_then(moment_in)) {
        (Some((at, true)), _) => Since::Day(at),
        (Some((at, false)), _) => Since::Told(at),
        (None, Some(at)) => Since::Written(at),
        (None, None) => Since::Unknown,
    }
}

/// Why, in the sender's words; where a reason belongs to it and there is none, that there is none.
fn reason(native: &Value, part: &str, to: &[RequestStatus]) -> Option<String> {
    let words = |name: &str| {
        let text = native.pointer(&format!("{part}/{name}")).and_then(Value::as_str);
        text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let needed = to.iter().any(|to| matches!(to, RequestStatus::Declined | RequestStatus::MoreInformationNeeded));
    words("why").or_else(|| words("note").filter(|_| needed)).or_else(|| needed.then(|| NO_REASON.to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{NO_REASON, Since, reply};
    use crate::model::DocumentKind as Kind;
    use crate::model::RequestStatus::{
        self, Accepted, CancelledByOwner, Completed, Contacted, Declined, MoreInformationNeeded,
    };

    #[test]
    fn every_answer_says_how_the_request_stands_now() {
        let rows: &[(Kind, &str, &str, Kind, &[RequestStatus])] = &[
            (Kind::HandoverOutcome, "outcome", "accepted", Kind::SocialPrescribingHandover, &[Accepted]),
            (Kind::HandoverOutcome, "outcome", "contacted", Kind::SocialPrescribingHandover, &[Contacted]),
            (Kind::HandoverOutcome, "outcome", "engaged", Kind::SocialPrescribingHandover, &[Contacted]),
            (Kind::HandoverOutcome, "outcome", "ended", Kind::SocialPrescribingHandover, &[Completed]),
            (
                Kind::HandoverOutcome,
                "outcome",
                "declined",
                Kind::SocialPrescribingHandover,
                &[Declined, CancelledByOwner],
            ),
            (Kind::SharedCareAnswer, "decision", "accepted", Kind::SharedCareRequest, &[Accepted]),
            (Kind::SharedCareAnswer, "decision", "accepted-with-conditions", Kind::SharedCareRequest, &[Accepted]),
            (Kind::SharedCareAnswer, "decision", "more-information", Kind::SharedCareRequest, &[MoreInformationNeeded]),
            (Kind::SharedCareAnswer, "decision", "declined", Kind::SharedCareRequest, &[Declined, CancelledByOwner]),
        ];
        for (kind, part, status, asked, to) in rows {
            let found = reply(*kind, &json!({*part: {"status": status, "about": "H/1"}})).unwrap();
            assert_eq!((found.asked, found.to, found.about.as_deref()), (*asked, *to, Some("H/1")), "{status}");
        }
        let answer = |answered: &str, interim: bool| {
            let native = json!({"answered": answered, "interim": interim, "letter": {"in_reply_to": "CE-1"}});
            reply(Kind::ClinicalInformationAnswer, &native).unwrap()
        };
        for answered in ["whole", "part", "not-held"] {
            assert_eq!(answer(answered, false).to, [Completed], "{answered}");
        }
        assert_eq!(answer("not-shared", false).to, [Declined, Completed]);
        assert!(answer("whole", true).to.is_empty(), "more follows");
        assert!(reply(Kind::CarePlan, &json!({"outcome": {"status": "accepted"}})).is_none());
        assert!(reply(Kind::HandoverOutcome, &json!({"outcome": {"status": "lost"}})).is_none());
    }

    #[test]
    fn a_decline_without_a_reason_says_so_and_an_acceptance_needs_none() {
        let of =
            |outcome: serde_json::Value| reply(Kind::HandoverOutcome, &json!({"outcome": outcome})).unwrap().reason;
        assert_eq!(of(json!({"status": "declined"})).as_deref(), Some(NO_REASON));
        assert_eq!(of(json!({"status": "declined", "note": "No room."})).as_deref(), Some("No room."));
        assert_eq!(of(json!({"status": "declined", "why": "Full.", "note": "x"})).as_deref(), Some("Full."));
        assert_eq!(of(json!({"status": "accepted", "note": "Glad to."})), None);
    }

    #[test]
    fn a_day_is_told_of_a_request_that_came_in_it_and_a_time_of_writing_moves_to_when_it_came() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (opened, now) = (at("2026-07-13T09:00:00Z"), at("2026-07-20T09:00:00Z"));
        let since = |outcome: serde_json::Value, written: &str| {
            let native = json!({"written": written, "outcome": outcome});
            reply(Kind::HandoverOutcome, &native).unwrap().since
        };
        let day = since(json!({"status": "ended", "date": "2026-07-13"}), "2026-07-20");
        assert_eq!(day.for_request(opened, now), Some(opened));
        let later = since(json!({"status": "ended", "date": "2026-07-14"}), "2026-07-20");
        assert_eq!(later.for_request(opened, now), Some(at("2026-07-13T23:00:00Z")));
        let earlier = since(json!({"status": "ended", "date": "2026-07-01"}), "2026-07-20");
        assert!(earlier.for_request(opened, now).unwrap() < opened);
        // a year is no moment
        let written = since(json!({"status": "ended", "date": "2026"}), "2026-07-01");
        assert_eq!(
            (written, written.for_request(opened, now)),
            (Since::Written(at("2026-06-30T23:00:00Z")), Some(opened))
        );
    }
}
