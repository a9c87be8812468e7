//! One pass over a resource: every element against the rules that hold for it, every finding with its place. Reads the
//! tree and compiled definitions only; no clock, no I/O; on a valid resource it allocates nothing per element.

mod address;
mod attachment;
mod binding;
mod bundle;
mod contained;
mod context;
mod datatypes;
mod element;
mod extension;
mod fhir_space;
mod group;
mod invariant;
mod linked;
mod meta;
mod narrative;
mod primitive;
mod quantity;
mod questionnaire;
mod range;
mod reach;
mod reference;
mod report;
mod resolve;
mod resource;
mod slices;
mod special;
#[cfg(test)]
mod tests;
mod uri;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::structure::{Registry, Rule, Structure};
use super::table::Table;
use crate::fhir::tree::{Name, Node, Tree};
use crate::model::{Issue, IssueCode, Severity};

pub use report::{Finding, Said};

/// What is asked of a resource beyond its own definition.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub guide: Guide,
    /// Profiles the resource must meet, by canonical.
    pub profiles: Vec<String>,
    /// Whether elements that must be supported and are not there are told (information).
    pub must_support: bool,
    /// Whether extensions nobody knows are taken with a note instead of refused (FHIR lets receivers ignore them; the
    /// reference's published verdicts refuse them).
    pub unknown_extensions: bool,
    /// The moment of validation; without it expressions about today cannot be worked out.
    pub now: Option<jiff::Zoned>,
}

/// Which guide is asked for profiles of every resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guide {
    /// R4 alone, and what the resource claims.
    R4,
    /// Also the UK Core profile of its type.
    #[default]
    UkCore,
}

/// Validates a resource: its text, its structure, and all rules of the profiles that hold for it.
#[must_use]
pub fn validate(tree: &Tree<'_>, registry: &Registry, options: &Options) -> Vec<Issue> {
    validate_resource(tree.root(), registry, options)
}

/// The same for a resource that stands in another, as a parameter of an operation does, and is meant alone: paths begin
/// with it.
#[must_use]
pub fn validate_resource(resource: Node<'_>, registry: &Registry, options: &Options) -> Vec<Issue> {
    let mut walk = Walk::new(resource, registry, options);
    walk.whole();
    report::issues(resource, walk.found)
}

/// A walk under way.
struct Walk<'t, 'r> {
    registry: &'r Registry,
    options: &'r Options,
    found: Vec<Finding<'t>>,
    /// How often each child of the open elements was seen, innermost last.
    counts: Vec<u32>,
    /// The resource that is being looked at, and the one that contains it.
    resource: Node<'t>,
    root: Node<'t>,
    /// The bundles (and Parameters) around, innermost last.
    bundles: Vec<resolve::Around<'t>>,
    /// Contained resources of the outermost resource, once a reference asked for one.
    contained: RefCell<resolve::Contained<'t>>,
    /// Ids below the resources and bundles that something points into.
    local_ids: uri::Ids<'t>,
    /// Where addresses are put together.
    line: String,
    /// Whether these elements were looked at before under another profile: what any definition says is then said.
    again: bool,
    /// Stop at the first error: only whether there is one is asked.
    quick: bool,
    failed: bool,
    /// Which resources are known to meet which definitions (by address), or not.
    met: Table<(u32, usize), bool>,
    /// Ids of elements of the resources that are open, to be compared when each is done.
    ids: Vec<Node<'t>>,
    /// References whose targets must meet a profile, looked at when all else is done.
    pending: Vec<reference::Pending<'t>>,
    /// What links in narratives can point at, by the resource or bundle that was looked through.
    anchors: HashMap<u32, narrative::Anchors<'t>>,
    /// The questionnaires among the entries of the outermost bundle, by address; looked for when a response asks.
    forms: Option<HashMap<&'t str, Node<'t>>>,
    /// How many elements nobody knows were seen.
    strangers: usize,
    /// What is said once however often it happens.
    once: HashSet<String>,
    depth: usize,
    /// What has been done, counted where it could grow out of proportion.
    #[cfg(test)]
    work: usize,
}

/// How deep references and profiles are followed from one into the other.
const DEEPEST: usize = 24;

impl<'t, 'r> Walk<'t, 'r> {
    fn new(root: Node<'t>, registry: &'r Registry, options: &'r Options) -> Self {
        Self {
            registry,
            options,
            found: Vec::new(),
            counts: Vec::with_capacity(256),
            resource: root,
            root,
            bundles: Vec::new(),
            contained: RefCell::default(),
            local_ids: HashMap::new(),
            line: String::new(),
            again: false,
            quick: false,
            failed: false,
            met: Table::default(),
            pending: Vec::new(),
            ids: Vec::new(),
            anchors: HashMap::new(),
            forms: None,
            strangers: 0,
            once: HashSet::new(),
            depth: 0,
            #[cfg(test)]
            work: 0,
        }
    }

