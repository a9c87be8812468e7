//! Questions about each rule for itself: that it cannot fail, that it can fire, that it and each of its conditions makes a
//! difference to some answer.

use cedar_policy::{Effect, Policy, PolicySet};

use super::counterexample::{self, Claim};
use super::error::ProveError;
use super::proof::{Asks, Proof};
use super::prover::{Prover, environments};
use super::text;

impl Prover {
    pub(super) fn of_rules(&self, proof: &Proof, asks: Asks) -> Result<(), ProveError> {
        let mut rules: Vec<&Policy> = self.policy.policies().collect();
        // a set has no order of its own
        rules.sort_by(|a, b| a.id().cmp(b.id()));
        if asks == Asks::NeverFails {
            return rules.into_iter().try_for_each(|rule| self.never_fails(proof, rule));
        }
        for rule in rules.into_iter().filter(|rule| self.asked.contains(rule.id())) {
            let missing = match asks {
                Asks::Fires => (!self.fires(proof, rule)?).then(|| "there is no request for which it fires".to_owned()),
                Asks::Decides => {
                    let without = proof.usable(text::without(&self.policy, rule.id(), None))?;
                    (!self.differs(proof, rule.effect() == Effect::Forbid, &without)?)
                        .then(|| "every request is answered the same without it".to_owned())
                }
                Asks::Conditions | Asks::NeverFails => self.idle_condition(proof, rule)?,
            };
            if let Some(missing) = missing {
                let reason = rule.annotation("reason").unwrap_or_default();
                return Err(proof.refuted(vec![format!("{}: {missing}", rule.id()), format!("({reason})")]));
            }
        }
        Ok(())
    }

    fn never_fails(&self, proof: &Proof, rule: &Policy) -> Result<(), ProveError> {
        for environment in environments(&self.schema, proof) {
            if let Some(found) = self.failing(proof, rule, &environment)? {
                let alone = proof.usable(text::set([rule.clone()]))?;
                let shown = counterexample::failing(&found, &alone, &self.schema, &environment, &self.choices);
                let mut case = vec![format!("{} fails to evaluate for this request.", rule.id())];
                case.extend(shown.map_err(|text| proof.failed(text))?);
                return Err(proof.refuted(case));
            }
        }
        Ok(())
    }

    /// Whether some request the gateway can make meets the rule's scope and conditions.
    fn fires(&self, proof: &Proof, rule: &Policy) -> Result<bool, ProveError> {
        let fires = text::as_permit(rule).and_then(|rule| self.in_world(&text::set([rule])?));
        let nothing = text::nothing().and_then(|nothing| text::set([nothing]));
        self.escapes(proof, &proof.usable(fires)?, &proof.usable(nothing)?)
    }

    /// Whether another policy answers some request otherwise; `wider` when it can only permit more, else only less.
    fn differs(&self, proof: &Proof, wider: bool, other: &PolicySet) -> Result<bool, ProveError> {
        let (more, less) = if wider { (other, &self.policy) } else { (&self.policy, other) };
        self.escapes(proof, &proof.usable(self.in_world(more))?, less)
    }

    /// The first condition of a rule without which every request is answered the same.
    fn idle_condition(&self, proof: &Proof, rule: &Policy) -> Result<Option<String>, ProveError> {
        for (position, relaxed) in proof.usable(text::relaxed(rule))?.into_iter().enumerate() {
            let other = proof.usable(text::without(&self.policy, rule.id(), Some(relaxed)))?;
            if !self.differs(proof, rule.effect() == Effect::Permit, &other)? {
                let which = position + 1;
                return Ok(Some(format!("every request is answered the same without condition {which} of it")));
            }
        }
        Ok(None)
    }

    /// Whether there is a request that one set permits and the other does not, of any kind.
    fn escapes(&self, proof: &Proof, what: &PolicySet, bound: &PolicySet) -> Result<bool, ProveError> {
        for environment in environments(&self.schema, proof) {
            let claim = Claim { what, bound, schema: &self.schema, environment: &environment };
            if self.against(proof, &claim)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
