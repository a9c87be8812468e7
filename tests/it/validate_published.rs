//! Resources that are held against definitions of a package: questionnaires, profiles with R5's features, code systems;
//! and conformance resources themselves. One row a rule.

use std::sync::Arc;

use cmht_gateway::definitions::facts::Definition;
use cmht_gateway::definitions::library::embedded_packs;
use cmht_gateway::definitions::package::Package;
use cmht_gateway::definitions::{Library, facts};
use cmht_gateway::fhir::{Format, Limits, tree::Tree};
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{Guide, Options, validate};
use serde_json::{Value, json};

use crate::support::walked::told;

const FHIR: &str = "http://hl7.org/fhir/StructureDefinition/";
const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";
const R5: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-";

fn registry(definitions: &[Value]) -> Registry {
    let mut library = Library::of_packs(embedded_packs());
    for one in definitions {
        match Definition::from_fhir(one) {
            Some(definition) => library.add(definition),
            None => library.add_questionnaire(one.clone()),
        }
    }
    Registry::new(Arc::new(library))
}

/// Warnings that are asked about; the others are about resources as short as these.
const ASKED: [&str; 3] = [" sp-derived ", " questionnaire-known ", " code-display "];

/// `severity rule path` of errors, and of these warnings, in order.
fn found(resource: &Value, registry: &Registry, profile: Option<&str>) -> Vec<String> {
    let text = resource.to_string();
    let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
    let now = "2026-11-22T12:00:00+00:00[Europe/London]".parse().unwrap();
    let profiles = profile.map(str::to_owned).into_iter().collect();
    let options = Options { guide: Guide::R4, profiles, now: Some(now), ..Options::default() };
    let all = validate(&tree, registry, &options);
    let is_asked = |one: &String| one.starts_with("error") || ASKED.iter().any(|rule| one.contains(rule));
    let mut all: Vec<String> = all.iter().map(told).filter(is_asked).collect();
    all.sort();
    all
}

/// A profile of a type; its elements have their paths for ids.
fn profile(of: &str, elements: &Value) -> Value {
    let mut elements = elements.clone();
    for element in elements.as_array_mut().unwrap() {
        element["id"] = element["path"].clone();
    }
    json!({"resourceType": "StructureDefinition", "url": format!("https://profiles.example/{of}"), "name": "Test",
        "status": "draft", "kind": "resource", "abstract": false, "type": of, "derivation": "constraint",
        "baseDefinition": format!("{FHIR}{of}"), "differential": {"element": elements}})
}

