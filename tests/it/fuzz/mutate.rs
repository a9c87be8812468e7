//! Inputs made of inputs: bytes changed, pieces taken out, doubled and moved between inputs, words of the language put in;
//! and of JSON also values moved, renamed and swapped, so that what comes out is still read.

use serde_json::{Value, json};

use super::Kind;
use super::dice::Dice;

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "1e999",
    "-0.0",
    "0.10",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\u{feff}",
    "\"resourceType\":\"Patient\",",
    "\"_birthDate\":{\"id\":\"a\"},",
    "\"extension\":[{\"url\":\"a\"}],",
    "\"id\":\"a\",",
    "\"contained\":[{\"resourceType\":\"Basic\",\"id\":\"a\"}],",
    "\"reference\":\"#a\"",
    "\"9999-12-31T23:59:60Z\"",
    "\"valueString\":\"a\",",
    "\"valueQuantity\":{\"value\":1},",
    "\"urn:uuid:0f0c7a53-5b0a-4d9a-9c1e-0d9d0e6a2b11\"",
    "\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"85354-9\"}],",
    "\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"><p/></div>\"",
    "/* a */",
    "'a'",
    "\\",
    "\u{202e}",
    "\t",
];
const XML: &[&str] = &[
    "<a>",
    "</a>",
    "<a/>",
    "<id value=\"a\"/>",
    "<?xml version=\"1.1\"?>",
    "<!-- a -->",
    "<!DOCTYPE a>",
    "<![CDATA[a]]>",
    "&amp;",
    "&#0;",
    "&#xD800;",
    "&nbsp;",
    "<extension url=\"a\"><valueString value=\"b\"/></extension>",
    "<p xmlns=\"http://www.w3.org/1999/xhtml\">",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a</p></div>",
    " value=\"\"",
    " id=\"a\"",
    " xmlns:a=\"b\"",
    "<contained>",
    "</contained>",
    "<Patient xmlns=\"http://hl7.org/fhir\">",
    "</Patient>",
    "]]>",
    "<",
    ">",
    "\"",
    "\u{feff}",
    "<reference value=\"#a\"/>",
];
const PATH: &[&str] = &[
    "(",
    ")",
    ".",
    "[0]",
    "{}",
    "and ",
    " or ",
    " implies ",
    " xor ",
    "not()",
    "where(",
    "select(",
    "all(",
    "exists()",
    "repeat(",
    "aggregate($this)",
    "$this",
    "$index",
    "$total",
    "%resource",
    "%rootResource",
    "%context",
    "descendants()",
    "children()",
    "resolve()",
    "ofType(",
    "as(",
    "is(",
    "matches('(a+)+$')",
    "'\\u0000'",
    "'a'",
    "@2026-01-01T00:00:00Z",
    "@T12:00",
    "1 'kg'",
    "3 years",
    "9223372036854775807",
    "0.00000001",
    "*",
    "/",
    "div",
    "mod",
    "+",
    "-",
    "&",
    "|",
    "=",
    "~",
    "!=",
    "<=",
    "in ",
    "contains ",
    "union(",
    "combine(",
    "iif(",
    "replace('a','aaaa')",
    "toString()",
    "toQuantity()",
    "trace('a')",
    "extension('a')",
    "memberOf('a')",
    "power(",
    "ln()",
    "`a`",
    "//",
    "/*",
    "*/",
    "length()",
    "substring(",
    "join(',')",
    "split('')",
    "today()",
    "isDistinct()",
    "intersect(",
    "name",
    "given",
    "Patient",
    "\u{e9}",
];

/// Another input, from one or two others.
pub(super) fn mutate(kind: Kind, one: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let structured = kind == Kind::Json && dice.below(2) == 0;
    if structured && let (Ok(mut value), Ok(from)) = (serde_json::from_slice(one), serde_json::from_slice(other)) {
        for _ in 0..=dice.below(4) {
            rearrange(&mut value, &from, dice);
        }
        return value.to_string().into_bytes();
    }
    let words = match kind {
        Kind::Json => JSON,
        Kind::Xml => XML,
        Kind::Path => PATH,
    };
    let mut bytes = one.to_vec();
    for _ in 0..=dice.below(6) {
        change(&mut bytes, other, words, dice);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], words: &[&str], dice: &mut Dice) {
    let length = bytes.len();
    match dice.below(8) {
        0 if length > 0 => {
            let at = dice.below(length);
            bytes[at] ^= 1 << dice.below(8);
        }
        1 => {
            let (start, end) = dice.span(length, 40);
            bytes.drain(start..end);
        }
        2 => {
            let (start, end) = dice.span(length, 200);
            let piece = bytes[start..end].to_vec();
            let at = dice.below(length + 1);
            bytes.splice(at..at, piece);
        }
        3 => {
            let (start, end) = dice.span(other.len(), 200);
            let at = dice.below(length + 1);
            bytes.splice(at..at, other[start..end].to_vec());
        }
        4 => {
            let (start, end) = dice.span(length, 4);
            bytes.splice(start..end, dice.one(words).bytes());
        }
        5 => {
            let (start, end) = dice.span(length, 60);
            let piece = bytes[start..end].to_vec();
            let times = dice.below(20);
            bytes.splice(start..start, piece.repeat(times));
        }
        6 => bytes.truncate(dice.below(length + 1)),
        _ => {
            let at = dice.below(length + 1);
            bytes.splice(at..at, dice.one(words).bytes());
        }
    }
}

