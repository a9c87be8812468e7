//! What one decision rested on: facts, the verdict on every label, the outcome, and which policy it was. The record of a
//! decision is this as text, so that the decision can be told and taken again years later. Decides nothing.
//!
//! A record holds facts about a person, and who overrode what and why: it belongs in the store, and in no log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::account::Outcome;
use super::decision::{Decision, Denial};
use super::edition::Edition;
use super::engine::{Engine, Verdict};
use super::explain::Explainer;
use super::facts::{Ends, Evidence, Facts, Lapsed};
use super::label::Label;
use super::rule::RuleId;
use crate::model::Party;

/// The form of the record; a reader refuses any other.
pub(super) const FORM: u32 = 1;

/// Everything a decision rested on, and what came of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    pub(super) form: u32,
    pub(super) outcome: Outcome,
    /// Why nothing goes, where nothing goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<Refusal>,
    pub(super) recipient_name: String,
    pub(super) facts: Facts,
    /// What had run out, and would be named as what must change first.
    pub(super) lapsed: Lapsed,
    pub(super) verdicts: BTreeMap<Label, Verdict>,
    /// The labels of what the document holds.
    pub(super) held: BTreeSet<Label>,
    /// How the person's wishes were read, where a person should know.
    #[serde(default)]
    pub(super) remarks: Vec<String>,
    pub(super) edition: Edition,
}

/// Why nothing goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub rule: RuleId,
    pub reason: String,
    pub would_change: String,
}

impl Trail {
    /// The trail of a decision on a document.
    pub(super) fn new(
        engine: &Engine,
        recipient: &Party,
        evidence: Evidence,
        verdicts: BTreeMap<Label, Verdict>,
        held: BTreeSet<Label>,
        decision: &Decision,
    ) -> Self {
        let (outcome, denial) = match decision {
            Decision::Deny(denial) => (Outcome::of(denial), Some(denial)),
            Decision::Permit(permit) => (Outcome::of_release(permit.withheld()), None),
            Decision::Reduce(reduction) => (Outcome::of_release(reduction.withheld()), None),
        };
        let refusal = denial.map(Refusal::from);
        Self {
            form: FORM,
            outcome,
            refusal,
            recipient_name: recipient.name.clone(),
            facts: evidence.facts,
            lapsed: evidence.lapsed,
            verdicts,
            held,
            remarks: evidence.remarks,
            edition: engine.edition().clone(),
        }
    }

    /// The trail of a decision on labels alone, without a document to cut.
    pub(super) fn of_labels(engine: &Engine, recipient: &Party, evidence: Evidence, held: BTreeSet<Label>) -> Self {
        let verdicts = engine.verdicts(&evidence.facts);
        let denial = engine.denied(&Explainer::new(engine, &evidence), &evidence, &verdicts);
        let refusal = denial.as_ref().map(Refusal::from);
        let outcome = match &denial {
            Some(denial) => Outcome::of(denial),
            None if held.iter().all(|label| verdicts.get(label).is_some_and(Verdict::allows)) => Outcome::Permit,
            None => Outcome::PermitInPart,
        };
        let (recipient_name, edition) = (recipient.name.clone(), engine.edition().clone());
        let Evidence { facts, lapsed, remarks, .. } = evidence;
        Self { form: FORM, outcome, refusal, recipient_name, facts, lapsed, verdicts, held, remarks, edition }
    }

    /// What explanations go by.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            facts: self.facts.clone(),
            consents: BTreeMap::new(),
            agreements: BTreeMap::new(),
            overrides: Vec::new(),
            ends: Ends::default(),
            remarks: self.remarks.clone(),
            certain: self.facts.clone(),
            lapsed: self.lapsed.clone(),
        }
    }

    /// What came of it.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The labels of what the document holds.
    #[must_use]
    pub const fn held(&self) -> &BTreeSet<Label> {
        &self.held
    }

    /// Whether the recipient may be told that there is such a document, of which nothing goes to them: policy lets them be
    /// told of every kind of information it holds (CS-22).
    #[must_use]
    pub fn may_be_told_of(&self, engine: &Engine) -> bool {
        let Ok(asking) = engine.asking(&self.facts) else { return false };
        self.held.iter().all(|label| asking.may_be_told(*label))
    }

    /// SHA-256 over the policy that decided.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.edition.policy
    }

    /// The record of this decision, one line of JSON: from it the same answer is had again ([`Engine::replay`]).
    #[must_use]
    pub fn record(&self) -> String {
        // Maps with text keys and plain values always can be written; an empty record would be refused by its reader.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Without the facts, which are about a person.
impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trail").field("outcome", &self.outcome).field("held", &self.held).finish_non_exhaustive()
    }
}

impl From<&Denial> for Refusal {
    fn from(denial: &Denial) -> Self {
        let Denial { rule, reason, would_change, .. } = denial.clone();
        Self { rule, reason, would_change }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Engine, Evidence, Label, Trail};
    use crate::consent::facts::Facts;
    use crate::consent::records::Emergency;
    use crate::model::{DataCategory, Party, PartyId, PartyKind, Wording};

    #[test]
    fn of_a_document_that_does_not_go_is_told_only_where_all_it_holds_may_be_told_of() {
        let engine = Engine::embedded().unwrap();
        let emergency = Some(Emergency {
            professional: Wording::parse("Made-up").unwrap(),
            reason: Wording::parse("stated").unwrap(),
        });
        let stated = Facts { emergency, ..Facts::none(PartyKind::Crht) };
        let unstated = Facts::none(PartyKind::Crht);
        let id = PartyId::parse("crisis").unwrap();
        let recipient =
            Party { id, name: String::new(), kind: PartyKind::Crht, ods: None, part_of: None, person_access: None };
        let told = |facts: &Facts, held: &[Label]| {
            let held: BTreeSet<Label> = held.iter().copied().chain([Label::Administrative]).collect();
            Trail::of_labels(&engine, &recipient, Evidence::of(facts.clone()), held).may_be_told_of(&engine)
        };
        let (plain, guarded) = (Label::from(DataCategory::Medication), Label::from(DataCategory::SubstanceUse));
        assert!(told(&stated, &[plain]));
        assert!(!told(&stated, &[plain, guarded]));
        assert!(!told(&stated, &[plain, Label::ToldInConfidence]));
        assert!(!told(&unstated, &[plain]));
    }
}
