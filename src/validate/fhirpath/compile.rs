//! Syntax to program: binds names to functions and types, folds what is constant, keeps apart what is the same for every
//! item. What it does not know it refuses by name; nothing is skipped.

use std::sync::Arc;

use super::decimal::Decimal;
use super::fault::Unsupported;
use super::item::System;
use super::moment::{Kind, Moment};
use super::names::{binary, number, row, takes_other, type_in, variable, wanted, whole};
use super::parser::{Ast, Syntax};
use super::program::{Ask, Each, Expr, Key, Row, Start, Tree, Wanted, Whole};
use super::quantity::Quantity;
use super::run::{Frame, Run};
use super::text::Pattern;
use super::types::r4;

/// A part of the program, and what may be done with it.
struct Part {
    expr: Expr,
    /// Depends on the item it stands in.
    free: bool,
}

type Compiled = Result<Part, Unsupported>;

/// Compiles a tree.
pub(super) fn compile(tree: &Ast) -> Result<Expr, Unsupported> {
    let mut compiler = Compiler { slots: 0, inside: 0, dollars: 0 };
    let part = compiler.part(tree)?;
    Ok(part.expr)
}

struct Compiler {
    slots: usize,
    /// How many functions that run for each item we are inside of.
    inside: usize,
    /// How often `$index` or `$total` has been asked for.
    dollars: usize,
}

impl Compiler {
    fn part(&mut self, tree: &Ast) -> Compiled {
        let literal = |value: System<'static>| Ok(Part { expr: Expr::Constant(vec![value]), free: false });
        let bad = |what: &str| Err(Unsupported::new(what, tree.at));
        match &tree.kind {
            Syntax::Nothing => Ok(Part { expr: Expr::Constant(vec![]), free: false }),
            Syntax::Boolean(flag) => literal(System::Boolean(*flag)),
            Syntax::Text(text) => literal(System::Text(text.clone().into())),
            Syntax::Number(digits) => match number(digits) {
                Some(value) => literal(value),
                None => bad("a number of this size"),
            },
            Syntax::Moment(text) => match Moment::literal(text) {
                Some(moment) => literal(System::Moment(moment)),
                None => bad("a date or time that does not exist"),
            },
            Syntax::Quantity(digits, unit) => match Decimal::parse(digits) {
                Some(value) => literal(System::Quantity(Box::new(Quantity { value, unit: unit.clone().into() }))),
                None => bad("a number of this size"),
            },
            Syntax::Dollar(name) => {
                self.dollars += usize::from(name != "this");
                match name.as_str() {
                    "this" => Ok(Part { expr: Expr::focus(), free: true }),
                    "index" => Ok(Part { expr: Expr::Index, free: true }),
                    "total" => Ok(Part { expr: Expr::Total, free: true }),
                    _ => bad(&format!("the variable ${name}")),
                }
            }
            Syntax::Percent(name) => Ok(Part { expr: variable(name), free: false }),
            Syntax::Member(None, name) => {
                let named = r4().named(name).filter(|_| name.starts_with(char::is_uppercase));
                let expr = match named {
                    Some(of) => Expr::Root(Key::new(name), of),
                    None => Expr::focus().member(Key::new(name)),
                };
                Ok(Part { expr, free: true })
            }
            Syntax::Member(Some(input), name) => {
                let input = self.part(input)?;
                Ok(Part { expr: input.expr.member(Key::new(name)), free: input.free })
            }
            Syntax::Typed(operator, input, name) => {
                let wanted = wanted(name, tree.at)?;
                let input = self.part(input)?;
                Ok(of_type(operator, input, wanted))
            }
            Syntax::At(input, index) => {
                let parts = [self.part(input)?, self.part(index)?];
                Ok(self.joined(parts, |[input, index]| Expr::At(input, index)))
            }
            Syntax::Sign(minus, input) => {
                let input = self.part(input)?;
                if !minus {
                    return Ok(input);
                }
                Ok(self.joined([input], |[input]| Expr::Negate(input)))
            }
            Syntax::Binary(operator, a, b) => {
                let parts = [self.part(a)?, self.part(b)?];
                Ok(self.joined(parts, |[a, b]| binary(operator, a, b)))
            }
            Syntax::Call(input, name, given) => self.call(input.as_deref(), name, given, tree.at),
        }
    }

    /// Puts parts together: folded where all are constant, and where only some depend on the item, the others kept.
    fn joined<const N: usize>(&mut self, parts: [Part; N], make: impl FnOnce([Box<Expr>; N]) -> Expr) -> Part {
        let free = parts.iter().any(|part| part.free);
        let constant = parts.iter().all(|part| matches!(part.expr, Expr::Constant(_)));
        let exprs = parts.map(|part| Box::new(if free { self.kept(part) } else { part.expr }));
        let expr = make(exprs);
        Part { expr: if constant { folded(expr) } else { expr }, free }
    }

