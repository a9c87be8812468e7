//! Codes and value sets: is a code in a value set, does its system have it, are these its words. Answers from the
//! definitions at hand, and asks a terminology server only where those do not say. Knows no tree and no JSON; how grave
//! an answer is, is for the validator to say.
//!
//! What has been made ready is kept, by the definitions that exist: whoever sends a message may name what they like, and
//! this does not grow with it. Answers of a server are kept behind [`Remote`], where there is a clock to forget them by.
//!
//! - [`answer`]: what is answered, and why something cannot be;
//! - [`compiled`]: a value set ready to be asked; `compile`, `filter`, `codes`: how it is made;
//! - [`system`]: a code system ready to be asked; `at_hand`: where it comes from; `iso`, `grammar`: those that no package carries;
//! - [`remote`]: the seam to a server.

pub mod answer;
mod at_hand;
mod codes;
mod compile;
pub mod compiled;
mod display;
mod filter;
pub mod grammar;
mod iso;
pub mod remote;
pub mod system;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

pub use answer::{Answer, Code, DisplayVerdict, Known, Refusal, Server, State, Subsumption, Why};
pub use compiled::Compiled;
pub use grammar::{Grammars, NoGrammars};
pub use remote::{Question, Remote, RemoteAnswer};

use crate::definitions::{Definitions, ValueSet, embedded};
use at_hand::{Kept, Source, keep, kept, known_absent};
use compiled::Said;
use display::{Likeness, likeness};
use grammar::Grammar;
use system::System;

/// Codes and value sets, shared by all threads.
pub struct Terminology {
    source: Source,
    grammars: Box<dyn Grammars>,
    remote: Option<Arc<dyn Remote>>,
    systems: Kept<System>,
    sets: Kept<Compiled>,
    /// Systems that are not at hand, of those that value sets name: bounded by the definitions.
    absent: RwLock<HashSet<Arc<str>>>,
}

impl std::fmt::Debug for Terminology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let server = self.remote.is_some();
        f.debug_struct("Terminology").field("grammars", &self.grammars).field("server", &server).finish_non_exhaustive()
    }
}

impl Terminology {
    /// Over the definitions the binary carries, without grammars and without a server.
    #[must_use]
    pub fn embedded() -> Self {
        Self::of(Source::Embedded(embedded()))
    }

    /// Over a library, without grammars and without a server.
    #[must_use]
    pub fn over(library: Arc<dyn Definitions + Send + Sync>) -> Self {
        Self::of(Source::Shared(library))
    }

    fn of(source: Source) -> Self {
        Self {
            absent: RwLock::new(known_absent(&source)),
            source,
            grammars: Box::new(NoGrammars),
            remote: None,
            systems: Kept::default(),
            sets: Kept::default(),
        }
    }

    /// With those who know the grammars of languages, media types and units.
    #[must_use]
    pub fn with_grammars(mut self, grammars: Box<dyn Grammars>) -> Self {
        self.grammars = grammars;
        self.sets = Kept::default();
        self
    }

    /// With a terminology server.
    #[must_use]
    pub fn with_remote(mut self, remote: Arc<dyn Remote>) -> Self {
        self.remote = Some(remote);
        self
    }

    fn grammars(&self) -> &dyn Grammars {
        self.grammars.as_ref()
    }

    /// A value set made ready, to hold and ask. `None`: it is not at hand, or not in the version that is asked for.
    #[must_use]
    pub fn value_set(&self, canonical: &str) -> Option<Arc<Compiled>> {
        if let Some(known) = kept(&self.sets, canonical) {
            return Some(known);
        }
        let facts = self.published(canonical)?;
        let set = compile::compile(self, &facts);
        let version = facts.version.as_deref().map(Arc::from);
        Some(keep(&self.sets, canonical, Compiled::new(Arc::from(canonical), version, set)))
    }

    /// A value set that came with a message (`contained`), made ready for the time of its validation. Work is bounded, and
    /// nothing of it is kept here. No server is asked for it by name that could know it: it is known to nobody else.
    #[must_use]
    pub fn sent(&self, facts: &ValueSet) -> Compiled {
        let version = facts.version.as_deref().map(Arc::from);
        Compiled::new(Arc::from(facts.url.as_str()), version, compile::compile_sent(self, facts))
    }

    /// Whether a code is in a value set. Without a system (an element of type `code`) any of the value set's will do.
    #[must_use]
    pub fn member(&self, value_set: &str, system: Option<&str>, code: &str) -> Answer {
        if let Some(set) = self.value_set(value_set) {
            return self.member_of(&set, system, code);
        }
        self.ask(value_set, system, code, Why::ValueSet(Arc::from(value_set)))
    }

    /// The same of a value set that is held.
    #[must_use]
    pub fn member_of(&self, value_set: &Compiled, system: Option<&str>, code: &str) -> Answer {
        match value_set.say(system, code, self.grammars()) {
            Said::Yes(display) => Answer::Yes { display },
            Said::No(why) => Answer::No { why },
            Said::Unknown(why) => self.ask(value_set.canonical(), system, code, why),
        }
    }

    fn ask(&self, value_set: &str, system: Option<&str>, code: &str, why: Why) -> Answer {
        let question = Question { system, code, value_set: Some(value_set), ..Question::default() };
        match self.remotely(&question) {
            Ok(answer) if answer.result => Answer::Yes { display: answer.display.map(Arc::from) },
            Ok(_) => Answer::No { why: Refusal::Server },
            Err(server) => Answer::Unknown { why, server },
        }
    }

    fn remotely(&self, question: &Question<'_>) -> Result<RemoteAnswer, Server> {
        let remote = self.remote.as_ref().ok_or(Server::Absent)?;
        remote.validate_code(question).ok_or(Server::Silent)
    }

