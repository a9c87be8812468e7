//! A code system, made ready: every code one look-up away, and what is above and below it. Made once and shared by all
//! value sets that draw on it. Knows no value set.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::answer::{Known, State, Why};
use crate::definitions::CodeSystem;
use crate::definitions::facts::{Concept as Fact, Property};
use crate::validate::table::Table;

/// How much of a code system is at hand (`CodeSystem.content`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Complete,
    Fragment,
    Example,
    NotPresent,
    Supplement,
}

/// A concept in its place.
#[derive(Debug)]
pub(super) struct Concept {
    pub(super) code: Arc<str>,
    pub(super) display: Option<Arc<str>>,
    /// Other words for it.
    designations: Vec<Arc<str>>,
    pub(super) state: State,
    pub(super) properties: Vec<Property>,
    /// Places of the concepts right above and right below.
    pub(super) parents: Vec<usize>,
    pub(super) children: Vec<usize>,
}

/// A code system, made ready.
#[derive(Debug)]
pub struct System {
    pub(super) url: Arc<str>,
    pub(super) version: Option<Arc<str>>,
    pub(super) content: Content,
    pub(super) concepts: Vec<Concept>,
    places: Table<Arc<str>, usize>,
    /// Codes in lower case, where case does not matter.
    folded: Option<Table<String, usize>>,
}

impl System {
    /// Makes a code system ready. Where it does not say that case matters, it does not: so reads the reference validator.
    pub(super) fn new(facts: &CodeSystem) -> Self {
        let content = match facts.content.as_str() {
            "complete" => Content::Complete,
            "fragment" => Content::Fragment,
            "example" => Content::Example,
            "supplement" => Content::Supplement,
            _ => Content::NotPresent,
        };
        let mut system = Self {
            url: Arc::from(facts.url.as_str()),
            version: facts.version.as_deref().map(Arc::from),
            content,
            concepts: Vec::new(),
            places: Table::default(),
            folded: None,
        };
        let mut open: Vec<(&Fact, Option<usize>)> = facts.concepts.iter().rev().map(|one| (one, None)).collect();
        while let Some((fact, parent)) = open.pop() {
            let place = system.put(fact);
            if let Some(parent) = parent {
                system.join(parent, place);
            }
            open.extend(fact.concepts.iter().rev().map(|one| (one, Some(place))));
        }
        system.join_by_properties();
        if facts.case_sensitive != Some(true) {
            let mut folded = Table::default();
            for (place, concept) in system.concepts.iter().enumerate() {
                folded.entry(concept.code.to_lowercase()).or_insert(place);
            }
            system.folded = Some(folded);
        }
        system
    }

    /// Adds a concept; one whose code is there already is the same, told at another place.
    fn put(&mut self, fact: &Fact) -> usize {
        let code: Arc<str> = Arc::from(fact.code.as_str());
        let place = match self.places.entry(code.clone()) {
            Entry::Occupied(there) => *there.get(),
            Entry::Vacant(free) => {
                free.insert(self.concepts.len());
                self.concepts.push(Concept {
                    code,
                    display: None,
                    designations: Vec::new(),
                    state: State::default(),
                    properties: Vec::new(),
                    parents: Vec::new(),
                    children: Vec::new(),
                });
                self.concepts.len() - 1
            }
        };
        if let Some(concept) = self.concepts.get_mut(place) {
            concept.display = concept.display.take().or_else(|| fact.display.as_deref().map(Arc::from));
            concept.designations.extend(fact.designations.iter().map(|words| Arc::from(words.as_str())));
            concept.properties.extend(fact.properties.iter().cloned());
            concept.state = state(&concept.properties);
        }
        place
    }

    fn join(&mut self, above: usize, below: usize) {
        if above == below {
            return;
        }
        if let Some(concept) = self.concepts.get_mut(below).filter(|one| !one.parents.contains(&above)) {
            concept.parents.push(above);
            if let Some(concept) = self.concepts.get_mut(above) {
                concept.children.push(below);
            }
        }
    }

