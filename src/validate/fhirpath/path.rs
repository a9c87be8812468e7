//! Where a node stands: its FHIRPath, found again in the tree by its address. Nothing is kept on the way, so valid
//! resources pay nothing.

use std::fmt::Write;

use serde_json::Value;

use super::item::Node;
use super::types::{TypeId, r4};

/// Deepest nesting that is searched.
const DEEPEST: usize = 200;

/// The path of a node below a resource (`Patient.contact[1].name`); `None` where it is not part of it.
pub fn path_of(root: &Value, node: &Node<'_>) -> Option<String> {
    let start = Node::resource(root);
    let mut path = match r4().name(start.of) {
        "" => "Resource".to_owned(),
        name => name.to_owned(),
    };
    let wanted = node.value.or(node.beside)?;
    (std::ptr::eq(root, wanted) || search(root, start.of, wanted, &mut path, 0)).then_some(path)
}

fn search(value: &Value, of: TypeId, wanted: &Value, path: &mut String, depth: usize) -> bool {
    let Value::Object(map) = value else { return false };
    if depth > DEEPEST {
        return false;
    }
    let types = r4();
    for (key, inner) in map {
        let key = key.strip_prefix('_').unwrap_or(key);
        let held = types.key(of, key);
        let name = held.and_then(|held| held.choice).unwrap_or(key);
        let of = held.map_or(TypeId::UNKNOWN, |held| held.of);
        let before = path.len();
        path.push('.');
        path.push_str(name);
        let items = match inner {
            Value::Array(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for (at, item) in items.iter().enumerate() {
            let whole = path.len();
            if inner.is_array() {
                // writing to a string cannot fail
                let _: std::fmt::Result = write!(path, "[{at}]");
            }
            let of = if types.holds_resource(of) { Node::resource(item).of } else { of };
            if std::ptr::eq(item, wanted) || search(item, of, wanted, path, depth + 1) {
                return true;
            }
            path.truncate(whole);
        }
        path.truncate(before);
    }
    false
}
