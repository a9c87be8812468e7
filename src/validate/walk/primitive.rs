//! Values of primitives: how JSON writes them, their form and length, and what stands beside them.

use super::Walk;
use crate::fhir::Format;
use crate::fhir::shown;
use crate::fhir::tree::{Kind, Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::structure::{Rule, Structure, Type};
use crate::validate::values::primitive::Primitive;
use crate::validate::values::primitive::{JsonKind, Wrong, findings, json_kind};

impl<'t> Walk<'t, '_> {
    /// A primitive: its value and what stands beside it.
    pub(super) fn primitive(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        kind: &Type,
        primitive: Primitive,
    ) {
        if !self.again
            && let Some(value) = node.value()
            && self.written_right(node, primitive)
        {
            self.form(node, primitive, value);
            if node.name() == Name::ID {
                self.note_id(node);
            }
        }
        if let (Some(most), Some(value)) = (rule.max_length, node.value())
            && value.chars().count() as u64 > most
        {
            let text = format!("This has {} characters; at most {most} are allowed.", value.chars().count());
            self.error(node, IssueCode::TooLong, rule.id.clone(), text);
            self.detail(structure, None, None);
        }
        match (rule.min_length, node.value()) {
            (Some(least), Some(value)) if (value.chars().count() as u64) < least => {
                let text = format!("This has {} characters; at least {least} are asked for.", value.chars().count());
                self.error(node, IssueCode::Invalid, rule.id.clone(), text);
                self.detail(structure, None, None);
            }
            (_, None) => self.without_value(node, structure, rule),
            _ => {}
        }
        if node.has_children() {
            if rule.children.is_empty() {
                let registry = self.registry;
                if let Some(own) = kind.link.get(registry) {
                    self.group(node, own, own.root());
                }
            } else {
                self.group(node, structure, rule);
            }
        }
    }

    /// A primitive that has extensions instead of a value, where that is not allowed, or only with certain ones.
    fn without_value(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        let wanted = &rule.value_alternatives;
        let has = |url: &String| node.all(Name::EXTENSION).any(|one| one.text(Name::URL) == Some(url));
        let text = if rule.must_have_value {
            "A value is required here; an extension is no substitute.".to_owned()
        } else if !wanted.is_empty() && !wanted.iter().any(has) {
            format!("Without a value there must be one of these extensions: {}.", wanted.join(", "))
        } else {
            return;
        };
        self.error(node, IssueCode::Invalid, rule.id.clone(), text);
        self.detail(structure, None, None);
    }

    /// Whether JSON writes it as its type asks: a string, a number, a truth value.
    fn written_right(&mut self, node: Node<'t>, primitive: Primitive) -> bool {
        let wanted = match json_kind(primitive) {
            JsonKind::String => (Kind::Text, "a string, between double quotes"),
            JsonKind::Number => (Kind::Number, "a number, without quotes"),
            JsonKind::Boolean => (Kind::Boolean, "true or false, without quotes"),
        };
        if node.tree().format() == Format::Xml || node.kind() == wanted.0 {
            return true;
        }
        let text = format!("A {} is written in JSON as {}.", primitive.name(), wanted.1);
        self.error(node, IssueCode::Value, "json-primitive", text);
        false
    }

    fn form(&mut self, node: Node<'t>, primitive: Primitive, value: &str) {
        let mut wrong: Option<Vec<Wrong>> = None;
        let last_year = self.options.last_year();
        findings(primitive, value, last_year, &mut |one| wrong.get_or_insert_default().push(one));
        // the reader has told of a line end that JSON may not have there
        let told = |one: &Wrong| *one == Wrong::Base64Space && is_raw(node, value);
        for one in wrong.into_iter().flatten().filter(|one| !told(one)) {
            let text = match one.severity() {
                Severity::Information | Severity::Warning => format!("This {} {}.", primitive.name(), one.sentence()),
                _ => format!("\"{}\" {}.", shown(value), one.sentence()),
            };
            self.say(node, one.severity(), one.code(), one.rule(), text);
        }
    }
}

/// Whether a string of JSON holds line ends or tabs as they are, not escaped.
fn is_raw(node: Node<'_>, value: &str) -> bool {
    let tree = node.tree();
    let is_source = tree.source().as_bytes().as_ptr_range().contains(&value.as_ptr());
    tree.format() == Format::Json && is_source && value.contains(['\n', '\r', '\t'])
}
