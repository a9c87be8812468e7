//! The facts of code systems and value sets (<https://hl7.org/fhir/R4/codesystem.html>, `valueset.html`).

use serde::{Deserialize, Serialize};

/// A CodeSystem with its concepts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeSystem {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `complete`, `fragment`, `example`, `not-present`, `supplement`: only a complete one can say that a code is wrong.
    pub content: String,
    /// Absent: not said, so codes are compared as they are (the safe reading).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_sensitive: Option<bool>,
    /// `is-a` and others: what a concept's place below another means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<String>,
    /// The value set of all its codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_set: Option<String>,
    /// The code system this one adds to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplements: Option<String>,
    /// The properties it declares, each with its type. Packs do without: only the definitions of a package are asked.
    #[serde(skip)]
    pub declared: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<Concept>,
}

/// A concept and those below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Concept {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Other words for it, in whatever language: those that differ from the display and from each other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub designations: Vec<String>,
    /// Those that place the concept in the hierarchy, say whether it may be used, or that filters may name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<Concept>,
}

/// A property of a concept, its value as text: a code, `true`, a date.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Property {
    pub code: String,
    pub value: String,
}

/// A ValueSet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ValueSet {
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compose: Option<Compose>,
    /// Kept only where there is no `compose`: then it is all there is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expansion: Vec<Listed>,
}

/// How a value set is put together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Compose {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<bool>,
    pub include: Vec<Include>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Include>,
}

/// Codes of one system, or whole value sets, or what they have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Include {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<Listed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value_sets: Vec<String>,
}

/// A code that is named in a value set; `system` only in expansions, where each code may be of another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// Which concepts of a system are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    pub property: String,
    pub op: String,
    pub value: String,
}
