//! What must stand beside an element, or must not, for the whole to be sound: what invariants ask, by path.

use serde_json::{Value, json};

/// What a vital sign must have besides what its own profile asks: R4 knows it by its code and asks for more.
fn vital_sign(profile: &str) -> Value {
    let ucum = |code: &str| json!({"value": 1, "unit": code, "system": "http://unitsofmeasure.org", "code": code});
    let category = json!({"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs",
    }]});
    let part = |code: &str| {
        let code = json!({"coding": [{"system": "http://loinc.org", "code": code}]});
        json!({"code": code, "valueQuantity": ucum("mm[Hg]")})
    };
    let mut fields = json!({"category": [category]});
    let unit = match profile.rsplit('-').next().unwrap_or_default() {
        "BodyHeight" | "HeadCircumference" => "cm",
        "BodyWeight" => "kg",
        "BMI" => "kg/m2",
        "BodyTemperature" => "Cel",
        "HeartRate" | "RespirationRate" => "/min",
        "OxygenSaturation" => "%",
        "BloodPressure" => {
            fields["component"] = json!([part("8480-6"), part("8462-4")]);
            return fields;
        }
        // a panel, as its code is that of one
        _ => {
            fields["hasMember"] = json!([{"reference": "Observation/b1"}]);
            return fields;
        }
    };
    fields["valueQuantity"] = ucum(unit);
    fields
}

/// What an object of a path has to begin with; each field only where nothing else is made for it.
pub(super) fn within(profile: &str, path: &str) -> Value {
    let text = || json!({"text": "words"});
    let to = |what: &str| json!({"reference": format!("{what}/a1")});
    let coded = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    match path {
        "AllergyIntolerance" => json!({"clinicalStatus": coded("allergyintolerance-clinical", "active")}),
        "Appointment" => json!({"status": "proposed"}),
        "Appointment.participant" => json!({"actor": to("Patient"), "status": "accepted"}),
        "AuditEvent.entity" => json!({"what": to("Patient")}),
        "Bundle" => json!({"type": "collection"}),
        "Bundle.entry" => json!({
            "fullUrl": "https://example.org/fhir/Basic/inner",
            "resource": {"resourceType": "Basic", "id": "inner", "code": text()},
        }),
        "CarePlan.activity" => json!({"reference": to("ServiceRequest")}),
        "CareTeam.participant" => json!({"member": to("Practitioner")}),
        "Composition.section" => json!({
            "title": "words",
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>words</p></div>"},
        }),
        "Condition" => json!({"clinicalStatus": coded("condition-clinical", "active")}),
        "Condition.stage" => json!({"summary": text()}),
        "Condition.evidence" => json!({"code": [text()]}),
        "Consent" => json!({"policyRule": text(), "patient": to("Patient")}),
        "Immunization" => json!({"status": "completed"}),
        "Immunization.education" => json!({"documentType": "words"}),
        "List" => json!({"mode": "snapshot"}),
        "MedicationAdministration.dosage" => json!({"dose": super::samples::sample("Quantity")}),
        "Observation" if profile.contains("-VitalSigns") => vital_sign(profile),
        "Observation.referenceRange" => text(),
        "Organization" => json!({"name": "words"}),
        "Patient.contact" => json!({"name": text()}),
        "Questionnaire.item" => json!({"type": "string", "text": "words"}),
        "Questionnaire.item.enableWhen" => json!({"question": "q1", "operator": "=", "answerBoolean": true}),
        "QuestionnaireResponse.item" => json!({"text": "words"}),
        "RequestGroup.action" => json!({"resource": to("Task")}),
        "Task" => json!({"intent": "order", "status": "requested"}),
        _ => json!({}),
    }
}

/// Where an element stands (`present`), what changes in the object of another path around it; null takes away.
pub(super) fn beside(present: &str, owner: &str) -> Option<Value> {
    let text = || json!({"text": "words"});
    Some(match (present, owner) {
        ("Appointment.start", "Appointment") => json!({"end": "2026-01-02T03:04:05Z"}),
        ("Appointment.end", "Appointment") => json!({"start": "2026-01-02T03:04:05Z"}),
        ("Appointment.cancelationReason", "Appointment") => json!({"status": "cancelled"}),
        ("Bundle.total" | "Bundle.entry.search", "Bundle") => json!({"type": "searchset"}),
        ("Bundle.entry.request", "Bundle") => json!({"type": "batch"}),
        ("Bundle.entry.response", "Bundle") => json!({"type": "batch-response"}),
        ("CarePlan.activity.detail", "CarePlan.activity") => json!({"reference": null}),
        ("Condition.abatement[x]", "Condition") => json!({"clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}],
        }}),
        ("DiagnosticReport.media.extension", "DiagnosticReport.media") => json!({"link": {"display": "words"}}),
        ("FamilyMemberHistory.estimatedAge", "FamilyMemberHistory") => json!({"ageString": "words"}),
        ("List.entry.deleted", "List") => json!({"mode": "changes"}),
        ("List.entry.date", "List") => json!({"mode": "working"}),
        ("Observation.dataAbsentReason", "Observation") => json!({"valueQuantity": null}),
        ("Questionnaire.item.answerOption" | "Questionnaire.item.answerValueSet", "Questionnaire.item") => {
            json!({"type": "choice"})
        }
        ("Questionnaire.item.item", "Questionnaire.item") => json!({"type": "group"}),
        ("RequestGroup.action.action", "RequestGroup.action") => json!({"resource": null}),
        ("ServiceRequest.orderDetail", "ServiceRequest") => json!({"code": text()}),
        _ => return None,
    })
}
