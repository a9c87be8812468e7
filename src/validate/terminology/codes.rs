//! Sets of codes of one system in three values: in, out, or not known. Union, intersection and difference keep what is
//! certain certain. A whole system is held as a reference to it, not as a copy. Knows no value set.

use std::collections::HashSet;
use std::sync::Arc;

use super::answer::Why;
use super::grammar::{Grammar, Grammars};
use super::system::System;
use crate::validate::table::Table;

/// Whether something is in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Unknown(Why),
}

impl Verdict {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::No, Self::No) => Self::No,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// What two sets say together.
    pub(super) fn join(self, join: Join, other: Self) -> Self {
        match join {
            Join::Or => self.or(other),
            Join::And => self.and(other),
            Join::Without => self.and(other.not()),
        }
    }
}

/// How two sets become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    Or,
    And,
    Without,
}

/// What is said of one code.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) verdict: Verdict,
    /// The words of the value set for it, or else of the system.
    pub(super) display: Option<Arc<str>>,
    /// Named letter by letter in a value set, so that its case matters even where the system's does not.
    pub(super) exact: bool,
}

/// What is said of all codes that are not named.
#[derive(Debug, Clone)]
pub(super) enum Rest {
    No,
    Unknown(Why),
    Whole(Arc<System>),
    Grammar(Grammar),
}

/// A set of codes of one system.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    pub(super) named: Table<Arc<str>, Entry>,
    pub(super) rest: Rest,
    /// The system, where codes may come in other case than it writes them.
    pub(super) folds: Option<Arc<System>>,
}

impl Codes {
    /// Nothing but what a rest says.
    pub(super) fn of(rest: Rest) -> Self {
        Self { named: Table::default(), rest, folds: None }
    }

    /// All codes of a system at hand.
    pub(super) fn whole(system: &Arc<System>) -> Self {
        Self::of(Rest::Whole(system.clone()))
    }

    /// Some concepts of a system at hand, by place; `doubt` is said of codes it does not have.
    pub(super) fn some(system: &Arc<System>, chosen: &[bool], doubt: Option<Why>) -> Self {
        let concepts = system.concepts.iter().zip(chosen).filter(|(_, chosen)| **chosen);
        let entry =
            |display: &Option<Arc<str>>| Entry { verdict: Verdict::Yes, display: display.clone(), exact: false };
        let mut named: Table<_, _> = concepts.map(|(one, _)| (one.code.clone(), entry(&one.display))).collect();
        if doubt.is_some() {
            // what is at hand and not chosen is out for certain; only what is not at hand is in doubt
            let out = Entry { verdict: Verdict::No, display: None, exact: false };
            let others = system.concepts.iter().zip(chosen).filter(|(_, chosen)| !**chosen);
            named.extend(others.map(|(one, _)| (one.code.clone(), out.clone())));
        }
        Self {
            named,
            rest: doubt.map_or(Rest::No, Rest::Unknown),
            folds: (!system.minds_case()).then(|| system.clone()),
        }
    }

    /// Whether a code is in it, and its words. No allocation where the code is written as the system writes it.
    pub(super) fn look(&self, code: &str, grammars: &dyn Grammars) -> (Verdict, Option<Arc<str>>) {
        if let Some(entry) = self.entry(code) {
            return (entry.verdict.clone(), entry.display.clone());
        }
        let verdict = match &self.rest {
            Rest::No => Verdict::No,
            Rest::Unknown(why) => Verdict::Unknown(why.clone()),
            Rest::Grammar(grammar) => match grammar.accepts(code, grammars) {
                Ok(true) => Verdict::Yes,
                Ok(false) => Verdict::No,
                Err(why) => Verdict::Unknown(why),
            },
            Rest::Whole(system) => match (system.find(code), system.doubt()) {
                (Some(concept), _) => return (Verdict::Yes, concept.display.clone()),
                (None, None) => Verdict::No,
                (None, Some(why)) => Verdict::Unknown(why),
            },
        };
        (verdict, None)
    }

    fn entry(&self, code: &str) -> Option<&Entry> {
        let exact = self.named.get(code);
        exact.or_else(|| {
            let concept = self.folds.as_ref()?.find(code)?;
            self.named.get(&concept.code).filter(|entry| !entry.exact)
        })
    }