    /// The hierarchy that properties tell: `parent`, `child`, and `subsumedBy` of HL7's v3 systems.
    fn join_by_properties(&mut self) {
        let mut pairs = Vec::new();
        for (place, concept) in self.concepts.iter().enumerate() {
            for property in &concept.properties {
                let other = self.places.get(property.value.as_str());
                match (property.code.as_str(), other) {
                    ("parent" | "subsumedBy", Some(above)) => pairs.push((*above, place)),
                    ("child", Some(below)) => pairs.push((place, *below)),
                    _ => {}
                }
            }
        }
        for (above, below) in pairs {
            self.join(above, below);
        }
    }

    /// Where a concept is. In a system in which case does not matter, a code in other case is found as well.
    pub(super) fn place(&self, code: &str) -> Option<usize> {
        let exact = self.places.get(code).copied();
        exact.or_else(|| {
            let folded = self.folded.as_ref()?;
            let is_folded = code.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
            if is_folded { folded.get(code) } else { folded.get(&code.to_lowercase()) }.copied()
        })
    }

    pub(super) fn concept(&self, place: usize) -> Option<&Concept> {
        self.concepts.get(place)
    }

    pub(super) fn find(&self, code: &str) -> Option<&Concept> {
        self.concept(self.place(code)?)
    }

    pub(super) const fn minds_case(&self) -> bool {
        self.folded.is_none()
    }

    /// What is known of a code.
    pub(super) fn known(&self, code: &str) -> Option<Known> {
        let concept = self.find(code)?;
        Some(Known {
            code: concept.code.clone(),
            display: concept.display.clone(),
            other_case: *concept.code != *code,
            state: concept.state,
        })
    }

    /// Other words for a code than its display, in all languages.
    pub(super) fn designations(&self, code: &str) -> &[Arc<str>] {
        self.find(code).map_or(&[], |concept| &concept.designations)
    }

    /// Why this system cannot say that a code is wrong; `None` where it can.
    pub(super) fn doubt(&self) -> Option<Why> {
        let url = self.url.clone();
        Some(match self.content {
            Content::Complete => return None,
            Content::Fragment => Why::Fragment(url),
            Content::Example => Why::Example(url),
            Content::NotPresent => Why::NotPresent(url),
            Content::Supplement => Why::Supplement(url),
        })
    }

    /// Whether its codes count: examples are no codes to use, and of a supplement there are none.
    pub(super) const fn usable(&self) -> bool {
        matches!(self.content, Content::Complete | Content::Fragment)
    }

    /// A concept and all below it (or above it), marked by place.
    pub(super) fn reach(&self, from: usize, up: bool) -> Vec<bool> {
        let mut marked = vec![false; self.concepts.len()];
        let mut open = vec![from];
        while let Some(place) = open.pop() {
            if let (Some(mark @ false), Some(concept)) = (marked.get_mut(place), self.concepts.get(place)) {
                *mark = true;
                open.extend(if up { &concept.parents } else { &concept.children });
            }
        }
        marked
    }
}

/// Reads the properties that say whether a concept may be used
/// (<https://hl7.org/fhir/R4/codesystem.html#defined-props>, and how HL7's v2 and v3 systems write it).
fn state(properties: &[Property]) -> State {
    let says = |code: &str, value: &str| {
        properties.iter().any(|one| one.code.eq_ignore_ascii_case(code) && one.value.eq_ignore_ascii_case(value))
    };
    State {
        inactive: says("inactive", "true")
            || says("retired", "true")
            || says("status", "retired")
            || says("status", "inactive"),
        groups: says("notSelectable", "true") || says("abstract", "true"),
        deprecated: says("status", "deprecated")
            || properties.iter().any(|one| one.code == "deprecated" && one.value != "false"),
    }
}