    /// Whether a system has a code. A version means that version, or one of the same major and minor number.
    #[must_use]
    pub fn code(&self, system: &str, version: Option<&str>, code: &str) -> Code {
        let why = match self.locally(system, version, code) {
            Ok(said) => return said,
            Err(why @ (Why::Supplement(_) | Why::SystemIsValueSet(_))) => {
                // a mistake in the name of the system, which no server mends
                return Code::Unknown { why, server: Server::Absent };
            }
            Err(why) => why,
        };
        let question = Question { system: Some(system), version, code, ..Question::default() };
        match self.remotely(&question) {
            Ok(answer) if answer.result => Code::Known(Known {
                code: Arc::from(code),
                display: answer.display.map(Arc::from),
                state: State { inactive: answer.inactive, ..State::default() },
                other_case: false,
            }),
            Ok(_) => Code::Missing { version: version.map(Arc::from) },
            Err(server) => Code::Unknown { why, server },
        }
    }

    /// What the definitions at hand say of a code; why they cannot say it.
    fn locally(&self, url: &str, version: Option<&str>, code: &str) -> Result<Code, Why> {
        let plain = || Code::Known(Known { code: Arc::from(code), ..Known::default() });
        if let Some(grammar) = Grammar::of(url) {
            let fits = grammar.accepts(code, self.grammars())?;
            return Ok(if fits { plain() } else { Code::Missing { version: None } });
        }
        let system = self.as_asked(url, version)?;
        if let Some(known) = system.known(code) {
            return Ok(Code::Known(known));
        }
        if let Some(country) = country_of(url, code)
            && matches!(self.locally(iso::COUNTRIES, None, country), Ok(Code::Known(_)))
        {
            return Ok(plain());
        }
        match system.doubt() {
            None => Ok(Code::Missing { version: system.version.clone() }),
            Some(why) => Err(why),
        }
    }

    /// Whether words given for a code are its words: its display, or what it is called otherwise or in another language.
    /// `value_set`: the one it is bound to, whose words are as good.
    #[must_use]
    pub fn display(
        &self,
        system: &str,
        version: Option<&str>,
        code: &str,
        value_set: Option<&Compiled>,
        given: &str,
    ) -> DisplayVerdict {
        let mut expected: Vec<Arc<str>> = Vec::new();
        let local = self.locally(system, version, code);
        if let Ok(Code::Known(known)) = &local {
            expected.extend(known.display.clone());
        }
        let own = value_set.and_then(|set| set.words(system, code, self.grammars()));
        expected.extend(own.filter(|words| !expected.contains(words)));
        let like = likeness(given, &expected);
        let like = like.max(self.designated(system, version, code, given));
        if like == Likeness::Same {
            return DisplayVerdict::Fine;
        }
        match local {
            Ok(Code::Known(known)) if known.display.is_some() => {
                DisplayVerdict::Differs { expected, white_space_only: like == Likeness::Spaced }
            }
            Err(why) => self.display_remotely(system, version, code, given, why),
            Ok(_) => self.display_remotely(system, version, code, given, Why::NoDisplay),
        }
    }

    /// How words compare with what a code is called besides its display. They are many, so none is proposed.
    fn designated(&self, system: &str, version: Option<&str>, code: &str, given: &str) -> Likeness {
        self.as_asked(system, version).map_or(Likeness::Other, |system| likeness(given, system.designations(code)))
    }

    fn display_remotely(
        &self,
        system: &str,
        version: Option<&str>,
        code: &str,
        given: &str,
        why: Why,
    ) -> DisplayVerdict {
        let question = Question { system: Some(system), version, code, display: Some(given), value_set: None };
        let answer = match self.remotely(&question) {
            Ok(answer) => answer,
            Err(server) => return DisplayVerdict::Unknown { why, server },
        };
        let expected: Vec<Arc<str>> = answer.display.map(Arc::from).into_iter().collect();
        match likeness(given, &expected) {
            like if answer.result || like == Likeness::Same => DisplayVerdict::Fine,
            // "no" without its own words may be about the code as well as about the words
            _ if expected.is_empty() => DisplayVerdict::Unknown { why, server: Server::Silent },
            like => DisplayVerdict::Differs { expected, white_space_only: like == Likeness::Spaced },
        }
    }

    /// How two codes of a system lie to each other, from the definitions at hand.
    #[must_use]
    pub fn subsumes(&self, system: &str, version: Option<&str>, one: &str, other: &str) -> Subsumption {
        let found = match self.as_asked(system, version) {
            Ok(found) => found,
            Err(why) => return Subsumption::Unknown(why),
        };
        let (Some(a), Some(b)) = (found.place(one), found.place(other)) else {
            return Subsumption::Unknown(found.doubt().unwrap_or_else(|| Why::System(found.url.clone())));
        };
        let is_above = |above: usize, below: usize| found.reach(above, false).get(below) == Some(&true);
        match (a == b, is_above(a, b), is_above(b, a)) {
            (true, ..) => Subsumption::Equivalent,
            (_, true, _) => Subsumption::Subsumes,
            (_, _, true) => Subsumption::SubsumedBy,
            _ => Subsumption::NotSubsumed,
        }
    }
}

/// The country in a code that may be one of HL7's national identifier types, `NN` and a country, which its table does not
/// list one by one (<https://terminology.hl7.org/CodeSystem-v2-0203.html>).
fn country_of<'a>(system: &str, code: &'a str) -> Option<&'a str> {
    let country = code.strip_prefix("NN").filter(|country| country.len() > 1)?;
    (system == "http://terminology.hl7.org/CodeSystem/v2-0203").then_some(country)
}
