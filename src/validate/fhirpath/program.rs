//! A compiled expression: names are bound to operations, types to R4's, patterns to automata.
//! Data only; `compile` makes it, `run` runs it.

use regex::Regex;

use super::fault::Fault;
use super::item::{Item, System};
use super::moment::Kind;
use super::run::Run;
use super::types::TypeId;

/// A name of an element, with the key of what stands beside it in JSON.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) plain: String,
    pub(super) beside: String,
}

impl Name {
    pub(super) fn new(plain: &str) -> Self {
        Self { plain: plain.to_owned(), beside: format!("_{plain}") }
    }
}

/// A type as an expression names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// One of FHIRPath's own types.
    System(&'static str),
    Fhir(TypeId),
}

#[derive(Debug, Clone)]
pub(super) enum Variable {
    Resource,
    Root,
    Context,
    /// Known to the host, perhaps.
    Other(String),
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
    /// What stands before the first name, and `$this`.
    Focus,
    Index,
    Total,
    Variable(Variable),
    Now(Kind),
    Member(Box<Expr>, Name),
    /// A first name that is also a type's: the focus itself where it is of that type, else a member.
    Root(Name, TypeId),
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
    Scalar(Scalar, Box<Expr>, Vec<Expr>),
    Matches(Box<Expr>, Regex),
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
