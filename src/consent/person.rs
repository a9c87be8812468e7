//! Whom a bundle is about: the one request a message's header names, or the Composition of a document, and the Patient
//! that is its subject. What points at anybody else is somebody else's. Reads references; decides nothing.

use serde_json::Value;

use super::references::Index;
use crate::fhir::Bundle;
use crate::fhir::bundle::resource_type;

/// What a resource is in its bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The Patient the bundle is about.
    Subject,
    /// The request the message is about.
    Request,
    /// The Composition a document begins with.
    Composition,
    /// A request that a document holds as one of its parts.
    Ordered,
    /// About another person, or somebody who cannot be told to be this one.
    OfAnother,
    Other,
}

/// The person a bundle is about.
pub(super) struct Person<'a> {
    index: &'a Index,
    /// The request, where there is just one that is meant; in a document, the Composition.
    root: Option<&'a Value>,
    /// The bundle is a document.
    pub document: bool,
    /// The Patient, as an entry or contained in the root.
    subject: Option<&'a Value>,
    /// The entry of the Patient; `None` for a contained one.
    position: Option<usize>,
    /// Somebody is meant, and it cannot be told who or by which request.
    pub unclear: bool,
}

/// Elements that say whom a resource is about.
const ABOUT: &[&str] = &["subject", "patient", "individual", "beneficiary", "for"];

impl<'a> Person<'a> {
    pub(super) fn new(bundle: &'a Bundle, index: &'a Index) -> Self {
        let entries: Vec<&Value> = bundle.entries().map(|(_, resource)| resource).collect();
        let of = |wanted: &'static str| (0..entries.len()).filter(move |position| index.kind(*position) == wanted);
        let requests: Vec<usize> = of("ServiceRequest").collect();
        let focus = bundle.first("MessageHeader").and_then(|header| header.get("focus")).and_then(Value::as_array);
        let mut focused: Vec<usize> = focus
            .into_iter()
            .flatten()
            .filter_map(|reference| index.by_url(reference.get("reference")?.as_str()?))
            .filter(|position| requests.contains(position))
            .collect();
        focused.sort_unstable();
        focused.dedup();
        let place = match (focused.as_slice(), requests.as_slice()) {
            ([one], _) | ([], [one]) => Some(*one),
            _ => None,
        };
        let document = bundle.kind() == Some("document") && index.kind(0) == "Composition";
        let place = if document { Some(0) } else { place };
        let root = place.and_then(|place| entries.get(place).copied());
        let about = root.and_then(|root| root.get("subject"));
        let literal = about.and_then(|about| about.get("reference")).and_then(Value::as_str);
        let contained = literal.and_then(|text| text.strip_prefix('#')).and_then(|id| contained(root?, id));
        let patients: Vec<usize> = of("Patient").collect();
        let only = if let [one] = patients.as_slice() { Some(*one) } else { None };
        let named = literal.and_then(|text| index.by_url(text)).filter(|position| index.kind(*position) == "Patient");
        let position = match (contained, literal) {
            (Some(_), _) => None,
            // A pointer that leads nowhere, or no literal pointer: the only Patient can be meant, one of two cannot.
            (None, _) => named.or(only),
        };
        let subject = contained.or_else(|| position.and_then(|place| entries.get(place).copied()));
        let several = root.is_none() && !requests.is_empty();
        let unclear = several || (subject.is_none() && !patients.is_empty());
        Self { index, root, document, subject, position, unclear }
    }

    /// What a resource is; `holder` is the entry it stands in, itself or the resource that contains it.
    pub(super) fn standing(&self, resource: &Value, holder: &Value) -> Standing {
        let is = |known: Option<&Value>| known.is_some_and(|known| std::ptr::eq(known, resource));
        if is(self.subject) {
            Standing::Subject
        } else if is(self.root) {
            if self.document { Standing::Composition } else { Standing::Request }
        } else if self.is_of_another(resource, holder) {
            Standing::OfAnother
        } else if self.document && resource_type(resource) == Some("ServiceRequest") {
            Standing::Ordered
        } else {
            Standing::Other
        }
    }