    /// Whether there is a code of which it can say nothing.
    pub(super) fn doubt(&self) -> Option<Why> {
        let rest = match &self.rest {
            Rest::Unknown(why) => Some(why.clone()),
            Rest::Whole(system) => system.doubt(),
            Rest::No | Rest::Grammar(_) => None,
        };
        rest.or_else(|| {
            self.named.values().find_map(|entry| match &entry.verdict {
                Verdict::Unknown(why) => Some(why.clone()),
                _ => None,
            })
        })
    }

    /// Two sets made one.
    pub(super) fn join(self, join: Join, other: Self, grammars: &dyn Grammars) -> Self {
        match (join, self.is_empty(), other.is_empty()) {
            (Join::Or | Join::Without, _, true) | (Join::And, true, _) => return self,
            (Join::Or, true, _) | (Join::And, _, true) => return other,
            _ => {}
        }
        let alike = match (&self.rest, &other.rest) {
            (Rest::Whole(a), Rest::Whole(b)) => Arc::ptr_eq(a, b),
            (Rest::Grammar(a), Rest::Grammar(b)) => a == b,
            _ => false,
        };
        if alike {
            return self.combine(join, other, grammars);
        }
        let other = other.spread();
        if join != Join::And && matches!(other.rest, Rest::No) {
            return self.amend(join, other, grammars);
        }
        self.spread().combine(join, other, grammars)
    }

    /// Adds or takes away codes that are named one by one; costs what they are, however large the set itself.
    fn amend(mut self, join: Join, other: Self, grammars: &dyn Grammars) -> Self {
        for (code, theirs) in other.named {
            let (verdict, words) = self.look(&code, grammars);
            let mine = self.named.get(&code);
            let exact = exact(join, mine, Some(&theirs));
            let entry = Entry { verdict: verdict.join(join, theirs.verdict), display: words.or(theirs.display), exact };
            self.named.insert(code, entry);
        }
        if self.folds.is_none() {
            self.folds = match &self.rest {
                Rest::Whole(system) if !system.minds_case() => Some(system.clone()),
                _ => other.folds,
            };
        }
        self
    }

    fn combine(self, join: Join, other: Self, grammars: &dyn Grammars) -> Self {
        let codes: HashSet<&Arc<str>> = self.named.keys().chain(other.named.keys()).collect();
        let named = codes.into_iter().map(|code| {
            let ((a, words), (b, others)) = (self.look(code, grammars), other.look(code, grammars));
            let exact = exact(join, self.named.get(code), other.named.get(code));
            (code.clone(), Entry { verdict: a.join(join, b), display: words.or(others), exact })
        });
        let named = named.collect();
        Self { named, rest: rest(&self.rest, join, &other.rest), folds: self.folds.or(other.folds) }
    }

    fn is_empty(&self) -> bool {
        self.named.is_empty() && matches!(self.rest, Rest::No)
    }

    /// The same set with a whole system written out.
    fn spread(self) -> Self {
        let Rest::Whole(system) = &self.rest else { return self };
        let mut out = Self::some(system, &vec![true; system.concepts.len()], system.doubt());
        out.named.extend(self.named);
        out
    }
}

/// Whether the case of a code matters after two sets became one: in a union one that does not mind is enough.
fn exact(join: Join, one: Option<&Entry>, two: Option<&Entry>) -> bool {
    let mut said = one.into_iter().chain(two).map(|entry| entry.exact);
    if join == Join::Or { said.all(|exact| exact) } else { said.any(|exact| exact) }
}

/// What is said of codes that neither set names. Where a grammar meets doubt, doubt is all that can be kept.
fn rest(one: &Rest, join: Join, two: &Rest) -> Rest {
    match (one, join, two) {
        (Rest::No, Join::Or, other) | (other, Join::Or | Join::Without, Rest::No) => other.clone(),
        (Rest::No, ..) | (_, Join::And, Rest::No) => Rest::No,
        (Rest::Unknown(why), ..) | (_, _, Rest::Unknown(why)) => Rest::Unknown(why.clone()),
        (same, Join::Or | Join::And, _) => same.clone(),
        (_, Join::Without, _) => Rest::No,
    }
}
