//! Small builders for the facts of our StructureDefinitions. Knows no document.

use super::constraints::Constraint;
use super::publication::{VERSION, canonical, name};
use crate::definitions::FHIR;
use crate::definitions::facts::{Derivation, Element, ElementType, Kind, Profile, TypedValue, Words};
use crate::fhir::codes;
use serde_json::Value;

/// A profile of ours with what it says of itself.
pub(super) struct Structure {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) words: String,
    pub(super) profile: Profile,
}

/// A constraint of another definition; the elements are what it says beyond that.
pub(super) fn structure(
    id: &str,
    title: &str,
    words: &str,
    kind_of: &str,
    base: &str,
    elements: Vec<Element>,
) -> Structure {
    let profile = Profile {
        url: canonical("StructureDefinition", id),
        version: Some(VERSION.to_owned()),
        name: name(title),
        kind_of: kind_of.to_owned(),
        kind: Kind::Resource,
        derivation: Some(Derivation::Constraint),
        base: Some(base.to_owned()),
        differential: elements,
        ..Profile::default()
    };
    Structure { id: id.to_owned(), title: title.to_owned(), words: words.to_owned(), profile }
}

/// The base R4 definition of a type.
pub(super) fn r4(kind: &str) -> String {
    format!("{FHIR}{kind}")
}

/// UK Core's profile of a resource, or R4's where it has none.
pub(super) fn base(kind: &str, on_ukcore: bool) -> String {
    if on_ukcore { codes::ukcore(kind) } else { r4(kind) }
}

/// An element by its id; the path is the id without the names of slices.
pub(super) fn element(id: &str) -> Element {
    let part = |part: &str| part.split(':').next().unwrap_or_default().to_owned();
    let path = id.split('.').map(part).collect::<Vec<_>>().join(".");
    let slice = id.rsplit('.').next().and_then(|last| last.split_once(':')).map(|(_, slice)| slice.to_owned());
    Element { id: id.to_owned(), path, slice_name: slice, ..Element::default() }
}

/// An element that must be there.
pub(super) fn at_least_one(id: &str) -> Element {
    Element { min: Some(1), ..element(id) }
}

/// The first element of a profile, with what must hold for the whole.
pub(super) fn root(kind: &str, profile: &str, words: &str, constraints: Vec<Constraint>) -> Element {
    Element {
        constraints: constraints.into_iter().map(|one| one.facts(profile)).collect(),
        words: Some(said(words, words)),
        ..element(kind)
    }
}

/// Words about an element.
pub(super) fn said(short: &str, definition: &str) -> Words {
    Words { short: Some(short.to_owned()), definition: Some(definition.to_owned()), ..Words::default() }
}

/// A value with its type.
pub(super) fn typed(kind: &str, value: Value) -> TypedValue {
    TypedValue { kind: kind.to_owned(), value }
}

/// A type with the profiles it must keep to.
pub(super) fn of_type(code: &str, profiles: &[String]) -> Vec<ElementType> {
    vec![ElementType { profiles: profiles.to_vec(), ..ElementType::named(code) }]
}
