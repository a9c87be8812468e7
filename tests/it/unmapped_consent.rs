//! Content of other systems has no data category, so it goes only where everything goes.

use serde_json::{Value, json};

use cmht_gateway::consent::Decision;
use cmht_gateway::documents::Referral;
use cmht_gateway::fhir::codes;
use cmht_gateway::map::referral::to_fhir;
use cmht_gateway::validate::Validated;

use crate::consent_case::{Case, bytes, confirmed, engine, mark};
use crate::support::sealed;

/// Kinds that a reduced copy would let through if nobody had marked them.
fn parts() -> Value {
    let word = mark("unmapped");
    let entry = |resource: Value| json!({"resource": resource});
    let dialog = json!({"system": codes::SNOMED, "code": "1037651000000100"});
    let scope = json!({"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]});
    let whole = [
        json!({"resourceType": "Encounter", "status": "finished", "class": {"display": word}}),
        json!({"resourceType": "Observation", "status": "final", "code": {"coding": [dialog]}, "valueString": word}),
        json!({"resourceType": "Organization", "name": word}),
        json!({"resourceType": "HealthcareService", "name": word, "identifier": [{"system": "urn:x", "value": word}]}),
        json!({"resourceType": "RelatedPerson", "patient": {"display": "x"}, "name": [{"text": word}]}),
        json!({"resourceType": "Task", "status": "requested", "intent": "plan", "identifier": [{"value": word}]}),
        json!({"resourceType": "Provenance", "target": [{"display": word}], "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"who": {"display": word}}]}),
        json!({"resourceType": "Consent", "status": "active", "scope": scope, "category": [{"text": "x"}],
            "policyRule": {"text": "x"}, "identifier": [{"system": "urn:x", "value": word}]}),
        json!({"resourceType": "Patient", "name": [{"text": word}]}),
        json!({"resourceType": "Condition", "subject": {"display": "x"}, "code": {"text": word},
            "meta": {"tag": [{"system": codes::DATA_CATEGORY, "code": "risk-summary"}]}}),
    ];
    let mut list: Vec<Value> = whole
        .into_iter()
        .enumerate()
        .map(|(n, resource)| json!({"path": format!("Bundle.entry[{n}]"), "value": entry(resource)}))
        .collect();
    list.push(json!({"path": "Bundle.entry[2].resource.maritalStatus", "value": {"text": word}}));
    list.push(json!({"path": format!("Bundle.entry[2].resource.extension('urn:{word}')"), "value": true}));
    Value::Array(list)
}

fn referral() -> Validated<cmht_gateway::fhir::Bundle> {
    let text = include_str!("../../profiles/cmht/examples/referral/complete.json");
    let mut document: Value = serde_json::from_str(text).unwrap();
    for permission in document["consent"]["permissions"].as_array_mut().unwrap() {
        permission.as_object_mut().unwrap().retain(|key, _| key != "from" && key != "until");
    }
    document["unmapped"] = parts();
    sealed(to_fhir(&Referral::from_json(document).unwrap()).value).unwrap()
}

#[test]
fn no_word_of_it_leaves_in_a_reduced_copy() {
    let bundle = referral();
    let case = Case::charity();
    let question = case.question(&bundle);
    let Decision::Reduce(reduction) = engine().decide(&question) else { panic!("not reduced") };
    let permit = confirmed(reduction, &question);
    let text = bytes(&permit);
    assert!(!text.contains(&mark("unmapped")) && !text.contains("unmapped"), "{text}");
    assert!(text.contains("Okonjo"), "the person goes");
}

#[test]
fn a_whole_copy_keeps_all_of_it() {
    let bundle = referral();
    let case = Case::team();
    let Decision::Permit(permit) = engine().decide(&case.question(&bundle)) else { panic!("not whole") };
    let text = bytes(&permit);
    // each part once or more in each of two formats
    let found = text.matches(&mark("unmapped")).count();
    assert!(found >= 2 * parts().as_array().unwrap().len(), "{found}");
}
