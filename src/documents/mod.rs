//! The native documents as serde types, and their canonical bytes. What a record system or a form fills in.
//! Knows nothing of FHIR: `map` turns a document into a Bundle and back.

use serde_json::Value;

/// A closed list of codes: serde names, `code()`, `from_code()`, and words for people.
macro_rules! code_list {
    ($(#[$meta:meta])* $name:ident { $($variant:ident => $code:literal, $title:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every code, in the order of the source list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code used in the native document.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The entry with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|entry| entry.code() == code)
            }
        }
    };
}

#[macro_use]
mod required;
#[macro_use]
mod table;
pub mod care_lead_statement;
pub mod care_plan;
pub mod carers_plan;
pub mod clinical_information_answer;
pub mod clinical_information_request;
pub mod contingency_plan;
mod cover;
pub mod discharge_letter;
mod frame;
pub mod handover_outcome;
mod outline;
pub mod parts;
pub mod private_opinion;
mod reading;
pub mod referral;
pub mod safety_plan;
pub mod shared_care_answer;
pub mod shared_care_request;
pub mod social_prescribing_handover;
pub mod transfer_to_nhs;

pub use care_lead_statement::CareLeadStatement;
pub use care_plan::CarePlan;
pub use carers_plan::CarersPlan;
pub use clinical_information_answer::ClinicalInformationAnswer;
pub use clinical_information_request::ClinicalInformationRequest;
pub use contingency_plan::ContingencyPlan;
pub use cover::{Cover, Words};
pub use discharge_letter::DischargeLetter;
pub use frame::{Frame, OwnFrame};
pub use handover_outcome::HandoverOutcome;
pub use outline::{Carrier, Outline, OutlineHeading, OutlineMark, OutlineQuestion, outlines};
pub use private_opinion::PrivateOpinion;
pub use referral::Referral;
pub use required::{Missing, Requirement};
pub use safety_plan::SafetyPlan;
pub use shared_care_answer::SharedCareAnswer;
pub use shared_care_request::SharedCareRequest;
pub use social_prescribing_handover::SocialPrescribingHandover;
pub use table::{Content, Document, Field, Heading, Mark, Slot};
pub use transfer_to_nhs::TransferToNhs;

use crate::model::DocumentKind;

/// The schemas of the native documents, by kind. What is not here has no native form.
pub const SCHEMAS: &[(DocumentKind, &str)] = &[
    (DocumentKind::Referral, referral::SCHEMA),
    (DocumentKind::SafetyPlan, SafetyPlan::SCHEMA),
    (DocumentKind::ContingencyPlan, ContingencyPlan::SCHEMA),
    (DocumentKind::DischargeLetter, DischargeLetter::SCHEMA),
    (DocumentKind::CarePlan, CarePlan::SCHEMA),
    (DocumentKind::CarersPlan, CarersPlan::SCHEMA),
    (DocumentKind::SocialPrescribingHandover, SocialPrescribingHandover::SCHEMA),
    (DocumentKind::HandoverOutcome, HandoverOutcome::SCHEMA),
    (DocumentKind::ClinicalInformationRequest, ClinicalInformationRequest::SCHEMA),
    (DocumentKind::ClinicalInformationAnswer, ClinicalInformationAnswer::SCHEMA),
    (DocumentKind::PrivateOpinion, PrivateOpinion::SCHEMA),
    (DocumentKind::TransferToNhs, TransferToNhs::SCHEMA),
    (DocumentKind::CareLeadStatement, CareLeadStatement::SCHEMA),
    (DocumentKind::SharedCareRequest, SharedCareRequest::SCHEMA),
    (DocumentKind::SharedCareAnswer, SharedCareAnswer::SCHEMA),
];

/// The kind a native document says it is of, in `kind`. The referral, which came first, has no such property.
#[must_use]
pub fn kind_of(document: &Value) -> DocumentKind {
    let stated = document.get("kind").and_then(Value::as_str).and_then(DocumentKind::from_code);
    stated.unwrap_or(DocumentKind::Referral)
}

/// Canonical bytes of a JSON value: object keys sorted by code point, no insignificant whitespace. Two documents that
/// say the same have the same bytes, so they can be compared and hashed.
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (place, key) in keys.into_iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::from(key.as_str()).to_string());
                    out.push(':');
                    write(map.get(key).unwrap_or(&Value::Null), out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical;

    #[test]
    fn the_order_of_keys_does_not_change_the_canonical_bytes() {
        let one = json!({"b": [1, {"z": "ü", "a": null}], "a": true});
        let other = json!({"a": true, "b": [1, {"a": null, "z": "ü"}]});
        assert_eq!(canonical(&one), canonical(&other));
        assert_eq!(canonical(&one), r#"{"a":true,"b":[1,{"a":null,"z":"ü"}]}"#.as_bytes());
    }

    #[test]
    fn the_order_of_lists_does() {
        assert_ne!(canonical(&json!([1, 2])), canonical(&json!([2, 1])));
    }
}
