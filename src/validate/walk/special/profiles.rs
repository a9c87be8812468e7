//! Structure definitions and operation definitions as resources: what can be said of them before anything is made of them
//! (<https://hl7.org/fhir/R4/structuredefinition.html>, `elementdefinition.html`). Snapshots are for `snapshot`.

use std::collections::HashMap;

use super::{Walk, child, text};
use crate::definitions::FHIR;
use crate::definitions::facts::Kind;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;

/// Types of values that no value set can be bound to.
const NOT_BOUND: [&str; 11] = [
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "instant",
    "time",
    "base64Binary",
    "xhtml",
    "Reference",
    "Period",
];
/// Types of values that have a smallest and a greatest one.
const ORDERED: [&str; 9] =
    ["integer", "decimal", "date", "dateTime", "instant", "time", "positiveInt", "unsignedInt", "Quantity"];
/// Types of values that have a length.
const LONG: [&str; 17] = [
    "positiveInt",
    "unsignedInt",
    "time",
    "string",
    "uri",
    "url",
    "canonical",
    "oid",
    "uuid",
    "code",
    "id",
    "markdown",
    "integer",
    "decimal",
    "date",
    "dateTime",
    "instant",
];

impl<'t> Walk<'t, '_> {
    /// A structure definition: it fits what it builds on, and its elements fit it.
    pub(super) fn structure_definition(&mut self, node: Node<'t>) {
        let of = text(node, "type").unwrap_or_default();
        self.type_of_definition(node, of);
        for name in ["context", "contextInvariant"] {
            if let Some(at) = child(node, name).filter(|_| of != "Extension") {
                self.error(at, IssueCode::Invalid, "sd-context", "Only extensions have a context.".to_owned());
            }
        }
        self.base_of_definition(node, of);
        self.snapshot_of_definition(node);
        let is_constraint = text(node, "derivation") == Some("constraint");
        for name in ["differential", "snapshot"] {
            if let Some(list) = child(node, name) {
                self.elements_of_definition(list, of, name == "snapshot", is_constraint);
            }
        }
        let url = text(node, "url");
        if of == "Extension"
            && text(node, "baseDefinition") == Some("http://hl7.org/fhir/StructureDefinition/Extension")
        {
            let elements = child(node, "differential").into_iter().flat_map(|list| list.all(Name::of("element")));
            let mut fixed = elements.filter(|element| text(*element, "path") == Some("Extension.url"));
            let fixed = fixed.find_map(|element| text(element, "fixedUri"));
            if url.is_some() && fixed != url {
                let says = "An extension fixes Extension.url in its differential, to its own address.";
                self.error(node, IssueCode::Invalid, "sd-extension-url", says.to_owned());
            }
        }
    }

    /// `type`: a type of FHIR, or the address of a logical model.
    fn type_of_definition(&mut self, node: Node<'t>, of: &str) {
        let Some(at) = child(node, "type") else { return };
        let says = if of.contains(':') {
            (text(node, "kind") != Some("logical")).then_some("Only logical models have an address for their type.")
        } else if text(node, "url").and_then(|url| url.strip_prefix(FHIR)) == Some(of) {
            None
        } else if self.registry.of_type(Name::of(of)).is_none() {
            Some("FHIR has no type of this name.")
        } else {
            let is_new = text(node, "derivation") != Some("constraint");
            is_new.then_some("FHIR has this type: what constrains it has the derivation `constraint`.")
        };
        if let Some(says) = says {
            self.error(at, IssueCode::Invalid, "sd-type", says.to_owned());
        }
    }

    fn base_of_definition(&mut self, node: Node<'t>, of: &str) {
        let Some(at) = child(node, "baseDefinition") else { return };
        let Some(url) = at.value() else { return };
        let Some(base) = self.registry.structure(url) else {
            let says = format!("The definition {} is not known, so whether this fits it was not checked.", shown(url));
            return self.warning(at, IssueCode::NotFound, "sd-base", says);
        };
        let kind = text(node, "kind");
        let base_kind = match base.kind {
            Kind::PrimitiveType => "primitive-type",
            Kind::ComplexType => "complex-type",
            Kind::Resource => "resource",
            Kind::Logical => "logical",
        };
        let same_kind = kind == Some(base_kind);
        let derivation = text(node, "derivation");
        let says = match derivation {
            None => Some("What builds on another definition says how: derivation.".to_owned()),
            Some("constraint") if base.of.text() != of => {
                Some(format!("What it constrains is a {}, so this is one too.", base.of.text()))
            }
            Some("constraint") if !same_kind => {
                Some(format!("What it constrains is of the kind {base_kind}, so this is too."))
            }
            Some("specialization") if base.of.text() == of => {
                Some("What specializes a type is a type of its own.".to_owned())
            }
            Some(_) if !base.is_abstract && !same_kind => {
                Some(format!("It builds on a {base_kind}, so it is one too."))
            }
            Some(_) => None,
        };
        if let Some(says) = says {
            self.error(at, IssueCode::NotFound, "sd-base", says);
        }
    }

    /// The elements of a differential or a snapshot.
    fn elements_of_definition(&mut self, list: Node<'t>, of: &str, is_snapshot: bool, is_constraint: bool) {
        let root = of.rsplit('/').next().unwrap_or(of);
        let mut keys: HashMap<&str, &str> = HashMap::new();
        for element in list.all(Name::of("element")) {
            let Some(at) = child(element, "path") else { continue };
            let Some(path) = at.value() else { continue };
            let is_root = !path.contains('.');
            if !root.is_empty() && path.split('.').next() != Some(root) {
                let says = format!("Paths of elements begin with the type, {}.", shown(root));
                self.error(at, IssueCode::NotFound, "sd-path", says);
            }
            if let Some(slicing) = child(element, "slicing").filter(|_| is_root) {
                self.error(
                    slicing,
                    IssueCode::Invalid,
                    "sd-slicing",
                    "The whole cannot be sliced, only elements.".to_owned(),
                );
            }
            if let Some(at) = child(element, "meaningWhenMissing").filter(|_| is_constraint && !is_snapshot) {
                let says = "Only the definition of a type says what it means that an element is missing.";
                self.error(at, IssueCode::NotFound, "sd-missing", says.to_owned());
            }
            self.types_of_element(element, is_snapshot, is_root);
            for constraint in element.all(Name::of("constraint")) {
                let (Some(key), Some(expression)) = (text(constraint, "key"), text(constraint, "expression")) else {
                    continue;
                };
                if *keys.entry(key).or_insert(expression) != expression && key != "ele-1" {
                    let says =
                        format!("The key {} stands for another expression elsewhere in this definition.", shown(key));
                    self.error(constraint, IssueCode::Invalid, "sd-invariant", says);
                }
            }
        }
    }

    /// What is said of an element fits its types.
    fn types_of_element(&mut self, element: Node<'t>, is_snapshot: bool, is_root: bool) {
        let types: Vec<Node<'t>> = element.all(Name::TYPE).collect();
        let codes: Vec<&str> = types.iter().filter_map(|of| code_of(*of)).collect();
        if is_snapshot && !is_root && codes.is_empty() && child(element, "contentReference").is_none() {
            let says = "In a snapshot every element has a type, or is like another (contentReference).";
            return self.error(element, IssueCode::Exception, "sd-types", says.to_owned());
        }
        if codes.is_empty() {
            return;
        }
        for of in &types {
            let code = code_of(*of).unwrap_or_default();
            let is_known = self.registry.of_type(Name::of(code)).is_some();
            self.profiles_of_type(*of, code);
            if let Some(at) =
                child(*of, "targetProfile").filter(|_| is_known && !matches!(code, "Reference" | "canonical"))
            {
                self.definition_fault(at, "sd-type-detail", "Only references and canonical addresses have targets.");
            }
        }
        let none = |allowed: &dyn Fn(&str) -> bool| !codes.iter().any(|code| allowed(code));
        let is_basic = |code: &&str| NOT_BOUND.contains(code) || ORDERED.contains(code) || LONG.contains(code);
        if let Some(at) = child(element, "binding").filter(|_| none(&|code| !NOT_BOUND.contains(&code))) {
            self.definition_fault(at, "sd-type-detail", "Values of this type cannot be bound to a value set.");
        }
        if codes.iter().all(is_basic) {
            if let Some(at) = child(element, "maxLength").filter(|_| none(&|code| LONG.contains(&code))) {
                self.definition_fault(at, "sd-type-detail", "Values of this type have no length.");
            }
            let least = element
                .children()
                .find(|one| one.name().text().starts_with("minValue") || one.name().text().starts_with("maxValue"));
            if let Some(at) = least.filter(|_| none(&|code| ORDERED.contains(&code))) {
                self.definition_fault(at, "sd-type-detail", "Values of this type have no smallest and greatest.");
            }
        }
        for value in element.children().filter(|_| is_snapshot && !is_root) {
            let name = value.name().text();
            let rest = ["fixed", "pattern", "defaultValue"].iter().find_map(|stem| name.strip_prefix(stem));
            if let Some(of) = rest.filter(|of| !of.is_empty())
                && !codes.iter().any(|code| code.eq_ignore_ascii_case(of))
            {
                let says = format!("This value is a {of}, which is none of the element's types.");
                self.error(value, IssueCode::Exception, "sd-value-type", says);
            }
        }
    }

    /// The profiles of a type are profiles of that type.
    fn profiles_of_type(&mut self, of: Node<'t>, code: &str) {
        let is_open = |code: &str| matches!(code, "Resource" | "DomainResource" | "Element" | "BackboneElement");
        if matches!(code, "Reference" | "canonical") || is_open(code) {
            return;
        }
        for at in of.all(Name::PROFILE) {
            let Some(profile) = at.value().and_then(|url| self.registry.structure(url)) else { continue };
            if profile.of.text() != code {
                let says = format!("{} is for {}, and the type is {}.", profile.url, profile.of.text(), shown(code));
                self.error(at, IssueCode::Exception, "sd-type-profile", says);
            }
        }
    }

    /// An operation definition: the profiles of what goes in and out are there, and of Parameters.
    pub(super) fn operation_definition(&mut self, node: Node<'t>) {
        for name in ["inputProfile", "outputProfile"] {
            let Some(at) = child(node, name) else { continue };
            let Some(url) = at.value() else { continue };
            match self.registry.structure(url) {
                None => {
                    let says = format!("The profile {} is not known.", shown(url));
                    self.error(at, IssueCode::NotFound, "operation-profile", says);
                }
                Some(profile) if profile.of != Name::PARAMETERS => {
                    let says = format!(
                        "{} is a profile of {}, and here one of Parameters is needed.",
                        shown(url),
                        profile.of.text()
                    );
                    self.error(at, IssueCode::Invalid, "operation-profile", says);
                }
                Some(_) => {}
            }
        }
    }
}

/// A type's code; of what R4 writes as a type of FHIRPath, the type of FHIR it stands for.
fn code_of(of: Node<'_>) -> Option<&str> {
    let mut named = of.child(Name::CODE).into_iter().chain([of]).flat_map(|at| at.all(Name::EXTENSION));
    let stands_for = named.find_map(|extension| {
        let is_type = extension.text(Name::URL)?.ends_with("/structuredefinition-fhir-type");
        extension.children().find(|child| is_type && child.name().text().starts_with("value"))?.value()
    });
    stands_for.or_else(|| of.text(Name::CODE))
}
