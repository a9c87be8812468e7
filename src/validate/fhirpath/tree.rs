//! Steps through the instance: children by name, all children, descendants, extensions, references.
//! Knows how R4 lies in JSON: choices under `valueX`, what stands beside primitives under `_x`.

use std::ops::ControlFlow::{Break, Continue};

use serde_json::{Map, Value};

use super::fault::Fault;
use super::item::{Item, Node, System};
use super::program::{Name, Tree};
use super::run::{Run, Sink, Step};
use super::types::{Reading, TypeId, r4};

/// Deepest nesting of elements that is followed.
const DEEPEST: usize = 200;

/// The children of that name.
pub(super) fn member<'a>(run: &Run<'a, '_>, item: &Item<'a>, name: &Name, sink: Sink<'_, 'a>) -> Step {
    let node = match item {
        Item::Node(node) => node,
        Item::System(System::Type(space, of)) => {
            return match name.plain.as_str() {
                "namespace" => sink(Item::text(*space)),
                "name" => sink(Item::text(*of)),
                _ => Ok(Continue(())),
            };
        }
        Item::System(_) => return Ok(Continue(())),
    };
    run.fuel.charge(1)?;
    let types = r4();
    let Some(Value::Object(map)) = node.value else {
        // a primitive: only what stands beside it has children
        let beside = node.beside.and_then(|beside| beside.get(&name.plain));
        let of = types.key(element(), &name.plain).map_or(TypeId::UNKNOWN, |held| held.of);
        return hand(beside, None, of, &mut |_, node| passed(run, node, sink));
    };
    match types.key(node.of, &name.plain) {
        Some(held) if held.choice.is_none() => {
            let beside = if types.reading(held.of) == Reading::Complex { None } else { map.get(&name.beside) };
            hand(map.get(&name.plain), beside, held.of, &mut |_, node| passed(run, node, sink))
        }
        // `valueString` is how JSON writes it, not the name of an element
        Some(_) => Ok(Continue(())),
        None => choice(run, node, map, name, sink),
    }
}

fn choice<'a>(
    run: &Run<'a, '_>,
    node: &Node<'a>,
    map: &'a Map<String, Value>,
    name: &Name,
    sink: Sink<'_, 'a>,
) -> Step {
    if let Some(choices) = r4().choices(node.of, &name.plain) {
        for choice in choices {
            let (value, beside) = (map.get(&choice.key), map.get(&choice.beside));
            if hand(value, beside, choice.of, &mut |_, node| passed(run, node, sink))? == Break(()) {
                return Ok(Break(()));
            }
        }
        return Ok(Continue(()));
    }
    if node.of != TypeId::UNKNOWN {
        return Ok(Continue(()));
    }
    let (value, beside) = (map.get(&name.plain), map.get(&name.beside));
    hand(value, beside, TypeId::UNKNOWN, &mut |_, node| passed(run, node, sink))
}

fn passed<'a>(run: &Run<'a, '_>, node: Node<'a>, sink: Sink<'_, 'a>) -> Step {
    run.fuel.charge(1)?;
    sink(Item::Node(node))
}

fn element() -> TypeId {
    r4().named("Element").unwrap_or(TypeId::UNKNOWN)
}

/// Takes what stands under a key: its place in a list, and the node.
type Hand<'x, 'a> = &'x mut dyn FnMut(Option<usize>, Node<'a>) -> Step;

/// Hands on what stands under a key, each item of a list by itself.
fn hand<'a>(value: Option<&'a Value>, beside: Option<&'a Value>, of: TypeId, to: Hand<'_, 'a>) -> Step {
    let list = |value: Option<&'a Value>| value.and_then(Value::as_array);
    if list(value).is_none() && list(beside).is_none() {
        return node(value, beside, of).map_or(Ok(Continue(())), |node| to(None, node));
    }
    let length = list(value).map_or(0, Vec::len).max(list(beside).map_or(0, Vec::len));
    for at in 0..length {
        let item = |all: Option<&'a Value>| list(all).and_then(|all| all.get(at));
        if let Some(node) = node(item(value), item(beside), of)
            && to(Some(at), node)? == Break(())
        {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

fn node<'a>(value: Option<&'a Value>, beside: Option<&'a Value>, of: TypeId) -> Option<Node<'a>> {
    let present = |value: &&'a Value| !value.is_null();
    let (value, beside) = (value.filter(present), beside.filter(present));
    match value {
        None if beside.is_none() => None,
        Some(resource)
            if r4().holds_resource(of) || (of == TypeId::UNKNOWN && resource.get("resourceType").is_some()) =>
        {
            Some(Node::resource(resource))
        }
        _ => Some(Node { value, beside, of }),
    }
}

/// A child of a node, and how JSON reaches it.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    /// The element's name: `value`, whatever JSON calls the choice.
    pub name: &'a str,
    /// The key in JSON, without the underscore of what stands beside a primitive.
    pub key: &'a str,
    /// Its place, where the element is a list.
    pub index: Option<usize>,
    /// The child itself.
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// All children with their types, in the order they are written; unknown keys too, with an unknown type.
    pub fn children(&self) -> Vec<Child<'a>> {
        let mut out = Vec::new();
        // the sink neither breaks nor fails
        let _: Step = children(self, &mut |child| {
            out.push(child);
            Ok(Continue(()))
        });
        out
    }
}