    /// What is the same for every item is worked out once.
    fn kept(&mut self, part: Part) -> Expr {
        let simple = match &part.expr {
            Expr::Path(from, keys) => *from == Start::Focus || keys.is_empty(),
            expr => matches!(expr, Expr::Constant(_) | Expr::Variable(_) | Expr::Memo(..) | Expr::Now(_)),
        };
        if part.free || simple || self.inside == 0 {
            return part.expr;
        }
        self.slots += 1;
        Expr::Memo(self.slots - 1, Box::new(part.expr))
    }

    /// A part that runs for each item.
    fn body(&mut self, tree: &Ast) -> Result<Expr, Unsupported> {
        self.inside += 1;
        let part = self.part(tree);
        let expr = part.map(|part| self.kept(part));
        self.inside -= 1;
        expr
    }

    fn call(&mut self, input: Option<&Ast>, name: &str, given: &[Ast], at: usize) -> Compiled {
        let takes = |least: usize, most: usize| {
            if (least..=most).contains(&given.len()) {
                return Ok(());
            }
            Err(Unsupported::new(format!("{name}() with {} arguments", given.len()), at))
        };
        let focus = |compiler: &mut Self| match input {
            Some(input) => compiler.part(input),
            None => Ok(Part { expr: Expr::focus(), free: true }),
        };
        if let Some(row) = row(name) {
            takes(row.1, row.2)?;
            let input = focus(self)?;
            return self.scalar(row, input, given);
        }
        if let Some(whole) = whole(name) {
            let wants = usize::from(takes_other(whole));
            takes(if whole == Whole::Join { 0 } else { wants }, wants)?;
            let input = focus(self)?;
            return match given.first() {
                None => Ok(self.joined([input], |[input]| Expr::Whole(whole, input, None))),
                Some(other) => {
                    let other = self.part(other)?;
                    Ok(self.joined([input, other], |[input, other]| Expr::Whole(whole, input, Some(other))))
                }
            };
        }
        match name {
            "where" | "select" | "repeat" | "all" | "exists" => {
                takes(usize::from(name != "exists"), 1)?;
                let input = focus(self)?;
                let Some(body) = given.first() else {
                    return Ok(self.joined([input], |[input]| Expr::Not(Box::new(Expr::Empty(input)))));
                };
                let before = self.dollars;
                let body = self.body(body)?;
                let each = match name {
                    "where" => Each::Where,
                    "select" => Each::Select,
                    "repeat" => Each::Repeat,
                    "all" => Each::All,
                    _ => Each::Exists,
                };
                // $index and $total may be those of a function around this one
                let free = input.free || self.dollars > before;
                Ok(Part { expr: Expr::Each(each, Box::new(input.expr), Box::new(body)), free })
            }
            "aggregate" => {
                takes(1, 2)?;
                let input = focus(self)?;
                let Some(body) = given.first() else { return Err(Unsupported::new("aggregate()", at)) };
                let body = Box::new(self.body(body)?);
                let first = given.get(1).map(|first| self.part(first)).transpose()?;
                let free = input.free || first.as_ref().is_some_and(|first| first.free);
                let first = first.map(|first| Box::new(first.expr));
                Ok(Part { expr: Expr::Aggregate(Box::new(input.expr), body, first), free })
            }
            "iif" => {
                takes(2, 3)?;
                let input = focus(self)?;
                let given = given.iter().map(|tree| self.body(tree)).collect::<Result<_, _>>()?;
                Ok(Part { expr: Expr::Iif(Box::new(input.expr), given), free: true })
            }
            "trace" => {
                takes(1, 2)?;
                // it shows and changes nothing; what it would show must still be an expression
                for tree in given {
                    self.body(tree)?;
                }
                focus(self)
            }
            "is" | "as" | "ofType" => {
                takes(1, 1)?;
                let named =
                    given.first().and_then(type_in).ok_or_else(|| Unsupported::new("a type without a name", at))?;
                let wanted = wanted(&named, at)?;
                let input = focus(self)?;
                Ok(of_type(name, input, wanted))
            }
            _ => self.of_fhir(input, name, given, at),
        }
    }

