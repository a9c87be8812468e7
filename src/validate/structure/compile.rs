//! From a snapshot to rules: the list becomes a tree, names become numbers, slices find their element.

use super::discriminators;
use super::invariants;
use super::lookup::{Found, Lookup};
use super::{
    Binding, Bound, Content, Data, Form, Link, Openness, Registry, Rule, RuleId, Slice, Slicing, Structure, Target,
    Type, Wanted,
};
use crate::definitions::FHIR;
use crate::definitions::facts::{self, Element, ElementType, Profile};
use crate::fhir::tree::Name;
use crate::validate::fhirpath::TypeId;
use crate::validate::values::primitive::Primitive;

/// Compiles a definition; `None` for one without a snapshot.
pub(super) fn compile(profile: &Profile, registry: &Registry) -> Option<Structure> {
    profile.snapshot.first()?;
    let mut maker = Maker { registry, profile, rules: Vec::with_capacity(profile.snapshot.len()), open: Vec::new() };
    for element in &profile.snapshot {
        maker.add(element);
    }
    maker.link_content();
    maker.own_rules_of_types();
    maker.lookups();
    maker.slices();
    maker.counters();
    let compiled = |text: &String| registry.invariant(&invariants::context(text));
    Some(Structure {
        url: profile.url.clone(),
        version: profile.version.clone(),
        name: profile.name.clone(),
        of: Name::of(&profile.kind_of),
        kind: profile.kind,
        is_abstract: profile.is_abstract,
        is_profile: profile.derivation == Some(facts::Derivation::Constraint),
        base: profile.base.as_deref().map(Link::to),
        contexts: profile.contexts.clone(),
        context_invariants: profile.context_invariants.iter().map(compiled).collect(),
        rules: maker.rules,
    })
}

struct Maker<'a> {
    registry: &'a Registry,
    profile: &'a Profile,
    rules: Vec<Rule>,
    /// The rules that are open, outermost first, each with the depth of its path.
    open: Vec<(usize, RuleId)>,
}

