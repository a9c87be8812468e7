//! Filters of value sets over the concepts of a system at hand (<https://hl7.org/fhir/R4/valueset-filter-operator.html>).
//! What cannot be evaluated is said, never passed over.

use std::sync::Arc;

use regex::Regex;

use super::answer::Why;
use super::system::{Concept, System};
use crate::definitions::facts::Filter;

/// Properties that packs keep of every system, so that a concept without them has none.
const KEPT: [&str; 9] =
    ["parent", "child", "subsumedBy", "notSelectable", "abstract", "inactive", "status", "deprecated", "retired"];

/// Marks the concepts that all filters choose.
///
/// # Errors
/// Why a filter cannot be evaluated: an operator or a property that is not known, a pattern that is none.
pub(super) fn choose(system: &System, filters: &[Filter]) -> Result<Vec<bool>, Why> {
    let mut chosen = vec![true; system.concepts.len()];
    for filter in filters {
        let one = by(system, filter).ok_or_else(|| Why::Filter {
            system: system.url.clone(),
            property: Arc::from(filter.property.as_str()),
            op: Arc::from(filter.op.as_str()),
        })?;
        for (all, one) in chosen.iter_mut().zip(one) {
            *all &= one;
        }
    }
    Ok(chosen)
}

fn by(system: &System, filter: &Filter) -> Option<Vec<bool>> {
    let value = filter.value.as_str();
    let about_concept = matches!(filter.property.as_str(), "concept" | "code");
    match filter.op.as_str() {
        "is-a" if about_concept => Some(below(system, value)),
        "is-not-a" if about_concept => Some(below(system, value).into_iter().map(|is| !is).collect()),
        "descendent-of" if about_concept => {
            let mut marked = below(system, value);
            if let Some(root) = system.place(value).and_then(|place| marked.get_mut(place)) {
                *root = false;
            }
            Some(marked)
        }
        "generalizes" if about_concept => Some(reach(system, value, true)),
        "child-of" if about_concept => Some(next_to(system, value, |concept| &concept.children)),
        "=" if filter.property == "parent" => Some(next_to(system, value, |concept| &concept.children)),
        "=" if filter.property == "child" => Some(next_to(system, value, |concept| &concept.parents)),
        op => {
            known(system, &filter.property).then_some(())?;
            let test = test(op, value)?;
            Some(system.concepts.iter().map(|one| test(&values(one, &filter.property))).collect())
        }
    }
}

/// The concept with this code and all below it; none where the system has no such code.
fn below(system: &System, code: &str) -> Vec<bool> {
    reach(system, code, false)
}

fn reach(system: &System, code: &str, up: bool) -> Vec<bool> {
    system.place(code).map_or_else(|| vec![false; system.concepts.len()], |from| system.reach(from, up))
}

/// The concepts right above or right below the one with this code.
fn next_to(system: &System, code: &str, of: impl Fn(&Concept) -> &Vec<usize>) -> Vec<bool> {
    let near = system.find(code).map(of).map(Vec::as_slice).unwrap_or_default();
    (0..system.concepts.len()).map(|place| near.contains(&place)).collect()
}

/// Whether something is known of a property: packs keep only what places a concept or what a system lets filters name.
fn known(system: &System, property: &str) -> bool {
    matches!(property, "concept" | "code" | "display")
        || KEPT.contains(&property)
        || system.concepts.iter().any(|one| one.properties.iter().any(|p| p.code == property))
}

fn values<'a>(concept: &'a Concept, property: &str) -> Vec<&'a str> {
    match property {
        "concept" | "code" => vec![&*concept.code],
        "display" => concept.display.as_deref().into_iter().collect(),
        _ => concept.properties.iter().filter(|one| one.code == property).map(|one| one.value.as_str()).collect(),
    }
}

type Test = Box<dyn Fn(&[&str]) -> bool>;

/// The test that an operator puts to the values of a property. `None`: no such operator, or a value it cannot take.
fn test(op: &str, value: &str) -> Option<Test> {
    if matches!(op, "in" | "not-in") && value.contains("://") {
        // a reference set, whose members are not at hand
        return None;
    }
    let value = value.to_owned();
    Some(match op {
        "=" => Box::new(move |found| found.contains(&value.as_str())),
        "in" => Box::new(move |found| value.split(',').any(|one| found.contains(&one.trim()))),
        "not-in" => Box::new(move |found| !value.split(',').any(|one| found.contains(&one.trim()))),
        "exists" => {
            let wanted = match value.as_str() {
                "true" => true,
                "false" => false,
                _ => return None,
            };
            Box::new(move |found| found.is_empty() != wanted)
        }
        // the whole value has to match, as the reference validator reads it
        "regex" => {
            let pattern = Regex::new(&format!("^(?:{value})$")).ok()?;
            Box::new(move |found| found.iter().any(|one| pattern.is_match(one)))
        }
        _ => return None,
    })
}
