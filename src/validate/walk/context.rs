//! Where an extension may stand (<https://hl7.org/fhir/R4/defining-extensions.html#context>): on elements by path or type,
//! in other extensions, where a FHIRPath leads. A place is asked for its names only as far as a context needs them.

use std::sync::Arc;

use super::Walk;
use super::resource::Surroundings;
use crate::definitions::FHIR;
use crate::definitions::facts::{Constraint, Context};
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::{self, Item, Scope, TypeId, Verdict};
use crate::validate::structure::{Check, Invariant, Structure};

/// What can be said of a place.
enum Allowed {
    Yes,
    No,
    /// The expression cannot be worked out.
    Unknown,
}

impl<'t> Walk<'t, '_> {
    /// Whether the extension may stand where it stands.
    pub(super) fn context(&mut self, node: Node<'t>, own: &Arc<Structure>) {
        let Some(place) = node.parent() else { return };
        let mut unknown = false;
        let mut allowed =
            is_special(&own.url, place) || in_definition_value(place) || self.allowed(place, own, &mut unknown);
        if !allowed && !unknown && own.url.starts_with(FHIR) {
            // whoever follows R4 as it was published may stand by what it said
            let published = self.registry.structure(&format!("{}|4.0.1", own.url));
            allowed = published.is_some_and(|published| self.allowed(place, &published, &mut unknown));
        }
        if allowed {
            return self.context_invariants(node, place, own);
        }
        let listed: Vec<_> = own.contexts.iter().map(told).collect();
        if unknown {
            let text = format!("Whether {} may stand here was not checked.", own.url);
            self.information(node, IssueCode::NotSupported, "extension-context", text);
        } else {
            let text = format!("{} may not stand here; it is for {}.", own.url, listed.join(", "));
            self.error(node, IssueCode::Structure, "extension-context", text);
        }
        self.detail(own, Some(listed.join(", ")), Some(typed(place).of().name().to_owned()));
    }

    /// Whether one of the contexts of a definition allows the place; whether one could not be worked out.
    fn allowed(&mut self, place: Node<'t>, own: &Structure, unknown: &mut bool) -> bool {
        own.contexts.iter().any(|context| match self.allows(place, context) {
            Allowed::Yes => true,
            Allowed::No => false,
            Allowed::Unknown => {
                *unknown = true;
                false
            }
        })
    }

    fn allows(&mut self, place: Node<'t>, context: &Context) -> Allowed {
        match context.kind.as_str() {
            "element" => match context.expression.split_once('#') {
                None => yes(is_at(place, &context.expression)),
                Some((profile, path)) => yes(is_at(place, path) && self.claims(profile)),
            },
            "extension" => yes(around(place) == Some(&context.expression)),
            "fhirpath" => self.leads_to(place, &context.expression),
            _ => Allowed::Unknown,
        }
    }

    /// Whether the resource meets the profile a context asks for.
    fn claims(&mut self, profile: &str) -> bool {
        let registry = self.registry;
        let resource = self.resource;
        registry
            .structure(profile)
            .is_some_and(|profile| profile.of == resource.resource_type() && self.meets(resource, &profile))
    }

    /// Whether a FHIRPath over the resource leads to the place.
    fn leads_to(&mut self, place: Node<'t>, expression: &str) -> Allowed {
        let constraint = Constraint {
            key: "extension-context".to_owned(),
            severity: "error".to_owned(),
            expression: Some(expression.to_owned()),
            ..Constraint::default()
        };
        let invariant = self.registry.invariant(&constraint);
        let Check::Program(program) = invariant.check() else { return Allowed::Unknown };
        let host = Surroundings { registry: self.registry, bundles: &self.bundles, extension: None };
        let context = fhirpath::Node::resource(self.resource);
        let scope =
            Scope { context, resource: self.resource, root: self.root, host: &host, now: self.options.now.as_ref() };
        match program.evaluate(&scope) {
            Ok(items) => yes(items.iter().any(|item| matches!(item, Item::Node(node) if node.at() == place))),
            Err(_) => Allowed::Unknown,
        }
    }

    /// What must hold where the extension stands.
    fn context_invariants(&mut self, node: Node<'t>, place: Node<'t>, own: &Arc<Structure>) {
        for invariant in &own.context_invariants {
            let Check::Program(program) = invariant.check() else {
                self.unanswered_context(node, own, invariant);
                continue;
            };
            let host = Surroundings { registry: self.registry, bundles: &self.bundles, extension: Some(node) };
            let context = typed(place);
            let scope = Scope {
                context,
                resource: self.resource,
                root: self.root,
                host: &host,
                now: self.options.now.as_ref(),
            };
            match program.check(&scope) {
                Verdict::True => {}
                Verdict::False | Verdict::Empty => {
                    let text = format!("{} may not stand here: {} does not hold.", own.url, invariant.expression);
                    self.error(node, IssueCode::Structure, "extension-context", text);
                    self.detail(own, Some(invariant.expression.clone()), None);
                }
                Verdict::Error(_) => self.unanswered_context(node, own, invariant),
            }
        }
    }

    fn unanswered_context(&mut self, node: Node<'t>, own: &Structure, invariant: &Invariant) {
        let text = format!("Whether {} may stand here was not checked: {}.", own.url, invariant.expression);
        self.information(node, IssueCode::NotSupported, "extension-context", text);
        self.detail(own, Some(invariant.expression.clone()), None);
    }
}

fn yes(allowed: bool) -> Allowed {
    if allowed { Allowed::Yes } else { Allowed::No }
}

