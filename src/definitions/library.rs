//! All definitions at hand: those added at run time first, then packs in their order. Generates the snapshots that are
//! missing, once each.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::Value;

use super::Definitions;
use super::facts::{CodeSystem, Definition, Derivation, Profile, SearchParameter, ValueSet, canonical};
use super::pack::Pack;
use super::snapshot::{SnapshotError, snapshot};

/// Definitions by kind, as they are read.
#[derive(Debug, Default)]
struct Shelf<T>(HashMap<String, Vec<Arc<T>>>);

impl<T> Shelf<T> {
    fn put(&mut self, url: &str, one: T) {
        self.0.entry(url.to_owned()).or_default().push(Arc::new(one));
    }

    /// The one with this version; without a version the one added last.
    fn get(&self, url: &str, version: Option<&str>, of: impl Fn(&T) -> Option<&str>) -> Option<Arc<T>> {
        let mut found = self.0.get(url)?.iter().rev();
        found.find(|one| version.is_none_or(|version| of(one) == Some(version))).cloned()
    }
}

/// What has been read from packs or generated, by canonical. What is not there is not noted: whoever sends a message may
/// name as many definitions as they like, and this must not grow with them.
type Read<T> = RwLock<HashMap<String, Arc<T>>>;

/// Packs and packages, asked as one. Reading is lazy and what was read is kept.
#[derive(Debug, Default)]
pub struct Library {
    profiles: Shelf<Profile>,
    code_systems: Shelf<CodeSystem>,
    value_sets: Shelf<ValueSet>,
    search_parameters: Shelf<SearchParameter>,
    questionnaires: Shelf<Value>,
    packs: Vec<Pack>,
    read_profiles: Read<Profile>,
    read_code_systems: Read<CodeSystem>,
    read_value_sets: Read<ValueSet>,
}

/// The definitions the binary carries: UK Core, FHIR's extensions and terminology as of today, R4 as published.
#[must_use]
pub fn embedded() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::of_packs(embedded_packs()))
}

/// The packs the binary carries, in the order in which they are asked.
#[must_use]
pub fn embedded_packs() -> Vec<Pack> {
    macro_rules! pack {
        ($name:literal) => {
            Pack::embedded(
                include_str!(concat!("../../profiles/", $name, ".index")),
                include_bytes!(concat!("../../profiles/", $name, ".jsonl.gz")),
            )
        };
    }
    vec![pack!("ukcore/ukcore"), pack!("r4/extensions"), pack!("r4/terminology"), pack!("r4/base")]
}

impl Library {
    /// A library of packs, the first asked first.
    #[must_use]
    pub fn of_packs(packs: Vec<Pack>) -> Self {
        Self { packs, ..Self::default() }
    }

    /// Adds a definition; it is asked before the packs, and before what was added earlier under the same URL.
    pub fn add(&mut self, definition: Definition) {
        match definition {
            Definition::Profile(one) => self.profiles.put(&one.url.clone(), one),
            Definition::CodeSystem(one) => self.code_systems.put(&one.url.clone(), one),
            Definition::ValueSet(one) => self.value_sets.put(&one.url.clone(), one),
            Definition::SearchParameter(one) => self.search_parameters.put(&one.url.clone(), one),
        }
        // what was read may rest on what has just been replaced
        self.read_profiles = Read::default();
        self.read_code_systems = Read::default();
        self.read_value_sets = Read::default();
    }

    /// Adds a questionnaire in its FHIR JSON form; one without an address could not be asked for and is left out.
    pub fn add_questionnaire(&mut self, questionnaire: Value) {
        if let Some(url) = questionnaire.get("url").and_then(Value::as_str).map(str::to_owned) {
            self.questionnaires.put(&url, questionnaire);
        }
    }

    /// The questionnaire with this canonical (a version after `|` means that version), whole.
    pub fn questionnaire(&self, reference: &str) -> Option<Arc<Value>> {
        let (url, version) = canonical(reference);
        self.questionnaires.get(url, version, |one| one.get("version").and_then(Value::as_str))
    }

