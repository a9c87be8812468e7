//! Private and NHS care side by side: who leads on which area and who pays for it (CS-13, L2813-2820), and the first
//! private consultation, whose day decides the position on the NHS waiting list (L2821-2823).

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::{Addressee, Telecom, strung};
use crate::model::Sector;

code_list! {
    /// Who pays for an area of care.
    Funding {
        Nhs => "nhs", "NHS-funded";
        Person => "person", "paid for by the person";
        Insurer => "insurer", "paid for by an insurer";
        LocalAuthority => "local-authority", "funded by the local authority";
        Other => "other", "funded in another way";
    }
}

/// One area of care and who leads on it: CareTeam.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// The area of care: "medication", "psychological therapy".
    pub area: String,
    /// The clinician who leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Addressee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Funding>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    /// What the others may count on, or do in the meantime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Lead {
    /// The area and who leads on it, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.name.clone());
        parts.extend(self.role.clone());
        parts.extend(place(self.organisation.as_ref(), self.sector));
        parts.extend(self.funding.map(|funding| funding.title().to_owned()));
        parts.extend(self.since.as_deref().map(|since| format!("since {}", spoken(since))));
        parts.extend(self.telecoms.iter().map(Telecom::at_work));
        parts.extend(self.notes.clone());
        if parts.is_empty() {
            format!("{}: nobody named", self.area)
        } else {
            format!("{}: {}", self.area, strung(parts))
        }
    }
}

/// The first private consultation about a condition: Encounter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consultation {
    /// The day. The person joins the NHS waiting list as if it had been an NHS consultation.
    pub date: String,
    /// The clinician they saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Addressee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    /// When the person was referred privately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred: Option<String>,
    /// Who referred them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_by: Option<String>,
}

impl Consultation {
    /// The consultation in words, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let with = self.with.clone().into_iter().chain(place(self.organisation.as_ref(), self.sector));
        let mut first = vec![spoken(&self.date)];
        first.extend(with);
        let mut lines = vec![first.join("; ")];
        if self.referred.is_some() || self.referred_by.is_some() {
            let when = self.referred.as_deref().map(|day| format!(" on {}", spoken(day))).unwrap_or_default();
            let by = self.referred_by.as_deref().map(|who| format!(" by {who}")).unwrap_or_default();
            lines.push(format!("Referred privately{when}{by}"));
        }
        lines
    }
}

/// An organisation with its sector, in words.
fn place(organisation: Option<&Addressee>, sector: Option<Sector>) -> Option<String> {
    match (organisation, sector) {
        (Some(at), Some(sector)) => Some(format!("{} ({})", at.label(), sector.title())),
        (Some(at), None) => Some(at.label().to_owned()),
        (None, sector) => sector.map(|sector| sector.title().to_owned()),
    }
}
