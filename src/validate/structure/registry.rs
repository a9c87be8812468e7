//! All compiled definitions, each made once, when it is first asked for. Grows with the definitions there are, never with
//! what a sender names.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::Structure;
use super::compile::compile;
use super::invariants::Invariant;
use crate::definitions::facts::Constraint;
use crate::definitions::{FHIR, Library};
use crate::fhir::tree::Name;
use crate::validate::grammars::Known;
use crate::validate::table::Table;
use crate::validate::terminology::Terminology;

/// What there is for each name of R4, once it was asked for.
type ByName = Box<[OnceLock<Option<Arc<Structure>>>]>;

/// Definitions ready for the walk, over a library.
#[derive(Debug)]
pub struct Registry {
    library: Arc<Library>,
    terminology: Terminology,
    structures: RwLock<Table<String, Arc<Structure>>>,
    invariants: RwLock<HashMap<(String, String), Arc<Invariant>>>,
    types: ByName,
    guides: ByName,
}

impl Registry {
    /// A registry over a library, its codes and the grammars we know; nothing is compiled yet.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        let terminology = Terminology::over(library.clone());
        Self::with(library, terminology)
    }

    /// A registry with a terminology of its own, which may ask a server.
    #[must_use]
    pub fn with(library: Arc<Library>, terminology: Terminology) -> Self {
        let terminology = terminology.with_grammars(Box::new(Known));
        Self {
            library,
            terminology,
            structures: RwLock::default(),
            invariants: RwLock::default(),
            types: (0..Name::count()).map(|_| OnceLock::new()).collect(),
            guides: (0..Name::count()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The definitions as they are written.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Codes and value sets.
    #[must_use]
    pub const fn terminology(&self) -> &Terminology {
        &self.terminology
    }

    /// The definition with this canonical (a version after `|` means that version), compiled.
    pub fn structure(&self, url: &str) -> Option<Arc<Structure>> {
        if let Some(known) = self.structures.read().unwrap_or_else(PoisonError::into_inner).get(url) {
            return Some(known.clone());
        }
        let profile = self.library.structure(url).ok()?;
        let made = Arc::new(compile(&profile, self)?);
        let mut structures = self.structures.write().unwrap_or_else(PoisonError::into_inner);
        Some(structures.entry(url.to_owned()).or_insert(made).clone())
    }

    /// The definition of a resource or data type of R4.
    pub fn of_type(&self, name: Name) -> Option<Arc<Structure>> {
        self.kept(&self.types, FHIR, name)
    }

    /// What has the name behind a base, looked for once.
    fn kept(&self, all: &ByName, base: &str, name: Name) -> Option<Arc<Structure>> {
        let cell = all.get(name.index())?;
        if let Some(known) = cell.get() {
            return known.clone();
        }
        // not inside the cell: compiling one definition may ask for another, or for this one
        let found = self.structure(&format!("{base}{}", name.text()));
        cell.get_or_init(|| found).clone()
    }

    /// An invariant, compiled once however many elements have it.
    pub fn invariant(&self, constraint: &Constraint) -> Arc<Invariant> {
        let key = (constraint.key.clone(), constraint.expression.clone().unwrap_or_default());
        if let Some(known) = self.invariants.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let made = Arc::new(Invariant::new(constraint));
        let mut invariants = self.invariants.write().unwrap_or_else(PoisonError::into_inner);
        invariants.entry(key).or_insert(made).clone()
    }

    /// The extension with this canonical; `None` also for what is no extension.
    pub fn extension(&self, url: &str) -> Option<Arc<Structure>> {
        self.structure(url).filter(|found| found.of == Name::EXTENSION_TYPE)
    }

    /// The profile that a guide has for a type; whether it has one is remembered.
    pub fn guide(&self, base: &str, of: Name) -> Option<Arc<Structure>> {
        self.kept(&self.guides, base, of)
    }

    /// Whether a definition is the one with this URL, or builds on it.
    pub fn builds_on(&self, structure: &Structure, url: &str) -> bool {
        let mut at = structure;
        // more steps than any chain of profiles has
        for _ in 0..32 {
            if at.url == url {
                return true;
            }
            match at.base.as_ref().and_then(|base| base.get(self)) {
                Some(base) => at = base,
                None => return false,
            }
        }
        false
    }
}
