//! Value sets as published to value sets made ready (<https://hl7.org/fhir/R4/valueset.html#compositions>). Follows what
//! a value set is composed of; refuses those that contain themselves. Judges no instance.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Terminology;
use super::answer::Why;
use super::codes::{Codes, Entry, Join, Rest, Verdict};
use super::compiled::Set;
use super::filter::choose;
use super::grammar::{Grammar, MEDIA_TYPES};
use super::system::System;
use crate::definitions::ValueSet;
use crate::definitions::facts::{Include, Listed};
use crate::validate::table::Table;

/// Value sets followed for one, at most, and how deep.
const MOST: usize = 2_000;
const DEEPEST: usize = 40;

/// Concepts looked at for a value set that somebody sent, at most. (The largest of HL7's needs a tenth.)
const MOST_FOR_SENDERS: usize = 1_000_000;

/// R4 takes these three for media types everywhere, though they are none (its own `mimetypes` says so in prose).
const SHORT_MEDIA_TYPES: [&str; 3] = ["xml", "json", "ttl"];

/// Makes a value set ready.
pub(super) fn compile(terminology: &Terminology, facts: &ValueSet) -> Set {
    Work { terminology, path: Vec::new(), left: MOST, looks: None }.set(facts)
}

/// Makes a value set ready that somebody sent: with bounded work, and noting nothing.
pub(super) fn compile_sent(terminology: &Terminology, facts: &ValueSet) -> Set {
    Work { terminology, path: Vec::new(), left: MOST, looks: Some(MOST_FOR_SENDERS) }.set(facts)
}

struct Work<'t> {
    terminology: &'t Terminology,
    /// URLs of the value sets that are being followed.
    path: Vec<String>,
    left: usize,
    /// Concepts that may still be looked at; `None`: the value set is one of ours.
    looks: Option<usize>,
}

