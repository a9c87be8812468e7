//! Whether a value in FHIR JSON form fits the R4 element tree: known elements, arrays where elements repeat, values of
//! the right JSON type, nothing empty. Finds every fault, each with its path, and passes just what XML can hold.
//! Source: <https://hl7.org/fhir/R4/json.html>. Required elements and code lists are not looked at here.

use serde_json::{Map, Value};

use super::json::named;
use super::schema::{Child, Place, Primitive, Shape};
use super::source::{DEEPEST, is_allowed, shown};
use super::{resource_type, xml};
use crate::model::{Issue, IssueCode};

/// Faults reported at most: a body of nothing but faults must not become an answer many times its size.
const MOST: usize = 100;

/// Every structural fault of a resource, each with its path.
pub(super) fn check(value: &Value) -> Vec<Issue> {
    let mut checker = Checker { path: Vec::new(), issues: Vec::new(), left: DEEPEST };
    checker.resource(value);
    checker.issues
}

struct Checker {
    path: Vec<String>,
    issues: Vec<Issue>,
    left: usize,
}

impl Checker {
    fn resource(&mut self, value: &Value) {
        let Some(map) = value.as_object() else {
            return self.fault(IssueCode::Structure, format!("A resource is an object, not {}.", named(value)));
        };
        let Some(kind) = value.get("resourceType") else {
            return self.fault(IssueCode::Required, "resourceType is missing.");
        };
        let Some(name) = resource_type(value) else {
            return self.fault(IssueCode::Value, format!("resourceType must be a string, not {}.", named(kind)));
        };
        let Some(place) = Place::resource(name) else {
            let text = format!("\"{}\" is not a resource type of FHIR R4. Check its spelling and case.", shown(name));
            return self.fault(IssueCode::NotSupported, text);
        };
        if self.path.is_empty() {
            self.path.push(name.to_owned());
            self.object(map, place);
            self.path.pop();
        } else {
            self.object(map, place);
        }
    }

    fn object(&mut self, map: &Map<String, Value>, place: Place) {
        if map.is_empty() {
            return self.fault(IssueCode::Required, "This element is empty. Give it content or leave it out.");
        }
        if self.left == 0 {
            return self.fault(IssueCode::TooLong, "The resource is nested too deeply here.");
        }
        self.left -= 1;
        for (key, value) in map {
            if key == "resourceType" && place.is_resource() {
                continue;
            }
            let (name, extra) = key.strip_prefix('_').map_or((key.as_str(), false), |name| (name, true));
            let companions = |child: &Child| matches!(child.shape, Shape::Primitive(_));
            match place.child(name).filter(|child| !extra || companions(child)) {
                None => self.at(shown(key), |c| {
                    c.fault(IssueCode::Invalid, "R4 has no such element here. Check its spelling and place.");
                }),
                Some(child) if extra => self.companion(child, value, map.get(name)),
                Some(child) => self.child(child, value, map.get(&format!("_{name}"))),
            }
        }
        self.left += 1;
    }

