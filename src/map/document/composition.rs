//! The frame of a document as Composition (UKCore-Composition, <https://hl7.org/fhir/R4/composition.html>), both ways:
//! type, status, authors, agreements, copies, what it replaces. The Composition itself is administrative; its sections
//! carry their own data category.

use serde_json::{Map, Value, json};

use super::write::Writer;
use crate::documents::parts::{Addressee, Agreement, Author, Side};
use crate::documents::{Document, Mark, OwnFrame};
use crate::fhir::build::{self, coding, put};
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::Subject;
use crate::map::read::datatypes::{code_of, date};
use crate::map::read::parties::logical_addressee;
use crate::map::write::datatypes::addressee;

/// The type of document: our own code, then those of others.
pub(super) fn kind<D: Document>() -> Value {
    let ours = coding(codes::DOCUMENT_KIND, D::KIND.code(), D::KIND.title());
    let others = D::TYPES.iter().map(|(code, words)| coding(codes::SNOMED, code, words));
    json!({"coding": std::iter::once(ours).chain(others).collect::<Vec<_>>(), "text": D::KIND.title()})
}

/// Address of the code system of a mark.
fn system<D>(mark: &Mark<D>) -> String {
    format!("{}/CodeSystem/{}", codes::BASE, mark.system)
}

impl<D: Document> Writer<'_, D> {
    /// Composition: the first entry.
    pub(super) fn composition(&self) -> Value {
        let frame = &self.frame;
        let title = D::KIND.title();
        let mut out = self.out.resource("Composition", "composition", true, None, &[title]);
        build::also_profile(&mut out, &codes::composition_profile(D::KIND));
        let copies = frame
            .copies
            .iter()
            .map(|copy| json!({"url": extensions::DOCUMENT_COPY, "valueReference": addressee(copy)}));
        put(&mut out, "extension", copies.collect::<Vec<_>>());
        put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": frame.id}));
        put(&mut out, "status", if frame.interim { "preliminary" } else { "final" });
        put(&mut out, "type", kind::<D>());
        let marks = D::MARKS.iter().filter_map(|mark| {
            let (code, words) = (mark.get)(self.document)?;
            Some(json!({"coding": [coding(&system(mark), code, words)]}))
        });
        put(&mut out, "category", marks.collect::<Vec<_>>());
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "date", frame.written);
        put(&mut out, "author", self.authors());
        put(&mut out, "title", title);
        put(
            &mut out,
            "attester",
            frame.agreements.iter().map(|agreement| self.attester(agreement)).collect::<Vec<_>>(),
        );
        let replaced = frame
            .replaces
            .map(|id| json!([{"code": "replaces", "targetIdentifier": {"system": codes::DOCUMENT_ID, "value": id}}]));
        put(&mut out, "relatesTo", replaced);
        let plan = D::KIND.is_plan().then(|| json!([{"detail": [self.out.refer("plan")]}]));
        put(&mut out, "event", plan);
        put(&mut out, "section", self.sections.clone());
        build::entry(&self.out.url("composition"), out)
    }

    fn attester(&self, agreement: &Agreement) -> Value {
        let mut party = Map::new();
        let mode = match agreement.by {
            Side::Person => {
                put(&mut party, "reference", self.out.url("patient"));
                "personal"
            }
            Side::Carer => {
                put(&mut party, "type", "RelatedPerson");
                "personal"
            }
            Side::Practitioner | Side::Gp => {
                put(&mut party, "type", "Practitioner");
                "professional"
            }
        };
        put(&mut party, "display", agreement.name.clone());
        let note = agreement.note.as_ref();
        let mut out = Map::new();
        let note = note.map(|text| json!({"url": extensions::AGREEMENT_NOTE, "valueString": text}));
        let side = (agreement.by == Side::Gp)
            .then(|| json!({"url": extensions::AGREEMENT_SIDE, "valueCode": agreement.by.code()}));
        put(&mut out, "extension", side.into_iter().chain(note).collect::<Vec<_>>());
        put(&mut out, "mode", mode);
        put(&mut out, "time", agreement.date.clone());
        put(&mut out, "party", party);
        Value::Object(out)
    }
}

/// Takes what we write of the type of document.
pub(super) fn take_kind<D: Document>(kind: &mut Element<'_>) {
    kind.implied("text", D::KIND.title());
    code_of(kind, codes::DOCUMENT_KIND, |code| (code == D::KIND.code()).then_some(()));
    for _ in D::TYPES {
        code_of(kind, codes::SNOMED, |code| D::TYPES.iter().find(|(known, _)| *known == code).map(drop));
    }
}

