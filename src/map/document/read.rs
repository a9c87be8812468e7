//! Document Bundle → document, for our own bundles and for those of others: the frame first, then every section.
//! Whatever is not taken, `Element` and `Source` report.

use serde_json::Value;

use super::sections::Sections;
use super::{composition, instant};
use crate::documents::{Document, OwnFrame};
use crate::fhir::{Bundle, codes};
use crate::map::element::Element;
use crate::map::read::about::somebody_else;
use crate::map::read::datatypes::code_of;
use crate::map::read::provenance::Provenance;
use crate::map::read::statement::code_in;
use crate::map::read::{Subject, document_id, patient_place};
use crate::map::source::Source;
use crate::map::{Mapped, NoteKind};
use crate::model::{Issue, IssueCode};

pub(super) fn document<D: Document>(bundle: &Bundle) -> Result<Mapped<D>, Vec<Issue>> {
    let source = Source::new(bundle);
    let place = source.of_type("Composition").into_iter().next().ok_or_else(|| vec![no_composition()])?;
    let value = source.value(place);
    if value.get("status").and_then(Value::as_str) == Some("entered-in-error") {
        return Err(vec![in_error()]);
    }
    let patient = patient_place(&source, value.get("subject")).ok_or_else(|| vec![no_patient()])?;
    if let Some(issue) = somebody_else(&source, patient, place) {
        return Err(vec![issue]);
    }
    let at = Subject { source: &source, patient };
    let mut composition = source.open(place);
    let mut frame = envelope(&source, bundle.value(), &mut composition, value);
    let (person, contacts) = at.person();
    if !contacts.is_empty() {
        let path = format!("Bundle.entry[{patient}].resource.contact");
        source.notes.add(NoteKind::Dropped, path, "The native document has no place for contacts of the patient.");
    }
    if person.names.is_empty() {
        return Err(vec![no_patient()]);
    }
    frame.person = person;
    composition::frame::<D>(&at, &mut composition, value, &mut frame);
    let mut out = D::with_frame(frame);
    composition::marks(&mut composition, &mut out);
    let mut sections = Sections::new(at, out);
    for section in composition.children("section") {
        sections.read(section);
    }
    drop(composition);
    let (out, read) = sections.finish();
    administration::<D>(&at, place, out.frame().written);
    let attachments = at.attachments();
    let consent = at.consent(&read);
    let out = out.completed(attachments, consent);
    let (notes, unmapped) = source.finish(|| super::to_fhir(&out).value);
    Ok(Mapped { value: out.keeping(unmapped), notes })
}

/// Identifier and time of the document.
fn envelope(source: &Source<'_>, bundle: &Value, composition: &mut Element<'_>, value: &Value) -> OwnFrame {
    let mut element = Element::resource(bundle, "Bundle".into(), &source.notes);
    element.apart(&["type", "entry"]);
    let id = document_id(&mut element, bundle, value);
    let written = composition.string("date").unwrap_or_else(|| {
        composition.defaulted("date", "Taken from Bundle.timestamp.");
        let timestamp = element.peek("timestamp").and_then(Value::as_str);
        timestamp.unwrap_or("1900").to_owned()
    });
    element.expect("timestamp", &[&instant(&written), &written]);
    OwnFrame { id, written, ..OwnFrame::default() }
}

/// Provenance and CarePlan of the document are made anew from it, so only what goes beyond that is reported; those of
/// anything else are kept whole.
fn administration<D: Document>(at: &Subject<'_, '_>, composition: usize, written: &str) {
    let value = at.source.value(composition);
    let by = || value.get("author").and_then(Value::as_array).into_iter().flatten();
    for place in at.source.of_type("Provenance") {
        let target = at.source.value(place).pointer("/target/0").and_then(|target| at.source.locate(target));
        let recorded = instant(written);
        let about = target == Some(composition);
        Provenance { about, recorded: &recorded, by: by().collect() }.read(at.source, place);
    }
    for (place, value) in at.about_patient("CarePlan", "subject") {
        let categories = value.get("category").and_then(Value::as_array).into_iter().flatten();
        let ours = categories.into_iter().any(|c| code_in(Some(c), codes::DOCUMENT_KIND) == Some(D::KIND.code()));
        if !ours {
            continue;
        }
        let mut plan = at.source.open(place);
        plan.ignore(&["subject", "author", "supportingInfo"]);
        for mut category in plan.children("category") {
            composition::take_kind::<D>(&mut category);
            code_of(&mut category, codes::SNOMED, |code| (code == codes::CARE_PLAN.0).then_some(()));
        }
        plan.implied("intent", "plan");
        plan.implied("title", D::KIND.title());
        plan.implied("created", written);
        plan.expect("status", &["draft", "active"]);
        // what these lead to is read by its type; a reference that leads nowhere stays and is reported
        let leads = |reference: &Element<'_>| {
            reference.peek("reference").and_then(Value::as_str).is_some_and(|url| at.source.find(url).is_some())
        };
        for key in ["goal", "careTeam"] {
            plan.children(key).into_iter().filter(leads).for_each(Element::followed);
        }
        for mut activity in plan.children("activity") {
            activity.child("reference").into_iter().filter(leads).for_each(Element::followed);
        }
    }
}

fn no_composition() -> Issue {
    Issue::error(
        IssueCode::Required,
        "The bundle holds no Composition, so it is no document. Send a Bundle of type document whose first entry is a \
         Composition.",
    )
    .at("Bundle.entry")
}

fn in_error() -> Issue {
    Issue::error(
        IssueCode::BusinessRule,
        "The document was entered in error and must not be used. Send the right one in its place.",
    )
    .at("Bundle.entry.resource.ofType(Composition).status")
}

fn no_patient() -> Issue {
    Issue::error(
        IssueCode::Required,
        "The document does not say whom it is about. Send a Patient with at least one name, named by \
         Composition.subject.",
    )
    .at("Bundle.entry.resource.ofType(Patient)")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::documents::SafetyPlan;
    use crate::fhir::{Bundle, codes};
    use crate::map::document::from_fhir;

    fn bundle(status: &str, patients: &[Value]) -> Bundle {
        let composition = json!({
            "resourceType": "Composition", "status": status, "date": "2026-11-09",
            "type": {"coding": [{"system": codes::DOCUMENT_KIND, "code": "safety-plan"}]},
        });
        let entries = std::iter::once(composition).chain(patients.iter().cloned());
        let entries: Vec<Value> = entries.map(|resource| json!({"resource": resource})).collect();
        Bundle::new(json!({"resourceType": "Bundle", "type": "document", "entry": entries})).unwrap()
    }

    #[test]
    fn a_document_about_nobody_or_made_in_error_is_refused() {
        let kit = json!({"resourceType": "Patient", "name": [{"given": ["Kit"]}]});
        let nameless = json!({"resourceType": "Patient"});
        assert!(from_fhir::<SafetyPlan>(&bundle("final", std::slice::from_ref(&kit))).is_ok());
        for (status, patients, word) in [
            ("final", vec![], "Patient"),
            ("final", vec![nameless], "Patient"),
            ("final", vec![kit.clone(), kit.clone()], "Patient"),
            ("entered-in-error", vec![kit], "error"),
        ] {
            let issues = from_fhir::<SafetyPlan>(&bundle(status, &patients)).unwrap_err();
            assert!(issues.len() == 1 && issues[0].text.contains(word), "{issues:?}");
        }
    }
}
