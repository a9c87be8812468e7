//! Where a node stands: its FHIRPath, worked out from the node upwards. Nothing is kept on the way, so valid resources
//! pay nothing.

use std::fmt::Write;

use super::item::Node;
use super::types::TypeId;
use crate::fhir::tree;

/// The path of a node below a resource it stands in (`Patient.contact[1].name`), with the names of elements rather than
/// of JSON's keys; `None` where it is not part of it.
#[must_use]
pub fn path_of(root: tree::Node<'_>, node: tree::Node<'_>) -> Option<String> {
    let mut steps = Vec::with_capacity(8);
    let mut at = node;
    while at != root {
        steps.push(at);
        at = at.parent()?;
    }
    let mut parent = Node::resource(root);
    let mut path = String::with_capacity(64);
    path.push_str(match parent.of.name() {
        "" => "Resource",
        name => name,
    });
    for step in steps.into_iter().rev() {
        let (child, name) = parent.named_child(step);
        path.push('.');
        path.push_str(name);
        if is_one_of_several(step) {
            match u8::try_from(step.place()) {
                Ok(place @ 0..10) => path.extend(['[', char::from(b'0' + place), ']']),
                // writing to a string cannot fail
                _ => write!(path, "[{}]", step.place()).unwrap_or_default(),
            }
        }
        parent = child;
    }
    Some(path)
}

/// A path written with JSON's keys (`Patient.deceasedBoolean`), with the names of elements instead (`Patient.deceased`), as
/// far as the types are known.
#[must_use]
pub fn renamed(path: &str) -> String {
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default();
    let mut out = first.to_owned();
    let mut of = TypeId::of_resource(tree::Name::of(first));
    for step in steps {
        let (key, place) = step.split_at(step.find('[').unwrap_or(step.len()));
        let field = super::types::r4().field(of, tree::Name::of(key));
        let stem = field.map(|field| field.stem).filter(|stem| stem.is_known());
        let name = match stem {
            Some(stem) => stem.text(),
            None => key,
        };
        out.extend([".", name, place]);
        of = field.map_or(TypeId::UNKNOWN, |field| field.of);
    }
    out
}

/// XML does not say what is a list; there, what is there more than once is one, and stands side by side.
fn is_one_of_several(step: tree::Node<'_>) -> bool {
    let same = |next: tree::Node<'_>| next.name() == step.name() && next.written_name() == step.written_name();
    step.is_listed() || step.place() > 0 || step.next().is_some_and(same)
}

impl<'a> Node<'a> {
    /// One of its children with its type, and the name of the element that it is.
    #[must_use]
    pub fn named_child(self, child: tree::Node<'a>) -> (Self, &'a str) {
        let field = super::types::r4().field(self.of, child.name());
        let stem = field.map(|field| field.stem).filter(|stem| stem.is_known());
        let of = field.map_or(TypeId::UNKNOWN, |field| field.of);
        (super::item::typed(child, of), stem.map_or_else(|| child.written_name(), |stem| stem.text()))
    }
}
