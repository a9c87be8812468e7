//! Definitions at hand, made ready and kept: systems by URL and version, value sets as published. Kept by what exists; of
//! what senders name that does not exist, so much and no more. Judges no code.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use super::answer::Why;
use super::system::System;
use super::{Terminology, iso};
use crate::definitions::facts::canonical;
use crate::definitions::{Definitions, Library, ValueSet};
use crate::validate::table::Table;

/// Definitions that outlive this: the binary's own, or a library that was put together at start.
#[derive(Clone)]
pub(super) enum Source {
    Embedded(&'static Library),
    Shared(Arc<dyn Definitions + Send + Sync>),
}

impl Source {
    pub(super) fn definitions(&self) -> &dyn Definitions {
        match self {
            Self::Embedded(library) => *library,
            Self::Shared(library) => library.as_ref(),
        }
    }
}

/// What has been made ready, by name.
pub(super) type Kept<T> = RwLock<Table<Arc<str>, Arc<T>>>;

pub(super) fn kept<T>(kept: &Kept<T>, key: &str) -> Option<Arc<T>> {
    kept.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

pub(super) fn keep<T>(kept: &Kept<T>, key: &str, one: T) -> Arc<T> {
    let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
    kept.entry(Arc::from(key)).or_insert_with(|| Arc::new(one)).clone()
}

/// Systems that messages name often and no package carries; asked for so often that looking for them should cost nothing.
const KNOWN_ABSENT: [&str; 5] = [
    "http://loinc.org",
    "https://dmd.nhs.uk",
    "http://hl7.org/fhir/sid/icd-10",
    "http://read.info/readv2",
    "http://read.info/ctv3",
];

/// How many systems that are not at hand are kept in mind, and how long their names may be.
const MOST_ABSENT: usize = 2_000;
const LONGEST_ABSENT: usize = 200;

/// Of those that are asked for most the ones that are not at hand.
pub(super) fn known_absent(source: &Source) -> HashSet<Arc<str>> {
    let absent = KNOWN_ABSENT.iter().filter(|url| source.definitions().code_system(url).is_none());
    absent.map(|url| Arc::from(*url)).collect()
}

impl Terminology {
    /// A value set as published; a version means that version, or one of the same major and minor number.
    pub(super) fn published(&self, reference: &str) -> Option<Arc<ValueSet>> {
        let definitions = self.source.definitions();
        definitions.value_set(reference).or_else(|| {
            let (url, asked) = canonical(reference);
            let found = definitions.value_set(url)?;
            agrees(asked?, found.version.as_deref()).then_some(found)
        })
    }

    /// A code system in the version asked for, with codes to use.
    pub(super) fn as_asked(&self, url: &str, version: Option<&str>) -> Result<Arc<System>, Why> {
        match self.at_hand(url, version)? {
            (_, Some(drift)) => Err(drift),
            (system, None) if system.usable() => Ok(system),
            (system, None) => Err(system.doubt().unwrap_or_else(|| Why::System(system.url.clone()))),
        }
    }

    /// A code system at hand. Where only another version is, that one, and that it is another.
    pub(super) fn at_hand(&self, url: &str, version: Option<&str>) -> Result<(Arc<System>, Option<Why>), Why> {
        if let Some(version) = version
            && let Some(system) = self.system(&format!("{url}|{version}"))
        {
            return Ok((system, None));
        }
        let Some(system) = self.system(url) else {
            if let Some(url) = self.absent(url) {
                return Err(Why::System(url));
            }
            if self.source.definitions().value_set(url).is_some() {
                return Err(Why::SystemIsValueSet(Arc::from(url)));
            }
            self.note_absent(url);
            return Err(Why::System(Arc::from(url)));
        };
        let other = version.filter(|version| system.version.is_some() && !agrees(version, system.version.as_deref()));
        let drift = other.map(|asked| Why::Version { system: system.url.clone(), asked: Arc::from(asked) });
        Ok((system, drift))
    }

    fn system(&self, reference: &str) -> Option<Arc<System>> {
        if let Some(known) = kept(&self.systems, reference) {
            return Some(known);
        }
        if self.absent(reference).is_some() {
            return None;
        }
        let definitions = self.source.definitions();
        let made = match definitions.code_system(reference) {
            Some(facts) => System::new(&facts),
            None => System::new(&iso::system(reference)?),
        };
        Some(keep(&self.systems, reference, made))
    }

    /// A system that was looked for and is not at hand.
    fn absent(&self, url: &str) -> Option<Arc<str>> {
        self.absent.read().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    /// Notes that a system is not at hand, so that it is not looked for again; only so many, as senders may name any.
    pub(super) fn note_absent(&self, url: &str) {
        let mut absent = self.absent.write().unwrap_or_else(PoisonError::into_inner);
        if absent.len() < MOST_ABSENT && url.len() < LONGEST_ABSENT {
            absent.insert(Arc::from(url));
        }
    }
}

/// Whether a version that is asked for is the one that is there, in what counts: major and minor number.
fn agrees(asked: &str, there: Option<&str>) -> bool {
    fn main(version: &str) -> Option<(&str, &str)> {
        let mut parts = version.split('.');
        let pair = (parts.next()?, parts.next()?);
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (number(pair.0) && number(pair.1)).then_some(pair)
    }
    there.is_some_and(|there| asked == there || main(asked).is_some_and(|asked| main(there) == Some(asked)))
}
