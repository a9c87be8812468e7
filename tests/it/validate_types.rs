//! What the walk says of data types and identities beyond any definition: one row a rule, each a change to a sound
//! resource and what is then found.

use cmht_gateway::validate::walk::Guide;
use serde_json::{Value, json};

use crate::support::walked::{Row, found, table};

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "p1",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A made-up person</div>"},
        "identifier": [
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"},
            {"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.16.840.1.113883.6.57"}
        ],
        "name": [{"id": "n1", "family": "Example"}, {"id": "n2", "family": "Sample"}],
        "photo": [{"contentType": "text/plain", "data": "Zm9v", "size": 3, "hash": "C+7Hteo/D9vJXQ3UfzxbwnXaijM="}],
        "managingOrganization": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RXX"}}
    })
}

#[test]
fn identifiers_and_ids_are_what_their_systems_ask() {
    table(
        &patient(),
        Guide::R4,
        &[
            (
                "relative system",
                |p| p["identifier"][0]["system"] = "nhs-number".into(),
                &["error identifier-system Patient.identifier[0].system"],
            ),
            ("directory", |p| p["identifier"][0]["system"] = "ldap://x".into(), &[]),
            (
                "bare OID as URI",
                |p| p["identifier"][1]["value"] = "2.16.840.1.113883.6.57".into(),
                &["error identifier-uri Patient.identifier[1].value"],
            ),
            (
                "UUID under another system",
                |p| p["identifier"][1] = json!({"system": "https://tools.ietf.org/html/rfc4122", "value": "00000000-0000-4000-8000-000000000001"}),
                &["warning identifier-uuid Patient.identifier[1].value"],
            ),
            (
                "no UUID at all",
                |p| p["identifier"][1] = json!({"system": "https://tools.ietf.org/html/rfc4122", "value": "x"}),
                &["error identifier-uuid Patient.identifier[1].value"],
            ),
            ("characters", |p| p["id"] = "bad-id_1".into(), &["error id-character Patient.id"]),
            ("length", |p| p["id"] = "a".repeat(65).into(), &["error id-length Patient.id"]),
            (
                "extension",
                |p| {
                    p["_id"] = json!({"extension":
                [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]});
                },
                &["error resource-id Patient.id.extension[0]"],
            ),
            (
                "contained",
                |p| {
                    p["contained"] = json!([{"resourceType": "Organization", "id": "org_1", "name": "Example"}]);
                    p["generalPractitioner"] = json!([{"reference": "#org_1"}]);
                },
                &["warning dom-6 Patient.contained[0]", "error id-character Patient.contained[0].id"],
            ),
            ("element twice", |p| p["name"][1]["id"] = "n1".into(), &["error element-id Patient.name[1].id"]),
            ("element as resource", |p| p["name"][1]["id"] = "p1".into(), &[]),
        ],
    );
}

#[test]
fn attachments_are_as_long_as_they_say_with_the_hash_they_say() {
    table(
        &patient(),
        Guide::R4,
        &[
            ("size", |p| p["photo"][0]["size"] = 999.into(), &["error attachment-size Patient.photo[0].size"]),
            (
                "hash",
                |p| p["photo"][0]["hash"] = "LEZwlbCg5nvlH2vQD4DLIRiEbdw=".into(),
                &["error attachment-hash Patient.photo[0].hash"],
            ),
            (
                "white space",
                |p| p["photo"][0]["data"] = " Zm9v ".into(),
                &["warning base64-space Patient.photo[0].data"],
            ),
            (
                "character",
                |p| p["photo"][0]["data"] = "Zm9v!".into(),
                &["warning base64-sign Patient.photo[0].data", "error attachment-data Patient.photo[0].data"],
            ),
            (
                "padding",
                |p| p["photo"][0]["data"] = "Zg==Zg==".into(),
                &["warning base64-sign Patient.photo[0].data", "error attachment-data Patient.photo[0].data"],
            ),
            ("length", |p| p["photo"][0]["data"] = "Zm9".into(), &["error base64-length Patient.photo[0].data"]),
            ("nothing", |p| p["photo"][0] = json!({"title": "x"}), &["warning attachment-empty Patient.photo[0]"]),
        ],
    );
}

