//! Where a required element is missing. fhirbolt names the element but not the place, so the places where it could be
//! missing are filled in one after the other's absence, and the parse is asked again.
//! Works on copies; bounded, because a hostile resource may have very many such places.

use serde_json::{Map, Value, json};

use super::{Fault, parse};
use crate::fhir::resource_type;
use crate::fhir::schema::{Child, Place, Primitive, Shape};
use crate::fhir::source::shown;
use crate::model::{Issue, IssueCode};

/// Different elements looked for in one resource.
const ROUNDS: usize = 20;
/// Bytes parsed at most to find the places of one element; beyond it the finding names the resource alone.
const BUDGET: usize = 100_000;

/// A place where the element could stand and does not.
struct Gap {
    pointer: String,
    path: String,
    /// What to fill in, e.g. `status` and `"x"`.
    filler: (String, Value),
}

/// Findings for `first` and whatever else is missing, each with its path as far as it can be found.
pub(super) fn find(resource: &Value, path: &str, first: String) -> Vec<Issue> {
    let mut copy = resource.clone();
    let mut issues = Vec::new();
    let mut filled: Vec<String> = Vec::new();
    let mut fault = Some(Fault::Missing(first));
    for _ in 0..ROUNDS {
        let Some(Fault::Missing(field)) = fault else { return issues };
        let gaps = gaps(&copy, path, &field);
        let culprits = culprits(&copy, &gaps, &field);
        if culprits.as_ref().is_none_or(Vec::is_empty) {
            let text = format!("A required element is missing somewhere in this resource: {}.", shown(&field));
            issues.push(Issue::error(IssueCode::Required, text).at(path));
            return issues;
        }
        for gap in culprits.into_iter().flatten() {
            // what is missing inside our own filler is nobody's fault
            if !filled.iter().any(|ours| gap.pointer.starts_with(ours)) {
                let text = format!("{} is missing here and required by R4. Add it.", shown(&field));
                issues.push(Issue::error(IssueCode::Required, text).at(format!("{}.{}", gap.path, plain(&field))));
            }
            filled.push(format!("{}/{}", gap.pointer, gap.filler.0));
        }
        for gap in &gaps {
            fill(&mut copy, gap);
        }
        fault = parse(&copy);
    }
    issues
}

/// The gaps that matter; `None` when there are too many to try and the resource itself is not one.
fn culprits<'a>(resource: &Value, gaps: &'a [Gap], field: &str) -> Option<Vec<&'a Gap>> {
    if gaps.len() == 1 {
        return Some(gaps.iter().collect());
    }
    // too many to try them all: the resource itself is the likeliest place, and comes first
    let all = gaps.len().saturating_mul(resource.to_string().len()) <= BUDGET;
    let tried = if all { gaps.len() } else { 1 };
    let missing = Some(Fault::Missing(field.to_owned()));
    let needed = |index: usize| {
        let mut copy = resource.clone();
        gaps.iter().enumerate().filter(|(other, _)| *other != index).for_each(|(_, gap)| fill(&mut copy, gap));
        parse(&copy) == missing
    };
    let found: Vec<&Gap> =
        gaps.iter().enumerate().take(tried).filter(|(index, _)| needed(*index)).map(|(_, gap)| gap).collect();
    (all || !found.is_empty()).then_some(found)
}

fn fill(resource: &mut Value, gap: &Gap) {
    if let Some(Value::Object(map)) = resource.pointer_mut(&gap.pointer) {
        map.insert(gap.filler.0.clone(), gap.filler.1.clone());
    }
}

fn gaps(resource: &Value, path: &str, field: &str) -> Vec<Gap> {
    let mut search = Search { field, gaps: Vec::new() };
    if let (Some(place), Value::Object(map)) = (resource_type(resource).and_then(Place::resource), resource) {
        search.object(map, &place, "", path);
    }
    search.gaps
}

