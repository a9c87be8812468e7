//! The ImplementationGuide (<https://hl7.org/fhir/R4/implementationguide.html>): the list of everything else.

use serde_json::{Map, Value, json};

use super::publication::{FHIR_VERSION, begin};
use crate::fhir::build::put;

/// The guide over these resources.
pub(super) fn resource(others: &[Value]) -> Value {
    let mut out = begin(
        "ImplementationGuide",
        "cmht",
        "Community mental health exchange",
        "Documents of community mental health teams in England on UK Core: what the trust requires beyond it.",
    );
    put(&mut out, "packageId", "example.cmht-gateway.fhir");
    put(&mut out, "license", "Apache-2.0");
    put(&mut out, "fhirVersion", json!([FHIR_VERSION]));
    put(
        &mut out,
        "dependsOn",
        json!([{
            "id": "ukcore", "uri": "https://fhir.hl7.org.uk/ImplementationGuide/fhir.r4.ukcore.stu2",
            "packageId": "fhir.r4.ukcore.stu2",
        }]),
    );
    let resources = others.iter().map(|resource| {
        let part = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut listed = Map::new();
        put(&mut listed, "reference", json!({"reference": format!("{}/{}", part("resourceType"), part("id"))}));
        put(&mut listed, "name", part("name"));
        put(&mut listed, "description", part("description"));
        put(&mut listed, "exampleBoolean", false);
        Value::Object(listed)
    });
    put(&mut out, "definition", json!({"resource": resources.collect::<Vec<_>>()}));
    Value::Object(out)
}
