//! Goes into an element that the base leaves as a type: its children are those of the type, or of what it refers to.

use super::differential::Change;
use super::tree::Node;
use super::{Ground, SnapshotError};
use crate::definitions::FHIR;

/// Gives a node without children those of its content reference, profile or type.
pub(super) fn unfold(node: &mut Node, change: &Change, ground: &Ground<'_>, at: &str) -> Result<(), SnapshotError> {
    if let Some(reference) = node.element.content_reference.clone() {
        return refer(node, &reference, ground);
    }
    let canonical = match node.element.types.as_slice() {
        [one] => match one.profiles.as_slice() {
            [profile] if !matches!(one.code.as_str(), "Reference" | "canonical") => profile.clone(),
            _ if one.code.contains(':') => one.code.clone(),
            _ => format!("{FHIR}{}", one.code),
        },
        // whatever the type, it has an identifier and extensions
        _ if change.children.iter().all(|child| matches!(child.name.as_str(), "id" | "extension")) => {
            format!("{FHIR}Element")
        }
        _ => return Err(SnapshotError::SeveralTypes(at.to_owned())),
    };
    node.children = ground.tree(&canonical)?.children;
    Ok(())
}

/// The element is of the same make as another: from here on it is one of its own, with the same children.
fn refer(node: &mut Node, reference: &str, ground: &Ground<'_>) -> Result<(), SnapshotError> {
    let unknown = || SnapshotError::NoSuchElement(reference.to_owned());
    let (home, id) = reference.split_once('#').ok_or_else(unknown)?;
    let target = if home.is_empty() || home == format!("{FHIR}{}", ground.base.name) {
        ground.base.find(id).cloned()
    } else {
        ground.tree(home)?.find(id).cloned()
    };
    let target = target.ok_or_else(unknown)?;
    node.element.content_reference = None;
    node.element.types = target.element.types;
    node.children = target.children;
    Ok(())
}
