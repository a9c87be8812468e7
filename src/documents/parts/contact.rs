//! Somebody to turn to in a crisis (`cmht-documents.md` §7). Numbers come from the directory or the sender: none stands
//! here as a constant, for numbers change.

use serde::{Deserialize, Serialize};

use super::Telecom;
use super::phrase::{capital, sentences};
use super::reader::Reader;
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
        self.line_for(Reader::PROFESSIONAL)
    }

    /// The same; a letter to the person names no directory.
    pub(in crate::documents) fn line_for(&self, reader: Reader<'_>) -> String {
        let reach = self.reach();
        let reach = if reach.is_empty() { reach } else { format!(": {reach}") };
        sentences(std::iter::once(format!("{}{reach}", self.called(reader))).chain(self.notes.clone()))
    }

    /// Their name and, where the name does not say it, what they are.
    pub(super) fn called(&self, reader: Reader<'_>) -> String {
        let id = || self.party.as_ref().map(ToString::to_string).or_else(|| self.ods.as_ref().map(ToString::to_string));
        let name = self.name.clone().or_else(|| id().filter(|_| !reader.is_you()));
        let kind = self.kind.title();
        let Some(name) = name else { return capital(kind) };
        let lower = name.to_lowercase();
        let said = match self.kind {
            ContactKind::Professional | ContactKind::Service | ContactKind::Emergency => true,
            ContactKind::AccessPoint => lower.contains("access point"),
            _ => lower.contains(&kind.to_lowercase()),
        };
        if said { name } else { format!("{name} ({kind})") }
    }

    /// Numbers and hours.
    pub(super) fn reach(&self) -> String {
        let numbers = self.telecoms.iter().map(Telecom::at_work).collect::<Vec<_>>().join(", ");
        match &self.available {
            Some(hours) if numbers.is_empty() => hours.clone(),
            Some(hours) => format!("{numbers} ({hours})"),
            None => numbers,
        }
    }
}