struct Search<'a> {
    field: &'a str,
    gaps: Vec<Gap>,
}

impl Search<'_> {
    fn object(&mut self, map: &Map<String, Value>, place: &Place, pointer: &str, path: &str) {
        let present = |child: &Child| map.contains_key(child.name) || map.contains_key(&format!("_{}", child.name));
        let candidates: Vec<Child> = place.children().filter(|child| is(self.field, child.name)).collect();
        if let Some(filler) = candidates.first().filter(|_| !candidates.iter().any(present)) {
            let filler = (filler.name.to_owned(), placeholder(filler));
            self.gaps.push(Gap { pointer: pointer.to_owned(), path: path.to_owned(), filler });
        }
        for (key, value) in map {
            let Some(child) = place.child(key) else { continue };
            let pointer = format!("{pointer}/{key}");
            match value {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(&child, item, &format!("{pointer}/{index}"), &format!("{path}.{key}[{index}]"));
                    }
                }
                value => self.value(&child, value, &pointer, &format!("{path}.{key}")),
            }
        }
    }

    fn value(&mut self, child: &Child, value: &Value, pointer: &str, path: &str) {
        let Value::Object(map) = value else { return };
        match &child.shape {
            Shape::Complex(place) => self.object(map, place, pointer, path),
            Shape::Resource => {
                if let Some(place) = resource_type(value).and_then(Place::resource) {
                    self.object(map, &place, pointer, path);
                }
            }
            Shape::Primitive(_) | Shape::Attribute | Shape::Xhtml => {}
        }
    }
}

/// Whether an element is the one fhirbolt names: `status`, or any of `medication[x]`.
fn is(field: &str, name: &str) -> bool {
    match field.strip_suffix("[x]") {
        Some(stem) => name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase())),
        None => field == name,
    }
}

/// `medication[x]` is `medication` in a FHIRPath.
fn plain(field: &str) -> String {
    shown(field.strip_suffix("[x]").unwrap_or(field))
}

fn placeholder(child: &Child) -> Value {
    let one = match &child.shape {
        Shape::Complex(_) => json!({}),
        Shape::Resource => json!({"resourceType": "Basic", "code": {}}),
        Shape::Primitive(Primitive::Boolean) => json!(true),
        Shape::Primitive(Primitive::Integer | Primitive::Decimal) => json!(1),
        Shape::Primitive(Primitive::Text) | Shape::Attribute => json!("x"),
        Shape::Xhtml => json!("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>"),
    };
    if child.many { json!([one]) } else { one }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fhir::strict;

    fn paths(value: &Value) -> Vec<(String, String)> {
        strict(value).into_iter().map(|i| (i.code.code().to_owned(), i.path.unwrap_or_default())).collect()
    }

    #[test]
    fn missing_elements_are_found_wherever_they_are_missing() {
        let required = |path: &str| ("required".to_owned(), path.to_owned());
        let flag = json!({"resourceType": "Flag", "code": {"text": "x"}});
        assert_eq!(paths(&flag), [required("Flag.status"), required("Flag.subject")]);

        let statement = json!({"resourceType": "MedicationStatement", "status": "active", "subject": {"display": "x"}});
        assert_eq!(paths(&statement), [required("MedicationStatement.medication")]);

        let patient = json!({"resourceType": "Patient", "communication": [
            {"preferred": true}, {"language": {"text": "cy"}}, {"preferred": false}]});
        let expected = ["Patient.communication[0].language", "Patient.communication[2].language"].map(required);
        assert_eq!(paths(&patient), expected);
    }

    #[test]
    fn a_placeholder_of_ours_is_never_reported() {
        // `source` is missing; filled in as {} it lacks `endpoint`, which is not the sender's fault
        let header = json!({"resourceType": "MessageHeader", "eventUri": "urn:x"});
        assert_eq!(paths(&header), [("required".to_owned(), "MessageHeader.source".to_owned())]);
    }
}
