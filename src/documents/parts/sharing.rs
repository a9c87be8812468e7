//! The person's wishes about sharing, as the referrer recorded them. Deciding with them is `consent`'s business.

use serde::{Deserialize, Serialize};

use crate::model::{DataCategory, OdsCode, PartyId, PartyKind};

/// Consent position.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentPosition {
    pub sharing: Sharing,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// What the person explicitly agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Wish>,
    /// What the person does not want.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Wish>,
}

code_list! {
    /// Where the person stands on sharing.
    Sharing {
        Agreed => "agreed", "agreed to sharing as set out here";
        AgreedInPart => "agreed-in-part", "agreed to some of it";
        CareTeamOnly => "care-team-only", "wants it kept to the NHS teams caring for them";
        NotAsked => "not-asked", "has not been asked";
        LacksCapacity => "lacks-capacity", "lacks capacity to decide about sharing";
    }
}

impl Sharing {
    /// The same said to the person.
    #[must_use]
    pub const fn to_person(self) -> &'static str {
        match self {
            Self::Agreed => "You agreed to sharing as set out here",
            Self::AgreedInPart => "You agreed to some of it",
            Self::CareTeamOnly => "You want it kept to the NHS teams caring for you",
            Self::NotAsked => "We have not asked you yet",
            Self::LacksCapacity => "You were not able to decide about sharing at the time",
        }
    }
}

/// One permission or one objection.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Whom it is about; nobody named means everybody, which only an objection may say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Recipient>,
    /// What it covers. None named: for a permission the handover minimum, for an objection everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<DataCategory>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Whom a wish is about: a party, a kind of party, or somebody by name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PartyKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Recipient {
    /// The best words for it.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.name.clone();
        name.or_else(|| self.party.as_ref().map(ToString::to_string))
            .or_else(|| self.ods.as_ref().map(ToString::to_string))
            .or_else(|| self.kind.map(|kind| format!("any {}", kind.code())))
            .unwrap_or_else(|| "anybody".to_owned())
    }
}

impl Wish {
    /// The wish in one line, beginning with the recipient.
    #[must_use]
    pub fn line(&self, nothing_named: &str) -> String {
        let what = if self.categories.is_empty() {
            nothing_named.to_owned()
        } else {
            self.categories.iter().map(|c| c.title()).collect::<Vec<_>>().join(", ")
        };
        let from = self.from.as_ref().map(|from| format!(", from {from}")).unwrap_or_default();
        let until = self.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        let whom = self.recipient.as_ref().map_or_else(|| "anybody".to_owned(), Recipient::label);
        format!("{whom}: {what}{from}{until}")
    }
}