#[test]
fn answers_are_held_against_the_questionnaire_of_a_package() {
    let quantity = |value: &str, code: &str| {
        json!({"value": value.parse::<f64>().unwrap(), "unit": code,
        "system": "http://unitsofmeasure.org", "code": code})
    };
    let km = |name: &str, value: &str| json!({"url": format!("{SDC}{name}"), "valueQuantity": quantity(value, "km")});
    let allowed = json!({"url": format!("{FHIR}questionnaire-referenceResource"), "valueCode": "Patient"});
    let limit = |name: &str, day: &str| json!({"url": format!("{FHIR}{name}"), "valueDateTime": day});
    let or_type = json!({"url": format!("{R5}Questionnaire.item.answerConstraint"), "valueCode": "optionsOrType"});
    let units = json!({"url": format!("{FHIR}questionnaire-unitValueSet"),
        "valueCanonical": "http://hl7.org/fhir/ValueSet/administrative-gender"});
    let gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let registry =
        registry(&[json!({"resourceType": "Questionnaire", "url": "https://forms.example/q", "version": "2",
        "status": "active", "item": [
            {"linkId": "far", "type": "quantity", "extension": [km("minQuantity", "1"), km("maxQuantity", "5")]},
            {"linkId": "who", "type": "reference", "extension": [allowed]},
            {"linkId": "any", "type": "reference"},
            {"linkId": "word", "type": "string", "answerValueSet": gender},
            {"linkId": "when", "type": "dateTime",
                "extension": [limit("minValue", "2020"), limit("maxValue", "2022-06")]},
            {"linkId": "abstract", "type": "question"},
            {"linkId": "pick", "type": "choice", "answerValueSet": gender},
            {"linkId": "free", "type": "open-choice", "answerValueSet": gender, "extension": [or_type]},
            {"linkId": "unit", "type": "quantity", "extension": [units]}]})]);
    let male = json!({"system": "http://hl7.org/fhir/administrative-gender", "code": "male", "display": "Male"});
    let called = json!({"system": "http://hl7.org/fhir/administrative-gender", "code": "male", "display": "Woman"});
    let other = json!({"system": "http://hl7.org/fhir/contact-point-use", "code": "home"});
    let rows: [(&str, Value, &str); 24] = [
        ("far", json!({"valueQuantity": quantity("2", "km")}), ""),
        ("far", json!({"valueQuantity": quantity("2000", "m")}), ""),
        ("far", json!({"valueQuantity": quantity("900", "m")}), "response-limit"),
        ("far", json!({"valueQuantity": quantity("5001", "m")}), "response-limit"),
        ("far", json!({"valueQuantity": quantity("3", "kg")}), "response-limit response-limit"),
        ("who", json!({"valueReference": {"reference": "Patient/1"}}), ""),
        ("who", json!({"valueReference": {"reference": "https://server.example/Group/1"}}), "response-reference"),
        ("any", json!({"valueReference": {"reference": "https://server.example/Group/1"}}), ""),
        ("any", json!({"valueReference": {"reference": "https://server.example/Chicken/1"}}), "response-reference"),
        ("any", json!({"valueReference": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}}), ""),
        ("word", json!({"valueString": "male"}), ""),
        ("word", json!({"valueString": "man"}), "response-option"),
        ("when", json!({"valueDateTime": "2020"}), ""),
        ("when", json!({"valueDateTime": "2022-05-31"}), ""),
        ("when", json!({"valueDateTime": "2022-06-30"}), "response-limit"),
        ("when", json!({"valueDateTime": "1998"}), "response-limit"),
        ("abstract", json!({"valueString": "x"}), "response-answer"),
        ("pick", json!({"valueCoding": male}), ""),
        ("pick", json!({"valueCoding": called}), "response-option code-display"),
        ("pick", json!({"valueString": "male"}), "response-option"),
        ("free", json!({"valueCoding": other.clone()}), ""),
        ("pick", json!({"valueCoding": other}), "response-option"),
        ("unit", json!({"valueQuantity": {"value": 1, "unit": "km"}}), "response-unit"),
        ("unit", json!({"valueQuantity": quantity("1", "km")}), "response-unit"),
    ];
    for (link_id, answer, expected) in rows {
        let response = json!({"resourceType": "QuestionnaireResponse", "status": "completed",
            "questionnaire": "https://forms.example/q|2", "item": [{"linkId": link_id, "answer": [answer]}]});
        let found = found(&response, &registry, None);
        let rules: Vec<&str> = found.iter().filter_map(|one| one.split(' ').nth(1)).collect();
        assert_eq!(rules.join(" "), expected, "{link_id}: {answer}: {found:#?}");
    }
    let unknown = json!({"resourceType": "QuestionnaireResponse", "status": "completed",
        "questionnaire": "https://forms.example/q|3", "item": [{"linkId": "none"}]});
    assert_eq!(
        found(&unknown, &registry, None),
        ["warning questionnaire-known QuestionnaireResponse.questionnaire"],
        "another version"
    );
}

#[test]
fn profiles_of_a_package_hold_with_limits_lengths_and_values_that_must_be_there() {
    let kg = |value: i32| json!({"value": value, "system": "http://unitsofmeasure.org", "code": "kg"});
    let years = json!({"value": 100, "system": "http://unitsofmeasure.org", "code": "a"});
    let must = json!([{"url": format!("{R5}ElementDefinition.mustHaveValue"), "valueBoolean": true}]);
    let instead = json!([{"url": format!("{R5}ElementDefinition.valueAlternatives"),
        "valueCanonical": format!("{FHIR}data-absent-reason")}]);
    let shortest = json!([{"url": format!("{FHIR}minLength"), "valueInteger": 5}]);
    let registry = registry(&[
        profile(
            "Observation",
            &json!([
            {"path": "Observation.value[x]", "type": [{"code": "Quantity"}]},
            {"path": "Observation.valueQuantity", "minValueQuantity": kg(1), "maxValueQuantity": kg(10)}]),
        ),
        profile(
            "Patient",
            &json!([
            {"path": "Patient.id", "extension": shortest},
            {"path": "Patient.active", "extension": must},
            {"path": "Patient.gender", "extension": instead},
            {"path": "Patient.birthDate", "minValueDuration": years}]),
        ),
        profile(
            "Person",
            &json!([
            {"path": "Person.address", "type": [{"code": "Address", "profile": ["https://profiles.example/none"]}]}]),
        ),
    ]);
    let absent = json!({"extension": [{"url": format!("{FHIR}data-absent-reason"), "valueCode": "unknown"}]});
    let weight = |value: i32, code: &str| {
        json!({"resourceType": "Observation", "status": "final",
        "code": {"text": "Weight"}, "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": code}})
    };
    let rows: [(Value, &[&str]); 10] = [
        (weight(5, "kg"), &[]),
        (weight(5000, "g"), &[]),
        (weight(0, "kg"), &["error Observation.value[x]:valueQuantity Observation.value"]),
        (weight(10_001, "g"), &["error Observation.value[x]:valueQuantity Observation.value"]),
        (json!({"resourceType": "Patient", "id": "long-enough", "active": true, "birthDate": "1950-01-01"}), &[]),
        (json!({"resourceType": "Patient", "id": "p1"}), &["error Patient.id Patient.id"]),
        (json!({"resourceType": "Patient", "_active": absent}), &["error Patient.active Patient.active"]),
        (json!({"resourceType": "Patient", "_gender": absent}), &[]),
        (json!({"resourceType": "Patient", "birthDate": "1850-01-01"}), &["error Patient.birthDate Patient.birthDate"]),
        (json!({"resourceType": "Person", "address": [{"city": "Leeds"}]}), &["error profile-known Person.address[0]"]),
    ];
    for (resource, expected) in rows {
        let of = format!("https://profiles.example/{}", resource["resourceType"].as_str().unwrap());
        assert_eq!(found(&resource, &registry, Some(&of)), expected, "{resource}");
    }
}

