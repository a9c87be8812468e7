//! A stored bundle in words, for the portal and the demonstration: headings and lines, or a letter, no FHIR.
//! Shows what the bundle holds and nothing else; what was withheld is not in it.

use serde_json::Value;

use super::Gateway;
use crate::clocks::calendar::words;
use crate::documents::parts::Section;
use crate::fhir::{self, Bundle, Format, envelope};
use crate::model::DocumentKind;
use crate::render::{Letter, Part};
use crate::store::InboxItem;
use crate::{map, outbox};

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
        self.bundle(item).and_then(|bundle| readable(item.kind, &bundle)).unwrap_or_else(|| Readable {
            title: item.kind.title().to_owned(),
            person: "Not readable".to_owned(),
            sections: vec![(
                "This item could not be shown".to_owned(),
                vec![format!("Ask whoever runs the gateway, and give them this number: {}", item.delivery)],
            )],
        })
    }

    /// An inbox item as a letter to print or to file; `None` when it is not what its kind says. It says when something
    /// was withheld from its reader, since a file outlives the page that would tell.
    pub fn letter(&self, item: &InboxItem) -> Option<Letter> {
        let bundle = self.bundle(item)?;
        let mut letter = if item.kind.is_document() {
            Letter::new(map::words(item.kind, map::to_native(item.kind, &bundle).ok()?.value).ok()?)
        } else {
            let Readable { title, sections, .. } = readable(item.kind, &bundle)?;
            let sections = sections.into_iter().map(|(heading, lines)| Section { heading, lines });
            Letter::plain(&title, sections.collect())
        };
        let lines = outbox::in_words(&item.withheld);
        if !lines.is_empty() {
            let heading = "Some of what was sent is not shown to your organisation".to_owned();
            letter.sections.insert(0, Part { heading, lines });
        }
        Some(letter)
    }

    /// What an item holds: the document, where the message carries one.
    fn bundle(&self, item: &InboxItem) -> Option<Bundle> {
        let message = Bundle::new(fhir::read(&item.body, Format::Json, self.limits()).ok()?).ok()?;
        let carried = envelope::payload(&message).map(|(_, document)| document);
        Some(carried.unwrap_or(message))
    }
}

/// A bundle in words, a message that carries a document by what it carries; `None` when it is not what its kind says.
pub fn readable(kind: DocumentKind, bundle: &Bundle) -> Option<Readable> {
    let carried = envelope::payload(bundle).map(|(_, document)| document);
    let bundle = carried.as_ref().unwrap_or(bundle);
    match kind {
        DocumentKind::InformationRequest => return Some(information_request(bundle)),
        DocumentKind::ClockNotice => return clock_notice(bundle),
        _ => {}
    }
    let (person, sections) = map::readable(kind, bundle)?;
    let sections = sections.into_iter().map(|s| (s.heading, s.lines)).collect();
    Some(Readable { title: format!("{} of {person}", kind.title()), person, sections })
}

/// What is due, by when, and for which request.
fn clock_notice(bundle: &Bundle) -> Option<Readable> {
    let task = bundle.first("Task")?;
    let text = |pointer: &str| task.pointer(pointer).and_then(Value::as_str);
    let when = |pointer: &str| text(pointer)?.parse().ok().map(words);
    let title = text("/code/coding/0/display").unwrap_or(DocumentKind::ClockNotice.title()).to_owned();
    let rule = format!("{} ({})", text("/input/0/type/text")?, text("/input/0/valueIdentifier/value")?);
    let due = when("/restriction/period/end").map(|at| format!("Due by {at}"));
    let since = when("/executionPeriod/start").map(|at| format!("Since {at}"));
    let owner = text("/owner/display").map(|name| format!("To be done by {name}"));
    let mut sections = vec![("What is to be done".to_owned(), vec![rule])];
    sections.push(("By when, and by whom".to_owned(), [due, since, owner].into_iter().flatten().collect()));
    let about = text("/focus/identifier/value").map(|id| vec![format!("Request {id}")]);
    sections.extend(about.map(|lines| ("For which request".to_owned(), lines)));
    Some(Readable { title: title.clone(), person: title, sections })
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
