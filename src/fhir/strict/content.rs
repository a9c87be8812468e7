//! What the element tree does not say: elements that must be there, ranges of numbers, formats of times and ids, required
//! codes, what a narrative may hold. A walk of its own; what does not fit the tree is passed over, as `structure` has
//! told it. Never repeats a value.

use serde_json::{Map, Value};

use super::missing::{self, Fault};
use super::required;
use super::times::Temporal;
use crate::fhir::schema::{Child, Place, Primitive, Shape};
use crate::fhir::source::DEEPEST;
use crate::fhir::{resource_type, xml};
use crate::model::{Issue, IssueCode};

/// Findings at most, as elsewhere: hostile input must not buy a long answer.
const MOST: usize = 100;

/// Every value of a resource that breaks the rules of its type, each with its path.
pub(super) fn check(resource: &Value) -> Vec<Issue> {
    let mut walk = Walk { path: Vec::new(), issues: Vec::new() };
    if let Some(kind) = resource_type(resource) {
        walk.path.push((kind, None));
        walk.resource(resource);
    }
    walk.issues
}

struct Walk<'a> {
    /// Steps to the present element, with the index in an array.
    path: Vec<(&'a str, Option<usize>)>,
    issues: Vec<Issue>,
}

impl<'a> Walk<'a> {
    fn resource(&mut self, resource: &'a Value) {
        let place = resource_type(resource).and_then(Place::resource);
        if let (Some(place), Some(map)) = (place, resource.as_object()) {
            self.object(map, place);
        }
    }

