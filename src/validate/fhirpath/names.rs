//! What names and signs in an expression stand for: functions, operators, types, variables.
//! Tables only; `compile` puts the parts together.

use super::decimal::Decimal;
use super::fault::Unsupported;
use super::item::System;
use super::parser::{Ast, Syntax};
use super::program::{Arithmetic, Comparison, Expr, Logic, Row, Start, Wanted, Whole};
use super::run::defined;
use super::types::r4;
use super::{conversion, math, text};

const OWN_TYPES: &[&str] = &["Any", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"];

pub(super) fn row(name: &str) -> Option<&'static Row> {
    [text::FUNCTIONS, math::FUNCTIONS, conversion::FUNCTIONS].into_iter().flatten().find(|row| row.0 == name)
}

pub(super) fn whole(name: &str) -> Option<Whole> {
    Some(match name {
        "count" => Whole::Count,
        "distinct" => Whole::Distinct,
        "isDistinct" => Whole::IsDistinct,
        "allTrue" => Whole::AllTrue,
        "anyTrue" => Whole::AnyTrue,
        "allFalse" => Whole::AllFalse,
        "anyFalse" => Whole::AnyFalse,
        "subsetOf" => Whole::SubsetOf,
        "supersetOf" => Whole::SupersetOf,
        "single" => Whole::Single,
        "first" => Whole::First,
        "last" => Whole::Last,
        "tail" => Whole::Tail,
        "skip" => Whole::Skip,
        "take" => Whole::Take,
        "intersect" => Whole::Intersect,
        "exclude" => Whole::Exclude,
        "union" => Whole::Union,
        "combine" => Whole::Combine,
        "join" => Whole::Join,
        _ => return None,
    })
}

pub(super) fn takes_other(whole: Whole) -> bool {
    matches!(
        whole,
        Whole::SubsetOf
            | Whole::SupersetOf
            | Whole::Skip
            | Whole::Take
            | Whole::Intersect
            | Whole::Exclude
            | Whole::Union
            | Whole::Combine
            | Whole::Join
    )
}

pub(super) fn binary(operator: &str, a: Box<Expr>, b: Box<Expr>) -> Expr {
    match operator {
        "and" => Expr::Logic(Logic::And, a, b),
        "or" => Expr::Logic(Logic::Or, a, b),
        "xor" => Expr::Logic(Logic::Xor, a, b),
        "implies" => Expr::Logic(Logic::Implies, a, b),
        "=" => Expr::Compare(Comparison::Equal, a, b),
        "!=" => Expr::Compare(Comparison::NotEqual, a, b),
        "~" => Expr::Compare(Comparison::Equivalent, a, b),
        "!~" => Expr::Compare(Comparison::NotEquivalent, a, b),
        "<" => Expr::Compare(Comparison::Less, a, b),
        "<=" => Expr::Compare(Comparison::LessOrEqual, a, b),
        ">" => Expr::Compare(Comparison::Greater, a, b),
        ">=" => Expr::Compare(Comparison::GreaterOrEqual, a, b),
        "in" => Expr::In(a, b),
        "contains" => Expr::In(b, a),
        "|" => Expr::Whole(Whole::Union, a, Some(b)),
        "+" => Expr::Arithmetic(Arithmetic::Add, a, b),
        "-" => Expr::Arithmetic(Arithmetic::Subtract, a, b),
        "*" => Expr::Arithmetic(Arithmetic::Multiply, a, b),
        "/" => Expr::Arithmetic(Arithmetic::Divide, a, b),
        "div" => Expr::Arithmetic(Arithmetic::Whole, a, b),
        "mod" => Expr::Arithmetic(Arithmetic::Remainder, a, b),
        // the parser knows no other
        _ => Expr::Arithmetic(Arithmetic::Concatenate, a, b),
    }
}

/// A type's name where an argument is expected: `Quantity`, `FHIR.Quantity`.
pub(super) fn type_in(tree: &Ast) -> Option<String> {
    match &tree.kind {
        Syntax::Member(None, name) => Some(name.clone()),
        Syntax::Member(Some(space), name) => Some(format!("{}.{name}", type_in(space)?)),
        _ => None,
    }
}

/// FHIR's types before FHIRPath's own (<https://hl7.org/fhir/R4/fhirpath.html#types>).
pub(super) fn wanted(name: &str, at: usize) -> Result<Wanted, Unsupported> {
    let own = |name: &str| OWN_TYPES.iter().find(|own| **own == name).map(|own| Wanted::System(own));
    let found = match name.split_once('.') {
        Some(("System", name)) => own(name).or(Some(Wanted::Nothing)),
        Some(("FHIR", name)) => r4().named(name).map(Wanted::Fhir),
        _ => r4().named(name).map(Wanted::Fhir).or_else(|| own(name)),
    };
    found.ok_or_else(|| Unsupported::new(format!("the type {name}"), at))
}

pub(super) fn variable(name: &str) -> Expr {
    let from = match name {
        "resource" => Start::Resource,
        "rootResource" => Start::Root,
        "context" => Start::Context,
        _ => {
            return match defined(name) {
                Some(text) => Expr::Constant(vec![System::Text(text.into())]),
                None => Expr::Variable(name.to_owned()),
            };
        }
    };
    Expr::Path(from, Vec::new())
}

pub(super) fn number(digits: &str) -> Option<System<'static>> {
    if digits.contains('.') {
        return Decimal::parse(digits).map(System::Decimal);
    }
    digits.parse().ok().map(System::Integer)
}
