//! Snapshots: what a profile says of every element, worked out from its differential and its base
//! (<https://hl7.org/fhir/R4/profiling.html#snapshot>). Follows the rules of the reference implementation where the
//! specification is silent; facts only, no prose.
//!
//! A snapshot is a tree. The base's tree is copied, the differential is laid over it by name and slice (so the order of
//! its elements does not matter), and the tree is written out again as a list. Where the differential goes below an
//! element that the base leaves as a type, the type's own tree is unfolded there.
//!
//! What is said of the unsliced element holds for every slice as well; a slice repeats what the *base* said of the
//! unsliced element, so whoever checks an instance checks both.

mod differential;
mod lay;
mod merge;
mod slices;
#[cfg(test)]
mod tests;
mod tree;
mod unfold;

use super::facts::{Derivation, Profile};
use super::{Definitions, FHIR};
use differential::Change;
use tree::Node;

/// Why no snapshot could be generated. The definition is at fault, or one it builds on is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("{0} builds on no other definition: only a constraint of another has a snapshot to generate")]
    NotAConstraint(String),
    #[error("{0} is not known, or has no snapshot")]
    Unknown(String),
    #[error("{0} is not an element of the base, nor of a type it may have there")]
    NoSuchElement(String),
    #[error("{0} may have several types: the differential says something of the inside of one without choosing it")]
    SeveralTypes(String),
    #[error("{0} has slices, but nothing says what tells them apart")]
    NoDiscriminator(String),
    #[error("{0} is a slice of a slice that is not there")]
    NoSuchSlice(String),
    #[error("the differential has an element {0}, which is not below its type")]
    OtherType(String),
    #[error("{0} is nested deeper than any FHIR element")]
    TooDeep(String),
}

/// The deepest path that is read: R4's own deepest has 9 parts, and a differential may come from anywhere.
const DEEPEST: usize = 32;

/// Generates the snapshot of a profile from its differential and the definition it builds on, which `base` must give
/// with its snapshot. Gives the profile back with the snapshot in place.
///
/// # Errors
/// The profile is no constraint; its base or a type it goes into is not known; the differential speaks of elements that
/// are not there or slices without a discriminator.
pub fn snapshot(differential: &Profile, base: &dyn Definitions) -> Result<Profile, SnapshotError> {
    let Some(parent) = differential.base.as_deref() else {
        return Err(SnapshotError::NotAConstraint(differential.url.clone()));
    };
    if differential.derivation == Some(Derivation::Specialization) {
        return Err(SnapshotError::NotAConstraint(differential.url.clone()));
    }
    let known = base.profile(parent).filter(|p| !p.snapshot.is_empty());
    let parent = known.ok_or_else(|| SnapshotError::Unknown(parent.to_owned()))?;
    let mut tree = Node::from_snapshot(&parent.snapshot).ok_or_else(|| SnapshotError::Unknown(parent.url.clone()))?;
    tree.own_constraints(&parent.url);
    let change = Change::from_differential(&differential.differential, &tree.name)?;
    let mut result = tree.clone();
    let ground = Ground { definitions: base, base: &tree, url: &differential.url };
    lay::lay(&mut result, &change, &ground, &tree.name)?;
    Ok(Profile { snapshot: result.into_elements(), ..differential.clone() })
}

/// What the work stands on.
struct Ground<'a> {
    definitions: &'a dyn Definitions,
    /// The base's tree, untouched: content references point into it.
    base: &'a Node,
    /// The profile whose constraints are new.
    url: &'a str,
}

impl Ground<'_> {
    /// The tree of a type or profile.
    fn tree(&self, canonical: &str) -> Result<Node, SnapshotError> {
        let unknown = || SnapshotError::Unknown(canonical.to_owned());
        let profile = self.definitions.profile(canonical).ok_or_else(unknown)?;
        let mut tree = Node::from_snapshot(&profile.snapshot).ok_or_else(unknown)?;
        let kind = &profile.kind_of;
        let home = if kind.contains(':') { kind.clone() } else { format!("{FHIR}{kind}") };
        tree.own_constraints(&profile.url);
        tree.refer_from_afar(&home);
        Ok(tree)
    }
}
