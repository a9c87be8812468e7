//! Two decisions in one request: the schema with some facts doubled, and the policy speaking of the second of each. What
//! is proved of two moments at once is proved like everything else by that.

use cedar_policy::{Policy, Schema, SchemaFragment};
use serde_json::Value;

use super::text::{self, Made};

/// What the second of two facts is called.
pub(super) const AFTER: &str = "_after";

/// Facts by variable (`context`, `principal`, `resource`) and attribute.
pub(super) type Facts = [(String, String)];

/// The schema in which these facts are there twice, of the same type.
pub(super) fn doubled(schema: &str, facts: &Facts) -> Made<Schema> {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(schema).map_err(|error| error.to_string())?;
    let mut value = fragment.to_json_value().map_err(|error| error.to_string())?;
    for (variable, attribute) in facts {
        let place = match variable.as_str() {
            "principal" => "/entityTypes/Recipient/shape/attributes",
            "resource" => "/entityTypes/Part/shape/attributes",
            _ => "/commonTypes/Facts/attributes",
        };
        let attributes = value.get_mut("").and_then(|namespace| namespace.pointer_mut(place));
        let attributes = attributes.and_then(Value::as_object_mut).ok_or("the schema has another shape")?;
        let fact = attributes.get(attribute).ok_or_else(|| format!("there is no fact {variable}.{attribute}"))?.clone();
        attributes.insert(format!("{attribute}{AFTER}"), fact);
    }
    Schema::from_json_value(value).map_err(|error| error.to_string())
}

/// The policy speaking of the second of each of these facts.
pub(super) fn afterwards(policy: &Policy, facts: &Facts) -> Made<Policy> {
    let mut value = text::json(policy)?;
    rename(&mut value, facts);
    text::read(policy.id().clone(), value)
}

/// As [`afterwards`], under an id of its own, so that both can be in one set.
pub(super) fn also_afterwards(policy: &Policy, facts: &Facts) -> Made<Policy> {
    let id = cedar_policy::PolicyId::new(format!("{}{AFTER}", policy.id()));
    Ok(afterwards(policy, facts)?.new_id(id))
}

fn rename(value: &mut Value, facts: &Facts) {
    match value {
        Value::Object(map) => {
            for operator in [".", "has"] {
                let Some(access) = map.get_mut(operator) else { continue };
                let variable = access["left"]["Var"].as_str().map(str::to_owned);
                // `context has a.b.c` is one node whose attribute is a list
                let first = if access["attr"].is_array() { &mut access["attr"][0] } else { &mut access["attr"] };
                let changes = |fact: &&(String, String)| {
                    variable.as_ref() == Some(&fact.0) && first.as_str() == Some(fact.1.as_str())
                };
                if let Some((_, attribute)) = facts.iter().find(changes) {
                    *first = format!("{attribute}{AFTER}").into();
                }
            }
            map.values_mut().for_each(|inner| rename(inner, facts));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| rename(inner, facts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use cedar_policy::Policy;

    use super::{afterwards, doubled};

    fn facts() -> Vec<(String, String)> {
        vec![("context".to_owned(), "a".to_owned())]
    }

    #[test]
    fn every_way_of_speaking_of_a_fact_is_renamed_and_nothing_else() {
        for (before, after) in [
            ("context.a", "context.a_after"),
            ("context.a.b == 1", "context.a_after.b == 1"),
            ("context has a", "context has a_after"),
            ("context has a.b && context.a.b", "context has a_after.b && context.a_after.b"),
            ("resource.a && context.b.a", "resource.a && context.b.a"),
            (r#"context["a"] && "context.a" == context.s"#, r#"context.a_after && "context.a" == context.s"#),
        ] {
            let policy = |condition: &str| {
                Policy::parse(None, format!("permit (principal, action, resource) when {{ {condition} }};")).unwrap()
            };
            let renamed = afterwards(&policy(before), &facts()).unwrap();
            assert_eq!(renamed.to_json().unwrap(), policy(after).to_json().unwrap(), "{before}");
        }
    }

    #[test]
    fn a_fact_that_is_not_there_cannot_be_doubled() {
        let (_, schema) = crate::consent::Engine::embedded_files();
        assert!(doubled(schema, &facts()).unwrap_err().contains("context.a"));
        assert!(doubled(schema, &[("context".to_owned(), "consent".to_owned())]).is_ok());
    }
}
