//! What happens after the document: services somebody goes on using or is referred to, and contacts arranged to follow up;
//! and procedures that were done. Says nothing about which document asks for what.

use serde::{Deserialize, Serialize};

use super::moment::{spoken, spoken_with_weekday};
use super::phrase::{capital, sentences};
use super::reader::Reader;
use super::{Code, Contact};

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
    /// The service, a line for each of its sides: who and what for, how it comes into it, how to reach it, what to know.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_for(Reader::PROFESSIONAL)
    }

    /// The same; a letter to the person names no directory.
    pub(in crate::documents) fn line_for(&self, reader: Reader<'_>) -> String {
        let at = &self.provider;
        let purpose = self.purpose.as_ref().map(|purpose| format!(", for {purpose}")).unwrap_or_default();
        let since = if self.status == ServiceStatus::Continuing { "since " } else { "" };
        let date = self.date.as_deref().map(|date| format!(" ({since}{})", spoken(date))).unwrap_or_default();
        let status = format!("{}{date}", capital(self.status.title()));
        let agreed =
            self.agreed.map(|yes| if yes { "You agreed to this." } else { "You did not agree to this." }.to_owned());
        let name = at.name.clone().unwrap_or_else(|| at.called(reader));
        let mut lines = vec![format!("{name}{purpose}"), sentences(std::iter::once(status).chain(agreed))];
        lines.extend(Some(capital(&at.reach())).filter(|reach| !reach.is_empty()));
        let more = sentences(at.notes.clone().into_iter().chain(self.arrangements.clone()));
        lines.extend(Some(more).filter(|more| !more.is_empty()));
        lines.join("\n")
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
    /// The follow-up in one line, its day first; that it is planned goes without saying.
    #[must_use]
    pub fn line(&self) -> String {
        let with = if self.kind == FollowUpKind::Summary { "from" } else { "with" };
        let by = self.by.as_ref().map(|by| format!(" {with} {by}")).unwrap_or_default();
        let status = if self.status == FollowUpStatus::Planned { "" } else { self.status.title() };
        let status = if status.is_empty() { String::new() } else { format!(" ({status})") };
        let what = format!("{}{by}{status}", self.kind.title());
        let head = match self.when.as_deref() {
            Some(when) => format!("{}: {what}", spoken_with_weekday(when)),
            None => capital(&what),
        };
        sentences(std::iter::once(head).chain(self.how.clone()).chain(self.notes.clone()))
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
        let date = self.date.as_deref().map(|date| format!(", {}", spoken(date))).unwrap_or_default();
        sentences(std::iter::once(format!("{}{date}", self.text)).chain(self.notes.clone()))
    }
}
