//! An XML document to the FHIR JSON form, element by element along the R4 tables.
//! Refuses what has no place in R4; leaves cardinality and values to `structure` and `validate`.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::tokens::{FHIR, Namespace, Tag, Token, Tokens};
use super::xhtml;
use crate::fhir::schema::{Child, Place, Primitive, Shape};
use crate::fhir::source::{WHITESPACE, shown};
use crate::model::{Issue, IssueCode};

/// Reads a document that is one resource.
pub(super) fn document(text: &str, max_depth: usize) -> Result<Value, Issue> {
    let mut reader = Reader { tokens: Tokens::new(text)?, path: Vec::new(), left: max_depth, max_depth };
    let Some(root) = reader.open()? else {
        return Err(reader.tokens.fault(0, "This is not XML: there is no element."));
    };
    let value = reader.resource(&root)?;
    reader.open()?;
    Ok(value)
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    /// `Bundle`, `entry[0]`, `resource`, …
    path: Vec<String>,
    /// Objects and arrays that may still be opened inside this one, counted as the JSON form has them.
    left: usize,
    max_depth: usize,
}

/// A value with its companion (`birthDate` and `_birthDate`).
type Valued = (Option<Value>, Option<Map<String, Value>>);

impl<'a> Reader<'a> {
    /// The next start tag within the present element; `None` at its end.
    fn open(&mut self) -> Result<Option<Tag<'a>>, Issue> {
        loop {
            let token = self.tokens.next();
            match token.map_err(|issue| self.located(issue))? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::Close | Token::End => return Ok(None),
                Token::Aside(_) => {}
                Token::Text(text) if text.trim_matches(WHITESPACE).is_empty() => {}
                Token::Text(_) => {
                    let text = "Text may not stand between elements: FHIR XML puts values into the value attribute.";
                    return Err(self.fault(self.tokens.start(), IssueCode::Structure, text));
                }
            }
        }
    }

    fn resource(&mut self, tag: &Tag<'a>) -> Result<Value, Issue> {
        self.in_fhir(tag)?;
        let Some(place) = Place::resource(tag.local()) else {
            let text =
                format!("<{}> is not a resource type of FHIR R4. Check its spelling and case.", shown(tag.local()));
            return Err(self.fault(tag.offset, IssueCode::NotSupported, text));
        };
        let outermost = self.path.is_empty();
        if outermost {
            self.path.push(tag.local().to_owned());
        }
        let mut map = Map::new();
        map.insert("resourceType".to_owned(), tag.local().into());
        self.attributes(tag, &[], &mut map)?;
        self.children(tag, place, &mut map)?;
        if outermost {
            self.path.pop();
        }
        Ok(Value::Object(map))
    }

    fn complex(&mut self, tag: &Tag<'a>, place: Place) -> Result<Value, Issue> {
        let mut map = Map::new();
        let allowed: &[&str] = if place == Place::EXTENSION { &["id", "url"] } else { &["id"] };
        self.attributes(tag, allowed, &mut map)?;
        self.children(tag, place, &mut map)?;
        if map.is_empty() {
            let text = "This element is empty. Give it content or leave it out.";
            return Err(self.fault(tag.offset, IssueCode::Required, text));
        }
        Ok(Value::Object(map))
    }

    fn children(&mut self, parent: &Tag<'a>, place: Place, map: &mut Map<String, Value>) -> Result<(), Issue> {
        self.descend(parent, 1)?;
        let mut lists: HashMap<&'static str, (Vec<Value>, Vec<Value>)> = HashMap::new();
        while let Some(tag) = self.open()? {
            let child = self.known(&tag, place)?;
            let list = lists.get(child.name).map_or(0, |(values, _)| values.len());
            self.path.push(if child.many { format!("{}[{list}]", child.name) } else { child.name.to_owned() });
            if !child.many && (map.contains_key(child.name) || map.contains_key(&companion(child.name))) {
                let text = format!("<{}> may stand here only once.", child.name);
                return Err(self.fault(tag.offset, IssueCode::Structure, text));
            }
            let (value, extra) = self.content(&tag, child)?;
            self.path.pop();
            if child.many {
                // both keys take their place now and their arrays at the end, so that keys come in document order
                map.entry(child.name).or_insert(Value::Null);
                map.entry(companion(child.name)).or_insert(Value::Null);
                let (values, extras) = lists.entry(child.name).or_default();
                values.push(value.unwrap_or(Value::Null));
                extras.push(extra.map_or(Value::Null, Value::Object));
            } else {
                value.and_then(|value| map.insert(child.name.to_owned(), value));
                extra.and_then(|extra| map.insert(companion(child.name), Value::Object(extra)));
            }
        }
        for (name, (values, extras)) in lists {
            settle(map, name, values);
            settle(map, &companion(name), extras);
        }
        self.left += 1;
        Ok(())
    }

    /// Reads the content of one child, to its end tag.
    fn content(&mut self, tag: &Tag<'a>, child: &Child) -> Result<Valued, Issue> {
        let array = usize::from(child.many);
        self.descend(tag, array)?;
        let read = match child.shape {
            Shape::Complex(place) => (Some(self.complex(tag, place)?), None),
            Shape::Resource => (Some(self.only_resource(tag)?), None),
            Shape::Primitive(kind) => self.primitive(tag, kind)?,
            Shape::Xhtml => {
                let div = xhtml::collect(&mut self.tokens, tag, self.max_depth);
                (Some(Value::String(div.map_err(|issue| self.located(issue))?)), None)
            }
            Shape::Attribute => return Err(self.unknown(tag)),
        };
        self.left += array;
        Ok(read)
    }

    /// The one resource inside `<resource>` or `<contained>`.
    fn only_resource(&mut self, tag: &Tag<'a>) -> Result<Value, Issue> {
        self.attributes(tag, &[], &mut Map::new())?;
        let Some(inner) = self.open()? else {
            return Err(self.fault(tag.offset, IssueCode::Required, "A resource is expected inside this element."));
        };
        let value = self.resource(&inner)?;
        match self.open()? {
            None => Ok(value),
            Some(second) => {
                Err(self.fault(second.offset, IssueCode::Structure, "Only one resource may stand inside this element."))
            }
        }
    }

    fn primitive(&mut self, tag: &Tag<'a>, kind: Primitive) -> Result<Valued, Issue> {
        let mut attributes = Map::new();
        self.attributes(tag, &["id", "value"], &mut attributes)?;
        let value = match attributes.shift_remove("value") {
            Some(Value::String(text)) => Some(self.typed(tag, kind, text)?),
            _ => None,
        };
        let mut extra = attributes;
        let mut extensions = Vec::new();
        while let Some(inner) = self.open()? {
            self.in_fhir(&inner)?;
            if inner.local() != "extension" {
                return Err(self.unknown(&inner));
            }
            self.path.push(format!("extension[{}]", extensions.len()));
            self.descend(&inner, 2)?;
            extensions.push(self.complex(&inner, Place::EXTENSION)?);
            self.left += 2;
            self.path.pop();
        }
        if !extensions.is_empty() {
            extra.insert("extension".to_owned(), extensions.into());
        }
        if value.is_none() && extra.is_empty() {
            let text = "This element has no value. Give it a value attribute or leave it out.";
            return Err(self.fault(tag.offset, IssueCode::Required, text));
        }
        Ok((value, (!extra.is_empty()).then_some(extra)))
    }

    fn typed(&self, tag: &Tag<'_>, kind: Primitive, text: String) -> Result<Value, Issue> {
        let trimmed = text.trim_matches(WHITESPACE);
        let (read, wanted) = match kind {
            Primitive::Text => return Ok(Value::String(text)),
            Primitive::Boolean => (trimmed.parse().ok().map(Value::Bool), "true or false"),
            Primitive::Integer => {
                let whole = !trimmed.contains(['.', 'e', 'E']);
                (number(trimmed).filter(|_| whole), "a whole number")
            }
            Primitive::Decimal => (number(trimmed), "a decimal number"),
        };
        read.ok_or_else(|| self.fault(tag.offset, IssueCode::Value, format!("The value must be {wanted}.")))
    }

    /// Takes the allowed attributes of a tag into a map.
    fn attributes(&self, tag: &Tag<'_>, allowed: &[&str], map: &mut Map<String, Value>) -> Result<(), Issue> {
        for attribute in tag.content() {
            let at = tag.attributes_at + attribute.offset;
            if !allowed.contains(&attribute.name) {
                let text = format!("The attribute {} has no place on <{}>.", shown(attribute.name), shown(tag.local()));
                return Err(self.fault(at, IssueCode::Invalid, text));
            }
            let value = super::text::unescape(attribute.raw)
                .map_err(|fault| self.fault(at, IssueCode::Structure, fault.text))?;
            if value.is_empty() {
                let text = format!("The attribute {} is empty. Give it a value or leave it out.", attribute.name);
                return Err(self.fault(at, IssueCode::Value, text));
            }
            map.insert(attribute.name.to_owned(), value.into());
        }
        Ok(())
    }

    fn known(&self, tag: &Tag<'_>, place: Place) -> Result<&'static Child, Issue> {
        let child = place.child(tag.local()).filter(|child| child.shape != Shape::Attribute);
        // the only element of another namespace is the narrative's, and `xhtml` asks for it
        if !matches!(child, Some(child) if child.shape == Shape::Xhtml) {
            self.in_fhir(tag)?;
        }
        child.ok_or_else(|| self.unknown(tag))
    }

    fn in_fhir(&self, tag: &Tag<'_>) -> Result<(), Issue> {
        if tag.namespace == Namespace::Fhir {
            return Ok(());
        }
        let text =
            format!("<{}> is not in the FHIR namespace. Declare xmlns=\"{FHIR}\" on the resource.", shown(tag.name));
        Err(self.fault(tag.offset, IssueCode::Structure, text))
    }

    fn unknown(&self, tag: &Tag<'_>) -> Issue {
        let text =
            format!("<{}> is not an element that R4 has here. Check its spelling and place.", shown(tag.local()));
        self.fault(tag.offset, IssueCode::Invalid, text)
    }

    fn descend(&mut self, tag: &Tag<'_>, levels: usize) -> Result<(), Issue> {
        let Some(left) = self.left.checked_sub(levels) else {
            let text = "The document is nested too deeply: no more elements are accepted inside this one.";
            return Err(self.fault(tag.offset, IssueCode::TooLong, text));
        };
        self.left = left;
        Ok(())
    }

    fn fault(&self, offset: usize, code: IssueCode, text: impl Into<String>) -> Issue {
        let mut issue = self.tokens.fault(offset, text);
        issue.code = code;
        self.located(issue)
    }

    fn located(&self, issue: Issue) -> Issue {
        if self.path.is_empty() { issue } else { issue.at(self.path.join(".")) }
    }
}

fn companion(name: &str) -> String {
    format!("_{name}")
}

/// Puts an array under its key, unless nothing but nulls is in it.
fn settle(map: &mut Map<String, Value>, key: &str, items: Vec<Value>) {
    if items.iter().all(Value::is_null) {
        map.shift_remove(key);
    } else {
        map.insert(key.to_owned(), Value::Array(items));
    }
}

/// A JSON number, digits kept as they are.
fn number(text: &str) -> Option<Value> {
    (text.len() <= 100).then(|| text.parse::<Number>().ok().map(Value::Number))?
}
