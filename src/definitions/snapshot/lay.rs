//! Lays the changes of a differential over the base's tree, from the root down.

use super::differential::Change;
use super::merge::{adopt, merge};
use super::slices::{self, is_choice_of};
use super::tree::Node;
use super::unfold::unfold;
use super::{Ground, SnapshotError};

/// Changes a node and what is below it. `at` is the path, for errors.
pub(super) fn lay(node: &mut Node, change: &Change, ground: &Ground<'_>, at: &str) -> Result<(), SnapshotError> {
    if let Some(said) = &change.element {
        adopt(&mut node.element, said, ground);
        merge(&mut node.element, said, ground.url);
    }
    if change.children.is_empty() {
        return Ok(());
    }
    if node.children.is_empty() {
        unfold(node, change, ground, at)?;
    }
    let mut named = Vec::with_capacity(change.children.len());
    for child in &change.children {
        named.push(meant(node, child, at)?);
    }
    let mut done: Vec<String> = Vec::new();
    for one in &named {
        if !done.contains(&one.name) {
            done.push(one.name.clone());
            let group: Vec<&Meant<'_>> = named.iter().filter(|other| other.name == one.name).collect();
            lay_group(node, &group, ground, at)?;
        }
    }
    Ok(())
}

/// A change with the child it is about.
struct Meant<'a> {
    name: String,
    slice: Option<String>,
    change: &'a Change,
}

/// Which child a change means: `valueQuantity` is the slice of that name of `value[x]`.
fn meant<'a>(node: &Node, change: &'a Change, at: &str) -> Result<Meant<'a>, SnapshotError> {
    if node.position(&change.name, None).is_some() {
        return Ok(Meant { name: change.name.clone(), slice: change.slice.clone(), change });
    }
    let mut choices = node.children.iter().filter(|child| child.slice().is_none());
    let choice = choices.find(|child| is_choice_of(child, &change.name));
    let choice = choice.ok_or_else(|| SnapshotError::NoSuchElement(format!("{at}.{}", change.name)))?;
    let slice = change.slice.clone().unwrap_or_else(|| change.name.clone());
    Ok(Meant { name: choice.name.clone(), slice: Some(slice), change })
}

/// Changes an element and its slices: the element first, then slices before the slices of slices.
fn lay_group(node: &mut Node, group: &[&Meant<'_>], ground: &Ground<'_>, at: &str) -> Result<(), SnapshotError> {
    let Some(name) = group.first().map(|one| one.name.as_str()) else { return Ok(()) };
    let at = format!("{at}.{name}");
    let unsliced = |node: &Node| node.position(name, None).ok_or_else(|| SnapshotError::NoSuchElement(at.clone()));
    let place = unsliced(node)?;
    let Some(pristine) = node.children.get(place).cloned() else { return Ok(()) };
    let mut sorted: Vec<&&Meant<'_>> = group.iter().collect();
    sorted.sort_by_key(|one| one.slice.as_ref().map_or(0, |slice| 1 + slice.matches('/').count()));
    for one in sorted {
        let (place, at) = match one.slice.as_deref() {
            None => (unsliced(node)?, at.clone()),
            Some(slice) => {
                let at = format!("{at}:{slice}");
                (slices::place(node, slice, &pristine, one.change, &at)?, at)
            }
        };
        if let Some(child) = node.children.get_mut(place) {
            lay(child, one.change, ground, &at)?;
        }
    }
    let said = group.iter().filter(|one| one.slice.is_none()).find_map(|one| one.change.element.as_ref());
    slices::round_off(node, &pristine, said);
    Ok(())
}
