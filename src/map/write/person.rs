//! Patient and the people around them. On Patient, identity is demographics; telecom, address, communication and
//! contact preferences are contact-and-communication, which `consent` knows element by element.

use serde_json::{Map, Value, json};

use super::Entries;
use super::datatypes::{address, coded, concept_with_text, name, telecoms};
use crate::documents::parts::{ContactPreferences, Gender, Person, PersonName, RelatedPerson};
use crate::fhir::build::{concept, put};
use crate::fhir::codes;
use crate::map::code_table::{METHOD, UNAVAILABLE, VERIFICATION, WRITTEN, fhir_code};
use crate::map::extensions;
use crate::model::DataCategory;

impl Entries {
    /// Patient (UKCore-Patient), and Organization of the GP practice.
    pub(in crate::map) fn patient(&mut self, person: &Person) {
        let lines: Vec<String> = person.names.iter().map(PersonName::line).collect();
        let mut out = self.resource("Patient", "patient", true, Some(DataCategory::Demographics), &lines);
        put(&mut out, "extension", extensions_of(person));
        put(&mut out, "identifier", identifiers(person));
        put(&mut out, "name", person.names.iter().map(name).collect::<Vec<_>>());
        put(&mut out, "telecom", telecoms(&person.telecoms));
        put(&mut out, "gender", person.gender.map(Gender::code));
        put(&mut out, "birthDate", person.birth_date.clone());
        put(&mut out, "address", person.addresses.iter().map(address).collect::<Vec<_>>());
        if let Some(language) = &person.language {
            // the language of a Patient must be a language tag; `und` says that there is none for it
            let tag = language.code.as_deref().unwrap_or("und");
            let spoken = json!({"coding": [{"system": codes::BCP47, "code": tag}], "text": language.name});
            put(&mut out, "communication", json!([{"language": spoken, "preferred": true}]));
        }
        let practice = person.gp_practice.as_ref().map(|_| self.refer("organisation:gp"));
        let doctor = person.usual_gp.as_ref().map(|doctor| json!({"type": "Practitioner", "display": doctor}));
        put(&mut out, "generalPractitioner", practice.into_iter().chain(doctor).collect::<Vec<_>>());
        self.push("patient", out);
        if let Some(practice) = &person.gp_practice {
            self.organisation("organisation:gp", practice);
        }
    }

    /// RelatedPerson; a tagged item of the document.
    pub(in crate::map) fn related(
        &mut self,
        role: &str,
        person: &RelatedPerson,
        relationship: Option<(&str, &str, &str)>,
        category: DataCategory,
    ) {
        let mut out = self.resource("RelatedPerson", role, true, Some(category), &[person.line()]);
        let mut marks: Vec<Value> = Vec::new();
        if let Some(lives) = person.lives_with_person {
            marks.push(json!({"url": extensions::LIVES_WITH_PERSON, "valueBoolean": lives}));
        }
        if let Some(may) = person.may_receive_letters {
            marks.push(json!({"url": codes::ukcore_extension("CopyCorrespondenceIndicator"), "valueBoolean": may}));
        }
        if let Some(notes) = &person.notes {
            marks.push(json!({"url": extensions::RELATED_PERSON_NOTE, "valueString": notes}));
        }
        put(&mut out, "extension", marks);
        put(&mut out, "patient", self.refer("patient"));
        let words = person.relationship.as_deref();
        let relation = match (relationship, words) {
            (Some((system, code, display)), _) => Some(concept_with_text(system, code, display, words)),
            (None, Some(words)) => Some(coded(words, None)),
            (None, None) => None,
        };
        put(&mut out, "relationship", relation.into_iter().collect::<Vec<_>>());
        put(&mut out, "name", person.name.iter().map(name).collect::<Vec<_>>());
        put(&mut out, "telecom", telecoms(&person.telecoms));
        put(&mut out, "birthDate", person.birth_date.clone());
        put(&mut out, "address", person.address.iter().map(address).collect::<Vec<_>>());
        self.push_item(role, out);
    }
}

fn extensions_of(person: &Person) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    if let Some(origin) = &person.ethnic_origin {
        let mut value = Map::new();
        if let Some(code) = &origin.code {
            let mut coding = Map::new();
            put(&mut coding, "system", codes::ETHNIC_CATEGORY);
            put(&mut coding, "code", code.clone());
            put(&mut coding, "display", origin.display());
            put(&mut value, "coding", vec![Value::Object(coding)]);
        }
        put(&mut value, "text", origin.text.clone());
        out.push(json!({"url": codes::ukcore_extension("EthnicCategory"), "valueCodeableConcept": value}));
    }
    if let Some(needed) = person.interpreter_required {
        out.push(json!({"url": extensions::INTERPRETER_REQUIRED, "valueBoolean": needed}));
    }
    let number = person.nhs_number.as_ref();
    if let Some((code, words)) = number.and_then(|n| n.unavailable).and_then(|why| fhir_code(UNAVAILABLE, why)) {
        let detail = number.and_then(|n| n.detail.as_deref());
        let value = concept_with_text(codes::NHS_NUMBER_UNAVAILABLE, code, words, detail);
        out.push(json!({"url": codes::ukcore_extension("NHSNumberUnavailableReason"), "valueCodeableConcept": value}));
    }
    if let Some(wish) = &person.contact_preferences {
        let parts = preference_parts(wish);
        if !parts.is_empty() {
            out.push(json!({"url": codes::ukcore_extension("ContactPreference"), "extension": parts}));
        }
        if let Some(notes) = &wish.notes {
            out.push(json!({"url": extensions::CONTACT_NOTES, "valueString": notes}));
        }
    }
    out
}

fn preference_parts(wish: &ContactPreferences) -> Vec<Value> {
    let method = wish.method.and_then(|method| fhir_code(METHOD, method)).map(|(code, words)| {
        let value = concept(codes::CONTACT_METHOD, code, words);
        json!({"url": "PreferredContactMethod", "valueCodeableConcept": value})
    });
    let times = wish.times.as_ref().map(|times| json!({"url": "PreferredContactTimes", "valueString": times}));
    let format = wish.written_format.and_then(|format| fhir_code(WRITTEN, format)).map(|(code, words)| {
        let value = concept(codes::WRITTEN_FORMAT, code, words);
        json!({"url": "PreferredWrittenCommunicationFormat", "valueCodeableConcept": value})
    });
    method.into_iter().chain(times).chain(format).collect()
}

fn identifiers(person: &Person) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    if let Some((number, value)) = person.nhs_number.as_ref().and_then(|n| Some((n, n.value.as_ref()?))) {
        let mut identifier = Map::new();
        if let Some((code, words)) = number.verification.and_then(|status| fhir_code(VERIFICATION, status)) {
            let status = concept(codes::NHS_NUMBER_VERIFICATION, code, words);
            let url = codes::ukcore_extension("NHSNumberVerificationStatus");
            put(&mut identifier, "extension", json!([{"url": url, "valueCodeableConcept": status}]));
        }
        put(&mut identifier, "system", codes::NHS_NUMBER);
        put(&mut identifier, "value", value.clone());
        out.push(Value::Object(identifier));
    }
    out.extend(person.other_identifiers.iter().map(|other| json!({"system": other.system, "value": other.value})));
    out
}
