//! Which slice a repetition belongs to, how many there are of each, and why one belongs to none.

use super::Walk;
use super::group::named;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;
use crate::validate::fhirpath::TypeId;
use crate::validate::structure::{Asks, Openness, Rule, RuleId, Slice, Slicing, Step, Structure, Test};
use crate::validate::values::primitive::Primitive;

impl<'t> Walk<'t, '_> {
    /// The slice a node belongs to, counted; what is wrong with its place among the others is said.
    pub(super) fn slice_of(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        slicing: &Slicing,
        counts: usize,
    ) -> Option<RuleId> {
        let place = self.which(node, slicing);
        if let Some(open) = place.as_ref().err() {
            self.unsettled(node, structure, rule, open);
        }
        let place = place.ok().flatten();
        let state = counts + usize::from(slicing.state);
        let last = self.counts.get(state).copied().unwrap_or(0);
        let Some(slice) = place.and_then(|at| slicing.slices.get(at)) else {
            if slicing.rules == Openness::Closed && slicing.is_settled() {
                self.outside(node, structure, rule, slicing);
            }
            if let Some(state) = self.counts.get_mut(state) {
                *state = u32::MAX;
            }
            return None;
        };
        let now = place.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0);
        if last == u32::MAX && slicing.rules == Openness::OpenAtEnd {
            let text = "What belongs to no slice must stand after what does; this stands after it.";
            self.error(node, IssueCode::Structure, rule.id.clone(), text.to_owned());
            self.detail(structure, None, None);
        } else if slicing.ordered && last != u32::MAX && now < last {
            let text = format!("`{}` stands too late: the slices have an order.", named(structure.rule(slice.rule)));
            self.error(node, IssueCode::Structure, rule.id.clone(), text);
            self.detail(structure, None, None);
        }
        for (at, value) in
            [(state, now.max(if last == u32::MAX { 0 } else { last })), (counts + usize::from(slice.counter), 0)]
        {
            if let Some(count) = self.counts.get_mut(at) {
                *count = if at == state { value } else { *count + 1 };
            }
        }
        // a slice may be sliced again
        let own = structure.rule(slice.rule);
        match own.slicing.as_ref().filter(|again| !again.slices.is_empty()) {
            Some(again) => self.slice_of(node, structure, own, again, counts).or(Some(slice.rule)),
            None => Some(slice.rule),
        }
    }

    /// The place of the slice; an error where some slice cannot be told from the others.
    fn which(&mut self, node: Node<'t>, slicing: &Slicing) -> Result<Option<usize>, String> {
        if let Some(table) = &slicing.by_url {
            let url = node.text(Name::URL).unwrap_or_default();
            let found = table.binary_search_by(|row| row.0.as_str().cmp(url)).ok();
            return Ok(found.and_then(|at| table.get(at)).map(|row| row.1));
        }
        let mut open = None;
        for (at, slice) in slicing.slices.iter().enumerate() {
            match &slice.tests {
                Ok(tests) => {
                    if tests.iter().all(|test| self.passes(node, test)) {
                        return Ok(Some(at));
                    }
                }
                Err(why) => open = Some(why.clone()),
            }
        }
        open.map_or(Ok(None), Err)
    }

    fn passes(&mut self, node: Node<'t>, test: &Test) -> bool {
        let path = test.path.as_slice();
        match &test.asks {
            Asks::Fixed(wanted) => self.leads(node, path, &mut |one| wanted.is(one)),
            Asks::Pattern(wanted) => self.leads(node, path, &mut |one| wanted.fits(one)),
            Asks::Below(all) => all.iter().all(|(below, wanted, exact)| {
                let mut fits = |one: Node<'t>| if *exact { wanted.is(one) } else { wanted.fits(one) };
                self.leads(node, path, &mut |one| self.leads(one, below, &mut fits))
            }),
            Asks::Types(types) => self.leads(node, path, &mut |one| types.iter().any(|kind| is_of(one, *kind))),
            Asks::Exists(wanted) => self.leads(node, path, &mut |_| true) == *wanted,
            Asks::Member(binding) => {
                let Some(set) = &binding.value_set else { return false };
                self.leads(node, path, &mut |one| self.is_member(one, set) == Some(true))
            }
            Asks::Profiles(profiles) => {
                let registry = self.registry;
                let mut nodes = Vec::new();
                self.leads(node, path, &mut |one| {
                    nodes.push(one);
                    false
                });
                let known: Vec<_> = profiles.iter().filter_map(|link| link.get(registry)).collect();
                nodes.iter().any(|one| known.iter().any(|profile| self.meets(*one, profile)))
            }
        }
    }

    /// Whether a discriminator's path leads to something that passes.
    fn leads(&self, node: Node<'t>, path: &[Step], passes: &mut dyn FnMut(Node<'t>) -> bool) -> bool {
        let Some((step, rest)) = path.split_first() else { return passes(node) };
        match step {
            Step::Child(word, name) => node
                .children()
                .filter(|child| child.name() == *name || is_choice(child.name().text(), word))
                .any(|child| self.leads(child, rest, passes)),
            Step::Extension(url) => node
                .all(Name::EXTENSION)
                .filter(|one| one.text(Name::URL) == Some(url))
                .any(|one| self.leads(one, rest, passes)),
            Step::Resolve => self.target(node).is_some_and(|target| self.leads(target, rest, passes)),
            Step::OfType(kind) => is_of(node, *kind) && self.leads(node, rest, passes),
        }
    }

    /// How many there are of each slice.
    pub(super) fn slice_counts(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, counts: usize, all: u32) {
        let Some(slicing) = &rule.slicing else { return };
        for slice in &slicing.slices {
            let own = structure.rule(slice.rule);
            let count = self.counts.get(counts + usize::from(slice.counter)).copied().unwrap_or(0);
            if (count < own.min || count > own.max) && slice.tests.is_ok() {
                self.slice_count(node, structure, rule, slice, (count, all));
            } else if count == 0 && own.must_support && self.options.must_support {
                let text = format!("`{}` must be supported by senders who hold it, and is not there.", named(own));
                self.information(node, IssueCode::Informational, own.id.clone(), text);
                self.detail(structure, None, None);
            }
            self.slice_counts(node, structure, own, counts, count);
        }
    }

    fn slice_count(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        slice: &Slice,
        (count, all): (u32, u32),
    ) {
        let own = structure.rule(slice.rule);
        let name = named(own);
        let mut text = if count < own.min {
            format!("`{name}` is required at least {} and is there {count} times.", own.min)
        } else {
            format!("`{name}` is allowed at most {} times and is there {count} times.", own.max)
        };
        if count < own.min && all > count && !self.quick {
            let name = Name::of(&rule.stem);
            let near =
                node.children().filter(|child| child.name() == name || is_choice(child.name().text(), &rule.stem));
            let nearest = near.filter_map(|child| self.miss(child, slice).map(|why| (why.len(), child.place(), why)));
            if let Some((_, place, why)) = nearest.min() {
                text = format!("{text} {}[{place}] is not one: {}.", rule.stem, why.join("; "));
            }
        }
        let code = if count < own.min { IssueCode::Required } else { IssueCode::Structure };
        self.error(node, code, own.id.clone(), text);
        let most = if own.max == u32::MAX { "*".to_owned() } else { own.max.to_string() };
        self.detail(structure, Some(format!("{}..{most}", own.min)), Some(count.to_string()));
    }

    /// Why a node is no member of a slice: each test that it does not pass.
    fn miss(&mut self, node: Node<'t>, slice: &Slice) -> Option<Vec<String>> {
        let tests = slice.tests.as_ref().ok()?;
        let missed: Vec<_> = tests.iter().filter(|test| !self.passes(node, test)).map(told).collect();
        (!missed.is_empty()).then_some(missed)
    }

    /// A node that belongs to no slice where nothing else is allowed.
    fn outside(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, slicing: &Slicing) {
        let near: Vec<_> = slicing
            .slices
            .iter()
            .filter_map(|slice| {
                let name = structure.rule(slice.rule).slice.clone().unwrap_or_default();
                self.miss(node, slice).map(|why| (why.len(), format!("not `{name}`, as {}", why.join(" and "))))
            })
            .collect();
        let mut near = near;
        near.sort();
        let why: Vec<_> = near.into_iter().take(3).map(|(_, why)| why).collect();
        let text = format!(
            "This belongs to none of the slices of `{}`, and nothing else is allowed: {}.",
            rule.stem,
            why.join("; ")
        );
        self.error(node, IssueCode::Structure, rule.id.clone(), text);
        self.detail(structure, Some(slicing.by.clone()), None);
    }

    fn unsettled(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, why: &str) {
        if self.once.insert(format!("{}#{}", structure.url, rule.id)) {
            let text = format!("Which slice of `{}` this belongs to cannot be worked out: {why}.", rule.stem);
            self.information(node, IssueCode::NotSupported, rule.id.clone(), text);
            self.detail(structure, None, None);
        }
    }
}