impl Maker<'_> {
    fn add(&mut self, element: &Element) {
        let id = RuleId(u32::try_from(self.rules.len()).unwrap_or(u32::MAX));
        let depth = element.path.bytes().filter(|byte| *byte == b'.').count();
        self.open.truncate(self.open.partition_point(|(open, _)| *open < depth));
        let parent = self.open.last().map(|(_, parent)| *parent);
        let mut rule = rule(element, self.registry);
        rule.of = self.type_of(&rule, parent, element);
        if let [only] = rule.types.as_mut_slice()
            && rule.of != TypeId::UNKNOWN
        {
            only.of = rule.of;
        }
        if let Some(parent) = parent {
            let of_sliced = element.slice_name.is_some();
            let siblings = self.rules.get(parent.0 as usize).map(|parent| parent.children.clone()).unwrap_or_default();
            let sliced = siblings
                .iter()
                .rev()
                .find(|sibling| self.rules.get(sibling.0 as usize).is_some_and(|sibling| sibling.stem == rule.stem));
            match (of_sliced, sliced.copied()) {
                (true, Some(sliced)) => self.slice(sliced, id, element),
                // a second element of the name without a slice name would be a fault of the definition
                _ => self.child(parent, id),
            }
        }
        self.rules.push(rule);
        self.open.push((depth, id));
    }

    fn type_of(&self, rule: &Rule, parent: Option<RuleId>, element: &Element) -> TypeId {
        let Some(parent) = parent.and_then(|parent| self.rules.get(parent.0 as usize)) else {
            return TypeId::named(&self.profile.kind_of);
        };
        match rule.types.as_slice() {
            [only] if !matches!(only.name.text(), "BackboneElement" | "Element") => only.of,
            [_, _, ..] => TypeId::UNKNOWN,
            _ if element.path.ends_with("[x]") => TypeId::UNKNOWN,
            _ => parent.of.child(Name::of(&rule.stem)).unwrap_or(TypeId::UNKNOWN),
        }
    }

    fn child(&mut self, parent: RuleId, id: RuleId) {
        if let Some(parent) = self.rules.get_mut(parent.0 as usize) {
            parent.children.push(id);
        }
    }

    /// Hangs a slice under the element it slices, `a/b` under the slice `a`.
    fn slice(&mut self, sliced: RuleId, id: RuleId, element: &Element) {
        let above = element.slice_name.as_deref().and_then(|name| name.rsplit_once('/')).map(|(above, _)| above);
        let mut holder = sliced;
        if let Some(above) = above {
            let known = self.rules.get(sliced.0 as usize).and_then(|rule| rule.slicing.as_ref());
            let found = known.into_iter().flat_map(|slicing| &slicing.slices).find(|slice| {
                self.rules.get(slice.rule.0 as usize).is_some_and(|rule| rule.slice.as_deref() == Some(above))
            });
            holder = found.map_or(sliced, |slice| slice.rule);
        }
        if let Some(rule) = self.rules.get_mut(holder.0 as usize) {
            let slicing = rule.slicing.get_or_insert_with(Slicing::default);
            slicing.slices.push(Slice { rule: id, counter: 0, tests: Ok(Vec::new()) });
        }
    }

    /// `#Questionnaire.item` is a rule of this definition, anything else one of another.
    fn link_content(&mut self) {
        let references: Vec<_> = self
            .profile
            .snapshot
            .iter()
            .zip(0..)
            .filter_map(|(element, at)| element.content_reference.as_deref().map(|reference| (at, reference)))
            .collect();
        for (at, reference) in references {
            let (url, id) = reference.split_once('#').unwrap_or(("", reference));
            let here = self.profile.snapshot.iter().position(|element| element.id == id || element.path == id);
            let own = url.is_empty()
                || url == self.profile.url
                || here.is_some() && url.ends_with(&format!("/{}", self.profile.kind_of));
            let content = match here.and_then(|here| u32::try_from(here).ok()) {
                Some(here) if own => Content::Here(RuleId(here)),
                _ => Content::There(Link::to(url), id.to_owned()),
            };
            if let Some(rule) = self.rules.get_mut(at).filter(|rule| rule.children.is_empty()) {
                rule.content = Some(content);
            }
        }
    }

    /// Where a definition goes into a type, the type's own invariants hold as well; nobody else would look at them.
    fn own_rules_of_types(&mut self) {
        for rule in self.rules.iter_mut().skip(1).filter(|rule| !rule.children.is_empty()) {
            let [only] = rule.types.as_slice() else { continue };
            if only.form != Form::Complex || matches!(only.name.text(), "BackboneElement" | "Element" | "") {
                continue;
            }
            let Ok(definition) = self.registry.library().structure(&only.link.url) else { continue };
            for constraint in definition.snapshot.first().into_iter().flat_map(|root| &root.constraints) {
                let invariant = self.registry.invariant(constraint);
                if !rule.invariants.iter().any(|known| std::sync::Arc::ptr_eq(known, &invariant)) {
                    rule.invariants.push(invariant);
                }
            }
        }
        for rule in &mut self.rules {
            rule.invariants.retain(|one| !one.is_about_every_element());
        }
    }

    fn lookups(&mut self) {
        for at in 0..self.rules.len() {
            let Some(rule) = self.rules.get(at) else { continue };
            let mut names = Vec::new();
            for (child, place) in rule.children.iter().zip(0_u16..) {
                let Some(child) = self.rules.get(child.0 as usize) else { continue };
                if !child.id.ends_with("[x]") {
                    names.push((Name::of(&child.stem), Found { child: place, of: 0 }));
                    continue;
                }
                for (kind, of) in child.types.iter().zip(0_u16..) {
                    names.push((chosen(&child.stem, kind.name.text()), Found { child: place, of }));
                }
            }
            let lookup = Lookup::new(&names);
            if let Some(rule) = self.rules.get_mut(at) {
                rule.lookup = lookup;
            }
        }
    }

    /// Works out how the slices are told apart, once all rules stand.
    fn slices(&mut self) {
        for at in 0..self.rules.len() {
            let Some(slicing) = self.rules.get(at).and_then(|rule| rule.slicing.as_ref()) else { continue };
            let said = self.profile.snapshot.get(at).and_then(|element| element.slicing.clone());
            let slices = slicing.slices.iter().map(|slice| slice.rule).collect::<Vec<_>>();
            let made = discriminators::slicing(self.registry, self.profile, at, said.as_ref(), &slices);
            if let Some(rule) = self.rules.get_mut(at) {
                rule.slicing = Some(made);
            }
        }
    }
}

impl Maker<'_> {
    /// Gives every child, slice and slicing its number among the counters of the element above.
    fn counters(&mut self) {
        for at in 0..self.rules.len() {
            let children = self.rules.get(at).map(|rule| rule.children.clone()).unwrap_or_default();
            let mut next = u16::try_from(children.len()).unwrap_or(u16::MAX);
            let mut open = children;
            while let Some(id) = open.pop() {
                let Some(slicing) = self.rules.get_mut(id.0 as usize).and_then(|rule| rule.slicing.as_mut()) else {
                    continue;
                };
                slicing.state = next;
                for slice in &mut slicing.slices {
                    next = next.saturating_add(1);
                    slice.counter = next;
                    open.push(slice.rule);
                }
                next = next.saturating_add(1);
            }
            let needed = self.needed(at);
            if let Some(rule) = self.rules.get_mut(at) {
                (rule.counters, rule.needed) = (next, needed);
            }
        }
    }
}