#[test]
fn profiles_that_no_snapshot_can_be_made_of_or_that_contradict_their_base_are_told() {
    let url = "https://profiles.example/base";
    let fixed = |url: &str| json!([{"id": "Extension.url", "path": "Extension.url", "fixedUri": url}]);
    let extension = |url: &str, base: &str, elements: Value| {
        json!({"resourceType": "StructureDefinition", "url": url,
        "name": "Test", "status": "draft", "kind": "complex-type", "abstract": false, "type": "Extension",
        "context": [{"type": "element", "expression": "Patient"}], "derivation": "constraint", "baseDefinition": base,
        "differential": {"element": elements}})
    };
    let base = extension(url, &format!("{FHIR}Extension"), fixed(url));
    let registry = registry(std::slice::from_ref(&base));
    let count = json!([{"path": "Observation.valueQuantity",
        "type": [{"code": "Quantity", "profile": [format!("{FHIR}Count")]}]}]);
    let rows = [
        (profile("Observation", &json!([{"path": "Observation.value[x]", "max": "0"}])), None),
        (profile("Observation", &json!([{"path": "Observation.valueBla", "max": "0"}])), Some("sd-snapshot")),
        (profile("Observation", &count), Some("sd-type-profile")),
        (base, None),
        (extension("https://profiles.example/other", url, fixed("https://profiles.example/other")), Some("sd-fixed")),
    ];
    for (definition, expected) in rows {
        let found = found(&definition, &registry, None);
        let told: Vec<&str> = found
            .iter()
            .filter_map(|one| one.strip_prefix("error ")?.split(' ').next())
            .filter(|rule| rule.starts_with("sd-"))
            .collect();
        assert_eq!(told, expected.as_slice(), "{definition}: {found:#?}");
    }
}

#[test]
fn search_parameters_keep_to_those_they_are_derived_from_and_servers_to_their_types() {
    let registry = registry(&[]);
    let parameter = |base: &str, of: &str, expression: &str| {
        json!({"resourceType": "SearchParameter",
        "url": "https://server.example/SearchParameter/name", "name": "Name", "status": "draft", "description": "Name",
        "code": "name", "base": [base], "type": of, "expression": expression,
        "derivedFrom": "http://hl7.org/fhir/SearchParameter/Organization-name"})
    };
    let both = "Organization.alias | Organization.name";
    let statement = |of: &str| {
        json!({"resourceType": "CapabilityStatement", "status": "draft", "date": "2026-01-01",
        "kind": "requirements", "fhirVersion": "4.0.1", "format": ["json"], "description": "d", "rest": [{"mode": "server",
        "resource": [{"type": "Patient", "searchParam": [{"name": "birthdate", "type": of,
            "definition": "http://hl7.org/fhir/SearchParameter/individual-birthdate"}]}]}]})
    };
    let mut alone = parameter("Organization", "composite", both);
    alone.as_object_mut().unwrap().remove("derivedFrom");
    let rows: [(Value, &[&str]); 8] = [
        (parameter("Organization", "string", both), &[]),
        (parameter("Organization", "string", "Organization.name"), &["warning sp-derived SearchParameter.expression"]),
        (parameter("Organization", "token", both), &["error sp-derived SearchParameter.type"]),
        (
            parameter("Patient", "string", both),
            &["error sp-derived SearchParameter", "error sp-expression SearchParameter.expression"],
        ),
        (
            parameter("Patient", "string", "Patient.name"),
            &["error sp-derived SearchParameter", "warning sp-derived SearchParameter.expression"],
        ),
        (alone, &["error sp-component SearchParameter"]),
        (statement("date"), &[]),
        (statement("token"), &["error capability-search CapabilityStatement.rest[0].resource[0].searchParam[0].type"]),
    ];
    for (resource, expected) in rows {
        assert_eq!(found(&resource, &registry, None), expected, "{resource}");
    }
}

