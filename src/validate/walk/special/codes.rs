//! Code systems as resources: that they agree with themselves (<https://hl7.org/fhir/R4/codesystem.html>).

use std::collections::{HashMap, HashSet};

use super::{Walk, child, text};
use crate::definitions::Definitions;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::terminology::Code;

/// FHIR's own properties of concepts and their types (<https://hl7.org/fhir/R4/codesystem-concept-properties.html>, and
/// those added to that system since).
const STANDARD: [(&str, &str); 13] = [
    ("status", "code"),
    ("effectiveDate", "dateTime"),
    ("partOf", "code"),
    ("comment", "string"),
    ("itemWeight", "decimal"),
    ("inactive", "boolean"),
    ("deprecated", "dateTime"),
    ("deprecationDate", "dateTime"),
    ("retirementDate", "dateTime"),
    ("notSelectable", "boolean"),
    ("parent", "code"),
    ("child", "code"),
    ("synonym", "code"),
];
const STANDARD_BASE: &str = "http://hl7.org/fhir/concept-properties#";

impl<'t> Walk<'t, '_> {
    /// A code system: supplement or not, as many concepts as it says, and properties that are declared.
    pub(super) fn code_system(&mut self, node: Node<'t>) {
        let content = text(node, "content").unwrap_or_default();
        let supplements = text(node, "supplements");
        if supplements.is_some() {
            if content != "supplement" {
                self.definition_fault(
                    child(node, "content").unwrap_or(node),
                    "cs-supplement",
                    "What supplements another code system has the content `supplement`.",
                );
            }
            for name in ["caseSensitive", "hierarchyMeaning"] {
                if let Some(at) = child(node, name) {
                    self.definition_fault(
                        at,
                        "cs-supplement",
                        "A supplement does not say this: it is as in the code system it supplements.",
                    );
                }
            }
        } else {
            if content == "supplement" {
                self.definition_fault(
                    child(node, "content").unwrap_or(node),
                    "cs-supplement",
                    "A supplement names the code system it adds to (`supplements`).",
                );
            }
            self.code_system_says(node);
        }
        let mut concepts = Vec::new();
        concepts_below(node, &mut concepts);
        self.code_system_count(node, content, concepts.len());
        if let (Some(first), "not-present") = (concepts.first(), content) {
            self.definition_fault(
                *first,
                "cs-content",
                "The content is `not-present`, so there can be no concepts here.",
            );
        }
        let declared = self.declared_properties(node);
        let codes: HashSet<&str> = concepts.iter().filter_map(|concept| concept.text(Name::CODE)).collect();
        for concept in &concepts {
            self.concept_properties(*concept, &declared, &codes);
        }
        if let Some(system) = supplements {
            let (url, version) = system.split_once('|').map_or((system, None), |(url, version)| (url, Some(version)));
            for concept in node.all(Name::of("concept")) {
                self.code_exists(concept, url, version, Severity::Error, "cs-supplement-code");
            }
        }
        self.code_system_value_set(node);
    }

    /// What a code system should say of itself.
    fn code_system_says(&mut self, node: Node<'t>) {
        let is_hl7 = text(node, "url").is_some_and(|url| url.contains("hl7.org") || url.contains("fhir.org"));
        let severity = if is_hl7 { Severity::Warning } else { Severity::Information };
        if text(node, "caseSensitive").is_none() {
            let says = "A code system should say whether its codes are case sensitive.";
            self.say(node, severity, IssueCode::BusinessRule, "cs-case-sensitive", says.to_owned());
        }
        let concept = Name::of("concept");
        let is_nested = node.all(concept).any(|one| one.child(concept).is_some());
        if is_nested && text(node, "hierarchyMeaning").is_none() {
            let says = "A code system whose concepts stand below each other should say what that means.";
            self.say(node, severity, IssueCode::BusinessRule, "cs-hierarchy", says.to_owned());
        }
    }

    fn code_system_count(&mut self, node: Node<'t>, content: &str, count: usize) {
        let Some(at) = child(node, "count") else { return };
        let Some(stated) = at.value().and_then(|count| count.parse::<usize>().ok()) else { return };
        let (wrong, severity) = match content {
            "complete" => (count != stated, Severity::Error),
            "example" | "fragment" => (count >= stated, Severity::Warning),
            _ => return,
        };
        if wrong {
            let says = format!(
                "The count is {stated} and there are {count} concepts, which cannot be of a code system that is `{content}`."
            );
            self.say(at, severity, IssueCode::Invalid, "cs-count", says);
        }
    }

    /// The properties that concepts may have, by code, with their types.
    fn declared_properties(&mut self, node: Node<'t>) -> HashMap<&'t str, &'t str> {
        let mut declared = HashMap::new();
        let mut uris = HashSet::new();
        for property in node.all(Name::of("property")) {
            let (code, uri, of) = (property.text(Name::CODE), text(property, "uri"), property.text(Name::TYPE));
            let (Some(code), Some(of)) = (code, of) else { continue };
            if declared.insert(code, of).is_some() {
                self.definition_fault(
                    property,
                    "cs-property",
                    &format!("There is another property with the code \"{}\".", shown(code)),
                );
            }
            if let Some(uri) = uri
                && !uris.insert(uri)
            {
                self.definition_fault(
                    property,
                    "cs-property",
                    &format!("There is another property with the uri {}.", shown(uri)),
                );
            }
            if let Some(name) = uri.and_then(|uri| uri.strip_prefix(STANDARD_BASE))
                && let Some((_, standard)) = STANDARD.iter().find(|(one, _)| *one == name)
            {
                if *standard != of {
                    self.definition_fault(
                        property,
                        "cs-property",
                        &format!("The property {STANDARD_BASE}{name} has the type {standard}."),
                    );
                }
                if name != code {
                    self.definition_fault(
                        property,
                        "cs-property",
                        &format!("The property {STANDARD_BASE}{name} has the code `{name}`; another misleads."),
                    );
                }
            } else if let Some(uri) = uri.filter(|uri| uri.starts_with(STANDARD_BASE)) {
                self.definition_fault(
                    property,
                    "cs-property",
                    &format!("FHIR has no property {}: give your own an address of your own.", shown(uri)),
                );
            } else if uri.is_none()
                && let Some((name, standard)) = STANDARD.iter().find(|(one, _)| *one == code)
            {
                let differs = if *standard == of { "" } else { ", and another type" };
                let says = format!(
                    "This has the code of FHIR's property `{name}` but not its uri {STANDARD_BASE}{name}{differs}."
                );
                self.warning(property, IssueCode::BusinessRule, "cs-property", says);
            }
        }
        declared
    }

    fn concept_properties(&mut self, concept: Node<'t>, declared: &HashMap<&str, &str>, codes: &HashSet<&str>) {
        for property in concept.all(Name::of("property")) {
            let Some(code) = property.text(Name::CODE) else { continue };
            let Some(of) = declared.get(code) else {
                if STANDARD.iter().any(|(name, _)| *name == code) {
                    continue;
                }
                self.definition_fault(
                    property,
                    "cs-property",
                    &format!("The code system declares no property \"{}\".", shown(code)),
                );
                continue;
            };
            let value = property.children().find(|child| child.name().text().starts_with("value"));
            let Some(value) = value else { continue };
            let actual = value.name().text().trim_start_matches("value");
            if !actual.eq_ignore_ascii_case(of) {
                self.definition_fault(
                    value,
                    "cs-property",
                    &format!("The property \"{}\" has the type {}, and this is a {actual}.", shown(code), shown(of)),
                );
            } else if matches!(code, "parent" | "child" | "synonym")
                && value.value().is_some_and(|value| !codes.contains(value))
            {
                let says = "This code system has no concept of this code.";
                self.warning(value, IssueCode::BusinessRule, "cs-property", says.to_owned());
            }
        }
    }

    /// The value set of all codes is just that.
    fn code_system_value_set(&mut self, node: Node<'t>) {
        let (Some(at), Some(url)) = (child(node, "valueSet"), text(node, "url")) else { return };
        let Some(set) = at.value().and_then(|url| self.registry.library().value_set(url)) else { return };
        // packs hold value sets of other versions, which are about other codes
        if set.version.as_deref() != text(node, "version") {
            return;
        }
        let includes = set.compose.as_ref().map(|compose| compose.include.as_slice()).unwrap_or_default();
        let fits = match includes {
            [one] => {
                one.system.as_deref() == Some(url)
                    && one.concepts.is_empty()
                    && one.filters.is_empty()
                    && one.value_sets.is_empty()
            }
            _ => false,
        };
        if !fits {
            self.definition_fault(
                at,
                "cs-value-set",
                "The value set of a code system includes all of it and nothing else; this one does not.",
            );
        }
    }

    /// The code of a node is one of its system, and its display one of the code's.
    pub(super) fn code_exists(
        &mut self,
        node: Node<'t>,
        system: &str,
        version: Option<&str>,
        severity: Severity,
        rule: &'static str,
    ) {
        let Some(at) = node.child(Name::CODE) else { return };
        let Some(code) = at.value() else { return };
        if let Code::Missing { .. } = self.registry.terminology().code(system, version, code) {
            let says = format!("The code system {} has no code \"{}\".", shown(system), shown(code));
            self.say(at, severity, IssueCode::BusinessRule, rule, says);
        }
    }

    /// An error against a rule of the exchange of definitions.
    pub(super) fn definition_fault(&mut self, node: Node<'t>, rule: &'static str, says: &str) {
        self.error(node, IssueCode::BusinessRule, rule, says.to_owned());
    }
}

/// Every concept of a code system, however deep.
fn concepts_below<'t>(node: Node<'t>, out: &mut Vec<Node<'t>>) {
    let name = Name::of("concept");
    let mut open: Vec<Node<'t>> = node.all(name).collect();
    open.reverse();
    while let Some(concept) = open.pop() {
        out.push(concept);
        let at = open.len();
        open.extend(concept.all(name));
        open.get_mut(at..).unwrap_or_default().reverse();
    }
}
