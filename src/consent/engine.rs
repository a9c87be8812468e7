//! The policy engine: facts and one label in, a verdict out. The only place that sees Cedar's authoriser.
//! Knows nothing of FHIR; default deny; an evaluation error is never overlooked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema,
};

use super::error::ConsentError;
use super::facts::Facts;
use super::label::Label;
use super::load::{self, Loaded};
use super::rule::{Rule, RuleId};

/// The loaded policy, ready to decide.
pub struct Engine {
    set: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    rules: BTreeMap<RuleId, Rule>,
    /// Entity type names, parsed once.
    types: BTreeMap<&'static str, EntityTypeName>,
}

/// Every entity type that a request mentions.
const TYPES: &[&str] = &["Recipient", "Part", "Action", "PartyKind", "Sector", "Category", "DocumentKind", "Purpose"];

/// What policy says of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        let Loaded { set, schema, rules } = load::load(policies, schema).map_err(ConsentError::Policy)?;
        let types = TYPES.iter().filter_map(|name| Some((*name, name.parse().ok()?))).collect();
        Ok(Self { set, schema, authorizer: Authorizer::new(), rules, types })
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
    pub(super) fn ask(&self, facts: &Facts, label: Label) -> Verdict {
        match self.request(facts, label) {
            Ok((request, entities)) => self.evaluate(&request, &entities),
            Err(fault) => Verdict::Faulty(fault),
        }
    }

    fn evaluate(&self, request: &Request, entities: &Entities) -> Verdict {
        let response = self.authorizer.is_authorized(request, &self.set, entities);
        // Cedar leaves a policy that fails to evaluate out of the answer; a forbid must not vanish like that.
        if let Some(error) = response.diagnostics().errors().next() {
            return Verdict::Faulty(error.to_string());
        }
        let ids: BTreeSet<RuleId> =
            response.diagnostics().reason().filter_map(|id| RuleId::parse(id.as_ref())).collect();
        match response.decision() {
            Decision::Allow => Verdict::Allowed(ids),
            Decision::Deny if ids.is_empty() => Verdict::Silent,
            Decision::Deny => Verdict::Forbidden(ids),
        }
    }

    /// The Cedar request, checked against the schema so that a fact of the wrong shape is a fault and not a quiet deny.
    fn request(&self, facts: &Facts, label: Label) -> Result<(Request, Entities), String> {
        let recipient = self.uid("Recipient", &facts.recipient)?;
        let part = self.uid("Part", label.code())?;
        let principal = Entity::new(
            recipient.clone(),
            HashMap::from([
                ("kind".to_owned(), self.entity("PartyKind", facts.recipient_kind.code())?),
                ("sector".to_owned(), self.entity("Sector", facts.recipient_kind.sector().code())?),
                ("organisation".to_owned(), RestrictedExpression::new_string(facts.organisation.clone())),
            ]),
            std::collections::HashSet::new(),
        )
        .map_err(|e| e.to_string())?;
        let resource = Entity::new(
            part.clone(),
            HashMap::from([
                ("category".to_owned(), self.entity("Category", label.code())?),
                ("document".to_owned(), self.entity("DocumentKind", facts.document.code())?),
            ]),
            std::collections::HashSet::new(),
        )
        .map_err(|e| e.to_string())?;
        let entities = Entities::from_entities([principal, resource], Some(&self.schema)).map_err(|e| e.to_string())?;
        let request =
            Request::new(recipient, self.uid("Action", "receive")?, part, self.context(facts)?, Some(&self.schema))
                .map_err(|e| e.to_string())?;
        Ok((request, entities))
    }

    fn context(&self, facts: &Facts) -> Result<Context, String> {
        let consent =
            record([("named", self.categories(&facts.named)?), ("unnamed", self.categories(&facts.unnamed)?)])?;
        let objection = record([
            ("categories", self.categories(&facts.objected)?),
            ("unmatched", RestrictedExpression::new_bool(facts.unmatched_objection)),
        ])?;
        let agreement = record([("categories", self.categories(&facts.agreed)?)])?;
        let pairs = [
            ("purpose", self.entity("Purpose", facts.purpose.code())?),
            ("sender_sector", self.entity("Sector", facts.sender_sector.code())?),
            ("recipient_is_sender", RestrictedExpression::new_bool(facts.recipient_is_sender)),
            ("care_relationship", RestrictedExpression::new_bool(facts.care_relationship)),
            ("holds_person", RestrictedExpression::new_bool(facts.holds_person)),
            ("consent", consent),
            ("objection", objection),
            ("agreement", agreement),
        ];
        Context::from_pairs(pairs.map(|(key, value)| (key.to_owned(), value))).map_err(|e| e.to_string())
    }

    fn categories(&self, labels: &BTreeSet<Label>) -> Result<RestrictedExpression, String> {
        let members: Result<Vec<_>, String> =
            labels.iter().map(|label| self.entity("Category", label.code())).collect();
        Ok(RestrictedExpression::new_set(members?))
    }

    fn entity(&self, kind: &str, id: &str) -> Result<RestrictedExpression, String> {
        Ok(RestrictedExpression::new_entity_uid(self.uid(kind, id)?))
    }

    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, String> {
        let kind = self.types.get(kind).ok_or_else(|| format!("the entity type {kind} is not known"))?;
        Ok(EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id)))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("rules", &self.rules.keys()).finish_non_exhaustive()
    }
}

fn record<const N: usize>(fields: [(&str, RestrictedExpression); N]) -> Result<RestrictedExpression, String> {
    RestrictedExpression::new_record(fields.map(|(key, value)| (key.to_owned(), value))).map_err(|e| e.to_string())
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
                assert_eq!(engine.ask(&facts, label), Verdict::Silent, "{kind:?} {label}");
            }
        }
        for document in DocumentKind::ALL {
            let facts = Facts { document: *document, ..Facts::none(PartyKind::Vcse) };
            assert_eq!(engine.ask(&facts, Label::Administrative), Verdict::Silent, "{document:?}");
        }
        for purpose in [Purpose::DirectCare, Purpose::MessageOutcome] {
            let facts = Facts { purpose, ..Facts::none(PartyKind::Vcse) };
            assert_eq!(engine.ask(&facts, Label::Administrative), Verdict::Silent);
        }
        for sender_sector in [Sector::Nhs, Sector::LocalAuthority, Sector::Justice, Sector::Voluntary, Sector::Private]
        {
            let facts = Facts { sender_sector, ..Facts::none(PartyKind::Cmht) };
            assert_eq!(engine.ask(&facts, Label::Administrative), Verdict::Silent);
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
