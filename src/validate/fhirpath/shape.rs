//! Shapes of invariants that need no collections: what exists, has a value, equals a text, and how these are joined.
//! Recognised once, when an expression is compiled; `direct` answers them. What has no such shape stays an expression.

use std::sync::Arc;

use super::item::System;
use super::program::{Arithmetic, Comparison, Each, Expr, Key, Logic, Start, Tree, Wanted, Whole};
use super::text::Pattern;

/// A path of names and where it begins.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) start: Start,
    pub(super) keys: Box<[Key]>,
}

/// A question to one node with a truth value for its answer.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Always(Option<bool>),
    /// The path leads somewhere.
    Exists(Way),
    HasValue(Way),
    /// It has a value, or children that are more than an `id`: what every element must keep (ele-1).
    Filled,
    /// It has children that are more than an `id`.
    Fuller,
    /// The single truth value at the path.
    Truth(Way),
    Equals(Way, Box<str>),
    /// Every text at the path is one of these.
    OneOf(Way, Vec<Box<str>>),
    /// What the text at the path must be like.
    Like(Like, Way, Box<str>),
    Matches(Way, Arc<Pattern>),
    Is(Way, Wanted),
    /// Whether the node itself is of that type.
    IsA(Wanted),
    /// How many the paths lead to, all together.
    Count(Vec<Way>, Comparison, usize),
    /// How what is at the path stands to something else, in order.
    Ordered(Comparison, Way, Side),
    /// Some node at the path is as the other says.
    Some(Way, Box<Shape>),
    /// Every node at the path is as the other says.
    Every(Way, Box<Shape>),
    Not(Box<Shape>),
    Logic(Logic, Box<Shape>, Box<Shape>),
    /// Anything else.
    Other(Box<Expr>),
}

/// The other side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Side {
    Way(Way),
    Constant(System<'static>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Like {
    StartsWith,
    EndsWith,
    Contains,
}

/// The shape of an expression whose truth value is wanted.
pub(super) fn of(expr: &Expr) -> Shape {
    recognised(expr).unwrap_or_else(|| Shape::Other(Box::new(expr.clone())))
}

fn boxed(expr: &Expr) -> Box<Shape> {
    Box::new(of(expr))
}

fn not(shape: Shape) -> Shape {
    match shape {
        Shape::Not(inner) => *inner,
        other => Shape::Not(Box::new(other)),
    }
}

fn recognised(expr: &Expr) -> Option<Shape> {
    Some(match expr {
        Expr::Constant(values) => match values.as_slice() {
            [] => Shape::Always(None),
            [System::Boolean(flag)] => Shape::Always(Some(*flag)),
            _ => return None,
        },
        Expr::Path(..) => Shape::Truth(way(expr)?),
        Expr::Not(inner) => not(of(inner)),
        Expr::Empty(inner) => not(exists(inner, None)?),
        Expr::HasValue(inner) => Shape::HasValue(way(inner)?),
        Expr::Logic(Logic::Or, a, b) if is_filled(a, b) => Shape::Filled,
        Expr::Logic(what, a, b) => Shape::Logic(*what, boxed(a), boxed(b)),
        Expr::Each(Each::Exists, input, body) => exists(input, Some(of(body)))?,
        Expr::Each(Each::All, input, body) => Shape::Every(way(input)?, boxed(body)),
        Expr::Compare(what, a, b) => compared(*what, a, b)?,
        Expr::In(item, list) => {
            let Expr::Constant(values) = &**list else { return None };
            Shape::OneOf(way(item)?, values.iter().map(text).collect::<Option<_>>()?)
        }
        Expr::Is(inner, wanted) => Shape::Is(way(inner)?, *wanted),
        Expr::Matches(inner, pattern) => Shape::Matches(way(inner)?, pattern.clone()),
        Expr::Scalar(row, inner, given) => {
            let like = match row.0 {
                "startsWith" => Like::StartsWith,
                "endsWith" => Like::EndsWith,
                "contains" => Like::Contains,
                _ => return None,
            };
            let [Expr::Constant(values)] = given.as_slice() else { return None };
            Shape::Like(like, way(inner)?, only_text(values)?)
        }
        _ => return None,
    })
}

fn way(expr: &Expr) -> Option<Way> {
    match expr {
        Expr::Path(start, keys) => Some(Way { start: *start, keys: keys.as_slice().into() }),
        _ => None,
    }
}

fn text(value: &System<'static>) -> Option<Box<str>> {
    match value {
        System::Text(text) => Some(text.as_ref().into()),
        _ => None,
    }
}

