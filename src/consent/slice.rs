//! Policy slicing: of all policies, those that can fire at all under the facts of one decision, found once for it and not
//! once for each of its labels. Leaves a policy out only where its own text shows that it cannot fire; decides nothing.
//!
//! A Cedar policy applies when its scope and every one of its clauses hold
//! (<https://docs.cedarpolicy.com/policies/syntax-policy.html>). Its *gate* is the same policy with only the clauses that
//! do not mention the resource. Where the gate does not hold, the policy holds for no resource. A gate that fails to
//! evaluate stays open, so that the fault is found where it belongs.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{AuthorizationError, Authorizer, Effect, Entities, Policy, PolicyId, PolicySet, Request};
use serde_json::{Value, json};

/// Policies of both effects. Apart, because Cedar's answer does not name the permits that a forbid beats, and people ask
/// for them.
#[derive(Debug)]
pub(super) struct Slice {
    pub permits: PolicySet,
    pub forbids: PolicySet,
}

/// All policies of an engine, with their gates.
#[derive(Debug)]
pub(super) struct Slicer {
    all: Vec<Policy>,
    /// Every gate as a permit, so that one question names all that hold.
    gates: PolicySet,
    authorizer: Authorizer,
    /// Slices made before: facts differ without end, which policies they leave is of a few kinds.
    made: Mutex<HashMap<Vec<bool>, Arc<Slice>>>,
}

/// Slices kept; beyond it they are made anew, so that no sequence of questions fills the memory.
const KEPT: usize = 512;

impl Slicer {
    /// # Errors
    /// A policy cannot be written as a gate; the text is the library's, about policies alone.
    pub(super) fn new(set: &PolicySet) -> Result<Self, String> {
        let mut all: Vec<Policy> = set.policies().cloned().collect();
        all.sort_by(|a, b| a.id().cmp(b.id()));
        let gates: Result<Vec<Policy>, String> = all.iter().map(gate).collect();
        let gates = PolicySet::from_policies(gates?).map_err(|error| error.to_string())?;
        Ok(Self { all, gates, authorizer: Authorizer::new(), made: Mutex::default() })
    }

    /// The policies that can fire for some resource in the place of the one that is asked about.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn slice(&self, request: &Request, entities: &Entities) -> Result<Arc<Slice>, String> {
        let response = self.authorizer.is_authorized(request, &self.gates, entities);
        let faulty =
            response.diagnostics().errors().map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id());
        let open: BTreeSet<&PolicyId> = response.diagnostics().reason().chain(faulty).collect();
        let key: Vec<bool> = self.all.iter().map(|policy| open.contains(policy.id())).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slice) = made.get(&key) {
            return Ok(slice.clone());
        }
        let of = |effect: Effect| {
            let chosen = self.all.iter().zip(&key).filter(|(policy, open)| **open && policy.effect() == effect);
            PolicySet::from_policies(chosen.map(|(policy, _)| policy.clone())).map_err(|error| error.to_string())
        };
        let slice = Arc::new(Slice { permits: of(Effect::Permit)?, forbids: of(Effect::Forbid)? });
        if made.len() < KEPT {
            made.insert(key, slice.clone());
        }
        Ok(slice)
    }
}

/// The gate of a policy, under the same id.
fn gate(policy: &Policy) -> Result<Policy, String> {
    let mut text = policy.to_json().map_err(|error| error.to_string())?;
    if let Some(fields) = text.as_object_mut() {
        fields.insert("effect".to_owned(), json!("permit"));
        // whichever resource it is for, which only its labels are asked
        fields.insert("resource".to_owned(), json!({"op": "All"}));
        if let Some(Value::Array(clauses)) = fields.get_mut("conditions") {
            clauses.retain(|clause| !mentions_resource(clause));
        }
    }
    Policy::from_json(Some(policy.id().clone()), text).map_err(|error| error.to_string())
}

/// Whether an expression, in Cedar's JSON form, mentions the resource (<https://docs.cedarpolicy.com/policies/json-format.html>).
/// A text that happens to be the same only leaves the clause out of the gate.
fn mentions_resource(expression: &Value) -> bool {
    match expression {
        Value::String(text) => text == "resource",
        Value::Array(items) => items.iter().any(mentions_resource),
        Value::Object(fields) => fields.values().any(mentions_resource),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{gate, mentions_resource};
    use cedar_policy::Policy;

    #[test]
    fn a_gate_keeps_what_says_nothing_of_the_resource_and_nothing_else() {
        let text = r#"forbid (principal is Recipient, action == Action::"receive", resource is Part)
            when { context.care_relationship }
            unless { resource.category == Category::"carer" || context.own_record };"#;
        let gate = gate(&Policy::parse(None, text).unwrap()).unwrap().to_json().unwrap();
        assert_eq!(gate["effect"], "permit");
        assert_eq!(gate["conditions"].as_array().unwrap().len(), 1);
        assert!(!mentions_resource(&gate["conditions"]));
        assert_eq!(gate["action"]["op"], "==");
    }
}
