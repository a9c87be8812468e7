//! Message Bundle → referral, for our own bundles and for those of others. Takes what it finds, wherever FHIR lets it
//! be; whatever it does not take, `Element` and `Source` report.

mod clinical;
mod consent;
mod datatypes;
mod parties;
mod person;
mod priority;
mod request;
mod statements;

use serde_json::Value;

use crate::documents::Referral;
use crate::fhir::{Bundle, codes};
use crate::map::element::Element;
use crate::map::source::Source;
use crate::map::{Mapped, NoteKind};
use crate::model::{Issue, IssueCode};

pub(super) fn referral(bundle: &Bundle) -> Result<Mapped<Referral>, Vec<Issue>> {
    let source = Source::new(bundle);
    let request = request_place(&source);
    let patient = request.map(|place| patient_place(&source, place));
    let (request, patient) = match (request, patient) {
        (Some(request), Some(Some(patient))) => (request, patient),
        (None, _) => return Err(vec![no_request()]),
        (Some(_), _) => return Err(vec![no_patient()]),
    };
    let faults = priority::faults(&source, request);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut reader = Reader { source: &source, patient, out: Referral::default() };
    reader.envelope(bundle.value(), request);
    reader.header();
    reader.person();
    reader.request(request);
    reader.related_people();
    reader.statements();
    reader.clinical();
    reader.attachments();
    reader.consent();
    reader.administration();
    let value = reader.out;
    if value.person.names.is_empty() {
        return Err(vec![no_patient()]);
    }
    Ok(Mapped { value, notes: source.finish() })
}

/// The bundle being read and the referral being filled.
struct Reader<'s, 'b> {
    source: &'s Source<'b>,
    /// Entry of the Patient.
    patient: usize,
    out: Referral,
}

impl<'b> Reader<'_, 'b> {
    /// Identifier and time of the message.
    fn envelope(&mut self, bundle: &Value, request: usize) {
        let mut element = Element::resource(bundle, "Bundle".into(), &self.source.notes);
        element.ignore(&["type", "entry"]);
        if let Some(mut identifier) = element.child("identifier") {
            let system = identifier.string("system");
            let value = identifier.string("value");
            if let (Some(value), true) = (&value, system.as_deref() != Some(codes::DOCUMENT_ID)) {
                identifier.coerced("system", "Only the value of the identifier is kept.");
                self.out.id.clone_from(value);
            }
            self.out.id = value.unwrap_or_default();
        }
        self.out.sent = element.string("timestamp");
        let value = self.source.value(request);
        if self.out.id.is_empty() {
            let identifiers = value.get("identifier").and_then(Value::as_array).into_iter().flatten();
            let first = identifiers.filter_map(|i| i.get("value")).find_map(Value::as_str);
            let id = first.or_else(|| bundle.get("id")?.as_str()).unwrap_or("unidentified");
            self.source.notes.add(NoteKind::Defaulted, "Bundle.identifier", "Taken from the next best identifier.");
            id.clone_into(&mut self.out.id);
        }
        let authored = value.get("authoredOn").and_then(Value::as_str).filter(|text| text.contains('T'));
        if let (None, Some(authored)) = (&self.out.sent, authored) {
            self.out.sent = Some(authored.to_owned());
        }
    }

    /// Opens the entries of a type that are about our person; those about anybody else are reported and left.
    fn about_patient(&self, kind: &str, key: &str) -> Vec<(usize, &'b Value)> {
        let mut out = Vec::new();
        for place in self.source.of_type(kind) {
            let value = self.source.value(place);
            let subject = value.get(key).and_then(|reference| self.source.locate(reference));
            if subject.is_none_or(|subject| subject == self.patient) {
                out.push((place, value));
            }
        }
        out
    }

    /// Task and Provenance: made anew from the referral, so only what goes beyond that is reported.
    fn administration(&self) {
        for place in self.source.of_type("Task") {
            self.source.open(place).ignore(&[
                "identifier",
                "status",
                "intent",
                "priority",
                "code",
                "focus",
                "for",
                "authoredOn",
                "lastModified",
                "requester",
                "owner",
            ]);
        }
        for place in self.source.of_type("Provenance") {
            self.source.open(place).ignore(&["target", "recorded", "agent", "activity"]);
        }
    }
}

/// The ServiceRequest of the message: what the header is about, else the first.
fn request_place(source: &Source<'_>) -> Option<usize> {
    let requests = source.of_type("ServiceRequest");
    let header = source.of_type("MessageHeader").into_iter().next().map(|place| source.value(place));
    let focus = header.and_then(|header| header.get("focus")?.as_array());
    let focused = focus.into_iter().flatten().filter_map(|reference| source.locate(reference));
    focused.into_iter().find(|place| requests.contains(place)).or_else(|| requests.first().copied())
}

/// The Patient of the request: its subject, else the only Patient of the bundle.
fn patient_place(source: &Source<'_>, request: usize) -> Option<usize> {
    let patients = source.of_type("Patient");
    let subject = source.value(request).get("subject").and_then(|reference| source.locate(reference));
    subject.filter(|place| patients.contains(place)).or(match patients.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

fn no_request() -> Issue {
    Issue::error(
        IssueCode::Required,
        "The message holds no ServiceRequest, so nothing is asked for. Send the referral as a ServiceRequest that \
         MessageHeader.focus names.",
    )
    .at("Bundle.entry")
}

fn no_patient() -> Issue {
    Issue::error(
        IssueCode::Required,
        "The message does not say who is referred. Send a Patient with at least one name, named by \
         ServiceRequest.subject.",
    )
    .at("Bundle.entry.resource.ofType(Patient)")
}
