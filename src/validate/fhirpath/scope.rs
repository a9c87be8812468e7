//! What surrounds an evaluation: the node it is about, the resources around it, and whoever answers what lies outside.
//! The gateway's own host for references inside a bundle stands here too. Evaluates nothing.

use std::collections::HashMap;

use serde_json::Value;

use super::item::{Item, Node};

/// Answers what cannot be known from the resource alone. `None` from a question means "cannot say", which makes the
/// evaluation a fault, never a pass; `resolve` alone may fail to find, which is empty.
pub trait Host<'a> {
    /// The resource a reference leads to. References into `contained` are followed without asking.
    fn resolve(&self, _reference: &str) -> Option<&'a Value> {
        None
    }

    /// Whether the code, Coding or CodeableConcept is in the value set of this URL.
    fn member_of(&self, _item: &Item<'a>, _value_set: &str) -> Option<bool> {
        None
    }

    /// Whether the element or resource conforms to the profile of this URL.
    fn conforms_to(&self, _item: &Item<'a>, _profile: &str) -> Option<bool> {
        None
    }

    /// Whether the first code is the second or an ancestor of it; codes are code, Coding or CodeableConcept.
    fn subsumes(&self, _ancestor: &Item<'a>, _descendant: &Item<'a>) -> Option<bool> {
        None
    }

    /// Whether the XHTML of a narrative keeps to txt-1 (`content` false) or has content, txt-2 (`content` true).
    fn html_checks(&self, _div: &str, _content: bool) -> Option<bool> {
        None
    }

    /// The value of a variable that FHIRPath and FHIR do not define.
    fn variable(&self, _name: &str) -> Option<Vec<Item<'a>>> {
        None
    }
}

/// A host that knows nothing: enough for expressions about the resource alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Host<'_> for Alone {}

/// A host that finds the entries of a bundle, by `fullUrl` or by type and id
/// (<https://hl7.org/fhir/R4/bundle.html#references>). Answers nothing else.
#[derive(Debug, Default)]
pub struct InBundle<'a> {
    urls: HashMap<&'a str, &'a Value>,
    ids: HashMap<(&'a str, &'a str), &'a Value>,
}

impl<'a> InBundle<'a> {
    /// Reads the entries once; the first of two with the same address is the one found.
    pub fn of(bundle: &'a Value) -> Self {
        let mut out = Self::default();
        for entry in bundle.get("entry").and_then(Value::as_array).into_iter().flatten() {
            let Some(resource) = entry.get("resource") else { continue };
            let text = |of: &'a Value, key: &str| of.get(key).and_then(Value::as_str);
            if let Some(url) = text(entry, "fullUrl") {
                out.urls.entry(url).or_insert(resource);
            }
            if let (Some(kind), Some(id)) = (text(resource, "resourceType"), text(resource, "id")) {
                out.ids.entry((kind, id)).or_insert(resource);
            }
        }
        out
    }
}

impl<'a> Host<'a> for InBundle<'a> {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        let reference = reference.split_once("/_history/").map_or(reference, |(plain, _)| plain);
        self.urls.get(reference).copied().or_else(|| {
            let (kind, id) = reference.rsplit_once('/')?;
            // an absolute address means that server's resource, not one that happens to have the same id
            if kind.contains('/') || kind.contains(':') {
                return None;
            }
            self.ids.get(&(kind, id)).copied()
        })
    }
}

/// The surroundings of one evaluation.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    /// `%context`, and what names at the beginning of the expression stand in.
    pub context: Node<'a>,
    /// `%resource`: the resource the context is in (a contained one, if it is).
    pub resource: &'a Value,
    /// `%rootResource`: the resource that contains it, or the same.
    pub root: &'a Value,
    /// Who answers what lies outside.
    pub host: &'s dyn Host<'a>,
    /// The moment of the evaluation, in the zone where it is today; without it `now()` is a fault.
    pub now: Option<&'s jiff::Zoned>,
}

impl<'a, 's> Scope<'a, 's> {
    /// The surroundings of a whole resource that no other contains.
    pub fn of(resource: &'a Value, host: &'s dyn Host<'a>) -> Self {
        Self { context: Node::resource(resource), resource, root: resource, host, now: None }
    }

    /// The resource of that id in `contained`; the root itself for an empty id.
    pub(super) fn contained(&self, id: &str) -> Option<&'a Value> {
        if id.is_empty() {
            return Some(self.root);
        }
        let all = self.root.get("contained").and_then(Value::as_array)?;
        all.iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
    }
}
