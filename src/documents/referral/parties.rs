//! Who refers. Whether the organisation exists is the directory's to say.

use serde::{Deserialize, Serialize};

use crate::documents::parts::{Author, Organisation, PersonName, Registration, Telecom};

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

    /// The referrer as the author of the referral. `person` tells of a self-referral.
    #[must_use]
    pub fn author(&self) -> Author {
        Author {
            person: self.is_self(),
            name: self.name.clone(),
            role: self.role.clone(),
            registration: self.registration.clone(),
            organisation: self.organisation.clone(),
            telecoms: self.telecoms.clone(),
        }
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
