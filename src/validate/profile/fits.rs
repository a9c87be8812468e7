//! Whether a value fits a pattern (<https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_>).

use serde_json::Value;

/// Everything in the pattern is in the value; the value may have more. Each item of a list in the pattern fits some item of
/// the value's.
pub(super) fn pattern(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::Object(wanted), Value::Object(had)) => {
            wanted.iter().all(|(key, wanted)| had.get(key).is_some_and(|had| self::pattern(wanted, had)))
        }
        (Value::Array(wanted), Value::Array(had)) => {
            wanted.iter().all(|wanted| had.iter().any(|had| self::pattern(wanted, had)))
        }
        (wanted, had) => wanted == had,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pattern;

    #[test]
    fn a_value_may_have_more_than_its_pattern_and_never_less() {
        let wanted = json!({"coding": [{"system": "s", "code": "a"}]});
        let more = json!({"coding": [{"code": "b"}, {"system": "s", "code": "a", "display": "A"}], "text": "x"});
        assert!(pattern(&wanted, &more));
        for less in [json!({"coding": [{"code": "a"}]}), json!({"text": "x"}), json!([]), json!("a")] {
            assert!(!pattern(&wanted, &less), "{less}");
        }
        assert!(pattern(&json!("a"), &json!("a")) && !pattern(&json!(1), &json!("1")));
    }
}
