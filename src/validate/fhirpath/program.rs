//! A compiled expression: names are bound to operations, types to R4's.
//! Data only; `compile` makes it, `run` runs it.

use std::sync::Arc;

use super::fault::Fault;
use super::item::{Item, System};
use super::moment::Kind;
use super::run::Run;
use super::text::Pattern;
use super::types::{TypeId, r4};
use crate::fhir::tree::Name;

/// A name of an element.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: Name,
    /// Whether some type has a choice of that name.
    pub(super) stem: bool,
    /// As written, for what R4 does not have.
    pub(super) plain: Box<str>,
}

impl Key {
    pub(super) fn new(plain: &str) -> Self {
        let name = Name::of(plain);
        Self { name, stem: r4().is_stem(name), plain: plain.into() }
    }
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// At what stands before the first name.
    Focus,
    Resource,
    Root,
    Context,
}

/// A type as an expression names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// One of FHIRPath's own types.
    System(&'static str),
    /// One that FHIRPath does not have, though the expression says so: nothing is of it.
    Nothing,
    Fhir(TypeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
    Xor,
    Implies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Whole,
    Remainder,
    Concatenate,
}

/// Functions whose argument is evaluated for each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    Where,
    Select,
    Repeat,
    All,
    Exists,
}

/// Functions of a whole collection, and at most one other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Count,
    Distinct,
    IsDistinct,
    AllTrue,
    AnyTrue,
    AllFalse,
    AnyFalse,
    SubsetOf,
    SupersetOf,
    Single,
    First,
    Last,
    Tail,
    Skip,
    Take,
    Intersect,
    Exclude,
    Union,
    Combine,
    Join,
}

/// Functions of the tree, item by item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    Children,
    Descendants,
    GetValue,
    TypeOf,
    Resolve,
    /// `toChars()`: each letter of a text.
    Letters,
}

/// Questions to the host, of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    MemberOf,
    ConformsTo,
    Subsumes,
    SubsumedBy,
    HtmlChecks,
    HtmlChecks2,
    CheckModifiers,
}

/// A function of one value and some others; none of them empty, save what may be left out.
pub(super) type Scalar =
    for<'a> fn(&Run<'a, '_>, &System<'a>, &[Option<System<'a>>]) -> Result<Option<System<'a>>, Fault>;

/// A function's name, the least and most arguments, and what it does.
pub(super) type Row = (&'static str, usize, usize, Scalar);

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Constant(Vec<System<'static>>),
    /// One of the surroundings, or the focus (`$this`, and what stands before the first name), and names from there.
    Path(Start, Vec<Key>),
    Index,
    Total,
    /// A variable known to the host, perhaps.
    Variable(String),
    Now(Kind),
    /// Names from what an expression leads to.
    Member(Box<Expr>, Vec<Key>),
    /// A first name that is also a type's: the focus itself where it is of that type, else a member.
    Root(Key, TypeId),
    At(Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Logic(Logic, Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// Item, collection.
    In(Box<Expr>, Box<Expr>),
    Is(Box<Expr>, Wanted),
    /// `as` and `ofType`.
    OfType(Box<Expr>, Wanted),
    Empty(Box<Expr>),
    Each(Each, Box<Expr>, Box<Expr>),
    Aggregate(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// Input, then condition and results.
    Iif(Box<Expr>, Vec<Expr>),
    Whole(Whole, Box<Expr>, Option<Box<Expr>>),
    Tree(Tree, Box<Expr>),
    HasValue(Box<Expr>),
    Extension(Box<Expr>, Box<Expr>),
    Ask(Ask, Box<Expr>, Vec<Expr>),
    Scalar(&'static Row, Box<Expr>, Vec<Expr>),
    Matches(Box<Expr>, Arc<Pattern>),
    /// The same within one evaluation, wherever it is asked; kept in this slot.
    Memo(usize, Box<Expr>),
}

/// A literal's value, borrowed from the program.
pub(super) fn borrowed<'a>(value: &'a System<'static>) -> Item<'a> {
    match value {
        System::Text(text) => Item::text(text.as_ref()),
        other => Item::System(other.clone()),
    }
}

impl Expr {
    /// `$this`.
    pub(super) const fn focus() -> Self {
        Self::Path(Start::Focus, Vec::new())
    }

    /// One step further.
    pub(super) fn member(self, key: Key) -> Self {
        match self {
            Self::Path(from, mut keys) => {
                keys.push(key);
                Self::Path(from, keys)
            }
            Self::Member(input, mut keys) => {
                keys.push(key);
                Self::Member(input, keys)
            }
            other => Self::Member(Box::new(other), vec![key]),
        }
    }
}
