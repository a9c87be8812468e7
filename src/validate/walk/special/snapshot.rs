//! Profiles as resources: whether anything can be made of them, which is to say a snapshot
//! (<https://hl7.org/fhir/R4/profiling.html#snapshot>). Only of what is validated by itself, not of entries of a bundle.

use super::{Walk, text};
use crate::definitions::{Profile, SnapshotError, snapshot};
use crate::fhir::tree::Node;
use crate::fhir::{self, Limits, shown};
use crate::model::IssueCode;

/// It has been read before.
const LIMITS: Limits = Limits { max_bytes: usize::MAX, max_depth: 120 };

impl<'t> Walk<'t, '_> {
    /// A constraint of something known whose snapshot cannot be generated.
    pub(super) fn snapshot_of_definition(&mut self, node: Node<'t>) {
        let tree = node.tree();
        if node != tree.root() || text(node, "derivation") != Some("constraint") {
            return;
        }
        let Ok(resource) = fhir::read(tree.source().as_bytes(), tree.format(), &LIMITS) else { return };
        let Some(profile) = Profile::from_fhir(&resource) else { return };
        match snapshot(&profile, self.registry.library()) {
            Ok(_) => self.fixed_before(node, &profile),
            // what is not at hand, and paths of another type, are told where they are named; a name for what nothing
            // slices is taken as it is (R4's own familymemberhistory-genetic has one)
            Err(
                SnapshotError::Unknown(_)
                | SnapshotError::NotAConstraint(_)
                | SnapshotError::OtherType(_)
                | SnapshotError::NoDiscriminator(_),
            ) => {}
            Err(error) => {
                let says = format!("No snapshot can be made of this: {}.", shown(&error.to_string()));
                self.error(node, IssueCode::Exception, "sd-snapshot", says);
            }
        }
    }

    /// What the base has fixed cannot be fixed to something else.
    fn fixed_before(&mut self, node: Node<'t>, profile: &Profile) {
        let base = profile.base.as_deref().and_then(|base| self.registry.library().structure(base).ok());
        for element in profile.differential.iter().filter(|element| element.fixed.is_some()) {
            let before = base.iter().flat_map(|base| &base.snapshot).find(|before| before.id == element.id);
            if before.is_some_and(|before| before.fixed.is_some() && before.fixed != element.fixed) {
                let says = format!("{} is fixed to another value by what this builds on.", shown(&element.id));
                self.error(node, IssueCode::Value, "sd-fixed", says);
            }
        }
    }
}
