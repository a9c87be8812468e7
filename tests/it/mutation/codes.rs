//! A code that is in a value set, as far as the embedded definitions can say so.

use std::cell::RefCell;
use std::collections::HashMap;

use cmht_gateway::definitions::facts::{Concept, Include};
use cmht_gateway::definitions::{Definitions, Library};
use cmht_gateway::validate::terminology::{Answer, Terminology};

/// System and code.
pub(super) type Pick = (String, String);

pub(super) struct Codes<'a> {
    library: &'a Library,
    terminology: &'a Terminology,
    known: RefCell<HashMap<String, Option<Pick>>>,
}

impl<'a> Codes<'a> {
    pub(super) fn new(library: &'a Library, terminology: &'a Terminology) -> Self {
        Self { library, terminology, known: RefCell::default() }
    }

    /// One of its codes; `None` where none of those at hand is known to be in it.
    pub(super) fn of(&self, value_set: &str) -> Option<Pick> {
        if let Some(known) = self.known.borrow().get(value_set) {
            return known.clone();
        }
        let found = self.candidates(value_set, 0).into_iter().find(|(system, code)| self.has(value_set, system, code));
        self.known.borrow_mut().insert(value_set.to_owned(), found.clone());
        found
    }

    /// Whether it is certain that a value set does not have a code that does not exist.
    pub(super) fn is_certain(&self, value_set: &str, system: Option<&str>) -> bool {
        matches!(self.terminology.member(value_set, system, "no-such-code"), Answer::No { .. })
    }

    fn has(&self, value_set: &str, system: &str, code: &str) -> bool {
        matches!(self.terminology.member(value_set, Some(system), code), Answer::Yes { .. })
    }

    fn candidates(&self, value_set: &str, depth: usize) -> Vec<Pick> {
        let Some(set) = self.library.value_set(value_set).filter(|_| depth < 4) else { return Vec::new() };
        let mut all: Vec<Pick> =
            set.expansion.iter().map(|one| (one.system.clone().unwrap_or_default(), one.code.clone())).collect();
        for include in set.compose.iter().flat_map(|compose| &compose.include) {
            self.included(include, depth, &mut all);
        }
        all
    }

    fn included(&self, include: &Include, depth: usize, to: &mut Vec<Pick>) {
        for set in &include.value_sets {
            to.extend(self.candidates(set, depth + 1));
        }
        let Some(system) = &include.system else { return };
        let known = match system.as_str() {
            "urn:ietf:bcp:13" => "text/plain",
            "urn:ietf:bcp:47" => "en",
            "urn:iso:std:iso:4217" => "GBP",
            "http://unitsofmeasure.org" => "kg",
            _ => "",
        };
        to.push((system.clone(), known.to_owned()));
        to.extend(include.concepts.iter().map(|one| (system.clone(), one.code.clone())));
        if include.concepts.is_empty()
            && let Some(found) = self.library.code_system(system)
        {
            codes(&found.concepts, system, to);
        }
    }
}

fn codes(concepts: &[Concept], system: &str, to: &mut Vec<Pick>) {
    for concept in concepts {
        to.push((system.to_owned(), concept.code.clone()));
        codes(&concept.concepts, system, to);
    }
}
