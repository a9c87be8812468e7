//! Clinical content with structure that several documents share: diagnoses, medication, allergies, attachments.
//! Says nothing about which document asks for what.

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::phrase::{sentences, strung};
use super::reader::Reader;
use crate::model::DataCategory;

/// A code of a public code system.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub system: String,
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// A diagnosis or condition.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ConditionStatus>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Diagnosis {
    /// The diagnosis in one line.
    #[must_use]
    pub fn line(&self) -> String {
        use ConditionStatus as S;
        let over = matches!(self.status, Some(S::Inactive | S::Remission | S::Resolved));
        let began = if over { "began" } else { "since" };
        let mut about: Vec<String> = Vec::new();
        about.extend(self.certainty.map(|c| c.title().to_owned()));
        about.extend(self.status.map(|s| s.title().to_owned()));
        about.extend(self.since.as_deref().map(|since| format!("{began} {}", spoken(since))));
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        sentences(std::iter::once(format!("{}{about}", self.text)).chain(self.notes.clone()))
    }
}

code_list! {
    /// How sure the sender is (FHIR condition-ver-status).
    Certainty {
        Confirmed => "confirmed", "confirmed";
        Provisional => "provisional", "provisional";
        Differential => "differential", "one of several possibilities";
        Unconfirmed => "unconfirmed", "not confirmed";
        Refuted => "refuted", "ruled out";
    }
}

code_list! {
    /// Where a condition stands (FHIR condition-clinical).
    ConditionStatus {
        Active => "active", "active";
        Recurrence => "recurrence", "has come back";
        Relapse => "relapse", "relapse";
        Inactive => "inactive", "not active";
        Remission => "remission", "in remission";
        Resolved => "resolved", "resolved";
    }
}

/// A medicine.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Medication {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MedicationStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Adverse effects the person has or should look out for (L1538).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adverse_effects: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Medication {
    /// The medicine in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![self.text.clone()];
        parts.extend(self.purpose.as_ref().map(|purpose| format!("for {purpose}")));
        parts.extend(self.dose.clone());
        parts.extend(self.status.map(|s| s.title().to_owned()));
        parts.extend(self.since.as_deref().map(|since| format!("since {}", spoken(since))));
        parts.extend(self.adverse_effects.as_ref().map(|effects| format!("adverse effects: {effects}")));
        parts.extend(self.notes.clone());
        strung(parts)
    }

    /// The same; in a letter to the person a line for each side of it, for these are looked up again and again.
    pub(in crate::documents) fn line_for(&self, reader: Reader<'_>) -> String {
        if !reader.is_you() {
            return self.line();
        }
        let purpose = self.purpose.as_ref().map(|purpose| format!(", for {purpose}")).unwrap_or_default();
        let mut lines = vec![format!("{}{purpose}", self.text)];
        lines.extend(self.dose.as_ref().map(|dose| format!("Dose: {dose}")));
        let since = self.since.as_deref().map(spoken);
        lines.extend(match (self.status, since) {
            (Some(status), Some(since)) => Some(format!("{} ({} {since})", status.to_person(), status.began())),
            (Some(status), None) => Some(status.to_person().to_owned()),
            (None, since) => since.map(|since| format!("Since {since}")),
        });
        lines.extend(self.adverse_effects.as_ref().map(|effects| format!("Side effects: {effects}")));
        lines.extend(self.notes.clone());
        lines.join("\n")
    }
}

code_list! {
    /// Whether it is taken (FHIR medication-statement-status).
    MedicationStatus {
        Active => "active", "taking it";
        Completed => "completed", "course finished";
        Intended => "intended", "to be started";
        Stopped => "stopped", "stopped";
        OnHold => "on-hold", "paused";
        NotTaken => "not-taken", "prescribed but not taken";
    }
}

impl MedicationStatus {
    /// The same said to the person.
    const fn to_person(self) -> &'static str {
        match self {
            Self::Active => "You are taking this",
            Self::Completed => "You have finished this course",
            Self::Intended => "You are going to start this",
            Self::Stopped => "You no longer take this",
            Self::OnHold => "You are not taking this for now: it is paused",
            Self::NotTaken => "This was prescribed, and you do not take it",
        }
    }

    /// What goes before the day it began.
    const fn began(self) -> &'static str {
        match self {
            Self::Active => "since",
            Self::Intended => "from",
            _ => "began",
        }
    }
}

/// An allergy or bad reaction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allergy {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<String>,
}

impl Allergy {
    /// The allergy in one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.reaction.as_ref().map_or_else(|| self.text.clone(), |reaction| format!("{}: {reaction}", self.text))
    }
}

/// A file sent along: its bytes, or where to fetch it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub title: String,
    pub content_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the file is about. Without it the file goes only where the whole referral goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<DataCategory>,
}