    fn of_fhir(&mut self, input: Option<&Ast>, name: &str, given: &[Ast], at: usize) -> Compiled {
        let focus = match input {
            Some(input) => self.part(input)?,
            None => Part { expr: Expr::focus(), free: true },
        };
        let tree = match name {
            "children" => Some(Tree::Children),
            "descendants" => Some(Tree::Descendants),
            "getValue" => Some(Tree::GetValue),
            "type" => Some(Tree::TypeOf),
            "resolve" => Some(Tree::Resolve),
            "toChars" => Some(Tree::Letters),
            _ => None,
        };
        let now = match name {
            "now" => Some(Kind::DateTime),
            "today" => Some(Kind::Date),
            "timeOfDay" => Some(Kind::Time),
            _ => None,
        };
        let ask = match name {
            "memberOf" => Some((Ask::MemberOf, 1)),
            "conformsTo" => Some((Ask::ConformsTo, 1)),
            "subsumes" => Some((Ask::Subsumes, 1)),
            "subsumedBy" => Some((Ask::SubsumedBy, 1)),
            "htmlChecks" => Some((Ask::HtmlChecks, 0)),
            "htmlChecks2" => Some((Ask::HtmlChecks2, 0)),
            "checkModifiers" => Some((Ask::CheckModifiers, given.len())),
            _ => None,
        };
        let wants = match (name, ask) {
            (_, Some((_, wants))) => wants,
            ("extension", _) => 1,
            _ => 0,
        };
        if given.len() != wants {
            return Err(Unsupported::new(format!("{name}() with {} arguments", given.len()), at));
        }
        match (name, given) {
            ("extension", [url]) => {
                let url = self.part(url)?;
                Ok(self.joined([focus, url], |[focus, url]| Expr::Extension(focus, url)))
            }
            ("not", _) => Ok(self.joined([focus], |[focus]| Expr::Not(focus))),
            ("empty", _) => Ok(self.joined([focus], |[focus]| Expr::Empty(focus))),
            ("hasValue", _) => Ok(Part { expr: Expr::HasValue(Box::new(focus.expr)), free: focus.free }),
            _ => match (tree, now, ask) {
                (Some(tree), ..) => Ok(Part { expr: Expr::Tree(tree, Box::new(focus.expr)), free: focus.free }),
                (_, Some(kind), _) => Ok(Part { expr: Expr::Now(kind), free: false }),
                (_, _, Some((ask, _))) => {
                    let given = given.iter().map(|tree| self.part(tree)).collect::<Result<Vec<_>, _>>()?;
                    let free = focus.free || given.iter().any(|part| part.free);
                    let given = given.into_iter().map(|part| part.expr).collect();
                    Ok(Part { expr: Expr::Ask(ask, Box::new(focus.expr), given), free })
                }
                _ => Err(Unsupported::new(format!("the function {name}()"), at)),
            },
        }
    }

    fn scalar(&mut self, row: &'static Row, input: Part, given: &[Ast]) -> Compiled {
        let mut parts = given.iter().map(|tree| self.part(tree)).collect::<Result<Vec<_>, _>>()?;
        let constant = matches!(input.expr, Expr::Constant(_));
        if let ("matches", false, [Part { expr: Expr::Constant(values), .. }]) = (row.0, constant, parts.as_slice())
            && let [System::Text(text)] = values.as_slice()
        {
            let at = given.first().map_or(0, |tree| tree.at);
            let pattern = Pattern::new(text).ok_or_else(|| Unsupported::new("this regular expression", at))?;
            return Ok(Part { expr: Expr::Matches(Box::new(input.expr), Arc::new(pattern)), free: input.free });
        }
        parts.insert(0, input);
        let free = parts.iter().any(|part| part.free);
        let constant = parts.iter().all(|part| matches!(part.expr, Expr::Constant(_)));
        let mut exprs = parts.into_iter().map(|part| if free { self.kept(part) } else { part.expr });
        let first = exprs.next().unwrap_or(Expr::Constant(vec![]));
        let given: Vec<Expr> = exprs.collect();
        let expr = Expr::Scalar(row, Box::new(first), given);
        Ok(Part { expr: if constant { folded(expr) } else { expr }, free })
    }
}

fn of_type(operator: &str, input: Part, wanted: Wanted) -> Part {
    let expr = Box::new(input.expr);
    let expr = if operator == "is" { Expr::Is(expr, wanted) } else { Expr::OfType(expr, wanted) };
    Part { expr, free: input.free }
}

/// The value of an expression all of whose parts are constant; itself where it has none.
fn folded(expr: Expr) -> Expr {
    let values: Option<Vec<System<'static>>> = {
        let frame = Frame { focus: &[], index: 0, total: &[] };
        let items = Run::new(None).collect(&expr, &frame).ok();
        items.and_then(|items| items.into_iter().map(|item| item.system().map(System::into_owned)).collect())
    };
    values.map_or(expr, Expr::Constant)
}
