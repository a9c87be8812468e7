//! Puts proofs to the solver, for each kind of request the schema knows. What a proof of each kind comes to is here and in
//! `rules`; everything is one question in the end: does one set of policies permit what another does not?

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::err::Error as SymccError;
use cedar_policy_symcc::solver::SolverError;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env, ResetMode};

use super::change;
use super::counterexample::Claim;
use super::error::{ProveError, Refutation};
use super::files::{PROOFS, WORLD};
use super::proof::{Kind, Proof};
use super::shrink::{self, Choices};
use super::solver::{Cvc5, LIMIT, Question, at_once};
use super::text::{self, Made};
use crate::consent::Engine;

/// A policy about which something is to be proved.
pub struct Prover {
    cvc5: Cvc5,
    schema_text: String,
    pub(super) schema: Schema,
    pub(super) policy: PolicySet,
    /// What proofs take for granted, as forbids: outside of it nothing is said.
    pub(super) guards: Vec<Policy>,
    /// The rules that must make a difference: a site's, where it has any. Its forbids may leave less to ours.
    pub(super) asked: Vec<PolicyId>,
    pub(super) choices: Choices,
    proofs: Vec<Proof>,
}

impl Prover {
    /// The policy that comes with the gateway, and a site's own beside it, as (name, text).
    ///
    /// # Errors
    /// [`ProveError::NoSolver`] without cvc5; every fault of the policies; a proof that cannot be read.
    pub fn new(site: &[(String, String)]) -> Result<Self, ProveError> {
        let (own, schema) = Engine::embedded_files();
        let site: Vec<(&str, &str)> = site.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Self::over(own, &site, schema)
    }

