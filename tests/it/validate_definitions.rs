//! Code systems, value sets, concept maps and structure definitions as resources: one row a rule, each a change to a sound
//! resource and what is then found.

use cmht_gateway::validate::walk::Guide;
use serde_json::{Value, json};

use crate::support::walked::table;

fn narrative() -> Value {
    json!({"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A definition</div>"})
}

#[test]
fn a_code_system_agrees_with_itself() {
    let sound = json!({
        "resourceType": "CodeSystem", "url": "https://example.org/CodeSystem/x", "status": "draft", "text": narrative(),
        "content": "complete", "caseSensitive": true, "hierarchyMeaning": "is-a", "count": 2,
        "property": [{"code": "weight", "type": "decimal"},
            {"code": "notSelectable", "uri": "http://hl7.org/fhir/concept-properties#notSelectable", "type": "boolean"}],
        "concept": [{"code": "a", "property": [{"code": "weight", "valueDecimal": 1.5}], "concept": [{"code": "b"}]}]
    });
    table(
        &sound,
        Guide::R4,
        &[
            ("count", |c| c["count"] = 3.into(), &["error cs-count CodeSystem.count"]),
            ("fragment", |c| c["content"] = "fragment".into(), &["warning cs-count CodeSystem.count"]),
            ("not present", |c| c["content"] = "not-present".into(), &["error cs-content CodeSystem.concept[0]"]),
            ("no supplement", |c| c["content"] = "supplement".into(), &["error cs-supplement CodeSystem.content"]),
            (
                "supplement",
                |c| c["supplements"] = "https://example.org/y".into(),
                &[
                    "error cs-supplement CodeSystem.content",
                    "error cs-supplement CodeSystem.caseSensitive",
                    "error cs-supplement CodeSystem.hierarchyMeaning",
                ],
            ),
            (
                "case",
                |c| drop(c.as_object_mut().unwrap().remove("caseSensitive")),
                &["information cs-case-sensitive CodeSystem"],
            ),
            (
                "undeclared",
                |c| c["concept"][0]["property"][0]["code"] = "height".into(),
                &["error cs-property CodeSystem.concept[0].property[0]"],
            ),
            (
                "type",
                |c| c["concept"][0]["property"][0] = json!({"code": "weight", "valueString": "x"}),
                &["error cs-property CodeSystem.concept[0].property[0].value"],
            ),
            (
                "standard type",
                |c| c["property"][1]["type"] = "string".into(),
                &["error cs-property CodeSystem.property[1]"],
            ),
            (
                "standard code",
                |c| c["property"][1]["code"] = "abstract".into(),
                &["error cs-property CodeSystem.property[1]"],
            ),
            (
                "twice",
                |c| c["property"][0]["code"] = "notSelectable".into(),
                &[
                    "warning cs-property CodeSystem.property[0]",
                    "error cs-property CodeSystem.property[1]",
                    "error cs-property CodeSystem.concept[0].property[0]",
                ],
            ),
        ],
    );
}