impl Slicing {
    fn is_settled(&self) -> bool {
        self.slices.iter().all(|slice| slice.tests.is_ok())
    }
}

/// Whether a name chooses a type of a stem: `valueString` of `value`.
pub(super) fn is_choice(name: &str, stem: &str) -> bool {
    let Some(kind) = name.strip_prefix(stem).filter(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase())) else {
        return false;
    };
    // `valueSet` chooses nothing
    let primitive = || Primitive::ALL.into_iter().any(|one| one.name().eq_ignore_ascii_case(kind));
    TypeId::named(kind) != TypeId::UNKNOWN || primitive()
}

/// Whether a node is of a type: a resource by what it says, a choice by its name.
fn is_of(node: Node<'_>, kind: Name) -> bool {
    if node.is_resource() {
        return node.resource_type() == kind;
    }
    let (name, kind) = (node.name().text(), kind.text());
    let Some(stem) = name.len().checked_sub(kind.len()).and_then(|at| name.get(at..)) else { return false };
    stem.eq_ignore_ascii_case(kind)
}

/// What a test asks, in words.
fn told(test: &Test) -> String {
    let path = if test.written == "$this" { "it".to_owned() } else { format!("its {}", test.written) };
    match &test.asks {
        Asks::Fixed(wanted) => format!("{path} is not {}", wanted.told()),
        Asks::Pattern(wanted) => format!("{path} has not {}", wanted.told()),
        Asks::Below(all) => {
            let all: Vec<_> = all.iter().map(|(_, wanted, _)| wanted.told()).collect();
            format!("{path} has not {}", all.join(" and "))
        }
        Asks::Member(binding) => {
            format!("{path} is not in {}", binding.value_set.as_ref().map_or("the value set", |set| set.url.as_str()))
        }
        Asks::Types(types) => {
            let all: Vec<_> = types.iter().map(|kind| kind.text()).collect();
            format!("{path} is no {}", all.join(" or "))
        }
        Asks::Profiles(all) => {
            let all: Vec<_> = all.iter().map(|link| link.url.as_str()).collect();
            format!("{path} does not meet {}", all.join(" or "))
        }
        Asks::Exists(true) => format!("{path} is not there"),
        Asks::Exists(false) => format!("{path} is there"),
    }
}
