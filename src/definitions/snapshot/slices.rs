//! New slices: what they start from, where they stand, and the slicing that needs no saying.

use super::SnapshotError;
use super::differential::Change;
use super::tree::Node;
use crate::definitions::facts::{Discriminator, Element, ElementType, Slicing};

/// Whether `name` is this choice written with one of its types: `valueQuantity` of `value[x]`.
pub(super) fn is_choice_of(node: &Node, name: &str) -> bool {
    chosen(node, name).is_some()
}

/// The type that a name such as `valueQuantity` chooses.
fn chosen<'a>(node: &'a Node, name: &str) -> Option<&'a ElementType> {
    let kind = name.strip_prefix(node.name.strip_suffix("[x]")?)?;
    node.element.types.iter().find(|one| {
        let mut code = one.code.chars();
        code.next().is_some_and(|first| kind.strip_prefix(first.to_ascii_uppercase()) == Some(code.as_str()))
    })
}

/// Ends a group of slices; `said` is what the differential says of the unsliced element. A choice whose slicing goes
/// without saying has the chosen types and no others if nothing is said of the whole, as when `valueQuantity` is written
/// for `value[x]`; and what is sliced is there as often as its slices must be.
pub(super) fn round_off(node: &mut Node, pristine: &Node, said: Option<&Element>) {
    let Some(place) = node.position(&pristine.name, None) else { return };
    let slices = node.children.iter().filter(|one| one.name == pristine.name);
    let slices: Vec<&Node> = slices.filter(|one| one.slice().is_some_and(|slice| !slice.contains('/'))).collect();
    let least = slices.iter().map(|one| one.element.min.unwrap_or(0)).fold(0, u32::saturating_add);
    let chosen: Vec<String> = slices.iter().flat_map(|one| &one.element.types).map(|one| one.code.clone()).collect();
    let any = !slices.is_empty();
    let Some(header) = node.children.get_mut(place) else { return };
    if !any {
        return;
    }
    if pristine.name.ends_with("[x]") {
        let implied = said.is_none_or(|said| said.slicing.is_none()) && pristine.element.slicing.is_none();
        if said.is_none() && implied {
            header.element.types.retain(|one| chosen.contains(&one.code));
        }
        let all = header.element.types.iter().all(|one| chosen.contains(&one.code));
        if let Some(slicing) = header.element.slicing.as_mut().filter(|_| implied && all) {
            "closed".clone_into(&mut slicing.rules);
        }
    } else if header.element.min.unwrap_or(0) < least {
        header.element.min = Some(least);
    }
}

/// Where the slice stands among the children of `node`; puts it there if it is new. `pristine` is the unsliced element
/// as the base has it.
pub(super) fn place(
    node: &mut Node,
    slice: &str,
    pristine: &Node,
    change: &Change,
    at: &str,
) -> Result<usize, SnapshotError> {
    let name = pristine.name.as_str();
    if let Some(known) = node.position(name, Some(slice)) {
        return Ok(known);
    }
    let outer = slice.rsplit_once('/').map(|(outer, _)| outer);
    let sliced = node.position(name, outer);
    let sliced = sliced.ok_or_else(|| SnapshotError::NoSuchSlice(at.to_owned()))?;
    let Some(header) = node.children.get_mut(sliced) else { return Err(SnapshotError::NoSuchSlice(at.to_owned())) };
    if header.element.slicing.is_none() {
        match implied(name) {
            Some(slicing) => header.element.slicing = Some(slicing),
            None if outer.is_none() && header.element.max.as_deref() == Some("1") => {
                // nothing to tell apart: the name is one for the element itself
                header.element.slice_name = Some(slice.to_owned());
                return Ok(sliced);
            }
            None => return Err(SnapshotError::NoDiscriminator(at.to_owned())),
        }
    }
    let mut new = if outer.is_some() { header.clone() } else { pristine.clone() };
    if let Some(kind) = chosen(&new, slice).cloned() {
        new.element.types = vec![kind];
    }
    new.element.slice_name = Some(slice.to_owned());
    new.element.slicing = None;
    if change.element.as_ref().is_none_or(|said| said.min.is_none()) {
        // a slice is there or not, whatever the whole must have
        new.element.min = Some(0);
    }
    let belongs = |sibling: &Node| {
        sibling.name == name
            && outer.is_none_or(|outer| {
                sibling.slice().is_some_and(|s| s == outer || s.strip_prefix(outer).is_some_and(|r| r.starts_with('/')))
            })
    };
    let after = node.children.iter().rposition(belongs).map_or(node.children.len(), |at| at + 1);
    node.children.insert(after, new);
    Ok(after)
}

/// The slicing of extensions and of choices goes without saying
/// (<https://hl7.org/fhir/R4/profiling.html#slicing>).
fn implied(name: &str) -> Option<Slicing> {
    let (kind, path) = match name {
        "extension" | "modifierExtension" => ("value", "url"),
        choice if choice.ends_with("[x]") => ("type", "$this"),
        _ => return None,
    };
    let discriminators = vec![Discriminator { kind: kind.to_owned(), path: path.to_owned() }];
    Some(Slicing { discriminators, ordered: Some(false), rules: "open".to_owned() })
}
