//! A value for each data type, as small as is sound. Only made-up persons and codes of published systems.

use serde_json::{Value, json};

/// The extension of these tests, allowed everywhere; and one that changes what it stands on.
pub(super) const EXTENSION: &str = "https://example.org/StructureDefinition/mark";
pub(super) const MODIFIER: &str = "https://example.org/StructureDefinition/change";

/// A value of a type; `None` for a type without a sample.
#[allow(clippy::too_many_lines, reason = "a table")]
#[allow(clippy::match_same_arms, reason = "one row a type")]
pub(super) fn sample(kind: &str) -> Option<Value> {
    let kilogram = || json!({"value": 1, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"});
    let coded = || json!({"coding": [{"system": "http://snomed.info/sct", "code": "271807003"}]});
    Some(match kind {
        "boolean" => json!(true),
        "integer" | "positiveInt" | "unsignedInt" => json!(1),
        "decimal" => json!(1.5),
        "string" | "markdown" => json!("words"),
        "code" => json!("en"),
        "id" => json!("a1"),
        "uri" => json!("urn:example:a"),
        "url" => json!("https://example.org/a"),
        "canonical" => json!("https://example.org/a"),
        "oid" => json!("urn:oid:1.2.3"),
        "uuid" => json!("urn:uuid:0f0c7a53-5b0a-4d9a-9c1e-0d9d0e6a2b11"),
        "date" => json!("2026-01-02"),
        "dateTime" => json!("2026-01-02"),
        "instant" => json!("2026-01-02T03:04:05Z"),
        "time" => json!("12:00:00"),
        "base64Binary" => json!("YWJj"),
        "Extension" => json!({"url": EXTENSION, "valueString": "words"}),
        "Narrative" => {
            json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>words</p></div>"})
        }
        "Meta" => json!({"versionId": "1"}),
        "Identifier" => json!({"system": "https://example.org/ids", "value": "1"}),
        "HumanName" | "Address" | "Annotation" | "Dosage" => json!({"text": "words"}),
        "ContactPoint" => json!({"system": "phone", "value": "01632 960001"}),
        "Period" => json!({"start": "2026-01-02"}),
        "Quantity" | "SimpleQuantity" => kilogram(),
        "Age" => json!({"value": 1, "unit": "year", "system": "http://unitsofmeasure.org", "code": "a"}),
        "Duration" => json!({"value": 1, "unit": "hour", "system": "http://unitsofmeasure.org", "code": "h"}),
        "Count" => json!({"value": 1, "unit": "times", "system": "http://unitsofmeasure.org", "code": "1"}),
        "Distance" => json!({"value": 1, "unit": "metre", "system": "http://unitsofmeasure.org", "code": "m"}),
        "Money" => json!({"value": 1, "currency": "GBP"}),
        "Range" => json!({"low": kilogram()}),
        "Ratio" => json!({"numerator": kilogram(), "denominator": kilogram()}),
        "Timing" => json!({"event": ["2026-01-02"]}),
        "SampledData" => json!({"origin": kilogram(), "period": 1, "dimensions": 1, "data": "1 2"}),
        "Attachment" => json!({"contentType": "text/plain", "data": "YWJj"}),
        "CodeableConcept" => json!({"text": "words"}),
        "Coding" => json!({"system": "http://snomed.info/sct", "code": "271807003"}),
        "Signature" => json!({
            "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}],
            "when": "2026-01-02T03:04:05Z",
            "who": {"reference": "Practitioner/a1"},
        }),
        "ContactDetail" => json!({"name": "words"}),
        "Expression" => json!({"language": "text/fhirpath", "expression": "true"}),
        "RelatedArtifact" => json!({"type": "citation", "citation": "words"}),
        "UsageContext" => {
            let code = json!({"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "focus"});
            json!({"code": code, "valueCodeableConcept": coded()})
        }
        "Contributor" => json!({"type": "author", "name": "words"}),
        "DataRequirement" => json!({"type": "Patient"}),
        "ParameterDefinition" => json!({"use": "in", "type": "string"}),
        "TriggerDefinition" => json!({"type": "named-event", "name": "words"}),
        // a contained resource must be used; this one refers to what contains it
        "Resource" => json!({
            "resourceType": "Basic", "id": "inner", "code": {"text": "words"}, "subject": {"reference": "#"},
        }),
        _ => return None,
    })
}

/// A value that is written as its type asks and yet is none.
pub(super) fn malformed(kind: &str) -> Option<Value> {
    Some(match kind {
        "integer" => json!(1.5),
        "positiveInt" => json!(0),
        "unsignedInt" => json!(-1),
        "code" => json!("two  spaces"),
        "id" => json!("a b"),
        "uri" | "url" | "canonical" => json!("https://example.org/a b"),
        "oid" => json!("urn:oid:1.02"),
        "uuid" => json!("urn:uuid:0f0c7a53"),
        "date" | "dateTime" => json!("2026-02-30"),
        "instant" => json!("2026-01-02"),
        "time" => json!("25:00:00"),
        "base64Binary" => json!("YW%c"),
        _ => return None,
    })
}

/// What JSON writes for a type: `string`, `number`, `boolean`, `object`.
pub(super) fn written(kind: &str) -> &'static str {
    match kind {
        "boolean" => "boolean",
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => "number",
        _ if kind.starts_with(|c: char| c.is_ascii_lowercase()) => "string",
        _ => "object",
    }
}
