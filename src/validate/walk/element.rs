//! One element against the rule for it: its type, its values, its slice, its invariants.

use super::Walk;
use crate::definitions::facts::Strength;
use crate::fhir::tree::{Kind, Name, Node};
use crate::model::IssueCode;
use crate::validate::structure::{Data, Form, Rule, Structure, Type};

impl<'t> Walk<'t, '_> {
    /// A child, under the rule of its name and, if it belongs to one, of its slice.
    pub(super) fn one(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, of: u16, counts: usize) {
        let Some(kind) = rule.types.get(usize::from(of)) else {
            // children by reference to another rule have no type of their own
            return self.rules_below(node, structure, rule);
        };
        let Some(slicing) = &rule.slicing else {
            return self.typed(node, structure, rule, kind, None);
        };
        match self.slice_of(node, structure, rule, slicing, counts) {
            None => self.typed(node, structure, rule, kind, None),
            Some(slice) => {
                let own = structure.rule(slice);
                self.typed(node, structure, rule, kind, Some(own));
                let kind = own.types.iter().find(|own| own.name == kind.name).unwrap_or(kind);
                self.typed(node, structure, own, kind, None);
            }
        }
    }

    fn rules_below(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        if self.has_something(node) && self.is_object(node, Form::Complex) {
            self.group(node, structure, rule);
            self.invariants(node, structure, rule, rule.of, None);
        }
    }

    /// An element of a known type. Where the rule of its slice follows, what that one says as well is left to it.
    fn typed(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, kind: &Type, slice: Option<&Rule>) {
        let shallow = slice.is_some() && rule.children.is_empty();
        if !shallow && !self.has_something(node) {
            return;
        }
        self.values(node, structure, rule);
        self.range(node, structure, rule);
        match kind.form {
            Form::Primitive(primitive) => {
                if !shallow {
                    self.primitive(node, structure, rule, kind, primitive);
                    self.uri(node, primitive, kind);
                }
            }
            Form::Xhtml => {
                if !shallow {
                    self.narrative(node);
                }
            }
            Form::Resource => {
                if !shallow {
                    self.inner_resource(node, structure, kind);
                }
            }
            Form::Complex => {
                if !self.is_object(node, kind.form) {
                    return;
                }
                if !shallow {
                    self.complex(node, structure, rule, kind);
                }
            }
        }
        if let Some(binding) =
            rule.binding.as_ref().filter(|binding| !slice.is_some_and(|slice| binding.is_said_by(slice)))
        {
            self.binding(node, structure, rule, binding, kind);
        }
        self.invariants(node, structure, rule, kind.of, slice);
    }

    /// A data type: what the rule says of its inside, or else its profile, or else the type itself.
    fn complex(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, kind: &Type) {
        let registry = self.registry;
        let is_extension = matches!(node.name(), Name::EXTENSION | Name::MODIFIER_EXTENSION);
        let known = if is_extension { self.extension(node, structure, rule) } else { None };
        if !rule.children.is_empty() || rule.content.is_some() {
            self.group(node, structure, rule);
        }
        let mut whole = !rule.children.is_empty() || rule.content.is_some();
        match kind.profiles.as_slice() {
            [] => {}
            [one] => match one.get(registry) {
                Some(profile) => {
                    self.rules_of(node, profile, profile.root());
                    whole = true;
                }
                // an extension nobody knows has been told
                None if is_extension => {}
                None => {
                    let text =
                        format!("The profile {} is not known, so whether this meets it cannot be told.", one.url);
                    self.error(node, IssueCode::Structure, "profile-known", text);
                }
            },
            several => {
                let known: Vec<_> = several.iter().filter_map(|link| link.get(registry)).collect();
                if !known.iter().any(|profile| self.meets(node, profile)) {
                    let names: Vec<_> = several.iter().map(|profile| profile.url.as_str()).collect();
                    let text = format!("This meets none of the profiles it may have here: {}.", names.join(", "));
                    self.error(node, IssueCode::Structure, rule.id.clone(), text);
                    self.detail(structure, None, None);
                }
            }
        }
        if is_extension && !whole {
            return self.undescribed(node, known.as_ref(), kind);
        }
        if !whole && let Some(own) = kind.link.get(registry) {
            self.rules_of(node, own, own.root());
        }
        if kind.name == Name::REFERENCE_TYPE || !kind.targets.is_empty() {
            self.reference(node, structure, rule, kind);
        }
        if !self.again {
            self.of_type(node, kind.data, rule);
        }
    }

    /// Rules on data types that no definition holds.
    fn of_type(&mut self, node: Node<'t>, data: Data, rule: &Rule) {
        match data {
            Data::Quantity => {
                self.unit(node);
                self.annotation(node);
            }
            Data::Amount => self.unit(node),
            Data::Coding => {
                self.coding_form(node);
                let bound = rule.binding.as_ref().is_some_and(|binding| binding.strength != Strength::Example);
                self.coding(node, bound);
            }
            Data::Identifier => self.identifier(node),
            Data::Attachment => self.attachment(node),
            Data::CodeableConcept | Data::Other => {}
        }
    }

    /// ele-1: every element has a value or children other than its id (<https://hl7.org/fhir/R4/element.html#invs>).
    pub(super) fn has_something(&mut self, node: Node<'t>) -> bool {
        let has = match node.kind() {
            Kind::Nothing | Kind::Object => node.is_resource() || node.children().any(|child| child.name() != Name::ID),
            _ => true,
        };
        // what has nothing at all was told when it was read
        if !has && !self.again && node.has_children() {
            let text = "There is nothing in this element: it needs a value or elements, or must be left out.";
            self.error(node, IssueCode::Invariant, "ele-1", text.to_owned());
        }
        has
    }

    /// Fixed and pattern values.
    fn values(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        if let Some(fixed) = rule.fixed.as_ref().filter(|fixed| !fixed.is(node)) {
            let text = format!("This must be {}.", fixed.told());
            self.error(node, IssueCode::Value, rule.id.clone(), text);
            self.detail(structure, Some(fixed.told()), node.value().map(crate::fhir::shown));
        }
        if let Some(pattern) = rule.pattern.as_ref().filter(|pattern| !pattern.fits(node)) {
            let text = format!("This must have {}.", pattern.told());
            self.error(node, IssueCode::Value, rule.id.clone(), text);
            self.detail(structure, Some(pattern.told()), node.value().map(crate::fhir::shown));
        }
    }
}