    fn object(&mut self, map: &'a Map<String, Value>, place: Place) {
        if self.path.len() > DEEPEST || self.issues.len() >= MOST {
            return;
        }
        for (key, value) in map {
            let (name, beside) = key.strip_prefix('_').map_or((key.as_str(), false), |name| (name, true));
            let Some(child) = place.child(name) else { continue };
            let one = |walk: &mut Self, index: Option<usize>, value: &'a Value| {
                walk.path.push((key, index));
                match value {
                    Value::Object(map) if beside => walk.object(map, Place::ELEMENT),
                    value if !beside => walk.value(place, child, value),
                    _ => {}
                }
                walk.path.pop();
            };
            match value {
                Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| one(self, Some(at), item)),
                value => one(self, None, value),
            }
        }
        // an empty element is told as such
        for fault in missing::of(map, place).into_iter().filter(|_| !map.is_empty()) {
            self.presence(fault);
        }
    }

    fn presence(&mut self, fault: Fault) {
        match fault {
            Fault::Missing { element, is_choice } => {
                let choice = if is_choice { "[x]" } else { "" };
                let text = format!("{element}{choice} is missing here and required by R4. Add it.");
                self.path.push((element, None));
                self.found(Issue::error(IssueCode::Required, text));
                self.path.pop();
            }
            Fault::Twice { element } => {
                let text = format!("Only one {element}[x] element is allowed here.");
                self.found(Issue::error(IssueCode::Structure, text));
            }
        }
    }

    fn value(&mut self, place: Place, child: &Child, value: &'a Value) {
        match (child.shape, value) {
            (Shape::Resource, resource) => self.resource(resource),
            (Shape::Complex(inner), Value::Object(map)) => self.object(map, inner),
            (Shape::Primitive(Primitive::Text), Value::String(text)) => self.text(place, child, text),
            (Shape::Primitive(Primitive::Integer), Value::Number(number)) => {
                let (least, most) = range(child.of);
                let whole = !number.as_str().contains(['.', 'e', 'E']);
                if whole && !number.as_i64().is_some_and(|number| (least..=most).contains(&number)) {
                    let text = format!("This must be a number from {least} to {most}.");
                    self.found(Issue::error(IssueCode::Value, text).rule("number-range"));
                }
            }
            (Shape::Xhtml, Value::String(div)) => {
                if let Some(issue) = xml::refuse_narrative(div) {
                    self.found(issue);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, place: Place, child: &Child, text: &str) {
        if let Some(codes) = required::codes(place.name(), child.name) {
            if !codes.contains(&text) {
                let text = format!("This code is not known here: use {}.", listed(codes));
                self.found(Issue::error(IssueCode::CodeInvalid, text).rule("required-code"));
            }
        } else if child.name == "id" && place.is_resource() {
            let fits = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
            if !fits {
                let text = "An id has 1 to 64 letters, digits, hyphens and dots.";
                self.found(Issue::error(IssueCode::Value, text).rule("id-format"));
            }
        } else if let Some(time) = Temporal::of(child.of).filter(|time| !time.fits(text)) {
            let text = format!("This must be {}.", time.wanted());
            self.found(Issue::error(IssueCode::Value, text).rule("time-format"));
        }
    }

    fn found(&mut self, issue: Issue) {
        if self.issues.len() < MOST {
            let steps: Vec<String> = self
                .path
                .iter()
                .map(|(name, index)| index.map_or_else(|| (*name).to_owned(), |index| format!("{name}[{index}]")))
                .collect();
            self.issues.push(issue.at(steps.join(".")));
        }
    }
}

/// The least and the greatest number of a type (<https://hl7.org/fhir/R4/datatypes.html#integer>).
fn range(of: &str) -> (i64, i64) {
    let least = match of {
        "positiveInt" => 1,
        "unsignedInt" => 0,
        _ => i64::from(i32::MIN),
    };
    (least, i64::from(i32::MAX))
}

/// `a, b or c`.
fn listed(codes: &[&str]) -> String {
    match codes {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        codes => codes.concat(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{Issue, IssueCode};

    /// What is said of values, of resources that have not all they need.
    fn check(resource: &Value) -> Vec<Issue> {
        super::check(resource).into_iter().filter(|issue| issue.code != IssueCode::Required).collect()
    }

    #[test]
    fn each_bad_value_is_told_with_its_path_and_never_repeated() {
        let table: [(Value, &str, &str); 21] = [
            (json!({"resourceType": "Patient", "birthDate": "Zebedee"}), "value", "Patient.birthDate"),
            (json!({"resourceType": "Patient", "birthDate": "1990-01-01T00:00:00Z"}), "value", "Patient.birthDate"),
            (json!({"resourceType": "Patient", "gender": "Zebedee"}), "code-invalid", "Patient.gender"),
            (json!({"resourceType": "Patient", "gender": "Female"}), "code-invalid", "Patient.gender"),
            (json!({"resourceType": "Patient", "gender": "female "}), "code-invalid", "Patient.gender"),
            (json!({"resourceType": "Patient", "id": "Zebedee/1"}), "value", "Patient.id"),
            (
                json!({"resourceType": "Patient", "name": [{"family": "a"}, {"period": {"end": "Zebedee"}}]}),
                "value",
                "Patient.name[1].period.end",
            ),
            (json!({"resourceType": "Flag", "period": {"start": "x"}}), "value", "Flag.period.start"),
            (
                json!({"resourceType": "Patient", "multipleBirthInteger": 2_147_483_648_i64}),
                "value",
                "Patient.multipleBirthInteger",
            ),
            (json!({"resourceType": "Patient", "photo": [{"size": -1}]}), "value", "Patient.photo[0].size"),
            (json!({"resourceType": "Patient", "telecom": [{"rank": 0}]}), "value", "Patient.telecom[0].rank"),
            (json!({"resourceType": "Patient", "telecom": [{"rank": u64::MAX}]}), "value", "Patient.telecom[0].rank"),
            (
                json!({"resourceType": "Immunization", "expirationDate": "2026-01-01T00:00:00Z"}),
                "value",
                "Immunization.expirationDate",
            ),
            (
                json!({"resourceType": "Patient", "_gender": {"extension": [{"url": "u", "valueInstant": "2026"}]}}),
                "value",
                "Patient._gender.extension[0].valueInstant",
            ),
            (json!({"resourceType": "ServiceRequest", "priority": "STAT"}), "code-invalid", "ServiceRequest.priority"),
            (json!({"resourceType": "ServiceRequest", "status": "x"}), "code-invalid", "ServiceRequest.status"),
            (json!({"resourceType": "ServiceRequest", "intent": "x"}), "code-invalid", "ServiceRequest.intent"),
            (json!({"resourceType": "Task", "status": "x"}), "code-invalid", "Task.status"),
            (
                json!({"resourceType": "Consent", "provision": {"provision": [{"type": "Deny"}]}}),
                "code-invalid",
                "Consent.provision.provision[0].type",
            ),
            (
                json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "birthDate": "x"}}]}),
                "value",
                "Bundle.entry[0].resource.birthDate",
            ),
            (
                json!({"resourceType": "Patient", "text": {"div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/></div>"}}),
                "invariant",
                "Patient.text.div",
            ),
        ];
        for (resource, code, path) in table {
            let issues = check(&resource);
            let found: Vec<_> = issues.iter().map(|i| (i.code.code(), i.path.as_deref().unwrap())).collect();
            assert_eq!(found, [(code, path)], "{resource}");
            assert!(issues[0].severity.refuses() && !issues[0].text.contains("Zebedee"), "{resource}");
        }
    }

    #[test]
    fn right_values_are_not_told() {
        let resource = json!({"resourceType": "Bundle", "id": "a-1.B", "type": "message", "timestamp": "2026-11-09T09:00:00Z",
            "entry": [{"resource": {"resourceType": "Patient", "gender": "unknown", "birthDate": "1990-02",
                "contained": [{"resourceType": "Practitioner", "id": "gp"}],
                "extension": [{"url": "u", "valueDateTime": "2026"}, {"url": "u", "valueDate": "2026-01-01"}]}}]});
        assert_eq!(check(&resource), []);
    }

    #[test]
    fn a_message_of_bad_values_gets_a_short_answer() {
        let names: Vec<Value> = (0..5000).map(|_| json!({"period": {"start": "x"}})).collect();
        assert_eq!(check(&json!({"resourceType": "Patient", "name": names})).len(), super::MOST);
    }
}
