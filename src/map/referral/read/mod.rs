//! Message Bundle → referral, for our own bundles and for those of others. Takes what it finds, wherever FHIR lets it
//! be; whatever it does not take, `Element` and `Source` report.

mod clinical;
mod priority;
mod request;
mod statements;

use serde_json::Value;

use crate::documents::Referral;
use crate::documents::parts::{Known, RelatedPerson};
use crate::fhir::{Bundle, codes};
use crate::map::Mapped;
use crate::map::element::Element;
use crate::map::read::about::somebody_else;
use crate::map::read::datatypes::code_of;
use crate::map::read::person::Relation;
use crate::map::read::provenance::Provenance;
use crate::map::read::statement::code_in;
use crate::map::read::{Subject, document_id, patient_place};
use crate::map::source::Source;
use crate::model::{Issue, IssueCode};

pub(super) fn referral(bundle: &Bundle) -> Result<Mapped<Referral>, Vec<Issue>> {
    let source = Source::new(bundle);
    let request = request_place(&source);
    let patient = request.map(|place| patient_place(&source, source.value(place).get("subject")));
    let (request, patient) = match (request, patient) {
        (Some(request), Some(Some(patient))) => (request, patient),
        (None, _) => return Err(vec![no_request()]),
        (Some(_), _) => return Err(vec![no_patient()]),
    };
    let mut faults = priority::faults(&source, request);
    faults.extend(somebody_else(&source, patient, request));
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut reader = Reader { at: Subject { source: &source, patient }, out: Referral::default() };
    reader.envelope(bundle.value(), request);
    reader.header();
    reader.person();
    reader.request(request);
    reader.related_people();
    reader.statements();
    reader.clinical();
    reader.out.attachments = reader.at.attachments();
    reader.out.consent = reader.at.consent(&[]);
    reader.administration(request);
    let mut value = reader.out;
    if value.person.names.is_empty() {
        return Err(vec![no_patient()]);
    }
    let (notes, unmapped) = source.finish(|| super::to_fhir(&value).value);
    value.unmapped = unmapped;
    Ok(Mapped { value, notes })
}

/// The bundle being read and the referral being filled.
struct Reader<'s, 'b> {
    at: Subject<'s, 'b>,
    out: Referral,
}

impl Reader<'_, '_> {
    /// Identifier and time of the message.
    fn envelope(&mut self, bundle: &Value, request: usize) {
        let mut element = Element::resource(bundle, "Bundle".into(), &self.at.source.notes);
        element.apart(&["type", "entry"]);
        let value = self.at.source.value(request);
        self.out.id = document_id(&mut element, bundle, value);
        self.out.sent = element.string("timestamp");
        let authored = value.get("authoredOn").and_then(Value::as_str).filter(|text| text.contains('T'));
        if let (None, Some(authored)) = (&self.out.sent, authored) {
            self.out.sent = Some(authored.to_owned());
        }
    }

    /// Patient, and the people around them.
    fn person(&mut self) {
        let (person, contacts) = self.at.person();
        self.out.person = person;
        for (relation, related) in contacts {
            self.add_related(relation, related);
        }
    }

    fn related_people(&mut self) {
        for (place, _) in self.at.about_patient("RelatedPerson", "patient") {
            if let Some((relation, related)) = self.at.related(place) {
                self.add_related(relation, related);
            }
        }
    }

    fn add_related(&mut self, relation: Relation, related: RelatedPerson) {
        match relation {
            Relation::NextOfKin => Known::add(&mut self.out.next_of_kin, related),
            Relation::Carer => Known::add(&mut self.out.carers, related),
            Relation::Dependant => Known::add(&mut self.out.dependants, related),
            Relation::Other => self.out.other_contacts.push(related),
        }
    }

    /// Task and Provenance of the request are made anew, so only what goes beyond that is reported. Those that say
    /// something else are kept whole.
    fn administration(&self, request: usize) {
        let source = self.at.source;
        let leads = |reference: Option<&Value>| reference.and_then(|one| source.locate(one)) == Some(request);
        let sent = self.out.sent.as_deref().unwrap_or_default();
        for place in source.of_type("Task") {
            let value = source.value(place);
            let ours = code_in(value.get("code"), codes::TASK_CODE) == Some("fulfill") && leads(value.get("focus"));
            if !ours {
                continue;
            }
            let mut task = source.open(place);
            task.ignore(&["focus", "for", "requester", "owner"]);
            if let Some(mut code) = task.child("code") {
                code_of(&mut code, codes::TASK_CODE, |code| (code == "fulfill").then_some(()));
            }
            task.expect("status", &["requested"]);
            task.implied("intent", "order");
            task.expect("authoredOn", &[sent]);
            task.keep(&["authoredOn", "lastModified", "priority"]);
        }
        let by = source.value(request).get("requester");
        for place in source.of_type("Provenance") {
            let target = source.value(place).pointer("/target/0");
            let provenance = Provenance { about: leads(target), recorded: sent, by: by.into_iter().collect() };
            provenance.read(source, place);
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
