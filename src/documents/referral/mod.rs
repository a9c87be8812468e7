//! The referral in its native form (`cmht-documents.md` §1): serde types beside `profiles/cmht/referral.schema.json`.
//! The schema refuses what cannot be processed; these types hold what it lets through. An incomplete referral is a
//! good referral: what is missing is listed, never refused.

mod clinical;
mod items;
mod missing;
mod parties;
mod readable;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use clinical::{PoliceReport, Reason, Reported, Risk, RiskPair, Safeguarding};
pub use items::{Item, LISTS, List, STATEMENTS};
pub use missing::{MissingItem, item_pointer};
pub use parties::{Referrer, SenderKind};

pub use super::parts::{
    Address, AddressUse, Addressee, Allergy, Attachment, Certainty, Code, ConditionStatus, ConsentPosition,
    ContactMethod, ContactPreferences, Diagnosis, ETHNIC_CATEGORIES, EthnicOrigin, Form, Formulation, Gender,
    Identifier, Known, Language, Medication, MedicationStatus, NONE_KNOWN, NameUse, NhsNumberAnswer, Organisation,
    Person, PersonName, Recipient, Registration, RegistrationBody, RelatedPerson, Section, Sharing, Statement, Telecom,
    TelecomSystem, TelecomUse, Unavailable, Unmapped, Verification, Wish, WrittenFormat,
};
use crate::model::{Issue, IssueCode, Pathway};

/// The published JSON Schema of this document (2020-12), byte for byte as in `profiles/cmht`.
pub const SCHEMA: &str = include_str!("../../../profiles/cmht/referral.schema.json");

code_list! {
    /// Item 5: the response asked for. Crisis does not wait for triage (L540-541).
    Response {
        Routine => "routine", "routine";
        Urgent => "urgent", "urgent: 5 working days";
        Crisis => "crisis", "crisis: at once";
    }
}

/// A request without a priority has normal priority (<https://hl7.org/fhir/R4/servicerequest.html>).
impl Default for Response {
    fn default() -> Self {
        Self::Routine
    }
}

/// A referral. Property names are those of the JSON document; item numbers are those of L509-527.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// The sender's own identifier of this document.
    pub id: String,
    /// When it was sent, with offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// Identifier of the referral that this one replaces (CS-21).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Item 5.
    pub response: Response,
    /// Items 1 to 3 and how to reach the person.
    pub person: Person,
    pub referrer: Referrer,
    /// The service asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Addressee>,
    /// Who else should get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Addressee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentPosition>,
    /// Item 4, first half.
    pub reasons: Vec<Reason>,
    /// Item 4, second half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_now: Option<String>,
    /// What no other field says in a code, and routing and eligibility advice go by (L430-465).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pathway: Vec<Pathway>,
    /// When the team meeting decided that a spoke team is asked, with offset (L3510-3514).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mdt_decided: Option<String>,
    /// Anything else about the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_information: Vec<String>,
    /// Item 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub significant_life_events: Option<Known<Statement>>,
    /// Item 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependants: Option<Known<RelatedPerson>>,
    /// Item 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_of_kin: Option<Known<RelatedPerson>>,
    /// Item 9, first half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_diagnosis: Option<Known<Diagnosis>>,
    /// Item 9, second half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treatments_tried: Option<Known<Statement>>,
    /// Item 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_psychiatric_history: Option<Known<Statement>>,
    /// Item 11.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_history: Option<Known<Statement>>,
    /// Item 11.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_history: Option<Known<Statement>>,
    /// Item 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_conditions: Option<Known<Diagnosis>>,
    /// Item 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medication: Option<Known<Medication>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allergies: Option<Known<Allergy>>,
    /// Item 13.
    #[serde(default, skip_serializing_if = "Risk::is_empty")]
    pub risk: Risk,
    /// Things anybody visiting should know at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Known<Statement>>,
    /// Item 14.
    #[serde(default, skip_serializing_if = "Safeguarding::is_empty")]
    pub safeguarding: Safeguarding,
    /// Item 15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_networks: Option<Known<Statement>>,
    /// Item 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carers: Option<Known<RelatedPerson>>,
    /// People to know of who are neither next of kin nor carer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_contacts: Vec<RelatedPerson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communication_needs: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_and_goals: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substance_use: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forensic_history: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_status: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub housing_money_work: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pregnancy_and_sexual_health: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance_statement: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements_by_others: Option<Known<Statement>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What another system said that has no place here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<Unmapped>,
}

impl Referral {
    /// Reads a document that has passed the schema.
    ///
    /// # Errors
    /// One issue when it does not fit the types; the text names no value, since serde's own message would.
    pub fn from_json(value: Value) -> Result<Self, Issue> {
        serde_json::from_value(value).map_err(|_| {
            Issue::error(
                IssueCode::Structure,
                "This is not a referral as the published schema describes it. Check it against \
                 https://fhir.cmht-gateway.example/schema/referral/v1.",
            )
        })
    }

    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // Only maps with keys other than text, or a failing Serialize, could make this fail; the types hold neither.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Item 5: the response asked for.
    #[must_use]
    pub const fn response(&self) -> Response {
        self.response
    }
}

/// Says that it is a referral and nothing about the person.
impl std::fmt::Debug for Referral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Referral(…)")
    }
}
