//! Sorts of content that some plans and letters have, one file each, both ways side by side. Which field holds what is
//! `fields`' and `sections`' business; here an entry becomes its resource and comes back.

mod allergy;
mod answer;
mod condition;
mod follow_up;
mod legal_status;
mod procedure;
mod service;
mod spell;

use crate::map::read::Subject;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

/// An entry of a document that one resource carries.
pub(super) trait Carried: Sized {
    /// Type of that resource.
    const RESOURCE: &'static str;

    /// Adds the resource with this role in the bundle.
    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>);

    /// Reads the resource at this place; `system` is that of the document's questions. What is not taken is reported.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self>;
}
