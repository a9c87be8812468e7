//! What surrounds an evaluation: the node it is about, the resources around it, and whoever answers what lies outside.
//! Evaluates nothing.

use super::item::{Item, Node};
use crate::fhir::tree::{self, Name};

/// Answers what cannot be known from the resource alone. `None` from a question means "cannot say", which makes the
/// evaluation a fault, never a pass; `resolve` alone may fail to find, which is empty.
pub trait Host<'a> {
    /// The resource a reference leads to. References into `contained` are followed without asking.
    fn resolve(&self, _reference: &str) -> Option<tree::Node<'a>> {
        None
    }

    /// Whether the code, Coding or CodeableConcept is in the value set of this URL.
    fn member_of(&self, _item: &Item<'_>, _value_set: &str) -> Option<bool> {
        None
    }

    /// Whether the element or resource conforms to the profile of this URL.
    fn conforms_to(&self, _item: &Item<'_>, _profile: &str) -> Option<bool> {
        None
    }

    /// Whether the first code is the second or an ancestor of it; codes are code, Coding or CodeableConcept.
    fn subsumes(&self, _ancestor: &Item<'_>, _descendant: &Item<'_>) -> Option<bool> {
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

/// The surroundings of one evaluation: a few words, made for each.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    /// `%context`, and what names at the beginning of the expression stand in.
    pub context: Node<'a>,
    /// `%resource`: the resource the context is in (a contained one, if it is).
    pub resource: tree::Node<'a>,
    /// `%rootResource`: the resource that contains it, or the same.
    pub root: tree::Node<'a>,
    /// Who answers what lies outside.
    pub host: &'s dyn Host<'a>,
    /// The moment of the evaluation, in the zone where it is today; without it `now()` is a fault.
    pub now: Option<&'s jiff::Zoned>,
}

impl<'a, 's> Scope<'a, 's> {
    /// The surroundings of a whole resource.
    pub fn of(resource: tree::Node<'a>, host: &'s dyn Host<'a>) -> Self {
        Self { context: Node::resource(resource), resource, root: container(resource), host, now: None }
    }

    /// The surroundings of an element or a resource; looks upwards for the resource it is in.
    pub fn at(context: Node<'a>, host: &'s dyn Host<'a>) -> Self {
        let resource = context.at.resource();
        Self { context, resource, root: container(resource), host, now: None }
    }

    /// The same surroundings with something else in the middle, which must be in the same resource.
    #[must_use]
    pub const fn with(self, context: Node<'a>) -> Self {
        Self { context, ..self }
    }
}

/// The resource a contained one is in, else itself.
fn container(resource: tree::Node<'_>) -> tree::Node<'_> {
    match resource.parent() {
        Some(parent) if resource.name() == Name::CONTAINED => parent.resource(),
        _ => resource,
    }
}