impl Work<'_> {
    fn join(&self, one: Set, join: Join, two: Set) -> Set {
        one.join(join, two, self.terminology.grammars())
    }

    fn set(&mut self, facts: &ValueSet) -> Set {
        self.path.push(facts.url.clone());
        let mut all = Set::default();
        if let Some(compose) = &facts.compose {
            // R4 contradicts itself on several value sets in one include; HL7 read its own of 2019 as a union, and later
            // ones as an intersection, as the reference validator does
            let unites = facts.version.as_deref() == Some("4.0.1") && facts.url.starts_with("http://hl7.org/fhir/");
            let imports = if unites { Join::Or } else { Join::And };
            let active_only = compose.inactive == Some(false);
            let included = compose.include.iter().map(|one| (one, Join::Or, active_only));
            let excluded = compose.exclude.iter().map(|one| (one, Join::Without, false));
            for (part, join, active_only) in included.chain(excluded) {
                if self.looks == Some(0) {
                    all = self.join(all, join, Set::unknown(Why::TooMuch(Arc::from(facts.url.as_str()))));
                    break;
                }
                let part = self.part(part, imports, active_only);
                all = self.join(all, join, part);
            }
        } else {
            let mut by_system: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
            for listed in &facts.expansion {
                by_system.entry(listed.system.as_deref().unwrap_or_default()).or_default().push(listed);
            }
            all = Set::several(by_system.into_iter().map(|(system, codes)| (system, list(codes, |_| None))));
        }
        if facts.url == "http://hl7.org/fhir/ValueSet/mimetypes" {
            let short = SHORT_MEDIA_TYPES.map(|code| Listed { code: code.to_owned(), ..Listed::default() });
            all = self.join(all, Join::Or, Set::several([(MEDIA_TYPES, list(&short, |_| None))]));
        }
        self.path.pop();
        all
    }

    /// Whether that many concepts may still be looked at.
    fn may_look(&mut self, concepts: usize) -> bool {
        let Some(looks) = &mut self.looks else { return true };
        *looks = looks.saturating_sub(concepts);
        *looks > 0
    }

    /// What an include or exclude means: codes that are in its system's part and in its value sets.
    fn part(&mut self, include: &Include, imports: Join, active_only: bool) -> Set {
        let mut sets: Option<Set> = None;
        for canonical in &include.value_sets {
            let one = self.import(canonical);
            sets = Some(match sets.take() {
                Some(sets) => self.join(sets, imports, one),
                None => one,
            });
        }
        // an include costs something even where it names nothing: it is joined with all that came before
        if !self.may_look(1_000 + include.concepts.len()) {
            let url = self.path.first().map_or("", String::as_str);
            return Set::unknown(Why::TooMuch(Arc::from(url)));
        }
        let codes =
            include.system.as_deref().map(|system| Set::several([(system, self.codes(system, include, active_only))]));
        match (codes, sets) {
            (Some(codes), Some(sets)) => self.join(codes, Join::And, sets),
            (one, other) => one.or(other).unwrap_or_default(),
        }
    }

    fn import(&mut self, canonical: &str) -> Set {
        let url: Arc<str> = Arc::from(canonical);
        let Some(facts) = self.terminology.published(canonical) else { return Set::unknown(Why::ValueSet(url)) };
        if self.path.contains(&facts.url) {
            return Set::unknown(Why::Cycle(url));
        }
        if self.left == 0 || self.path.len() >= DEEPEST {
            return Set::unknown(Why::TooMuch(url));
        }
        self.left -= 1;
        self.set(&facts)
    }

    /// The codes of its system that an include names.
    fn codes(&mut self, url: &str, include: &Include, active_only: bool) -> Codes {
        if let Some(grammar) = Grammar::of(url) {
            return match include.filters.first() {
                _ if !include.concepts.is_empty() => list(&include.concepts, |_| None),
                Some(filter) => Codes::of(Rest::Unknown(Why::Filter {
                    system: Arc::from(url),
                    property: Arc::from(filter.property.as_str()),
                    op: Arc::from(filter.op.as_str()),
                })),
                None => Codes::of(Rest::Grammar(grammar)),
            };
        }
        let at_hand = self.terminology.at_hand(url, include.version.as_deref());
        let (system, drift) = match at_hand {
            Ok((system, drift)) if system.usable() => (system, drift),
            // what is listed is in, whether or not its system is at hand
            _ if !include.concepts.is_empty() => return list(&include.concepts, |_| None),
            Ok((system, _)) => return Codes::of(system.doubt().map_or(Rest::No, Rest::Unknown)),
            Err(why) => {
                if self.looks.is_none() {
                    self.terminology.note_absent(url);
                }
                return Codes::of(Rest::Unknown(why));
            }
        };
        if !self.may_look(system.concepts.len() * (1 + include.filters.len())) {
            return Codes::of(Rest::Unknown(Why::TooMuch(Arc::from(url))));
        }
        let doubt = system.doubt().or(drift);
        let mut chosen = match choose(&system, &include.filters) {
            Ok(chosen) => chosen,
            Err(why) => return Codes::of(Rest::Unknown(why)),
        };
        if active_only {
            let active = system.concepts.iter().map(|concept| !concept.state.inactive);
            chosen.iter_mut().zip(active).for_each(|(chosen, active)| *chosen &= active);
        }
        if !include.concepts.is_empty() {
            return listed(&system, include, &chosen, doubt.is_some());
        }
        if doubt == system.doubt() && chosen.iter().all(|chosen| *chosen) {
            return Codes::whole(&system);
        }
        Codes::some(&system, &chosen, doubt)
    }
}

/// The codes an include lists of a system at hand. One that a complete system does not have is none, as in the reference
/// validator; where the system may have more than is at hand, the list is believed.
fn listed(system: &Arc<System>, include: &Include, chosen: &[bool], doubt: bool) -> Codes {
    let stands = |one: &&Listed| match system.find(&one.code) {
        Some(concept) => {
            *concept.code == *one.code && system.place(&one.code).and_then(|at| chosen.get(at)) == Some(&true)
        }
        None => doubt && include.filters.is_empty(),
    };
    list(include.concepts.iter().filter(stands), |code| system.find(code)?.display.clone())
}

/// Codes named one by one.
fn list<'a>(concepts: impl IntoIterator<Item = &'a Listed>, display: impl Fn(&str) -> Option<Arc<str>>) -> Codes {
    let entry = |one: &Listed| {
        let display = one.display.as_deref().map(Arc::from).or_else(|| display(&one.code));
        (Arc::from(one.code.as_str()), Entry { verdict: Verdict::Yes, display, exact: true })
    };
    let named: Table<_, _> = concepts.into_iter().map(entry).collect();
    Codes { named, ..Codes::of(Rest::No) }
}