    fn is_of_another(&self, resource: &Value, holder: &Value) -> bool {
        let given = ABOUT.iter().filter_map(|key| resource.get(*key));
        given.flat_map(each).filter(|value| value.is_object()).any(|reference| !self.is_meant(reference, holder))
    }

    /// Whether a reference surely means this person.
    pub(super) fn is_meant(&self, reference: &Value, holder: &Value) -> bool {
        let Some(subject) = self.subject else { return false };
        let by_identifier = reference.get("identifier").map(|claimed| shares(subject, claimed));
        if by_identifier == Some(false) {
            return false;
        }
        let by_url = reference.get("reference").and_then(Value::as_str).map(|text| match text.strip_prefix('#') {
            Some(id) => contained(holder, id).is_some_and(|found| self.is_same(found)),
            None => self.index.by_url(text).is_some_and(|found| Some(found) == self.position),
        });
        match (by_url, by_identifier) {
            (Some(false), Some(true)) => {
                reference.get("reference").and_then(Value::as_str).is_some_and(|text| !self.leads_somewhere(text))
            }
            (Some(meant), _) | (None, Some(meant)) => meant,
            (None, None) => false,
        }
    }

    /// Whether a reference surely means a person of the bundle who is not this one.
    pub(super) fn is_another(&self, reference: &Value) -> bool {
        let literal = reference.get("reference").and_then(Value::as_str);
        let found = literal.and_then(|text| self.index.by_url(text));
        self.position.is_some() && found.is_some_and(|found| Some(found) != self.position)
    }

    /// Whether the subject has this identifier; `None` where it has none of the system.
    pub(super) fn is_known_as(&self, system: &str, value: &str) -> Option<bool> {
        let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
        let all = self.subject?.get("identifier").into_iter().flat_map(each);
        let values: Vec<Option<String>> =
            all.filter(|one| text(one, "system").as_deref() == Some(system)).map(|one| text(one, "value")).collect();
        (!values.is_empty()).then(|| values.iter().any(|known| known.as_deref() == Some(value)))
    }

    /// Whether a name in a document may mean this person.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.subject.is_some_and(|subject| is_name_of(subject, name))
    }

    fn leads_somewhere(&self, text: &str) -> bool {
        text.starts_with('#') || self.index.by_url(text).is_some()
    }

    fn is_same(&self, patient: &Value) -> bool {
        self.subject.is_some_and(|subject| {
            std::ptr::eq(subject, patient)
                || patient.get("identifier").into_iter().flat_map(each).any(|claimed| shares(subject, claimed))
        })
    }
}

/// Words that say nothing of who somebody is.
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "the", "a", "our"];
/// What people write for whoever is cared for.
const ANYBODY: &[&[&str]] =
    &[&["patient"], &["person"], &["service", "user"], &["client"], &["themself"], &["himself"], &["herself"]];

/// Whether these words are what people call whoever is cared for, and no name.
pub(super) fn is_word_for_person(name: &str) -> bool {
    let words = words(name);
    ANYBODY.contains(&words.iter().map(String::as_str).collect::<Vec<_>>().as_slice())
}

/// Whether a name is that of a Patient or RelatedPerson: with or without title and given names, which may be initials.
pub(super) fn is_name_of(person: &Value, name: &str) -> bool {
    let said = words(name);
    person.get("name").into_iter().flat_map(each).any(|known| {
        let text = |key: &str| known.get(key).and_then(Value::as_str).unwrap_or_default();
        let (family, whole) = (words(text("family")), words(text("text")));
        let given: Vec<String> =
            known.get("given").into_iter().flat_map(each).filter_map(Value::as_str).flat_map(words).collect();
        let is_given =
            |word: &String| given.iter().any(|own| own == word || (word.len() == 1 && own.starts_with(word.as_str())));
        let by_parts = !family.is_empty()
            && family.iter().all(|part| said.contains(part))
            && said.iter().filter(|word| !family.contains(word)).all(is_given);
        by_parts || (!whole.is_empty() && whole == said)
    })
}

/// The words of a name that say who it is, in small letters.
fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase().replace(['\'', '\u{2019}'], "");
    let all = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !TITLES.contains(word));
    all.map(str::to_owned).collect()
}

