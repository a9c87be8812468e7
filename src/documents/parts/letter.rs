//! What a letter between clinicians asks or says, and to whom; and the request that somebody take a part in the care.
//! The clinical content stands in the fields of each document: these parts are what a reader sees first.

use serde::{Deserialize, Serialize};

use super::Addressee;
use super::moment::spoken;

code_list! {
    /// How soon somebody wants an answer.
    LetterUrgency {
        Routine => "routine", "routine";
        Urgent => "urgent", "urgent";
        Emergency => "emergency", "emergency: needed today";
    }
}

/// A question put to another clinician or organisation (L2831-2839): CommunicationRequest.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Who is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Addressee>,
    /// The clinician or the desk it is meant for there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<LetterUrgency>,
    /// Day by which the answer is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<String>,
    /// Where the answer should go, if not to the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Addressee>,
    /// Reference of an earlier request that was not answered (CS-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_of: Option<String>,
    /// One question an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
}

impl Asking {
    /// The question in words, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = heading(self.to.as_ref(), self.attention.as_deref(), self.urgency);
        lines.extend(self.answer_by.as_deref().map(|day| format!("Answer needed by {}", spoken(day))));
        lines.extend(self.reply_to.as_ref().map(|to| format!("Please answer to {}", to.label())));
        lines.extend(self.reminder_of.as_ref().map(|id| format!("Reminder of {id}, which was not answered")));
        lines.extend(self.asks.iter().cloned());
        lines
    }
}

/// What one clinician tells another: Communication.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// Who it is to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Addressee>,
    /// The clinician or the desk it is meant for there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<LetterUrgency>,
    /// Reference of the letter this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// What is said, one paragraph an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
}

impl Telling {
    /// The letter in words, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = heading(self.to.as_ref(), self.attention.as_deref(), self.urgency);
        lines.extend(self.in_reply_to.as_ref().map(|id| format!("In reply to {id}")));
        lines.extend(self.says.iter().cloned());
        lines
    }
}

/// A request that somebody take the person on, or take a part in the care: ServiceRequest.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Addressee>,
    /// The worker or clinician it is meant for there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<LetterUrgency>,
    /// The service, activity or treatment asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Request {
    /// The request in words, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = heading(self.to.as_ref(), self.attention.as_deref(), self.urgency);
        lines.extend(self.service.as_ref().map(|service| format!("For: {service}")));
        lines.extend(self.note.clone());
        lines
    }
}

fn heading(to: Option<&Addressee>, attention: Option<&str>, urgency: Option<LetterUrgency>) -> Vec<String> {
    let to = to.map(|to| format!("To {}", to.label()));
    let attention = attention.map(|who| format!("For the attention of {who}"));
    let urgency = urgency.map(|urgency| format!("Urgency: {}", urgency.title()));
    to.into_iter().chain(attention).chain(urgency).collect()
}
