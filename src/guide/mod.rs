//! The implementation guide: what our documents require beyond UK Core, as FHIR conformance resources under our canonical
//! base. Made from the tables the mapping goes by, so that the guide cannot say anything else than the gateway does.
//! Pure; writes no file and judges no instance.

mod capability;
mod constraints;
mod documents;
mod extensions;
mod implementation_guide;
mod invariants;
mod measures;
mod messages;
mod naming;
mod parts;
mod publication;
mod referral;
mod structure;
mod terminology;

pub use capability::instance as capability_of;
pub use constraints::key_of;

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::definitions::publish::{About, structure_definition};
use crate::definitions::{Definition, Library, SnapshotError, library as packs};
use crate::documents::outlines;
use crate::map;
use structure::Structure;

/// Every conformance resource of the guide, StructureDefinitions with differential and snapshot.
///
/// # Errors
/// A profile of ours says something its base has no place for.
pub fn resources() -> Result<Vec<Value>, SnapshotError> {
    let mut all = structures().iter().map(definition).collect::<Result<Vec<Value>, _>>()?;
    all.extend(terminology::resources());
    all.extend(naming::resources());
    all.extend(messages::resources());
    all.push(publication::complete(map::document::dialog_questionnaire()));
    all.extend(measures::resources());
    all.push(capability::requirements());
    all.push(implementation_guide::resource(&all));
    Ok(all)
}

/// The files of the guide: place below `profiles/cmht`, and text.
///
/// # Errors
/// As for [`resources`].
pub fn files() -> Result<Vec<(String, String)>, SnapshotError> {
    let file = |resource: &Value| {
        let part = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        (format!("{}/{}.json", part("resourceType"), part("id")), format!("{resource:#}\n"))
    };
    Ok(resources()?.iter().map(file).collect())
}

/// The definitions the binary carries and ours, as one library.
#[must_use]
pub fn library() -> &'static Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| Arc::new(made()))
}

/// The same library, made anew for who adds to it.
#[must_use]
pub fn made() -> Library {
    let mut library = Library::of_packs(packs::embedded_packs());
    for one in structures() {
        library.add(Definition::Profile(one.profile));
    }
    library
}

fn structures() -> Vec<Structure> {
    let mut all = documents::structures(&outlines());
    all.push(referral::structure_of_message());
    all.extend(parts::structures());
    all.extend(extensions::structures());
    all
}

fn definition(one: &Structure) -> Result<Value, SnapshotError> {
    let about = About {
        id: one.id.clone(),
        title: one.title.clone(),
        status: "active".to_owned(),
        date: publication::DATE.to_owned(),
        publisher: publication::PUBLISHER.to_owned(),
        description: one.words.clone(),
        purpose: None,
    };
    structure_definition(&one.profile, &about, library().as_ref())
}
