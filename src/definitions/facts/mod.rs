//! What we keep of conformance resources: the facts that decide whether an instance fits, and no prose of theirs.
//! Plain data with one stable text form (serde, keys in the order of the fields); reading FHIR is in the files beside.

mod codes;
mod element;
mod profile;
mod read_codes;
mod read_element;
mod read_profile;
mod search;

pub use codes::{CodeSystem, Compose, Concept, Filter, Include, Listed, Property, ValueSet};
pub use element::{
    BaseElement, Binding, Constraint, Discriminator, Element, ElementType, Slicing, Strength, TypedValue, Words,
};
pub use profile::{Context, Derivation, Kind, Profile};
pub use search::SearchParameter;

use serde_json::Value;

/// One definition, of any of the kinds that validation needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    Profile(Profile),
    CodeSystem(CodeSystem),
    ValueSet(ValueSet),
    SearchParameter(SearchParameter),
}

impl Definition {
    /// Reads a StructureDefinition, CodeSystem, ValueSet or SearchParameter in its FHIR JSON form. `None`: another type of resource, or
    /// one without a canonical URL, which nothing could refer to.
    #[must_use]
    pub fn from_fhir(resource: &Value) -> Option<Self> {
        match resource.get("resourceType")?.as_str()? {
            "StructureDefinition" => Profile::from_fhir(resource).map(Self::Profile),
            "CodeSystem" => CodeSystem::from_fhir(resource).map(Self::CodeSystem),
            "ValueSet" => ValueSet::from_fhir(resource).map(Self::ValueSet),
            "SearchParameter" => SearchParameter::from_fhir(resource).map(Self::SearchParameter),
            _ => None,
        }
    }

    /// Its canonical URL.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Profile(profile) => &profile.url,
            Self::CodeSystem(system) => &system.url,
            Self::ValueSet(set) => &set.url,
            Self::SearchParameter(parameter) => &parameter.url,
        }
    }

    /// Its business version; empty where it has none.
    #[must_use]
    pub fn version(&self) -> &str {
        let version = match self {
            Self::Profile(profile) => &profile.version,
            Self::CodeSystem(system) => &system.version,
            Self::ValueSet(set) => &set.version,
            Self::SearchParameter(parameter) => &parameter.version,
        };
        version.as_deref().unwrap_or_default()
    }

    /// Name of the kind of definition, as FHIR has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Profile(_) => "StructureDefinition",
            Self::CodeSystem(_) => "CodeSystem",
            Self::ValueSet(_) => "ValueSet",
            Self::SearchParameter(_) => "SearchParameter",
        }
    }
}

/// A canonical reference taken apart: `url|version` (<https://hl7.org/fhir/R4/references.html#canonical>).
#[must_use]
pub fn canonical(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once('|') {
        Some((url, version)) => (url, Some(version)),
        None => (reference, None),
    }
}

// --- reading FHIR JSON -------------------------------------------------------------------------------------------

/// The string at a key.
fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

/// The flag at a key.
fn flag(object: &Value, key: &str) -> Option<bool> {
    object.get(key)?.as_bool()
}

/// The items of the array at a key; none where there is no array.
fn items<'a>(object: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    object.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The strings of the array at a key.
fn texts(object: &Value, key: &str) -> Vec<String> {
    items(object, key).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// For serde: a flag that is off is not written.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn off(flag: &bool) -> bool {
    !*flag
}