    fn child(&mut self, child: &Child, value: &Value, extra: Option<&Value>) {
        match (child.many, value) {
            (false, _) => self.at(child.name.to_owned(), |c| c.value(child, value)),
            (true, Value::Array(items)) if items.is_empty() => self.at(child.name.to_owned(), |c| {
                c.fault(IssueCode::Required, "This array is empty. Give it an item or leave it out.");
            }),
            (true, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let beside = extra.and_then(|e| e.get(index)).is_some_and(|e| !e.is_null());
                    // null keeps the place of an item that has only a companion
                    if !(item.is_null() && beside) {
                        self.at(format!("{}[{index}]", child.name), |c| c.value(child, item));
                    }
                }
            }
            (true, _) => self.at(child.name.to_owned(), |c| {
                c.fault(
                    IssueCode::Structure,
                    format!("This element repeats, so an array is expected, not {}.", named(value)),
                );
            }),
        }
    }

    fn companion(&mut self, child: &Child, extra: &Value, beside: Option<&Value>) {
        let key = format!("_{}", child.name);
        if child.many != extra.is_array() {
            let wanted = if child.many { "an array" } else { "an object" };
            return self.at(key, |c| {
                c.fault(
                    IssueCode::Structure,
                    format!("This must be {wanted}, as the element beside it is, not {}.", named(extra)),
                );
            });
        }
        let Value::Array(items) = extra else {
            return self.at(key, |c| c.extras(extra));
        };
        if items.iter().all(Value::is_null) || beside.and_then(Value::as_array).is_some_and(|b| b.len() != items.len())
        {
            return self.at(key, |c| {
                c.fault(
                    IssueCode::Structure,
                    "This array must hold an item that is not null, and be as long as the one beside it.",
                );
            });
        }
        for (index, item) in items.iter().enumerate() {
            if !item.is_null() {
                self.at(format!("{key}[{index}]"), |c| c.extras(item));
            } else if beside.is_none() {
                self.at(format!("{key}[{index}]"), |c| c.fault(IssueCode::Required, "This element is empty."));
            }
        }
    }

    fn extras(&mut self, extra: &Value) {
        match extra {
            Value::Object(map) => self.object(map, Place::ELEMENT),
            other => self.fault(
                IssueCode::Structure,
                format!("An object with id or extension is expected, not {}.", named(other)),
            ),
        }
    }

    fn value(&mut self, child: &Child, value: &Value) {
        match (child.shape, value) {
            (Shape::Resource, value) => self.resource(value),
            (Shape::Complex(place), Value::Object(map)) => self.object(map, place),
            (Shape::Complex(_), other) => {
                self.fault(IssueCode::Structure, format!("An object is expected here, not {}.", named(other)));
            }
            (Shape::Xhtml, Value::String(div)) => {
                if let Err(issue) = xml::embed_narrative(div, DEEPEST) {
                    self.fault(issue.code, format!("The narrative is not well-formed XHTML. {}", issue.text));
                }
            }
            (Shape::Attribute | Shape::Primitive(Primitive::Text), Value::String(text)) => self.text(text),
            (Shape::Primitive(Primitive::Boolean), Value::Bool(_))
            | (Shape::Primitive(Primitive::Decimal), Value::Number(_)) => {}
            (Shape::Primitive(Primitive::Integer), Value::Number(number)) => {
                if number.as_str().contains(['.', 'e', 'E']) {
                    self.fault(IssueCode::Value, "A whole number is expected here.");
                }
            }
            (shape, other) => {
                let wanted = match shape {
                    Shape::Primitive(Primitive::Boolean) => "true or false, without quotes",
                    Shape::Primitive(Primitive::Integer) => "a whole number, without quotes",
                    Shape::Primitive(Primitive::Decimal) => "a number, without quotes",
                    _ => "a string",
                };
                let found = if other.is_array() { "an array: this element does not repeat" } else { named(other) };
                self.fault(IssueCode::Structure, format!("The value must be {wanted}, not {found}."));
            }
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            self.fault(IssueCode::Value, "The text is empty. Give a value or leave the element out.");
        } else if let Some(c) = text.chars().find(|c| !is_allowed(*c)) {
            let code = u32::from(c);
            self.fault(IssueCode::Value, format!("The character U+{code:04X} is not allowed in FHIR text. Remove it."));
        }
    }

    fn at(&mut self, step: String, inner: impl FnOnce(&mut Self)) {
        self.path.push(step);
        inner(self);
        self.path.pop();
    }

    fn fault(&mut self, code: IssueCode, text: impl Into<String>) {
        if self.issues.len() < MOST {
            let issue = Issue::error(code, text);
            self.issues.push(if self.path.is_empty() { issue } else { issue.at(self.path.join(".")) });
        }
    }
}
