//! Reads a proof: one Cedar policy with the annotations `@sentence` and `@kind`, as `mod.rs` lists them. Asks nothing.

use cedar_policy::{ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet};

use super::error::ProveError;

/// A sentence about the policy and what it comes to.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Name of the file, without its ending.
    pub name: String,
    /// What is claimed, for people.
    pub sentence: String,
    pub(super) kind: Kind,
    /// What our own rules give and a site may take away: not asked where a site has rules of its own.
    pub(super) site_may_narrow: bool,
    pub(super) text: Policy,
}

/// How the text is to be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Bound,
    Due,
    /// The facts that change, as (variable, attribute).
    Change(Vec<(String, String)>),
    Rules(Asks),
    World,
}

/// What is asked of each rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    NeverFails,
    Fires,
    Decides,
    Conditions,
}

impl Proof {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// It is not one policy with its annotations.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, ProveError> {
        let unfit = |text: String| ProveError::Unfit { name: name.to_owned(), text };
        let set: PolicySet = text.parse().map_err(|error: cedar_policy::ParseErrors| unfit(error.to_string()))?;
        let mut policies = set.policies();
        let (Some(policy), None, 0) = (policies.next(), policies.next(), set.num_of_templates()) else {
            return Err(unfit("a file holds exactly one text, and no template".to_owned()));
        };
        let annotation = |key: &str| {
            let value = policy.annotation(key).filter(|value| !value.trim().is_empty());
            value.ok_or_else(|| unfit(format!("@{key} is missing or empty")))
        };
        let kind =
            match annotation("kind")? {
                "bound" => Kind::Bound,
                "due" => Kind::Due,
                "world" => Kind::World,
                "change" => Kind::Change(facts(annotation("facts")?).ok_or_else(|| {
                    unfit("@facts names facts such as context.consent, resource.sensitivity".to_owned())
                })?),
                "rules" => Kind::Rules(match annotation("asks")? {
                    "never-fails" => Asks::NeverFails,
                    "fires" => Asks::Fires,
                    "decides" => Asks::Decides,
                    "conditions" => Asks::Conditions,
                    other => return Err(unfit(format!("@asks is {other}, which nothing is known of"))),
                }),
                other => return Err(unfit(format!("@kind is {other}, which nothing is known of"))),
            };
        if kind != Kind::Bound && policy.effect() == Effect::Forbid {
            return Err(unfit("only a bound may be a forbid".to_owned()));
        }
        let site_may_narrow = match policy.annotation("site") {
            None => false,
            Some("may-narrow") => true,
            Some(other) => return Err(unfit(format!("@site is {other}, which nothing is known of"))),
        };
        let sentence = annotation("sentence")?.to_owned();
        let text = policy.new_id(PolicyId::new(format!("proof {name}")));
        Ok(Self { name: name.to_owned(), sentence, kind, site_may_narrow, text })
    }

    /// Whether it is about this action.
    pub(super) fn is_about(&self, action: &EntityUid) -> bool {
        match self.text.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => one == *action,
            ActionConstraint::In(several) => several.contains(action),
        }
    }
}

fn facts(list: &str) -> Option<Vec<(String, String)>> {
    list.split(',')
        .map(|fact| {
            let (variable, attribute) = fact.trim().split_once('.')?;
            let known = ["context", "principal", "resource"].contains(&variable) && !attribute.contains('.');
            known.then(|| (variable.to_owned(), attribute.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Proof};
    use crate::prove::files::{PROOFS, WORLD};

    #[test]
    fn every_proof_that_comes_with_the_gateway_can_be_read_and_says_another_thing() {
        let mut sentences = std::collections::BTreeSet::new();
        for (name, text) in PROOFS.iter().chain(WORLD) {
            let proof = Proof::read(name, text).unwrap();
            assert!(proof.sentence.ends_with('.'), "{name}");
            assert!(sentences.insert(proof.sentence), "{name}");
        }
        assert!(PROOFS.len() >= 20);
    }

    #[test]
    fn what_is_not_a_proof_is_refused_with_what_is_wrong() {
        for (text, expected) in [
            ("permit (principal", "unexpected"),
            ("", "exactly one"),
            (r#"@kind("bound") permit (principal, action, resource);"#, "@sentence"),
            (r#"@sentence("s") permit (principal, action, resource);"#, "@kind"),
            (r#"@sentence("s") @kind("hope") permit (principal, action, resource);"#, "hope"),
            (r#"@sentence("s") @kind("change") @facts("consent") permit (principal, action, resource);"#, "@facts"),
            (r#"@sentence("s") @kind("rules") @asks("why") permit (principal, action, resource);"#, "why"),
            (r#"@sentence("s") @kind("due") @site("may-all") permit (principal, action, resource);"#, "may-all"),
            (r#"@sentence("s") @kind("due") forbid (principal, action, resource);"#, "only a bound"),
        ] {
            let error = Proof::read("p", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_facts_of_a_change_are_read() {
        let text = r#"@sentence("s") @kind("change") @facts("context.consent, resource.sensitivity") permit (principal, action, resource);"#;
        let Kind::Change(facts) = Proof::read("p", text).unwrap().kind else { panic!("it is a change") };
        assert_eq!(facts.len(), 2);
    }
}
