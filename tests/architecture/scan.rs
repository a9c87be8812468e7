//! One source file to the paths it names outside of its tests, resolved against the crate root.
//! Knows Rust's module paths and `use` trees; knows no rule of ours.

use super::lex::{Kind, Token, tokens};

/// A path as the file names it, `crate` and `super` worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) origin: Origin,
    /// Segments below the crate root, or from the external crate's name on. `*` stands for a glob.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Below the root of this package.
    Ours,
    /// Anything else: an external crate, or a name already in scope.
    Other,
}

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) paths: Vec<Named>,
    /// Every identifier outside tests, for names that may not appear at all.
    pub(crate) words: Vec<(String, usize)>,
    /// `name!` anywhere, tests included.
    pub(crate) macros: Vec<(String, usize)>,
    /// Modules declared as `#[cfg(test)] mod name;`, whose files are tests.
    pub(crate) test_modules: Vec<String>,
}

/// Scans a file. `module` is the path of the module it is, `["fhir", "xml"]` for `src/fhir/xml.rs`.
pub(crate) fn scan(source: &str, module: &[String]) -> Scan {
    let all = tokens(source);
    let mut out = Scan { macros: macros(&all), ..Scan::default() };
    let code = without_tests(&all, &mut out.test_modules);
    out.words = code.iter().filter_map(|t| Some((t.ident()?.to_owned(), t.line))).collect();
    out.paths = paths(&code, module);
    out
}

fn macros(tokens: &[Token]) -> Vec<(String, usize)> {
    tokens
        .windows(3)
        .filter(|w| w[1].is('!') && !w[2].is('='))
        .filter_map(|w| Some((w[0].ident()?.to_owned(), w[0].line)))
        .collect()
}

/// Drops every item under `#[cfg(test)]`, or everything under `#![cfg(test)]`.
fn without_tests(all: &[Token], test_modules: &mut Vec<String>) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if let Some(end) = cfg_test(&all[at..]) {
            if all[at + 1].is('!') {
                return Vec::new();
            }
            let (length, module) = item(&all[at + end..]);
            test_modules.extend(module);
            at += end + length;
        } else {
            out.push(all[at].clone());
            at += 1;
        }
    }
    out
}

/// The length of `#[cfg(test)]` or `#![cfg(test)]`, if the tokens begin with it.
fn cfg_test(tokens: &[Token]) -> Option<usize> {
    let bang = usize::from(tokens.get(1)?.is('!'));
    let shape = tokens.get(1 + bang..7 + bang)?;
    let is = tokens.first()?.is('#')
        && shape[0].is('[')
        && shape[1].ident() == Some("cfg")
        && shape[2].is('(')
        && shape[3].ident() == Some("test")
        && shape[4].is(')')
        && shape[5].is(']');
    is.then_some(7 + bang)
}

/// The length of the item the tokens begin with, and its name when it is a module in a file of its own.
fn item(tokens: &[Token]) -> (usize, Option<String>) {
    let mut depth = 0_usize;
    let mut braced = false;
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Punct('(' | '[' | '{') => {
                depth += 1;
                braced |= token.is('{');
            }
            // the end of whatever holds the item: a field or a variant, which nothing else ends
            Kind::Punct(')' | ']' | '}') if depth == 0 => return (i, None),
            Kind::Punct(')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 && token.is('}') && !tokens.get(i + 1).is_some_and(|t| t.is(';')) {
                    return (i + 1, None);
                }
            }
            Kind::Punct(';') if depth == 0 => return (i + 1, if braced { None } else { declared(&tokens[..i]) }),
            _ => {}
        }
    }
    (tokens.len(), None)
}

/// `mod name` at the end of these tokens.
fn declared(tokens: &[Token]) -> Option<String> {
    let [.., keyword, name] = tokens else { return None };
    (keyword.ident() == Some("mod")).then(|| name.ident().map(str::to_owned)).flatten()
}

