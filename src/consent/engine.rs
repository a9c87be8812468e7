//! The policy engine: facts and one label in, a verdict out. The only place that sees Cedar's authoriser.
//! Knows nothing of FHIR; default deny; an evaluation error is never overlooked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use cedar_policy::{Authorizer, Entities, PolicySet, Request, Response};
use serde::{Deserialize, Serialize};

use super::edition::Edition;
use super::error::{ConsentError, PolicyFault};
use super::facts::Facts;
use super::label::Label;
use super::load::{self, Loaded};
use super::request::{BE_TOLD, RECEIVE, Requests, Vocabulary};
use super::rule::{Rule, RuleId};
use super::slice::{Slice, Slicer};

/// The loaded policy, ready to decide.
pub struct Engine {
    slicer: Slicer,
    vocabulary: Vocabulary,
    authorizer: Authorizer,
    rules: BTreeMap<RuleId, Rule>,
    edition: Edition,
}

/// The rules whose conditions one label meets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fired {
    pub permits: BTreeSet<RuleId>,
    pub forbids: BTreeSet<RuleId>,
}

/// What policy says of one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "rules", rename_all = "kebab-case")]
pub(super) enum Verdict {
    /// Permitted, by these rules.
    Allowed(BTreeSet<RuleId>),
    /// Forbidden, by these rules.
    Forbidden(BTreeSet<RuleId>),
    /// No rule permits it.
    Silent,
    /// The policy could not be evaluated; the text names policies and types, never facts about a person.
    Faulty(String),
}

impl Verdict {
    pub(super) const fn allows(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl Engine {
    /// The engine with the policy that comes with the gateway.
    ///
    /// # Errors
    /// Every fault of the embedded files; a test holds that there is none.
    pub fn embedded() -> Result<Self, ConsentError> {
        Self::load(load::EMBEDDED, load::EMBEDDED_SCHEMA)
    }

    /// The policy files that come with the gateway, as (name, text), for a site that adds its own.
    #[must_use]
    pub const fn embedded_files() -> (&'static [(&'static str, &'static str)], &'static str) {
        (load::EMBEDDED, load::EMBEDDED_SCHEMA)
    }

    /// Loads policy files, given as (name, text), strictly validated against the schema.
    ///
    /// # Errors
    /// Every fault of every file: syntax, a missing or empty `@id`, `@reason` or `@source`, an id used twice, what the
    /// validator refuses or warns of.
    pub fn load(policies: &[(&str, &str)], schema: &str) -> Result<Self, ConsentError> {
        let edition = Edition::of(policies, schema);
        let Loaded { set, schema, rules } = load::load(policies, schema).map_err(ConsentError::Policy)?;
        let slicer = Slicer::new(&set).map_err(|error| refused(&error))?;
        let vocabulary = Vocabulary::new(schema).map_err(|error| refused(&error))?;
        Ok(Self { slicer, vocabulary, authorizer: Authorizer::new(), rules, edition })
    }

    /// Which policy this is: what a stored decision is compared with.
    pub(super) const fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The loaded rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// One loaded rule.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// Asks policy about one label under the given facts.
    #[cfg(test)]
    pub(super) fn ask(&self, facts: &Facts, label: Label) -> Verdict {
        match self.asking(facts) {
            Ok(asking) => asking.about(label),
            Err(fault) => Verdict::Faulty(fault),
        }
    }

    fn fired(&self, slice: &Slice, request: &Request, entities: &Entities) -> Result<Fired, String> {
        let of = |set: &PolicySet| ids(&self.authorizer.is_authorized(request, set, entities));
        Ok(Fired { permits: of(&slice.permits)?, forbids: of(&slice.forbids)? })
    }

    /// Everything policy is asked about under the same facts.
    pub(super) fn asking(&self, facts: &Facts) -> Result<Asking<'_>, String> {
        let requests = Requests::new(facts, &self.vocabulary)?;
        // held against the schema when the requests were made
        let any = requests.about(RECEIVE, Label::Administrative)?;
        let receive = self.slicer.slice(&any, requests.entities())?;
        Ok(Asking { engine: self, requests, receive, be_told: OnceLock::new() })
    }
}

/// The facts of one decision, ready to be asked about label by label.
pub(super) struct Asking<'e> {
    engine: &'e Engine,
    requests: Requests<'e>,
    /// What can fire for some label.
    receive: Arc<Slice>,
    /// The same for being told of it, from when it is first asked: most decisions withhold nothing.
    be_told: OnceLock<Result<Arc<Slice>, String>>,
}

