//! One provision of a Consent, its conditions already weighed against recipient, purpose and document, and what the tree
//! under it says of a category. Deny wins among siblings; a nested provision is an exception to the one it stands in.
//! Knows no FHIR.
//!
//! Whoever lets information about themself go lets it be known whose it is: a permission limited to kinds of information
//! covers who the person is too, for the same recipient, purpose and period, unless a denial names that (a decision of
//! ours; no source speaks of it). How to reach them it does not cover.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::period::InPeriod;
use super::{Effect, Holds, Wish};
use crate::model::DataCategory;

/// A provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// `None` for a provision that only holds others.
    pub effect: Option<Effect>,
    /// Every condition but the period and what is covered.
    pub holds: Holds,
    /// How surely an actor names the recipient; `No` without actors.
    pub named: Holds,
    /// It is named by what it is called, and not as one of its kind.
    pub by_identity: bool,
    pub period: InPeriod,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// What it covers, each of them narrowing the others; none: everything.
    pub covers: Vec<Cover>,
    pub exceptions: Vec<Node>,
}

/// A list of categories by which a provision is narrowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cover {
    pub categories: BTreeSet<DataCategory>,
    /// More is meant than could be read as a category: an objection then covers everything.
    pub more: bool,
    /// Only some of each category is meant: a permission then covers nothing surely.
    pub partly: bool,
}

impl Cover {
    fn holds(&self, category: DataCategory, effect: Option<Effect>) -> Holds {
        match (self.categories.contains(&category), self.more) {
            (true, _) if self.partly && effect != Some(Effect::Deny) => Holds::Perhaps,
            (true, _) => Holds::Surely,
            (false, true) => Holds::Perhaps,
            (false, false) => Holds::No,
        }
    }
}

/// By which light a tree is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    /// As of now: what holds only perhaps objects, and does not permit.
    Now,
    /// As of now, and only what surely holds, of objections too.
    Sure,
    /// What was permitted and began, whether or not it has ended since; what holds only perhaps counts.
    Given,
    /// The same, as far as it surely holds.
    SurelyGiven,
}

impl Light {
    const fn is_given(self) -> bool {
        matches!(self, Self::Given | Self::SurelyGiven)
    }

    const fn is_sure(self) -> bool {
        matches!(self, Self::Sure | Self::SurelyGiven)
    }
}

/// Who the person is.
pub(super) const WHOSE: DataCategory = DataCategory::Demographics;

/// Conditions gathered on the way down from the root.
#[derive(Clone, Copy)]
struct Path {
    light: Light,
    holds: Holds,
    named: Holds,
    /// Limited to kinds of information.
    classed: bool,
}

impl From<Light> for Path {
    fn from(light: Light) -> Self {
        Self { light, holds: Holds::Surely, named: Holds::No, classed: false }
    }
}

