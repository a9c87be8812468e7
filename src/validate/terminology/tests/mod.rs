//! Composition rules on definitions made for them, answers over the definitions the binary carries, and the seam to a
//! server.

mod carried;
mod composition;
mod seam;
mod systems;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Compiled, Refusal, Server, Terminology, Why};
use crate::definitions::{Definition, Library};

/// A library of these resources alone.
fn library(resources: &[Value]) -> Terminology {
    let mut library = Library::default();
    for resource in resources {
        library.add(Definition::from_fhir(resource).unwrap());
    }
    Terminology::over(Arc::new(library))
}

/// A code system `http://s/NAME` that is complete and minds case.
fn system(name: &str, concepts: &Value) -> Value {
    json!({"resourceType": "CodeSystem", "url": format!("http://s/{name}"), "version": "1.2.0", "content": "complete",
        "caseSensitive": true, "concept": concepts,
        "filter": [{"code": "colour", "operator": ["="], "value": "a colour"}]})
}

/// A value set `http://v/NAME` of one include.
#[allow(clippy::needless_pass_by_value, reason = "every caller writes it in place")]
fn includes(name: &str, include: Value) -> Value {
    composed(name, json!({"include": [include]}))
}

/// A value set `http://v/NAME`.
#[allow(clippy::needless_pass_by_value, reason = "every caller writes it in place")]
fn composed(name: &str, compose: Value) -> Value {
    json!({"resourceType": "ValueSet", "url": format!("http://v/{name}"), "compose": compose})
}

/// `Y`, `N` or `?` for each code of a system, in one text.
fn told(terminology: &Terminology, value_set: &str, system: Option<&str>, codes: &[&str]) -> String {
    let letter = |code: &&str| match terminology.member(value_set, system, code) {
        Answer::Yes { .. } => 'Y',
        Answer::No { .. } => 'N',
        Answer::Unknown { .. } => '?',
    };
    codes.iter().map(letter).collect()
}

/// Animals: a bird and two kinds of it, one of them with a kind of its own; a fish that is retired; words that group.
fn animals() -> Value {
    system(
        "animals",
        &json!([
            {"code": "bird", "display": "Bird", "property": [{"code": "notSelectable", "valueBoolean": true}], "concept": [
                {"code": "duck", "display": "Duck", "property": [{"code": "colour", "valueString": "green"}],
                    "concept": [{"code": "mallard", "display": "Mallard"}]},
                {"code": "hen", "property": [{"code": "colour", "valueString": "brown"}]}]},
            {"code": "fish", "property": [{"code": "status", "valueCode": "retired"}]},
            {"code": "swift", "property": [{"code": "parent", "valueCode": "bird"}]}
        ]),
    )
}

const ANIMALS: [&str; 7] = ["bird", "duck", "mallard", "hen", "fish", "swift", "cow"];