/// The contained resource with this id.
fn contained<'a>(holder: &'a Value, id: &str) -> Option<&'a Value> {
    let all = holder.get("contained")?.as_array()?;
    let found = all.iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))?;
    (resource_type(found) == Some("Patient")).then_some(found)
}

/// Whether a Patient has this identifier.
fn shares(patient: &Value, claimed: &Value) -> bool {
    let same = |known: &Value| {
        ["system", "value"]
            .iter()
            .all(|key| claimed.get(*key).and_then(Value::as_str).is_some() && claimed.get(*key) == known.get(*key))
    };
    patient.get("identifier").into_iter().flat_map(each).any(same)
}

/// The members of a list, or the one value.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(all) => all.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Person, Standing};
    use crate::consent::references::Index;
    use crate::fhir::Bundle;
    use serde_json::{Value, json};

    fn bundle(header: &Value, requests: &[Value]) -> Bundle {
        let mut entries = vec![
            json!({"resource": header}),
            json!({"fullUrl": "urn:uuid:a", "resource": {"resourceType": "Patient", "id": "mother"}}),
            json!({"fullUrl": "urn:uuid:b", "resource": {"resourceType": "Patient", "id": "person",
                "identifier": [{"system": "s", "value": "1"}]}}),
        ];
        for (number, request) in requests.iter().enumerate() {
            entries.push(json!({"fullUrl": format!("urn:uuid:r{number}"), "resource": request}));
        }
        Bundle::new(json!({"resourceType": "Bundle", "entry": entries})).unwrap()
    }

    fn request(subject: &str) -> Value {
        json!({"resourceType": "ServiceRequest", "subject": {"reference": subject}})
    }

    #[test]
    fn the_person_is_the_subject_of_the_request_the_header_names() {
        let focused = json!({"resourceType": "MessageHeader", "focus": [{"reference": "urn:uuid:r1"}]});
        let silent = json!({"resourceType": "MessageHeader"});
        let two = [request("urn:uuid:a"), request("urn:uuid:b")];
        let table = [
            (focused, &two[..], Some("person")),
            (silent.clone(), &two[..], None),
            (silent.clone(), &two[1..], Some("person")),
            (silent, &[], None),
        ];
        for (header, requests, expected) in table {
            let bundle = bundle(&header, requests);
            let index = Index::new(&bundle);
            let person = Person::new(&bundle, &index);
            let found = person.subject.and_then(|subject| subject["id"].as_str());
            assert_eq!((found, person.unclear), (expected, expected.is_none()), "{requests:?}");
        }
    }

    #[test]
    fn what_points_at_somebody_else_is_of_another() {
        let bundle = bundle(&json!({"resourceType": "MessageHeader"}), &[request("urn:uuid:b")]);
        let index = Index::new(&bundle);
        let person = Person::new(&bundle, &index);
        let table = [
            (json!({"subject": {"reference": "urn:uuid:b", "display": "x"}}), Standing::Other),
            (json!({"subject": {"reference": "Patient/person"}}), Standing::Other),
            (json!({"patient": {"identifier": {"system": "s", "value": "1"}}}), Standing::Other),
            (json!({}), Standing::Other),
            (json!({"subject": {"reference": "urn:uuid:a"}}), Standing::OfAnother),
            (json!({"subject": {"reference": "Patient/elsewhere"}}), Standing::OfAnother),
            (json!({"subject": {"display": "Mother"}}), Standing::OfAnother),
            (
                json!({"subject": {"reference": "urn:uuid:b", "identifier": {"system": "s", "value": "2"}}}),
                Standing::OfAnother,
            ),
            (json!({"patient": {"identifier": {"system": "s", "value": "2"}}}), Standing::OfAnother),
            (
                json!({"contained": [{"resourceType": "Patient", "id": "m"}], "subject": {"reference": "#m"}}),
                Standing::OfAnother,
            ),
        ];
        for (resource, expected) in table {
            assert_eq!(person.standing(&resource, &resource), expected, "{resource}");
        }
    }
}
