//! What became of something that was asked for: a status, why, when, a line or two. "Record once and report light"
//! (`seeds/first-year-lessons.txt`): nothing else is asked of whoever answers.

use serde::{Deserialize, Serialize};

use super::capital;
use super::moment::spoken;

/// A list of what may become of a request.
pub trait Status: Copy + PartialEq + 'static {
    fn code(self) -> &'static str;
    fn title(self) -> &'static str;
    fn from_code(code: &str) -> Option<Self>;
}

macro_rules! status {
    ($($name:ident),+) => { $(
        impl Status for $name {
            fn code(self) -> &'static str { Self::code(self) }
            fn title(self) -> &'static str { Self::title(self) }
            fn from_code(code: &str) -> Option<Self> { Self::from_code(code) }
        }
    )+ };
}

code_list! {
    /// What became of a handover (`cmht-documents.md` §5).
    HandoverStatus {
        Accepted => "accepted", "accepted: we will see the person";
        Declined => "declined", "declined: we cannot take the person on";
        Contacted => "contacted", "in touch with the person";
        Engaged => "engaged", "the person is taking part";
        Ended => "ended", "ended";
    }
}

code_list! {
    /// What a GP says to a shared-care request (§6, L3190-3221).
    SharedCareDecision {
        Accepted => "accepted", "accepted";
        AcceptedWithConditions => "accepted-with-conditions", "accepted, on the conditions named";
        MoreInformation => "more-information", "not decided: more information is needed";
        Declined => "declined", "declined";
    }
}

status!(HandoverStatus, SharedCareDecision);

/// What became of a request: Task.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress<S> {
    pub status: S,
    /// Reference of the document that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Why, above all when declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How it goes or went, in a line or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl<S: Status> Progress<S> {
    /// The answer in words, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let date = self.date.as_deref().map(|date| format!(" ({})", spoken(date))).unwrap_or_default();
        let mut lines = vec![format!("{}{date}", capital(self.status.title()))];
        lines.extend(self.why.as_ref().map(|why| format!("Why: {why}")));
        lines.extend(self.note.clone());
        lines.extend(self.about.as_ref().map(|id| format!("About {id}")));
        lines
    }
}
