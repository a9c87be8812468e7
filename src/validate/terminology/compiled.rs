//! A value set made ready: for each code system the codes it has of it, in three values. Asking allocates nothing in the
//! common case. Made by `compile`; knows neither definitions nor servers.

use std::sync::Arc;

use super::answer::{Refusal, Why};
use super::codes::{Codes, Join, Rest, Verdict};
use super::grammar::Grammars;
#[cfg(test)]
use super::system::System;

/// Codes of several systems.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    groups: Vec<(Arc<str>, Codes)>,
    /// Why nothing is known of systems that are not named; `None`: of those it has no codes.
    rest: Option<Why>,
}

impl Set {
    /// Codes of these systems, each named once.
    pub(super) fn several<'a>(groups: impl IntoIterator<Item = (&'a str, Codes)>) -> Self {
        Self { groups: groups.into_iter().map(|(system, codes)| (Arc::from(system), codes)).collect(), rest: None }
    }

    /// Of which nothing is known.
    pub(super) const fn unknown(why: Why) -> Self {
        Self { groups: Vec::new(), rest: Some(why) }
    }

    fn others(&self) -> Codes {
        Codes::of(self.rest.clone().map_or(Rest::No, Rest::Unknown))
    }

    /// Two sets made one, system by system.
    pub(super) fn join(mut self, join: Join, mut other: Self, grammars: &dyn Grammars) -> Self {
        let (mine, theirs) = (self.others(), other.others());
        for (system, codes) in &mut self.groups {
            let at = other.groups.iter().position(|(url, _)| url == system);
            // what the other says nothing of is left as it is by a union and by a difference
            if at.is_none() && other.rest.is_none() && join != Join::And {
                continue;
            }
            let with = at.map_or_else(|| theirs.clone(), |at| other.groups.swap_remove(at).1);
            let old = std::mem::replace(codes, Codes::of(Rest::No));
            *codes = old.join(join, with, grammars);
        }
        if join == Join::Or || self.rest.is_some() {
            let more = other.groups.into_iter();
            self.groups.extend(more.map(|(system, codes)| (system, mine.clone().join(join, codes, grammars))));
        }
        self.rest = match join {
            Join::Or => self.rest.or(other.rest),
            Join::And => other.rest.and(self.rest),
            Join::Without => self.rest,
        };
        self
    }

    fn group(&self, system: &str) -> Option<&Codes> {
        self.groups.iter().find(|(url, _)| **url == *system).map(|(_, codes)| codes)
    }
}

/// What a value set alone says of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Yes(Option<Arc<str>>),
    No(Refusal),
    Unknown(Why),
}

/// A value set, ready to be asked. Shared; hold it instead of looking it up again.
#[derive(Debug)]
pub struct Compiled {
    canonical: Arc<str>,
    version: Option<Arc<str>>,
    set: Set,
}

impl Compiled {
    pub(super) const fn new(canonical: Arc<str>, version: Option<Arc<str>>, set: Set) -> Self {
        Self { canonical, version, set }
    }

    /// Its canonical, as it was asked for.
    #[must_use]
    pub const fn canonical(&self) -> &Arc<str> {
        &self.canonical
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> Option<&Arc<str>> {
        self.version.as_ref()
    }

    /// The systems it has codes of, as far as is known.
    pub fn systems(&self) -> impl Iterator<Item = &Arc<str>> {
        self.set.groups.iter().map(|(system, _)| system)
    }

    /// What is not known of it; nothing where every code can be judged from the definitions at hand.
    #[must_use]
    pub fn doubts(&self) -> Vec<Why> {
        self.set.rest.iter().cloned().chain(self.set.groups.iter().filter_map(|(_, codes)| codes.doubt())).collect()
    }

    /// The first codes it has, in alphabetical order, for a message that says what would have been right. `None` where
    /// there are more than `most`, or not all are known.
    #[must_use]
    pub fn few(&self, most: usize) -> Option<Vec<Arc<str>>> {
        let mut all: Vec<Arc<str>> = Vec::new();
        if self.set.rest.is_some() {
            return None;
        }
        for (_, codes) in &self.set.groups {
            match &codes.rest {
                Rest::No => {}
                Rest::Whole(system) if system.doubt().is_none() && system.concepts.len() <= most => {
                    all.extend(system.concepts.iter().map(|concept| concept.code.clone()));
                }
                _ => return None,
            }
            all.extend(codes.named.iter().filter(|(_, one)| one.verdict == Verdict::Yes).map(|(code, _)| code.clone()));
            if all.len() > most {
                return None;
            }
        }
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    /// What it says of a code. Without a system (elements of type `code`) any of its systems will do.
    pub(super) fn say(&self, system: Option<&str>, code: &str, grammars: &dyn Grammars) -> Said {
        let Some(system) = system else { return self.say_of_any(code, grammars) };
        let Some(codes) = self.set.group(system) else {
            return self.set.rest.clone().map_or(Said::No(Refusal::System), Said::Unknown);
        };
        match codes.look(code, grammars) {
            (Verdict::Yes, display) => Said::Yes(display),
            (Verdict::No, _) => Said::No(Refusal::Code),
            (Verdict::Unknown(why), _) => Said::Unknown(why),
        }
    }

    fn say_of_any(&self, code: &str, grammars: &dyn Grammars) -> Said {
        let mut doubt = self.set.rest.clone();
        for (_, codes) in &self.set.groups {
            match codes.look(code, grammars) {
                (Verdict::Yes, display) => return Said::Yes(display),
                (Verdict::Unknown(why), _) => doubt = doubt.or(Some(why)),
                (Verdict::No, _) => {}
            }
        }
        doubt.map_or(Said::No(Refusal::Code), Said::Unknown)
    }

    /// Its own words for a code, or those of the code's system.
    pub(super) fn words(&self, system: &str, code: &str, grammars: &dyn Grammars) -> Option<Arc<str>> {
        self.set.group(system)?.look(code, grammars).1
    }

    /// The systems of which it has every code, as they are in memory.
    #[cfg(test)]
    pub(super) fn shared(&self) -> impl Iterator<Item = &Arc<System>> {
        self.set.groups.iter().filter_map(|(_, codes)| match &codes.rest {
            Rest::Whole(system) => Some(system),
            _ => None,
        })
    }
}