impl Asking<'_> {
    /// What policy says of one label.
    pub(super) fn about(&self, label: Label) -> Verdict {
        self.fired(label).into()
    }

    /// The rules whose conditions a label meets, also permits that a forbid beats.
    ///
    /// # Errors
    /// Policy could not be evaluated.
    pub(super) fn fired(&self, label: Label) -> Result<Fired, String> {
        self.engine.fired(&self.receive, &self.requests.about(RECEIVE, label)?, self.requests.entities())
    }

    /// Whether the recipient may be told that something with this label was withheld (CS-22).
    pub(super) fn may_be_told(&self, label: Label) -> bool {
        let slice = self
            .be_told
            .get_or_init(|| self.engine.slicer.slice(&self.requests.checked(BE_TOLD)?, self.requests.entities()));
        let fired = slice.as_ref().map_err(Clone::clone).and_then(|slice| {
            self.engine.fired(slice, &self.requests.about(BE_TOLD, label)?, self.requests.entities())
        });
        Verdict::from(fired).allows()
    }
}

/// The rules Cedar names. It leaves a policy that fails to evaluate out of the answer; a forbid must not vanish like
/// that, so any failure is a fault.
fn ids(response: &Response) -> Result<BTreeSet<RuleId>, String> {
    match response.diagnostics().errors().next() {
        Some(error) => Err(error.to_string()),
        None => Ok(response.diagnostics().reason().filter_map(|id| RuleId::parse(id.as_ref())).collect()),
    }
}

/// Loaded and valid, and yet not to be used: the text is the library's, about policies alone.
fn refused(error: &dyn std::fmt::Display) -> ConsentError {
    ConsentError::Policy(vec![PolicyFault { file: "policy".to_owned(), text: error.to_string() }])
}

impl From<Result<Fired, String>> for Verdict {
    fn from(found: Result<Fired, String>) -> Self {
        match found {
            Err(fault) => Self::Faulty(fault),
            Ok(Fired { forbids, .. }) if !forbids.is_empty() => Self::Forbidden(forbids),
            Ok(Fired { permits, .. }) if !permits.is_empty() => Self::Allowed(permits),
            Ok(_) => Self::Silent,
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rules", &self.rules.keys()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Engine, Facts, Label, Verdict};
    use crate::model::{DataCategory, DocumentKind, PartyKind, Purpose, Sector};

    fn engine() -> Engine {
        Engine::embedded().unwrap()
    }

    #[test]
    fn every_code_of_the_model_is_in_the_schema() {
        let engine = engine();
        for kind in PartyKind::ALL {
            for label in Label::all() {
                let mut facts = Facts::none(*kind);
                facts.named = Label::all().collect();
                assert!(!matches!(engine.ask(&facts, label), Verdict::Faulty(_)), "{kind:?} {label}");
            }
        }
        for document in DocumentKind::ALL {
            let facts = Facts { document: *document, ..Facts::none(PartyKind::Vcse) };
            assert!(!matches!(engine.ask(&facts, Label::Administrative), Verdict::Faulty(_)), "{document:?}");
        }
        for purpose in Purpose::ALL {
            let facts = Facts { purpose: *purpose, ..Facts::none(PartyKind::Vcse) };
            assert!(!matches!(engine.ask(&facts, Label::Administrative), Verdict::Faulty(_)));
        }
        for sender_sector in Sector::ALL {
            let facts = Facts { sender_sector: *sender_sector, ..Facts::none(PartyKind::Cmht) };
            assert!(!matches!(engine.ask(&facts, Label::Administrative), Verdict::Faulty(_)));
        }
    }

    #[test]
    fn a_policy_that_fails_to_evaluate_is_a_fault_and_not_a_silent_answer() {
        // Overflow is the one failure strict validation cannot rule out.
        let overflowing = r#"@id("XX-01") @reason("r") @source("s")
            forbid (principal, action, resource) when { 9223372036854775807 + (if context.holds_person then 1 else 2) > 0 };"#;
        let (files, schema) = Engine::embedded_files();
        let mut files = files.to_vec();
        files.push(("xx-01.cedar", overflowing));
        let engine = Engine::load(&files, schema).unwrap();
        let facts = Facts { care_relationship: true, ..Facts::none(PartyKind::Cmht) };
        assert!(matches!(engine.ask(&facts, Label::Administrative), Verdict::Faulty(_)));
    }

    #[test]
    fn a_site_rule_slots_in_as_text_and_its_forbid_wins() {
        let site = r#"@id("SITE-01") @reason("r") @source("s")
            forbid (principal, action, resource is Part) when { resource.category == Category::"substance-use" };"#;
        let (files, schema) = Engine::embedded_files();
        let mut files = files.to_vec();
        files.push(("site-01.cedar", site));
        let engine = Engine::load(&files, schema).unwrap();
        let facts = Facts { care_relationship: true, ..Facts::none(PartyKind::Cmht) };
        assert!(!engine.ask(&facts, DataCategory::SubstanceUse.into()).allows());
        assert!(engine.ask(&facts, DataCategory::Medication.into()).allows());
    }
}
