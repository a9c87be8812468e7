//! Contained resources: each has an id of its own, and is used (<https://hl7.org/fhir/R4/references.html#contained>).

use std::collections::HashSet;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath;

impl<'t> Walk<'t, '_> {
    /// Each contained resource has an id, and no two the same.
    pub(super) fn contained_rules(&mut self, resource: Node<'t>) {
        let mut seen = None;
        for inner in resource.all(Name::CONTAINED) {
            match inner.text(Name::ID) {
                None => {
                    let text = "A contained resource needs an id, or nothing can refer to it.";
                    self.error(inner, IssueCode::Invalid, "contained-id", text.to_owned());
                }
                Some(id) => {
                    if !seen.get_or_insert_with(HashSet::new).insert(id) {
                        let text = format!("Another contained resource has this id too: {}.", shown(id));
                        self.error(inner, IssueCode::Duplicate, "contained-id", text);
                    }
                }
            }
        }
    }

    /// dom-3: each is referred to from the resource, or refers to it. One pass through the resource, if it contains any.
    pub(super) fn contained_are_used(&mut self, resource: Node<'t>) {
        if resource.child(Name::CONTAINED).is_none() {
            return;
        }
        let mut within = Uses::default();
        within.look(fhirpath::Node::resource(resource), None);
        self.spend(within.looked);
        let mut narratives = None;
        for inner in resource.all(Name::CONTAINED) {
            let id = inner.text(Name::ID);
            let used = id.is_some_and(|id| within.ids.contains(id)) || within.outwards.contains(&inner.number());
            if used {
                continue;
            }
            let anchors = narratives.get_or_insert_with(|| anchors(&within.markup));
            if id.is_some_and(|id| anchors.contains(id)) {
                continue;
            }
            let text = "Nothing in this resource refers to what is contained here, nor does that refer to the resource: use it or leave it out.";
            self.error(inner, IssueCode::Invariant, "dom-3", text.to_owned());
        }
    }
}

/// References into a resource from inside it.
#[derive(Debug, Default)]
struct Uses<'t> {
    ids: HashSet<&'t str>,
    /// Contained resources that refer to what contains them.
    outwards: HashSet<u32>,
    markup: Vec<&'t str>,
    looked: usize,
}

impl<'t> Uses<'t> {
    fn look(&mut self, node: fhirpath::Node<'t>, within: Option<u32>) {
        for child in node.at().children() {
            self.looked += 1;
            let (typed, _) = node.named_child(child);
            let within = if child.name() == Name::CONTAINED { Some(child.number()) } else { within };
            if child.name() == Name::DIV {
                self.markup.extend(child.value());
            } else if let Some(id) = child.value().and_then(|text| text.strip_prefix('#'))
                && (child.name() == Name::REFERENCE || matches!(typed.of().name(), "canonical" | "uri" | "url"))
            {
                if id.is_empty() {
                    self.outwards.extend(within);
                } else {
                    self.ids.insert(id);
                }
            }
            if child.has_children() {
                let typed = if child.is_resource() { fhirpath::Node::resource(child) } else { typed };
                self.look(typed, within);
            }
        }
    }
}

/// The local targets of links and pictures in narratives.
fn anchors<'t>(markup: &[&'t str]) -> HashSet<&'t str> {
    let mut out = HashSet::new();
    for text in markup {
        for quote in ['"', '\''] {
            let parts = text.split(quote);
            out.extend(parts.filter_map(|part| part.strip_prefix('#')));
        }
    }
    out
}
