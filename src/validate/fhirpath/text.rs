//! Functions of strings (<http://hl7.org/fhirpath/N1/#string-manipulation>). Characters are counted, not bytes.
//! Patterns match anywhere in the text unless anchored, in single-line mode, as the reference implementation has it.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::fault::Fault;
use super::item::System;
use super::program::Row;
use super::run::Run;

type Given<'x, 'a> = &'x [Option<System<'a>>];
type Answer<'a> = Result<Option<System<'a>>, Fault>;

pub(super) const FUNCTIONS: &[Row] = &[
    ("indexOf", 1, 1, index_of),
    ("lastIndexOf", 1, 1, last_index_of),
    ("substring", 1, 2, substring),
    ("startsWith", 1, 1, |run, text, given| test(run, text, given, |text, part| text.starts_with(part))),
    ("endsWith", 1, 1, |run, text, given| test(run, text, given, |text, part| text.ends_with(part))),
    ("contains", 1, 1, |run, text, given| test(run, text, given, |text, part| text.contains(part))),
    ("upper", 0, 0, |run, text, _| change(run, text, str::to_uppercase)),
    ("lower", 0, 0, |run, text, _| change(run, text, str::to_lowercase)),
    ("trim", 0, 0, |run, text, _| change(run, text, |text| text.trim().to_owned())),
    ("replace", 2, 2, replace),
    ("matches", 1, 1, |run, text, given| matches(run, text, given, false)),
    ("matchesFull", 1, 1, |run, text, given| matches(run, text, given, true)),
    ("replaceMatches", 2, 2, replace_matches),
    ("length", 0, 0, length),
    ("escape", 1, 1, |run, text, given| escape(run, text, given, written_for)),
    ("unescape", 1, 1, |run, text, given| escape(run, text, given, read_from)),
];

/// Largest automaton a pattern may need.
const AUTOMATON: usize = 1 << 20;

/// A pattern of the expression; its automaton is built when first used, for most never are.
#[derive(Debug)]
pub(super) struct Pattern {
    text: Box<str>,
    built: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// `None` where the text is no pattern, or asks for what cannot be had in linear time.
    pub(super) fn new(text: &str) -> Option<Self> {
        regex_syntax::ast::parse::Parser::new().parse(text).ok()?;
        Some(Self { text: text.into(), built: OnceLock::new() })
    }

    pub(super) fn is_match(&self, text: &str) -> Result<bool, Fault> {
        let built = self.built.get_or_init(|| pattern(&self.text)).as_ref();
        built.map(|pattern| pattern.is_match(text)).ok_or(Fault::Pattern)
    }
}

/// A pattern as FHIRPath has them; `None` where it is none, or would need too large an automaton.
fn pattern(text: &str) -> Option<Regex> {
    let limits = |text: &str| {
        RegexBuilder::new(text).dot_matches_new_line(true).size_limit(AUTOMATON).dfa_size_limit(AUTOMATON).build().ok()
    };
    limits(text)
}

fn text<'x>(value: &'x System<'_>) -> Result<&'x str, Fault> {
    match value {
        System::Text(text) => Ok(text),
        _ => Err(Fault::Type("a function of strings")),
    }
}

/// The argument at that place; `None` where it is empty.
fn given_text<'x>(given: Given<'x, '_>, at: usize) -> Result<Option<&'x str>, Fault> {
    given.get(at).and_then(Option::as_ref).map(text).transpose()
}

fn number(count: usize) -> Option<System<'static>> {
    i32::try_from(count).ok().map(System::Integer)
}

fn test<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>, holds: fn(&str, &str) -> bool) -> Answer<'a> {
    let value = text(value)?;
    run.fuel.charge_text(value.len())?;
    Ok(given_text(given, 0)?.map(|part| System::Boolean(holds(value, part))))
}

fn change<'a>(run: &Run<'a, '_>, value: &System<'a>, change: fn(&str) -> String) -> Answer<'a> {
    let value = text(value)?;
    run.fuel.charge_text(value.len())?;
    Ok(Some(System::Text(change(value).into())))
}

fn length<'a>(run: &Run<'a, '_>, value: &System<'a>, _: Given<'_, 'a>) -> Answer<'a> {
    let value = text(value)?;
    run.fuel.charge_text(value.len())?;
    Ok(number(value.chars().count()))
}

fn index_of<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>) -> Answer<'a> {
    found(run, value, given, |text, part| text.find(part))
}

