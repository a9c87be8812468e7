//! The facts of one element definition (<https://hl7.org/fhir/R4/elementdefinition.html>).
//! In a differential, what is absent is inherited; in a snapshot `min`, `max` and `base` are always there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One element of a differential or a snapshot.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Element {
    /// `Patient.identifier:nhsNumber.system`: the path with the slices named. A differential may do without (empty).
    pub id: String,
    /// `Patient.identifier.system`.
    pub path: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub representation: Vec<String>,
    /// `a/b` is the slice `b` of the slice `a`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slicing: Option<Slicing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// A number or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Where the element was first defined, and with which cardinality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseElement>,
    /// `#Questionnaire.item`, or with the URL of the definition before the `#`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_reference: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ElementType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<TypedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<TypedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_value: Option<TypedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_value: Option<TypedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Extension `minLength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// R5's `mustHaveValue`, as an extension: a primitive has a value, whatever extensions stand beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_have_value: Option<bool>,
    /// R5's `valueAlternatives`, as extensions: what a primitive without a value has instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value_alternatives: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub must_support: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_modifier: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_summary: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// Words about the element; only our own profiles have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// Words about an element of a profile of ours. Never read from somebody else's definition, never in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Why the element is constrained so: the source of the requirement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<String>,
}

/// `ElementDefinition.base`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BaseElement {
    pub path: String,
    pub min: u32,
    pub max: String,
}

/// A type an element may have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ElementType {
    /// `Quantity`; for the values of primitives a FHIRPath type such as `http://hl7.org/fhirpath/System.String`.
    pub code: String,
    /// The FHIR type behind a FHIRPath type (extension `structuredefinition-fhir-type`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fhir_type: Option<String>,
    /// Form of a primitive's value (extension `regex`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_profiles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aggregation: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versioning: Option<String>,
}

impl ElementType {
    /// A type by its code alone.
    #[must_use]
    pub fn named(code: &str) -> Self {
        Self { code: code.to_owned(), ..Self::default() }
    }
}

/// A value with the type its `[x]` was written with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypedValue {
    /// As in the key: `CodeableConcept` of `patternCodeableConcept`.
    #[serde(rename = "type")]
    pub kind: String,
    pub value: Value,
}

/// How the repetitions or types of an element are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Slicing {
    pub discriminators: Vec<Discriminator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered: Option<bool>,
    /// `open`, `closed` or `openAtEnd`; empty in a differential that leaves it as it is.
    pub rules: String,
}

/// What tells slices apart: `value` of `system`, say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Discriminator {
    #[serde(rename = "type")]
    pub kind: String,
    pub path: String,
}

/// How closely a value set binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    Example,
    Preferred,
    Extensible,
    Required,
}

impl Strength {
    /// The code FHIR has for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Preferred => "preferred",
            Self::Extensible => "extensible",
            Self::Required => "required",
        }
    }

    /// The strength with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Example, Self::Preferred, Self::Extensible, Self::Required].into_iter().find(|s| s.code() == code)
    }
}

/// A binding to a value set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub strength: Strength,
    /// With its version, where one is asked for. A binding may be a description only, and then has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_set: Option<String>,
    /// `maxValueSet`: what an extensible binding may be extended to at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_value_set: Option<String>,
}

/// An invariant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraint {
    pub key: String,
    /// `error` or `warning`.
    pub severity: String,
    /// FHIRPath; a few constraints have only words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The definition that brought it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// An error is a recommendation only (extension `elementdefinition-bestpractice`).
    #[serde(skip_serializing_if = "super::off")]
    pub best_practice: bool,
    /// What it says in words; only our own constraints have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human: Option<String>,
    /// Where it comes from; only our own constraints say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<String>,
}
