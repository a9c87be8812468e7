//! Definitions compiled for the walk: each profile, type and extension once, into rules that lie ready by name and number.
//! What another definition says is linked, and compiled when the walk first goes there. Knows no instance.

mod compile;
mod discriminators;
mod invariants;
mod lookup;
mod navigate;
mod registry;
mod wanted;

use std::sync::{Arc, OnceLock};

use crate::definitions::facts::{Context, Kind, Strength};
use crate::fhir::tree::Name;

pub use invariants::{Check, Invariant, Native};
pub use lookup::{Found, Lookup};
pub use registry::Registry;
pub use wanted::Wanted;

use super::fhirpath::TypeId;
use super::terminology::Compiled;
use super::values::primitive::Primitive;

/// A definition, compiled. Its first rule is that of the whole.
#[derive(Debug)]
pub struct Structure {
    pub url: String,
    pub version: Option<String>,
    pub name: String,
    /// The type described or constrained.
    pub of: Name,
    pub kind: Kind,
    pub is_abstract: bool,
    /// Whether it constrains a type rather than defines one.
    pub is_profile: bool,
    /// The definition it builds on.
    pub base: Option<Link>,
    /// Where an extension may be used.
    pub contexts: Vec<Context>,
    pub context_invariants: Vec<Arc<Invariant>>,
    pub rules: Vec<Rule>,
}

impl Structure {
    /// The rule of the whole.
    #[must_use]
    pub fn root(&self) -> &Rule {
        self.rule(RuleId(0))
    }

    /// A rule by its number.
    ///
    /// # Panics
    /// Never: a structure without rules is not made, and numbers come from it.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> &Rule {
        #[allow(clippy::indexing_slicing, reason = "made together with the rules it points at")]
        &self.rules[id.0 as usize]
    }
}

/// A rule's number in its structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(pub u32);

/// What a definition says of one element.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of the definition of its own")]
pub struct Rule {
    /// `Patient.identifier:nhsNumber.system`.
    pub id: String,
    /// Name of the element without `[x]`: `value`.
    pub stem: String,
    pub slice: Option<String>,
    pub min: u32,
    /// `u32::MAX` for `*`.
    pub max: u32,
    /// Whether it is an array in JSON: it may repeat where it was first defined.
    pub many: bool,
    pub types: Vec<Type>,
    /// Its type in R4's table, where it is not one of a choice; of a backbone element its own (`Patient.contact`).
    pub of: TypeId,
    pub fixed: Option<Wanted>,
    pub pattern: Option<Wanted>,
    pub min_value: Option<Wanted>,
    pub max_value: Option<Wanted>,
    pub max_length: Option<u64>,
    pub min_length: Option<u64>,
    /// Whether a primitive has a value, whatever extensions stand beside it.
    pub must_have_value: bool,
    /// The extensions of which a primitive without a value has one; none: any will do.
    pub value_alternatives: Vec<String>,
    pub binding: Option<Binding>,
    pub invariants: Vec<Arc<Invariant>>,
    pub must_support: bool,
    pub is_modifier: bool,
    /// An attribute in XML.
    pub is_attribute: bool,
    /// The elements below it, where the definition goes there, in their order.
    pub children: Vec<RuleId>,
    /// Of the children those that are counted even if there are none of them: needed, or sliced. By place.
    pub needed: Vec<u16>,
    pub lookup: Lookup,
    /// How many numbers the walk keeps while it is here: one for each child, each slice, and each slicing's state.
    pub counters: u16,
    pub slicing: Option<Slicing>,
    /// Where the children are those of another rule (`contentReference`).
    pub content: Option<Content>,
}

/// Whose children an element has that refers to another's.
#[derive(Debug)]
pub enum Content {
    Here(RuleId),
    There(Link, String),
}

/// A type an element may have.
#[derive(Debug)]
pub struct Type {
    /// `Quantity`, `Reference`, `string`.
    pub name: Name,
    pub form: Form,
    pub data: Data,
    pub of: TypeId,
    /// The type's own definition; of no use for `Resource`, where the instance says what it is.
    pub link: Link,
    /// Profiles of which one must be met.
    pub profiles: Vec<Link>,
    pub targets: Vec<Target>,
    pub aggregation: Vec<String>,
    pub versioning: Option<String>,
}

/// What a type looks like in an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Primitive(Primitive),
    Xhtml,
    Complex,
    Resource,
}

/// Data types with rules that no definition holds, told apart once and not for every element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    Quantity,
    /// A kind of `Quantity`: `Age`, `Duration` and the like.
    Amount,
    Coding,
    CodeableConcept,
    Identifier,
    Attachment,
    Other,
}