/// Walks the tokens with the module they are in, and takes down each path.
fn paths(code: &[Token], module: &[String]) -> Vec<Named> {
    let mut out = Vec::new();
    let mut here = module.to_vec();
    // one entry for each open brace: whether it opened an inline module
    let mut braces = Vec::new();
    let mut opening_module = false;
    let mut in_use = false;
    let mut at = 0;
    while let Some(token) = code.get(at) {
        let before = at.checked_sub(1).and_then(|i| code.get(i));
        match &token.kind {
            Kind::Ident(name) if name == "use" => in_use = true,
            Kind::Ident(name) if name == "mod" => {
                let name = code.get(at + 1).and_then(Token::ident);
                if let (Some(name), Some(true)) = (name, code.get(at + 2).map(|t| t.is('{'))) {
                    here.push(name.to_owned());
                    opening_module = true;
                    at += 1;
                }
            }
            Kind::Ident(_) if before.is_some_and(|t| t.kind == Kind::PathSep) && !leads(code, at) => {}
            Kind::Ident(_) => {
                let bare = in_use || before.and_then(Token::ident) == Some("crate");
                let end = tree(code, at, &mut Vec::new(), &here, bare, &mut out);
                at = end.max(at + 1);
                continue;
            }
            Kind::Punct('{') => braces.push(std::mem::take(&mut opening_module)),
            Kind::Punct('}') if braces.pop() == Some(true) => drop(here.pop()),
            Kind::Punct(';') => in_use = false,
            _ => {}
        }
        at += 1;
    }
    out
}

/// Whether the `::` before `at` begins a path (`::axum::Router`) rather than continuing one (`<T as X>::y`, `a::<b>::c`).
fn leads(code: &[Token], at: usize) -> bool {
    let back = |steps: usize| at.checked_sub(steps).and_then(|i| code.get(i));
    match back(2) {
        None => true,
        Some(token) if token.is('>') => back(3).is_some_and(|t| t.is('-') || t.is('=')),
        Some(token) => !(token.is(')') || token.is(']') || token.ident().is_some_and(|i| i != "use" && i != "return")),
    }
}

/// Reads one path or `use` tree from `at`; returns where it ends.
fn tree(
    code: &[Token],
    mut at: usize,
    prefix: &mut Vec<String>,
    here: &[String],
    bare: bool,
    out: &mut Vec<Named>,
) -> usize {
    let kept = prefix.len();
    let line = code.get(at).map_or(0, |t| t.line);
    loop {
        match code.get(at).map(|t| &t.kind) {
            Some(Kind::Ident(name)) => prefix.push(name.clone()),
            Some(Kind::Punct('*')) => prefix.push("*".into()),
            Some(Kind::Punct('{')) => {
                at += 1;
                while code.get(at).is_some_and(|t| !t.is('}')) {
                    let next = tree(code, at, prefix, here, bare, out);
                    // past commas and `as name`
                    at = next.max(at + 1);
                    while code.get(at).is_some_and(|t| !t.is('}') && !t.is(',')) {
                        at += 1;
                    }
                    at += usize::from(code.get(at).is_some_and(|t| t.is(',')));
                }
                prefix.truncate(kept);
                return at + 1;
            }
            _ => {
                prefix.truncate(kept);
                return at;
            }
        }
        at += 1;
        let more = code.get(at).is_some_and(|t| t.kind == Kind::PathSep)
            && code.get(at + 1).is_some_and(|t| t.ident().is_some() || t.is('{') || t.is('*'));
        if !more {
            break;
        }
        at += 1;
    }
    let restricts = code.get(at).is_some_and(|t| t.is(')')) && prefix.len() == 1;
    if (bare || prefix.len() > 1 || is_root(prefix)) && !restricts {
        out.push(resolve(prefix, here, line));
    }
    prefix.truncate(kept);
    at
}

fn is_root(path: &[String]) -> bool {
    path.first().is_some_and(|first| first == "crate")
}

/// Works out `crate`, `self`, `super` and the library's own name.
fn resolve(path: &[String], here: &[String], line: usize) -> Named {
    let mut base = here.to_vec();
    let mut rest = path;
    let mut ours = false;
    while let Some((first, tail)) = rest.split_first() {
        match first.as_str() {
            "crate" | "cmht_gateway" => base.clear(),
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        ours = true;
        rest = tail;
    }
    if ours {
        base.extend_from_slice(rest);
        return Named { origin: Origin::Ours, segments: base, line };
    }
    Named { origin: Origin::Other, segments: path.to_vec(), line }
}
