//! Steps through the instance: children by name, all children, descendants, extensions, references.
//! Knows how choices are named in R4; names are compared by number.

use std::ops::ControlFlow::{self, Break, Continue};

use super::fault::Fault;
use super::item::{Item, Node, System, is_there, typed};
use super::program::{Key, Tree};
use super::run::{Run, Sink, Step, each};
use super::types::{TypeId, r4};
use crate::fhir::tree::{self, Name};

/// Deepest nesting of elements that is followed.
const DEEPEST: usize = 200;

/// Why a walk ended early: it was told to, or it cannot go on.
type Ended = Result<(), Fault>;

/// Hands on every node that a path of names leads to, in order.
pub(super) fn along<'a, B>(
    run: &Run<'a, '_>,
    node: Node<'a>,
    path: &[Key],
    to: &mut impl FnMut(Node<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let Some((key, rest)) = path.split_first() else { return to(node) };
    if node.of == TypeId::UNKNOWN {
        return untyped(run, node, key, rest, to);
    }
    let mut seen = 1;
    for child in node.at.children() {
        seen += 1;
        let name = child.name();
        let is_choice = key.stem && run.types.is_of_choice(name, key.name);
        if (name != key.name && !is_choice) || !is_there(child) {
            continue;
        }
        // `valueString` is how JSON writes it, not the name of an element
        let field = run.types.field(node.of, name).filter(|field| is_choice == (field.stem == key.name));
        let Some(field) = field.filter(|field| is_choice || !field.stem.is_known()) else { continue };
        along(run, typed(child, field.of), rest, to)?;
    }
    run.fuel.burn(seen);
    Continue(())
}

/// Where the type is not known, a name is what is written.
fn untyped<'a, B>(
    run: &Run<'a, '_>,
    node: Node<'a>,
    key: &Key,
    rest: &[Key],
    to: &mut impl FnMut(Node<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for child in node.at.children().filter(|child| is_there(*child)) {
        run.fuel.burn(1);
        let same = if key.name.is_known() { child.name() == key.name } else { child.written_name() == &*key.plain };
        if same {
            along(run, typed(child, TypeId::UNKNOWN), rest, to)?;
        }
    }
    Continue(())
}

/// What a walk through nodes came to, as a step of the evaluation.
pub(super) fn step(walked: ControlFlow<Ended>) -> Step {
    match walked {
        Continue(()) => Ok(Continue(())),
        Break(Ok(())) => Ok(Break(())),
        Break(Err(fault)) => Err(fault),
    }
}

/// One answer of a sink, for a walk.
pub(super) fn taken(answer: Step) -> ControlFlow<Ended> {
    match answer {
        Ok(Continue(())) => Continue(()),
        Ok(Break(())) => Break(Ok(())),
        Err(fault) => Break(Err(fault)),
    }
}

/// What a path of names leads to from an item.
pub(super) fn path<'a>(run: &Run<'a, '_>, item: &Item<'a>, path: &[Key], sink: Sink<'_, 'a>) -> Step {
    match (item, path) {
        (Item::Node(node), _) => step(along(run, *node, path, &mut |node| taken(passed(run, node, sink)))),
        (Item::System(System::Type(space, of)), [key]) => match &*key.plain {
            "namespace" => sink(Item::text(*space)),
            "name" => sink(Item::text(*of)),
            _ => Ok(Continue(())),
        },
        (Item::System(_), _) => Ok(Continue(())),
    }
}

fn passed<'a>(run: &Run<'a, '_>, node: Node<'a>, sink: Sink<'_, 'a>) -> Step {
    run.fuel.charge(1)?;
    sink(Item::Node(node))
}

fn children<'a>(run: &Run<'a, '_>, node: Node<'a>, sink: Sink<'_, 'a>) -> Step {
    for child in node.children() {
        if passed(run, child, sink)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

fn descendants<'a>(run: &Run<'a, '_>, node: Node<'a>, depth: usize, sink: Sink<'_, 'a>) -> Step {
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    for child in node.children() {
        if passed(run, child, sink)? == Break(()) || descendants(run, child, depth + 1, sink)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
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
        (Tree::Children, Item::Node(node)) => children(run, *node, sink),
        (Tree::Descendants, Item::Node(node)) => descendants(run, *node, 0, sink),
        (Tree::Resolve, _) => resolve(run, item, sink),
        (Tree::Letters, _) => {
            let text = item.as_text().ok_or(Fault::Type("toChars()"))?;
            run.fuel.charge(u64::try_from(text.len()).unwrap_or(u64::MAX))?;
            each(text.chars().map(|letter| Item::text(letter.to_string())), sink)
        }
        (Tree::Children | Tree::Descendants, Item::System(_)) => Ok(Continue(())),
    }
}

fn resolve<'a>(run: &Run<'a, '_>, item: &Item<'a>, sink: Sink<'_, 'a>) -> Step {
    let reference = match item {
        Item::Node(node) => node.text().or_else(|| node.at.text(Name::REFERENCE)).map(Into::into),
        Item::System(_) => item.as_text(),
    };
    let Some(reference) = reference else { return Ok(Continue(())) };
    let found = match reference.strip_prefix('#') {
        Some(id) => contained(run, id)?,
        None => run.scope()?.host.resolve(&reference),
    };
    found.map_or(Ok(Continue(())), |resource| sink(Item::Node(Node::resource(resource))))
}

/// The resource of that id in `contained`; the root itself for an empty id.
fn contained<'a>(run: &Run<'a, '_>, id: &str) -> Result<Option<tree::Node<'a>>, Fault> {
    let root = run.scope()?.root;
    if id.is_empty() {
        return Ok(Some(root));
    }
    for inner in root.all(Name::CONTAINED) {
        run.fuel.charge(1)?;
        if inner.text(Name::ID) == Some(id) {
            return Ok(Some(inner));
        }
    }
    Ok(None)
}

/// The extensions of that URL.
pub(super) fn extension<'a>(run: &Run<'a, '_>, item: &Item<'a>, url: &str, sink: Sink<'_, 'a>) -> Step {
    let Item::Node(node) = item else { return Ok(Continue(())) };
    run.fuel.charge(1)?;
    for child in node.at.all(Name::EXTENSION) {
        run.fuel.charge(1)?;
        if child.text(Name::URL) == Some(url) && sink(Item::Node(Node { at: child, of: r4().extension }))? == Break(())
        {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}
