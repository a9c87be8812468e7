//! The person's wishes about sharing, as the referrer recorded them. Deciding with them is `consent`'s business.

use serde::{Deserialize, Serialize};

use super::moment::spoken_day;
use super::phrase::capital;
use super::reader::Reader;
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
    /// The same said by the person.
    pub(super) const fn own(self) -> &'static str {
        match self {
            Self::Agreed => "I agreed to sharing as set out here",
            Self::AgreedInPart => "I agreed to some of it",
            Self::CareTeamOnly => "I want it kept to the NHS teams caring for me",
            Self::NotAsked => "I have not been asked yet",
            Self::LacksCapacity => "I was not able to decide about sharing at the time",
        }
    }

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
            .or_else(|| self.kind.map(|kind| any(kind).to_owned()))
            .unwrap_or_else(|| "anybody".to_owned())
    }
}

/// Any organisation of a kind, in words.
const fn any(kind: PartyKind) -> &'static str {
    use PartyKind as K;
    match kind {
        K::GpPractice => "any GP practice",
        K::NhsTrust => "any NHS trust",
        K::AccessPoint => "any central access point",
        K::Cmht => "any community mental health team",
        K::Crht => "any crisis team",
        K::AssertiveOutreach => "any assertive outreach team",
        K::EarlyIntervention => "any early intervention team",
        K::Inpatient => "any ward",
        K::Perinatal => "any perinatal team",
        K::EatingDisorder => "any eating disorder service",
        K::TalkingTherapies => "any talking therapies service",
        K::Camhs => "any mental health service for children and young people",
        K::OtherNhs => "any other NHS service",
        K::LocalAuthority => "any council",
        K::Police => "the police",
        K::DrugAndAlcohol => "any drug and alcohol service",
        K::Vcse => "any voluntary organisation",
        K::Advocacy => "any advocacy service",
        K::PrivateProvider => "any private provider",
        K::Person => "the person themselves",
        K::Carer => "any carer or relative",
    }
}

impl Wish {
    /// What may be shared with whom, in one line.
    pub(super) fn permission(&self, reader: Reader<'_>) -> String {
        let least = reader.say("the handover minimum", "what they need to help you", "what they need to help me");
        format!("{} may have: {}", self.whom().unwrap_or_else(|| "Anybody".to_owned()), self.covers(reader, least))
    }

    /// What must not be shared with whom, in one line.
    pub(super) fn objection(&self, reader: Reader<'_>) -> String {
        let what = self.covers(reader, "anything");
        self.whom().map_or_else(|| format!("Nobody may have: {what}"), |whom| format!("{whom} must not have: {what}"))
    }

    fn whom(&self) -> Option<String> {
        let recipient = self.recipient.as_ref().filter(|recipient| **recipient != Recipient::default())?;
        let label = recipient.label();
        Some(if recipient.name.is_some() { label } else { capital(&label) })
    }

    fn covers(&self, reader: Reader<'_>, nothing_named: &str) -> String {
        let title = |category: &DataCategory| match category {
            DataCategory::Demographics => reader.say(category.title(), "who you are", "who I am"),
            DataCategory::ContactAndCommunication => {
                reader.say(category.title(), "how to reach and talk with you", "how to reach and talk with me")
            }
            DataCategory::ReferralReason => reader.say(category.title(), "why you are referred", "why I am referred"),
            other => other.title(),
        };
        let what = if self.categories.is_empty() {
            nothing_named.to_owned()
        } else {
            self.categories.iter().map(title).collect::<Vec<_>>().join(", ")
        };
        let from = self.from.as_deref().map(|from| format!(", from {}", spoken_day(from))).unwrap_or_default();
        let until = self.until.as_deref().map(|until| format!(", until {}", spoken_day(until))).unwrap_or_default();
        format!("{what}{from}{until}")
    }
}
