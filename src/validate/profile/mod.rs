//! A resource against a profile (<https://hl7.org/fhir/R4/profiling.html>): cardinality, fixed values and patterns, slices,
//! and the invariants the profile's own guide adds. Judges a resource by the profiles of ours that it names; what R4 and
//! UK Core say beyond cardinality and values is not looked at here.

mod fits;
mod slices;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::fhirpath::{Host, InBundle, Item, Program, Scope, Unsupported, Verdict};
use crate::definitions::Definitions;
use crate::definitions::facts::{Constraint, Element, Profile};
use crate::fhir::codes;
use crate::fhir::tree::{Name, Node, Tree};
use crate::model::{Issue, IssueCode, Severity};

/// A profile made ready to judge with.
pub struct Checker {
    profile: Arc<Profile>,
    invariants: Vec<Invariant>,
}

struct Invariant {
    /// What the rule stands at, below the resource; none for the resource itself.
    place: Option<Program>,
    rule: Constraint,
    program: Program,
}

/// One element of an instance: the key it stood under, where it is, and what it is; nothing where a primitive has no
/// value but extensions.
#[derive(Clone)]
struct Found<'a> {
    key: &'a str,
    path: String,
    value: Option<&'a Value>,
}

/// Judges a bundle and every resource in it by the profiles of ours they name. Severities are those of the rules; each
/// finding has the key of its rule.
#[must_use]
pub fn claimed(bundle: &Value, definitions: &dyn Definitions) -> Vec<Issue> {
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate();
    let inside = entries.filter_map(|(place, entry)| {
        let resource = entry.get("resource")?;
        Some((format!("Bundle.entry[{place}].resource"), resource))
    });
    let resources: Vec<(String, &Value)> = std::iter::once(("Bundle".to_owned(), bundle)).chain(inside).collect();
    // compiled first: what an expression leads to may not outlive the expression
    let mut out = Vec::new();
    let mut checkers: BTreeMap<&str, Checker> = BTreeMap::new();
    for (at, resource) in &resources {
        for url in named(resource).filter(|url| !checkers.contains_key(url)).collect::<BTreeSet<_>>() {
            match definitions.profile(url).map(Checker::of) {
                Some(Ok(checker)) => {
                    checkers.insert(url, checker);
                }
                Some(Err(unsupported)) => {
                    let text = format!("A rule of {url} cannot be used: {unsupported}.");
                    out.push(Issue::information(IssueCode::NotSupported, text).at(at));
                }
                None => {
                    let text = format!("The profile {url} is not one this gateway knows.");
                    out.push(Issue::information(IssueCode::NotFound, text).at(format!("{at}.meta.profile")));
                }
            }
        }
    }
    let tree = match Tree::of_value(bundle) {
        Ok(tree) => tree,
        Err(issue) => {
            out.push(issue);
            return out;
        }
    };
    let host = InBundle::of(tree.root());
    let inside = tree.root().all(Name::ENTRY).filter_map(|entry| entry.child(Name::RESOURCE));
    for ((at, resource), node) in resources.iter().zip(std::iter::once(tree.root()).chain(inside)) {
        for checker in named(resource).filter_map(|url| checkers.get(url)) {
            out.extend(checker.check(resource, node, at, &host));
        }
    }
    out
}

/// Profiles of ours that a resource says it keeps to.
fn named(resource: &Value) -> impl Iterator<Item = &str> {
    let named = resource.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten();
    named.filter_map(Value::as_str).filter(|url| url.starts_with(codes::BASE))
}

impl Checker {
    /// Compiles what our guide adds to a profile with a snapshot.
    ///
    /// # Errors
    /// An expression that is not FHIRPath as we have it.
    pub fn of(profile: Arc<Profile>) -> Result<Self, Unsupported> {
        let mut invariants = Vec::new();
        for element in profile.snapshot.iter().filter(|element| !element.id.contains(':')) {
            for rule in &element.constraints {
                let ours = rule.source.as_deref().is_some_and(|source| source.starts_with(codes::BASE));
                let Some(expression) = rule.expression.as_deref().filter(|_| ours) else { continue };
                let below = element.path.split_once('.').map(|(_, below)| below.replace("[x]", ""));
                let place = below.map(|below| Program::compile(&below)).transpose()?;
                invariants.push(Invariant { place, rule: rule.clone(), program: Program::compile(expression)? });
            }
        }
        Ok(Self { profile, invariants })
    }

