//! The published schema: what it refuses, what it lets through, and that a clinician can read it.

use serde_json::{Value, json};

use cmht_gateway::documents::Referral;
use cmht_gateway::documents::referral::SCHEMA;

use crate::referral_round_trip::VALIDATOR;

fn smallest() -> Value {
    json!({
        "id": "1", "response": "routine", "person": {"names": [{"given": ["Kit"]}]},
        "referrer": {"organisation": {"name": "A practice"}}, "reasons": [{"text": "low"}],
    })
}

/// The smallest referral with `value` put at `pointer`; the parent must be there.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = smallest();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value;
    document
}

#[test]
fn little_is_required() {
    assert!(VALIDATOR.is_valid(&smallest()));
    assert!(VALIDATOR.is_valid(&with("/referrer", json!({"kind": "self"}))), "nobody but the person");
    for key in ["id", "response", "person", "referrer", "reasons"] {
        let mut document = smallest();
        document.as_object_mut().unwrap().remove(key);
        assert!(!VALIDATOR.is_valid(&document), "{key}");
    }
}

#[test]
fn what_cannot_be_processed_or_carried_is_refused() {
    let wish = json!({"recipient": {"party": "a"}});
    let rows = [
        ("a property nobody knows", "/urgency", json!("high")),
        ("a nameless person", "/person/names", json!([{"text": "Kit"}])),
        ("no name at all", "/person/names", json!([])),
        ("neither organisation nor self", "/referrer", json!({"kind": "gp"})),
        ("no reason", "/reasons", json!([])),
        ("an empty reason", "/reasons", json!([{"text": ""}])),
        ("a blank reason", "/reasons", json!([{"text": " \n\t "}])),
        ("a control character", "/why_now", json!("a\u{0}b")),
        ("a character XML cannot carry", "/why_now", json!("a\u{ffff}b")),
        ("a line break in a name", "/person/names", json!([{"family": "A\nB"}])),
        ("another response", "/response", json!("soon")),
        ("an empty list", "/carers", json!([])),
        ("another word than none-known", "/carers", json!("none")),
        ("a number and a reason for none", "/person/nhs_number", json!({"value": "1", "unavailable": "overseas"})),
        ("a status of no number", "/person/nhs_number", json!({"verification": "verified"})),
        ("an impossible month", "/person/birth_date", json!("2026-13")),
        ("a time without offset", "/sent", json!("2026-11-09T10:00:00")),
        ("an ODS code in small letters", "/service", json!({"ods": "y90001"})),
        ("two keys for one team", "/service", json!({"ods": "Y90001", "party": "a"})),
        ("a team without a key or name", "/service", json!({})),
        ("a permission for nobody", "/consent", json!({"sharing": "agreed", "permissions": [{"from": "2026"}]})),
        ("a permission never asked for", "/consent", json!({"sharing": "not-asked", "permissions": [wish]})),
        (
            "an organisation's home",
            "/referrer",
            json!({"organisation": {"name": "A", "address": {"use": "home", "city": "Leeds"}}}),
        ),
        (
            "an organisation's phone at home",
            "/referrer",
            json!({"organisation": {"name": "A", "telecoms": [{"system": "phone", "value": "01632 960001", "use": "home"}]}}),
        ),
        ("a score", "/risk", json!({"score": 7})),
        ("an empty object", "/risk", json!({})),
        ("a file without contents", "/attachments", json!([{"title": "a", "content_type": "a/b"}])),
        (
            "base64 with a line break",
            "/attachments",
            json!([{"title": "a", "content_type": "a/b", "data": "YWJj\nYWJj"}]),
        ),
        (
            "an address that is no web address",
            "/attachments",
            json!([{"title": "a", "content_type": "a/b", "url": "file:///x"}]),
        ),
        ("an identifier with a space", "/id", json!("a b")),
    ];
    for (what, pointer, value) in rows {
        assert!(!VALIDATOR.is_valid(&with(pointer, value)), "{what}");
    }
}

#[test]
fn a_wrong_check_digit_or_shape_of_nhs_number_is_not_the_schemas_business() {
    for number in ["9990718424", "999 071 8423", "123"] {
        assert!(VALIDATOR.is_valid(&with("/person/nhs_number", json!({"value": number}))), "{number}");
    }
}

#[test]
fn what_the_schema_refuses_as_unknown_the_types_refuse_too() {
    for pointer in ["/urgency", "/person/age", "/referrer/fee"] {
        assert!(Referral::from_json(with(pointer, json!("x"))).is_err(), "{pointer}");
    }
    let issue = Referral::from_json(with("/response", json!("Secret"))).unwrap_err();
    assert!(!issue.text.contains("Secret"));
}

#[test]
fn every_property_has_a_title_and_a_description_and_every_object_is_closed() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut seen = 0;
    walk(&schema, &schema, "", &mut seen);
    assert!(seen > 150, "only {seen} properties seen");
}

fn walk(root: &Value, at: &Value, path: &str, seen: &mut usize) {
    match at {
        Value::Object(map) => {
            if map.get("type") == Some(&json!("object")) {
                assert_eq!(map.get("additionalProperties"), Some(&json!(false)), "{path} is open");
                for (name, property) in map["properties"].as_object().unwrap() {
                    *seen += 1;
                    let target = property.get("$ref").and_then(|r| root.pointer(r.as_str()?.strip_prefix('#')?));
                    for key in ["title", "description"] {
                        let words = property.get(key).or_else(|| target?.get(key));
                        assert!(words.is_some_and(Value::is_string), "{path}/{name} lacks {key}");
                    }
                }
            }
            map.iter().for_each(|(key, value)| walk(root, value, &format!("{path}/{key}"), seen));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(root, item, path, seen)),
        _ => {}
    }
}
