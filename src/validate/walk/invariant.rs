//! Invariants of an element: those the walk knows by itself, and FHIRPath for all others.

use std::sync::Arc;

use super::Walk;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::fhirpath::{self, Scope, TypeId, Verdict};
use crate::validate::structure::{Check, Invariant, Native, Rule, Structure};

impl<'t> Walk<'t, '_> {
    /// Every invariant a rule has, but those that the rule of a slice repeats, which follows.
    pub(super) fn invariants(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        of: TypeId,
        slice: Option<&Rule>,
    ) {
        let repeats = |one: &Arc<Invariant>| {
            slice.is_some_and(|slice| slice.invariants.iter().any(|other| Arc::ptr_eq(one, other)))
        };
        for invariant in rule.invariants.iter().filter(|one| !repeats(one)) {
            let holds = match invariant.check() {
                Check::Native(native) => self.again || self.native(node, native),
                Check::Words => true,
                Check::Program(program) => {
                    let host = super::resource::Surroundings {
                        registry: self.registry,
                        bundles: &self.bundles,
                        extension: None,
                    };
                    let scope = Scope {
                        context: fhirpath::Node::element(node, of),
                        resource: self.resource,
                        root: self.root,
                        host: &host,
                        now: self.options.now.as_ref(),
                    };
                    match program.check(&scope) {
                        Verdict::True => true,
                        // nothing there to be wrong, or nothing said: the reference takes it for broken
                        Verdict::False | Verdict::Empty => false,
                        Verdict::Error(fault) => {
                            self.unanswered(node, structure, invariant, &fault.to_string());
                            true
                        }
                    }
                }
                Check::Unsupported(why) => {
                    let why = why.to_string();
                    self.unanswered(node, structure, invariant, &why);
                    true
                }
            };
            if !holds {
                self.broken(node, structure, invariant);
            }
        }
    }

    fn native(&mut self, node: Node<'t>, native: Native) -> bool {
        match native {
            // looked at elsewhere, with a finding of its own
            Native::Ele1 | Native::Ref1 | Native::Txt1 | Native::Txt2 => true,
            Native::Ext1 => {
                let mut extensions = false;
                let mut value = false;
                for child in node.children() {
                    extensions |= child.name() == Name::EXTENSION;
                    value |= child.name().text().starts_with("value");
                }
                extensions != value
            }
            Native::Dom2 => node.all(Name::CONTAINED).all(|inner| inner.child(Name::CONTAINED).is_none()),
            Native::Dom3 => {
                self.contained_are_used(node);
                true
            }
            Native::Dom4 => node
                .all(Name::CONTAINED)
                .filter_map(|inner| inner.child(Name::META))
                .all(|meta| meta.children().all(|child| !matches!(child.name().text(), "versionId" | "lastUpdated"))),
            Native::Dom5 => node
                .all(Name::CONTAINED)
                .filter_map(|inner| inner.child(Name::META))
                .all(|meta| meta.child(Name::SECURITY).is_none()),
            Native::Dom6 => node.child(Name::TEXT).is_some_and(|text| text.child(Name::DIV).is_some()),
        }
    }

    fn broken(&mut self, node: Node<'t>, structure: &Structure, invariant: &Invariant) {
        let severity = if invariant.is_error { Severity::Error } else { Severity::Warning };
        if self.quick {
            self.failed |= severity.refuses();
            return;
        }
        let advice = if invariant.best_practice { " (good practice)" } else { "" };
        let text = match (&invariant.human, super::super::words::of(&invariant.key, &invariant.expression)) {
            (Some(human), _) => format!("{human}{advice}"),
            (None, Some(words)) => format!("{words}{advice}"),
            (None, None) => format!("Rule {} does not hold here{advice}: {}", invariant.key, invariant.expression),
        };
        let which = if invariant.key == "bdl-7" { super::bundle::same_address(node) } else { None };
        let text = [text, which.unwrap_or_default()].concat();
        self.say(node, severity, IssueCode::Invariant, invariant.key.clone(), text);
        // whoever is told in words what is asked need not read the expression as well
        let expected = invariant.human.is_none().then(|| invariant.expression.clone());
        self.detail(structure, expected, None);
    }

    /// An invariant that could not be worked out is told, never passed over in silence.
    fn unanswered(&mut self, node: Node<'t>, structure: &Structure, invariant: &Invariant, why: &str) {
        let text = format!("Whether rule {} holds was not checked: {why}.", invariant.key);
        self.information(node, IssueCode::NotSupported, invariant.key.clone(), text);
        self.detail(structure, Some(invariant.expression.clone()), None);
    }
}
