//! What is answered about a code, a display or two codes, and why something cannot be answered. Words only: nothing here
//! looks anything up, and how grave an answer is, is not said here.

use std::fmt;
use std::sync::Arc;

/// Whether a code is in a value set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is; with the words the value set, or else its code system, has for it.
    Yes { display: Option<Arc<str>> },
    /// It is not, for certain.
    No { why: Refusal },
    /// It cannot be known.
    Unknown { why: Why, server: Server },
}

/// Why a code is not in a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The value set has no codes of this system.
    System,
    /// The value set has codes of this system (or no system was named), and this is none of them.
    Code,
    /// A terminology server says so.
    Server,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "the value set has no codes of this system",
            Self::Code => "the code is not one of the value set",
            Self::Server => "the terminology server says that it is not",
        })
    }
}

/// What a terminology server had to say where the definitions at hand do not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// There is none.
    Absent,
    /// It was asked and did not answer, or does not know either.
    Silent,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "no terminology server",
            Self::Silent => "the terminology server gave no answer",
        })
    }
}

/// Why the definitions at hand cannot say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The value set is not at hand.
    ValueSet(Arc<str>),
    /// The code system is not at hand.
    System(Arc<str>),
    /// What is named as a code system is a value set: a mistake of whoever wrote it.
    SystemIsValueSet(Arc<str>),
    /// The code system is at hand, but not in the version that is asked for.
    Version { system: Arc<str>, asked: Arc<str> },
    /// Of the code system only a part is at hand.
    Fragment(Arc<str>),
    /// Of the code system only examples are at hand.
    Example(Arc<str>),
    /// The code system is published without its codes.
    NotPresent(Arc<str>),
    /// The code system only adds words to another; nothing is coded in it.
    Supplement(Arc<str>),
    /// The codes follow a grammar that is not at hand.
    Grammar(Arc<str>),
    /// The value set selects by something that is not known of the concepts.
    Filter { system: Arc<str>, property: Arc<str>, op: Arc<str> },
    /// The value set contains itself.
    Cycle(Arc<str>),
    /// The value set rests on more others than is sensible.
    TooMuch(Arc<str>),
    /// The concept has no words of its own to compare with.
    NoDisplay,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueSet(url) => write!(f, "the value set {url} is not known"),
            Self::System(url) => write!(f, "the code system {url} is not known"),
            Self::SystemIsValueSet(url) => write!(f, "{url} is a value set, not a code system"),
            Self::Version { system, asked } => write!(f, "version {asked} of the code system {system} is not known"),
            Self::Fragment(url) => write!(f, "only a part of the code system {url} is known"),
            Self::Example(url) => write!(f, "only examples of the code system {url} are known"),
            Self::NotPresent(url) => write!(f, "the code system {url} is published without its codes"),
            Self::Supplement(url) => write!(f, "{url} only supplements another code system"),
            Self::Grammar(url) => write!(f, "the grammar of {url} is not known"),
            Self::Filter { system, property, op } => {
                write!(f, "the value set selects codes of {system} by `{property} {op}`, which is not known of them")
            }
            Self::Cycle(url) => write!(f, "the value set {url} contains itself"),
            Self::TooMuch(url) => write!(f, "the value set {url} rests on too many others"),
            Self::NoDisplay => f.write_str("the concept has no display"),
        }
    }
}

/// Whether a code system has a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// It has.
    Known(Known),
    /// The system is complete and has no such code; with the version that was looked at.
    Missing { version: Option<Arc<str>> },
    /// It cannot be known.
    Unknown { why: Why, server: Server },
}

/// A code its system has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// As the system writes it.
    pub code: Arc<str>,
    /// The system's words for it.
    pub display: Option<Arc<str>>,
    /// Whether it was asked for in other case than the system writes it, in a system that does not mind.
    pub other_case: bool,
    /// What the system says of its use.
    pub state: State,
}

/// Whether a concept may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// No longer to be used.
    pub inactive: bool,
    /// Groups others; not to be used itself.
    pub groups: bool,
    /// Going to be withdrawn.
    pub deprecated: bool,
}

/// Whether words given for a code are its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayVerdict {
    /// They are, whatever their case.
    Fine,
    /// They are not; what would be, and whether they differ in white space alone.
    Differs { expected: Vec<Arc<str>>, white_space_only: bool },
    /// It cannot be known, or the code itself is not known.
    Unknown { why: Why, server: Server },
}

/// How two codes of a system lie to each other (<https://hl7.org/fhir/R4/codesystem-operation-subsumes.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subsumption {
    /// They are the same.
    Equivalent,
    /// The first is above the second.
    Subsumes,
    /// The second is above the first.
    SubsumedBy,
    /// Neither is above the other.
    NotSubsumed,
    /// The system has no such code, or is not known.
    Unknown(Why),
}
