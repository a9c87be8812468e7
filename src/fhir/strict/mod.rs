//! R4 structure as a check: our own walk over the element tree first, then what must be there and what values may say.
//! Finds every faulty resource. Changes nothing.

mod content;
mod missing;
mod required;
mod times;

use serde_json::Value;

use super::structure;
use crate::model::Issue;

/// Checks one resource, and what is contained in it or stands in it as an entry of a Bundle.
#[must_use]
pub fn strict(value: &Value) -> Vec<Issue> {
    let mut issues = structure::check(value);
    issues.extend(content::check(value));
    issues
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::strict;

    fn found(value: &Value) -> Vec<(&'static str, String)> {
        strict(value).into_iter().map(|i| (i.code.code(), i.path.unwrap_or_default())).collect()
    }

    #[test]
    fn a_sound_resource_has_no_findings() {
        let patient = json!({"resourceType": "Patient", "active": true, "name": [{"given": ["A", null],
            "_given": [null, {"extension": [{"url": "urn:x", "valueDecimal": 1.0}]}]}], "multipleBirthInteger": 2,
            "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>"}});
        assert_eq!(found(&patient), []);
    }

    #[test]
    fn each_structural_fault_is_named_with_its_path() {
        let table = [
            (json!({"surname": "x"}), "invalid", "Patient.surname"),
            (json!({"active": "true"}), "structure", "Patient.active"),
            (json!({"active": null}), "structure", "Patient.active"),
            (json!({"name": {"family": "x"}}), "structure", "Patient.name"),
            (json!({"name": []}), "required", "Patient.name"),
            (json!({"name": [{}]}), "required", "Patient.name[0]"),
            (json!({"name": [null]}), "structure", "Patient.name[0]"),
            (json!({"name": [{"family": ["x"]}]}), "structure", "Patient.name[0].family"),
            (json!({"name": [{"family": ""}]}), "value", "Patient.name[0].family"),
            (json!({"name": [{"family": "a\u{0}b"}]}), "value", "Patient.name[0].family"),
            (json!({"name": [{"given": ["x", null]}]}), "structure", "Patient.name[0].given[1]"),
            (json!({"name": [{"_given": [null]}]}), "structure", "Patient.name[0]._given"),
            (json!({"name": [{"given": ["x"], "_given": [null, {"id": "a"}]}]}), "structure", "Patient.name[0]._given"),
            (json!({"birthDate": 1970}), "structure", "Patient.birthDate"),
            (json!({"_birthDate": {"value": "x"}}), "invalid", "Patient._birthDate.value"),
            (json!({"_name": [{"id": "a"}]}), "invalid", "Patient._name"),
            (json!({"multipleBirthInteger": 1.5}), "value", "Patient.multipleBirthInteger"),
            (json!({"text": {"status": "generated", "div": "<div>"}}), "structure", "Patient.text.div"),
            (
                json!({"extension": [{"url": "u", "_url": {"id": "a"}, "valueCode": "x"}]}),
                "invalid",
                "Patient.extension[0]._url",
            ),
            (json!({"extension": [{"url": "u", "value": "x"}]}), "invalid", "Patient.extension[0].value"),
            (json!({"contained": [{"resourceType": "Nonsense"}]}), "not-supported", "Patient.contained[0]"),
            (json!({"contained": [{"id": "a"}]}), "required", "Patient.contained[0]"),
            (json!({"contained": ["a"]}), "structure", "Patient.contained[0]"),
            (json!({"deceasedBoolean": true, "deceasedDateTime": "2020"}), "structure", "Patient"),
        ];
        for (mut patient, code, path) in table {
            patient["resourceType"] = "Patient".into();
            assert_eq!(found(&patient), [(code, path.to_owned())], "{patient}");
        }
    }

    #[test]
    fn every_faulty_entry_of_a_bundle_is_reported_and_the_bundle_too() {
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"resource": {"resourceType": "Patient", "colour": "x"}},
            {"resource": {"resourceType": "Patient"}},
            {"resource": {"resourceType": "Flag", "status": "active", "code": {"text": "x"}}},
            {"resource": {"resourceType": "Patient", "link": [{"type": "refer"}]}}]});
        let expected = [
            ("invalid", "Bundle.entry[0].resource.colour".to_owned()),
            ("required", "Bundle.entry[2].resource.subject".to_owned()),
            ("required", "Bundle.entry[3].resource.link[0].other".to_owned()),
            ("required", "Bundle.type".to_owned()),
        ];
        assert_eq!(found(&bundle), expected);
    }

    #[test]
    fn findings_never_quote_values() {
        let secret = "Zebedee";
        for value in [
            json!({"resourceType": "Patient", "active": secret, "birthDate": {"a": secret}}),
            json!({"resourceType": "Patient", "multipleBirthInteger": secret, "name": secret}),
            json!({"resourceType": "Patient", "deceasedBoolean": true, "deceasedDateTime": secret}),
        ] {
            assert!(strict(&value).iter().all(|issue| !issue.text.contains(secret)), "{:?}", strict(&value));
        }
    }

    #[test]
    fn nesting_as_deep_as_is_read_does_not_overflow_a_small_stack() {
        let nest = |open: &str, close: &str, levels: usize| {
            format!("{}{}{}", open.repeat(levels), "{\"url\":\"u\",\"valueCode\":\"x\"}", close.repeat(levels))
        };
        let extensions = nest("{\"url\":\"u\",\"extension\":[", "]}", 58);
        let texts = [
            format!("{{\"resourceType\":\"Patient\",\"extension\":[{extensions}]}}"),
            format!(
                "{}{{\"resourceType\":\"Basic\",\"code\":{{\"text\":\"x\"}}}}{}",
                "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":".repeat(38),
                "}]}".repeat(38)
            ),
        ];
        for text in texts {
            let checked = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
                let limits = crate::fhir::Limits { max_bytes: 1_000_000, max_depth: 1000 };
                let value = crate::fhir::read(text.as_bytes(), crate::fhir::Format::Json, &limits).unwrap();
                let xml = crate::fhir::write(&value, crate::fhir::Format::Xml).unwrap();
                assert_eq!(crate::fhir::read(&xml, crate::fhir::Format::Xml, &limits).unwrap(), value);
                strict(&value)
            });
            assert_eq!(checked.unwrap().join().unwrap(), []);
        }
    }
}
