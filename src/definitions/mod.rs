//! FHIR definitions: facts read from packages, packs that hold them, snapshots generated from differentials, and our
//! own profiles written back as FHIR. Knows no instance and judges none: that is for `validate`.
//!
//! - [`facts`]: what is kept of a StructureDefinition, CodeSystem or ValueSet;
//! - [`package`]: FHIR packages, as `.tgz` or folder;
//! - [`pack`]: the stable text form under `profiles/`, read one definition at a time;
//! - [`library`]: packs and packages together, in the order in which they are asked;
//! - [`snapshot`](mod@snapshot): differential and base to snapshot;
//! - [`publish`]: a profile as a StructureDefinition.

pub mod build;
pub mod facts;
pub mod library;
pub mod pack;
pub mod package;
pub mod publish;
pub mod snapshot;

use std::sync::Arc;

pub use facts::{CodeSystem, Definition, Element, Profile, ValueSet};
pub use library::{Library, embedded};
pub use snapshot::{SnapshotError, snapshot};

/// Canonical URLs of FHIR's own types start so.
pub const FHIR: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Where definitions come from. A canonical may carry a version (`url|version`), and then only that version is meant.
pub trait Definitions {
    /// The profile, extension or type with this canonical, with its snapshot.
    fn profile(&self, canonical: &str) -> Option<Arc<Profile>>;
    /// The code system with this canonical.
    fn code_system(&self, canonical: &str) -> Option<Arc<CodeSystem>>;
    /// The value set with this canonical.
    fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>>;
}
