//! Tokens to a syntax tree, by the FHIRPath N1 grammar (<http://hl7.org/fhirpath/N1/grammar.html>).
//! Knows which operator binds tighter; not what functions and names mean. The tree's height is limited.

use super::fault::Unsupported;
use super::lexer::{Kind, Token, tokens};

/// A syntax tree and where it began.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ast {
    pub(super) kind: Syntax,
    pub(super) at: usize,
    height: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Syntax {
    /// `{}`
    Nothing,
    Boolean(bool),
    Text(String),
    Number(String),
    Moment(String),
    /// A number with a calendar word or a unit in quotes.
    Quantity(String, String),
    /// `$this` and its like.
    Dollar(String),
    Percent(String),
    /// A name, of something or at the beginning.
    Member(Option<Box<Ast>>, String),
    Call(Option<Box<Ast>>, String, Vec<Ast>),
    At(Box<Ast>, Box<Ast>),
    Sign(bool, Box<Ast>),
    Binary(&'static str, Box<Ast>, Box<Ast>),
    /// `is` or `as` with a type.
    Typed(&'static str, Box<Ast>, String),
}

/// Highest tree that is taken: the evaluator recurses along it.
pub(super) const HIGHEST: usize = 100;
/// Longest expression that is taken, in tokens.
const LONGEST: usize = 20_000;

/// Operators from the loosest to the tightest.
const LEVELS: &[&[&str]] = &[
    &["implies"],
    &["or", "xor"],
    &["and"],
    &["in", "contains"],
    &["=", "~", "!=", "!~"],
    &["<=", "<", ">", ">="],
    &["|"],
    &["is", "as"],
    &["+", "-", "&"],
    &["*", "/", "div", "mod"],
];

const CALENDAR: &[&str] = &["year", "month", "week", "day", "hour", "minute", "second", "millisecond"];

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    nested: usize,
}

type Parsed = Result<Ast, Unsupported>;

/// The tree of an expression.
///
/// # Errors
/// What is no FHIRPath, or is too long or too deep, and where.
pub(super) fn parse(source: &str) -> Parsed {
    let tokens = tokens(source)?;
    if tokens.len() > LONGEST {
        return Err(Unsupported::new("an expression of this length", 0));
    }
    let mut parser = Parser { tokens, at: 0, nested: 0 };
    let tree = parser.binary(0)?;
    match parser.tokens.get(parser.at) {
        Some(token) => Err(Unsupported::new("something after the end of the expression", token.at)),
        None => Ok(tree),
    }
}

fn node(kind: Syntax, at: usize) -> Parsed {
    let parts: Vec<&Ast> = match &kind {
        Syntax::Member(Some(a), _) | Syntax::Sign(_, a) | Syntax::Typed(_, a, _) => vec![a],
        Syntax::At(a, b) | Syntax::Binary(_, a, b) => vec![a, b],
        Syntax::Call(input, _, given) => input.as_deref().into_iter().chain(given).collect(),
        _ => Vec::new(),
    };
    let height = 1 + parts.iter().map(|part| part.height).max().unwrap_or(0);
    if height > HIGHEST {
        return Err(Unsupported::new("an expression as deeply nested as this", at));
    }
    Ok(Ast { kind, at, height })
}

impl Parser {
    fn kind(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn place(&self) -> usize {
        let end = || self.tokens.last().map_or(0, |token| token.at + 1);
        self.tokens.get(self.at).map_or_else(end, |token| token.at)
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.kind(), Some(Kind::Symbol(found)) if *found == symbol)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    fn want(&mut self, symbol: &str) -> Result<(), Unsupported> {
        if self.take(symbol) { Ok(()) } else { self.fail(format!("an expression without the expected {symbol}")) }
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T, Unsupported> {
        Err(Unsupported::new(what, self.place()))
    }

    fn operator(&self, level: &[&'static str]) -> Option<&'static str> {
        let found = match self.kind()? {
            Kind::Name(name) => name.as_str(),
            Kind::Symbol(symbol) => symbol,
            _ => return None,
        };
        level.iter().copied().find(|operator| *operator == found)
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        if level == 0 {
            // every way into deeper nesting comes past here
            self.nested += 1;
            if self.nested > HIGHEST / 2 {
                return self.fail("an expression as deeply nested as this");
            }
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let at = self.place();
            self.at += 1;
            left = if matches!(operator, "is" | "as") {
                let named = self.type_name()?;
                node(Syntax::Typed(operator, Box::new(left), named), at)?
            } else {
                let right = self.binary(level + 1)?;
                node(Syntax::Binary(operator, Box::new(left), Box::new(right)), at)?
            };
        }
        self.nested -= usize::from(level == 0);
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        let at = self.place();
        let mut signs = Vec::new();
        while self.is("+") || self.is("-") {
            signs.push(self.is("-"));
            self.at += 1;
        }
        let mut tree = self.path()?;
        for minus in signs.into_iter().rev() {
            tree = node(Syntax::Sign(minus, Box::new(tree)), at)?;
        }
        Ok(tree)
    }

    fn path(&mut self) -> Parsed {
        let mut tree = self.term()?;
        loop {
            let at = self.place();
            if self.take(".") {
                tree = self.invocation(Some(Box::new(tree)))?;
            } else if self.take("[") {
                let index = self.binary(0)?;
                self.want("]")?;
                tree = node(Syntax::At(Box::new(tree), Box::new(index)), at)?;
            } else {
                return Ok(tree);
            }
        }
    }

    fn invocation(&mut self, input: Option<Box<Ast>>) -> Parsed {
        let at = self.place();
        let name = match self.kind() {
            Some(Kind::Name(name)) => name.clone(),
            Some(Kind::Quoted(name)) => {
                let name = name.clone();
                self.at += 1;
                return node(Syntax::Member(input, name), at);
            }
            Some(Kind::Dollar(name)) if input.is_none() => {
                let name = name.clone();
                self.at += 1;
                return node(Syntax::Dollar(name), at);
            }
            _ => return self.fail("an expression that stops where a name is expected"),
        };
        self.at += 1;
        if !self.take("(") {
            return node(Syntax::Member(input, name), at);
        }
        let mut given = Vec::new();
        if !self.take(")") {
            given.push(self.binary(0)?);
            while self.take(",") {
                given.push(self.binary(0)?);
            }
            self.want(")")?;
        }
        node(Syntax::Call(input, name, given), at)
    }

    fn term(&mut self) -> Parsed {
        let at = self.place();
        let kind = match self.kind() {
            Some(Kind::Symbol("(")) => {
                self.at += 1;
                let tree = self.binary(0)?;
                self.want(")")?;
                return Ok(tree);
            }
            Some(Kind::Symbol("{")) => {
                self.at += 1;
                self.want("}")?;
                return node(Syntax::Nothing, at);
            }
            Some(Kind::Name(name)) if matches!(name.as_str(), "true" | "false") => Syntax::Boolean(name == "true"),
            Some(Kind::Text(text)) => Syntax::Text(text.clone()),
            Some(Kind::Moment(text)) => Syntax::Moment(text.clone()),
            Some(Kind::Percent(name)) => Syntax::Percent(name.clone()),
            Some(Kind::Number(digits)) => {
                let digits = digits.clone();
                self.at += 1;
                return self.number(digits, at);
            }
            _ => return self.invocation(None),
        };
        self.at += 1;
        node(kind, at)
    }

    fn number(&mut self, digits: String, at: usize) -> Parsed {
        let unit = match self.kind() {
            Some(Kind::Text(unit)) => Some(unit.clone()),
            Some(Kind::Name(word)) => {
                let singular = word.strip_suffix('s').unwrap_or(word);
                CALENDAR.iter().find(|known| **known == singular).map(|known| (*known).to_owned())
            }
            _ => None,
        };
        self.at += usize::from(unit.is_some());
        match unit {
            Some(unit) => node(Syntax::Quantity(digits, unit), at),
            None => node(Syntax::Number(digits), at),
        }
    }

    fn type_name(&mut self) -> Result<String, Unsupported> {
        let mut out = String::new();
        loop {
            match self.kind() {
                Some(Kind::Name(name) | Kind::Quoted(name)) => out.push_str(name),
                _ => return self.fail("a type without a name"),
            }
            self.at += 1;
            if !self.take(".") {
                return Ok(out);
            }
            out.push('.');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ast, HIGHEST, Syntax, parse};

    /// The tree in words, with every operation in brackets.
    fn told(ast: &Ast) -> String {
        match &ast.kind {
            Syntax::Binary(operator, a, b) => format!("({} {operator} {})", told(a), told(b)),
            Syntax::Typed(operator, a, named) => format!("({} {operator} {named})", told(a)),
            Syntax::Sign(minus, a) => format!("({}{})", if *minus { "-" } else { "+" }, told(a)),
            Syntax::At(a, b) => format!("{}[{}]", told(a), told(b)),
            Syntax::Member(None, name) | Syntax::Number(name) => name.clone(),
            Syntax::Member(Some(a), name) => format!("{}.{name}", told(a)),
            Syntax::Call(input, name, given) => {
                let input = input.as_ref().map(|a| format!("{}.", told(a))).unwrap_or_default();
                format!("{input}{name}({})", given.iter().map(told).collect::<Vec<_>>().join(","))
            }
            Syntax::Quantity(digits, unit) => format!("{digits}'{unit}'"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn operators_bind_as_the_grammar_says() {
        for (source, expected) in [
            ("a or b and c implies d", "((a or (b and c)) implies d)"),
            ("a = b | c", "(a = (b | c))"),
            ("a in b = c", "(a in (b = c))"),
            ("a is b.c and d", "((a is b.c) and d)"),
            ("a + b is Quantity", "((a + b) is Quantity)"),
            ("a | b is c", "(a | (b is c))"),
            ("-a.b * 2 + 3", "(((-a.b) * 2) + 3)"),
            ("a[1].b(c, d)", "a[1].b(c,d)"),
            ("a - b - c", "((a - b) - c)"),
            ("3 days + 4 'kg'", "(3'day' + 4'kg')"),
            ("is.as.contains.in", "is.as.contains.in"),
            ("text.`div`.exists()", "text.div.exists()"),
            ("a > b = c < d", "((a > b) = (c < d))"),
        ] {
            assert_eq!(told(&parse(source).unwrap()), expected, "{source}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for source in ["", "a.", "a b", "(a", "a(", "a[1", "{1}", "1 +", "a is", "a..b", "$", "a,b", "a.1", ")"] {
            let refused = parse(source);
            assert!(refused.is_err() || source == "$", "{source}");
        }
    }

    #[test]
    fn very_deep_and_very_long_expressions_are_refused_not_followed() {
        let n = 30_000;
        for source in [
            "(".repeat(n),
            "-".repeat(n) + "1",
            "a.".repeat(n) + "a",
            "a(".repeat(n),
            "a[".repeat(n),
            "1+".repeat(n) + "1",
            "(".repeat(HIGHEST) + "1" + &")".repeat(HIGHEST),
        ] {
            assert!(parse(&source).is_err());
        }
    }
}
