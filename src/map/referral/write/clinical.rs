//! Clinical items, one resource per statement or entry, each with its one data category.
//! RiskAssessment carries words only: no probability, no score (`cmht-documents.md` §7).

use serde_json::{Map, Value, json};

use super::Writer;
use super::datatypes::{coded, concept_with_text};
use crate::documents::referral::{Diagnosis, Form, Item, Known, LISTS, STATEMENTS, Statement};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;
use crate::map::extensions;
use crate::model::DataCategory;

impl Writer<'_> {
    /// Every item made of statements.
    pub(super) fn statements(&mut self) {
        for item in STATEMENTS {
            match (item.get)(self.referral) {
                None => {}
                Some(Known::NoneKnown) => self.none_known(item.key, item.title, item.category, item.form),
                Some(Known::Listed(statements)) => {
                    for (place, statement) in statements.iter().enumerate() {
                        self.statement(item, place, statement);
                    }
                }
            }
        }
        self.police();
    }

    /// Every item made of structured entries, and "none known" for those.
    pub(super) fn lists(&mut self) {
        for list in LISTS.iter().filter(|list| (list.none_known)(self.referral)) {
            self.none_known(list.key, list.title, list.category, Form::Observation);
        }
        let referral = self.referral;
        let diagnoses = referral.working_diagnosis.as_ref().map_or(&[][..], Known::entries);
        for (place, diagnosis) in diagnoses.iter().enumerate() {
            let category = vec![concept(codes::REFERRAL_ITEM, "working-diagnosis", "Working diagnosis")];
            self.condition(
                &format!("working-diagnosis:{place}"),
                diagnosis,
                category,
                DataCategory::MentalHealthHistory,
            );
        }
        let conditions = referral.medical_conditions.as_ref().map_or(&[][..], Known::entries);
        for (place, diagnosis) in conditions.iter().enumerate() {
            let category = vec![
                concept(codes::CONDITION_CATEGORY, "co-morbidity", "Co-morbidity"),
                concept(codes::REFERRAL_ITEM, "medical-conditions", "Medical conditions"),
            ];
            self.condition(&format!("medical-conditions:{place}"), diagnosis, category, DataCategory::PhysicalHealth);
        }
        self.medication();
        self.allergies();
    }

    fn statement(&mut self, item: &Item, place: usize, statement: &Statement) {
        let lines = [format!("{}: {}", item.title, statement.line())];
        let role = format!("{}:{place}", item.key);
        let organisation = statement.organisation.as_ref();
        let stated = organisation.map(|o| json!([{"url": extensions::STATED_BY_ORGANISATION, "valueString": o}]));
        let author = statement.author.as_ref().map(|author| json!({"display": author}));
        let code = concept(codes::REFERRAL_ITEM, item.key, item.title);
        let category = Some(item.category);
        let out = match item.form {
            Form::Observation => {
                let mut out = self.resource("Observation", &role, true, category, &lines);
                put(&mut out, "status", "final");
                put(&mut out, "code", code);
                put(&mut out, "subject", self.refer("patient"));
                put(&mut out, "effectiveDateTime", statement.date.clone());
                let by = statement.author.as_ref().map(|a| json!({"type": "Practitioner", "display": a}));
                let at = organisation.map(|o| json!({"type": "Organization", "display": o}));
                put(&mut out, "performer", by.into_iter().chain(at).collect::<Vec<_>>());
                put(&mut out, "valueString", statement.text.clone());
                out
            }
            Form::Risk => {
                let mut out = self.resource("RiskAssessment", &role, false, category, &lines);
                put(&mut out, "extension", stated);
                put(&mut out, "status", "final");
                put(&mut out, "code", code);
                put(&mut out, "subject", self.refer("patient"));
                put(&mut out, "occurrenceDateTime", statement.date.clone());
                put(&mut out, "performer", author);
                put(&mut out, "note", json!([{"text": statement.text}]));
                out
            }
            Form::Flag => {
                let mut out = self.resource("Flag", &role, true, category, &lines);
                let (kind, words) = match item.category {
                    DataCategory::Safeguarding => ("SG", "Safeguarding Concern"),
                    _ => ("API", "Additional Patient Information"),
                };
                put(&mut out, "extension", stated);
                put(&mut out, "status", "active");
                put(&mut out, "category", json!([concept(codes::BARS_FLAG_CATEGORY, kind, words)]));
                let text = Some(statement.text.as_str());
                put(&mut out, "code", concept_with_text(codes::REFERRAL_ITEM, item.key, item.title, text));
                put(&mut out, "subject", self.refer("patient"));
                put(&mut out, "period", statement.date.as_ref().map(|date| json!({"start": date})));
                put(&mut out, "author", author);
                out
            }
        };
        self.push_item(&role, out);
    }

    /// "None known" is said in so many words: an absent resource would be silence.
    fn none_known(&mut self, key: &str, title: &str, category: DataCategory, form: Form) {
        let role = format!("{key}:none-known");
        let lines = [format!("{title}: none known")];
        let none = json!({"coding": [coding(codes::ANSWER, "none-known", "None known")], "text": "None known"});
        let (kind, profiled) = match form {
            Form::Risk => ("RiskAssessment", false),
            Form::Observation | Form::Flag => ("Observation", true),
        };
        let mut out = self.resource(kind, &role, profiled, Some(category), &lines);
        put(&mut out, "status", "final");
        put(&mut out, "code", concept(codes::REFERRAL_ITEM, key, title));
        put(&mut out, "subject", self.refer("patient"));
        match form {
            Form::Risk => put(&mut out, "prediction", json!([{"outcome": none}])),
            Form::Observation | Form::Flag => put(&mut out, "valueCodeableConcept", none),
        }
        self.push_item(&role, out);
    }

    /// Item 14, second half.
    fn police(&mut self) {
        let Some(police) = &self.referral.safeguarding.police else { return };
        let lines = [
            format!("Reported to the police: {}", police.reported.title()),
            police.details.clone().unwrap_or_default(),
        ];
        let category = Some(DataCategory::Safeguarding);
        let mut out = self.resource("Observation", "safeguarding-police", true, category, &lines);
        put(&mut out, "status", "final");
        put(&mut out, "code", concept(codes::REFERRAL_ITEM, "safeguarding-police", "Reported to the police"));
        put(&mut out, "subject", self.refer("patient"));
        put(&mut out, "effectiveDateTime", police.date.clone());
        let answer = concept(codes::ANSWER, police.reported.code(), police.reported.title());
        put(&mut out, "valueCodeableConcept", answer);
        put(&mut out, "note", police.details.as_ref().map(|text| json!([{"text": text}])));
        self.push_item("safeguarding-police", out);
    }

    fn condition(&mut self, role: &str, diagnosis: &Diagnosis, category: Vec<Value>, data: DataCategory) {
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

    fn medication(&mut self) {
        let referral = self.referral;
        let list = referral.medication.as_ref().map_or(&[][..], Known::entries);
        for (place, medicine) in list.iter().enumerate() {
            let role = format!("medication:{place}");
            let category = Some(DataCategory::Medication);
            let mut out = self.resource("MedicationStatement", &role, true, category, &[medicine.line()]);
            put(&mut out, "status", medicine.status.map_or("unknown", |status| status.code()));
            put(&mut out, "medicationCodeableConcept", coded(&medicine.text, medicine.code.as_ref()));
            put(&mut out, "subject", self.refer("patient"));
            put(&mut out, "effectivePeriod", medicine.since.as_ref().map(|since| json!({"start": since})));
            put(&mut out, "note", medicine.notes.as_ref().map(|text| json!([{"text": text}])));
            put(&mut out, "dosage", medicine.dose.as_ref().map(|dose| json!([{"text": dose}])));
            self.push_item(&role, out);
        }
    }

    fn allergies(&mut self) {
        let referral = self.referral;
        let list = referral.allergies.as_ref().map_or(&[][..], Known::entries);
        for (place, allergy) in list.iter().enumerate() {
            let role = format!("allergies:{place}");
            let category = Some(DataCategory::PhysicalHealth);
            let mut out = self.resource("AllergyIntolerance", &role, true, category, &[allergy.line()]);
            let active = json!({"coding": [{"system": codes::ALLERGY_CLINICAL, "code": "active"}]});
            put(&mut out, "clinicalStatus", active);
            put(&mut out, "code", coded(&allergy.text, allergy.code.as_ref()));
            put(&mut out, "patient", self.refer("patient"));
            let reaction = allergy.reaction.as_ref().map(|text| json!([{"manifestation": [{"text": text}]}]));
            put(&mut out, "reaction", reaction);
            self.push_item(&role, out);
        }
    }

    /// DocumentReference. Without a category of its own a file stays untagged, which `consent` treats as the most
    /// restricted: nobody can say what is in it.
    pub(super) fn attachments(&mut self) {
        let referral = self.referral;
        for (place, file) in referral.attachments.iter().enumerate() {
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
