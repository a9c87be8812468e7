//! Sorts of content that some plans and letters have, one file each, both ways side by side. Which field holds what is
//! `fields`' and `sections`' business; here an entry becomes its resource and comes back.

mod allergy;
mod answer;
pub(super) mod care_team;
mod communication;
mod condition;
mod consultation;
pub(super) mod dialog;
mod follow_up;
pub(super) mod goal;
mod help;
mod lead;
mod legal_status;
pub(super) mod letter;
mod procedure;
mod progress;
mod request;
mod service;
mod spell;

use std::collections::HashMap;

use serde_json::Value;

use crate::map::read::Subject;
use crate::map::read::statement::{category_key, item_key};
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

/// Resources that belong to another one and are read with it: the Tasks of a Goal, the Observations of a
/// QuestionnaireResponse. Found once for the whole bundle, for there may be thousands.
pub(super) struct Followers(HashMap<usize, Vec<usize>>);

impl Followers {
    pub(super) fn of_bundle(at: &Subject<'_, '_>) -> Self {
        let mut found: HashMap<usize, Vec<usize>> = HashMap::new();
        for (kind, subject, pointer) in [("Task", "for", "/focus"), ("Observation", "subject", "/derivedFrom/0")] {
            for (place, value) in at.about_patient(kind, subject) {
                if let Some(of) = value.pointer(pointer).and_then(|reference| at.source.locate(reference)) {
                    found.entry(of).or_default().push(place);
                }
            }
        }
        Self(found)
    }

    /// Those of one entry, in the order of the bundle.
    pub(super) fn of(&self, place: usize) -> &[usize] {
        self.0.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// The question an entry says it answers, in `code` or in `category`.
pub(super) fn key_of<'v>(value: &'v Value, system: &str) -> Option<&'v str> {
    item_key(value, system).or_else(|| category_key(value, system))
}
