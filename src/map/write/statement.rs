//! Statements, and that none is known, as Observation, RiskAssessment or Flag.
//! RiskAssessment carries words only: no probability, no score (`cmht-documents.md` §7).

use serde_json::{Map, Value, json};

use super::Entries;
use super::datatypes::concept_with_text;
use crate::documents::parts::{Form, Known, Statement};
use crate::fhir::build::{also_profile, coding, concept, put};
use crate::fhir::codes;
use crate::map::extensions;
use crate::model::DataCategory;

/// The question a statement answers.
#[derive(Clone, Copy)]
pub(in crate::map) struct Asked<'a> {
    /// Our code system of such questions.
    pub(in crate::map) system: &'a str,
    pub(in crate::map) key: &'a str,
    pub(in crate::map) title: &'a str,
    pub(in crate::map) category: DataCategory,
    pub(in crate::map) form: Form,
}

impl Entries {
    /// Every statement of an answer, or that none is known.
    pub(in crate::map) fn answer(&mut self, asked: &Asked<'_>, answer: Option<&Known<Statement>>) {
        match answer {
            None => {}
            Some(Known::NoneKnown) => self.none_known(asked),
            Some(Known::Listed(statements)) => {
                for (place, statement) in statements.iter().enumerate() {
                    self.statement(asked, place, statement);
                }
            }
        }
    }

    fn statement(&mut self, asked: &Asked<'_>, place: usize, statement: &Statement) {
        let lines = [format!("{}: {}", asked.title, statement.line())];
        let role = format!("{}:{place}", asked.key);
        let organisation = statement.organisation.as_ref();
        let at = organisation.map(|o| json!({"url": extensions::STATED_BY_ORGANISATION, "valueString": o}));
        let sector = statement.sector.map(|s| json!({"url": extensions::STATED_IN_SECTOR, "valueCode": s.code()}));
        let stated: Vec<Value> = at.into_iter().chain(sector.clone()).collect();
        let author = statement.author.as_ref().map(|author| json!({"display": author}));
        let code = concept(asked.system, asked.key, asked.title);
        let category = Some(asked.category);
        let mut out = match asked.form {
            Form::Observation => {
                let mut out = self.resource("Observation", &role, true, category, &lines);
                put(&mut out, "extension", sector.into_iter().collect::<Vec<_>>());
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
                also_profile(&mut out, codes::RISK_STATEMENT);
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
                let (kind, words) = match asked.category {
                    DataCategory::Safeguarding => ("SG", "Safeguarding Concern"),
                    _ => ("API", "Additional Patient Information"),
                };
                put(&mut out, "extension", stated);
                put(&mut out, "status", "active");
                put(&mut out, "category", json!([concept(codes::BARS_FLAG_CATEGORY, kind, words)]));
                let text = Some(statement.text.as_str());
                put(&mut out, "code", concept_with_text(asked.system, asked.key, asked.title, text));
                put(&mut out, "subject", self.refer("patient"));
                put(&mut out, "period", statement.date.as_ref().map(|date| json!({"start": date})));
                put(&mut out, "author", author);
                out
            }
        };
        guard(&mut out, statement);
        self.push_item(&role, out);
    }

    /// "None known" is said in so many words: an absent resource would be silence.
    pub(in crate::map) fn none_known(&mut self, asked: &Asked<'_>) {
        let Asked { system, key, title, category, form } = *asked;
        let role = format!("{key}:none-known");
        let lines = [format!("{title}: none known")];
        let none = json!({"coding": [coding(codes::ANSWER, "none-known", "None known")], "text": "None known"});
        let (kind, profiled) = match form {
            Form::Risk => ("RiskAssessment", false),
            Form::Observation | Form::Flag => ("Observation", true),
        };
        let mut out = self.resource(kind, &role, profiled, Some(category), &lines);
        put(&mut out, "status", "final");
        put(&mut out, "code", concept(system, key, title));
        put(&mut out, "subject", self.refer("patient"));
        match form {
            Form::Risk => {
                also_profile(&mut out, codes::RISK_STATEMENT);
                put(&mut out, "prediction", json!([{"outcome": none}]));
            }
            Form::Observation | Form::Flag => put(&mut out, "valueCodeableConcept", none),
        }
        self.push_item(&role, out);
    }
}

/// Security labels of what is more closely guarded (CS-07, CS-20), with HL7's own for systems that do not know ours.
fn guard(resource: &mut Map<String, Value>, statement: &Statement) {
    let mut labels = Vec::new();
    if statement.told_in_confidence {
        let (code, words) = codes::TOLD_IN_CONFIDENCE;
        labels.push(coding(codes::SENSITIVITY, code, words));
        labels.push(json!({"system": codes::ACT_CODE, "code": codes::NOT_TO_PATIENT}));
    }
    if statement.about_a_child {
        let (code, words) = codes::ABOUT_A_CHILD;
        labels.push(coding(codes::SENSITIVITY, code, words));
    }
    if labels.is_empty() {
        return;
    }
    let meta = resource.entry("meta").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else { return };
    // where FHIR has it: before the tags
    let place = meta.keys().position(|key| key == "tag").unwrap_or(meta.len());
    meta.shift_insert(place, "security".to_owned(), labels.into());
}