impl Node {
    /// A root that says nothing.
    pub(super) const fn empty() -> Self {
        Self {
            effect: None,
            holds: Holds::Surely,
            named: Holds::No,
            by_identity: false,
            period: InPeriod::Yes,
            start: None,
            end: None,
            covers: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// What the tree under this provision says about a category, and who the person is along with any other.
    pub(super) fn wish(&self, category: DataCategory, light: Light) -> Wish {
        let said = self.said(category, light);
        if category != WHOSE || matches!(said, Wish::Permitted { .. }) {
            return said;
        }
        let others = DataCategory::ALL.iter().filter(|other| **other != WHOSE).map(|other| self.said(*other, light));
        // Of each on its own, for an objection to one is none to another.
        let best = others.fold(Wish::Silent, |best, other| match (best, other) {
            (Wish::Permitted { .. }, _) | (_, Wish::Permitted { .. }) => Wish::Permitted { category_named: true },
            (Wish::General, _) | (_, Wish::General) => Wish::General,
            _ => Wish::Silent,
        });
        if best == Wish::Silent || self.denies_whose(Path::from(light)) { said } else { best }
    }

    /// What the tree under this provision itself says about a category.
    pub(super) fn said(&self, category: DataCategory, light: Light) -> Wish {
        self.weigh(category, Path::from(light))
    }

    /// Whether a denial that counts names who the person is among the kinds it is limited to. In a permission it may name
    /// what that does not.
    fn denies_whose(&self, above: Path) -> bool {
        let limits = self.effect != Some(Effect::Permit);
        let covered = if limits { self.covered(WHOSE) } else { Holds::Surely };
        let mut path = self.path(above, covered);
        path.classed = above.classed || (limits && !self.covers.is_empty());
        let counts = path.holds == Holds::Surely || (path.holds == Holds::Perhaps && !path.light.is_sure());
        let here = self.effect == Some(Effect::Deny) && path.classed;
        counts && (here || self.exceptions.iter().any(|inner| inner.denies_whose(path)))
    }

    /// How surely this provision covers a category.
    fn covered(&self, category: DataCategory) -> Holds {
        self.covers.iter().map(|cover| cover.holds(category, self.effect)).min().unwrap_or(Holds::Surely)
    }

    /// The conditions up to and with this provision, for a category that it covers so surely.
    fn path(&self, above: Path, covered: Holds) -> Path {
        let given = above.light.is_given();
        let period = match self.period {
            InPeriod::Yes => Holds::Surely,
            InPeriod::After if given && self.effect != Some(Effect::Deny) => Holds::Surely,
            InPeriod::Unreadable => Holds::Perhaps,
            InPeriod::Before | InPeriod::After => Holds::No,
        };
        Path {
            light: above.light,
            holds: above.holds.min(self.holds).min(period).min(covered),
            named: above.named.max(self.named),
            classed: above.classed || !self.covers.is_empty(),
        }
    }

    fn weigh(&self, category: DataCategory, above: Path) -> Wish {
        let path = self.path(above, self.covered(category));
        let given = path.light.is_given();
        let sure = path.holds == Holds::Surely;
        if path.holds == Holds::No || (path.light.is_sure() && !sure) {
            return Wish::Silent;
        }
        let answer = self.exceptions.iter().fold(Wish::Silent, |answer, one| answer.with(one.weigh(category, path)));
        let permits = sure || path.light == Light::Given;
        let named = path.named == Holds::Surely || (path.light == Light::Given && path.named == Holds::Perhaps);
        match (answer, self.effect) {
            (Wish::Silent, Some(Effect::Deny)) if sure || !given => Wish::Objected,
            (Wish::Silent, Some(Effect::Permit)) if permits && named => {
                Wish::Permitted { category_named: path.classed }
            }
            (Wish::Silent, Some(Effect::Permit)) if permits => Wish::General,
            (answer, _) => answer,
        }
    }

    /// The first moment at which something that is permitted here ends.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.first(&|node| (node.effect != Some(Effect::Deny) && node.period == InPeriod::Yes).then_some(node.end)?)
    }

    /// The first moment at which an objection begins that is not in force yet.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.first(&|node| {
            (node.effect == Some(Effect::Deny) && node.period == InPeriod::Before).then_some(node.start)?
        })
    }

    fn first(&self, of: &dyn Fn(&Self) -> Option<Timestamp>) -> Option<Timestamp> {
        if self.holds == Holds::No {
            return None;
        }
        of(self).into_iter().chain(self.exceptions.iter().filter_map(|inner| inner.first(of))).min()
    }

    /// Whether something here permits, as of now, a recipient that it names by what it is called.
    pub(super) fn names_recipient(&self) -> bool {
        self.names(false)
    }

    fn names(&self, above: bool) -> bool {
        let named = above || (self.by_identity && self.named == Holds::Surely);
        let holds = self.holds == Holds::Surely && self.period == InPeriod::Yes;
        let here = named && self.effect == Some(Effect::Permit);
        holds && (here || self.exceptions.iter().any(|inner| inner.names(named)))
    }
}
