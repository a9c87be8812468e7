//! Conditions, medication and allergies of a referral, each in its place.

use serde_json::Value;

use super::Reader;
use crate::documents::referral::{Known, Reason};
use crate::fhir::codes;
use crate::map::read::clinical::diagnosis;
use crate::map::read::datatypes::code_of;
use crate::map::read::statement::{code_in, tagged};
use crate::model::DataCategory;

impl<'b> Reader<'_, 'b> {
    /// Condition, MedicationStatement, MedicationRequest and AllergyIntolerance.
    pub(super) fn clinical(&mut self) {
        for (place, value) in self.at.about_patient("Condition", "subject") {
            self.condition(place, value);
        }
        for kind in ["MedicationStatement", "MedicationRequest"] {
            for (place, _) in self.at.about_patient(kind, "subject") {
                if let Some(medicine) = self.at.medication(place) {
                    Known::add(&mut self.out.medication, medicine);
                }
            }
        }
        for (place, _) in self.at.about_patient("AllergyIntolerance", "patient") {
            if let Some(allergy) = self.at.allergy(place) {
                Known::add(&mut self.out.allergies, allergy);
            }
        }
    }

    /// A presenting complaint is why the person is referred, not a diagnosis: its words are a reason, and the resource is
    /// kept as it is. Says whether it was one.
    fn complaint(&mut self, value: &Value) -> bool {
        let mut categories = value.get("category").and_then(Value::as_array).into_iter().flatten();
        let complaint = categories.any(|c| code_in(Some(c), codes::SNOMED) == Some(codes::PRESENTING_COMPLAINT));
        let words = value.pointer("/code/text").or_else(|| value.pointer("/code/coding/0/display"));
        let words = words.and_then(Value::as_str).filter(|text| complaint && !text.trim().is_empty());
        if let Some(text) = words {
            let known = self.out.reasons.iter().any(|reason| reason.text == text);
            if !known {
                self.out.reasons.push(Reason { text: text.to_owned(), code: None });
            }
        }
        words.is_some()
    }

    /// A condition without a mark is read as working diagnosis, the more closely guarded of the two places.
    fn condition(&mut self, place: usize, value: &'b Value) {
        if value.get("code").is_none() {
            return;
        }
        if self.complaint(value) {
            return;
        }
        let categories: Vec<&Value> = value.get("category").and_then(Value::as_array).into_iter().flatten().collect();
        let marked = |system: &str, code: &str| categories.iter().any(|c| code_in(Some(c), system) == Some(code));
        let working = marked(codes::REFERRAL_ITEM, "working-diagnosis");
        let physical = marked(codes::CONDITION_CATEGORY, "co-morbidity")
            || marked(codes::REFERRAL_ITEM, "medical-conditions")
            || tagged(value) == Some(DataCategory::PhysicalHealth);
        let mut element = self.at.source.open(place);
        for mut category in element.children("category") {
            code_of(&mut category, codes::REFERRAL_ITEM, |_| Some(()));
            code_of(&mut category, codes::CONDITION_CATEGORY, |code| (code == "co-morbidity").then_some(()));
        }
        if !working && !physical {
            element.coerced("category", "A condition without a mark is kept as working diagnosis.");
        }
        element.ignore(&["subject"]);
        let Some(found) = diagnosis(&mut element) else {
            self.at.source.give_up(place, element);
            return;
        };
        let slot =
            if physical && !working { &mut self.out.medical_conditions } else { &mut self.out.working_diagnosis };
        Known::add(slot, found);
    }
}