    /// The search parameter with this canonical. Few ask for one, so none is kept.
    pub fn search_parameter(&self, reference: &str) -> Option<Arc<SearchParameter>> {
        let (url, version) = canonical(reference);
        let unpack = || self.packs.iter().find_map(|pack| pack.search_parameter(url, version)).map(Arc::new);
        self.search_parameters.get(url, version, |one| one.version.as_deref()).or_else(unpack)
    }

    /// The definition of a structure with its snapshot.
    ///
    /// # Errors
    /// It is not there, or its snapshot cannot be generated.
    pub fn structure(&self, canonical: &str) -> Result<Arc<Profile>, SnapshotError> {
        self.structure_below(canonical, None)
    }

    fn structure_below(&self, reference: &str, above: Option<&Below<'_>>) -> Result<Arc<Profile>, SnapshotError> {
        let unknown = || SnapshotError::Unknown(reference.to_owned());
        if let Some(known) = known(&self.read_profiles, reference) {
            return Ok(known);
        }
        let (url, version) = canonical(reference);
        let found = self
            .profiles
            .get(url, version, |one| one.version.as_deref())
            .or_else(|| self.packs.iter().find_map(|pack| pack.profile(url, version)).map(Arc::new));
        let found = found.ok_or_else(unknown)?;
        let found = if found.snapshot.is_empty() && found.derivation != Some(Derivation::Specialization) {
            let below = Below { library: self, url: &found.url, above };
            if above.is_some_and(|above| above.is_about(&found.url)) {
                return Err(unknown());
            }
            Arc::new(snapshot(&found, &below)?)
        } else {
            found
        };
        remember(&self.read_profiles, reference, &found);
        Ok(found)
    }
}

fn known<T>(read: &Read<T>, reference: &str) -> Option<Arc<T>> {
    read.read().unwrap_or_else(PoisonError::into_inner).get(reference).cloned()
}

fn remember<T>(read: &Read<T>, reference: &str, what: &Arc<T>) {
    read.write().unwrap_or_else(PoisonError::into_inner).insert(reference.to_owned(), what.clone());
}

/// Gives a definition from the shelf, from what was read, or from the packs.
fn fetch<T>(
    shelf: &Shelf<T>,
    read: &Read<T>,
    reference: &str,
    of: impl Fn(&T) -> Option<&str>,
    unpack: impl Fn(&str, Option<&str>) -> Option<T>,
) -> Option<Arc<T>> {
    if let Some(known) = known(read, reference) {
        return Some(known);
    }
    let (url, version) = canonical(reference);
    let found = shelf.get(url, version, of).or_else(|| unpack(url, version).map(Arc::new))?;
    remember(read, reference, &found);
    Some(found)
}

impl Definitions for Library {
    fn profile(&self, canonical: &str) -> Option<Arc<Profile>> {
        self.structure(canonical).ok()
    }

    fn code_system(&self, canonical: &str) -> Option<Arc<CodeSystem>> {
        let unpack = |url: &str, version: Option<&str>| self.packs.iter().find_map(|p| p.code_system(url, version));
        fetch(&self.code_systems, &self.read_code_systems, canonical, |one| one.version.as_deref(), unpack)
    }

    fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        let unpack = |url: &str, version: Option<&str>| self.packs.iter().find_map(|p| p.value_set(url, version));
        fetch(&self.value_sets, &self.read_value_sets, canonical, |one| one.version.as_deref(), unpack)
    }
}

/// The library as seen while a snapshot is generated: knows for which, so that profiles that rest on each other are
/// refused instead of followed for ever.
struct Below<'a> {
    library: &'a Library,
    url: &'a str,
    above: Option<&'a Below<'a>>,
}

impl Below<'_> {
    fn is_about(&self, url: &str) -> bool {
        self.url == url || self.above.is_some_and(|above| above.is_about(url))
    }
}

impl Definitions for Below<'_> {
    fn profile(&self, canonical: &str) -> Option<Arc<Profile>> {
        self.library.structure_below(canonical, Some(self)).ok()
    }

    fn code_system(&self, canonical: &str) -> Option<Arc<CodeSystem>> {
        self.library.code_system(canonical)
    }

    fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        self.library.value_set(canonical)
    }
}
