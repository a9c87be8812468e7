//! Parts of documents read from FHIR resources, whoever made them and whichever document they stand in. What is not
//! taken, `Element` and `Source` report.

pub(in crate::map) mod about;
pub(in crate::map) mod clinical;
pub(in crate::map) mod consent;
mod contact;
pub(in crate::map) mod datatypes;
pub(in crate::map) mod parties;
pub(in crate::map) mod person;
pub(in crate::map) mod provenance;
pub(in crate::map) mod statement;

use serde_json::Value;

use super::element::Element;
use super::source::Source;
use crate::fhir::codes;

/// The bundle being read, and the entry of the Patient it is about.
#[derive(Clone, Copy)]
pub(in crate::map) struct Subject<'s, 'b> {
    pub(in crate::map) source: &'s Source<'b>,
    pub(in crate::map) patient: usize,
}

impl<'b> Subject<'_, 'b> {
    /// The entries of a type that are about our person and may be read as facts; all others are kept whole.
    pub(in crate::map) fn about_patient(&self, kind: &str, key: &str) -> Vec<(usize, &'b Value)> {
        let places = self.source.of_type(kind).into_iter().map(|place| (place, self.source.value(place)));
        places.filter(|(place, value)| self.admits(*place, value, Some(key))).collect()
    }
}

/// The Patient a resource is about: the one `reference` leads to, else the only Patient of the bundle.
pub(in crate::map) fn patient_place(source: &Source<'_>, reference: Option<&Value>) -> Option<usize> {
    let patients = source.of_type("Patient");
    let subject = reference.and_then(|reference| source.locate(reference));
    subject.filter(|place| patients.contains(place)).or(match patients.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

/// The identifier of a document: the bundle's, else that of the resource it is about, else the bundle's id. That only the
/// value is kept, or where it was taken from, is noted.
pub(in crate::map) fn document_id(element: &mut Element<'_>, bundle: &Value, resource: &Value) -> String {
    if let Some(mut identifier) = element.child("identifier")
        && let Some(value) = identifier.string("value")
    {
        if identifier.peek("system").and_then(Value::as_str) != Some(codes::DOCUMENT_ID) {
            identifier.coerced("system", "The document keeps the value of the identifier; its system is kept beside.");
        }
        identifier.implied("system", codes::DOCUMENT_ID);
        return value;
    }
    let value = |identifier: &Value| identifier.get("value")?.as_str().map(str::to_owned);
    let first = match resource.get("identifier") {
        Some(Value::Array(all)) => all.iter().find_map(value),
        other => other.and_then(value),
    };
    let id = first.or_else(|| bundle.get("id")?.as_str().map(str::to_owned));
    element.defaulted("identifier", "Taken from the next best identifier.");
    id.unwrap_or_else(|| "unidentified".to_owned())
}