fn only_text(values: &[System<'static>]) -> Option<Box<str>> {
    match values {
        [value] => text(value),
        _ => None,
    }
}

/// That some item of the expression is as asked, or that there is one at all.
fn exists(expr: &Expr, asked: Option<Shape>) -> Option<Shape> {
    let also = |first: Shape| match asked.clone() {
        None => first,
        Some(asked) => Shape::Logic(Logic::And, Box::new(first), Box::new(asked)),
    };
    let from = |way: Way, asked: Option<Shape>| match asked {
        None => Shape::Exists(way),
        Some(asked) => Shape::Some(way, Box::new(asked)),
    };
    let further = |keys: &[Key]| Way { start: Start::Focus, keys: keys.into() };
    match expr {
        Expr::Path(..) => Some(from(way(expr)?, asked)),
        Expr::Member(input, keys) => exists(input, Some(from(further(keys), asked))),
        Expr::Each(Each::Where, input, body) => exists(input, Some(also(of(body)))),
        Expr::Each(Each::Select, input, body) => exists(input, Some(exists(body, asked)?)),
        Expr::OfType(input, wanted) => exists(input, Some(also(Shape::IsA(*wanted)))),
        Expr::Extension(input, url) => {
            let Expr::Constant(values) = &**url else { return None };
            let url = Shape::Equals(further(&[Key::new("url")]), only_text(values)?);
            exists(input, Some(Shape::Some(further(&[Key::new("extension")]), Box::new(also(url)))))
        }
        _ => None,
    }
}

/// How many items two counts, or more, have together.
fn counted(expr: &Expr) -> Option<Vec<Way>> {
    match expr {
        Expr::Whole(Whole::Count, input, _) => Some(vec![way(input)?]),
        Expr::Arithmetic(Arithmetic::Add, a, b) => Some([counted(a)?, counted(b)?].concat()),
        _ => None,
    }
}

fn compared(what: Comparison, a: &Expr, b: &Expr) -> Option<Shape> {
    if let (Comparison::Greater, Expr::Whole(Whole::Count, all, _), Expr::Whole(Whole::Count, ids, _)) = (what, a, b)
        && let (Expr::Tree(Tree::Children, input), Expr::Path(Start::Focus, keys)) = (&**all, &**ids)
    {
        let is_id = matches!(keys.as_slice(), [key] if &*key.plain == "id");
        return (is_id && is_focus(input)).then_some(Shape::Fuller);
    }
    if let (Some(ways), Expr::Constant(values)) = (counted(a), b)
        && let [System::Integer(number)] = values.as_slice()
    {
        return Some(Shape::Count(ways, what, usize::try_from(*number).ok()?));
    }
    if matches!(what, Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual) {
        let right = match b {
            Expr::Constant(values) => match values.as_slice() {
                [value] => Side::Constant(value.clone()),
                _ => return None,
            },
            _ => Side::Way(way(b)?),
        };
        return Some(Shape::Ordered(what, way(a)?, right));
    }
    let same = match (what, a, b) {
        (Comparison::Equal | Comparison::NotEqual, Expr::Path(..), Expr::Constant(values)) => {
            Shape::Equals(way(a)?, only_text(values)?)
        }
        (Comparison::Equal | Comparison::NotEqual, Expr::Constant(values), Expr::Path(..)) => {
            Shape::Equals(way(b)?, only_text(values)?)
        }
        (Comparison::Equal | Comparison::NotEqual, ..) => {
            let (a, b) = (of(a), of(b));
            if !(is_definite(&a) && is_definite(&b)) {
                return None;
            }
            not(Shape::Logic(Logic::Xor, Box::new(a), Box::new(b)))
        }
        _ => return None,
    };
    Some(if what == Comparison::NotEqual { not(same) } else { same })
}

/// Whether the answer is one truth value, whatever the node.
fn is_definite(shape: &Shape) -> bool {
    match shape {
        Shape::Always(answer) => answer.is_some(),
        Shape::Exists(_)
        | Shape::HasValue(_)
        | Shape::Filled
        | Shape::Fuller
        | Shape::IsA(_)
        | Shape::Count(..)
        | Shape::Some(..)
        | Shape::Every(..) => true,
        Shape::Not(inner) => is_definite(inner),
        Shape::Logic(_, a, b) => is_definite(a) && is_definite(b),
        _ => false,
    }
}

fn is_focus(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(Start::Focus, keys) if keys.is_empty())
}

/// `hasValue() or (children().count() > id.count())`
fn is_filled(a: &Expr, b: &Expr) -> bool {
    matches!(a, Expr::HasValue(input) if is_focus(input)) && matches!(recognised(b), Some(Shape::Fuller))
}
