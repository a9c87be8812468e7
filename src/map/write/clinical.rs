//! Conditions, medication, allergies and attachments, one resource an entry, each with its one data category.

use serde_json::{Map, Value, json};

use super::Entries;
use super::datatypes::coded;
use crate::documents::parts::{Allergy, Attachment, Diagnosis, Medication};
use crate::fhir::build::put;
use crate::fhir::codes;
use crate::map::extensions;
use crate::model::DataCategory;

impl Entries {
    /// Condition.
    pub(in crate::map) fn condition(
        &mut self,
        role: &str,
        diagnosis: &Diagnosis,
        category: Vec<Value>,
        data: DataCategory,
    ) {
        let mut out = self.resource("Condition", role, true, Some(data), &[diagnosis.line()]);
        let status =
            diagnosis.status.map(|s| json!({"coding": [{"system": codes::CONDITION_CLINICAL, "code": s.code()}]}));
        put(&mut out, "clinicalStatus", status);
        let certainty = diagnosis
            .certainty
            .map(|c| json!({"coding": [{"system": codes::CONDITION_VERIFICATION, "code": c.code()}]}));
        put(&mut out, "verificationStatus", certainty);
        put(&mut out, "category", category);
        put(&mut out, "code", coded(&diagnosis.text, diagnosis.code.as_ref()));
        put(&mut out, "subject", self.refer("patient"));
        put(&mut out, "onsetDateTime", diagnosis.since.clone());
        put(&mut out, "note", diagnosis.notes.as_ref().map(|text| json!([{"text": text}])));
        self.push_item(role, out);
    }

    /// MedicationStatement, one a medicine; the role of each in the bundle is `key` and its place.
    pub(in crate::map) fn medication(&mut self, key: &str, list: &[Medication]) {
        for (place, medicine) in list.iter().enumerate() {
            let role = format!("{key}:{place}");
            let category = Some(DataCategory::Medication);
            let mut out = self.resource("MedicationStatement", &role, true, category, &[medicine.line()]);
            let effects = medicine.adverse_effects.as_ref();
            put(
                &mut out,
                "extension",
                effects.map(|text| json!([{"url": extensions::ADVERSE_EFFECTS, "valueString": text}])),
            );
            put(&mut out, "status", medicine.status.map_or("unknown", |status| status.code()));
            put(&mut out, "medicationCodeableConcept", coded(&medicine.text, medicine.code.as_ref()));
            put(&mut out, "subject", self.refer("patient"));
            put(&mut out, "effectivePeriod", medicine.since.as_ref().map(|since| json!({"start": since})));
            put(&mut out, "reasonCode", medicine.purpose.as_ref().map(|text| json!([{"text": text}])));
            put(&mut out, "note", medicine.notes.as_ref().map(|text| json!([{"text": text}])));
            put(&mut out, "dosage", medicine.dose.as_ref().map(|dose| json!([{"text": dose}])));
            self.push_item(&role, out);
        }
    }

    /// AllergyIntolerance.
    pub(in crate::map) fn allergy(&mut self, role: &str, allergy: &Allergy, data: DataCategory) {
        let mut out = self.resource("AllergyIntolerance", role, true, Some(data), &[allergy.line()]);
        let active = json!({"coding": [{"system": codes::ALLERGY_CLINICAL, "code": "active"}]});
        put(&mut out, "clinicalStatus", active);
        put(&mut out, "code", coded(&allergy.text, allergy.code.as_ref()));
        put(&mut out, "patient", self.refer("patient"));
        let reaction = allergy.reaction.as_ref().map(|text| json!([{"manifestation": [{"text": text}]}]));
        put(&mut out, "reaction", reaction);
        self.push_item(role, out);
    }

    /// DocumentReference. Without a category of its own a file stays untagged, which `consent` treats as the most
    /// restricted: nobody can say what is in it.
    pub(in crate::map) fn attachments(&mut self, files: &[Attachment]) {
        for (place, file) in files.iter().enumerate() {
            let role = format!("attachment:{place}");
            let mut out = self.resource("DocumentReference", &role, true, file.category, &[&file.title]);
            let mut attachment = Map::new();
            put(&mut attachment, "contentType", file.content_type.clone());
            put(&mut attachment, "data", file.data.clone());
            put(&mut attachment, "url", file.url.clone());
            put(&mut attachment, "title", file.title.clone());
            put(&mut out, "status", "current");
            put(&mut out, "subject", self.refer("patient"));
            put(&mut out, "content", json!([{"attachment": attachment}]));
            self.push_item(&role, out);
        }
    }
}
