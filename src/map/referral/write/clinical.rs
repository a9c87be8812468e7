//! The items of a referral, by its tables. How a statement or an entry is written is `map::write`'s business.

use serde_json::json;

use super::Writer;
use crate::documents::referral::{Form, Known, LISTS, STATEMENTS};
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::write::statement::Asked;
use crate::model::DataCategory;

impl Writer<'_> {
    /// Every item made of statements.
    pub(super) fn statements(&mut self) {
        for item in STATEMENTS {
            let asked = asked(item.key, item.title, item.category, item.form);
            self.out.answer(&asked, (item.get)(self.referral));
        }
        self.police();
    }

    /// Every item made of structured entries, and "none known" for those.
    pub(super) fn lists(&mut self) {
        for list in LISTS.iter().filter(|list| (list.none_known)(self.referral)) {
            self.out.none_known(&asked(list.key, list.title, list.category, Form::Observation));
        }
        let referral = self.referral;
        let diagnoses = referral.working_diagnosis.as_ref().map_or(&[][..], Known::entries);
        for (place, diagnosis) in diagnoses.iter().enumerate() {
            let category = vec![concept(codes::REFERRAL_ITEM, "working-diagnosis", "Working diagnosis")];
            let role = format!("working-diagnosis:{place}");
            self.out.condition(&role, diagnosis, category, DataCategory::MentalHealthHistory);
        }
        let conditions = referral.medical_conditions.as_ref().map_or(&[][..], Known::entries);
        for (place, diagnosis) in conditions.iter().enumerate() {
            let category = vec![
                concept(codes::CONDITION_CATEGORY, "co-morbidity", "Co-morbidity"),
                concept(codes::REFERRAL_ITEM, "medical-conditions", "Medical conditions"),
            ];
            let role = format!("medical-conditions:{place}");
            self.out.condition(&role, diagnosis, category, DataCategory::PhysicalHealth);
        }
        self.out.medication("medication", referral.medication.as_ref().map_or(&[][..], Known::entries));
        let allergies = referral.allergies.as_ref().map_or(&[][..], Known::entries);
        for (place, allergy) in allergies.iter().enumerate() {
            self.out.allergy(&format!("allergies:{place}"), allergy, DataCategory::PhysicalHealth);
        }
    }

    /// Item 14, second half.
    fn police(&mut self) {
        let Some(police) = &self.referral.safeguarding.police else { return };
        let lines = [
            format!("Reported to the police: {}", police.reported.title()),
            police.details.clone().unwrap_or_default(),
        ];
        let category = Some(DataCategory::Safeguarding);
        let mut out = self.out.resource("Observation", "safeguarding-police", true, category, &lines);
        put(&mut out, "status", "final");
        put(&mut out, "code", concept(codes::REFERRAL_ITEM, "safeguarding-police", "Reported to the police"));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "effectiveDateTime", police.date.clone());
        let answer = concept(codes::ANSWER, police.reported.code(), police.reported.title());
        put(&mut out, "valueCodeableConcept", answer);
        put(&mut out, "note", police.details.as_ref().map(|text| json!([{"text": text}])));
        self.out.push_item("safeguarding-police", out);
    }
}

/// A question of our `referral-item` CodeSystem.
const fn asked(key: &'static str, title: &'static str, category: DataCategory, form: Form) -> Asked<'static> {
    Asked { system: codes::REFERRAL_ITEM, key, title, category, form }
}