    /// As [`Self::new`], with other policies in place of the gateway's: how it is shown that proofs can fail.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn over(own: &[(&str, &str)], site: &[(&str, &str)], schema: &str) -> Result<Self, ProveError> {
        let cvc5 = Cvc5::find().map_err(|error| ProveError::NoSolver(error.to_string()))?;
        let all = [own, site].concat();
        // the one loader of policies: annotations, ids, strict validation
        Engine::load(&all, schema)?;
        let unfit = |text: String| ProveError::Unfit { name: "the policy".to_owned(), text };
        let asked = if site.is_empty() { own } else { site };
        let asked = rules(asked).map(|set| set.into_iter().map(|rule| rule.id().clone()).collect());
        let guards = WORLD.iter().map(|(name, text)| {
            let assumed = Proof::read(name, text)?;
            let guard = text::forbidden_unless(&assumed.text).map_err(unfit)?;
            guard.ok_or_else(|| ProveError::Unfit { name: assumed.name, text: "it assumes nothing".to_owned() })
        });
        let mut proofs = PROOFS.iter().map(|(name, text)| Proof::read(name, text)).collect::<Result<Vec<_>, _>>()?;
        proofs.retain(|proof| site.is_empty() || !proof.site_may_narrow);
        Ok(Self {
            cvc5,
            schema_text: schema.to_owned(),
            schema: Schema::from_cedarschema_str(schema).map_err(|error| unfit(error.to_string()))?.0,
            policy: rules(&all).and_then(text::set).map_err(unfit)?,
            guards: guards.collect::<Result<_, _>>()?,
            asked: asked.map_err(unfit)?,
            choices: shrink::choices(schema).map_err(unfit)?,
            proofs,
        })
    }

    /// What there is to prove, in the order in which it is told.
    #[must_use]
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    /// Proves everything, telling each proof that holds, and stops at the first that does not.
    ///
    /// # Errors
    /// As [`Self::prove`].
    pub fn prove_all(&self, told: &mut dyn FnMut(&Proof)) -> Result<(), ProveError> {
        self.proofs.iter().try_for_each(|proof| {
            self.prove(proof)?;
            told(proof);
            Ok(())
        })
    }

    /// Proves one thing.
    ///
    /// # Errors
    /// A case for which it does not hold; no answer; a proof that says nothing or cannot be put to the solver.
    pub fn prove(&self, proof: &Proof) -> Result<(), ProveError> {
        if environments(&self.schema, proof).is_empty() {
            // else a mistyped action would make a proof that holds of anything
            return proof.usable(Err("it is about no action there is".to_owned()));
        }
        match &proof.kind {
            Kind::Bound => self.bound(proof),
            Kind::Due => self.due(proof),
            Kind::Change(facts) => self.change(proof, facts),
            Kind::Rules(asks) => self.of_rules(proof, *asks),
            Kind::World => Ok(()),
        }
    }

    /// Whatever policy permits, the text permits.
    fn bound(&self, proof: &Proof) -> Result<(), ProveError> {
        let allowing =
            if proof.text.effect() == Effect::Forbid { Some(proof.usable(text::everything())?) } else { None };
        let bound = proof.usable(text::set([proof.text.clone()].into_iter().chain(allowing)))?;
        let permitted = proof.usable(self.in_world(&self.policy))?;
        let possible = proof.usable(text::everything().and_then(|all| self.in_world(&text::set([all])?)))?;
        for environment in environments(&self.schema, proof) {
            let claim = |what| Claim { what, bound: &bound, schema: &self.schema, environment: &environment };
            if self.against(proof, &claim(&possible))?.is_none() {
                return Err(proof.vacuous("it excludes nothing that can happen"));
            }
            self.hold(proof, &claim(&permitted))?;
        }
        Ok(())
    }

    /// Whatever the text permits, policy permits.
    fn due(&self, proof: &Proof) -> Result<(), ProveError> {
        let due = proof.usable(text::set([proof.text.clone()]).and_then(|set| self.in_world(&set)))?;
        let nothing = proof.usable(text::nothing().and_then(|nothing| text::set([nothing])))?;
        for environment in environments(&self.schema, proof) {
            let claim = |bound| Claim { what: &due, bound, schema: &self.schema, environment: &environment };
            if self.against(proof, &claim(&nothing))?.is_none() {
                return Err(proof.vacuous("it asks for nothing that can happen"));
            }
            self.hold(proof, &claim(&self.policy))?;
        }
        Ok(())
    }

    /// Whatever policy permits after the change, it permitted before.
    fn change(&self, proof: &Proof, facts: &change::Facts) -> Result<(), ProveError> {
        let schema = proof.usable(change::doubled(&self.schema_text, facts))?;
        let after = proof.usable(self.afterwards(proof, facts))?;
        let nothing = proof.usable(text::nothing().and_then(|nothing| text::set([nothing])))?;
        let mut happens = false;
        for environment in environments(&schema, proof) {
            let claim = |bound| Claim { what: &after, bound, schema: &schema, environment: &environment };
            happens |= self.against(proof, &claim(&nothing))?.is_some();
            self.hold(proof, &claim(&self.policy))?;
        }
        if happens { Ok(()) } else { Err(proof.vacuous("nothing is ever permitted after such a change")) }
    }

    /// The policy after the change, where the change is as the text says and both moments are possible.
    fn afterwards(&self, proof: &Proof, facts: &change::Facts) -> Made<PolicySet> {
        let rules: Made<Vec<Policy>> = self.policy.policies().map(|rule| change::afterwards(rule, facts)).collect();
        let guards: Made<Vec<Policy>> = self.guards.iter().map(|guard| change::also_afterwards(guard, facts)).collect();
        let relation = text::forbidden_unless(&proof.text)?;
        text::with(&self.in_world(&text::set(rules?)?)?, guards?.into_iter().chain(relation))
    }

    /// These policies, where what proofs take for granted holds.
    pub(super) fn in_world(&self, set: &PolicySet) -> Made<PolicySet> {
        text::with(set, self.guards.iter().cloned())
    }

    /// Claims; what speaks against it is made small and told.
    fn hold(&self, proof: &Proof, claim: &Claim<'_>) -> Result<(), ProveError> {
        let Some(found) = self.against(proof, claim)? else { return Ok(()) };
        let case = claim.case(&found, &proof.kind, &self.choices).map_err(|text| proof.failed(text))?;
        Err(proof.refuted(case))
    }

    /// A request that `what` permits and `bound` does not, if there is one.
    pub(super) fn against(&self, proof: &Proof, claim: &Claim<'_>) -> Result<Option<Env>, ProveError> {
        let compile = |set| {
            CompiledPolicySet::compile(set, claim.environment, claim.schema).map_err(|error| proof.unsolved(&error))
        };
        let (what, bound) = (compile(claim.what)?, compile(claim.bound)?);
        let mut compiler = self.compiler(proof)?;
        let answer = at_once(compiler.check_implies_with_counterexample_opt(&what, &bound));
        proof.answered(answer)
    }

    /// A request on which a rule fails to evaluate, if there is one.
    pub(super) fn failing(
        &self,
        proof: &Proof,
        rule: &Policy,
        environment: &RequestEnv,
    ) -> Result<Option<Env>, ProveError> {
        let text = CompiledPolicy::compile(rule, environment, &self.schema).map_err(|error| proof.unsolved(&error))?;
        let mut compiler = self.compiler(proof)?;
        let answer = at_once(compiler.check_never_errors_with_counterexample_opt(&text));
        proof.answered(answer)
    }

    fn compiler(&self, proof: &Proof) -> Result<CedarSymCompiler<Question>, ProveError> {
        let compiler = CedarSymCompiler::new(self.cvc5.question()).map_err(|error| proof.unsolved(&error))?;
        Ok(compiler.with_reset_mode(ResetMode::Comment))
    }
}

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prover").field("proofs", &self.proofs.len()).finish_non_exhaustive()
    }
}

