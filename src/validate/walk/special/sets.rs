//! Value sets and concept maps as resources: that the systems they name have what they name of them
//! (<https://hl7.org/fhir/R4/valueset.html>, `conceptmap.html`).

use std::collections::HashSet;

use super::{Walk, child, text};
use crate::definitions::Definitions;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::terminology::{Answer, Code};
use crate::validate::values::primitive::{Primitive, Wrong, check};

impl<'t> Walk<'t, '_> {
    /// A value set: its systems, codes and filters can be what it says.
    pub(super) fn value_set(&mut self, node: Node<'t>) {
        let Some(compose) = child(node, "compose") else { return };
        for include in compose.children().filter(|child| matches!(child.name().text(), "include" | "exclude")) {
            self.value_set_include(include);
        }
    }

    fn value_set_include(&mut self, include: Node<'t>) {
        let value_sets: Vec<_> = include.all(Name::VALUE_SET).collect();
        for one in &value_sets {
            if let Some(url) = one.value().filter(|url| !url.starts_with('#'))
                && self.registry.library().value_set(url).is_none()
            {
                let says = format!("The value set {} is not known, so what it adds was not checked.", shown(url));
                self.warning(*one, IssueCode::BusinessRule, "vs-import", says);
            }
        }
        if value_sets.len() > 1 {
            let says = "Several value sets in one include mean the codes that all of them have, in R4.";
            self.warning(include, IssueCode::Informational, "vs-import", says.to_owned());
        }
        let (concept, filter) = (Name::of("concept"), Name::of("filter"));
        let Some(at) = include.child(Name::SYSTEM) else {
            if include.child(concept).is_some() || include.child(filter).is_some() {
                let says = "Concepts and filters need the system they are of.";
                self.warning(include, IssueCode::BusinessRule, "vs-system", says.to_owned());
            }
            return;
        };
        let Some(written) = at.value() else { return };
        let version = include.text(Name::VERSION);
        let system = self.value_set_system(include, at, written, version);
        let library = self.registry.library();
        let says = match library.code_system(system) {
            Some(known) if known.content == "supplement" => Some("supplements another code system: name that one"),
            None if library.value_set(system).is_some() => Some("is a value set: put it under valueSet"),
            _ => None,
        };
        if let Some(says) = says {
            return self.definition_fault(at, "vs-system", &format!("{} {says}.", shown(system)));
        }
        for one in include.all(concept) {
            self.code_exists(one, system, version, Severity::Error, "vs-code");
        }
        for one in include.all(filter) {
            self.value_set_filter(one, system, version);
        }
    }

    /// The system of an include, without what should not stand behind it.
    fn value_set_system(
        &mut self,
        include: Node<'t>,
        at: Node<'t>,
        written: &'t str,
        version: Option<&str>,
    ) -> &'t str {
        let is_absolute =
            !matches!(check(Primitive::Canonical, written), Err(Wrong::Relative)) && !written.starts_with('#');
        if !is_absolute {
            let says = "A system is named by its absolute address, a contained one too.";
            self.error(include, IssueCode::Invalid, "vs-system", says.to_owned());
        }
        let Some((system, behind)) = written.split_once('|') else { return written };
        if behind.is_empty() {
            let says = "The | at the end of the system says nothing: leave it out.";
            self.warning(at, IssueCode::BusinessRule, "vs-system", says.to_owned());
        } else {
            let there = if version.is_some() { ", which is there too" } else { "" };
            self.definition_fault(
                at,
                "vs-system",
                &format!("A system is named without its version: put that under version{there}."),
            );
        }
        system
    }

    /// Filters over the hierarchy name a code; those on whether there is a property say true or false.
    fn value_set_filter(&mut self, filter: Node<'t>, system: &str, version: Option<&str>) {
        let (property, op) = (text(filter, "property").unwrap_or_default(), text(filter, "op").unwrap_or_default());
        let Some(at) = filter.child(Name::VALUE) else { return };
        let Some(value) = at.value() else { return };
        let is_hierarchy =
            matches!(op, "is-a" | "descendent-of" | "is-not-a" | "generalizes" | "child-of" | "descendent-leaf");
        if op == "exists" || matches!(property, "inactive" | "notSelectable") && op == "=" {
            if !matches!(value, "true" | "false") {
                self.error(
                    at,
                    IssueCode::Invalid,
                    "vs-filter",
                    "This filter asks whether something is so: its value is true or false.".to_owned(),
                );
            }
        } else if property == "concept"
            && is_hierarchy
            && let Code::Missing { .. } = self.registry.terminology().code(system, version, value)
        {
            let says = format!("{} has no code \"{}\" to select by.", shown(system), shown(value));
            self.error(at, IssueCode::Invalid, "vs-filter", says);
        } else if matches!(op, "=" | "in" | "not-in")
            && let Some(known) = self.registry.library().code_system(system)
            && let Some((_, of)) = known.declared.iter().find(|(code, _)| code == property)
        {
            let values: Vec<&str> = if op == "=" { vec![value] } else { value.split(',').collect() };
            for says in values.into_iter().filter_map(|one| self.filter_value(of, one)).collect::<Vec<_>>() {
                self.error(at, IssueCode::Invalid, "vs-filter", says);
            }
        }
    }

    /// What is wrong with a value to filter by, of a property of a type.
    fn filter_value(&self, of: &str, value: &str) -> Option<String> {
        // numbers and dates may have a comparison before them
        let plain = value.trim_start_matches(|sign: char| sign.is_ascii_lowercase());
        let fits = match of {
            "boolean" => matches!(value, "true" | "false"),
            "integer" => plain.parse::<i64>().is_ok(),
            "decimal" => check(Primitive::Decimal, plain).is_ok(),
            "dateTime" => check(Primitive::DateTime, plain).is_ok(),
            "Coding" => match value.rsplit_once(['#', '|']) {
                None => false,
                Some((system, code)) => {
                    let found = self.registry.terminology().code(system, None, code);
                    let says = format!("{} has no code \"{}\" to select by.", shown(system), shown(code));
                    return matches!(found, Code::Missing { .. }).then_some(says);
                }
            },
            _ => true,
        };
        (!fits).then(|| {
            format!("Values of this property are of the type {}, and \"{}\" is none.", shown(of), shown(value))
        })
    }

    /// A concept map: its codes are codes of its systems, and each is mapped once.
    pub(super) fn concept_map(&mut self, node: Node<'t>) {
        let [from_set, to_set] = ["source", "target"].map(|side| {
            let named = node
                .children()
                .find(|one| one.name().text().strip_prefix(side).is_some_and(|of| matches!(of, "Uri" | "Canonical")));
            named.and_then(Node::value).filter(|url| self.registry.library().value_set(url).is_some())
        });
        for group in node.all(Name::of("group")) {
            let (from, to) = (text(group, "source"), text(group, "target"));
            for (system, name) in [(from, "source"), (to, "target")] {
                if system.is_none() {
                    let says = format!("A group should name its {name} system.");
                    self.warning(group, IssueCode::Required, "cm-system", says);
                }
            }
            let mut mapped = HashSet::new();
            for element in group.all(Name::of("element")) {
                if let Some(system) = from {
                    self.code_exists(element, system, text(group, "sourceVersion"), Severity::Error, "cm-code");
                    self.code_in_set(element, system, from_set);
                }
                for target in element.all(Name::of("target")) {
                    if let Some(system) = to {
                        self.code_exists(target, system, text(group, "targetVersion"), Severity::Error, "cm-code");
                        self.code_in_set(target, system, to_set);
                    }
                    if let (Some(one), Some(other)) = (element.text(Name::CODE), target.text(Name::CODE))
                        && !mapped.insert((one, other))
                    {
                        let says = "These two codes are mapped more than once.";
                        self.warning(target, IssueCode::BusinessRule, "cm-twice", says.to_owned());
                    }
                }
            }
        }
    }

    /// A mapped code is one of the value set that the map is from or to.
    fn code_in_set(&mut self, node: Node<'t>, system: &str, set: Option<&str>) {
        let (Some(set), Some(at)) = (set, node.child(Name::CODE)) else { return };
        let Some(code) = at.value() else { return };
        if let Answer::No { .. } = self.registry.terminology().member(set, Some(system), code) {
            let says = format!("\"{}\" is not in the value set {}.", shown(code), shown(set));
            self.error(at, IssueCode::Required, "cm-set", says);
        }
    }
}
