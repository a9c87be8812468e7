//! Clinical content with structure that several documents share: diagnoses, medication, allergies, attachments.
//! Says nothing about which document asks for what.

use serde::{Deserialize, Serialize};

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
        let mut parts = vec![self.text.clone()];
        parts.extend(self.certainty.map(|c| c.title().to_owned()));
        parts.extend(self.status.map(|s| s.title().to_owned()));
        parts.extend(self.since.as_ref().map(|since| format!("since {since}")));
        parts.extend(self.notes.clone());
        parts.join("; ")
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
        parts.extend(self.since.as_ref().map(|since| format!("since {since}")));
        parts.extend(self.adverse_effects.as_ref().map(|effects| format!("adverse effects: {effects}")));
        parts.extend(self.notes.clone());
        parts.join("; ")
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