impl Data {
    fn of(code: &str) -> Self {
        match code {
            "Quantity" => Self::Quantity,
            "Age" | "Duration" | "Count" | "Distance" | "SimpleQuantity" | "MoneyQuantity" => Self::Amount,
            "Coding" => Self::Coding,
            "CodeableConcept" => Self::CodeableConcept,
            "Identifier" => Self::Identifier,
            "Attachment" => Self::Attachment,
            _ => Self::Other,
        }
    }
}

/// What a reference may point at: a type, as such or by a profile.
#[derive(Debug)]
pub struct Target {
    pub link: Link,
    /// The type, where it is one of R4's own and no profile of it; worked out when first asked.
    pub of: OnceLock<Name>,
}

/// Another definition, compiled when it is first needed.
#[derive(Debug)]
pub struct Link {
    pub url: String,
    cell: OnceLock<Option<Arc<Structure>>>,
}

impl Link {
    /// A link to a canonical.
    #[must_use]
    pub fn to(url: &str) -> Self {
        Self { url: url.to_owned(), cell: OnceLock::new() }
    }

    /// What it leads to; `None` where no such definition is known.
    pub fn get(&self, registry: &Registry) -> Option<&Arc<Structure>> {
        self.cell.get_or_init(|| registry.structure(&self.url)).as_ref()
    }
}

/// What tells the slices of an element apart, and what they are.
#[derive(Debug)]
pub struct Slicing {
    pub rules: Openness,
    pub ordered: bool,
    /// In words, for findings: `value of url`.
    pub by: String,
    pub slices: Vec<Slice>,
    /// Extension slices told apart by their address alone: the address and the slice, sorted.
    pub by_url: Option<Vec<(String, usize)>>,
    /// Among the counters of the element above: where the walk notes how far it is in the order of the slices.
    pub state: u16,
}

/// What is allowed beside the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    Open,
    Closed,
    OpenAtEnd,
}

/// A slice: what its members are, and its rule.
#[derive(Debug)]
pub struct Slice {
    pub rule: RuleId,
    /// Its place among the counters of the element above.
    pub counter: u16,
    /// An error: its discriminators cannot be worked out, and why.
    pub tests: Result<Vec<Test>, String>,
}

/// One discriminator of one slice.
#[derive(Debug)]
pub struct Test {
    pub path: Vec<Step>,
    /// As the definition writes the path.
    pub written: String,
    pub asks: Asks,
}

/// A step of a discriminator's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Children of a name, or of a choice of that stem.
    Child(String, Name),
    Extension(String),
    Resolve,
    OfType(Name),
}

/// What a discriminator asks of what it leads to.
#[derive(Debug)]
pub enum Asks {
    /// One of them is this exactly.
    Fixed(Wanted),
    /// One of them has at least this.
    Pattern(Wanted),
    /// Something below each of these paths fits.
    Below(Vec<(Vec<Step>, Wanted, bool)>),
    /// One of them is in the value set.
    Member(Binding),
    /// One of them is of one of these types.
    Types(Vec<Name>),
    /// One of them meets one of these profiles.
    Profiles(Vec<Link>),
    /// There is something, or nothing.
    Exists(bool),
}

/// A binding to a value set.
#[derive(Debug)]
pub struct Binding {
    pub strength: Strength,
    pub value_set: Option<Bound>,
    pub max_value_set: Option<Bound>,
}

impl Binding {
    /// Whether another rule binds to the same as firmly.
    #[must_use]
    pub fn is_said_by(&self, rule: &Rule) -> bool {
        fn url(bound: Option<&Bound>) -> Option<&str> {
            bound.map(|bound| bound.url.as_str())
        }
        rule.binding.as_ref().is_some_and(|other| {
            other.strength >= self.strength
                && url(other.value_set.as_ref()) == url(self.value_set.as_ref())
                && url(other.max_value_set.as_ref()) == url(self.max_value_set.as_ref())
        })
    }
}

/// A value set, compiled when it is first needed.
#[derive(Debug)]
pub struct Bound {
    pub url: String,
    cell: OnceLock<Option<Arc<Compiled>>>,
}

impl Bound {
    /// A value set by its canonical.
    #[must_use]
    pub fn to(url: &str) -> Self {
        Self { url: url.to_owned(), cell: OnceLock::new() }
    }

    /// The value set; `None` where it is not known.
    pub fn get(&self, registry: &Registry) -> Option<&Arc<Compiled>> {
        self.cell.get_or_init(|| registry.terminology().value_set(&self.url)).as_ref()
    }
}