#[test]
fn a_value_set_names_what_its_systems_have() {
    let sound = json!({
        "resourceType": "ValueSet", "url": "https://example.org/ValueSet/x", "status": "draft", "text": narrative(),
        "compose": {"include": [
            {"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}]},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "filter": [{"property": "concept", "op": "is-a", "value": "_ActConsentDirective"}]}
        ]}
    });
    table(
        &sound,
        Guide::R4,
        &[
            (
                "code",
                |v| v["compose"]["include"][0]["concept"][0]["code"] = "man".into(),
                &["error vs-code ValueSet.compose.include[0].concept[0].code"],
            ),
            (
                "filter",
                |v| v["compose"]["include"][1]["filter"][0]["value"] = "no-such".into(),
                &["error vs-filter ValueSet.compose.include[1].filter[0].value"],
            ),
            (
                "truth",
                |v| {
                    v["compose"]["include"][1]["filter"][0] =
                        json!({"property": "inactive", "op": "exists", "value": "1"});
                },
                &["error vs-filter ValueSet.compose.include[1].filter[0].value"],
            ),
            (
                "relative",
                |v| v["compose"]["include"][0]["system"] = "gender".into(),
                &["error vs-system ValueSet.compose.include[0]"],
            ),
            (
                "version",
                |v| v["compose"]["include"][0]["system"] = "http://hl7.org/fhir/administrative-gender|4.0.1".into(),
                &["error vs-system ValueSet.compose.include[0].system"],
            ),
            (
                "value set",
                |v| v["compose"]["include"][0]["system"] = "http://hl7.org/fhir/ValueSet/administrative-gender".into(),
                &["error vs-system ValueSet.compose.include[0].system"],
            ),
            (
                "import",
                |v| v["compose"]["include"][0] = json!({"valueSet": ["https://example.org/ValueSet/no"]}),
                &["warning vs-import ValueSet.compose.include[0].valueSet[0]"],
            ),
        ],
    );
}

#[test]
fn a_concept_map_maps_codes_there_are_once() {
    let gender = "http://hl7.org/fhir/administrative-gender";
    let sound = json!({
        "resourceType": "ConceptMap", "url": "https://example.org/ConceptMap/x", "status": "draft", "text": narrative(),
        "group": [{"source": gender, "target": gender, "element": [
            {"code": "male", "target": [{"code": "male", "equivalence": "equal"}]}]}]
    });
    table(
        &sound,
        Guide::R4,
        &[
            (
                "source",
                |c| c["group"][0]["element"][0]["code"] = "man".into(),
                &["error cm-code ConceptMap.group[0].element[0].code"],
            ),
            (
                "target",
                |c| c["group"][0]["element"][0]["target"][0]["code"] = "man".into(),
                &["error cm-code ConceptMap.group[0].element[0].target[0].code"],
            ),
            (
                "no source",
                |c| drop(c["group"][0].as_object_mut().unwrap().remove("source")),
                &["warning cm-system ConceptMap.group[0]"],
            ),
            (
                "twice",
                |c| {
                    c["group"][0]["element"][0]["target"]
                        .as_array_mut()
                        .unwrap()
                        .push(json!({"code": "male", "equivalence": "wider", "comment": "x"}));
                },
                &["warning cm-twice ConceptMap.group[0].element[0].target[1]"],
            ),
        ],
    );
}

#[test]
fn a_structure_definition_fits_what_it_builds_on() {
    let sound = json!({
        "resourceType": "StructureDefinition", "url": "https://example.org/StructureDefinition/x", "name": "X",
        "text": narrative(), "status": "draft", "kind": "complex-type", "abstract": false, "type": "Extension",
        "context": [{"type": "element", "expression": "Patient"}],
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension", "derivation": "constraint",
        "differential": {"element": [
            {"id": "Extension", "path": "Extension", "constraint": [
                {"key": "x-1", "severity": "error", "human": "x", "expression": "value.exists()"}]},
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": "https://example.org/StructureDefinition/x"},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{"code": "string"}], "maxLength": 5}
        ]}
    });
    table(
        &sound,
        Guide::R4,
        &[
            (
                "address",
                |s| s["differential"]["element"][1]["fixedUri"] = "https://example.org/y".into(),
                &["error sd-extension-url StructureDefinition"],
            ),
            (
                "base",
                |s| s["baseDefinition"] = "https://example.org/no".into(),
                &["warning sd-base StructureDefinition.baseDefinition"],
            ),
            (
                "base of another type",
                |s| s["baseDefinition"] = "http://hl7.org/fhir/StructureDefinition/Patient".into(),
                &["error sd-base StructureDefinition.baseDefinition"],
            ),
            ("kind", |s| s["kind"] = "resource".into(), &["error sd-base StructureDefinition.baseDefinition"]),
            (
                "path",
                |s| s["differential"]["element"][2]["path"] = "Patient.value[x]".into(),
                &[
                    "error sdf-8a StructureDefinition.differential",
                    "error sd-path StructureDefinition.differential.element[2].path",
                ],
            ),
            (
                "sliced whole",
                |s| s["differential"]["element"][0]["slicing"] = json!({"rules": "open", "description": "x"}),
                &[
                    "error sdf-20 StructureDefinition.differential",
                    "error sd-slicing StructureDefinition.differential.element[0].slicing",
                ],
            ),
            (
                "key twice",
                |s| {
                    s["differential"]["element"][2]["constraint"] =
                        json!([{"key": "x-1", "severity": "error", "human": "x", "expression": "true"}]);
                },
                &["error sd-invariant StructureDefinition.differential.element[2].constraint[0]"],
            ),
            (
                "length",
                |s| s["differential"]["element"][2]["type"][0]["code"] = "boolean".into(),
                &["error sd-type-detail StructureDefinition.differential.element[2].maxLength"],
            ),
            (
                "binding",
                |s| {
                    s["differential"]["element"][2] = json!({"id": "Extension.value[x]", "path": "Extension.value[x]",
                    "type": [{"code": "date"}], "binding": {"strength": "required",
                    "valueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"}});
                },
                &["error sd-type-detail StructureDefinition.differential.element[2].binding"],
            ),
            (
                "target",
                |s| {
                    s["differential"]["element"][2]["type"][0]["targetProfile"] =
                        json!(["http://hl7.org/fhir/StructureDefinition/Patient"]);
                },
                &[
                    "error eld-17 StructureDefinition.differential.element[2].type[0]",
                    "error sd-type-detail StructureDefinition.differential.element[2].type[0].targetProfile[0]",
                ],
            ),
        ],
    );
}
