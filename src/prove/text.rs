//! Policy texts taken apart and put together again by way of Cedar's JSON form: what a proof needs beside the policy.

use cedar_policy::{Effect, Policy, PolicyId, PolicySet};
use serde_json::{Value, json};

/// Why a text could not be made; a fault of ours or of Cedar's.
pub(super) type Made<T> = Result<T, String>;

/// Everything, to everybody.
pub(super) fn everything() -> Made<Policy> {
    made("everything", json!({"effect": "permit"}))
}

/// Nothing, to nobody.
pub(super) fn nothing() -> Made<Policy> {
    made("nothing", json!({"effect": "forbid"}))
}

/// A set of these.
pub(super) fn set(policies: impl IntoIterator<Item = Policy>) -> Made<PolicySet> {
    PolicySet::from_policies(policies).map_err(|error| error.to_string())
}

/// These, and more.
pub(super) fn with(set: &PolicySet, more: impl IntoIterator<Item = Policy>) -> Made<PolicySet> {
    let mut out = set.clone();
    for policy in more {
        out.add(policy).map_err(|error| error.to_string())?;
    }
    Ok(out)
}

/// These without one; where `instead` is given, with that in its place.
pub(super) fn without(set: &PolicySet, id: &PolicyId, instead: Option<Policy>) -> Made<PolicySet> {
    self::set(set.policies().filter(|policy| policy.id() != id).cloned().chain(instead))
}

/// What is permitted if everything is for which a rule's scope and conditions hold, whatever its effect.
pub(super) fn as_permit(rule: &Policy) -> Made<Policy> {
    if rule.effect() == Effect::Permit {
        return Ok(rule.clone());
    }
    let mut value = json(rule)?;
    value["effect"] = "permit".into();
    read(rule.id().clone(), value)
}

/// Forbids whatever does not meet all conditions of a text; `None` where it has none.
pub(super) fn forbidden_unless(text: &Policy) -> Made<Option<Policy>> {
    let value = json(text)?;
    let conditions = value["conditions"].as_array().cloned().unwrap_or_default();
    let all = conditions.into_iter().map(|condition| match condition["kind"].as_str() {
        Some("unless") => json!({"!": {"arg": condition["body"]}}),
        _ => condition["body"].clone(),
    });
    all.reduce(|left, right| json!({"&&": {"left": left, "right": right}}))
        .map(|body| {
            let id = format!("unless {}", text.id());
            made(&id, json!({"effect": "forbid", "conditions": [{"kind": "unless", "body": body}]}))
        })
        .transpose()
}

/// A rule once without each of its conditions.
pub(super) fn relaxed(rule: &Policy) -> Made<Vec<Policy>> {
    let value = json(rule)?;
    let count = value["conditions"].as_array().map_or(0, Vec::len);
    let without = |position: usize| {
        let mut value = value.clone();
        if let Some(conditions) = value["conditions"].as_array_mut() {
            conditions.remove(position);
        }
        read(rule.id().clone(), value)
    };
    (0..count).map(without).collect()
}

pub(super) fn json(policy: &Policy) -> Made<Value> {
    policy.to_json().map_err(|error| error.to_string())
}

pub(super) fn read(id: PolicyId, value: Value) -> Made<Policy> {
    Policy::from_json(Some(id), value).map_err(|error| error.to_string())
}

fn made(id: &str, parts: Value) -> Made<Policy> {
    let mut value =
        json!({"principal": {"op": "All"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []});
    if let (Some(whole), Value::Object(parts)) = (value.as_object_mut(), parts) {
        whole.extend(parts);
    }
    read(PolicyId::new(id), value)
}

#[cfg(test)]
mod tests {
    use cedar_policy::Policy;

    use super::{as_permit, forbidden_unless, relaxed};

    fn rule(text: &str) -> Policy {
        Policy::parse(None, text).unwrap()
    }

    #[test]
    fn conditions_are_turned_round_and_taken_away_one_by_one() {
        let text = "permit (principal, action, resource) when { context.a } unless { context.b };";
        let forbid = forbidden_unless(&rule(text)).unwrap().unwrap().to_string();
        assert!(forbid.starts_with("forbid") && forbid.contains("unless") && forbid.contains('!'), "{forbid}");
        assert!(forbidden_unless(&rule("permit (principal, action, resource);")).unwrap().is_none());
        let relaxed: Vec<String> = relaxed(&rule(text)).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(relaxed.len(), 2);
        assert!(!relaxed[0].contains("context.a") && !relaxed[1].contains("context.b"));
    }

    #[test]
    fn a_forbid_becomes_a_permit_of_the_same_conditions() {
        let permit = as_permit(&rule("forbid (principal, action, resource) when { context.a };")).unwrap().to_string();
        assert!(permit.starts_with("permit") && permit.contains("context.a"), "{permit}");
    }
}