fn told(context: &Context) -> String {
    match context.kind.as_str() {
        "extension" => format!("the extension {}", context.expression),
        "fhirpath" => format!("where {} leads", context.expression),
        _ => context.expression.clone(),
    }
}

/// Published with a place that is known to be too narrow; the reference takes them where they are used.
fn is_special(url: &str, place: Node<'_>) -> bool {
    match url.strip_prefix(FHIR) {
        Some(
            "structuredefinition-normative-version"
            | "capabilitystatement-expectation"
            | "capabilitystatement-prohibited",
        ) => true,
        // R4's own primitive types have it on the type of the value (https://jira.hl7.org/browse/FHIR-13328)
        Some("regex") => is_at(place, "ElementDefinition.type"),
        _ => false,
    }
}

/// Fixed, pattern and example values of definitions hold whatever they want of others.
fn in_definition_value(place: Node<'_>) -> bool {
    let Some(around) = place.parent() else { return false };
    let name = place.name().text();
    let of = |node: Node<'_>| typed(node).of().name();
    match of(around) {
        "ElementDefinition" => name.starts_with("fixed") || name.starts_with("pattern"),
        "ElementDefinition.example" => name.starts_with("value"),
        _ => false,
    }
}

/// The address of the extension a place is, or whose value it is.
fn around(place: Node<'_>) -> Option<&str> {
    let holder = if place.name().text().starts_with("value") { place.parent()? } else { place };
    holder.text(Name::URL)
}

/// A node with its type, worked out from the resource it stands in.
fn typed(node: Node<'_>) -> fhirpath::Node<'_> {
    match node.parent() {
        Some(parent) if !node.is_resource() => typed(parent).named_child(node).0,
        _ => fhirpath::Node::resource(node),
    }
}

/// Whether a place is one that a path of elements means: `Patient.contact.name`, `HumanName`, `Observation.value[x]`,
/// any type it is a kind of. The path is held against the place from its end upwards.
fn is_at(place: Node<'_>, path: &str) -> bool {
    match path {
        "Element" | "Any" | "Base" => return true,
        "CanonicalResource" | "MetadataResource" => {
            // those that are published, and so have a publisher
            return place.is_resource() && typed(place).of().child(Name::of("publisher")).is_some();
        }
        _ => {}
    }
    let mut at = place;
    let mut left = path;
    loop {
        let of = typed(at).of();
        let wanted = TypeId::named(left);
        if wanted != TypeId::UNKNOWN && of.is_a(wanted) {
            return true;
        }
        let (Some((rest, name)), Some(parent)) = (left.rsplit_once('.'), at.parent()) else { return false };
        let parent_typed = typed(parent);
        let (_, stem) = parent_typed.named_child(at);
        if name.strip_suffix("[x]").unwrap_or(name) != stem && name != at.written_name() {
            return false;
        }
        (at, left) = (parent, rest);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_at;
    use crate::fhir::tree::{Name, Node, Tree};

    fn at<'t>(tree: &'t Tree<'t>, path: &str) -> Node<'t> {
        path.split('.')
            .filter(|name| !name.is_empty())
            .fold(tree.root(), |node, name| node.child(Name::of(name)).unwrap())
    }

    #[test]
    fn a_place_has_the_names_of_its_path_and_of_its_types() {
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"resource": {"resourceType": "Patient",
                "name": [{"family": "Test"}],
                "contact": [{"name": {"text": "A Test"}}],
                "contained": [{"resourceType": "Observation", "valueQuantity": {"value": 1}}]}},
        ]});
        let questions =
            json!({"resourceType": "Questionnaire", "item": [{"item": [{"linkId": "1", "code": [{"code": "a"}]}]}]});
        let (bundle, questions) = (Tree::of_value(&bundle).unwrap(), Tree::of_value(&questions).unwrap());
        let table = [
            (
                "entry.resource",
                "Patient Resource DomainResource Bundle.entry.resource Element",
                "Person CanonicalResource Patient.name",
            ),
            (
                "entry.resource.name",
                "Patient.name HumanName Element Bundle.entry.resource.name",
                "HumanName.family Patient Address Person.name",
            ),
            (
                "entry.resource.name.family",
                "HumanName.family string Patient.name.family",
                "HumanName uri Person.name.family HumanName.given",
            ),
            ("entry.resource.contact", "Patient.contact BackboneElement", "Patient Person.contact"),
            ("entry.resource.contact.name", "Patient.contact.name HumanName", "Patient.name"),
            (
                "entry.resource.contained.valueQuantity",
                "Observation.value[x] Observation.value Observation.valueQuantity Quantity",
                "Observation.component.value[x] Quantity.value",
            ),
            (
                "entry.resource.contained",
                "Observation DomainResource Patient.contained DomainResource.contained",
                "Patient",
            ),
        ];
        for (path, yes, no) in table {
            let node = at(&bundle, path);
            yes.split(' ').for_each(|context| assert!(is_at(node, context), "{path} is {context}"));
            no.split(' ').for_each(|context| assert!(!is_at(node, context), "{path} is not {context}"));
        }
        assert!(is_at(at(&questions, "item.item"), "Questionnaire.item"));
        assert!(is_at(at(&questions, "item.item.code"), "Questionnaire.item.code"));
        assert!(
            is_at(at(&questions, ""), "CanonicalResource")
                && is_at(at(&questions, "item.item"), "Questionnaire.item.item")
        );
    }
}
