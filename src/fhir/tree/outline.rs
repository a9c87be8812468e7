//! A tree as text, for tests to compare: what FHIR sees of it, not which format it came in.

use std::fmt::Write as _;

use super::{Kind, Node, Tree};

/// One line an element: depth, name, place, type of a resource, value.
pub(super) fn outline(tree: &Tree<'_>) -> String {
    let mut out = String::new();
    add(&mut out, tree.root(), 0);
    out
}

fn add(out: &mut String, node: Node<'_>, depth: usize) {
    let resource = if node.is_resource() { format!(" <{}>", node.resource_type().text()) } else { String::new() };
    // values of XML show their type only in the definition, so theirs is not told
    let value = match node.kind() {
        Kind::Nothing | Kind::Object => String::new(),
        _ => format!(" = {:?}", node.value().unwrap_or("?")),
    };
    let name = node.written_name();
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}{name}[{}]{resource}{value}", node.place()).unwrap();
    for child in node.children() {
        assert!(child.parent() == Some(node) && child.offset() < node.tree().source().len());
        add(out, child, depth + 1);
    }
}

/// The faults of a tree, one a line: severity, path, position, and the first words.
pub(super) fn faults(tree: &Tree<'_>) -> Vec<String> {
    let mut lines = vec![];
    for fault in tree.faults() {
        let (line, column) = fault.position.unwrap_or_default();
        let path = fault.path.as_deref().unwrap_or("?");
        let words: Vec<&str> = fault.text.split(' ').take(4).collect();
        lines.push(format!("{} {path} {line}:{column} {}", fault.severity.code(), words.join(" ")));
    }
    lines
}
