//! Who refers, to whom, and who else should get it: organisations and professionals, not the person.
//! Names parties by directory id or ODS code; whether they exist is the directory's to say.

use serde::{Deserialize, Serialize};

use super::person::{Address, PersonName, Telecom};
use crate::model::{OdsCode, PartyId};

/// Who refers: a professional in an organisation, or the person themself (`kind` = `self`).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referrer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SenderKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Organisation>,
    /// How the triage team reaches the referrer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub telecoms: Vec<Telecom>,
}

impl Referrer {
    /// Whether the person refers themself.
    #[must_use]
    pub fn is_self(&self) -> bool {
        self.kind == Some(SenderKind::Myself)
    }
}

code_list! {
    /// Who sends referrals (`cmht-documents.md` §1, L466-508).
    SenderKind {
        Gp => "gp", "GP";
        PrimaryCarePractitioner => "primary-care-practitioner", "primary care practitioner";
        MentalHealthFacilitator => "mental-health-facilitator", "mental health facilitator";
        SocialServices => "social-services", "social services";
        OtherCmht => "other-cmht", "another community mental health team";
        Inpatient => "inpatient", "inpatient area";
        EarlyIntervention => "early-intervention", "early intervention in psychosis";
        TalkingTherapies => "talking-therapies", "talking therapies";
        CriminalJustice => "criminal-justice", "criminal justice, including police";
        DrugAndAlcohol => "drug-and-alcohol", "drug and alcohol service";
        AssertiveOutreach => "assertive-outreach", "assertive outreach";
        Camhs => "camhs", "child and adolescent mental health service";
        Crht => "crht", "crisis resolution and home treatment";
        AspergersAssessment => "aspergers-assessment", "Asperger's assessment service";
        AdultAdhd => "adult-adhd", "adult ADHD service";
        Perinatal => "perinatal", "perinatal and maternal mental health";
        OtherTrust => "other-trust", "another trust";
        Vcse => "vcse", "voluntary, community or social enterprise organisation";
        PrivateProvider => "private-provider", "private provider";
        Myself => "self", "the person themself";
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