/// Reads what the Composition says beyond its sections; `id` and `written` are the caller's to fill.
pub(super) fn frame<'b, D: Document>(
    at: &Subject<'_, 'b>,
    composition: &mut Element<'_>,
    value: &'b Value,
    out: &mut OwnFrame,
) {
    composition.ignore(&["subject"]);
    composition.implied("title", D::KIND.title());
    if let Some(mut identifier) = composition.child("identifier") {
        identifier.implied("value", &out.id);
        identifier.implied("system", codes::DOCUMENT_ID);
    }
    out.interim = composition.peek("status").and_then(Value::as_str) == Some("preliminary");
    composition.expect("status", &["preliminary", "final"]);
    if let Some(mut kind) = composition.child("type") {
        take_kind::<D>(&mut kind);
    }
    for reference in composition.children("author") {
        author(at, reference, value, &mut out.author);
    }
    for attester in composition.children("attester") {
        out.agreements.push(agreement(at, attester, value));
    }
    out.copies = copies(composition);
    for mut relation in composition.children("relatesTo") {
        let replaces = relation.peek("code").and_then(Value::as_str) == Some("replaces");
        if replaces && out.replaces.is_none() {
            relation.ignore(&["code"]);
            out.replaces = relation.child("targetIdentifier").and_then(|mut identifier| {
                identifier.expect("system", &[codes::DOCUMENT_ID]);
                identifier.string("value")
            });
        }
    }
    for mut event in composition.children("event") {
        for reference in event.children("detail") {
            let place = reference.peek("reference").and_then(Value::as_str).and_then(|url| at.source.find(url));
            if place.is_some_and(|place| at.source.of_type("CarePlan").contains(&place)) {
                let mut reference = reference;
                reference.ignore(&["reference", "type"]);
                reference.keep_rest();
            }
        }
    }
}

/// The codes kept in `category`, put where they belong.
pub(super) fn marks<D: Document>(composition: &mut Element<'_>, document: &mut D) {
    for mut category in composition.children("category") {
        for mark in D::MARKS {
            let listed = |code: &str| {
                let mut probe = D::with_frame(OwnFrame::default());
                (mark.set)(&mut probe, code).then(|| code.to_owned())
            };
            if let Some(code) = code_of(&mut category, &system(mark), listed) {
                (mark.set)(document, &code);
            }
        }
    }
}

/// An author: the person, or the one professional a document has; a second one is left and so reported.
fn author<'b>(at: &Subject<'_, 'b>, reference: Element<'_>, holder: &'b Value, out: &mut Author) {
    let place = reference.peek("reference").and_then(Value::as_str).and_then(|url| at.source.find(url));
    let is_person = place == Some(at.patient);
    if is_person || (!out.is_professional() && out.organisation.is_none()) {
        at.professional(reference, holder, out);
    }
}

fn agreement<'b>(at: &Subject<'_, 'b>, mut attester: Element<'_>, holder: &'b Value) -> Agreement {
    let note = attester.extension_string(extensions::AGREEMENT_NOTE);
    let side =
        attester.extension(extensions::AGREEMENT_SIDE).and_then(|mut mark| mark.parsed("valueCode", Side::from_code));
    let date = date(&mut attester, "time");
    let personal = attester.peek("mode").and_then(Value::as_str) == Some("personal");
    attester.expect("mode", &["personal", "professional"]);
    let Some(party) = attester.child("party") else {
        let by = side.unwrap_or(if personal { Side::Person } else { Side::Practitioner });
        return Agreement { by, name: None, date, note };
    };
    let place = party.peek("reference").and_then(Value::as_str).and_then(|url| at.source.find(url));
    if place == Some(at.patient) {
        let name = party.peek("display").and_then(Value::as_str).map(str::to_owned);
        let mut party = party;
        party.ignore(&["reference", "type", "display"]);
        party.keep_rest();
        return Agreement { by: Side::Person, name, date, note };
    }
    let by = side.unwrap_or(if personal { Side::Carer } else { Side::Practitioner });
    let (name, organisation) = at.source_of(party, holder);
    Agreement { by, name: name.or(organisation), date, note }
}

fn copies(composition: &mut Element<'_>) -> Vec<Addressee> {
    let found = composition.extensions(extensions::DOCUMENT_COPY).into_iter();
    found.filter_map(|mut mark| mark.child("valueReference")).filter_map(logical_addressee).collect()
}
