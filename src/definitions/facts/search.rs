//! The facts of a search parameter: what it is called, of which types, how it is asked.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{text, texts};

/// A SearchParameter (<https://hl7.org/fhir/R4/searchparameter.html>), reduced to what others may not contradict.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchParameter {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The types of resources that can be searched by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub base: Vec<String>,
    /// `token`, `date`, `reference`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where its values stand, in FHIRPath.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}

impl SearchParameter {
    /// Reads a SearchParameter in its FHIR JSON form. `None` where it has no URL or type.
    #[must_use]
    pub fn from_fhir(resource: &Value) -> Option<Self> {
        Some(Self {
            url: text(resource, "url")?,
            version: text(resource, "version"),
            base: texts(resource, "base"),
            kind: text(resource, "type")?,
            expression: text(resource, "expression"),
        })
    }
}
