//! Medication, allergies and attachments.

use serde_json::Value;

use super::Subject;
use super::datatypes::{annotations, code_of, coded, date};
use super::statement::{code_in, tagged};
use crate::documents::parts::{
    Allergy, Attachment, Certainty, Code, ConditionStatus, Diagnosis, Medication, MedicationStatus,
};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::source::Target;

impl<'b> Subject<'_, 'b> {
    /// MedicationStatement or MedicationRequest; nothing, and unread, where it names no medicine.
    pub(in crate::map) fn medication(&self, place: usize) -> Option<Medication> {
        let value = self.source.value(place);
        let requested = resource_type(value) == Some("MedicationRequest");
        let dosage = if requested { "dosageInstruction" } else { "dosage" };
        if value.get("medicationCodeableConcept").is_none() && value.get("medicationReference").is_none() {
            return None;
        }
        let mut element = self.source.open(place);
        element.ignore(&["subject"]);
        if requested {
            element.keep(&["intent"]);
            element.coerced("intent", "A prescription is kept as medication.");
        }
        element.expect("status", &["unknown"]);
        let status = element.parsed("status", MedicationStatus::from_code);
        let Some((text, code)) = self.medicine(&mut element, value) else {
            self.source.give_up(place, element);
            return None;
        };
        let since = match element.child("effectivePeriod") {
            Some(mut period) => date(&mut period, "start"),
            None => date(&mut element, "effectiveDateTime").or_else(|| date(&mut element, "authoredOn")),
        };
        let doses: Vec<String> = element.children(dosage).into_iter().filter_map(|mut d| d.string("text")).collect();
        let dose = (!doses.is_empty()).then(|| doses.join("; "));
        let purposes: Vec<String> =
            element.children("reasonCode").into_iter().filter_map(super::datatypes::words).collect();
        let purpose = (!purposes.is_empty()).then(|| purposes.join("; "));
        let adverse_effects = element.extension_string(extensions::ADVERSE_EFFECTS);
        let notes = annotations(&mut element, "note");
        Some(Medication { text, code, purpose, dose, status, since, adverse_effects, notes })
    }

    /// Words and code of a medicine, here or in a Medication.
    fn medicine(&self, element: &mut Element<'_>, holder: &'b Value) -> Option<(String, Option<Code>)> {
        if let Some(concept) = element.child("medicationCodeableConcept") {
            return coded(concept);
        }
        match self.source.follow(element.child("medicationReference")?, holder) {
            Target::Resource { kind: "Medication", mut element, .. } => coded(element.child("code")?),
            Target::Resource { element, .. } => {
                drop(element);
                None
            }
            Target::Logical(mut element) => element.string("display").map(|display| (display, None)),
        }
    }

    /// AllergyIntolerance.
    pub(in crate::map) fn allergy(&self, place: usize) -> Option<Allergy> {
        let mut element = self.source.open(place);
        element.ignore(&["patient"]);
        concept_code(&mut element, "clinicalStatus", codes::ALLERGY_CLINICAL, |code| (code == "active").then_some(()));
        let Some((text, code)) = element.child("code").and_then(coded) else {
            self.source.give_up(place, element);
            return None;
        };
        let mut reactions: Vec<String> = Vec::new();
        for mut reaction in element.children("reaction") {
            reactions.extend(reaction.children("manifestation").into_iter().filter_map(super::datatypes::words));
        }
        let reaction = (!reactions.is_empty()).then(|| reactions.join("; "));
        Some(Allergy { text, code, reaction })
    }

    /// DocumentReference: one attachment for each content.
    pub(in crate::map) fn attachments(&self) -> Vec<Attachment> {
        let mut out = Vec::new();
        for (place, value) in self.about_patient("DocumentReference", "subject") {
            let mut element = self.source.open(place);
            element.ignore(&["subject"]);
            element.expect("status", &["current"]);
            let category = tagged(value);
            let described = element.peek("description").and_then(Value::as_str).map(str::to_owned);
            let mut used_description = false;
            for mut content in element.children("content") {
                let Some(mut file) = content.child("attachment") else { continue };
                let says = |key| file.peek(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
                if !says("data") && !says("url") {
                    continue;
                }
                let title = file.string("title").or_else(|| {
                    used_description = described.is_some();
                    described.clone()
                });
                let (data, url) = (file.string("data"), file.string("url"));
                out.push(Attachment {
                    title: title.unwrap_or_else(|| "Attachment".to_owned()),
                    content_type: file.string("contentType").unwrap_or_else(|| "application/octet-stream".to_owned()),
                    data,
                    url,
                    category,
                });
            }
            element.ignore_if(used_description, "description");
        }
        out
    }
}

/// A diagnosis out of a Condition; subject and category are the caller's. Nothing where it has neither words nor code.
pub(in crate::map) fn diagnosis(element: &mut Element<'_>) -> Option<Diagnosis> {
    let status = concept_code(element, "clinicalStatus", codes::CONDITION_CLINICAL, ConditionStatus::from_code);
    let certainty = concept_code(element, "verificationStatus", codes::CONDITION_VERIFICATION, Certainty::from_code);
    let (text, code) = element.child("code").and_then(coded)?;
    let since = date(element, "onsetDateTime");
    let notes = annotations(element, "note");
    Some(Diagnosis { text, code, certainty, status, since, notes })
}

/// Takes a CodeableConcept that holds one code of a known list.
pub(in crate::map) fn concept_code<T>(
    element: &mut Element<'_>,
    key: &str,
    system: &str,
    known: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let found = code_in(element.peek(key), system).and_then(&known)?;
    if let Some(mut concept) = element.child(key) {
        code_of(&mut concept, system, known);
    }
    Some(found)
}