    /// Everything in which the resource, given as a value and as a tree, which stands at `at`, departs from the profile.
    pub fn check<'a>(&'a self, resource: &Value, node: Node<'a>, at: &str, host: &dyn Host<'a>) -> Vec<Issue> {
        let mut out = Vec::new();
        if let Some(root) = self.profile.snapshot.first() {
            self.below(root, resource, at, &mut out);
        }
        for invariant in &self.invariants {
            out.extend(invariant.check(node, at, host));
        }
        out
    }

    /// What is said of the elements below one.
    fn below(&self, parent: &Element, value: &Value, at: &str, out: &mut Vec<Issue>) {
        for element in self.children(&parent.id).filter(|element| element.slice_name.is_none()) {
            let found = found(element, value, at);
            self.count(element, found.len(), at, out);
            for one in &found {
                self.one(element, one, out);
            }
            for slice in self.slices_of(element) {
                let Some(members) = slices::members(self, element, slice, &found) else { continue };
                self.count(slice, members.len(), at, out);
                for one in members {
                    self.one(slice, one, out);
                }
            }
        }
    }

    fn one(&self, element: &Element, found: &Found<'_>, out: &mut Vec<Issue>) {
        let Some(value) = found.value else { return };
        let wrong = |fits: bool, words: &str| {
            let text = format!("This is not the {words} that {} has for it.", self.profile.name);
            (!fits).then(|| Issue::error(IssueCode::Value, text).at(&found.path).rule(&element.id))
        };
        out.extend(element.fixed.as_ref().and_then(|fixed| wrong(fixed.value == *value, "value")));
        out.extend(element.pattern.as_ref().and_then(|pattern| wrong(fits::pattern(&pattern.value, value), "pattern")));
        self.below(element, value, &found.path, out);
    }

    fn count(&self, element: &Element, count: usize, at: &str, out: &mut Vec<Issue>) {
        let name = element.id.rsplit('.').next().unwrap_or_default();
        let least = element.min.and_then(|min| usize::try_from(min).ok()).unwrap_or(0);
        let most = element.max.as_deref().and_then(|max| max.parse::<usize>().ok());
        let path = format!("{at}.{}", name.split(':').next().unwrap_or(name).trim_end_matches("[x]"));
        let mut say = |text: String| {
            out.push(Issue::error(IssueCode::Structure, text).at(&path).rule(&element.id));
        };
        if count < least {
            say(format!("{} asks for at least {least} of {name}; there are {count}.", self.profile.name));
        }
        if let Some(most) = most.filter(|most| count > *most) {
            say(format!("{} allows at most {most} of {name}; there are {count}.", self.profile.name));
        }
    }

    /// The elements one step below that with this id, slices among them.
    fn children<'p>(&'p self, id: &str) -> impl Iterator<Item = &'p Element> + use<'p> {
        let prefix = format!("{id}.");
        self.profile
            .snapshot
            .iter()
            .filter(move |element| element.id.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('.')))
    }

    fn slices_of<'p>(&'p self, element: &Element) -> impl Iterator<Item = &'p Element> + use<'p> {
        let prefix = format!("{}:", element.id);
        self.profile
            .snapshot
            .iter()
            .filter(move |slice| slice.id.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('.')))
    }
}

/// What an instance has of an element: each repetition, with where it stands.
fn found<'a>(element: &Element, value: &'a Value, at: &str) -> Vec<Found<'a>> {
    let Some(fields) = value.as_object() else { return Vec::new() };
    let name = element.path.rsplit('.').next().unwrap_or_default();
    let mut out = Vec::new();
    for (key, value) in fields {
        let plain = key.strip_prefix('_').unwrap_or(key);
        if !is_of(plain, name, element) || (plain != key && fields.contains_key(plain)) {
            continue;
        }
        let here = format!("{at}.{plain}");
        let kept = |value: &'a Value| Some(value).filter(|_| plain == key);
        match value {
            Value::Array(items) => out.extend(items.iter().enumerate().map(|(place, item)| Found {
                key: plain,
                path: format!("{here}[{place}]"),
                value: kept(item),
            })),
            one => out.push(Found { key: plain, path: here, value: kept(one) }),
        }
    }
    out
}

/// Whether a key of an instance is this element: by its name, or for a choice by its stem and a type.
fn is_of(key: &str, name: &str, element: &Element) -> bool {
    let Some(stem) = name.strip_suffix("[x]") else { return key == name };
    let Some(kind) = key.strip_prefix(stem) else { return false };
    let capital = kind.starts_with(|c: char| c.is_ascii_uppercase());
    capital && element.types.iter().any(|known| known.code.eq_ignore_ascii_case(kind))
}

impl Invariant {
    fn check<'a>(&'a self, resource: Node<'a>, at: &str, host: &dyn Host<'a>) -> Option<Issue> {
        let whole = Scope::of(resource, host);
        let verdicts = match &self.place {
            None => vec![self.program.check(&whole)],
            Some(place) => match place.evaluate(&whole) {
                Err(fault) => vec![Verdict::Error(fault)],
                Ok(items) => {
                    items.iter().filter_map(Item::node).map(|node| self.program.check(&whole.with(node))).collect()
                }
            },
        };
        let broken = verdicts.iter().find(|verdict| **verdict != Verdict::True)?;
        let text = self.rule.human.clone().unwrap_or_else(|| format!("Rule {} is broken.", self.rule.key));
        let issue = match broken {
            Verdict::Error(_) => {
                let text = format!("Whether this holds cannot be worked out: {text}");
                Issue::information(IssueCode::NotSupported, text)
            }
            _ if self.rule.severity == "error" => Issue::new(Severity::Error, IssueCode::Invariant, text),
            _ => Issue::warning(IssueCode::Invariant, text),
        };
        Some(issue.at(at).rule(&self.rule.key))
    }
}
