//! For each invariant of the UK Core profiles that a simple change breaks: the resource as it then is.

use serde_json::{Value, json};

/// The element the invariant belongs to, its key, and what is changed in a sound object of that path; null takes away.
#[allow(clippy::too_many_lines, reason = "one table")]
pub(super) fn broken() -> Vec<(&'static str, &'static str, Value)> {
    let text = || json!({"text": "words"});
    let to = |what: &str| json!({"reference": format!("{what}/a1")});
    let coded = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    let wrong = coded("allergyintolerance-verification", "entered-in-error");
    let wrong_condition = coded("condition-ver-status", "entered-in-error");
    let age = || json!({"value": 1, "system": "http://unitsofmeasure.org", "code": "a"});
    vec![
        ("AllergyIntolerance", "ait-1", json!({"clinicalStatus": null})),
        ("AllergyIntolerance", "ait-2", json!({"verificationStatus": wrong})),
        ("Appointment", "app-2", json!({"start": "2026-01-02T03:04:05Z"})),
        ("Appointment", "app-3", json!({"status": "booked"})),
        ("Appointment", "app-4", json!({"cancelationReason": text()})),
        ("Appointment.participant", "app-1", json!({"actor": null})),
        ("AuditEvent.entity", "sev-1", json!({"name": "words", "query": "YWJj"})),
        ("Bundle", "bdl-1", json!({"total": 1})),
        (
            "Bundle",
            "bdl-2",
            json!({"entry": [{"resource": {"resourceType": "Basic", "code": text()}, "search": {"mode": "match"}}]}),
        ),
        ("Bundle", "bdl-3", json!({"entry": [{"request": {"method": "GET", "url": "Patient/a1"}}]})),
        ("Bundle", "bdl-4", json!({"entry": [{"response": {"status": "200"}}]})),
        ("Bundle", "bdl-9", json!({"type": "document", "timestamp": "2026-01-02T03:04:05Z"})),
        (
            "Bundle",
            "bdl-10",
            json!({"type": "document", "identifier": {"system": "https://example.org/ids", "value": "1"}}),
        ),
        (
            "Bundle",
            "bdl-11",
            json!({"type": "document", "entry": [{"fullUrl": "https://example.org/fhir/Basic/b", "resource": {"resourceType": "Basic", "code": text()}}]}),
        ),
        (
            "Bundle",
            "bdl-12",
            json!({"type": "message", "entry": [{"fullUrl": "https://example.org/fhir/Basic/b", "resource": {"resourceType": "Basic", "code": text()}}]}),
        ),
        ("Bundle.entry", "bdl-5", json!({"resource": null})),
        ("Bundle.entry", "bdl-8", json!({"fullUrl": "https://example.org/fhir/Basic/inner/_history/1"})),
        ("CarePlan.activity", "cpl-3", json!({"detail": {"status": "completed"}})),
        ("Composition.section", "cmp-1", json!({"text": null})),
        ("Composition.section", "cmp-2", json!({"emptyReason": text(), "entry": [to("Patient")]})),
        ("Condition", "con-4", json!({"abatementString": "words"})),
        ("Condition", "con-5", json!({"verificationStatus": wrong_condition})),
        ("Condition.stage", "con-1", json!({"summary": null, "type": text()})),
        (
            "Condition.evidence",
            "con-2",
            json!({"code": null, "id": "a", "extension": [super::samples::sample("Extension")]}),
        ),
        ("Consent", "ppc-1", json!({"policyRule": null})),
        ("FamilyMemberHistory", "fhs-1", json!({"ageString": "words", "bornString": "words"})),
        ("FamilyMemberHistory", "fhs-2", json!({"estimatedAge": true})),
        ("FamilyMemberHistory", "fhs-1", json!({"ageAge": age(), "bornDate": "2026"})),
        ("Immunization", "ukcore-imm-001", json!({"status": "not-done"})),
        ("Immunization.education", "imm-1", json!({"documentType": null, "publicationDate": "2026"})),
        ("List", "lst-1", json!({"emptyReason": text(), "entry": [{"item": to("Patient")}]})),
        ("List", "lst-2", json!({"entry": [{"item": to("Patient"), "deleted": true}]})),
        ("List", "lst-3", json!({"entry": [{"item": to("Patient"), "date": "2026"}]})),
        ("MedicationAdministration.dosage", "mad-1", json!({"dose": null, "text": "words"})),
        ("MedicationDispense", "mdd-1", json!({"whenPrepared": "2026-02-01", "whenHandedOver": "2026-01-01"})),
        (
            "Observation",
            "obs-6",
            json!({"dataAbsentReason": coded("data-absent-reason", "unknown"), "valueQuantity": super::samples::sample("Quantity")}),
        ),
        ("Observation.referenceRange", "obs-3", json!({"text": null, "appliesTo": [text()]})),
        ("Organization", "org-1", json!({"name": null, "identifier": null})),
        ("Organization", "org-3", json!({"telecom": [{"system": "phone", "value": "01632 960001", "use": "home"}]})),
        ("Organization", "org-2", json!({"address": [{"text": "words", "use": "home"}]})),
        ("Patient.contact", "pat-1", json!({"name": null, "gender": "other"})),
        (
            "Questionnaire",
            "que-2",
            json!({"item": [{"linkId": "a", "type": "string", "text": "words"}, {"linkId": "a", "type": "string", "text": "words"}]}),
        ),
        ("Questionnaire.item", "que-1", json!({"type": "group"})),
        ("Questionnaire.item", "que-3", json!({"type": "display", "code": [super::samples::sample("Coding")]})),
        (
            "Questionnaire.item",
            "que-4",
            json!({"type": "choice", "answerValueSet": "https://example.org/a", "answerOption": [{"valueString": "a"}]}),
        ),
        ("Questionnaire.item", "que-5", json!({"type": "boolean", "answerValueSet": "https://example.org/a"})),
        ("Questionnaire.item", "que-6", json!({"type": "display", "required": true})),
        ("Questionnaire.item", "que-8", json!({"type": "display", "initial": [{"valueString": "a"}]})),
        ("Questionnaire.item", "que-9", json!({"type": "display", "readOnly": true})),
        ("Questionnaire.item", "que-10", json!({"type": "date", "maxLength": 4})),
        (
            "Questionnaire.item",
            "que-11",
            json!({"type": "choice", "answerOption": [{"valueString": "a"}], "initial": [{"valueString": "a"}]}),
        ),
        ("Questionnaire.item", "que-13", json!({"initial": [{"valueString": "a"}, {"valueString": "b"}]})),
        (
            "Questionnaire.item.enableWhen",
            "que-7",
            json!({"operator": "exists", "answerBoolean": null, "answerString": "a"}),
        ),
        ("QuestionnaireResponse.item", "qrs-1", json!({"answer": [{"valueString": "a"}], "item": [{"linkId": "b"}]})),
        ("RequestGroup.action", "rqg-1", json!({"action": [{"resource": to("Task")}]})),
        ("ServiceRequest", "prr-1", json!({"orderDetail": [text()], "code": null})),
        ("Task", "inv-1", json!({"authoredOn": "2026-02-01", "lastModified": "2026-01-01"})),
        (
            "",
            "dom-2",
            json!({"contained": [{"resourceType": "Basic", "id": "a", "code": text(), "subject": {"reference": "#"}, "contained": [{"resourceType": "Basic", "id": "b", "code": text(), "subject": {"reference": "#"}}]}]}),
        ),
        ("", "dom-3", json!({"contained": [{"resourceType": "Basic", "id": "a", "code": text()}]})),
        (
            "",
            "dom-4",
            json!({"contained": [{"resourceType": "Basic", "id": "a", "meta": {"versionId": "1"}, "code": text(), "subject": {"reference": "#"}}]}),
        ),
        (
            "",
            "dom-5",
            json!({"contained": [{"resourceType": "Basic", "id": "a", "meta": {"security": [super::samples::sample("Coding")]}, "code": text(), "subject": {"reference": "#"}}]}),
        ),
    ]
}
