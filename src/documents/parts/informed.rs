//! Somebody the person wants informed, or does not want informed (CS-03, L2505-2506). The list in the plan and the wish
//! the consent engine reads are made of the same entry, so that they cannot differ.

use serde::{Deserialize, Serialize};

use super::{Recipient, Telecom, Wish, strung};
use crate::model::{DataCategory, OdsCode, PartyId};

/// A person or an organisation by name, directory id or ODS code.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Informed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How they are related, in words: "brother", "manager at work".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    /// What else the person said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Informed {
    /// Whether this is an organisation the gateway can match, rather than a person.
    #[must_use]
    pub const fn is_organisation(&self) -> bool {
        self.party.is_some() || self.ods.is_some()
    }

    /// Everything about them in one text.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts: Vec<String> = vec![self.recipient().label()];
        parts.extend(self.relationship.clone());
        parts.extend(self.telecoms.iter().map(Telecom::line));
        parts.extend(self.notes.clone());
        strung(parts)
    }

    /// Whom the wish is about.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient { party: self.party.clone(), ods: self.ods.clone(), kind: None, name: self.name.clone() }
    }

    /// The wish it amounts to. A permission names what it covers; an objection names nothing and so covers everything,
    /// from the moment it is received.
    #[must_use]
    pub fn wish(&self, covers: &[DataCategory]) -> Wish {
        Wish { recipient: Some(self.recipient()), categories: covers.to_vec(), from: None, until: None }
    }
}