fn children<'a>(parent: &Node<'a>, to: &mut dyn FnMut(Child<'a>) -> Step) -> Step {
    let types = r4();
    let (map, of) = match (parent.value, parent.beside) {
        (Some(Value::Object(map)), _) => (map, parent.of),
        (_, Some(Value::Object(map))) => (map, element()),
        _ => return Ok(Continue(())),
    };
    let beside_some = map.keys().any(|key| key.starts_with('_'));
    for (key, value) in map {
        let (key, value, beside) = match key.strip_prefix('_') {
            // handed on with its value
            Some(key) if map.contains_key(key) => continue,
            Some(key) => (key, None, Some(value)),
            None if beside_some => (key.as_str(), Some(value), map.get(&format!("_{key}"))),
            None => (key.as_str(), Some(value), None),
        };
        if key == "resourceType" || key == "fhir_comments" {
            continue;
        }
        let held = types.key(of, key);
        let name = held.and_then(|held| held.choice).unwrap_or(key);
        let of = held.map_or(TypeId::UNKNOWN, |held| held.of);
        let mut pass = |index: Option<usize>, node: Node<'a>| to(Child { name, key, index, node });
        if hand(value, beside, of, &mut pass)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

fn descendants<'a>(run: &Run<'a, '_>, node: &Node<'a>, depth: usize, sink: Sink<'_, 'a>) -> Step {
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    children(node, &mut |child| {
        if passed(run, child.node, sink)? == Break(()) {
            return Ok(Break(()));
        }
        descendants(run, &child.node, depth + 1, sink)
    })
}

/// The functions of the tree, for one item.
pub(super) fn walk<'a>(run: &Run<'a, '_>, what: Tree, item: &Item<'a>, sink: Sink<'_, 'a>) -> Step {
    match (what, item) {
        (Tree::TypeOf, _) => {
            let (space, name) = item.type_of();
            sink(Item::System(System::Type(space, name)))
        }
        (Tree::GetValue, Item::Node(node)) if !node.has_value() => Ok(Continue(())),
        (Tree::GetValue, _) => item.system().map_or(Ok(Continue(())), |value| sink(Item::System(value))),
        (Tree::Children, Item::Node(node)) => children(node, &mut |child| passed(run, child.node, sink)),
        (Tree::Descendants, Item::Node(node)) => descendants(run, node, 0, sink),
        (Tree::Resolve, _) => resolve(run, item, sink),
        (Tree::Children | Tree::Descendants, Item::System(_)) => Ok(Continue(())),
    }
}

fn resolve<'a>(run: &Run<'a, '_>, item: &Item<'a>, sink: Sink<'_, 'a>) -> Step {
    let reference = match item {
        Item::Node(node) => node.text().or_else(|| node.value?.get("reference")?.as_str()).map(Into::into),
        Item::System(_) => item.as_text(),
    };
    let Some(reference) = reference else { return Ok(Continue(())) };
    let found = match reference.strip_prefix('#') {
        Some(id) => run.scope.contained(id),
        None => run.scope.host.resolve(&reference),
    };
    found.map_or(Ok(Continue(())), |resource| sink(Item::Node(Node::resource(resource))))
}

/// The extensions of that URL.
pub(super) fn extension<'a>(run: &Run<'a, '_>, item: &Item<'a>, url: &str, sink: Sink<'_, 'a>) -> Step {
    let Item::Node(node) = item else { return Ok(Continue(())) };
    run.fuel.charge(1)?;
    let holder = if matches!(node.value, Some(Value::Object(_))) { node.value } else { node.beside };
    let Some(all) = holder.and_then(|holder| holder.get("extension")) else { return Ok(Continue(())) };
    let of = r4().named("Extension").unwrap_or(TypeId::UNKNOWN);
    hand(Some(all), None, of, &mut |_, node| {
        let same = node.value.and_then(|value| value.get("url")?.as_str()) == Some(url);
        if same { passed(run, node, sink) } else { Ok(Continue(())) }
    })
}
