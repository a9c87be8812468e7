//! A snapshot as a tree of its own making: which element is below which, which slices which. Read from the published facts,
//! not from what the walker compiles of them, so that a fault of the compiler does not hide itself.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cmht_gateway::definitions::facts::{Element, Profile};

/// Elements of a snapshot by number; the root is 0.
pub(super) struct Outline {
    profile: Arc<Profile>,
    rows: Vec<Row>,
    /// Elements that tell a slice from the others, which must be there for it to be one.
    pub(super) forced: HashSet<usize>,
}

#[derive(Default)]
struct Row {
    parent: Option<usize>,
    children: Vec<usize>,
    slices: Vec<usize>,
    /// The element that this is a slice of.
    sliced: Option<usize>,
}

impl Outline {
    #[allow(clippy::needless_pass_by_value, reason = "kept with what is made of it")]
    pub(super) fn of(profile: Arc<Profile>) -> Self {
        let ids: HashMap<&str, usize> = profile.snapshot.iter().enumerate().map(|(at, one)| (&*one.id, at)).collect();
        let mut rows: Vec<Row> = profile.snapshot.iter().map(|_| Row::default()).collect();
        for (at, element) in profile.snapshot.iter().enumerate().skip(1) {
            let (above, last) = element.id.rsplit_once('.').unwrap();
            let parent = ids[above];
            rows[at].parent = Some(parent);
            match last.split_once(':') {
                None => rows[parent].children.push(at),
                Some((base, _)) => {
                    let sliced = ids[&*format!("{above}.{base}")];
                    rows[at].sliced = Some(sliced);
                    rows[sliced].slices.push(at);
                }
            }
        }
        let mut outline = Self { profile: profile.clone(), rows, forced: HashSet::new() };
        outline.force();
        outline
    }

    fn force(&mut self) {
        let mut forced = HashSet::new();
        for at in 0..self.rows.len() {
            let paths = self.element(at).slicing.iter().flat_map(|slicing| &slicing.discriminators);
            for path in paths.map(|one| one.path.clone()).filter(|path| path != "$this" && path != "url") {
                for slice in &self.rows[at].slices {
                    let mut inner = *slice;
                    for name in path.split('.') {
                        let Some(next) = self.children(inner).iter().find(|child| stem(self.element(**child)) == name)
                        else {
                            break;
                        };
                        forced.insert(*next);
                        inner = *next;
                    }
                }
            }
        }
        self.forced = forced;
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn element(&self, at: usize) -> &Element {
        &self.profile.snapshot[at]
    }

    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.rows[at].parent
    }

    /// Elements below, slices left out; of a slice that says nothing of them those of what it slices.
    pub(super) fn children(&self, at: usize) -> &[usize] {
        match (&*self.rows[at].children, self.rows[at].sliced) {
            ([], Some(sliced)) => &self.rows[sliced].children,
            (own, _) => own,
        }
    }

    pub(super) fn slices(&self, at: usize) -> &[usize] {
        &self.rows[at].slices
    }

    pub(super) fn sliced(&self, at: usize) -> Option<usize> {
        self.rows[at].sliced
    }

    /// The element whose path this is, slices left out: where a content reference leads.
    pub(super) fn at_path(&self, path: &str) -> Option<usize> {
        (0..self.len()).find(|at| self.element(*at).path == path)
    }

    /// Whether any slice of an element is told by this element below it.
    pub(super) fn tells(&self, at: usize) -> bool {
        self.forced.contains(&at)
    }

    /// Whether it may not be there because something around it may not.
    pub(super) fn is_barred(&self, at: usize) -> bool {
        let mut next = self.parent(at);
        while let Some(one) = next {
            let sliced = self.sliced(one).map(|sliced| self.element(sliced));
            if most(self.element(one)) == Some(0) || sliced.is_some_and(|one| most(one) == Some(0)) {
                return true;
            }
            next = self.parent(one);
        }
        self.sliced(at).is_some_and(|sliced| most(self.element(sliced)) == Some(0))
    }

    /// Whether it is an extension of an extension that must have a value, and so cannot have it (ext-1), whatever its
    /// definition leaves open.
    pub(super) fn is_contradicted(&self, at: usize) -> bool {
        let above = self
            .parent(at)
            .filter(|above| self.element(*above).types.first().is_some_and(|one| one.code == "Extension"));
        let of_value = |one: &usize| stem(self.element(*one)) == "value" && least(self.element(*one)) > 0;
        stem(self.element(at)) == "extension" && above.is_some_and(|above| self.children(above).iter().any(of_value))
    }

    /// The innermost slice that an element is or stands in.
    pub(super) fn slice_around(&self, at: usize) -> Option<usize> {
        let mut next = Some(at);
        while let Some(one) = next {
            if self.sliced(one).is_some() {
                return Some(one);
            }
            next = self.parent(one);
        }
        None
    }
}

/// The name of an element without its path: `value` of `Observation.value[x]`.
pub(super) fn stem(element: &Element) -> &str {
    element.path.rsplit('.').next().unwrap_or_default().trim_end_matches("[x]")
}

/// Whether JSON has it as an array: it may repeat where it was first defined.
pub(super) fn is_list(element: &Element) -> bool {
    element.base.as_ref().is_some_and(|base| base.max != "1" && base.max != "0")
}

/// How often it may stand there; `None` without limit.
pub(super) fn most(element: &Element) -> Option<usize> {
    element.max.as_deref().and_then(|max| max.parse().ok())
}

pub(super) fn least(element: &Element) -> usize {
    element.min.unwrap_or(0) as usize
}
