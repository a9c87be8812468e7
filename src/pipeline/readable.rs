//! A stored bundle in words, for the portal and the demonstration: headings and lines, no FHIR.
//! Shows what the bundle holds and nothing else; what was withheld is not in it.

use serde_json::Value;

use super::Gateway;
use crate::fhir::{self, Bundle, Format};
use crate::map;
use crate::model::DocumentKind;
use crate::store::InboxItem;

/// A document in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    pub title: String,
    /// How the person is called; empty where the document is about no person.
    pub person: String,
    pub sections: Vec<(String, Vec<String>)>,
}

impl Gateway {
    /// An inbox item in words.
    pub fn readable_item(&self, item: &InboxItem) -> Readable {
        let bundle = fhir::read(&item.body, Format::Json, self.limits()).ok().and_then(|value| Bundle::new(value).ok());
        bundle.and_then(|bundle| readable(item.kind, &bundle)).unwrap_or_else(|| Readable {
            title: item.kind.title().to_owned(),
            person: "Not readable".to_owned(),
            sections: vec![(
                "This item could not be shown".to_owned(),
                vec![format!("Ask whoever runs the gateway, and give them this number: {}", item.delivery)],
            )],
        })
    }
}

/// A bundle in words; `None` when it is not what its kind says.
pub fn readable(kind: DocumentKind, bundle: &Bundle) -> Option<Readable> {
    match kind {
        DocumentKind::InformationRequest => Some(information_request(bundle)),
        _ => {
            let (person, sections) = map::readable(kind, bundle)?;
            let sections = sections.into_iter().map(|s| (s.heading, s.lines)).collect();
            Some(Readable { title: format!("{} of {person}", kind.title()), person, sections })
        }
    }
}

fn information_request(bundle: &Bundle) -> Readable {
    let asked: Vec<String> = bundle
        .first("Task")
        .and_then(|task| task.get("input")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|input| {
            let title = input.pointer("/type/coding/0/display").and_then(Value::as_str)?;
            let ask = input.get("valueString").and_then(Value::as_str)?;
            Some(format!("{title}: {ask}"))
        })
        .collect();
    Readable {
        title: DocumentKind::InformationRequest.title().to_owned(),
        person: DocumentKind::InformationRequest.title().to_owned(),
        sections: vec![("Please send".to_owned(), asked)],
    }
}
