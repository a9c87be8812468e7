//! Search parameters, and what servers say of them: they keep to the parameter they are derived from or name
//! (<https://hl7.org/fhir/R4/searchparameter.html>, `capabilitystatement.html`). Works out no expression.

use super::{Walk, child, text};
use crate::definitions::facts::SearchParameter;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::TypeId;

impl<'t> Walk<'t, '_> {
    /// A search parameter.
    pub(super) fn search_parameter(&mut self, node: Node<'t>) {
        if text(node, "type") == Some("composite") && node.all(Name::of("component")).count() < 2 {
            let says = "A composite parameter is made of two components at least.";
            self.definition_fault(node, "sp-component", says);
        }
        let bases: Vec<&str> = node.all(Name::of("base")).filter_map(Node::value).collect();
        if let Some(at) = child(node, "expression")
            && at.value().is_some_and(|expression| leads_nowhere(expression, &bases))
        {
            let says = "The expression begins at types that are none of those searched (base).";
            self.error(at, IssueCode::Invalid, "sp-expression", says.to_owned());
        }
        let Some(at) = child(node, "derivedFrom") else { return };
        let Some(url) = at.value() else { return };
        if let Some(from) = self.registry.library().search_parameter(url) {
            return self.derived_parameter(node, &bases, &from);
        }
        let says =
            format!("The search parameter {} is not known, so whether this fits it was not checked.", shown(url));
        self.warning(at, IssueCode::BusinessRule, "sp-derived", says);
    }

    fn derived_parameter(&mut self, node: Node<'t>, bases: &[&str], from: &SearchParameter) {
        for base in bases {
            if !from.base.iter().any(|one| one == base || one == "Resource") {
                let says = format!("{} is not searched by the parameter this is derived from.", shown(base));
                self.definition_fault(node, "sp-derived", &says);
            }
        }
        if text(node, "type").is_some_and(|of| of != from.kind) {
            let says = format!("The parameter this is derived from has the type {}.", from.kind);
            self.definition_fault(child(node, "type").unwrap_or(node), "sp-derived", &says);
        }
        if let Some((own, theirs)) = child(node, "expression").zip(from.expression.as_deref())
            && own.value().is_some_and(|own| own != theirs && parts(own, bases) != parts(theirs, bases))
        {
            let says = "The expression is not that of the parameter this is derived from.";
            self.warning(own, IssueCode::BusinessRule, "sp-derived", says.to_owned());
        }
    }

    /// A capability statement: its search parameters have the types they are defined with.
    pub(super) fn capability_statement(&mut self, node: Node<'t>) {
        let resources = node.all(Name::of("rest")).flat_map(|rest| rest.all(Name::RESOURCE));
        for parameter in resources.flat_map(|resource| resource.all(Name::of("searchParam"))) {
            let Some(known) =
                text(parameter, "definition").and_then(|url| self.registry.library().search_parameter(url))
            else {
                continue;
            };
            if let Some(at) = child(parameter, "type").filter(|at| at.value().is_some_and(|of| of != known.kind)) {
                let says = format!("The search parameter {} has the type {}.", known.url, known.kind);
                self.error(at, IssueCode::Invalid, "capability-search", says);
            }
        }
    }
}

/// The type that a part of an expression begins at, if it names one.
fn begins_at(part: &str) -> Option<&str> {
    let first = part.trim().trim_start_matches('(');
    let first = first.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    (TypeId::of_resource(Name::of(first)) != TypeId::UNKNOWN).then_some(first)
}

/// Whether every part of an expression begins at a type that is none of the bases.
fn leads_nowhere(expression: &str, bases: &[&str]) -> bool {
    let any = |base: &&str| matches!(*base, "Resource" | "DomainResource");
    !bases.is_empty()
        && !bases.iter().any(any)
        && expression.split('|').all(|part| begins_at(part).is_some_and(|of| !any(&of) && !bases.contains(&of)))
}

/// The parts of an expression that are about the bases, in one order.
fn parts<'a>(expression: &'a str, bases: &[&str]) -> Vec<&'a str> {
    let about = |part: &&str| begins_at(part).is_none_or(|of| bases.contains(&of));
    let mut parts: Vec<&str> = expression.split('|').map(str::trim).filter(about).collect();
    parts.sort_unstable();
    parts
}