#[test]
fn codes_of_value_sets_maps_and_filters_are_those_there_are() {
    let system = "https://codes.example/CodeSystem/colours";
    let set = "https://codes.example/ValueSet/warm";
    let added = "https://codes.example/CodeSystem/more-colours";
    let registry = registry(&[
        json!({"resourceType": "CodeSystem", "url": system, "status": "active", "content": "complete",
            "property": [{"code": "like", "type": "Coding"}, {"code": "rank", "type": "integer"}],
            "concept": [{"code": "red"}, {"code": "blue"}]}),
        json!({"resourceType": "CodeSystem", "url": added, "status": "active", "content": "supplement",
            "supplements": system, "concept": [{"code": "red"}]}),
        json!({"resourceType": "ValueSet", "url": set, "status": "active",
            "compose": {"include": [{"system": system, "concept": [{"code": "red"}]}]}}),
    ]);
    let map = |code: &str| {
        json!({"resourceType": "ConceptMap", "status": "draft", "sourceCanonical": set,
        "group": [{"source": system, "target": system, "element": [{"code": code,
            "target": [{"code": "blue", "equivalence": "equivalent"}]}]}]})
    };
    let filter = |property: &str, value: &str| {
        json!({"resourceType": "ValueSet", "status": "draft",
        "compose": {"include": [{"system": system, "filter": [{"property": property, "op": "=", "value": value}]}]}})
    };
    let coded = |system: &str| {
        json!({"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": system, "code": "red"}]}})
    };
    let property = |uri: &str| {
        json!({"resourceType": "CodeSystem", "url": "https://codes.example/CodeSystem/x",
        "status": "draft", "content": "complete", "caseSensitive": true,
        "property": [{"code": "weight", "uri": uri, "type": "decimal"}], "concept": [{"code": "a"}]})
    };
    let value = "error vs-filter ValueSet.compose.include[0].filter[0].value";
    let rows: [(Value, Vec<&str>); 11] = [
        (map("red"), vec![]),
        (map("blue"), vec!["error cm-set ConceptMap.group[0].element[0].code"]),
        (filter("like", &format!("{system}#red")), vec![]),
        (filter("like", &format!("{system}#green")), vec![value]),
        (filter("like", "red"), vec![value]),
        (filter("rank", "gt3"), vec![]),
        (filter("rank", "third"), vec![value]),
        (coded(system), vec![]),
        (coded(added), vec!["error coding-system Observation.code.coding[0].system"]),
        (property("https://codes.example/weight"), vec![]),
        (property("http://hl7.org/fhir/concept-properties#weight"), vec!["error cs-property CodeSystem.property[0]"]),
    ];
    for (resource, expected) in rows {
        assert_eq!(found(&resource, &registry, None), expected, "{resource}");
    }
}

#[test]
fn an_address_leads_to_a_definition_of_the_kind_that_belongs_there() {
    let registry = registry(&[]);
    let response = |of: &str| {
        json!({"resourceType": "QuestionnaireResponse", "status": "in-progress",
        "questionnaire": of})
    };
    let wrong = found(&response("http://hl7.org/fhir/ValueSet/administrative-gender"), &registry, None);
    assert!(wrong.contains(&"error canonical-type QuestionnaireResponse.questionnaire".to_owned()), "{wrong:#?}");
    let unknown = found(&response("https://forms.example/Questionnaire/q"), &registry, None);
    assert_eq!(unknown, ["warning questionnaire-known QuestionnaireResponse.questionnaire"]);
}

#[test]
fn a_package_gives_its_questionnaires_whole_and_its_search_parameters_as_facts() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, of: &Value| std::fs::write(folder.path().join(name), of.to_string()).unwrap();
    write("q.json", &json!({"resourceType": "Questionnaire", "url": "https://forms.example/q", "title": "Kept"}));
    write("nameless.json", &json!({"resourceType": "Questionnaire", "title": "Nobody can ask for it"}));
    write(
        "s.json",
        &json!({"resourceType": "SearchParameter", "url": "https://forms.example/s", "code": "x",
        "base": ["Patient"], "type": "token", "expression": "Patient.active"}),
    );
    let package = Package::read(folder.path()).unwrap();
    assert_eq!(package.questionnaires.len(), 1);
    assert_eq!(package.questionnaires[0]["title"], "Kept");
    let facts = facts::SearchParameter {
        url: "https://forms.example/s".into(),
        base: vec!["Patient".into()],
        kind: "token".into(),
        expression: Some("Patient.active".into()),
        ..Default::default()
    };
    assert_eq!(package.definitions, [Definition::SearchParameter(facts)]);
    let carried =
        Library::of_packs(embedded_packs()).search_parameter("http://hl7.org/fhir/SearchParameter/clinical-code");
    assert!(carried.unwrap().base.contains(&"AllergyIntolerance".to_owned()));
}
