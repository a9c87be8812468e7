//! A differential as a tree of changes, whatever the order of its elements and whether or not they have identifiers.

use super::{DEEPEST, SnapshotError};
use crate::definitions::facts::Element;

/// What a differential says of an element and of what is below it.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) name: String,
    pub(super) slice: Option<String>,
    /// None where only something below the element is changed.
    pub(super) element: Option<Element>,
    pub(super) children: Vec<Change>,
}

/// A step of a path: name, and slice if one is meant.
type Step = (String, Option<String>);

impl Change {
    /// Builds the tree of changes; `root` is the type's name.
    pub(super) fn from_differential(elements: &[Element], root: &str) -> Result<Self, SnapshotError> {
        let mut tree = Self::to(root, None);
        // where the last element was: what an element without identifier follows from
        let mut before: Vec<Step> = Vec::new();
        for element in elements {
            let steps = steps(element, &before)?;
            let Some(((first, _), below)) = steps.split_first() else { continue };
            if first != root {
                return Err(SnapshotError::OtherType(element.path.clone()));
            }
            tree.place(below, element);
            before = steps;
        }
        Ok(tree)
    }

    fn to(name: &str, slice: Option<&str>) -> Self {
        Self { name: name.to_owned(), slice: slice.map(str::to_owned), element: None, children: Vec::new() }
    }

    fn place(&mut self, steps: &[Step], element: &Element) {
        let Some(((name, slice), below)) = steps.split_first() else {
            // said twice: the first word stands, as a tree has one place for each
            self.element.get_or_insert_with(|| element.clone());
            return;
        };
        let known = self.children.iter().position(|child| child.name == *name && child.slice == *slice);
        let at = known.unwrap_or_else(|| {
            self.children.push(Self::to(name, slice.as_deref()));
            self.children.len() - 1
        });
        if let Some(child) = self.children.get_mut(at) {
            child.place(below, element);
        }
    }
}

/// The steps to an element: by its identifier, where that fits its path, else by its path and what came before it.
fn steps(element: &Element, before: &[Step]) -> Result<Vec<Step>, SnapshotError> {
    let names: Vec<&str> = element.path.split('.').collect();
    if names.len() > DEEPEST {
        return Err(SnapshotError::TooDeep(names.iter().take(DEEPEST).copied().collect::<Vec<_>>().join(".")));
    }
    let last = names.len() - 1;
    if let Some(mut steps) = by_identifier(&element.id, &names) {
        if let (Some(slice), Some(step)) = (&element.slice_name, steps.get_mut(last)) {
            step.1 = Some(slice.clone());
        }
        return Ok(steps);
    }
    let mut steps: Vec<Step> = Vec::with_capacity(names.len());
    let mut same = true;
    for (at, name) in names.iter().enumerate() {
        let earlier = before.get(at).filter(|(earlier, _)| same && earlier == name);
        same = earlier.is_some();
        let slice = if at == last { element.slice_name.clone() } else { earlier.and_then(|(_, slice)| slice.clone()) };
        steps.push(((*name).to_owned(), slice));
    }
    Ok(steps)
}

/// Reads `Patient.identifier:nhs.system`. None where it has not as many parts as the path, or other names.
fn by_identifier(id: &str, names: &[&str]) -> Option<Vec<Step>> {
    let parts: Vec<&str> = id.split('.').collect();
    if parts.len() != names.len() {
        return None;
    }
    let step = |(part, name): (&&str, &&str)| {
        let (own, slice) = match part.split_once(':') {
            Some((own, slice)) => (own, Some(slice.to_owned())),
            None => (*part, None),
        };
        // `value[x]:valueQuantity` has either name as its path
        let fits = own == *name || own.strip_suffix("[x]").is_some_and(|stem| name.starts_with(stem));
        fits.then(|| (own.to_owned(), slice))
    };
    parts.iter().zip(names).map(step).collect()
}
