//! Organisations, professionals and whoever a document goes to; not the person.
//! Names parties by directory id or ODS code; whether they exist is the directory's to say.

use serde::{Deserialize, Serialize};

use super::person::{Address, PersonName, Telecom};
use super::phrase::capital;
use super::reader::Reader;
use crate::model::{OdsCode, PartyId, Sector};

/// Who wrote a document: the person, a professional, or both together.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// The person wrote it, alone or together with the professional named here. Only `true` is ever said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Organisation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
}

impl Author {
    /// Whether there is anything to say of the professional beyond the organisation.
    #[must_use]
    pub const fn is_professional(&self) -> bool {
        self.name.is_some() || self.registration.is_some() || self.role.is_some() || !self.telecoms.is_empty()
    }

    /// Everything known about the professional, one line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines_for(Reader::PROFESSIONAL)
    }

    /// The same in the words of a reader.
    pub(in crate::documents) fn lines_for(&self, reader: Reader<'_>) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.person.then(|| reader.say("The person", "You", "Me").to_owned()));
        lines.extend(self.name.as_ref().map(PersonName::line));
        lines.extend(self.role.clone());
        lines.extend(self.organisation.as_ref().map(|organisation| {
            let sector = organisation.sector.map(|sector| format!(" ({})", sector.title())).unwrap_or_default();
            format!("{}{sector}", organisation.label())
        }));
        lines.extend(self.telecoms.iter().map(|telecom| capital(&telecom.at_work())));
        lines
    }
}

/// A professional's entry in a regulator's register.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub body: RegistrationBody,
    pub number: String,
}

code_list! {
    /// Regulators whose numbers FHIR has a system for (`codes.md` §9).
    RegistrationBody {
        Gmc => "gmc", "General Medical Council";
        Nmc => "nmc", "Nursing and Midwifery Council";
        Hcpc => "hcpc", "Health and Care Professions Council";
    }
}

/// An organisation: at least one of name, ODS code and directory id.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// NHS, private, voluntary …: what comes from each stays distinguishable (CS-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<Sector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

impl Organisation {
    /// The best words for it: name, else code, else directory id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name
            .as_deref()
            .or_else(|| self.ods.as_ref().map(OdsCode::as_str))
            .or_else(|| self.party.as_ref().map(PartyId::as_str))
            .unwrap_or("an organisation")
    }
}

/// A team or organisation to send to: a directory id or an ODS code, or only a name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Addressee {
    /// Whether this is that organisation: by directory id, ODS code or name.
    #[must_use]
    pub fn is(&self, organisation: &Organisation) -> bool {
        let party = self.party.is_some() && self.party == organisation.party;
        let ods = self.ods.is_some() && self.ods == organisation.ods;
        party || ods || (self.name.is_some() && self.name == organisation.name)
    }

    /// The best words for it: name, else directory id, else code.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name
            .as_deref()
            .or_else(|| self.party.as_ref().map(PartyId::as_str))
            .or_else(|| self.ods.as_ref().map(OdsCode::as_str))
            .unwrap_or("somebody")
    }
}
