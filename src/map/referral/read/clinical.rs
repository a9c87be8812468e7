//! Conditions, medication, allergies and attachments.

use serde_json::Value;

use super::Reader;
use super::datatypes::{annotations, code_of, coded, date};
use super::statements::{code_in, tagged};
use crate::documents::referral::{
    Allergy, Attachment, Certainty, Code, ConditionStatus, Diagnosis, Known, Medication, MedicationStatus,
};
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::source::Target;
use crate::model::DataCategory;

impl<'b> Reader<'_, 'b> {
    /// Condition, MedicationStatement, MedicationRequest and AllergyIntolerance.
    pub(super) fn clinical(&mut self) {
        for (place, value) in self.about_patient("Condition", "subject") {
            self.condition(place, value);
        }
        for (place, value) in self.about_patient("MedicationStatement", "subject") {
            self.medication(place, value, "dosage");
        }
        for (place, value) in self.about_patient("MedicationRequest", "subject") {
            self.medication(place, value, "dosageInstruction");
        }
        for (place, _) in self.about_patient("AllergyIntolerance", "patient") {
            self.allergy(place);
        }
    }

    /// A condition without a mark is read as working diagnosis, the more closely guarded of the two places.
    fn condition(&mut self, place: usize, value: &'b Value) {
        if value.get("code").is_none() {
            return;
        }
        let categories: Vec<&Value> = value.get("category").and_then(Value::as_array).into_iter().flatten().collect();
        let marked = |system: &str, code: &str| categories.iter().any(|c| code_in(Some(c), system) == Some(code));
        let diagnosis = marked(codes::REFERRAL_ITEM, "working-diagnosis");
        let physical = marked(codes::CONDITION_CATEGORY, "co-morbidity")
            || marked(codes::REFERRAL_ITEM, "medical-conditions")
            || tagged(value) == Some(DataCategory::PhysicalHealth);
        let mut element = self.source.open(place);
        element.ignore(&["subject"]);
        for mut category in element.children("category") {
            code_of(&mut category, codes::REFERRAL_ITEM, |_| Some(()));
            code_of(&mut category, codes::CONDITION_CATEGORY, |code| (code == "co-morbidity").then_some(()));
        }
        if !diagnosis && !physical {
            element.coerced("category", "A condition without a mark is kept as working diagnosis.");
        }
        let status =
            concept_code(&mut element, "clinicalStatus", codes::CONDITION_CLINICAL, ConditionStatus::from_code);
        let certainty =
            concept_code(&mut element, "verificationStatus", codes::CONDITION_VERIFICATION, Certainty::from_code);
        let Some((text, code)) = element.child("code").and_then(coded) else { return };
        let since = date(&mut element, "onsetDateTime");
        let notes = annotations(&mut element, "note");
        let found = Diagnosis { text, code, certainty, status, since, notes };
        let slot =
            if physical && !diagnosis { &mut self.out.medical_conditions } else { &mut self.out.working_diagnosis };
        Known::add(slot, found);
    }

    fn medication(&mut self, place: usize, value: &'b Value, dosage: &str) {
        if value.get("medicationCodeableConcept").is_none() && value.get("medicationReference").is_none() {
            return;
        }
        let mut element = self.source.open(place);
        element.ignore(&["subject"]);
        if dosage == "dosageInstruction" {
            element.ignore(&["intent"]);
        }
        element.expect("status", &["unknown"]);
        let status = element.parsed("status", MedicationStatus::from_code);
        let Some((text, code)) = self.medicine(&mut element, value) else { return };
        let since = match element.child("effectivePeriod") {
            Some(mut period) => date(&mut period, "start"),
            None => date(&mut element, "effectiveDateTime").or_else(|| date(&mut element, "authoredOn")),
        };
        let doses: Vec<String> = element.children(dosage).into_iter().filter_map(|mut d| d.string("text")).collect();
        let dose = (!doses.is_empty()).then(|| doses.join("; "));
        let notes = annotations(&mut element, "note");
        Known::add(&mut self.out.medication, Medication { text, code, dose, status, since, notes });
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

    fn allergy(&mut self, place: usize) {
        let mut element = self.source.open(place);
        element.ignore(&["patient"]);
        concept_code(&mut element, "clinicalStatus", codes::ALLERGY_CLINICAL, |code| (code == "active").then_some(()));
        let Some((text, code)) = element.child("code").and_then(coded) else { return };
        let mut reactions: Vec<String> = Vec::new();
        for mut reaction in element.children("reaction") {
            reactions.extend(reaction.children("manifestation").into_iter().filter_map(super::datatypes::words));
        }
        let reaction = (!reactions.is_empty()).then(|| reactions.join("; "));
        Known::add(&mut self.out.allergies, Allergy { text, code, reaction });
    }

    /// DocumentReference: one attachment for each content.
    pub(super) fn attachments(&mut self) {
        for (place, value) in self.about_patient("DocumentReference", "subject") {
            let mut element = self.source.open(place);
            element.ignore(&["subject"]);
            element.expect("status", &["current"]);
            let category = tagged(value);
            let described = element.peek("description").and_then(Value::as_str).map(str::to_owned);
            let mut used_description = false;
            for mut content in element.children("content") {
                let Some(mut file) = content.child("attachment") else { continue };
                let title = file.string("title").or_else(|| {
                    used_description = true;
                    described.clone()
                });
                let (data, url) = (file.string("data"), file.string("url"));
                if data.is_none() && url.is_none() {
                    continue;
                }
                self.out.attachments.push(Attachment {
                    title: title.unwrap_or_else(|| "Attachment".to_owned()),
                    content_type: file.string("contentType").unwrap_or_else(|| "application/octet-stream".to_owned()),
                    data,
                    url,
                    category,
                });
            }
            element.ignore_if(used_description, "description");
        }
    }
}

/// Takes a CodeableConcept that holds one code of a known list.
fn concept_code<T>(element: &mut Element<'_>, key: &str, system: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let found = code_in(element.peek(key), system).and_then(&known)?;
    if let Some(mut concept) = element.child(key) {
        concept.ignore(&["text"]);
        code_of(&mut concept, system, known);
    }
    Some(found)
}