fn last_index_of<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>) -> Answer<'a> {
    found(run, value, given, |text, part| text.rfind(part))
}

fn found<'a>(
    run: &Run<'a, '_>,
    value: &System<'a>,
    given: Given<'_, 'a>,
    find: fn(&str, &str) -> Option<usize>,
) -> Answer<'a> {
    let value = text(value)?;
    run.fuel.charge_text(value.len())?;
    let Some(part) = given_text(given, 0)? else { return Ok(None) };
    let at = find(value, part).and_then(|at| value.get(..at)).map(|before| before.chars().count());
    Ok(at.map_or(Some(System::Integer(-1)), number))
}

fn substring<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>) -> Answer<'a> {
    let value = text(value)?;
    run.fuel.charge_text(value.len())?;
    let whole = |at: usize| match given.get(at) {
        Some(Some(System::Integer(number))) => Ok(Some(*number)),
        Some(Some(_)) => Err(Fault::Type("substring()")),
        _ => Ok(None),
    };
    let Some(from) = whole(0)?.and_then(|from| usize::try_from(from).ok()) else { return Ok(None) };
    let count = whole(1)?.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(0));
    if value.chars().nth(from).is_none() {
        return Ok(None);
    }
    let part: String = value.chars().skip(from).take(count).collect();
    Ok(Some(System::Text(part.into())))
}

fn replace<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>) -> Answer<'a> {
    let value = text(value)?;
    let (Some(pattern), Some(by)) = (given_text(given, 0)?, given_text(given, 1)?) else { return Ok(None) };
    run.fuel.charge_text(value.len())?;
    run.fuel.charge_text(value.matches(pattern).count().saturating_mul(by.len()))?;
    Ok(Some(System::Text(value.replace(pattern, by).into())))
}

fn compiled(run: &Run<'_, '_>, text: &str, full: bool) -> Result<Regex, Fault> {
    // building the automaton costs far more than reading the pattern
    run.fuel.charge_text(text.len().saturating_mul(64).saturating_add(4_096))?;
    let text = if full { format!("^(?:{text})$") } else { text.to_owned() };
    pattern(&text).ok_or(Fault::Pattern)
}

fn matches<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>, full: bool) -> Answer<'a> {
    let value = text(value)?;
    let Some(pattern) = given_text(given, 0)? else { return Ok(None) };
    run.fuel.charge_text(value.len())?;
    Ok(Some(System::Boolean(compiled(run, pattern, full)?.is_match(value))))
}

fn replace_matches<'a>(run: &Run<'a, '_>, value: &System<'a>, given: Given<'_, 'a>) -> Answer<'a> {
    let value = text(value)?;
    let (Some(pattern), Some(by)) = (given_text(given, 0)?, given_text(given, 1)?) else { return Ok(None) };
    let pattern = compiled(run, pattern, false)?;
    run.fuel.charge_text(value.len())?;
    run.fuel.charge_text(pattern.find_iter(value).count().saturating_mul(by.len() + 16))?;
    Ok(Some(System::Text(pattern.replace_all(value, by).into_owned().into())))
}

/// `escape()` and `unescape()`; empty for a form we do not know.
fn escape<'a>(
    run: &Run<'a, '_>,
    value: &System<'a>,
    given: Given<'_, 'a>,
    turned: fn(&str, &str) -> Option<String>,
) -> Answer<'a> {
    let value = text(value)?;
    let Some(form) = given_text(given, 0)? else { return Ok(None) };
    run.fuel.charge_text(value.len().saturating_mul(6))?;
    Ok(turned(value, form).map(|text| System::Text(text.into())))
}

const HTML: &[(&str, &str)] = &[("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

fn written_for(text: &str, form: &str) -> Option<String> {
    match form {
        "html" => Some(HTML.iter().fold(text.to_owned(), |text, (plain, written)| text.replace(plain, written))),
        "json" => {
            let quoted = serde_json::to_string(text).ok()?;
            quoted.strip_prefix('"')?.strip_suffix('"').map(str::to_owned)
        }
        _ => None,
    }
}

fn read_from(text: &str, form: &str) -> Option<String> {
    match form {
        // the ampersand last, or `&amp;lt;` would lose twice
        "html" => Some(HTML.iter().rev().fold(text.to_owned(), |text, (plain, written)| text.replace(written, plain))),
        "json" => serde_json::from_str(&format!("\"{text}\"")).ok(),
        _ => None,
    }
}
