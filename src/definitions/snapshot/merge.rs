//! What a differential says of one element, merged into what the base says of it.

use super::Ground;
use crate::definitions::facts::{Binding, Constraint, Element, ElementType, Slicing};

/// Lets an element that is given one profile as its type say what the root of that profile says: its constraints, and
/// whether it is a modifier or in summaries. A profile that is not known says nothing here; whoever goes into it is told.
pub(super) fn adopt(element: &mut Element, said: &Element, ground: &Ground<'_>) {
    let [one] = said.types.as_slice() else { return };
    let [profile] = one.profiles.as_slice() else { return };
    if matches!(one.code.as_str(), "Reference" | "canonical") {
        return;
    }
    let Some(profile) = ground.definitions.profile(profile) else { return };
    let Some(root) = profile.snapshot.first() else { return };
    let own = std::mem::replace(&mut element.constraints, root.constraints.clone());
    add_constraints(&mut element.constraints, own);
    element.is_summary = root.is_summary;
    if root.is_modifier.is_some() {
        element.is_modifier = root.is_modifier;
    }
}

/// Overrides what the differential says anew; constraints add up, and one with a known key stays as it was. A content
/// reference is what a type has instead of a type, so no profile can bring one in.
pub(super) fn merge(element: &mut Element, said: &Element, url: &str) {
    let from = |source: &Constraint| Constraint {
        source: source.source.clone().or_else(|| Some(url.to_owned())),
        ..source.clone()
    };
    add_constraints(&mut element.constraints, said.constraints.iter().map(from));
    if let Some(slicing) = &said.slicing {
        merge_slicing(element.slicing.get_or_insert_default(), slicing);
    }
    if let Some(binding) = &said.binding {
        element.binding = Some(merge_binding(element.binding.take(), binding));
    }
    if !said.types.is_empty() {
        element.types = said.types.iter().map(|one| merge_type(&element.types, one)).collect();
    }
    if said.binding.is_none() && !said.types.is_empty() && !element.types.iter().any(|one| bindable(&one.code)) {
        element.binding = None;
    }
    if !said.representation.is_empty() {
        element.representation.clone_from(&said.representation);
    }
    over(&mut element.min, said.min.as_ref());
    over(&mut element.max, said.max.as_ref());
    over(&mut element.fixed, said.fixed.as_ref());
    over(&mut element.pattern, said.pattern.as_ref());
    over(&mut element.min_value, said.min_value.as_ref());
    over(&mut element.max_value, said.max_value.as_ref());
    over(&mut element.max_length, said.max_length.as_ref());
    over(&mut element.min_length, said.min_length.as_ref());
    over(&mut element.must_have_value, said.must_have_value.as_ref());
    if !said.value_alternatives.is_empty() {
        element.value_alternatives.clone_from(&said.value_alternatives);
    }
    over(&mut element.must_support, said.must_support.as_ref());
    over(&mut element.is_modifier, said.is_modifier.as_ref());
    over(&mut element.is_summary, said.is_summary.as_ref());
    over(&mut element.words, said.words.as_ref());
}

/// Types that may be bound to a value set (eld-11).
fn bindable(code: &str) -> bool {
    matches!(code, "code" | "Coding" | "CodeableConcept" | "Quantity" | "string" | "uri")
}

fn over<T: Clone>(mine: &mut Option<T>, said: Option<&T>) {
    if let Some(said) = said {
        *mine = Some(said.clone());
    }
}

fn add_constraints(to: &mut Vec<Constraint>, more: impl IntoIterator<Item = Constraint>) {
    for constraint in more {
        if !to.iter().any(|known| known.key == constraint.key) {
            to.push(constraint);
        }
    }
}

fn merge_slicing(slicing: &mut Slicing, said: &Slicing) {
    for discriminator in &said.discriminators {
        if !slicing.discriminators.contains(discriminator) {
            slicing.discriminators.push(discriminator.clone());
        }
    }
    over(&mut slicing.ordered, said.ordered.as_ref());
    if !said.rules.is_empty() {
        slicing.rules.clone_from(&said.rules);
    }
}

/// A binding that only says how strong it is keeps its value set.
fn merge_binding(known: Option<Binding>, said: &Binding) -> Binding {
    let known_set = known.as_ref().and_then(|binding| binding.value_set.clone());
    let known_max = known.and_then(|binding| binding.max_value_set);
    Binding {
        strength: said.strength,
        value_set: said.value_set.clone().or(known_set),
        max_value_set: said.max_value_set.clone().or(known_max),
    }
}

/// The type as the differential has it; what makes a primitive is not said again, and stays.
fn merge_type(known: &[ElementType], said: &ElementType) -> ElementType {
    let mut merged = said.clone();
    if let Some(known) = known.iter().find(|known| known.code == said.code) {
        merged.fhir_type = merged.fhir_type.or_else(|| known.fhir_type.clone());
        merged.regex = merged.regex.or_else(|| known.regex.clone());
    }
    merged
}
