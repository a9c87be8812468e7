//! Who is involved in somebody's care and which of them is the key worker (`cmht-documents.md` §2; L3947-3975). The words
//! of the Care Programme Approach that older teams use ("care co-ordinator", "lead professional") are roles like others.

use serde::{Deserialize, Serialize};

use super::{Telecom, capital, strung};
use crate::model::{OdsCode, PartyId, Sector};

code_list! {
    /// What a member of the team is.
    MemberKind {
        Professional => "professional", "professional";
        Service => "service", "service";
    }
}

/// A professional or a service involved in the care.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    pub kind: MemberKind,
    /// The person's named key worker. Only `true` is ever said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key_worker: bool,
    /// What the professional or the service is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their role in this person's care, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Where they work, or who runs the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Directory id of the service, or of the team the professional works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    /// NHS and private care stay distinguishable (CS-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    /// What they do, how often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl TeamMember {
    /// Everything about the member in one text.
    #[must_use]
    pub fn line(&self) -> String {
        let id = self.party.as_ref().map(ToString::to_string).or_else(|| self.ods.as_ref().map(ToString::to_string));
        let named = self.name.is_some() || self.organisation.is_some();
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.key_worker.then(|| "Key worker".to_owned()));
        parts.extend(self.name.clone());
        parts.extend(self.role.clone());
        parts.extend(self.organisation.clone());
        parts.extend(id.filter(|_| !named));
        parts.extend(self.sector.map(|sector| sector.title().to_owned()));
        parts.extend(self.telecoms.iter().map(Telecom::at_work));
        parts.extend(self.notes.clone());
        if parts.is_empty() { capital(self.kind.title()) } else { strung(parts) }
    }
}
