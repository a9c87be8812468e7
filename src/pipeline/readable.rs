//! A stored bundle in words, for the portal and the demonstration: headings and lines, or a letter, no FHIR.
//! Shows what the bundle holds and nothing else; what was withheld is not in it.

use serde_json::Value;

use super::Gateway;
use crate::clocks::calendar::words;
use crate::documents::parts::Section;
use crate::fhir::{self, Bundle, Format, envelope};
use crate::map::status_update;
use crate::model::{DocumentKind, RequestStatus};
use crate::render::{Letter, Part};
use crate::store::InboxItem;
use crate::{map, outbox, workflow};

/// A document in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    pub title: String,
    /// How the person is called; empty where the document is about no person.
    pub person: String,
    pub sections: Vec<(String, Vec<String>)>,
    /// Who tells it, where that is not the sender of the message it is about.
    pub from: Option<String>,
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
            from: None,
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
        DocumentKind::StatusUpdate => return Some(status_update(bundle)),
        _ => {}
    }
    let (person, sections) = map::readable(kind, bundle)?;
    let sections = sections.into_iter().map(|s| (s.heading, s.lines)).collect();
    Some(Readable { title: format!("{} of {person}", kind.title()), person, sections, from: None })
}

/// How a request stands, from what is left of the message for its reader.
fn status_update(bundle: &Bundle) -> Readable {
    let text = |value: Option<&Value>, pointer: &str| -> Option<String> {
        value?.pointer(pointer)?.as_str().map(str::to_owned)
    };
    let task = bundle.first("Task");
    let from = text(bundle.first("MessageHeader"), "/sender/display");
    let owner = text(task, "/owner/display").or_else(|| from.clone()).unwrap_or_else(|| "The team".to_owned());
    let status = text(task, "/businessStatus/coding/0/code").and_then(|code| RequestStatus::from_code(&code));
    let next = text(task, "/output/0/valueReference/display");
    let said = match status {
        // an answer leaves the request as it stood, and says itself what it is
        Some(status) => first_line(task).unwrap_or_else(|| workflow::sentence(status, &owner, next.as_deref())),
        None => first_line(task).unwrap_or_else(|| OUT_OF_FORCE.to_owned()),
    };
    let stands = status.map(|status| format!("It stands as: {}.", status.title()));
    let mut sections = vec![("What has happened".to_owned(), std::iter::once(said).chain(stands).collect())];
    if let Some(reason) = text(task, "/statusReason/text") {
        sections.push(("Why".to_owned(), vec![reason]));
    }
    let asked = task.and_then(|task| task.get("input")?.as_array()).into_iter().flatten();
    let asked: Vec<String> =
        asked.filter_map(|input| input.pointer("/type/coding/0/display")?.as_str().map(str::to_owned)).collect();
    if !asked.is_empty() {
        sections.push(("Please send".to_owned(), asked));
    }
    let number = text(task, "/groupIdentifier/value").unwrap_or_default();
    let mut about = vec![format!("The sender's reference: {number}")];
    about.extend(text(task, "/lastModified").map(|at| format!("Told: {at}")));
    about.extend(from.as_ref().map(|name| format!("Told by: {name}")));
    sections.push(("About".to_owned(), about));
    let person = bundle.first("Patient").and_then(|patient| status_update::name(patient.pointer("/name/0")?));
    let title = DocumentKind::StatusUpdate.title();
    Readable {
        title: person.as_ref().map_or_else(|| format!("{title}: {number}"), |person| format!("{title}: {person}")),
        person: person.unwrap_or(number),
        sections,
        from,
    }
}

const OUT_OF_FORCE: &str = "An earlier copy is out of force. Do not act on it.";

/// The first sentence of a narrative of ours; one that was written anew begins with the type of the resource.
fn first_line(task: Option<&Value>) -> Option<String> {
    let div = task?.pointer("/text/div")?.as_str()?;
    let line = div.split("<p>").nth(1)?.split("</p>").next()?;
    let plain = line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    (plain != "Task").then_some(plain)
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
    Some(Readable { title: title.clone(), person: title, sections, from: None })
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
        from: None,
    }
}