impl Maker<'_> {
    /// Of the children of a rule those whose number may be wrong although there are none, by place.
    fn needed(&self, at: usize) -> Vec<u16> {
        let children = self.rules.get(at).map(|rule| rule.children.as_slice()).unwrap_or_default();
        let is =
            |id: &RuleId| self.rules.get(id.0 as usize).is_some_and(|child| child.min > 0 || child.slicing.is_some());
        (0..).zip(children).filter(|(_, id)| is(id)).map(|(place, _)| place).collect()
    }
}

/// The name of a choice made: `value` and `string` give `valueString`.
pub(super) fn chosen(stem: &str, kind: &str) -> Name {
    let mut letters = kind.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    Name::of(&stem.chars().chain(first).chain(letters).collect::<String>())
}

fn rule(element: &Element, registry: &Registry) -> Rule {
    let last = element.path.rsplit('.').next().unwrap_or_default();
    let many = element.base.as_ref().map_or(element.max.as_deref(), |base| Some(base.max.as_str()));
    let wanted = |value: &Option<facts::TypedValue>| value.as_ref().map(|value| Wanted::of(&value.value));
    Rule {
        id: if element.id.is_empty() { element.path.clone() } else { element.id.clone() },
        stem: last.trim_end_matches("[x]").to_owned(),
        slice: element.slice_name.clone(),
        min: element.min.unwrap_or(0),
        max: element.max.as_deref().and_then(|max| max.parse().ok()).unwrap_or(u32::MAX),
        many: many.is_some_and(|max| max != "1" && max != "0"),
        types: element.types.iter().map(kind).collect(),
        of: TypeId::UNKNOWN,
        fixed: wanted(&element.fixed),
        pattern: wanted(&element.pattern),
        min_value: wanted(&element.min_value),
        max_value: wanted(&element.max_value),
        max_length: element.max_length,
        min_length: element.min_length,
        must_have_value: element.must_have_value == Some(true),
        value_alternatives: element.value_alternatives.clone(),
        binding: element.binding.as_ref().map(binding),
        invariants: (element.constraints.iter().map(|constraint| registry.invariant(constraint)))
            .filter(|invariant| !invariant.is_told_elsewhere())
            .collect(),
        must_support: element.must_support == Some(true),
        is_modifier: element.is_modifier == Some(true),
        is_attribute: element.representation.iter().any(|one| one == "xmlAttr"),
        children: Vec::new(),
        needed: Vec::new(),
        lookup: Lookup::default(),
        counters: 0,
        slicing: element.slicing.as_ref().map(|_| Slicing::default()),
        content: None,
    }
}

pub(super) fn binding(binding: &facts::Binding) -> Binding {
    Binding {
        strength: binding.strength,
        value_set: binding.value_set.as_deref().map(Bound::to),
        max_value_set: binding.max_value_set.as_deref().map(Bound::to),
    }
}

fn kind(kind: &ElementType) -> Type {
    let code = kind.fhir_type.as_deref().unwrap_or_else(|| {
        kind.code.strip_prefix("http://hl7.org/fhirpath/System.").map_or(kind.code.as_str(), |system| match system {
            "Boolean" => "boolean",
            "Integer" => "integer",
            "Decimal" => "decimal",
            "Date" => "date",
            "DateTime" => "dateTime",
            "Time" => "time",
            _ => "string",
        })
    });
    let url = if code.contains(':') { code.to_owned() } else { format!("{FHIR}{code}") };
    let form = match code {
        "xhtml" => Form::Xhtml,
        "Resource" | "DomainResource" => Form::Resource,
        _ => Primitive::named(code).map_or(Form::Complex, Form::Primitive),
    };
    let name = code.strip_prefix(FHIR).unwrap_or(code);
    let target = |url: &String| Target { link: Link::to(url), of: std::sync::OnceLock::new() };
    Type {
        name: Name::of(name),
        form,
        data: Data::of(name),
        of: TypeId::named(code),
        link: Link::to(&url),
        profiles: kind.profiles.iter().map(|url| Link::to(url)).collect(),
        targets: kind.target_profiles.iter().map(target).collect(),
        aggregation: kind.aggregation.clone(),
        versioning: kind.versioning.clone(),
    }
}

impl Default for Slicing {
    fn default() -> Self {
        Self { rules: Openness::Open, ordered: false, by: String::new(), slices: Vec::new(), by_url: None, state: 0 }
    }
}