/// Changes a value somewhere, with pieces of another.
fn rearrange(value: &mut Value, from: &Value, dice: &mut Dice) {
    let piece = pick(from, dice).clone();
    let names = [
        "value",
        "_value",
        "url",
        "reference",
        "coding",
        "extension",
        "contained",
        "resourceType",
        "id",
        "entry",
        "item",
        "given",
    ];
    let place = pick_mut(value, dice);
    match (dice.below(8), &mut *place) {
        (0, Value::Object(fields)) => {
            let key = fields.keys().nth(dice.below(fields.len())).cloned();
            key.and_then(|key| fields.remove(&key));
        }
        (1, Value::Object(fields)) => {
            let key = fields.keys().nth(dice.below(fields.len())).cloned();
            if let Some(taken) = key.and_then(|key| fields.remove(&key)) {
                fields.insert((*dice.one(&names)).to_owned(), taken);
            }
        }
        (2, Value::Object(fields)) => {
            fields.insert((*dice.one(&names)).to_owned(), piece);
        }
        (3, Value::Array(items)) if !items.is_empty() => {
            let again = items[dice.below(items.len())].clone();
            items.extend(std::iter::repeat_n(again, dice.below(4)));
        }
        (4, Value::Array(items)) => items.push(piece),
        (5, any) => *any = json!([any.take()]),
        (6, any) => *any = json!({ *dice.one(&names): any.take() }),
        (_, any) => *any = piece,
    }
}

/// A value somewhere inside.
fn pick<'v>(value: &'v Value, dice: &mut Dice) -> &'v Value {
    let mut here = value;
    for _ in 0..dice.below(8) {
        let next = match here {
            Value::Object(fields) => fields.values().nth(dice.below(fields.len())),
            Value::Array(items) => items.get(dice.below(items.len())),
            _ => None,
        };
        let Some(next) = next else { break };
        here = next;
    }
    here
}

fn pick_mut<'v>(value: &'v mut Value, dice: &mut Dice) -> &'v mut Value {
    let mut here = value;
    for _ in 0..dice.below(8) {
        let most = match &*here {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if most == 0 {
            break;
        }
        let at = dice.below(most);
        here = match here {
            Value::Object(fields) => fields.values_mut().nth(at).unwrap(),
            Value::Array(items) => &mut items[at],
            _ => break,
        };
    }
    here
}

/// The same input at two sizes and a third: something in it so often, twice and four times as often.
pub(super) fn grown(kind: Kind, input: &[u8], size: usize, dice: &mut Dice) -> Option<[Vec<u8>; 3]> {
    if kind == Kind::Json && dice.below(3) > 0 {
        let value: Value = serde_json::from_slice(input).ok()?;
        let seed = dice.throw();
        return Some([1, 2, 4].map(|factor| {
            let mut value = value.clone();
            grow(pick_mut(&mut value, &mut Dice::of(seed)), size * factor, &mut Dice::of(seed ^ 1));
            value.to_string().into_bytes()
        }));
    }
    let (start, end) = dice.span(input.len(), 80);
    let piece = input.get(start..end).filter(|piece| !piece.is_empty())?;
    let close = dice.below(2) == 0;
    Some([1, 2, 4].map(|factor| {
        let times = (size * factor / piece.len()).max(1);
        let mut bytes = input[..start].to_vec();
        bytes.extend(piece.repeat(times));
        bytes.extend(&input[end..]);
        if close && kind == Kind::Path {
            let open = count(&bytes, b'(');
            bytes.extend(std::iter::repeat_n(b')', open.saturating_sub(count(&bytes, b')'))));
        }
        bytes
    }))
}

/// Makes a value about this long: more items, more fields, or more text.
fn grow(place: &mut Value, size: usize, dice: &mut Dice) {
    match place {
        Value::Array(items) if !items.is_empty() => {
            let again = items[dice.below(items.len())].clone();
            let times = size / again.to_string().len().max(1);
            items.extend(std::iter::repeat_n(again, times));
        }
        Value::Object(fields) if dice.below(3) == 0 => {
            let again = fields.values().nth(dice.below(fields.len())).cloned().unwrap_or_default();
            let times = size / (again.to_string().len() + 8);
            fields.extend((0..times).map(|n| (format!("k{n}"), again.clone())));
        }
        Value::String(text) if !text.is_empty() => *text = text.repeat(size / text.len() + 1),
        other => {
            let again = other.take();
            let times = size / again.to_string().len().max(1);
            *other = Value::Array(std::iter::repeat_n(again, times).collect());
        }
    }
}

fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes.iter().map(|byte| usize::from(*byte == wanted)).sum()
}