/// The kinds of request a proof is about.
pub(super) fn environments(schema: &Schema, proof: &Proof) -> Vec<RequestEnv> {
    schema.request_envs().filter(|environment| proof.is_about(environment.action())).collect()
}

/// The rules of these files, by their own ids.
fn rules(files: &[(&str, &str)]) -> Made<Vec<Policy>> {
    let read = |(name, text): &(&str, &str)| {
        let rule = Policy::parse(None, text).map_err(|error| format!("{name}: {error}"))?;
        let id = rule.annotation("id").map(PolicyId::new).ok_or_else(|| format!("{name}: @id is missing"))?;
        Ok(rule.new_id(id))
    };
    files.iter().map(read).collect()
}

// === impl Proof: what can come of it ===

impl Proof {
    pub(super) fn usable<T>(&self, made: Made<T>) -> Result<T, ProveError> {
        made.map_err(|text| ProveError::Unfit { name: self.name.clone(), text })
    }

    pub(super) fn vacuous(&self, text: &'static str) -> ProveError {
        ProveError::Vacuous { name: self.name.clone(), text }
    }

    pub(super) fn refuted(&self, case: Vec<String>) -> ProveError {
        let (name, sentence) = (self.name.clone(), self.sentence.clone());
        ProveError::Refuted(Box::new(Refutation { name, sentence, case }))
    }

    pub(super) fn failed(&self, text: String) -> ProveError {
        ProveError::Solver { name: self.name.clone(), text }
    }

    fn unsolved(&self, error: &SymccError) -> ProveError {
        match error {
            SymccError::SolverUnknown => ProveError::Undecided { sentence: self.sentence.clone(), limit: LIMIT },
            SymccError::SolverError(SolverError::Io(error)) => ProveError::NoSolver(error.to_string()),
            SymccError::PolicyNotWellTyped { errs } => {
                let mut text = errs.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                if text.is_empty() {
                    text.push_str("a rule could not be checked for its types; it may be too long or too deep");
                }
                ProveError::Unfit { name: self.name.clone(), text }
            }
            other => self.failed(other.to_string()),
        }
    }

    fn answered<T>(&self, answer: Option<Result<T, SymccError>>) -> Result<T, ProveError> {
        let answer = answer.ok_or_else(|| self.failed("it waits for something".to_owned()))?;
        answer.map_err(|error| self.unsolved(&error))
    }
}
