//! Where a reference leads: into the resource itself, or to another entry of the bundle around it, by R4's rules
//! (<https://hl7.org/fhir/R4/bundle.html#references>); what keeps it from leading there is said. Judges no target.

use std::collections::HashMap;
use std::sync::Arc;

use super::Walk;
use super::address::{self, versioned};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::{Entry, Host, InBundle};

/// A Bundle, or Parameters, around what is being looked at.
#[derive(Debug)]
pub(super) struct Around<'t> {
    pub(super) index: Arc<InBundle<'t>>,
    pub(super) kind: &'t str,
    /// Which entry refers to which; of documents and messages.
    pub(super) edges: Vec<(u32, u32)>,
    /// Whether they are noted.
    pub(super) linked: bool,
    /// What was waiting when this was entered.
    mark: usize,
}

impl Around<'_> {
    fn is_parameters(&self) -> bool {
        self.index.around().is_some_and(|around| around.resource_type() == Name::PARAMETERS)
    }
}

/// Where a reference leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Led<'t> {
    /// To a resource contained in the same one, or from there to the one that contains it.
    Inside(Node<'t>),
    /// To another entry, if it is known which one.
    Beside(Node<'t>, Option<usize>),
    /// Out of what is at hand, or nowhere.
    Away,
}

impl<'t> Led<'t> {
    pub(super) const fn node(self) -> Option<Node<'t>> {
        match self {
            Self::Inside(node) | Self::Beside(node, _) => Some(node),
            Self::Away => None,
        }
    }
}

/// Contained resources by id, of the resource whose number stands beside them.
pub(super) type Contained<'t> = (u32, HashMap<&'t str, Node<'t>>);

