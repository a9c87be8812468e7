//! The facts of one structure definition: a type of FHIR itself, a profile, an extension.

use serde::{Deserialize, Serialize};

use super::element::Element;

/// A StructureDefinition (<https://hl7.org/fhir/R4/structuredefinition.html>), reduced to what decides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub name: String,
    /// The type that is described or constrained: `Patient`, `Extension`.
    #[serde(rename = "type")]
    pub kind_of: String,
    pub kind: Kind,
    #[serde(rename = "abstract", skip_serializing_if = "super::off")]
    pub is_abstract: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derivation: Option<Derivation>,
    /// Canonical URL of the definition this one builds on; none for `Element` and `Resource`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Where an extension may be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<Context>,
    /// FHIRPath that must hold where an extension is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context_invariants: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differential: Vec<Element>,
    /// Empty until it has been generated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshot: Vec<Element>,
}

/// What a structure definition describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    PrimitiveType,
    ComplexType,
    #[default]
    Resource,
    Logical,
}

impl Kind {
    /// The code FHIR has for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PrimitiveType => "primitive-type",
            Self::ComplexType => "complex-type",
            Self::Resource => "resource",
            Self::Logical => "logical",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::PrimitiveType, Self::ComplexType, Self::Resource, Self::Logical].into_iter().find(|k| k.code() == code)
    }
}

/// How a structure definition builds on its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Derivation {
    /// A new type.
    Specialization,
    /// A profile of the base's type.
    Constraint,
}

/// `StructureDefinition.context`: where an extension may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context {
    /// `element`, `extension` or `fhirpath`.
    #[serde(rename = "type")]
    pub kind: String,
    pub expression: String,
}
