//! Somebody to turn to in a crisis (`cmht-documents.md` §7). Numbers come from the directory or the sender: none stands
//! here as a constant, for numbers change.

use serde::{Deserialize, Serialize};

use super::Telecom;
use crate::model::{OdsCode, PartyId};

code_list! {
    /// What a contact is.
    ContactKind {
        KeyWorker => "key-worker", "key worker";
        Counsellor => "counsellor", "counsellor";
        Gp => "gp", "GP";
        Professional => "professional", "other professional";
        CommunityTeam => "community-team", "community mental health team";
        AccessPoint => "access-point", "mental health access point";
        CrisisTeam => "crisis-team", "crisis team";
        Helpline => "helpline", "helpline";
        Emergency => "emergency", "emergency service";
        Service => "service", "other service";
    }
}

impl ContactKind {
    /// Whether the contact is a professional rather than a service.
    #[must_use]
    pub const fn is_professional(self) -> bool {
        matches!(self, Self::KeyWorker | Self::Counsellor | Self::Gp | Self::Professional)
    }
}

/// A professional or service to turn to, in the order in which to try them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub kind: ContactKind,
    /// What the professional or the service is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Directory id of the service, or of the team the professional works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    /// When they can be reached: "24 hours a day".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<String>,
    /// What to ask for, what to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Contact {
    /// Everything about the contact in one text.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![self.kind.title().to_owned()];
        let directory_id = self.party.as_ref().map(ToString::to_string);
        let ods = self.ods.as_ref().map(ToString::to_string);
        parts.extend(self.name.clone().or(directory_id).or(ods));
        parts.extend(self.telecoms.iter().map(Telecom::line));
        parts.extend(self.available.clone());
        parts.extend(self.notes.clone());
        parts.join("; ")
    }
}
