//! The FHIR JSON form to an XML document, elements in the order R4 gives them.
//! What has no XML form is refused before a byte is written: `structure` decides.

use serde_json::{Map, Value};

use super::text::escape_into;
use super::tokens::FHIR;
use super::xhtml;
use crate::fhir::schema::{Child, Place, Shape};
use crate::fhir::source::DEEPEST;
use crate::fhir::{resource_type, structure};
use crate::model::{Issue, IssueCode};

/// Writes one resource as a document.
pub(super) fn document(value: &Value) -> Result<String, Issue> {
    if let Some(issue) = structure::check(value).into_iter().find(|issue| issue.severity.refuses()) {
        return Err(issue);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    resource(&mut out, value, true)?;
    Ok(out)
}

fn resource(out: &mut String, value: &Value, outermost: bool) -> Result<(), Issue> {
    let place = resource_type(value).and_then(|name| Some((name, Place::resource(name)?)));
    let (Some((name, place)), Value::Object(map)) = (place, value) else {
        return Err(Issue::error(IssueCode::Structure, "A resource without a known resourceType has no XML form."));
    };
    out.push('<');
    out.push_str(name);
    if outermost {
        attribute(out, "xmlns", FHIR);
    }
    content(out, name, place, map)
}

/// Closes a start tag and writes what is inside, then the end tag.
fn content(out: &mut String, name: &str, place: Place, map: &Map<String, Value>) -> Result<(), Issue> {
    let start = out.len();
    out.push('>');
    for child in place.children() {
        let values = map.get(child.name);
        let extras = map.get(&format!("_{}", child.name));
        match (values, extras) {
            (None, None) => {}
            (Some(Value::Array(values)), None) => {
                values.iter().try_for_each(|value| element(out, child, Some(value), None))?;
            }
            (values @ (Some(Value::Array(_)) | None), Some(Value::Array(extras))) => {
                let values = values.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                for index in 0..values.len().max(extras.len()) {
                    element(out, child, values.get(index), extras.get(index))?;
                }
            }
            (value, extra) => element(out, child, value, extra)?,
        }
    }
    if out.len() == start + 1 {
        out.truncate(start);
        out.push_str("/>");
    } else {
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    }
    Ok(())
}

fn element(out: &mut String, child: &Child, value: Option<&Value>, extra: Option<&Value>) -> Result<(), Issue> {
    match (child.shape, value) {
        (Shape::Attribute, _) => Ok(()),
        (Shape::Xhtml, Some(Value::String(div))) => {
            out.push_str(&xhtml::embed(div, DEEPEST)?);
            Ok(())
        }
        (Shape::Resource, Some(value)) => {
            out.push('<');
            out.push_str(child.name);
            out.push('>');
            resource(out, value, false)?;
            out.push_str("</");
            out.push_str(child.name);
            out.push('>');
            Ok(())
        }
        (Shape::Complex(place), Some(Value::Object(map))) => complex(out, child.name, place, map, None),
        (Shape::Primitive(_), value) => {
            let text = match value {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Bool(flag)) => Some(flag.to_string()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            let empty = Map::new();
            let extra = extra.and_then(Value::as_object).unwrap_or(&empty);
            complex(out, child.name, Place::ELEMENT, extra, text.as_deref())
        }
        _ => Err(Issue::error(IssueCode::Structure, format!("{} has no XML form.", child.name))),
    }
}

fn complex(
    out: &mut String,
    name: &str,
    place: Place,
    map: &Map<String, Value>,
    value: Option<&str>,
) -> Result<(), Issue> {
    out.push('<');
    out.push_str(name);
    let attributes = place.children().iter().filter(|child| child.shape == Shape::Attribute);
    for (key, text) in attributes.filter_map(|child| Some((child.name, map.get(child.name)?.as_str()?))) {
        attribute(out, key, text);
    }
    if let Some(text) = value {
        attribute(out, "value", text);
    }
    content(out, name, place, map)
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape_into(out, value);
    out.push('"');
}
