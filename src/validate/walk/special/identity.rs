//! Identities: the id of a resource, the ids of its elements, and the address it is published under.

use std::collections::HashMap;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::values::primitive::{Primitive, Wrong, check};

impl<'t> Walk<'t, '_> {
    /// The id of a resource; its definition says only that it is a string
    /// (<https://hl7.org/fhir/R4/resource.html#id>).
    pub(super) fn resource_id(&mut self, node: Node<'t>) {
        let Some(id) = node.child(Name::ID) else { return };
        if let Some(extension) = id.child(Name::EXTENSION) {
            let text = "The id of a resource has no extensions: an address cannot carry them.";
            self.error(extension, IssueCode::Structure, "resource-id", text.to_owned());
        }
        if let Some(value) = id.value()
            && let Err(wrong @ (Wrong::IdCharacter | Wrong::IdLength)) = check(Primitive::Id, value)
        {
            self.error(id, IssueCode::Invalid, wrong.rule(), format!("\"{}\" {wrong}.", shown(value)));
        }
    }

    /// Notes the id of an element, to be compared with the others of its resource.
    pub(in crate::validate::walk) fn note_id(&mut self, id: Node<'t>) {
        if id.parent().is_some_and(|parent| !parent.is_resource()) && id.value().is_some() {
            self.ids.push(id);
        }
    }

    /// Ids noted since a mark: no two elements of a resource share one. Those of a snapshot and a differential do.
    pub(in crate::validate::walk) fn element_ids(&mut self, resource: Node<'t>, mark: usize) {
        if self.ids.len() <= mark + 1 {
            return self.ids.truncate(mark);
        }
        let noted = self.ids.split_off(mark);
        let parted = resource.resource_type().text() == "StructureDefinition";
        let mut seen: HashMap<(&str, u32), Node<'t>> = HashMap::with_capacity(noted.len());
        for id in noted {
            let part = if parted { branch(id) } else { 0 };
            let first = *seen.entry((id.value().unwrap_or_default(), part)).or_insert(id);
            if first != id {
                let (line, _) = first.position();
                let text = format!(
                    "Another element of this resource has the id \"{}\" (line {line}).",
                    shown(id.value().unwrap_or_default())
                );
                self.error(id, IssueCode::Duplicate, "element-id", text);
            }
        }
    }

    /// The address under which something is published is absolute, and its version can stand behind it.
    pub(super) fn canonical_url(&mut self, node: Node<'t>) {
        if let Some(url) = node.child(Name::URL)
            && let Some(value) = url.value()
            && (value.starts_with('#') || matches!(check(Primitive::Canonical, value), Err(Wrong::Relative)))
        {
            let text = format!("\"{}\" is no address to publish under: it must be absolute.", shown(value));
            self.error(url, IssueCode::Invalid, "canonical-url", text);
        }
        if let Some(version) = node.child(Name::VERSION)
            && version.value().is_some_and(|version| version.contains('#'))
        {
            let text = "A version should not hold a #, which parts an address from what is in it.";
            self.warning(version, IssueCode::BusinessRule, "canonical-version", text.to_owned());
        }
    }
}

/// The child of the resource that an element is below.
fn branch(node: Node<'_>) -> u32 {
    let mut at = node;
    while let Some(parent) = at.parent() {
        if parent.is_resource() {
            break;
        }
        at = parent;
    }
    at.number()
}
