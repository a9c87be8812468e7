//! FHIR JSON bytes to a value and back (<https://hl7.org/fhir/R4/json.html>).
//! Checks that there is a resource of a known type; what it contains is for `structure` to say.

mod parse;
mod position;

use serde_json::Value;

use super::schema::Place;
use super::source::{decode, line_column, shown};
use super::{Limits, resource_type};
use crate::model::{Issue, IssueCode};

pub use position::locate;

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Value, Issue> {
    let text = decode(bytes, limits)?;
    let value = parse::parse(text, limits.depth(), parse::Paths::Fhir)?;
    is_resource(&value, text)?;
    Ok(value)
}

pub(super) fn write(value: &Value) -> Vec<u8> {
    // only maps with keys other than text, or a failing Serialize, could make this fail; a Value holds neither
    serde_json::to_vec(value).unwrap_or_default()
}

/// Reads any JSON document as strictly as FHIR JSON is read; places are told as JSON pointers.
///
/// # Errors
/// One issue with line and column: not UTF-8, not well formed, a key twice, too deep, too large.
pub fn read_document(bytes: &[u8], limits: &Limits) -> Result<Value, Issue> {
    parse::parse(decode(bytes, limits)?, limits.depth(), parse::Paths::Pointer)
}

fn is_resource(value: &Value, text: &str) -> Result<(), Issue> {
    let at = |issue: Issue, pointer: &str| match position::offset(text, pointer) {
        Some(offset) => {
            let (line, column) = line_column(text, offset);
            issue.position(line, column)
        }
        None => issue,
    };
    if !value.is_object() {
        let issue =
            super::source::syntax("A FHIR resource is a JSON object, written between { and }. Send one resource.");
        return Err(at(issue, ""));
    }
    let Some(kind) = value.get("resourceType") else {
        let text = "resourceType is missing: a FHIR resource names its type, for example \"resourceType\": \"Bundle\".";
        return Err(at(Issue::error(IssueCode::Required, text), ""));
    };
    match resource_type(value) {
        Some(name) if Place::resource(name).is_some() => Ok(()),
        Some(name) => {
            let text = format!("\"{}\" is not a resource type of FHIR R4. Check its spelling and case.", shown(name));
            Err(at(Issue::error(IssueCode::NotSupported, text).at("resourceType"), "/resourceType"))
        }
        None => {
            let text = format!("resourceType must be a string, not {}.", named(kind));
            Err(at(Issue::error(IssueCode::Value, text).at("resourceType"), "/resourceType"))
        }
    }
}

/// The kind of a JSON value, in words.
pub(super) const fn named(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
