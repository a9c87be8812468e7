//! CS-03: the safety plan's lists of people to inform and not to inform, whichever way they come.

use cmht_gateway::consent::{Decision, Denial, Question, Records};
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;
use serde_json::{Value, json};

use crate::consent_case::{Case, Referral, engine, validated};

/// The safety plan of an example, with one list of one organisation.
fn plan(list: &str, party: &str) -> Value {
    let text = include_str!("../../../profiles/cmht/examples/safety-plan/sparse.json");
    let mut native: Value = serde_json::from_str(text).unwrap();
    let object = native.as_object_mut().unwrap();
    for key in ["people_to_inform", "people_not_to_inform", "consent"] {
        object.remove(key);
    }
    object.insert(list.to_owned(), json!([{"party": party, "name": "Made-up team"}]));
    map::to_fhir(DocumentKind::SafetyPlan, native).unwrap().value.into_value()
}

fn denied(case: &Case, plan: Value) -> Option<Denial> {
    let bundle = validated(plan);
    let question = Question { kind: DocumentKind::SafetyPlan, ..case.question(&bundle) };
    match engine().decide(&question) {
        Decision::Deny(denial) => Some(denial),
        Decision::Permit(_) | Decision::Reduce(_) => None,
    }
}

fn consents(plan: &Value) -> Vec<Value> {
    let resources = plan["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone());
    resources.filter(|resource| resource["resourceType"] == "Consent").collect()
}

#[test]
fn cs_03_whoever_is_not_to_be_informed_gets_neither_the_plan_nor_anything_else() {
    for party in ["lpt-cap", "lpt"] {
        let listed = plan("people_not_to_inform", party);
        assert_eq!(denied(&Case::team(), listed.clone()).unwrap().rule.as_str(), "CS-03", "{party}");
        // … as it is kept from then on,
        let records = Records { consents: consents(&listed), ..Records::default() };
        let kept = Case { records, ..Case::team() };
        assert_eq!(kept.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-03", "{party}");
    }
    assert!(denied(&Case::team(), plan("people_not_to_inform", "lpt-crht")).is_none(), "another team");
}

#[test]
fn cs_03_a_list_that_no_consent_stands_for_is_an_objection_all_the_same() {
    let mut listed = plan("people_not_to_inform", "lpt-cap");
    let entries = listed["entry"].as_array_mut().unwrap();
    let gone = entries.iter().position(|entry| entry["resource"]["resourceType"] == "Consent").unwrap();
    let url = entries.remove(gone)["fullUrl"].clone();
    for section in entries[0]["resource"]["section"].as_array_mut().unwrap() {
        if let Some(pointers) = section.get_mut("entry").and_then(Value::as_array_mut) {
            pointers.retain(|pointer| pointer["reference"] != url);
        }
    }
    for entry in entries {
        if let Some(pointers) = entry["resource"].get_mut("supportingInfo").and_then(Value::as_array_mut) {
            pointers.retain(|pointer| pointer["reference"] != url);
        }
    }
    assert_eq!(denied(&Case::team(), listed).unwrap().rule.as_str(), "CS-03");
}

#[test]
fn cs_03_the_list_of_people_to_inform_is_consent_for_the_plan() {
    let case = Case::charity();
    assert_eq!(denied(&case, plan("people_to_inform", "lpt")).unwrap().rule.as_str(), "CS-04");
    assert!(denied(&case, plan("people_to_inform", "wellbeing-roots")).is_none());
}
