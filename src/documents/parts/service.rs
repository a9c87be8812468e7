//! What happens after the document: services somebody goes on using or is referred to, and contacts arranged to follow up;
//! and procedures that were done. Says nothing about which document asks for what.

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::{Code, Contact, Telecom};

code_list! {
    /// How a service comes into it.
    ServiceStatus {
        Continuing => "continuing", "you already use it and will go on";
        Referred => "referred", "we have referred you";
        SelfAccess => "self-access", "you can go there yourself";
    }
}

/// A service the person will go on using, has been referred to or can go to (L1536, L1698-1715).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub status: ServiceStatus,
    /// Who provides it and how to reach them.
    pub provider: Contact,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Since when, or when the referral was made: a year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How it begins: who goes along, who rings first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrangements: Option<String>,
    /// Whether the person agreed to the referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<bool>,
}

impl Service {
    /// The service in one line: who, what for, how it comes into it, how to reach it.
    #[must_use]
    pub fn line(&self) -> String {
        let at = &self.provider;
        let directory_id = at.party.as_ref().map(ToString::to_string);
        let name = at.name.clone().or(directory_id).or_else(|| at.ods.as_ref().map(ToString::to_string));
        let mut parts = vec![name.unwrap_or_else(|| at.kind.title().to_owned())];
        parts.extend(self.purpose.as_ref().map(|purpose| format!("for {purpose}")));
        parts.push(self.status.title().to_owned());
        parts.extend(self.date.as_deref().map(spoken));
        parts.extend(at.telecoms.iter().map(Telecom::line));
        parts.extend(at.available.clone());
        parts.extend(at.notes.clone());
        parts.extend(self.arrangements.clone());
        parts
            .extend(self.agreed.map(|yes| if yes { "you agreed to this" } else { "you did not agree to this" }.into()));
        parts.join("; ")
    }
}

code_list! {
    /// What sort of follow-up it is.
    FollowUpKind {
        Within72Hours => "72-hour-contact", "contact within 72 hours of leaving hospital";
        Within7Days => "7-day-contact", "contact within 7 days of leaving hospital";
        Appointment => "appointment", "appointment";
        Review => "review", "review";
        Summary => "discharge-summary", "discharge summary";
        Other => "other", "contact";
    }
}

code_list! {
    /// Where a follow-up stands.
    FollowUpStatus {
        Planned => "planned", "planned";
        Done => "done", "done";
        NotReached => "not-reached", "tried, not reached";
        Cancelled => "cancelled", "cancelled";
    }
}

/// A contact arranged after discharge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    pub kind: FollowUpKind,
    pub status: FollowUpStatus,
    /// When it is or was, with or without time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How and where: a visit at home, a phone call, a clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl FollowUp {
    /// The follow-up in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![format!("{} ({})", self.kind.title(), self.status.title())];
        parts.extend(self.when.as_deref().map(spoken));
        parts.extend(self.by.clone());
        parts.extend(self.how.clone());
        parts.extend(self.notes.clone());
        parts.join("; ")
    }
}

/// Something that was done: an investigation under anaesthetic, ECT, an operation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Procedure {
    /// The procedure in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![self.text.clone()];
        parts.extend(self.date.as_deref().map(spoken));
        parts.extend(self.notes.clone());
        parts.join("; ")
    }
}