#[test]
fn english_identifiers_are_warned_of_under_our_guide_and_nowhere_else() {
    let rows: &[Row] = &[
        (
            "check digit",
            |p| p["identifier"][0]["value"] = "9434765918".into(),
            &["warning nhs-number-check-digit Patient.identifier[0].value"],
        ),
        (
            "parted",
            |p| p["identifier"][0]["value"] = "999 000 0026".into(),
            &["warning nhs-number-shape Patient.identifier[0].value"],
        ),
        (
            "in a logical reference",
            |p| {
                p["link"] = json!([{"type": "seealso", "other": {
            "identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000025"}}}]);
            },
            &["warning nhs-number-check-digit Patient.link[0].other.identifier.value"],
        ),
        (
            "ODS code",
            |p| p["managingOrganization"]["identifier"]["value"] = "rxx".into(),
            &["warning ods-code Patient.managingOrganization.identifier.value"],
        ),
        (
            "ODS site",
            |p| {
                p["managingOrganization"]["identifier"] =
                    json!({"system": "https://fhir.nhs.uk/Id/ods-site-code", "value": "RX-01"});
            },
            &["warning ods-code Patient.managingOrganization.identifier.value"],
        ),
    ];
    table(&patient(), Guide::UkCore, rows);
    let silent: Vec<Row> = rows.iter().map(|(name, change, _)| (*name, *change, &[] as &[&str])).collect();
    table(&patient(), Guide::R4, &silent);
    let mut wrong = patient();
    wrong["identifier"][0]["value"] = "9434765918".into();
    let text = "9434765918 is not a valid NHS number: the check digit should be 9.";
    assert!(found(&wrong, Guide::UkCore).iter().any(|issue| issue.text == text));
}

fn observation() -> Value {
    json!({
        "resourceType": "Observation",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Glucose</div>"},
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "15074-8"}]},
        "subject": {"display": "A made-up person"}, "performer": [{"display": "Example"}],
        "effectiveDateTime": "2026-01-01",
        "valueQuantity": {"value": 36.5, "unit": "mmol/l", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    })
}

#[test]
fn codes_have_systems_that_can_be_systems() {
    table(
        &observation(),
        Guide::R4,
        &[
            (
                "none",
                |o| o["code"]["coding"][0] = json!({"code": "15074-8"}),
                &["warning coding-no-system Observation.code.coding[0]"],
            ),
            (
                "relative",
                |o| o["code"]["coding"][0]["system"] = "loinc".into(),
                &["error coding-system Observation.code.coding[0].system"],
            ),
            (
                "a value set",
                |o| o["code"]["coding"][0]["system"] = "http://hl7.org/fhir/ValueSet/observation-codes".into(),
                &["error coding-system Observation.code.coding[0].system"],
            ),
            (
                "unknown, of FHIR",
                |o| o["meta"] = json!({"tag": [{"system": "http://hl7.org/fhir/no-such", "code": "x"}]}),
                &["error uri-known Observation.meta.tag[0].system"],
            ),
            (
                "unknown, of others",
                |o| o["meta"] = json!({"tag": [{"system": "https://example.org/x", "code": "x"}]}),
                &[],
            ),
            (
                "more than SNOMED CT",
                |o| o["meta"] = json!({"tag": [{"system": "http://snomed.info/sct/1", "code": "x"}]}),
                &["error coding-system Observation.meta.tag[0].system"],
            ),
            (
                "https",
                |o| o["meta"] = json!({"tag": [{"system": "https://loinc.org", "code": "x"}]}),
                &["error coding-system Observation.meta.tag[0].system"],
            ),
            (
                "note in a unit",
                |o| o["valueQuantity"]["code"] = "mmol/L{fasting}".into(),
                &["warning ucum-annotation Observation.value.code"],
            ),
        ],
    );
}

#[test]
fn vital_signs_are_held_to_their_profile_by_their_code() {
    table(
        &observation(),
        Guide::R4,
        &[
            (
                "no performer",
                |o| drop(o.as_object_mut().and_then(|o| o.remove("performer"))),
                &["warning observation-performer Observation"],
            ),
            (
                "no time",
                |o| drop(o.as_object_mut().and_then(|o| o.remove("effectiveDateTime"))),
                &["warning observation-effective Observation"],
            ),
            ("not a vital sign", |o| o["code"]["coding"][0]["code"] = "15075-5".into(), &[]),
        ],
    );
    for (system, code) in [("http://loinc.org", "8310-5"), ("http://snomed.info/sct", "276885007")] {
        let mut temperature = observation();
        temperature["code"]["coding"][0] = json!({"system": system, "code": code});
        let issues = found(&temperature, Guide::R4);
        assert!(issues.iter().any(|issue| issue.rule.as_deref() == Some("vital-signs")), "{code}");
        let refused =
            issues.iter().any(|issue| issue.severity.refuses() && issue.path.as_deref() == Some("Observation"));
        assert!(refused, "the category of vital signs is missing: {issues:?}");
    }
}

#[test]
fn what_is_published_has_an_absolute_address() {
    let set = json!({
        "resourceType": "ValueSet", "url": "https://example.org/ValueSet/x", "version": "1", "status": "draft",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Codes</div>"}
    });
    table(
        &set,
        Guide::R4,
        &[
            ("relative", |v| v["url"] = "ValueSet/x".into(), &["error canonical-url ValueSet.url"]),
            ("urn", |v| v["url"] = "urn:oid:2.16.840.1.113883.6.57".into(), &[]),
            ("version", |v| v["version"] = "1#2".into(), &["warning canonical-version ValueSet.version"]),
        ],
    );
}