    fn whole(&mut self) {
        let root = self.root;
        let asked: Vec<&str> = self.options.profiles.iter().map(String::as_str).collect();
        self.resource(root, &asked);
        reference::settle(self, 0);
    }

    /// Counts work, in tests.
    #[cfg_attr(not(test), allow(clippy::unused_self, reason = "counts in tests only"))]
    fn spend(&mut self, steps: usize) {
        let _ = steps;
        #[cfg(test)]
        {
            self.work += steps;
        }
    }

    /// Notes a finding.
    fn say(&mut self, node: Node<'t>, severity: Severity, code: IssueCode, rule: impl Into<Said>, text: String) {
        self.failed |= severity.refuses();
        if self.quick {
            return;
        }
        self.found.push(Finding {
            node: Some(node),
            severity,
            code,
            rule: rule.into(),
            text,
            profile: None,
            expected: None,
            found: None,
        });
    }

    fn error(&mut self, node: Node<'t>, code: IssueCode, rule: impl Into<Said>, text: String) {
        self.say(node, Severity::Error, code, rule, text);
    }

    fn warning(&mut self, node: Node<'t>, code: IssueCode, rule: impl Into<Said>, text: String) {
        self.say(node, Severity::Warning, code, rule, text);
    }

    fn information(&mut self, node: Node<'t>, code: IssueCode, rule: impl Into<Said>, text: String) {
        self.say(node, Severity::Information, code, rule, text);
    }

    /// Adds to the last finding what was expected and what was found, and which profile asks for it.
    fn detail(&mut self, structure: &Structure, expected: Option<String>, found: Option<String>) {
        if self.quick {
            return;
        }
        if let Some(last) = self.found.last_mut() {
            last.profile = Some(canonical(structure));
            last.expected = expected;
            last.found = found;
        }
    }

    /// Whether an element or resource meets a definition, without saying anything about it.
    fn meets(&mut self, node: Node<'t>, structure: &Arc<Structure>) -> bool {
        self.trial(node, structure).is_ok()
    }

    /// Whether it meets a definition; if not, the first reason.
    fn trial(&mut self, node: Node<'t>, structure: &Arc<Structure>) -> Result<(), String> {
        let key = (node.number(), Arc::as_ptr(structure) as usize);
        if let Some(met) = self.met.get(&key) {
            return if *met { Ok(()) } else { Err(String::new()) };
        }
        if self.depth >= DEEPEST {
            return Ok(());
        }
        // whoever refers back to here is taken to be right until shown wrong
        self.met.insert(key, true);
        let kept = std::mem::take(&mut self.found);
        let (again, failed, quick) = (self.again, self.failed, self.quick);
        (self.again, self.failed, self.quick) = (false, false, false);
        self.depth += 1;
        self.against(node, structure);
        self.depth -= 1;
        let met = !self.failed;
        (self.again, self.failed, self.quick) = (again, failed, quick);
        let why = std::mem::replace(&mut self.found, kept);
        self.met.insert(key, met);
        if met {
            return Ok(());
        }
        let worst = why.into_iter().find(|one| one.severity.refuses());
        Err(worst.map(|one| one.text).unwrap_or_default())
    }

    /// Everything a definition says of an element or resource.
    fn against(&mut self, node: Node<'t>, structure: &Arc<Structure>) {
        if node.is_resource() {
            let (resource, root) = (self.resource, self.root);
            self.enter(node);
            let opened = self.open(node);
            self.rules_of(node, structure, structure.root());
            if opened {
                self.close();
            }
            (self.resource, self.root) = (resource, root);
        } else {
            self.rules_of(node, structure, structure.root());
        }
    }

    /// Children and invariants of a node, as a rule with children (or the root of a definition) has them.
    fn rules_of(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        self.group(node, structure, rule);
        self.invariants(node, structure, rule, rule.of, None);
    }

    /// Sets the resource that is being looked at; a contained one has the outer for its root.
    fn enter(&mut self, node: Node<'t>) {
        self.resource = node;
        self.root = if node.name() == Name::CONTAINED { node.parent().map_or(node, Node::resource) } else { node };
    }
}

/// The canonical of a definition with its version.
fn canonical(structure: &Structure) -> String {
    match &structure.version {
        Some(version) => [&structure.url, "|", version].concat(),
        None => structure.url.clone(),
    }
}
