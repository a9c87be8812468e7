//! The published schemas of plans: what they refuse, that a clinician can read them, that shared parts are the same
//! wherever they stand.

use serde_json::{Value, json};

use cmht_gateway::documents::{
    CareLeadStatement, CarePlan, CarersPlan, ClinicalInformationAnswer, ClinicalInformationRequest, ContingencyPlan,
    DischargeLetter, Document, HandoverOutcome, PrivateOpinion, SCHEMAS, SafetyPlan, SharedCareAnswer,
    SharedCareRequest, SocialPrescribingHandover, TransferToNhs, parts, referral,
};
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;

use crate::document_round_trip::faults;

fn schema(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn smallest() -> Value {
    json!({
        "kind": "safety-plan", "id": "1", "written": "2026-11-09", "person": {"names": [{"given": ["Kit"]}]},
        "author": {"person": true}, "warning_signs": [{"text": "quiet"}],
    })
}

#[test]
fn little_is_required() {
    assert_eq!(faults(&smallest()), Vec::<String>::new());
    for key in ["id", "written", "person", "author", "warning_signs"] {
        let mut document = smallest();
        document.as_object_mut().unwrap().remove(key);
        assert!(!faults(&document).is_empty(), "{key}");
    }
}

fn at_home() -> Value {
    json!({"system": "phone", "value": "01632 960001", "use": "home"})
}

#[test]
fn somebody_may_be_reached_at_home_and_a_service_not() {
    let mut document = smallest();
    document["people_to_inform"] = json!([{"name": "Daniel", "telecoms": [at_home()]}]);
    assert_eq!(faults(&document), Vec::<String>::new());
    document["people_to_inform"][0]["party"] = "a".into();
    let said = "/people_to_inform/0/telecoms/0/use: The value must be one of work, mobile, temp, old.";
    assert_eq!(faults(&document), [said]);
}

#[test]
fn a_member_of_a_care_team_may_be_reached_at_home_and_a_service_not() {
    let member = |kind: &str| {
        json!({"kind": "care-plan", "id": "1", "written": "2026-11-09", "person": {"names": [{"given": ["Kit"]}]},
            "author": {"person": true}, "care_team": [{"kind": kind, "name": "A", "telecoms": [at_home()]}]})
    };
    let about = |kind: &str| faults(&member(kind)).into_iter().find(|fault| fault.starts_with("/care_team/0"));
    assert_eq!(about("professional"), None);
    assert!(about("service").is_some_and(|fault| fault.starts_with("/care_team/0/telecoms/0/use: ")));
}

#[test]
fn what_cannot_be_carried_is_refused() {
    let rows = [
        ("a property nobody knows", "score", json!(7)),
        ("a property of the other plan", "service_actions", json!("none-known")),
        ("another template", "template", json!("mine")),
        ("an author who is nobody", "author", json!({})),
        ("a name without organisation", "author", json!({"name": {"family": "A"}})),
        ("an interim that is not", "interim", json!(false)),
        ("a time without offset", "written", json!("2026-11-09T10:00:00")),
        ("somebody without a name", "people_not_to_inform", json!([{"relationship": "brother"}])),
        ("an organisation that is a brother", "people_to_inform", json!([{"party": "a", "relationship": "brother"}])),
        ("a contact of no kind", "contacts", json!([{"name": "A"}])),
        ("a contact with two keys", "contacts", json!([{"kind": "service", "party": "a", "ods": "Y90001"}])),
        ("a review without a date", "review", json!({"by": "Ravi"})),
        ("an agreement of nobody", "agreements", json!([{"date": "2026"}])),
        ("a blank statement", "plan", json!([{"text": " \n"}])),
        ("an empty list", "plan", json!([])),
        ("an organisation's phone at home", "people_to_inform", json!([{"party": "a", "telecoms": [at_home()]}])),
        ("an organisation's phone at home", "people_to_inform", json!([{"ods": "Y90001", "telecoms": [at_home()]}])),
        ("an unknown sector", "plan", json!([{"text": "a", "sector": "public"}])),
    ];
    for (what, key, value) in rows {
        let mut document = smallest();
        document[key] = value;
        assert!(!faults(&document).is_empty(), "{what}");
    }
}

#[test]
fn what_the_schema_refuses_as_unknown_the_types_refuse_too_and_no_value_is_quoted() {
    let mut unknown = smallest();
    unknown["score"] = json!("Zebedee");
    let mut other = smallest();
    other["kind"] = json!("contingency-plan");
    for document in [unknown, other] {
        let issues = map::to_fhir(DocumentKind::SafetyPlan, document).unwrap_err();
        assert!(issues.len() == 1 && !issues[0].text.contains("Zebedee"), "{issues:?}");
    }
}

#[test]
fn every_part_the_referral_shares_is_the_same_in_both_schemas() {
    let (own, shared) = (schema(referral::SCHEMA), schema(parts::SCHEMA));
    let mut same = 0;
    for (name, definition) in shared["$defs"].as_object().unwrap() {
        if let Some(other) = own["$defs"].get(name) {
            assert_eq!(definition, other, "{name}");
            same += 1;
        }
    }
    assert!(same > 15, "only {same} parts are shared");
}

#[test]
fn every_property_has_a_title_and_a_description_and_every_object_is_closed() {
    let shared = schema(parts::SCHEMA);
    let mut seen = 0;
    walk(&shared, &shared, "parts", &mut seen);
    for (_, text) in SCHEMAS.iter().filter(|(kind, _)| *kind != DocumentKind::Referral) {
        let own = schema(text);
        let kind = own["properties"]["kind"]["const"].as_str().unwrap().to_owned();
        assert_eq!(own["$id"], format!("https://fhir.cmht-gateway.example/schema/{kind}/v1"));
        walk(&own, &shared, &kind, &mut seen);
    }
    assert!(seen > 150, "only {seen} properties seen");
}

#[test]
fn every_question_of_the_table_is_a_property_of_the_schema_and_the_other_way_round() {
    fn check<D: Document>(own: &[&str]) {
        const FRAME: &[&str] = &[
            "kind",
            "id",
            "written",
            "interim",
            "replaces",
            "person",
            "author",
            "copies",
            "consent",
            "agreements",
            "attachments",
            "unmapped",
        ];
        let schema = schema(D::SCHEMA);
        let mut wanted: Vec<String> =
            D::HEADINGS.iter().flat_map(|h| h.fields).map(|field| field.key.replace('-', "_")).collect();
        wanted.extend(FRAME.iter().chain(own).map(|name| (*name).to_owned()));
        wanted.sort_unstable();
        let mut found: Vec<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        found.sort_unstable();
        assert_eq!(found, wanted);
    }
    check::<SafetyPlan>(&["template"]);
    check::<ContingencyPlan>(&[]);
    check::<DischargeLetter>(&["setting"]);
    check::<CarePlan>(&["standing", "programme"]);
    check::<CarersPlan>(&["cared_for_access"]);
    check::<SocialPrescribingHandover>(&[]);
    check::<HandoverOutcome>(&[]);
    check::<ClinicalInformationRequest>(&[]);
    check::<ClinicalInformationAnswer>(&["answered"]);
    check::<PrivateOpinion>(&[]);
    check::<TransferToNhs>(&["assessment"]);
    check::<CareLeadStatement>(&[]);
    check::<SharedCareRequest>(&[]);
    check::<SharedCareAnswer>(&[]);
}

fn walk(root: &Value, shared: &Value, path: &str, seen: &mut usize) {
    fn at<'v>(root: &'v Value, shared: &'v Value, reference: &str) -> Option<&'v Value> {
        let (document, pointer) = reference.split_once('#')?;
        if document.is_empty() { root.pointer(pointer) } else { shared.pointer(pointer) }
    }
    fn inner(root: &Value, shared: &Value, value: &Value, path: &str, seen: &mut usize) {
        match value {
            Value::Object(map) => {
                if map.get("type") == Some(&json!("object")) {
                    assert_eq!(map.get("additionalProperties"), Some(&json!(false)), "{path} is open");
                    for (name, property) in map["properties"].as_object().unwrap() {
                        *seen += 1;
                        let reference = property.get("$ref").and_then(Value::as_str);
                        let target = reference.map(|reference| at(root, shared, reference).unwrap());
                        for key in ["title", "description"] {
                            let words = property.get(key).or_else(|| target?.get(key));
                            assert!(words.is_some_and(Value::is_string), "{path}/{name} lacks {key}");
                        }
                    }
                }
                map.iter().for_each(|(key, value)| inner(root, shared, value, &format!("{path}/{key}"), seen));
            }
            Value::Array(items) => items.iter().for_each(|item| inner(root, shared, item, path, seen)),
            _ => {}
        }
    }
    inner(root, shared, root, path, seen);
}