impl<'t> Walk<'t, '_> {
    /// Enters a Bundle or Parameters, if it is one.
    pub(super) fn open(&mut self, node: Node<'t>) -> bool {
        let index = match node.resource_type() {
            Name::BUNDLE => InBundle::of(node),
            Name::PARAMETERS => InBundle::of_parameters(node),
            _ => return false,
        };
        let kind = node.text(Name::TYPE).unwrap_or_default();
        self.spend(index.entries().len());
        self.bundles.push(Around {
            index: Arc::new(index),
            kind,
            edges: Vec::new(),
            linked: !self.again && self.depth == 0 && matches!(kind, "document" | "message"),
            mark: self.pending.len(),
        });
        true
    }

    /// Leaves it again; what waits for its entries is looked at first.
    pub(super) fn close(&mut self) {
        let mark = self.bundles.last().map_or(0, |around| around.mark);
        super::reference::settle(self, mark);
        self.bundles.pop();
    }

    /// What a reference leads to, for slices and expressions: as FHIRPath resolves it.
    pub(super) fn target(&self, node: Node<'t>) -> Option<Node<'t>> {
        let reference = node.text(Name::REFERENCE).or_else(|| node.value())?;
        match reference.strip_prefix('#') {
            Some("") => Some(self.root),
            Some(id) => self.contained(id),
            None => self.bundles.iter().rev().find_map(|around| around.index.resolve(reference)),
        }
    }

    /// The resource of this id that the outermost resource contains.
    pub(super) fn contained(&self, id: &str) -> Option<Node<'t>> {
        let mut known = self.contained.borrow_mut();
        if known.0 != self.root.number() || known.1.is_empty() {
            known.0 = self.root.number();
            known.1.clear();
            for one in self.root.all(Name::CONTAINED) {
                if let Some(id) = one.text(Name::ID) {
                    known.1.entry(id).or_insert(one);
                }
            }
        }
        known.1.get(id).copied()
    }

    /// The innermost bundle.
    pub(super) fn bundle(&self) -> Option<&Around<'t>> {
        self.bundles.iter().rfind(|around| !around.is_parameters())
    }

    /// The entry of the innermost bundle that is being looked at, and its number.
    pub(super) fn entry(&self) -> Option<(usize, Entry<'t>)> {
        let around = self.bundle()?;
        let bundle = around.index.around()?;
        let mut at = self.root;
        while at != bundle {
            let parent = at.parent()?;
            if at.name() == Name::RESOURCE && parent.name() == Name::ENTRY && parent.parent() == Some(bundle) {
                let entry = *around.index.entries().get(parent.place())?;
                return (entry.node == parent).then_some((parent.place(), entry));
            }
            at = parent;
        }
        None
    }

    /// Where a reference leads. `tell`: say what is wrong with the way there.
    pub(super) fn led(&mut self, node: Node<'t>, reference: &str, tell: bool) -> Led<'t> {
        if let Some(id) = reference.strip_prefix('#') {
            let found =
                if id.is_empty() { (self.resource != self.root).then_some(self.root) } else { self.contained(id) };
            return found.map_or(Led::Away, Led::Inside);
        }
        for at in (0..self.bundles.len()).rev() {
            let Some(around) = self.bundles.get(at) else { break };
            let index = around.index.clone();
            if around.is_parameters() {
                let (kind, id) = reference.split_once('/').unwrap_or_default();
                if let Some(found) = index.of_id(Name::of(kind), id).next().and_then(|(_, entry)| entry.resource) {
                    return Led::Beside(found, None);
                }
            } else {
                let kind = around.kind;
                return self.in_bundle(node, reference, &index, kind, tell);
            }
        }
        Led::Away
    }

    fn in_bundle(&mut self, node: Node<'t>, reference: &str, index: &InBundle<'t>, kind: &str, tell: bool) -> Led<'t> {
        let entry = self.entry().map(|(_, entry)| entry);
        if let Some(entry) = entry.filter(|entry| entry.url.is_none() && tell && !kind.ends_with("-response")) {
            self.no_address(entry.node);
        }
        let (plain, version) = versioned(reference);
        let mut target = std::mem::take(&mut self.line);
        target.clear();
        let is_absolute = address::is_absolute(reference);
        // the type named, where the address that is looked for does not name it
        let mut named = None;
        if is_absolute {
            target.push_str(plain);
        } else if let Some(from) = entry.and_then(|entry| entry.url) {
            if !matches!(reference.matches('/').count(), 1 | 3) {
                self.line = target;
                if tell {
                    self.no_relative(node, reference, kind);
                }
                return Led::Away;
            }
            named = relative(from, plain, &mut target);
        }
        self.spend(1);
        let mut found = None;
        let mut several = false;
        match version {
            _ if target.is_empty() => {}
            Some(version) => found = index.version(&target, version),
            None => {
                let mut all = index.at(&target);
                found = all.next();
                several = all.next().is_some();
            }
        }
        if tell {
            if several {
                let text = format!(
                    "Several entries have the fullUrl that {} leads to, so which one is meant cannot be told.",
                    shown(reference)
                );
                self.error(node, IssueCode::Forbidden, "reference-ambiguous", text);
            }
            match found {
                None => self.not_beside(node, reference, &target, index, version),
                Some((_, entry)) => {
                    if let (Some(named), Some(resource)) = (named, entry.resource)
                        && resource.resource_type() != named
                    {
                        let text = format!(
                            "{} says {}, and the entry it leads to has a {}.",
                            shown(reference),
                            named.text(),
                            resource.resource_type().text()
                        );
                        self.error(node, IssueCode::Required, "reference-names-type", text);
                    }
                }
            }
        }
        self.line = target;
        found.and_then(|(at, entry)| Some(Led::Beside(entry.resource?, Some(at)))).unwrap_or(Led::Away)
    }

    /// An entry whose references cannot be worked out.
    pub(super) fn no_address(&mut self, entry: Node<'t>) {
        let text = "This entry has no fullUrl, so nothing can refer to it, nor can its own references be worked out: give it one.";
        self.error(entry, IssueCode::Required, "entry-full-url", text.to_owned());
    }

    fn no_relative(&mut self, node: Node<'t>, reference: &str, kind: &str) {
        let is_search = address::search(reference).is_some_and(|(_, query)| address::is_query(query));
        if is_search && matches!(kind, "transaction" | "batch") {
            return;
        }
        let text = format!(
            "\"{}\" is no reference: inside a bundle it is a fullUrl, or Type/id, or Type/id/_history/version.",
            shown(reference)
        );
        self.error(node, IssueCode::Invalid, "reference-form", text);
    }

    /// Nothing in the bundle has that address. Most often it is elsewhere; what looks like a slip is said.
    fn not_beside(
        &mut self,
        node: Node<'t>,
        reference: &str,
        target: &str,
        index: &InBundle<'t>,
        version: Option<&str>,
    ) {
        if reference.starts_with("urn:") {
            let text = format!(
                "No entry has the fullUrl {}, and it means nothing outside this bundle: add the entry, or remove the reference.",
                shown(reference)
            );
            return self.warning(node, IssueCode::NotFound, "reference-resolves", text);
        }
        if version.is_some() && index.at(target).next().is_some_and(|(_, entry)| entry.version.is_none()) {
            let text = format!(
                "{} names a version, and the entry with this fullUrl says none in meta.versionId.",
                shown(reference)
            );
            return self.warning(node, IssueCode::NotFound, "reference-version", text);
        }
        let Some((other, count)) = like(index, reference) else { return };
        let also = if count > 1 { " (and others)" } else { "" };
        let has =
            other.url.map_or_else(|| "has no fullUrl".to_owned(), |url| format!("has the fullUrl {}", shown(url)));
        let text = format!(
            "{} leads to no entry. Entry {}{also} is of that type and id, but {has}, and a relative reference is read from the fullUrl of the entry it stands in.",
            shown(reference),
            other.node.place(),
        );
        self.warning(node, IssueCode::NotFound, "reference-resolves", text);
    }
}

/// Puts together what a relative reference means from an address; the type it names where that gets lost.
fn relative(from: &str, plain: &str, to: &mut String) -> Option<Name> {
    let (kind, id) = plain.split_once('/')?;
    if from.starts_with("urn:") {
        let base = from.get(..=from.rfind(':')?)?;
        to.push_str(base);
        to.push_str(id);
        return Some(Name::of(kind));
    }
    let last = from.rfind('/')?;
    let base = from.get(..last)?.rfind('/').and_then(|slash| from.get(..=slash)).unwrap_or_default();
    to.push_str(base);
    to.push_str(plain);
    None
}

/// An entry of the type and id that a relative reference names, and whether there are others (2 for any number).
pub(super) fn like<'t>(index: &InBundle<'t>, reference: &str) -> Option<(Entry<'t>, usize)> {
    let mut parts = reference.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    let mut all = index.of_id(Name::of(kind), id).take(2);
    let (_, first) = all.next()?;
    Some((first, 1 + all.count()))
}
